"""What happens beside a route, traced by hand."""

from __future__ import annotations

import pytest

from sim.process.blocks import Alongside, Exit, Mark, Parallel, Serve, Within, sequence

from .build import DONE, EXPIRED, HOUR, MORNING, OPEN, days, delay, ends, serve, team, world

pytestmark = pytest.mark.usefixtures("traced")


def test_s29_what_is_left_beside_ends_with_the_child_and_its_rows_come_first() -> None:
    block = sequence(Alongside(sequence(delay(10), delay(500)), delay(100)), Mark("on"))
    w = world(block, [0])
    assert w.rows() == [
        (0, 3, 0, 0, 10, -1, DONE),
        (0, 5, 0, 0, 100, -1, DONE),
        (0, 4, 10, 10, 100, -1, EXPIRED),
        (0, 1, 0, 0, 100, -1, DONE),
        (0, 6, 100, 100, 100, -1, DONE),
    ]


def test_s29_the_child_does_not_wait_for_what_is_beside_nor_end_with_it() -> None:
    w = world(sequence(Alongside(delay(10), delay(100)), Mark("on")), [0])
    assert w.rows(Mark)[0][4] == 100


def test_s29_the_child_starts_by_an_event_of_its_own() -> None:
    # What is beside is entered in the event that reaches Alongside, before the child.
    w = world(Alongside(Mark("beside"), Mark("child")), [0])
    assert [row[1] for row in w.rows(Mark)] == [1, 2]
    # Case 1 arrives (rank 2) after the child of case 0 (rank 0) has started.
    w = world(Alongside(Mark("beside"), Mark("child")), [5, 5])
    assert [(row[0], row[1]) for row in w.rows(Mark)] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    # A delay of no time beside it is an event of a lower block, so it ends first.
    w = world(Alongside(delay(0), delay(0)), [0])
    assert [row[1] for row in w.rows()] == [1, 2, 0]


def test_s29_work_beside_is_broken_off_and_the_person_is_free() -> None:
    routes = [Alongside(serve(HOUR), delay(100)), serve(60)]
    w = world(routes, [(MORNING, 0), (MORNING + 1, 1)], [team("t")])
    assert w.rows(Serve) == [
        (0, 1, MORNING, MORNING, MORNING + 100, 0, EXPIRED),
        (1, 0, MORNING + 1, MORNING + 100, MORNING + 160, 0, DONE),
    ]


def test_s29_an_exit_of_the_child_ends_what_is_beside_inner_scopes_first() -> None:
    block = Alongside(delay(500), Within(1, sequence(delay(100), Exit("done"))))
    w = world(block, [0])
    assert [(row[1], row[6]) for row in w.rows()] == [
        (4, DONE),
        (5, DONE),
        (2, DONE),
        (1, EXPIRED),
        (0, DONE),
    ]


def test_s29_a_clock_around_it_ends_what_is_beside_before_the_child() -> None:
    block = Within(0.01, Alongside(Parallel((delay(HOUR * 99), days(9))), days(9)), expires=True)
    w = world(block, [MORNING])
    assert [row[1] for row in w.rows()] == [3, 4, 2, 5, 1, 0]
    assert {row[6] for row in w.rows()} == {EXPIRED}


def test_s29_what_is_open_at_the_end_is_open_beside_as_well() -> None:
    w = world(Alongside(delay(500), delay(900)), [0], end_s=100)
    assert [(row[1], row[6]) for row in w.rows()] == [(0, OPEN), (1, OPEN), (2, OPEN)]


def test_s29_a_child_that_takes_no_time_ends_what_is_beside_at_once() -> None:
    w = world(sequence(Alongside(serve(60), Mark("m")), delay(5)), [MORNING, MORNING], [team("t")])
    assert ends(w.rows(Serve)) == [(0, MORNING), (1, MORNING)]
    assert {row[6] for row in w.rows(Serve)} == {EXPIRED}


def test_s29_who_waits_in_the_hall_beside_an_exit_waits_no_more() -> None:
    # Both end in the second in which the wait began, before anybody asks how long it may last.
    routes = [Alongside(serve(60, here=True, patience=30), Exit("done")), serve(60)]
    w = world(routes, [(MORNING, 0), (MORNING, 1)], [team("t", calendar="hall")])
    assert w.rows(Serve) == [
        (0, 1, MORNING, MORNING, MORNING, -1, EXPIRED),
        (1, 0, MORNING, MORNING, MORNING + 60, 0, DONE),
    ]
