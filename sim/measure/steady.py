"""Series by working day, for scenarios that ask for a steady state."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measure.indicators import Observations
from sim.measure.series import working_day_ends_s

Floats = npt.NDArray[np.float64]


def by_day(observations: Observations) -> dict[str, Floats]:
    """Return ``wait_day_min``, the sum of waits, and ``tickets_day``, by working day of the ticket.

    The days are those of the backlogs of `series`: all until the census.  What happens on a day
    that is no working day counts for the next one.
    """
    ends = working_day_ends_s(observations)
    day = np.searchsorted(ends, observations.tickets["enabled_s"], side="right")
    many = len(ends) + 1
    waits, tickets = (
        np.bincount(day, weights, many)[:-1] for weights in (observations.tickets["wait_min"], None)
    )
    return {"wait_day_min": np.asarray(waits, float), "tickets_day": np.asarray(tickets, float)}
