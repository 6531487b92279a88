"""Working time: the official calendar, open hours, and when applicants come."""

from __future__ import annotations

import datetime as dt
from itertools import accumulate

from sim.process.clock import WHOLE_DAY_S, Calendar
from sim.process.network import Rhythm
from sim.scenario.schema import Calendar as CalendarSettings
from sim.scenario.schema import Demand, Settings

TAIL_WD = 2
"""Working days kept after the follow-up, so that every case is followed to its end."""


def is_workday(day: dt.date, calendar: CalendarSettings, official: object) -> bool:
    """Say whether the offices are open on a day: official holidays and make-up workdays hold."""
    if day in calendar.extra_workdays:
        return True
    if day in calendar.extra_holidays:
        return False
    return bool(official.is_working_day(day))  # type: ignore[attr-defined]


def working_days(settings: Settings, first: dt.date, count_after_census: int) -> list[dt.date]:
    """Return the working days from `first` until so many after the census."""
    import holidays  # noqa: PLC0415  (slow to import)

    years = range(first.year, settings.horizon.census.year + 4)
    official = holidays.country_holidays(settings.calendar.country, years=years)
    found: list[dt.date] = []
    after = 0
    day = first
    while after < count_after_census or day <= settings.horizon.census:
        if is_workday(day, settings.calendar, official):
            found.append(day)
            after += day > settings.horizon.census
        day += dt.timedelta(days=1)
    return found


def census_s(settings: Settings) -> int:
    """Return the second at which the census is taken: midnight after its day."""
    return (settings.horizon.census - settings.horizon.start).days * WHOLE_DAY_S + WHOLE_DAY_S


def clock_s(time: str) -> int:
    """Return the second of the day of a clock time such as 08:30."""
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def calendar(days: list[dt.date], hours: tuple[str, ...], start: dt.date) -> Calendar:
    """Return the open intervals of these days, in seconds from the start."""
    opens, closes, numbers = [], [], []
    for number, day in enumerate(days):
        midnight = (day - start).days * WHOLE_DAY_S
        for span in hours:
            opening, closing = span.split("-")
            opens.append(midnight + clock_s(opening))
            closes.append(midnight + clock_s(closing))
            numbers.append(number)
    return Calendar(tuple(opens), tuple(closes), tuple(numbers))


def rhythm(settings: Settings, days: list[dt.date]) -> Rhythm:
    """Return how arrivals spread over the days and hours that the hall is open."""
    start, census = settings.horizon.start, settings.horizon.census
    shares = settings.demand.weekday_share
    # A make-up workday falls on a weekend: it counts as an average day.
    weights = [shares[day.weekday()] if day.weekday() < 5 else 0.2 for day in days]
    counted = [weight for weight, day in zip(weights, days, strict=True) if day <= census]
    mean = sum(counted) / len(counted)
    at_s, share = clock_profile(settings.demand, settings.calendar.hall_hours)
    return Rhythm(
        day_starts_s=tuple((day - start).days * WHOLE_DAY_S for day in days),
        day_weights=tuple(weight / mean for weight in weights),
        busyness_cv=settings.demand.busyness_cv,
        clock_s=at_s,
        clock_share=share,
    )


def clock_profile(
    demand: Demand, hours: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the cumulative share of a day's arrivals over clock time.

    The weight of a clock hour spreads over its open minutes; the weight of an hour that is
    closed goes to the nearest hour with open minutes (to both, when two are as near).
    """
    spans = [tuple(clock_s(edge) for edge in span.split("-")) for span in hours]
    pieces = [
        (hour, max(opening, hour * 3600), min(closing, hour * 3600 + 3600))
        for opening, closing in spans
        for hour in range(opening // 3600, (closing - 1) // 3600 + 1)
    ]
    open_s: dict[int, int] = {}
    for hour, begin, end in pieces:
        open_s[hour] = open_s.get(hour, 0) + end - begin
    weight = dict.fromkeys(open_s, 0.0)
    for hour, value in demand.hour_weights.items():
        distance = min(abs(hour - other) for other in open_s)
        nearest = [other for other in open_s if abs(hour - other) == distance]
        for other in nearest:
            weight[other] += value / len(nearest)
    total = sum(weight.values())
    edges = [edge for _, begin, end in pieces for edge in (begin, end)]
    steps = [
        step
        for hour, begin, end in pieces
        for step in (0.0, weight[hour] / total * (end - begin) / open_s[hour])
    ]
    return tuple(edges), tuple(min(1.0, share) for share in accumulate(steps))
