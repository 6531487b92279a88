"""Steady state: where series by working day have forgotten their start, and what comes after."""

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
    """A series by working day, and whether it settles.

    Parameters
    ----------
    by_day
        Mean over replications, shape (working days,); NaN on days without calls.
    warm_up_wd
        Working days to leave out; none if no steady state was found.
    why_none
        What stands in the way.
    after
        Mean over the days that are left, from one number per replication.
    """

    by_day: Floats
    warm_up_wd: int | None
    why_none: Why
    after: Estimate


def settled(histories: Histories, name: str) -> Settled:
    """Judge one of `SERIES` of the first scenario.

    Notes
    -----
    MSER-5 on the mean over replications (`sim.stats.warmup`): a cut in the second half of the
    series is none.  The rest counts as the steady state only because the scenario's demand and
    staff are the same all the time; a season in them would be taken for a long warm-up.
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
    people = counts[:, cut:].sum(axis=1)
    values = np.divide(
        sums[:, cut:].sum(axis=1), people, out=np.full(len(people), np.nan), where=people > 0
    )
    return Settled(by_day, cut, "", mean_interval(values))


def _sums(histories: Histories, name: str) -> tuple[Floats, Floats]:
    if name == "hall_wait":
        return histories.series(0, "wait_day_min"), histories.series(0, "tickets_day")
    backlog = histories.series(0, name)
    return backlog, np.ones_like(backlog)


def steady_frame(histories: Histories) -> pd.DataFrame:
    """Return warm-up and steady mean of every series of the first scenario."""
    rows = [
        (name, unit, len(one.by_day), one.warm_up_wd, one.why_none, *one.after)
        for name, unit in SERIES.items()
        for one in [settled(histories, name)]
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"warm_up_wd": "Int64"})
