"""Events of SimPy that happen in the order of the contract (docs/semantics.md, S3)."""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import IntEnum
from typing import cast

import simpy
from simpy.events import EventPriority


class Rank(IntEnum):
    """Order within an instant; SimPy's own urgent and normal events (0, 1) come before."""

    COMPLETION = 1
    OPENING = 2
    ARRIVAL = 3
    DISPATCH = 4
    TIMER = 5


def priority(rank: Rank, case: int = 0, block: int = 0) -> int:
    """Return the SimPy priority that sorts by (rank, case, block).

    Parameters
    ----------
    rank
        Order within the instant.
    case
        Number of the case, 0 for an event that concerns none.
    block
        Number of the block within its route, below 2**16; 0 for an event that concerns none.

    Returns
    -------
    int
        The key: the event with the least key comes first.
    """
    return rank << 56 | case << 16 | block


class Appointment(simpy.Event):
    """A SimPy event that happens at a given time with a given priority.

    Parameters
    ----------
    env
        The SimPy environment of the run.
    at_s
        When the event happens, seconds since the start; not before `env.now`.
    key
        Order within the instant, from `priority`.
    """

    def __init__(self, env: simpy.Environment, at_s: int, key: int) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        env.schedule(self, cast("EventPriority", key), at_s - env.now)


def outcome(event: simpy.Event) -> Generator[simpy.Event, None, simpy.Interrupt | None]:
    """Wait for an event; return the interrupt if the block is broken off meanwhile.

    Parameters
    ----------
    event
        What the process waits for.

    Yields
    ------
    simpy.Event
        The event, once.

    Returns
    -------
    simpy.Interrupt or None
        None if the event happened.
    """
    try:
        yield event
    except simpy.Interrupt as interrupt:
        return interrupt
    return None


def callbacks(event: simpy.Event) -> list[Callable[[simpy.Event], None]]:
    """Return the callbacks of an event, to which more can be added.

    Parameters
    ----------
    event
        An event that has not happened yet.

    Returns
    -------
    list of callable
        Functions that SimPy calls with the event when it happens, in this order.
    """
    return cast("list[Callable[[simpy.Event], None]]", event.callbacks)
