"""Results: what a run or a comparison found, as data frames."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.play import EngineName
from sim.measure.definitions import Indicator, indicators
from sim.measure.gains import Changes
from sim.measure.verdicts import Pair, judged
from sim.process.network import Group, ProcessNetwork
from sim.scenario.model import Scenario
from sim.stats.intervals import mean_interval, prediction_interval

if TYPE_CHECKING:
    import pyarrow as pa

    from sim.studies.comparison.precision import Target

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
        What was run for each scenario; none for other readings.
    seed
        Seed that all scenarios share.
    cases
        Case tables of the replications that were asked for, by scenario; empty if none were.
    logs
        What reads the event logs of these replications, one after the other, by scenario; empty if
        they were not asked for.
    rivals
        Results under other readings of the same report, for comparisons.
    asked
        Replications that were asked for.
    engine
        Which engine ran them.
    gained
        Who gained and lost in each further scenario, by number of the replication.
    certain
        Figures that no chance touches.
    target
        How precise figures should become, if that was asked for.
    steady_state
        Whether a steady state is asked for.
    """

    scenarios: tuple[Scenario, ...]
    finished: tuple[Mapping[int, Replication], ...]
    networks: tuple[ProcessNetwork, ...]
    seed: int
    cases: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    logs: Mapping[str, Callable[[], Iterator[pa.Table]]] = field(default_factory=dict)
    rivals: tuple[Results, ...] = ()
    asked: int = 0
    engine: EngineName = "compiled"
    gained: tuple[Mapping[int, Changes], ...] = ()
    certain: frozenset[str] = frozenset()
    target: Target | None = None
    steady_state: bool = False

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

    @cached_property
    def log(self) -> pd.DataFrame:
        """The event log, one row a step; `log_columns` says what the columns mean.

        All of it in memory: `save` writes a large one piece by piece.
        """
        parts = [
            part.to_pandas().assign(scenario=name)
            for name, read in self.logs.items()
            for part in read()
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Who gains and who loses in each further scenario; see `gains_frame`."""
        from sim.studies.comparison.gains import gains_frame  # noqa: PLC0415  (builds on this module)

        return gains_frame(self)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """How the same cases end in the base and in each further scenario."""
        from sim.studies.comparison.gains import ends_frame  # noqa: PLC0415  (builds on this module)

        return ends_frame(self)

    @cached_property
    def precision(self) -> pd.DataFrame | None:
        """How precise the figures of the target are; none if there is no target."""
        from sim.studies.comparison.precision import precision_frame  # noqa: PLC0415  (as above)

        return None if self.target is None else precision_frame(self, self.target)

    @cached_property
    def steady(self) -> pd.DataFrame | None:
        """Warm-up and steady means of the first scenario; none if they are not asked for."""
        from sim.studies.comparison.steady_state import steady_frame  # noqa: PLC0415  (as above)

        return steady_frame(self) if self.steady_state else None

    @property
    def reached(self) -> dict[str, object]:
        """What the manifest says of the target; nothing if there is none."""
        from sim.studies.comparison.precision import reached  # noqa: PLC0415  (builds on this module)

        return {} if self.target is None else {"precision": reached(self, self.target)}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames that only some runs have, by the name of their file."""
        found = {"precision": self.precision, "steady-state": self.steady}
        if self.gained:
            found |= {"gains": self.gains, "gains-by-end": self.ends}
        return {name: frame for name, frame in found.items() if frame is not None}

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
        """Return the JSON document of `--json`; what is unknown is null.

        Its ``gains`` are everyone and the departments; the items are in ``gains.csv``.
        """
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
        document: dict[str, object] = {
            "scenarios": scenarios,
            "differences": _records(self.differences, columns),
        }
        if self.gained:
            groups = self.gains[self.gains.item == ""].drop(columns="item")
            document["gains"] = _records(groups, groups.columns.tolist())
        for name, frame in (("precision", self.precision), ("steady_state", self.steady)):
            if frame is not None:
                document[name] = _records(frame, frame.columns.tolist())
        return document


def _first_rows(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return where the first row of each scenario and figure is."""
    rows: dict[tuple[str, str], int] = {}
    for number, key in enumerate(zip(frame["scenario"], frame["indicator"], strict=True)):
        rows.setdefault(key, number)
    return rows


def _records(frame: pd.DataFrame, columns: list[str]) -> list[dict[str, object]]:
    return [
        {
            column: None
            if value is pd.NA or (isinstance(value, float) and math.isnan(value))
            else value
            for column, value in zip(columns, row, strict=True)
        }
        for row in zip(*(frame[column].tolist() for column in columns), strict=True)
    ]
