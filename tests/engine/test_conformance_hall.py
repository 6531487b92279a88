"""Patience, closing and late work, traced by hand."""

from __future__ import annotations

import pytest

from sim.engine.log import Status
from sim.process.blocks import Exit, Mark, Serve, sequence

from .build import AFTERNOON, DAY, DONE, EVENING, HOUR, LEFT, MORNING, NOON, serve, team, world

pytestmark = pytest.mark.usefixtures("traced")


def test_s13_patience_counts_open_seconds() -> None:
    # From 11:50, 20 minutes of patience: 10 before noon, 10 after 14:30.
    leave = serve(600, ticket=True, patience=1200, on_left=Mark("gone"))
    routes = [serve(5 * HOUR), leave]
    w = world(routes, [(NOON - 700, 0), (NOON - 600, 1)], [team("t", calendar="hall")])
    left = next(row for row in w.rows(Serve) if row[0] == 1)
    assert (left[4], left[6]) == (AFTERNOON + 600, LEFT)


def test_s13_at_closing_tickets_are_sent_home_or_served() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    arrivals = [EVENING - 60, EVENING - 30]
    home = world(block, arrivals, [team("t", calendar="hall")], closing="send_home")
    assert [(row[4], row[6]) for row in home.rows(Serve)] == [
        (EVENING, LEFT),
        (EVENING + 540, DONE),
    ]
    late = world(block, arrivals, [team("t", calendar="hall")])
    assert [row[4] for row in late.rows(Serve)] == [EVENING + 540, EVENING + 1140]


def test_s13_with_nobody_there_who_waits_goes_at_closing() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [AFTERNOON], [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert w.rows(Serve)[0][4:] == (EVENING, -1, LEFT)


def test_s13_a_completion_at_the_close_second_still_calls_the_next() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [EVENING - 600, EVENING - 300], [team("t", calendar="hall")])
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]


def test_s14_who_left_goes_through_on_left_and_then_on() -> None:
    leave = serve(600, ticket=True, patience=60, on_left=Mark("gone"))
    routes = [serve(HOUR), sequence(leave, Mark("behind"))]
    w = world(routes, [(MORNING, 0), (MORNING, 1)], [team("t", calendar="hall")])
    marks = [(row[0], row[1], row[4]) for row in w.rows(Mark)]
    assert marks == [(1, 2, MORNING + 60), (1, 3, MORNING + 60)]


def test_s13_without_patience_who_is_not_called_at_once_goes() -> None:
    block = serve(600, ticket=True, patience=0, on_left=Mark("gone"))
    w = world(block, [MORNING, MORNING], [team("t", calendar="hall")])
    assert [(row[0], row[4], row[6]) for row in w.rows(Serve)] == [
        (1, MORNING, LEFT),
        (0, MORNING + 600, DONE),
    ]


@pytest.mark.parametrize(("patience", "end", "status"), [(60, EVENING, LEFT), (61, 0, DONE)])
def test_s13_patience_that_ends_with_the_day_is_at_its_end(
    patience: int, end: int, status: Status
) -> None:
    leave = serve(600, ticket=True, patience=patience, on_left=Mark("gone"))
    routes = [serve(300), leave]
    arrivals = [(EVENING - 90, 0), (EVENING - 60, 1)]
    row = next(
        row
        for row in world(routes, arrivals, [team("t", calendar="hall")]).rows(Serve)
        if row[0] == 1
    )
    assert (row[4], row[6]) == (end or EVENING + 810, status)


def test_s13_who_stays_without_a_ticket_is_not_sent_home() -> None:
    block = serve(600, stay=True, on_left=Mark("gone"))
    arrivals = [EVENING - 60, EVENING - 30]
    w = world(block, arrivals, [team("t", calendar="hall")], closing="send_home")
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]


def test_s13_with_nobody_who_may_work_late_who_waits_goes_at_closing() -> None:
    # The office is busy at the close, and has no late work.
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [EVENING - 60, EVENING - 30], [team("t", calendar="office")])
    assert [(row[0], row[4], row[6]) for row in w.rows(Serve)] == [
        (1, EVENING, LEFT),
        (0, EVENING + 540, DONE),
    ]


def test_s13_one_who_may_work_late_is_enough() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    groups = [team("office", calendar="office"), team("t", calendar="hall")]
    w = world(block, [EVENING - 60] * 3, groups)
    assert [row[6] for row in w.rows(Serve)] == [DONE] * 3


def test_s13_who_has_nothing_else_to_do_waits_whatever_the_patience() -> None:
    routes = [serve(HOUR), serve(60, ticket=True, patience=60)]
    w = world(routes, [(EVENING - 60, 0), (EVENING - 30, 1)], [team("t", calendar="hall")])
    assert w.rows(Serve)[1] == (1, 0, EVENING - 30, EVENING + 3540, EVENING + 3600, 0, DONE)


def test_s13_who_comes_in_the_second_of_the_close_is_looked_at_then() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [EVENING], [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert w.rows(Serve)[0][4:] == (EVENING, -1, LEFT)


def test_s13_after_the_close_the_day_ends_with_the_next_close() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    absent = {"t": {0: 1, 1: 1, 2: 1, 3: 1}}
    w = world(block, [EVENING + 1], [team("t", calendar="hall")], absent=absent)
    assert w.rows(Serve)[0][4:] == (DAY + EVENING, -1, LEFT)


def test_s14_who_is_being_served_does_not_leave() -> None:
    block = serve(600, ticket=True, patience=60, on_left=Mark("gone"))
    w = world(block, [MORNING, EVENING - 30], [team("t", calendar="hall")], closing="send_home")
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]
    assert not w.rows(Mark)


def test_s14_who_was_served_does_not_go_through_on_left() -> None:
    block = sequence(serve(600, ticket=True, on_left=Exit("gone")), Mark("behind"))
    w = world(block, [MORNING], [team("t", calendar="hall")])
    assert len(w.rows(Mark)) == 1
