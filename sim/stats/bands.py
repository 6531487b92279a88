"""Bands: where an effect lies in halls that could all be the one in question."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
SHARE_INSIDE = 0.90
"""Share of the halls between the ends of a band, so that 5 % lie beyond each."""
LEVEL = 0.05
"""Level of the test whether a quantity separates halls."""
FEWEST_HALLS, MOST_UNKNOWN = 20, 0.05
"""With fewer halls there are no 5 % to speak of; nor if an effect is unknown in a larger share of
them, which may be the worst ones (a quantile that is not reached)."""


@dataclass(frozen=True)
class HallEffects:
    """Effects in several halls, without the noise of the few histories of each.

    Parameters
    ----------
    effects
        One per hall in which the effect is known, in the unit of the figure, shape (halls,).
    unknown
        Number of halls in which it is not.
    """

    effects: Floats
    unknown: int = 0

    @property
    def is_enough(self) -> bool:
        """Whether there are 5 % to speak of, and hardly any hall in which nothing is known."""
        number = len(self.effects)
        return number >= FEWEST_HALLS and self.unknown <= MOST_UNKNOWN * (number + self.unknown)

    @property
    def band(self) -> tuple[float, float]:
        """Ends between which `SHARE_INSIDE` of the halls lie; NaN if there are not enough."""
        if not self.is_enough:
            return math.nan, math.nan
        tail = (1 - SHARE_INSIDE) / 2
        low, high = np.quantile(self.effects, (tail, 1 - tail))
        return float(low), float(high)

    def beyond(self, size: float) -> tuple[float, float]:
        """Return the shares of halls with an effect above a size, and below its negative.

        Parameters
        ----------
        size
            In the unit of the figure, not negative.

        Returns
        -------
        above, below : float
            0 to 1; NaN if there are not enough halls.
        """
        if not self.is_enough:
            return math.nan, math.nan
        return float((self.effects > size).mean()), float((self.effects < -size).mean())


def hall_effects(differences: Floats) -> HallEffects:
    """Return the effects in halls, their spread freed of the chance in few histories.

    Parameters
    ----------
    differences
        Paired differences, shape (halls, histories); NaN where a figure is null.

    Returns
    -------
    HallEffects
        Of the halls with a known difference.

    Notes
    -----
    The mean of a few histories varies more between halls than the true effect does, by the variance
    of chance.  Each mean is drawn towards the mean of all by the factor √(τ² / (τ² + σ²)), which
    leaves the variance τ² of the true effects (Louis, Estimating a population of parameter values
    using Bayes and empirical Bayes methods, 1984).  Where chance outweighs the halls τ² is hardly
    known and its estimate often 0, so its standard error is added to it before: the band is rather
    too wide than too narrow, but never wider than that of the means.
    """
    known = ~np.isnan(differences)
    there = known.any(axis=1)
    unknown = int((~there).sum())
    differences, known = differences[there], known[there]
    halls = len(differences)
    counts = known.sum(axis=1)
    means = np.nansum(differences, axis=1) / counts
    freedom = int((counts - 1).sum())
    if halls < 2 or not freedom:
        return HallEffects(means, unknown)
    within = float(np.nansum((differences - means[:, None]) ** 2)) / freedom
    chance, total = within * float((1 / counts).mean()), float(means.var(ddof=1))
    error = math.sqrt(2 * total**2 / (halls - 1) + 2 * chance**2 / freedom)
    between = max(0.0, total - chance) + error
    factor = math.sqrt(min(1.0, between / total)) if total > 0 else 0.0
    return HallEffects(means.mean() + factor * (means - means.mean()), unknown)


def weighted_quantiles(
    values: Floats, weights: Floats, probabilities: tuple[float, ...]
) -> tuple[float, ...]:
    """Return quantiles of weighted values.

    Parameters
    ----------
    values
        Known numbers, shape (n,).
    weights
        Adding up to 1, shape (n,).
    probabilities
        Between 0 and 1.

    Returns
    -------
    tuple of float
        Interpolated between the values, each of which stands at the middle of its weight.
    """
    order = np.argsort(values)
    middles = np.cumsum(weights[order]) - weights[order] / 2
    return tuple(float(np.interp(p, middles, values[order])) for p in probabilities)


@dataclass(frozen=True)
class Split:
    """The quantity that separates halls with one sign of an effect best from the others.

    Parameters
    ----------
    place
        Index of the quantity.
    bound
        Break-even: halls above it mostly have one sign, those below it mostly the other.
    rises
        Whether the effect is mostly positive above the bound.
    p
        p-value of the separation, corrected for the number of quantities.
    """

    place: int
    bound: float
    rises: bool
    p: float


def best_split(effects: Floats, quantities: Floats) -> Split | None:
    """Find which quantity tells the sign of an effect best, and at which value it changes.

    Parameters
    ----------
    effects
        One per hall, shape (halls,).
    quantities
        Shape (halls, quantities).

    Returns
    -------
    Split or None
        None if all effects have one sign, or if no quantity separates them beyond chance.

    Notes
    -----
    The quantity with the least p-value of the test of Mann and Whitney, times the number of
    quantities (Bonferroni); its break-even is the cut with the largest sum of the shares told
    rightly on both sides (Youden, Index for rating diagnostic tests, 1950).
    """
    above = effects > 0
    varied = np.flatnonzero([len(set(column)) > 1 for column in quantities.T])
    if above.all() or not above.any() or not len(varied):
        return None
    tests = stats.mannwhitneyu(quantities[above][:, varied], quantities[~above][:, varied])
    pvalues = np.asarray(tests.pvalue)
    least = int(np.argmin(pvalues))
    p = min(1.0, float(pvalues[least]) * len(varied))
    if p > LEVEL:
        return None
    column = quantities[:, varied[least]]
    order = np.argsort(column, kind="stable")
    ordered, is_above = column[order], above[order]
    index = np.cumsum(~is_above) / (~above).sum() - np.cumsum(is_above) / above.sum()
    cuts = np.flatnonzero(np.diff(ordered) > 0)
    at = int(cuts[np.argmax(np.abs(index[cuts]))])
    bound = float(ordered[at] + ordered[at + 1]) / 2
    return Split(int(varied[least]), bound, bool(index[at] > 0), p)
