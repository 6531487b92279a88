from __future__ import annotations

import pytest

from sim.scenario.load import load
from sim.scenario.model import Scenario
from tests.interface.conftest import json_of, run, small
from tests.scenario.conftest import Hall

__all__ = ["json_of", "run", "small"]


@pytest.fixture
def hall(small: Hall) -> Scenario:
    """Return a small hall."""
    return load("hall.yaml")
