"""Charts that leaders look at: nothing missing, nothing cut off, nothing in the wrong language."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sim.measure.definitions import Language
from sim.scenario.load import load
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.results import Results
from tests.interface.conftest import SHORT
from tests.scenario.conftest import Hall
from tests.studies.build import run
from tests.studies.comparison.drawing import draw, write_charts

REFORMS = ("", "+full-authorization", "+full-entry", "+postal-collection")
COMPARED = tuple(name for name in CHARTS if name != "warm-up")
ALONE = tuple(name for name in COMPARED if name not in {"differences", "who-gains"})
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hall")
    hall = Hall(folder)
    text = (folder / "hall.yaml").read_text(encoding="utf-8")
    hall.write("hall.yaml", text[: text.index("horizon:")] + SHORT + text[text.index("tables:") :])
    return folder


def results_of(folder: Path, scenarios: int, replications: int) -> Results:
    loaded = [load(f"{folder}/hall.yaml{reform}") for reform in REFORMS[:scenarios]]
    return run(loaded, replications=replications, seed=1)


@pytest.fixture(scope="module")
def several(folder: Path) -> Results:
    return results_of(folder, 4, 3)


@pytest.fixture(scope="module")
def single(folder: Path) -> Results:
    return results_of(folder, 1, 1)


def texts(figure: Figure) -> list[str]:
    found = [one.get_text() for one in figure.texts]
    for axes in figure.axes:
        found += [axes.get_title(loc="left"), axes.get_xlabel(), axes.get_ylabel()]
    return [text for text in found if text]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", COMPARED)
def test_every_chart_is_drawn_without_a_missing_glyph(
    several: Results, name: str, lang: Language, tmp_path: Path
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(several, name, lang).savefig(tmp_path / "chart.png", dpi=40)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ALONE)
def test_one_scenario_and_one_replication_are_enough(
    single: Results, name: str, lang: Language
) -> None:
    figure = draw(single, name, lang)
    assert not any("nan" in text.lower() for text in texts(figure))
    assert all(axes.get_legend() is None for axes in figure.axes)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", COMPARED)
def test_nothing_is_cut_off(several: Results, name: str, lang: Language) -> None:
    figure = draw(several, name, lang)
    figure.canvas.draw()
    width, height = figure.bbox.width, figure.bbox.height
    shown = [one for one in figure.texts if one.get_text()]
    for axes in figure.axes:
        low, high = sorted(axes.get_ylim())
        ticks = [one for one in axes.get_yticklabels() if low <= one.get_position()[1] <= high]
        shown += [axes.xaxis.label, axes.yaxis.label, *ticks]
    for one in shown:
        if one.get_text() and one.get_visible():
            box = one.get_window_extent()
            assert box.x0 >= -1, one.get_text()
            assert box.y0 >= -1, one.get_text()
            assert box.x1 <= width + 1, one.get_text()
            assert box.y1 <= height + 1, one.get_text()


@pytest.mark.parametrize("name", COMPARED)
def test_chinese_charts_speak_chinese(several: Results, name: str) -> None:
    for text in texts(draw(several, name, "zh")):
        assert not re.search(r"[A-Za-z]{4,}", text), text


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("where-the-days-go", "working days"),
        ("elapsed-time", "Working days"),
        ("elapsed-time", "%"),
        ("backlog", "cases"),
        ("by-hour", "minutes"),
        ("by-hour", "people"),
        ("utilisation", "%"),
        ("visits", "%"),
        ("differences", "wd"),
    ],
)
def test_axes_carry_units(several: Results, name: str, unit: str) -> None:
    figure = draw(several, name, "en")
    labels = [axes.get_xlabel() + axes.get_ylabel() for axes in figure.axes]
    assert any(unit in label for label in labels), labels


def test_the_stacked_days_add_up_to_the_elapsed_time(several: Results) -> None:
    figure = draw(several, "where-the-days-go", "en")
    total = max(bar.get_x() + bar.get_width() for bar in figure.axes[0].patches)
    means = [several.values(number, "all_elapsed_mean_wd").mean() for number in range(4)]
    assert total == pytest.approx(max(means), rel=0.02)


def test_files_are_named_by_chart_language_and_format(single: Results, tmp_path: Path) -> None:
    written = write_charts(single, tmp_path, ("en",))
    assert {path.name for path in written} == {
        f"{name}.en.{ending}" for name in ALONE for ending in ("png", "svg")
    }
