"""Memory: ten million cases in one run, and many cases in one replication."""

from __future__ import annotations

import math
import sys
import tempfile
from functools import partial
from pathlib import Path

from city import Size, write_city

from . import Figures, Options, Probe, Row, Target, child, rated

ONE = Path(__file__).parents[1] / "one_replication.py"
MILLION = 1_000_000
TEN_MILLION = 10 * MILLION
GIBIBYTE = 2**30
PEAK = Target(4, unit=" GiB")

CASES_PER_REPLICATION = 310_000
"""Of a year of the city, roughly; the table says how many there were in fact."""
QUICK_RUN = 2
FULL_RUN = math.ceil(TEN_MILLION / CASES_PER_REPLICATION) + 1
CENSUS_OF_FEW = "2008-07-31"
CENSUS_OF_MANY = "2018-06-30"
"""Ten years at 800 cases a day: some three million, enquiries included, in one replication."""


def probes(options: Options) -> list[Probe]:
    """Take runs of one and several replications, and single replications of several lengths."""
    several = QUICK_RUN if options.quick else FULL_RUN
    lengths = {"month": CENSUS_OF_FEW, "year": Size().census}
    if not options.quick:
        lengths["many"] = CENSUS_OF_MANY
    # Compiling takes more memory than a year of a city does: it must be over by then.
    compiled = partial(child.hall, "run", "county", "-n", "1", "--no-charts")
    return [Probe("memory", lambda: _take(several, lengths), most=1, warm=compiled)]


def _take(several: int, lengths: dict[str, str]) -> Figures:
    """Take everything once: memory does not wander as time does."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, census in lengths.items():
            path = write_city(Path(folder), Size(census=census), f"city-{name}")
            counted = Path(folder) / "cases"
            ended = child.run([sys.executable, str(ONE), str(path), str(counted)])
            figures[f"memory.{name}.cases"] = float(counted.read_text(encoding="utf-8"))
            figures[f"memory.{name}.bytes"] = ended.peak_bytes
            figures[f"memory.{name}.seconds"] = ended.seconds
        year = str(Path(folder) / "city-year.yaml")
        for name, replications in (("one", 1), ("several", several)):
            ended = child.hall("run", year, "-n", str(replications), "--no-charts")
            figures[f"memory.{name}.bytes"] = ended.peak_bytes
            figures[f"memory.{name}.seconds"] = ended.seconds
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
    lengths = [one for one in ("month", "year", "many") if f"memory.{one}.cases" in figures]
    found += [_single(figures, one) for one in lengths]
    few, most = lengths[0], lengths[-1]
    per_case = (figures[f"memory.{most}.bytes"] - figures[f"memory.{few}.bytes"]) / (
        figures[f"memory.{most}.cases"] - figures[f"memory.{few}.cases"]
    )
    rest = TEN_MILLION - figures[f"memory.{most}.cases"]
    whole = figures[f"memory.{most}.bytes"] + rest * per_case
    return [
        *found,
        Row("  bytes per further case of a replication", f"{per_case:,.0f}"),
        Row("  so ten million cases in one replication, extrapolated", _size(whole)),
    ]


def _single(figures: Figures, name: str) -> Row:
    cases, seconds = figures[f"memory.{name}.cases"], figures[f"memory.{name}.seconds"]
    return Row(
        f"  one replication of {cases:,.0f} cases ({seconds:.0f} s)",
        _size(figures[f"memory.{name}.bytes"]),
    )


def _size(amount: float) -> str:
    return f"{amount / GIBIBYTE:.2f} GiB"
