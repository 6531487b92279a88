"""The shipped readings meet the report on applicants that the fit has never seen."""

from __future__ import annotations

import numpy as np
import pytest

from sim.scenario.load import load
from sim.studies.comparison.results import Results
from tests.studies.build import run

FRESH_SEED = 7
REPLICATIONS = 24
TOLERANCE = {
    "cases_received": 0.01 * 5834,
    "completion_rate": 0.005,
    "on_time_rate_closed": 0.005,
    "fees_yuan": 0.03 * 2_218_560,
}


def results_of(name: str) -> Results:
    return run([load(name)], replications=REPLICATIONS, seed=FRESH_SEED)


@pytest.mark.long
@pytest.mark.parametrize("name", ["county", "county-stuck-case", "county-suspended"])
def test_a_reading_meets_the_report(name: str) -> None:
    results = results_of(name)
    report = results.scenarios[0].settings.report
    for figure, tolerance in TOLERANCE.items():
        values = results.values(0, figure)
        error = 3.5 * values.std(ddof=1) / np.sqrt(len(values))
        # The mean of so many histories is itself uncertain by `error`.
        assert abs(values.mean() - report[figure]) <= tolerance + error, figure
    row = results.indicator(name, "complaints")
    assert row["history_low"] <= report["complaints"] <= row["history_high"]


@pytest.mark.long
def test_the_causes_of_open_cases_add_up() -> None:
    results = results_of("county")
    causes = ("blocked", "higher_level", "applicant", "suspended", "in_flow")
    parts = sum(results.values(0, f"cases_open_{cause}") for cause in causes)
    assert (parts == results.values(0, "cases_open")).all()


@pytest.mark.long
def test_uniformly_slow_misses_the_on_time_rate_by_far() -> None:
    results = results_of("county-slow")
    assert abs(results.values(0, "cases_open").mean() - 491) < 30
    assert results.values(0, "on_time_rate_closed").mean() < 0.75
