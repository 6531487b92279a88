"""All random quantities of one replication, ready for an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.chance.attendance import Moments, group_capacities, moments
from sim.chance.demand import Arrivals, arrivals
from sim.chance.draws import Draws, Seed
from sim.chance.inversion import Ints
from sim.chance.philox import word
from sim.process.network import ProcessNetwork


@dataclass(frozen=True)
class History:
    """Everything that chance decides in one replication.

    Parameters
    ----------
    arrivals
        Who comes, and when.
    draws
        The random numbers of each applicant.
    capacity
        For each group, the people present in each interval of its calendar, shape (intervals,).
    moments
        For each session, when it takes place.
    """

    arrivals: Arrivals
    draws: Draws
    capacity: tuple[Ints, ...]
    moments: Mapping[str, Moments]


def history(network: ProcessNetwork, seed: Seed) -> History:
    """Draw one history of the network.

    Parameters
    ----------
    network
        Routes, people, sessions and calendars.
    seed
        Seed and replication.

    Returns
    -------
    History
        A function of network and seed alone.
    """
    who = arrivals(network, seed)
    words = np.array([word(route.item) for route in network.routes], np.uint64)
    return History(
        who,
        Draws(seed, words[who.route], who.layer, who.number),
        tuple(
            group_capacities(group, network.calendars[group.calendar], network.working_days, seed)
            for group in network.groups
        ),
        {name: moments(session, network, seed) for name, session in network.sessions.items()},
    )
