"""Charts: drawn in both languages, complete, inside the sheet, and never overlapping."""

from __future__ import annotations

import gc
import logging
import re
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from matplotlib import image
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.measure.definitions import Language, indicators, phases
from sim.measure.gains import Changes
from sim.present.charts.folder import LANGUAGES
from sim.present.charts.parts import EmptyChartError
from sim.present.style import DPI, styled
from sim.process.clock import WD_TICKS
from sim.rules.journey import network_of
from sim.rules.working_time import working_days
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.histories import Replication
from sim.studies.comparison.labels import scenario_labels
from sim.studies.comparison.results import Results
from tests.studies.comparison.drawing import draw, write_charts

ADDITIONS = (
    "",
    "+full-authorization",
    "+full-entry",
    "+full-authorization+full-entry",
    "+full-authorization+full-entry+parallel-joint-approval+postal-collection",
    "+comprehensive-windows",
    "+incentives+weekly-coordination",
    "+partial-authorization+due-date-order",
)
SINGLE = tuple(name for name in CHARTS if name not in {"differences", "who-gains"})
SHEETS = tuple(name for name in CHARTS if name != "warm-up")
"""Charts of comparisons."""


# Results without a simulation ---------------------------------------------------------------


@cache
def scenario(addition: str) -> Scenario:
    return load(f"county{addition}")


@cache
def horizon_wd() -> int:
    settings = scenario("").settings
    return len(working_days(settings))


def replication(number: int, effect: float, groups: int) -> Replication:
    """Invent figures: `effect` shrinks times and counts, chance moves them a little."""
    chance = np.random.default_rng([number, 7])
    wobble = 1 + 0.02 * chance.standard_normal()
    figures = {}
    for one in indicators().values():
        size = {"share": 0.6, "wd": 9.0, "cases": 490.0, "min": 2.0, "visits": 2.5}.get(
            one.unit, 40.0
        )
        better = 1 + 0.05 * effect if one.better == "higher" else 1 - 0.1 * effect
        # By name, so that a new indicator moves no other figure.
        own = np.random.default_rng([number, crc32(one.id.encode())])
        figures[one.id] = size * wobble * better * (1 + 0.03 * own.standard_normal())
    for place, phase in enumerate(phases()):
        figures[f"all_days_{phase}"] = (
            (0.02, 0.1, 0.6, 0.5, 4.8)[place % 5] * wobble * (1 - effect / 9)
        )
    figures |= {"all_elapsed_p50_wd": 5 - effect / 3, "all_elapsed_p90_wd": 25 - 2 * effect}
    days = np.arange(121) / 2
    hours = np.exp(-(((np.arange(48) - 20) / 5) ** 2))
    attended = np.full(groups, 70_000.0)
    return Replication(
        figures,
        {
            "backlog_hall": 35 * np.sqrt(np.arange(horizon_wd())) * wobble * (1 - effect / 10),
            "elapsed_done": 0.95 * (1 - np.exp(-days / (7 - effect / 2))),
            "wait_sum_min": 2000 * hours * wobble,
            "tickets": 1000 * hours,
            "people_mean": 4 * hours * (1 + effect / 5),
            "visits": np.array([0, 20, 49, 18, 6, 3, 2, 1, 0.5, 0.2, 0.3]) / 100,
            "busy_min": attended * chance.uniform(0, 0.4, groups),
            "attended_min": attended,
            "backlog_all": 55 * np.sqrt(np.arange(horizon_wd())) * wobble * (1 - effect / 10),
            "wait_day_min": 60 * chance.uniform(1, 3, horizon_wd()),
            "tickets_day": np.full(horizon_wd(), 60.0),
        },
        events=0,
    )


def gained(number: int, effect: float, routes: int) -> Changes:
    """Invent who gains and loses: `effect` moves people to the gainers."""
    chance = np.random.default_rng([number, 8])
    people = chance.integers(1, 60, routes).astype(float)
    gain, lose = (people * (0.1 * effect)).round(), (people * 0.04 * effect).round()
    gain_ticks, lose_ticks = -8 * WD_TICKS * gain, 3 * WD_TICKS * lose
    changed_ticks = gain_ticks + lose_ticks
    totals = [people, gain, lose, changed_ticks, gain_ticks, lose_ticks, gain, lose, lose - gain]
    bands = np.array([gain.sum() / 2, gain.sum() / 2, 0, (people - gain - lose).sum()])
    return Changes(
        totals=np.array(totals),
        bands=np.concatenate((bands, [0, lose.sum(), 0])).astype(np.int64),
        ends=np.zeros((3, 4, 4), np.int64),
        only_base=0,
        only_scenario=0,
    )


@cache
def results(scenarios: int, replications: int = 3) -> Results:
    found = tuple(scenario(addition) for addition in ADDITIONS[:scenarios])
    networks = tuple(network_of(one) for one in found)
    return Results(
        scenarios=found,
        finished=tuple(
            {
                number: replication(number, effect, len(networks[effect].groups))
                for number in range(replications)
            }
            for effect in range(scenarios)
        ),
        networks=networks,
        seed=1,
        gained=tuple(
            {
                number: gained(number, effect, len(networks[0].routes))
                for number in range(replications)
            }
            for effect in range(1, scenarios)
        ),
        steady_state=scenarios == 1,
    )


def changed(found: Results, change: Callable[[Replication], Replication]) -> Results:
    finished = tuple(
        {number: change(one) for number, one in scenario.items()} for scenario in found.finished
    )
    return replace(found, finished=finished)


def with_series(found: Results, **series: float) -> Results:
    """Multiply series of every replication."""

    def change(one: Replication) -> Replication:
        scaled = {name: one.series[name] * factor for name, factor in series.items()}
        return replace(one, series=one.series | scaled)

    return changed(found, change)


def with_figures(found: Results, **figures: float) -> Results:
    return changed(found, lambda one: replace(one, indicators=one.indicators | figures))


@cache
def drawn(name: str, lang: Language, scenarios: int, replications: int = 3) -> Figure:
    return draw(results(scenarios, replications), name, lang)


# What is on a figure ------------------------------------------------------------------------


def texts(figure: Figure) -> list[Text]:
    """Return what can be read: tick labels outside the limits of an axis are not drawn."""
    figure.draw_without_rendering()
    ticks = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
        for label in (tick.label1, tick.label2)
    }
    shown = {
        id(label)
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
    }
    return [
        text
        for text in figure.findobj(Text)
        if text.get_visible()
        and text.get_text().strip()
        and (id(text) in shown or id(text) not in ticks)
    ]


def words(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts(figure))


@pytest.fixture(autouse=True)
def _no_boxes() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


# Every chart --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "scenarios"),
    [(name, 1) for name in SINGLE] + [(name, 8) for name in SHEETS] + [("differences", 4)],
)
def test_chart_is_complete_inside_the_sheet_and_readable(
    name: str, scenarios: int, lang: Language, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "matplotlib"):
        figure = draw(results(scenarios), name, lang)
        boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    assert not caplog.records
    width, height = figure.bbox.width, figure.bbox.height
    for text, box in boxes:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
        assert not re.search(r"\bnan\b", text), text
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = a.x1 <= b.x0 + 2 or b.x1 <= a.x0 + 2 or a.y1 <= b.y0 + 2 or b.y1 <= a.y0 + 2
        assert apart, f"{one!r} overlaps {other!r}"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", SHEETS)
def test_axes_carry_units(name: str, lang: Language) -> None:
    figure = drawn(name, lang, 2)
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            label = axis.label.get_text()
            assert not label or re.search(r"[(（].+[)）]", label), label
    assert any(axes.get_xlabel() for axes in figure.axes)


@pytest.mark.parametrize("name", SINGLE)
def test_one_scenario_has_a_key_only_where_that_tells_more(name: str) -> None:
    assert bool(drawn(name, "en", 1).legends) == (name == "by-hour")


@pytest.mark.parametrize("name", SHEETS)
def test_several_scenarios_are_named_by_what_they_add(name: str) -> None:
    shown = [text.get_text().replace("\n", " ") for text in texts(drawn(name, "en", 2))]
    assert any("+ Full authorization" in text for text in shown)
    assert not any("2008–09 + " in text for text in shown)
    assert "＋完全授权" in words(drawn(name, "zh", 2))


@pytest.mark.parametrize("name", SHEETS)
def test_replications_are_told_and_bands_only_when_there_are_some(name: str) -> None:
    several, one = words(drawn(name, "en", 2)), words(drawn(name, "en", 2, 1))
    assert "Means of 3 simulated histories" in several
    assert "One simulated history" in one
    assert "bands" not in one
    assert "95 %" not in one


@pytest.mark.parametrize("name", ["elapsed-time", "backlog"])
def test_bands_are_drawn_from_two_replications_on(name: str) -> None:
    assert len(drawn(name, "en", 2).axes[0].collections) == 2
    assert not drawn(name, "en", 2, 1).axes[0].collections


# Single charts ------------------------------------------------------------------------------


def test_the_days_add_up_to_the_total_at_the_end_of_the_bar() -> None:
    found = results(2)
    total = sum(found.values(0, f"all_days_{phase}").mean() for phase in phases())
    figure = draw(found, "where-the-days-go", "en")
    assert f"\n{total:.1f}\n" in words(figure)
    assert figure.texts[0].get_text().startswith(f"Where the days go: {total:.1f} working days")


def test_where_cases_get_stuck_is_told_beside_what_authorization_saves() -> None:
    told = "assumes that cases get stuck at each section"
    assert told in words(drawn("where-the-days-go", "en", 2)).replace("\n", " ")
    without = replace(results(1), scenarios=(scenario(""), scenario("+full-entry")))
    without = replace(without, finished=results(2).finished, networks=results(2).networks)
    assert told not in words(draw(without, "where-the-days-go", "en")).replace("\n", " ")


def test_a_share_that_is_not_reached_lies_beyond_the_follow_up() -> None:
    found = with_figures(results(2), all_elapsed_p90_wd=float("nan"))
    assert "90 %: > 60 wd" in words(draw(found, "elapsed-time", "en"))


def test_the_report_is_a_point_at_the_census() -> None:
    (axes,) = drawn("backlog", "en", 1).axes
    (star,) = [line for line in axes.lines if line.get_marker() == "*"]
    assert star.get_ydata()[0] == 491
    assert star.get_xdata()[0] == np.datetime64("2009-04-20")
    settings = scenario("").settings.model_copy(update={"report": {}})
    unreported = replace(results(1), scenarios=(replace(scenario(""), settings=settings),))
    assert "Report" not in words(draw(unreported, "backlog", "en"))


def test_the_day_shows_open_hours_only() -> None:
    for axes in drawn("by-hour", "en", 1).axes:
        (line,) = axes.lines
        shown = np.asarray(line.get_xdata())[~np.isnan(np.asarray(line.get_ydata()))]
        assert shown.tolist() == [8.75, *np.arange(9.25, 12, 0.5), *np.arange(14.75, 17.5, 0.5)]


def test_the_day_says_how_much_of_the_waiting_it_does_not_draw() -> None:
    of = results(1)
    waited = of.series(0, "wait_sum_min").sum(axis=0)
    half_hours = np.arange(48) / 2
    is_open = ((half_hours >= 8.5) & (half_hours < 12)) | (
        (half_hours >= 14.5) & (half_hours < 17.5)
    )
    share = waited[~is_open].sum() / waited.sum()
    assert 0.1 < share < 0.6
    said = words(draw(of, "by-hour", "en")).replace("\n", " ")
    assert f"{100 * share:.0f} % of waiting not drawn" in said


def test_the_busiest_departments_are_shown_and_counted() -> None:
    figure = drawn("utilisation", "en", 1)
    assert len(figure.axes[0].patches) == 16
    assert re.search(r"the 16 busiest of \d\d departments", words(figure).replace("\n", " "))
    names = {one.name_zh for one in scenario("").departments}
    shown = {label.get_text() for label in drawn("utilisation", "zh", 1).axes[0].get_yticklabels()}
    assert len(shown & names) == 16


def test_the_last_number_of_visits_is_open() -> None:
    labels = [label.get_text() for label in drawn("visits", "en", 2).axes[0].get_xticklabels()]
    assert labels == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10+"]


def test_differences_show_at_most_eight_figures_everyone_first() -> None:
    panels = drawn("differences", "en", 2).axes
    titles = [axes.get_title(loc="left").replace("\n", " ") for axes in panels]
    assert len(titles) == 8
    assert titles[0] == "Everyone: served"
    assert all(title.startswith("Everyone") for title in titles[:5])
    for axes in panels:
        assert any(list(line.get_xdata()) == [0, 0] for line in axes.lines)


# Files --------------------------------------------------------------------------------------


def test_files_are_named_by_chart_and_language(tmp_path: Path) -> None:
    written = write_charts(results(2), tmp_path / "charts")
    assert {path.name for path in written} == {
        f"{name}.{lang}.{ending}"
        for name in SHEETS
        for lang in LANGUAGES
        for ending in ("png", "svg")
    }
    for path in written:
        data = path.read_bytes()
        if path.suffix == ".png":
            assert struct.unpack(">II", data[16:24]) == (1600, 900)
        else:
            assert b"<text" not in data


def test_one_language_and_one_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = {name: CHARTS[name] for name in ("visits", "differences")}
    monkeypatch.setattr("sim.studies.comparison.charts.CHARTS", some)
    written = write_charts(results(1), tmp_path, ("zh",))
    assert {path.name for path in written} == {"visits.zh.png", "visits.zh.svg"}


def test_the_same_results_make_the_same_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.studies.comparison.charts.CHARTS", {"visits": CHARTS["visits"]})
    first, second = (write_charts(results(2), tmp_path / part, ("en",)) for part in "ab")
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", SHEETS)
def test_pixels_are_those_that_matplotlib_draws_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.studies.comparison.charts.CHARTS", {name: CHARTS[name]})
    png, _ = write_charts(results(2), tmp_path, ("en",))
    with styled("en"):
        figure = CHARTS[name](results(2), "en")
        figure.savefig(tmp_path / "alone.png", dpi=DPI)
    assert np.array_equal(image.imread(png), image.imread(tmp_path / "alone.png"))


def test_garbage_is_collected_again_afterwards(tmp_path: Path) -> None:
    assert gc.isenabled()
    write_charts(results(1), tmp_path, ("en",))
    assert gc.isenabled()


def test_empty_charts_are_left_out(tmp_path: Path) -> None:
    zero = dict.fromkeys(results(1).finished[0][0].series, 0.0)
    nothing = dict.fromkeys((f"all_days_{phase}" for phase in phases()), float("nan"))
    empty = with_figures(with_series(results(1), **zero), **nothing)
    assert write_charts(empty, tmp_path) == []
    with pytest.raises(EmptyChartError, match="nobody joined a line"):
        draw(empty, "by-hour", "en")


def test_nothing_changes_and_nothing_is_compared() -> None:
    same = replace(results(2), finished=(results(2).finished[0],) * 2)
    for found in (same, results(1)):
        with pytest.raises(EmptyChartError, match="no other scenario"):
            draw(found, "differences", "en")


def test_matplotlib_is_loaded_when_drawing_only() -> None:
    code = "import sim.studies.comparison.charts, sys; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# Labels -------------------------------------------------------------------------------------


def test_labels_are_unique_and_relative_to_the_base() -> None:
    found = results(8)
    assert scenario_labels(found, "en")[:2] == [
        "County service centre 2008–09",
        "+ Full authorization",
    ]
    assert scenario_labels(found, "zh")[3] == "＋完全授权＋应进必进"
    twice = replace(found, scenarios=(*found.scenarios[:7], found.scenarios[1]))
    assert len(set(scenario_labels(replace(twice), "en"))) == 7
    assert scenario_labels(twice, "en")[7] == "+ Full authorization (county+full-authorization)"
