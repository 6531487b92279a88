"""Attendance: who is present, by person and half-day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed, purpose_word
from sim.chance.inversion import Floats, Ints
from sim.chance.philox import Word, uniform_at, word
from sim.native import native
from sim.process.clock import Calendar, Seconds64
from sim.process.network import ALWAYS_IN_FORCE, Group, ProcessNetwork, Session

Words = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Moments:
    """The drawn moments of a session.

    Parameters
    ----------
    times_s
        Seconds since the start, ascending, shape (moments,).
    attended_s
        For a signing session, the opening of the half-day that ends at each time, shape (moments,);
        else empty.
    """

    times_s: Ints
    attended_s: Ints

    @cached_property
    def _times(self) -> list[int]:
        return cast("list[int]", self.times_s.tolist())

    @cached_property
    def _attended(self) -> list[int]:
        return cast("list[int]", self.attended_s.tolist())

    def nth(self, ready_s: int, count: int) -> int | None:
        """Return the count-th moment at or after `ready_s`, or None if there is none.

        Parameters
        ----------
        ready_s
            Second since the start from which moments count.
        count
            Which of them, from 1.

        Returns
        -------
        int or None
            Seconds since the start.
        """
        index = bisect_left(self._times, ready_s) + count - 1
        return self._times[index] if index < len(self._times) else None

    def attending(self, now_s: int) -> bool:
        """Say whether the half-day that holds `now_s` is attended.

        Parameters
        ----------
        now_s
            Seconds since the start.

        Returns
        -------
        bool
            From the opening to before the end of an attended half-day.
        """
        index = bisect_right(self._attended, now_s) - 1
        return index >= 0 and now_s < self._times[index]


def group_capacities(group: Group, calendar: Calendar, working_days: Calendar, seed: Seed) -> Ints:
    """Return how many people of a group are present in each open interval of its calendar.

    Parameters
    ----------
    group, calendar
        The people, and when they work.
    working_days
        The days by which absences go on from one half-day to the next.
    seed
        Seed and replication.

    Returns
    -------
    ndarray of int
        Shape (intervals,): people of the group who are not away, and those of its guests who are
        away from their own group; 0 in intervals that begin while the group is not in force.
    """
    present = np.full(len(calendar.opens), len(group.people), np.int64)
    people = group.people if group.absent_share > 0 else ()
    guests = group.guests if group.guests_away[0] > 0 else ()
    if people or guests:
        wanted, _, interval = calendar.distinct_half_days
        usual = working_days.both_half_days
        away = (group.absent_share, group.absent_half_days)
        for person in people:
            present -= absences(person, wanted, usual, away, seed)[interval]
        for guest in guests:
            present += absences(guest, wanted, usual, group.guests_away, seed)[interval]
    if group.in_force != ALWAYS_IN_FORCE:
        opens, (begin, end) = np.array(calendar.opens), group.in_force
        present[(opens < begin) | (opens >= end)] = 0
    return present


def absences(
    person: str,
    half_days: Seconds64,
    usual: Seconds64,
    away: tuple[float, float],
    seed: Seed,
) -> npt.NDArray[np.bool_]:
    """Say on which half-days a person is away.

    A person at work goes away with probability q, a person away stays away with probability
    1 - (1 - q) / L: absences last L half-days on average before a return that another may
    follow at once.  The long-run share away is r for q = r / (L - rL + r).
    One uniform number decides a half-day, so a person away at one share is away at any
    higher one.  It is keyed by the date, and absences go on along working days only, so that
    an opening on another day changes nobody's other days.

    Parameters
    ----------
    person
        Name of the person, which keys the random numbers.
    half_days
        Numbers of the half-days asked for (`Calendar.half_days`), ascending, shape (n,).
    usual
        Numbers of the half-days of all working days, ascending.
    away
        Share r of half-days away, and their mean number L in a row.
    seed
        Seed and replication.

    Returns
    -------
    ndarray of bool
        Shape (n,); True = away.
    """
    share, length = away
    goes = share / (length - share * length + share)
    stays = 1 - (1 - goes) / length
    purpose = np.uint64(purpose_word("absence"))
    return _away(np.uint64(word(person)), purpose, half_days, usual, goes, stays, seed.key)


@native
def _away(
    person: Word, purpose: Word, half_days: Ints, usual: Ints, goes: float, stays: float,
    key: Words,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    absent = np.zeros(len(half_days), np.bool_)
    away, day = False, 0
    for index in range(len(half_days)):
        half_day = half_days[index]
        while day < len(usual) and usual[day] < half_day:
            u = uniform_at(usual[day], 0, person, purpose, 0, key[0], key[1])
            away = u < (stays if away else goes)
            day += 1
        u = uniform_at(half_day, 0, person, purpose, 0, key[0], key[1])
        absent[index] = u < (stays if away else goes)
    return absent


def moments(session: Session, network: ProcessNetwork, seed: Seed) -> Moments:
    """Return the moments of a session in this replication.

    Parameters
    ----------
    session
        With fixed times, or with a calendar and the share of its half-days that is attended.
    network
        Holds the calendar.
    seed
        Seed and replication.

    Returns
    -------
    Moments
        The fixed times, or the end of each half-day that is attended.
    """
    if not session.calendar:
        return Moments(np.array(session.times_s, np.int64), np.zeros(0, np.int64))
    calendar = network.calendars[session.calendar]
    half_days, first, _ = calendar.distinct_half_days
    last = np.append(first[1:], len(calendar.opens)) - 1
    purpose = np.uint64(purpose_word("attendance"))
    opens, closes = calendar.edges
    shares = np.full(len(first), session.attendance)
    for since_s, share in session.later:
        shares[opens[first] >= since_s] = share
    there = _there(np.uint64(word(session.name)), purpose, half_days, shares, seed.key)
    return Moments(closes[last[there]], opens[first[there]])


@native
def _there(
    name: Word, purpose: Word, half_days: Ints, shares: Floats, key: Words
) -> npt.NDArray[np.bool_]:
    present = np.zeros(len(half_days), np.bool_)
    for index in range(len(half_days)):
        u = uniform_at(half_days[index], 0, name, purpose, 0, key[0], key[1])
        present[index] = u < shares[index]
    return present
