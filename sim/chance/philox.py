"""Philox4x64-10: random bits as a pure function of names.

Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011).  The tests compare
it with NumPy's own `numpy.random.Philox`.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np

from sim.native import kernel, multiply_high

_MULTIPLIER_0, _MULTIPLIER_1 = np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157)
_WEYL_0, _WEYL_1 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B)
_UNUSED_BITS = np.uint64(12)
ROUNDS = 10

Word = np.uint64


@cache
def word(name: str) -> int:
    """Return the 64-bit number that stands for a name in keys and counters.

    Parameters
    ----------
    name
        Name of an item, person, session or purpose.

    Returns
    -------
    int
        Hash (BLAKE2b) of the name, 0 to 2**64 - 1.
    """
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@kernel
def philox(
    c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word
) -> tuple[Word, Word, Word, Word]:
    """Return the four words of random bits of a counter under a key.

    Parameters
    ----------
    c0, c1, c2, c3
        The counter.
    k0, k1
        The key.

    Returns
    -------
    tuple of uint64
        Four words.
    """
    for _ in range(ROUNDS):
        high0 = multiply_high(_MULTIPLIER_0, c0)
        high1 = multiply_high(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, _MULTIPLIER_1 * c2, high0 ^ c3 ^ k1, _MULTIPLIER_0 * c0
        k0 += _WEYL_0
        k1 += _WEYL_1
    return c0, c1, c2, c3


@kernel
def uniform(bits: Word) -> float:
    """Turn a word into a number strictly between 0 and 1.

    52 bits and half a step: with 53 the largest one would round to 1.

    Parameters
    ----------
    bits
        Random word; its 12 lowest bits are not used.

    Returns
    -------
    float
        A multiple of 2**-53.
    """
    return (np.float64(np.int64(bits >> _UNUSED_BITS)) + 0.5) * 2.0**-52


@kernel
def uniform_at(
    who: int, layer: int, name: Word, purpose: Word, lane: int, k0: Word, k1: Word
) -> float:
    """Return the uniform number of one chance.

    Parameters
    ----------
    who, layer, name, purpose
        The counter: number of the applicant, layer of demand, words of the item and of
        what is decided.
    lane
        Which of the counter's four words, 0 to 3.
    k0, k1
        Seed and replication.

    Returns
    -------
    float
        Strictly between 0 and 1.
    """
    w0, w1, w2, w3 = philox(np.uint64(who), np.uint64(layer), name, purpose, k0, k1)
    if lane == 0:
        return uniform(w0)
    if lane == 1:
        return uniform(w1)
    return uniform(w2 if lane == 2 else w3)
