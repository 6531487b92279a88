"""Charts of attribution and capacity: no glyph missing, nothing beyond the page."""

from __future__ import annotations

import warnings

import pytest

from sim.experiment.attribute import ask, attribute
from sim.experiment.capacity import capacity
from sim.experiment.runner import Runner
from sim.experiment.workers import Workers
from sim.measure.definitions import Language
from sim.present.charts import attribute as attributed
from sim.present.charts import capacity as carried
from sim.present.style import styled
from sim.scenario.load import load
from tests.interface.conftest import small
from tests.scenario.conftest import Hall

__all__ = ["small"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_are_drawn_whole(small: Hall, lang: Language) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    question = ask("hall.yaml", ["full-authorization", "full-entry", "incentives"])
    shares = attribute(question, runner, 3)
    limit = capacity(load("hall.yaml"), runner, 3, 0.7)
    charts = [lambda one=one: one(shares, lang) for one in attributed.CHARTS.values()]
    charts += [lambda one=one: one(limit, lang) for one in carried.CHARTS.values()]
    with styled(lang), warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in charts:
            figure = chart()
            figure.canvas.draw()
            for text in figure.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= figure.bbox.width
                assert box.y0 >= 0
                assert box.y1 <= figure.bbox.height
                assert "nan" not in text.get_text().lower()
