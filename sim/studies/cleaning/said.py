"""What commands left on disk, as a table and a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from sim.measure.definitions import Language
from sim.running.housekeeping import DAY_S, KINDS, Leftover
from sim.studies.cleaning import say

_STEP = 1024
_UNITS = ("B", "KiB", "MiB", "GiB")


def size(size_bytes: float) -> str:
    """Return a size in a unit that keeps it short."""
    for unit in _UNITS:
        if size_bytes < _STEP or unit == _UNITS[-1]:
            break
        size_bytes /= _STEP
    return f"{size_bytes:.0f} {unit}" if unit == "B" else f"{size_bytes:.1f} {unit}"


def table(found: Sequence[Leftover], old: Sequence[Leftover], lang: Language) -> Table:
    """Return how much there is of each kind, how old it is, and how much of it is old."""
    told = Table(title=say("clean.title", lang), title_justify="left")
    told.add_column(say("clean.kind", lang))
    for column in ("number", "size", "oldest", "old"):
        told.add_column(say(f"clean.{column}", lang), justify="right")
    for kind in KINDS:
        some = [one for one in found if one.kind == kind]
        oldest = max((one.age_s for one in some), default=0.0) / DAY_S
        told.add_row(
            say(f"clean.{kind}", lang),
            f"{len(some):,}",
            size(sum(one.size_bytes for one in some)),
            say("clean.days", lang, days=f"{oldest:.0f}") if some else "",
            size(sum(one.size_bytes for one in old if one.kind == kind)),
        )
    return told


def sentence(old: Sequence[Leftover], lang: Language, *, age: str, dry_run: bool) -> str:
    """Say what was taken away, or would be."""
    if not old:
        return say("clean.nothing", lang, age=age)
    key = "clean.would" if dry_run else "clean.done"
    freed = size(sum(one.size_bytes for one in old))
    return say(key, lang, many=f"{len(old):,}", size=freed, age=age)


def document(
    found: Sequence[Leftover], old: Sequence[Leftover], *, dry_run: bool
) -> dict[str, object]:
    """Return the same for JSON."""
    gone = {one.path for one in old}
    return {
        "dry_run": dry_run,
        "found": [
            {
                "kind": one.kind,
                "path": str(one.path),
                "bytes": one.size_bytes,
                "age_s": round(one.age_s),
                "old": one.path in gone,
            }
            for one in found
        ],
    }
