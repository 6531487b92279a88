"""The journey: what an applicant goes through, from the door to the document in hand."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count, takewhile

from sim.process.blocks import Block, Chance, Choice, sequence
from sim.process.clock import WHOLE_DAY_S, Calendar
from sim.process.network import (
    ALWAYS_IN_FORCE,
    ProcessNetwork,
    Route,
    Session,
    Span,
)
from sim.process.phases import phased
from sim.rules.acceptance import acceptance
from sim.rules.authorization import (
    authorities,
    decision,
    decision_off_books,
    goes_off_books,
    one_sitting_items,
)
from sim.rules.collection import collection
from sim.rules.hall import Hall, chance
from sim.rules.item_entry import arrival, entered_items
from sim.rules.offices import BACK, CLEARANCE, MEETING, OFFICE, OUT, leader
from sim.rules.staffing import staff_of
from sim.rules.tickets import OPENING
from sim.rules.working_time import (
    WORKING_DAYS,
    WorkingTime,
    clock_s,
    longest_limit_wd,
    working_time,
)
from sim.scenario.catalogue import Item
from sim.scenario.model import Scenario

MEETING_DAY_PART_S = 1800
"""Coordination meetings begin half an hour after the offices open."""
DAYS_PER_MONTH = 365.25 / 12
WORKING_DAYS_PER_YEAR = 250
"""Approximate number in the official calendar."""


def journey(item: Item, hall: Hall) -> Block:
    """Visit the hall (or the home department) for one item.

    Parameters
    ----------
    item
        The item applied for.
    hall
        The hall under its policy.

    Returns
    -------
    Block
        All that an applicant goes through; every way through it ends the case.
    """
    later = hall.has_entered(item) or item.made_outside
    way: Block = sequence(
        acceptance(item, hall),
        decision(item, hall),
        collection(item, hall) if later else None,
    )
    if goes_off_books(item, hall):
        way = _perhaps_off_books(item, hall, way)
    return sequence(arrival(item, hall), way)


def _perhaps_off_books(item: Item, hall: Hall, way: Block) -> Block:
    """Handle some cases before they are registered."""
    unseen = sequence(
        acceptance(item, hall, registered=False),
        decision_off_books(item, hall),
        collection(item, hall),
    )
    off_books = Chance(chance("off_books"), hall.settings.registration.off_books_share)
    return Choice(
        ((off_books, unseen), (None, way)),
        "off the books?",
        "journey · registration.off_books_share",
    )


def hall_of(scenario: Scenario) -> Hall:
    """Apply the policy: entry, then authorization, then where people work.

    Parameters
    ----------
    scenario
        The scenario; a transition to other policies is left out.

    Returns
    -------
    Hall
        The hall under its policy.
    """
    settings = scenario.settings
    entered = entered_items(scenario.items, settings.policy.entry)
    authority = authorities(scenario.items, entered, settings.policy)
    return Hall(
        settings=settings,
        departments={department.id: department for department in scenario.departments},
        entered=entered,
        one_sitting=one_sitting_items(scenario.items, settings.service.one_sitting_share),
        authority=authority,
        staff=staff_of(settings, scenario.departments, scenario.items, entered, authority),
    )


def network_of(scenario: Scenario) -> ProcessNetwork:
    """Build everything an engine needs except chance; dormant items have no route.

    Where policies change on a date, the routes and people of each follow each other.

    Parameters
    ----------
    scenario
        The scenario, with its transition if it has one.

    Returns
    -------
    ProcessNetwork
        Routes, people, sessions and calendars.
    """
    transition = scenario.transition
    if transition is None:
        return _network(scenario, _time_of(scenario, [scenario]))
    start = scenario.settings.horizon.start
    department_of = {item.id: item.department for item in scenario.items}

    def span_of(variant: int, unit: str) -> Span | None:
        days = transition.days(variant, unit)
        if days is None:
            return None
        first, after = ((day - start).days * WHOLE_DAY_S if day else None for day in days)
        return first or 0, ALWAYS_IN_FORCE[1] if after is None else after

    time = _time_of(scenario, transition.variants)
    networks = [_network(variant, time) for variant in transition.variants]
    return phased(networks, span_of, department_of.__getitem__)


def _time_of(scenario: Scenario, variants: Sequence[Scenario]) -> WorkingTime:
    """Return working time that is long enough for every limit of these policies."""
    factor = max(variant.settings.policy.limit_factor for variant in variants)
    extension_wd = max(variant.settings.registration.extension_wd for variant in variants)
    promised_wd = [item.promised_wd * factor + extension_wd for item in scenario.items]
    return working_time(scenario.settings, longest_limit_wd(scenario.settings, promised_wd))


def _network(scenario: Scenario, time: WorkingTime) -> ProcessNetwork:
    settings = scenario.settings
    hall = hall_of(scenario)
    routes = [
        Route(
            item.id,
            journey(item, hall),
            item.cases_per_wd,
            volume(item, scenario),
            rhythm=None if hall.has_entered(item) else time.office_rhythm,
        )
        for item in scenario.items
        if item.cases_per_wd > 0
    ]
    return ProcessNetwork(
        routes=tuple(routes),
        groups=hall.staff.groups,
        sessions=_sessions(
            scenario,
            time.calendars["hall"],
            time.calendars[WORKING_DAYS],
            hall.leader_attendance,
        ),
        calendars=time.calendars,
        rhythm=time.hall_rhythm,
        end_s=time.end_s,
        closing=settings.hall.closing,
        discipline=settings.policy.discipline,
        working_calendar=WORKING_DAYS,
        overtime_max_s=round(settings.hall.overtime_max_min * 60),
    )


def volume(item: Item, scenario: Scenario) -> float:
    """Return the factor on an item's base demand.

    Parameters
    ----------
    item
        Any item of the catalogue.
    scenario
        Its demand is read.

    Returns
    -------
    float
        1 = as surveyed.
    """
    demand = scenario.settings.demand
    return demand.volume * (1.0 if item.entered else demand.hidden_volume)


def _sessions(
    scenario: Scenario, hall: Calendar, working_days: Calendar, attendance: float
) -> dict[str, Session]:
    settings = scenario.settings
    sessions = [
        Session(OPENING, tuple(hall.day_opens)),
        Session(OUT, _daily(settings.courier.departures, working_days)),
        Session(BACK, _daily(settings.courier.times_back, working_days)),
        Session(MEETING, _meetings(settings.policy.coordination_meetings_per_month, working_days)),
    ]
    if settings.policy.backlog_cleared_on is not None:
        day = (settings.policy.backlog_cleared_on - settings.horizon.start).days
        sessions.append(Session(CLEARANCE, _first_after(day * WHOLE_DAY_S, working_days)))
    sessions += [
        Session(
            leader(department.id, number),
            calendar=OFFICE,
            attendance=attendance,
            unit=department.id,
        )
        for department in scenario.departments
        for number in range(department.leaders)
    ]
    return {session.name: session for session in sessions}


def _first_after(midnight_s: int, working_days: Calendar) -> tuple[int, ...]:
    """Return when the first meeting of a working day from a midnight on begins."""
    opens, closes = working_days.day_opens, working_days.day_closes
    day = bisect_left(opens, midnight_s)
    if day == len(opens):
        return ()
    return (opens[day] + min(MEETING_DAY_PART_S, (closes[day] - opens[day]) // 2),)


def _daily(timetable: Iterable[str], working_days: Calendar) -> tuple[int, ...]:
    """Return the moments of a timetable on every working day."""
    midnights = [opening // WHOLE_DAY_S * WHOLE_DAY_S for opening in working_days.day_opens]
    return tuple(midnight + clock_s(time) for midnight in midnights for time in timetable)


def _meetings(per_month: float, working_days: Calendar) -> tuple[int, ...]:
    """Spread the meetings evenly; one that falls on a closed day is held on the next open one.

    Meetings of one day are spread evenly over what is left of it after the first.
    """
    if per_month <= 0:
        return ()
    gap_s = DAYS_PER_MONTH * WHOLE_DAY_S / per_month
    opens, closes = working_days.day_opens, working_days.day_closes
    end_s = opens[-1] // WHOLE_DAY_S * WHOLE_DAY_S + WHOLE_DAY_S
    ideal = takewhile(lambda moment: moment < end_s, (gap_s * (n + 0.5) for n in count()))
    held = Counter(bisect_left(opens, moment // WHOLE_DAY_S * WHOLE_DAY_S) for moment in ideal)
    times: list[int] = []
    for day, meetings in held.items():
        first = min(MEETING_DAY_PART_S, (closes[day] - opens[day]) // 2)
        left = closes[day] - opens[day] - first
        times += [opens[day] + first + left * number // meetings for number in range(meetings)]
    return tuple(dict.fromkeys(times))  # at most one a second
