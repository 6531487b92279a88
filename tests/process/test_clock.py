"""Working time: sums on calendars against second-by-second counting."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.process.clock import WD_TICKS, Calendar

DAY, HOUR = 86_400, 3600
# A calendar of seconds: increasing edges, each day of one or two spans.
EDGES = st.lists(st.integers(1, 6), min_size=2, max_size=24).filter(lambda gaps: len(gaps) % 2 == 0)


@st.composite
def calendars(draw: st.DrawFn, *, first_gap: int = 0) -> Calendar:
    gaps = draw(EDGES)
    edges, at = [], draw(st.integers(first_gap, 5))
    for gap in gaps:
        edges.append(at)
        at += gap
    opens, closes = edges[::2], edges[1::2]
    new_day = draw(st.lists(st.booleans(), min_size=len(opens), max_size=len(opens)))
    days, day = [], 0
    for index, new in enumerate(new_day):
        day += int(new and index > 0)
        days.append(day)
    return Calendar(tuple(opens), tuple(closes), tuple(days))


def is_open(calendar: Calendar, second: int) -> bool:
    return any(a <= second < b for a, b in zip(calendar.opens, calendar.closes, strict=True))


def counted(calendar: Calendar, until: int) -> int:
    return sum(is_open(calendar, second) for second in range(until))


TIMES = st.integers(0, 160)


@given(calendars(), TIMES)
def test_elapsed_counts_open_seconds(calendar: Calendar, time: int) -> None:
    assert calendar.elapsed(time) == counted(calendar, time)


@settings(deadline=None)  # the first call loads machine code
@given(calendars(), st.lists(TIMES, min_size=1, max_size=6))
def test_elapsed_many_is_elapsed_of_each(calendar: Calendar, times: list[int]) -> None:
    expected = [calendar.elapsed(time) for time in times]
    found = calendar.elapsed_many(np.array(times))
    assert found.tolist() == expected
    assert found.dtype == np.int64
    assert calendar.elapsed_many(np.array([times, times])).tolist() == [expected, expected]


@given(calendars(), TIMES, st.integers(1, 80))
def test_add_is_the_earliest_time_by_which_so_many_open_seconds_have_passed(
    calendar: Calendar, time: int, seconds: int
) -> None:
    end = calendar.add(time, seconds)
    left = calendar.before[-1] - calendar.elapsed(time)
    if seconds <= left:
        assert counted(calendar, end) - counted(calendar, time) == seconds
        assert counted(calendar, end - 1) - counted(calendar, time) == seconds - 1
    else:
        assert end == max(time, calendar.closes[-1]) + seconds - left


@given(calendars(), TIMES)
def test_adding_nothing_stays_where_it_is(calendar: Calendar, time: int) -> None:
    assert calendar.add(time, 0) == time


@given(calendars(), TIMES, st.integers(1, 20), st.integers(1, 20))
def test_add_can_be_split(calendar: Calendar, time: int, first: int, second: int) -> None:
    if calendar.elapsed(time) + first <= calendar.before[-1]:
        assert calendar.add(calendar.add(time, first), second) == calendar.add(time, first + second)


@given(calendars(), TIMES, st.integers(0, 40))
def test_add_keeps_order(calendar: Calendar, time: int, seconds: int) -> None:
    assert calendar.add(time + 1, seconds) >= calendar.add(time, seconds)
    assert calendar.add(time, seconds + 1) > calendar.add(time, seconds) or not seconds


@given(calendars(), st.integers(0, 200))
def test_intervals_are_closed_on_the_left_and_open_on_the_right(
    calendar: Calendar, time: int
) -> None:
    assert calendar.is_open(time) == is_open(calendar, time)


def days_of(calendar: Calendar) -> dict[int, tuple[int, int]]:
    found: dict[int, tuple[int, int]] = {}
    for a, b, day in zip(calendar.opens, calendar.closes, calendar.days, strict=True):
        found[day] = (found.get(day, (a, b))[0], b)
    return found


@given(calendars(), TIMES)
def test_days_run_from_first_opening_to_last_close(calendar: Calendar, time: int) -> None:
    days = days_of(calendar)
    assert dict(enumerate(calendar.day_bounds)) == days
    closes = [close for _, close in days.values()]
    later = [close for close in closes if close >= time]
    assert calendar.day_close_from(time) == (later[0] if later else time)


def ticks_by_hand(calendar: Calendar, time: int) -> Fraction:
    """Return the working days before a time, exactly."""
    days = Fraction(0)
    for day in dict.fromkeys(calendar.days):
        spans = [
            (a, b)
            for a, b, of_day in zip(calendar.opens, calendar.closes, calendar.days, strict=True)
            if of_day == day
        ]
        passed = sum(max(0, min(time, b) - a) for a, b in spans)
        days += Fraction(passed, sum(b - a for a, b in spans))
    return days * WD_TICKS


@given(calendars(), TIMES)
def test_a_tick_is_a_part_of_the_day_rounded_down(calendar: Calendar, time: int) -> None:
    assert calendar.tick(time) == math.floor(ticks_by_hand(calendar, time))


@settings(deadline=None)
@given(calendars(), st.lists(TIMES, min_size=1, max_size=6))
def test_tick_many_is_tick_of_each(calendar: Calendar, times: list[int]) -> None:
    expected = [calendar.tick(time) for time in times]
    assert calendar.tick_many(np.array(times)).tolist() == expected


@given(calendars(), TIMES, st.integers(1, 10 * WD_TICKS))
def test_add_ticks_is_the_first_second_that_reaches_them(
    calendar: Calendar, time: int, ticks: int
) -> None:
    end = calendar.add_ticks(time, ticks)
    left = WD_TICKS * len(calendar.day_bounds) - calendar.tick(time)
    if ticks <= left:
        assert calendar.tick(end) >= calendar.tick(time) + ticks
        assert calendar.tick(end - 1) < calendar.tick(time) + ticks
    else:
        assert end == max(time, calendar.closes[-1]) + ticks - left


@given(calendars(), TIMES, st.integers(0, 3))
def test_whole_days_lead_to_the_same_part_of_a_later_day(
    calendar: Calendar, time: int, days: int
) -> None:
    if calendar.tick(time) + days * WD_TICKS < WD_TICKS * len(calendar.day_bounds):
        end = calendar.add_ticks(time, days * WD_TICKS)
        # A second of a day of many seconds may hold several ticks of a shorter one.
        longest = WD_TICKS // min(calendar.day_open_s) + 1
        assert 0 <= calendar.tick(end) - calendar.tick(time) - days * WD_TICKS < longest


@given(calendars(), TIMES, st.integers(1, 10 * WD_TICKS))
def test_due_is_the_close_of_the_day_on_which_the_limit_is_used_up(
    calendar: Calendar, start: int, limit: int
) -> None:
    if calendar.tick(start) + limit > WD_TICKS * len(calendar.day_bounds):
        return
    due = calendar.due(start, limit)
    closes = [close for _, close in days_of(calendar).values()]
    used_up = [
        close for close in closes if ticks_by_hand(calendar, close) >= calendar.tick(start) + limit
    ]
    assert due == used_up[0]


# By hand ------------------------------------------------------------------------------------


def office(days: int) -> Calendar:
    """Return 08:30–12:00 and 14:30–17:30 on the days 0, 1, 2, 3, 4, 7, 8, and so on."""
    numbers = [day for day in range(2 * days) if day % 7 < 5][:days]
    spans = [(8.5, 12.0), (14.5, 17.5)]
    return Calendar(
        tuple(int(day * DAY + a * HOUR) for day in numbers for a, _ in spans),
        tuple(int(day * DAY + b * HOUR) for day in numbers for _, b in spans),
        tuple(index for index in range(days) for _ in spans),
    )


def at(day: int, hour: float) -> int:
    return int(day * DAY + hour * HOUR)


def test_work_ends_on_the_close_and_goes_on_one_second_after_the_opening() -> None:
    calendar = office(10)
    assert calendar.add(at(0, 11), HOUR) == at(0, 12)
    assert calendar.add(at(0, 11), HOUR + 1) == at(0, 14.5) + 1
    assert calendar.add(at(0, 12), 1) == at(0, 14.5) + 1
    assert calendar.add(at(0, 17.5), 1) == at(1, 8.5) + 1
    assert calendar.add(at(4, 17), HOUR) == at(7, 9)
    assert calendar.add(at(5, 10), HOUR) == at(7, 9.5)
    assert calendar.add(0, 23_400) == at(0, 17.5)


def test_edges_of_an_interval() -> None:
    calendar = office(10)
    assert not calendar.is_open(at(0, 8.5) - 1)
    assert calendar.is_open(at(0, 8.5))
    assert calendar.is_open(at(0, 12) - 1)
    assert not calendar.is_open(at(0, 12))
    assert calendar.elapsed(at(0, 12)) == calendar.elapsed(at(0, 14.5)) == 12_600


def test_the_next_day_opens_after_midnight_even_from_a_closed_day() -> None:
    calendar = office(10)
    assert calendar.next_day_open(at(0, 8)) == at(1, 8.5)
    assert calendar.next_day_open(at(0, 23)) == at(1, 8.5)
    assert calendar.next_day_open(at(4, 9)) == at(7, 8.5)
    assert calendar.next_day_open(at(5, 9)) == at(7, 8.5)


@pytest.mark.parametrize("hours", [6, 6.5, 7, 8, 24])
@pytest.mark.parametrize(("limit_wd", "due_day"), [(1, 1), (5, 7), (10, 14), (20, 28)])
def test_a_limit_falls_due_on_its_working_day_whatever_its_length(
    hours: float, limit_wd: int, due_day: int
) -> None:
    numbers = [day for day in range(60) if day % 7 < 5]
    calendar = Calendar(
        tuple(at(day, 0) for day in numbers),
        tuple(at(day, hours) for day in numbers),
        tuple(range(len(numbers))),
    )
    # Accepted on Monday, day 0: the limit begins on Tuesday, day 1, its first working day.
    start = calendar.next_day_open(at(0, 3))
    assert calendar.due(start, limit_wd * WD_TICKS) == at(due_day, hours)


def test_a_stop_in_a_week_of_unequal_days() -> None:
    # Monday to Friday 8, 4, 6, 2 and 5 hours from 9:00, every week.
    hours = {0: 8, 1: 4, 2: 6, 3: 2, 4: 5}
    numbers = [day for day in range(28) if day % 7 < 5]
    calendar = Calendar(
        tuple(at(day, 9) for day in numbers),
        tuple(at(day, 9 + hours[day % 7]) for day in numbers),
        tuple(range(len(numbers))),
    )
    start = calendar.next_day_open(at(0, 10))
    assert start == at(1, 9)
    # Tuesday is used up; on Wednesday at 12:00 half a day more: 1.5 of 3 days, 1.5 are left.
    used = calendar.tick(at(2, 12)) - calendar.tick(start)
    assert used == 1.5 * WD_TICKS
    # On from Thursday 10:00, half of its 2 hours: 0.5 on Thursday, 1 on Friday; due at its close.
    assert calendar.due(at(3, 10), 3 * WD_TICKS - used) == at(4, 14)
    # On from Thursday 10:30, three quarters of it: 0.25 on Thursday, 1 on Friday, 0.25 on Monday.
    assert calendar.due(at(3, 10.5), 3 * WD_TICKS - used) == at(7, 17)


def test_due_dates_by_hand() -> None:
    calendar = office(10)
    one = WD_TICKS
    assert calendar.due(at(1, 8.5), one) == at(1, 17.5)
    assert calendar.due(at(1, 8.5), 3 * one) == at(3, 17.5)
    assert calendar.due(at(1, 8.5), 4 * one + 1) == at(7, 17.5)
    assert calendar.due(at(1, 8.5), 1) == at(1, 17.5)
    assert calendar.due(at(2, 10), one) == at(3, 17.5)
    assert calendar.due(at(1, 17.5), 0) == at(1, 17.5)


def test_beyond_the_last_close_time_runs_on() -> None:
    calendar = office(2)
    last = calendar.closes[-1]
    assert calendar.add(at(1, 17), 2 * HOUR) == last + int(1.5 * HOUR)
    assert calendar.add(last + 5, 0) == last + 5
    assert calendar.add(last + 50, 10) == last + 60
    left = 2 * WD_TICKS - calendar.tick(at(1, 17))
    assert calendar.add_ticks(at(1, 17), left + 90) == last + 90
    assert calendar.add_ticks(last + 50, 10) == last + 60


def test_open_seconds_before_each_interval_never_fall() -> None:
    before = office(10).before
    assert before[0] == 0
    assert before[-1] == 10 * 23_400
    assert all(a < b for a, b in pairwise(before))
