"""Every engine gives the log of the plain one, row for row; the plain one follows the text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine import compiled, reference
from sim.engine.log import COLUMNS
from sim.engine.packed import packed
from sim.engine.play import tally_of
from sim.engine.tally import CARRIED, STAYS, STOPS, Tally
from sim.process.clock import WD_TICKS
from sim.running.replication import prepare
from sim.scenario.load import load
from tests.conftest import Engine
from tests.scenario.conftest import Hall

from . import plain
from .build import DAY, DAYS, HOUR, NOON, World
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


@relaxed
@given(worlds(), st.sampled_from((3, 20)), st.sampled_from((DAY + NOON, DAYS * DAY)))
def test_the_tally_kept_while_running_is_that_of_the_log(
    world: World, days: int, end_s: int
) -> None:
    network, who = replace(world.network, end_s=end_s), world.history.arrivals
    what, census_s = packed(network), DAY + NOON - HOUR + 1
    until_tick = network.working_days.tick_many(who.time_s) + days * WD_TICKS
    log = reference.simulate(network, world.history)
    right = kept(tally_of(what, log, who.route, until_tick, census_s))
    for with_log in (False, True):
        state = compiled.run(what, world.history, until_tick, census_s, log=with_log)
        found = kept(state.tally)
        assert found.keys() == right.keys()
        for name, values in right.items():
            assert np.array_equal(found[name], values), name


def kept(tally: Tally) -> dict[str, np.ndarray]:
    """Return what the arrays of a tally hold, without the room behind it."""
    stays, stops = tally.stays[: tally.counters[STAYS]], tally.stops[: tally.counters[STOPS]]
    whole = {
        name: getattr(tally, name)
        for name in ("cases", "milestones", "phase_ticks", "busy_s", "overtime_s")
    }
    carried_over = tally.carried_over[: tally.counters[CARRIED]]
    counted = {
        "counters": tally.counters,
        "stays": stays,
        "stops": stops,
        "carried_over": carried_over,
    }
    return whole | counted


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
def test_shipped_scenarios_and_the_plain_engine(engine: Engine, scenario: str) -> None:
    agree(engine, scenario, 0)


SHIPPED = Path(__file__).parents[2] / "scenarios"
HALLS = sorted(file.stem for file in SHIPPED.glob("*.yaml"))
REFORMS = sorted(file.stem for file in (SHIPPED / "reforms").glob("*.yaml"))


@pytest.mark.long
@pytest.mark.parametrize("scenario", [*HALLS, *(f"county+{reform}" for reform in REFORMS)])
def test_shipped_scenarios(scenario: str) -> None:
    prepared = prepare(load(scenario))
    chance = history(prepared.network, Seed(1, 0))
    found = compiled.simulate(prepared.network, chance)
    right = reference.simulate(prepared.network, chance)
    for column in COLUMNS:
        assert np.array_equal(getattr(found, column), getattr(right, column)), column
