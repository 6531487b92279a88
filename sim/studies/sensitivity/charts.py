"""Charts: effects of estimates on a figure, and the parameters that cause its uncertainty."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sim.measure.definitions import Indicator, Language, indicators
from sim.present.charts.parts import Sheet, bar_handle, marker_handle, sheet
from sim.present.charts.text import fitted, room_for
from sim.present.numbers import UNITS, figure, is_known
from sim.present.style import INK, SMALL_PRINT
from sim.stats.comparison import Difference
from sim.studies.sensitivity import say
from sim.studies.sensitivity.indices import Indices
from sim.studies.sensitivity.robustness import Robustness
from sim.studies.sensitivity.said import (
    difference_label,
    name_of,
    range_of,
    scenario_title,
    signed,
    verdict_change_label,
    verdict_word,
)
from sim.studies.sensitivity.study import Bar, SensitivityRequest, Tornado, excludes_zero

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS = 12
NAMES_IN, VERDICTS_IN = 4.1, 1.75
LOW, HIGH = ("#56b4e9", ""), ("#d55e00", "///")
"""Colour and hatch of the halves of a bar."""
FIRST, TOTAL = ("#0072b2", ""), ("#bdbdbd", "...")
THICK = 0.62


def tornado_charts(
    tornado: Tornado, robustness: Sequence[Robustness]
) -> dict[str, Callable[[Language], Figure]]:
    """Return the function that draws the tornado chart of each figure.

    Parameters
    ----------
    tornado
        Effects of the estimates, one at a time.
    robustness
        Whether verdicts hold; empty without a comparison.

    Returns
    -------
    dict of callable
        By name of the chart; each takes a language.
    """
    return {
        f"tornado-{name}": partial(tornado_chart, tornado, robustness, name)
        for name in tornado.request.indicators
    }


def indices_charts(
    every_indices: Sequence[Indices], request: SensitivityRequest, points: int
) -> dict[str, Callable[[Language], Figure]]:
    """Return the function that draws the indices of each figure.

    Parameters
    ----------
    every_indices
        Indices, a table for each figure.
    request
        What was asked of every point.
    points
        Number of points simulated.

    Returns
    -------
    dict of callable
        By name of the chart; each takes a language.
    """
    return {
        f"{indices.method}-{indices.indicator}": partial(indices_chart, indices, request, points)
        for indices in every_indices
    }


# Tornado ------------------------------------------------------------------------------------


def tornado_chart(
    tornado: Tornado, robustness: Sequence[Robustness], name: str, lang: Language
) -> Figure:
    """Draw the effect of each estimate on one figure, or on the difference in it.

    The longest bars are drawn; the half of a bar whose interval contains 0 is hollow.

    Parameters
    ----------
    tornado
        Effects of the estimates, one at a time.
    robustness
        Whether verdicts hold; empty without a comparison.
    name
        Id of the figure.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.
    """
    indicator = indicators()[name]
    bars = [bar for bar in tornado.bars[name] if bar.length > 0][:MOST_BARS]
    n = tornado.request.replications
    rest = len(tornado.factors) - len(bars)
    note = say(f"sensitivity.chart.note{'_one' if n == 1 else ''}", lang, n=n, rest=rest)
    page = sheet(
        _title(tornado, robustness, indicator, lang), note + say("chart.note.end", lang), lang
    )
    page.key_below(
        [bar_handle(*LOW), bar_handle(*HIGH), bar_handle("white", "", INK)],
        [say(f"sensitivity.chart.{key}", lang) for key in ("low", "high", "unclear")],
    )
    judged = {result.factor.path: result for result in robustness if result.indicator == name}
    axes = _panel(page, [_label(bar, lang) for bar in bars], VERDICTS_IN if judged else 0.0)
    centre = tornado.as_it_is(name).mean
    scale = 100 if indicator.unit == "share" else 1
    for row, bar in enumerate(bars):
        _bar(axes, row, bar, centre, scale)
        if judged:
            axes.text(
                1.015,
                row,
                verdict_change_label(judged[bar.factor.path], lang),
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=9,
                color=INK if judged[bar.factor.path].verdict_change else SMALL_PRINT,
            )
    axes.axvline(centre * scale, color=INK, linewidth=1.2, zorder=4)
    axes.margins(x=0.06)
    if judged:
        _zero(axes, lang)
    axes.set_xlabel(_axis(indicator, lang, difference=bool(judged)))
    return page.figure


def _title(
    tornado: Tornado, robustness: Sequence[Robustness], indicator: Indicator, lang: Language
) -> str:
    centre, label = tornado.as_it_is(indicator.id).mean, indicator.label[lang]
    if tornado.request.scenario is None:
        value = figure(centre, indicator.unit, lang)
        return say("sensitivity.chart.title", lang, label=label, value=value)
    own = [result for result in robustness if result.indicator == indicator.id]
    changing = sum(bool(result.verdict_change) for result in own)
    return say(
        f"sensitivity.chart.title_{'flips' if changing else 'holds'}",
        lang,
        label=label,
        scenario=scenario_title(tornado.request, lang),
        verdict=verdict_word(robustness, indicator.id, lang),
        change=signed(centre, indicator, lang),
        flipping=changing,
        count=len(own),
    )


def _label(bar: Bar, lang: Language) -> str:
    return f"{name_of(bar.factor.path, lang)}\n{range_of(bar.factor, lang)}"


def _panel(page: Sheet, labels: Sequence[str], right: float) -> Axes:
    """Return a panel with a row per label."""
    page.right -= right
    rows = max(1, len(labels))
    pitch = (page.top - page.bottom - 0.67) / max(rows, 6)
    broken, size = fitted(labels, NAMES_IN - 0.15, pitch, (9.5, 9, 8.5, 8, 7.5, 7))
    lines = [line for label in broken for line in label.split("\n")]
    (axes,) = page.panels(left=room_for(lines, NAMES_IN - 0.15, size) + 0.15, bottom=0.62)
    axes.set_yticks(range(len(labels)), broken)
    axes.tick_params(axis="y", length=0, labelsize=size)
    axes.set_ylim(max(rows, 6) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    return axes


def _bar(axes: Axes, row: int, bar: Bar, centre: float, scale: float) -> None:
    halves = [(bar.at_low, LOW), (bar.at_high, HIGH)]
    halves = [half for half in halves if is_known(half[0].mean) and half[0].mean != 0]
    same_side = len(halves) == 2 and halves[0][0].mean * halves[1][0].mean > 0
    for place, (change, look) in enumerate(halves):
        thick = THICK / 2 if same_side else THICK
        y = row + (place - 0.5) * thick if same_side else row
        _half(axes, y, thick, change, look, centre, scale)


def _half(
    axes: Axes,
    y: float,
    thick: float,
    change: Difference,
    look: tuple[str, str],
    centre: float,
    scale: float,
) -> None:
    colour, hatch = look
    clear = excludes_zero(change)
    axes.barh(
        y,
        change.mean * scale,
        thick,
        left=centre * scale,
        color=colour if clear else "white",
        hatch=hatch if clear else "",
        edgecolor="white" if clear else colour,
        linewidth=0.8 if clear else 1.4,
        zorder=2,
    )
    if is_known(change.low):
        ends = [(centre + end) * scale for end in (change.low, change.high)]
        axes.plot(ends, [y, y], color=INK, linewidth=1.1, zorder=3)


def _zero(axes: Axes, lang: Language) -> None:
    """Draw a line at 0: no difference."""
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.04 * (high - low)), max(high, 0.04 * (high - low)))
    axes.axvline(0, color="#b2182b", linewidth=1.6, linestyle=(0, (4, 2)), zorder=1)
    axes.text(
        0,
        1.005,
        say("sensitivity.chart.zero", lang),
        transform=axes.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=8.5,
        color="#b2182b",
    )


def _axis(indicator: Indicator, lang: Language, *, difference: bool) -> str:
    unit = UNITS["points" if difference and indicator.unit == "share" else indicator.unit][lang]
    key = "axis_difference" if difference else "axis"
    text = say(f"sensitivity.chart.{key}", lang, label=indicator.label[lang], unit=unit)
    if indicator.better == "lower":
        return f"{say('sensitivity.chart.lower', lang)}   {text}"
    if indicator.better == "higher":
        return f"{text}   {say('sensitivity.chart.higher', lang)}"
    return text


# Indices ------------------------------------------------------------------------------------


def indices_chart(
    indices: Indices, request: SensitivityRequest, points: int, lang: Language
) -> Figure:
    """Draw Morris's effects with their spread, or Sobol's shares, of one figure.

    Parameters
    ----------
    indices
        Indices of the figure.
    request
        What was asked of every point.
    points
        Number of points simulated.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.
    """
    indicator = indicators()[indices.indicator]
    rows = indices.table.head(MOST_BARS)
    label = indicator.label[lang]
    if request.scenario is not None:
        label = difference_label(request, label, lang)
    method = indices.method
    note = say(f"sensitivity.chart.{method}_note", lang, points=points, n=request.replications)
    title = say(f"sensitivity.chart.{method}_title", lang, label=label)
    page = sheet(title, note + say("chart.note.end", lang), lang)
    names = [name_of(path, lang) for path in rows["parameter"]]
    if method == "morris":
        keys, handles = ("bar", "sigma"), [bar_handle(*FIRST), marker_handle("D", HIGH[0])]
    else:
        keys, handles = ("first", "total"), [bar_handle(*FIRST), bar_handle(*TOTAL)]
    page.key_below(handles, [say(f"sensitivity.chart.{method}_{key}", lang) for key in keys])
    axes = _panel(page, names, 0.0)
    if method == "morris":
        scale = 100 if indicator.unit == "share" else 1
        _bars(axes, rows["mu_star"] * scale, rows["mu_star_conf"] * scale, FIRST, 0.0, THICK)
        axes.plot(rows["sigma"] * scale, range(len(rows)), "D", color=HIGH[0], markersize=7)
        unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
        axes.set_xlabel(say("sensitivity.chart.morris_axis", lang, unit=unit))
    else:
        half = THICK / 2
        _bars(axes, 100 * rows["first"], 100 * rows["first_conf"], FIRST, -half / 2, half)
        _bars(axes, 100 * rows["total"], 100 * rows["total_conf"], TOTAL, half / 2, half)
        axes.set_xlabel(say("sensitivity.chart.sobol_axis", lang))
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    return page.figure


def _bars(
    axes: Axes,
    sizes: Iterable[float],
    halves: Iterable[float],
    look: tuple[str, str],
    shift: float,
    thick: float,
) -> None:
    for row, (size, half) in enumerate(zip(sizes, halves, strict=True)):
        y = row + shift
        axes.barh(y, size, thick, color=look[0], hatch=look[1], edgecolor="white", zorder=2)
        if not math.isnan(half):
            axes.plot([size - half, size + half], [y, y], color=INK, linewidth=1.1, zorder=3)
