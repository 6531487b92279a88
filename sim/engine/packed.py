"""A process network as arrays: what the compiled engine reads instead of blocks.

Blocks of all routes stand behind one another, each route in pre-order, so that what lies
inside a block is a range.  Zero-time structure is resolved here: every block knows what is
entered after it, through any number of sequences and choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.draws import pack
from sim.process.blocks import (
    DAY_S,
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Condition,
    Delay,
    Draw,
    Exit,
    ExpectedWaitWithin,
    Mark,
    Parallel,
    Present,
    Sequence,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.clock import WHOLE_DAY_S, Calendar
from sim.process.network import Node, ProcessNetwork

Ints = npt.NDArray[np.int64]
Records = npt.NDArray[np.void]

SEQUENCE, CHOICE, SERVE, DELAY, AWAIT, PARALLEL, WITHIN, SUSPEND, INSTANT, EXIT = range(10)
"""Kinds of block; Visit and Mark are INSTANT."""

ALWAYS, CHANCE, PRESENT, ATTENDING, EXPECTED = range(5)
"""Kinds of condition."""

NONE = -1
END_OF_ROUTE = -1
"""What follows the last block.  -2 - b: the child b of a scope has ended."""

MOST_BRANCHES = 62
MOST_BLOCKS = 1 << 16
LATEST_S = 1 << 29
"""End of the longest simulation: 17 years."""
LONGEST_LIMIT_S = 1 << 30
"""Longest limit of a clock: 45,000 working days."""

NODE = np.dtype(
    [
        *(
            (name, np.int32)
            for name in (
                "end", "parent", "scope", "first", "after", "on_left", "block", "branch", "draw",
                "patience", "skill", "session", "limit_s", "branches",
            )
        ),
        *(
            (name, np.int8)
            for name in ("kind", "calendar", "place", "ticket", "stay", "expires")
        ),
    ],
    align=True,
)  # fmt: skip
"""``scope``: innermost Within, Suspend or Parallel around; ``place``: bit of a branch among
its parent's; ``branches`` from ``branch`` on stand in the branch table."""

BRANCH = np.dtype(
    [
        ("condition", np.int64),
        ("target", np.int64),
        ("root", np.int64),
        ("draw", np.int64),
        ("skill", np.int64),
        ("session", np.int64),
        ("probability", np.float64),
        ("mean_s", np.float64),
        ("limit_s", np.float64),
    ]
)

STEP = np.dtype(
    [
        ("staff_share", np.float64),
        ("branch", np.int32),
        *(
            (name, np.int8)
            for name in (
                "phase", "wait_phase", "handoffs", "milestone", "outcome", "visit", "in_hall",
                "case_clock",
            )
        ),
    ],
    align=True,
)  # fmt: skip
"""What the books note of a block; ``branch``: root of the innermost branch of a Parallel that
it lies in."""

CALENDAR = np.dtype(
    [(name, np.int64) for name in ("interval", "intervals", "day", "days", "mark", "marks")]
)
INTERVAL = np.dtype([(name, np.int64) for name in ("opening", "closing", "before")])
DAY = np.dtype([(name, np.int64) for name in ("opening", "closing")])
MARK = np.dtype([(name, np.int64) for name in ("interval", "closing_day", "opening_day")])
"""For each midnight: the last interval open by then, and the first day that closes or opens
at or after it."""

GROUP = np.dtype([(n, np.int64) for n in ("calendar", "pauses", "skills", "queue", "capacity")])
QUEUE = np.dtype([(name, np.int64) for name in ("group", "groups")])
OPENING = np.dtype([(name, np.int64) for name in ("time_s", "calendar", "interval", "last")])


class Net(NamedTuple):
    """The arrays that the compiled engine reads."""

    nodes: Records
    steps: Records
    branches: Records
    entries: Ints
    """What is entered first, by route."""
    draws: Records
    tables: npt.NDArray[np.float64]
    calendars: Records
    intervals: Records
    days: Records
    marks: Records
    groups: Records
    group_queues: Ints
    queues: Records
    queue_groups: Ints
    openings: Records
    facts: Ints
    """By the numbers below."""


END_S, SERVE_ALL, BY_DUE_DATE, OFFICE, HALL = range(5)


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
        If a route has too many blocks, a Parallel too many branches, or the time is too long.
    """
    return _Packer(network).pack()


_NODE_DEFAULTS = dict.fromkeys(
    ("first", "on_left", "branch", "draw", "patience", "skill", "session", "calendar"), NONE
)
_STEP_DEFAULTS = dict.fromkeys(("phase", "wait_phase", "milestone", "outcome"), NONE)


def _table(size: int, dtype: np.dtype[np.void], defaults: Mapping[str, int]) -> Records:
    records = np.zeros(size, dtype)
    for name, value in defaults.items():
        records[name] = value
    return records


class _Place(NamedTuple):
    """Where a block stands: what is around it, and what is entered when it is over."""

    parent: int
    scope: int
    branch: int
    after: int
    number: int = 0
    """Which branch of a Parallel it is."""


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
        self.sessions = {name: number for number, name in enumerate(network.sessions)}
        self.draws: dict[Draw, int] = {}
        size = sum(route.root.end for route in network.routes)
        self.nodes = _table(size, NODE, _NODE_DEFAULTS)
        self.steps = _table(size, STEP, _STEP_DEFAULTS)
        self.node = {name: self.nodes[name] for name in NODE.names or ()}
        self.step = {name: self.steps[name] for name in STEP.names or ()}
        self.phases: dict[str, int] = {}
        self.milestones: dict[str, int] = {}
        self.outcomes: dict[str, int] = {}
        self.branches: list[tuple[object, ...]] = []

    def pack(self) -> Packed:
        sizes = [route.root.end for route in self.network.routes]
        if max(sizes, default=0) >= MOST_BLOCKS:
            raise ValueError(f"a route of {max(sizes)} blocks; at most {MOST_BLOCKS - 1}")
        offset = np.concatenate(([0], np.cumsum(sizes)))[:-1].astype(np.int64)
        entries = []
        for route, first in zip(self.network.routes, offset.tolist(), strict=True):
            self._block(route.root, first, _Place(NONE, NONE, NONE, END_OF_ROUTE))
            entries.append(self._entry(route.root, first, END_OF_ROUTE))
        draws, tables = pack(list(self.draws))
        network = self.network
        if network.end_s > LATEST_S:
            raise ValueError(f"a simulation of {network.end_s} s; at most {LATEST_S}")
        facts = np.zeros(5, np.int64)
        facts[END_S], facts[SERVE_ALL] = network.end_s, network.closing == "serve_all"
        facts[BY_DUE_DATE] = network.discipline == "due_date"
        facts[OFFICE] = self.calendars[network.office_calendar]
        facts[HALL] = self.calendars[network.ticket_calendar]
        groups, group_queues = self._groups()
        queues, queue_groups = self._queues()
        net = Net(
            nodes=self.nodes,
            steps=self.steps,
            branches=np.array(self.branches, BRANCH),
            entries=np.array(entries, np.int64),
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
            offset,
            tuple(self.sessions),
            tuple(self.phases),
            tuple(self.milestones),
            tuple(self.outcomes),
        )

    # Blocks -----------------------------------------------------------------------------

    def _entry(self, node: Node, first: int, after: int) -> int:
        """Return what is entered when a block is reached: sequences take no time."""
        if isinstance(node.block, Sequence):
            return self._entry(node.children[0], first, after) if node.children else after
        return first + node.id

    def _block(self, node: Node, first: int, place: _Place) -> None:
        """Note a block and all inside it; `first` is the route's first."""
        me, note = first + node.id, self.node
        note["kind"][me] = _KINDS[type(node.block)]
        note["block"][me] = node.id
        note["end"][me] = first + node.end
        note["parent"][me] = place.parent
        note["scope"][me] = place.scope
        note["after"][me] = place.after
        note["place"][me] = place.number
        self.step["branch"][me] = place.branch
        self._particulars(me, node.block)
        if node.children:
            entered = []
            for child, inside in self._inside(node, first, place):
                self._block(child, first, inside)
                entered.append(self._entry(child, first, inside.after))
            self._ways(me, node, first, entered)

    def _inside(self, node: Node, first: int, place: _Place) -> Iterator[tuple[Node, _Place]]:
        """Yield the blocks directly inside a block, and where they stand."""
        me = first + node.id
        kind = type(node.block)
        behind = self._behind(node, first, place.after) if kind is Sequence else []
        for number, child in enumerate(node.children):
            root = first + child.id
            if kind is Sequence:
                yield child, _Place(me, place.scope, place.branch, behind[number])
            elif kind is Parallel:
                yield child, _Place(me, me, root, -2 - root, number)
            elif kind is Within or kind is Suspend:
                yield child, _Place(me, me, place.branch, -2 - root)
            else:
                yield child, _Place(me, place.scope, place.branch, place.after)

    def _behind(self, node: Node, first: int, after: int) -> list[int]:
        """Return what is entered after each block of a sequence."""
        behind = []
        for child in reversed(node.children):
            behind.append(after)
            after = self._entry(child, first, after)
        return behind[::-1]

    def _ways(self, me: int, node: Node, first: int, entered: list[int]) -> None:
        """Note what is entered inside a block."""
        match node.block:
            case Within() | Suspend():
                self.node["first"][me] = entered[0]
            case Serve():
                self.node["on_left"][me] = entered[0]
            case Parallel():
                if len(entered) > MOST_BRANCHES:
                    raise ValueError(
                        f"a Parallel of {len(entered)} branches; at most {MOST_BRANCHES}"
                    )
                self._branches_from(me, len(entered))
                for child, target in zip(node.children, entered, strict=True):
                    root = first + child.id
                    self.branches.append((ALWAYS, target, root, NONE, NONE, NONE, 0, 0, 0))
            case Choice(branches):
                self._branches_from(me, len(entered))
                for (condition, _), target in zip(branches, entered, strict=True):
                    self.branches.append(self._condition(condition, target))

    def _branches_from(self, me: int, number: int) -> None:
        self.node["branch"][me], self.node["branches"][me] = len(self.branches), number

    def _particulars(self, me: int, block: Block) -> None:
        """Note what a block says of itself, for the engine and for the books."""
        node, step = self.node, self.step
        match block:
            case Serve():
                self._serve(me, block)
            case Delay():
                node["draw"][me] = self._draw(block.duration)
                node["calendar"][me] = self.calendars[block.calendar]
                step["phase"][me] = self._label(self.phases, block.phase)
                step["handoffs"][me] = block.handoffs
            case AwaitSession():
                node["session"][me] = self.sessions[block.session]
                if block.count is not None:
                    node["draw"][me] = self._draw(block.count)
                step["phase"][me] = self._label(self.phases, block.phase)
                step["handoffs"][me] = block.handoffs
            case Mark():
                step["milestone"][me] = self._label(self.milestones, block.milestone)
            case Exit():
                step["outcome"][me] = self._label(self.outcomes, block.outcome)
            case Visit():
                step["visit"][me] = 1
            case Within():
                limit_s = round(block.limit_wd * DAY_S)
                if limit_s > LONGEST_LIMIT_S:
                    raise ValueError(f"a limit of {block.limit_wd:g} working days is too long")
                node["limit_s"][me], node["expires"][me] = limit_s, block.expires
                step["case_clock"][me] = not block.expires

    def _serve(self, me: int, block: Serve) -> None:
        node, step = self.node, self.step
        node["draw"][me] = self._draw(block.duration)
        node["skill"][me] = self.skills[block.skill]
        node["ticket"][me], node["stay"][me] = block.ticket, block.stay
        if block.patience is not None:
            node["patience"][me] = self._draw(block.patience)
        step["wait_phase"][me] = self._label(self.phases, block.wait_phase)
        step["phase"][me] = self._label(self.phases, block.phase)
        step["handoffs"][me] = block.handoffs
        step["staff_share"][me] = block.staff_share
        step["in_hall"][me] = block.ticket or block.stay

    def _label(self, labels: dict[str, int], label: str) -> int:
        return labels.setdefault(label, len(labels))

    def _draw(self, draw: Draw) -> int:
        return self.draws.setdefault(draw, len(self.draws))

    def _condition(self, condition: Condition | None, target: int) -> tuple[object, ...]:
        match condition:
            case Chance(draw, probability):
                return CHANCE, target, NONE, self._draw(draw), NONE, NONE, probability, 0, 0
            case Present(skill):
                return PRESENT, target, NONE, NONE, self.skills.get(skill, NONE), NONE, 0, 0, 0
            case Attending(session):
                return ATTENDING, target, NONE, NONE, NONE, self.sessions[session], 0, 0, 0
            case ExpectedWaitWithin(skill, mean_s, limit_s, own):
                asked = self.skills.get(skill, NONE)
                return EXPECTED, target, NONE, self._draw(own), asked, NONE, 0, mean_s, limit_s
        return ALWAYS, target, NONE, NONE, NONE, NONE, 0, 0, 0

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


_KINDS: dict[type, int] = {
    Sequence: SEQUENCE,
    Choice: CHOICE,
    Serve: SERVE,
    Delay: DELAY,
    AwaitSession: AWAIT,
    Parallel: PARALLEL,
    Within: WITHIN,
    Suspend: SUSPEND,
    Visit: INSTANT,
    Mark: INSTANT,
    Exit: EXIT,
}


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
