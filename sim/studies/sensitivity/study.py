"""How much each estimate matters, one at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.verdicts import with_telling
from sim.process.load import Load, overloads
from sim.running.runner import Runner
from sim.scenario.model import Scenario
from sim.stats.comparison import ROUNDING, Difference, compare_family
from sim.stats.intervals import Estimate, mean_interval
from sim.studies.sensitivity.estimates import Factor, LeftOut, held_in, refused_ends

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SensitivityRequest:
    """What is asked of every point: figures of a scenario, or what another changes in them.

    Parameters
    ----------
    runner
        Works out and keeps the figures.
    base
        The scenario whose estimates are varied.
    scenario
        Compared with the base, if not None; its estimates move with the base's.
    replications
        The same ones at every point.
    indicators
        The figures asked for.
    """

    runner: Runner
    base: Scenario
    scenario: Scenario | None
    replications: int
    indicators: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The base, and what is compared with it."""
        return (self.base,) if self.scenario is None else (self.base, self.scenario)

    @property
    def kept(self) -> tuple[str, ...]:
        """The figures asked for, and behind them what judges the differences."""
        return self.indicators if self.scenario is None else with_telling(self.indicators)

    def at(self, points: Sequence[Mapping[str, float]]) -> Floats:
        """Return figures, or paired differences, shape (points, replications, `kept`).

        Parameters
        ----------
        points
            Values by dotted path, laid over the scenarios.

        Raises
        ------
        InputError
            If a point makes no valid scenario; nothing has been run then.
        StoppedError, RunError
            As the runner.
        """
        halls = [self.varied(one, point) for one in self.scenarios for point in points]
        found = self.runner.figures(halls, range(self.replications))
        values = np.stack([found.of(name) for name in self.kept], axis=-1)
        if self.scenario is None:
            return values
        base, other = values[: len(points)], values[len(points) :]
        noise = ROUNDING * np.maximum(np.abs(base), np.abs(other))
        return np.where(np.abs(other - base) <= noise, 0.0, other - base)

    def varied(self, scenario: Scenario, point: Mapping[str, float]) -> Scenario:
        """Return a scenario with other values, but for those that its own reform decides."""
        free = {name: x for name, x in point.items() if not held_in(self.base, scenario, name)}
        if not free:
            return scenario
        # Values never change the tables: one copy of them serves hundreds of points.
        return replace(
            scenario.with_values(free),
            departments=scenario.departments,
            items=scenario.items,
            texts=scenario.texts,
        )

    def held(self, factors: Sequence[Factor]) -> list[LeftOut]:
        """Return the factors that a reform of the scenario decides, so that they move the base."""
        if self.scenario is None:
            return []
        return [
            LeftOut(one.path, "held", self.scenario.name)
            for one in factors
            if held_in(self.base, self.scenario, one.path)
        ]


# One at a time ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sweep:
    """Every factor at both ends of its range, the others as they are.

    Parameters
    ----------
    request, factors
        What was asked, and of what.
    centre
        As it is, shape (replications, `SensitivityRequest.kept`).
    ends
        Shape (factors, 2, replications, `SensitivityRequest.kept`); NaN where the end is refused.
    left_out
        Ends that make no valid scenario.
    """

    request: SensitivityRequest
    factors: tuple[Factor, ...]
    centre: Floats
    ends: Floats
    left_out: tuple[LeftOut, ...]

    @cached_property
    def bars(self) -> dict[str, list[Bar]]:
        """The bars of each indicator, the longest first.

        Intervals are simultaneous over all bars, halves and indicators that vary.  They are
        lengths without a verdict.
        """
        pairs: list[tuple[Floats, Floats]] = []
        keys = []
        for column, name in enumerate(self.request.indicators):
            centre = self.centre[:, column]
            for row in range(len(self.factors)):
                low, high = self.ends[row, :, :, column]
                pairs += [(centre, low), (centre, high), (low, high)]
                keys.append((name, row))
        found = compare_family(pairs, ["none"] * len(pairs))
        bars: dict[str, list[Bar]] = {name: [] for name in self.request.indicators}
        for (name, row), start in zip(keys, range(0, len(found), 3), strict=True):
            bars[name].append(Bar(self.factors[row], name, *found[start : start + 3]))
        return {name: sorted(of, key=lambda bar: -bar.reach) for name, of in bars.items()}

    def as_it_is(self, indicator: str) -> Estimate:
        """Return the figure, or the difference, with nothing varied."""
        return mean_interval(self.centre[:, self.request.indicators.index(indicator)])

    def ranked(self) -> list[Factor]:
        """Return the factors that matter, by their largest share of an indicator's longest bar."""
        share: dict[str, float] = {}
        for bars in self.bars.values():
            longest = max((bar.reach for bar in bars), default=0.0)
            for bar in bars:
                if longest > 0 and bar.is_clear:
                    path = bar.factor.path
                    share[path] = max(share.get(path, 0.0), bar.reach / longest)
        some = [one for one in self.factors if one.path in share]
        return sorted(some, key=lambda one: -share[one.path])

    def replications(self) -> pd.DataFrame:
        """Return a row per point, replication and indicator; the first point is as it is."""
        points = [("", math.nan, self.centre)] + [
            (one.path, end, self.ends[row, side])
            for row, one in enumerate(self.factors)
            for side, end in enumerate(one.ends)
        ]
        shown = list(self.request.indicators)
        return pd.concat(
            pd.DataFrame(values[:, : len(shown)], columns=shown)
            .rename_axis("replication")
            .reset_index()
            .melt("replication", var_name="indicator")
            .assign(parameter=path, at=at)
            for path, at, values in points
        )[["parameter", "at", "replication", "indicator", "value"]].reset_index(drop=True)

    def frame(self) -> pd.DataFrame:
        """Return one row per indicator and parameter."""
        rows = []
        for name, bars in self.bars.items():
            for bar in bars:
                row = _told(bar.factor, name) | {"as_it_is": self.as_it_is(name).mean}
                for end in ("at_low", "at_high", "swing"):
                    one: Difference = getattr(bar, end)
                    row |= {
                        f"{end}_change": one.mean,
                        f"{end}_from": one.low,
                        f"{end}_to": one.high,
                    }
                rows.append(row | {"distinguishable": bar.is_clear})
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Bar:
    """What one factor does to one figure.

    Parameters
    ----------
    factor, indicator
        Which.
    at_low, at_high
        The figure at that end less the figure as it is.
    swing
        The figure at the high end less that at the low end.
    """

    factor: Factor
    indicator: str
    at_low: Difference
    at_high: Difference
    swing: Difference

    @property
    def span(self) -> tuple[float, float]:
        """From the lowest to the highest of the changes, 0 among them."""
        known = [one.mean for one in (self.at_low, self.at_high) if not math.isnan(one.mean)]
        return min(0.0, *known, 0.0), max(0.0, *known, 0.0)

    @property
    def reach(self) -> float:
        """Length of the span."""
        return self.span[1] - self.span[0]

    @property
    def is_clear(self) -> bool:
        """Whether some simultaneous interval excludes 0."""
        return any(excludes_zero(one) for one in (self.at_low, self.at_high, self.swing))


def excludes_zero(difference: Difference) -> bool:
    """Say whether an interval lies wholly on one side of 0."""
    return difference.low > 0 or difference.high < 0


def sweep(request: SensitivityRequest, factors: Sequence[Factor]) -> Sweep:
    """Vary one factor at a time from end to end.

    Raises
    ------
    StoppedError, RunError
        As the runner.
    """
    left_out = refused_ends(request.scenarios, factors)
    refused = {one.path for one in left_out}
    wanted = [
        (row, side, {one.path: one.typed(end)})
        for row, one in enumerate(factors)
        for side, end in enumerate(one.ends)
        if f"{one.path}={end:g}" not in refused
    ]
    values = request.at([{}, *(point for _, _, point in wanted)])
    ends = np.full((len(factors), 2, *values.shape[1:]), np.nan)
    for (row, side, _), found in zip(wanted, values[1:], strict=True):
        ends[row, side] = found
    return Sweep(request, tuple(factors), values[0], ends, tuple(left_out))


class Overload(NamedTuple):
    """More work than people can do, at an end of a factor's range."""

    factor: Factor
    value: float
    scenario: Scenario
    load: Load


def overloads_of(found: Sweep, most: int = 3) -> list[Overload]:
    """Return where people cannot do what comes, at the ends of the longest bars.

    What is overloaded as it is already is not told again.
    """
    request = found.request
    factors = {
        bar.factor.path: bar.factor
        for bars in found.bars.values()
        for bar in [bar for bar in bars if bar.is_clear][:most]
    }
    told = []
    for scenario in request.scenarios:
        before = {load.groups for load in overloads(request.runner.prepared(scenario).network)}
        for factor in factors.values():
            for end in factor.ends:
                if f"{factor.path}={end:g}" in {one.path for one in found.left_out}:
                    continue
                there = request.varied(scenario, {factor.path: factor.typed(end)})
                loads = overloads(request.runner.prepared(there).network)
                told += [
                    Overload(factor, end, scenario, one)
                    for one in loads
                    if one.groups not in before
                ][:1]
    return told


def _told(factor: Factor, indicator: str) -> dict[str, object]:
    return {
        "indicator": indicator,
        "parameter": factor.path,
        "value": factor.value,
        "low": factor.low,
        "high": factor.high,
    }
