"""Indicators of one replication, from arrays; what each means stands in `definitions.yaml`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.chance.history import History
from sim.engine.cases import CaseTable
from sim.engine.tally import NEVER, ShortInts
from sim.measure.books import Books
from sim.measure.crowd import Times, most_people
from sim.measure.definitions import Indicator, indicators
from sim.process.blocks import DAY_S
from sim.process.clock import WHOLE_DAY_S
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


class Ledger:
    """Columns of the cases and tickets of one replication, and who belongs to which book.

    Parameters
    ----------
    network, table
        What ran, and what happened.
    history
        The chance behind it, for complaints.
    books
        What the hall promises.
    """

    def __init__(
        self, network: ProcessNetwork, table: CaseTable, history: History, books: Books
    ) -> None:
        self.network = network
        self.table = table
        self.history = history
        self.books = books
        self.cases = self._cases()
        self.populations = self._populations()
        self.tickets = self._tickets()

    @cached_property
    def members(self) -> dict[str, npt.NDArray[np.intp]]:
        """The cases of each population, by number."""
        return {name: np.flatnonzero(flags) for name, flags in self.populations.items()}

    @property
    def busy_min(self) -> Floats:
        """Minutes at work of each group until the census."""
        return self.table.busy_s / 60

    @cached_property
    def attended_min(self) -> Floats:
        """Minutes attended by the people of each group until the census."""
        census_s = self.books.census_s
        lengths = {
            name: np.minimum(calendar.edges[1], census_s) - np.minimum(calendar.edges[0], census_s)
            for name, calendar in self.network.calendars.items()
        }
        return np.array(
            [
                float(capacity @ lengths[group.calendar]) / 60
                for group, capacity in zip(self.network.groups, self.history.capacity, strict=True)
            ]
        )

    @cached_property
    def decided_office_s(self) -> ShortInts:
        """Office seconds before each decision, shape (cases,)."""
        return self._office(self.table.milestone("decided"))

    @cached_property
    def due_office_s(self) -> ShortInts:
        """Office seconds before each due date, shape (cases,)."""
        return self._office(self.table.due_s)

    @cached_property
    def census_office_s(self) -> int:
        """Office seconds before the census."""
        return self.network.office.elapsed(min(self.books.census_s, self.network.end_s))

    def column(self, name: str, cases: npt.NDArray[np.intp]) -> Column:
        """Return a column of some cases; a phase that no route of this hall has takes no days."""
        if name in self.cases:
            return self.cases[name][cases]
        if name.startswith("days_") and name not in self.times:
            return np.zeros(len(cases))
        seconds, unit_s = self.times[name]
        return np.asarray(seconds[cases] / unit_s)

    @cached_property
    def times(self) -> dict[str, tuple[npt.NDArray[np.number], int]]:
        """The columns of the table that are times, and the seconds in their unit."""
        table = self.table
        return {
            "elapsed_wd": (table.elapsed_s, DAY_S),
            "staff_min": (table.staff_s, 60),
            **{f"days_{name}": (table.phase_s[:, n], DAY_S) for n, name in enumerate(table.phases)},
        }

    def _cases(self) -> dict[str, Column]:
        table, books, census = self.table, self.books, self.books.census_s
        route = table.arrivals.route
        decided, in_hand = table.milestone("decided"), table.milestone("in_hand")
        refused = np.where(table.outcome >= 0, table.exit_s, NEVER)
        refused = np.where(self._outcome("done"), NEVER, refused)
        completed = np.minimum(decided, refused)
        by_census = completed < census
        clock_start_s = self._clock_start_s()
        used_s = np.minimum(self.decided_office_s, self.census_office_s) - clock_start_s
        used_wd = np.maximum(0, used_s - self._stopped_s(clock_start_s)) / DAY_S
        on_time = decided <= table.due_s
        left_wd = (self.due_office_s - self.decided_office_s) / DAY_S
        completed_office_s = np.minimum(self.decided_office_s, self._office(refused))
        received_office_s = self._office(table.milestone("received"))
        in_time = self._within_follow_up(in_hand, self._office(in_hand))
        visits = table.visits
        columns: dict[str, Column] = {
            "all": np.ones(len(route), np.bool_),
            "completed_by_census": by_census,
            "open_at_census": ~by_census,
            "decided_by_census": decided < census,
            "decided_on_time": on_time & (decided < census),
            "decided_early": on_time & (left_wd >= 1),
            "open_overdue": ~by_census & (table.due_s < census),
            "warned": left_wd <= 1,
            "immediate": table.milestone("immediate") < NEVER,
            "closed_elapsed_wd": (completed_office_s - received_office_s) / DAY_S,
            "limit_used_wd": used_wd,
            "promised_wd": books.promised_wd[route],
            "visits": visits,
            "one_visit": in_time & (visits == 1),
            "handoffs": table.handoffs,
            "made_up": table.milestone("made_up") < NEVER,
            "returned": self._outcome("returned"),
            "withdrawn": self._outcome("withdrawn"),
            "complaint": self._complaints(),
            "fee_yuan": np.where(decided < census, books.fee_yuan[route], 0.0),
            "entered": books.entered[route],
            "full_authority": books.full[route],
        }
        return columns | self._open_causes(~by_census)

    def _outcome(self, name: str) -> Flags:
        if name not in self.table.outcomes:
            return np.zeros(len(self.table.outcome), np.bool_)
        return np.equal(self.table.outcome, self.table.outcomes.index(name))

    def _within_follow_up(self, times: Times, office_s: ShortInts) -> Flags:
        in_time = office_s - self.table.arrived_office_s <= self.books.follow_up_s
        return (times < NEVER) & in_time

    def _office(self, times: Times) -> ShortInts:
        held = np.minimum(times, self.network.end_s)
        return self.network.office.elapsed_many(held).astype(np.int32)

    def _clock_start_s(self) -> Ints:
        """Return office seconds at the opening after the day of acceptance."""
        accepted = np.minimum(self.table.milestone("accepted"), self.network.end_s)
        office = self.network.office
        opens = np.array(office.day_opens)
        day = np.searchsorted(opens // WHOLE_DAY_S, accepted // WHOLE_DAY_S, side="right")
        return office.elapsed_many(opens)[np.minimum(day, len(opens) - 1)]

    def _stopped_s(self, clock_start_s: Ints) -> Floats:
        """Return office seconds for which a clock that had started stood still."""
        stops, office = self.table.stops, self.network.office
        begin = np.maximum(office.elapsed_many(stops["start_s"]), clock_start_s[stops["case"]])
        stood_still_s = np.maximum(0, office.elapsed_many(stops["end_s"]) - begin)
        return np.bincount(stops["case"], stood_still_s, len(clock_start_s)).astype(np.float64)

    def _complaints(self) -> Flags:
        until_office_s = np.minimum(self.decided_office_s, self.census_office_s)
        overdue = np.maximum(0, until_office_s - self.due_office_s) / DAY_S
        visits = self.table.visits.astype(np.float64)
        probability = complaint_probability(self.books.complaints, overdue, visits)
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
        table, books, census = self.table, self.books, self.books.census_s
        counted = books.counted[table.arrivals.route]
        everyone = counted & (table.arrivals.time_s < census)
        received = counted & (table.milestone("received") < census)
        cases = self.cases
        due = (table.milestone("accepted") < census) & (table.due_s < census)
        decided = table.milestone("decided")
        decided_in_follow_up = self._within_follow_up(decided, self.decided_office_s)
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
        taken = self.table.stays[self.table.stays["ticket"] == 1]
        hall = self.network.calendars[self.network.ticket_calendar]
        enabled = taken["enabled_s"]
        wait_min = (hall.elapsed_many(taken["start_s"]) - hall.elapsed_many(enabled)) / 60
        left = taken["left"] == 1
        return {
            "enabled_s": enabled,
            "wait_min": wait_min,
            "left": left,
            "wait_within_target": ~left & (wait_min <= self.books.wait_target_min),
        }


def measure(ledger: Ledger) -> dict[str, float]:
    """Return every indicator of one replication; NaN where a figure is null."""
    run = run_figures(ledger)
    return {name: _figure(one, ledger, run) for name, one in indicators().items()}


def _figure(one: Indicator, ledger: Ledger, run: Mapping[str, float]) -> float:
    if one.how == "run":
        return run[one.of]
    if one.over == "tickets":
        values = ledger.tickets[one.of]
    else:
        values = ledger.column(one.of, ledger.members[one.over])
    if one.how in ("count", "sum"):
        return float(values.sum())
    if not len(values):
        return math.nan
    if one.how == "quantile":
        return _quantile(values, one, ledger)
    if one.how == "ratio":
        weights = ledger.column(one.by, ledger.members[one.by_over]).sum()
        return float(values.sum() / weights) if weights else math.nan
    return float(values.max() if one.how == "max" else values.mean())


def _quantile(values: Column, one: Indicator, ledger: Ledger) -> float:
    """Return a quantile; null if it lies at the end of the follow-up, where times are cut."""
    reached = float(np.quantile(values, one.quantile, method="inverted_cdf"))
    cut = one.unit == "wd" and reached >= ledger.books.follow_up_s / DAY_S
    return math.nan if cut else reached


# Figures of the whole run -------------------------------------------------------------------


def run_figures(ledger: Ledger) -> dict[str, float]:
    """Return the figures that belong to the run and not to a population."""
    books, populations = ledger.books, ledger.populations
    completed = ledger.cases["completed_by_census"]
    stays = ledger.table.stays
    people = float(most_people(stays["enabled_s"], stays["end_s"]))
    return books.fixed | {
        "completed_per_wd": float(completed[populations["received"]].sum()) / books.census_wd,
        "all_completed_per_wd": float(completed[populations["all_cases"]].sum()) / books.census_wd,
        "hall_people_max": people,
        "hall_crowding_max": people / books.hall_places,
        **_utilisation(ledger),
    }


def _utilisation(ledger: Ledger) -> dict[str, float]:
    busy, attended = ledger.busy_min, ledger.attended_min
    groups = ledger.network.groups
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
