"""Draws: the random numbers of one applicant, as a pure function of names.

A draw depends on (seed, replication, item, layer, applicant, purpose, occurrence) and on
nothing else: no stream is consumed, so the same applicant has the same random numbers in every
scenario, in any order of events and at any number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.inversion import FIXED, Floats, Ints, Laws, laws_of, quantile, quantiles
from sim.chance.philox import Word, uniform_at, word
from sim.chance.purposes import PURPOSES
from sim.native import inner, native
from sim.process.blocks import Draw

LANES = 4
"""Occurrences that share one counter, as Philox yields four words."""


class Seed(NamedTuple):
    """The key of all random numbers of one replication.

    Parameters
    ----------
    seed
        Seed of the run, 0 to 2**64 - 1.
    replication
        Number of the replication, from 0.
    """

    seed: int
    replication: int

    @property
    def key(self) -> npt.NDArray[np.uint64]:
        """The two words that key Philox."""
        return np.array(self, np.uint64)

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
            What is decided (`PURPOSES`), and which time it is decided, from 0.

        Returns
        -------
        ndarray
            Uniform numbers strictly between 0 and 1, shape (n,).

        Raises
        ------
        KeyError
            If the purpose is not registered.
        """
        numbers, layers, names = (
            np.ascontiguousarray(part)
            for part in np.broadcast_arrays(
                np.asarray(who, np.int64), np.asarray(layer, np.int64), np.asarray(name, np.uint64)
            )
        )
        bits = np.uint64(purpose_word(purpose, occurrence // LANES))
        return _uniforms(numbers, layers, names, bits, occurrence % LANES, self.key)


@native
def _uniforms(
    who: Ints,
    layers: Ints,
    names: npt.NDArray[np.uint64],
    purpose: Word,
    lane: int,
    key: npt.NDArray[np.uint64],
) -> Floats:
    uniforms = np.empty(len(who))
    for index in range(len(who)):
        uniforms[index] = uniform_at(
            who[index], layers[index], names[index], purpose, lane, key[0], key[1]
        )
    return uniforms


@cache
def purpose_word(purpose: str, block: int = 0) -> int:
    """Return the word of a purpose, for occurrences from `block` × 4 on.

    Parameters
    ----------
    purpose
        A key of `PURPOSES`.
    block
        Occurrence divided by `LANES`, rounded down.

    Returns
    -------
    int
        64-bit word of the counter.

    Raises
    ------
    KeyError
        If the purpose is not registered.
    """
    if purpose not in PURPOSES:
        raise KeyError(purpose)
    return word(f"{purpose}/{block}")


DRAW = np.dtype(
    [
        ("purpose", np.uint64),
        ("lane", np.int64),
        ("kind", np.int64),
        ("scale", np.float64),
        ("shape", np.float64),
        ("table", np.int64),
    ]
)


def pack(draws: Sequence[Draw]) -> tuple[npt.NDArray[np.void], Floats]:
    """Return draws as records (`DRAW`), and the gamma tables that they refer to.

    Parameters
    ----------
    draws
        Draws of a network.

    Returns
    -------
    tuple of ndarray
        Records of dtype `DRAW`, shape (draws,); logs of gamma quantiles, shape (tables, points).

    Raises
    ------
    KeyError
        If a purpose is not registered.
    """
    laws, tables = laws_of(draws)
    records = np.zeros(len(draws), DRAW)
    for index, (draw, law) in enumerate(zip(draws, laws, strict=True)):
        purpose = purpose_word(draw.purpose, draw.occurrence // LANES)
        records[index] = (purpose, draw.occurrence % LANES, *law)
    return records, tables


@inner
def drawn(  # type: ignore[no-untyped-def]
    draws,
    tables: Floats,
    draw: int,
    who: int,
    layer: int,
    name: Word,
    key: npt.NDArray[np.uint64],
) -> float:
    """Return the quantile behind a packed draw of one applicant, of the law with scale 1.

    Parameters
    ----------
    draws, tables
        What `pack` returns.
    draw
        Index of the draw.
    who, layer
        Number of the applicant, and layer of demand.
    name
        Word of the applicant's item.
    key
        Seed and replication, shape (2,).

    Returns
    -------
    float
        Time with mean 1, number of trials or uniform number; to be multiplied by the scale.
    """
    kind = draws[draw].kind
    if kind == FIXED:
        return 1.0
    u = uniform_at(who, layer, name, draws[draw].purpose, draws[draw].lane, key[0], key[1])
    return quantile(kind, draws[draw].shape, draws[draw].table, tables, u)


class Draws:
    """The random numbers of all applicants of one replication.

    Values are computed for all applicants at once when the first is asked for, and kept.

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
        self.seed = seed
        self.items = items
        self.layers = layers
        self.numbers = numbers
        self._uniforms: dict[tuple[str, int], Floats] = {}
        self._values: dict[tuple[object, ...], list[float]] = {}
        self._columns: dict[int, tuple[Draw, float, list[float]]] = {}

    def column(self, purpose: str, occurrence: int = 0) -> Floats:
        """Return the uniform numbers of all applicants for one purpose, shape (n,).

        Parameters
        ----------
        purpose, occurrence
            What is decided (`PURPOSES`), and which time it is decided, from 0.

        Returns
        -------
        ndarray
            Strictly between 0 and 1, shape (n,); kept, so not to be written into.
        """
        uniforms = self._uniforms.get((purpose, occurrence))
        if uniforms is None:
            uniforms = self.seed.uniforms(
                self.numbers, self.layers, self.items, purpose, occurrence
            )
            self._uniforms[purpose, occurrence] = uniforms
        return uniforms

    def uniform(self, draw: Draw, applicant: int) -> float:
        """Return the uniform number behind a draw.

        Parameters
        ----------
        draw
            Draw whose distribution is `Uniform`.
        applicant
            Index of the applicant.

        Returns
        -------
        float
            Strictly between 0 and 1.
        """
        return self._column(draw)[2][applicant]

    def seconds(self, draw: Draw, applicant: int) -> int:
        """Return a time in whole seconds, or in whole ticks where it is one in working days.

        Parameters
        ----------
        draw
            Draw whose distribution is `Seconds` or `WorkingDays`.
        applicant
            Index of the applicant.

        Returns
        -------
        int
            Seconds, or ticks of a working day (`WD_TICKS`), rounded half up.
        """
        _, mean, units = self._columns.get(id(draw)) or self._column(draw)
        return int(mean * units[applicant] + 0.5)

    def count(self, draw: Draw, applicant: int) -> int:
        """Return a number of trials.

        Parameters
        ----------
        draw
            Draw whose distribution is `Geometric`.
        applicant
            Index of the applicant.

        Returns
        -------
        int
            Trials until the first success, from 1.
        """
        return int(self._column(draw)[2][applicant])

    def _column(self, draw: Draw) -> tuple[Draw, float, list[float]]:
        column = self._columns.get(id(draw))
        if column is None:
            # The draw is kept with its values, so that no other object gets its id.
            column = self._columns[id(draw)] = (draw, *self._computed(draw))
        return column

    def _computed(self, draw: Draw) -> tuple[float, list[float]]:
        """Return the scale and the values of all applicants; draws of one shape share them."""
        laws = Laws()
        law = laws.law(draw.distribution)
        if law.kind == FIXED:
            return law.scale, self._values.setdefault((FIXED,), [1.0] * len(self.numbers))
        name = (draw.purpose, draw.occurrence)
        key = (*name, law.kind, law.shape)
        if key not in self._values:
            values = quantiles(law.kind, law.shape, law.table, laws.tables, self.column(*name))
            self._values[key] = values.tolist()
        return law.scale, self._values[key]
