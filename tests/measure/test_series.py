"""Series for charts, and the table of cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sim.measure.frames import case_frame
from sim.measure.observations import Observations
from sim.measure.series import series
from sim.process.clock import Calendar

from .build import (
    ARRIVE,
    DONE,
    Came,
    Hall,
    hall_case,
    home_case,
    office,
    officer,
    sequence,
    ticket,
)

HALL = Hall(census_day=5)
MEASURED = HALL.measure(
    Came(1, "09:00", hall_case(1)),  # open at one closing
    Came(2, "09:00", hall_case(2)),  # at two
    Came(2, "10:00", home_case(2), entered=False),
    Came(4, "09:00", hall_case(20)),
)


def test_the_backlog_is_taken_at_each_closing() -> None:
    found = series(MEASURED.observations)
    assert found["backlog_hall"].tolist() == [1, 1, 1, 1, 1]
    assert found["backlog_all"].tolist() == [1, 2, 2, 1, 1]
    assert found["backlog_hall"][-1] == MEASURED["cases_open"]


def test_documents_in_hand_by_half_days() -> None:
    found = series(MEASURED.observations)["elapsed_done"]
    # In hand after 2, 3 and 2 wd; one of four is not within 20 wd.
    assert found[[3, 4, 5, 6, 40]].tolist() == [0, 2 / 4, 2 / 4, 3 / 4, 3 / 4]


def test_visits_are_a_distribution() -> None:
    found = series(MEASURED.observations)["visits"]
    assert found[:4].tolist() == [0, 2 / 4, 2 / 4, 0]
    assert found.sum() == pytest.approx(1)


def test_waits_and_people_by_half_hour() -> None:
    served = sequence(ticket(30))
    found = series(
        Hall(census_day=1).measure(Came(1, "09:00", served), Came(1, "09:10", served)).observations
    )
    assert np.flatnonzero(found["tickets"]).tolist() == [18]  # 09:00 to 09:30
    assert found["tickets"][18] == 2
    assert found["wait_sum_min"][18] == 20
    # One person for 30 min and one for 20; then one for 30.
    assert found["people_mean"][18:21].tolist() == pytest.approx([50 / 30, 1, 0])


def test_at_the_census_a_case_waits_or_is_worked_on() -> None:
    hall = Hall(census_day=1, officers=1)
    long = sequence(*ARRIVE, officer(3 * 390), DONE)
    made = hall.measure(Came(1, "09:00", long), Came(1, "10:00", long))
    frame = case_frame(made.observations, dt.date(2008, 7, 1))
    assert frame["phase_at_census"].tolist() == ["work", "inbox"]


def test_the_table_of_cases_has_dates() -> None:
    frame = case_frame(MEASURED.observations, dt.date(2008, 7, 1))
    first = frame.iloc[0]
    assert first["decided"] == pd.Timestamp("2008-07-02 09:00")
    assert first["in_hand"] == pd.Timestamp("2008-07-03 09:00")
    assert first["due"] == pd.Timestamp("2008-07-06 17:30")
    assert first["outcome"] == "done"
    last = frame.iloc[-1]
    assert last["phase_at_census"] == "inbox"
    assert len(frame) == 4
    assert pd.isna(frame.loc[frame["entered"] == False, "received"]).all()  # noqa: E712


def test_people_are_counted_on_days_that_are_open_then() -> None:
    stay = sequence(*ARRIVE, ticket(30), DONE)
    observations = Hall(census_day=2).measure(Came(1, "15:00", stay)).observations
    days = office()
    # The hall of day 2 is shut in the afternoon.
    shut = Calendar(
        *(tuple(np.delete(edge, 3).tolist()) for edge in (days.opens, days.closes, days.days))
    )
    network = replace(observations.network, calendars={"office": days, "hall": shut})
    capacity = (np.ones(len(shut.opens), np.int64), observations.history.capacity[1])
    history = replace(observations.history, capacity=capacity)
    found = series(Observations(network, observations.table, history, observations.facts))[
        "people_mean"
    ]
    assert found[30] == 1  # 15:00 to 15:30, on the only day that is open then
    assert found[17:24].tolist() == [0] * 7
