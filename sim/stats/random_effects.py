"""Random effects: how much of the variance over halls is chance, and how much is between halls."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.stats.comparison import CONFIDENCE
from sim.stats.intervals import prediction_interval, student_t

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """An effect over variants, and what makes it uncertain.

    Parameters
    ----------
    mean
        Over variants, in the unit of the effect.
    chance_low, chance_high
        Interval of the mean of one variant if chance were the only difference between halls.
    hall_low, hall_high
        Prediction interval: where the mean of one more variant would lie.  It holds the true
        effect in one more hall at least as often.
    variance_chance
        Of the mean of a variant, by chance.
    variance_hall
        Between the true effects of variants; not below 0.
    """

    mean: float
    chance_low: float
    chance_high: float
    hall_low: float
    hall_high: float
    variance_chance: float
    variance_hall: float


def decompose(effects: Floats, confidence: float = CONFIDENCE) -> Spread:
    """Separate the variance by chance from the variance between halls.

    Parameters
    ----------
    effects
        Paired differences, shape (variants, replications), independent; NaN where null.
    confidence
        Of each interval alone.

    Returns
    -------
    Spread
        NaN where unknown: everything without any known effect, the chance parts without a variant
        of two known effects, the hall parts with fewer than two variants.

    Notes
    -----
    One-way random effects; variances by the method of moments.  The prediction interval is
    Student's for one more mean, m ± t √(1 + 1/V) s with V − 1 degrees of freedom: exact for
    normal means.  The narrower one that takes chance out of s (Higgins, Thompson and
    Spiegelhalter, A re-evaluation of random-effects meta-analysis, 2009) covers too seldom,
    86 times in 100, where the two variances are equal.
    """
    known = [row[~np.isnan(row)] for row in effects]
    known = [row for row in known if len(row)]
    if not known:
        return Spread(*[math.nan] * 7)
    means = np.array([row.mean() for row in known])
    mean = float(means.mean())
    several = [row for row in known if len(row) > 1]
    chance = (
        float(np.mean([row.var(ddof=1) / len(row) for row in several])) if several else math.nan
    )
    half = math.nan
    if several:
        freedom = sum(len(row) - 1 for row in several)
        half = student_t(confidence, freedom) * math.sqrt(chance)
    if len(means) < 2:
        return Spread(mean, mean - half, mean + half, math.nan, math.nan, chance, math.nan)
    between = float(means.var(ddof=1))
    hall = max(0.0, between - (0.0 if math.isnan(chance) else chance))
    low, high = prediction_interval(means, confidence)
    return Spread(mean, mean - half, mean + half, low, high, chance, hall)


def over_all(spreads: Sequence[Spread]) -> Spread:
    """Combine several spreads: average them, and join the intervals of all halls to one.

    Parameters
    ----------
    spreads
        Spreads of the same effect, at least one.

    Returns
    -------
    Spread
        Means of the means, variances and half-widths by chance; the hall interval goes from the
        lowest to the highest end.
    """

    def mean(name: str) -> float:
        return float(np.mean([getattr(spread, name) for spread in spreads]))

    centre, chance = mean("mean"), mean("variance_chance")
    half = float(np.mean([(spread.chance_high - spread.chance_low) / 2 for spread in spreads]))
    low = min(spread.hall_low for spread in spreads)
    high = max(spread.hall_high for spread in spreads)
    return Spread(centre, centre - half, centre + half, low, high, chance, mean("variance_hall"))
