"""Case tables as data frames, with names and dates instead of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.tally import NEVER
from sim.measure.crowd import Times
from sim.measure.definitions import phases
from sim.measure.observations import Flags, Floats, Observations
from sim.own_yaml import own_yaml
from sim.process.blocks import GIVEN_UP
from sim.process.clock import WD_TICKS

PLAIN = ("visits", "handoffs", "staff_min")
MILESTONES = ("received", "accepted", "decided", "in_hand")
OF_ITEM = ("entered", "full_authority")
DAYS_IN = "days_<phase>"


class CaseColumn(NamedTuple):
    """What a column of the cases or of the event log means.

    Parameters
    ----------
    unit
        Such as ``wd``, ``min`` or ``yuan``; empty for names, dates and flags.
    meaning
        Text by language (``en``, ``zh``).
    """

    unit: str
    meaning: dict[str, str]


@cache
def case_columns() -> dict[str, CaseColumn]:
    """Return every column of ``cases.parquet`` in order, with what it means.

    Returns
    -------
    dict
        From the name of a column to its unit and meaning; one column for each phase.
    """
    text = files("sim.measure").joinpath("case_columns.yaml").read_text(encoding="utf-8")
    written: dict[str, dict[str, str]] = own_yaml(text)
    columns: dict[str, CaseColumn] = {}
    for name, fields in written.items():
        meaning = {language: fields[language] for language in ("en", "zh")}
        if name != DAYS_IN:
            columns[name] = CaseColumn(fields["unit"], meaning)
            continue
        for phase, labels in phases().items():
            texts = {
                language: text.format(phase=labels[language]) for language, text in meaning.items()
            }
            columns[f"days_{phase}"] = CaseColumn(fields["unit"], texts)
    return columns


def case_frame(observations: Observations, start: dt.date, replication: int = 0) -> pd.DataFrame:
    """Return the cases of one replication, one row each, those after the census included.

    `case_columns` says what the columns mean; the column `scenario` is added where the tables of
    several scenarios are joined.  Times are local date-times.  Unknown values are null.

    Parameters
    ----------
    observations
        Observations of the replication.
    start
        First day of the scenario, from whose midnight its seconds count.
    replication
        Number of the replication, from 0.

    Returns
    -------
    DataFrame
        Rows in order of arrival; columns in the order of `case_columns`, without `scenario`.
    """
    rows = np.arange(len(observations.table.arrivals.route))
    columns = {
        "replication": np.full(len(rows), replication),
        **dict(_applicants(observations, rows)),
        **dict(_times(observations, rows, np.datetime64(start, "s"))),
        **dict(_figures(observations, rows)),
    }
    order = [name for name in case_columns() if name in columns]
    return pd.DataFrame({name: columns[name] for name in order}, copy=False)


Rows = npt.NDArray[np.intp]
Columns = Iterator[tuple[str, object]]


def _applicants(observations: Observations, rows: Rows) -> Columns:
    table = observations.table
    yield (
        "item",
        _named((route.item for route in observations.network.routes), table.arrivals.route[rows]),
    )
    yield "layer", table.arrivals.layer[rows]
    yield "number", table.arrivals.number[rows]
    yield "counted", _counted(observations, rows)
    yield "outcome", _named((*table.outcomes, "open"), table.outcome[rows])
    yield "phase_at_census", _named((*table.phases, None), table.phase_at[rows])
    for name in OF_ITEM:
        yield name, observations.column(name, rows)


def _times(observations: Observations, rows: Rows, origin: np.datetime64) -> Columns:
    def moment(seconds: Times, last_s: int = NEVER - 1) -> npt.NDArray[np.datetime64]:
        at = origin + seconds[rows].astype("timedelta64[s]")
        return np.where(seconds[rows] <= last_s, at, np.datetime64("NaT", "s"))

    yield "arrived", moment(observations.table.arrivals.time_s)
    for name in MILESTONES:
        yield name, moment(observations.table.milestone(name))
    # After its last close the calendar counts every second as open: a due date there is null.
    yield "due", moment(observations.table.due_s, observations.network.working_days.day_closes[-1])


def _figures(observations: Observations, rows: Rows) -> Columns:
    table, counted = observations.table, _counted(observations, rows)
    followed_wd = _followed_wd(observations, rows)
    elapsed_wd = np.minimum(observations.column("elapsed_wd", rows), followed_wd)
    visits = observations.column("visits", rows)
    accepted = table.milestone("accepted")[rows]
    ended = table.outcome[rows] >= 0
    in_time = (followed_wd >= observations.facts.follow_up_wd) | (elapsed_wd < followed_wd)
    yield "followed_wd", followed_wd
    yield "elapsed_wd", elapsed_wd
    for name in PLAIN:
        yield name, observations.column(name, rows)
    yield from _days(observations, rows, elapsed_wd)
    by_census = accepted < observations.facts.census_s
    yield "limit_used_wd", np.where(by_census, observations.column("limit_used_wd", rows), np.nan)
    yield "fee_yuan", np.where(counted, observations.column("fee_yuan", rows), np.nan)
    sent_back = table.milestone("made_up")[rows] < NEVER
    for name, known in (
        ("one_visit", in_time | (visits > 1)),
        ("made_up", sent_back | ended | (accepted < NEVER)),
        ("immediate", table.milestone("decided")[rows] < NEVER),
        ("complaint", counted),
    ):
        flags = observations.column(name, rows).astype(np.bool_)
        yield name, pd.arrays.BooleanArray(flags, ~known)


def _days(observations: Observations, rows: Rows, elapsed_wd: Floats) -> Columns:
    """Yield the days of each phase; those after giving up are cut to add up to `elapsed_wd`."""
    days = {phase: observations.column(f"days_{phase}", rows) for phase in phases()}
    before = sum(of_phase for phase, of_phase in days.items() if phase != GIVEN_UP)
    days[GIVEN_UP] = np.where(days[GIVEN_UP] > 0, elapsed_wd - before, 0.0)
    yield from ((f"days_{phase}", of_phase) for phase, of_phase in days.items())


def _counted(observations: Observations, rows: Rows) -> Flags:
    return observations.table.arrivals.time_s[rows] < observations.facts.census_s


def _followed_wd(observations: Observations, rows: Rows) -> Floats:
    until = observations.network.working_days.tick(observations.network.end_s)
    left_wd = (until - observations.table.arrived_tick[rows]) / WD_TICKS
    return np.minimum(left_wd, observations.facts.follow_up_wd)


def _named(
    names: Iterable[str | None], numbers: npt.NDArray[np.integer]
) -> pd.api.extensions.ExtensionArray:
    # An array of NumPy would store every name at the length of the longest.
    return pd.array(list(names), dtype="str").take(numbers)
