"""Sentences and charts of `hall sensitivity`: names leaders read, nothing missing or cut off."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.measure.definitions import Language
from sim.present.style import styled
from sim.running.runner import Runner
from sim.scenario.assumptions import assumptions
from sim.scenario.estimates import estimates
from sim.scenario.load import load
from sim.studies.sensitivity import said as sensitivity
from sim.studies.sensitivity.charts import indices_chart, tornado_chart
from sim.studies.sensitivity.estimates import chosen_factors
from sim.studies.sensitivity.indices import Indices, Means, morris, sobol
from sim.studies.sensitivity.robustness import Robustness, judge_robustness
from sim.studies.sensitivity.study import SensitivityRequest, Tornado, one_at_a_time
from tests.interface.conftest import SHORT
from tests.scenario.conftest import Hall

NAMES = ("all_elapsed_mean_wd", "hall_wait_mean_min")
VARY = (
    "papers.make_up_wd=1:8",
    "papers.incomplete_rate=0.05:0.45",
    "hall.attempts=2:4",
    "offices.leader_attendance=0.3:0.9",
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> SensitivityRequest:
    folder = tmp_path_factory.mktemp("hall")
    hall = Hall(folder)
    text = (folder / "hall.yaml").read_text(encoding="utf-8")
    hall.write("hall.yaml", text[: text.index("horizon:")] + SHORT + text[text.index("tables:") :])
    base, other = (load(f"{folder}/hall.yaml{more}") for more in ("", "+full-authorization"))
    return SensitivityRequest(Runner(seed=1), base, other, 3, NAMES)


@pytest.fixture(scope="module")
def compared(asked: SensitivityRequest) -> tuple[Tornado, list[Robustness]]:
    factors, _, problems = chosen_factors(asked.base, VARY)
    assert not problems
    found = one_at_a_time(asked, factors)
    return found, judge_robustness(found)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_estimate_of_the_county_has_a_name(lang: Language) -> None:
    county = load("county")
    for one in estimates(county)[0]:
        assert sensitivity.name_of(one.path, lang) != one.path
    numbers = [row.path for row in assumptions(county) if row.low is not None]
    for path in numbers:
        if not path.startswith(("departments.", "items.")):
            assert sensitivity.name_of(path, lang) != path, path


def test_shares_are_read_in_percent_and_units_said() -> None:
    factors = {one.path: one for one in estimates(load("county"))[0]}
    told = sensitivity.range_of(factors["papers.incomplete_rate"], "en")
    assert told == "5 to 45 %, now 20"
    told = sensitivity.range_of(factors["offices.inbox_wd.mean"], "zh")
    assert told == "0.1 至 1.5 工作日，现取 0.35"
    assert sensitivity.range_of(factors["offices.slow_factor"], "en") == "1 to 3, now 1.6"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sentences_speak_their_language(
    compared: tuple[Tornado, list[Robustness]], lang: Language
) -> None:
    found, robustness = compared
    sentences = [
        *sensitivity.tornado_answer(found, robustness, lang),
        *sensitivity.robustness_answer(found, robustness, lang),
        *sensitivity.cautions(found.request, [], lang),
    ]
    assert len(sentences) >= 6
    for sentence in sentences:
        assert "nan" not in sentence
        if lang == "zh":
            assert not re.search(r"[A-Za-z]{5,}", sentence), sentence


def shown(figure: Figure) -> list[str]:
    texts = [one.get_text() for one in figure.texts]
    for axes in figure.axes:
        texts += [axes.get_xlabel(), *(label.get_text() for label in axes.get_yticklabels())]
        texts += [one.get_text() for one in axes.texts]
    return [text for text in texts if text]


def check(figure: Figure, lang: Language, path: Path) -> None:
    figure.savefig(path, dpi=40)
    figure.canvas.draw()
    for text in shown(figure):
        assert "nan" not in text
        if lang == "zh":
            assert not re.search(r"[A-Za-z]{7,}", text), text
    (axes,) = figure.axes
    for label in [*axes.get_yticklabels(), *figure.texts, axes.xaxis.label, *axes.texts]:
        box = label.get_window_extent()
        if label.get_text():
            assert box.x0 >= -1, label.get_text()
            assert box.x1 <= figure.bbox.width + 1, label.get_text()
            assert box.y0 >= -1, label.get_text()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_tornadoes_are_drawn_whole(
    compared: tuple[Tornado, list[Robustness]], name: str, lang: Language, tmp_path: Path
) -> None:
    with warnings.catch_warnings(), styled(lang):
        warnings.simplefilter("error")
        check(tornado_chart(*compared, name, lang), lang, tmp_path / "chart.png")


def test_bars_end_where_the_figures_do(compared: tuple[Tornado, list[Robustness]]) -> None:
    found, robustness = compared
    with styled("en"):
        (axes,) = tornado_chart(found, robustness, NAMES[0], "en").axes
    bar = found.bars[NAMES[0]][0]
    centre = found.as_it_is(NAMES[0]).mean
    wanted = {round(centre + one.mean, 6) for one in (bar.at_low, bar.at_high) if one.mean}
    drawn = set()
    for patch in axes.patches[: len(wanted)]:
        low, width = patch.get_x(), patch.get_width()  # type: ignore[attr-defined]
        drawn |= {round(low, 6), round(low + width, 6)}
    assert wanted <= drawn


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_indices_are_drawn_whole(
    asked: SensitivityRequest, method: str, lang: Language, tmp_path: Path
) -> None:
    factors, _, _ = chosen_factors(asked.base, VARY[:2])
    judge = {"morris": morris, "sobol": sobol}[method]
    table = judge(Means(asked, factors), factors, 8, 1)[0]
    found = Indices(method, NAMES[0], table)
    with warnings.catch_warnings(), styled(lang):
        warnings.simplefilter("error")
        check(indices_chart(found, asked, 24, lang), lang, tmp_path / "chart.png")
    told = " ".join(sensitivity.indices_answer([found], asked, 8, lang))
    assert sensitivity.name_of(str(table["parameter"][0]), lang) in told
