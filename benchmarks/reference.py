"""Measure the reference engine: log rows a second, and seconds per county replication.

Run ``python benchmarks/reference.py``; it prints a table of medians from one run.
"""

from __future__ import annotations

import statistics
import time

from machine import machine

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.cases import case_table
from sim.engine.play import tally_of
from sim.engine.reference import simulate
from sim.measure.indicators import measure
from sim.measure.observations import Observations
from sim.measure.series import series
from sim.process.clock import WD_TICKS
from sim.running.replication import prepare
from sim.scenario.load import load

REPEATS = 5


def timed(parts: dict[str, list[float]], name: str, began: float) -> None:
    parts.setdefault(name, []).append(time.perf_counter() - began)


def main() -> None:
    parts: dict[str, list[float]] = {}
    began = time.perf_counter()
    scenario = load("county")
    timed(parts, "load the scenario (once)", began)
    began = time.perf_counter()
    prepared = prepare(scenario)
    timed(parts, "build the network (once)", began)
    network, facts = prepared.network, prepared.facts
    rows = 0
    for replication in range(REPEATS):
        began = time.perf_counter()
        chance = history(network, Seed(1, replication))
        timed(parts, "draw the history", began)
        began = time.perf_counter()
        log = simulate(network, chance)
        timed(parts, "run the engine", began)
        began = time.perf_counter()
        who = chance.arrivals
        arrived = network.working_days.tick_many(who.time_s)
        until_tick = arrived + facts.follow_up_wd * WD_TICKS
        tally = tally_of(prepared.packed, log, who.route, until_tick, facts.census_s)
        table = case_table(network, prepared.packed, who, tally, len(log))
        observations = Observations(network, table, chance, facts)
        measure(observations)
        series(observations)
        timed(parts, "measure", began)
        rows = len(log)
    engine = statistics.median(parts["run the engine"])
    whole = sum(
        statistics.median(parts[name]) for name in ("draw the history", "run the engine", "measure")
    )
    print(machine())
    print(f"{'step':<28}{'seconds':>9}{'of a replication':>18}")
    for name, seconds in parts.items():
        median = statistics.median(seconds)
        share = "" if "once" in name else f"{median / whole:17.0%}"
        print(f"{name:<28}{median:9.3f}{share}")
    print(f"{'county replication':<28}{whole:9.3f}")
    print(f"log rows {rows:,}; engine {rows / engine:,.0f} rows a second, one core")


if __name__ == "__main__":
    main()
