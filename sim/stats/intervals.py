"""Intervals for means and for single histories."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Estimate(NamedTuple):
    """A mean over replications with its interval; NaN where it cannot be had."""

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
    """
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    mean = float(known.mean())
    if n == 1:
        return Estimate(mean, math.nan, math.nan, 1)
    half = student_t(confidence, n - 1) * float(known.std(ddof=1)) / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n)


def prediction_interval(values: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Return where one further history would lie (Student's t; half-width t·s·√(1 + 1/n)).

    Parameters
    ----------
    values
        One number per replication, shape (n,).
    confidence
        Probability that one further number lies inside.
    """
    known = values[~np.isnan(values)]
    n = len(known)
    if n < 2:
        return math.nan, math.nan
    half = student_t(confidence, n - 1) * float(known.std(ddof=1)) * math.sqrt(1 + 1 / n)
    mean = float(known.mean())
    return mean - half, mean + half


def student_t(confidence: float, freedom: int) -> float:
    """Return the two-sided quantile of Student's t."""
    from scipy import special  # noqa: PLC0415  (slow to import)

    return float(special.stdtrit(freedom, 0.5 + confidence / 2))


def student_p(mean: float, standard_error: float, freedom: int) -> float:
    """Return the two-sided p-value of a mean under the hypothesis that it is 0."""
    from scipy import special  # noqa: PLC0415

    if standard_error == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * special.stdtr(freedom, -abs(mean) / standard_error))
