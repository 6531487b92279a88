"""Sessions and choices, traced by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.process.blocks import (
    Attending,
    AwaitSession,
    Chance,
    Choice,
    Draw,
    ExpectedWaitWithin,
    Geometric,
    Mark,
    Present,
    Uniform,
    Visit,
    sequence,
)

from .build import (
    AFTERNOON,
    DONE,
    HOUR,
    MORNING,
    NOON,
    OPEN,
    ends,
    fixed,
    serve,
    session,
    team,
    world,
)

pytestmark = pytest.mark.usefixtures("traced")


def test_s15_a_session_catches_who_is_ready_at_its_second() -> None:
    w = world(session("s"), [99, 100, 101], moments={"s": [100, 200]})
    assert ends(w.rows(AwaitSession)) == [(0, 100), (1, 100), (2, 200)]


def test_s15_a_moment_that_never_comes_holds_the_case() -> None:
    w = world(session("s"), [100, 101], moments={"s": [100]}, end_s=1000)
    assert w.rows() == [(0, 0, 100, 100, 100, -1, DONE), (1, 0, 101, 101, 1000, -1, OPEN)]


@pytest.mark.parametrize(("now", "inside"), [(99, 0), (100, 1), (199, 1), (200, 0)])
def test_s16_attending_holds_from_opening_to_just_before_close(now: int, inside: int) -> None:
    block = Choice(((Attending("s"), Mark("in")), (None, Visit("out"))))
    w = world(block, [now], moments={"s": [200]}, attended={"s": [100]})
    assert len(w.rows(Mark)) == inside


def test_s17_the_first_condition_that_holds_decides_and_none_may() -> None:
    draw = Draw("returned", Uniform())
    sure, never = Chance(draw, 1.0), Chance(draw, 0.0)
    first = world(Choice(((never, Mark("x")), (sure, Mark("y")), (None, Mark("z")))), [0])
    assert [row[1] for row in first.rows(Mark)] == [2]
    none = world(sequence(Choice(((never, Mark("x")),)), Mark("on")), [0])
    assert [row[1] for row in none.rows(Mark)] == [3]


def test_s17_present_reads_the_people_of_the_half_day() -> None:
    block = Choice(((Present("a"), Mark("yes")), (None, Visit("no"))))
    w = world(
        block,
        [MORNING, NOON + 60, AFTERNOON],
        [team("t", calendar="hall")],
        absent={"t": {1: 1}},
    )
    assert [row[0] for row in w.rows(Mark)] == [0, 1]


@pytest.mark.parametrize(
    ("limit", "own", "stays"), [(900, 900, True), (900, 901, False), (1500, 900, True)]
)
def test_s18_expected_wait_counts_the_queue_and_the_cases_own_work(
    limit: int, own: int, stays: bool
) -> None:
    asks = Choice(
        (
            (ExpectedWaitWithin("a", 600, limit, fixed(own)), Mark("stay")),
            (None, Visit("go")),
        )
    )
    idle = world(asks, [MORNING], [team("t", calendar="hall")])
    assert bool(idle.rows(Mark)) == stays
    # With the person busy the expected wait is one mean longer.
    busy = world(
        [serve(HOUR), asks], [(MORNING, 0), (MORNING + 1, 1)], [team("t", calendar="hall")]
    )
    assert bool(busy.rows(Mark)) == (600 + own <= limit)
    # With one more waiting, two means.
    queue = world(
        [serve(HOUR), asks],
        [(MORNING, 0), (MORNING, 0), (MORNING + 1, 1)],
        [team("t", calendar="hall")],
    )
    assert bool(queue.rows(Mark)) == (1200 + own <= limit)


def test_s18_nobody_present_means_no() -> None:
    asks = Choice(((ExpectedWaitWithin("a", 1, 10**9, fixed(1)), Mark("stay")),))
    w = world(asks, [MORNING], [team("t", calendar="hall")], absent={"t": {0: 1}})
    assert not w.rows(Mark)


def test_s15_the_nth_moment_is_counted_from_when_the_case_is_ready() -> None:
    draw = Draw("release_case", Geometric(0.4))
    block = AwaitSession(activity="session", phase="blocked", session="s", count=draw)
    w = world(block, [150] * 20, moments={"s": list(range(100, 700, 100))}, end_s=1000)
    counts = [w.history.draws.count(draw, case) for case in range(20)]
    assert min(counts) == 1
    assert max(counts) > 5
    found = {row[0]: (row[4], row[6]) for row in w.rows(AwaitSession)}
    assert found == {
        case: (100 + 100 * count, DONE) if count <= 5 else (1000, OPEN)
        for case, count in enumerate(counts)
    }


@pytest.mark.parametrize(("now", "end"), [(50, 100), (101, 150), (151, 200), (201, 1000)])
def test_s15_another_session_will_do_if_it_comes_first(now: int, end: int) -> None:
    moments = {"s": [100, 200], "other": [150]}
    w = world(session("s", "other"), [now], moments=moments, end_s=1000)
    assert ends(w.rows(AwaitSession)) == [(0, end)]


def test_s15_a_moment_catches_what_becomes_ready_in_its_second() -> None:
    # The service, the session and the next service all happen at 100.
    block = sequence(serve(100), session("s"), serve(0), session("s"))
    w = world(block, [0], [team("t")], moments={"s": [100, 200]})
    assert ends(w.rows()) == [(0, 100)] * 4


def test_s16_a_session_at_fixed_times_is_never_attended() -> None:
    block = Choice(((Attending("s"), Mark("in")),))
    assert not world(block, [50, 100], moments={"s": [100]}).rows(Mark)


def test_s17_a_chance_is_the_draw_below_the_probability() -> None:
    draw = Draw("returned", Uniform())
    uniform = world(Mark("m"), [0]).history.draws.uniform(draw, 0)
    for probability, taken in ((uniform, 0), (float(np.nextafter(uniform, 1)), 1)):
        w = world(Choice(((Chance(draw, probability), Mark("m")),)), [0])
        assert len(w.rows(Mark)) == taken


def test_s17_who_joined_in_this_second_is_waiting() -> None:
    # One person is free and case 0 has just joined: case 1 expects to wait for it.
    asks = Choice(((ExpectedWaitWithin("a", 600, 609, fixed(10)), Mark("stay")),))
    w = world([serve(60), asks], [(7, 0), (7, 1)], [team("t")])
    assert not w.rows(Mark)


def test_s17_present_is_about_any_group_with_the_skill() -> None:
    asks = Choice(((Present("b"), Mark("yes")),))
    groups = [team("t", skills=("b",), calendar="hall"), team("u", skills=("a", "b"))]
    assert len(world(asks, [NOON], groups, absent={"t": {0: 1}}).rows(Mark)) == 1
    assert not world(Choice(((Present("z"), Mark("yes")),)), [NOON], groups).rows(Mark)


def test_s18_the_wait_is_shared_by_all_who_are_present() -> None:
    # Two are busy and two wait: (2 + 1) × 600 / 2 = 900.
    asks = [
        Choice(((ExpectedWaitWithin("a", 600, limit, fixed(0)), Mark("stay")),))
        for limit in (899, 900)
    ]
    arrivals = [(MORNING, 0)] * 4 + [(MORNING + 1, 1), (MORNING + 1, 2)]
    w = world([serve(HOUR), *asks], arrivals, [team("t", 2, calendar="hall")])
    assert [row[0] for row in w.rows(Mark)] == [5]


def test_s18_one_who_is_free_is_enough() -> None:
    asks = Choice(((ExpectedWaitWithin("a", 600, 0, fixed(0)), Mark("stay")),))
    for first in ("hall", "always"):
        groups = [team("t", calendar=first), team("u", calendar="hall")]
        w = world([serve(HOUR), asks], [(MORNING, 0), (MORNING + 1, 1)], groups)
        assert len(w.rows(Mark)) == 1


def test_s18_a_skill_that_nobody_has_is_not_waited_for() -> None:
    asks = Choice(((ExpectedWaitWithin("z", 1, 10**9, fixed(1)), Mark("stay")),))
    assert not world(asks, [MORNING], [team("t")]).rows(Mark)
