"""Cases under way in the reference engine: the blocks each is in, and how these are cut short."""

from __future__ import annotations

from collections.abc import Iterator

import simpy

from sim.engine.log import Status
from sim.engine.server_groups import Clock, Job
from sim.process.network import Node


class OpenBlock:
    """A block that a case is in.

    The process that waits there is interrupted when a clock around the block runs out; the rest
    is what the log needs if the block is unfinished at the end.

    Parameters
    ----------
    process
        The SimPy process that went into the block.
    enabled_s
        When the case reached the block, in seconds.
    """

    __slots__ = ("branches", "clock", "enabled_s", "job", "process")

    def __init__(self, process: simpy.Process, enabled_s: int) -> None:
        self.process = process
        self.enabled_s = enabled_s
        self.job: Job | None = None
        """Of a Serve."""
        self.clock: Clock | None = None
        """Of a Within."""
        self.branches: set[int] | None = None
        """Unfinished branches of a Parallel, by the number of their root."""


class Case:
    """An applicant on the way.

    Parameters
    ----------
    index
        Number of the case, by order of arrival.
    nodes
        The blocks of its route, by number.
    """

    __slots__ = ("index", "live", "nodes")

    def __init__(self, index: int, nodes: tuple[Node, ...]) -> None:
        self.index = index
        self.nodes = nodes
        self.live: dict[int, OpenBlock] = {}
        """The blocks that the case is in, by number."""

    def break_off(self, first: int, end: int, cause: Node) -> None:
        """Interrupt every process in a range of blocks: in block order, the inner ones first.

        Parameters
        ----------
        first, end
            Number of the first block of the range, and of the first behind it.
        cause
            The block that ends them; the interrupts carry it as their cause.
        """
        deepest: dict[simpy.Process, int] = {}
        for block in sorted(self.live):
            if first <= block < end:
                deepest[self.live[block].process] = block
        for process in sorted(
            deepest, key=lambda process: (self.nodes[deepest[process]].end, -deepest[process])
        ):
            process.interrupt(cause)


def open_rows(
    cases: dict[int, Case], end_s: int
) -> Iterator[tuple[int, int, int, int, int, int, int]]:
    """Yield the rows of what is unfinished at the end, by case and block.

    Parameters
    ----------
    cases
        The cases under way, by number.
    end_s
        End of the simulation, in seconds.

    Yields
    ------
    row : tuple of int
        A row of `sim.engine.log.COLUMNS`, with the status OPEN.
    """
    for index in sorted(cases):
        live = cases[index].live
        for block in sorted(live):
            entry = live[block]
            start_s, detail = entry.enabled_s, -1
            if entry.job is not None:
                server_group = entry.job.server_group
                start_s = end_s if server_group is None else entry.job.start_s
                detail = -1 if server_group is None else server_group.index
            elif entry.branches is not None:
                detail = min(entry.branches)
            elif entry.clock is not None:
                detail = -1 if entry.clock.due_s is None else entry.clock.due_s
            yield index, block, entry.enabled_s, start_s, end_s, detail, Status.OPEN
