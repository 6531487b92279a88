"""Chart: which applicants gain, and which lose, compared one by one."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language
from sim.measure.gains import BANDS_WD
from sim.present.charts.parts import HEIGHT, WIDTH, EmptyChartError, Sheet, bar_handle, sheet
from sim.present.charts.text import balanced, fitted, room_for
from sim.present.numbers import is_known
from sim.present.style import INK, TEXT_PT, WORSE, is_dark
from sim.studies.comparison import say
from sim.studies.comparison.gains import band_shares
from sim.studies.comparison.labels import in_words, note, scenario_labels
from sim.studies.comparison.results import Results
from sim.studies.comparison.said_gains import everyone, losers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.measure.gains import Floats

LOOKS = (
    ("#00704f", ""),
    ("#5aae8c", ""),
    ("#c2e5d5", ""),
    ("#eeeeee", ""),
    ("#f4c3ba", "//"),
    ("#d6604d", "//"),
    ("#8c1420", "//"),
)
"""Colour and hatch of each band of change, from the largest gain to the largest loss."""
MOST_DEPARTMENTS = 8
LABELLED = 4.0
"""Smallest part of a bar, in percent, that carries its number."""
LABEL_PT = 9.0
NAMES_IN = 1.95
SIZES = (10.0, 9.5, 9.0, 8.5, 8.0)


def who_gains(results: Results, lang: Language) -> Figure:
    """Draw how much applicants' time changes in each scenario, and who the losers are.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If there is no other scenario, or no applicant in common.
    """
    if not results.gained or not results.gains["applicants"].any():
        raise EmptyChartError("no other scenario has applicants of the base")
    rows = [everyone(results, name) for name in results.names[1:]]
    best = int(np.argmax([row["share_gain"] for row in rows]))
    worst = int(np.argmax([row["share_lose"] for row in rows]))
    title = say(
        "chart.gains.title",
        lang,
        gain=_of_100(rows[best]["share_gain"]),
        lose=_of_100(rows[best]["share_lose"]),
        name=in_words(results, best + 1, lang),
    )
    page = sheet(title, note(results, lang, "gains", base=in_words(results, 0, lang)), lang)
    page.key_below([bar_handle(*look, edge=INK) for look in LOOKS], _band_names(lang))
    lose = rows[worst]["share_lose"] > 0
    middle = page.left + (0.56 if lose else 1.0) * (page.right - page.left)
    _bands(replace(page, right=middle), results, lang)
    if lose:
        _departments(replace(page, left=middle + 0.3), results, worst + 1, lang)
    return page.figure


def _of_100(share: float) -> str:
    return f"{100 * share:.{0 if share == 0 or share >= 0.095 else 1}f}"


def _band_names(lang: Language) -> list[str]:
    sizes = [f"{size:g}" for size in BANDS_WD]
    between = list(pairwise(sizes))
    return [
        say("chart.gains.less_over", lang, wd=sizes[-1]),
        *(say("chart.gains.less", lang, low=low, high=high) for low, high in reversed(between)),
        say("chart.gains.same", lang, wd=sizes[0]),
        *(say("chart.gains.more", lang, low=low, high=high) for low, high in between),
        say("chart.gains.more_over", lang, wd=sizes[-1]),
    ]


def _panel(page: Sheet, left: float, heading: str) -> list[Axes]:
    """Return the panel of a half of the sheet, with room for labels and a heading above both."""
    text = balanced(heading, page.right - page.left, TEXT_PT)
    page.figure.text(page.left / WIDTH, page.top / HEIGHT, text, size=TEXT_PT, va="top", color=INK)
    return page.panels(left=left, top=0.5)


def _bands(page: Sheet, results: Results, lang: Language) -> None:
    """Draw a bar per scenario, divided by how much the time of its applicants changes."""
    labels = scenario_labels(results, lang)[1:]
    left = room_for(labels, NAMES_IN, SIZES[0]) + 0.1
    (axes,) = _panel(page, left, say("chart.gains.bands", lang))
    pitch = axes.bbox.height / axes.figure.dpi / max(len(labels), 2)
    broken, size = fitted(labels, left - 0.1, pitch, SIZES)
    for row in range(len(labels)):
        _bar(axes, row, 100 * band_shares(results, row + 1))
    axes.set_yticks(range(len(labels)), broken, fontsize=size)
    axes.set_ylim(max(len(labels), 2) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say("chart.gains.axis", lang))


def _bar(axes: Axes, row: int, shares: Floats) -> None:
    begin = 0.0
    for share, (colour, hatch) in zip(shares.tolist(), LOOKS, strict=True):
        axes.barh(
            row, share, 0.62, begin, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5
        )
        if share >= LABELLED:
            axes.text(
                begin + share / 2,
                row,
                f"{share:.0f}",
                ha="center",
                va="center",
                fontsize=LABEL_PT,
                color="white" if is_dark(colour) else INK,
            )
        begin += share


def _departments(page: Sheet, results: Results, number: int, lang: Language) -> None:
    """Draw the departments with most losers of a scenario, and the mean loss of a loser."""
    most = losers(results, results.names[number], "department").head(MOST_DEPARTMENTS)
    base = results.scenarios[0]
    names = [str(getattr(base.department(unit).name, lang)) for unit in most["department"]]
    left = room_for(names, NAMES_IN, SIZES[0]) + 0.1
    heading = say("chart.gains.departments", lang, name=in_words(results, number, lang))
    (axes,) = _panel(page, left, heading)
    pitch = axes.bbox.height / axes.figure.dpi / max(len(names), 3)
    broken, size = fitted(names, left - 0.1, pitch, SIZES)
    people = most["losers"].tolist()
    axes.barh(range(len(names)), people, 0.62, color=WORSE)
    for row, (many, loss) in enumerate(zip(people, most["mean_loss_wd"].tolist(), strict=True)):
        wd = f"{loss:.1f}" if is_known(loss) else "–"
        text = say("chart.gains.loss", lang, wd=wd)
        axes.annotate(
            text, (many, row), (4, 0), textcoords="offset points", va="center", fontsize=LABEL_PT
        )
    axes.set_yticks(range(len(names)), broken, fontsize=size)
    axes.set_ylim(max(len(names), 3) - 0.5, -0.5)
    axes.set_xlim(0, 1.25 * max(people))
    axes.locator_params(axis="x", nbins=5)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(say("chart.gains.departments_axis", lang))
