"""Charts of `hall ensemble`: effects in every variant, and intervals by chance and by hall."""

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
from sim.studies.ensemble.said import all_row, is_changed, reading_titles, scenario_titles
from sim.studies.ensemble.study import AS_DESCRIBED, Ensemble

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = [colour for colour, _, _ in LINES[1:]]
"""One for each reading of the report, used again if there are more."""
GOLDEN = 0.6180339887
"""Golden ratio less one: its multiples modulo 1 spread dots evenly over the height of a row."""


def charts(results: Ensemble) -> Mapping[str, Callable[[Language], Figure]]:
    """Return the functions that draw a chart for each scenario but the base.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    mapping
        Functions by the name of the scenario, a hyphen in place of each plus sign.  Each takes the
        language and returns the figure; it raises `EmptyChartError` if no figure changes.
    """
    return {
        scenario.name.replace("+", "-"): partial(_effects, results, scenario.name)
        for scenario in results.request.scenarios[1:]
    }


def _effects(results: Ensemble, scenario: str, lang: Language) -> Figure:
    """Draw the effect of a scenario on the most important figures, a dot per variant.

    Raises
    ------
    EmptyChartError
        If no figure changes.
    """
    chosen = _chosen(results, scenario)
    if not chosen:
        raise EmptyChartError("no figure changes")
    variants = results.request.variants
    title = say(
        "ensemble.chart",
        lang,
        name=scenario_titles(results, lang)[scenario],
        variants=variants,
        better=sum(
            all_row(results, scenario, indicator)["share_better"] == 1 for indicator in chosen
        ),
        all=len(chosen),
    )
    note = say("ensemble.note", lang, variants=variants, n=results.replications)
    page = sheet(title, note, lang)
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
    names = list(reading_titles(results, lang).values())
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    left = 1.25 if len(names) > 1 else 0.15
    pitch = (page.top - page.bottom - lines * 1.0) / lines / len(names)
    labels, size = fitted(names, left - 0.1, pitch, (10, 9.5, 9, 8.5, 8))
    panels = page.panels(lines, columns, left=left, bottom=0.55, top=0.42, gap=(0.28, 1.0))
    for place, (axes, indicator) in enumerate(zip(panels, chosen, strict=False)):
        _panel(axes, results, scenario, indicator, lang)
        shown = labels if place % columns == 0 and len(names) > 1 else [""] * len(labels)
        axes.set_yticks(range(len(labels)), shown)
        axes.tick_params(axis="y", length=0, labelsize=size)
    for axes in panels[len(chosen) :]:
        axes.remove()
    return page.figure


def _chosen(results: Ensemble, scenario: str) -> list[Indicator]:
    place = {name: number for number, name in enumerate(FIRST)}
    shown = [
        indicator for indicator in headline() if is_changed(all_row(results, scenario, indicator))
    ]
    return sorted(shown, key=lambda indicator: place.get(indicator.id, len(place)))[:MOST_PANELS]


def _panel(
    axes: Axes, results: Ensemble, scenario: str, indicator: Indicator, lang: Language
) -> None:
    scale = 100 if indicator.unit == "share" else 1
    effects, summary = results.effects, results.summary
    for number, reading in enumerate(results.readings):
        colour = COLOURS[number % len(COLOURS)]
        key = (effects["scenario"] == scenario) & (effects["indicator"] == indicator.id)
        reading_effects = effects[key & (effects["rival"] == reading)]
        rows = summary[(summary["scenario"] == scenario) & (summary["indicator"] == indicator.id)]
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
        dots = reading_effects[reading_effects["variant"] != AS_DESCRIBED]
        heights = number + 0.6 * (dots["variant"].to_numpy() * GOLDEN % 1 - 0.5)
        style: dict[str, Any] = {"markersize": 4.2, "zorder": 3, "mew": 0.4, "mec": "white"}
        axes.plot(dots["mean"].to_numpy() * scale, heights, "o", color=colour, **style)
        described = (
            reading_effects[reading_effects["variant"] == AS_DESCRIBED]["mean"].to_numpy() * scale
        )
        axes.plot(
            described,
            [number] * len(described),
            "D",
            color=INK,
            markersize=5.5,
            mec="white",
            zorder=4,
        )
    axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
    axes.set_ylim(len(results.readings) - 0.5, -0.5)
    axes.use_sticky_edges = False
    axes.margins(x=0.08)
    axes.set_title(
        balanced(indicator.label[lang], axes.bbox.width / axes.figure.dpi, 10), loc="left"
    )
    axes.title.set_fontsize(10)
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    axes.set_xlabel(
        say(f"chart.differences.axis_{indicator.better}", lang, unit=unit), fontsize=9.5
    )
    axes.tick_params(axis="x", labelsize=9.5)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=3)
