"""Effects of estimates on figures or on differences, one estimate at a time."""

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
from sim.scenario.estimates import Factor, LeftOut
from sim.scenario.model import Scenario
from sim.stats.comparison import ROUNDING, Difference, compare_family
from sim.stats.intervals import Estimate, mean_interval
from sim.studies.sensitivity.estimates import held_in, refused_ends

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SensitivityRequest:
    """What is asked of every point: figures of a scenario, or what another changes in them.

    Parameters
    ----------
    runner
        Simulates the replications and keeps their figures.
    base
        The scenario whose estimates are varied.
    scenario
        Compared with the base, if not None; its estimates vary with those of the base.
    replications
        Number of replications, the same at every point.
    indicators
        Ids of the figures asked for.
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
        """Ids of the figures asked for, then of the rates on which verdicts depend."""
        return self.indicators if self.scenario is None else with_telling(self.indicators)

    def at(self, points: Sequence[Mapping[str, float]]) -> Floats:
        """Return figures, or paired differences, at some points.

        Parameters
        ----------
        points
            Values by dotted path, which replace those of the scenarios.

        Returns
        -------
        ndarray
            Shape (points, replications, `kept`); NaN where null.  Differences within rounding
            errors are 0.

        Raises
        ------
        InputError
            If a point makes no valid scenario; nothing has been run then.
        StoppedError, RunError
            As the runner.
        """
        halls = [self.varied(scenario, point) for scenario in self.scenarios for point in points]
        figures = self.runner.figures(halls, range(self.replications))
        values = np.stack([figures.of(name) for name in self.kept], axis=-1)
        if self.scenario is None:
            return values
        base, other = values[: len(points)], values[len(points) :]
        noise = ROUNDING * np.maximum(np.abs(base), np.abs(other))
        return np.where(np.abs(other - base) <= noise, 0.0, other - base)

    def varied(self, scenario: Scenario, point: Mapping[str, float]) -> Scenario:
        """Return a scenario with other values, except for parameters that its own reform sets.

        Parameters
        ----------
        scenario
            The base, or what is compared with it.
        point
            Values by dotted path.

        Returns
        -------
        Scenario
            The scenario itself if nothing changes.
        """
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
        """Return the factors that a reform of the scenario sets, so that they vary the base only.

        Parameters
        ----------
        factors
            Estimates that are varied.

        Returns
        -------
        list of LeftOut
            With reason ``held``; empty without a comparison.
        """
        if self.scenario is None:
            return []
        return [
            LeftOut(factor.path, "held", self.scenario.name)
            for factor in factors
            if held_in(self.base, self.scenario, factor.path)
        ]


# One at a time ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tornado:
    """Figures with every factor at both ends of its range, the others as they are.

    Parameters
    ----------
    request, factors
        What was asked, and the estimates that vary.
    centre
        Figures or differences with nothing varied, shape (replications,
        `SensitivityRequest.kept`).
    ends
        The same at low and high ends, shape (factors, 2, replications,
        `SensitivityRequest.kept`); NaN where the end is refused.
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

        Intervals are simultaneous over all bars, halves and indicators that vary.  The effects
        have no verdict.
        """
        pairs: list[tuple[Floats, Floats]] = []
        keys = []
        for column, name in enumerate(self.request.indicators):
            centre = self.centre[:, column]
            for row in range(len(self.factors)):
                low, high = self.ends[row, :, :, column]
                pairs += [(centre, low), (centre, high), (low, high)]
                keys.append((name, row))
        differences = compare_family(pairs, ["none"] * len(pairs))
        bars: dict[str, list[Bar]] = {name: [] for name in self.request.indicators}
        for (name, row), start in zip(keys, range(0, len(differences), 3), strict=True):
            bars[name].append(Bar(self.factors[row], name, *differences[start : start + 3]))
        return {
            name: sorted(own_bars, key=lambda bar: -bar.length) for name, own_bars in bars.items()
        }

    def as_it_is(self, indicator: str) -> Estimate:
        """Return the figure, or the difference, with nothing varied.

        Parameters
        ----------
        indicator
            Id of the figure.

        Returns
        -------
        Estimate
            Mean and 95 % interval, in the unit of the figure.
        """
        return mean_interval(self.centre[:, self.request.indicators.index(indicator)])

    def ranked(self) -> list[Factor]:
        """Return the factors with significant effects, the most important first.

        Importance is the largest ratio, over the indicators, of the length of the factor's bar to
        that of the longest bar.

        Returns
        -------
        list of Factor
            Without factors whose bars are not clear.
        """
        share: dict[str, float] = {}
        for bars in self.bars.values():
            longest = max((bar.length for bar in bars), default=0.0)
            for bar in bars:
                if longest > 0 and bar.is_clear:
                    path = bar.factor.path
                    share[path] = max(share.get(path, 0.0), bar.length / longest)
        clear = [factor for factor in self.factors if factor.path in share]
        return sorted(clear, key=lambda factor: -share[factor.path])

    def replications(self) -> pd.DataFrame:
        """Return a row per point, replication and indicator.

        Returns
        -------
        pandas.DataFrame
            Columns parameter, at, replication, indicator and value; at the first point nothing is
            varied: parameter is empty and at is NaN.
        """
        points = [("", math.nan, self.centre)] + [
            (factor.path, end, self.ends[row, side])
            for row, factor in enumerate(self.factors)
            for side, end in enumerate(factor.ends)
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
        """Return one row per indicator and parameter.

        Returns
        -------
        pandas.DataFrame
            Table ``tornado``.
        """
        rows = []
        for name, bars in self.bars.items():
            for bar in bars:
                row = _identifying_columns(bar.factor, name) | {
                    "as_it_is": self.as_it_is(name).mean
                }
                for end in ("at_low", "at_high", "swing"):
                    difference: Difference = getattr(bar, end)
                    row |= {
                        f"{end}_change": difference.mean,
                        f"{end}_from": difference.low,
                        f"{end}_to": difference.high,
                    }
                rows.append(row | {"distinguishable": bar.is_clear})
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class Bar:
    """Effect of one factor on one figure, or on the difference in it.

    Parameters
    ----------
    factor, indicator
        The factor, and the id of the figure.
    at_low, at_high
        Figure at that end minus figure with nothing varied; NaN if the end is refused.
    swing
        Figure at the high end minus figure at the low end.
    """

    factor: Factor
    indicator: str
    at_low: Difference
    at_high: Difference
    swing: Difference

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest change, 0 included, in the unit of the figure."""
        known = [
            difference.mean
            for difference in (self.at_low, self.at_high)
            if not math.isnan(difference.mean)
        ]
        return min(0.0, *known, 0.0), max(0.0, *known, 0.0)

    @property
    def length(self) -> float:
        """Length of the span, in the unit of the figure."""
        return self.span[1] - self.span[0]

    @property
    def is_clear(self) -> bool:
        """Whether a simultaneous interval of one of the changes excludes 0."""
        return any(
            excludes_zero(difference) for difference in (self.at_low, self.at_high, self.swing)
        )


def excludes_zero(difference: Difference) -> bool:
    """Say whether an interval lies wholly on one side of 0.

    Parameters
    ----------
    difference
        Difference with its interval.

    Returns
    -------
    bool
        False if the interval is unknown.
    """
    return difference.low > 0 or difference.high < 0


def one_at_a_time(request: SensitivityRequest, factors: Sequence[Factor]) -> Tornado:
    """Simulate both ends of the range of each factor, one factor at a time.

    Parameters
    ----------
    request
        What is asked of every point.
    factors
        Estimates that are varied.

    Returns
    -------
    Tornado
        Ends that make no valid scenario are left out.

    Raises
    ------
    StoppedError, RunError
        As the runner.
    """
    left_out = refused_ends(request.scenarios, factors)
    refused = {factor.path for factor in left_out}
    wanted = [
        (row, side, {factor.path: factor.typed(end)})
        for row, factor in enumerate(factors)
        for side, end in enumerate(factor.ends)
        if f"{factor.path}={end:g}" not in refused
    ]
    values = request.at([{}, *(point for _, _, point in wanted)])
    ends = np.full((len(factors), 2, *values.shape[1:]), np.nan)
    for (row, side, _), figures in zip(wanted, values[1:], strict=True):
        ends[row, side] = figures
    return Tornado(request, tuple(factors), values[0], ends, tuple(left_out))


class Overload(NamedTuple):
    """Offered work that exceeds the capacity of people, at an end of the range of a factor."""

    factor: Factor
    """The estimate."""
    value: float
    """The end of its range, in the unit of the parameter."""
    scenario: Scenario
    """The scenario that is overloaded."""
    load: Load
    """Its first overloaded group."""


def overloads_of(tornado: Tornado, most: int = 3) -> list[Overload]:
    """Return where offered work exceeds the capacity, at the ends of the longest bars.

    Groups that are overloaded with nothing varied are omitted.

    Parameters
    ----------
    tornado
        Effects of the estimates.
    most
        Number of factors examined for each indicator.

    Returns
    -------
    list of Overload
        At most one for each scenario and end.
    """
    request = tornado.request
    factors = {
        bar.factor.path: bar.factor
        for bars in tornado.bars.values()
        for bar in [bar for bar in bars if bar.is_clear][:most]
    }
    overloaded = []
    for scenario in request.scenarios:
        before = {load.groups for load in overloads(request.runner.prepared(scenario).network)}
        for factor in factors.values():
            for end in factor.ends:
                if f"{factor.path}={end:g}" in {left.path for left in tornado.left_out}:
                    continue
                varied = request.varied(scenario, {factor.path: factor.typed(end)})
                loads = overloads(request.runner.prepared(varied).network)
                overloaded += [
                    Overload(factor, end, scenario, load)
                    for load in loads
                    if load.groups not in before
                ][:1]
    return overloaded


def _identifying_columns(factor: Factor, indicator: str) -> dict[str, object]:
    return {
        "indicator": indicator,
        "parameter": factor.path,
        "value": factor.value,
        "low": factor.low,
        "high": factor.high,
    }
