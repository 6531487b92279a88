"""`hall attribute`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from tests.interface.conftest import Run
from tests.scenario.conftest import Hall

FAST = ("--no-charts", "--jobs", "1", "-n", "3", "--quiet")
TWO = ("attribute", "hall.yaml", "+full-authorization", "full-entry")


def only_result() -> Path:
    (folder,) = Path("results").glob("hall-attributed/*")
    return folder


def test_it_answers_and_writes_what_it_promises(run: Run) -> None:
    result = run(*TWO, "--jobs", "1", "-n", "3")
    assert result.exit_code == 0, result.output
    assert "Shapley" in result.stdout
    assert "Best order" in result.stdout
    assert "nan" not in result.stdout.lower()
    names = {path.name for path in only_result().iterdir()}
    files = ("manifest.json", "combinations.csv", "shares.csv", "interactions.csv", "order.csv")
    assert names >= {*files, "replications.parquet", "charts"}
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    assert charts >= {
        f"{name}.{lang}.{ending}"
        for name in ("order", "shares", "interactions")
        for lang in ("en", "zh")
        for ending in ("png", "svg")
    }
    shares = pd.read_csv(only_result() / "shares.csv")
    for _, rows in shares.groupby("indicator"):
        total = rows[rows.reform == "all"]["mean"].iloc[0]
        assert abs(rows[rows.reform != "all"]["mean"].sum() - total) < 1e-9


def test_chinese_has_no_english_sentence(run: Run) -> None:
    result = run(*TWO, *FAST, "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "最佳先后顺序" in result.stdout
    assert " brings " not in result.stdout


def test_json_is_one_document(json_of: Callable[..., Any]) -> None:
    document = json_of(*TWO, "-n", "2", "--indicator", "all_visits_mean")
    assert document["order_by"] == "all_visits_mean"
    assert [row["step"] for row in document["order"]] == [1, 2]
    assert {row["indicator"] for row in document["shares"]} == {"all_visits_mean"}
    json.dumps(document, allow_nan=False)


def test_one_replication_and_nothing_to_share_are_said(run: Run, small: Hall) -> None:
    small.reform("nothing", "postal_share", 0.0)
    small.reform("idle", "recall_rate", 0.10)
    same = run("attribute", "hall.yaml", "nothing", "idle", *FAST)
    assert same.exit_code == 0, same.output
    assert "does not change" in same.stdout
    one = run(*TWO, "--no-charts", "-n", "1", "--jobs", "1")
    assert one.exit_code == 0, one.output
    assert "no interval can be given" in one.stderr
    assert "nan" not in one.stdout.lower()


def test_mistakes_leave_with_2(run: Run) -> None:
    result = run("attribute", "hall.yaml", "no-such", "full-entry", "+full-entry", *FAST)
    assert result.exit_code == 2
    assert "no-such" in result.output
    assert "given twice" in result.output
    assert "Traceback" not in result.output
