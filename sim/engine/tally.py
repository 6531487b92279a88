"""The tally: sums and lists of what the indicators need, updated with every row of the log.

Both engines fill it row by row: the compiled one while it runs, the reference one from its
log.  The time of a case counts only along the branch that finished last of every Parallel, so
the time of a branch is summed apart until its Parallel ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.engine.calendars import elapsed, interval_at, tick
from sim.engine.log import Log, Status
from sim.engine.net import NONE, PARALLEL, SERVE, SUSPEND, Net, Records
from sim.engine.packed import Packed
from sim.native import inner, kernel

Ints = npt.NDArray[np.int64]
ShortInts = npt.NDArray[np.int32]

DONE, OPEN = int(Status.DONE), int(Status.OPEN)

NEVER = 2**31 - 1
"""Time of what has not happened: later than the longest simulation, and it fits 32 bits."""
NOT_YET = -2
"""Due date of a case before its first clock has ended."""

CASE_SUM = np.dtype(
    [
        ("staff_s", np.float64),
        *(
            (name, np.int32)
            for name in (
                "until_tick", "exit_s", "outcome", "due_s", "visits", "arrivals", "handoffs",
                "phase_at", "branches",
            )
        ),
    ]
)  # fmt: skip
"""``until_tick``: end of the follow-up; ``arrivals``: visits so far, also after the follow-up;
``branches``: first of the case's records in `Tally.branches`, -1 if none."""

BRANCH_SUM = np.dtype([(n, np.int64) for n in ("branch", "next", "phase_at", "counts")])
"""``branch``: block of its root; ``counts``: 1 if the branch is the one that counts."""

STAY = np.dtype(
    [
        *((name, np.int32) for name in ("case", "enabled_s", "start_s", "end_s")),
        ("arrival", np.int16),
        ("status", np.int8),
    ],
    align=True,
)
"""``arrival``: number of the case's visit, from 1; ``status``: a `Status`."""
CARRIED_OVER = np.dtype([(name, np.int64) for name in ("group", "start_s", "end_s")])
STOP = np.dtype([(name, np.int64) for name in ("case", "start_s", "end_s")])

STAYS, STOPS, CARRIED, FREE_SUM, CROWDED, CENSUS_S = range(6)
"""Counters: stays, stops and works carried over so far, first free record of branches, whether an
array was too small, time of the census in seconds."""


class Tally(NamedTuple):
    """What is kept of the rows of a log.

    Parameters
    ----------
    counters
        Single numbers, at the places `STAYS`, `STOPS` and so on.
    cases
        Records `CASE_SUM`, shape (cases,).
    milestones
        When each case first reached each milestone, in seconds, `NEVER` if it has not; shape
        (cases, milestones).
    phase_ticks
        Ticks of working days in each phase, shape (cases, phases).
    branches
        Records `BRANCH_SUM` of branches under way, chained by case; free ones are chained too.
    branch_phase_ticks
        Ticks in each phase of these branches, shape (branches, phases).
    stays
        Records `STAY` of stays in the hall that began before the census.
    stops
        Records `STOP`: times during which the clocks of a case were stopped.
    carried_over
        Records `CARRIED_OVER`: work before the census that went on into another interval, of
        groups in which the number of people present may change.
    busy_s
        Open seconds at work until the census, shape (groups,).
    overtime_s
        Seconds at work outside open hours until the census, shape (groups,).
    """

    counters: Ints
    cases: Records
    milestones: ShortInts
    phase_ticks: ShortInts
    branches: Records
    branch_phase_ticks: ShortInts
    stays: Records
    stops: Records
    carried_over: Records
    busy_s: Ints
    overtime_s: Ints


class TallyRoom(NamedTuple):
    """Sizes of the arrays of a tally.

    Parameters
    ----------
    stays
        Stays in the hall.
    stops
        Stops of clocks.
    branches
        Branches under way that are summed apart.
    carried_over
        Works that went on into another interval.
    """

    stays: int
    stops: int
    branches: int
    carried_over: int

    def doubled(self) -> TallyRoom:
        """Return twice as much room.

        Returns
        -------
        TallyRoom
            Every size doubled.
        """
        return TallyRoom(*(2 * size for size in self))


def fresh_tally(what: Packed, until_tick: Ints, census_s: int, room: TallyRoom) -> Tally:
    """Return a tally before the first row.

    Parameters
    ----------
    what
        The network, packed.
    until_tick
        For each case, the tick of working days at which its follow-up ends; shape (cases,).
    census_s
        Time of the census, seconds since the start.
    room
        Sizes of the arrays.

    Returns
    -------
    Tally
        Sums of 0, times `NEVER`, due dates `NOT_YET`; outcome, phase and branches -1.
    """
    cases = np.zeros(len(until_tick), CASE_SUM)
    cases["until_tick"], cases["exit_s"], cases["due_s"] = until_tick, NEVER, NOT_YET
    cases["outcome"] = cases["phase_at"] = cases["branches"] = NONE
    branches = np.zeros(room.branches, BRANCH_SUM)
    branches["next"] = np.arange(1, room.branches + 1)
    branches["next"][-1] = NONE
    counters = np.zeros(6, np.int64)
    counters[CENSUS_S] = census_s
    return Tally(
        counters=counters,
        cases=cases,
        milestones=np.full((len(cases), len(what.milestones)), NEVER, np.int32),
        phase_ticks=np.zeros((len(cases), len(what.phases)), np.int32),
        branches=branches,
        branch_phase_ticks=np.zeros((room.branches, len(what.phases)), np.int32),
        stays=np.zeros(room.stays, STAY),
        stops=np.zeros(room.stops, STOP),
        carried_over=np.zeros(room.carried_over, CARRIED_OVER),
        busy_s=np.zeros(len(what.net.groups), np.int64),
        overtime_s=np.zeros(len(what.net.groups), np.int64),
    )


@inner
def note_row(  # noqa: C901  (one way for each kind of block)
    net: Net, tally: Tally, case: int, node: int, times: tuple[int, int, int], detail: int,
    status: int,
) -> None:  # fmt: skip
    """Add a row of the log to the tally.

    Parameters
    ----------
    net
        Arrays of the network.
    tally
        The tally, which is changed.
    case
        Number of the case, by order of arrival.
    node
        Number of the block, counted through all routes.
    times
        When the block was reached, when work began, when it ended; seconds since the start.
    detail
        What the log tells of the block besides, as in `Log`.
    status
        A `Status`.
    """
    _, start_s, end_s = times
    step, case_sum = net.steps[node], tally.cases[case]
    kind = net.nodes[node]["kind"]
    if step["phase"] != NONE:
        _note_step(net, tally, case, node, times, detail, status)
        if step["present_on"] != NONE:
            _note_days(net, tally, case, step["present_on"], times[0], end_s)
    elif step["milestone"] != NONE:
        if tally.milestones[case, step["milestone"]] == NEVER:
            tally.milestones[case, step["milestone"]] = end_s
    elif step["visit"]:
        case_sum["visits"] += tick(net, end_s) <= case_sum["until_tick"]
        case_sum["arrivals"] += 1
    elif step["outcome"] != NONE:
        case_sum["exit_s"], case_sum["outcome"] = end_s, step["outcome"]
    elif step["case_clock"]:
        if case_sum["due_s"] == NOT_YET:
            case_sum["due_s"] = NEVER if detail < 0 else detail
    elif kind == PARALLEL:
        _join_branches(net, tally, case, node, detail, status)
    elif kind == SUSPEND:
        at = tally.counters[STOPS]
        if at == len(tally.stops):
            tally.counters[CROWDED] = 1
            return
        tally.counters[STOPS] = at + 1
        stop = tally.stops[at]
        stop["case"], stop["start_s"], stop["end_s"] = case, start_s, end_s


@inner
def _note_step(
    net: Net, tally: Tally, case: int, node: int, times: tuple[int, int, int], detail: int,
    status: int,
) -> None:  # fmt: skip
    """Add the time in phases, the work of staff, and the stay in the hall."""
    enabled_s, start_s, end_s = times
    step, case_sum = net.steps[node], tally.cases[case]
    until = case_sum["until_tick"]
    enabled = tick(net, enabled_s)
    start = enabled if start_s == enabled_s else tick(net, start_s)
    end = start if end_s == start_s else tick(net, end_s)
    in_follow_up = end <= until
    if status == DONE and in_follow_up:
        case_sum["handoffs"] += step["handoffs"]
        case_sum["staff_s"] += step["staff_s"]
    if not step["beside"]:
        to = _sum_for(net, tally, case, step["branch"])
        enabled, start, end = min(enabled, until), min(start, until), min(end, until)
        _add_phase(tally, case, to, step["phase"], end - start)
        if step["wait_phase"] != NONE:
            _add_phase(tally, case, to, step["wait_phase"], start - enabled)
        _note_census(net, tally, case, node, times, to)
    census_s = tally.counters[CENSUS_S]
    if net.nodes[node]["kind"] != SERVE:
        return
    if detail >= 0:
        work_s = _note_work(net, tally, detail, start_s, end_s)
        if in_follow_up:
            case_sum["staff_s"] += work_s * step["staff_share"]
    if step["in_hall"] and enabled_s < census_s:
        _note_stay(tally, case, times, status)


@inner
def _note_census(
    net: Net, tally: Tally, case: int, node: int, times: tuple[int, int, int], to: int
) -> None:
    """Note in which phase a case or a branch was at the census."""
    enabled_s, start_s, end_s = times
    step, census_s = net.steps[node], tally.counters[CENSUS_S]
    if enabled_s < census_s <= end_s:
        waits = census_s <= start_s and step["wait_phase"] != NONE
        at = step["wait_phase"] if waits else step["phase"]
        if to == NONE:
            tally.cases[case]["phase_at"] = at
        else:
            tally.branches[to]["phase_at"] = at


@inner
def _note_days(net: Net, tally: Tally, case: int, calendar: int, after_s: int, end_s: int) -> None:
    """Count a visit for each day on which an office opens after a time, until the end."""
    case_sum, record = tally.cases[case], net.calendars[calendar]
    low, last = record["day"], record["day"] + record["days"]
    high = last
    while low < high:
        middle = (low + high) >> 1
        if net.days[middle]["opening"] <= after_s:
            low = middle + 1
        else:
            high = middle
    while low < last and net.days[low]["opening"] <= end_s:
        case_sum["visits"] += tick(net, net.days[low]["opening"]) <= case_sum["until_tick"]
        case_sum["arrivals"] += 1
        low += 1


@inner
def _note_work(net: Net, tally: Tally, group: int, start_s: int, end_s: int) -> int:
    """Add what a group worked before the census; return the seconds of the whole work."""
    record, census_s = net.groups[group], tally.counters[CENSUS_S]
    calendar = record["calendar"]
    before = elapsed(net, calendar, start_s)
    open_s = elapsed(net, calendar, end_s) - before
    if start_s < census_s:
        until_s, open_until_s = end_s, open_s
        if end_s > census_s:
            until_s, open_until_s = census_s, elapsed(net, calendar, census_s) - before
        tally.busy_s[group] += open_until_s
        if not record["pauses"]:
            tally.overtime_s[group] += until_s - start_s - open_until_s
        if record["varies"] and open_s > 0:
            _note_carried_over(net, tally, group, start_s, end_s)
    return int(open_s if record["pauses"] else end_s - start_s)


@inner
def _note_carried_over(net: Net, tally: Tally, group: int, start_s: int, end_s: int) -> None:
    """Keep work that went on into another interval, in which fewer people may be present."""
    calendar = net.groups[group]["calendar"]
    if interval_at(net, calendar, end_s - 1) == interval_at(net, calendar, start_s):
        return
    at = tally.counters[CARRIED]
    if at == len(tally.carried_over):
        tally.counters[CROWDED] = 1
        return
    tally.counters[CARRIED] = at + 1
    work = tally.carried_over[at]
    work["group"], work["start_s"], work["end_s"] = group, start_s, end_s


@inner
def _note_stay(tally: Tally, case: int, times: tuple[int, int, int], status: int) -> None:
    at = tally.counters[STAYS]
    if at == len(tally.stays):
        tally.counters[CROWDED] = 1
        return
    tally.counters[STAYS] = at + 1
    stay = tally.stays[at]
    stay["case"] = case
    stay["enabled_s"], stay["start_s"], stay["end_s"] = times
    stay["arrival"], stay["status"] = tally.cases[case]["arrivals"], status


# Branches ---------------------------------------------------------------------------------


@inner
def _add_phase(tally: Tally, case: int, to: int, phase: int, ticks: int) -> None:
    if to == NONE:
        tally.phase_ticks[case, phase] += ticks
    else:
        tally.branch_phase_ticks[to, phase] += ticks


@inner
def _sum_for(net: Net, tally: Tally, case: int, branch: int) -> int:
    """Return the record that the time in a branch is added to; -1 for the case itself."""
    while branch != NONE:
        at = _sum_of(tally, case, branch)
        if not tally.branches[at]["counts"]:
            return at
        branch = net.steps[net.nodes[branch]["parent"]]["branch"]
    return NONE


@inner
def _sum_of(tally: Tally, case: int, branch: int) -> int:
    """Return the record of a branch, a new one if there is none yet."""
    case_sum, sums = tally.cases[case], tally.branches
    at = case_sum["branches"]
    while at != NONE and sums[at]["branch"] != branch:
        at = sums[at]["next"]
    if at != NONE:
        return int(at)
    at = tally.counters[FREE_SUM]
    if sums[at]["next"] == NONE:  # the last record is written to when no other is free
        tally.counters[CROWDED] = 1
        return int(at)
    tally.counters[FREE_SUM] = sums[at]["next"]
    sums[at]["branch"], sums[at]["phase_at"], sums[at]["counts"] = branch, NONE, 0
    sums[at]["next"] = case_sum["branches"]
    case_sum["branches"] = at
    tally.branch_phase_ticks[at, :] = 0
    return int(at)


@inner
def _join_branches(
    net: Net, tally: Tally, case: int, parallel: int, last: int, status: int
) -> None:
    """Add the branch that finished last to the branch or case around, and free all records.

    Rows of what is open at the end come outermost first: time of the branch that counts is still
    to be added then, so its record is kept and marked.
    """
    root = parallel - net.nodes[parallel]["block"] + last
    at = _sum_of(tally, case, root)
    to = _sum_for(net, tally, case, net.steps[parallel]["branch"])
    for phase in range(tally.phase_ticks.shape[1]):
        _add_phase(tally, case, to, phase, tally.branch_phase_ticks[at, phase])
        tally.branch_phase_ticks[at, phase] = 0
    phase_at = tally.branches[at]["phase_at"]
    if phase_at != NONE:
        if to == NONE:
            tally.cases[case]["phase_at"] = phase_at
        else:
            tally.branches[to]["phase_at"] = phase_at
    if status == OPEN:
        tally.branches[at]["counts"] = 1
    else:
        _free_sums(net, tally, case, parallel)


@inner
def _free_sums(net: Net, tally: Tally, case: int, parallel: int) -> None:
    sums = tally.branches
    before, at = NONE, tally.cases[case]["branches"]
    while at != NONE:
        behind = sums[at]["next"]
        if net.nodes[sums[at]["branch"]]["parent"] == parallel:
            if before == NONE:
                tally.cases[case]["branches"] = behind
            else:
                sums[before]["next"] = behind
            sums[at]["next"] = tally.counters[FREE_SUM]
            tally.counters[FREE_SUM] = at
        else:
            before = at
        at = behind


def replay(what: Packed, log: Log, routes: Ints, tally: Tally) -> None:
    """Add all rows of a log to a tally.

    Parameters
    ----------
    what
        The network, packed.
    log
        The log.
    routes
        Route of each case, shape (cases,).
    tally
        The tally, which is changed.
    """
    node = what.offset[routes[log.case]] + log.block
    columns = (log.case, node, log.enabled_s, log.start_s, log.end_s, log.detail, log.status)
    _replay(what.net, tally, np.stack(columns))


@kernel
def _replay(net: Net, tally: Tally, rows: Ints) -> None:
    for row in range(rows.shape[1]):
        times = (rows[2, row], rows[3, row], rows[4, row])
        note_row(net, tally, rows[0, row], rows[1, row], times, rows[5, row], rows[6, row])
