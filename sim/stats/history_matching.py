"""History matching: which drawn halls could have produced one observed history, and how far.

Source: Craig, Goldstein, Seheult and Smith, Pressure matching for hydrocarbon reservoirs (1997);
Andrianakis and others, Bayesian history matching of complex infectious disease models (2015).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]


def implausibility(
    figures: Floats, observed: Floats, variance: Floats, runs: int, discrepancy: Floats
) -> Floats:
    """Return how many standard deviations lie between simulated and observed figures.

    Parameters
    ----------
    figures
        Means over the simulated histories of each hall, shape (halls, figures).
    observed
        Figures of the one observed history, shape (figures,).
    variance
        Covariance of the figures of one history, shape (figures, figures).
    runs
        Simulated histories of each hall.
    discrepancy
        Standard deviation of each figure that the model is allowed to be wrong by, shape
        (figures,).

    Returns
    -------
    ndarray
        Mahalanobis distances, shape (halls,); 0 without figures, infinite where one is unknown.

    Notes
    -----
    The difference varies by one history (the observed one), by the mean of the simulated ones
    and by the discrepancy: its covariance is V (1 + 1/runs) + D.
    """
    if not len(observed):
        return np.zeros(len(figures))
    known = np.logical_not(np.isnan(figures).any(axis=1))
    difference = np.where(np.isnan(figures), 0.0, figures - observed)
    covariance = variance * (1 + 1 / runs) + np.diag(discrepancy**2)
    squares = np.einsum("hi,hi->h", difference, np.linalg.solve(covariance, difference.T).T)
    return np.where(known, np.sqrt(squares), np.inf)


def likelihood(distances: Floats) -> Floats:
    """Return the normal likelihood of distances, 1 at the observed figures.

    Parameters
    ----------
    distances
        Implausibilities, shape (halls,).

    Returns
    -------
    ndarray
        exp(−I²/2), shape (halls,).
    """
    return np.asarray(np.exp(-(distances**2) / 2))


def effective_sample_size(weights: Floats) -> float:
    """Return how many halls of equal weight would tell as much.

    Source: Kish, Survey Sampling (1965).

    Parameters
    ----------
    weights
        Not negative, shape (halls,).

    Returns
    -------
    float
        (Σw)² / Σw²; 0 if no weight is positive.
    """
    total = float(weights.sum())
    return total**2 / float((weights**2).sum()) if total > 0 else 0.0


def resampled(weights: Floats, number: int) -> npt.NDArray[np.intp]:
    """Draw halls in proportion to their weights, as evenly as possible.

    Parameters
    ----------
    weights
        Not negative and not all 0, shape (halls,).
    number
        Draws.

    Returns
    -------
    ndarray
        Indices of halls, shape (number,); one of large weight may come several times.  Fewer draws
        are the first ones of more.

    Notes
    -----
    The inverse of the cumulated weights at the points of a van der Corput sequence, which fill the
    interval evenly however many are taken.
    """
    points = stats.qmc.Halton(1, scramble=False).random(number + 1)[1:, 0]
    cumulated = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(cumulated, points, side="right"), len(weights) - 1)


def departure(places: Floats, weights: Floats) -> tuple[float, float]:
    """Test whether weighted places in a range are distributed otherwise than evenly.

    Parameters
    ----------
    places
        Places in the range, 0 to 1, shape (halls,).
    weights
        Not negative, shape (halls,).

    Returns
    -------
    distance, p : float
        Largest distance between the weighted distribution and the even one, and its p-value:
        Kolmogorov's, with the effective sample size.  NaN if no weight is positive.
    """
    size = effective_sample_size(weights)
    if size == 0:
        return math.nan, math.nan
    order = np.argsort(places)
    above = np.cumsum(weights[order]) / weights.sum()
    below = above - weights[order] / weights.sum()
    distance = float(max(np.abs(above - places[order]).max(), np.abs(below - places[order]).max()))
    return distance, float(stats.kstwobign.sf(distance * math.sqrt(size)))
