"""One replication: draw a history, run an engine, observe; and scenarios prepared for this."""

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
from sim.measure.observations import Observations
from sim.measure.queue_performance import Requests, Station, requests, stations
from sim.process.network import ProcessNetwork
from sim.rules.journey import network_of
from sim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """A prepared scenario: what is the same in all its replications.

    Parameters
    ----------
    scenario
        The scenario.
    network, packed
        Its network, and the same packed into arrays.
    facts
        Facts about its routes and its hall.
    """

    scenario: Scenario
    network: ProcessNetwork
    packed: Packed
    facts: HallFacts

    @cached_property
    def stations(self) -> tuple[tuple[Station, ...], Requests]:
        """The stations of the network, and the requests of its blocks."""
        of_network = stations(self.network)
        return of_network, requests(self.network, of_network)


@dataclass(frozen=True)
class SimulatedReplication:
    """One simulated replication of a scenario.

    Parameters
    ----------
    ready
        The prepared scenario.
    number
        Number of the replication, from 0.
    observations
        Columns of its cases and calls.
    log
        The event log; None if it was not asked for.
    """

    ready: Prepared
    number: int
    observations: Observations
    log: Log | None


def prepare(scenario: Scenario, network: ProcessNetwork | None = None) -> Prepared:
    """Build the network and the facts of a scenario.

    Parameters
    ----------
    scenario
        Any scenario.
    network
        Its network, if it has been built; None to build it.

    Returns
    -------
    Prepared
        Ready for any number of replications.
    """
    with garbage_kept():
        network = network or network_of(scenario)
        return Prepared(scenario, network, packed(network), hall_facts(scenario, network))


def simulate_replication(
    ready: Prepared, number: int, seed: int, engine: EngineName = "compiled", *, log: bool = False
) -> SimulatedReplication:
    """Simulate one replication and observe it.

    Parameters
    ----------
    ready
        The prepared scenario.
    number
        Number of the replication, from 0; with the seed it determines all random numbers.
    seed
        Seed shared by all scenarios that are compared.
    engine
        Which engine; they differ in speed only.
    log
        Whether the event log is kept as well.

    Returns
    -------
    SimulatedReplication
        The same for the same scenario, number and seed.
    """
    network, facts = ready.network, ready.facts
    chance = history(network, Seed(seed, number))
    result = play(
        network, ready.packed, chance, facts.follow_up_wd, facts.census_s, engine=engine, log=log
    )
    return SimulatedReplication(
        ready, number, Observations(network, result.table, chance, facts), result.log
    )


# Prepared scenarios -------------------------------------------------------------------------

MOST_READY = 16
"""Scenarios that stay prepared, unless a run needs more by turns; a large hall takes some 50 MB."""
MOST_RUNS = 4
"""Runs whose scenarios stay prepared in a process that works for several, such as a cluster's."""


class Preparations:
    """Prepared scenarios of a run, each prepared once in this process for all its threads."""

    def __init__(self) -> None:
        self._ready: OrderedDict[str, _Once] = OrderedDict()
        self._most = MOST_READY
        self._lock = threading.Lock()

    def get(self, name: str, make: Callable[[], Prepared], most: int = 0) -> Prepared:
        """Return the prepared scenario of that name, which is prepared if it is not there.

        The ones used last are kept: `MOST_READY`, or the largest `most` so far if that is more.

        Parameters
        ----------
        name
            Identifies the prepared scenario.
        make
            Prepares it.
        most
            Number of scenarios that must stay prepared at the same time; 0 for the default.

        Returns
        -------
        Prepared
            The one kept, or a new one.
        """
        with self._lock:
            self._most = max(self._most, most)
            once = self._ready.setdefault(name, _Once())
            self._ready.move_to_end(name)
            while len(self._ready) > self._most:
                self._ready.popitem(last=False)
        return once.get(make)

    def scenario(self, scenario: Scenario, most: int = 0) -> Prepared:
        """Return a prepared scenario, as `get` does.

        Parameters
        ----------
        scenario
            The scenario, identified by its content.
        most
            Number of scenarios that must stay prepared at the same time; 0 for the default.

        Returns
        -------
        Prepared
            The one kept, or a new one.
        """
        return self.get(scenario.content, lambda: prepare(scenario), most)


class _Once:
    """A scenario that is prepared once; other threads that need it meanwhile wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: Prepared | None = None

    def get(self, make: Callable[[], Prepared]) -> Prepared:
        with self._lock:
            if self._made is None:
                self._made = make()
            return self._made


_runs: OrderedDict[str, Preparations] = OrderedDict()
_runs_lock = threading.Lock()


def preparations_of(run_id: str) -> Preparations:
    """Return the prepared scenarios of a run in this process.

    Those of the `MOST_RUNS` runs used last are kept.

    Parameters
    ----------
    run_id
        Identifies the run; empty for work that belongs to no run.

    Returns
    -------
    Preparations
        Empty for a new run.
    """
    with _runs_lock:
        preparations = _runs.setdefault(run_id, Preparations())
        _runs.move_to_end(run_id)
        while len(_runs) > MOST_RUNS:
            _runs.popitem(last=False)
    return preparations


def forget(run_id: str) -> None:
    """Release the prepared scenarios of a run in this process.

    Parameters
    ----------
    run_id
        Identifies the run; an unknown one is ignored.
    """
    with _runs_lock:
        _runs.pop(run_id, None)


def prepared(scenario: Scenario) -> Prepared:
    """Return a prepared scenario for work that belongs to no run.

    Parameters
    ----------
    scenario
        Any scenario.

    Returns
    -------
    Prepared
        The one kept in this process, or a new one.
    """
    return preparations_of("").scenario(scenario)
