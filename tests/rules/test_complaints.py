"""A hazard that grows with days overdue and with extra visits."""

from __future__ import annotations

import numpy as np
import pytest

from sim.rules.complaints import complaint_probability
from sim.scenario.schema import Complaints

HAZARD = Complaints(base=0.01, per_overdue_wd=0.002, per_extra_visit=0.03)


@pytest.mark.parametrize(
    ("overdue_wd", "visits", "probability"),
    [
        (0, 0, 0.01),
        (0, 2, 0.01),  # two visits are expected
        (5, 2, 0.01 + 5 * 0.002),
        (0, 4, 0.01 + 2 * 0.03),
        (5, 4, 0.01 + 5 * 0.002 + 2 * 0.03),
        (1000, 2, 1.0),
    ],
)
def test_the_hazard_adds_up(overdue_wd: float, visits: float, probability: float) -> None:
    found = complaint_probability(HAZARD, np.array([float(overdue_wd)]), np.array([float(visits)]))
    assert found == pytest.approx([probability])
