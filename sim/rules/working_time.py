"""Working time: working days, open hours, and when applicants come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil
from typing import NamedTuple

from sim.process.clock import MIDDAY_S, WHOLE_DAY_S, Calendar
from sim.process.network import DayProfile, Rhythm
from sim.scenario.fields import WEEKDAYS, OpenHours
from sim.scenario.opening_hours import Calendar as CalendarSettings
from sim.scenario.opening_hours import OtherHours
from sim.scenario.schema import Demand, Horizon, Settings

TAIL_WD = 2
"""Working days kept after the follow-up, so that every case is followed to its end."""
FEWEST_WD_A_YEAR = 20
"""Working days of a year; a calendar with fewer is taken to have too few of them."""
WORKING_DAYS = "working days"
"""Name of the calendar of working days."""

OpenDay = tuple[dt.date, tuple[OpenHours, ...]]
"""A day with its open hours, at least one span."""


class OfficialDays:
    """Which days are official working days, and which are holidays.

    Parameters
    ----------
    calendar
        The official calendar and what a hall adds to it.
    first, last
        Years for which it is asked.
    """

    def __init__(self, calendar: CalendarSettings, first: int, last: int) -> None:
        import holidays  # noqa: PLC0415  (slow to import)

        self._calendar = calendar
        self._official = holidays.country_holidays(calendar.country, years=range(first, last + 1))

    def is_working(self, day: dt.date) -> bool:
        """Say whether a day is worked officially: make-up workdays are, holidays are not.

        Parameters
        ----------
        day
            A date in the years asked for.

        Returns
        -------
        bool
            Extra workdays of the settings come before extra holidays, and both before the official
            calendar.
        """
        if day in self._calendar.extra_workdays:
            return True
        if day in self._calendar.extra_holidays:
            return False
        return bool(self._official.is_working_day(day))

    def is_weekend(self, day: dt.date) -> bool:
        """Say whether a day is in the country's weekend.

        Parameters
        ----------
        day
            A date.

        Returns
        -------
        bool
            By its weekday alone: true for a make-up workday too.
        """
        return bool(self._official.is_weekend(day))

    def is_holiday(self, day: dt.date) -> bool:
        """Say whether a day is a holiday; a weekend is one if it adjoins one.

        Parameters
        ----------
        day
            A date in the years asked for.

        Returns
        -------
        bool
            By the official calendar and the extra holidays of the settings.
        """
        around = [day]
        for step in (dt.timedelta(days=-1), dt.timedelta(days=1)):
            near = day
            while self.is_weekend(near):
                near += step
            around.append(near)
        holidays = self._calendar.extra_holidays
        return any(date in holidays or date in self._official for date in around)

    def arrival_weight(self, demand: Demand, day: dt.date) -> float:
        """Return the share of a week's arrivals on a day.

        A working day is an average one if it is a make-up workday or has no share of its own.

        Parameters
        ----------
        demand
            Its `weekday_share`.
        day
            A date in the years asked for.

        Returns
        -------
        float
            Share, 0 to 1.
        """
        shares = demand.weekday_share
        own = day.weekday() < len(shares)
        if not self.is_working(day) or (own and not self.is_weekend(day)):
            return shares[day.weekday()] if own else 0.0
        week = (day + dt.timedelta(days=n) for n in range(7))
        usual = [date.weekday() for date in week if not self.is_weekend(date)]
        usual_shares = [shares[weekday] for weekday in usual if weekday < len(shares)]
        return sum(usual_shares) / len(usual_shares)


def _hours_on(
    day: dt.date,
    official: OfficialDays,
    usual: tuple[OpenHours, ...],
    others: tuple[OtherHours, ...],
) -> tuple[OpenHours, ...]:
    """Return the open hours of a day: the last of the other hours that fit, or the usual ones.

    For a make-up workday at a weekend only hours without weekdays fit.  On a weekend that is not
    worked only hours that name its weekday fit, and none if it adjoins a holiday.

    Parameters
    ----------
    day
        The date asked for.
    official
        Which days are worked.
    usual
        Hours of a working day for which no others fit.
    others
        Hours that differ, in the order in which they are written.
    """
    working, weekend = official.is_working(day), official.is_weekend(day)
    if not working and (not weekend or official.is_holiday(day)):
        return ()
    hours = usual if working else ()
    for other in others:
        named = WEEKDAYS[day.weekday()] in other.weekdays
        on_day = named if not working else not other.weekdays or (named and not weekend)
        if on_day and _in_part_of_year(day, other):
            hours = other.hours
    return hours


def _in_part_of_year(day: dt.date, other: OtherHours) -> bool:
    today = f"{day:%m-%d}"
    if other.first_day <= other.last_day:
        return other.first_day <= today <= other.last_day
    return today >= other.first_day or today <= other.last_day


class OpenDays(NamedTuple):
    """The days of a horizon, until every limit that begins in the simulation is over.

    Parameters
    ----------
    official
        Which days are worked officially.
    working
        Working days, ascending.
    hall, office
        Days on which the hall, or the home departments, are open, with their hours; ascending.
    """

    official: OfficialDays
    working: tuple[dt.date, ...]
    hall: tuple[OpenDay, ...]
    office: tuple[OpenDay, ...]
    end: dt.date
    """The day before which the simulation ends."""


@lru_cache(maxsize=64)
def open_days(horizon: Horizon, calendar: CalendarSettings, longest_limit_wd: float) -> OpenDays:
    """Return the working days of a horizon, and the days on which hall and offices are open.

    A working day is an official one on which the home departments are open.

    Parameters
    ----------
    horizon, calendar
        Period counted and followed, and the hours stated for it.
    longest_limit_wd
        Longest limit of a clock, in working days.

    Returns
    -------
    OpenDays
        From the start of the horizon on.

    Raises
    ------
    ValueError
        If the calendar has too few working days for the follow-up and the limits.
    """
    after_census = horizon.follow_up_wd + TAIL_WD
    beyond = after_census + ceil(longest_limit_wd) + 1
    last_year = min(dt.MAXYEAR - 1, horizon.census.year + 1 + ceil(beyond / FEWEST_WD_A_YEAR))
    official = OfficialDays(calendar, horizon.start.year, last_year)
    working: list[dt.date] = []
    hall: list[OpenDay] = []
    office: list[OpenDay] = []
    day, after, end = horizon.start, 0, horizon.start
    while after < beyond or day <= horizon.census:
        if day.year > last_year:
            raise ValueError(f"{after} of {beyond} working days after the census {horizon.census}")
        in_hall = _hours_on(day, official, calendar.hall_hours, calendar.other_hall_hours)
        in_office = _hours_on(day, official, calendar.office_hours, calendar.other_office_hours)
        hall += [(day, in_hall)] if in_hall else []
        office += [(day, in_office)] if in_office else []
        if in_office and official.is_working(day):
            working.append(day)
            after += day > horizon.census
            end = day if after <= after_census else end
        day += dt.timedelta(days=1)
    return OpenDays(official, tuple(working), tuple(hall), tuple(office), end)


def working_days(settings: Settings) -> list[dt.date]:
    """Return the working days of a scenario from its start to the census.

    Parameters
    ----------
    settings
        Parameters and policy.

    Returns
    -------
    list of date
        Ascending, the day of the census included.
    """
    horizon = settings.horizon
    days = open_days(horizon, settings.calendar, 0.0).working
    return [day for day in days if day <= horizon.census]


def census_s(settings: Settings) -> int:
    """Return the second at which the census is taken: midnight after its day.

    Parameters
    ----------
    settings
        Parameters and policy.

    Returns
    -------
    int
        Seconds since the start, which is the midnight before the first day.
    """
    return (settings.horizon.census - settings.horizon.start).days * WHOLE_DAY_S + WHOLE_DAY_S


def clock_s(time: str) -> int:
    """Return the second of the day of a clock time such as 08:30.

    Parameters
    ----------
    time
        Hours and minutes, up to 24:00.

    Returns
    -------
    int
        Seconds since midnight.
    """
    hours, minutes = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def longest_limit_wd(settings: Settings, promised_wd: Iterable[float]) -> float:
    """Return the longest limit of a scenario, among promised ones and those of silent consent.

    Parameters
    ----------
    settings
        Parameters and policy.
    promised_wd
        Promised limits in working days, with all factors and extensions.

    Returns
    -------
    float
        Working days.
    """
    replies = settings.offices.reply_limit_wd, settings.joint.helper_limit_wd
    return max(*promised_wd, *replies)


class WorkingTime(NamedTuple):
    """Calendars of a scenario, and when its applicants come.

    Parameters
    ----------
    calendars
        By name: hall, office, working days, and always (every second).
    hall_rhythm, office_rhythm
        How the arrivals at the hall, and at the home departments, spread over days and hours.
    """

    calendars: dict[str, Calendar]
    hall_rhythm: Rhythm
    office_rhythm: Rhythm
    end_s: int
    """Midnight before the last day that is simulated."""


def working_time(settings: Settings, longest_limit_wd: float) -> WorkingTime:
    """Return calendars from the start until every limit that begins in the simulation is over.

    Parameters
    ----------
    settings
        Parameters and policy.
    longest_limit_wd
        Longest limit of a clock, in working days.

    Returns
    -------
    WorkingTime
        Calendars in seconds since the start, and rhythms of the arrivals.

    Raises
    ------
    ValueError
        As `open_days` and `rhythm`.
    """
    start, census = settings.horizon.start, settings.horizon.census
    days = open_days(settings.horizon, settings.calendar, longest_limit_wd)
    worked, last = set(days.working), days.working[-1]
    office_working = [(day, hours) for day, hours in days.office if day in worked]
    calendars = {
        "hall": calendar(days.hall, start),
        "office": calendar(days.office, start),
        WORKING_DAYS: calendar(office_working, start),
        "always": Calendar((0,), ((last - start).days * WHOLE_DAY_S + WHOLE_DAY_S,), (0,)),
    }
    by_census = sum(day <= census for day in days.working)

    def rhythm_on(opened: Iterable[OpenDay]) -> Rhythm:
        simulated = [(day, hours) for day, hours in opened if day < days.end]
        return rhythm(settings, simulated, by_census, days.official)

    end_s = (days.end - start).days * WHOLE_DAY_S
    return WorkingTime(calendars, rhythm_on(days.hall), rhythm_on(days.office), end_s)


def calendar(opened: Iterable[OpenDay], start: dt.date) -> Calendar:
    """Return the open intervals of these days, in seconds from the start.

    An interval over the middle of the day is divided there: people come and go by half-days.

    Parameters
    ----------
    opened
        Days with their open hours, ascending.
    start
        Day whose first midnight is second 0.

    Returns
    -------
    Calendar
        Open intervals.
    """
    opens, closes, numbers = [], [], []
    for number, (day, hours) in enumerate(opened):
        midnight = (day - start).days * WHOLE_DAY_S
        for opening, closing in _by_half_days(hours):
            opens.append(midnight + opening)
            closes.append(midnight + closing)
            numbers.append(number)
    return Calendar(tuple(opens), tuple(closes), tuple(numbers))


def _by_half_days(hours: tuple[OpenHours, ...]) -> Iterator[tuple[int, int]]:
    for opening, closing in _spans(hours):
        edges = [opening, *([MIDDAY_S] if opening < MIDDAY_S < closing else []), closing]
        yield from pairwise(edges)


def _spans(hours: tuple[OpenHours, ...]) -> list[tuple[int, int]]:
    edges = [span.split("-") for span in hours]
    return [(clock_s(opening), clock_s(closing)) for opening, closing in edges]


def rhythm(
    settings: Settings,
    opened: list[OpenDay],
    working_days_by_census: int,
    official: OfficialDays,
) -> Rhythm:
    """Return how arrivals spread over days and hours.

    The weights of the days until the census add up to the working days among them, so that an
    extra day takes its share from the others.

    Parameters
    ----------
    settings
        Horizon and demand.
    opened
        Days that are simulated, with their hours, ascending.
    working_days_by_census
        What the weights until the census add up to.
    official
        Which days are worked.

    Returns
    -------
    Rhythm
        Weights of the days, and profiles of their hours.

    Raises
    ------
    ValueError
        If nobody comes on any day until the census.
    """
    start, census = settings.horizon.start, settings.horizon.census
    weights = [official.arrival_weight(settings.demand, day) for day, _ in opened]
    counted = sum(weight for weight, (day, _) in zip(weights, opened, strict=True) if day <= census)
    if counted <= 0:
        raise ValueError("no arrivals on any day until the census")
    profiles = list(dict.fromkeys(hours for _, hours in opened))
    return Rhythm(
        day_starts_s=tuple((day - start).days * WHOLE_DAY_S for day, _ in opened),
        day_weights=tuple(weight * working_days_by_census / counted for weight in weights),
        busyness_cv=settings.demand.busyness_cv,
        profiles=tuple(day_profile(settings.demand, hours) for hours in profiles),
        day_profiles=tuple(profiles.index(hours) for _, hours in opened),
    )


def day_profile(demand: Demand, hours: tuple[OpenHours, ...]) -> DayProfile:
    """Return the cumulative share of a day's arrivals over clock time.

    The weight of a clock hour spreads over its open minutes; the weight of an hour that is
    closed goes to the nearest hour with open minutes (to both, when two are as near).

    Parameters
    ----------
    demand
        Its `hour_weights`.
    hours
        Open hours of the day, such as 08:30-12:00, ascending; at least one.

    Returns
    -------
    DayProfile
        Cumulative share at the beginning and end of each open piece of a clock hour.
    """
    pieces = [
        (hour, max(opening, hour * 3600), min(closing, hour * 3600 + 3600))
        for opening, closing in _spans(hours)
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
    return DayProfile(tuple(edges), tuple(min(1.0, share) for share in accumulate(steps)))
