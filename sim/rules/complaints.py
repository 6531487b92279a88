"""Complaints 投诉: a probability that grows with days overdue and with extra visits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.scenario.schema import Complaints

Floats = npt.NDArray[np.float64]
EXPECTED_VISITS = 2
"""Visits that cause no complaint."""


def complaint_probability(complaints: Complaints, overdue_wd: Floats, visits: Floats) -> Floats:
    """Return each case's chance of a complaint.

    Parameters
    ----------
    complaints
        Base probability, and what an overdue working day and an extra visit add to it.
    overdue_wd
        Working days past the promised limit by the decision or the census, shape (cases,).
    visits
        Visits so far, shape (cases,).

    Returns
    -------
    ndarray
        Probability, 0 to 1, shape (cases,).
    """
    extra = np.maximum(0, visits - EXPECTED_VISITS)
    hazard = (
        complaints.base
        + complaints.per_overdue_wd * overdue_wd
        + complaints.per_extra_visit * extra
    )
    return np.minimum(1.0, hazard)
