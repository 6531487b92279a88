"""Paired comparisons of scenarios on the same applicants, with multiplicity."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from sim.stats.intervals import mean_interval, student_p

Floats = npt.NDArray[np.float64]
CONFIDENCE = 0.95


class Verdict(StrEnum):
    """What a difference says."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "not distinguishable"
    SAME = "no difference"
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Difference:
    """One figure of a scenario minus the base's, over paired replications.

    Parameters
    ----------
    mean, low, high
        Mean difference and its interval (simultaneous over its family).
    n
        Pairs.
    p, p_adjusted
        Two-sided p-value, and Holm's over the family.
    verdict
        In words.
    replications_needed
        About how many replications would tell, for one that cannot be told apart.
    variance_ratio
        Variance of the paired difference divided by that of independent runs; NaN unknown.
    """

    mean: float
    low: float
    high: float
    n: int
    p: float
    p_adjusted: float
    verdict: Verdict
    replications_needed: int | None
    variance_ratio: float


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values; NaN ones stay out of the family.

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    order = sorted(
        (index for index, p in enumerate(p_values) if not math.isnan(p)),
        key=lambda index: p_values[index],
    )
    adjusted = [math.nan] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def compare_family(
    pairs: Sequence[tuple[Floats, Floats]], better: Sequence[str]
) -> list[Difference]:
    """Compare a family of figures.

    Parameters
    ----------
    pairs
        For each figure the base's and the scenario's values, one per replication and in the
        same order; shapes (n,).
    better
        For each figure ``higher``, ``lower`` or ``none``.

    Returns
    -------
    list of Difference
        Intervals are Bonferroni over the figures that vary; p-values are Holm's over them.
    """
    changes = [scenario - base for base, scenario in pairs]
    known = [change[~np.isnan(change)] for change in changes]
    p_values = [_p_value(change) for change in known]
    size = max(1, sum(not math.isnan(p) for p in p_values))
    adjusted = holm(p_values)
    found = []
    for change, pair, p, p_adjusted, direction in zip(
        known, pairs, p_values, adjusted, better, strict=True
    ):
        estimate = mean_interval(change, 1 - (1 - CONFIDENCE) / size)
        verdict = _verdict(change, p_adjusted, direction)
        found.append(
            Difference(
                mean=estimate.mean,
                low=estimate.low,
                high=estimate.high,
                n=estimate.n,
                p=p,
                p_adjusted=p_adjusted,
                verdict=verdict,
                replications_needed=_needed(estimate.mean, estimate.high, estimate.n)
                if verdict is Verdict.UNCLEAR
                else None,
                variance_ratio=_variance_ratio(*pair),
            )
        )
    return found


def _p_value(change: Floats) -> float:
    if len(change) < 2 or not change.any():
        return math.nan
    error = float(change.std(ddof=1)) / math.sqrt(len(change))
    return student_p(float(change.mean()), error, len(change) - 1)


def _verdict(change: Floats, p_adjusted: float, better: str) -> Verdict:
    if not len(change):
        return Verdict.UNKNOWN
    if not change.any():
        return Verdict.SAME
    if math.isnan(p_adjusted) or p_adjusted > 1 - CONFIDENCE:
        return Verdict.UNCLEAR
    rose = change.mean() > 0
    if better == "none":
        return Verdict.HIGHER if rose else Verdict.LOWER
    return Verdict.BETTER if rose == (better == "higher") else Verdict.WORSE


def _needed(mean: float, high: float, n: int) -> int | None:
    """Return about how many replications would exclude 0, if the mean is what it seems."""
    half = high - mean
    if math.isnan(half) or mean == 0 or half <= abs(mean):
        return None
    return math.ceil(n * (half / mean) ** 2)


def _variance_ratio(base: Floats, scenario: Floats) -> float:
    both = ~(np.isnan(base) | np.isnan(scenario))
    if both.sum() < 2:
        return math.nan
    independent = float(base[both].var(ddof=1) + scenario[both].var(ddof=1))
    paired = float((scenario - base)[both].var(ddof=1))
    return paired / independent if independent > 0 else math.nan
