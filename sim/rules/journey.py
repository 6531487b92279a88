"""The journey: what an applicant goes through, from the door to the document in hand."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import count, takewhile

from sim.process.blocks import Block, Serve, sequence
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
from sim.rules.authorization import authorities, decision
from sim.rules.collection import collection
from sim.rules.hall import Hall
from sim.rules.item_entry import arrival, entered_items
from sim.rules.offices import BACK, MEETING, OUT, leader
from sim.rules.staffing import staff, window_skill
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
_ENQUIRY = "enquiry:"


def journey(item: Item, hall: Hall) -> Block:
    """Visit the hall (or the home department) for one item."""
    return sequence(
        arrival(item, hall),
        acceptance(item, hall),
        decision(item, hall),
        collection(item, hall) if hall.has_entered(item) else None,
    )


def hall_of(scenario: Scenario) -> Hall:
    """Apply the policy: entry, then authorization, then who sits where."""
    settings = scenario.settings
    entered = entered_items(scenario.items, settings.policy.entry)
    authority = authorities(scenario.items, entered, settings.policy)
    return Hall(
        settings=settings,
        departments={department.id: department for department in scenario.departments},
        entered=entered,
        authority=authority,
        staff=staff(settings, scenario.departments, scenario.items, entered, authority),
    )


def network_of(scenario: Scenario) -> ProcessNetwork:
    """Build everything an engine needs except chance; dormant items have no route.

    Where policies change on a date, the routes and people of each follow each other.
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
    return phased(
        networks, span_of, lambda item: department_of.get(item, item.removeprefix(_ENQUIRY))
    )


def _time_of(scenario: Scenario, variants: Iterable[Scenario]) -> WorkingTime:
    """Return working time that holds every limit of these policies."""
    factor = max(variant.settings.policy.limit_factor for variant in variants)
    promised_wd = [item.promised_wd * factor for item in scenario.items]
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
        routes=(*routes, *_enquiries(scenario, hall)),
        groups=hall.staff.groups,
        sessions=_sessions(scenario, time.calendars["hall"], time.calendars[WORKING_DAYS]),
        calendars=time.calendars,
        rhythm=time.hall_rhythm,
        end_s=time.end_s,
        closing=settings.hall.closing,
        discipline=settings.policy.discipline,
        working_calendar=WORKING_DAYS,
        overtime_max_s=round(settings.hall.overtime_max_min * 60),
    )


def volume(item: Item, scenario: Scenario) -> float:
    """Return the factor on an item's base demand."""
    demand = scenario.settings.demand
    return demand.volume * (1.0 if item.entered else demand.hidden_volume)


def _sessions(scenario: Scenario, hall: Calendar, working_days: Calendar) -> dict[str, Session]:
    settings = scenario.settings
    sessions = [
        Session(OPENING, tuple(hall.day_opens)),
        Session(OUT, _daily(settings.courier.departures, working_days)),
        Session(BACK, _daily(settings.courier.times_back, working_days)),
        Session(MEETING, _meetings(settings.policy.coordination_meetings_per_month, working_days)),
    ]
    sessions += [
        Session(
            leader(department.id, number_),
            calendar="office",
            attendance=settings.offices.leader_attendance,
        )
        for department in scenario.departments
        for number_ in range(department.leaders)
    ]
    return {session.name: session for session in sessions}


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


def _enquiries(scenario: Scenario, hall: Hall) -> list[Route]:
    """Return the telephone enquiries that each unit's windows answer about its hall cases."""
    per_case = scenario.settings.hall.status_enquiries_per_case
    found = []
    for department in scenario.departments:
        items = [item for item in scenario.items if item.department == department.id]
        base = sum(item.cases_per_wd for item in items)
        inside = sum(
            item.cases_per_wd * volume(item, scenario) for item in items if hall.has_entered(item)
        )
        if per_case * inside > 0:
            found.append(
                Route(
                    f"{_ENQUIRY}{department.id}",
                    _enquiry(department.id, hall),
                    base,
                    per_case * inside / base,
                    counted=False,
                )
            )
    return found


def _enquiry(unit: str, hall: Hall) -> Block:
    return Serve(
        activity="answer a status enquiry",
        phase="service",
        wait_phase="hall_wait",
        skill=window_skill(unit),
        duration=hall.work("enquire_work", hall.settings.service.enquire_min),
        origin="journey · hall.status_enquiries_per_case",
    )
