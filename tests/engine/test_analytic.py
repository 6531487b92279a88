"""The engine, on process blocks, against exact queueing results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.chance.draws import Seed
from sim.chance.history import History, history
from sim.engine.log import Log, Status
from sim.engine.reference import simulate
from sim.process.blocks import Block, Draw, Exit, Mark, Parallel, Seconds, Serve, sequence
from sim.process.clock import Calendar
from sim.process.network import Group, ProcessNetwork, Rhythm, Route, number
from sim.stats.intervals import mean_interval
from sim.stats.queueing import erlang_a, erlang_c, fork_join_response, mg1_wait, mmc_wait

DAY = 86_400
MEAN_S = 1000.0
Estimate = Callable[[ProcessNetwork, History, Log], float]


def serve(skill: str, occurrence: int = 0, *, cv: float = 1.0, patience_s: float = 0.0) -> Serve:
    family = "exponential" if cv == 1 else "gamma" if cv else "fixed"
    return Serve(
        activity="serve",
        phase="service",
        wait_phase="hall_wait",
        skill=skill,
        duration=Draw("decide_work", Seconds(MEAN_S, cv, family), occurrence),
        ticket=patience_s > 0,
        patience=Draw("patience", Seconds(patience_s, 1.0, "exponential")) if patience_s else None,
        on_left=Mark("left") if patience_s else None,
    )


def network(
    block: Block,
    groups: dict[str, int],
    rate_per_s: float,
    days: int,
    weights: list[float] | None = None,
) -> ProcessNetwork:
    always = Calendar((0,), (DAY * days,), (0,))
    return ProcessNetwork(
        routes=(Route("a", number(sequence(block, Exit("done"))), rate_per_s * DAY),),
        groups=tuple(
            Group(skill, (skill,), tuple(f"{skill}{i}" for i in range(people)), "hall")
            for skill, people in groups.items()
        ),
        sessions={},
        calendars={"hall": always, "office": always},
        rhythm=Rhythm(
            tuple(range(0, DAY * days, DAY)),
            tuple(weights or [1.0] * days),
            0.0,
            (0, DAY),
            (0.0, 1.0),
        ),
        end_s=DAY * days,
    )


def estimate(
    made: ProcessNetwork, measure: Estimate, replications: int
) -> tuple[float, float, float]:
    """Return the mean over replications and its 99.9 % interval."""
    found = []
    for replication in range(replications):
        chance = history(made, Seed(11, replication))
        found.append(measure(made, chance, simulate(made, chance)))
    mean, low, high, _ = mean_interval(np.array(found), 0.999)
    return mean, low, high


def covers(
    made: ProcessNetwork, measure: Estimate, exact: float, replications: int, width: float
) -> None:
    mean, low, high = estimate(made, measure, replications)
    assert low <= exact <= high, (mean, low, high, exact)
    assert (high - low) / 2 <= width * exact, (mean, low, high)


def settled(made: ProcessNetwork, log: Log) -> np.ndarray:
    """Leave out the first tenth, in which the queue fills, and what never ended."""
    return (log.enabled_s > made.end_s / 10) & (log.status != Status.OPEN)


def mean_wait(made: ProcessNetwork, _: History, log: Log) -> float:
    rows = settled(made, log) & (log.detail >= 0)
    return float((log.start_s - log.enabled_s)[rows].mean())


def share_waiting(made: ProcessNetwork, _: History, log: Log) -> float:
    rows = settled(made, log) & (log.detail >= 0)
    return float((log.start_s > log.enabled_s)[rows].mean())


def share_left(made: ProcessNetwork, _: History, log: Log) -> float:
    rows = settled(made, log) & (log.block == 1)
    return float((log.status[rows] == Status.LEFT).mean())


def mean_wait_of_all(made: ProcessNetwork, _: History, log: Log) -> float:
    rows = settled(made, log) & (log.block == 1)
    return float((log.start_s - log.enabled_s)[rows].mean())


def response(made: ProcessNetwork, chance: History, log: Log) -> float:
    ends = log.block == len(made.routes[0].nodes) - 1
    arrival = chance.arrivals.time_s[log.case[ends]]
    late = arrival > made.end_s / 10
    return float((log.end_s[ends] - arrival)[late].mean())


@pytest.mark.parametrize(("servers", "rho"), [(1, 0.5), (3, 0.8), (5, 0.7)])
def test_mmc(servers: int, rho: float) -> None:
    rate = rho * servers / MEAN_S
    made = network(serve("s"), {"s": servers}, rate, 100)
    covers(made, mean_wait, mmc_wait(servers, rate, MEAN_S), 12, 0.2)
    covers(made, share_waiting, erlang_c(servers, rho * servers), 12, 0.08)


@pytest.mark.parametrize("cv", [0.0, 0.6, 1.5])
def test_mg1(cv: float) -> None:
    rate = 0.6 / MEAN_S
    made = network(serve("s", cv=cv), {"s": 1}, rate, 200)
    covers(made, mean_wait, mg1_wait(rate, MEAN_S, cv), 12, 0.15)


def test_erlang_a() -> None:
    rate = 1.1 * 3 / MEAN_S
    left, wait = erlang_a(3, rate, MEAN_S, 2000)
    made = network(serve("s", patience_s=2000), {"s": 3}, rate, 60)
    covers(made, share_left, left, 12, 0.06)
    covers(made, mean_wait_of_all, wait, 12, 0.06)


def test_jackson_tandem() -> None:
    rate = 0.6 / MEAN_S
    made = network(sequence(serve("s", 0), serve("t", 1)), {"s": 1, "t": 2}, rate, 150)
    exact = mmc_wait(1, rate, MEAN_S) + mmc_wait(2, rate, MEAN_S) + 2 * MEAN_S
    covers(made, response, exact, 12, 0.08)


def test_fork_join() -> None:
    rate = 0.5 / MEAN_S
    made = network(Parallel((serve("s", 0), serve("t", 1))), {"s": 1, "t": 1}, rate, 150)
    covers(made, response, fork_join_response(rate, MEAN_S), 12, 0.06)


def test_two_rates_by_day_keep_the_mean_of_an_infinite_server() -> None:
    """Mt/M/∞ with as many people as ever come: everyone is served at once."""
    days = 40
    weights = [0.4, 1.6] * (days // 2)
    made = network(serve("s"), {"s": 400}, 5 / MEAN_S, days, weights)

    def busy_days(of: ProcessNetwork, _: History, log: Log) -> float:
        day = log.enabled_s // DAY
        heavy = int(((day % 2 == 1) & (log.detail >= 0)).sum())
        assert (log.start_s == log.enabled_s)[log.detail >= 0].all()
        return heavy / int((log.detail >= 0).sum())

    covers(made, busy_days, 1.6 / 2, 12, 0.01)


@pytest.mark.long
@pytest.mark.parametrize(("servers", "rho"), [(2, 0.8), (5, 0.9)])
def test_mmc_tightly(servers: int, rho: float) -> None:
    rate = rho * servers / MEAN_S
    made = network(serve("s"), {"s": servers}, rate, 300)
    covers(made, mean_wait, mmc_wait(servers, rate, MEAN_S), 30, 0.08)
