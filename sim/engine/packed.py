"""A process network as arrays, which the compiled engine reads instead of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sim.chance.draws import pack
from sim.engine.draw_uses import check_draws
from sim.engine.net import (
    BY_DUE_DATE,
    CALENDAR,
    DAY,
    END_S,
    GROUP,
    HALL,
    INTERVAL,
    MARK,
    OPENING,
    QUEUE,
    WORKING,
    Ints,
    Net,
    Records,
)
from sim.engine.routes import Routes
from sim.process.blocks import GIVEN_UP, WITHDRAWN
from sim.process.clock import WD_TICKS, WHOLE_DAY_S, Calendar
from sim.process.network import ALWAYS_IN_FORCE, Group, ProcessNetwork

LATEST_S = 1 << 29
"""End of the longest simulation: 17 years."""


@dataclass(frozen=True)
class Packed:
    """A packed network, with the names that its numbers stand for.

    Parameters
    ----------
    net
        The arrays.
    offset
        Number of each route's first block, shape (routes,).
    sessions, phases, milestones, outcomes
        Names in the order of their numbers.
    rooms
        How often the first sizes of a run's arrays (`sim.engine.compiled.first_room`) had to be
        doubled so far, by whether the run kept its log.
    """

    net: Net
    offset: Ints
    sessions: tuple[str, ...]
    phases: tuple[str, ...]
    milestones: tuple[str, ...]
    outcomes: tuple[str, ...]
    rooms: dict[bool, int] = field(default_factory=dict, compare=False)


def packed(network: ProcessNetwork) -> Packed:
    """Pack a network.

    Parameters
    ----------
    network
        The network.

    Returns
    -------
    Packed
        Its arrays, with the names that numbers in them stand for.

    Raises
    ------
    ValueError
        If a route has too many blocks, a Parallel too many branches, there are too many names, the
        time or a limit is too long, or a draw has no purpose or could be used twice for one case.
    """
    return _Packer(network).pack()


class _Packer:
    def __init__(self, network: ProcessNetwork) -> None:
        self.network = network
        self.skills = {
            skill: number
            for number, skill in enumerate(
                dict.fromkeys(skill for group in network.groups for skill in group.skills)
            )
        }
        self.calendars = {name: number for number, name in enumerate(network.calendars)}

    def pack(self) -> Packed:
        network = self.network
        if network.end_s > LATEST_S:
            raise ValueError(f"a simulation of {network.end_s} s; at most {LATEST_S}")
        routes = Routes(network, self.skills, self.calendars)
        check_draws(network, routes)
        draws, tables = pack(list(routes.draws))
        facts = np.zeros(4, np.int64)
        facts[END_S] = network.end_s
        facts[BY_DUE_DATE] = network.discipline == "due_date"
        facts[WORKING] = self.calendars[network.working_calendar]
        facts[HALL] = self.calendars[network.hall_calendar]
        groups, group_queues = self._groups()
        queues, queue_groups = self._queues()
        net = Net(
            nodes=routes.nodes,
            steps=routes.steps,
            branches=routes.branches,
            entries=routes.entries,
            draws=draws,
            tables=tables,
            **_pack_calendars(
                list(network.calendars.values()), network.last_calls_s, int(facts[HALL])
            ),
            groups=groups,
            group_queues=group_queues,
            queues=queues,
            queue_groups=queue_groups,
            openings=self._openings(),
            facts=facts,
        )
        return Packed(
            net,
            routes.offset,
            tuple(routes.sessions),
            (*routes.phases, *((GIVEN_UP,) if WITHDRAWN in routes.outcomes else ())),
            tuple(routes.milestones),
            tuple(routes.outcomes),
        )

    # People -----------------------------------------------------------------------------

    def _groups(self) -> tuple[Records, Ints]:
        groups = np.zeros(len(self.network.groups), GROUP)
        group_queues: list[int] = []
        capacity = 0
        for number, group in enumerate(self.network.groups):
            groups[number] = (
                self.calendars[group.calendar], group.pauses, _varies(group), len(group.skills),
                len(group_queues), capacity,
            )  # fmt: skip
            group_queues += [self.skills[skill] for skill in group.skills]
            capacity += len(self.network.calendars[group.calendar].opens)
        return groups, np.array(group_queues, np.int64)

    def _queues(self) -> tuple[Records, Ints]:
        queues = np.zeros(len(self.skills), QUEUE)
        queue_groups: list[int] = []
        for skill, number in self.skills.items():
            able = [i for i, group in enumerate(self.network.groups) if skill in group.skills]
            able.sort(key=lambda i: (len(self.network.groups[i].skills), i))
            queues[number] = (len(queue_groups), len(able))
            queue_groups += able
        return queues, np.array(queue_groups, np.int64)

    def _openings(self) -> Records:
        used = {group.calendar for group in self.network.groups}
        openings = [
            opening
            for name, number in self.calendars.items()
            if name in used
            for opening in _openings_of(self.network.calendars[name], number, self._late(name))
        ]
        return np.array(sorted(openings), OPENING)

    def _late(self, calendar: str) -> list[int]:
        network = self.network
        if calendar == network.hall_calendar:
            return network.last_calls_s
        return network.calendars[calendar].day_closes


def _varies(group: Group) -> bool:
    comes_and_goes = group.absent_share > 0 or (group.guests and group.guests_away[0] > 0)
    return bool(comes_and_goes) or group.in_force != ALWAYS_IN_FORCE


def _openings_of(
    calendar: Calendar, number: int, last_calls_s: list[int]
) -> Iterator[tuple[int, int, int, int]]:
    """Yield the intervals of a calendar, with the time until which work may be started."""
    late = dict(zip(calendar.day_closes, last_calls_s, strict=True))
    for interval, (opening, closing) in enumerate(
        zip(calendar.opens, calendar.closes, strict=True)
    ):
        yield opening, number, interval, late.get(closing, closing)


def _pack_calendars(
    calendars: list[Calendar], last_calls_s: list[int], hall: int
) -> dict[str, Records]:
    """Return calendars as records, with the place at which a search starts for every midnight.

    Parameters
    ----------
    calendars
        All calendars of the network.
    last_calls_s
        For each day of the hall, from when on nobody is called.
    hall
        Number of the hall's calendar.
    """
    records = np.zeros(len(calendars), CALENDAR)
    intervals: list[tuple[int, ...]] = []
    days: list[tuple[int, ...]] = []
    marks: list[tuple[int, int, int]] = []
    for number, calendar in enumerate(calendars):
        last_s = calendar.closes[-1] if calendar.closes else 0
        midnights = np.arange(last_s // WHOLE_DAY_S + 2) * WHOLE_DAY_S
        records[number] = (
            len(intervals), len(calendar.opens), len(days), len(calendar.day_bounds),
            len(marks), len(midnights),
        )  # fmt: skip
        intervals += _intervals_of(calendar, last_s)
        late_s = last_calls_s if number == hall else calendar.day_closes
        days += zip(
            calendar.day_opens, calendar.day_closes, late_s, calendar.day_first,
            calendar.day_open_s, strict=False,
        )  # fmt: skip
        marks += zip(
            calendar.last_open_at_midnight.tolist(),
            np.searchsorted(calendar.day_closes, midnights).tolist(),
            np.searchsorted(calendar.day_opens, midnights).tolist(),
            strict=True,
        )
    return {
        "calendars": records,
        "intervals": np.array(intervals, INTERVAL),
        "days": np.array(days, DAY),
        "marks": np.array(marks, MARK),
    }


def _intervals_of(calendar: Calendar, last_s: int) -> Iterator[tuple[int, ...]]:
    """Yield the intervals of a calendar, then one of no length at its end."""
    bounds = zip(calendar.opens, calendar.closes, calendar.before, calendar.days, strict=False)
    for opening, closing, before, day in bounds:
        of_day = before - calendar.day_before[day]
        yield opening, closing, before, of_day, day * WD_TICKS, calendar.day_open_s[day]
    ticks = len(calendar.day_open_s) * WD_TICKS
    yield last_s, last_s, calendar.before[-1], 0, ticks, 1
