"""Blocks of the compiled engine: what happens when a case reaches one, and when it ends."""

from __future__ import annotations

from sim.engine.calendars import add, add_ticks, due, next_day_open, tick
from sim.engine.log import Status
from sim.engine.net import (
    ALONGSIDE,
    ALWAYS,
    ATTENDING,
    AWAIT,
    BY_DUE_DATE,
    CHANCE,
    CHOICE,
    DELAY,
    END_OF_ROUTE,
    EXIT,
    INSTANT,
    NONE,
    PARALLEL,
    PRESENT,
    SERVE,
    SUSPEND,
    WITHIN,
    WORKING,
    Net,
)
from sim.engine.people import (
    admitted,
    anyone_free,
    join,
    leave,
    look_for_work,
    present,
    seconds,
    unit_value,
)
from sim.engine.rows import write_row
from sim.engine.state import (
    COMPLETION,
    FULL,
    NEWCOMERS,
    NOW,
    SERVED,
    TIMER,
    UNDUE,
    WAITING,
    State,
    free_slot,
    schedule,
    slot_of,
    take_slot,
)
from sim.native import inner

DONE, LEFT, EXPIRED = int(Status.DONE), int(Status.LEFT), int(Status.EXPIRED)
TURNED_AWAY = int(Status.TURNED_AWAY)


@inner
def walk(  # noqa: C901, PLR0912  (one way for each kind of block)
    net: Net, state: State, case: int, target: int
) -> None:
    """Take a case from block to block until time must pass.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    case
        Number of the case, by order of arrival.
    target
        Block to enter, by number; `END_OF_ROUTE`, or -2 - b when the child b of a scope has ended.
    """
    now = state.counters[NOW]
    while target != END_OF_ROUTE and not state.counters[FULL]:
        if target < 0:
            target = _end_scope(net, state, case, -2 - target)
            if target == WAITS:
                return
            continue
        node = net.nodes[target]
        kind = node["kind"]
        if kind in (INSTANT, EXIT):
            write_row(net, state, case, target, (now, now, now), NONE, DONE)
            if kind == EXIT:
                _unwind(net, state, case, node["scope"])
                return
            target = node["after"]
        elif kind == CHOICE:
            target = _choose(net, state, case, target)
        elif kind == SERVE:
            if not node["leaves"] or admitted(net, now, node["ticket"]):
                _queue_up(net, state, case, target)
                return
            write_row(net, state, case, target, (now, now, now), NONE, TURNED_AWAY)
            target = node["on_left"]
        elif kind in (DELAY, AWAIT):
            _pass_time(net, state, case, target)
            return
        elif kind == PARALLEL:
            _split(net, state, case, target)
            return
        elif kind == ALONGSIDE:
            target = _begin_beside(net, state, case, target)
        else:
            if kind == WITHIN:
                _start_clock(net, state, case, target)
            else:
                _stop_clocks(net, state, case, target)
            target = node["first"]


WAITS = -(2**62)
"""Target of a branch that waits for the others."""


# What takes no time -----------------------------------------------------------------------


@inner
def _choose(net: Net, state: State, case: int, choice: int) -> int:
    """Return what is entered: the first branch whose condition holds, or what follows."""
    first = net.nodes[choice]["branch"]
    for index in range(first, first + net.nodes[choice]["branches"]):
        if _holds(net, state, case, index):
            return int(net.branches[index]["target"])
    return int(net.nodes[choice]["after"])


@inner
def _holds(net: Net, state: State, case: int, branch: int) -> bool:
    record = net.branches[branch]
    condition = record["condition"]
    if condition == ALWAYS:
        return True
    if condition == CHANCE:
        u = unit_value(net, state, case, record["draw"])
        return bool(u < record["probability"])
    if condition == ATTENDING:
        return _attending(state, record["session"], state.counters[NOW])
    if record["skill"] == NONE:
        return False
    here = present(net, state, record["skill"])
    if condition == PRESENT or here == 0:
        return here > 0
    ahead = state.queues[record["skill"]]["length"]
    if not anyone_free(net, state, record["skill"]):
        ahead += 1
    wait_s = ahead * record["mean_s"] / here
    return bool(wait_s + seconds(net, state, case, record["draw"]) <= record["limit_s"])


@inner
def _attending(state: State, session: int, now: int) -> bool:
    """Say whether the half-day that holds `now` is attended."""
    first, last = state.attended_at[session], state.attended_at[session + 1]
    low, high = first, last
    while low < high:
        middle = (low + high) >> 1
        if state.attended[middle] <= now:
            low = middle + 1
        else:
            high = middle
    index = low - 1 - first
    return bool(index >= 0 and now < state.moments[state.moment_at[session] + index])


# What takes time --------------------------------------------------------------------------


@inner
def _pass_time(net: Net, state: State, case: int, target: int) -> None:
    """Start a delay or the wait for a session; a session that never comes has no event."""
    node = net.nodes[target]
    now = state.counters[NOW]
    slot = take_slot(state, case, target)
    if node["kind"] == DELAY:
        length = seconds(net, state, case, node["draw"])
        if node["calendar"] == NONE:
            until_s = add_ticks(net, now, length)
        elif node["until_open"]:
            # One more open second has passed at the end of the first open one.
            until_s = add(net, node["calendar"], now, length + 1) - 1
        else:
            until_s = add(net, node["calendar"], now, length)
    else:
        until_s = _moment(net, state, case, target, now)
        if until_s == NONE:
            return
    schedule(state, until_s, COMPLETION, case, target, slot)


@inner
def _moment(net: Net, state: State, case: int, target: int, now: int) -> int:
    """Return the time of the session that takes the case along, or -1 if none is left."""
    node = net.nodes[target]
    count = 1
    if node["draw"] != NONE:
        count = int(unit_value(net, state, case, node["draw"]))
    last = state.moment_at[node["session"] + 1]
    first = _first_moment(state, node["session"], now)
    index = last if first == NONE else first + count - 1
    moment_s = state.moments[index] if index < last else NONE
    if node["or_session"] != NONE:
        index = _first_moment(state, node["or_session"], now)
        if index != NONE and (moment_s == NONE or state.moments[index] < moment_s):
            moment_s = state.moments[index]
    return int(moment_s)


@inner
def _first_moment(state: State, session: int, now: int) -> int:
    """Return the place of the first moment of a session at or after `now`, or -1."""
    low, last = state.moment_at[session], state.moment_at[session + 1]
    high = last
    while low < high:
        middle = (low + high) >> 1
        if state.moments[middle] < now:
            low = middle + 1
        else:
            high = middle
    return int(low) if low < last else NONE


@inner
def _queue_up(net: Net, state: State, case: int, target: int) -> None:
    """Join a queue."""
    node = net.nodes[target]
    slot = take_slot(state, case, target)
    state.slots[slot]["urgency"] = _urgency(net, state, case, node["scope"])
    state.slots[slot]["gives_up_s"] = NONE
    join(state, node["skill"], slot)
    if node["leaves"]:
        state.newcomers[state.counters[NEWCOMERS]] = slot
        state.counters[NEWCOMERS] += 1


@inner
def _split(net: Net, state: State, case: int, target: int) -> None:
    """Start every branch by an event of its own."""
    node = net.nodes[target]
    slot = take_slot(state, case, target)
    state.slots[slot]["unfinished"] = (1 << node["branches"]) - 1
    for index in range(node["branch"], node["branch"] + node["branches"]):
        root = net.branches[index]["root"]
        schedule(state, state.counters[NOW], COMPLETION, case, root, -1 - index)


@inner
def _begin_beside(net: Net, state: State, case: int, target: int) -> int:
    """Start the child by an event of its own; return what is entered beside it."""
    take_slot(state, case, target)
    beside = net.nodes[target]["branch"]
    root = net.branches[beside + 1]["root"]
    schedule(state, state.counters[NOW], COMPLETION, case, root, -2 - beside)
    return int(net.branches[beside]["target"])


# Clocks -----------------------------------------------------------------------------------


@inner
def _start_clock(net: Net, state: State, case: int, target: int) -> None:
    node = net.nodes[target]
    slot = take_slot(state, case, target)
    clock = state.slots[slot]
    clock["stops"] = 0
    clock["left_ticks"] = node["limit_ticks"]
    clock["since_s"] = next_day_open(net, net.facts[WORKING], state.counters[NOW])
    clock["due_s"] = due(net, clock["since_s"], clock["left_ticks"])
    if node["expires"]:
        schedule(state, clock["due_s"], TIMER, case, target, slot)


@inner
def _stop_clocks(net: Net, state: State, case: int, target: int) -> None:
    """Stop every clock around; one that has run out is not stopped."""
    take_slot(state, case, target)
    now = state.counters[NOW]
    scope = net.nodes[target]["scope"]
    while scope != NONE:
        if net.nodes[scope]["kind"] == WITHIN:
            clock = state.slots[slot_of(state, case, scope)]
            clock["stops"] += 1
            if clock["stops"] == 1 and clock["due_s"] != UNDUE and now <= clock["due_s"]:
                used = tick(net, max(now, clock["since_s"])) - tick(net, clock["since_s"])
                clock["left_ticks"] = max(0, clock["left_ticks"] - used)
                clock["due_s"] = UNDUE
        scope = net.nodes[scope]["scope"]


@inner
def _let_clocks_go(net: Net, state: State, case: int, suspend: int) -> None:
    """End one stop of every clock around; after its last one a clock runs again."""
    now = state.counters[NOW]
    scope = net.nodes[suspend]["scope"]
    while scope != NONE:
        if net.nodes[scope]["kind"] == WITHIN:
            slot = slot_of(state, case, scope)
            clock = state.slots[slot]
            clock["stops"] -= 1
            if clock["stops"] == 0 and clock["due_s"] == UNDUE:
                clock["since_s"] = max(now, clock["since_s"])
                clock["due_s"] = due(net, clock["since_s"], clock["left_ticks"])
                if net.nodes[scope]["expires"]:
                    schedule(state, clock["due_s"], TIMER, case, scope, slot)
        scope = net.nodes[scope]["scope"]


@inner
def _urgency(net: Net, state: State, case: int, scope: int) -> int:
    """Return the earliest due date of the clocks around, under due dates."""
    if not net.facts[BY_DUE_DATE]:
        return 0
    earliest = UNDUE
    while scope != NONE:
        if net.nodes[scope]["kind"] == WITHIN:
            earliest = min(earliest, state.slots[slot_of(state, case, scope)]["due_s"])
        scope = net.nodes[scope]["scope"]
    return int(earliest)


# Ends -------------------------------------------------------------------------------------


@inner
def detail_of(net: Net, state: State, slot: int) -> int:
    """Return the detail that the log tells of a block besides its times and status.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run.
    slot
        Slot of the block.

    Returns
    -------
    int
        As in `Log`: a group, a due date in seconds, or the number of a block; -1 for none.
    """
    record = state.slots[slot]
    node = net.nodes[record["node"]]
    if node["kind"] == SERVE:
        return int(record["group"])
    if node["kind"] == WITHIN:
        return NONE if record["due_s"] == UNDUE else int(record["due_s"])
    if node["kind"] == PARALLEL:
        place = 0
        while not record["unfinished"] >> place & 1:
            place += 1
        root = net.branches[node["branch"] + place]["root"]
        return int(net.nodes[root]["block"])
    return NONE


@inner
def _end_scope(net: Net, state: State, case: int, child: int) -> int:
    """End the scope whose child has ended, or wait for its other branches; return what follows."""
    scope = net.nodes[child]["parent"]
    node = net.nodes[scope]
    slot = slot_of(state, case, scope)
    record = state.slots[slot]
    now, enabled_s = state.counters[NOW], record["enabled_s"]
    detail = NONE
    if node["kind"] == PARALLEL:
        record["unfinished"] &= ~(1 << net.nodes[child]["place"])
        if record["unfinished"]:
            return WAITS
        detail = net.nodes[child]["block"]
    elif node["kind"] == ALONGSIDE:
        if not net.nodes[child]["place"]:
            return WAITS
        _end_beside(net, state, case, scope)
    elif node["kind"] == SUSPEND:
        _let_clocks_go(net, state, case, scope)
    else:
        detail = detail_of(net, state, slot)
    free_slot(state, slot)
    write_row(net, state, case, scope, (enabled_s, enabled_s, now), detail, DONE)
    return int(node["after"])


@inner
def _unwind(net: Net, state: State, case: int, scope: int) -> None:
    """End every scope around an Exit, inner ones first."""
    while scope != NONE:
        slot = slot_of(state, case, scope)
        enabled_s, now = state.slots[slot]["enabled_s"], state.counters[NOW]
        detail = NONE
        if net.nodes[scope]["kind"] == SUSPEND:
            _let_clocks_go(net, state, case, scope)
        elif net.nodes[scope]["kind"] == ALONGSIDE:
            _end_beside(net, state, case, scope)
        else:
            detail = detail_of(net, state, slot)
        free_slot(state, slot)
        write_row(net, state, case, scope, (enabled_s, enabled_s, now), detail, DONE)
        scope = net.nodes[scope]["scope"]


@inner
def end_step(net: Net, state: State, slot: int, status: int) -> None:
    """End a service, a delay or the wait for a session, or leave the queue without being served.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    slot
        Slot of the block.
    status
        DONE, or LEFT for an applicant who leaves the queue.
    """
    record = state.slots[slot]
    case, target, enabled_s = record["case"], record["node"], record["enabled_s"]
    now, group, start_s = state.counters[NOW], record["group"], record["start_s"]
    if status == LEFT:
        leave(state, net.nodes[target]["skill"], slot)
        start_s = now
    elif record["state"] == SERVED:
        state.server_groups[group]["busy"] -= 1
        look_for_work(net, state, group)
    else:
        start_s = enabled_s
    free_slot(state, slot)
    write_row(net, state, case, target, (enabled_s, start_s, now), group, status)


@inner
def expire(net: Net, state: State, scope_slot: int) -> None:
    """End everything inside a scope whose clock has run out, then the scope.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    scope_slot
        Slot of the Within.
    """
    case, scope = state.slots[scope_slot]["case"], state.slots[scope_slot]["node"]
    _break_off_from(net, state, case, scope + 1, net.nodes[scope]["end"])
    _break_off(net, state, scope_slot)


@inner
def _end_beside(net: Net, state: State, case: int, alongside: int) -> None:
    """End what is left beside the child of an Alongside."""
    beside = alongside + 1
    _break_off_from(net, state, case, beside, net.nodes[beside]["end"])


@inner
def _break_off_from(net: Net, state: State, case: int, first: int, end: int) -> None:
    """End the blocks from `first` to before `end` that the case is in, inner ones first."""
    slot = _first_inside(net, state, case, first, end)
    while slot != NONE:
        _break_off(net, state, slot)
        slot = _first_inside(net, state, case, first, end)


@inner
def _first_inside(net: Net, state: State, case: int, low: int, high: int) -> int:
    """Return the innermost first block from `low` to before `high` that the case is in."""
    best = NONE
    slot = state.cases[case]["live"]
    while slot != NONE:
        node = state.slots[slot]["node"]
        if low <= node < high:
            end = net.nodes[node]["end"]
            if best == NONE:
                best = slot
            else:
                other = state.slots[best]["node"]
                other_end = net.nodes[other]["end"]
                if end < other_end or (end == other_end and node > other):
                    best = slot
        slot = state.slots[slot]["next"]
    return int(best)


@inner
def _break_off(net: Net, state: State, slot: int) -> None:
    """End a block that is broken off (`Status.EXPIRED`)."""
    record = state.slots[slot]
    case, target, enabled_s = record["case"], record["node"], record["enabled_s"]
    now, group, detail = state.counters[NOW], record["group"], detail_of(net, state, slot)
    start_s = record["enabled_s"]
    if record["state"] == WAITING:
        leave(state, net.nodes[target]["skill"], slot)
        start_s = now
    elif record["state"] == SERVED:
        state.server_groups[group]["busy"] -= 1
        look_for_work(net, state, group)
        start_s = record["start_s"]
    free_slot(state, slot)
    write_row(net, state, case, target, (enabled_s, start_s, now), detail, EXPIRED)
