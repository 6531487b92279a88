"""Draws: what chance decides for one applicant, as a pure function of names.

A draw depends on (seed, replication, item, layer, applicant, purpose, occurrence) and on
nothing else: no stream is consumed, so the same applicant has the same luck in every
scenario, in any order of events and at any number of workers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from sim.chance.philox import philox, uniforms, word
from sim.chance.purposes import PURPOSES
from sim.process.blocks import Draw, Family, Geometric, Seconds

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Seed(NamedTuple):
    """What keys all chance of one replication."""

    seed: int
    replication: int

    def uniforms(
        self,
        who: Ints | int,
        layer: Ints | int,
        name: npt.ArrayLike,
        purpose: str,
        occurrence: int = 0,
    ) -> Floats:
        """Return uniform numbers for applicants (or persons, or days).

        Parameters
        ----------
        who, layer
            Number of the applicant, and layer of demand; shape (n,).
        name
            Words of the items or persons (`sim.chance.philox.word`), shape (n,) or scalar.
        purpose, occurrence
            What is decided, and for the how-manieth time.  Four occurrences share one
            counter, as Philox yields four words.

        Raises
        ------
        KeyError
            If the purpose is not registered.
        """
        key = (self.seed, self.replication)
        counter = np.broadcast_arrays(
            np.asarray(who, np.uint64),
            np.asarray(layer, np.uint64),
            np.asarray(name, np.uint64),
            np.uint64(_purpose_word(purpose, occurrence // 4)),
        )
        words = philox((counter[0], counter[1], counter[2], counter[3]), key)
        return uniforms(words[occurrence % 4])


@cache
def _purpose_word(purpose: str, block: int) -> int:
    PURPOSES[purpose]  # refuses a purpose that is not registered
    return word(f"{purpose}/{block}")


_GRID = np.linspace(-8.5, 8.5, 6801)


@cache
def _log_gamma_table(cv: float) -> Floats:
    """Tabulate the log of the unit-mean gamma quantile over normal scores.

    Linear interpolation on this grid is within 1e-5 relative of SciPy for cv from 0.05 to 2
    and probabilities above 1e-6; a test measures it.
    """
    shape = 1 / cv**2
    lower = special.gammaincinv(shape, special.ndtr(_GRID))
    upper = special.gammainccinv(shape, special.ndtr(-_GRID))
    return np.log(np.maximum(np.where(_GRID < 0, lower, upper), 1e-300) / shape)


def unit_quantile(family: Family, cv: float, u: Floats) -> Floats:
    """Return quantiles of the distribution of this shape with mean 1, by inversion."""
    if family == "fixed" or cv == 0:
        return np.ones_like(u)
    if family == "exponential":
        return -np.log1p(-u)
    if family == "lognormal":
        sigma = np.sqrt(np.log1p(cv**2))
        return np.asarray(np.exp(sigma * special.ndtri(u) - sigma**2 / 2))
    return np.asarray(np.exp(np.interp(special.ndtri(u), _GRID, _log_gamma_table(cv))))


def geometric_quantile(probability: float, u: Floats) -> Ints:
    """Return the number of trials until the first success, by inversion."""
    if probability >= 1:
        return np.ones(u.shape, np.int64)
    trials = np.ceil(np.log1p(-u) / np.log1p(-probability))
    return np.asarray(np.maximum(1, trials), np.int64)


class Draws:
    """The luck of all applicants of one replication.

    Values are worked out for all applicants at once when the first asks, and kept.

    Parameters
    ----------
    seed
        Seed and replication.
    items
        Word of each applicant's item, shape (n,).
    layers, numbers
        Layer of demand and number within it, shape (n,).
    """

    def __init__(self, seed: Seed, items: npt.NDArray[np.uint64], layers: Ints, numbers: Ints):
        self._seed = seed
        self._items = items
        self._layers = layers
        self._numbers = numbers
        self._uniforms: dict[tuple[str, int], Floats] = {}
        self._values: dict[tuple[object, ...], list[float]] = {}
        self._columns: dict[int, tuple[Draw, float, list[float]]] = {}

    def column(self, purpose: str, occurrence: int = 0) -> Floats:
        """Return the uniform numbers of all applicants for one purpose, shape (n,)."""
        found = self._uniforms.get((purpose, occurrence))
        if found is None:
            found = self._seed.uniforms(
                self._numbers, self._layers, self._items, purpose, occurrence
            )
            self._uniforms[purpose, occurrence] = found
        return found

    def uniform(self, draw: Draw, applicant: int) -> float:
        """Return the uniform number behind a draw."""
        return self._column(draw)[2][applicant]

    def seconds(self, draw: Draw, applicant: int) -> int:
        """Return a time in whole seconds."""
        _, mean, units = self._columns.get(id(draw)) or self._column(draw)
        return int(mean * units[applicant] + 0.5)

    def count(self, draw: Draw, applicant: int) -> int:
        """Return a number of trials."""
        return int(self._column(draw)[2][applicant])

    def _column(self, draw: Draw) -> tuple[Draw, float, list[float]]:
        found = self._columns.get(id(draw))
        if found is None:
            # The draw is kept beside its values, so that its id stays its own.
            mean, values = self._work_out(draw)
            found = self._columns[id(draw)] = (draw, mean, values)
        return found

    def _work_out(self, draw: Draw) -> tuple[float, list[float]]:
        """Return the factor and the values of all applicants; draws of one shape share them."""
        name = (draw.purpose, draw.occurrence)
        match draw.distribution:
            case Seconds(mean_s, cv, family) if family == "fixed" or cv == 0:
                return mean_s, self._kept(("fixed",), lambda: np.ones(len(self._numbers)))
            case Seconds(mean_s, cv, family):
                return mean_s, self._kept(
                    (*name, family, cv), lambda: unit_quantile(family, cv, self.column(*name))
                )
            case Geometric(probability):
                return 1.0, self._kept(
                    (*name, probability),
                    lambda: geometric_quantile(probability, self.column(*name)),
                )
            case _:
                return 1.0, self._kept(name, lambda: self.column(*name))

    def _kept(self, key: tuple[object, ...], values: Callable[[], Floats | Ints]) -> list[float]:
        if key not in self._values:
            self._values[key] = values().tolist()
        return self._values[key]
