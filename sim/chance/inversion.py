"""Quantiles: the value of a distribution that belongs to a uniform number, by inversion."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from sim.native import kernel, native
from sim.process.blocks import Draw, Family, Geometric, Seconds, Uniform, WorkingDays
from sim.process.clock import WD_TICKS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FIXED, GAMMA, LOGNORMAL, EXPONENTIAL, GEOMETRIC, UNIFORM = range(6)

_FURTHEST, _STEPS_PER_UNIT = 8.5, 400
_GRID = np.linspace(-_FURTHEST, _FURTHEST, int(2 * _FURTHEST * _STEPS_PER_UNIT) + 1)

LEAST_CV = 1e-9
"""Times that vary less are the same for everybody: the difference would be a second in thirty
years."""


class Law(NamedTuple):
    """A distribution in numbers: its kind, scale and shape, and a row of the gamma tables.

    Parameters
    ----------
    kind
        `FIXED`, `GAMMA`, `LOGNORMAL`, `EXPONENTIAL`, `GEOMETRIC` or `UNIFORM`.
    scale
        Mean of a time, in seconds or in ticks of a working day; 1 for the others.
    shape
        Coefficient of variation (gamma), standard deviation of the logarithm (lognormal), success
        probability (geometric); else 0.
    table
        Row of the gamma tables; 0 for other kinds.
    """

    kind: int
    scale: float
    shape: float
    table: int


class Laws:
    """Distributions in numbers, with the tables of the gamma ones, shape (tables, points)."""

    def __init__(self) -> None:
        self._rows: dict[float, int] = {}

    def law(self, distribution: Seconds | WorkingDays | Geometric | Uniform) -> Law:
        """Return a distribution in numbers.

        Parameters
        ----------
        distribution
            Of a draw.

        Returns
        -------
        Law
            With a scale in seconds (`Seconds`) or ticks (`WorkingDays`).
        """
        match distribution:
            case Geometric(probability):
                return Law(GEOMETRIC, 1.0, probability, 0)
            case Uniform():
                return Law(UNIFORM, 1.0, 0.0, 0)
            case Seconds(mean_s, cv, family):
                return self.unit_law(family, cv)._replace(scale=mean_s)
            case WorkingDays(mean_wd, cv, family):
                return self.unit_law(family, cv)._replace(scale=mean_wd * WD_TICKS)

    def unit_law(self, family: Family, cv: float) -> Law:
        """Return a family of times with mean 1.

        Parameters
        ----------
        family
            Shape of the distribution.
        cv
            Coefficient of variation; exponential times have 1 whatever is given.

        Returns
        -------
        Law
            With scale 1; fixed if the coefficient of variation is below `LEAST_CV`.
        """
        if family == "fixed" or cv < LEAST_CV:
            return Law(FIXED, 1.0, 0.0, 0)
        if family == "exponential":
            return Law(EXPONENTIAL, 1.0, 0.0, 0)
        if family == "lognormal":
            return Law(LOGNORMAL, 1.0, math.sqrt(math.log1p(cv**2)), 0)
        return Law(GAMMA, 1.0, cv, self._rows.setdefault(cv, len(self._rows)))

    @property
    def tables(self) -> Floats:
        """Logs of gamma quantiles, a row for each shape; shape (rows, points)."""
        rows = [_log_gamma_table(cv) for cv in self._rows]
        return np.array(rows) if rows else np.zeros((1, len(_GRID)))


@cache
def _log_gamma_table(cv: float) -> Floats:
    """Tabulate the log of the unit-mean gamma quantile over normal scores.

    Linear interpolation on this grid is within 1e-5 relative of SciPy for cv from 0.05 to 2
    and probabilities above 1e-6; a test measures it.
    """
    shape = 1 / cv**2
    lower = special.gammaincinv(shape, special.ndtr(_GRID))
    upper = special.gammainccinv(shape, special.ndtr(-_GRID))
    return np.log(np.maximum(np.where(_GRID < 0, lower, upper), 1e-300) / shape)


@kernel
def quantile(kind: int, shape: float, row: int, tables: Floats, u: float) -> float:
    """Return the quantile at `u` of a law with scale 1.

    Parameters
    ----------
    kind, shape, row
        Kind, shape and table of the `Law`.
    tables
        Logs of gamma quantiles, shape (tables, points).
    u
        Probability, strictly between 0 and 1.

    Returns
    -------
    float
        Time with mean 1, number of trials (`GEOMETRIC`) or ``u`` itself (`UNIFORM`).
    """
    if kind == GAMMA:
        return math.exp(_interpolated(tables, row, normal_quantile(u)))
    if kind == UNIFORM:
        return u
    if kind == EXPONENTIAL:
        return -math.log1p(-u)
    if kind == LOGNORMAL:
        return math.exp(shape * normal_quantile(u) - shape * shape / 2)
    if kind == GEOMETRIC and shape < 1:
        return max(1.0, math.ceil(math.log1p(-u) / math.log1p(-shape)))
    return 1.0


@native
def quantiles(kind: int, shape: float, row: int, tables: Floats, u: Floats) -> Floats:
    """Return the quantiles of a law with scale 1 at each of `u`, shape (n,).

    Parameters
    ----------
    kind, shape, row
        Kind, shape and table of the `Law`.
    tables
        Logs of gamma quantiles, shape (tables, points).
    u
        Probabilities, strictly between 0 and 1, shape (n,).

    Returns
    -------
    ndarray
        As `quantile`, shape (n,).
    """
    values = np.empty(len(u))
    for index in range(len(u)):
        values[index] = quantile(kind, shape, row, tables, u[index])
    return values


@kernel
def _interpolated(tables: Floats, row: int, score: float) -> float:
    at: float = (score + _FURTHEST) * _STEPS_PER_UNIT
    last = tables.shape[1] - 1
    if at <= 0:
        return float(tables[row, 0])
    if at >= last:
        return float(tables[row, last])
    left = int(at)
    below = float(tables[row, left])
    return below + (at - left) * (float(tables[row, left + 1]) - below)


_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_NEAR = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177,
     1.27045825245236838258, 3.64784832476320460504, 5.7694972214606914055,
     4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966,
     0.14810397642748007459, 0.68976733498510000455, 1.6763848301838038494,
     2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386,
     0.026532189526576123093, 0.29656057182850489123, 1.7848265399172913358,
     5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5,
     7.868691311456132591e-4, 0.0148753612908506148525, 0.13692988092273580531,
     0.59983220655588793769, 1.0),
)  # fmt: skip
"""Coefficients of AS 241, highest power first: numerator and denominator."""


@kernel
def normal_quantile(p: float) -> float:
    """Return the standard normal quantile to about 16 digits.

    Source: Wichura, Algorithm AS 241 (PPND16), Applied Statistics 37 (1988).

    Parameters
    ----------
    p
        Probability, strictly between 0 and 1.

    Returns
    -------
    float
        Standard normal score.
    """
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(0.180625 - q * q, _MIDDLE)
    r = math.sqrt(-math.log(min(p, 1 - p)))
    value = _ratio(r - 1.6, _NEAR) if r <= 5 else _ratio(r - 5, _FAR)
    return -value if q < 0 else value


@kernel
def _ratio(r: float, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    """Return a ratio of two polynomials."""
    above, below = 0.0, 0.0
    for term in coefficients[0]:
        above = above * r + term
    for term in coefficients[1]:
        below = below * r + term
    return above / below


def laws_of(draws: Iterable[Draw]) -> tuple[list[Law], Floats]:
    """Return the laws of draws, and the gamma tables that they refer to.

    Parameters
    ----------
    draws
        Draws of a network.

    Returns
    -------
    tuple
        One `Law` per draw, and logs of gamma quantiles, shape (tables, points).
    """
    laws = Laws()
    numbers = [laws.law(draw.distribution) for draw in draws]
    return numbers, laws.tables
