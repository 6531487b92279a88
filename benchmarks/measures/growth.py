"""How time grows with the cases of a day and with the items of the catalogue."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from city import Size

from sim.running.replication import prepare

from . import Figures, Options, Probe, Row, Target, rated, replicate, seconds_of
from .year import prepared

CASES = (1, 3, 10, 30, 100, 300, 1_000)
QUICK_CASES = (1, 30, 1_000)
ITEMS = (10, 30, 100, 300, 1_000)
QUICK_ITEMS = (10, 100, 1_000)
FIXED_CASES, FIXED_ITEMS = 100, 302
LARGEST_POWER = Target(1.1)
"""Time grows like size to this power at most: 1 is linear."""


def _by_cases(cases: int) -> Size:
    return Size(FIXED_ITEMS, 32, max(48, math.ceil(0.45 * cases)), float(cases))


def _by_items(items: int) -> Size:
    return Size(items, max(32, round(items * 70 / 750)), 480, float(FIXED_CASES))


def _points(options: Options) -> dict[str, Size]:
    cases, items = (QUICK_CASES, QUICK_ITEMS) if options.quick else (CASES, ITEMS)
    return {f"growth.cases.{number}": _by_cases(number) for number in cases} | {
        f"growth.items.{number}": _by_items(number) for number in items
    }


def probes(options: Options) -> list[Probe]:
    """Take one replication of every size, whole, and what is done once before it."""
    return [
        Probe(name, partial(_take, name, size), most=3, warm=partial(prepared, size))
        for name, size in _points(options).items()
    ]


def _take(name: str, size: Size) -> Figures:
    ready = prepared(size)
    events: list[int] = []
    seconds = seconds_of(lambda: events.append(replicate(ready, 0, 1).table.rows))
    once = seconds_of(lambda: prepare(ready.scenario))
    return {name: seconds, f"{name}.events": events[0], f"{name}.once": once}


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say how time grows, and draw it if asked to."""
    found = []
    for axis, where, what in (
        ("cases", f"{FIXED_ITEMS} items", "cases a day"),
        ("items", f"{FIXED_CASES} cases a day", "items"),
    ):
        sizes, seconds = _series(figures, options, axis)
        power = math.log(seconds[-1] / seconds[-2]) / math.log(sizes[-1] / sizes[-2])
        measure = f"growth, {sizes[-2]:,} to {sizes[-1]:,} {what} at {where}: power"
        found.append(rated(measure, power, f"{power:.2f}", LARGEST_POWER))
        for size, took in zip(sizes, seconds, strict=True):
            name = f"growth.{axis}.{size}"
            per_event, once = 1e9 * took / figures[f"{name}.events"], figures[f"{name}.once"]
            note = f"{per_event:,.0f} ns per event; made ready once in {once:.2f} s"
            found.append(Row(f"  {size:,} {what}", f"{took:.3f} s", note))
    if options.plot:
        draw(figures, options, options.plot)
    return found


def _series(figures: Figures, options: Options, axis: str) -> tuple[list[int], list[float]]:
    names = [name for name in _points(options) if name.split(".")[1] == axis]
    return [int(name.rsplit(".", 1)[1]) for name in names], [figures[name] for name in names]


def draw(figures: Figures, options: Options, path: Path) -> None:
    """Draw both series on logarithmic scales, with a line of linear growth."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (slow to import)

    figure = Figure(figsize=(9, 4), layout="constrained")
    titles = {
        "cases": ("cases a working day", f"{FIXED_ITEMS} items"),
        "items": ("items in the catalogue", f"{FIXED_CASES} cases a working day"),
    }
    for axes, (axis, (label, title)) in zip(figure.subplots(1, 2), titles.items(), strict=True):
        sizes, seconds = _series(figures, options, axis)
        axes.loglog(sizes, seconds, "o-", label="one replication, a year")
        once = [figures[f"growth.{axis}.{size}.once"] for size in sizes]
        axes.loglog(sizes, once, "s--", label="made ready, once")
        axes.loglog(sizes, _linear(sizes, seconds), ":", color="grey", label="linear")
        axes.set(xlabel=label, ylabel="seconds", title=title)
        axes.legend()
    figure.savefig(path, dpi=150)


def _linear(sizes: Sequence[int], seconds: Sequence[float]) -> list[float]:
    return [seconds[-1] * size / sizes[-1] for size in sizes]
