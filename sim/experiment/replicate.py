"""One replication: draw a history, run an engine, keep the figures."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.cases import BlockIndex, LogView, case_table
from sim.engine.reference import simulate
from sim.measure.books import Books, books_of
from sim.measure.indicators import Ledger, measure
from sim.measure.series import series
from sim.process.network import ProcessNetwork
from sim.rules.journey import network_of
from sim.scenario.model import Scenario


@dataclass(frozen=True)
class Prepared:
    """A scenario made ready: what is the same in all its replications."""

    scenario: Scenario
    network: ProcessNetwork
    index: BlockIndex
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
    series: dict[str, npt.NDArray[np.float64]]
    events: int


def prepare(scenario: Scenario) -> Prepared:
    """Build the network and the books of a scenario."""
    network = network_of(scenario)
    return Prepared(scenario, network, BlockIndex(network), books_of(scenario, network))


def replicate(prepared: Prepared, number: int, seed: int) -> tuple[Replication, Ledger]:
    """Run one replication of a scenario.

    Parameters
    ----------
    prepared
        The scenario.
    number
        Which replication; with the seed it keys all chance.
    seed
        Seed shared by all scenarios that are compared.
    """
    network, books = prepared.network, prepared.books
    chance = history(network, Seed(seed, number))
    with garbage_kept():
        log = simulate(network, chance)
    view = LogView(network, prepared.index, chance.arrivals, log)
    table = case_table(view, books.follow_up_s, books.census_s)
    ledger = Ledger(view, table, chance, books)
    return Replication(number, measure(ledger), series(ledger), len(log)), ledger


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Hold garbage collection: an engine makes millions of short-lived objects without cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
