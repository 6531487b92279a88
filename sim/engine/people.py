"""People of the compiled engine: who waits for whom, and who may start."""

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
def seconds(net: Net, state: State, case: int, draw: int) -> int:
    """Return a drawn time of an applicant in whole seconds, or ticks for one in working days."""
    who = state.cases[case]
    unit = drawn(net.draws, net.tables, draw, who["number"], who["layer"], who["name"], state.key)
    return int(net.draws[draw]["scale"] * unit + 0.5)


# Queues -----------------------------------------------------------------------------------


@inner
def _before(state: State, one: int, other: int) -> bool:
    """Say whether a waiting job sorts before another: urgency, time joined, case, block."""
    a, b = state.slots[one], state.slots[other]
    if a["urgency"] != b["urgency"]:
        return bool(a["urgency"] < b["urgency"])
    if a["enabled_s"] != b["enabled_s"]:
        return bool(a["enabled_s"] < b["enabled_s"])
    if a["case"] != b["case"]:
        return bool(a["case"] < b["case"])
    return bool(a["node"] < b["node"])


@inner
def join(state: State, queue: int, slot: int) -> None:
    """Put a job in its place in a queue, seen from the end."""
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
    want(state, queue)


@inner
def leave(state: State, queue: int, slot: int) -> None:
    """Take a job out of its queue."""
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
def want(state: State, queue: int) -> None:
    """Ask for a dispatch at this instant."""
    state.counters[DISPATCH] = 1
    if not state.queues[queue]["pending"]:
        state.queues[queue]["pending"] = 1
        state.pending[state.counters[PENDING]] = queue
        state.counters[PENDING] += 1


@inner
def look_for_work(net: Net, state: State, group: int) -> None:
    """Ask for a dispatch of whatever waits for a group."""
    first = net.groups[group]["queue"]
    for index in range(first, first + net.groups[group]["skills"]):
        queue = net.group_queues[index]
        if state.queues[queue]["length"]:
            want(state, queue)


# Who may start ----------------------------------------------------------------------------


@inner
def is_late(state: State, group: int, now: int) -> bool:
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
    return bool(in_hall and is_late(state, group, now))


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
        if server_group["busy"] < server_group["present"] and is_late(state, group, now):
            return True
    return False


@inner
def _startable(net: Net, state: State, queue: int, now: int) -> tuple[int, int]:
    """Return the first job of a queue that someone may start now, and who.

    It is the head, except after closing: then who is not in the hall holds up nobody.
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
    """Start the least startable job again and again until none can start."""
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
    """Note when to look at who waits and may leave: patience runs out, or the hall closes.

    Who is served in the second of joining needs no look; most are.
    """
    for index in range(state.counters[NEWCOMERS]):
        slot = state.newcomers[index]
        job = state.slots[slot]
        # What was broken off in this second has left its slot, perhaps to another block.
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
    """Say whether an applicant may join a line in the hall now.

    Who has just come needs a close that is still to come today; who is in the hall already may
    go on while somebody may still be called.
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
    """Say whether who waits in the hall goes now; if not, look again when nobody is called."""
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
    # Offices pause, windows finish what they have begun.
    if net.groups[group]["pauses"]:
        end_s = add(net, net.groups[group]["calendar"], now, duration_s)
    else:
        end_s = now + duration_s
    schedule(state, end_s, COMPLETION, case, job["node"], slot)


# Conditions of the people -----------------------------------------------------------------


@inner
def present(net: Net, state: State, queue: int) -> int:
    """Return how many people with a skill are at work."""
    total = 0
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        total += state.server_groups[net.queue_groups[index]]["present"]
    return total


@inner
def anyone_free(net: Net, state: State, queue: int) -> bool:
    """Say whether somebody present has nothing to do."""
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        server_group = state.server_groups[net.queue_groups[index]]
        if server_group["busy"] < server_group["present"]:
            return True
    return False


@inner
def _serves_late(net: Net, state: State, queue: int, now: int) -> bool:
    """Say whether somebody present may work after closing."""
    first = net.queues[queue]["group"]
    for index in range(first, first + net.queues[queue]["groups"]):
        group = net.queue_groups[index]
        if state.server_groups[group]["present"] > 0 and is_late(state, group, now):
            return True
    return False


@inner
def open_interval(net: Net, state: State, opening: int) -> None:
    """Take the people present in an interval; after a day's last one, late work can be."""
    what = net.openings[opening]
    closing = net.intervals[net.calendars[what["calendar"]]["interval"] + what["interval"]][
        "closing"
    ]
    for group in range(len(net.groups)):
        if net.groups[group]["calendar"] != what["calendar"]:
            continue
        server_group = state.server_groups[group]
        server_group["present"] = state.capacity[net.groups[group]["capacity"] + what["interval"]]
        server_group["open_until_s"], server_group["late_until_s"] = closing, what["late_s"]
        look_for_work(net, state, group)
