"""Measurements: what can be computed from a replication, as named arrays that a cell keeps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sim.engine.packed import packed
from sim.measure.event_log import event_table
from sim.measure.frames import case_frame
from sim.measure.gains import ApplicantOutcomes, Changes, applicant_changes, applicant_outcomes
from sim.measure.indicators import measure
from sim.measure.queue_performance import QueuePerformance, queue_performance
from sim.measure.series import series
from sim.measure.since import since
from sim.measure.steady import by_day
from sim.process.network import with_people
from sim.running.replication import Prepared, SimulatedReplication
from sim.scenario.model import Scenario

Arrays = Mapping[str, npt.NDArray[Any]]
"""Named arrays of one replication; their shapes are the same in all those of a cell."""


class Measurement(ABC):
    """What is computed from the same replication of one or more scenarios.

    Attributes
    ----------
    name
        Identifies the measurement, with all parameters that its results depend on.
    variant
        Identifies what `changed` and `prepare` change; empty if they change nothing.
    needs_log
        Whether the event log is needed.
    is_large
        Whether results are read from kept cells one by one instead of being held in memory.
    """

    name: ClassVar[str]
    variant: ClassVar[str] = ""
    needs_log: ClassVar[bool] = False
    is_large: ClassVar[bool] = False

    def changed(self, scenario: Scenario) -> Scenario:
        """Return the scenario that is prepared: the given one unless overridden.

        Parameters
        ----------
        scenario
            A scenario of the cell.

        Returns
        -------
        Scenario
            The scenario, or another hall like it.
        """
        return scenario

    def prepare(self, ready: Prepared) -> Prepared:
        """Return the prepared scenario to be simulated: the given one unless overridden.

        Parameters
        ----------
        ready
            The scenario as it is.

        Returns
        -------
        Prepared
            The scenario of which replications are simulated.
        """
        return ready

    @abstractmethod
    def take(self, played: SimulatedReplication) -> Any:
        """Take what is needed from one scenario, so that the rest can be released.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        object
            Anything that `found` accepts.
        """

    def found(self, taken: Sequence[Any]) -> Arrays:
        """Return the arrays to be kept; unless overridden, what was taken of the only scenario.

        Parameters
        ----------
        taken
            Results of `take` for each scenario of the cell, in its order.

        Returns
        -------
        Mapping
            Arrays by name.
        """
        arrays: Arrays = taken[0]
        return arrays


@dataclass(frozen=True)
class Indicators(Measurement):
    """Every indicator, in the order of `indicators()`; NaN where null."""

    name: ClassVar[str] = "indicators"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure every indicator.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            ``indicators``, shape (indicators,).
        """
        return {"indicators": np.array(list(measure(played.observations).values()))}


SERIES = "series."
"""Prefix of the names of series."""


@dataclass(frozen=True)
class Details(Measurement):
    """Every indicator, the series for charts, and the number of rows of the event log."""

    name: ClassVar[str] = "details"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure every indicator and the series.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            ``indicators``, shape (indicators,); ``events``, number of rows of the event log, shape
            (); and the arrays of `series` and `by_day`, their names prefixed by `SERIES`.
        """
        observations = played.observations
        named_series = series(observations) | by_day(observations)
        return {
            "indicators": np.array(list(measure(observations).values())),
            "events": np.array(observations.table.rows),
            **{f"{SERIES}{name}": values for name, values in named_series.items()},
        }


@dataclass(frozen=True)
class Gains(Measurement):
    """Gains and losses: the second scenario compared with the first, applicant by applicant."""

    name: ClassVar[str] = "gains"

    def take(self, played: SimulatedReplication) -> ApplicantOutcomes:
        """Take the outcomes of everyone's cases.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        ApplicantOutcomes
            Of all cases with first contact before the census.
        """
        return applicant_outcomes(played.observations)

    def found(self, taken: Sequence[ApplicantOutcomes]) -> Arrays:
        """Compare the outcomes under both scenarios.

        Parameters
        ----------
        taken
            Outcomes in the base and in the scenario.

        Returns
        -------
        Mapping
            The fields of `Changes` by name.
        """
        base, scenario = taken
        return {
            name: np.asarray(value)
            for name, value in vars(applicant_changes(base, scenario)).items()
        }


def changes_in(found: npt.NDArray[np.void]) -> Changes:
    """Return the changes in a record of `Gains`.

    Parameters
    ----------
    found
        Record of one replication.

    Returns
    -------
    Changes
        Scenario minus base.
    """
    return Changes(
        totals=found["totals"],
        bands=found["bands"],
        ends=found["ends"],
        only_base=int(found["only_base"]),
        only_scenario=int(found["only_scenario"]),
    )


@dataclass(frozen=True)
class QueuePerformanceWith(Measurement):
    """Performance of each station, with people added to groups.

    Parameters
    ----------
    added
        Names of groups, and how many people are added to each; none by default.
    """

    added: tuple[tuple[str, int], ...] = ()
    needs_log: ClassVar[bool] = True

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name that includes how many people are added to which groups."""
        return f"queue_performance {self.variant}"

    @property
    def variant(self) -> str:  # type: ignore[override]
        """Groups and people added, such as ``group+2``; empty if none are."""
        return " ".join(f"{group}+{number}" for group, number in self.added)

    def prepare(self, ready: Prepared) -> Prepared:
        """Add the people.

        Parameters
        ----------
        ready
            The scenario as it is.

        Returns
        -------
        Prepared
            The same with the people added to the groups of its network; its facts are unchanged.
        """
        if not self.added:
            return ready
        network = with_people(ready.network, dict(self.added))
        return replace(ready, network=network, packed=packed(network))

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure the performance of each station.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            The fields of `QueuePerformance` by name.
        """
        assert played.log is not None  # noqa: S101  (it was asked for)
        performance = queue_performance(played.observations, played.log, *played.ready.stations)
        return {name: np.asarray(values) for name, values in vars(performance).items()}


def queue_performance_in(found: npt.NDArray[np.void]) -> QueuePerformance:
    """Return the performance of each station in a record of `QueuePerformanceWith`.

    Parameters
    ----------
    found
        Record of one replication.

    Returns
    -------
    QueuePerformance
        Of that replication.
    """
    return QueuePerformance(float(found["within"]), found["late"], found["growth"], found["use"])


@dataclass(frozen=True)
class Since(Measurement):
    """Figures of the cases open on a day, and of all later ones.

    Parameters
    ----------
    day
        Date in ISO format, such as ``2026-03-02``.
    """

    day: str

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name that includes the day."""
        return f"since {self.day}"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure the figures from the day on.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            The arrays of `sim.measure.since.since` by name.
        """
        start = played.ready.scenario.settings.horizon.start
        return since(played.observations, start, type(start).fromisoformat(self.day))


# Tables -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cases(Measurement):
    """The case table, one row a case."""

    name: ClassVar[str] = "cases"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Tabulate the cases.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            ``table``, the bytes of `case_frame` in Arrow's stream format, shape (bytes,).
        """
        start = played.ready.scenario.settings.horizon.start
        frame = case_frame(played.observations, start, played.number)
        return {"table": _bytes_of(pa.Table.from_pandas(frame, preserve_index=False))}


@dataclass(frozen=True)
class EventLog(Measurement):
    """The event log as a table, one row a step."""

    name: ClassVar[str] = "event log"
    needs_log: ClassVar[bool] = True
    is_large: ClassVar[bool] = True

    def take(self, played: SimulatedReplication) -> Arrays:
        """Tabulate the event log.

        Parameters
        ----------
        played
            Replication of the scenario.

        Returns
        -------
        Mapping
            ``table``, the bytes of `event_table` in Arrow's stream format, shape (bytes,).
        """
        assert played.log is not None  # noqa: S101  (it was asked for)
        scenario = played.ready.scenario
        departments = {item.id: item.department for item in scenario.items}
        start = scenario.settings.horizon.start
        return {
            "table": _bytes_of(
                event_table(played.observations, played.log, departments, start, played.number)
            )
        }


def _bytes_of(table: pa.Table) -> npt.NDArray[np.uint8]:
    """Return a table as bytes of Arrow's stream format, which keeps every type."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), np.uint8)


def table_in(found: npt.NDArray[np.void]) -> pa.Table:
    """Return the table in a record of `Cases` or `EventLog`.

    Parameters
    ----------
    found
        Record of one replication.

    Returns
    -------
    pyarrow.Table
        Of that replication.
    """
    return pa.ipc.open_stream(pa.py_buffer(found["table"].tobytes())).read_all()


INDICATORS, DETAILS, GAINS, CASES, EVENT_LOG = Indicators(), Details(), Gains(), Cases(), EventLog()
