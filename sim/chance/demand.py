"""Demand: who comes, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Floats, Ints, Seed, unit_quantile
from sim.chance.philox import word
from sim.process.network import ProcessNetwork, Rhythm, Route


@dataclass(frozen=True)
class Arrivals:
    """The applicants of one replication in order of arrival; all arrays of shape (n,).

    Parameters
    ----------
    time_s
        Arrival in seconds, ascending; ties by route, layer and number.
    route
        Index of the route.
    layer, number
        Who it is: the number-th applicant of this layer of the item's demand.
    """

    time_s: Ints
    route: Ints
    layer: Ints
    number: Ints


def arrivals(network: ProcessNetwork, seed: Seed) -> Arrivals:
    """Draw the applicants of all routes until the end of the network's time.

    The base demand of an item is layer 0: a Poisson process by inversion of the cumulative
    rate, its days scaled by the busyness that all items share.  A volume above 1 adds
    layers, the last one thinned by a mark of the applicant, so that a raised volume keeps
    everybody who was there.
    """
    cumulative = _cumulative_days(network.rhythm, seed)
    parts: list[tuple[Ints, Ints, Ints, Ints]] = []
    for index, route in enumerate(network.routes):
        for layer in range(int(np.ceil(route.volume - 1e-12))):
            number, time_s = _layer(route, layer, network.rhythm, cumulative, seed)
            inside = time_s < network.end_s
            number, time_s = number[inside], time_s[inside]
            parts.append((time_s, np.full_like(number, index), np.full_like(number, layer), number))
    if not parts:
        empty = np.zeros(0, np.int64)
        return Arrivals(empty, empty, empty, empty)
    time_s, route_index, layers, numbers = (
        np.concatenate(part) for part in zip(*parts, strict=True)
    )
    order = np.lexsort((numbers, layers, route_index, time_s))
    return Arrivals(time_s[order], route_index[order], layers[order], numbers[order])


def _cumulative_days(rhythm: Rhythm, seed: Seed) -> Floats:
    """Return the cumulative relative demand at the end of each working day, from 0."""
    weights = np.asarray(rhythm.day_weights)
    if rhythm.busyness_cv > 0:
        days = np.arange(len(weights))
        u = seed.uniforms(days, 0, word("hall"), "busyness")
        weights = weights * unit_quantile("gamma", rhythm.busyness_cv, u)
    return np.concatenate(([0.0], np.cumsum(weights)))


def _layer(
    route: Route, layer: int, rhythm: Rhythm, cumulative: Floats, seed: Seed
) -> tuple[Ints, Ints]:
    """Return numbers and times of the applicants of one layer, in order of number."""
    expected = route.rate_per_wd * cumulative[-1]
    if expected <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    item = word(route.item)
    most = int(expected + 8 * np.sqrt(expected) + 20)
    who: Ints = np.arange(most, dtype=np.int64)
    gaps = -np.log1p(-seed.uniforms(who, layer, item, "interarrival"))
    at = np.cumsum(gaps) / route.rate_per_wd
    who = who[at < cumulative[-1]]
    day = np.searchsorted(cumulative, at[: len(who)], side="right") - 1
    clock = np.interp(
        seed.uniforms(who, layer, item, "time_of_day"), rhythm.clock_share, rhythm.clock_s
    )
    time_s = np.asarray(rhythm.day_starts_s, np.int64)[day] + np.floor(clock).astype(np.int64)
    share = route.volume - layer
    if share < 1:
        kept: npt.NDArray[np.bool_] = seed.uniforms(who, layer, item, "kept") < share
        who, time_s = who[kept], time_s[kept]
    return who, time_s
