"""The state of a run of the compiled engine, and its agenda of events."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.history import History
from sim.engine.net import END_S, NONE, Records
from sim.engine.packed import Packed
from sim.engine.tally import Tally
from sim.native import inner

Ints = npt.NDArray[np.int64]

CASE = np.dtype(
    [
        ("time_s", np.int64),
        ("route", np.int64),
        ("layer", np.int64),
        ("number", np.int64),
        ("name", np.uint64),
        ("live", np.int64),
    ]
)
"""An applicant; ``live``: first slot of the blocks that the case is in, -1 if none; ``name``: word
of the item in the random numbers."""

SLOT = np.dtype(
    [
        ("unfinished", np.int64),
        *(
            (name, np.int32)
            for name in (
                "case", "node", "enabled_s", "start_s", "group", "next", "queue_before",
                "queue_behind", "urgency", "gives_up_s", "due_s", "left_ticks", "since_s",
            )
        ),
        ("stops", np.int16),
        ("state", np.int8),
    ],
    align=True,
)  # fmt: skip
"""A block that a case is in, 64 bytes; ``next``: the case's next slot, or the next free one;
``unfinished``: bits of the branches of a Parallel."""
PASSING, WAITING, SERVED = range(3)
"""States of a slot: time passes, a job waits in a queue, a job is served."""

EVENT = np.dtype([("key", np.int64), ("node", np.int32), ("slot", np.int32)])
"""``key``: time, rank and case; ``slot``: of the block, or -1 - b for the start of branch b."""

SERVER_GROUP = np.dtype(
    [(name, np.int64) for name in ("present", "busy", "open_until_s", "late_until_s")]
)
QUEUE_STATE = np.dtype([(name, np.int64) for name in ("head", "tail", "length", "pending")])
ROW = np.dtype(
    [
        (name, np.int64)
        for name in ("case", "block", "enabled_s", "start_s", "end_s", "detail", "status")
    ]
)

NOW, EVENTS, FREE, PENDING, ROWS, FULL, DISPATCH, LAST, NEWCOMERS = range(9)
"""Counters: the time, events on the agenda, first free slot, pending queues, rows so far,
whether an array was too small, whether a dispatch is due, the end of the simulation, and applicants
who joined a queue since the last dispatch."""

COMPLETION, OPENING, ARRIVAL, DISPATCHING, TIMER = range(5)
"""Ranks within an instant; events on the agenda are completions and timers."""
TIMER_BIT = 33
"""A key is the time, one bit for timers, and the case in the bits below."""
UNDUE = 2**31 - 1
"""Due date of a clock that is stopped."""
SCRAP = 0
"""A slot that belongs to no case, written to when no other is free: the run is then repeated."""


class State(NamedTuple):
    """Everything that changes in a run, and what chance decides for it.

    Parameters
    ----------
    counters
        Single numbers, at the places `NOW`, `EVENTS` and so on.
    cases
        Records `CASE`, shape (cases,).
    slots
        Records `SLOT`; as many blocks can be under way at the same time, less one (`SCRAP`).
    agenda
        Records `EVENT`; a heap of the first ``counters[EVENTS]``.
    server_groups
        Records `SERVER_GROUP`, shape (groups,).
    queues
        Records `QUEUE_STATE`, one for each skill.
    pending
        Queues that the next dispatch looks at; the first ``counters[PENDING]`` count.
    newcomers
        Slots of applicants who joined a queue since the last dispatch and may leave it; the first
        ``counters[NEWCOMERS]`` count.
    rows
        Records `ROW` of the log; none if it is not kept.
    tally
        What is summed up of the rows.
    capacity
        People present in each interval, one group after the other.
    moments, attended
        Times of all sessions, one session after the other, in seconds; and for signing sessions
        the opening of the half-day that ends at each of them.
    moment_at, attended_at
        For each session, the place of its first value in these two, and at last their length;
        shape (sessions + 1,).
    key
        Key of the random numbers, two words.
    """

    counters: Ints
    cases: Records
    slots: Records
    agenda: Records
    server_groups: Records
    queues: Records
    pending: Ints
    newcomers: Ints
    rows: Records
    tally: Tally
    capacity: Ints
    moments: Ints
    attended: Ints
    moment_at: Ints
    attended_at: Ints
    key: npt.NDArray[np.uint64]


def fresh_state(what: Packed, history: History, room: Room, tally: Tally) -> State:
    """Return the state before anything has happened.

    Parameters
    ----------
    what
        The network, packed.
    history
        What chance decides.
    room
        Sizes of the arrays.
    tally
        A tally before the first row.

    Returns
    -------
    State
        The state at second 0, with an empty agenda.
    """
    net = what.net
    arrivals = history.arrivals
    cases = np.zeros(len(arrivals.time_s), CASE)
    cases["time_s"], cases["route"] = arrivals.time_s, arrivals.route
    cases["layer"], cases["number"] = arrivals.layer, arrivals.number
    cases["name"], cases["live"] = history.draws.items, NONE
    slots = np.zeros(room.slots + 1, SLOT)
    slots["next"] = np.arange(1, len(slots) + 1)
    slots["next"][-1] = NONE
    queues = np.zeros(len(net.queues), QUEUE_STATE)
    queues["head"] = queues["tail"] = NONE
    counters = np.zeros(9, np.int64)
    counters[FREE], counters[LAST] = 1, net.facts[END_S]
    sessions = [history.moments[name] for name in what.sessions]
    return State(
        counters=counters,
        cases=cases,
        slots=slots,
        agenda=np.zeros(room.events + 1, EVENT),
        server_groups=np.zeros(len(net.groups), SERVER_GROUP),
        queues=queues,
        pending=np.zeros(len(net.queues), np.int64),
        newcomers=np.zeros(len(slots), np.int64),
        rows=np.zeros(room.rows, ROW),
        tally=tally,
        capacity=_joined([*history.capacity]),
        moments=_joined([session.times_s for session in sessions]),
        attended=_joined([session.attended_s for session in sessions]),
        moment_at=_starts([session.times_s for session in sessions]),
        attended_at=_starts([session.attended_s for session in sessions]),
        key=history.draws.seed.key,
    )


class Room(NamedTuple):
    """Sizes of the arrays of a run.

    Parameters
    ----------
    slots
        Slots for blocks that cases are in.
    events
        Events on the agenda.
    rows
        Rows of the log, 0 to keep none.
    """

    slots: int
    events: int
    rows: int

    def doubled(self) -> Room:
        """Return twice as much room.

        Returns
        -------
        Room
            Every size doubled.
        """
        return Room(*(2 * size for size in self))


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)


def _starts(parts: list[Ints]) -> Ints:
    return np.cumsum([0, *(len(part) for part in parts)], dtype=np.int64)


# Slots ------------------------------------------------------------------------------------


@inner
def take_slot(state: State, case: int, node: int) -> int:
    """Take a slot for a block that a case has reached.

    Parameters
    ----------
    state
        State of the run, which is changed.
    case
        Number of the case, by order of arrival.
    node
        Number of the block, counted through all routes.

    Returns
    -------
    int
        The slot; `SCRAP` if none was free, and then the run is marked as full.
    """
    counters, slots = state.counters, state.slots
    slot = counters[FREE]
    if slot == NONE:
        counters[FULL] = 1
        return SCRAP
    counters[FREE] = slots[slot]["next"]
    slots[slot]["case"], slots[slot]["node"] = case, node
    slots[slot]["enabled_s"], slots[slot]["start_s"] = counters[NOW], NONE
    slots[slot]["group"], slots[slot]["state"] = NONE, PASSING
    slots[slot]["next"] = state.cases[case]["live"]
    state.cases[case]["live"] = slot
    return int(slot)


@inner
def free_slot(state: State, slot: int) -> None:
    """Free the slot of a block that a case has left.

    Parameters
    ----------
    state
        State of the run, which is changed.
    slot
        The slot.
    """
    slots = state.slots
    case = state.cases[slots[slot]["case"]]
    if case["live"] == slot:
        case["live"] = slots[slot]["next"]
    else:
        before = case["live"]
        while slots[before]["next"] != slot:
            before = slots[before]["next"]
        slots[before]["next"] = slots[slot]["next"]
    slots[slot]["case"] = NONE
    slots[slot]["next"] = state.counters[FREE]
    state.counters[FREE] = slot


@inner
def slot_of(state: State, case: int, node: int) -> int:
    """Return the slot of a block that a case is in.

    Parameters
    ----------
    state
        State of the run.
    case
        Number of the case, by order of arrival.
    node
        Number of the block, counted through all routes.

    Returns
    -------
    int
        The slot; `SCRAP` if the case is not in the block.
    """
    slot = state.cases[case]["live"]
    while slot != NONE and state.slots[slot]["node"] != node:
        slot = state.slots[slot]["next"]
    return int(slot) if slot != NONE else SCRAP


# Agenda -----------------------------------------------------------------------------------


@inner
def schedule(state: State, time_s: int, rank: int, case: int, node: int, slot: int) -> None:
    """Put an event on the agenda, a heap with four children to a parent.

    An event at the end of the simulation or later is left out.

    Parameters
    ----------
    state
        State of the run, which is changed.
    time_s
        When it happens, seconds since the start.
    rank
        COMPLETION or TIMER.
    case
        Number of the case, by order of arrival.
    node
        Number of the block, counted through all routes.
    slot
        Slot of the block, or -1 - b for the start of branch b.
    """
    agenda = state.agenda
    if time_s >= state.counters[LAST]:
        return
    at = state.counters[EVENTS]
    if at >= len(agenda):
        state.counters[FULL] = 1
        return
    state.counters[EVENTS] = at + 1
    key = (time_s << 1 | (rank == TIMER)) << TIMER_BIT | case
    while at > 0:
        above = (at - 1) >> 2
        if not _precedes(key, node, agenda[above]["key"], agenda[above]["node"]):
            break
        agenda[at]["key"] = agenda[above]["key"]
        agenda[at]["node"] = agenda[above]["node"]
        agenda[at]["slot"] = agenda[above]["slot"]
        at = above
    agenda[at]["key"], agenda[at]["node"], agenda[at]["slot"] = key, node, slot


@inner
def drop_first(state: State) -> None:
    """Take the least event off the agenda.

    Parameters
    ----------
    state
        State of the run, which is changed.
    """
    agenda = state.agenda
    last = state.counters[EVENTS] - 1
    state.counters[EVENTS] = last
    key, node, slot = agenda[last]["key"], agenda[last]["node"], agenda[last]["slot"]
    at = 0
    while 4 * at + 1 < last:
        least = 4 * at + 1
        for below in range(least + 1, min(least + 4, last)):
            if _precedes(
                agenda[below]["key"],
                agenda[below]["node"],
                agenda[least]["key"],
                agenda[least]["node"],
            ):
                least = below
        if not _precedes(agenda[least]["key"], agenda[least]["node"], key, node):
            break
        agenda[at]["key"] = agenda[least]["key"]
        agenda[at]["node"] = agenda[least]["node"]
        agenda[at]["slot"] = agenda[least]["slot"]
        at = least
    agenda[at]["key"], agenda[at]["node"], agenda[at]["slot"] = key, node, slot


@inner
def _precedes(key: int, node: int, other_key: int, other_node: int) -> bool:
    return key < other_key or (key == other_key and node < other_node)
