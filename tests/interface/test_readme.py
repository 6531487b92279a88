"""The Python tour of the README runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.studies.findings import Findings

README = Path(__file__).parents[2] / "README.md"


def tour() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return str(code)


def test_the_tour_names_every_study_or_says_where_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    for name in set(sim.__all__) - {"InputError", "RunError", "load"}:
        assert re.search(rf"\b{name}\b", text)


@pytest.mark.long
def test_the_tour_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(tour(), names)  # noqa: S102  (our own README)
    findings = names["findings"]
    assert isinstance(findings, Findings)
    assert isinstance(findings.differences, pd.DataFrame)
    assert len(findings.readings)
    assert list((tmp_path / "results").glob("county-compared/*/differences.csv"))
