"""The level at which a mean that rises with it reaches a bound, and a bootstrap interval for it.

Means are taken over replications, the same ones at every level.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

from sim.stats.intervals import student_t

Floats = npt.NDArray[np.float64]


def rising(values: Floats) -> Floats:
    """Return the nearest values that never fall, by least squares.

    Source: pool adjacent violators; Barlow et al., Statistical inference under order
    restrictions (1972).

    Parameters
    ----------
    values
        Shape (levels,), in order of the levels.

    Returns
    -------
    ndarray
        Shape (levels,); the values themselves if they never fall.
    """
    if (np.diff(values) >= 0).all():
        return values
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  (slow to import)

    return np.asarray(isotonic_regression(values).x)


def crossing(levels: Floats, means: Floats, bound: float) -> float:
    """Return the level at which a rising mean comes to exceed a bound.

    Parameters
    ----------
    levels, means
        Levels, ascending, and the mean at each, shape (levels,); means that fall are made to
        rise (`rising`), and joined by straight lines.
    bound
        What may not be exceeded.

    Returns
    -------
    float
        0 if the lowest level exceeds the bound, infinity if none does.
    """
    smooth = rising(means)
    above = int(np.searchsorted(smooth, bound, side="right"))
    if above == 0:
        return 0.0
    if above == len(levels):
        return math.inf
    low, high = smooth[above - 1], smooth[above]
    part = (bound - low) / (high - low)
    return float(levels[above - 1] + part * (levels[above] - levels[above - 1]))


def resamples(uniforms: Floats) -> Floats:
    """Return the weights of replications in bootstrap resamples; rows add up to 1.

    Parameters
    ----------
    uniforms
        Independent uniform numbers, shape (resamples, replications).

    Returns
    -------
    ndarray
        Share of each resample that each replication has, shape (resamples, replications).
    """
    count, n = uniforms.shape
    drawn = (uniforms * n).astype(np.int64) + n * np.arange(count)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=count * n)
    return np.asarray(counts.reshape(count, n) / n, np.float64)


def bootstrap_interval(
    estimate: Callable[[Floats], float], weights: Floats, confidence: float = 0.95
) -> tuple[float, float]:
    """Return an interval for a statistic of weighted replications.

    Parameters
    ----------
    estimate
        The statistic, given weights of shape (n,).
    weights
        Of the resamples, shape (resamples, n).
    confidence
        Probability that the interval covers what infinitely many replications would give.

    Returns
    -------
    tuple of float
        Low and high; NaN for fewer than two replications.

    Notes
    -----
    The expanded percentile interval, whose tails are as far out as Student's t would put them:
    plain percentiles are too narrow for few replications.  Hesterberg, What teachers should
    know about the bootstrap (2015), section 4.1.
    """
    n = weights.shape[1]
    if n < 2:
        return math.nan, math.nan
    estimates = np.sort([estimate(row) for row in weights])
    tail = float(special.ndtr(-math.sqrt(n / (n - 1)) * student_t(confidence, n - 1)))
    # Infinite estimates are allowed, so ends are order statistics and nothing between them.
    low = math.floor(tail * (len(estimates) - 1))
    return float(estimates[low]), float(estimates[len(estimates) - 1 - low])
