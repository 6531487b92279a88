"""Paired comparisons of scenarios on the same applicants, with multiplicity."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.stats.intervals import mean_interval, student_p, student_t

Floats = npt.NDArray[np.float64]
Better = Literal["higher", "lower", "none"]
CONFIDENCE = 0.95
POWER = 0.8
"""Probability that the recommended replications show the difference."""
ROUNDING = 1e-9
"""Differences below this share of the values count as rounding errors; those of sums are far
smaller."""
FARTHEST = 10**7
"""Number of replications from which on none is recommended."""


class Verdict(StrEnum):
    """Verdict on a difference."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    LOWER = "lower"
    UNCLEAR = "not distinguishable"
    OTHER_CASES = "other cases"
    """Computed over other cases: better by its value while fewer are served, or of other items."""
    DEPENDS = "depends"
    """Better in some halls that fit the report or under some reading of it, worse in others."""
    SAME = "no difference"
    """Identical in all pairs; what that proves depends on their number."""
    UNKNOWN = "not measured"


@dataclass(frozen=True)
class Difference:
    """One figure of a scenario minus the base's, over paired replications.

    Parameters
    ----------
    mean, low, high
        Mean difference and its interval (simultaneous over its family), in the unit of the figure;
        NaN where there is none.
    n
        Pairs; fewer than replications where the figure was null in some.
    p, p_adjusted
        Two-sided p-value, and Holm's over the family; NaN if the difference cannot be tested.
    verdict
        In words.
    replications_needed
        If the verdict is unclear: about how many fresh replications would show the difference
        with probability `POWER`, if mean and variance stay what they are.  None for another
        verdict, or if that is unknown.
    variance_ratio
        Variance of the paired difference divided by that of independent runs; NaN if unknown.
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

    @property
    def holm_only(self) -> bool:
        """Whether the difference is significant although its interval contains 0.

        Holm's test asks less of a figure once clearer ones are significant; the interval must
        hold together with those of the whole family.
        """
        significant = self.verdict not in {Verdict.UNCLEAR, Verdict.SAME, Verdict.UNKNOWN}
        return significant and self.low <= 0 <= self.high


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p-values; NaN ones stay out of the family.

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).

    Parameters
    ----------
    p_values
        Of the tests of one family; NaN = not tested.

    Returns
    -------
    list of float
        Adjusted p-values, at most 1, in the order given; NaN where not tested.
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
    pairs: Sequence[tuple[Floats, Floats]],
    better: Sequence[Better],
    certain: Sequence[bool] | None = None,
    other_cases: Sequence[bool] | None = None,
) -> list[Difference]:
    """Compare a family of figures.

    Parameters
    ----------
    pairs
        For each figure the base's and the scenario's values, one per replication and in the
        same order; shapes (n,).  NaN = null: such pairs are left out.
    better
        For each figure, which direction users want.
    certain
        For each figure, whether it is free of randomness; None = none is.
    other_cases
        For each figure, whether the scenario computes it over other cases, so that a better value
        is no merit; None = for none.

    Returns
    -------
    list of Difference
        Intervals are Bonferroni over the figures that vary; p-values are Holm's over them.

    Raises
    ------
    ValueError
        If a value is infinite.

    Notes
    -----
    If the difference is the same in all n pairs, Student's t has no variance to work with.  The
    p-value is then that of the sign test, 2^(1-n): six pairs are enough for a single figure, ten
    for one of sixteen.  With fewer the verdict stays "not distinguishable" and there is no
    interval, unless the figure is free of randomness: then it is certain, stands outside the
    family, and its interval has no width.
    """
    changes = [_changes(*pair) for pair in pairs]
    sure = [
        is_certain and bool((change == change[:1]).all())
        for is_certain, change in zip(certain or [False] * len(pairs), changes, strict=True)
    ]
    p_values = [_p_value(change, is_sure) for change, is_sure in zip(changes, sure, strict=True)]
    in_family = [not (is_sure or math.isnan(p)) for is_sure, p in zip(sure, p_values, strict=True)]
    size = max(1, sum(in_family))
    adjusted = holm(
        [p if inside else math.nan for p, inside in zip(p_values, in_family, strict=True)]
    )
    differences = [
        _difference(change, pair, p, p if is_sure else p_adjusted, direction, size)
        for change, pair, p, p_adjusted, direction, is_sure in zip(
            changes, pairs, p_values, adjusted, better, sure, strict=True
        )
    ]
    no_merit = other_cases or [False] * len(differences)
    return [
        replace(difference, verdict=Verdict.OTHER_CASES)
        if discounted and difference.verdict == Verdict.BETTER
        else difference
        for difference, discounted in zip(differences, no_merit, strict=True)
    ]


def is_clearly_worse(base: Floats, scenario: Floats, better: Better) -> bool:
    """Say whether the 95 % interval of a paired difference lies wholly on the unwanted side.

    Parameters
    ----------
    base, scenario
        One value per replication, in the same order; shapes (n,).
    better
        Which direction users want.

    Returns
    -------
    bool
        False if neither direction is wanted, or with fewer than two known pairs.
    """
    _, low, high, _ = mean_interval(_changes(base, scenario), CONFIDENCE)
    return {"higher": high < 0, "lower": low > 0, "none": False}[better]


def _changes(base: Floats, scenario: Floats) -> Floats:
    """Return the known differences; those within rounding are 0, or all the same."""
    if np.isinf(base).any() or np.isinf(scenario).any():
        raise ValueError("values must be finite, or NaN where a figure is null")
    known = ~(np.isnan(base) | np.isnan(scenario))
    base, scenario = base[known], scenario[known]
    noise = ROUNDING * float(max(np.abs(base).max(initial=0), np.abs(scenario).max(initial=0)))
    change = scenario - base
    change[np.abs(change) <= noise] = 0.0
    if len(change) and float(np.ptp(change)) <= noise:
        change[:] = change[0]
    return np.asarray(change, float)


def _difference(
    change: Floats,
    pair: tuple[Floats, Floats],
    p: float,
    p_adjusted: float,
    better: Better,
    size: int,
) -> Difference:
    confidence = 1 - (1 - CONFIDENCE) / size
    mean, low, high, n = mean_interval(change, confidence)
    verdict = _verdict(change, p_adjusted, better)
    unclear = verdict is Verdict.UNCLEAR
    if unclear and low == high:  # too few equal differences for an interval
        low = high = math.nan
    elif p == 0 and n == 1:  # certain from one pair on
        low = high = mean
    return Difference(
        mean=mean,
        low=low,
        high=high,
        n=n,
        p=p,
        p_adjusted=p_adjusted,
        verdict=verdict,
        replications_needed=_needed(change, confidence) if unclear else None,
        variance_ratio=_variance_ratio(change, *pair),
    )


def _p_value(change: Floats, certain: bool) -> float:  # noqa: FBT001
    if not change.any():
        return math.nan
    if certain:
        return 0.0
    if len(change) < 2:
        return math.nan
    if (change == change[0]).all():
        return float(2.0 ** (1 - len(change)))
    error = float(change.std(ddof=1)) / math.sqrt(len(change))
    return student_p(float(change.mean()), error, len(change) - 1)


def _verdict(change: Floats, p_adjusted: float, better: Better) -> Verdict:
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


def _needed(change: Floats, confidence: float) -> int | None:
    """Return about how many replications would exclude 0 with probability `POWER`.

    Notes
    -----
    The least n with (t_confidence + t_power) s/√n ≤ size of the mean, the usual approximation
    to the power of Student's t; without spread, the n of the sign test.
    """
    n, mean = len(change), abs(float(change.mean()))
    if n < 2 or mean == 0:
        return None
    spread = float(change.std(ddof=1))
    if (change == change[0]).all():
        return math.ceil(1 - math.log2(1 - confidence))

    def tells(count: int) -> bool:
        both = student_t(confidence, count - 1) + student_t(2 * POWER - 1, count - 1)
        return both * spread / math.sqrt(count) <= mean

    counts = range(2, FARTHEST)
    at = bisect_left(counts, True, key=tells)  # noqa: FBT003
    return None if at == len(counts) else counts[at]


def _variance_ratio(change: Floats, base: Floats, scenario: Floats) -> float:
    both = ~(np.isnan(base) | np.isnan(scenario))
    if both.sum() < 2:
        return math.nan
    independent = float(base[both].var(ddof=1) + scenario[both].var(ddof=1))
    rounding = (ROUNDING * float(np.abs(base[both]).max())) ** 2
    return float(change.var(ddof=1)) / independent if independent > rounding else math.nan
