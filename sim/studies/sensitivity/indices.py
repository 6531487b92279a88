"""Importance of each parameter while all vary: elementary effects, shares of variance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.scenario.estimates import Factor
from sim.scenario.problems import RunError
from sim.studies.sensitivity.study import SensitivityRequest

Floats = npt.NDArray[np.float64]
Evaluate = Callable[[Floats], Floats]
"""From points, shape (points, factors), to figures, shape (points, figures)."""

LEVELS = 4
RESAMPLES = 1000


class Means:
    """Mean figures as a function of points; the figures of the last call are kept.

    Parameters
    ----------
    request
        What is asked of every point.
    factors
        Parameters that are the columns of points.
    """

    def __init__(self, request: SensitivityRequest, factors: Sequence[Factor]) -> None:
        self.request, self.factors = request, tuple(factors)
        self.points: Floats = np.empty((0, len(factors)))
        self.values: Floats = np.empty((0, 0, 0))

    def __call__(self, points: Floats) -> Floats:
        """Return means, shape (points, indicators).

        Raises
        ------
        RunError
            If a figure is null somewhere.
        InputError, StoppedError
            As `SensitivityRequest.at`.
        """
        named = [
            {factor.path: factor.typed(x) for factor, x in zip(self.factors, point, strict=True)}
            for point in points
        ]
        self.points = np.array([list(point.values()) for point in named], float)
        self.values = self.request.at(named)[:, :, : len(self.request.indicators)]
        null = [
            name
            for column, name in enumerate(self.request.indicators)
            if np.isnan(self.values[:, :, column]).any()
        ]
        if null:
            raise RunError(
                f"{', '.join(null)}: null at some points (not "
                "reached, or nobody counted); allowed: indicators that are known everywhere, "
                "given by --indicator"
            )
        return np.asarray(self.values.mean(axis=1))

    def noise_shares(self) -> dict[str, float]:
        """Return the share of the variance between points that is due to chance.

        All points have the same replications, so only the interaction of points and replications
        counts: its mean square, divided by the number of replications.  In the indices this share
        appears as interaction of the parameters.

        Returns
        -------
        dict of float
            By id of the figure, 0 to 1; NaN with one replication or one point.
        """
        points, many, _ = self.values.shape
        if many < 2 or points < 2:
            return dict.fromkeys(self.request.indicators, math.nan)
        means = self.values.mean(axis=1, keepdims=True)
        common = self.values.mean(axis=0, keepdims=True)
        rest = self.values - means - common + means.mean(axis=0, keepdims=True)
        noise = (rest**2).sum(axis=(0, 1)) / ((points - 1) * (many - 1)) / many
        between = means[:, 0].var(axis=0, ddof=1)
        shares = np.divide(noise, between, out=np.zeros_like(noise), where=between > 0)
        return dict(zip(self.request.indicators, np.minimum(shares, 1).tolist(), strict=True))

    def replications(self) -> pd.DataFrame:
        """Return a row per point, replication and indicator, with the values of the factors.

        Returns
        -------
        pandas.DataFrame
            A column for each factor, then point, replication, indicator and value.
        """
        shape = self.values.shape
        point, number, column = (axis.ravel() for axis in np.indices(shape))
        frame = pd.DataFrame(self.points[point], columns=[factor.path for factor in self.factors])
        return frame.assign(
            point=point,
            replication=number,
            indicator=np.array(self.request.indicators)[column],
            value=self.values.ravel(),
        )


@dataclass(frozen=True)
class Indices:
    """Sensitivity indices of one figure.

    Parameters
    ----------
    method
        ``morris`` or ``sobol``.
    indicator
        Id of the figure.
    table
        One row per factor, the most important first.  Morris, in the unit of the figure: `mu`
        (mean effect of the whole range), `mu_star` (mean absolute effect), `mu_star_conf`
        (half-width of its 95 % interval), `sigma` (standard deviation of the effects, which shows
        interaction or curvature).  Sobol: `first` and `total` shares of the variance, with their
        half-widths.
    """

    method: str
    indicator: str
    table: pd.DataFrame


def morris(
    evaluate: Evaluate, factors: Sequence[Factor], trajectories: int, seed: int
) -> list[pd.DataFrame]:
    """Return elementary effects on every figure that `evaluate` returns.

    Source: Morris (1991); Campolongo, Cariboni, Saltelli (2007) for mu*; by SALib, with four
    levels.

    Parameters
    ----------
    evaluate
        Called once with all points, shape (trajectories x (factors + 1), factors).
    factors
        Parameters that vary, with their ranges.
    trajectories
        Number of paths through the space of the factors, each of (factors + 1) points.
    seed
        Seed of the design and of the bootstrap.

    Returns
    -------
    list of pandas.DataFrame
        One table for each figure, as in `Indices`.
    """
    from SALib.analyze import morris as analysis  # type: ignore[import-untyped]  # noqa: PLC0415
    from SALib.sample import morris as design  # type: ignore[import-untyped]  # noqa: PLC0415

    problem = _problem(factors)
    points = design.sample(problem, trajectories, num_levels=LEVELS, seed=seed + 1)
    tables = []
    for figures in np.asarray(evaluate(points)).T:
        effects = analysis.analyze(
            problem, points, figures, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed + 1
        )
        columns = {name: np.asarray(effects[name], float) for name in _MORRIS}
        tables.append(_ordered(factors, columns, "mu_star"))
    return tables


def sobol(
    evaluate: Evaluate, factors: Sequence[Factor], samples: int, seed: int
) -> list[pd.DataFrame]:
    """Return first-order and total shares of the variance of each figure of `evaluate`.

    Each factor is uniform over its range (or its whole numbers), independent of the others.
    Source: Saltelli et al. (2010); by SALib, from a scrambled Sobol sequence.

    Parameters
    ----------
    evaluate
        Called once with all points, shape (samples x (factors + 2), factors).
    factors
        Parameters that vary, with their ranges.
    samples
        Number of samples, a power of 2.
    seed
        Seed of the scrambling and of the bootstrap.

    Returns
    -------
    list of pandas.DataFrame
        One table for each figure, as in `Indices`; zeros where a figure does not vary.
    """
    from SALib.analyze import sobol as analysis  # noqa: PLC0415
    from SALib.sample import sobol as design  # noqa: PLC0415

    problem = _problem(factors, margin=0.5)
    points = design.sample(problem, samples, calc_second_order=False, seed=seed + 1)
    tables = []
    for figures in np.asarray(evaluate(points)).T:
        if np.ptp(figures) == 0:  # no variance to attribute
            columns = dict.fromkeys(_SOBOL, np.zeros(len(factors)))
        else:
            shares = analysis.analyze(
                problem,
                figures,
                calc_second_order=False,
                num_resamples=RESAMPLES,
                seed=seed + 1,
            )
            columns = {name: np.asarray(shares[key], float) for name, key in _SOBOL.items()}
        tables.append(_ordered(factors, columns, "total"))
    return tables


_MORRIS = ("mu", "mu_star", "mu_star_conf", "sigma")
_SOBOL = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}


def _problem(factors: Sequence[Factor], margin: float = 0.0) -> dict[str, object]:
    """Return the factors in the form of SALib.

    A margin at both ends makes whole numbers, which are rounded, equally likely.
    """
    widths = [margin if factor.whole else 0.0 for factor in factors]
    return {
        "num_vars": len(factors),
        "names": [factor.path for factor in factors],
        "bounds": [
            [factor.low - wide, factor.high + wide]
            for factor, wide in zip(factors, widths, strict=True)
        ],
    }


def _ordered(factors: Sequence[Factor], columns: Mapping[str, Floats], by: str) -> pd.DataFrame:
    ranges = pd.DataFrame(
        [{"parameter": factor.path, "low": factor.low, "high": factor.high} for factor in factors]
    )
    whole = ranges.assign(**columns)
    return whole.sort_values(by, ascending=False, kind="stable").reset_index(drop=True)


def indices_frame(every_indices: Sequence[Indices]) -> pd.DataFrame:
    """Return the indices of all figures in one table.

    Parameters
    ----------
    every_indices
        Indices, a table for each figure.

    Returns
    -------
    pandas.DataFrame
        One row per figure and factor; the id of the figure is the first column.
    """
    return (
        pd.concat(
            [indices.table.assign(indicator=indices.indicator) for indices in every_indices],
            ignore_index=True,
        )
        .set_index("indicator")
        .reset_index()
    )
