"""Chart: how busy windows and offices are, by department."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.results import Results
from sim.measure.definitions import Language
from sim.present.chart_parts import canvas, finish, scenario_labels, wrapped
from sim.present.style import LINES
from sim.present.words import say
from sim.rules.staffing import SECTION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNITS = 14
Shares = dict[str, float]


def utilisation(results: Results, lang: Language) -> Figure:
    """Draw window and office utilisation by department: base as bars, others as markers."""
    figure, panels = canvas(2)
    for axes, in_hall in zip(panels, (True, False), strict=True):
        shares = [_by_unit(results, number, in_hall) for number in range(len(results.scenarios))]
        highest = {
            unit: max(one.get(unit, 0.0) for one in shares) for one in shares for unit in one
        }
        busiest = sorted((unit for unit in highest if highest[unit] > 0), key=highest.__getitem__)
        _panel(axes, results, shares, busiest[-MOST_UNITS:], lang)
        axes.set_title(say(f"chart.use.{'windows' if in_hall else 'offices'}", lang), loc="left")
        axes.set_xlabel(say("chart.use.axis", lang))
    if len(results.scenarios) > 1:
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="lower center", bbox_to_anchor=(0.5, 0.045), ncols=4)
    values = [
        results.values(0, name).mean() for name in ("window_utilisation", "office_utilisation")
    ]
    title = say("chart.use.title", lang, windows=f"{values[0]:.0%}", offices=f"{values[1]:.0%}")
    small = say("chart.note.replications", lang, n=len(results.paired))
    more = say("chart.use.note", lang, number=MOST_UNITS)
    finish(figure, title, say("chart.note.join", lang).join((small, more)), bottom=0.2)
    return figure


def _panel(
    axes: Axes, results: Results, shares: list[Shares], units: list[str], lang: Language
) -> None:
    names = {one.id: getattr(one.name, lang) for one in results.scenarios[0].departments}
    labels = scenario_labels(results, lang)
    rows = np.arange(len(units))
    axes.barh(
        rows,
        [100 * shares[0].get(unit, 0.0) for unit in units],
        color="#bdbdbd",
        edgecolor="#1a1a1a",
        linewidth=0.8,
        label=labels[0],
    )
    for number in range(1, len(shares)):
        colour, _, marker = LINES[number % len(LINES)]
        shown = [100 * shares[number].get(unit, np.nan) for unit in units]
        axes.plot(shown, rows, marker, color=colour, markersize=8, label=labels[number])
    shown_names = [names.get(unit, say("chart.use.pool", lang)) for unit in units]
    axes.set_yticks(rows, [wrapped(name, 24, lang) for name in shown_names], fontsize=10)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(left=0)


def _by_unit(results: Results, number: int, in_hall: bool) -> Shares:  # noqa: FBT001
    busy = results.series(number, "busy_min").sum(axis=0)
    attended = results.series(number, "attended_min").sum(axis=0)
    work: dict[str, list[float]] = {}
    for group, busy_min, attended_min in zip(results.groups[number], busy, attended, strict=True):
        if (group.kind != SECTION) == in_hall:
            sums = work.setdefault(group.unit, [0.0, 0.0])
            sums[0] += busy_min
            sums[1] += attended_min
    return {unit: sums[0] / sums[1] for unit, sums in work.items() if sums[1] > 0}
