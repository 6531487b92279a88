"""Queues and server groups of the compiled engine: waiting, dispatch, and leaving the queue."""

from __future__ import annotations

from sim.chance.draws import drawn
from sim.engine.calendars import add, hall_day
from sim.engine.net import HALL, NONE, Net
from sim.engine.state import (
    COMPLETION,
    DISPATCH,
    NEWCOMERS,
    NOW,
    PENDING,
    SERVED,
    TIMER,
    WAITING,
    State,
    schedule,
)
from sim.native import inner
from sim.process.clock import WHOLE_DAY_S


@inner
def unit_value(net: Net, state: State, case: int, draw: int) -> float:
    """Return the drawn value of an applicant from the distribution with scale 1.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run.
    case
        Number of the case, by order of arrival.
    draw
        Number of the draw.

    Returns
    -------
    float
        A multiple of the draw's scale; a uniform number or a count where the draw is one.
    """
    applicant = state.cases[case]
    number, layer, item = applicant["number"], applicant["layer"], applicant["name"]
    return drawn(net.draws, net.tables, draw, number, layer, item, state.key)


@inner
def seconds(net: Net, state: State, case: int, draw: int) -> int:
    """Return the drawn duration of an applicant.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run.
    case
        Number of the case, by order of arrival.
    draw
        Number of the draw.

    Returns
    -------
    int
        Whole seconds; ticks if the draw is in working days.
    """
    return int(net.draws[draw]["scale"] * unit_value(net, state, case, draw) + 0.5)


# Queues -----------------------------------------------------------------------------------


@inner
def _before(state: State, slot: int, other: int) -> bool:
    """Say whether a waiting job sorts before another by urgency, time joined, case and block."""
    a, b = state.slots[slot], state.slots[other]
    if a["urgency"] != b["urgency"]:
        return bool(a["urgency"] < b["urgency"])
    if a["enabled_s"] != b["enabled_s"]:
        return bool(a["enabled_s"] < b["enabled_s"])
    if a["case"] != b["case"]:
        return bool(a["case"] < b["case"])
    return bool(a["node"] < b["node"])


@inner
def join(state: State, queue: int, slot: int) -> None:
    """Put a job in its place in a queue, searching from the end.

    Parameters
    ----------
    state
        State of the run, which is changed.
    queue
        Number of the queue.
    slot
        Slot of the job.
    """
    slots, line = state.slots, state.queues[queue]
    before = line["tail"]
    while before != NONE and _before(state, slot, before):
        before = slots[before]["queue_before"]
    behind = line["head"] if before == NONE else slots[before]["queue_behind"]
    slots[slot]["queue_before"], slots[slot]["queue_behind"] = before, behind
    slots[slot]["state"] = WAITING
    if before == NONE:
        line["head"] = slot
    else:
        slots[before]["queue_behind"] = slot
    if behind == NONE:
        line["tail"] = slot
    else:
        slots[behind]["queue_before"] = slot
    line["length"] += 1
    _want(state, queue)


@inner
def leave(state: State, queue: int, slot: int) -> None:
    """Take a job out of its queue.

    Parameters
    ----------
    state
        State of the run, which is changed.
    queue
        Number of the queue.
    slot
        Slot of the job.
    """
    slots, line = state.slots, state.queues[queue]
    before, behind = slots[slot]["queue_before"], slots[slot]["queue_behind"]
    if before == NONE:
        line["head"] = behind
    else:
        slots[before]["queue_behind"] = behind
    if behind == NONE:
        line["tail"] = before
    else:
        slots[behind]["queue_before"] = before
    line["length"] -= 1


@inner
def _want(state: State, queue: int) -> None:
    """Ask for a dispatch at this instant."""
    state.counters[DISPATCH] = 1
    if not state.queues[queue]["pending"]:
        state.queues[queue]["pending"] = 1
        state.pending[state.counters[PENDING]] = queue
        state.counters[PENDING] += 1


@inner
def look_for_work(net: Net, state: State, group: int) -> None:
    """Ask for a dispatch of every queue in which a job waits for a group.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    group
        Number of the group.
    """
    first = net.groups[group]["queue"]
    for index in range(first, first + net.groups[group]["skills"]):
        queue = net.group_queues[index]
        if state.queues[queue]["length"]:
            _want(state, queue)


# Who may start ----------------------------------------------------------------------------


@inner
def _is_late(state: State, group: int, now: int) -> bool:
    """Say whether it is after the last interval of the day, and late work is possible."""
    server_group = state.server_groups[group]
    return bool(server_group["open_until_s"] <= now < server_group["late_until_s"])


@inner
def _may_start(net: Net, state: State, group: int, slot: int, now: int) -> bool:
    server_group = state.server_groups[group]
    if server_group["busy"] >= server_group["present"]:
        return False
    if now < server_group["open_until_s"]:
        return True
    in_hall = net.nodes[state.slots[slot]["node"]]["leaves"]
    return bool(in_hall and _is_late(state, group, now))


@inner
def _free_group(net: Net, state: State, queue: int, slot: int, now: int) -> int:
    """Return the free group with the fewest skills, the first declared among equals."""
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        group = net.queue_groups[index]
        if _may_start(net, state, group, slot, now):
            return int(group)
    return NONE


@inner
def _late_and_free(net: Net, state: State, queue: int, now: int) -> bool:
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        group = net.queue_groups[index]
        server_group = state.server_groups[group]
        if server_group["busy"] < server_group["present"] and _is_late(state, group, now):
            return True
    return False


@inner
def _startable(net: Net, state: State, queue: int, now: int) -> tuple[int, int]:
    """Return the first job of a queue that a group may start now, and the group.

    It is the head, except after closing: then those who are not in the hall hold up nobody.
    """
    slot = state.queues[queue]["head"]
    if slot == NONE:
        return NONE, NONE
    group = _free_group(net, state, queue, slot, now)
    if group != NONE or not _late_and_free(net, state, queue, now):
        return (int(slot), group) if group != NONE else (NONE, NONE)
    slot = state.slots[slot]["queue_behind"]
    while slot != NONE:
        group = _free_group(net, state, queue, slot, now)
        if group != NONE:
            return int(slot), group
        slot = state.slots[slot]["queue_behind"]
    return NONE, NONE


@inner
def dispatch(net: Net, state: State) -> None:
    """Start the least startable job again and again until none can start.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    """
    counters = state.counters
    counters[DISPATCH] = 0
    now = counters[NOW]
    while counters[PENDING]:
        best, by = NONE, NONE
        index = 0
        while index < counters[PENDING]:
            queue = state.pending[index]
            slot, group = _startable(net, state, queue, now)
            if slot == NONE:
                state.queues[queue]["pending"] = 0
                counters[PENDING] -= 1
                state.pending[index] = state.pending[counters[PENDING]]
                continue
            if best == NONE or _before(state, slot, best):
                best, by = slot, group
            index += 1
        if best != NONE:
            _start(net, state, best, by, now)
    _watch_newcomers(net, state, now)


@inner
def _watch_newcomers(net: Net, state: State, now: int) -> None:
    """Schedule when applicants who wait may leave: patience runs out, or the hall closes.

    Most are served in the second in which they join, and need no event.
    """
    for index in range(state.counters[NEWCOMERS]):
        slot = state.newcomers[index]
        job = state.slots[slot]
        # A job that was broken off in this second has freed its slot, which another may have taken.
        if job["case"] == NONE or job["state"] != WAITING:
            continue
        node, case, hall = net.nodes[job["node"]], job["case"], net.facts[HALL]
        if not node["leaves"]:
            continue
        today = net.days[net.calendars[hall]["day"] + hall_day(net, now)]
        look_s = max(now, today["closing"])
        if node["patience"] != NONE:
            gives_up_s = add(net, hall, now, seconds(net, state, case, node["patience"]))
            look_s = min(look_s, gives_up_s)
            job["gives_up_s"] = look_s if gives_up_s <= look_s else NONE
        schedule(state, look_s, TIMER, case, job["node"], slot)
    state.counters[NEWCOMERS] = 0


@inner
def admitted(net: Net, now: int, ticket: bool) -> bool:  # noqa: FBT001  (a field of the block)
    """Say whether an applicant may join a queue in the hall now.

    An applicant who has just come needs a close that is still to come today; one who is in the hall
    already may go on while somebody may still be called.

    Parameters
    ----------
    net
        Arrays of the network.
    now
        Seconds since the start.
    ticket
        The applicant has just come and takes a ticket.

    Returns
    -------
    bool
        False if the applicant is turned away.
    """
    record = net.calendars[net.facts[HALL]]
    number = hall_day(net, now)
    if number >= record["days"]:
        return False
    day = net.days[record["day"] + number]
    if ticket:
        midnight = (now // WHOLE_DAY_S + 1) * WHOLE_DAY_S
        return bool(day["opening"] < midnight and now < day["closing"])
    return bool(day["opening"] <= now)


@inner
def sent_home(net: Net, state: State, slot: int, now: int) -> bool:
    """Say whether a waiting applicant leaves the hall now; if not, schedule the last call.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    slot
        Slot of the waiting job.
    now
        Seconds since the start: the patience runs out, the hall closes, or it is the last call.

    Returns
    -------
    bool
        True if the patience has run out or nobody will serve the applicant today.
    """
    job = state.slots[slot]
    skill = net.nodes[job["node"]]["skill"]
    if now == job["gives_up_s"] or not _serves_late(net, state, skill, now):
        return True
    today = net.days[net.calendars[net.facts[HALL]]["day"] + hall_day(net, now)]
    schedule(state, today["late_s"], TIMER, job["case"], job["node"], slot)
    return False


@inner
def _start(net: Net, state: State, slot: int, group: int, now: int) -> None:
    job = state.slots[slot]
    case = job["case"]
    node = net.nodes[job["node"]]
    leave(state, node["skill"], slot)
    state.server_groups[group]["busy"] += 1
    job["state"], job["group"], job["start_s"] = SERVED, group, now
    duration_s = seconds(net, state, case, node["draw"])
    # Offices pause outside their hours, windows finish what they have begun.
    if net.groups[group]["pauses"]:
        end_s = add(net, net.groups[group]["calendar"], now, duration_s)
    else:
        end_s = now + duration_s
    schedule(state, end_s, COMPLETION, case, job["node"], slot)


# People present and free ------------------------------------------------------------------


@inner
def present(net: Net, state: State, queue: int) -> int:
    """Return how many people with a skill are at work.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run.
    queue
        Number of the queue.

    Returns
    -------
    int
        Number of people in all groups with the skill, busy or free.
    """
    total = 0
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        total += state.server_groups[net.queue_groups[index]]["present"]
    return total


@inner
def anyone_free(net: Net, state: State, queue: int) -> bool:
    """Say whether somebody present is free.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run.
    queue
        Number of the queue.

    Returns
    -------
    bool
        True if a group with the skill has fewer people busy than present.
    """
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        server_group = state.server_groups[net.queue_groups[index]]
        if server_group["busy"] < server_group["present"]:
            return True
    return False


@inner
def _serves_late(net: Net, state: State, queue: int, now: int) -> bool:
    """Say whether people are present who may still start work after closing."""
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        group = net.queue_groups[index]
        if state.server_groups[group]["present"] > 0 and _is_late(state, group, now):
            return True
    return False


@inner
def open_interval(net: Net, state: State, opening: int) -> None:
    """Set the people present in an interval, and until when they may start work.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
    opening
        Number of the opening, by time.
    """
    record = net.openings[opening]
    closing = net.intervals[net.calendars[record["calendar"]]["interval"] + record["interval"]][
        "closing"
    ]
    for group in range(len(net.groups)):
        if net.groups[group]["calendar"] != record["calendar"]:
            continue
        server_group = state.server_groups[group]
        server_group["present"] = state.capacity[net.groups[group]["capacity"] + record["interval"]]
        server_group["open_until_s"], server_group["late_until_s"] = closing, record["late_s"]
        look_for_work(net, state, group)
