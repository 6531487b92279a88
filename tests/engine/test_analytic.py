"""Engines, on process blocks and drawn histories, against exact results of queueing theory.

Quickly with a wide margin, and at length (`-m long`) to within 3 % of the exact value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from sim.chance.draws import Seed
from sim.chance.history import History, history
from sim.engine.log import Log, Status
from sim.process.blocks import (
    Block,
    Chance,
    Choice,
    Draw,
    Mark,
    Parallel,
    Seconds,
    Serve,
    Uniform,
    Within,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Discipline, Group, ProcessNetwork, Rhythm, Route
from sim.stats.intervals import mean_interval
from tests.conftest import Engine
from tests.stats.exact import (
    erlang_a,
    erlang_c,
    fork_join_response,
    mg1_wait,
    mmc_wait,
    periodic_numbers,
    priority_waits,
)

DAY, HOUR = 86_400, 3600
MEAN_S = 1000.0
FLAT = ((0, DAY), (0.0, 1.0))
REPLICATIONS = 20
Measure = Callable[[ProcessNetwork, History, Log], float]


@dataclass(frozen=True)
class Model:
    """A queue, and what theory says of it.

    Parameters
    ----------
    network
        Builds it for so many days.
    exact
        What is measured in a replication, and its exact mean.
    days
        Of a quick replication.
    width
        Largest half-width of a quick interval, relative to the exact value.
    more
        How much longer replications are that bring it below 3 %.
    """

    network: Callable[[int], ProcessNetwork]
    exact: dict[Measure, float]
    days: int
    width: float
    more: int


def serve(
    skill: str,
    occurrence: int = 0,
    *,
    mean_s: float = MEAN_S,
    cv: float = 1.0,
    family: str = "exponential",
    patience_s: float = 0.0,
) -> Serve:
    return Serve(
        activity="serve",
        phase="service",
        wait_phase="hall_wait",
        skill=skill,
        duration=Draw("decide_work", Seconds(mean_s, cv, family), occurrence),  # type: ignore[arg-type]
        ticket=patience_s > 0,
        patience=Draw("patience", Seconds(patience_s, 1.0, "exponential")) if patience_s else None,
        on_left=Mark("left") if patience_s else None,
    )


def always_open(
    routes: Sequence[tuple[Block, float]],
    people: dict[str, int],
    profile: tuple[tuple[int, ...], tuple[float, ...]] = FLAT,
    discipline: Discipline = "fifo",
) -> Callable[[int], ProcessNetwork]:
    """Return what builds a network of routes with arrival rates per second."""

    def build(days: int) -> ProcessNetwork:
        always = Calendar((0,), (DAY * days,), (0,))
        return ProcessNetwork(
            routes=tuple(
                Route(f"r{index}", block, rate * DAY) for index, (block, rate) in enumerate(routes)
            ),
            groups=tuple(
                Group(skill, (skill,), tuple(f"{skill}{i}" for i in range(many)), "hall")
                for skill, many in people.items()
            ),
            sessions={},
            calendars={"hall": always, "office": always},
            rhythm=Rhythm(
                tuple(range(0, DAY * days, DAY)), (1.0,) * days, 0.0, (DayProfile(*profile),)
            ),
            end_s=DAY * days,
            discipline=discipline,
        )

    return build


# Measures -----------------------------------------------------------------------------------


def settled(made: ProcessNetwork, log: Log) -> np.ndarray:
    """Leave out the first tenth, in which the queues fill, and the last moments."""
    return (log.enabled_s > 0.1 * made.end_s) & (log.enabled_s < 0.99 * made.end_s)


def at(block: int, route: int = 0) -> Callable[[ProcessNetwork, History, Log], np.ndarray]:
    return lambda made, chance, log: (
        settled(made, log) & (log.block == block) & (chance.arrivals.route[log.case] == route)
    )


def wait(block: int = 0, route: int = 0) -> Measure:
    """Mean wait at a block of a route, of all who come."""

    def measure(made: ProcessNetwork, chance: History, log: Log) -> float:
        rows = at(block, route)(made, chance, log)
        return float((log.start_s - log.enabled_s)[rows].mean())

    return measure


def share_waiting(made: ProcessNetwork, chance: History, log: Log) -> float:
    rows = at(0)(made, chance, log)
    return float((log.start_s > log.enabled_s)[rows].mean())


def share_left(made: ProcessNetwork, chance: History, log: Log) -> float:
    return float((log.status == Status.LEFT)[at(0)(made, chance, log)].mean())


def response(block: int = 0) -> Measure:
    """Mean time from arrival to the end of a block."""

    def measure(made: ProcessNetwork, chance: History, log: Log) -> float:
        rows = at(block)(made, chance, log)
        return float((log.end_s[rows] - chance.arrivals.time_s[log.case[rows]]).mean())

    return measure


def number_at(hour: int) -> Measure:
    """Mean number in the system at an hour of the day."""

    def measure(made: ProcessNetwork, _: History, log: Log) -> float:
        moments = np.arange(made.end_s // DAY // 10, made.end_s // DAY) * DAY + hour * HOUR
        came = np.searchsorted(np.sort(log.enabled_s), moments)
        went = np.searchsorted(np.sort(log.end_s), moments)
        return float((came - went).mean())

    return measure


# Models -------------------------------------------------------------------------------------


def mmc(servers: int, rho: float, days: int, width: float, more: int) -> Model:
    rate = rho * servers / MEAN_S
    exact = {
        wait(): mmc_wait(servers, rate, MEAN_S),
        share_waiting: erlang_c(servers, rho * servers),
    }
    return Model(always_open([(serve("s"), rate)], {"s": servers}), exact, days, width, more)


def mg1(cv: float, family: str, days: int, width: float, more: int) -> Model:
    rate = 0.5 / MEAN_S
    block = serve("s", cv=cv, family=family)
    exact = {wait(): mg1_wait(rate, MEAN_S, cv)}
    return Model(always_open([(block, rate)], {"s": 1}), exact, days, width, more)


def erlang_a_model() -> Model:
    rate = 1.1 * 3 / MEAN_S
    left, mean_wait = erlang_a(3, rate, MEAN_S, 2000)
    block = serve("s", patience_s=2000)
    return Model(
        always_open([(block, rate)], {"s": 3}), {share_left: left, wait(): mean_wait}, 40, 0.05, 2
    )


def jackson() -> Model:
    """Everyone at one server, then 60 % at two others, then all at a fourth."""
    rate = 0.6 / MEAN_S
    some = Choice(((Chance(Draw("returned", Uniform()), 0.6), serve("t", 1, mean_s=2000)),))
    block = sequence(serve("s"), some, serve("u", 2))
    last = 4
    waits = [
        mmc_wait(1, rate, MEAN_S),
        mmc_wait(2, 0.6 * rate, 2000),
        mmc_wait(1, rate, MEAN_S),
    ]
    in_all = waits[0] + 0.6 * (waits[1] + 2000) + waits[2] + 2 * MEAN_S
    exact = {wait(3): waits[1], wait(last): waits[2], response(last): in_all}
    return Model(always_open([(block, rate)], {"s": 1, "t": 2, "u": 1}), exact, 120, 0.18, 27)


def priorities() -> Model:
    """Who has a due date goes before who has none; nobody is interrupted."""
    rates = [0.25 / MEAN_S, 0.35 / MEAN_S]
    routes: list[tuple[Block, float]] = [
        (Within(1, serve("s")), rates[0]),
        (serve("s"), rates[1]),
    ]
    urgent, other = priority_waits(rates, MEAN_S)
    return Model(
        always_open(routes, {"s": 1}, discipline="due_date"),
        {wait(1, 0): urgent, wait(0, 1): other},
        200,
        0.1,
        8,
    )


def fork_join() -> Model:
    rate = 0.5 / MEAN_S
    block = Parallel((serve("s", 0), serve("t", 1)))
    exact = {response(): fork_join_response(rate, MEAN_S)}
    return Model(always_open([(block, rate)], {"s": 1, "t": 1}), exact, 80, 0.05, 3)


def changing_rate() -> Model:
    """Three servers, overloaded for eight hours of each day."""
    by_hour = [1.0] * 8 + [4.0] * 8 + [1.5] * 8
    shares = np.concatenate(([0.0], np.cumsum(by_hour) / sum(by_hour)))
    profile = tuple(range(0, DAY + 1, HOUR)), tuple(shares.tolist())
    numbers = periodic_numbers(3, [(rate / HOUR, HOUR) for rate in by_hour], 0.8 * HOUR)
    exact: dict[Measure, float] = {
        number_at(hour): numbers[hour - 1] for hour in (4, 8, 12, 16, 18, 24)
    }
    network = always_open([(serve("s", mean_s=0.8 * HOUR), sum(by_hour) / DAY)], {"s": 3}, profile)
    return Model(network, exact, 200, 0.12, 14)


MODELS: dict[str, Callable[[], Model]] = {
    "M/M/1": lambda: mmc(1, 0.5, 200, 0.08, 4),
    "M/M/3": lambda: mmc(3, 0.6, 80, 0.12, 15),
    "M/D/1": lambda: mg1(0.0, "fixed", 200, 0.04, 2),
    "M/G/1 gamma": lambda: mg1(0.6, "gamma", 200, 0.05, 3),
    "M/G/1 lognormal": lambda: mg1(1.5, "lognormal", 200, 0.2, 20),
    "Erlang-A": erlang_a_model,
    "Jackson": jackson,
    "two priorities": priorities,
    "fork-join": fork_join,
    "Mt/M/3": changing_rate,
}


def check(engine: Engine, model: Model, days: int, width: float) -> None:
    """Hold the 99.9 % interval over replications against the exact means."""
    made = model.network(days)
    found: dict[Measure, list[float]] = {measure: [] for measure in model.exact}
    for replication in range(REPLICATIONS):
        chance = history(made, Seed(11, replication))
        log = engine(made, chance)
        for measure, values in found.items():
            values.append(measure(made, chance, log))
    for measure, exact in model.exact.items():
        mean, low, high, _ = mean_interval(np.array(found[measure]), 0.999)
        assert low <= exact <= high, (measure, exact, mean, low, high)
        assert (high - low) / 2 <= width * exact, (measure, exact, mean, low, high)


@pytest.mark.parametrize("name", MODELS)
def test_exact_means_are_covered(engine: Engine, name: str) -> None:
    model = MODELS[name]()
    check(engine, model, model.days, model.width)


@pytest.mark.long
@pytest.mark.parametrize("name", MODELS)
def test_exact_means_are_covered_within_3_percent(engine: Engine, name: str) -> None:
    model = MODELS[name]()
    check(engine, model, model.days * model.more, 0.03)
