"""`hall transition`: what it prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.interface.conftest import Run
from tests.scenario.conftest import Hall

ASK = (
    "transition",
    "hall.yaml",
    "--phase",
    "2008-08-04:full-authorization",
    "--until",
    "2008-10-15",
)
FAST = ("-n", "3", "--jobs", "1", "--quiet")


def test_it_tells_the_open_cases_and_writes_tables_and_charts(run: Run) -> None:
    result = run(*ASK, *FAST)
    assert result.exit_code == 0, result.output
    assert "On 2008-08-04, when “Full authorization” begins" in result.output
    (folder,) = Path("results").glob("hall-transition/*")
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "months.csv", "after.csv", "backlog.csv", "charts"}
    charts = {path.name for path in (folder / "charts").iterdir()}
    assert {"open-cases.en.png", "open-cases.zh.svg", "elapsed-by-month.zh.png"} <= charts


def test_who_gives_up_is_said_first(run: Run, small: Hall) -> None:
    small.reform("empty", "recall_rate", 0.9)
    ask = ("transition", "hall.yaml", "--phase", "2008-08-04:empty", "--until", "2008-10-15")
    for lang, start in (("en", "First: from 2008-08-04 to"), ("zh", "首先：2008-08-04 至")):
        result = run(*ask, *FAST, "--no-charts", "--lang", lang)
        assert result.stdout.startswith(start), result.output
    assert "First:" not in run(*ASK, *FAST, "--no-charts").stdout


def test_it_speaks_chinese(run: Run) -> None:
    result = run(*ASK, *FAST, "--no-charts", "--lang", "zh")
    assert "2008-08-04“完全授权”开始实施时" in result.output


def test_json_is_one_document(run: Run) -> None:
    result = run(*ASK, *FAST, "--no-charts", "--json")
    document = json.loads(result.stdout)
    assert document["day"] == "2008-08-04"
    assert document["n"] == 3
    assert {row["path"] for row in document["after"]} == {"with", "without", "difference"}


@pytest.mark.parametrize("phase", ["2008-08-04:full-entri", "2031-08-04:full-entry"])
def test_mistakes_are_told(run: Run, phase: str) -> None:
    result = run("transition", "hall.yaml", "--phase", phase, *FAST)
    assert result.exit_code == 2
    assert "allowed" in result.output
    assert "Traceback" not in result.output
