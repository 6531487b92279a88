"""The readings of the county's report meet its figures, and what misses them is said to."""

from __future__ import annotations

import pytest

from sim.scenario.load import load
from tests.studies.build import run

FIT = ("county", "county-stuck-case", "county-suspended")
REPLICATIONS = 24
"""As the calibrations used."""


@pytest.mark.long
@pytest.mark.parametrize("name", FIT)
def test_a_reading_meets_the_report(name: str) -> None:
    results = run([load(name)], replications=REPLICATIONS)
    report = results.scenarios[0].settings.report

    def off(figure: str) -> float:
        return float(results.indicator(name, figure)["mean"]) - report[figure]

    assert abs(off("cases_received")) <= 0.01 * report["cases_received"]
    assert abs(off("fees_yuan")) <= 0.03 * report["fees_yuan"]
    assert abs(off("completion_rate")) <= 0.005
    assert abs(off("on_time_rate_closed")) <= 0.005
    assert abs(off("cases_open")) <= 30


@pytest.mark.long
def test_off_the_books_misses_the_on_time_rate() -> None:
    results = run([load("county-off-books")], replications=REPLICATIONS)
    found = {
        figure: float(results.indicator("county-off-books", figure)["mean"])
        for figure in ("cases_open", "on_time_rate_closed", "cases_received")
    }
    assert found["cases_open"] == pytest.approx(491, abs=30)
    assert found["cases_received"] == pytest.approx(5834, rel=0.01)
    assert found["on_time_rate_closed"] < 0.9
