"""The target of precision at which a run ends, and how precise its figures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import headline, indicators
from sim.scenario.problems import InputError, Problem, nearest
from sim.stats.precision import Judgement, Precision, TargetState, judge_precision
from sim.studies.comparison.histories import Histories

Floats = npt.NDArray[np.float64]
MOST = 1000
"""Replications at which a run ends in any case, by default."""

COLUMNS = [
    "scenario",
    "indicator",
    "unit",
    "mean",
    "half_width",
    "relative",
    "target",
    "state",
    "n",
    "met_at",
    "needed",
    "difference_half_width",
    "difference_relative",
]


@dataclass(frozen=True)
class PrecisionTarget:
    """The figures that must become precise in every scenario, and how precise.

    Parameters
    ----------
    plan
        The stopping rule.
    indicators
        Ids of the figures.
    """

    plan: Precision
    indicators: tuple[str, ...]


def target_of(
    half_width: float | None,
    chosen: Sequence[str] = (),
    most: int | None = None,
    replications: int | None = None,
) -> PrecisionTarget | None:
    """Return the target that was asked for; None if none was.

    Parameters
    ----------
    half_width
        Half-width of the 95 % interval divided by the absolute value of the mean; None for no
        target.
    chosen
        Ids of the figures; the headline ones if empty.
    most
        Replications at which to end in any case; `MOST` if None.
    replications
        Number of replications asked for; it excludes a target.

    Returns
    -------
    PrecisionTarget or None
        Figures and stopping rule.

    Raises
    ------
    InputError
        With every option that contradicts another, is unknown, or lies outside its range.
    """
    if half_width is None:
        problems = [
            Problem(option, None, "given without a target", "together with --precision")
            for option, given in (("--indicator", bool(chosen)), ("--most", most is not None))
            if given
        ]
        if problems:
            raise InputError(problems)
        return None
    problems = []
    if replications is not None:
        problems.append(
            Problem(
                "--precision",
                None,
                f"a target and {replications} replications",
                "either --replications N, or --precision with --most N",
            )
        )
    if not 0 < half_width < 1:
        problems.append(
            Problem("--precision", None, str(half_width), "between 0 and 1, such as 0.02 for ±2 %")
        )
    if most is not None and most < 2:
        problems.append(Problem("--most", None, str(most), "2 or more"))
    known = list(indicators())
    problems += [
        Problem("--indicator", None, f"no figure {name!r}", nearest(name, known))
        for name in chosen
        if name not in known
    ]
    if problems:
        raise InputError(problems)
    cap = most or MOST
    plan = Precision(half_width, first=min(Precision.first, cap), most=cap)
    return PrecisionTarget(
        plan, tuple(dict.fromkeys(chosen)) or tuple(indicator.id for indicator in headline())
    )


def next_stop(judgement: Judgement, n: int, plan: Precision) -> tuple[int, int]:
    """Return the replications at the next interim analysis, and those at which the run may end.

    It goes at most twice as far as the replications so far, because variances of few replications
    are unreliable.  It depends on figures only, so that the number of workers changes nothing.

    Parameters
    ----------
    judgement
        What the rule says after the replications so far.
    n
        Number of the replications so far.
    plan
        The stopping rule.

    Returns
    -------
    tuple of int
        Number of replications at the next interim analysis, and at which the run would end if means
        and variances stay what they are.
    """
    imprecise = [
        figure
        for figure in judgement.figures
        if figure.state is TargetState.OPEN
        or (figure.state is TargetState.MET and figure.relative > plan.half_width)
    ]
    least = n + max(1, plan.look_ahead_at(n))
    wanted = max((figure.needed or 2 * n for figure in imprecise), default=least)
    end = min(plan.most, max(least, wanted))
    return min(end, max(least, 2 * n)), end


def precision_frame(histories: Histories, target: PrecisionTarget) -> pd.DataFrame:
    """Return how precise every figure of the target is.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.
    target
        Figures and stopping rule.

    Returns
    -------
    pandas.DataFrame
        A row per scenario and figure.  ``half_width`` is that of the 95 % interval, in the unit of
        the figure; ``relative`` is the same divided by the absolute value of the mean, and
        ``needed`` the number of replications that the rule takes, null if unknown.
        ``difference_half_width`` is that of the difference from the base (simultaneous over the
        family), ``difference_relative`` the same divided by the absolute value of the base's mean;
        both NaN for the base.
    """
    known = indicators()
    rows = []
    for number, name in enumerate(histories.names):
        values = np.array([histories.values(number, figure) for figure in target.indicators]).T
        judged = judge_precision(values, target.plan).figures
        for figure, precision in zip(target.indicators, judged, strict=True):
            rows.append(
                (
                    name,
                    figure,
                    known[figure].unit,
                    precision.mean,
                    precision.relative * abs(precision.mean) if precision.relative else 0.0,
                    precision.relative,
                    target.plan.half_width,
                    str(precision.state),
                    precision.n,
                    precision.met_at,
                    precision.needed,
                    *_of_difference(histories, number, figure),
                )
            )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"met_at": "Int64", "needed": "Int64"})


def _of_difference(histories: Histories, number: int, indicator: str) -> tuple[float, float]:
    if number == 0:
        return np.nan, np.nan
    row = histories.difference(histories.names[number], indicator)
    half = (row["high"] - row["low"]) / 2
    size = abs(histories.indicator(histories.names[0], indicator)["mean"])
    return half, half / size if size else np.nan


def open_figures(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `precision_frame` that miss the target.

    Parameters
    ----------
    frame
        Result of `precision_frame`.

    Returns
    -------
    pandas.DataFrame
        The least precise figure first.
    """
    missed = (frame["state"] == TargetState.OPEN) | (
        (frame["state"] == TargetState.MET) & (frame["relative"] > frame["target"])
    )
    return frame[missed].sort_values(
        "relative", ascending=False, na_position="first", kind="stable"
    )


def reached(histories: Histories, target: PrecisionTarget) -> dict[str, object]:
    """Return target and outcome for the manifest.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.
    target
        Figures and stopping rule.

    Returns
    -------
    dict
        Plain data; unknown numbers are None.  ``held_up_by`` is the least precise figure that
        misses the target or, if the target is reached, the figure that met it last.
    """
    frame = precision_frame(histories, target)
    still_open = open_figures(frame)
    held_up_by = still_open if len(still_open) else frame.sort_values("met_at", ascending=False)
    columns = ["scenario", "indicator", "relative", "needed"]
    first = held_up_by[columns].head(1).astype(object)
    return {
        "target": target.plan.half_width,
        "confidence": target.plan.confidence,
        "most": target.plan.most,
        "indicators": list(target.indicators),
        "reached": not len(still_open),
        "held_up_by": first.where(first.notna(), None).to_dict("records"),
    }
