"""The shipped scenario and reforms."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario.assumptions import assumptions
from sim.scenario.load import load, scenario_folders
from sim.scenario.model import Scenario
from sim.scenario.schema import Policy
from sim.scenario.sources import parameters, table_columns

REFORMS = sorted(path.stem for path in (scenario_folders()[-1] / "reforms").glob("*.yaml"))


@pytest.fixture(scope="module")
def county() -> Scenario:
    return load("county")


def test_the_catalogue_counts_what_the_report_counts(county: Scenario) -> None:
    items, units = county.items, county.departments
    entered = [item for item in items if item.entered]
    active = [item for item in entered if item.cases_per_wd > 0]
    immediate = [item for item in entered if item.one_sitting and item.authority == "full"]
    assert len(items) == 302
    assert (len(entered), len(items) - len(entered)) == (179, 123)
    assert (len(active), len(entered) - len(active)) == (94, 85)
    assert len(immediate) == 19
    assert sum(unit.window_staff for unit in units) == 48
    assert sum(unit.qualified for unit in units) == 42
    assert len(units) == 32
    assert sum(unit.entered for unit in units) == 29


def test_the_catalogue_brings_the_reports_cases(county: Scenario) -> None:
    daily = sum(item.cases_per_wd for item in county.items if item.entered)
    assert daily == pytest.approx(5834 / 201, rel=0.02)


def test_every_parameter_and_column_has_a_source(county: Scenario) -> None:
    rows = assumptions(county, "en")
    whole = [row.path for row in rows if "[" not in row.path]
    assert whole == [*parameters(), *table_columns()]
    assert [row.path for row in rows if not row.grade] == []


def test_notes_are_in_both_languages(county: Scenario) -> None:
    assert [path for path, source in county.sources.items() if " | " not in source.note] == []


def test_every_estimate_lies_in_its_range(county: Scenario) -> None:
    for row in assumptions(county, "en"):
        if row.low is not None and row.high is not None and isinstance(row.value, (int, float)):
            assert row.low <= row.value <= row.high, row.path


def test_the_planner_sees_every_lever(county: Scenario) -> None:
    for lever in Policy.model_fields:
        assert county.places[f"policy.{lever}"].file.endswith("county.yaml")


@pytest.mark.parametrize("reform", REFORMS)
def test_what_a_reform_chose_has_a_grade_and_lies_in_its_range(
    county: Scenario, reform: str
) -> None:
    reformed = county.with_reforms(reform)
    rows = {row.path: row for row in assumptions(reformed, "en")}
    for path, dose in reformed.doses.items():
        row = rows[path]
        assert (row.grade, row.low, row.high) == (dose.grade, dose.low, dose.high)
        assert " | " in dose.note
        if isinstance(row.value, (int, float)) and row.low is not None:
            assert row.low <= row.value <= row.high
    numbers = {
        path: row.value
        for path, row in rows.items()
        if path.startswith("policy.") and type(row.value) in (int, float)
    }
    changed = {path for path in numbers if numbers[path] != _value(county, path)}
    ends = {"policy.entry", "policy.authorization", "policy.postal_share"}  # all, or said in words
    assert changed - ends <= set(reformed.doses)


def _value(scenario: Scenario, path: str) -> object:
    return getattr(scenario.settings.policy, path.removeprefix("policy."))


@pytest.mark.parametrize("reform", REFORMS)
def test_a_reform_changes_the_policy_alone(county: Scenario, reform: str) -> None:
    reformed = county.with_reforms(reform)
    assert reformed.settings.policy != county.settings.policy
    assert reformed.settings.model_copy(update={"policy": county.settings.policy}) == (
        county.settings
    )
    assert reformed.title.zh != reformed.title.en


def test_the_reforms_that_ship() -> None:
    assert {
        "full-authorization",
        "partial-authorization",
        "full-entry",
        "parallel-joint-approval",
        "silent-consent",
        "weekly-coordination",
        "incentives",
        "comprehensive-windows",
        "postal-collection",
        "due-date-order",
        "one-form-fees",
        "strong-coordination",
        "one-review-one-signature",
        "clear-backlog",
    } <= set(REFORMS)


def test_shipped_reforms_do_not_contradict_each_other(county: Scenario) -> None:
    others = {"partial-authorization", "strong-coordination"}  # instead of two of the rest
    named = [name for name in REFORMS if name not in others]
    assert county.with_reforms(*named).settings.policy.entry == 1


def test_shipped_names_work_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(load("county+full-entry").departments) == 32
