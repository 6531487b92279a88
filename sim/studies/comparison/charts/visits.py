"""Chart: visits to offices that a case needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language
from sim.measure.series import MOST_VISITS
from sim.present.charts.parts import EmptyChartError, bar_handle, bar_look, sheet
from sim.studies.comparison import say
from sim.studies.comparison.labels import in_words, least, note, scenario_labels
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LABELLED = 3
"""Largest number of scenarios for which bars carry their numbers."""


def visits(results: Results, lang: Language) -> Figure:
    """Draw how many visits everyone's cases need, bars grouped by scenario.

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
        If a scenario has no cases.
    """
    shares = np.array(
        [
            100 * results.series(number, "visits").mean(axis=0)
            for number in range(len(results.scenarios))
        ]
    )
    if not shares.any(axis=1).all():
        raise EmptyChartError("a scenario has no cases")
    labels = scenario_labels(results, lang)
    page = sheet(
        _title(results, shares[:, 1].tolist(), lang), note(results, lang, "everyone"), lang
    )
    if len(labels) > 1:
        page.key([bar_handle(*bar_look(number)) for number in range(len(labels))], labels)
    (axes,) = page.panels(left=0.8)
    seen = np.flatnonzero(shares.max(axis=0) >= 0.05)
    bins = np.arange(min(1, int(seen.min())), MOST_VISITS + 1)
    width = 0.84 / len(labels)
    for number, share in enumerate(shares):
        colour, hatch = bar_look(number)
        x = bins + (number - (len(labels) - 1) / 2) * width
        axes.bar(
            x, share[bins], width * 0.94, color=colour, hatch=hatch, edgecolor="white", linewidth=0
        )
        if len(labels) <= MOST_LABELLED:
            _label(axes, x.tolist(), share[bins].tolist(), 10.0 if len(labels) < 3 else 9.0)
    names = [f"{trips}+" if trips == MOST_VISITS else str(trips) for trips in bins]
    axes.set_xticks(bins, names)
    axes.set_xlim(bins[0] - 0.6, bins[-1] + 0.6)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(say("chart.visits.x", lang))
    axes.set_ylabel(say("chart.visits.y", lang))
    return page.figure


def _label(axes: Axes, x: list[float], shares: list[float], size: float) -> None:
    for place, share in zip(x, shares, strict=True):
        if share >= 0.5:
            axes.annotate(
                f"{share:.0f}",
                (place, share),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=size,
            )


def _title(results: Results, once: list[float], lang: Language) -> str:
    means = [
        float(results.values(number, "all_visits_mean").mean())
        for number in range(len(results.scenarios))
    ]
    fewest = least(results, means, "all_visits_mean")
    return say(
        "chart.visits.title_compared" if fewest else "chart.visits.title",
        lang,
        visits=f"{means[0]:.1f}",
        once=say("chart.percent", lang, share=f"{once[0]:.0f}"),
        best=f"{means[fewest]:.1f}",
        name=in_words(results, fewest, lang),
    )
