"""The case table: one row per case, worked out from the event log without a loop over cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.chance.demand import Arrivals
from sim.engine.log import Log, Status
from sim.process.blocks import (
    AwaitSession,
    Block,
    Delay,
    Exit,
    Mark,
    Parallel,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.network import Node, ProcessNetwork

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER = 2**62
"""Time of what has not happened."""


class BlockIndex:
    """What each block says of itself, as arrays over all blocks of a network.

    A block stands at the offset of its route plus its own number.
    """

    def __init__(self, network: ProcessNetwork) -> None:
        self.nodes: list[Node] = [node for route in network.routes for node in route.nodes]
        sizes = [len(route.nodes) for route in network.routes]
        self.offset: Ints = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
        blocks = [node.block for node in self.nodes]
        steps = (Serve, Delay, AwaitSession)
        self.phases = tuple(
            dict.fromkeys(
                phase
                for block in blocks
                for phase in (
                    (block.wait_phase, block.phase)
                    if isinstance(block, Serve)
                    else (block.phase,)
                    if isinstance(block, steps)
                    else ()
                )
            )
        )
        self.milestones = _labels(blocks, Mark, lambda block: block.milestone)
        self.outcomes = _labels(blocks, Exit, lambda block: block.outcome)
        number = {phase: index for index, phase in enumerate(self.phases)}
        self.phase = _column(blocks, steps, lambda block: number[block.phase], -1)
        self.wait_phase = _column(blocks, (Serve,), lambda block: number[block.wait_phase], -1)
        self.handoffs = _column(blocks, steps, lambda block: block.handoffs, 0)
        self.staff_share: Floats = np.array(
            [block.staff_share if isinstance(block, Serve) else 0.0 for block in blocks]
        )
        self.milestone = _column(
            blocks, (Mark,), lambda block: self.milestones.index(block.milestone), -1
        )
        self.outcome = _column(
            blocks, (Exit,), lambda block: self.outcomes.index(block.outcome), -1
        )
        self.is_visit = _flags(blocks, lambda block: isinstance(block, Visit))
        self.is_serve = _flags(blocks, lambda block: isinstance(block, Serve))
        self.is_suspend = _flags(blocks, lambda block: isinstance(block, Suspend))
        self.is_ticket = _flags(blocks, lambda block: isinstance(block, Serve) and block.ticket)
        self.is_in_hall = _flags(
            blocks, lambda block: isinstance(block, Serve) and (block.ticket or block.stay)
        )
        self.is_case_clock = _flags(
            blocks, lambda block: isinstance(block, Within) and not block.expires
        )
        self.parallels = [
            index for index, block in enumerate(blocks) if isinstance(block, Parallel)
        ]


def _labels(blocks: list[Block], kind: type, label: Callable[..., str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label(block) for block in blocks if isinstance(block, kind)))


def _column(
    blocks: list[Block], kind: tuple[type, ...], value: Callable[..., int], otherwise: int
) -> Ints:
    return np.array(
        [value(block) if isinstance(block, kind) else otherwise for block in blocks], np.int64
    )


def _flags(blocks: list[Block], holds: Callable[[Block], bool]) -> Flags:
    return np.array([holds(block) for block in blocks], np.bool_)


@dataclass(frozen=True)
class CaseTable:
    """The cases of one replication; arrays of shape (cases,) unless said otherwise.

    Times are seconds from the start, `NEVER` if not reached.  Everything but the milestones
    is counted within the follow-up of the case: so much office time from its arrival.

    Parameters
    ----------
    arrivals
        Who the cases are.
    milestones
        Time of each milestone, by name.
    exit_s, outcome
        When and how the case ended (index into `outcomes`, -1 if open).
    outcomes, phases
        Labels.
    due_s
        When the promised limit runs out, suspensions included.
    visits, handoffs, staff_s
        Visits to public offices, hand-offs of the file, and seconds of staff work.
    phase_s
        Office seconds in each phase, shape (cases, phases); they add up to `elapsed_s`.
    elapsed_s
        Office seconds from arrival to the end of the case.
    phase_at
        Phase at the census, -1 if the case was not under way.
    """

    arrivals: Arrivals
    milestones: dict[str, Ints]
    exit_s: Ints
    outcome: Ints
    outcomes: tuple[str, ...]
    phases: tuple[str, ...]
    due_s: Ints
    visits: Ints
    handoffs: Ints
    staff_s: Floats
    phase_s: Ints
    elapsed_s: Ints
    phase_at: Ints

    def milestone(self, name: str) -> Ints:
        """Return the times of a milestone; one that no route has is never reached."""
        return self.milestones.get(name, np.full(len(self.exit_s), NEVER))


class LogView:
    """A log seen with the network's labels and calendars.

    Parameters
    ----------
    network, index, arrivals, log
        What ran, its blocks, who came, and what happened.
    """

    def __init__(
        self, network: ProcessNetwork, index: BlockIndex, arrivals: Arrivals, log: Log
    ) -> None:
        self.network = network
        self.index = index
        self.arrivals = arrivals
        self.log = log
        self.node: Ints = index.offset[arrivals.route[log.case]] + log.block

    @property
    def cases(self) -> int:
        """Number of cases."""
        return len(self.arrivals.time_s)

    @cached_property
    def critical(self) -> Flags:
        """Say of each row whether it lies on the branch that finished last of every Parallel."""
        found = np.ones(len(self.log), np.bool_)
        for parallel in self.index.parallels:
            node = self.index.nodes[parallel]
            rows = np.flatnonzero(self.node == parallel)
            if not len(rows):
                continue
            last = np.full(self.cases, -1)
            last[self.log.case[rows]] = self.log.detail[rows]
            first = parallel - node.id
            inside = np.flatnonzero((self.node > parallel) & (self.node < first + node.end))
            starts = np.array([child.id for child in node.children])
            branch = starts[np.searchsorted(starts, self.log.block[inside], side="right") - 1]
            found[inside[branch != last[self.log.case[inside]]]] = False
        return found

    def office_s(self, times: Ints) -> Ints:
        """Return the office seconds before each time."""
        return self.network.office.elapsed_many(times)

    def sum_by_case(self, rows: Ints | Flags, values: npt.NDArray[np.number]) -> Floats:
        """Add up values of some rows by case."""
        total = np.bincount(self.log.case[rows], weights=values, minlength=self.cases)
        return total.astype(np.float64)

    def first_by_case(self, rows: Ints | Flags, values: Ints) -> Ints:
        """Return the value of each case's first such row, or `NEVER`."""
        found = np.full(self.cases, NEVER)
        found[self.log.case[rows][::-1]] = values[::-1]
        return found


def case_table(view: LogView, follow_up_s: int, census_s: int) -> CaseTable:
    """Work out the case table of a log.

    Parameters
    ----------
    view
        The log with its labels.
    follow_up_s
        Office seconds that each case is followed.
    census_s
        Time of the census.
    """
    log, index, node = view.log, view.index, view.node
    arrival = view.office_s(view.arrivals.time_s)
    until = arrival + follow_up_s
    row_until = until[log.case]
    end = view.office_s(log.end_s)
    in_time = end <= row_until

    leaf = (index.phase[node] >= 0) & view.critical
    phase_s = _phase_seconds(view, np.flatnonzero(leaf), row_until)
    exits = index.outcome[node] >= 0
    outcome = np.full(view.cases, -1)
    outcome[log.case[exits]] = index.outcome[node[exits]]
    exit_s = view.first_by_case(exits, log.end_s[exits])
    ended = np.where(exit_s < NEVER, view.office_s(np.minimum(exit_s, view.network.end_s)), NEVER)

    visits = index.is_visit[node] & in_time
    handed = (index.handoffs[node] > 0) & in_time & (log.status == Status.DONE)
    served = index.is_serve[node] & in_time & (log.detail >= 0)
    clock = index.is_case_clock[node]
    return CaseTable(
        arrivals=view.arrivals,
        milestones=_milestones(view),
        exit_s=exit_s,
        outcome=outcome,
        outcomes=index.outcomes,
        phases=index.phases,
        due_s=_due(view, clock),
        visits=view.sum_by_case(visits, np.ones(int(visits.sum()))).astype(np.int64),
        handoffs=view.sum_by_case(handed, index.handoffs[node[handed]]).astype(np.int64),
        staff_s=view.sum_by_case(served, _work_s(view, served) * index.staff_share[node[served]]),
        phase_s=phase_s,
        elapsed_s=np.minimum(ended, until) - arrival,
        phase_at=_phase_at(view, leaf, census_s),
    )


def _phase_seconds(view: LogView, rows: Ints, row_until: Ints) -> Ints:
    index, log = view.index, view.log
    node, case = view.node[rows], log.case[rows]
    enabled, start, end = (
        np.minimum(view.office_s(times[rows]), row_until[rows])
        for times in (log.enabled_s, log.start_s, log.end_s)
    )
    width = len(index.phases)
    total = np.bincount(
        case * width + index.phase[node], weights=end - start, minlength=view.cases * width
    )
    waits = index.wait_phase[node] >= 0
    total += np.bincount(
        (case * width + index.wait_phase[node])[waits],
        weights=(start - enabled)[waits],
        minlength=view.cases * width,
    )
    return total.reshape(view.cases, width).astype(np.int64)


def _phase_at(view: LogView, leaf: Flags, census_s: int) -> Ints:
    log, index = view.log, view.index
    rows = np.flatnonzero(leaf & (log.enabled_s < census_s) & (census_s <= log.end_s))
    waiting = census_s <= log.start_s[rows]
    node = view.node[rows]
    waiting &= index.wait_phase[node] >= 0
    found = np.full(view.cases, -1)
    found[log.case[rows]] = np.where(waiting, index.wait_phase[node], index.phase[node])
    return found


def _milestones(view: LogView) -> dict[str, Ints]:
    which = view.index.milestone[view.node]
    return {
        name: view.first_by_case(rows := which == number, view.log.end_s[rows])
        for number, name in enumerate(view.index.milestones)
    }


def _due(view: LogView, clock: Flags) -> Ints:
    due = view.first_by_case(clock, view.log.detail[clock])
    return np.where(due < 0, NEVER, due)


def _work_s(view: LogView, rows: Flags) -> Ints:
    """Return seconds at work: by the clock at windows, office time in groups that pause."""
    log = view.log
    start, end = log.start_s[rows], log.end_s[rows]
    pauses = np.array([group.pauses for group in view.network.groups], np.bool_)
    office = view.office_s(end) - view.office_s(start)
    return np.where(pauses[log.detail[rows]], office, end - start)
