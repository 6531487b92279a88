"""Histories: what was found in every replication of one or more scenarios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import Indicator, indicators
from sim.measure.gains import Changes
from sim.measure.verdicts import Pair, judged
from sim.process.network import Group, ProcessNetwork
from sim.scenario.model import Scenario
from sim.stats.intervals import mean_interval, prediction_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Replication:
    """What was found in one replication.

    Parameters
    ----------
    indicators
        By id; NaN where null.
    series
        Arrays for charts, by name.
    events
        Rows of the log.
    """

    indicators: dict[str, float]
    series: dict[str, Floats]
    events: int


@dataclass(frozen=True, kw_only=True)
class Histories:
    """Replications of one or more scenarios; the first one is the base.

    Parameters
    ----------
    scenarios
        The scenarios, the base first.
    finished
        The replications of each scenario by number, in the order of `scenarios`.
    networks
        What was run for each scenario; none for other readings.
    seed
        Seed that all scenarios share.
    gained
        Who gained and lost in each further scenario, by number of the replication.
    certain
        Figures that no chance touches.
    """

    scenarios: tuple[Scenario, ...]
    finished: tuple[Mapping[int, Replication], ...]
    networks: tuple[ProcessNetwork, ...]
    seed: int
    gained: tuple[Mapping[int, Changes], ...] = ()
    certain: frozenset[str] = frozenset()

    @property
    def groups(self) -> list[tuple[Group, ...]]:
        """The people of each scenario, in the order of the series ``busy_min``."""
        return [network.groups for network in self.networks]

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return [scenario.name for scenario in self.scenarios]

    @cached_property
    def paired(self) -> list[int]:
        """Numbers of the replications that every scenario has finished, ascending."""
        common = set.intersection(*(set(found) for found in self.finished))
        return sorted(common)

    def values(self, scenario: int, indicator: str) -> Floats:
        """Return a figure in every paired replication, shape (replications,)."""
        found = self.finished[scenario]
        return np.array([found[number].indicators[indicator] for number in self.paired])

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each scenario beside the base."""
        return [Pair(partial(self._beside_base, number)) for number in range(len(self.scenarios))]

    def _beside_base(self, scenario: int, indicator: str) -> tuple[Floats, Floats]:
        return self.values(0, indicator), self.values(scenario, indicator)

    def series(self, scenario: int, name: str) -> Floats:
        """Return a series of every paired replication, shape (replications, …)."""
        found = self.finished[scenario]
        return np.array([found[number].series[name] for number in self.paired])

    @cached_property
    def replications(self) -> pd.DataFrame:
        """Every figure of every finished replication: scenario, replication, indicator, value."""
        rows = [
            (name, number, indicator, value)
            for name, found in zip(self.names, self.finished, strict=True)
            for number in sorted(found)
            for indicator, value in found[number].indicators.items()
        ]
        return pd.DataFrame(rows, columns=["scenario", "replication", "indicator", "value"])

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Mean and 95 % interval of every figure, and where one history would lie.

        ``null_in`` counts the replications in which the figure is null; they are left out.
        """
        rows = []
        for number, name in enumerate(self.names):
            for one in indicators().values():
                values = self.values(number, one.id)
                low, high = prediction_interval(values)
                estimate = mean_interval(values)
                null_in = len(values) - estimate.n
                rows.append((name, one.id, one.unit, *estimate, low, high, null_in))
        columns = [
            "scenario",
            "indicator",
            "unit",
            "mean",
            "low",
            "high",
            "n",
            "history_low",
            "history_high",
            "null_in",
        ]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Every figure of every scenario minus the base's, paired by replication.

        The headline figures of all scenarios are one family, the others a second one.
        Nothing that rests on who is served is better while fewer are; see `Pair.is_of_other_cases`.
        ``null_in`` counts the replications left out because the figure is null in them;
        ``holm_only`` marks what Holm's test tells apart although the interval, which holds for
        the whole family at once, has 0 inside.
        """
        leading = [one for one in indicators().values() if one.headline]
        others = [one for one in indicators().values() if not one.headline]
        rows = [*self._family(leading, headline=True), *self._family(others, headline=False)]
        columns = [
            "baseline",
            "scenario",
            "indicator",
            "unit",
            "headline",
            "mean",
            "low",
            "high",
            "n",
            "p",
            "p_adjusted",
            "verdict",
            "replications_needed",
            "variance_ratio",
            "null_in",
            "holm_only",
        ]
        return pd.DataFrame(rows, columns=columns)

    def _family(self, figures: Sequence[Indicator], *, headline: bool) -> list[tuple[object, ...]]:
        members = [(number, one) for number in range(1, len(self.scenarios)) for one in figures]
        found = judged([(self.pairs[number], one) for number, one in members], self.certain)
        return [
            (
                self.names[0],
                self.names[number],
                one.id,
                one.unit,
                headline,
                difference.mean,
                difference.low,
                difference.high,
                difference.n,
                difference.p,
                difference.p_adjusted,
                str(difference.verdict),
                difference.replications_needed,
                difference.variance_ratio,
                len(self.paired) - difference.n,
                difference.holm_only,
            )
            for (number, one), difference in zip(members, found, strict=True)
        ]

    def indicator(self, scenario: str, indicator: str) -> pd.Series:
        """Return the row of one figure."""
        return self.indicators.iloc[self._indicator_rows[scenario, indicator]]

    def difference(self, scenario: str, indicator: str) -> pd.Series:
        """Return the row of one difference."""
        return self.differences.iloc[self._difference_rows[scenario, indicator]]

    @cached_property
    def _indicator_rows(self) -> dict[tuple[str, str], int]:
        return _first_rows(self.indicators)

    @cached_property
    def _difference_rows(self) -> dict[tuple[str, str], int]:
        return _first_rows(self.differences)


def _first_rows(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return where the first row of each scenario and figure is."""
    rows: dict[tuple[str, str], int] = {}
    for number, key in enumerate(zip(frame["scenario"], frame["indicator"], strict=True)):
        rows.setdefault(key, number)
    return rows
