"""`hall ensemble`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.studies.ensemble import sampling
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall
from tests.studies.ensemble.test_study import fitted

FAST = ("--no-charts", "--jobs", "1", "-n", "2", "--variants", "3", "--effective", "8")
ASKED = ("ensemble", "hall.yaml", "+full-authorization")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few halls at once."""
    for name, value in (("PILOT", 30), ("FEWEST_PILOTS", 10), ("CANDIDATES", 40)):
        monkeypatch.setattr(sampling, name, value)
    monkeypatch.setattr(sampling, "HISTORIES", 10)


def only_result() -> Path:
    (path,) = Path("results").glob("hall-ensemble/*")
    return path


def test_it_answers_and_writes_what_it_promises(run: Run, small: Hall) -> None:
    fitted(small)
    result = run(*ASKED, *FAST[1:])
    assert result.exit_code == 0, result.output
    assert "of equal weight" in result.stdout
    assert "the report makes some values likelier" in result.stdout
    assert "chance alone" in result.stdout
    assert "not knowing the hall" in result.stdout
    assert "under each of 2 calibrations" in result.stdout
    assert "nan" not in result.stdout.lower()
    assert "3 halls are few" in result.stderr
    names = {path.name for path in only_result().iterdir()}
    tables = ("effects.csv", "summary.csv", "best.csv", "fits.csv", "estimates.csv", "halls.csv")
    assert names == {*tables, "manifest.json", "charts"}
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    assert charts == {
        f"hall-full-authorization.{lang}.{ending}"
        for lang in ("en", "zh")
        for ending in ("png", "svg")
    }
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["variants"] == 3
    assert "items.cases_per_wd" in manifest["redrawn"]
    assert set(pd.read_csv(only_result() / "fits.csv")["rival"]) == {"hall", "slow"}
    (sample,) = Path("results/ensembles").glob("*.csv")
    assert str(sample) in result.stdout.replace("\n", "")
    assert manifest["sample"] in sample.name


def test_without_scenarios_it_draws_the_halls_only(run: Run, small: Hall) -> None:
    fitted(small)
    result = run("ensemble", "hall.yaml", *FAST)
    assert result.exit_code == 0, result.output
    assert "of equal weight" in result.stdout
    assert "not knowing the hall" not in result.stdout
    names = {path.name for path in only_result().iterdir()}
    assert names == {"manifest.json", "fits.csv", "estimates.csv", "halls.csv"}
    again = run("ensemble", "hall.yaml", *FAST)
    assert again.stdout.splitlines()[0] == result.stdout.splitlines()[0]


def test_chinese_has_no_english_sentence(run: Run, small: Hall) -> None:
    fitted(small)
    result = run(*ASKED, *FAST, "--quiet", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "仅偶然性" in result.stdout
    assert "halls" not in result.stdout.replace("results/ensembles/fitting-halls", "")
    assert "calibration" not in result.stdout


def test_json_is_one_document(json_of: Callable[..., Any], small: Hall) -> None:
    fitted(small)
    asked = (*ASKED, "--variants", "2", "-n", "2", "--effective", "8")
    document = json_of(*asked)
    assert document["variants"] == 2
    assert {row["rival"] for row in document["summary"]} == {"hall", "slow", "all"}
    assert {row["variant"] for row in document["effects"]} == {0, 1, 2}
    assert {row["narrowed_by"] for row in document["estimates"]} <= {"", "report", "load"}
    json.dumps(document, allow_nan=False)
    assert {row["rival"] for row in json_of(*asked, "--no-rivals")["summary"]} == {"hall"}


def test_a_hall_without_a_report_is_said(run: Run, small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("report:", "# report:"))
    result = run(*ASKED, *FAST[:3], "-n", "1", "--variants", "2", "--effective", "5")
    assert result.exit_code == 0, result.output
    assert "no figure of a report is compared" in result.stderr
    assert "nan" not in result.stdout.lower()


def test_a_report_that_no_hall_explains_is_told(run: Run, small: Hall) -> None:
    fitted(small)
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("cases_completed: 176", "cases_completed: 1"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sampling, "MOST_ROUNDS", 1)
        result = run(*ASKED, *FAST)
    assert result.exit_code == 2
    assert "no hall that was drawn comes near the report" in result.output
    assert "Traceback" not in result.output


def test_a_reform_that_changes_nothing_is_said(run: Run, small: Hall) -> None:
    small.reform("nothing", "postal_share", 0.0)
    result = run("ensemble", "hall.yaml", "+nothing", *FAST, "--quiet")
    assert result.exit_code == 0, result.output
    assert "in none of the halls" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("+no-such",), "no-such"),
        (("+full-entry", "+full-entry"), "given twice"),
        (("+full-entry", "--set", "items=3"), "items"),
    ],
)
def test_mistakes_leave_with_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("ensemble", "hall.yaml", *arguments, *FAST)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_too_few_variants_are_refused(run: Run) -> None:
    assert run(*ASKED, "--variants", "1").exit_code == 2
