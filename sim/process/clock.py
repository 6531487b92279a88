"""Working time: calendars as sorted open intervals, in seconds and in working days.

Work is counted in open seconds.  Limits, delays given in working days and elapsed time are
counted in ticks, `WD_TICKS` to a working day whatever its length, which keeps sums exact.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sim.native import kernel, native

WHOLE_DAY_S = 86_400
"""Seconds from midnight to midnight."""

WD_TICKS = 86_400
"""Ticks of a working day, however long it is open."""
MIDDAY_S = 13 * 3600
"""Second of the day at which the afternoon half-day begins; presence is decided by half-day."""

Seconds64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Calendar:
    """Open intervals [open, close) in seconds from the scenario's start.

    Parameters
    ----------
    opens, closes
        Ascending edges of the open intervals, in seconds since the start.
    days
        Index of the day of each interval, from 0 without gaps.

    Notes
    -----
    ``tick(t)`` is `WD_TICKS` × the days finished by t + the part of today's open seconds that has
    passed × `WD_TICKS`, rounded down.  A day that is open for at most `WD_TICKS` seconds has
    at least one tick a second, so every tick is reached in some second, and never before.
    """

    opens: tuple[int, ...]
    closes: tuple[int, ...]
    days: tuple[int, ...]

    @cached_property
    def edges(self) -> tuple[Seconds64, Seconds64]:
        """Openings and closes in seconds since the start, each of shape (intervals,)."""
        return np.array(self.opens, np.int64), np.array(self.closes, np.int64)

    @cached_property
    def half_days(self) -> Seconds64:
        """Number of the half-day of each interval: twice its date, one more in the afternoon."""
        opens, _ = self.edges
        return opens // WHOLE_DAY_S * 2 + (opens % WHOLE_DAY_S >= MIDDAY_S)

    @cached_property
    def distinct_half_days(self) -> tuple[Seconds64, Seconds64, Seconds64]:
        """The distinct half-days, their first intervals, and the half-day of each interval.

        Numbers of half-days, ascending, shape (half-days,); index of the first interval of each,
        shape (half-days,); index of each interval's half-day among them, shape (intervals,).
        """
        return np.unique(self.half_days, return_index=True, return_inverse=True)

    @cached_property
    def both_half_days(self) -> Seconds64:
        """The numbers of both half-days of every day, whatever its hours, shape (2 × days,)."""
        dates = np.array(self.day_opens, np.int64) // WHOLE_DAY_S
        return (dates[:, None] * 2 + np.arange(2)).ravel()

    @cached_property
    def last_open_at_midnight(self) -> Seconds64:
        """Last interval that opens by each midnight, -1 before the first, shape (midnights,)."""
        midnights = np.arange(self.closes[-1] // WHOLE_DAY_S + 2 if self.closes else 1)
        return np.searchsorted(self.edges[0], midnights * WHOLE_DAY_S, side="right") - 1

    @cached_property
    def _before(self) -> Seconds64:
        return np.array(self.before, np.int64)

    @cached_property
    def _day_table(self) -> tuple[Seconds64, Seconds64, Seconds64]:
        return (
            np.array(self.days, np.int64),
            np.array(self.day_before, np.int64),
            np.array(self.day_open_s, np.int64),
        )

    @cached_property
    def before(self) -> list[int]:
        """Open seconds before each interval, and, last, in all."""
        total, sums = 0, [0]
        for opening, closing in zip(self.opens, self.closes, strict=True):
            total += closing - opening
            sums.append(total)
        return sums

    @cached_property
    def day_first(self) -> list[int]:
        """Index of the first interval of each day, and, last, the number of intervals."""
        starts = [
            index for index, day in enumerate(self.days) if not index or day != self.days[index - 1]
        ]
        return [*starts, len(self.days)]

    @cached_property
    def day_before(self) -> list[int]:
        """Open seconds before each day, and, last, in all."""
        return [self.before[index] for index in self.day_first]

    @cached_property
    def day_open_s(self) -> list[int]:
        """Open seconds of each day."""
        return [after - before for before, after in pairwise(self.day_before)]

    @cached_property
    def day_bounds(self) -> list[tuple[int, int]]:
        """First opening and last close of each day."""
        bounds: list[tuple[int, int]] = []
        for opening, closing, day in zip(self.opens, self.closes, self.days, strict=True):
            if day == len(bounds):
                bounds.append((opening, closing))
            else:
                bounds[day] = (bounds[day][0], closing)
        return bounds

    @cached_property
    def day_closes(self) -> list[int]:
        """Last close of each day."""
        return [close for _, close in self.day_bounds]

    @cached_property
    def day_opens(self) -> list[int]:
        """First opening of each day."""
        return [opening for opening, _ in self.day_bounds]

    def elapsed(self, time: int) -> int:
        """Return the open seconds before `time`.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        int
            Open seconds.
        """
        index = bisect_right(self.opens, time) - 1
        if index < 0:
            return 0
        return self.before[index] + min(time, self.closes[index]) - self.opens[index]

    def elapsed_many(self, times: Seconds64) -> Seconds64:
        """Return the open seconds before each of `times`.

        Parameters
        ----------
        times
            Seconds since the start, any shape.

        Returns
        -------
        ndarray
            Open seconds, of the shape of `times`.
        """
        opens, closes = self.edges
        flat = np.ascontiguousarray(times, np.int64).ravel()
        open_s = _elapsed(opens, closes, self._before, self.last_open_at_midnight, flat)
        return open_s.reshape(np.shape(times))

    def add(self, time: int, seconds: int) -> int:
        """Return the earliest time by which `seconds` open seconds have passed.

        ``add(t, 0) = t``.  Beyond the last close of the calendar all time counts as open.

        Parameters
        ----------
        time
            Seconds since the start.
        seconds
            Open seconds; `time` is returned for 0 or less.

        Returns
        -------
        int
            Seconds since the start.
        """
        if seconds <= 0:
            return time
        target = self.elapsed(time) + seconds
        index = bisect_left(self.before, target) - 1
        if index >= len(self.opens):
            return max(time, self.closes[-1]) + target - self.before[-1]
        return self.opens[index] + target - self.before[index]

    def tick(self, time: int) -> int:
        """Return the ticks of working days before `time`.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        int
            Ticks, `WD_TICKS` to a working day.
        """
        index = bisect_right(self.opens, time) - 1
        if index < 0:
            return 0
        day = self.days[index]
        passed = self.elapsed(time) - self.day_before[day]
        return WD_TICKS * day + WD_TICKS * passed // self.day_open_s[day]

    def tick_many(self, times: Seconds64) -> Seconds64:
        """Return the ticks of working days before each of `times`.

        Parameters
        ----------
        times
            Seconds since the start, any shape.

        Returns
        -------
        ndarray
            Ticks, `WD_TICKS` to a working day, of the shape of `times`.
        """
        opens, closes = self.edges
        flat = np.ascontiguousarray(times, np.int64).ravel()
        ticks = _ticks(
            opens, closes, self._before, self.last_open_at_midnight, *self._day_table, flat
        )
        return ticks.reshape(np.shape(times))

    def add_ticks(self, time: int, ticks: int) -> int:
        """Return the first second at which `ticks` ticks have passed.

        ``add_ticks(t, 0) = t``.  Beyond the last close a tick takes a second.

        Parameters
        ----------
        time
            Seconds since the start.
        ticks
            Ticks, `WD_TICKS` to a working day; `time` is returned for 0 or less.

        Returns
        -------
        int
            Seconds since the start.
        """
        if ticks <= 0:
            return time
        target = self.tick(time) + ticks
        day = (target - 1) // WD_TICKS
        if day >= len(self.day_open_s):
            past = target - WD_TICKS * len(self.day_open_s)
            return max(time, self.closes[-1]) + past if self.closes else time + past
        ticks_of_day = target - WD_TICKS * day
        passed = -(-ticks_of_day * self.day_open_s[day] // WD_TICKS)
        return self.add(self.day_opens[day], passed)

    def open_from(self, time: int) -> int:
        """Return the first open second at or after `time`; after the last close all are open.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        int
            Seconds since the start.
        """
        index = bisect_right(self.closes, time)
        return max(time, self.opens[index]) if index < len(self.closes) else time

    def is_open(self, time: int) -> bool:
        """Say whether `time` lies in an open interval.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        bool
            False at a close at which no interval opens.
        """
        index = bisect_right(self.opens, time) - 1
        return index >= 0 and time < self.closes[index]

    def day_close_from(self, time: int) -> int:
        """Return the close of the first day that closes at or after `time`.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        int
            Seconds since the start; `time` itself after the last close.
        """
        index = bisect_left(self.day_closes, time)
        return self.day_closes[index] if index < len(self.day_closes) else time

    def next_day_open(self, time: int) -> int:
        """Return the opening of the first open day after the date of `time`.

        Parameters
        ----------
        time
            Seconds since the start.

        Returns
        -------
        int
            Seconds since the start; the next midnight if no open day follows.
        """
        midnight = (time // WHOLE_DAY_S + 1) * WHOLE_DAY_S
        index = bisect_left(self.day_opens, midnight)
        return self.day_opens[index] if index < len(self.day_opens) else midnight

    def due(self, start: int, limit_ticks: int) -> int:
        """Return the close of the day on which a limit that starts at `start` is used up.

        Parameters
        ----------
        start
            Seconds since the start of the simulation.
        limit_ticks
            Limit in ticks, `WD_TICKS` to a working day.

        Returns
        -------
        int
            Due time in seconds since the start of the simulation.
        """
        return self.day_close_from(self.add_ticks(start, limit_ticks))


@kernel
def _interval_at(opens: Seconds64, starts: Seconds64, time: int) -> int:
    """Return the last interval that opens at or before a time, -1 if none.

    `starts` holds the last interval that opens by each midnight.
    """
    at = starts[min(max(0, time // WHOLE_DAY_S), len(starts) - 1)]
    while at + 1 < len(opens) and opens[at + 1] <= time:
        at += 1
    return int(at) if at >= 0 and opens[at] <= time else -1


@native
def _elapsed(
    opens: Seconds64, closes: Seconds64, before: Seconds64, starts: Seconds64, times: Seconds64
) -> Seconds64:
    open_s = np.zeros(len(times), np.int64)
    for index in range(len(times)):
        time = times[index]
        at = _interval_at(opens, starts, time)
        if at >= 0:
            open_s[index] = before[at] + min(time, closes[at]) - opens[at]
    return open_s


@native
def _ticks(
    opens: Seconds64, closes: Seconds64, before: Seconds64, starts: Seconds64, days: Seconds64,
    day_before: Seconds64, day_open_s: Seconds64, times: Seconds64,
) -> Seconds64:  # fmt: skip
    ticks = np.zeros(len(times), np.int64)
    for index in range(len(times)):
        time = times[index]
        at = _interval_at(opens, starts, time)
        if at >= 0:
            day = days[at]
            passed = before[at] + min(time, closes[at]) - opens[at] - day_before[day]
            ticks[index] = WD_TICKS * day + WD_TICKS * passed // day_open_s[day]
    return ticks
