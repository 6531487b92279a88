"""What commands leave on disk, how much it is, and taking away what is old."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from sim.native import FOLDER
from sim.scenario.problems import InputError, Problem, RunError
from sim.whole_file import DRAFT

Kind = Literal["cells", "drafts", "results", "ensembles", "code"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BY_DEFAULT: tuple[Kind, ...] = ("cells", "drafts", "code")
"""What is taken away unless kinds are named: what a command makes again by itself."""

DAY_S = 86_400
_UNIT_S = {"h": 3_600, "d": DAY_S, "w": 7 * DAY_S}
_AGE = re.compile(r"(\d{1,6})([hdw])")
_CELL = re.compile(r"[0-9a-f]{40}\.npy")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_RUN = re.compile(r"\d{8}-\d{6}-\d{6}-[0-9a-f]{6}")
IN_USE_S = 3_600
"""Age up to which a draft may be that of a command that is still at work."""


@dataclass(frozen=True)
class Leftover:
    """Something that a command left.

    Parameters
    ----------
    kind
        What it is.
    path
        File or folder.
    size_bytes
        Of all its files.
    age_s
        Seconds since its newest file was written.
    """

    kind: Kind
    path: Path
    size_bytes: int
    age_s: float


def read_age_s(text: str) -> float:
    """Return the seconds that an age such as ``30d``, ``12h`` or ``4w`` stands for.

    Raises
    ------
    InputError
        If it is no age.
    """
    written = _AGE.fullmatch(text.strip())
    if written is None:
        allowed = "a whole number of hours, days or weeks, such as 12h, 30d or 4w"
        raise InputError([Problem("--older-than", None, f"{text!r}", allowed)])
    return float(int(written[1]) * _UNIT_S[written[2]])


def left_behind(out: Path, cells: Path) -> list[Leftover]:
    """Return all that commands left: in a folder of results, one of cells, and machine code.

    Only what this program writes is looked at: anything else in these folders is nobody's to
    take away.
    """
    now = time.time()
    found = [*_of_cells(cells), *_of_results(out, cells), *_of_code()]
    unique = dict(sorted((path, kind) for kind, path in found))
    return [Leftover(kind, path, *_size_and_age(path, now)) for path, kind in unique.items()]


def old_ones(
    found: Sequence[Leftover], kinds: Sequence[Kind], older_than_s: float
) -> list[Leftover]:
    """Return what may be taken away: of some kinds, and older than that."""
    return [
        one
        for one in found
        if one.kind in kinds
        and one.age_s >= (max(older_than_s, IN_USE_S) if one.kind == "drafts" else older_than_s)
        and one.path != FOLDER.path
    ]


def take_away(found: Sequence[Leftover]) -> None:
    """Take things away.

    Raises
    ------
    RunError
        If a folder refuses; the others are gone.
    """
    refused = []
    for one in found:
        try:
            if one.path.is_dir() and not one.path.is_symlink():
                shutil.rmtree(one.path)
            else:
                one.path.unlink(missing_ok=True)
        except OSError as error:
            refused.append(f"{one.path}: cannot be taken away ({error.strerror})")
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
        elif path.parent.name == "ensembles" and _DIGEST.fullmatch(path.name):
            yield "ensembles", path
            yield from (("drafts", draft) for draft in path.rglob(f"{DRAFT}*"))
        elif _RUN.fullmatch(path.name) and (path / "manifest.json").is_file():
            yield "results", path


def _of_code() -> Iterator[tuple[Kind, Path]]:
    root = FOLDER.root
    for path in root.iterdir() if root is not None and root.is_dir() else ():
        if _DIGEST.fullmatch(path.name) and path.is_dir():
            yield "code", path
            drafts = path.glob(f"{DRAFT}*") if path == FOLDER.path else ()
            yield from (("drafts", draft) for draft in drafts)


def _size_and_age(path: Path, now: float) -> tuple[int, float]:
    size, newest = 0, 0.0
    for file in (path, *path.rglob("*")) if path.is_dir() else (path,):
        try:
            facts = file.lstat()
        except OSError:  # gone meanwhile
            continue
        size += 0 if file.is_dir() else facts.st_size
        newest = max(newest, facts.st_mtime)
    return size, now - newest
