"""Charts of attribution: no glyph missing, nothing beyond the page."""

from __future__ import annotations

import warnings

import pytest
from matplotlib.text import Text

from sim.measure.definitions import Language
from sim.present.style import styled
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.studies.attribution import say
from sim.studies.attribution.charts import CHARTS
from sim.studies.attribution.said import answer, reform_names
from sim.studies.attribution.study import ask, attribute
from tests.interface.conftest import small
from tests.scenario.conftest import Hall

__all__ = ["small"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_changes_about_other_cases_have_a_key(small: Hall, lang: Language) -> None:
    small.reform("empty", "recall_rate", 0.9)
    request = ask("hall.yaml", ["empty", "full-authorization"], ["makeup_rate", "cases_open"])
    results = attribute(request, Runner(seed=1, workers=Workers(1)), 12)
    key = say("attribute.chart_other_cases", lang)
    for name in ("order", "shares"):
        texts = [text.get_text() for text in CHARTS[name](results, lang).findobj(Text)]
        assert key in texts, name
    sentences = "".join(answer(results, lang))
    assert say("clause.other_cases", lang) in sentences
    empty = reform_names(results, lang)["empty"]
    steps = dict(zip(results.order.reform, results.order.step, strict=True))
    assert say("attribute.step_other_cases", lang, name=empty, step=steps["empty"]) in sentences


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_are_drawn_whole(small: Hall, lang: Language) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    request = ask("hall.yaml", ["full-authorization", "full-entry", "incentives"])
    results = attribute(request, runner, 3)
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
