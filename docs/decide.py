"""Run the experiments of the county study and renew their answers in `county-decisions.md`.

Run ``python docs/decide.py`` from the repository (about an hour on two cores; what is finished
is kept in ``results/cells``, so it may be stopped and run again).  Words as arguments, such as
``capacity``, renew only the answers whose mark begins so.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
PAGE = DOCS / "county-decisions.md"
READINGS = ("county", "county-stuck-case", "county-suspended")
BOTH = "full-entry+full-authorization"
GAPS = (
    "full-entry",
    "full-authorization",
    "parallel-joint-approval+weekly-coordination",
    "incentives",
)
TWO = (
    "--least-officers",
    "2",
)  # who visit a site go in pairs: Administrative Licensing Law, art. 34
TARGETS = ("hall_wait_within_target_rate>=0.9", "on_time_rate_cohort>=0.95")
REACHABLE = "on_time_rate_cohort>=0.88"  # no staff gets the stuck cases of B (case) to 0.95
OUT_OF_REACH = "not reached"  # in the answer that no plan meets the targets


def commands() -> dict[str, tuple[list[str], str | None]]:
    """Return what is run for each mark of the page, and the picture that goes with it."""
    found: dict[str, tuple[list[str], str | None]] = {}
    targets = [word for target in TARGETS for word in ("--target", target)]
    for name in READINGS:
        first = name == READINGS[0]
        found[f"attribute {name}"] = (
            ["attribute", name, *GAPS, "-n", "20"],
            "order" if first else None,
        )
        for reformed in (name, f"{name}+{BOTH}"):
            found[f"capacity {reformed}"] = (
                ["capacity", reformed, "-n", "10"],
                "capacity" if reformed == name == READINGS[0] else None,
            )
        found[f"staff {name}"] = (
            ["staff", f"{name}+{BOTH}", *targets, *TWO, "-n", "20"],
            "people" if first else None,
        )
    stuck = [word for target in (TARGETS[0], REACHABLE) for word in ("--target", target)]
    found["staff reachable county-stuck-case"] = (
        ["staff", f"county-stuck-case+{BOTH}", *stuck, *TWO, "-n", "20"],
        None,
    )
    for reform in ("full-authorization", "full-entry"):
        found[f"sensitivity {reform}"] = (
            ["sensitivity", "county", f"+{reform}", "-n", "10"],
            "tornado-all_elapsed_mean_wd",
        )
    found["transition"] = (
        ["transition", "county", "--phase", f"2009-04-21:{BOTH.replace('+', ',')}", "-n", "20"],
        "open-cases",
    )
    found["ensemble"] = (
        ["ensemble", "county", *(f"+{reform}" for reform in (*GAPS, BOTH)), "-n", "10"],
        None,
    )
    return found


def main() -> None:
    """Run every command, or those named, and write what it answers below its mark."""
    for mark, (command, picture) in commands().items():
        if not sys.argv[1:] or mark.startswith(tuple(sys.argv[1:])):
            print("hall", *command, flush=True)
            renew(mark, command, answer(mark, command, picture))


def answer(mark: str, command: list[str], picture: str | None) -> str:
    """Run a command; return the sentences that it prints, and keep its picture."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--out", folder, "--quiet", *([] if picture else ["--no-charts"])]
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "sim", *command, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode and OUT_OF_REACH in done.stderr:
            return quoted(done.stderr)
        if done.returncode:
            raise SystemExit(f"hall {' '.join(command)}: exit code {done.returncode}")
        if picture:
            for lang in ("en", "zh"):
                (drawn,) = Path(folder).rglob(f"{picture}.{lang}.png")
                shutil.copy(drawn, DOCS / "pictures" / f"{name_of(mark)}.{lang}.png")
    return quoted(done.stdout.split("\n\n", 1)[0])


def quoted(told: str) -> str:
    """Return lines as a quotation."""
    return "\n".join(f"> {line.strip()}" for line in told.strip().splitlines())


def name_of(mark: str) -> str:
    """Return the name of a mark's picture."""
    return re.sub(r"[^a-z-]+", "-", mark)


def renew(mark: str, command: list[str], told: str) -> None:
    """Write a command and its answer below the mark."""
    typed = " ".join(f'"{word}"' if ">" in word else word for word in command)
    text = PAGE.read_text(encoding="utf-8")
    pattern = rf"(<!-- {re.escape(mark)} -->\n).*?(<!-- end -->)"
    new, times = re.subn(
        pattern,
        lambda found: f"{found[1]}`hall {typed}`\n\n{told}\n{found[2]}",
        text,
        flags=re.DOTALL,
    )
    if times != 1:
        raise SystemExit(f"{PAGE.name} has {times} marks <!-- {mark} -->")
    PAGE.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
