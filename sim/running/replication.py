"""One replication: draw a history, run an engine, observe; what is ready for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.log import Log
from sim.engine.packed import Packed, packed
from sim.engine.play import EngineName, play
from sim.garbage import garbage_kept
from sim.measure.hall_facts import HallFacts, hall_facts
from sim.measure.indicators import Observations
from sim.measure.queue_performance import Requests, Station, requests, stations
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
    facts: HallFacts

    @cached_property
    def stations(self) -> tuple[tuple[Station, ...], Requests]:
        """The stations of the network, and what its blocks ask of them."""
        of = stations(self.network)
        return of, requests(self.network, of)


@dataclass(frozen=True)
class SimulatedReplication:
    """One replication of a scenario that was played.

    Parameters
    ----------
    ready
        The scenario.
    number
        Which replication.
    observations
        What it shows.
    log
        The event log, only if it was asked for.
    """

    ready: Prepared
    number: int
    observations: Observations
    log: Log | None


def prepare(scenario: Scenario) -> Prepared:
    """Build the network and the facts of a scenario."""
    with garbage_kept():
        network = network_of(scenario)
        return Prepared(scenario, network, packed(network), hall_facts(scenario, network))


def simulate_replication(
    ready: Prepared, number: int, seed: int, engine: EngineName = "compiled", *, log: bool = False
) -> SimulatedReplication:
    """Simulate one replication and observe it.

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
    log
        Keep the event log as well.
    """
    network, facts = ready.network, ready.facts
    chance = history(network, Seed(seed, number))
    found = play(
        network, ready.packed, chance, facts.follow_up_wd, facts.census_s, engine=engine, log=log
    )
    return SimulatedReplication(
        ready, number, Observations(network, found.table, chance, facts), found.log
    )


# What is ready ------------------------------------------------------------------------------

MOST_READY = 16
"""Scenarios that stay ready, unless a run needs more by turns; a large hall takes some 50 MB."""
MOST_RUNS = 4
"""Runs whose scenarios stay ready in a process that works for several, as those of a cluster do."""


class Preparations:
    """Scenarios made ready, each once in this process, whichever thread asks first."""

    def __init__(self) -> None:
        self._ready: OrderedDict[str, _Once] = OrderedDict()
        self._most = MOST_READY
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], Prepared], most: int = 0) -> Prepared:
        """Return what has that name, made if need be.

        Those asked for last stay: `MOST_READY`, or more if ever more were said to be needed.
        """
        with self._lock:
            self._most = max(self._most, most)
            once = self._ready.setdefault(name, _Once())
            self._ready.move_to_end(name)
            while len(self._ready) > self._most:
                self._ready.popitem(last=False)
        return once.get(make)

    def scenario(self, scenario: Scenario, most: int = 0) -> Prepared:
        """Return a scenario made ready; as `get`."""
        return self.get(scenario.content, lambda: prepare(scenario), most)


class _Once:
    """Something that is made once; others who ask meanwhile wait for it alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Prepared | None = None

    def get(self, make: Callable[[], Prepared]) -> Prepared:
        with self._lock:
            if self._made is None:
                self._made = make()
            return self._made


_runs: OrderedDict[str, Preparations] = OrderedDict()
_finding = threading.Lock()


def preparations_of(run_id: str) -> Preparations:
    """Return what a run has made ready in this process."""
    with _finding:
        found = _runs.setdefault(run_id, Preparations())
        _runs.move_to_end(run_id)
        while len(_runs) > MOST_RUNS:
            _runs.popitem(last=False)
    return found


def forget(run_id: str) -> None:
    """Let go what a run has made ready in this process."""
    with _finding:
        _runs.pop(run_id, None)


def prepared(scenario: Scenario) -> Prepared:
    """Return a scenario made ready, for who belongs to no run."""
    return preparations_of("").scenario(scenario)
