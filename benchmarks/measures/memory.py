"""Memory: ten million cases in one run, of many replications and of one."""

from __future__ import annotations

import math
import sys
import tempfile
from functools import partial
from pathlib import Path

from city import Size, write_city

from . import Figures, Options, Probe, Row, Target, child, rated

COUNT = Path(__file__).parents[1] / "count_cases.py"
MILLION = 1_000_000
TEN_MILLION = 10 * MILLION
GIBIBYTE = 2**30
PEAK = Target(4, unit=" GiB")

CASES_PER_REPLICATION = 310_000
"""Of a year of the city, roughly; the table says how many there were in fact."""
QUICK_RUN = 2
FULL_RUN = math.ceil(TEN_MILLION / CASES_PER_REPLICATION) + 1
MONTH = Size(census="2008-07-31")
TEN_YEARS = Size(census="2018-06-30", cases_per_wd=3200, staff=1440)
"""Some ten million cases, enquiries included, in one replication."""


def probes(options: Options) -> list[Probe]:
    """Take runs of one and several replications, and single replications of several lengths."""
    several = QUICK_RUN if options.quick else FULL_RUN
    sizes = {"month": MONTH, "year": Size()}
    if not options.quick:
        sizes["ten years"] = TEN_YEARS
    # Compiling takes more memory than a year of a city does: it must be over by then.
    compiled = partial(child.hall, "run", "county", "-n", "1", "--no-charts")
    return [Probe("memory", lambda: _take(several, sizes), most=1, warm=compiled)]


def _take(several: int, sizes: dict[str, Size]) -> Figures:
    """Take everything once: memory does not wander as time does."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, size in sizes.items():
            path = str(write_city(Path(folder), size, f"city-{name}"))
            counted = Path(folder) / "cases"
            child.run([sys.executable, str(COUNT), path, str(counted)])
            ended = child.hall("run", path, "-n", "1", "--cases", "0", "--no-charts")
            figures[f"memory.{name}.cases"] = float(counted.read_text(encoding="utf-8"))
            figures[f"memory.{name}.bytes"] = ended.peak_bytes
            figures[f"memory.{name}.seconds"] = ended.seconds
        year = str(Path(folder) / "city-year.yaml")
        for name, replications in (("one", 1), ("several", several)):
            ended = child.hall("run", year, "-n", str(replications), "--no-charts")
            figures[f"memory.{name}.bytes"] = ended.peak_bytes
    return figures | {"memory.replications": several}


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say how much memory runs and replications take."""
    del options
    several, year = figures["memory.replications"], figures["memory.year.cases"]
    cases = several * year
    peak = figures["memory.several.bytes"] / GIBIBYTE
    measure = (
        f"peak memory, hall run, {several:.0f} replications, {cases / MILLION:.1f} million cases"
    )
    found = [
        rated(measure, peak, f"{peak:.2f} GiB", PEAK),
        Row("  the same with one replication", _size(figures["memory.one.bytes"])),
    ]
    lengths = [one for one in ("month", "year", "ten years") if f"memory.{one}.cases" in figures]
    return found + [_single(figures, one) for one in lengths]


def _single(figures: Figures, name: str) -> Row:
    cases, seconds = figures[f"memory.{name}.cases"], figures[f"memory.{name}.seconds"]
    peak = figures[f"memory.{name}.bytes"] / GIBIBYTE
    measure = f"  one replication of {cases:,.0f} cases, none kept ({seconds:.0f} s)"
    return rated(measure, peak, f"{peak:.2f} GiB", PEAK)


def _size(amount: float) -> str:
    return f"{amount / GIBIBYTE:.2f} GiB"
