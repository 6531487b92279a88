"""Rows that the compiled engine writes: into the tally, and into the log if it is kept."""

from __future__ import annotations

from sim.engine.net import Net
from sim.engine.state import FULL, ROWS, State
from sim.engine.tally import CROWDED, note_row
from sim.native import inner


@inner
def write_row(
    net: Net, state: State, case: int, node: int, times: tuple[int, int, int], detail: int,
    status: int,
) -> None:  # fmt: skip
    """Write a row into the tally, and into the log if it is kept.

    Parameters
    ----------
    net
        Arrays of the network.
    state
        State of the run, which is changed.
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
    note_row(net, state.tally, case, node, times, detail, status)
    if state.tally.counters[CROWDED]:
        state.counters[FULL] = 1
    at = state.counters[ROWS]
    state.counters[ROWS] = at + 1
    if not len(state.rows):
        return
    if at >= len(state.rows):
        state.counters[FULL] = 1
        return
    row = state.rows[at]
    row["case"], row["block"], row["detail"] = case, net.nodes[node]["block"], detail
    row["enabled_s"], row["start_s"], row["end_s"] = times
    row["status"] = status
