"""A run of the compiled engine that finds no room is begun anew with more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import compiled, reference
from sim.engine.state import Room
from sim.engine.tally import TallyRoom

from .build import World
from .random_networks import worlds


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
def test_little_room_changes_no_row(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(
        compiled, "first_room", lambda cases, *, log: (Room(1, 1, 1), TallyRoom(1, 1, 2, 1))
    )
    found = compiled.simulate(world.network, world.history)
    assert found.rows() == reference.simulate(world.network, world.history).rows()
