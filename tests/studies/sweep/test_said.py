"""What is said and drawn of a sweep: in both languages, complete, never overlapping."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from sim.measure.definitions import Language, indicators
from sim.present.charts.folder import LANGUAGES, charts_of, write_all
from sim.present.style import DPI, styled
from sim.scenario.yaml_lines import Place
from sim.studies.sweep.axes import WrittenAxis
from sim.studies.sweep.charts import sweep_charts
from sim.studies.sweep.design import Study
from sim.studies.sweep.results import SweepResults
from sim.studies.sweep.said import answer, best_table, point_label, points_table
from sim.studies.sweep.study import plan_sweep

CHOSEN = (
    "all_elapsed_mean_wd", "all_visits_mean", "all_completion_rate", "cases_open",
    "hall_wait_mean_min", "handoffs_mean",
)  # fmt: skip
SWEEPS: dict[str, tuple[dict[str, str], dict[str, object]]] = {
    "curves": ({"policy.entry": "0.593:1:5"}, {}),
    "choices": ({"policy.joint_mode": "surveyed,applicant,serial,parallel"}, {}),
    "heat": ({"policy.entry": "0.593:1:5", "policy.authorization": "0:1:0.25"}, {}),
    "wide": ({"policy.entry": "0.6:1:3", "policy.authorization": "0:1:0.05"}, {}),
    "lines": ({"policy.entry": "0.593:1:3", "+full-authorization": ""}, {}),
    "marks": ({"policy.windows": "dedicated,comprehensive", "+full-authorization": ""}, {}),
    "halls": ({"policy.entry": "0.593:1:3"}, {"bases": ("county", "county-suspended")}),
    "effects": (
        {"policy.entry": "0.593:1:3", "+incentives": "", "offices.leader_attendance": "0.5,0.7",
         "policy.windows": "dedicated,comprehensive"},
        {},
    ),
    "scatter": (
        {"policy.entry": "0.593:1", "+full-authorization": "", "policy.recall_rate": "0:0.3"},
        {"design": "sobol", "points": 16},
    ),
}  # fmt: skip


@cache
def results(name: str, replications: int = 5) -> SweepResults:
    """Invent figures that fall along every axis, more along the first where the second is high."""
    vary, fields = SWEEPS[name]
    axes = tuple(WrittenAxis(path, levels, Place(path, None)) for path, levels in vary.items())
    asked = Study(name="s", bases=("county",), axes=axes, seed=1, indicators=CHOSEN)
    planned = plan_sweep(replace(asked, **fields))  # type: ignore[arg-type]
    chance = np.random.default_rng(4)
    shape = (len(planned.points), replications, len(planned.kept))
    values = 10 + chance.normal(size=(1, replications, 1)) + 0.05 * chance.normal(size=shape)
    for point in planned.points:
        at = [
            axis.levels.index(level) if level in axis.levels else 0.4
            for axis, level in zip(planned.axes, point.levels, strict=True)
        ]
        values[point.number] -= sum(at) + (at[0] * (at[-1] - 1.5) if len(at) > 1 else 0)
    values[:, :, CHOSEN.index("all_completion_rate")] = 0.9 - values[:, :, 2] / 100
    values[:, :, len(CHOSEN) :] = 0.5  # as many are served everywhere
    return SweepResults(planned, values)


def text_boxes(figure: object) -> list[Text]:
    figure.draw_without_rendering()  # type: ignore[attr-defined]
    ticks, shown = set(), set()
    for axes in figure.axes:  # type: ignore[attr-defined]
        for axis in (axes.xaxis, axes.yaxis):
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                ticks |= {id(tick.label1), id(tick.label2)}
            for tick in axis._update_ticks():
                shown |= {id(tick.label1), id(tick.label2)}
    return [
        text
        for text in figure.findobj(Text)  # type: ignore[attr-defined]
        if text.get_visible()
        and text.get_text().strip()
        and (id(text) in shown or id(text) not in ticks)
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SWEEPS)
def test_charts_are_inside_the_sheet_and_nothing_overlaps(
    name: str, lang: Language, caplog: pytest.LogCaptureFixture
) -> None:
    found = results(name)
    charts = dict(sweep_charts(found))
    for make in list(charts.values())[:3]:
        with styled(lang), caplog.at_level(logging.WARNING, "matplotlib"):
            figure = make(found, lang)
            figure.set_dpi(DPI)
            boxes = [(text.get_text(), text.get_window_extent()) for text in text_boxes(figure)]
        assert not caplog.records
        for text, box in boxes:
            assert box.x0 >= 0, text
            assert box.y0 >= 0, text
            assert box.x1 <= figure.bbox.width, text
            assert box.y1 <= figure.bbox.height, text
            assert "nan" not in text, text
        for (one, a), (other, b) in combinations(boxes, 2):
            apart = a.x1 <= b.x0 + 2 or b.x1 <= a.x0 + 2 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
            assert apart, f"{one!r} overlaps {other!r}"


def test_a_heat_map_shows_values_the_best_and_the_base() -> None:
    found = results("heat")
    make = dict(sweep_charts(found))["heat-all_elapsed_mean_wd"]
    with styled("en"):
        figure = make(found, "en")
        words = "\n".join(text.get_text() for text in text_boxes(figure)).replace("\n", " ")
    map_, bar = figure.axes
    shown = [text.get_text() for text in map_.texts]
    means = found.values_of("all_elapsed_mean_wd")[1:].mean(axis=1)
    assert [float(text.replace("−", "-")) for text in shown] == pytest.approx(means, abs=0.06)
    best = found.best(indicators()["all_elapsed_mean_wd"])
    assert best is not None
    frames = [patch for patch in map_.patches if patch.get_linestyle() == "-"]
    row, column = divmod(best.point - 1, 5)
    assert [frame.get_xy() for frame in frames] == [(column - 0.47, row - 0.47)]
    (star,) = [line for line in map_.lines if line.get_marker() == "*"]
    x, y = float(star.get_xdata()[0]), float(star.get_ydata()[0])
    assert 0 < x < 1
    assert y == pytest.approx(0, abs=0.01)
    assert "lower is better" in bar.get_ylabel()
    assert "Items entered (%)" in words
    assert "star: the base as it is" in words


def test_a_heat_map_of_many_levels_carries_no_values() -> None:
    found = results("wide")
    make = dict(sweep_charts(found))["heat-all_elapsed_mean_wd"]
    with styled("en"):
        figure = make(found, "en")
    assert not figure.axes[0].texts


def test_sentences_say_what_is_best_how_sure_and_what_turns() -> None:
    english = " ".join(answer(results("heat"), "en"))
    assert (
        "Everyone: elapsed time (mean) is best at items entered 100 %, "
        "delegable items fully authorized" in english
    )
    assert "It depends: moving items entered from 59.3 % to 100 % makes" in english
    chinese = " ".join(answer(results("heat"), "zh"))
    assert "进驻事项比例 100%" in chinese
    assert "效果因条件而异" in chinese
    for text in (english, chinese):
        assert "nan" not in text.lower()


def test_points_left_aside_are_told_and_marked() -> None:
    found = results("curves")
    values = found.values.copy()
    values[-1, :, found.plan.kept.index("all_served_rate")] -= 0.1
    found = SweepResults(found.plan, values)
    assert "Left aside: 1 point at" in " ".join(answer(found, "en"))
    assert "1 个点不参与比较" in " ".join(answer(found, "zh"))
    table = points_table(found, "en")
    assert table is not None
    last = [list(column.cells)[-1] for column in table.columns][1:]
    assert all(str(cell).endswith("≠") for cell in last)


def test_one_replication_promises_nothing() -> None:
    found = results("curves", 1)
    said = " ".join(answer(found, "en"))
    assert "cannot be told from it" in said
    assert "nan" not in said.lower()
    assert found.direction_changes == ()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SWEEPS)
def test_tables_are_complete(name: str, lang: Language) -> None:
    found = results(name)
    assert best_table(found, lang).row_count == len(CHOSEN)
    table = points_table(found, lang)
    assert table is None or table.row_count >= 2
    labels = [point_label(found, point.number, lang) for point in found.plan.points]
    assert len(set(labels)) == len(labels)
    assert all(labels)


def test_reforms_and_choices_are_named_in_the_language() -> None:
    assert point_label(results("marks"), 4, "en") == (
        "kind of windows comprehensive, with full authorization"
    )
    assert point_label(results("marks"), 4, "zh") == "窗口形式 综合窗口、实行完全授权"


def test_files_are_written_in_both_languages(tmp_path: Path) -> None:
    found = results("curves")
    written = write_all(charts_of(dict(sweep_charts(found)), found), tmp_path)
    assert {path.name for path in written} == {
        f"curves-1.{lang}.{ending}" for lang in LANGUAGES for ending in ("png", "svg")
    }
