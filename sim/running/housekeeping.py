"""Files that commands leave on disk: their sizes, and the removal of old ones."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sim.native import FOLDER
from sim.running.fitting_halls import PREFIX
from sim.scenario.problems import InputError, Problem, RunError
from sim.whole_file import DRAFT

Kind = Literal["cells", "drafts", "results", "ensembles", "code"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BY_DEFAULT: tuple[Kind, ...] = ("cells", "drafts", "code")
"""Kinds that are removed unless others are named: commands make them again by themselves."""

DAY_S = 86_400
_UNIT_S = {"h": 3_600, "d": DAY_S, "w": 7 * DAY_S}
_AGE = re.compile(r"(\d{1,6})([hdw])")
_CELL = re.compile(r"[0-9a-f]{40}\.npy")
_ENSEMBLE = re.compile(rf"{PREFIX}[0-9a-f]{{16}}\.csv|[0-9a-f]{{16}}")
"""A sample of halls, or the folder of variants that versions before 0.2 made."""
_RUN = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{6}")
IN_USE_S = 3_600
"""Age in seconds up to which a draft may belong to a command that is still running."""


@dataclass(frozen=True)
class Leftover:
    """A file or folder that a command left.

    Parameters
    ----------
    kind
        One of `KINDS`.
    path
        The file or folder.
    size_bytes
        Size of all its files together.
    age_s
        Seconds since its newest file was written.
    """

    kind: Kind
    path: Path
    size_bytes: int
    age_s: float


def read_age_s(text: str) -> float:
    """Return the seconds that an age such as ``30d``, ``12h`` or ``4w`` stands for.

    Parameters
    ----------
    text
        Whole number of up to six digits and a unit: hours (h), days (d) or weeks (w).

    Returns
    -------
    float
        Seconds.

    Raises
    ------
    InputError
        If the text is no age.
    """
    written = _AGE.fullmatch(text.strip())
    if written is None:
        allowed = "a whole number of hours, days or weeks, such as 12h, 30d or 4w"
        raise InputError([Problem("--older-than", None, f"{text!r}", allowed)])
    return float(int(written[1]) * _UNIT_S[written[2]])


def left_behind(out: Path, cells: Path) -> list[Leftover]:
    """Return all that commands left: in a folder of results, in one of cells, and machine code.

    Only files that this program writes are listed, so that nothing else in these folders is ever
    removed.

    Parameters
    ----------
    out
        Folder of results.
    cells
        Folder of cells.

    Returns
    -------
    list of Leftover
        Each path once, sorted by path.
    """
    now = time.time()
    paths = [*_of_cells(cells), *_of_results(out, cells), *_of_code()]
    unique = dict(sorted((path, kind) for kind, path in paths))
    return [Leftover(kind, path, *_size_and_age(path, now)) for path, kind in unique.items()]


def old_ones(
    found: Sequence[Leftover], kinds: Sequence[Kind], older_than_s: float
) -> list[Leftover]:
    """Return what may be removed: leftovers of some kinds from some age on.

    Parameters
    ----------
    found
        Leftovers of any kind and age.
    kinds
        Kinds that may be removed.
    older_than_s
        Least age in seconds; for drafts at least `IN_USE_S`.

    Returns
    -------
    list of Leftover
        In the given order, without the machine code in use.
    """
    return [
        leftover
        for leftover in found
        if leftover.kind in kinds
        and leftover.age_s
        >= (max(older_than_s, IN_USE_S) if leftover.kind == "drafts" else older_than_s)
        and leftover.path != FOLDER.path
    ]


def take_away(found: Sequence[Leftover]) -> None:
    """Remove files and folders.

    Parameters
    ----------
    found
        Leftovers to be removed.

    Raises
    ------
    RunError
        If some cannot be removed; all others are.
    """
    refused = []
    for leftover in found:
        path = leftover.path
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            refused.append(f"{path}: cannot be taken away ({error.strerror})")
    if refused:
        raise RunError("; ".join(refused))


def _of_cells(cells: Path) -> Iterator[tuple[Kind, Path]]:
    for path in cells.glob("??/*"):
        if _CELL.fullmatch(path.name):
            yield "cells", path
        elif path.name.startswith(DRAFT):
            yield "drafts", path


def _of_results(out: Path, cells: Path) -> Iterator[tuple[Kind, Path]]:
    for path in out.glob("*/*"):
        if path.parent == cells:
            continue
        if path.name.startswith(DRAFT):
            yield "drafts", path
        elif path.parent.name == "ensembles" and _ENSEMBLE.fullmatch(path.name):
            yield "ensembles", path
            yield from (("drafts", draft) for draft in path.rglob(f"{DRAFT}*"))
        elif _RUN.fullmatch(path.name) and (path / "manifest.json").is_file():
            yield "results", path


def _of_code() -> Iterator[tuple[Kind, Path]]:
    root = FOLDER.root
    for path in root.iterdir() if root is not None and root.is_dir() else ():
        if _ENSEMBLE.fullmatch(path.name) and path.is_dir():
            yield "code", path
            drafts = path.glob(f"{DRAFT}*") if path == FOLDER.path else ()
            yield from (("drafts", draft) for draft in drafts)


def _size_and_age(path: Path, now: float) -> tuple[int, float]:
    size, newest = 0, 0.0
    for file in (path, *path.rglob("*")) if path.is_dir() else (path,):
        try:
            facts = file.lstat()
        except OSError:  # removed in the meantime
            continue
        size += 0 if file.is_dir() else facts.st_size
        newest = max(newest, facts.st_mtime)
    return size, now - newest
