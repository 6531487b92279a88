"""Comparisons in halls that fit the report: bands, verdicts and what is said about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.measure.definitions import indicators
from sim.running.cells import Cells
from sim.running.fitting_halls import find_sample
from sim.running.in_halls import hall_cells
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.studies.comparison.study import run as compare
from sim.studies.ensemble import sampling
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall
from tests.studies.ensemble.test_study import fitted

QUICK = ("--jobs", "1", "--no-charts", "-n", "4")


@pytest.fixture
def sampled(run: Run, small: Hall, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """Return a small hall with a sample of halls that fit its report."""
    for name, value in (("PILOT", 30), ("FEWEST_PILOTS", 10), ("CANDIDATES", 40)):
        monkeypatch.setattr(sampling, name, value)
    monkeypatch.setattr(sampling, "HISTORIES", 10)
    fitted(small)
    result = run("ensemble", "hall.yaml", "--effective", "25", *QUICK, "--quiet")
    assert result.exit_code == 0, result.output
    return small


def test_a_comparison_says_both_intervals(
    run: Run, sampled: Hall, json_of: Callable[..., Any]
) -> None:
    asked = ("compare", "hall.yaml", "+full-authorization", "--halls", "25")
    result = run(*asked, *QUICK)
    assert result.exit_code == 0, result.output
    assert "Two intervals: chance" in result.stderr.replace("\n", " ")
    assert "50 halls that fit the report" in result.output.replace("\n", " ")
    assert "nan" not in result.stdout.lower()
    (path,) = Path("results").glob("hall-compared/*/differences.csv")
    frame = pd.read_csv(path).set_index("indicator")
    row = frame.loc["all_elapsed_mean_wd"]
    assert row["band_low"] <= row["band_high"]
    assert row["readings"].startswith("slow: ")
    document = json_of(*asked, "-n", "4")
    row = next(r for r in document["differences"] if r["indicator"] == "all_elapsed_mean_wd")
    assert row["band_low"] == pytest.approx(frame.loc["all_elapsed_mean_wd", "band_low"])
    assert [reading["reading"] for reading in row["readings"]] == ["slow"]
    json.dumps(document, allow_nan=False)


def test_without_a_sample_only_chance_is_known(run: Run, small: Hall) -> None:
    result = run("compare", "hall.yaml", "+full-entry", *QUICK)
    assert "know chance only" in result.stderr.replace("\n", " ")
    assert "hall ensemble hall" in result.stderr.replace("\n", " ")
    (path,) = Path("results").glob("hall-compared/*/differences.csv")
    assert pd.read_csv(path)["band_low"].isna().all()


def test_chinese_says_the_same(run: Run, sampled: Hall) -> None:
    asked = ("compare", "hall.yaml", "+full-entry", "--halls", "25", "--lang", "zh")
    result = run(*asked, *QUICK)
    assert "未知情况" in result.stderr
    assert "halls" not in result.output


def test_the_same_applicants_are_compared_in_a_hall(sampled: Hall) -> None:
    scenarios = [load("hall.yaml"), load("hall.yaml")]
    sample = find_sample(scenarios[0])
    assert sample is not None
    cells = hall_cells(sample, [scenarios], 5, 1)
    runner = Runner(seed=1, workers=Workers(1), cells=Cells())
    found = cells.gathered(runner.fill(cells.batches))
    assert found is not None
    assert all((change == 0).all() for change in found.differences(1, "all_elapsed_mean_wd"))
    of_base = found.values[0][:, 0]  # noqa: PD011  (no data frame)
    assert len(set(np.round(of_base.mean(axis=(1, 2)), 6))) > 1
    assert set(found.drawn) == {
        "papers.incomplete_rate",
        "offices.hall_share",
        "offices.inbox_wd.mean",
    }


def test_a_second_look_simulates_nothing(sampled: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = Cells(Path("cells"))
    runner = Runner(seed=1, workers=Workers(1), cells=cells)
    scenarios = [load("hall.yaml"), load("hall.yaml+full-authorization")]
    first = compare(scenarios, runner, replications=4, rivals=True, halls=25)

    def fails(*_: object) -> None:
        raise AssertionError("simulated again")

    monkeypatch.setattr("sim.running.cells.simulate_replication", fails)
    again = compare(scenarios, runner, replications=4, rivals=True, halls=25)
    pd.testing.assert_frame_equal(first.differences, again.differences)


def test_tests_hold_over_readings_together(sampled: Hall) -> None:
    runner = Runner(seed=1, workers=Workers(1), cells=Cells())
    scenarios = [load("hall.yaml"), load("hall.yaml+full-authorization")]
    alone = compare(scenarios, runner, replications=6)
    together = compare(scenarios, runner, replications=6, rivals=True)
    width = {
        name: (results.differences["high"] - results.differences["low"])[:5].to_numpy()
        for name, results in (("alone", alone), ("together", together))
    }
    assert (width["together"] > width["alone"]).all()
    assert len(together.readings) == len(alone.differences)


def test_other_halls_have_no_common_sample(sampled: Hall) -> None:
    runner = Runner(seed=1, workers=Workers(1), cells=Cells())
    results = compare([load("hall.yaml"), load("slow.yaml")], runner, replications=3, halls=25)
    assert results.in_halls is None


def test_what_it_depends_on_is_named(sampled: Hall) -> None:
    """A made-up effect that changes its sign with one estimate."""
    sample = find_sample(load("hall.yaml"))
    assert sample is not None
    scenarios = [load("hall.yaml"), load("hall.yaml+full-authorization")]
    cells = hall_cells(sample, [scenarios], 60, 1)
    runner = Runner(seed=1, workers=Workers(1), cells=Cells())
    found = cells.gathered(runner.fill(cells.batches))
    assert found is not None
    shares = np.array([dict(hall.values)["offices.hall_share"] for hall in found.halls[0]])
    values = found.values[0]  # noqa: PD011  (no data frame)
    column = list(indicators()).index("all_elapsed_mean_wd")
    values[:, 1, :, column] = values[:, 0, :, column] + (shares - 0.4)[:, None]
    split = found.separation(1, "all_elapsed_mean_wd")
    assert split is not None
    assert split.quantity == "offices.hall_share"
    assert split.break_even == pytest.approx(0.4, abs=0.02)
    assert split.rises


def test_python_compares_in_halls_as_the_shell_does(sampled: Hall) -> None:
    found = sim.compare(["hall.yaml", "+full-authorization"], replications=3, halls=20, cases=0)
    assert found.differences["band_low"].notna().any()
    assert (
        sim.compare(["hall.yaml", "+full-entry"], replications=2, halls=0)
        .differences["band_low"]
        .isna()
        .all()
    )


def test_the_largest_seed_is_taken(run: Run, sampled: Hall) -> None:
    asked = ("compare", "hall.yaml", "+full-entry", "--halls", "20", "--seed", str(2**64 - 1))
    result = run(*asked, *QUICK)
    assert result.exit_code == 0, result.output


def test_why_only_chance_is_known_is_said_rightly(run: Run, sampled: Hall) -> None:
    asked = ("compare", "hall.yaml", "+full-entry", *QUICK)
    for halls, said in (("0", "were not compared in halls"), ("4", "too few to say")):
        result = run(*asked, "--halls", halls)
        assert said in result.stderr.replace("\n", " ")
    result = run("compare", "hall.yaml", "slow.yaml", *QUICK)
    assert "different halls" in result.stderr.replace("\n", " ")
