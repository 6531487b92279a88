"""The result folder of a command: complete or not there at all."""

from __future__ import annotations

import datetime as dt
import json
import math
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from sim.printable import printable
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from sim.whole_file import DRAFT

LIBRARIES = ("simpy", "numpy", "scipy", "pandas", "pydantic", "holidays")


def run_folder(name: str, base: Scenario, out: Path | None) -> Path:
    """Return the path of a new folder for one run of a command.

    Parameters
    ----------
    name
        Name of the study or scenario: the folder that holds those of all its runs.
    base
        Scenario whose digest ends the name of the folder.
    out
        Folder of all results; ``results`` if None.

    Returns
    -------
    Path
        Named by the local time to the microsecond and the digest; the folder is not made.
    """
    now = dt.datetime.now().astimezone()
    return (out or Path("results")) / printable(name) / f"{now:%Y%m%d-%H%M%S-%f}-{base.digest[:6]}"


def check_writable(folder: Path) -> None:
    """Refuse a folder that cannot be written before anything is simulated.

    Parameters
    ----------
    folder
        Folder, which is made if it is not there.

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


def whole_folder(folder: Path, fill: Callable[[Path], object]) -> Path:
    """Fill a draft beside a folder, then rename it to the folder.

    Parameters
    ----------
    folder
        Folder to be made.
    fill
        Writes the files into the draft, given its path.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    RunError
        If the disk is full or the folder cannot be written; an incomplete result is removed.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder.parent))
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


# Tables -------------------------------------------------------------------------------------

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NAME = re.compile(r"\+[\w-]+")
"""Name of an axis that is a reform, a column that scripts rely on; it cannot run anything."""
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def csv_text(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe is put before = + - @.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        The same text if it is harmless, a number or the name of a reform such as ``+reform``.
    """
    if _FORMULA.match(text) and not (_NUMBER.fullmatch(text) or _NAME.fullmatch(text)):
        return f"'{text}"
    return text


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table without its index; texts are safe to open in a spreadsheet.

    Parameters
    ----------
    frame
        Any table.
    path
        File, which is overwritten.
    """
    safe = frame.rename(columns=lambda name: csv_text(str(name)))
    for place, kind in enumerate(safe.dtypes):
        if not pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_datetime64_dtype(kind):
            values = safe.iloc[:, place].tolist()
            texts = [csv_text(value) if isinstance(value, str) else value for value in values]
            # With dtype object, so that the values stay as they are.
            safe.isetitem(place, pd.Series(texts, safe.index, dtype=object).array)
    safe.to_csv(path, index=False)


# Manifest -----------------------------------------------------------------------------------


def json_rows(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> list[dict[str, object]]:
    """Return the rows of a table for JSON; unknown and infinite values become None.

    Parameters
    ----------
    frame
        Any table.
    columns
        Columns to be returned; all if None.

    Returns
    -------
    list of dict
        Values by name of the column, for each row.
    """
    names = [str(name) for name in frame.columns] if columns is None else list(columns)
    return [
        {name: _json_value(value) for name, value in zip(names, row, strict=True)}
        for row in zip(*(frame[name].tolist() for name in names), strict=True)
    ]


def _json_value(value: object) -> object:
    if value is pd.NA or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value.isoformat() if isinstance(value, dt.date) else value


def write_manifest(
    folder: Path,
    scenarios: Sequence[Scenario],
    command: Sequence[str],
    seconds: float,
    **more: object,
) -> None:
    """Write ``manifest.json``: what was run, with what, by which command, and how long it took.

    Parameters
    ----------
    folder
        Folder of results.
    scenarios
        Scenarios that were simulated.
    command
        Command line, in parts.
    seconds
        Duration in seconds.
    **more
        Further entries, such as the seed; values that JSON has.
    """
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
    # Bytes of a file name that cannot be decoded are written as escapes.
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))


def _commit() -> str | None:
    """Return the commit of the source this runs from, if it runs from a checkout."""
    source = Path(__file__).resolve().parents[2]
    if not (source / ".git").exists() or not (git := shutil.which("git")):
        return None
    described = subprocess.run(  # noqa: S603
        [git, "-C", str(source), "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or None
