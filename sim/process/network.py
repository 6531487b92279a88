"""Routes, with the people, sessions and calendars they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from sim.process.blocks import (
    Block,
    Exit,
    Parallel,
    Serve,
    Within,
    children,
)
from sim.process.clock import Calendar

Span = tuple[int, int]
"""Seconds from the first to before the second."""
ALWAYS_IN_FORCE: Span = (0, 2**62)

Closing = Literal["serve_all", "send_home"]
Discipline = Literal["fifo", "due_date"]


@dataclass(frozen=True, slots=True)
class Group:
    """People who work side by side and share a calendar.

    A group starts work while fewer are busy than present.
    """

    name: str
    skills: tuple[str, ...]
    people: tuple[str, ...]
    calendar: str
    pauses: bool = False
    """Begun work stops with the calendar (offices) instead of being finished (windows)."""
    absent_share: float = 0.0
    """Long-run share of half-days each person is away."""
    absent_half_days: float = 1.0
    """Mean length of an absence in half-days."""
    unit: str = ""
    kind: str = ""
    in_force: Span = ALWAYS_IN_FORCE
    """When these people work together so; outside it none of them is present."""


@dataclass(frozen=True, slots=True)
class Session:
    """Moments at which whoever is ready is taken along: courier, meeting, signing.

    Either at fixed `times_s`, or at the end of the half-days of `calendar` that the
    person of this name attends (each with probability `attendance`).
    """

    name: str
    times_s: tuple[int, ...] = ()
    calendar: str = ""
    attendance: float = 1.0


class Node(NamedTuple):
    """A block with its number: ids count in pre-order, so a branch is an id range."""

    id: int
    block: Block
    children: tuple[Node, ...]
    end: int
    """One past the last id inside this block."""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in order of ids."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)


@dataclass(frozen=True)
class Route:
    """What an applicant of one item goes through, and how many come.

    Parameters
    ----------
    item
        Name of the item; it keys the chances of its applicants.
    block
        What they go through.
    rate_per_wd
        Applicants per working day in the base demand.
    volume
        Factor on the base demand; the applicants of a smaller factor are among those of
        a larger one.
    counted
        False for work that is nobody's case, such as status enquiries.
    in_force
        When applicants are sent this way; who comes in it stays on it.
    variant
        Under which policy the route was made, where that changes on a date.
    """

    item: str
    block: Block
    rate_per_wd: float = 0.0
    volume: float = 1.0
    counted: bool = True
    in_force: Span = ALWAYS_IN_FORCE
    variant: int = 0

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes; a node stands at the index of its id."""
        return tuple(number(self.block).walk())


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How arrivals spread over days and over the hours of a day.

    Parameters
    ----------
    day_starts_s
        Midnight of each working day.
    day_weights
        Relative arrivals of each working day; 1 on average over the counted horizon.
    busyness_cv
        Coefficient of variation of the daily busyness factor (gamma, mean 1).
    clock_s, clock_share
        Cumulative share of a day's arrivals by second of the day, ascending.
    """

    day_starts_s: tuple[int, ...]
    day_weights: tuple[float, ...]
    busyness_cv: float
    clock_s: tuple[int, ...]
    clock_share: tuple[float, ...]


@dataclass(frozen=True)
class ProcessNetwork:
    """Everything an engine needs except chance.

    Parameters
    ----------
    routes
        One per item, in catalogue order.
    groups
        In order of declaration, which breaks ties in dispatch.
    sessions
        By name.
    calendars
        By name; blocks and groups name theirs.
    rhythm
        When applicants come.
    end_s
        Second at which the simulation stops.
    office_calendar
        Name of the calendar that clocks and elapsed time count.
    ticket_calendar
        Name of the calendar whose day end acts on those who wait in the hall.

    Raises
    ------
    ValueError
        If a route asks for a skill that no group has, an Exit stands inside Parallel or an
        expiring Within, which end by themselves, or a Parallel has no branch.
    """

    routes: tuple[Route, ...]
    groups: tuple[Group, ...]
    sessions: Mapping[str, Session]
    calendars: Mapping[str, Calendar]
    rhythm: Rhythm
    end_s: int
    closing: Closing = "serve_all"
    discipline: Discipline = "fifo"
    office_calendar: str = "office"
    ticket_calendar: str = "hall"

    def __post_init__(self) -> None:
        known = {skill for group in self.groups for skill in group.skills}
        asked = _skills_asked(route.block for route in self.routes)
        if asked - known:
            raise ValueError(f"skills that no group has: {', '.join(sorted(asked - known))}")

    @property
    def office(self) -> Calendar:
        """The calendar that clocks and elapsed time count."""
        return self.calendars[self.office_calendar]


def _skills_asked(routes: Iterable[Block]) -> set[str]:
    """Return the skills that routes ask for.

    Raises
    ------
    ValueError
        If a case cannot go through a route (see `ProcessNetwork`).
    """
    skills: set[str] = set()
    waiting = [(block, True) for block in routes]
    seen: set[tuple[int, bool]] = set()
    while waiting:
        block, may_exit = waiting.pop()
        if isinstance(block, Serve):
            skills.add(block.skill)
        elif isinstance(block, Exit) and not may_exit:
            raise ValueError("Exit inside Parallel or an expiring Within: it cannot end the case")
        elif isinstance(block, Parallel) and not block.branches:
            raise ValueError("Parallel without a branch: it would never end")
        inside = children(block)
        # Routes share pieces; each is looked into once.
        if inside and (id(block), may_exit) not in seen:
            seen.add((id(block), may_exit))
            ends_itself = isinstance(block, Parallel) or (
                isinstance(block, Within) and block.expires
            )
            waiting += [(child, may_exit and not ends_itself) for child in inside]
    return skills


def number(block: Block, first: int = 0) -> Node:
    """Give a block and all inside it their numbers in pre-order, from `first`."""
    below: list[Node] = []
    after = first + 1
    for child in children(block):
        node = number(child, after)
        below.append(node)
        after = node.end
    return Node(first, block, tuple(below), after)
