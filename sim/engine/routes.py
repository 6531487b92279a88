"""Routes as arrays: the attributes of each block, and which block is entered after it.

Blocks with equal attributes share one record of them, and a part that several routes contain is
read once.  The position of a block follows from the numbers of children alone: the blocks of all
routes form one list, each route in pre-order, so that the blocks inside a block are a range.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.net import (
    ALONGSIDE,
    ALWAYS,
    ATTENDING,
    AWAIT,
    BRANCH,
    CHANCE,
    CHOICE,
    DELAY,
    END_OF_ROUTE,
    EXIT,
    EXPECTED,
    INSTANT,
    NODE,
    NONE,
    PARALLEL,
    PRESENT,
    SEQUENCE,
    SERVE,
    STEP,
    SUSPEND,
    WITHIN,
    Ints,
    Records,
)
from sim.native import inner, native
from sim.process.blocks import (
    Alongside,
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
    children,
)
from sim.process.clock import WD_TICKS
from sim.process.network import ProcessNetwork

MOST_BRANCHES = 62
MOST_BLOCKS = 1 << 16
LONGEST_LIMIT_TICKS = 1 << 30
"""Longest limit of a clock: 12,000 working days."""


class _Branch(NamedTuple):
    """The attributes of a branch; fields as in `BRANCH`."""

    condition: int = ALWAYS
    draw: int = NONE
    skill: int = NONE
    session: int = NONE
    probability: float = 0.0
    mean_s: float = 0.0
    limit_s: float = 0.0


class _Particulars(NamedTuple):
    """The attributes of a block apart from its position; fields as in `NODE` and `STEP`."""

    kind: int
    children: int = 0
    conditions: tuple[_Branch, ...] = ()
    draw: int = NONE
    patience: int = NONE
    skill: int = NONE
    session: int = NONE
    or_session: int = NONE
    calendar: int = NONE
    limit_ticks: int = 0
    ticket: bool = False
    leaves: bool = False
    expires: bool = False
    until_open: bool = False
    phase: int = NONE
    wait_phase: int = NONE
    milestone: int = NONE
    outcome: int = NONE
    handoffs: int = 0
    visit: bool = False
    in_hall: bool = False
    case_clock: bool = False
    staff_share: float = 0.0
    staff_s: float = 0.0
    present_on: int = NONE


class Routes:
    """The blocks of all routes, with the names that their numbers stand for.

    Parameters
    ----------
    network
        The network, whose routes are packed.
    skills, calendars
        Numbers of skills and of calendars, by name.

    Attributes
    ----------
    nodes, steps, branches
        Records `NODE` and `STEP`, shape (blocks,), and records `BRANCH`, one a branch.
    offset
        Number of each route's first block, shape (routes,).
    counts
        Number of blocks directly inside each block, shape (blocks,).
    entries
        The block that a case enters first, shape (routes,).
    draws, sessions, phases, milestones, outcomes
        Numbers of draws and of names, in ascending order.

    Raises
    ------
    ValueError
        If a route has too many blocks, a Parallel too many branches, a limit is too long, or
        there are more names than their field can number.
    """

    def __init__(
        self, network: ProcessNetwork, skills: dict[str, int], calendars: dict[str, int]
    ) -> None:
        self._skills = skills
        self._calendars = calendars
        self.sessions = {name: number for number, name in enumerate(network.sessions)}
        self.draws: dict[Draw, int] = {}
        self.phases: dict[str, int] = {}
        self.milestones: dict[str, int] = {}
        self.outcomes: dict[str, int] = {}
        self._rows: dict[_Particulars, int] = {}
        self._read: dict[int, list[int]] = {}
        rows: list[int] = []
        starts = [0]
        for route in network.routes:
            rows += self._rows_of(route.block)
            starts.append(len(rows))
        self.offset = np.array(starts[:-1], np.int64)
        self._join(np.array(rows, np.int64))

    def _join(self, rows: Ints) -> None:
        """Make the records of all blocks, whose attributes stand in these rows of `_rows`."""
        particulars = list(self._rows)
        self.nodes, self.steps = np.zeros(len(rows), NODE), np.zeros(len(rows), STEP)
        for records in self.nodes, self.steps:
            for name in set(_Particulars._fields) & set(records.dtype.names or ()):
                records[name] = _column(particulars, name, records.dtype[name])[rows]
        conditions = [block.conditions for block in particulars]
        counts = np.array([block.children for block in particulars], np.int64)[rows]
        self.nodes["branches"] = np.array([len(branches) for branches in conditions], np.int64)[
            rows
        ]
        self.nodes["branch"] = np.cumsum(self.nodes["branches"]) - self.nodes["branches"]
        self.nodes["block"] = np.arange(len(rows)) - np.repeat(
            self.offset, np.diff([*self.offset, len(rows)])
        )
        self.branches = _branch_records(
            [branch for row in rows.tolist() for branch in conditions[row]]
        )
        self.entries = np.zeros(len(self.offset), np.int64)
        self.counts = counts
        _stand(self.nodes, self.steps, self.branches, counts, self.offset, self.entries)

    # Attributes of blocks ---------------------------------------------------------------

    def _rows_of(self, block: Block) -> list[int]:
        """Return the rows of attributes of a block and of all blocks inside it, in pre-order."""
        rows = self._read.get(id(block))
        if rows is None:
            inside = children(block)
            particulars = self._particulars(block, len(inside))
            rows = [self._rows.setdefault(particulars, len(self._rows))]
            for child in inside:
                rows += self._rows_of(child)
            if len(rows) >= MOST_BLOCKS:
                raise ValueError(f"a route of more than {MOST_BLOCKS - 1} blocks")
            self._read[id(block)] = rows
        return rows

    def _particulars(  # noqa: C901, PLR0911, PLR0912  (one case per block)
        self, block: Block, inside: int
    ) -> _Particulars:
        """Return the attributes of a block with `inside` blocks directly inside it."""
        match block:
            case Sequence():
                return _Particulars(SEQUENCE, inside)
            case Serve():
                return self._serve(block, inside)
            case Delay():
                return _Particulars(
                    DELAY,
                    draw=self._draw(block.duration),
                    calendar=NONE if block.calendar is None else self._calendars[block.calendar],
                    until_open=block.until_open,
                    phase=_label(self.phases, block.phase),
                    handoffs=block.handoffs,
                    staff_s=block.staff_s,
                    present_on=self._calendar(block.present_on),
                )
            case AwaitSession():
                return _Particulars(
                    AWAIT,
                    session=self.sessions[block.session],
                    or_session=self.sessions[block.or_session] if block.or_session else NONE,
                    draw=self._draw(block.count),
                    phase=_label(self.phases, block.phase),
                    handoffs=block.handoffs,
                    staff_s=block.staff_s,
                    present_on=self._calendar(block.present_on),
                )
            case Visit():
                return _Particulars(INSTANT, visit=True)
            case Mark():
                return _Particulars(INSTANT, milestone=_label(self.milestones, block.milestone))
            case Exit():
                return _Particulars(EXIT, outcome=_label(self.outcomes, block.outcome))
            case Choice(branches):
                conditions = tuple(self._condition(condition) for condition, _ in branches)
                return _Particulars(CHOICE, inside, conditions)
            case Parallel():
                if inside > MOST_BRANCHES:
                    raise ValueError(f"a Parallel of {inside} branches; at most {MOST_BRANCHES}")
                return _Particulars(PARALLEL, inside, (_Branch(),) * inside)
            case Alongside():
                return _Particulars(ALONGSIDE, inside, (_Branch(),) * inside)
            case Within():
                return _Particulars(
                    WITHIN,
                    inside,
                    limit_ticks=_limit_ticks(block),
                    expires=block.expires,
                    case_clock=not block.expires,
                )
            case Suspend():
                return _Particulars(SUSPEND, inside)

    def _serve(self, block: Serve, inside: int) -> _Particulars:
        return _Particulars(
            SERVE,
            inside,
            draw=self._draw(block.duration),
            patience=self._draw(block.patience),
            skill=self._skills[block.skill],
            ticket=block.ticket,
            leaves=inside > 0,
            wait_phase=_label(self.phases, block.wait_phase),
            phase=_label(self.phases, block.phase),
            handoffs=block.handoffs,
            in_hall=inside > 0,
            staff_share=block.staff_share,
            staff_s=block.staff_s,
            present_on=self._calendar(block.present_on),
        )

    def _calendar(self, name: str) -> int:
        return self._calendars[name] if name else NONE

    def _condition(self, condition: Condition | None) -> _Branch:
        match condition:
            case Chance(draw, probability):
                return _Branch(CHANCE, self._draw(draw), probability=probability)
            case Present(skill):
                return _Branch(PRESENT, skill=self._skills.get(skill, NONE))
            case Attending(session):
                return _Branch(ATTENDING, session=self.sessions[session])
            case ExpectedWaitWithin(skill, mean_s, limit_s, own):
                asked = self._skills.get(skill, NONE)
                return _Branch(EXPECTED, self._draw(own), asked, mean_s=mean_s, limit_s=limit_s)
        return _Branch()

    def _draw(self, draw: Draw | None) -> int:
        return NONE if draw is None else self.draws.setdefault(draw, len(self.draws))


def _column(
    particulars: list[_Particulars], name: str, kind: np.dtype[np.generic]
) -> npt.NDArray[np.generic]:
    """Return one attribute of all blocks, if its numbers are not too large for the records."""
    column = [getattr(block, name) for block in particulars]
    if kind.kind == "i" and max(column, default=0) > np.iinfo(kind.name).max:
        raise ValueError(f"{name} {max(column)}; at most {np.iinfo(kind.name).max}")
    return np.array(column, kind)


def _branch_records(branches: list[_Branch]) -> Records:
    """Return the branches of all blocks, in order, still without the blocks that they lead to."""
    records = np.zeros(len(branches), BRANCH)
    for name in _Branch._fields:
        records[name] = [getattr(branch, name) for branch in branches]
    return records


def _label(labels: dict[str, int], label: str) -> int:
    return labels.setdefault(label, len(labels))


def _limit_ticks(block: Within) -> int:
    ticks = round(block.limit_wd * WD_TICKS)
    if ticks > LONGEST_LIMIT_TICKS:
        raise ValueError(f"a limit of {block.limit_wd:g} working days is too long")
    return ticks


# Positions of blocks ----------------------------------------------------------------------


@native
def _stand(
    nodes: Records,
    steps: Records,
    branches: Records,
    counts: Ints,
    offset: Ints,
    entries: Ints,
) -> None:
    """Set for every block what encloses it, and what is entered inside it and after it."""
    for me in range(len(nodes) - 1, -1, -1):
        end = me + 1
        for _ in range(counts[me]):
            end = nodes[end]["end"]
        nodes[me]["end"] = end
    for first in offset:
        root = nodes[first]
        root["parent"], root["scope"], root["after"] = NONE, NONE, END_OF_ROUTE
        steps[first]["branch"] = NONE
    for me in range(len(nodes)):
        _stand_inside(nodes, steps, counts, me)
    for me in range(len(nodes)):
        nodes[me]["after"] = _entered(nodes, nodes[me]["after"])
        _lead_inside(nodes, branches, counts, me)
    for route in range(len(offset)):
        entries[route] = _entered(nodes, offset[route])


@inner
def _stand_inside(nodes: Records, steps: Records, counts: Ints, me: int) -> None:
    """Set what encloses the blocks directly inside a block, and what is entered after them."""
    node = nodes[me]
    kind, child = node["kind"], me + 1
    for number in range(counts[me]):
        inside = nodes[child]
        inside["parent"], inside["scope"], inside["after"] = me, node["scope"], node["after"]
        steps[child]["branch"], steps[child]["beside"] = steps[me]["branch"], steps[me]["beside"]
        if kind in (PARALLEL, ALONGSIDE, WITHIN, SUSPEND):
            inside["scope"], inside["after"] = me, -2 - child
        if kind == PARALLEL:
            inside["place"], steps[child]["branch"] = number, child
        if kind == ALONGSIDE:
            inside["place"] = number
            if number == 0:
                steps[child]["beside"] = 1
        if kind == SEQUENCE and number + 1 < counts[me]:
            inside["after"] = inside["end"]
        child = inside["end"]


@inner
def _lead_inside(nodes: Records, branches: Records, counts: Ints, me: int) -> None:
    """Set what is entered inside a block."""
    node = nodes[me]
    kind, child = node["kind"], me + 1
    node["first"], node["on_left"] = NONE, NONE
    if kind in (WITHIN, SUSPEND):
        node["first"] = _entered(nodes, child)
    elif kind == SERVE and counts[me]:
        node["on_left"] = _entered(nodes, child)
    for index in range(node["branch"], node["branch"] + node["branches"]):
        branches[index]["target"] = _entered(nodes, child)
        branches[index]["root"] = child if kind in (PARALLEL, ALONGSIDE) else NONE
        child = nodes[child]["end"]


@inner
def _entered(nodes: Records, target: int) -> int:
    """Return what is entered when a block is reached: sequences take no time."""
    while target >= 0 and nodes[target]["kind"] == SEQUENCE:
        empty = nodes[target]["end"] == target + 1
        target = nodes[target]["after"] if empty else target + 1
    return target
