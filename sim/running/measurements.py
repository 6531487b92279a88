"""What can be worked out of a replication, as named arrays that a cell keeps."""

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
from sim.measure.gains import ApplicantOutcomes, Changes, applicant_outcomes, changes
from sim.measure.indicators import measure
from sim.measure.queue_performance import QueuePerformance, queue_performance
from sim.measure.series import series
from sim.measure.since import since
from sim.measure.steady import by_day
from sim.process.network import with_people
from sim.running.replication import Prepared, SimulatedReplication

Arrays = Mapping[str, npt.NDArray[Any]]
"""Named arrays of one replication; their shapes are the same in all those of a cell."""


class Measurement(ABC):
    """What is worked out of the same replication of one or more scenarios.

    Attributes
    ----------
    name
        Tells measurements apart, with all that their results depend on.
    variant
        Tells apart what `prepare` makes of a scenario; empty if it is the scenario as it is.
    needs_log
        Whether the event log is needed.
    is_large
        Whether it is read from where cells are kept, one by one, instead of being held.
    """

    name: ClassVar[str]
    variant: ClassVar[str] = ""
    needs_log: ClassVar[bool] = False
    is_large: ClassVar[bool] = False

    def prepare(self, ready: Prepared) -> Prepared:
        """Change a scenario that is ready, if the measurement is of a changed one."""
        return ready

    @abstractmethod
    def take(self, played: SimulatedReplication) -> Any:
        """Take what is needed from one scenario, so that the rest can be let go."""

    def found(self, taken: Sequence[Any]) -> Arrays:
        """Return what is kept, from what was taken of each scenario; here there is one."""
        found: Arrays = taken[0]
        return found


@dataclass(frozen=True)
class Indicators(Measurement):
    """Every indicator, in the order of `indicators()`; NaN where null."""

    name: ClassVar[str] = "indicators"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure."""
        return {"indicators": np.array(list(measure(played.observations).values()))}


SERIES = "series."
"""What the names of series begin with."""


@dataclass(frozen=True)
class Details(Measurement):
    """Every indicator, the series for charts, and the rows of the event log."""

    name: ClassVar[str] = "details"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure."""
        observations = played.observations
        found = series(observations) | by_day(observations)
        return {
            "indicators": np.array(list(measure(observations).values())),
            "events": np.array(observations.table.rows),
            **{f"{SERIES}{name}": values for name, values in found.items()},
        }


@dataclass(frozen=True)
class Gains(Measurement):
    """Who gains and who loses: the second scenario against the first, person by person."""

    name: ClassVar[str] = "gains"

    def take(self, played: SimulatedReplication) -> ApplicantOutcomes:
        """Take how everyone's case went."""
        return applicant_outcomes(played.observations)

    def found(self, taken: Sequence[ApplicantOutcomes]) -> Arrays:
        """Compare them."""
        base, scenario = taken
        return {name: np.asarray(value) for name, value in vars(changes(base, scenario)).items()}


def changes_in(found: npt.NDArray[np.void]) -> Changes:
    """Return the changes that a replication's record of `Gains` holds."""
    return Changes(
        totals=found["totals"],
        bands=found["bands"],
        ends=found["ends"],
        only_base=int(found["only_base"]),
        only_scenario=int(found["only_scenario"]),
    )


@dataclass(frozen=True)
class QueuePerformanceWith(Measurement):
    """Calls that come too late and work that piles up, with people added to groups."""

    added: tuple[tuple[str, int], ...] = ()
    needs_log: ClassVar[bool] = True

    @property
    def name(self) -> str:  # type: ignore[override]
        """Tell how many are added where."""
        return f"queue_performance {self.variant}"

    @property
    def variant(self) -> str:  # type: ignore[override]
        """Tell how many are added where."""
        return " ".join(f"{group}+{number}" for group, number in self.added)

    def prepare(self, ready: Prepared) -> Prepared:
        """Add the people."""
        if not self.added:
            return ready
        network = with_people(ready.network, dict(self.added))
        return replace(ready, network=network, packed=packed(network))

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure."""
        assert played.log is not None  # noqa: S101  (it was asked for)
        found = queue_performance(played.observations, played.log, *played.ready.stations)
        return {name: np.asarray(values) for name, values in vars(found).items()}


def queue_performance_in(found: npt.NDArray[np.void]) -> QueuePerformance:
    """Return the queue_performance that a replication's record of `QueuePerformanceWith` holds."""
    return QueuePerformance(float(found["within"]), found["late"], found["growth"], found["use"])


@dataclass(frozen=True)
class Since(Measurement):
    """What becomes of the open cases and of newcomers from a day on."""

    day: str

    @property
    def name(self) -> str:  # type: ignore[override]
        """Tell the day."""
        return f"since {self.day}"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Measure."""
        start = played.ready.scenario.settings.horizon.start
        return since(played.observations, start, type(start).fromisoformat(self.day))


# Tables -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cases(Measurement):
    """The case table."""

    name: ClassVar[str] = "cases"

    def take(self, played: SimulatedReplication) -> Arrays:
        """Tabulate."""
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
        """Tabulate."""
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
    """Return the table that a replication's record of `Cases` or `EventLog` holds."""
    return pa.ipc.open_stream(pa.py_buffer(found["table"].tobytes())).read_all()


INDICATORS, DETAILS, GAINS, CASES, EVENT_LOG = Indicators(), Details(), Gains(), Cases(), EventLog()
