"""A year of a city's hall: 750 items, 70 units, 360 people at the windows, 800 cases a day."""

from __future__ import annotations

import itertools
import tempfile
from functools import cache
from pathlib import Path

from city import Size, write_city

from sim.measure.observations import Observations
from sim.process.load import loads
from sim.running.replication import Prepared, prepare
from sim.scenario.load import load

from . import Figures, Options, Probe, Row, Target, rated, replicate, seconds_of

YEAR = Target(2, 1, " s")
SIZE = Size()


@cache
def prepared(size: Size) -> Prepared:
    """Make a hall ready once."""
    with tempfile.TemporaryDirectory() as folder:
        return prepare(load(str(write_city(Path(folder), size))))


def probes(options: Options) -> list[Probe]:
    """Take one replication."""
    del options
    numbers = itertools.count()
    warm = Size(cases_per_wd=8.0)
    return [
        Probe(
            "city",
            lambda: _take(next(numbers)),
            most=3,
            warm=lambda: replicate(prepared(warm), 0, 1),
        )
    ]


def _take(number: int) -> Figures:
    found: list[Observations] = []
    ready = prepared(SIZE)
    seconds = seconds_of(lambda: found.append(replicate(ready, number, 1)))
    table = found[0].table
    return {"city.seconds": seconds, "city.events": table.rows, "city.cases": table.exit_s.size}


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say what a year takes."""
    del options
    seconds, events = figures["city.seconds"], figures["city.events"]
    ready = prepared(SIZE)
    busiest = max(load.ratio for load in loads(ready.network))
    what = f"{SIZE.items} items, {SIZE.units} units, {SIZE.staff} staff, {SIZE.cases_per_wd:g}/day"
    return [
        rated(f"a year of a city ({what}), a replication", seconds, f"{seconds:.2f} s", YEAR),
        Row("  cases, with enquiries and 60 days of follow-up", f"{figures['city.cases']:,.0f}"),
        Row("  per event, whole", f"{1e9 * seconds / events:,.0f} ns"),
        Row("  busiest people: work offered / capacity", f"{busiest:.2f}"),
    ]
