"""Whether a system meets its targets, as far as replications can tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.stats.intervals import mean_interval

Floats = npt.NDArray[np.float64]


class Feasibility(StrEnum):
    """Whether a target is met."""

    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNDECIDED = "undecided"


class Constraint(NamedTuple):
    """What the mean of a figure must not exceed, or with ``at_least`` not fall below.

    Parameters
    ----------
    bound
        Limit of the mean, in the unit of the figure.
    at_least
        Whether the bound is a lower one.
    """

    bound: float
    at_least: bool = False


class Standing(NamedTuple):
    """How the mean of one figure compares with its target.

    Parameters
    ----------
    verdict
        Whether the target is met.
    mean
        Over the known values; NaN if there are none.
    low, high
        One-sided bounds of the mean, each with the error (1 - confidence) / (targets x analyses);
        NaN with fewer than two known values.
    n
        Known values.
    """

    verdict: Feasibility
    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class SystemFeasibility:
    """How the means of a system compare with its targets.

    Parameters
    ----------
    verdict
        Feasible if all targets are met, infeasible if any is certainly missed.
    standings
        One per target.
    """

    verdict: Feasibility
    standings: list[Standing]


def judge_feasibility(
    values: Floats,
    targets: Sequence[Constraint],
    confidence: float = 0.95,
    interim_analyses: int = 1,
) -> SystemFeasibility:
    """Judge from replications whether the means of figures meet their targets.

    Parameters
    ----------
    values
        Shape (replications, targets); NaN (null) ones are left out.
    targets
        One per figure.
    confidence
        Probability that no target is judged wrongly in any of the analyses.
    interim_analyses
        Number of analyses: of one system with growing replications, of several systems, or both
        (their product); all are to be right together.

    Returns
    -------
    SystemFeasibility
        The verdict on each target and on all of them.

    Raises
    ------
    ValueError
        If values and targets do not fit together, there is no target, or the confidence or the
        number of interim analyses is out of range.

    Notes
    -----
    A target is truly met or not, so each judgement errs on one side only: one-sided t bounds
    with the error shared by Bonferroni among targets and analyses.  A mean without variance is
    compared exactly.  With fewer than two known values, or if the target lies between the bounds,
    it is undecided.
    """
    if values.ndim != 2 or values.shape[1] != len(targets) or not targets:
        raise ValueError("values must have one column per target, and one target at least")
    if not (0.5 <= confidence < 1 and interim_analyses >= 1):
        raise ValueError("confidence from 0.5 up to 1 and one interim analysis at least")
    error = (1 - confidence) / (len(targets) * interim_analyses)
    standings = [
        _standing(column, target, error) for column, target in zip(values.T, targets, strict=True)
    ]
    verdicts = {standing.verdict for standing in standings}
    if Feasibility.INFEASIBLE in verdicts:
        verdict = Feasibility.INFEASIBLE
    elif verdicts == {Feasibility.FEASIBLE}:
        verdict = Feasibility.FEASIBLE
    else:
        verdict = Feasibility.UNDECIDED
    return SystemFeasibility(verdict, standings)


def _standing(values: Floats, target: Constraint, error: float) -> Standing:
    mean, low, high, n = mean_interval(values, 1 - 2 * error)
    known = values[~np.isnan(values)]
    if n > 1 and (known == known[0]).all():  # exact: a mean computed from a sum could be rounded
        mean = low = high = float(known[0])
    if math.isnan(low):
        verdict = Feasibility.UNDECIDED
    elif low >= target.bound if target.at_least else high <= target.bound:
        verdict = Feasibility.FEASIBLE
    elif high < target.bound if target.at_least else low > target.bound:
        verdict = Feasibility.INFEASIBLE
    else:
        verdict = Feasibility.UNDECIDED
    return Standing(verdict, mean, low, high, n)
