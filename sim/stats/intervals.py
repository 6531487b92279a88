"""Confidence intervals for means, and prediction intervals for single replications."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


class Estimate(NamedTuple):
    """A mean over replications with its confidence interval.

    Parameters
    ----------
    mean
        NaN if no value is known.
    low, high
        Ends of the interval; NaN with fewer than two known values.
    n
        Known values.
    """

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: Floats, confidence: float = 0.95) -> Estimate:
    """Estimate a mean by Student's t over independent replications.

    Parameters
    ----------
    values
        One number per replication, shape (n,); NaN (null) ones are left out.
    confidence
        Probability that the interval covers the mean.

    Returns
    -------
    Estimate
        Mean and interval, in the unit of the values.

    Raises
    ------
    ValueError
        If a value is infinite: it has neither mean nor interval.
    """
    n, mean, spread = _moments(values)
    if n < 2:
        return Estimate(mean, math.nan, math.nan, n)
    half = student_t(confidence, n - 1) * spread / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n)


def column_intervals(values: Floats, confidence: float = 0.95) -> Floats:
    """Estimate many means at once, as `mean_interval` does.

    Parameters
    ----------
    values
        Shape (replications, figures); NaN ones are left out.
    confidence
        Of each interval alone.

    Returns
    -------
    ndarray
        Mean, low, high and number of known values of each figure, shape (4, figures).

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    if np.isinf(values).any():
        raise ValueError("values must be finite, or NaN where a figure is null")
    known = ~np.isnan(values)
    n = known.sum(axis=0)
    counted, freedom = np.maximum(n, 1), np.maximum(n - 1, 1)
    origin = np.take_along_axis(values, known.argmax(axis=0)[None], axis=0)[0]
    around = np.where(known, values - origin, 0.0)
    offset = around.sum(axis=0) / counted
    squares = np.where(known, (around - offset) ** 2, 0.0).sum(axis=0)
    half = special.stdtrit(freedom, 0.5 + confidence / 2) * np.sqrt(squares / freedom / counted)
    half = np.where(n < 2, np.nan, half)
    mean = origin + offset
    return np.array([mean, mean - half, mean + half, n])


def prediction_interval(values: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Return where one further replication would lie (Student's t; half-width t·s·√(1 + 1/n)).

    Parameters
    ----------
    values
        One number per replication, shape (n,); NaN (null) ones are left out.
    confidence
        Probability that one further number lies inside.

    Returns
    -------
    tuple of float
        Low and high; NaN with fewer than two known values.

    Raises
    ------
    ValueError
        If a value is infinite.
    """
    n, mean, spread = _moments(values)
    if n < 2:
        return math.nan, math.nan
    half = student_t(confidence, n - 1) * spread * math.sqrt(1 + 1 / n)
    return mean - half, mean + half


def _moments(values: Floats) -> tuple[int, float, float]:
    """Return the number of known values, their mean and standard deviation; NaN if unknown.

    Sums are taken around the first value, so that equal values have exactly that mean and no
    spread.
    """
    if np.isinf(values).any():
        raise ValueError("values must be finite, or NaN where a figure is null")
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return 0, math.nan, math.nan
    around = known - known[0]
    spread = float(around.std(ddof=1)) if n > 1 else math.nan
    return n, float(known[0] + around.mean()), spread


def student_t(confidence: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's t.

    Parameters
    ----------
    confidence
        Probability between minus and plus the quantile.
    freedom
        Degrees of freedom.

    Returns
    -------
    float
        The quantile of probability (1 + confidence) / 2.
    """
    return float(special.stdtrit(freedom, 0.5 + confidence / 2))


def student_p(mean: float, standard_error: float, freedom: int) -> float:
    """Return the two-sided p-value of a mean under the hypothesis that it is 0.

    Parameters
    ----------
    mean
        Sample mean.
    standard_error
        Its standard error, in the same unit; 0 = the sample does not vary.
    freedom
        Degrees of freedom.

    Returns
    -------
    float
        Without variance 1 if the mean is 0, else 0.
    """
    if standard_error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * special.stdtr(freedom, -abs(mean) / standard_error))
