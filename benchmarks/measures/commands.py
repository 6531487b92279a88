"""The command `hall`: a comparison, the first run ever, and its help."""

from __future__ import annotations

import tempfile
from functools import partial

from . import Figures, Options, Probe, Row, Target, child, rated

WHOLE, QUICK = 100, 20
SCENARIOS = ("county", "+full-authorization", "+full-entry", "+full-authorization+full-entry")
VARIANTS: dict[str, tuple[str, tuple[str, ...], Target | None]] = {
    "compare.plain": (
        "without rivals and charts",
        ("--no-rivals", "--no-charts"),
        Target(12, 4, " s"),
    ),
    "compare.charts": ("without rivals, with charts", ("--no-rivals",), Target(18, 8, " s")),
    "compare.rivals": ("with rivals, without charts", ("--no-charts",), None),
    "compare.everything": ("with rivals and charts", (), None),
}
FIRST = Target(60, 30, " s")
HELP = Target(0.4, 0.2, " s")


def probes(options: Options) -> list[Probe]:
    """Take the commands, each a process of its own; machine code is kept but in the first run."""
    replications = QUICK if options.quick else WHOLE
    found = [
        Probe("hall --help", _help),
        Probe("the first run ever", _first, most=1 if options.quick else 2),
    ]
    return found + [
        Probe(
            f"hall compare {words}",
            partial(_compare, name, flags, replications),
            most=1 if options.quick else 3,
            warm=partial(child.hall, "compare", *SCENARIOS, "-n", "1", "--halls", "0"),
        )
        for name, (words, flags, _) in VARIANTS.items()
    ]


def _compare(name: str, flags: tuple[str, ...], replications: int) -> Figures:
    return {
        name: child.hall(
            "compare", *SCENARIOS, "-n", str(replications), "--halls", "0", *flags
        ).seconds
    }


def _help() -> Figures:
    return {"help": child.run([str(child.HALL), "--help"]).seconds}


def _first() -> Figures:
    """Run the county once with nothing compiled; a second time to tell what compiling takes."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {"NUMBA_CACHE_DIR": folder}
        first = child.hall("run", "county", "-n", "1", "--no-charts", environment=kept)
        second = child.hall("run", "county", "-n", "1", "--no-charts", environment=kept)
    return {"first": first.seconds, "second": second.seconds}


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say what the commands take; fewer replications than the target's are not held against it."""
    replications = QUICK if options.quick else WHOLE
    found = []
    for name, (words, _, target) in VARIANTS.items():
        measure, seconds = f"hall compare, 4 scenarios, -n {replications}, {words}", figures[name]
        shown = f"{seconds:.2f} s"
        if target is None or options.quick:
            note = f"{target} at -n {WHOLE}" if target else ""
            found.append(Row(measure, shown, note))
        else:
            found.append(rated(measure, seconds, shown, target))
    first, second = figures["first"], figures["second"]
    return [
        *found,
        rated("first run ever, hall run county -n 1", first, f"{first:.1f} s", FIRST),
        Row("  the same again, machine code kept", f"{second:.2f} s"),
        rated("hall --help", figures["help"], f"{figures['help']:.3f} s", HELP),
    ]
