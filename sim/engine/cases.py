"""The case table of one replication, as the tally leaves it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.demand import Arrivals
from sim.engine.net import Records
from sim.engine.packed import Packed
from sim.engine.tally import NEVER, NOT_YET, STAYS, STOPS, ShortInts, Tally
from sim.process.network import ProcessNetwork

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CaseTable:
    """The cases of one replication; arrays of shape (cases,) unless said otherwise.

    Times are seconds from the start, `NEVER` if not reached.  Everything but the milestones
    is counted within the follow-up of the case: so much office time from its arrival.

    Parameters
    ----------
    arrivals
        Who the cases are.
    arrived_office_s
        Office seconds before the arrival.
    milestones
        Time of each milestone, by name.
    exit_s, outcome
        When and how the case ended (index into `outcomes`, -1 if open).
    outcomes, phases
        Labels.
    due_s
        When the promised limit runs out, suspensions included.
    visits, handoffs, staff_s
        Visits to public offices, hand-offs of the file, and seconds of staff work.
    phase_s
        Office seconds in each phase, shape (cases, phases); they add up to `elapsed_s`.
    elapsed_s
        Office seconds from arrival to the end of the case.
    phase_at
        Phase at the census, -1 if the case was not under way.
    stays
        Stays in the hall that began before the census, in the order they ended: records of
        ``enabled_s``, ``start_s``, ``end_s``, ``ticket`` and ``left``.
    stops
        Times during which the clocks of a case stood still: records of ``case``,
        ``start_s``, ``end_s``.
    busy_s
        Seconds at work until the census, by group.
    rows
        Rows of the log that this is the sum of.
    """

    arrivals: Arrivals
    arrived_office_s: ShortInts
    milestones: dict[str, ShortInts]
    exit_s: ShortInts
    outcome: ShortInts
    outcomes: tuple[str, ...]
    phases: tuple[str, ...]
    due_s: ShortInts
    visits: ShortInts
    handoffs: ShortInts
    staff_s: Floats
    phase_s: ShortInts
    elapsed_s: ShortInts
    phase_at: ShortInts
    stays: Records
    stops: Records
    busy_s: Ints
    rows: int

    def milestone(self, name: str) -> ShortInts:
        """Return the times of a milestone; one that no route has is never reached."""
        if name not in self.milestones:
            return np.full(len(self.exit_s), NEVER, np.int32)
        return self.milestones[name]


def case_table(
    network: ProcessNetwork, what: Packed, arrivals: Arrivals, tally: Tally, rows: int
) -> CaseTable:
    """Return the case table of a tally."""
    cases, office = tally.cases, network.office
    exit_s, due_s = cases["exit_s"].copy(), cases["due_s"].copy()
    due_s[due_s == NOT_YET] = NEVER
    arrived = office.elapsed_many(arrivals.time_s).astype(np.int32)
    ended = office.elapsed_many(np.minimum(exit_s, network.end_s)).astype(np.int32)
    ended[exit_s == NEVER] = NEVER
    return CaseTable(
        arrivals=arrivals,
        arrived_office_s=arrived,
        milestones={
            name: tally.milestones[:, number] for number, name in enumerate(what.milestones)
        },
        exit_s=exit_s,
        outcome=cases["outcome"].copy(),
        outcomes=what.outcomes,
        phases=what.phases,
        due_s=due_s,
        visits=cases["visits"].copy(),
        handoffs=cases["handoffs"].copy(),
        staff_s=cases["staff_s"].copy(),
        phase_s=tally.phase_s,
        elapsed_s=np.minimum(ended, cases["until_s"]) - arrived,
        phase_at=cases["phase_at"].copy(),
        stays=tally.stays[: tally.counters[STAYS]],
        stops=tally.stops[: tally.counters[STOPS]],
        busy_s=tally.busy_s,
        rows=rows,
    )
