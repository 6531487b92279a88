"""Attendance: who is there, by person and half-day."""

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
        Ascending, shape (moments,).
    attended_s
        For a signing session, the opening of the half-day that ends at each time.
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
        """Return the count-th moment at or after `ready_s`, or None if there is none."""
        index = bisect_left(self._times, ready_s) + count - 1
        return self._times[index] if index < len(self._times) else None

    def attending(self, now_s: int) -> bool:
        """Say whether the half-day that holds `now_s` is attended."""
        index = bisect_right(self._attended, now_s) - 1
        return index >= 0 and now_s < self._times[index]


def capacity(group: Group, calendar: Calendar, working_days: Calendar, seed: Seed) -> Ints:
    """Return how many people of a group are present in each open interval of its calendar.

    Parameters
    ----------
    group, calendar
        The people, and when they work.
    seed
        Seed and replication.
    working_days
        The days by which absences go on from one half-day to the next.
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

    Who is at work goes away with probability q, who is away stays away with probability
    1 - (1 - q) / L: absences last L half-days on average before a return that another may
    follow at once.  The long-run share away is r for q = r / (L - rL + r).
    One uniform number decides a half-day, so whoever is away at one share is away at any
    higher one.  It is keyed by the date, and absences go on along working days only, so that
    an opening on another day changes nobody's other days.

    Parameters
    ----------
    person
        Who it is.
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
        Shape (n,).
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
    found = np.zeros(len(half_days), np.bool_)
    away, day = False, 0
    for index in range(len(half_days)):
        half_day = half_days[index]
        while day < len(usual) and usual[day] < half_day:
            luck = uniform_at(usual[day], 0, person, purpose, 0, key[0], key[1])
            away = luck < (stays if away else goes)
            day += 1
        luck = uniform_at(half_day, 0, person, purpose, 0, key[0], key[1])
        found[index] = luck < (stays if away else goes)
    return found


def moments(session: Session, network: ProcessNetwork, seed: Seed) -> Moments:
    """Return the moments of a session in this replication."""
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
    found = np.zeros(len(half_days), np.bool_)
    for index in range(len(half_days)):
        luck = uniform_at(half_days[index], 0, name, purpose, 0, key[0], key[1])
        found[index] = luck < shares[index]
    return found
