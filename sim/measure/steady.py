"""Series by working day, for scenarios that ask for a steady state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measure.observations import Observations
from sim.measure.series import working_day_ends_s

Floats = npt.NDArray[np.float64]


def by_day(observations: Observations) -> dict[str, Floats]:
    """Return the waits and the number of tickets by working day of the ticket.

    The days are those of the backlogs of `series`: all until the census.  Tickets taken on a day
    that is no working day count for the next one.

    Parameters
    ----------
    observations
        Observations of the replication.

    Returns
    -------
    dict
        ``wait_day_min``: sum of the waits in minutes, and ``tickets_day``: number of tickets;
        shape (days,).
    """
    ends = working_day_ends_s(observations)
    day = np.searchsorted(ends, observations.tickets["enabled_s"], side="right")
    days = len(ends) + 1
    waits, tickets = (
        np.bincount(day, weights, days)[:-1] for weights in (observations.tickets["wait_min"], None)
    )
    return {"wait_day_min": np.asarray(waits, float), "tickets_day": np.asarray(tickets, float)}
