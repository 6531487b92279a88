"""What ``benchmarks/engines.py`` measures, a module for each group of figures.

Every module has ``probes(options)``, which take figures in turns, and ``rows(figures, options)``,
which make lines of the table from the medians. Nothing here asserts a time.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sim.engine.play import EngineName
from sim.measure.observations import Observations
from sim.running.measurements import DETAILS
from sim.running.replication import Prepared, simulate_replication

Figures = Mapping[str, float]
"""Medians by name; seconds unless the name says otherwise."""

Options = argparse.Namespace


@dataclass(frozen=True)
class Probe:
    """Something that is measured again and again.

    Parameters
    ----------
    name
        What is shown while it runs.
    take
        Measures once and returns figures by name.
    most
        How often at most; slow ones are not repeated as often as asked for.
    warm
        Called once before, untimed.
    """

    name: str
    take: Callable[[], Figures]
    most: int = 1_000
    warm: Callable[[], object] | None = None


@dataclass(frozen=True)
class Target:
    """What a figure should reach.

    Parameters
    ----------
    limit
        The figure at most, or at least.
    beyond
        A harder limit that is worth saying.
    unit
        Written behind the numbers.
    at_least
        The larger the better.
    """

    limit: float
    beyond: float | None = None
    unit: str = ""
    at_least: bool = False

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        beyond = "" if self.beyond is None else f" (beyond: {self.beyond:g}{self.unit})"
        return f"{sign} {self.limit:g}{self.unit}{beyond}"

    def verdict(self, figure: float) -> str:
        """Say whether a figure reaches the target."""
        if self.beyond is not None and self._reaches(figure, self.beyond):
            return "beyond"
        return "met" if self._reaches(figure, self.limit) else "missed"

    def _reaches(self, figure: float, limit: float) -> bool:
        return figure >= limit if self.at_least else figure <= limit


@dataclass(frozen=True)
class Row:
    """A line of the table; without a target it is there to explain another one."""

    measure: str
    figure: str
    target: str = ""
    verdict: str = ""


def rated(measure: str, figure: float, shown: str, target: Target) -> Row:
    """Hold a figure against its target."""
    return Row(measure, shown, str(target), target.verdict(figure))


def seconds_of(do: Callable[[], object]) -> float:
    """Time a call, without garbage of others in it."""
    gc.collect()
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def take_turns(probes: Sequence[Probe], repeats: int) -> Figures:
    """Take every probe once, then again, so that a slow spell of the machine hits all.

    Returns
    -------
    Figures
        Medians.
    """
    found: dict[str, list[float]] = {}
    for probe in probes:
        if probe.warm is not None:
            tell(f"warm up {probe.name}")
            probe.warm()
    for repeat in range(repeats):
        for probe in probes:
            if repeat < probe.most:
                tell(f"{repeat + 1}/{repeats} {probe.name}")
                for name, figure in probe.take().items():
                    found.setdefault(name, []).append(figure)
    tell("")
    return {name: statistics.median(figures) for name, figures in found.items()}


def tell(line: str) -> None:
    """Show what is being done."""
    if sys.stderr.isatty():
        print(f"\r{line:<60}", end="\r" if not line else "", file=sys.stderr, flush=True)


def table(rows: Sequence[Row]) -> list[str]:
    """Lay out rows in columns."""
    lines = [("measure", "figure", "target", "")]
    lines += [(row.measure, row.figure, row.target, row.verdict) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    layout = f"{{:<{widths[0]}}}  {{:>{widths[1]}}}  {{:<{widths[2]}}}  {{}}"
    return [layout.format(*line).rstrip() for line in lines]


def replicate(
    ready: Prepared, number: int, seed: int, engine: EngineName = "compiled"
) -> Observations:
    """Play a replication and measure all that a run keeps of it; return its books."""
    found = simulate_replication(ready, number, seed, engine)
    DETAILS.take(found)
    return found.observations
