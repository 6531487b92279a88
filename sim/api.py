"""Functions for Python users: every study of the command `hall`, returning `Findings`."""

from __future__ import annotations

from sim.scenario.load import load
from sim.scenario.problems import InputError, RunError
from sim.studies.attribution.api import attribute
from sim.studies.calibration.api import calibrate
from sim.studies.capacity.api import capacity
from sim.studies.comparison.api import compare, run
from sim.studies.ensemble.api import ensemble
from sim.studies.inspection.api import check, explain
from sim.studies.sensitivity.api import sensitivity
from sim.studies.staffing.api import staff
from sim.studies.sweep.api import sweep
from sim.studies.transition.api import transition

__all__ = [
    "InputError",
    "RunError",
    "attribute",
    "calibrate",
    "capacity",
    "check",
    "compare",
    "ensemble",
    "explain",
    "load",
    "run",
    "sensitivity",
    "staff",
    "sweep",
    "transition",
]
