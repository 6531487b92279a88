"""The case table of one replication, made from its tally."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.demand import Arrivals
from sim.engine.net import Records
from sim.engine.packed import Packed
from sim.engine.tally import CARRIED, NEVER, NOT_YET, STAYS, STOPS, ShortInts, Tally
from sim.process.blocks import GIVEN_UP, WITHDRAWN
from sim.process.network import ProcessNetwork

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CaseTable:
    """The cases of one replication; arrays of shape (cases,) unless said otherwise.

    Times are seconds since the start, `NEVER` if not reached.  Counts and durations end with the
    follow-up of the case, a number of working days from its arrival; milestones and ends of cases
    are kept whenever they happen.

    Parameters
    ----------
    arrivals
        The applicants, in order of arrival.
    arrived_tick
        Ticks of working days from the start to the arrival.
    milestones
        Time of each milestone, by name.
    exit_s, outcome
        When and how the case ended (index into `outcomes`, -1 if open).
    outcomes, phases
        Names of the outcomes and phases, in the order of their numbers.
    due_s
        When the promised limit runs out, suspensions included.
    visits, handoffs, staff_s
        Visits to public offices, hand-offs of the file, and seconds of staff work.
    phase_ticks
        Ticks in each phase, shape (cases, phases); they add up to `elapsed_ticks`.
    elapsed_ticks
        Ticks of working days from arrival to the end of the case; the whole follow-up if the case
        is open or the applicant gave up.
    phase_at
        Number of the phase at the census, -1 if the case was not under way.
    stays
        Stays in the hall that began before the census, in the order in which they ended: records of
        ``case``, ``enabled_s``, ``start_s``, ``end_s``, ``arrival`` (number of the
        case's visit, from 1) and ``status``.
    stops
        Times during which the clocks of a case were stopped: records of ``case``,
        ``start_s``, ``end_s``.
    carried_over
        Work before the census that went on into another interval, of groups in which the number
        of people present may change: records of ``group``, ``start_s``, ``end_s``.
    busy_s, overtime_s
        Seconds at work until the census, within and outside open hours, shape (groups,).
    rows
        Number of rows of the log from which the table was made.
    """

    arrivals: Arrivals
    arrived_tick: ShortInts
    milestones: dict[str, ShortInts]
    exit_s: ShortInts
    outcome: ShortInts
    outcomes: tuple[str, ...]
    phases: tuple[str, ...]
    due_s: ShortInts
    visits: ShortInts
    handoffs: ShortInts
    staff_s: Floats
    phase_ticks: ShortInts
    elapsed_ticks: ShortInts
    phase_at: ShortInts
    stays: Records
    stops: Records
    carried_over: Records
    busy_s: Ints
    overtime_s: Ints
    rows: int

    def milestone(self, name: str) -> ShortInts:
        """Return the times of a milestone; one that no route has is never reached.

        Parameters
        ----------
        name
            Name of the milestone.

        Returns
        -------
        ShortInts
            Seconds since the start, shape (cases,); `NEVER` for a case that has not reached it.
        """
        if name not in self.milestones:
            return np.full(len(self.exit_s), NEVER, np.int32)
        return self.milestones[name]


def case_table(
    network: ProcessNetwork, what: Packed, arrivals: Arrivals, tally: Tally, rows: int
) -> CaseTable:
    """Return the case table of a tally.

    Parameters
    ----------
    network
        The network that was simulated.
    what
        The same network, packed.
    arrivals
        The cases in order of arrival.
    tally
        The tally at the end of the run; the table takes over some of its arrays, and the days that
        were left to applicants who gave up are added to them.
    rows
        Number of rows of the log.

    Returns
    -------
    CaseTable
        The table, with elapsed time counted within each case's follow-up.
    """
    cases, days = tally.cases, network.working_days
    exit_s, due_s = cases["exit_s"].copy(), cases["due_s"].copy()
    due_s[due_s == NOT_YET] = NEVER
    arrived = days.tick_many(arrivals.time_s).astype(np.int32)
    ended = days.tick_many(np.minimum(exit_s, network.end_s)).astype(np.int32)
    ended[exit_s == NEVER] = NEVER
    elapsed = np.minimum(ended, cases["until_tick"]) - arrived
    if WITHDRAWN in what.outcomes:
        gave_up = np.flatnonzero(cases["outcome"] == what.outcomes.index(WITHDRAWN))
        whole = cases["until_tick"][gave_up] - arrived[gave_up]
        tally.phase_ticks[gave_up, what.phases.index(GIVEN_UP)] = whole - elapsed[gave_up]
        elapsed[gave_up] = whole
    return CaseTable(
        arrivals=arrivals,
        arrived_tick=arrived,
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
        phase_ticks=tally.phase_ticks,
        elapsed_ticks=elapsed,
        phase_at=cases["phase_at"].copy(),
        stays=tally.stays[: tally.counters[STAYS]],
        stops=tally.stops[: tally.counters[STOPS]],
        carried_over=tally.carried_over[: tally.counters[CARRIED]],
        busy_s=tally.busy_s,
        overtime_s=tally.overtime_s,
        rows=rows,
    )
