"""Chart: mean working days of a case by phase."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language, phases
from sim.present.charts.parts import EmptyChartError, Floats, bar_handle, sheet, strong
from sim.present.charts.text import fitted, room_for, width_in
from sim.present.style import PHASES, TEXT_PT, is_dark
from sim.studies.comparison import say
from sim.studies.comparison.labels import in_words, least, note, scenario_labels, stuck_keys
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMES_IN = 2.8
NUMBER_PT = 10.0
UNNAMED = ("#ffffff", "..")
"""Colour and hatch of a phase that has none of its own."""


def where_the_days_go(results: Results, lang: Language) -> Figure:
    """Draw the mean working days of everyone's cases by phase.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        A bar per phase with one scenario, else a bar per scenario, divided by phase.

    Raises
    ------
    EmptyChartError
        If a scenario has no cases.
    """
    days = np.array(
        [
            [results.values(number, f"all_days_{phase}").mean() for phase in phases()]
            for number in range(len(results.scenarios))
        ]
    )
    if not np.isfinite(days).all() or not days.any():
        raise EmptyChartError("a scenario has no cases")
    if len(days) == 1:
        return _one_hall(results, days[0], lang)
    return _several_halls(results, days, lang)


def _one_hall(results: Results, days: Floats, lang: Language) -> Figure:
    """Draw a bar per phase, in the order in which a case passes them."""
    total = days.sum()
    title = say("chart.days.title", lang, base=f"{total:.1f}")
    page = sheet(title, note(results, lang, "everyone"), lang)
    names = [texts[lang] for texts in phases().values()]
    room = room_for(names, MOST_NAMES_IN, TEXT_PT)
    (axes,) = page.panels(left=room + 0.15)
    for row, phase in enumerate(phases()):
        colour, hatch = PHASES.get(phase, UNNAMED)
        axes.barh(row, days[row], 0.72, color=colour, hatch=hatch, edgecolor="white")
        share = say("chart.percent", lang, share=f"{100 * days[row] / total:.0f}")
        text = f"{days[row]:.1f}  ({share})" if days[row] >= 0.05 else f"{days[row]:.2f}"
        axes.annotate(
            text, (days[row], row), (5, 0), textcoords="offset points", va="center", fontsize=10
        )
    _name_rows(axes, names, room, (page.top - page.bottom - 0.67) / len(names))
    axes.set_xlim(0, days.max() * 1.15)
    axes.set_xlabel(say("chart.days.axis", lang))
    return page.figure


def _several_halls(results: Results, days: Floats, lang: Language) -> Figure:
    """Stack the phases, one bar per scenario."""
    totals = days.sum(axis=1)
    best = least(results, totals.tolist(), "all_elapsed_mean_wd")
    title = say(
        "chart.days.title_compared" if best else "chart.days.title",
        lang,
        base=f"{totals[0]:.1f}",
        best=f"{totals[best]:.1f}",
        name=in_words(results, best, lang),
    )
    page = sheet(title, note(results, lang, "everyone", *stuck_keys(results)), lang)
    spent = [
        (texts[lang], PHASES.get(phase, UNNAMED), days[:, column])
        for column, (phase, texts) in enumerate(phases().items())
        if days[:, column].any()
    ]
    page.key_below([bar_handle(*look) for _, look, _ in spent], [name for name, _, _ in spent])
    names = scenario_labels(results, lang)
    room = room_for(names, MOST_NAMES_IN, TEXT_PT)
    (axes,) = page.panels(left=room + 0.15)
    pitch = (page.top - page.bottom - 0.67) / len(days)
    longest = totals.max() * 1.08
    scale = (page.right - page.left - room - 0.15) / longest
    left = np.zeros(len(days))
    for _, look, width in spent:
        _segments(axes, left, width, look, thick=min(0.74, 0.75 / pitch), scale=scale)
        left += width
    for row, total in enumerate(totals):
        text = axes.annotate(
            f"{total:.1f}", (total, row), (5, 0), textcoords="offset points", va="center"
        )
        strong(text, lang)
    _name_rows(axes, names, room, pitch)
    axes.set_xlim(0, longest)
    axes.set_xlabel(say("chart.days.axis", lang))
    return page.figure


def _name_rows(axes: Axes, names: list[str], room: float, pitch: float) -> None:
    labels, size = fitted(names, room, pitch, (TEXT_PT, 10, 9, 8.5, 8, 7.5, 7))
    axes.set_yticks(range(len(names)), labels, fontsize=size)
    axes.set_ylim(len(names) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _segments(
    axes: Axes, left: Floats, width: Floats, look: tuple[str, str], *, thick: float, scale: float
) -> None:
    """Draw one phase of every bar, with its days where they fit.

    Parameters
    ----------
    thick
        Height of a bar in rows.
    scale
        Inches per day.
    """
    colour, hatch = look
    rows = np.arange(len(width))
    axes.barh(
        rows, width, thick, left=left, color=colour, hatch=hatch, edgecolor="white", linewidth=0.6
    )
    for row, days in enumerate(width.tolist()):
        text = f"{days:.1f}"
        if days * scale >= width_in(text, NUMBER_PT) - 0.02:
            axes.text(
                left[row] + days / 2,
                row,
                text,
                ha="center",
                va="center",
                fontsize=NUMBER_PT,
                color="white" if is_dark(colour) else "black",
                bbox={"facecolor": colour, "edgecolor": "none", "pad": 0.8} if hatch else None,
            )
