"""A run of the compiled engine that finds no room is begun anew with more."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import compiled, reference
from sim.engine.state import Room
from sim.engine.tally import TallyRoom
from sim.running.replication import prepare, simulate_replication
from sim.scenario.load import load

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


@pytest.mark.parametrize("name", ["county", "county+full-authorization+full-entry", "county-slow"])
@pytest.mark.parametrize("log", [False, True])
def test_a_shipped_hall_has_room_at_once(
    monkeypatch: pytest.MonkeyPatch, name: str, *, log: bool
) -> None:
    ready = prepare(load(name))
    runs = counted(monkeypatch)
    simulate_replication(ready, 0, 1, log=log)
    assert runs == [1]


def test_a_hall_that_needed_more_room_has_it_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = prepare(load("county", ["horizon.census=2008-08-15"]))
    monkeypatch.setattr(
        compiled, "first_room", lambda cases, *, log: (Room(8, 8, 8), TallyRoom(8, 8, 8, 8))
    )
    runs = counted(monkeypatch)
    for number in range(3):
        simulate_replication(ready, number, 1)
    assert runs[0] > 10
    assert sum(runs) <= runs[0] + 3  # a later history may need a little more


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count how often each history is begun."""
    found: list[int] = []
    run, begin = compiled.run, compiled.fresh_state

    def runs(*arguments: object, **options: object) -> object:
        found.append(0)
        return run(*arguments, **options)  # type: ignore[arg-type]

    def begins(*arguments: object) -> object:
        found[-1] += 1
        return begin(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(compiled, "run", runs)
    monkeypatch.setattr(compiled, "fresh_state", begins)
    return found
