"""Kinds of values that fields of a scenario hold, with their ranges and patterns."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0, le=1e6)]
NonNegative = Annotated[float, Field(ge=0, le=1e6)]
Variation = Annotated[float, Field(ge=0, le=5)]
"""Standard deviation divided by the mean."""
Replications = Annotated[int, Field(ge=1, le=100_000)]
Seed = Annotated[int, Field(ge=0, le=2**64 - 1)]
"""Seed of all random numbers; with the number of the replication it keys their generator."""
People = Annotated[int, Field(ge=1, le=2000)]
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
OPEN_HOURS = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
DAY_OF_YEAR = r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
Clock = Annotated[str, Field(pattern=CLOCK)]
OpenHours = Annotated[str, Field(pattern=OPEN_HOURS)]
DayOfYear = Annotated[str, Field(pattern=DAY_OF_YEAR)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _timetable(times: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(times)) < len(times):
        raise ValueError("a time stands twice; allowed: a list of times, each of them once")
    return tuple(sorted(times))


Timetable = Annotated[tuple[Clock, ...], Field(min_length=1), AfterValidator(_timetable)]
"""Times of day, at least one; they may be written in any order and are sorted."""

FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2099, 12, 31)
"""Range of days that the package `holidays` may cover."""


class Section(BaseModel):
    """A frozen group of fields that refuses unknown names."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
