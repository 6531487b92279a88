"""Attendance: who is there, by person and half-day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.philox import word
from sim.process.clock import Calendar
from sim.process.network import Group, ProcessNetwork, Session


@dataclass(frozen=True)
class Moments:
    """The drawn moments of a session.

    Parameters
    ----------
    times_s
        Ascending.
    attended_s
        For a signing session, the opening of the half-day that ends at each time.
    """

    times_s: list[int]
    attended_s: list[int]

    def nth(self, ready_s: int, count: int) -> int | None:
        """Return the count-th moment at or after `ready_s`, or None if there is none."""
        index = bisect_left(self.times_s, ready_s) + count - 1
        return self.times_s[index] if index < len(self.times_s) else None

    def attending(self, now_s: int) -> bool:
        """Say whether the half-day that holds `now_s` is attended."""
        index = bisect_right(self.attended_s, now_s) - 1
        return index >= 0 and now_s < self.times_s[index]


def capacity(group: Group, calendar: Calendar, seed: Seed) -> list[int]:
    """Return how many people of a group are present in each open interval."""
    everyone = np.full(len(calendar.opens), len(group.people), np.int64)
    if group.absent_share > 0:
        for person in group.people:
            everyone -= absences(person, len(calendar.opens), group, seed)
    return [int(number) for number in everyone]


def absences(person: str, half_days: int, group: Group, seed: Seed) -> npt.NDArray[np.bool_]:
    """Say on which half-days a person is away, shape (half_days,).

    Who is at work goes away with probability q, who is away stays away with probability
    1 - (1 - q) / L: absences last L half-days on average before a return that another may
    follow at once.  The long-run share away is `absent_share` r for q = r / (L - rL + r).
    One uniform number decides a half-day, so whoever is away at one share is away at any
    higher one.
    """
    share, length = group.absent_share, group.absent_half_days
    goes = share / (length - share * length + share)
    stays = 1 - (1 - goes) / length
    luck = seed.uniforms(np.arange(half_days), 0, word(person), "absence")
    # Between the two limits a half-day is as the one before: fill from the last decisive one.
    decisive = np.where((luck < goes) | (luck >= stays), np.arange(half_days), -1)
    last = np.maximum.accumulate(decisive)
    away = (last >= 0) & (luck[last] < goes)
    return np.asarray(away, np.bool_)


def moments(session: Session, network: ProcessNetwork, seed: Seed) -> Moments:
    """Return the moments of a session in this replication."""
    if not session.calendar:
        return Moments(list(session.times_s), [])
    calendar = network.calendars[session.calendar]
    index = np.arange(len(calendar.opens))
    there = seed.uniforms(index, 0, word(session.name), "attendance") < session.attendance
    return Moments(
        [close for close, here in zip(calendar.closes, there, strict=True) if here],
        [opening for opening, here in zip(calendar.opens, there, strict=True) if here],
    )
