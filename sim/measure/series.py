"""Series of one replication for charts: over the horizon, over the hours, over elapsed time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.tally import NEVER
from sim.measure.crowd import Times, person_seconds
from sim.measure.indicators import Ledger
from sim.process.blocks import DAY_S
from sim.process.clock import WHOLE_DAY_S

Floats = npt.NDArray[np.float64]

HALF_HOUR_S = 1800
HALF_HOURS = 48
MOST_VISITS = 10
ELAPSED_STEPS_PER_WD = 2


def series(ledger: Ledger) -> dict[str, Floats]:
    """Return named arrays whose shapes are the same in every replication of a scenario.

    ``backlog_hall`` and ``backlog_all``: open cases at the close of each working day.
    ``wait_sum_min`` and ``tickets``: by half-hour of the ticket.  ``people_mean``: mean
    people in the hall by half-hour.  ``elapsed_done``: share of everyone's cases with the
    document in hand (or ended) by each half working day.  ``visits``: share of everyone's
    cases by number of visits, the last bin open.  ``busy_min`` and ``attended_min``: by
    group.
    """
    return {
        **_backlog(ledger),
        **_by_half_hour(ledger),
        "elapsed_done": _elapsed(ledger),
        "visits": _visits(ledger),
        "busy_min": ledger.busy_min,
        "attended_min": ledger.attended_min,
    }


def _backlog(ledger: Ledger) -> dict[str, Floats]:
    table, census = ledger.table, ledger.books.census_s
    closes = np.array(
        [close for close in ledger.network.calendars["hall"].day_closes if close <= census]
    )
    completed = np.minimum(table.milestone("decided"), table.exit_s)
    counted = ledger.books.counted[table.arrivals.route]

    def by_closes(times: Times) -> npt.NDArray[np.int64]:
        before = np.searchsorted(closes, times, side="left")
        return np.cumsum(np.bincount(before, minlength=len(closes) + 1)[:-1])

    def open_at_closes(begin: Times) -> Floats:
        came, went = by_closes(begin[counted]), by_closes(completed[counted & (begin < NEVER)])
        return (came - went).astype(np.float64)

    return {
        "backlog_hall": open_at_closes(table.milestone("received")),
        "backlog_all": open_at_closes(table.arrivals.time_s),
    }


def _by_half_hour(ledger: Ledger) -> dict[str, Floats]:
    slot = ledger.tickets["enabled_s"].astype(np.int64) % WHOLE_DAY_S // HALF_HOUR_S
    return {
        "wait_sum_min": np.bincount(
            slot, weights=ledger.tickets["wait_min"], minlength=HALF_HOURS
        ).astype(np.float64),
        "tickets": np.bincount(slot, minlength=HALF_HOURS).astype(np.float64),
        "people_mean": _people_by_half_hour(ledger),
    }


def _people_by_half_hour(ledger: Ledger) -> Floats:
    """Return the mean number of people in the hall by half-hour of the working day."""
    days = ledger.network.calendars["hall"].day_opens[: ledger.books.census_wd]
    starts = np.array(days) // WHOLE_DAY_S * WHOLE_DAY_S
    edges = (starts[:, None] + np.arange(HALF_HOURS + 1) * HALF_HOUR_S).ravel()
    stays = ledger.table.stays
    spent_s = person_seconds(stays["enabled_s"], stays["end_s"], edges)
    slots = np.diff(spent_s.reshape(len(days), HALF_HOURS + 1), axis=1)
    return np.asarray(slots.mean(axis=0) / HALF_HOUR_S, np.float64)


def _elapsed(ledger: Ledger) -> Floats:
    members = ledger.populations["all_cases"]
    elapsed = ledger.table.elapsed_s[members] / DAY_S
    follow_up_wd = ledger.books.follow_up_s / DAY_S
    grid = np.arange(0, follow_up_wd + 1e-9, 1 / ELAPSED_STEPS_PER_WD)
    done = np.searchsorted(np.sort(elapsed[elapsed < follow_up_wd]), grid, side="right")
    return np.asarray(done / max(1, members.sum()), np.float64)


def _visits(ledger: Ledger) -> Floats:
    visits = np.minimum(ledger.table.visits[ledger.populations["all_cases"]], MOST_VISITS)
    counts = np.bincount(visits, minlength=MOST_VISITS + 1)
    return np.asarray(counts / max(1, len(visits)), np.float64)
