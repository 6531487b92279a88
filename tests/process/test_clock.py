"""Working time: sums on calendars against second-by-second counting."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.process.clock import Calendar

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
    spans = list(zip(calendar.opens, calendar.closes, strict=True))
    assert calendar.is_open(time) == is_open(calendar, time)
    inside = [index for index, (a, b) in enumerate(spans) if a <= time < b]
    assert calendar.interval_at(time) == (inside[0] if inside else None)


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


@given(calendars(), TIMES, st.integers(1, 60))
def test_due_is_the_close_of_the_day_on_which_the_limit_is_used_up(
    calendar: Calendar, start: int, limit: int
) -> None:
    if calendar.elapsed(start) + limit > calendar.before[-1]:
        return
    due = calendar.due(start, limit)
    # The day is the one whose open seconds hold the last second of the limit.
    last_second = next(
        second
        for second in range(start, calendar.closes[-1])
        if is_open(calendar, second)
        and counted(calendar, second + 1) - counted(calendar, start) == limit
    )
    close = next(b for a, b in days_of(calendar).values() if a <= last_second < b)
    assert due == close


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
    assert calendar.interval_at(at(1, 14.5)) == 3
    assert calendar.interval_at(at(1, 13)) is None
    assert calendar.elapsed(at(0, 12)) == calendar.elapsed(at(0, 14.5)) == 12_600


def test_the_next_day_opens_after_midnight_even_from_a_closed_day() -> None:
    calendar = office(10)
    assert calendar.next_day_open(at(0, 8)) == at(1, 8.5)
    assert calendar.next_day_open(at(0, 23)) == at(1, 8.5)
    assert calendar.next_day_open(at(4, 9)) == at(7, 8.5)
    assert calendar.next_day_open(at(5, 9)) == at(7, 8.5)


def test_due_dates_by_hand() -> None:
    calendar = office(10)
    one = 23_400
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
    assert calendar.due(at(1, 17), 2 * HOUR) == last + int(1.5 * HOUR)


def test_open_seconds_before_each_interval_never_fall() -> None:
    before = office(10).before
    assert before[0] == 0
    assert before[-1] == 10 * 23_400
    assert all(a < b for a, b in pairwise(before))
