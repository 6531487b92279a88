"""Patience, closing and late work, traced by hand."""

from __future__ import annotations

import pytest

from sim.engine.log import Status
from sim.process.blocks import Exit, Mark, Serve, sequence

from .build import (
    AFTERNOON,
    DAY,
    DONE,
    EVENING,
    HOUR,
    LEFT,
    MORNING,
    NOON,
    opened,
    serve,
    team,
    world,
)

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


@pytest.mark.parametrize("ticket", [True, False])
def test_s13_whoever_waits_is_sent_home(ticket: bool) -> None:
    block = serve(600, ticket=ticket, here=True, on_left=Mark("gone"))
    arrivals = [EVENING - 60, EVENING - 30]
    w = world(block, arrivals, [team("t", calendar="hall")], closing="send_home")
    assert [(row[0], row[4], row[6]) for row in w.rows(Serve)] == [
        (1, EVENING, LEFT),
        (0, EVENING + 540, DONE),
    ]


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


def test_s13_patience_that_outlasts_the_day_ends_with_it() -> None:
    block = serve(600, ticket=True, patience=2 * HOUR, on_left=Mark("gone"))
    arrivals = [EVENING - 60, EVENING - 30]
    w = world(block, arrivals, [team("t", calendar="hall")], closing="send_home")
    assert [(row[0], row[4], row[6]) for row in w.rows(Serve)] == [
        (1, EVENING, LEFT),
        (0, EVENING + 540, DONE),
    ]


def turned_away(time_s: int, *, ticket: bool = True, **settings: object) -> bool:
    """Say whether who comes at a time is turned away; the row has no length then."""
    block = serve(600, ticket=ticket, here=True, on_left=Mark("gone"))
    w = world(block, [time_s], [team("t", calendar="hall")], **settings)
    row = w.rows(Serve)[0]
    away = row[6] is Status.TURNED_AWAY
    assert away == bool(w.rows(Mark))
    if away:
        assert row[2:6] == (time_s, time_s, time_s, -1)
    return away


@pytest.mark.parametrize(
    ("time_s", "away"),
    [
        (0, False),
        (MORNING - 1, False),
        (MORNING, False),
        (NOON, False),
        (EVENING - 1, False),
        (EVENING, True),
        (EVENING + 1, True),
        (DAY - 1, True),
        (DAY, False),
    ],
)
def test_s13_no_ticket_is_taken_after_the_last_close(time_s: int, away: bool) -> None:
    assert turned_away(time_s) == away
    assert turned_away(time_s, closing="send_home") == away


@pytest.mark.parametrize(
    ("time_s", "overtime", "away"),
    [
        (MORNING - 1, 600, True),
        (MORNING, 600, False),
        (NOON + 60, 600, False),
        (EVENING + 599, 600, False),
        (EVENING + 600, 600, True),
        (EVENING, 0, True),
        (DAY - 1, DAY, False),
        (DAY, DAY, True),
        (DAY + MORNING - 1, DAY, True),
    ],
)
def test_s13_who_is_in_the_hall_goes_on_until_nobody_is_called(
    time_s: int, overtime: int, away: bool
) -> None:
    assert turned_away(time_s, ticket=False, overtime_max_s=overtime) == away


def test_s13_nobody_gets_a_ticket_on_a_day_without_opening() -> None:
    usual = ((8.5, 12.0), (14.5, 17.5))
    hall = opened([usual, (), usual] + [usual] * 27)
    assert turned_away(DAY + MORNING, hall=hall)
    assert not turned_away(2 * DAY, hall=hall)
    assert turned_away(29 * DAY + EVENING, hall=hall)


def test_s13_who_waits_over_the_break_spends_no_patience_in_it() -> None:
    routes = [serve(HOUR), serve(60, ticket=True, patience=600, on_left=Mark("gone"))]
    arrivals = [(NOON - 300, 0), (NOON - 240, 1), (NOON + 60, 1)]
    # Nobody is there in the afternoon: 240 s before the break and 360 s after it; 600 s after it.
    w = world(routes, arrivals, [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert [(row[0], row[4], row[6]) for row in w.rows(Serve)] == [
        (0, NOON + HOUR - 300, DONE),
        (1, AFTERNOON + 360, LEFT),
        (2, AFTERNOON + 600, LEFT),
    ]


def test_s13_who_joins_after_the_close_is_looked_at_at_once() -> None:
    routes = [serve(600), serve(600, "b", here=True, on_left=Mark("gone"))]
    groups = [team("t", calendar="hall"), team("o", 1, ("b",), calendar="office")]
    w = world(routes, [(EVENING + 60, 1)], groups)
    assert w.rows(Serve)[0][4:] == (EVENING + 60, -1, LEFT)


def test_s14_who_is_being_served_does_not_leave() -> None:
    block = serve(600, ticket=True, patience=60, on_left=Mark("gone"))
    w = world(block, [MORNING, EVENING - 30], [team("t", calendar="hall")], closing="send_home")
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]
    assert not w.rows(Mark)


def test_s14_who_was_served_does_not_go_through_on_left() -> None:
    block = sequence(serve(600, ticket=True, on_left=Exit("gone")), Mark("behind"))
    w = world(block, [MORNING], [team("t", calendar="hall")])
    assert len(w.rows(Mark)) == 1
