"""When people start work and when they stop, traced by hand."""

from __future__ import annotations

import pytest

from sim.engine.log import Status
from sim.process.blocks import Choice, Mark, Present, Serve

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


def test_s10_nobody_starts_before_opening_or_in_the_break() -> None:
    w = world(serve(600), [0, NOON], [team("t", calendar="hall")])
    assert [row[3] for row in w.rows(Serve)] == [MORNING, AFTERNOON]


def test_s10_close_itself_is_closed() -> None:
    w = world(serve(600), [NOON], [team("t", calendar="hall")])
    assert w.rows(Serve)[0][3] == AFTERNOON


def test_s10_an_absent_person_starts_nothing_that_half_day() -> None:
    w = world(serve(600), [MORNING], [team("t", calendar="hall")], absent={"t": {0: 1}})
    assert w.rows(Serve)[0][3] == AFTERNOON


def test_s11_windows_work_through_the_break_and_offices_pause() -> None:
    start, work = NOON - 600, 1800
    window = world(serve(work), [start], [team("t", calendar="hall")])
    assert window.rows(Serve)[0][4] == start + work
    office = world(serve(work), [start], [team("t", calendar="office", pauses=True)])
    assert office.rows(Serve)[0][4] == AFTERNOON + work - 600


def test_s11_begun_work_is_finished_although_the_person_is_then_away() -> None:
    w = world(serve(4 * HOUR), [MORNING], [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert w.rows(Serve)[0][4] == MORNING + 4 * HOUR


def test_s11_the_busy_person_who_is_away_frees_no_one() -> None:
    # One of two is away in the afternoon; the other still serves until 15:00. No third starts.
    block = serve(int(2 * HOUR))
    arrivals = [NOON - 60, AFTERNOON]
    w = world(block, arrivals, [team("t", 2, calendar="hall")], absent={"t": {1: 1}})
    assert [row[3] for row in w.rows(Serve)] == [NOON - 60, AFTERNOON]
    w = world(
        block,
        [NOON - 60, NOON - 60, AFTERNOON],
        [team("t", 2, calendar="hall")],
        absent={"t": {1: 1}},
    )
    # Both are busy until 13:59; at 14:30 one is present.
    assert [row[3] for row in w.rows(Serve)] == [NOON - 60, NOON - 60, AFTERNOON]


@pytest.mark.parametrize(
    ("closing", "ticket", "here", "start"),
    [
        ("serve_all", True, False, EVENING + 300),
        ("serve_all", False, True, EVENING + 300),
        ("serve_all", False, False, DAY + MORNING),
        ("send_home", False, False, DAY + MORNING),
    ],
)
def test_s12_late_work_is_for_who_is_in_the_hall(
    closing: str, ticket: bool, here: bool, start: int
) -> None:
    routes = [serve(600), serve(600, ticket=ticket, here=here)]
    arrivals = [(EVENING - 300, 0), (EVENING - 200, 1)]
    w = world(routes, arrivals, [team("t", calendar="hall")], closing=closing)
    assert w.rows(Serve)[1][3] == start


def test_s10_as_many_work_as_are_present() -> None:
    w = world(serve(600), [MORNING] * 4, [team("t", 3, calendar="hall")], absent={"t": {0: 1}})
    assert [row[3] for row in w.rows(Serve)] == [MORNING, MORNING, MORNING + 600, MORNING + 600]


def test_s10_before_the_first_opening_nobody_is_present() -> None:
    asks = Choice(((Present("a"), Mark("yes")),))
    w = world(asks, [MORNING - 1, MORNING, EVENING + HOUR], [team("t", calendar="hall")])
    assert [row[0] for row in w.rows(Mark)] == [1, 2]


def test_s11_who_works_on_counts_among_the_present() -> None:
    # One of two is away in the afternoon, one works on until 15:00: the next starts then.
    routes = [serve(6.5 * HOUR), serve(60)]
    arrivals = [(MORNING, 0), (AFTERNOON, 1)]
    groups = [team("t", 2, calendar="hall")]
    w = world(routes, arrivals, groups, absent={"t": {1: 1}})
    assert [(row[0], row[3]) for row in w.rows(Serve)] == [(0, MORNING), (1, 15 * HOUR)]


def test_s11_an_office_goes_on_the_next_morning() -> None:
    office = world(serve(600), [EVENING - 60], [team("t", calendar="office", pauses=True)])
    assert office.rows(Serve)[0][3:5] == (EVENING - 60, DAY + MORNING + 540)


@pytest.mark.parametrize(
    ("work", "start", "status"),
    [(6 * HOUR, EVENING + 6 * HOUR - 60, DONE), (7 * HOUR, DAY, LEFT)],
)
def test_s12_late_work_begins_before_midnight(work: int, start: int, status: Status) -> None:
    block = serve(work, ticket=True)
    for day in (0, 3 * DAY):
        arrivals = [day + EVENING - 60, day + EVENING - 30]
        w = world(block, arrivals, [team("t", calendar="hall")])
        row = next(row for row in w.rows(Serve) if row[0] == 1)
        assert (row[3], row[6]) == (day + start, status)


@pytest.mark.parametrize(
    ("overtime", "start", "status"),
    [
        (599, EVENING + 540, DONE),
        (541, EVENING + 540, DONE),
        (540, EVENING + 540, LEFT),
        (60, EVENING + 60, LEFT),
        (0, EVENING, LEFT),
    ],
)
def test_s12_who_waits_is_called_until_the_overtime_is_over(
    overtime: int, start: int, status: Status
) -> None:
    block = serve(600, ticket=True)
    arrivals = [EVENING - 60, EVENING - 30]
    w = world(block, arrivals, [team("t", calendar="hall")], overtime_max_s=overtime)
    row = next(row for row in w.rows(Serve) if row[0] == 1)
    assert (row[3], row[6]) == (start, status)


def test_s12_a_hall_that_closes_at_midnight_has_no_late_work() -> None:
    hall = opened([((8.0, 24.0),)] * 30)
    block = serve(600, ticket=True)
    w = world(block, [DAY - 60, DAY - 30], [team("t", calendar="hall")], hall=hall)
    assert [(row[0], row[3], row[4], row[6]) for row in w.rows(Serve)] == [
        (1, DAY, DAY, LEFT),
        (0, DAY - 60, DAY + 540, DONE),
    ]


def test_s12_there_is_no_late_work_in_the_break() -> None:
    block = serve(120, ticket=True)
    w = world(block, [NOON - 60, NOON - 30], [team("t", calendar="hall")])
    assert [row[3] for row in w.rows(Serve)] == [NOON - 60, AFTERNOON]


def test_s12_groups_on_another_calendar_know_no_late_work() -> None:
    block = serve(120, ticket=True)
    w = world(block, [EVENING - 60, EVENING - 30], [team("t", calendar="office")])
    assert [(row[0], row[3], row[6]) for row in w.rows(Serve)] == [
        (1, EVENING, LEFT),
        (0, EVENING - 60, DONE),
    ]


def test_s12_the_last_to_arrive_is_served_on_the_second_of_the_close() -> None:
    w = world(serve(120, here=True), [EVENING], [team("t", calendar="hall")])
    assert w.rows(Serve)[0][3] == EVENING
