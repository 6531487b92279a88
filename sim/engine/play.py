"""Play one history on an engine and tabulate its cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sim.chance.history import History
from sim.engine import compiled, reference
from sim.engine.cases import CaseTable, case_table
from sim.engine.log import Log
from sim.engine.packed import Packed
from sim.engine.state import ROWS
from sim.engine.tally import CROWDED, Ints, Tally, TallyRoom, fresh_tally, replay
from sim.process.clock import WD_TICKS
from sim.process.network import ProcessNetwork

EngineName = Literal["compiled", "reference"]
ENGINES: tuple[EngineName, ...] = get_args(EngineName)


@dataclass(frozen=True)
class EngineResult:
    """What happened in one history.

    Parameters
    ----------
    table
        The case table.
    log
        The event log; None if it was not asked for.
    """

    table: CaseTable
    log: Log | None


def play(
    network: ProcessNetwork,
    what: Packed,
    history: History,
    follow_up_wd: int,
    census_s: int,
    *,
    engine: EngineName = "compiled",
    log: bool = False,
) -> EngineResult:
    """Play one history.

    Parameters
    ----------
    network
        The network.
    what
        The same network, packed.
    history
        What chance decides.
    follow_up_wd
        Working days for which each case is followed.
    census_s
        Time of the census, seconds since the start.
    engine
        Which engine runs it; they differ in speed only.
    log
        Keep the event log as well.

    Returns
    -------
    EngineResult
        The case table, and the log if asked for.
    """
    arrivals = history.arrivals
    until_tick = network.working_days.tick_many(arrivals.time_s) + follow_up_wd * WD_TICKS
    if engine == "compiled":
        state = compiled.run(what, history, until_tick, census_s, log=log)
        rows, tally = int(state.counters[ROWS]), state.tally
        kept_log = compiled.log_of(state) if log else None
        del state, until_tick  # before the table takes its memory
        return EngineResult(case_table(network, what, arrivals, tally, rows), kept_log)
    full_log = reference.simulate(network, history)
    tally = tally_of(what, full_log, arrivals.route, until_tick, census_s)
    table = case_table(network, what, arrivals, tally, len(full_log))
    return EngineResult(table, full_log if log else None)


def tally_of(what: Packed, log: Log, routes: Ints, until_tick: Ints, census_s: int) -> Tally:
    """Return the tally of a log.

    Parameters
    ----------
    what
        The network, packed.
    log
        Log of the whole run.
    routes
        Route of each case, shape (cases,).
    until_tick
        For each case, the tick of working days at which its follow-up ends; shape (cases,).
    census_s
        Time of the census, seconds since the start.

    Returns
    -------
    Tally
        What the compiled engine would have tallied while it ran.
    """
    room = TallyRoom(*[len(log) + 1] * 4)
    while True:
        tally = fresh_tally(what, until_tick, census_s, room)
        replay(what, log, routes, tally)
        if not tally.counters[CROWDED]:
            return tally
        room = room.doubled()
