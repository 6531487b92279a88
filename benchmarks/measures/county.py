"""A replication of the county: its parts, and the compiled engine against the reference one."""

from __future__ import annotations

import itertools
import time
from functools import cache

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.play import play
from sim.measure.indicators import measure
from sim.measure.observations import Observations
from sim.measure.series import series
from sim.running.replication import Prepared, prepare
from sim.scenario.load import load

from . import Figures, Options, Probe, Row, Target, rated, replicate, seconds_of

SEED = 1
WHOLE = Target(250, 150, " ns")
FASTER = Target(40, 100, "x", at_least=True)


@cache
def county() -> Prepared:
    """Load and prepare the county once."""
    return prepare(load("county"))


def probes(options: Options) -> list[Probe]:
    """Take the county whole, in parts, and on the reference engine."""
    del options
    numbers = itertools.count()
    return [
        Probe("county", lambda: _both(next(numbers)), warm=lambda: replicate(county(), 0, SEED)),
        Probe("county in parts", lambda: _parts(next(numbers))),
    ]


def _both(number: int) -> Figures:
    """Play one replication on both engines; nanoseconds per row of the log."""
    prepared = county()
    began = time.perf_counter()
    compiled = replicate(prepared, number, SEED).table.rows
    between = time.perf_counter()
    reference = replicate(prepared, number, SEED, "reference").table.rows
    ended = time.perf_counter()
    if compiled != reference:
        raise AssertionError(f"{compiled} events compiled, {reference} in reference")
    return {
        "county.events": compiled,
        "county.whole_ns": 1e9 * (between - began) / compiled,
        "county.reference_ns": 1e9 * (ended - between) / compiled,
    }


def _parts(number: int) -> Figures:
    """Play one replication as `replicate` does, and time its parts."""
    prepared = county()
    network, packed, facts = prepared.network, prepared.packed, prepared.facts
    drawn, played, observations = [], [], []

    def measured() -> None:
        observations.append(Observations(network, played[0].table, drawn[0], facts))
        measure(observations[0])
        series(observations[0])

    sampling = seconds_of(lambda: drawn.append(history(network, Seed(SEED, number))))
    engine = seconds_of(
        lambda: played.append(play(network, packed, drawn[0], facts.follow_up_wd, facts.census_s))
    )
    measuring = seconds_of(measured)
    rows = played[0].table.rows
    return {
        "county.sampling_ns": 1e9 * sampling / rows,
        "county.engine_ns": 1e9 * engine / rows,
        "county.measuring_ns": 1e9 * measuring / rows,
    }


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say what an event of the county takes."""
    del options
    whole, reference = figures["county.whole_ns"], figures["county.reference_ns"]
    return [
        rated("county replication, whole, per event", whole, f"{whole:,.0f} ns", WHOLE),
        Row("  of it sampling", f"{figures['county.sampling_ns']:,.0f} ns"),
        Row("  of it engine and facts", f"{figures['county.engine_ns']:,.0f} ns"),
        Row("  of it measuring", f"{figures['county.measuring_ns']:,.0f} ns"),
        Row("  events, i.e. rows of the log", f"{figures['county.events']:,.0f}"),
        rated(
            f"  against the reference engine ({reference:,.0f} ns)",
            reference / whole,
            f"{reference / whole:.1f}x",
            FASTER,
        ),
    ]
