"""One replication: draw a history, run an engine, keep the figures."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.garbage import garbage_kept
from sim.engine.packed import Packed, packed
from sim.engine.play import EngineName, play
from sim.measure.books import Books, books_of
from sim.measure.indicators import Ledger, measure
from sim.measure.series import series
from sim.measure.steady import by_day
from sim.process.network import ProcessNetwork
from sim.rules.journey import network_of
from sim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """A scenario made ready: what is the same in all its replications."""

    scenario: Scenario
    network: ProcessNetwork
    packed: Packed
    books: Books


@dataclass(frozen=True)
class Replication:
    """The figures of one replication.

    Parameters
    ----------
    number
        Which replication.
    indicators
        By id; NaN where null.
    series
        Arrays for charts, by name.
    events
        Rows of the log.
    """

    number: int
    indicators: dict[str, float]
    series: dict[str, Floats]
    events: int


def prepare(scenario: Scenario) -> Prepared:
    """Build the network and the books of a scenario."""
    with garbage_kept():
        network = network_of(scenario)
        return Prepared(scenario, network, packed(network), books_of(scenario, network))


MOST_KEPT = 16
"""Scenarios that stay prepared; a large hall takes some 50 MB."""

_kept: dict[str, Prepared] = {}
_preparing = threading.Lock()


def prepared(scenario: Scenario) -> Prepared:
    """Return a scenario made ready, once for all replications that come soon."""
    with _preparing:
        ready = _kept.pop(scenario.content, None) or prepare(scenario)
        _kept[scenario.content] = ready
        if len(_kept) > MOST_KEPT:
            del _kept[next(iter(_kept))]
    return ready


def figures(ready: Prepared, number: int, seed: int, engine: EngineName = "compiled") -> Floats:
    """Return every indicator of one replication in the order of `indicators()`; NaN if null."""
    return np.array(list(measure(ledger_of(ready, number, seed, engine)).values()))


def replicate(
    ready: Prepared, number: int, seed: int, engine: EngineName = "compiled"
) -> tuple[Replication, Ledger]:
    """Run one replication of a scenario; return its figures and the books they come from."""
    ledger = ledger_of(ready, number, seed, engine)
    found = series(ledger) | by_day(ledger)
    return Replication(number, measure(ledger), found, ledger.table.rows), ledger


def ledger_of(ready: Prepared, number: int, seed: int, engine: EngineName) -> Ledger:
    """Play one replication and open the books on it.

    Parameters
    ----------
    ready
        The scenario.
    number
        Which replication; with the seed it keys all chance.
    seed
        Seed shared by all scenarios that are compared.
    engine
        Which engine; they differ in speed only.
    """
    network, books = ready.network, ready.books
    chance = history(network, Seed(seed, number))
    played = play(network, ready.packed, chance, books.follow_up_wd, books.census_s, engine=engine)
    return Ledger(network, played.table, chance, books)
