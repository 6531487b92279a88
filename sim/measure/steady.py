"""Series by working day, for scenarios that ask for a steady state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measure.indicators import Ledger

Floats = npt.NDArray[np.float64]


def by_day(ledger: Ledger) -> dict[str, Floats]:
    """Return ``wait_day_min``, the sum of waits, and ``tickets_day``, by working day of the ticket.

    The days are those of the backlogs of `series`: all that close by the census.
    """
    closes = np.array(
        [
            close
            for close in ledger.network.calendars["hall"].day_closes
            if close <= ledger.books.census_s
        ]
    )
    day = np.searchsorted(closes, ledger.tickets["enabled_s"], side="left")
    many = len(closes) + 1
    waits, tickets = (
        np.bincount(day, weights, many)[:-1] for weights in (ledger.tickets["wait_min"], None)
    )
    return {"wait_day_min": np.asarray(waits, float), "tickets_day": np.asarray(tickets, float)}
