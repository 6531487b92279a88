"""Routes numbered in pre-order, with the people, sessions and calendars they use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sim.process.blocks import (
    AwaitSession,
    Block,
    Choice,
    Delay,
    Exit,
    Group,
    Parallel,
    Serve,
    children,
)
from sim.process.clock import Calendar

Closing = Literal["serve_all", "send_home"]
Discipline = Literal["fifo", "due_date"]


@dataclass(frozen=True, slots=True)
class Node:
    """A block with its number: ids count in pre-order, so a branch is an id range."""

    id: int
    block: Block
    children: tuple[Node, ...]
    end: int
    """One past the last id inside this block."""

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in order of ids."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Route:
    """What an applicant of one item goes through."""

    item: str
    root: Node
    size: int


@dataclass(frozen=True)
class ProcessNetwork:
    """Everything an engine needs except chance.

    Parameters
    ----------
    routes
        One per item, in catalogue order.
    groups
        In order of declaration, which breaks ties in dispatch.
    calendars
        By name; blocks and groups name theirs.
    office_calendar
        Name of the calendar that clocks and elapsed time count.
    ticket_calendar
        Name of the calendar whose day end acts on tickets.
    milestones, outcomes, phases
        The labels used, in a fixed order: columns of the case table.
    """

    routes: tuple[Route, ...]
    groups: tuple[Group, ...]
    calendars: Mapping[str, Calendar]
    phases: tuple[str, ...]
    milestones: tuple[str, ...]
    outcomes: tuple[str, ...]
    closing: Closing = "serve_all"
    discipline: Discipline = "fifo"
    office_calendar: str = "office"
    ticket_calendar: str = "hall"


def number(block: Block, first: int = 0) -> Node:
    """Number a block and all inside it in pre-order.

    Raises
    ------
    ValueError
        If an Exit stands inside Parallel, where no single case could leave.
    """
    _refuse_exit_in_parallel(block, inside=False)
    return _number(block, first)


def _number(block: Block, first: int) -> Node:
    below: list[Node] = []
    after = first + 1
    for child in children(block):
        node = _number(child, after)
        below.append(node)
        after = node.end
    return Node(first, block, tuple(below), after)


def _refuse_exit_in_parallel(block: Block, *, inside: bool) -> None:
    if inside and isinstance(block, Exit):
        raise ValueError("Exit inside Parallel: a case cannot leave from one of its branches")
    for child in children(block):
        _refuse_exit_in_parallel(child, inside=inside or isinstance(block, Parallel))


def route(item: str, block: Block) -> Route:
    """Make the numbered route of an item."""
    root = number(block)
    return Route(item, root, root.end)


def skills_used(root: Node) -> set[str]:
    """Return the skills that a route asks for."""
    return {node.block.skill for node in root.walk() if isinstance(node.block, Serve)}


def sessions_used(root: Node) -> set[str]:
    """Return the sessions that a route waits for or asks about."""
    found: set[str] = set()
    for node in root.walk():
        if isinstance(node.block, AwaitSession):
            found.add(node.block.session)
        elif isinstance(node.block, Choice):
            found |= {
                session
                for condition, _ in node.block.branches
                if (session := getattr(condition, "session", None)) is not None
            }
    return found


def steps(root: Node) -> Iterator[tuple[Node, Serve | Delay | AwaitSession]]:
    """Yield the leaves of a route that take time, with their nodes."""
    for node in root.walk():
        if isinstance(node.block, Serve | Delay | AwaitSession):
            yield node, node.block
