"""Time, and the order of simultaneous events, traced by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.process.blocks import (
    Choice,
    Delay,
    Exit,
    ExpectedWaitWithin,
    Mark,
    Present,
    Serve,
    Visit,
    Within,
    sequence,
)
from sim.process.network import DayProfile, Rhythm, Route

from .build import (
    AFTERNOON,
    DAY,
    DAYS,
    DONE,
    EVENING,
    HOUR,
    MORNING,
    NOON,
    World,
    days,
    delay,
    ends,
    fixed,
    opened,
    serve,
    team,
    world,
)

pytestmark = pytest.mark.usefixtures("traced")


def test_s3_a_completion_comes_before_an_arrival_of_the_same_second() -> None:
    # Case 0 is served 0–100. Case 1 arrives at 100: the person is free for it at once.
    w = world(serve(100), [0, 100], [team("t")])
    assert w.rows(Serve) == [(0, 0, 0, 0, 100, 0, DONE), (1, 0, 100, 100, 200, 0, DONE)]


def test_s3_an_arrival_sees_who_has_just_become_free() -> None:
    # Case 0 is served 0–100; case 1 arrives at 100 and asks for a wait of at most its own work.
    asks = Choice(((ExpectedWaitWithin("a", 600, 10, fixed(10)), Mark("stay")),))
    w = world([serve(100), asks], [(0, 0), (100, 1)], [team("t")])
    assert len(w.rows(Mark)) == 1


def test_s3_an_opening_comes_before_an_arrival_of_the_same_second() -> None:
    asks = Choice(((Present("a"), Mark("yes")),))
    w = world(asks, [MORNING], [team("t", calendar="hall")])
    assert len(w.rows(Mark)) == 1


def test_s3_s14_being_called_comes_before_patience_of_the_same_second() -> None:
    # Case 1 waits from 0; patience ends at 100, the very second the person becomes free.
    block = serve(100, ticket=True, patience=100, on_left=Mark("gone"))
    w = world(block, [MORNING, MORNING], [team("t", calendar="hall")])
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]


def test_s4_work_on_the_last_second_with_a_zero_step_behind_it_is_in_time() -> None:
    # The limit of 1 wd from day 1 is due at its close; the delay ends there, a zero delay follows.
    due = DAY + EVENING
    inside = sequence(delay(due - MORNING), delay(0), delay(0))
    w = world(Within(1, inside, expires=True), [MORNING])
    within = w.rows(Within)[0]
    assert (within[4], within[6]) == (due, DONE)
    assert [row[6] for row in w.rows(Delay)] == [DONE] * 3


def test_s5_cases_that_tie_go_by_number() -> None:
    w = world(serve(10), [0, 0, 0], [team("t")])
    assert ends(w.rows(Serve)) == [(0, 10), (1, 20), (2, 30)]


def test_s3_a_lower_case_completes_first_even_if_it_began_later() -> None:
    # Both delays end at 100; case 0's was begun after case 1's.
    routes = [sequence(delay(50), delay(50), Mark("m")), sequence(delay(100), Mark("m"))]
    w = world(routes, [(0, 0), (0, 1)])
    assert [row[0] for row in w.rows(Mark)] == [0, 1]


def test_s6_a_route_goes_on_within_its_event() -> None:
    w = world(sequence(Visit("hall"), Mark("m"), Exit("done")), [7, 7])
    assert [(row[0], row[1]) for row in w.rows()] == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 1),
        (1, 2),
        (1, 3),
    ]


def test_s3_a_dispatch_waits_for_all_arrivals_of_its_second() -> None:
    # Both arrive at second 0; case 1 has the nearer limit, so it starts although it came second.
    routes = [Within(5, serve(10)), Within(1, serve(10))]
    w = world(routes, [(0, 0), (0, 1)], [team("t")], discipline="due_date")
    assert [row[0] for row in w.rows(Serve)] == [1, 0]


@pytest.mark.parametrize(("drawn", "seconds"), [(1.4, 1), (1.5, 2), (2.5, 3), (0.4, 0)])
def test_s1_durations_are_rounded_to_the_nearest_second_halves_up(
    drawn: float, seconds: int
) -> None:
    w = world(sequence(delay(drawn), serve(drawn)), [7], [team("t")])
    assert ends(w.rows(Delay, Serve)) == [(0, 7 + seconds), (0, 7 + 2 * seconds)]


def test_s2_nothing_passes_at_once_even_on_a_closed_calendar() -> None:
    assert ends(world(delay(0, "office"), [NOON + 60]).rows(Delay)) == [(0, NOON + 60)]


def test_s2_time_that_ends_with_an_interval_ends_at_its_close() -> None:
    w = world(delay(60, "office"), [NOON - 61, NOON - 60, NOON - 59, NOON])
    assert ends(w.rows(Delay)) == [
        (0, NOON - 1),
        (1, NOON),
        (2, AFTERNOON + 1),
        (3, AFTERNOON + 60),
    ]


def test_s2_working_days_pass_from_the_first_opening_on() -> None:
    assert world(days(1), [0]).rows(Delay)[0][4] == EVENING
    assert world(days(0), [0]).rows(Delay)[0][4] == 0
    # From 10:00 on a second day of 4 hours, a quarter of which has passed.
    offices = opened([((9.0, 17.0),), *([((9.0, 13.0),)] * 29)])
    assert world(days(0.5), [DAY + 10 * HOUR], offices=offices).rows(Delay)[0][4] == DAY + NOON
    assert world(days(0), [NOON + 60]).rows(Delay)[0][4] == NOON + 60
    assert world(days(1.5), [NOON + 60]).rows(Delay)[0][4] == 2 * DAY + MORNING + 900


@pytest.mark.parametrize(
    ("wd", "end_s"),
    [
        (0, 10 * HOUR),
        (0.125, 11 * HOUR),
        (0.875, 17 * HOUR),
        (0.9375, DAY + 9 * HOUR + 900),
        (1, DAY + 9 * HOUR + 1800),
        (1.875, DAY + 13 * HOUR),
        (2, 2 * DAY + 10 * HOUR),
    ],
)
def test_s2_working_days_are_parts_of_each_day(wd: float, end_s: int) -> None:
    # From 10:00 on a day of 8 hours, an eighth of which has passed; the next one has 4.
    offices = opened([((9.0, 17.0),), ((9.0, 13.0),), *([((9.0, 17.0),)] * 28)])
    assert world(days(wd), [10 * HOUR], offices=offices).rows(Delay)[0][4] == end_s


def test_s2_after_the_last_close_all_time_is_open() -> None:
    night = (DAYS - 1) * DAY + EVENING + HOUR
    w = world(sequence(delay(10, "office"), delay(10, "hall")), [night])
    assert ends(w.rows(Delay)) == [(0, night + 10), (0, night + 20)]


def test_s4_after_a_timer_the_dispatch_comes_again_before_the_next_timer() -> None:
    # At 17:30 case 0's limit rings and frees the person; case 1's patience ends in that second.
    due = DAY + EVENING
    leave = serve(60, ticket=True, patience=3 * HOUR, on_left=Mark("gone"))
    routes = [Within(1, serve(9 * DAY), expires=True), leave]
    w = world(routes, [(MORNING, 0), (DAY + AFTERNOON, 1)], [team("t")])
    assert w.rows(Serve)[1] == (1, 0, DAY + AFTERNOON, due, due + 60, 0, DONE)


def test_s5_cases_are_numbered_by_arrival_route_layer_and_number() -> None:
    # Routes of one name have the same applicants at the same seconds.
    twins = tuple(Route("twin", Exit("done"), 20.0, 2.0) for _ in range(2))
    base = world(Mark("m"), [0]).network
    rhythm = Rhythm((0, DAY), (1.0, 1.0), 0.0, (DayProfile((MORNING, MORNING + 2), (0.0, 1.0)),))
    made = replace(base, routes=twins, rhythm=rhythm)
    chance = history(made, Seed(1, 0))
    who = chance.arrivals
    keys = list(zip(who.time_s, who.route, who.layer, who.number, strict=True))
    assert keys == sorted(keys)
    assert len({time for time, *_ in keys}) == 4
    rows = World(made, chance).rows(Exit)
    assert [(row[0], row[2]) for row in rows] == list(enumerate(who.time_s.tolist()))


def test_s6_who_was_served_goes_on_when_the_person_is_free_again() -> None:
    asks = Choice(((ExpectedWaitWithin("a", 600, 10, fixed(10)), Mark("stay")),))
    assert len(world(sequence(serve(100), asks), [0], [team("t")]).rows(Mark)) == 1
