"""Working days and open hours, as a scenario states them."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Self

from pydantic import model_validator

from sim.scenario.fields import DayOfYear, OpenHours, Section, Weekday


class OtherHours(Section):
    """Hours that differ on some days of the week or in some part of the year."""

    hours: tuple[OpenHours, ...]
    """Open hours on these days; none = closed.  A day on which the home departments are closed is
    no working day."""
    weekdays: tuple[Weekday, ...] = ()
    """Days of the week; every working day unless given.  Weekend days named here are open although
    they are no working days: they count for no limit, and stay closed beside a holiday.  A make-up
    workday at a weekend has the hours for which no weekday is named."""
    first_day: DayOfYear = "01-01"
    """First day of the part of the year, as month and day."""
    last_day: DayOfYear = "12-31"
    """Last day of it; before the first one where it runs over the end of the year."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _in_order("hours", self.hours)
        return self


def _in_order(name: str, hours: tuple[str, ...]) -> None:
    bounds = [edge for span in hours for edge in span.split("-")]
    if any(a >= b for a, b in pairwise(bounds)):
        raise ValueError(
            f"{name} {list(hours)} overlap or run backwards; "
            "allowed: one or more spans in order, such as 08:30-12:00"
        )


class Calendar(Section):
    """Working days and open hours.

    A working day is an official one on which the home departments are open.  Absences, recalls
    and signing go by half-days; the afternoon begins at 13:00, whatever the hours.
    """

    country: str = "CN"
    """ISO code whose official holidays and make-up workdays hold (package `holidays`)."""
    hall_hours: tuple[OpenHours, ...] = ("08:30-12:00", "14:30-17:30")
    """Open hours of the hall."""
    office_hours: tuple[OpenHours, ...] = ("08:30-12:00", "14:30-17:30")
    """Open hours of the home departments."""
    other_hall_hours: tuple[OtherHours, ...] = ()
    """Days on which the hall is open at other hours; the last one that fits a day holds."""
    other_office_hours: tuple[OtherHours, ...] = ()
    """Days on which the home departments are open at other hours; the last one that fits holds."""
    extra_holidays: tuple[dt.date, ...] = ()
    """Days closed besides the official holidays, with extra openings of an adjoining weekend."""
    extra_workdays: tuple[dt.date, ...] = ()
    """Working days besides the official ones, also on what is officially a holiday."""

    @model_validator(mode="after")
    def _hours_ordered(self) -> Self:
        for name in ("hall_hours", "office_hours"):
            hours = getattr(self, name)
            if not hours:
                raise ValueError(f"{name} is empty; allowed: spans such as 08:30-12:00")
            _in_order(name, hours)
        return self
