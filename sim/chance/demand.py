"""Demand: who comes, and when."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed, purpose_word
from sim.chance.inversion import Floats, Ints, Laws, quantiles
from sim.chance.philox import uniform_at, word
from sim.native import kernel, native
from sim.process.clock import WHOLE_DAY_S
from sim.process.network import ProcessNetwork, Rhythm, Route


@dataclass(frozen=True)
class Arrivals:
    """The applicants of one replication in order of arrival; all arrays of shape (n,).

    Parameters
    ----------
    time_s
        Arrival in seconds since the start, ascending; ties by route, layer and number.
    route
        Index of the route.
    layer, number
        Which applicant: the number-th (from 0) of this layer of the item's demand.
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
    all earlier applicants.

    Scenarios that are compared ask for the same applicants one after the other: they get the
    same arrays, so nobody may write into them.

    Parameters
    ----------
    network
        Its routes, rhythms and end.
    seed
        Seed and replication.

    Returns
    -------
    Arrivals
        All applicants, shared with other callers.
    """
    rhythms = tuple(dict.fromkeys([network.rhythm, *_own_rhythms(network.routes)]))
    layers = _layers(network.routes, rhythms, network.end_s)
    expected = layers["rate"].sum() * sum(network.rhythm.day_weights)
    draw = _drawn if expected < MOST_SHARED else _drawn.__wrapped__
    return draw(rhythms, layers.tobytes(), seed)


def _own_rhythms(routes: tuple[Route, ...]) -> Iterator[Rhythm]:
    return (route.rhythm for route in routes if route.rhythm is not None)


@lru_cache(maxsize=4)
def _drawn(rhythms: tuple[Rhythm, ...], packed_layers: bytes, seed: Seed) -> Arrivals:
    layers = np.frombuffer(packed_layers, LAYER)
    parts = [
        _come_by(rhythm, layers[layers["rhythm"] == n], seed) for n, rhythm in enumerate(rhythms)
    ]
    columns = np.concatenate(parts, axis=1)
    if len(rhythms) > 1:
        columns = columns[:, np.argsort(columns[1], kind="stable")]
    # Each layer is behind the one before it, so that ties keep route, layer and number.
    order = np.argsort(columns[0], kind="stable")
    return Arrivals(*columns[:, order])


def _come_by(rhythm: Rhythm, layers: npt.NDArray[np.void], seed: Seed) -> Ints:
    """Return time, route, layer and number of those who come by one rhythm, shape (4, n)."""
    cumulative = _cumulative_days(rhythm, seed)
    expected = layers["rate"] * cumulative[-1]
    columns = np.empty((4, int((expected + 8 * np.sqrt(expected) + 20).sum())), np.int64)
    points = [len(profile.clock_s) for profile in rhythm.profiles]
    clock = [
        (share, at_s)
        for profile in rhythm.profiles
        for share, at_s in zip(profile.share, profile.clock_s, strict=True)
    ]
    count = _come(
        layers,
        cumulative,
        np.array(rhythm.day_starts_s, np.int64),
        np.array(rhythm.day_profiles or [0] * len(rhythm.day_starts_s), np.int64),
        np.cumsum([0, *points], dtype=np.int64),
        np.array(clock, np.float64).T.copy(),
        seed.key,
        columns,
    )
    return columns[:, :count]


def _cumulative_days(rhythm: Rhythm, seed: Seed) -> Floats:
    """Return the cumulative relative demand at the end of each day of the rhythm, from 0."""
    weights = np.asarray(rhythm.day_weights, np.float64)
    if rhythm.busyness_cv > 0:
        # By date, so that another opening changes no other day.
        days = np.array(rhythm.day_starts_s, np.int64) // WHOLE_DAY_S
        u = seed.uniforms(days, 0, word("hall"), "busyness")
        laws = Laws()
        law = laws.unit_law("gamma", rhythm.busyness_cv)
        weights = weights * quantiles(law.kind, law.shape, law.table, laws.tables, u)
    return np.concatenate(([0.0], np.cumsum(weights)))


MOST_SHARED = 1_000_000
"""Number of applicants from which on a history's are not kept for the next scenario: 32 bytes
each."""

LAYER = np.dtype(
    [
        ("route", np.int64),
        ("layer", np.int64),
        ("item", np.uint64),
        ("rate", np.float64),
        ("share", np.float64),
        ("begin_s", np.int64),
        ("end_s", np.int64),
        ("rhythm", np.int64),
    ]
)
"""A layer of a route's demand: base rate per working day, the share of it that comes, and when."""


def _layers(
    routes: tuple[Route, ...], rhythms: tuple[Rhythm, ...], end_s: int
) -> npt.NDArray[np.void]:
    return np.array(
        [
            (
                index,
                layer,
                word(route.item),
                route.rate_per_wd,
                route.volume - layer,
                route.in_force[0],
                min(route.in_force[1], end_s),
                0 if route.rhythm is None else rhythms.index(route.rhythm),
            )
            for index, route in enumerate(routes)
            if route.rate_per_wd > 0
            for layer in range(int(np.ceil(route.volume - 1e-12)))
        ],
        LAYER,
    )


_INTERARRIVAL, _TIME_OF_DAY, _KEPT = (
    np.uint64(purpose_word(purpose)) for purpose in ("interarrival", "time_of_day", "kept")
)


@kernel
def _interpolated(at: float, points: Floats, values: Floats, first: int, behind: int) -> float:
    """Return what `np.interp` does on a slice; with few points it is faster to walk along them."""
    left = first
    while left < behind - 2 and points[left + 1] <= at:
        left += 1
    slope = (values[left + 1] - values[left]) / (points[left + 1] - points[left])
    return float(slope * (at - points[left]) + values[left])


@native
def _come(
    layers: npt.NDArray[np.void], cumulative: Floats, day_starts_s: Ints, profiles: Ints,
    points: Ints, clock: Floats, key: npt.NDArray[np.uint64], columns: Ints,
) -> int:  # fmt: skip
    """Write time, route, layer and number of all applicants into `columns`; return how many."""
    count = 0
    for index in range(len(layers)):
        row = layers[index]
        layer, item = row["layer"], row["item"]
        total, day, who = 0.0, 0, 0
        while count < columns.shape[1]:
            total -= math.log1p(-uniform_at(who, layer, item, _INTERARRIVAL, 0, key[0], key[1]))
            at = total / row["rate"]
            if at >= cumulative[len(cumulative) - 1]:
                break
            while cumulative[day + 1] <= at:
                day += 1
            u = uniform_at(who, layer, item, _TIME_OF_DAY, 0, key[0], key[1])
            first, behind = points[profiles[day]], points[profiles[day] + 1]
            time_s = day_starts_s[day] + int(_interpolated(u, clock[0], clock[1], first, behind))
            comes = row["share"] >= 1 or (
                uniform_at(who, layer, item, _KEPT, 0, key[0], key[1]) < row["share"]
            )
            if comes and row["begin_s"] <= time_s < row["end_s"]:
                columns[0, count], columns[1, count] = time_s, row["route"]
                columns[2, count], columns[3, count] = layer, who
                count += 1
            who += 1
    return count
