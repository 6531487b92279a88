"""Charts: what a figure rests on, and which parameters its uncertainty comes from."""

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
    flip_word,
    name_of,
    range_of,
    scenario_title,
    signed,
    verdict_word,
)
from sim.studies.sensitivity.study import Bar, SensitivityRequest, Sweep, excludes_zero

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
    found: Sweep, robustness: Sequence[Robustness]
) -> dict[str, Callable[[Language], Figure]]:
    """Return what draws the tornado of each figure, by name."""
    return {
        f"tornado-{name}": partial(tornado, found, robustness, name)
        for name in found.request.indicators
    }


def indices_charts(
    found: Sequence[Indices], request: SensitivityRequest, points: int
) -> dict[str, Callable[[Language], Figure]]:
    """Return what draws the indices of each figure, by name."""
    return {
        f"{one.method}-{one.indicator}": partial(indices, one, request, points) for one in found
    }


# Tornado ------------------------------------------------------------------------------------


def tornado(
    found: Sweep, robustness: Sequence[Robustness], indicator: str, lang: Language
) -> Figure:
    """Draw what each estimate does to one figure, or to the difference in it.

    The longest bars are drawn, those whose intervals all hold 0 hollow.
    """
    one = indicators()[indicator]
    bars = [bar for bar in found.bars[indicator] if bar.reach > 0][:MOST_BARS]
    n = found.request.replications
    rest = len(found.factors) - len(bars)
    note = say(f"sensitivity.chart.note{'_one' if n == 1 else ''}", lang, n=n, rest=rest)
    page = sheet(_title(found, robustness, one, lang), note + say("chart.note.end", lang), lang)
    page.key_below(
        [bar_handle(*LOW), bar_handle(*HIGH), bar_handle("white", "", INK)],
        [say(f"sensitivity.chart.{key}", lang) for key in ("low", "high", "unclear")],
    )
    judged = {other.factor.path: other for other in robustness if other.indicator == indicator}
    axes = _panel(page, [_label(bar, lang) for bar in bars], VERDICTS_IN if judged else 0.0)
    centre = found.as_it_is(indicator).mean
    scale = 100 if one.unit == "share" else 1
    for row, bar in enumerate(bars):
        _bar(axes, row, bar, centre, scale)
        if judged:
            axes.text(
                1.015,
                row,
                flip_word(judged[bar.factor.path], lang),
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=9,
                color=INK if judged[bar.factor.path].flip else SMALL_PRINT,
            )
    axes.axvline(centre * scale, color=INK, linewidth=1.2, zorder=4)
    axes.margins(x=0.06)
    if judged:
        _zero(axes, lang)
    axes.set_xlabel(_axis(one, lang, difference=bool(judged)))
    return page.figure


def _title(found: Sweep, robustness: Sequence[Robustness], one: Indicator, lang: Language) -> str:
    centre, label = found.as_it_is(one.id).mean, one.label[lang]
    if found.request.scenario is None:
        value = figure(centre, one.unit, lang)
        return say("sensitivity.chart.title", lang, label=label, value=value)
    own = [other for other in robustness if other.indicator == one.id]
    flipping = sum(bool(other.flip) for other in own)
    return say(
        f"sensitivity.chart.title_{'flips' if flipping else 'holds'}",
        lang,
        label=label,
        scenario=scenario_title(found.request, lang),
        verdict=verdict_word(robustness, one.id, lang),
        change=signed(centre, one, lang),
        flipping=flipping,
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
    """Mark no difference, where verdicts turn."""
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


def _axis(one: Indicator, lang: Language, *, difference: bool) -> str:
    unit = UNITS["points" if difference and one.unit == "share" else one.unit][lang]
    key = "axis_difference" if difference else "axis"
    text = say(f"sensitivity.chart.{key}", lang, label=one.label[lang], unit=unit)
    if one.better == "lower":
        return f"{say('sensitivity.chart.lower', lang)}   {text}"
    if one.better == "higher":
        return f"{text}   {say('sensitivity.chart.higher', lang)}"
    return text


# Indices ------------------------------------------------------------------------------------


def indices(found: Indices, request: SensitivityRequest, points: int, lang: Language) -> Figure:
    """Draw Morris's effects with their spread, or Sobol's shares, of one figure."""
    one = indicators()[found.indicator]
    rows = found.table.head(MOST_BARS)
    label = one.label[lang]
    if request.scenario is not None:
        label = difference_label(request, label, lang)
    method = found.method
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
        scale = 100 if one.unit == "share" else 1
        _bars(axes, rows["mu_star"] * scale, rows["mu_star_conf"] * scale, FIRST, 0.0, THICK)
        axes.plot(rows["sigma"] * scale, range(len(rows)), "D", color=HIGH[0], markersize=7)
        unit = UNITS["points" if one.unit == "share" else one.unit][lang]
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
