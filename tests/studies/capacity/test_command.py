"""`hall capacity`: what it prints, writes and refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.interface.conftest import Run

FAST = ("--no-charts", "--jobs", "1", "-n", "3", "--quiet")


def only_result() -> Path:
    (folder,) = Path("results").glob("hall-capacity/*")
    return folder


def test_it_answers_and_writes_what_it_promises(run: Run) -> None:
    result = run("capacity", "hall.yaml", "--jobs", "1", "-n", "3")
    assert result.exit_code == 0, result.output
    assert "times its demand" in result.stdout
    assert "In the way" in result.stdout
    assert "nan" not in result.stdout.lower()
    names = {path.name for path in only_result().iterdir()}
    files = {"manifest.json", "capacity.csv", "curve.csv", "groups.csv", "replications.parquet"}
    assert names >= {*files, "charts"}
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    assert {f"{name}.{lang}.png" for name in ("capacity", "use") for lang in ("en", "zh")} <= charts
    limits = pd.read_csv(only_result() / "capacity.csv")
    assert (limits.low <= limits.multiple).all()
    assert (limits.multiple <= limits.high).all()
    assert limits.multiple.iloc[1] > limits.multiple.iloc[0]


def test_a_stricter_target_carries_less(json_of: Callable[..., Any]) -> None:
    def carried(target: str) -> float:
        document = json_of("capacity", "hall.yaml", "-n", "2", "--target", target)
        json.dumps(document, allow_nan=False)
        return float(document["steps"][0]["multiple"])

    assert carried("0.6") > carried("0.8")


def test_an_impossible_target_says_the_best_reachable(run: Run) -> None:
    result = run("capacity", "hall.yaml", *FAST, "--target", "0.99999", "--lang", "zh")
    assert result.exit_code == 0, result.output
    assert "已是最好水平" in result.stdout
    assert "nan" not in result.stdout.lower()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("hall.yaml", "--target", "1.2"), "1.2"), (("nowhere",), "nowhere")],
)
def test_mistakes_leave_with_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("capacity", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
