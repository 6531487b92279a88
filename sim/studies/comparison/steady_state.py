"""Steady state: warm-up period of series by working day, and the mean after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.stats.intervals import Estimate, mean_interval
from sim.stats.warmup import mser
from sim.studies.comparison.histories import Histories

Floats = npt.NDArray[np.float64]
Why = Literal["", "still changing", "too short"]

COLUMNS = ["series", "unit", "wd", "warm_up_wd", "why_none", "mean", "low", "high", "n"]
SERIES = {"hall_wait": "min", "backlog_hall": "cases", "backlog_all": "cases"}
"""Unit of each series: mean wait of the calls of a day, open cases at the end of a day."""


@dataclass(frozen=True)
class Settled:
    """A series by working day, and whether it reaches a steady state.

    Parameters
    ----------
    by_day
        Mean over replications, in the unit of the series, shape (working days,); NaN on days
        without calls.
    warm_up_wd
        Working days to leave out at the start; None if no steady state was found.
    why_none
        Why no steady state was found; empty if one was.
    after
        Mean over the days after the warm-up, with its 95 % interval, from one number per
        replication; NaN if no steady state was found.
    """

    by_day: Floats
    warm_up_wd: int | None
    why_none: Why
    after: Estimate


def settled(histories: Histories, name: str) -> Settled:
    """Judge whether one of `SERIES` of the first scenario reaches a steady state.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.
    name
        Name of the series.

    Returns
    -------
    Settled
        The series, its warm-up, and the mean after it.

    Notes ----- MSER-5 on the mean over replications (`sim.stats.warmup`): if the cut lies in the
    second half of the series, there is none.  The days after it count as a steady state only
    because the scenario's demand and staff are the same all the time; a season in them would be
    mistaken for a long warm-up.
    """
    sums, counts = _sums(histories, name)
    total = counts.sum(axis=0)
    by_day = np.divide(sums.sum(axis=0), total, out=np.full(len(total), np.nan), where=total > 0)
    unknown = Estimate(np.nan, np.nan, np.nan, 0)
    try:
        cut = mser(by_day).observations
    except ValueError:  # fewer than fifty days, or days without any call
        return Settled(by_day, None, "too short", unknown)
    if cut is None:
        return Settled(by_day, None, "still changing", unknown)
    number = counts[:, cut:].sum(axis=1)
    values = np.divide(
        sums[:, cut:].sum(axis=1), number, out=np.full(len(number), np.nan), where=number > 0
    )
    return Settled(by_day, cut, "", mean_interval(values))


def _sums(histories: Histories, name: str) -> tuple[Floats, Floats]:
    if name == "hall_wait":
        return histories.series(0, "wait_day_min"), histories.series(0, "tickets_day")
    backlog = histories.series(0, name)
    return backlog, np.ones_like(backlog)


def steady_frame(histories: Histories) -> pd.DataFrame:
    """Return warm-up and steady mean of every series of the first scenario.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.

    Returns
    -------
    pandas.DataFrame
        A row per series of `SERIES`: unit, number ``wd`` of working days, warm-up in working days
        (null if none was found), why none was found, mean after the warm-up with 95 % interval, and
        n.
    """
    rows = [
        (name, unit, len(series.by_day), series.warm_up_wd, series.why_none, *series.after)
        for name, unit in SERIES.items()
        for series in [settled(histories, name)]
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"warm_up_wd": "Int64"})
