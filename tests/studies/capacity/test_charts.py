"""Charts of capacity: no glyph missing, nothing beyond the page."""

from __future__ import annotations

import warnings

import pytest

from sim.measure.definitions import Language
from sim.present.style import styled
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.studies.capacity.charts import CHARTS
from sim.studies.capacity.study import capacity
from tests.interface.conftest import small
from tests.scenario.conftest import Hall

__all__ = ["small"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_are_drawn_whole(small: Hall, lang: Language) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    results = capacity(load("hall.yaml"), runner, 3, 0.7)
    with styled(lang), warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in CHARTS.values():
            figure = chart(results, lang)
            figure.canvas.draw()
            for text in figure.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= figure.bbox.width
                assert box.y0 >= 0
                assert box.y1 <= figure.bbox.height
                assert "nan" not in text.get_text().lower()
