"""The hall day that every tool plays: its constants, its random numbers, its outcome.

An applicant takes a ticket on arrival and waits first come, first served for one of
``WINDOWS`` identical windows. Afterwards some need the back office (one queue, ``OFFICERS``
officers), some need a joint approval (a fork into ``BRANCHES`` branches, each with its own
queue and ``BRANCH_OFFICERS`` officers, joined when all are done), and the rest leave.
Nothing is cut off at closing time.

All chance is drawn here, outside of any timing. Times are minutes after opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from math import nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Minutes = NDArray[np.float64]

WINDOWS = 12
OFFICERS = 4
BRANCHES = 3
BRANCH_OFFICERS = 2

WINDOW_MEAN = 8.0
OFFICE_MEAN = 12.0
BRANCH_MEAN = 15.0
OFFICE_SHARE = 0.20
JOINT_SHARE = 0.15

ARRIVALS_BY_HOUR = (70, 88, 72, 34, 18, 30, 42, 32, 14)
"""Mean arrivals in each hour from 08:30 to 17:30; 400 in all."""


class Route(IntEnum):
    """Where an applicant goes after the window."""

    LEAVE = 0
    OFFICE = 1
    JOINT = 2


@dataclass(frozen=True, eq=False)
class Day:
    """The applicants of one day, in order of arrival, with everything they will need.

    Parameters
    ----------
    arrivals
        Arrival of each applicant, increasing.
    window
        Service time of each at the window.
    route
        What each needs afterwards, as :class:`Route` values.
    office
        Service time in the back office, whether needed or not.
    branches
        Service times in the three branches, one row per applicant, whether needed or not.
    """

    arrivals: Minutes
    window: Minutes
    route: NDArray[np.int64]
    office: Minutes
    branches: Minutes

    @property
    def events(self) -> int:
        """Count arrivals, service completions, forks and joins.

        A property of the model, so that time per event means the same for every tool.
        """
        served = 2 * len(self.arrivals)
        office = int(np.count_nonzero(self.route == Route.OFFICE))
        joint = int(np.count_nonzero(self.route == Route.JOINT))
        return served + office + joint * (BRANCHES + 2)


@dataclass(frozen=True)
class Outcome:
    """What a day came to.

    Parameters
    ----------
    served
        Applicants who left with everything done.
    wait_mean, wait_p90
        Wait from ticket to window, mean and 90th percentile.
    system_mean
        Mean time from arrival to leaving.
    join_mean
        Mean time from fork to join of the joint cases; NaN if there were none.
    """

    served: int
    wait_mean: float
    wait_p90: float
    system_mean: float
    join_mean: float


def draw_day(generator: np.random.Generator) -> Day:
    """Draw one day."""
    arrivals = np.sort(
        np.concatenate(
            [
                60.0 * (hour + generator.random(generator.poisson(mean)))
                for hour, mean in enumerate(ARRIVALS_BY_HOUR)
            ]
        )
    )
    count = len(arrivals)
    mark = generator.random(count)
    route = np.select(
        [mark < OFFICE_SHARE, mark < OFFICE_SHARE + JOINT_SHARE],
        [Route.OFFICE, Route.JOINT],
        Route.LEAVE,
    )
    return Day(
        arrivals=arrivals,
        window=generator.exponential(WINDOW_MEAN, count),
        route=route.astype(np.int64),
        office=generator.exponential(OFFICE_MEAN, count),
        branches=generator.exponential(BRANCH_MEAN, (count, BRANCHES)),
    )


def draw_days(count: int, seed: int = 1) -> list[Day]:
    """Draw independent days."""
    streams = np.random.SeedSequence(seed).spawn(count)
    return [draw_day(np.random.default_rng(stream)) for stream in streams]


def save_days(path: Path, days: Sequence[Day]) -> None:
    """Write days to a file, for a tool in another interpreter."""
    columns = {field.name: [getattr(day, field.name) for day in days] for field in fields(Day)}
    joined = {name: np.concatenate(parts) for name, parts in columns.items()}
    np.savez(path, applicants=[len(day.arrivals) for day in days], **joined)


def load_days(path: Path) -> list[Day]:
    """Read days from a file."""
    with np.load(path) as stored:
        ends = np.cumsum(stored["applicants"])[:-1]
        parts = [np.split(stored[field.name], ends) for field in fields(Day)]
    return [Day(*day) for day in zip(*parts, strict=True)]


class Record:
    """Where a tool notes, per applicant, when the window called and when they left.

    Parameters
    ----------
    day
        The day played.
    """

    __slots__ = ("called", "day", "left")

    def __init__(self, day: Day) -> None:
        self.day = day
        self.called = [nan] * len(day.arrivals)
        self.left = [nan] * len(day.arrivals)

    def outcome(self) -> Outcome:
        return measure(self.day, self.called, self.left)


def measure(
    day: Day, called: Sequence[float] | Minutes, left: Sequence[float] | Minutes
) -> Outcome:
    """Measure a finished day, in the same way for every tool.

    Parameters
    ----------
    day
        The day played.
    called, left
        When each applicant was called to a window, and left; NaN where it never happened.
    """
    begun = np.asarray(called, dtype=np.float64)
    done = np.asarray(left, dtype=np.float64)
    wait = np.sort(begun - day.arrivals)
    joint = day.route == Route.JOINT
    join = (done - begun - day.window)[joint]
    return Outcome(
        served=int(np.count_nonzero(done == done)),  # noqa: PLR0124 - false only for NaN
        wait_mean=float(wait.mean()),
        wait_p90=quantile(wait, 0.9),
        system_mean=float((done - day.arrivals).mean()),
        join_mean=float(join.mean()) if len(join) else nan,
    )


def quantile(ordered: Minutes, share: float) -> float:
    """Interpolate a quantile of sorted values, as NumPy's default does."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
