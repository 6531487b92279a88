"""The engines under test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.chance.history import History
from sim.engine import compiled, reference
from sim.engine.log import Log
from sim.process.network import ProcessNetwork

Engine = Callable[[ProcessNetwork, History], Log]

ENGINES: dict[str, Engine] = {
    "reference": reference.simulate,
    "compiled": compiled.simulate,
}
"""Every engine the project ships; a further one is added here and nowhere else."""


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    return ENGINES[request.param]
