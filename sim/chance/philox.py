"""Philox4x64-10, vectorised over counters: random bits as a pure function of names.

Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011).  The tests hold
it against NumPy's own `numpy.random.Philox`.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

_MULTIPLIERS = (np.uint64(0xD2E7470EE14C6C93), np.uint64(0xCA5A826395121157))
_WEYL = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBB67AE8584CAA73B))
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
ROUNDS = 10


def word(name: str) -> int:
    """Return the 64-bit number that stands for a name in keys and counters."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> Words:
    """Return four words of random bits per counter.

    Parameters
    ----------
    counter
        Four arrays of shape (n,).
    key
        Two 64-bit numbers.

    Returns
    -------
    Words
        Shape (4, n).
    """
    c0, c1, c2, c3 = counter
    with np.errstate(over="ignore"):
        k0, k1 = np.uint64(key[0]), np.uint64(key[1])
        for _ in range(ROUNDS):
            high0, low0 = _multiply(_MULTIPLIERS[0], c0)
            high1, low1 = _multiply(_MULTIPLIERS[1], c2)
            c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
            k0, k1 = k0 + _WEYL[0], k1 + _WEYL[1]
    return np.stack(np.broadcast_arrays(c0, c1, c2, c3))


def _multiply(a: np.uint64, b: Words) -> tuple[Words, Words]:
    """Return the high and the low word of the 128-bit product."""
    a_low, a_high = a & _LOW, a >> _HALF
    b_low, b_high = b & _LOW, b >> _HALF
    middle = a_high * b_low + (a_low * b_low >> _HALF)
    cross = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _HALF) + (cross >> _HALF), a * b


def uniforms(words: Words) -> npt.NDArray[np.float64]:
    """Turn random words into numbers strictly between 0 and 1.

    52 bits and half a step: with 53 the largest one would round to 1.
    """
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
