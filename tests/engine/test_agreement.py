"""Every engine gives the log of the plain one, row for row; the plain one follows the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.experiment.replicate import prepare
from sim.scenario.load import load
from tests.conftest import Engine
from tests.scenario.conftest import Hall

from . import plain
from .build import World
from .random_networks import worlds

relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@relaxed
@given(worlds())
def test_random_worlds(engine: Engine, world: World) -> None:
    assert (
        engine(world.network, world.history).rows()
        == plain.simulate(world.network, world.history).rows()
    )


@pytest.mark.long
@settings(relaxed, max_examples=3000)
@given(worlds())
def test_many_random_worlds(engine: Engine, world: World) -> None:
    assert (
        engine(world.network, world.history).rows()
        == plain.simulate(world.network, world.history).rows()
    )


def agree(engine: Engine, scenario: str, replication: int) -> None:
    network = prepare(load(scenario)).network
    chance = history(network, Seed(1, replication))
    assert engine(network, chance).rows() == plain.simulate(network, chance).rows()


HORIZON = "horizon: {start: 2008-07-01, census: 2008-08-15, follow_up_wd: 20}\n"


@pytest.mark.parametrize("reforms", ["", "+full-authorization", "+full-entry+due-date-order"])
def test_a_small_hall(engine: Engine, reforms: str, tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    text = (tmp_path / "hall.yaml").read_text(encoding="utf-8")
    start, end = text.index("horizon:"), text.index("tables:")
    hall.write("hall.yaml", text[:start] + HORIZON + text[end:])
    agree(engine, f"{tmp_path}/hall.yaml{reforms}", 1)


@pytest.mark.long
@pytest.mark.parametrize(
    "scenario",
    [
        "county",
        "county+full-authorization+full-entry",
        "county+due-date-order+parallel-joint-approval+silent-consent",
        "county+comprehensive-windows+weekly-coordination",
    ],
)
def test_shipped_scenarios(engine: Engine, scenario: str) -> None:
    agree(engine, scenario, 0)
