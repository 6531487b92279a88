"""Results: what a run or a comparison found, as data frames."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.play import EngineName
from sim.experiment.replicate import Replication
from sim.measure.definitions import Indicator, indicators
from sim.process.network import Group, ProcessNetwork
from sim.scenario.model import Scenario
from sim.stats.comparison import compare_family
from sim.stats.intervals import mean_interval, prediction_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Results:
    """What was found about one or more scenarios; the first one is the base.

    Parameters
    ----------
    scenarios
        The scenarios, the base first.
    finished
        The replications of each scenario by number, in the order of `scenarios`.
    networks
        What was run for each scenario.
    seed
        Seed that all scenarios share.
    cases
        Case table of the first replication of each scenario, by name.
    rivals
        Results under other readings of the same report, for comparisons.
    asked
        Replications that were asked for.
    engine
        Which engine ran them.
    """

    scenarios: tuple[Scenario, ...]
    finished: tuple[Mapping[int, Replication], ...]
    networks: tuple[ProcessNetwork, ...]
    seed: int
    cases: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    rivals: tuple[Results, ...] = ()
    asked: int = 0
    engine: EngineName = "compiled"

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
        """Mean and 95 % interval of every figure, and where one history would lie."""
        rows = []
        for number, name in enumerate(self.names):
            for one in indicators().values():
                values = self.values(number, one.id)
                low, high = prediction_interval(values)
                estimate = mean_interval(values)
                rows.append((name, one.id, one.unit, *estimate, low, high))
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
        ]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Every figure of every scenario minus the base's, paired by replication.

        The headline figures of all scenarios are one family, the others a second one.
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
        ]
        return pd.DataFrame(rows, columns=columns)

    def _family(self, figures: Sequence[Indicator], *, headline: bool) -> list[tuple[object, ...]]:
        members = [(number, one) for number in range(1, len(self.scenarios)) for one in figures]
        found = compare_family(
            [(self.values(0, one.id), self.values(number, one.id)) for number, one in members],
            [one.better for _, one in members],
        )
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

    def document(self) -> dict[str, object]:
        """Return the JSON document of `--json`; what is unknown is null."""
        scenarios = [
            {
                "scenario": name,
                "indicators": _records(
                    self.indicators[self.indicators.scenario == name],
                    ["indicator", "unit", "mean", "low", "high", "n"],
                ),
            }
            for name in self.names
        ]
        columns = [
            "baseline",
            "scenario",
            "indicator",
            "mean",
            "low",
            "high",
            "p_adjusted",
            "verdict",
        ]
        return {"scenarios": scenarios, "differences": _records(self.differences, columns)}


def _first_rows(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return where the first row of each scenario and figure is."""
    rows: dict[tuple[str, str], int] = {}
    for number, key in enumerate(zip(frame["scenario"], frame["indicator"], strict=True)):
        rows.setdefault(key, number)
    return rows


def _records(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, object]]:
    return [
        {
            column: None if isinstance(value, float) and math.isnan(value) else value
            for column, value in zip(columns, row, strict=True)
        }
        for row in zip(*(frame[column].tolist() for column in columns), strict=True)
    ]
