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
FEWEST_HALLS = 20
"""With fewer halls there are no 5 % to speak of."""


@dataclass(frozen=True)
class HallEffects:
    """Effects in several halls, without the noise of the few histories of each.

    Parameters
    ----------
    effects
        One per hall, in the unit of the figure, shape (halls,).
    weights
        Share of each hall, adding up to 1, shape (halls,).
    variance_chance, variance_hall
        Of the mean effect of a hall by chance, and of the true effects between halls.
    """

    effects: Floats
    weights: Floats
    variance_chance: float
    variance_hall: float

    @property
    def band(self) -> tuple[float, float]:
        """Ends between which `SHARE_INSIDE` of the halls lie; NaN with too few halls."""
        if len(self.effects) < FEWEST_HALLS:
            return math.nan, math.nan
        tail = (1 - SHARE_INSIDE) / 2
        low, high = weighted_quantiles(self.effects, self.weights, (tail, 1 - tail))
        return low, high

    def share_above(self, bound: float) -> float:
        """Return the share of halls whose effect is above a bound.

        Parameters
        ----------
        bound
            In the unit of the figure.

        Returns
        -------
        float
            0 to 1; NaN without halls.
        """
        if not len(self.effects):
            return math.nan
        return float(self.weights[self.effects > bound].sum())

    def share_below(self, bound: float) -> float:
        """Return the share of halls whose effect is below a bound.

        Parameters
        ----------
        bound
            In the unit of the figure.

        Returns
        -------
        float
            0 to 1; NaN without halls.
        """
        if not len(self.effects):
            return math.nan
        return float(self.weights[self.effects < bound].sum())


def hall_effects(differences: Floats, weights: Floats) -> HallEffects:
    """Return the effects in halls, their spread freed of the chance in few histories.

    Parameters
    ----------
    differences
        Paired differences, shape (halls, histories); NaN where a figure is null.
    weights
        Of each hall, not negative, shape (halls,).

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
    there = known.any(axis=1) & (weights > 0)
    differences, known, weights = differences[there], known[there], weights[there]
    if not len(differences):
        return HallEffects(np.empty(0), np.empty(0), math.nan, math.nan)
    shares = weights / weights.sum()
    counts = known.sum(axis=1)
    means = np.nansum(differences, axis=1) / counts
    freedom = int((counts - 1).sum())
    within = np.nansum((differences - means[:, None]) ** 2) / freedom if freedom else math.nan
    chance = float(within * (shares / counts).sum()) if freedom else math.nan
    centre = float(shares @ means)
    effective = 1 - float((shares**2).sum())
    if effective <= 0:
        return HallEffects(means, shares, chance, math.nan)
    total = float(shares @ (means - centre) ** 2) / effective
    between, factor = total, 1.0
    if not math.isnan(chance):
        between = max(0.0, total - chance)
        halls = 1 / float((shares**2).sum()) - 1
        error = math.sqrt(2 * total**2 / halls + 2 * chance**2 / freedom)
        factor = math.sqrt(min(1.0, (between + error) / total)) if total > 0 else 0.0
    return HallEffects(centre + factor * (means - centre), shares, chance, between)


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
