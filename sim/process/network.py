"""Routes, with the people, sessions and calendars they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise
from typing import Literal, NamedTuple

from sim.process.blocks import (
    Alongside,
    Block,
    Delay,
    Exit,
    Parallel,
    Serve,
    Suspend,
    Within,
    WorkingDays,
    children,
)
from sim.process.clock import WHOLE_DAY_S, Calendar

Span = tuple[int, int]
"""Seconds since the start: from the first to before the second."""
ALWAYS_IN_FORCE: Span = (0, 2**62)

Closing = Literal["serve_all", "send_home"]
Discipline = Literal["fifo", "due_date"]


@dataclass(frozen=True, slots=True)
class Group:
    """People who work side by side and share a calendar.

    A group starts work while fewer are busy than present.
    """

    name: str
    """Unique among the groups of a network."""
    skills: tuple[str, ...]
    """Skills that each of these people has."""
    people: tuple[str, ...]
    """Names of the people; they key the chances of their absences."""
    calendar: str
    """Name of the calendar of their working hours."""
    pauses: bool = False
    """Begun work stops with the calendar (offices) instead of being finished (windows)."""
    absent_share: float = 0.0
    """Long-run share of half-days each person is away."""
    absent_half_days: float = 1.0
    """Mean length of an absence in half-days."""
    guests: tuple[str, ...] = ()
    """People of other groups who work here while they are away from their own."""
    guests_away: tuple[float, float] = (0.0, 1.0)
    """Share of half-days that guests are away from their own group, and for how many on average."""
    unit: str = ""
    """Id of the department they belong to; empty = the whole hall."""
    kind: str = ""
    """Kind of group, such as ``window`` or ``section``."""
    in_force: Span = ALWAYS_IN_FORCE
    """Period in which they work as this group; outside it none of them is present."""


@dataclass(frozen=True, slots=True)
class Session:
    """Moments at which all cases that are ready are taken along: courier, meeting, signing.

    Either at fixed `times_s`, strictly ascending, or at the end of the half-days of `calendar`
    that the person of this name attends (each with probability `attendance`).
    """

    name: str
    """Unique among the sessions of a network; of a session with a calendar, the person's name."""
    times_s: tuple[int, ...] = ()
    """Fixed moments in seconds since the start."""
    calendar: str = ""
    """Name of the calendar whose half-days are attended; empty = fixed moments."""
    attendance: float = 1.0
    """Share of half-days attended, 0 to 1, from the start."""
    unit: str = ""
    """Id of the department of the person; empty = the whole hall."""
    later: tuple[tuple[int, float], ...] = ()
    """Seconds from which another attendance holds, ascending, with that attendance."""

    def attendance_at(self, time_s: int) -> float:
        """Return the share of half-days attended at a time.

        Parameters
        ----------
        time_s
            Seconds since the start.

        Returns
        -------
        float
            Share from 0 to 1.
        """
        begun = [share for since_s, share in self.later if since_s <= time_s]
        return begun[-1] if begun else self.attendance


class Node(NamedTuple):
    """A block with its number: ids count in pre-order, so a branch is an id range."""

    id: int
    """Number of the block in pre-order."""
    block: Block
    """The block itself."""
    children: tuple[Node, ...]
    """Nodes of the blocks directly inside it, in order."""
    end: int
    """One past the last id inside this block."""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in order of ids.

        Yields
        ------
        Node
            Each node once.
        """
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
    in_force
        Period in which arriving applicants take this route; they stay on it afterwards.
    variant
        Index of the policy under which the route was made, where policies change on a date.
    rhythm
        When its applicants come; None = by the rhythm of the network.
    """

    item: str
    block: Block
    rate_per_wd: float = 0.0
    volume: float = 1.0
    in_force: Span = ALWAYS_IN_FORCE
    variant: int = 0
    rhythm: Rhythm | None = None

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """All nodes; a node stands at the index of its id."""
        return tuple(number(self.block).walk())


@dataclass(frozen=True, slots=True)
class DayProfile:
    """How the arrivals of a day spread over its hours.

    Parameters
    ----------
    clock_s
        Seconds of the day, ascending.
    share
        Cumulative share of the day's arrivals by each of them, ascending.
    """

    clock_s: tuple[int, ...]
    share: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How arrivals spread over days and over the hours of a day.

    Parameters
    ----------
    day_starts_s
        Midnight of each day on which applicants come, in seconds since the start, ascending.
    day_weights
        Relative arrivals of each such day; they add up to the working days of the counted horizon.
    busyness_cv
        Coefficient of variation of the daily busyness factor (gamma, mean 1).
    profiles
        The different ways in which arrivals spread over the hours of a day.
    day_profiles
        Index of each day's profile; the first one for all days unless given.
    """

    day_starts_s: tuple[int, ...]
    day_weights: tuple[float, ...]
    busyness_cv: float
    profiles: tuple[DayProfile, ...]
    day_profiles: tuple[int, ...] = ()


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
        Time at which the simulation stops, in seconds since the start.
    closing
        At closing, go on serving those in the hall (``serve_all``) or send them home
        (``send_home``).
    discipline
        Queue discipline: first come first served, or earliest due date.
    working_calendar
        Name of the calendar whose days are the working days that clocks and elapsed time count.
    hall_calendar
        Name of the calendar of the hall, whose close acts on those who wait in it.
    overtime_max_s
        Seconds after the close until which those in the hall are called under ``serve_all``, at
        most until midnight.

    Raises
    ------
    ValueError
        If a route asks for a skill that no group has, an Exit stands inside Parallel or an
        expiring Within, which end by themselves, an Exit or Suspend stands beside the child of
        Alongside, which is broken off, a Parallel has no branch, a Serve with ticket or patience
        has no `on_left`, a delay in working days names a calendar (or another names none), or
        the moments of a session, the intervals of a calendar or the days of the rhythm do not
        ascend.
    """

    routes: tuple[Route, ...]
    groups: tuple[Group, ...]
    sessions: Mapping[str, Session]
    calendars: Mapping[str, Calendar]
    rhythm: Rhythm
    end_s: int
    closing: Closing = "serve_all"
    discipline: Discipline = "fifo"
    working_calendar: str = "office"
    hall_calendar: str = "hall"
    overtime_max_s: int = WHOLE_DAY_S

    def __post_init__(self) -> None:
        known = {skill for group in self.groups for skill in group.skills}
        asked = _skills_asked(route.block for route in self.routes)
        if asked - known:
            raise ValueError(f"skills that no group has: {', '.join(sorted(asked - known))}")
        self._refuse_unsorted_times()

    def _refuse_unsorted_times(self) -> None:
        """Refuse times that do not ascend: a search for the next one would miss some."""
        unsorted = [
            f"session {session.name!r}"
            for session in self.sessions.values()
            if not _ascend(session.times_s, strictly=True)
        ]
        for name, calendar in self.calendars.items():
            spans = zip(calendar.opens, calendar.closes, strict=True)
            if not _ascend(chain.from_iterable(spans)):
                unsorted.append(f"calendar {name!r}")
        if not _ascend(self.rhythm.day_starts_s, strictly=True):
            unsorted.append("days of the rhythm")
        if unsorted:
            raise ValueError(f"times that do not ascend: {', '.join(unsorted)}")

    @property
    def working_days(self) -> Calendar:
        """The calendar of the working days that clocks and elapsed time count."""
        return self.calendars[self.working_calendar]

    @property
    def hall(self) -> Calendar:
        """The calendar of the hall."""
        return self.calendars[self.hall_calendar]

    @cached_property
    def last_calls_s(self) -> list[int]:
        """End of calling in the hall on each of its days, at most midnight; seconds since start."""
        overtime_s = self.overtime_max_s if self.closing == "serve_all" else 0
        return [
            min(close + overtime_s, -(-close // WHOLE_DAY_S) * WHOLE_DAY_S)
            for close in self.hall.day_closes
        ]


def with_people(network: ProcessNetwork, added: Mapping[str, int]) -> ProcessNetwork:
    """Return a network with more people in some groups.

    Parameters
    ----------
    network
        The network.
    added
        Number of additional people by name of the group; other groups stay as they are.

    Returns
    -------
    ProcessNetwork
        The new people have names of their own, so that those of the others keep their absences.
    """
    groups = tuple(
        replace(group, people=(*group.people, *_newcomers(group.name, added.get(group.name, 0))))
        for group in network.groups
    )
    return replace(network, groups=groups)


def _newcomers(group: str, number: int) -> list[str]:
    return [f"{group}/more{index + 1}" for index in range(number)]


def _ascend(times: Iterable[int], *, strictly: bool = False) -> bool:
    return all(before < after if strictly else before <= after for before, after in pairwise(times))


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
            if block.on_left is None and (block.ticket or block.patience is not None):
                raise ValueError(f"{block.activity}: who leaves the hall needs a way on")
            skills.add(block.skill)
        elif isinstance(block, Delay):
            in_days = isinstance(block.duration.distribution, WorkingDays)
            if in_days is not (block.calendar is None) or (in_days and block.until_open):
                raise ValueError(f"{block.activity}: a calendar, or else a time in working days")
        elif isinstance(block, Exit) and not may_exit:
            raise ValueError("Exit inside Parallel or an expiring Within: it cannot end the case")
        elif isinstance(block, Parallel) and not block.branches:
            raise ValueError("Parallel without a branch: it would never end")
        elif isinstance(block, Alongside):
            _refuse_what_cannot_be_broken_off(block.beside)
        inside = children(block)
        # Routes share blocks; each is looked into once.
        if inside and (id(block), may_exit) not in seen:
            seen.add((id(block), may_exit))
            ends_itself = isinstance(block, Parallel) or (
                isinstance(block, Within) and block.expires
            )
            waiting += [(child, may_exit and not ends_itself) for child in inside]
    return skills


def _refuse_what_cannot_be_broken_off(beside: Block) -> None:
    if isinstance(beside, Exit | Suspend):
        kind = type(beside).__name__
        raise ValueError(  # noqa: TRY004  (a route, not a type of the caller)
            f"{kind} beside the child of Alongside, where it would be broken off"
        )
    for child in children(beside):
        _refuse_what_cannot_be_broken_off(child)


def number(block: Block, first: int = 0) -> Node:
    """Give a block and all inside it their numbers in pre-order, from `first`.

    Parameters
    ----------
    block
        The block.
    first
        Number of the block itself.

    Returns
    -------
    Node
        The block with its number and its numbered children.
    """
    below: list[Node] = []
    after = first + 1
    for child in children(block):
        node = number(child, after)
        below.append(node)
        after = node.end
    return Node(first, block, tuple(below), after)
