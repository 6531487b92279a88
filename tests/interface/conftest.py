from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sim.cli import hall as command
from tests.scenario.conftest import Hall

SHORT = """\
horizon: {start: 2008-07-01, census: 2008-08-15, follow_up_wd: 20}
report: {cases_received: 200, completion_rate: 0.9}
"""
Run = Callable[..., Result]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    """Write a small hall into an empty working folder."""
    monkeypatch.chdir(tmp_path)
    hall = Hall(tmp_path)
    text = (tmp_path / "hall.yaml").read_text(encoding="utf-8")
    head = text[: text.index("horizon:")]
    tail = text[text.index("tables:") :]
    hall.write("hall.yaml", head + SHORT + tail)
    return hall


@pytest.fixture
def run(small: Hall) -> Run:
    """Run the command in the folder of the small hall, in one process."""

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(command, list(arguments))

    return call


@pytest.fixture
def json_of(run: Run) -> Callable[..., Any]:
    def call(*arguments: str) -> Any:
        result = run(*arguments, "--json", "--quiet", "--no-charts", "--jobs", "1")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return call
