"""Clocks: limits, stops and what happens when time is up, traced by hand."""

from __future__ import annotations

import pytest

from sim.process.blocks import Mark, Parallel, Serve, Suspend, Within, sequence

from .build import (
    DAY,
    DAYS,
    DONE,
    EVENING,
    EXPIRED,
    HOUR,
    MORNING,
    NOON,
    OPEN,
    delay,
    ends,
    opened,
    serve,
    team,
    world,
)

pytestmark = pytest.mark.usefixtures("traced")


def test_s20_the_day_of_acceptance_does_not_count_and_due_is_a_close() -> None:
    # Accepted on day 0 as the office opens; one working day from day 1, 08:30, ends at its close.
    w = world(Within(1, delay(10)), [MORNING])
    assert w.rows(Within)[0][5] == DAY + EVENING


def test_s20_a_part_of_a_day_is_due_at_that_days_close() -> None:
    assert world(Within(0.1, delay(10)), [9 * HOUR]).rows(Within)[0][5] == DAY + EVENING
    assert world(Within(1.01, delay(10)), [9 * HOUR]).rows(Within)[0][5] == 2 * DAY + EVENING


LONG, SHORT = ((9.0, 17.0),), ((9.0, 13.0),)


@pytest.mark.parametrize(("limit_wd", "due_day"), [(5, 5), (10, 10), (20, 20)])
@pytest.mark.parametrize("hours", [6.0, 7.0, 8.0, 15.0])
def test_s20_a_limit_counts_days_of_any_length(limit_wd: int, due_day: int, hours: float) -> None:
    offices = opened([((9.0, 9.0 + hours),)] * DAYS)
    w = world(Within(limit_wd, delay(10)), [9 * HOUR], offices=offices)
    assert w.rows(Within)[0][5] == due_day * DAY + (9 + hours) * HOUR


def test_s20_days_that_are_no_working_days_do_not_count() -> None:
    # Offices open every day; days 2, 3 and 4 are no working days: day 1, then days 5 and 6.
    working = opened([() if 2 <= day <= 4 else LONG for day in range(DAYS)])
    w = world(Within(3, delay(10)), [9 * HOUR], offices=opened([LONG] * DAYS), working=working)
    assert w.rows(Within)[0][5] == 6 * DAY + 17 * HOUR


def test_s21_a_stop_between_days_of_unequal_length() -> None:
    # Limit 2 wd from day 1. It stops on day 1 at 15:00, after 6 of 8 hours: 1.25 wd are left.
    # It goes on on day 4 at 12:00, after 3 of 4 hours: 0.25 on day 4, 1 on day 5.
    offices = opened([LONG, LONG, SHORT, LONG, SHORT, LONG, *([SHORT] * 24)])
    block = Within(2, sequence(delay(DAY + 6 * HOUR), Suspend(delay(3 * DAY - 3 * HOUR))))
    w = world(block, [9 * HOUR], offices=offices)
    assert w.rows(Suspend)[0][4] == 4 * DAY + 12 * HOUR
    assert w.rows(Within)[0][5] == 5 * DAY + 17 * HOUR
    # One second of day 4 later a tick of day 6 is needed as well.
    block = Within(2, sequence(delay(DAY + 6 * HOUR), Suspend(delay(3 * DAY - 3 * HOUR + 1))))
    assert world(block, [9 * HOUR], offices=offices).rows(Within)[0][5] == 6 * DAY + 13 * HOUR


def test_s21_a_stop_keeps_the_unspent_ticks() -> None:
    # Accepted day 0, limit 2 wd. Stopped from day 1 noon (3.5 h spent) to day 5 noon.
    # Left: 2 × 6.5 h - 3.5 h = 9.5 h: 3 h on day 5, 6.5 h on day 6. Due: close of day 6.
    block = Within(2, sequence(delay(DAY + NOON - 9 * HOUR), Suspend(delay(4 * DAY)), delay(10)))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 6 * DAY + EVENING


def test_s21_a_stopped_clock_has_no_due_date() -> None:
    block = Within(2, Suspend(delay(10 * DAY)))
    w = world(block, [9 * HOUR], end_s=3 * DAY)
    assert w.rows(Within) == [(0, 0, 9 * HOUR, 9 * HOUR, 3 * DAY, -1, OPEN)]


def test_s21_one_suspended_branch_stops_the_cases_clock() -> None:
    # Limit 1 wd, due at the close of day 1; one branch is suspended from the start for 3 days.
    block = Within(1, Parallel((Suspend(delay(3 * DAY)), delay(10))))
    # It goes on day 3 at 09:00 with 6.5 h left: 6 h on day 3 … the rest on day 4.
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 4 * DAY + EVENING


def test_s21_stops_are_counted() -> None:
    # Two branches stop the clock, until day 2 and day 4 at 09:00; it goes when the last ends.
    block = Within(1, Parallel((Suspend(delay(2 * DAY)), Suspend(delay(4 * DAY)))))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 5 * DAY + EVENING


def test_s21_a_clock_that_has_run_out_is_not_stopped() -> None:
    block = Within(1, sequence(delay(3 * DAY), Suspend(delay(2 * DAY))))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == DAY + EVENING


def test_s22_waiting_work_leaves_at_the_limit() -> None:
    due = DAY + EVENING
    routes = [serve(9 * DAY), sequence(Within(1, serve(10), expires=True), Mark("on"))]
    w = world(routes, [(0, 0), (MORNING, 1), (MORNING, 0)], [team("t")])
    mine = [row for row in w.rows() if row[0] == 1]
    assert [(row[1], row[4], row[6]) for row in mine] == [
        (2, due, EXPIRED),
        (1, due, EXPIRED),
        (3, due, DONE),
    ]
    # The person is free for the third case as if the second had never come.
    assert next(row for row in w.rows(Serve) if row[0] == 2)[3] == 9 * DAY


def test_s22_work_in_progress_is_broken_off_and_its_person_freed() -> None:
    due = DAY + EVENING
    routes = [Within(1, serve(5 * DAY), expires=True), serve(10)]
    w = world(routes, [(MORNING, 0), (MORNING + 1, 1)], [team("t")])
    assert w.rows(Serve) == [
        (0, 1, MORNING, MORNING, due, 0, EXPIRED),
        (1, 0, MORNING + 1, due, due + 10, 0, DONE),
    ]


def test_s22_everything_inside_ends_in_block_order_inner_first() -> None:
    inside = Parallel((delay(9 * DAY), Parallel((delay(9 * DAY), serve(9 * DAY)))))
    w = world(Within(1, inside, expires=True), [MORNING], [team("t")])
    assert [row[1] for row in w.rows()] == [2, 4, 5, 3, 1, 0]
    assert {row[6] for row in w.rows()} == {EXPIRED}


def test_s22_only_that_branch_ends() -> None:
    due = DAY + EVENING
    silent = Within(1, delay(9 * DAY), expires=True)
    w = world(sequence(Parallel((silent, delay(3 * DAY))), Mark("on")), [MORNING])
    assert w.rows(Mark)[0][4] == MORNING + 3 * DAY
    assert w.rows(Within)[0][4] == due


def test_s22_a_stop_moves_the_bell() -> None:
    # The stop lasts 2 days from day 0: the clock goes at day 2, 08:30, due at its close.
    block = Within(1, sequence(Suspend(delay(2 * DAY)), delay(9 * DAY)), expires=True)
    assert world(block, [MORNING]).rows(Within)[0][4] == 2 * DAY + EVENING


def test_s22_an_ended_scope_does_not_ring_later() -> None:
    block = sequence(Within(1, delay(10), expires=True), delay(5 * DAY), Mark("on"))
    w = world(block, [MORNING])
    assert w.rows(Mark)[0][4] == MORNING + 10 + 5 * DAY


def test_s20_a_limit_is_used_up_in_open_office_time() -> None:
    # 2.5 wd from day 1, 08:30: used up on day 3 at 11:45.
    assert world(Within(2.5, delay(10)), [NOON]).rows(Within)[0][5] == 3 * DAY + EVENING


def test_s21_a_stop_before_the_clock_starts_costs_nothing() -> None:
    for limit in (1, 0.1):
        block = Within(limit, sequence(Suspend(delay(60)), delay(10)))
        assert world(block, [MORNING]).rows(Within)[0][5] == DAY + EVENING


def test_s21_a_stop_that_began_before_the_start_goes_on_from_its_end() -> None:
    # The clock would start on day 1 at 08:30; it is stopped from day 0 to day 1 at 12:30.
    block = Within(1, sequence(Suspend(delay(DAY + 4 * HOUR)), delay(10)))
    assert world(block, [MORNING]).rows(Within)[0][5] == 2 * DAY + EVENING


def test_s21_a_stop_in_the_second_of_the_due_date_is_in_time() -> None:
    # All is used up; after the stop, on day 3 at 08:30, the limit is the close of that day.
    due = DAY + EVENING
    inside = sequence(delay(due - MORNING), Suspend(delay(2 * DAY - 9 * HOUR)), delay(9 * DAY))
    w = world(Within(1, inside, expires=True), [MORNING])
    assert w.rows(Within)[0][4:] == (3 * DAY + EVENING, 3 * DAY + EVENING, EXPIRED)


def test_s21_every_clock_around_it_stops_and_no_other() -> None:
    inner = Within(1, Suspend(delay(3 * DAY)))
    beside = Within(1, delay(3 * DAY))
    w = world(Within(2, Parallel((inner, beside))), [MORNING])
    # Both outer clocks go on from day 3 at 08:30: 1 wd ends on day 3, 2 wd on day 4.
    assert {row[1]: row[5] for row in w.rows(Within)} == {
        0: 4 * DAY + EVENING,
        2: 3 * DAY + EVENING,
        5: DAY + EVENING,
    }


def test_s21_several_stops_add_up() -> None:
    # Day 1: 08:30–10:30 and 11:30–14:30 are used (2.5 h), then the stop until day 3, 08:30.
    first = sequence(delay(DAY + 2 * HOUR), Suspend(delay(HOUR)), delay(3 * HOUR))
    block = Within(1, sequence(first, Suspend(delay(2 * DAY - 6 * HOUR)), delay(9 * DAY)))
    assert world(block, [MORNING]).rows(Within)[0][5] == 3 * DAY + EVENING
    shorter = Within(0.4, sequence(first, Suspend(delay(2 * DAY - 6 * HOUR)), delay(9 * DAY)))
    assert world(shorter, [MORNING]).rows(Within)[0][5] == 3 * DAY + EVENING


def test_s22_two_cases_ring_in_the_order_of_their_numbers() -> None:
    w = world(Within(1, delay(9 * DAY), expires=True), [MORNING, MORNING + 5])
    assert [(row[0], row[1]) for row in w.rows()] == [(0, 1), (0, 0), (1, 1), (1, 0)]


def test_s22_an_inner_clock_is_ended_by_an_outer_one() -> None:
    inner = Within(5, delay(20 * DAY), expires=True)
    w = world(sequence(Within(1, inner, expires=True), delay(9 * DAY), Mark("on")), [MORNING])
    due = DAY + EVENING
    assert [(row[1], row[4], row[6]) for row in w.rows()[:3]] == [
        (3, due, EXPIRED),
        (2, due, EXPIRED),
        (1, due, EXPIRED),
    ]
    # The inner clock's own due date passes unheard.
    assert ends(w.rows(Mark)) == [(0, due + 9 * DAY)]


def test_s22_the_freed_person_is_called_in_the_same_second() -> None:
    due = DAY + EVENING
    routes = [Within(1, Parallel((serve(9 * DAY), serve(9 * DAY))), expires=True), serve(5)]
    w = world(routes, [(MORNING, 0), (MORNING, 1)], [team("t")])
    assert [(row[0], row[1], row[3], row[6]) for row in w.rows(Serve)] == [
        (0, 2, MORNING, EXPIRED),
        (0, 3, due, EXPIRED),
        (1, 0, due, DONE),
    ]


def test_s22_a_ring_at_the_same_second_as_the_join_comes_too_late() -> None:
    due = DAY + EVENING
    both = Parallel((delay(due - MORNING), delay(due - MORNING)))
    w = world(Within(1, both, expires=True), [MORNING])
    assert {row[6] for row in w.rows()} == {DONE}


def test_s23_without_an_outcome_what_is_late_goes_on() -> None:
    w = world(sequence(Within(1, delay(9 * DAY)), Mark("on")), [MORNING])
    assert w.rows(Within) == [
        (0, 1, MORNING, MORNING, MORNING + 9 * DAY, DAY + EVENING, DONE),
    ]
    assert ends(w.rows(Mark)) == [(0, MORNING + 9 * DAY)]
