"""`hall staff`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from sim.scenario.load import load
from tests.interface.conftest import Run

TARGET = ("--target", "hall_wait_within_target_rate>=0.6")
FAST = ("--jobs", "1", "-n", "10", "--quiet")


def folder() -> Path:
    (path,) = Path("results").glob("*-staff/*")
    return path


def test_the_plan_is_a_reform_that_compare_takes(run: Run) -> None:
    result = run("staff", "hall.yaml", *TARGET, *FAST, "--no-charts")
    assert result.exit_code == 0, result.output
    plan = yaml.safe_load((folder() / "plan.yaml").read_text(encoding="utf-8"))
    assert set(plan["title"]) == {"en", "zh"}
    loaded = load(f"hall.yaml+{folder()}/plan.yaml")
    assert loaded.settings.policy.staff == plan["policy"]["staff"]
    table = pd.read_csv(folder() / "plan.csv")
    assert table["plan"].sum() == sum(sum(part.values()) for part in plan["policy"].values())
    compared = run("compare", "hall.yaml", f"+{folder()}/plan.yaml", *FAST, "--no-charts")
    assert compared.exit_code == 0, compared.output
    assert f"hall compare hall +{folder()}/plan.yaml" in result.stdout.replace("\n", "")


def test_it_leaves_tables_manifest_and_charts(run: Run) -> None:
    assert run("staff", "hall.yaml", *TARGET, *FAST).exit_code == 0
    files = {str(path.relative_to(folder())) for path in folder().rglob("*.*")}
    charts = {
        f"charts/{name}.{lang}.{kind}"
        for name in ("people", "frontier")
        for lang in ("en", "zh")
        for kind in ("png", "svg")
    }
    assert files == charts | {
        "manifest.json", "plan.yaml", "plan.csv", "trials.csv", "finalists.csv", "gains.csv",
    }  # fmt: skip
    trials = pd.read_csv(folder() / "trials.csv")
    assert trials["people"].equals(trials.filter(regex="^(staff|officers)\\.").sum(axis=1))
    finalists = pd.read_csv(folder() / "finalists.csv")
    assert finalists["plan"].tolist()[:2] == ["today", "1"]
    manifest = json.loads((folder() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["targets"] == ["hall_wait_within_target_rate>=0.6"]


def test_the_document_says_what_the_tables_say(json_of: Callable[..., Any]) -> None:
    document = json_of("staff", "hall.yaml", *TARGET, "-n", "10", "--where", "windows")
    assert document["people"] == sum(row["plan"] for row in document["plan"])
    assert document["people_now"] == sum(row["now"] for row in document["plan"])
    assert {row["place"] for row in document["plan"]} == {"windows"}
    chosen = document["chosen"]
    name = "hall_wait_within_target_rate"
    assert chosen[f"{name}_low"] <= chosen[name] <= chosen[f"{name}_high"]


def test_a_number_of_people_is_kept(json_of: Callable[..., Any]) -> None:
    document = json_of("staff", "hall.yaml", *TARGET, "-n", "10", "--people", "4")
    assert document["where"] == "windows"
    assert document["people"] == 4


def test_chinese_is_spoken(run: Run) -> None:
    result = run("staff", "hall.yaml", *TARGET, *FAST, "--no-charts", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "目标不低于 60.0 %" in result.stdout
    assert "hall compare" in result.stdout


def test_all_mistakes_are_told_at_once(run: Run) -> None:
    result = run(
        "staff", "hall.yml", "--target", "hall_wait_within_target_rte>=0.9",
        "--target", "on_time_rate_cohort>=90", "--figure", "nothing",
    )  # fmt: skip
    assert result.exit_code == 2
    for text in (
        "no scenario 'hall.yml'",
        "did you mean 'hall_wait_within_target_rate'?",
        "such as 0.9 for 90 %",
        "--figure nothing",
    ):
        assert text in result.stderr


def test_a_number_that_cannot_be_placed_is_refused(run: Run) -> None:
    result = run("staff", "hall.yaml", *TARGET, "--people", "1000")
    assert result.exit_code == 2
    assert "--people 1000" in result.stderr
    assert not list(Path("results").glob("*-staff"))


def test_a_target_out_of_reach_ends_with_the_best_reached(run: Run) -> None:
    result = run("staff", "hall.yaml", "--target", "completion_rate>=1", *FAST)
    assert result.exit_code == 2
    assert "--target completion_rate>=1: not reached: the best plan found" in result.stderr
    assert "a reform that changes the work" in result.stderr


def test_what_was_worked_out_is_not_worked_out_again(run: Run) -> None:
    assert run("staff", "hall.yaml", *TARGET, *FAST, "--no-charts").exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in Path("results/cells").rglob("*.npy")}
    assert run("staff", "hall.yaml", *TARGET, *FAST, "--no-charts").exit_code == 0
    after = {path: path.stat().st_mtime_ns for path in Path("results/cells").rglob("*.npy")}
    assert before == after != {}
