"""What the log says, traced by hand."""

from __future__ import annotations

import pytest

from sim.process.blocks import Choice, Exit, Mark, Parallel, Serve, Suspend, Visit, Within, sequence

from .build import (
    AFTERNOON,
    DAY,
    DONE,
    EVENING,
    EXPIRED,
    LEFT,
    MORNING,
    NOON,
    OPEN,
    delay,
    serve,
    session,
    team,
    world,
)

pytestmark = pytest.mark.usefixtures("traced")


def test_s27_an_exit_closes_the_scopes_around_it() -> None:
    w = world(Within(1, sequence(delay(10), Exit("done"))), [0])
    assert [row[1] for row in w.rows()] == [2, 3, 0]


def test_s25_what_is_open_is_logged_by_case_and_block() -> None:
    block = Parallel((delay(10), delay(9 * DAY), serve(9 * DAY)))
    w = world(block, [0, 0], [team("t")], end_s=DAY)
    assert [(row[0], row[1], row[5]) for row in w.rows() if row[6] is OPEN] == [
        (0, 0, 2),
        (0, 2, -1),
        (0, 3, 0),
        (1, 0, 2),
        (1, 2, -1),
        (1, 3, -1),
    ]


def test_s26_the_end_comes_before_everything_of_its_second() -> None:
    w = world(delay(100), [0], end_s=100)
    assert w.rows() == [(0, 0, 0, 0, 100, -1, OPEN)]


def test_s24_the_columns_of_every_block() -> None:
    block = sequence(
        Visit("hall"),
        Within(2, sequence(serve(60), Suspend(delay(30)))),
        Parallel((session("s"), Mark("m"))),
        Choice(((None, Exit("done")),)),
    )
    t = AFTERNOON
    groups = [team("idle", skills=("b",)), team("t", calendar="hall")]
    w = world(block, [NOON], groups, moments={"s": [t + 500]})
    assert w.rows() == [
        (0, 1, NOON, NOON, NOON, -1, DONE),
        (0, 4, NOON, t, t + 60, 1, DONE),
        (0, 6, t + 60, t + 60, t + 90, -1, DONE),
        (0, 5, t + 60, t + 60, t + 90, -1, DONE),
        (0, 2, NOON, NOON, t + 90, 2 * DAY + EVENING, DONE),
        (0, 9, t + 90, t + 90, t + 90, -1, DONE),
        (0, 8, t + 90, t + 90, t + 500, -1, DONE),
        (0, 7, t + 90, t + 90, t + 500, 8, DONE),
        (0, 11, t + 500, t + 500, t + 500, -1, DONE),
    ]


def test_s24_who_leaves_never_began_and_is_logged_before_what_follows() -> None:
    leave = serve(60, ticket=True, patience=30, on_left=Mark("gone"))
    w = world([serve(600), leave], [(MORNING, 0), (MORNING + 1, 1)], [team("t", calendar="hall")])
    t = MORNING + 31
    assert [row for row in w.rows() if row[0] == 1] == [
        (1, 0, MORNING + 1, t, t, -1, LEFT),
        (1, 1, t, t, t, -1, DONE),
    ]


def test_s24_a_parallel_that_was_ended_names_its_first_unfinished_branch() -> None:
    due = DAY + EVENING
    inside = Parallel((delay(10), delay(9 * DAY), serve(9 * DAY)))
    w = world(Within(1, inside, expires=True), [MORNING], [team("t")])
    assert w.rows(Parallel, Within) == [
        (0, 1, MORNING, MORNING, due, 3, EXPIRED),
        (0, 0, MORNING, MORNING, due, due, EXPIRED),
    ]


def test_s24_work_broken_off_names_its_group_and_waiting_broken_off_names_none() -> None:
    due = DAY + EVENING
    scope = Within(1, serve(9 * DAY), expires=True)
    w = world(scope, [MORNING, MORNING], [team("t")])
    # Case 0 frees the person when it rings; case 1 begins in that second, and then rings.
    assert [row[2:] for row in w.rows(Serve)] == [
        (MORNING, MORNING, due, 0, EXPIRED),
        (MORNING, due, due, 0, EXPIRED),
    ]
    w = world([serve(9 * DAY), scope], [(0, 0), (MORNING, 1)], [team("t")], end_s=2 * DAY)
    assert w.rows(Serve)[0] == (1, 1, MORNING, due, due, -1, EXPIRED)


def test_s25_unfinished_times_are_the_end() -> None:
    block = Within(1, Parallel((serve(9 * DAY), Suspend(session("s")))))
    w = world(block, [MORNING, NOON], [team("t")], moments={"s": [9 * DAY]}, end_s=DAY)
    assert [row for row in w.rows() if row[0] == 1] == [
        (1, 0, NOON, NOON, DAY, -1, OPEN),
        (1, 1, NOON, NOON, DAY, 2, OPEN),
        (1, 2, NOON, DAY, DAY, -1, OPEN),
        (1, 4, NOON, NOON, DAY, -1, OPEN),
    ]
    assert w.rows(Serve)[0] == (0, 2, MORNING, MORNING, DAY, 0, OPEN)


def test_s25_by_block_whichever_was_reached_first() -> None:
    block = Parallel((sequence(delay(10), delay(9 * DAY)), delay(9 * DAY)))
    w = world(block, [0], end_s=DAY)
    assert [row[1] for row in w.rows() if row[6] is OPEN] == [0, 3, 4]


def test_s25_what_has_ended_is_not_open() -> None:
    over = (delay(1), serve(1), session("s"), Parallel((delay(1), delay(2))), Within(1, delay(1)))
    w = world(
        sequence(*over, Suspend(delay(1)), delay(9 * DAY)),
        [0],
        [team("t")],
        moments={"s": [5]},
        end_s=DAY,
    )
    assert [row[1] for row in w.rows() if row[6] is OPEN] == [11]
    leave = serve(60, ticket=True, patience=30, on_left=delay(9 * DAY))
    absent = {"t": {0: 1}}
    w = world(leave, [MORNING], [team("t", calendar="hall")], absent=absent, end_s=DAY)
    assert [row[1] for row in w.rows() if row[6] is OPEN] == [1]


def test_s25_a_running_clock_is_logged_with_its_due_date() -> None:
    w = world(Within(3, delay(9 * DAY)), [MORNING], end_s=DAY)
    assert w.rows(Within)[0][5] == 3 * DAY + EVENING


def test_s26_who_arrives_at_the_end_is_not_there() -> None:
    w = world(Mark("m"), [99, 100], end_s=100)
    assert [row[0] for row in w.rows()] == [0]


def test_s27_an_exit_ends_suspensions_and_clocks_around_it() -> None:
    # Suspended from day 1, 08:30, to day 2, 08:30: the unspent day ends with day 2.
    inside = sequence(delay(DAY), Suspend(sequence(delay(DAY), Exit("done"))), Mark("never"))
    w = world(Within(1, Within(5, inside)), [MORNING])
    t = 2 * DAY + MORNING
    assert w.rows() == [
        (0, 3, MORNING, MORNING, DAY + MORNING, -1, DONE),
        (0, 6, DAY + MORNING, DAY + MORNING, t, -1, DONE),
        (0, 7, t, t, t, -1, DONE),
        (0, 4, DAY + MORNING, DAY + MORNING, t, -1, DONE),
        (0, 1, MORNING, MORNING, t, 6 * DAY + EVENING, DONE),
        (0, 0, MORNING, MORNING, t, 2 * DAY + EVENING, DONE),
    ]


def test_s27_an_exit_behind_on_left_ends_the_case() -> None:
    leave = serve(60, ticket=True, patience=30, on_left=Exit("withdrawn"))
    w = world(
        [serve(600), sequence(leave, Mark("never"))],
        [(MORNING, 0), (MORNING, 1)],
        [team("t", calendar="hall")],
        end_s=DAY,
    )
    assert [row[1] for row in w.rows() if row[0] == 1] == [1, 2]


def test_s27_a_route_that_runs_out_ends_without_a_row() -> None:
    w = world(sequence(delay(10)), [0], end_s=100)
    assert w.rows() == [(0, 1, 0, 0, 10, -1, DONE)]
