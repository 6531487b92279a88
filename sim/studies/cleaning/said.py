"""Texts of `hall clean`: a table of what commands left on disk, and what is removed of it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from sim.measure.definitions import Language
from sim.running.housekeeping import DAY_S, KINDS, Leftover
from sim.studies.cleaning import say

_STEP = 1024
_UNITS = ("B", "KiB", "MiB", "GiB")


def _size(size_bytes: float) -> str:
    """Return a size as text, in the largest unit in which it is at least 1."""
    for unit in _UNITS:
        if size_bytes < _STEP or unit == _UNITS[-1]:
            break
        size_bytes /= _STEP
    return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"


def table(leftovers: Sequence[Leftover], old: Sequence[Leftover], lang: Language) -> Table:
    """Return a table of the number, size and age of each kind, and of how much of it is removed.

    Parameters
    ----------
    leftovers
        Everything that commands left on disk.
    old
        Those of them that are removed.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per kind.
    """
    rows = Table(title=say("clean.title", lang), title_justify="left")
    rows.add_column(say("clean.kind", lang))
    for column in ("number", "size", "oldest", "old"):
        rows.add_column(say(f"clean.{column}", lang), justify="right")
    for kind in KINDS:
        of_kind = [leftover for leftover in leftovers if leftover.kind == kind]
        oldest = max((leftover.age_s for leftover in of_kind), default=0.0) / DAY_S
        rows.add_row(
            say(f"clean.{kind}", lang),
            f"{len(of_kind):,}",
            _size(sum(leftover.size_bytes for leftover in of_kind)),
            say("clean.days", lang, days=f"{oldest:.0f}") if of_kind else "",
            _size(sum(leftover.size_bytes for leftover in old if leftover.kind == kind)),
        )
    return rows


def sentence(old: Sequence[Leftover], lang: Language, *, age: str, dry_run: bool) -> str:
    """Return a sentence on what was removed, or would be.

    Parameters
    ----------
    old
        What was removed, or would be.
    lang
        Language of the text.
    age
        Smallest age of what is removed, as typed, such as ``30d``.
    dry_run
        Whether nothing was removed.

    Returns
    -------
    str
        Number and size of what was removed, or that nothing was old enough.
    """
    if not old:
        return say("clean.nothing", lang, age=age)
    key = "clean.would" if dry_run else "clean.done"
    freed = _size(sum(leftover.size_bytes for leftover in old))
    return say(key, lang, many=f"{len(old):,}", size=freed, age=age)


def document(
    leftovers: Sequence[Leftover], old: Sequence[Leftover], *, dry_run: bool
) -> dict[str, object]:
    """Return the JSON document.

    Parameters
    ----------
    leftovers
        Everything that commands left on disk.
    old
        Those of them that were removed, or would be.
    dry_run
        Whether nothing was removed.

    Returns
    -------
    dict
        Plain data.
    """
    gone = {leftover.path for leftover in old}
    return {
        "dry_run": dry_run,
        "found": [
            {
                "kind": leftover.kind,
                "path": str(leftover.path),
                "bytes": leftover.size_bytes,
                "age_s": round(leftover.age_s),
                "old": leftover.path in gone,
            }
            for leftover in leftovers
        ],
    }
