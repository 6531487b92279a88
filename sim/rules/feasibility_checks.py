"""Whether a scenario can be run: what its calendar and its demand leave to simulate.

Loading a scenario makes these checks, so `hall check` and every command refuse the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sim.rules.working_time import OpenDay, OpenDays, longest_limit_wd, open_days
from sim.scenario.catalogue import Item
from sim.scenario.opening_hours import Calendar
from sim.scenario.problems import Problem
from sim.scenario.schema import Horizon, Settings

if TYPE_CHECKING:
    from sim.scenario.further_checks import ProblemOf

LONGEST_DAYS = 17 * 365
"""Days from the start to the end of the follow-up, so that seconds fit what engines pack."""
AVERAGE_SHARE = 0.2
"""Share of a week's arrivals on an average working day."""
LEAST_SHARE = AVERAGE_SHARE / 10
"""Least share of a week's arrivals that a counted day may have on average: arrivals are scaled up
until the counted days have what the items table says."""
LEAST_WEIGHT = 1e-6
"""Least sum of the hour weights; below it their shares are rounding errors."""
MOST_CASES = 10_000_000
"""Largest number of applicants of one history; so many take about 4 GiB."""


def feasibility_problems(
    settings: Settings, items: Sequence[Item], problem: ProblemOf
) -> Iterator[Problem]:
    """Yield what makes it impossible to run a scenario whose fields are right one by one.

    Parameters
    ----------
    settings
        Parameters and policy.
    items
        The catalogue.
    problem
        Makes a problem of a dotted path, what was found there and what is allowed.

    Yields
    ------
    Problem
        Of the days, of the demand, or of their size; at the first that makes further checks
        meaningless it ends.
    """
    import holidays  # noqa: PLC0415  (slow to import)

    horizon = settings.horizon
    yield from _contradictory_days(settings.calendar, problem)
    if sum(settings.demand.hour_weights.values()) < LEAST_WEIGHT:
        finding = (
            f"hour_weights {settings.demand.hour_weights} add up to less than {LEAST_WEIGHT:g}"
        )
        yield problem("demand.hour_weights", finding, "larger weights")
    if (horizon.census - horizon.start).days >= LONGEST_DAYS:
        yield _too_long(horizon, "horizon.census", f"the census {horizon.census}", problem)
        return
    day, share = settings.policy.backlog_cleared_on, settings.policy.backlog_release_share
    if share and (day is None or not horizon.start <= day <= horizon.census):
        finding = f"a backlog of which {share:g} is released on {day or 'no day'}"
        allowed = f"a day from {horizon.start} to the census {horizon.census}"
        yield problem("policy.backlog_cleared_on", finding, allowed)
    if settings.calendar.country not in holidays.list_supported_countries():
        return  # loading says so
    longest_wd = max((item.promised_wd for item in items), default=0.0)
    longest_wd = longest_wd * settings.policy.limit_factor + settings.registration.extension_wd
    longest_wd = longest_limit_wd(settings, [longest_wd])
    try:
        days = open_days(horizon, settings.calendar, longest_wd)
    except ValueError as error:
        finding = f"the calendar holds {error}"
        allowed = "office hours on enough official working days"
        yield problem("horizon.follow_up_wd", finding, allowed)
        return
    counted = [day for day in days.working if day <= horizon.census]
    if not counted:
        finding = f"no working day from {horizon.start} to the census {horizon.census}"
        yield problem("horizon.census", finding, "a horizon with a working day")
        return
    if (days.end - horizon.start).days >= LONGEST_DAYS:
        finding = f"a follow-up of {horizon.follow_up_wd} working days, until {days.end}"
        yield _too_long(horizon, "horizon.follow_up_wd", finding, problem)
    for place, opened in ("hall", days.hall), ("office", days.office):
        problems = list(_demand_problems(settings, place, opened, days, items, problem))
        yield from problems
        if problems:
            return


def _contradictory_days(calendar: Calendar, problem: ProblemOf) -> Iterator[Problem]:
    for day in sorted({*calendar.extra_holidays} & {*calendar.extra_workdays}):
        finding = f"{day} is among extra_holidays and extra_workdays"
        yield problem("calendar.extra_workdays", finding, "one of the two")


def _too_long(horizon: Horizon, path: str, finding: str, problem: ProblemOf) -> Problem:
    last = horizon.start + dt.timedelta(days=LONGEST_DAYS - 1)
    return problem(path, finding, f"an end of the follow-up by {last}, 17 years from the start")


def _demand_problems(
    settings: Settings,
    place: str,
    opened: Sequence[OpenDay],
    days: OpenDays,
    items: Sequence[Item],
    problem: ProblemOf,
) -> Iterator[Problem]:
    """Yield what is wrong with the demand at the hall, or at the home departments."""
    horizon, demand, official = settings.horizon, settings.demand, days.official
    without = [
        day
        for day, _ in opened
        if day < days.end
        and day.weekday() >= len(demand.weekday_share)
        and not official.is_working(day)
    ]
    if place == "hall" and without:
        finding = f"five shares, and the hall is open on {without[0]:%A} {without[0]}"
        yield problem("demand.weekday_share", finding, "seven shares, Monday to Sunday")
        return
    counted = [day for day in days.working if day <= horizon.census]
    weights = [official.arrival_weight(demand, day) for day, _ in opened if day <= horizon.census]
    mean = sum(weights) / len(counted)
    if mean < LEAST_SHARE:
        yield problem(
            "demand.weekday_share",
            f"weekday_share leaves {mean:.2g} to a counted day ({counted[0]} to {counted[-1]}) in "
            f"{place} hours, an average day has {AVERAGE_SHARE:g}",
            f"shares of which the counted days have {LEAST_SHARE:g} or more each, on average",
        )
        return
    per_wd = sum(
        item.cases_per_wd * (1 if item.entered else demand.hidden_volume) for item in items
    )
    simulated = sum(day < days.end for day in days.working)
    cases = demand.volume * per_wd * simulated * max(1.0, AVERAGE_SHARE / mean)
    if cases > MOST_CASES and place == "hall":
        finding = f"about {cases:,.0f} cases in {simulated} working days, follow-up included"
        yield problem("demand.volume", finding, f"at most {MOST_CASES:,}")
