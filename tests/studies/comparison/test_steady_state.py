"""Steady state: a warm-up that is there is found, one that is not is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.measure.steady import by_day
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from sim.studies.comparison.results import Results
from sim.studies.comparison.steady_state import settled, steady_frame
from tests.measure.build import Came, Hall, decision, pause, ticket
from tests.measure.build import sequence as road
from tests.studies.build import run

DAYS = 120


def with_series(found: Results, **series: np.ndarray) -> Results:
    """Return results with other series, arrays of shape (replications, days)."""
    finished = {
        number: replace(one, series=one.series | {k: v[number] for k, v in series.items()})
        for number, one in found.finished[0].items()
    }
    return replace(found, finished=(finished,), steady_state=True)


@pytest.fixture
def found(hall: Scenario) -> Results:
    return run([hall], replications=4, workers=Workers(1))


def filling(days_to_fill: int, level: float) -> np.ndarray:
    noise = np.random.default_rng(1).normal(0, 2, (4, DAYS))
    return level * np.minimum(1, np.arange(DAYS) / days_to_fill) + noise


def test_a_backlog_that_fills_up_is_cut_where_it_is_full(found: Results) -> None:
    one = settled(with_series(found, backlog_all=filling(30, 500)), "backlog_all")
    assert one.warm_up_wd is not None
    assert 25 <= one.warm_up_wd <= 35
    assert one.after.low <= 500 <= one.after.high
    assert one.after.n == 4


def test_a_backlog_that_grows_to_the_end_has_no_steady_state(found: Results) -> None:
    one = settled(with_series(found, backlog_all=filling(DAYS, 500)), "backlog_all")
    assert (one.warm_up_wd, one.why_none) == (None, "still changing")
    assert np.isnan(one.after.mean)


def test_waits_are_weighed_by_the_tickets_of_the_days_that_are_left(found: Results) -> None:
    tickets = np.full((4, DAYS), 10.0)
    tickets[:, -1] = 1000
    waits = tickets * 3.0
    waits[:, :10] *= 20
    waits[:, -1] *= 2
    one = settled(with_series(found, wait_day_min=waits, tickets_day=tickets), "hall_wait")
    assert one.warm_up_wd == 10
    assert one.by_day[[0, 50, -1]].tolist() == [60, 3, 6]
    assert one.after.mean == pytest.approx((109 * 10 * 3 + 1000 * 6) / (109 * 10 + 1000))


def test_too_short_or_without_tickets_is_said(found: Results) -> None:
    assert settled(with_series(found, backlog_all=np.ones((4, 49))), "backlog_all").why_none == (
        "too short"
    )
    none = with_series(found, wait_day_min=np.zeros((4, DAYS)), tickets_day=np.zeros((4, DAYS)))
    assert settled(none, "hall_wait").why_none == "too short"
    frame = steady_frame(none)
    assert frame.warm_up_wd.isna().any()


def test_waits_by_day_add_up_to_all_tickets() -> None:
    busy = road(ticket(30), decision(5, pause(1, "inbox")))
    measured = Hall(census_day=4).measure(
        Came(1, "09:00", busy), Came(1, "09:10", busy), Came(3, "09:00", busy)
    )
    found = by_day(measured.observations)
    assert found["tickets_day"].tolist() == [2, 0, 1, 0]
    assert found["wait_day_min"].tolist() == [20, 0, 0, 0]
