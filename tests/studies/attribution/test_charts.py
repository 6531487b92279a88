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
    question = ask("hall.yaml", ["empty", "full-authorization"], ["makeup_rate", "cases_open"])
    found = attribute(question, Runner(seed=1, workers=Workers(1)), 12)
    key = say("attribute.chart_other_cases", lang)
    for name in ("order", "shares"):
        texts = [one.get_text() for one in CHARTS[name](found, lang).findobj(Text)]
        assert key in texts, name
    told = "".join(answer(found, lang))
    assert say("clause.other_cases", lang) in told
    empty = reform_names(found, lang)["empty"]
    steps = dict(zip(found.order.reform, found.order.step, strict=True))
    assert say("attribute.step_other_cases", lang, name=empty, step=steps["empty"]) in told


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_are_drawn_whole(small: Hall, lang: Language) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    question = ask("hall.yaml", ["full-authorization", "full-entry", "incentives"])
    shares = attribute(question, runner, 3)
    with styled(lang), warnings.catch_warnings():
        warnings.simplefilter("error")
        for chart in CHARTS.values():
            figure = chart(shares, lang)
            figure.canvas.draw()
            for text in figure.texts:
                box = text.get_window_extent()
                assert box.x0 >= 0
                assert box.x1 <= figure.bbox.width
                assert box.y0 >= 0
                assert box.y1 <= figure.bbox.height
                assert "nan" not in text.get_text().lower()
