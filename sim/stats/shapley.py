"""How much each reform contributes to what all bring together: Shapley values.

A game gives a value to every coalition of n players, in every replication; values have shape
(2**n, replications), and player i is in coalition c if bit i of c is set.  Shares are per
replication, so that their intervals come from `sim.stats.intervals`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
MOST_PLAYERS = 8


class Order(NamedTuple):
    """Players in the order in which they join, and what each adds to those before it.

    Parameters
    ----------
    players
        Indices of the players.
    gains
        Change of the value as each joins, in the order of ``players``; shape (n, replications).
    """

    players: list[int]
    gains: Floats


def shapley(values: Floats) -> Floats:
    """Return each player's Shapley value in each replication.

    Parameters
    ----------
    values
        Of all coalitions, shape (2**n, replications).

    Returns
    -------
    ndarray
        Shape (n, replications).  NaN in a replication in which any coalition's value is NaN.

    Raises
    ------
    ValueError
        If values are infinite, or not of 2 to 2**8 coalitions.

    Notes
    -----
    φ_i = Σ_(S without i) s!·(n - s - 1)!·(v(S + i) - v(S)) / n!, s the size of S.  Shapley, A
    value for n-person games (1953).  The weights are summed as whole numbers and divided once.
    What rounding leaves of v(all) - v(none) is added to the shares, the largest first and never
    to one of 0, so that their exactly rounded sum (`math.fsum`) is v(all) - v(none) to the last
    digit.  Where all shares are larger than their sum it can miss by half a last digit of the
    smallest share.
    """
    count = _players(values)
    sizes = _sizes(count)
    weights = np.array(
        [math.factorial(size) * math.factorial(count - size - 1) for size in range(count)]
    )
    shares = np.empty((count, values.shape[1]))
    for player in range(count):
        without = _without(count, player)
        gains = values[without | 1 << player] - values[without]
        shares[player] = _weighted(weights[sizes[without]], gains)
    shares /= math.factorial(count)
    shares[:, np.isnan(values).any(axis=0)] = math.nan
    for share, total in zip(shares.T, values[-1] - values[0], strict=True):
        _make_up(share, float(total))
    return shares


def interactions(values: Floats) -> Floats:
    """Return how much more two players bring together than one by one.

    Parameters
    ----------
    values
        Of all coalitions, shape (2**n, replications).

    Returns
    -------
    ndarray
        Shape (n, n, replications), symmetric: positive where they help each other, negative
        where one does what the other would.  NaN on the diagonal, and in a replication in
        which any coalition's value is NaN.

    Raises
    ------
    ValueError
        As `shapley`.

    Notes
    -----
    I_ij = Σ_(S without i and j) s!·(n - s - 2)!·(v(S + i + j) - v(S + i) - v(S + j) + v(S)) /
    (n - 1)!.  Owen, Multilinear extensions of games (1972); Grabisch and Roubens, An axiomatic
    approach to the concept of interaction among players in cooperative games (1999).
    """
    count = _players(values)
    sizes = _sizes(count)
    indices = np.full((count, count, values.shape[1]), math.nan)
    weights = np.array(
        [math.factorial(size) * math.factorial(count - size - 2) for size in range(count - 1)]
    )
    for second in range(count):
        for first in range(second):
            without = _without(count, first, second)
            together = values[without | 1 << first | 1 << second] - values[without | 1 << second]
            excess = together - (values[without | 1 << first] - values[without])
            index = _weighted(weights[sizes[without]], excess)
            indices[first, second] = indices[second, first] = index / math.factorial(count - 1)
    indices[:, :, np.isnan(values).any(axis=0)] = math.nan
    return indices


def greedy_order(values: Floats, *, lower_is_better: bool = False) -> Order:
    """Let players join one by one, each time the one that brings most on average.

    Parameters
    ----------
    values
        Of all coalitions, shape (2**n, replications).  Means are over the replications in
        which all are known.
    lower_is_better
        Whether the players are to lower the value.

    Returns
    -------
    Order
        Of ties the lower player first.  Gains are changes of the value as it is, NaN in a
        replication in which any coalition's value is NaN.

    Raises
    ------
    ValueError
        As `shapley`; also if no replication is known of all coalitions.

    Notes
    -----
    The intervals of gains in an order chosen by the same gains are slightly too good.
    """
    count = _players(values)
    known = ~np.isnan(values).any(axis=0)
    if not known.any():
        raise ValueError("no replication is known of all coalitions")
    means = values[:, known].mean(axis=1) * (-1 if lower_is_better else 1)
    coalition, players = 0, list[int]()
    gains = np.full((count, values.shape[1]), math.nan)
    for step in range(count):
        rest = [player for player in range(count) if not coalition >> player & 1]
        best = rest[int(np.argmax([means[coalition | 1 << player] for player in rest]))]
        gains[step, known] = (values[coalition | 1 << best] - values[coalition])[known]
        coalition |= 1 << best
        players.append(best)
    return Order(players, gains)


def _players(values: Floats) -> int:
    count = len(values).bit_length() - 1
    if values.ndim != 2 or not 1 <= count <= MOST_PLAYERS or len(values) != 1 << count:
        raise ValueError(f"values of 2**n coalitions are needed, n from 1 to {MOST_PLAYERS}")
    if np.isinf(values).any():
        raise ValueError("a value is infinite")
    return count


def _sizes(count: int) -> Numbers:
    coalitions = np.arange(1 << count)
    return np.asarray(sum(coalitions >> player & 1 for player in range(count)), np.int64)


def _without(count: int, *players: int) -> Numbers:
    coalitions = np.arange(1 << count)
    absent = coalitions & sum(1 << player for player in players) == 0
    return np.asarray(coalitions[absent], np.int64)


def _weighted(weights: Numbers, values: Floats) -> Floats:
    """Sum over coalitions in their order, so that other replications change no digit."""
    return np.asarray((weights[:, None] * values).cumsum(axis=0)[-1], float)


def _make_up(share: Floats, total: float) -> None:
    """Add to shares, in place, what they lack of their total."""
    for player in np.argsort(-np.abs(share), kind="stable"):
        if share[player] == 0 or math.fsum(share) == total:
            return
        share[player] += math.fsum([total, *(-share)])
