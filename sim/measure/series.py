"""Series of one replication for charts: over the horizon, over the hours, over elapsed time."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from sim.engine.tally import NEVER
from sim.measure.crowd import Times, person_seconds
from sim.measure.observations import Observations
from sim.process.clock import WHOLE_DAY_S

Floats = npt.NDArray[np.float64]

HALF_HOUR_S = 1800
HALF_HOURS = 48
MOST_VISITS = 10
ELAPSED_STEPS_PER_WD = 2


def series(observations: Observations) -> dict[str, Floats]:
    """Return named arrays whose shapes are the same in every replication of a scenario.

    Parameters
    ----------
    observations
        Observations of the replication.

    Returns
    -------
    dict
        ``backlog_hall`` and ``backlog_all``: open cases at the end of each working day until the
        census, shape (days,).  ``wait_sum_min`` and ``tickets``: sum of the waits in minutes and
        number of tickets by half-hour of the ticket, and ``people_mean``: mean people in the hall
        by half-hour, shape (`HALF_HOURS`,).  ``elapsed_done``: share of everyone's cases with the
        document in hand (or returned) by each half working day after first contact, shape
        (`ELAPSED_STEPS_PER_WD` × follow-up + 1,).  ``visits``: share of everyone's cases by
        number of visits, from 0 to `MOST_VISITS` or more.  ``busy_min`` and ``attended_min``:
        person-minutes in open hours until the census, shape (groups,).
    """
    return {
        **_backlog(observations),
        **_by_half_hour(observations),
        "elapsed_done": _elapsed(observations),
        "visits": _visits(observations),
        "busy_min": observations.busy_min,
        "attended_min": observations.attended_min,
    }


def working_day_ends_s(observations: Observations) -> npt.NDArray[np.int64]:
    """Return when each working day until the census ends: at midnight.

    The last one ends with the census, so that it includes events on extra days before the census.

    Parameters
    ----------
    observations
        Observations of the replication.

    Returns
    -------
    ndarray
        Seconds since the start, ascending, shape (days,).
    """
    opens = np.array(observations.network.working_days.day_opens[: observations.facts.census_wd])
    ends = (opens // WHOLE_DAY_S + 1) * WHOLE_DAY_S
    ends[-1:] = observations.facts.census_s
    return np.asarray(ends)


def _backlog(observations: Observations) -> dict[str, Floats]:
    table = observations.table
    ends = working_day_ends_s(observations)
    completed = np.minimum(table.milestone("decided"), table.exit_s)

    def by_ends(times: Times, side: Literal["left", "right"]) -> npt.NDArray[np.int64]:
        before = np.searchsorted(ends, times, side=side)
        return np.cumsum(np.bincount(before, minlength=len(ends) + 1)[:-1])

    def open_at_ends(begin: Times) -> Floats:
        # Cases completed in the second of midnight are completed on the day that ends then, unless
        # they are received in that second, which belongs to the next day.
        came = begin[begin < NEVER]
        went = by_ends(np.maximum(completed[begin < NEVER], came + 1), "left")
        return (by_ends(came, "right") - went).astype(np.float64)

    return {
        "backlog_hall": open_at_ends(table.milestone("received")),
        "backlog_all": open_at_ends(table.arrivals.time_s),
    }


def _by_half_hour(observations: Observations) -> dict[str, Floats]:
    slot = observations.tickets["enabled_s"].astype(np.int64) % WHOLE_DAY_S // HALF_HOUR_S
    return {
        "wait_sum_min": np.bincount(
            slot, weights=observations.tickets["wait_min"], minlength=HALF_HOURS
        ).astype(np.float64),
        "tickets": np.bincount(slot, minlength=HALF_HOURS).astype(np.float64),
        "people_mean": _people_by_half_hour(observations),
    }


def _people_by_half_hour(observations: Observations) -> Floats:
    """Return the mean number of people in the hall by half-hour, on days it is open then.

    For half-hours in which it is never open, the mean over all its days.
    """
    hall = observations.network.hall
    days = [opening for opening in hall.day_opens if opening < observations.facts.census_s]
    starts = np.array(days) // WHOLE_DAY_S * WHOLE_DAY_S
    edges = (starts[:, None] + np.arange(HALF_HOURS + 1) * HALF_HOUR_S).ravel()
    calls = observations.calls
    spent_s = person_seconds(calls["enabled_s"], calls["end_s"], edges)
    shape = (len(days), HALF_HOURS + 1)
    people = np.diff(spent_s.reshape(shape), axis=1) / HALF_HOUR_S
    is_open = np.diff(hall.elapsed_many(edges).reshape(shape), axis=1) > 0
    counts = is_open | ~is_open.any(axis=0)
    return np.asarray((people * counts).sum(axis=0) / counts.sum(axis=0), np.float64)


def _elapsed(observations: Observations) -> Floats:
    members = observations.populations["all_cases"]
    elapsed = observations.cases["elapsed_served_wd"][members]
    follow_up_wd = observations.facts.follow_up_wd
    grid = np.arange(0, follow_up_wd + 1e-9, 1 / ELAPSED_STEPS_PER_WD)
    done = np.searchsorted(np.sort(elapsed[np.isfinite(elapsed)]), grid, side="right")
    return np.asarray(done / max(1, members.sum()), np.float64)


def _visits(observations: Observations) -> Floats:
    visits = np.minimum(
        observations.table.visits[observations.populations["all_cases"]], MOST_VISITS
    )
    counts = np.bincount(visits, minlength=MOST_VISITS + 1)
    return np.asarray(counts / max(1, len(visits)), np.float64)
