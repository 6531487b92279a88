"""`hall ensemble`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.interface.conftest import Run
from tests.scenario.conftest import Hall
from tests.studies.ensemble.test_study import fitted

FAST = ("--no-charts", "--jobs", "1", "-n", "3", "--variants", "3", "--fit-replications", "2")
ASKED = ("ensemble", "hall.yaml", "+full-authorization")


def only_result() -> Path:
    (path,) = Path("results").glob("hall-ensemble/*")
    return path


def test_it_answers_and_writes_what_it_promises(run: Run, small: Hall) -> None:
    fitted(small)
    result = run(*ASKED, "--jobs", "1", "-n", "3", "--variants", "3", "--fit-replications", "2")
    assert result.exit_code == 0, result.output
    assert "chance alone" in result.stdout
    assert "not knowing the hall" in result.stdout
    assert "under 2 calibrations" in result.stdout
    assert "nan" not in result.stdout.lower()
    assert "3 variants are few" in result.stderr
    names = {path.name for path in only_result().iterdir()}
    assert names == {
        *("manifest.json", "effects.csv", "summary.csv", "best.csv", "fits.csv", "charts")
    }
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    assert charts == {
        f"hall-full-authorization.{lang}.{ending}"
        for lang in ("en", "zh")
        for ending in ("png", "svg")
    }
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["variants"] == 3
    assert "items.cases_per_wd" in manifest["redrawn"]
    fits = pd.read_csv(only_result() / "fits.csv")
    assert set(fits["rival"]) == {"hall", "slow"}
    assert Path(manifest["ensemble"], "variant-03-slow.yaml").is_file()


def test_a_variant_runs_like_any_scenario(run: Run, small: Hall) -> None:
    fitted(small)
    assert run(*ASKED, *FAST, "--quiet").exit_code == 0
    (path,) = Path("results/ensembles").glob("*/variant-02.yaml")
    result = run("run", str(path), "-n", "2", "--no-charts", "--jobs", "1", "--quiet")
    assert result.exit_code == 0, result.output
    assert "variant 2" in result.stdout
    compared = run("compare", str(path), "+full-entry", "-n", "2", "--no-charts", "--quiet")
    assert compared.exit_code == 0, compared.output


def test_chinese_has_no_english_sentence(run: Run, small: Hall) -> None:
    fitted(small)
    result = run(*ASKED, *FAST, "--quiet", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "仅偶然性" in result.stdout
    assert "variants" not in result.stdout
    assert "calibration" not in result.stdout


def test_json_is_one_document(json_of: Callable[..., Any], small: Hall) -> None:
    fitted(small)
    asked = (*ASKED, "--variants", "2", "-n", "2", "--fit-replications", "2")
    document = json_of(*asked)
    assert document["variants"] == 2
    assert {row["rival"] for row in document["summary"]} == {"hall", "slow", "all"}
    assert {row["variant"] for row in document["effects"]} == {0, 1, 2}
    json.dumps(document, allow_nan=False)
    assert {row["rival"] for row in json_of(*asked, "--no-rivals")["summary"]} == {"hall"}


def test_one_replication_and_no_calibration_are_said(run: Run) -> None:
    result = run(*ASKED, "--no-charts", "--jobs", "1", "-n", "1", "--variants", "2")
    assert result.exit_code == 0, result.output
    assert "no interval can be given" in result.stderr
    assert "not fitted" in result.stderr
    assert "each fitted to the report" not in result.stdout
    assert "nan" not in result.stdout.lower()


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
