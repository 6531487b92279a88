"""The compiled engine: the trajectories of the reference engine at the speed of C.

It interprets the packed network (`sim.engine.packed`) and follows the same contract of time
(docs/semantics.md).  Every block that a case is in takes a slot; an event on the agenda names its
slot and is void if the slot belongs to another block by then.
"""

from __future__ import annotations

import numpy as np

from sim.chance.history import History
from sim.engine.log import Log, Status
from sim.engine.net import END_OF_ROUTE, END_S, NONE, SERVE, SUSPEND, Net
from sim.engine.packed import Packed, packed
from sim.engine.people import dispatch, open_interval, sent_home
from sim.engine.rows import write_row
from sim.engine.state import (
    ARRIVAL,
    COMPLETION,
    DISPATCH,
    DISPATCHING,
    EVENTS,
    FULL,
    NOW,
    OPENING,
    ROW,
    ROWS,
    SERVED,
    TIMER,
    TIMER_BIT,
    WAITING,
    Room,
    State,
    drop_first,
    fresh_state,
)
from sim.engine.tally import Ints, TallyRoom, fresh_tally
from sim.engine.walk import detail_of, end_step, expire, walk
from sim.native import inner, kernel
from sim.process.network import ProcessNetwork

DONE, LEFT, OPEN = int(Status.DONE), int(Status.LEFT), int(Status.OPEN)


def simulate(network: ProcessNetwork, history: History) -> Log:
    """Run one history and return its log.

    Parameters
    ----------
    network
        Routes, people, sessions and calendars.
    history
        What chance decides.

    Returns
    -------
    Log
        The rows in the order of the events.
    """
    arrays = packed(network)
    until_tick = np.zeros(len(history.arrivals.time_s), np.int64)
    state = run(arrays, history, until_tick, 0, log=True)
    return log_of(state)


def log_of(state: State) -> Log:
    """Return the log of a run that was asked for one.

    Parameters
    ----------
    state
        State at the end of a run with ``log=True``.

    Returns
    -------
    Log
        Copies of the columns.
    """
    rows = state.rows[: state.counters[ROWS]]
    return Log(*(rows[name].copy() for name in ROW.names or ()))


def run(
    what: Packed, history: History, until_tick: Ints, census_s: int, *, log: bool = False
) -> State:
    """Run one history of a packed network; repeat the run with larger arrays if they are too small.

    Later runs of the same network start with the largest sizes needed so far.

    Parameters
    ----------
    what
        The network, packed; the room that was needed is noted in it.
    history
        What chance decides.
    until_tick
        For each case, the tick of working days at which its follow-up ends; shape (cases,).
    census_s
        Time of the census, seconds since the start.
    log
        Keep every row.

    Returns
    -------
    State
        The state at the end, with the tally and, if asked for, the rows.
    """
    room, tally_room = first_room(len(history.arrivals.time_s), log=log)
    doublings = what.rooms.get(log, 0)
    for _ in range(doublings):
        room, tally_room = room.doubled(), tally_room.doubled()
    while True:
        tally = fresh_tally(what, until_tick, census_s, tally_room)
        state = fresh_state(what, history, room, tally)
        _run(what.net, state)
        if not state.counters[FULL]:
            return state
        doublings += 1
        # Other threads may have found the same at the same time.
        what.rooms[log] = max(doublings, what.rooms.get(log, 0))
        room, tally_room = room.doubled(), tally_room.doubled()


def first_room(cases: int, *, log: bool) -> tuple[Room, TallyRoom]:
    """Return sizes that are enough for most runs, in which few cases are under way at a time.

    Memory is cleared when it is first touched, so generous sizes would cost time.

    Parameters
    ----------
    cases
        Number of cases that arrive.
    log
        Make room for the rows of the log as well.

    Returns
    -------
    tuple of Room and TallyRoom
        Sizes of the arrays of the run and of its tally.
    """
    room = Room(1024 + cases // 4, 1024 + cases // 4, 1024 + 40 * cases if log else 0)
    return room, TallyRoom(1024 + 4 * cases, 256 + cases // 4, 256 + cases // 16, 256 + cases // 2)


@kernel
def _run(net: Net, state: State) -> None:
    """Take the least event until the end, and continue the case that it concerns."""
    counters = state.counters
    arrived, opened = 0, 0
    while not counters[FULL]:
        time_s, rank = _next(net, state, arrived, opened)
        case, target = NONE, END_OF_ROUTE
        if rank == NONE:
            break
        counters[NOW] = time_s
        if rank == OPENING:
            open_interval(net, state, opened)
            opened += 1
        elif rank == ARRIVAL:
            case, target = arrived, net.entries[state.cases[arrived]["route"]]
            arrived += 1
        elif rank == DISPATCHING:
            dispatch(net, state)
        else:
            case, target = _happen(net, state)
        walk(net, state, case, target)
    if not counters[FULL]:
        _log_open(net, state)


@inner
def _next(net: Net, state: State, arrived: int, opened: int) -> tuple[int, int]:
    """Return time and rank of the least event; a rank of -1 is the end."""
    counters, agenda = state.counters, state.agenda
    time_s, rank = net.facts[END_S], NONE
    if counters[DISPATCH]:
        time_s, rank = counters[NOW], DISPATCHING
    if arrived < len(state.cases):
        at_s = state.cases[arrived]["time_s"]
        if at_s < time_s or (at_s == time_s and rank > ARRIVAL):
            time_s, rank = at_s, ARRIVAL
    if opened < len(net.openings):
        at_s = net.openings[opened]["time_s"]
        if at_s < time_s or (at_s == time_s and rank > OPENING):
            time_s, rank = at_s, OPENING
    if counters[EVENTS]:
        key = agenda[0]["key"]
        at_s = key >> TIMER_BIT + 1
        of_agenda = TIMER if key >> TIMER_BIT & 1 else COMPLETION
        if at_s < time_s or (at_s == time_s and of_agenda < rank):
            time_s, rank = at_s, of_agenda
    return time_s, rank


@inner
def _happen(net: Net, state: State) -> tuple[int, int]:
    """Take the first event off the agenda; return the case that goes on, and where.

    An event is void if its slot has gone to another block by now.
    """
    key, target, slot = state.agenda[0]["key"], state.agenda[0]["node"], state.agenda[0]["slot"]
    drop_first(state)
    case = key & (1 << TIMER_BIT) - 1
    if slot < 0:
        return case, net.branches[-1 - slot]["target"]
    record, node, now = state.slots[slot], net.nodes[target], state.counters[NOW]
    if record["case"] != case or record["node"] != target:
        return case, END_OF_ROUTE
    completed = not key >> TIMER_BIT & 1
    if completed or (node["kind"] == SERVE and _goes_away(net, state, slot)):
        end_step(net, state, slot, DONE if completed else LEFT)
        return case, node["after"] if completed else node["on_left"]
    if node["kind"] == SERVE or record["due_s"] != now:
        return case, END_OF_ROUTE
    expire(net, state, slot)
    return case, node["after"]


@inner
def _goes_away(net: Net, state: State, slot: int) -> bool:
    """Say whether a waiting applicant leaves: patience has run out or nobody will serve today."""
    if state.slots[slot]["state"] != WAITING:
        return False
    return sent_home(net, state, slot, state.counters[NOW])


@inner
def _log_open(net: Net, state: State) -> None:
    """Log what is unfinished, by case and block."""
    end_s = net.facts[END_S]
    for case in range(len(state.cases)):
        after = NONE
        while True:
            slot = _next_open(state, case, after)
            if slot == NONE:
                break
            record = state.slots[slot]
            after = record["node"]
            enabled_s = record["enabled_s"]
            start_s = enabled_s
            if record["state"] == WAITING:
                start_s = end_s
            elif record["state"] == SERVED:
                start_s = record["start_s"]
            if net.nodes[after]["kind"] != SUSPEND:
                detail = detail_of(net, state, slot)
                write_row(net, state, case, after, (enabled_s, start_s, end_s), detail, OPEN)


@inner
def _next_open(state: State, case: int, after: int) -> int:
    """Return the slot of the next block with a higher number than `after`, -1 if none."""
    best = NONE
    slot = state.cases[case]["live"]
    while slot != NONE:
        node = state.slots[slot]["node"]
        if node > after and (best == NONE or node < state.slots[best]["node"]):
            best = slot
        slot = state.slots[slot]["next"]
    return int(best)
