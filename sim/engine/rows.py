"""Rows as the compiled engine writes them: into the tally, and into the log if asked for."""

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
    """Write a row; `times` are enabled, start and end."""
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
