"""The result folder of a run: whole or not there at all."""

from __future__ import annotations

import datetime as dt
import json
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from sim.experiment.results import Results
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError

LIBRARIES = ("simpy", "numpy", "scipy", "pandas", "pydantic", "holidays")


def result_folder(results: Results, out: Path | None) -> Path:
    """Return where the results of a run go: ``results/NAME/RUN-ID`` unless told otherwise."""
    name = results.names[0] if len(results.names) == 1 else f"{results.names[0]}-compared"
    return run_folder(name, results.scenarios[0], out)


def run_folder(name: str, base: Scenario, out: Path | None) -> Path:
    """Return a folder of its own for one run of a command."""
    now = dt.datetime.now().astimezone()
    return (out or Path("results")) / name / f"{now:%Y%m%d-%H%M%S-%f}-{base.digest[:6]}"


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written before any time is spent.

    Raises
    ------
    RunError
        If the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunError(
            f"{folder}: cannot be written ({error.strerror}); allowed: a folder you may write, "
            "given by --out"
        ) from error


def save(
    results: Results,
    folder: Path,
    *,
    command: Sequence[str],
    seconds: float,
    cautions: Sequence[str],
) -> Path:
    """Write tables and manifest beside the folder, then put them in place.

    Parameters
    ----------
    results
        What was found.
    folder
        Where it goes; it must not exist.
    command, seconds, cautions
        What was typed, how long it took, and what a reader must know.

    Raises
    ------
    RunError
        If the disk is full or the folder refuses; a half-written result is taken away.
    """
    return whole_folder(folder, lambda draft: _write(results, draft, command, seconds, cautions))


def whole_folder(folder: Path, fill: Callable[[Path], object]) -> Path:
    """Fill a draft beside a folder, then put it in its place.

    Raises
    ------
    RunError
        If the disk is full or the folder refuses; a half-written result is taken away.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror})") from error
    try:
        fill(draft)
        draft.chmod(0o755)
        draft.replace(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise RunError(f"{folder}: cannot be written ({error.strerror})") from error
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return folder


def _write(
    results: Results, folder: Path, command: Sequence[str], seconds: float, cautions: Sequence[str]
) -> None:
    write_manifest(
        folder,
        results.scenarios,
        command,
        seconds,
        seed=results.seed,
        replications=len(results.paired),
        replications_asked=results.asked,
        engine=results.engine,
        cautions=list(cautions),
        **results.reached,
    )
    results.indicators.to_csv(folder / "indicators.csv", index=False)
    results.differences.to_csv(folder / "differences.csv", index=False)
    for name, frame in results.tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    results.replications.to_parquet(folder / "replications.parquet", index=False)
    cases = [frame.assign(scenario=name) for name, frame in results.cases.items()]
    if cases:
        pd.concat(cases, ignore_index=True).to_parquet(folder / "cases.parquet", index=False)
    for rival in results.rivals:
        name = f"differences-{rival.names[0]}.csv"
        rival.differences.to_csv(folder / name, index=False)


def write_manifest(
    folder: Path,
    scenarios: Sequence[Scenario],
    command: Sequence[str],
    seconds: float,
    **more: object,
) -> None:
    """Write ``manifest.json``: what was run, with what, by which command, and how long it took."""
    manifest = {
        "scenarios": [
            {
                "scenario": scenario.name,
                "values": list(scenario.values),
                "sha256": scenario.digest,
                "texts": dict(scenario.texts),
            }
            for scenario in scenarios
        ],
        **more,
        "versions": {
            "python": platform.python_version(),
            "hall-simulator": version("hall-simulator"),
        }
        | {name: version(name) for name in LIBRARIES},
        "commit": _commit(),
        "command": list(command),
        "duration_s": round(seconds, 1),
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _commit() -> str | None:
    """Return the commit of the source this runs from, if it runs from a checkout."""
    source = Path(__file__).resolve().parents[2]
    if not (source / ".git").exists() or not (git := shutil.which("git")):
        return None
    found = subprocess.run(  # noqa: S603
        [git, "-C", str(source), "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or None
