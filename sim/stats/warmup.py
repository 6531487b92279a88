"""Length of the warm-up period of a series: MSER-5."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
BATCH = 5
LAST_BATCHES = 5
"""Least number of batches that must remain; fewer may be similar by chance."""


@dataclass(frozen=True)
class WarmUp:
    """Where to cut a series.

    Parameters
    ----------
    observations
        Number to leave out at the start; None if the statistic is least in the second half of
        the series, which is then too short to tell.
    positions
        Numbers left out for which the statistic was computed, shape (candidates,).
    statistic
        MSER of what remains, shape (candidates,).
    """

    observations: int | None
    positions: npt.NDArray[np.int64]
    statistic: Floats


def mser(series: Floats, batch: int = BATCH) -> WarmUp:
    """Find the start to leave out so that the mean of the rest is known best.

    Parameters
    ----------
    series
        Shape (replications, observations) or (observations,).  Replications are averaged,
        leaving out NaN ones; an incomplete last batch is left out.
    batch
        Observations per batch mean.

    Returns
    -------
    WarmUp
        The cut, and the statistic at every candidate.

    Raises
    ------
    ValueError
        If there are fewer than ten batches, or an observation is infinite or unknown in all
        replications.

    Notes
    -----
    MSER(d) = Σ_(i>d) (Y_i - Ȳ_d)² / (k - d)² over the k batch means Y, Ȳ_d the mean of those
    after d.  White, An effective truncation heuristic for bias reduction in simulation output
    (1997); White, Cobb and Spratt, A comparison of five steady-state truncation heuristics for
    simulation (2000).  That a cut in the second half is none, and that the last five batches
    are no candidates: Hoad, Robinson and Davies, Automating warm-up length estimation (2010).
    """
    means = _batch_means(_average(np.atleast_2d(series)), batch)
    count = len(means)
    if count < 2 * LAST_BATCHES:
        raise ValueError(f"{count} batches of {batch}: at least {2 * LAST_BATCHES} are needed")
    around = means - means[-1]
    left = np.arange(count, 0, -1)
    sums = around[::-1].cumsum()[::-1]
    squares = (around**2)[::-1].cumsum()[::-1]
    statistic = np.maximum(squares - sums**2 / left, 0.0) / left**2
    statistic = statistic[: count - LAST_BATCHES + 1]
    least = int(statistic.argmin())
    return WarmUp(
        observations=least * batch if least <= count / 2 else None,
        positions=np.arange(len(statistic)) * batch,
        statistic=statistic,
    )


def _average(series: Floats) -> Floats:
    known = ~np.isnan(series)
    if np.isinf(series).any() or not known.any(axis=0).all():
        raise ValueError("every observation must be known and finite in some replication")
    return np.asarray(np.where(known, series, 0.0).sum(axis=0) / known.sum(axis=0), float)


def _batch_means(series: Floats, batch: int) -> Floats:
    count = len(series) // batch
    return np.asarray(series[: count * batch].reshape(count, batch).mean(axis=1), float)
