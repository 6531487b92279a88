"""How much each parameter matters while all move: elementary effects, shares of variance."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.scenario.problems import RunError
from sim.studies.sensitivity.estimates import Factor
from sim.studies.sensitivity.study import SensitivityRequest

Floats = npt.NDArray[np.float64]
Evaluate = Callable[[Floats], Floats]
"""From points, shape (points, factors), to figures, shape (points, figures)."""

LEVELS = 4
RESAMPLES = 1000


class Means:
    """From points to means over the replications; what was found at each is kept.

    Parameters
    ----------
    request, factors
        What is asked, and what the columns of points are.
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
            {one.path: one.typed(x) for one, x in zip(self.factors, point, strict=True)}
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

    def chance(self) -> dict[str, float]:
        """Return by indicator the share of the variance between points that is chance.

        Replications are common, so only what they do differently at different points counts: the
        mean square of points x replications, divided by the replications.  It shows as
        interaction in the indices.  NaN with one replication.
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
        """Return a row per point, replication and indicator, with the values of the factors."""
        shape = self.values.shape
        point, number, column = (axis.ravel() for axis in np.indices(shape))
        frame = pd.DataFrame(self.points[point], columns=[one.path for one in self.factors])
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
        Which figure.
    table
        One row per factor, the most important first.  Morris: `mu` (mean effect of going
        through the whole range, in the unit of the figure), `mu_star` (mean of its size),
        `mu_star_conf` (half-width), `sigma` (spread: interaction or curvature).  Sobol: `first`
        and `total` shares of the variance with their half-widths.
    """

    method: str
    indicator: str
    table: pd.DataFrame


def morris(
    evaluate: Evaluate, factors: Sequence[Factor], trajectories: int, seed: int
) -> list[pd.DataFrame]:
    """Return elementary effects of every figure that `evaluate` gives.

    Source: Morris (1991); Campolongo, Cariboni, Saltelli (2007) for mu*; by SALib, with four
    levels.

    Parameters
    ----------
    evaluate
        Called once with all points.
    trajectories
        Paths through the space, each (factors + 1) points.
    seed
        Of the design and of the bootstrap.
    """
    from SALib.analyze import morris as analysis  # type: ignore[import-untyped]  # noqa: PLC0415
    from SALib.sample import morris as design  # type: ignore[import-untyped]  # noqa: PLC0415

    problem = _problem(factors)
    points = design.sample(problem, trajectories, num_levels=LEVELS, seed=seed + 1)
    tables = []
    for figures in np.asarray(evaluate(points)).T:
        found = analysis.analyze(
            problem, points, figures, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed + 1
        )
        columns = {name: np.asarray(found[name], float) for name in _MORRIS}
        tables.append(_ordered(factors, columns, "mu_star"))
    return tables


def sobol(
    evaluate: Evaluate, factors: Sequence[Factor], samples: int, seed: int
) -> list[pd.DataFrame]:
    """Return first-order and total shares of the variance of every figure that `evaluate` gives.

    Each factor is taken as uniform over its range (or its whole numbers), independent of the
    others.  Source: Saltelli et al. (2010); by SALib, from a scrambled Sobol sequence.

    Parameters
    ----------
    evaluate
        Called once with all points, samples x (factors + 2).
    samples
        A power of 2.
    seed
        Of the scrambling and of the bootstrap.
    """
    from SALib.analyze import sobol as analysis  # noqa: PLC0415
    from SALib.sample import sobol as design  # noqa: PLC0415

    problem = _problem(factors, margin=0.5)
    points = design.sample(problem, samples, calc_second_order=False, seed=seed + 1)
    tables = []
    for figures in np.asarray(evaluate(points)).T:
        if np.ptp(figures) == 0:  # no variance to share out
            columns = dict.fromkeys(_SOBOL, np.zeros(len(factors)))
        else:
            found = analysis.analyze(
                problem,
                figures,
                calc_second_order=False,
                num_resamples=RESAMPLES,
                seed=seed + 1,
            )
            columns = {name: np.asarray(found[key], float) for name, key in _SOBOL.items()}
        tables.append(_ordered(factors, columns, "total"))
    return tables


_MORRIS = ("mu", "mu_star", "mu_star_conf", "sigma")
_SOBOL = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}


def _problem(factors: Sequence[Factor], margin: float = 0.0) -> dict[str, object]:
    """Return the factors as SALib reads them.

    A margin at both ends makes whole numbers, which are rounded, equally likely.
    """
    widths = [margin if one.whole else 0.0 for one in factors]
    return {
        "num_vars": len(factors),
        "names": [one.path for one in factors],
        "bounds": [
            [one.low - wide, one.high + wide] for one, wide in zip(factors, widths, strict=True)
        ],
    }


def _ordered(factors: Sequence[Factor], columns: Mapping[str, Floats], by: str) -> pd.DataFrame:
    told = pd.DataFrame(
        [{"parameter": one.path, "low": one.low, "high": one.high} for one in factors]
    )
    whole = told.assign(**columns)
    return whole.sort_values(by, ascending=False, kind="stable").reset_index(drop=True)


def indices_frame(found: Sequence[Indices]) -> pd.DataFrame:
    """Return the indices of all figures in one table."""
    return (
        pd.concat([one.table.assign(indicator=one.indicator) for one in found], ignore_index=True)
        .set_index("indicator")
        .reset_index()
    )
