"""Draws: what chance decides for one applicant, as a pure function of names.

A draw depends on (seed, replication, item, layer, applicant, purpose, occurrence) and on
nothing else: no stream is consumed, so the same applicant has the same luck in every
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
    """What keys all chance of one replication."""

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
            What is decided, and for the how-manieth time.

        Raises
        ------
        KeyError
            If the purpose is not registered.
        """
        whom, layers, names = (
            np.ascontiguousarray(part)
            for part in np.broadcast_arrays(
                np.asarray(who, np.int64), np.asarray(layer, np.int64), np.asarray(name, np.uint64)
            )
        )
        bits = np.uint64(purpose_word(purpose, occurrence // LANES))
        return _uniforms(whom, layers, names, bits, occurrence % LANES, self.key)


@native
def _uniforms(
    who: Ints,
    layers: Ints,
    names: npt.NDArray[np.uint64],
    purpose: Word,
    lane: int,
    key: npt.NDArray[np.uint64],
) -> Floats:
    found = np.empty(len(who))
    for index in range(len(who)):
        found[index] = uniform_at(
            who[index], layers[index], names[index], purpose, lane, key[0], key[1]
        )
    return found


@cache
def purpose_word(purpose: str, block: int = 0) -> int:
    """Return the word of a purpose, for occurrences from `block` × 4 on.

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
    """Return the quantile behind a packed draw of one applicant, of the law with scale 1."""
    kind = draws[draw].kind
    if kind == FIXED:
        return 1.0
    u = uniform_at(who, layer, name, draws[draw].purpose, draws[draw].lane, key[0], key[1])
    return quantile(kind, draws[draw].shape, draws[draw].table, tables, u)


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
        self.seed = seed
        self.items = items
        self.layers = layers
        self.numbers = numbers
        self._uniforms: dict[tuple[str, int], Floats] = {}
        self._values: dict[tuple[object, ...], list[float]] = {}
        self._columns: dict[int, tuple[Draw, float, list[float]]] = {}

    def column(self, purpose: str, occurrence: int = 0) -> Floats:
        """Return the uniform numbers of all applicants for one purpose, shape (n,)."""
        found = self._uniforms.get((purpose, occurrence))
        if found is None:
            found = self.seed.uniforms(self.numbers, self.layers, self.items, purpose, occurrence)
            self._uniforms[purpose, occurrence] = found
        return found

    def uniform(self, draw: Draw, applicant: int) -> float:
        """Return the uniform number behind a draw."""
        return self._column(draw)[2][applicant]

    def seconds(self, draw: Draw, applicant: int) -> int:
        """Return a time in whole seconds, or in whole ticks where it is one in working days."""
        _, mean, units = self._columns.get(id(draw)) or self._column(draw)
        return int(mean * units[applicant] + 0.5)

    def count(self, draw: Draw, applicant: int) -> int:
        """Return a number of trials."""
        return int(self._column(draw)[2][applicant])

    def _column(self, draw: Draw) -> tuple[Draw, float, list[float]]:
        found = self._columns.get(id(draw))
        if found is None:
            # The draw is kept beside its values, so that its id stays its own.
            found = self._columns[id(draw)] = (draw, *self._work_out(draw))
        return found

    def _work_out(self, draw: Draw) -> tuple[float, list[float]]:
        """Return the scale and the values of all applicants; draws of one shape share them."""
        laws = Laws()
        law = laws.law(draw.distribution)
        if law.kind == FIXED:
            return law.scale, self._values.setdefault((FIXED,), [1.0] * len(self.numbers))
        name = (draw.purpose, draw.occurrence)
        key = (*name, law.kind, law.shape)
        if key not in self._values:
            found = quantiles(law.kind, law.shape, law.table, laws.tables, self.column(*name))
            self._values[key] = found.tolist()
        return law.scale, self._values[key]
