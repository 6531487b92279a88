"""Small outputs that change only on purpose; `python -m tests.results.test_frozen` renews them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from sim.scenario.load import load
from tests.scenario.conftest import Hall
from tests.studies.build import run

FROZEN = Path(__file__).with_name("frozen.json")
SHORT = "horizon: {start: 2008-07-01, census: 2008-08-15, follow_up_wd: 20}\n"
SCENARIOS = ("hall.yaml", "hall.yaml+full-authorization", "hall.yaml+full-entry")


def measured(folder: Path) -> dict[str, dict[str, float | None]]:
    hall = Hall(folder)
    text = (folder / "hall.yaml").read_text(encoding="utf-8")
    start = text.index("horizon:")
    hall.write("hall.yaml", text[:start] + SHORT + text[text.index("tables:") :])
    results = run([load(f"{folder}/{name}") for name in SCENARIOS], replications=2, seed=1)
    frame = results.indicators
    return {
        name: {
            row.indicator: None if row.mean != row.mean else float(f"{row.mean:.10g}")
            for row in frame[frame.scenario == name].itertuples()
        }
        for name in results.names
    }


def test_figures_of_a_small_hall_have_not_moved(tmp_path: Path) -> None:
    expected = json.loads(FROZEN.read_text(encoding="utf-8"))
    found = measured(tmp_path)
    assert found.keys() == expected.keys()
    for name, figures in found.items():
        new = sorted(figures.keys() - expected[name].keys())
        assert not new, f"nobody froze {new}: python -m tests.results.test_frozen"
    for name, figures in expected.items():
        for indicator, value in figures.items():
            assert found[name][indicator] == (
                None if value is None else pytest.approx(value, rel=1e-9)
            ), (name, indicator)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(measured(Path(folder)), indent=1)
        FROZEN.write_text(text + "\n", encoding="utf-8")
