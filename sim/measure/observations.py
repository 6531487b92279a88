"""What one replication shows: columns of its cases and calls, and the populations of figures."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.chance.history import History
from sim.engine.cases import CaseTable
from sim.engine.log import Status
from sim.engine.net import Records
from sim.engine.tally import NEVER, ShortInts
from sim.measure.attendance import beyond_attendance_s
from sim.measure.crowd import Times
from sim.measure.hall_facts import HallFacts
from sim.process.clock import WD_TICKS, WHOLE_DAY_S
from sim.process.network import ProcessNetwork
from sim.rules.complaints import complaint_probability

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Column = npt.NDArray[np.number] | Flags

OPEN_CAUSES = {
    "blocked": ("blocked",),
    "higher_level": ("higher_level",),
    "applicant": ("applicant",),
    "suspended": ("inspection",),
}
"""Causes under which open cases are counted, with their phases; all other phases are in flow."""


class Observations:
    """Columns of the cases and calls of one replication, and the members of each population.

    Parameters
    ----------
    network, table
        The network that was simulated, and the table of its cases.
    history
        Random history of the replication, for attendance and complaints.
    facts
        Facts about the routes and the hall.

    Attributes
    ----------
    cases
        Columns of the cases that are computed at once, by name; arrays of shape (cases,).
    populations
        Whether each case belongs to a population, by its name; arrays of shape (cases,).
    tickets
        Columns of the calls in the hall, by name; arrays of shape (calls,).
    hall_visits
        Columns of the visits to the hall, by name; arrays of shape (visits,).
    """

    def __init__(
        self, network: ProcessNetwork, table: CaseTable, history: History, facts: HallFacts
    ) -> None:
        self.network = network
        self.table = table
        self.history = history
        self.facts = facts
        self.cases = self._cases()
        self.populations = self._populations()
        self.tickets = self._tickets()
        self.hall_visits = self._hall_visits()

    @cached_property
    def members(self) -> dict[str, npt.NDArray[np.intp]]:
        """Numbers of the cases of each population, by its name; arrays of shape (members,)."""
        return {name: np.flatnonzero(flags) for name, flags in self.populations.items()}

    @property
    def busy_min(self) -> Floats:
        """Person-minutes at work in open hours until the census, shape (groups,)."""
        return self.table.busy_s / 60

    @cached_property
    def attended_min(self) -> Floats:
        """Person-minutes attended in open hours until the census, shape (groups,).

        People who are absent but finish work begun before attend until it is finished.
        """
        census_s = self.facts.census_s
        lengths = {
            name: np.minimum(calendar.edges[1], census_s) - np.minimum(calendar.edges[0], census_s)
            for name, calendar in self.network.calendars.items()
        }
        present_s = np.array(
            [
                capacity @ lengths[group.calendar]
                for group, capacity in zip(self.network.groups, self.history.capacity, strict=True)
            ],
            np.float64,
        )
        beyond_s = beyond_attendance_s(
            self.network, self.history.capacity, self.table.carried_over, census_s
        )
        return np.asarray((present_s + beyond_s) / 60)

    @cached_property
    def decided_tick(self) -> ShortInts:
        """Time of each decision in ticks of a working day, shape (cases,).

        The end of the calendar for cases without a decision.
        """
        return self._tick(self.table.milestone("decided"))

    @cached_property
    def due_tick(self) -> ShortInts:
        """Due date of each case in ticks of a working day, shape (cases,).

        The end of the calendar for cases without a due date.
        """
        return self._tick(self.table.due_s)

    @cached_property
    def census_tick(self) -> int:
        """Time of the census in ticks of a working day."""
        return self.network.working_days.tick(min(self.facts.census_s, self.network.end_s))

    def column(self, name: str, cases: npt.NDArray[np.intp]) -> Column:
        """Return a column of some cases.

        Parameters
        ----------
        name
            Key of `cases` or `times`, or ``days_`` and the id of a phase.
        cases
            Numbers of the cases, shape (n,).

        Returns
        -------
        ndarray
            Values in the unit of the column, shape (n,); 0 days for a phase that no route has.
        """
        if name in self.cases:
            return self.cases[name][cases]
        if name.startswith("days_") and name not in self.times:
            return np.zeros(len(cases))
        times, unit = self.times[name]
        return np.asarray(times[cases] / unit)

    @cached_property
    def times(self) -> dict[str, tuple[npt.NDArray[np.number], int]]:
        """Columns of the table that are times, by name, with the ticks or seconds in their unit."""
        table, days = self.table, enumerate(self.table.phases)
        return {
            "elapsed_wd": (table.elapsed_ticks, WD_TICKS),
            "staff_min": (table.staff_s, 60),
            **{f"days_{name}": (table.phase_ticks[:, n], WD_TICKS) for n, name in days},
        }

    def _cases(self) -> dict[str, Column]:
        table, facts, census = self.table, self.facts, self.facts.census_s
        route = table.arrivals.route
        decided, in_hand = table.milestone("decided"), table.milestone("in_hand")
        refused = np.where(table.outcome >= 0, table.exit_s, NEVER)
        refused = np.where(self._outcome("done"), NEVER, refused)
        completed = np.minimum(decided, refused)
        # Events in the second of the census, a midnight, belong to the day that ends then.
        by_census = completed <= census
        clock_start = self._clock_start_tick()
        used = np.minimum(self.decided_tick, self.census_tick) - clock_start
        used_wd = np.maximum(0, used - self._stopped_ticks(clock_start)) / WD_TICKS
        on_time = decided <= table.due_s
        left_wd = (self.due_tick - self.decided_tick) / WD_TICKS
        completed_tick = np.minimum(self.decided_tick, self._tick(refused))
        received_tick = self._tick(table.milestone("received"))
        in_time = self._within_follow_up(in_hand, self._tick(in_hand))
        visits = table.visits
        columns: dict[str, Column] = {
            "all": np.ones(len(route), np.bool_),
            "completed_by_census": by_census,
            "open_at_census": ~by_census,
            "decided_by_census": decided <= census,
            "decided_on_time": on_time & (decided <= census),
            "decided_early": on_time & (left_wd >= 1),
            "open_overdue": ~by_census & (table.due_s <= census),
            "warned": left_wd <= 1,
            "immediate": table.milestone("immediate") < NEVER,
            "closed_elapsed_wd": (completed_tick - received_tick) / WD_TICKS,
            "limit_used_wd": used_wd,
            "promised_wd": facts.promised_wd[route],
            "visits": visits,
            "one_visit": in_time & (visits == 1),
            "handoffs": table.handoffs,
            "made_up": table.milestone("made_up") < NEVER,
            "returned": self._outcome("returned"),
            "served": self.served,
            "elapsed_served_wd": np.where(self.served, table.elapsed_ticks / WD_TICKS, np.inf),
            "withdrawn": self._outcome("withdrawn"),
            "complaint": self._complaints(),
            "fee_yuan": np.where(decided <= census, facts.fee_yuan[route], 0.0),
            "entered": facts.entered[route],
            "full_authority": facts.full[route],
        }
        return columns | self._open_causes(~by_census)

    @cached_property
    def served(self) -> Flags:
        """Whether each applicant was served within the follow-up, shape (cases,)."""
        return self.ended_in_time & (self._outcome("done") | self._outcome("returned"))

    @cached_property
    def ended_in_time(self) -> Flags:
        """Whether each case ended within its follow-up, with any outcome, shape (cases,)."""
        return self._within_follow_up(self.table.exit_s, self._tick(self.table.exit_s))

    def _outcome(self, name: str) -> Flags:
        if name not in self.table.outcomes:
            return np.zeros(len(self.table.outcome), np.bool_)
        return np.equal(self.table.outcome, self.table.outcomes.index(name))

    def _within_follow_up(self, times: Times, ticks: ShortInts) -> Flags:
        in_time = ticks - self.table.arrived_tick <= self.facts.follow_up_wd * WD_TICKS
        return (times < NEVER) & in_time

    def _tick(self, times: Times) -> ShortInts:
        """Return times in ticks of a working day, cut at the last close of the calendar."""
        cut = np.minimum(times, self.network.working_days.closes[-1])
        return self.network.working_days.tick_many(cut).astype(np.int32)

    def _clock_start_tick(self) -> Ints:
        """Return the ticks before the first opening after the day of acceptance, shape (cases,)."""
        accepted = np.minimum(self.table.milestone("accepted"), self.network.end_s)
        opens = np.array(self.network.working_days.day_opens)
        day = np.searchsorted(opens // WHOLE_DAY_S, accepted // WHOLE_DAY_S, side="right")
        return np.asarray(day * WD_TICKS)

    def _stopped_ticks(self, clock_start: Ints) -> Floats:
        """Return the ticks for which the clock of each case stood still after it had started."""
        stops, days = self.table.stops, self.network.working_days
        begin = np.maximum(days.tick_many(stops["start_s"]), clock_start[stops["case"]])
        stood_still = np.maximum(0, days.tick_many(stops["end_s"]) - begin)
        return np.bincount(stops["case"], stood_still, len(clock_start)).astype(np.float64)

    def _complaints(self) -> Flags:
        until = np.minimum(self.decided_tick, self.census_tick)
        overdue = np.maximum(0, until - self.due_tick) / WD_TICKS
        visits = self.table.visits.astype(np.float64)
        probability = complaint_probability(self.facts.complaints, overdue, visits)
        return self.history.draws.column("complaint") < probability

    def _open_causes(self, open_: Flags) -> dict[str, Column]:
        phases = self.table.phases
        causes = [(), *OPEN_CAUSES.values()]
        # One more place at the end, for phase -1: not under way.
        of_phase = [
            next((number for number, members in enumerate(causes) if phase in members), 0)
            for phase in phases
        ]
        cause = np.where(open_, np.array([*of_phase, 0])[self.table.phase_at], -1)
        names = ["in_flow", *OPEN_CAUSES]
        return {f"open_{name}": cause == number for number, name in enumerate(names)}

    def _populations(self) -> dict[str, Flags]:
        table, census = self.table, self.facts.census_s
        everyone = table.arrivals.time_s < census
        received = table.milestone("received") < census
        cases = self.cases
        due = (table.milestone("accepted") < census) & (table.due_s <= census)
        decided = table.milestone("decided")
        decided_in_follow_up = self._within_follow_up(decided, self.decided_tick)
        return {
            "received": received,
            "accepted_due": received & due,
            "completed": received & cases["completed_by_census"].astype(np.bool_),
            "decided": received & cases["decided_by_census"].astype(np.bool_),
            "open": received & cases["open_at_census"].astype(np.bool_),
            "hall_cases": received,
            "hall_decided": received & decided_in_follow_up,
            "all_cases": everyone,
            "all_accepted_due": everyone & due,
        }

    def _tickets(self) -> dict[str, Column]:
        """Return columns of the calls of all who join a line in the hall, also without a ticket."""
        calls = self.calls
        wait_min = (calls["start_s"] - calls["enabled_s"]) / 60
        hall = self.network.hall
        open_s = hall.elapsed_many(calls["start_s"]) - hall.elapsed_many(calls["enabled_s"])
        left = calls["status"] == Status.LEFT
        return {
            "enabled_s": calls["enabled_s"],
            "wait_min": wait_min,
            "wait_open_min": open_s / 60,
            "left": left,
            "wait_within_target": ~left & (wait_min <= self.facts.wait_target_min),
        }

    @cached_property
    def calls(self) -> Records:
        """Records of the stays of applicants who joined a line in the hall, shape (calls,)."""
        stays = self.table.stays
        return np.asarray(stays[stays["status"] != Status.TURNED_AWAY])

    def _hall_visits(self) -> dict[str, Column]:
        """Return the columns of the visits on which a line was joined; waits of a visit add up."""
        calls = self.calls
        visit = calls["case"].astype(np.int64) << 16 | calls["arrival"]
        _, of_visit = np.unique(visit, return_inverse=True)
        return {"wait_min": np.bincount(of_visit, self.tickets["wait_min"])}
