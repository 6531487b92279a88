"""A process network as arrays: what the compiled engine reads instead of blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.chance.draws import pack
from sim.engine.net import (
    BY_DUE_DATE,
    CALENDAR,
    DAY,
    END_S,
    GROUP,
    HALL,
    INTERVAL,
    MARK,
    OFFICE,
    OPENING,
    QUEUE,
    SERVE_ALL,
    Ints,
    Net,
    Records,
)
from sim.engine.routes import Routes
from sim.process.clock import WHOLE_DAY_S, Calendar
from sim.process.network import ProcessNetwork

LATEST_S = 1 << 29
"""End of the longest simulation: 17 years."""


@dataclass(frozen=True)
class Packed:
    """A network packed, with the names that its numbers stand for."""

    net: Net
    offset: Ints
    """Number of each route's first block."""
    sessions: tuple[str, ...]
    phases: tuple[str, ...]
    milestones: tuple[str, ...]
    outcomes: tuple[str, ...]


def packed(network: ProcessNetwork) -> Packed:
    """Pack a network.

    Raises
    ------
    ValueError
        If a route has too many blocks, a Parallel too many branches, there are too many names,
        or the time or a limit is too long.
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
        draws, tables = pack(list(routes.draws))
        facts = np.zeros(5, np.int64)
        facts[END_S], facts[SERVE_ALL] = network.end_s, network.closing == "serve_all"
        facts[BY_DUE_DATE] = network.discipline == "due_date"
        facts[OFFICE] = self.calendars[network.office_calendar]
        facts[HALL] = self.calendars[network.ticket_calendar]
        groups, group_queues = self._groups()
        queues, queue_groups = self._queues()
        net = Net(
            nodes=routes.nodes,
            steps=routes.steps,
            branches=routes.branches,
            entries=routes.entries,
            draws=draws,
            tables=tables,
            **pack_calendars(list(network.calendars.values())),
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
            tuple(routes.phases),
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
                self.calendars[group.calendar], group.pauses, len(group.skills),
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
        found = [
            opening
            for name, number in self.calendars.items()
            if name in used
            for opening in _openings_of(self.network.calendars[name], number)
        ]
        return np.array(sorted(found), OPENING)


def _openings_of(calendar: Calendar, number: int) -> Iterator[tuple[int, int, int, bool]]:
    last = set(calendar.day_closes)
    for interval, (opening, closing) in enumerate(
        zip(calendar.opens, calendar.closes, strict=True)
    ):
        yield opening, number, interval, closing in last


def pack_calendars(calendars: list[Calendar]) -> dict[str, Records]:
    """Return calendars as records, with a place to start looking for every midnight."""
    records = np.zeros(len(calendars), CALENDAR)
    intervals: list[tuple[int, int, int]] = []
    days: list[tuple[int, int]] = []
    marks: list[tuple[int, int, int]] = []
    for number, calendar in enumerate(calendars):
        last_s = calendar.closes[-1] if calendar.closes else 0
        midnights = np.arange(last_s // WHOLE_DAY_S + 2) * WHOLE_DAY_S
        records[number] = (
            len(intervals), len(calendar.opens), len(days), len(calendar.day_bounds),
            len(marks), len(midnights),
        )  # fmt: skip
        intervals += zip(
            (*calendar.opens, last_s), (*calendar.closes, last_s), calendar.before, strict=True
        )
        days += calendar.day_bounds
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
