"""Charts of `hall ensemble`: effects in every variant, and what chance and the hall leave open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.measure.definitions import Indicator, Language, headline
from sim.present.charts.layout import FIRST, MOST_PANELS
from sim.present.charts.parts import EmptyChartError, bar_handle, marker_handle, sheet
from sim.present.charts.text import balanced, fitted
from sim.present.numbers import UNITS, is_known
from sim.present.style import INK, LINES
from sim.studies.ensemble import say
from sim.studies.ensemble.said import all_row, changes, reading_titles, scenario_titles
from sim.studies.ensemble.study import AS_DESCRIBED, Ensemble

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = [colour for colour, _, _ in LINES[1:]]
"""Of the readings."""
GOLDEN = 0.6180339887
"""Spreads dots over the height of a row without chance."""


def charts(found: Ensemble) -> Mapping[str, Callable[[Language], Figure]]:
    """Return what draws a chart for each scenario, by name."""
    return {
        one.name.replace("+", "-"): partial(_effects, found, one.name)
        for one in found.request.scenarios[1:]
    }


def _effects(found: Ensemble, scenario: str, lang: Language) -> Figure:
    """Draw the effect of a scenario on the most telling figures, a dot per variant.

    Raises
    ------
    EmptyChartError
        If no figure changes.
    """
    chosen = _chosen(found, scenario)
    if not chosen:
        raise EmptyChartError("no figure changes")
    variants = found.request.variants
    title = say(
        "ensemble.chart",
        lang,
        name=scenario_titles(found, lang)[scenario],
        variants=variants,
        better=sum(all_row(found, scenario, one)["share_better"] == 1 for one in chosen),
        all=len(chosen),
    )
    missed = say("ensemble.note_missed", lang) if found.missed else ""
    note = "ensemble.note" if found.request.family.is_fitted else "ensemble.note_unfitted"
    page = sheet(title, say(note, lang, variants=variants, n=found.replications) + missed, lang)
    page.key_below(
        [
            marker_handle("o", "#888888"),
            marker_handle("D", INK),
            bar_handle("#888888", ""),
            bar_handle("#d4d4d4", ""),
        ],
        [
            say(f"ensemble.chart_{name}", lang)
            for name in ("variant", "described", "chance", "hall")
        ],
    )
    names = list(reading_titles(found, lang).values())
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    left = 1.25 if len(names) > 1 else 0.15
    pitch = (page.top - page.bottom - lines * 1.0) / lines / len(names)
    labels, size = fitted(names, left - 0.1, pitch, (10, 9.5, 9, 8.5, 8))
    panels = page.panels(lines, columns, left=left, bottom=0.55, top=0.42, gap=(0.28, 1.0))
    for place, (axes, one) in enumerate(zip(panels, chosen, strict=False)):
        _panel(axes, found, scenario, one, lang)
        shown = labels if place % columns == 0 and len(names) > 1 else [""] * len(labels)
        axes.set_yticks(range(len(labels)), shown)
        axes.tick_params(axis="y", length=0, labelsize=size)
    for axes in panels[len(chosen) :]:
        axes.remove()
    return page.figure


def _chosen(found: Ensemble, scenario: str) -> list[Indicator]:
    place = {name: number for number, name in enumerate(FIRST)}
    shown = [one for one in headline() if changes(all_row(found, scenario, one))]
    return sorted(shown, key=lambda one: place.get(one.id, len(place)))[:MOST_PANELS]


def _panel(axes: Axes, found: Ensemble, scenario: str, one: Indicator, lang: Language) -> None:
    scale = 100 if one.unit == "share" else 1
    effects, summary = found.effects, found.summary
    for number, reading in enumerate(found.readings):
        colour = COLOURS[number % len(COLOURS)]
        key = (effects["scenario"] == scenario) & (effects["indicator"] == one.id)
        of_one = effects[key & (effects["rival"] == reading)]
        rows = summary[(summary["scenario"] == scenario) & (summary["indicator"] == one.id)]
        row = rows[rows["rival"] == reading].iloc[0]
        if is_known(row["hall_low"]):
            width = scale * (row["hall_high"] - row["hall_low"])
            start = scale * row["hall_low"]
            axes.barh(number, width, 0.78, left=start, color=colour, alpha=0.2, linewidth=0)
        if is_known(row["chance_low"]):
            ends = [scale * row[f"chance_{end}"] for end in ("low", "high")]
            axes.plot(
                ends, [number] * 2, color=colour, linewidth=7, solid_capstyle="butt", alpha=0.6
            )
        dots = of_one[of_one["variant"] != AS_DESCRIBED]
        heights = number + 0.6 * (dots["variant"].to_numpy() * GOLDEN % 1 - 0.5)
        values, met = dots["mean"].to_numpy() * scale, dots["meets_report"].to_numpy(bool)
        look: dict[str, Any] = {"markersize": 4.2, "zorder": 3, "mew": 0.4, "mec": "white"}
        axes.plot(values[met], heights[met], "o", color=colour, **look)
        look |= {"mec": colour, "mew": 1.0, "mfc": "white"}
        axes.plot(values[~met], heights[~met], "o", **look)
        own = of_one[of_one["variant"] == AS_DESCRIBED]["mean"].to_numpy() * scale
        axes.plot(own, [number] * len(own), "D", color=INK, markersize=5.5, mec="white", zorder=4)
    axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
    axes.set_ylim(len(found.readings) - 0.5, -0.5)
    axes.use_sticky_edges = False
    axes.margins(x=0.08)
    axes.set_title(balanced(one.label[lang], axes.bbox.width / axes.figure.dpi, 10), loc="left")
    axes.title.set_fontsize(10)
    unit = UNITS["points" if one.unit == "share" else one.unit][lang]
    axes.set_xlabel(say(f"chart.differences.axis_{one.better}", lang, unit=unit), fontsize=9.5)
    axes.tick_params(axis="x", labelsize=9.5)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=3)
