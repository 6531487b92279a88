"""Indicators of one replication, from arrays; what each means stands in `definitions.yaml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.chance.history import History
from sim.engine.cases import CaseTable
from sim.engine.log import Status
from sim.engine.net import Records
from sim.engine.tally import NEVER, ShortInts
from sim.measure.attendance import beyond_attendance_s
from sim.measure.crowd import Times, most_people
from sim.measure.definitions import Indicator, indicators
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
"""Phases in which an open case is counted under a cause; all others are in flow."""


class Observations:
    """Columns of the cases and calls of one replication, and who belongs to which book.

    Parameters
    ----------
    network, table
        What ran, and what happened.
    history
        The chance behind it, for complaints.
    facts
        What the hall promises.
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
        """The cases of each population, by number."""
        return {name: np.flatnonzero(flags) for name, flags in self.populations.items()}

    @property
    def busy_min(self) -> Floats:
        """Open minutes at work of each group until the census."""
        return self.table.busy_s / 60

    @cached_property
    def attended_min(self) -> Floats:
        """Open minutes attended by the people of each group until the census.

        Who is away but finishes what was begun before attends until it is done.
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
        """Ticks of working days before each decision, shape (cases,)."""
        return self._tick(self.table.milestone("decided"))

    @cached_property
    def due_tick(self) -> ShortInts:
        """Ticks of working days before each due date, shape (cases,)."""
        return self._tick(self.table.due_s)

    @cached_property
    def census_tick(self) -> int:
        """Ticks of working days before the census."""
        return self.network.working_days.tick(min(self.facts.census_s, self.network.end_s))

    def column(self, name: str, cases: npt.NDArray[np.intp]) -> Column:
        """Return a column of some cases; a phase that no route of this hall has takes no days."""
        if name in self.cases:
            return self.cases[name][cases]
        if name.startswith("days_") and name not in self.times:
            return np.zeros(len(cases))
        times, unit = self.times[name]
        return np.asarray(times[cases] / unit)

    @cached_property
    def times(self) -> dict[str, tuple[npt.NDArray[np.number], int]]:
        """The columns of the table that are times, and the ticks or seconds in their unit."""
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
        # What happens in the second of the census, a midnight, is the last of its day.
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
        """Whether each case ended within its follow-up, however, shape (cases,)."""
        return self._within_follow_up(self.table.exit_s, self._tick(self.table.exit_s))

    def _outcome(self, name: str) -> Flags:
        if name not in self.table.outcomes:
            return np.zeros(len(self.table.outcome), np.bool_)
        return np.equal(self.table.outcome, self.table.outcomes.index(name))

    def _within_follow_up(self, times: Times, ticks: ShortInts) -> Flags:
        in_time = ticks - self.table.arrived_tick <= self.facts.follow_up_wd * WD_TICKS
        return (times < NEVER) & in_time

    def _tick(self, times: Times) -> ShortInts:
        held = np.minimum(times, self.network.working_days.closes[-1])
        return self.network.working_days.tick_many(held).astype(np.int32)

    def _clock_start_tick(self) -> Ints:
        """Return the ticks before the opening after the day of acceptance."""
        accepted = np.minimum(self.table.milestone("accepted"), self.network.end_s)
        opens = np.array(self.network.working_days.day_opens)
        day = np.searchsorted(opens // WHOLE_DAY_S, accepted // WHOLE_DAY_S, side="right")
        return np.asarray(day * WD_TICKS)

    def _stopped_ticks(self, clock_start: Ints) -> Floats:
        """Return the ticks for which a clock that had started stood still."""
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
        # One more phase, the last, is -1: not under way.
        of_phase = [next((n for n, of in enumerate(causes) if name in of), 0) for name in phases]
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
        """Return the calls: whoever joins a line in the hall, with a ticket or from a window."""
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
        """The stays of those who joined a line in the hall."""
        stays = self.table.stays
        return np.asarray(stays[stays["status"] != Status.TURNED_AWAY])

    def _hall_visits(self) -> dict[str, Column]:
        """Return the visits on which somebody joined a line, with all their waiting."""
        calls = self.calls
        visit = calls["case"].astype(np.int64) << 16 | calls["arrival"]
        _, of_visit = np.unique(visit, return_inverse=True)
        return {"wait_min": np.bincount(of_visit, self.tickets["wait_min"])}


def measure(observations: Observations) -> dict[str, float]:
    """Return every indicator of one replication; NaN where a figure is null."""
    run = run_figures(observations)
    return {name: _figure(one, observations, run) for name, one in indicators().items()}


def _figure(one: Indicator, observations: Observations, run: Mapping[str, float]) -> float:
    if one.how == "run":
        return run[one.of]
    if one.over in ("tickets", "hall_visits"):
        values = getattr(observations, one.over)[one.of]
    else:
        values = observations.column(one.of, observations.members[one.over])
    if one.how in ("count", "sum"):
        return float(values.sum())
    if not len(values):
        return math.nan
    if one.how == "quantile":
        return _quantile(values, one.quantile)
    if one.how == "ratio":
        weights = observations.column(one.by, observations.members[one.by_over]).sum()
        return float(values.sum() / weights) if weights else math.nan
    return float(values.max() if one.how == "max" else values.mean())


def _quantile(values: Column, probability: float) -> float:
    """Return a quantile; null if it lies among those who were not served within the follow-up."""
    reached = float(np.quantile(values, probability, method="inverted_cdf"))
    return reached if math.isfinite(reached) else math.nan


# Figures of the whole run -------------------------------------------------------------------


def run_figures(observations: Observations) -> dict[str, float]:
    """Return the figures that belong to the run and not to a population."""
    facts, populations = observations.facts, observations.populations
    completed = observations.cases["completed_by_census"]
    stays, calls = observations.table.stays, observations.calls
    people = float(most_people(calls["enabled_s"], calls["end_s"]))
    turned_away = len(stays) - len(calls)
    return facts.fixed | {
        "completed_per_wd": float(completed[populations["received"]].sum()) / facts.census_wd,
        "all_completed_per_wd": float(completed[populations["all_cases"]].sum()) / facts.census_wd,
        "hall_people_max": people,
        "hall_crowding_max": people / facts.hall_places,
        "turned_away_rate": turned_away / len(stays) if len(stays) else math.nan,
        "overtime_min_per_wd": float(observations.table.overtime_s.sum()) / 60 / facts.census_wd,
        **_utilisation(observations),
    }


def _utilisation(observations: Observations) -> dict[str, float]:
    busy, attended = observations.busy_min, observations.attended_min
    groups = observations.network.groups
    in_hall = np.array([not group.pauses for group in groups], np.bool_)

    def ratio(members: Flags | list[int]) -> float:
        there = attended[members].sum()
        return float(busy[members].sum() / there) if there else math.nan

    units: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        if not group.pauses:
            units.setdefault(group.unit or group.name, []).append(number)
    return {
        "window_utilisation": ratio(in_hall),
        "window_utilisation_max": max(map(ratio, units.values()), default=math.nan),
        "office_utilisation": ratio(~in_hall),
    }
