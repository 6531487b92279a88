"""Figures of a hall from a day on: by month, and of the cases that were open on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.engine.tally import NEVER
from sim.measure.crowd import Times
from sim.measure.observations import Observations
from sim.measure.series import working_day_ends_s
from sim.process.clock import WD_TICKS, WHOLE_DAY_S

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SHARES_DONE = (0.5, 0.9, 1.0)
"""Shares, 0 to 1, of the cases open on the day, for which the time of completion is reported."""


def since(observations: Observations, start: dt.date, day: dt.date) -> dict[str, Floats]:
    """Return figures of one replication from a day on, until the census.

    Parameters
    ----------
    observations
        Observations of the replication.
    start
        First day of the simulation.
    day
        The day; events on it do not count as before.

    Returns
    -------
    dict
        ``open`` and ``open_from_before``: the hall's open cases, and those among them that were
        open on the day, at the end of each working day until the census, shape (days,).
        ``months_*``: by calendar month, shape (months,): the hall's cases received, completed and,
        of these, withdrawn, open at the end, mean wait in minutes, and everyone's mean elapsed
        working days and visits by month of first contact; means are NaN where there are no cases.
        ``after_*``: the same from the day to the census, shape ().  ``open_on_day``: the hall's
        cases open on the day, shape ().  ``gone_wd``: working days until each of `SHARES_DONE` of
        these is completed, shape (len(SHARES_DONE),); NaN if not by the census.
    """
    day_s = (day - start).days * WHOLE_DAY_S
    received, completed = _received_and_completed(observations)
    before = (received < day_s) & (completed >= day_s)
    ends = working_day_ends_s(observations) - 1
    edges = month_edges_s(start, observations.facts.census_s)
    months = {
        f"months_{name}": values
        for name, values in _between(observations, edges, received, completed).items()
    }
    after = {
        f"after_{name}": values[0]
        for name, values in _between(
            observations, [day_s, observations.facts.census_s], received, completed
        ).items()
    }
    return {
        "open": _open_at(ends, received, completed),
        "open_from_before": _open_at(ends, received[before], completed[before]),
        **months,
        **after,
        "open_on_day": np.float64(before.sum()),
        "gone_wd": _gone_wd(observations, completed[before], day_s),
    }


def month_edges_s(start: dt.date, census_s: int) -> list[int]:
    """Return the start, the first of every month between, and the census.

    Parameters
    ----------
    start
        First day of the simulation.
    census_s
        Time of the census in seconds since the start.

    Returns
    -------
    list of int
        Seconds since the start, ascending; one more than there are months.
    """
    edges, first = [0], start.replace(day=1)
    while True:
        first = (first + dt.timedelta(days=32)).replace(day=1)
        at_s = (first - start).days * WHOLE_DAY_S
        if at_s >= census_s:
            return [*edges, census_s]
        edges.append(at_s)


def _received_and_completed(observations: Observations) -> tuple[Times, Times]:
    """Return when each of the hall's cases was received and completed, in seconds."""
    table = observations.table
    received = table.milestone("received")
    in_hall = received < NEVER
    completed = np.minimum(table.milestone("decided"), table.exit_s)
    return received[in_hall], completed[in_hall]


def _open_at(times: Ints, received: Times, completed: Times) -> Floats:
    came = np.searchsorted(np.sort(received), times, side="right")
    went = np.searchsorted(np.sort(completed), times, side="right")
    return (came - went).astype(np.float64)


def _between(
    observations: Observations, edges_s: Sequence[int], received: Times, completed: Times
) -> dict[str, Floats]:
    """Return figures of the spans between successive edges, shape (spans,)."""
    table = observations.table
    edges = np.array(edges_s)
    first_contact = table.arrivals.time_s
    in_hall = table.milestone("received") < NEVER
    gave_up = np.logical_and(in_hall, observations.cases["withdrawn"])
    ends = edges[1:] - 1
    return {
        "received": _counts(received, edges),
        "completed": _counts(completed, edges),
        "withdrawn": _counts(table.exit_s[gave_up], edges),
        "open": _open_at(ends, received, completed),
        "wait_min": _means(
            observations.tickets["enabled_s"], observations.tickets["wait_min"], edges
        ),
        "elapsed_wd": _means(first_contact, table.elapsed_ticks / WD_TICKS, edges),
        "visits": _means(first_contact, table.visits, edges),
    }


def _counts(times: Times, edges: Ints) -> Floats:
    return np.diff(np.searchsorted(np.sort(times), edges)).astype(np.float64)


def _means(times: npt.NDArray[np.generic], values: npt.NDArray[np.generic], edges: Ints) -> Floats:
    """Return the mean of the values whose time lies in each span; NaN where there is none."""
    span = np.searchsorted(edges, times, side="right") - 1
    inside = (span >= 0) & (span < len(edges) - 1)
    sums = np.bincount(span[inside], values[inside].astype(np.float64), len(edges) - 1)
    counts = np.bincount(span[inside], minlength=len(edges) - 1)
    means: Floats = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return means


def _gone_wd(observations: Observations, completed: Times, day_s: int) -> Floats:
    """Return working days from a day until `SHARES_DONE` of the cases then open are completed."""
    if not len(completed):
        return np.zeros(len(SHARES_DONE))
    done = np.quantile(completed, SHARES_DONE, method="inverted_cdf")
    opens = np.array(observations.network.working_days.day_opens)
    wd = np.searchsorted(opens, done, side="right") - np.searchsorted(opens, day_s)
    return np.asarray(np.where(done < observations.facts.census_s, wd, np.nan), np.float64)
