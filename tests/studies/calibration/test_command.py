"""`hall calibrate`: the file is written whole, and only if it is the scenario's own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from sim.running.workers import Workers
from sim.studies import calibration
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall


def test_a_calibration_that_is_inherited_is_not_overwritten(run: Run, small: Hall) -> None:
    small.write("own.yaml", "extends: hall.yaml\ntitle: {en: Own, zh: 自}\n")
    small.write("fit.yaml", "title: {en: F, zh: 拟}\nfitted: {papers.incomplete_rate: 0.3}\n")
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + "calibration: fit.yaml\n")
    result = run("calibrate", "own.yaml")
    assert result.exit_code == 2
    assert "hall.yaml" in result.output


def test_a_calibration_file_says_what_its_plan_lacks(run: Run, small: Hall) -> None:
    small.write("fit.yaml", "title: {en: F, zh: 拟}\nfitted: {papers.incomplete_rate: 0.3}\n")
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + "calibration: fit.yaml\n")
    result = run("calibrate", "hall.yaml")
    assert result.exit_code == 2
    assert "fit" in result.output
    assert "Traceback" not in result.output


def test_a_calibration_that_is_interrupted_changes_nothing(
    run: Run, small: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = (
        "title: {en: F, zh: 拟}\nnote: {en: N, zh: 注}\nreplications: 3\nfit:\n"
        "- {parameter: demand.volume, indicator: cases_received, start: 1}\n"
        "fitted: {demand.volume: 1}\n"
    )
    fit = small.write("fit.yaml", plan)
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + "calibration: fit.yaml\n")
    stream = Workers.stream

    def with_ctrl_c(*arguments: Any) -> Iterator[Any]:
        for done in stream(*arguments):
            signal.raise_signal(signal.SIGINT)
            yield done

    monkeypatch.setattr(Workers, "stream", with_ctrl_c)
    result = run("calibrate", "hall.yaml", "--jobs", "1", "--lang", "zh")
    assert result.exit_code == 130
    assert result.output == calibration.WORDS.texts["done.uncalibrated"]["zh"] + "\n"
    assert fit.read_text(encoding="utf-8") == plan
