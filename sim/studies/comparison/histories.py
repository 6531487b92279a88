"""Histories: the results of every replication of one or more scenarios."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.assessment import Assessment
from sim.measure.definitions import Indicator, indicators
from sim.measure.gains import Changes
from sim.measure.verdicts import Pair
from sim.process.network import Group, ProcessNetwork
from sim.rules.item_entry import entered_items
from sim.scenario.model import Scenario
from sim.stats.intervals import mean_interval, prediction_interval

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Replication:
    """Results of one replication of one scenario.

    Parameters
    ----------
    indicators
        Values by id of the indicator, in its unit; NaN where null.
    series
        Arrays for charts, by name; see `sim.measure.series.series` and `sim.measure.steady.by_day`.
    events
        Number of events, the rows of the event log.
    """

    indicators: dict[str, float]
    series: dict[str, Floats]
    events: int


@dataclass(frozen=True, kw_only=True)
class Histories(ABC):
    """Replications of one or more scenarios; the first one is the base.

    Parameters
    ----------
    scenarios
        The scenarios, the base first.
    finished
        The replications of each scenario by number, in the order of `scenarios`.
    networks
        Network of each scenario, in the order of `scenarios`; empty for other readings.
    seed
        Seed that all scenarios share.
    gained
        For each further scenario, changes for the applicants it shares with the base, by number of
        the replication; empty for other readings.
    certain
        Ids of the indicators that do not depend on chance.
    """

    scenarios: tuple[Scenario, ...]
    finished: tuple[Mapping[int, Replication], ...]
    networks: tuple[ProcessNetwork, ...]
    seed: int
    gained: tuple[Mapping[int, Changes], ...] = ()
    certain: frozenset[str] = frozenset()

    @property
    def groups(self) -> list[tuple[Group, ...]]:
        """Groups of people of each scenario, in the order of the series ``busy_min``."""
        return [network.groups for network in self.networks]

    @property
    def names(self) -> list[str]:
        """Names of the scenarios."""
        return [scenario.name for scenario in self.scenarios]

    @cached_property
    def paired(self) -> list[int]:
        """Numbers of the replications that every scenario has finished, ascending."""
        common = set.intersection(*(set(replications) for replications in self.finished))
        return sorted(common)

    def values(self, scenario: int, indicator: str) -> Floats:
        """Return a figure in every paired replication.

        Parameters
        ----------
        scenario
            Index of the scenario, 0 for the base.
        indicator
            Id of the figure.

        Returns
        -------
        ndarray
            Shape (replications,), in the order of `paired`; NaN where null.
        """
        replications = self.finished[scenario]
        return np.array([replications[number].indicators[indicator] for number in self.paired])

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each scenario beside the base."""
        entered = [_entered(scenario) for scenario in self.scenarios]
        return [
            Pair(partial(self._beside_base, number), entered[number] != entered[0])
            for number in range(len(self.scenarios))
        ]

    def _beside_base(self, scenario: int, indicator: str) -> tuple[Floats, Floats]:
        return self.values(0, indicator), self.values(scenario, indicator)

    def series(self, scenario: int, name: str) -> Floats:
        """Return a series of every paired replication.

        Parameters
        ----------
        scenario
            Index of the scenario, 0 for the base.
        name
            Name of the series; see `Replication`.

        Returns
        -------
        ndarray
            Shape (replications, …), in the order of `paired`.
        """
        replications = self.finished[scenario]
        return np.array([replications[number].series[name] for number in self.paired])

    @cached_property
    def replications(self) -> pd.DataFrame:
        """Every figure of every finished replication: scenario, replication, indicator, value."""
        rows = [
            (name, number, indicator, value)
            for name, replications in zip(self.names, self.finished, strict=True)
            for number in sorted(replications)
            for indicator, value in replications[number].indicators.items()
        ]
        return pd.DataFrame(rows, columns=["scenario", "replication", "indicator", "value"])

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """Mean and 95 % interval of every figure, and prediction interval of one replication.

        ``null_in`` counts the replications in which the figure is null; they are left out.
        """
        rows = []
        for number, name in enumerate(self.names):
            for indicator in indicators().values():
                values = self.values(number, indicator.id)
                low, high = prediction_interval(values)
                estimate = mean_interval(values)
                null_in = len(values) - estimate.n
                row = (name, indicator.id, indicator.unit, *estimate, low, high, null_in)
                rows.append(row)
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

        The headline figures of all scenarios under all readings are one family of tests, the others
        a second one.  The verdict holds under all readings and in nearly all halls that fit, else
        it is ``depends``; see `sim.measure.assessment.assess`.  ``band_low`` and ``band_high`` are
        the ends between which nine of ten of these halls lie under each reading.
        A figure that needs cases to be served is not called better while fewer are served or more
        give up; see `Pair.is_of_other_cases`.  ``null_in`` counts the replications left out because
        the figure is null in them; ``holm_only`` marks differences that are significant by Holm's
        test although their simultaneous interval contains 0.
        """
        rows = [
            (
                self.names[0],
                scenario,
                figure,
                indicators()[figure].unit,
                indicators()[figure].headline,
                *_columns(assessment, len(self.paired), self.reading_names),
            )
            for (scenario, figure), assessment in self.assessments.items()
        ]
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
            "band_low",
            "band_high",
            "opposite",
            "readings",
        ]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def assessments(self) -> dict[tuple[str, str], Assessment]:
        """Assessments by name of the scenario and id of the figure, headline figures first."""
        assessed: dict[tuple[str, str], Assessment] = {}
        for leading in (True, False):
            figures = [one for one in indicators().values() if one.headline is leading]
            keys = [(name, figure.id) for name in self.names[1:] for figure in figures]
            assessed |= dict(zip(keys, self._assess(figures), strict=True))
        return assessed

    @property
    @abstractmethod
    def reading_names(self) -> list[str]:
        """Names of the other readings of the report, in the order of `Assessment.readings`."""

    @abstractmethod
    def _assess(self, figures: Sequence[Indicator]) -> list[Assessment]:
        """Judge figures as one family: all in the second scenario, then in the third, and so on."""

    def indicator(self, scenario: str, indicator: str) -> pd.Series:
        """Return the row of `indicators` for a scenario and a figure.

        Parameters
        ----------
        scenario
            Name of the scenario.
        indicator
            Id of the figure.

        Returns
        -------
        pandas.Series
            Values by column.
        """
        return self.indicators.iloc[self._indicator_rows[scenario, indicator]]

    def difference(self, scenario: str, indicator: str) -> pd.Series:
        """Return the row of `differences` for a scenario and a figure.

        Parameters
        ----------
        scenario
            Name of the scenario, not the base.
        indicator
            Id of the figure.

        Returns
        -------
        pandas.Series
            Values by column.
        """
        return self.differences.iloc[self._difference_rows[scenario, indicator]]

    @cached_property
    def _indicator_rows(self) -> dict[tuple[str, str], int]:
        return _first_rows(self.indicators)

    @cached_property
    def _difference_rows(self) -> dict[tuple[str, str], int]:
        return _first_rows(self.differences)


def _columns(
    assessment: Assessment, replications: int, readings: Sequence[str]
) -> tuple[object, ...]:
    difference = assessment.difference
    under = zip(readings, assessment.readings, strict=True)
    return (
        difference.mean,
        difference.low,
        difference.high,
        difference.n,
        difference.p,
        difference.p_adjusted,
        str(difference.verdict),
        difference.replications_needed,
        difference.variance_ratio,
        replications - difference.n,
        difference.holm_only,
        *assessment.band,
        assessment.opposite,
        "; ".join(f"{name}: {other.verdict} ({other.mean:.4g})" for name, other in under),
    )


def _entered(scenario: Scenario) -> list[frozenset[str]]:
    """Return the items entered under each policy of a scenario."""
    variants = scenario.transition.variants if scenario.transition else (scenario,)
    return [
        frozenset(entered_items(variant.items, variant.settings.policy.entry))
        for variant in variants
    ]


def _first_rows(frame: pd.DataFrame) -> dict[tuple[str, str], int]:
    """Return where the first row of each scenario and figure is."""
    rows: dict[tuple[str, str], int] = {}
    for number, key in enumerate(zip(frame["scenario"], frame["indicator"], strict=True)):
        rows.setdefault(key, number)
    return rows
