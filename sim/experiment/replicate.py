"""One replication: draw a history, run an engine, keep the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.packed import Packed, packed
from sim.engine.play import EngineName, play
from sim.engine.reference import garbage_kept
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
    series: dict[str, npt.NDArray[np.float64]]
    events: int


def prepare(scenario: Scenario) -> Prepared:
    """Build the network and the books of a scenario."""
    with garbage_kept():
        network = network_of(scenario)
        return Prepared(scenario, network, packed(network), books_of(scenario, network))


def replicate(
    prepared: Prepared, number: int, seed: int, engine: EngineName = "compiled"
) -> tuple[Replication, Ledger]:
    """Run one replication of a scenario.

    Parameters
    ----------
    prepared
        The scenario.
    number
        Which replication; with the seed it keys all chance.
    seed
        Seed shared by all scenarios that are compared.
    engine
        Which engine; they differ in speed only.
    """
    network, books = prepared.network, prepared.books
    chance = history(network, Seed(seed, number))
    played = play(
        network, prepared.packed, chance, books.follow_up_s, books.census_s, engine=engine
    )
    ledger = Ledger(network, played.table, chance, books)
    return Replication(number, measure(ledger), series(ledger), played.table.rows), ledger
