"""Networks that follow each other: routes, people and sessions each in their time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.process.network import Group, ProcessNetwork, Route, Session, Span
from sim.process.phases import at, changes_s, phased
from tests.engine.build import DAY, serve, team, world

CHANGE = 5 * DAY


def network(
    *routes: Route, groups: tuple[Group, ...], times: tuple[int, ...] = ()
) -> ProcessNetwork:
    plain = world([serve(60)], [0], [team("a")]).network
    return replace(plain, routes=routes, groups=groups, sessions={"van": Session("van", times)})


def span_of(variant: int, unit: str) -> Span | None:
    """Change everywhere after five days, in unit "late" after ten."""
    change = 2 * CHANGE if unit == "late" else CHANGE
    return (0, change) if variant == 0 else (change, 100 * DAY)


def route(item: str, seconds: float, skill: str = "a") -> Route:
    return Route(item, serve(seconds, skill), 1.0)


def joined(before: ProcessNetwork, after: ProcessNetwork) -> ProcessNetwork:
    return phased([before, after], span_of, lambda item: item)


def test_what_stays_the_same_stays_one() -> None:
    one = network(route("early", 60), groups=(team("a"),))
    found = joined(one, one)
    assert [(r.item, r.in_force, r.variant) for r in found.routes] == [("early", (0, 100 * DAY), 0)]
    assert [(g.name, g.in_force) for g in found.groups] == [("a", (0, 100 * DAY))]
    assert changes_s(found) == [0]


def test_a_route_changes_with_its_unit() -> None:
    before = network(route("early", 60), route("late", 60), groups=(team("a"),))
    after = network(route("early", 30), route("late", 30), groups=(team("a"),))
    found = joined(before, after)
    assert [(r.item, r.in_force, r.variant) for r in found.routes] == [
        ("early", (0, CHANGE), 0),
        ("early", (CHANGE, 100 * DAY), 1),
        ("late", (0, 2 * CHANGE), 0),
        ("late", (2 * CHANGE, 100 * DAY), 1),
    ]
    assert changes_s(found) == [0, CHANGE, 2 * CHANGE]
    assert [r.variant for r in at(found, CHANGE).routes] == [1, 0]


def test_people_change_with_their_unit_under_names_of_their_own() -> None:
    before = network(route("early", 60), groups=(team("a"),))
    after = network(route("early", 60), groups=(team("a", 2),))
    found = joined(before, after)
    assert [(g.name, len(g.people), g.in_force) for g in found.groups] == [
        ("a", 1, (0, CHANGE)),
        ("a (2)", 2, (CHANGE, 100 * DAY)),
    ]


def test_a_skill_without_an_heir_stays_with_those_who_had_it() -> None:
    before = network(route("early", 60, "old"), groups=(team("b", skills=("old", "new")),))
    after = network(route("early", 60, "new"), groups=(team("c", skills=("new",)),))
    found = joined(before, after)
    assert [(g.name, g.skills, g.in_force) for g in found.groups] == [
        ("b", ("old", "new"), (0, CHANGE)),
        ("b (what is left)", ("old",), (CHANGE, 100 * DAY)),
        ("c", ("new",), (CHANGE, 100 * DAY)),
    ]


def test_fixed_sessions_are_joined_in_time() -> None:
    before = network(groups=(team("a"),), times=(1 * DAY, 4 * DAY, 7 * DAY))
    after = network(groups=(team("a"),), times=(2 * DAY, 6 * DAY, 8 * DAY))
    assert joined(before, after).sessions["van"].times_s == (1 * DAY, 4 * DAY, 6 * DAY, 8 * DAY)


def test_attendance_changes_with_the_policy_of_the_leaders_unit() -> None:
    one = network(groups=(team("a"),))
    chief = Session("chief", calendar="office", attendance=0.5)
    after = replace(one, sessions={"chief": replace(chief, attendance=0.6)})
    session = joined(replace(one, sessions={"chief": chief}), after).sessions["chief"]
    since_s = session.later[0][0]
    assert session.later == ((since_s, 0.6),)
    assert [session.attendance_at(time) for time in (0, since_s - 1, since_s)] == [0.5, 0.5, 0.6]


def test_whose_half_days_a_session_goes_by_cannot_change() -> None:
    one = network(groups=(team("a"),))
    before = replace(one, sessions={"chief": Session("chief", calendar="office", attendance=0.5)})
    after = replace(one, sessions={"chief": Session("chief", times_s=(1,))})
    with pytest.raises(ValueError, match="half-days of chief"):
        joined(before, after)


def test_the_discipline_cannot_change() -> None:
    one = network(groups=(team("a"),))
    with pytest.raises(ValueError, match="discipline cannot change"):
        joined(one, replace(one, discipline="due_date"))
