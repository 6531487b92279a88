"""Case tables as data frames, with names and dates instead of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.tally import NEVER
from sim.measure.crowd import Times
from sim.measure.indicators import Ledger

DAYS = ("elapsed_wd", "limit_used_wd")
PLAIN = ("visits", "handoffs", "staff_min", "fee_yuan")
YES_NO = ("one_visit", "made_up", "immediate", "complaint", "entered", "full_authority")


def case_frame(ledger: Ledger, start: dt.date, replication: int = 0) -> pd.DataFrame:
    """Return the counted cases of one replication, one row each.

    Times are local date-times, empty where not reached; days are working days.
    """
    table = ledger.table
    rows = np.flatnonzero(ledger.books.counted[table.arrivals.route])
    route = table.arrivals.route[rows]
    origin = np.datetime64(start, "s")

    def moment(seconds: Times) -> npt.NDArray[np.datetime64]:
        at = origin + seconds[rows].astype("timedelta64[s]")
        return np.where(seconds[rows] < NEVER, at, np.datetime64("NaT"))

    def named(
        names: Iterable[str], numbers: npt.NDArray[np.integer]
    ) -> pd.api.extensions.ExtensionArray:
        # NumPy would give every name the room of the longest.
        return pd.array(list(names), dtype="str").take(numbers)

    columns: dict[str, object] = {
        "replication": np.full(len(rows), replication),
        "item": named((one.item for one in ledger.network.routes), route),
        "layer": table.arrivals.layer[rows],
        "number": table.arrivals.number[rows],
        "arrived": moment(table.arrivals.time_s),
        "received": moment(table.milestone("received")),
        "accepted": moment(table.milestone("accepted")),
        "decided": moment(table.milestone("decided")),
        "in_hand": moment(table.milestone("in_hand")),
        "due": moment(table.due_s),
        "outcome": named((*table.outcomes, "open"), table.outcome[rows]),
        "phase_at_census": named((*table.phases, ""), table.phase_at[rows]),
    }
    for name in (*DAYS, *PLAIN, *YES_NO, *(f"days_{phase}" for phase in table.phases)):
        columns[name] = ledger.column(name, rows)
    return pd.DataFrame(columns, copy=False)
