"""Charts of `hall capacity`: late calls and backlog against demand, and the utilisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError, bar_handle, marker_handle, sheet
from sim.present.charts.text import fitted, room_for
from sim.present.numbers import is_known
from sim.present.style import BAR, BAR_EDGE, INK, LINES, REPORT
from sim.stats.intervals import mean_interval
from sim.studies.capacity import say
from sim.studies.capacity.said import busiest, people_of, percent, shown_multiple, times
from sim.studies.capacity.study import GROWTH, Capacity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
MOST_GROUPS = 14


def curves(results: Capacity, lang: Language) -> Figure:
    """Draw the share within the wait target and the growth of the backlog against the multiple.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.
    """
    minutes = f"{results.scenario.settings.hall.wait_target_min:g}"
    page = sheet(_title(results, lang), _note(results, lang, "curves"), lang)
    wait, backlog = page.panels(columns=2, left=0.75, bottom=0.6, top=0.15, gap=(0.95, 0))
    shown = results.current.curves
    if not np.isnan(shown.within).all():
        _curve(wait, shown.levels, 100 * shown.within, 1)
    fastest = np.argmax(shown.growth.mean(axis=1), axis=1)
    growth = np.array(
        [values[:, place] for values, place in zip(shown.growth, fastest, strict=True)]
    )
    _curve(backlog, shown.levels, 100 * growth, 2)
    for axes, bound, key, axis in (
        (wait, 100 * results.target, "target", "within"),
        (backlog, 100 * GROWTH, "grows", "growth"),
    ):
        text = say(f"capacity.chart_{key}", lang, target=percent(results.target, lang))
        axes.axhline(bound, color=REPORT, linewidth=1.4, linestyle=(0, (5, 3)), zorder=2)
        axes.annotate(
            text,
            (0.01, bound),
            (0, 4),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            color=REPORT,
            fontsize=9.5,
        )
        _mark(axes, results, lang)
        axes.set_xlabel(say("capacity.chart_x", lang))
        axes.set_ylabel(say(f"capacity.chart_{axis}", lang, minutes=minutes))
        axes.set_xlim(0.9 * float(shown.levels[0]), 1.03 * float(shown.levels[-1]))
    return page.figure


def _title(results: Capacity, lang: Language) -> str:
    limit = results.current.limit
    if limit.cause == "none":
        top = times(float(results.current.curves.levels[-1]))
        return say("capacity.chart_title_none", lang, multiple=top)
    if limit.multiple <= 0:
        return say("capacity.chart_title_never", lang)
    name = people_of(results, results.stations[limit.station], lang)
    return say("capacity.chart_title", lang, multiple=times(limit.multiple), who=name)


def _curve(axes: Axes, levels: Floats, histories: Floats, number: int) -> None:
    """Draw means over replications with their intervals; histories (levels, replications)."""
    colour, _, marker = LINES[number]
    estimates = [mean_interval(values) for values in histories]
    mean, low, high = (
        np.array([getattr(estimate, end) for estimate in estimates])
        for end in ("mean", "low", "high")
    )
    axes.plot(levels, mean, marker=marker, color=colour, linewidth=2, markersize=5, zorder=3)
    if is_known(float(low[-1])):
        axes.fill_between(levels, low, high, color=colour, alpha=0.2, linewidth=0)


def _mark(axes: Axes, results: Capacity, lang: Language) -> None:
    """Mark the limit and its interval."""
    current = results.current
    if not 0 < current.limit.multiple < math.inf:
        return
    if is_known(current.low):
        axes.axvspan(
            current.low,
            min(current.high, float(current.curves.levels[-1])),
            color="#d9d9d9",
            zorder=0,
        )
    axes.axvline(current.limit.multiple, color=INK, linewidth=1.4, zorder=2)
    axes.annotate(
        say("capacity.chart_limit", lang, multiple=times(current.limit.multiple)),
        (current.limit.multiple, 1),
        (-4, -3),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def station_utilisation(results: Capacity, lang: Language) -> Figure:
    """Draw the utilisation of the busiest stations, today and at the limit.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If no station has any work.
    """
    chosen = busiest(results, MOST_GROUPS)
    if not chosen:
        raise EmptyChartError("nobody had any work")
    at = shown_multiple(results)
    now, there = 100 * results.utilisation_at(1.0), 100 * results.utilisation_at(at)
    names = [people_of(results, results.stations[place], lang) for place in chosen]
    most = max(chosen, key=lambda place: there[place])
    title = say(
        "capacity.chart_use_title",
        lang,
        multiple=times(at),
        who=people_of(results, results.stations[most], lang),
        use=percent(there[most] / 100, lang),
    )
    page = sheet(title, _note(results, lang, "use"), lang)
    kinds = [bar_handle(BAR, "", BAR_EDGE), marker_handle("s", LINES[1][0])]
    texts = [say("capacity.chart_use_now", lang)]
    texts.append(say("capacity.chart_use_there", lang, multiple=times(at)))
    if results.current.limit.station >= 0:
        kinds.append(marker_handle("s", REPORT))
        texts.append(say("capacity.chart_use_first", lang))
    page.key_below(kinds, texts)
    room = room_for(names, 3.6, 10)
    pitch = (page.top - page.bottom - 0.7) / len(chosen)
    labels, size = fitted(names, room, pitch, (10, 9.5, 9, 8.5, 8))
    (axes,) = page.panels(left=room + 0.12, bottom=0.6)
    rows = np.arange(len(chosen))
    axes.barh(rows, now[chosen], 0.7, color=BAR, edgecolor=BAR_EDGE, linewidth=0.8)
    axes.plot(there[chosen], rows, "s", color=LINES[1][0], markersize=8, mec="white", zorder=3)
    for row, place in enumerate(chosen):
        if place == results.current.limit.station:
            axes.plot(there[place], row, "s", color=REPORT, markersize=9, mec="white", zorder=4)
    axes.set_yticks(rows, labels, fontsize=size)
    for label, place in zip(axes.get_yticklabels(), chosen, strict=True):
        if place == results.current.limit.station:
            label.set_color(REPORT)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(chosen) - 0.45, -0.55)
    axes.set_xlim(0, max(100.0, float(there[chosen].max()) * 1.05))
    axes.set_xlabel(say("capacity.chart_use_axis", lang))
    axes.grid(visible=False, axis="y")
    return page.figure


def _note(results: Capacity, lang: Language, key: str) -> str:
    n = results.current.curves.within.shape[1]
    parts = [say("chart.note.one" if n == 1 else "chart.note.means", lang, n=n)]
    parts.append(say(f"capacity.note_{key}", lang))
    return say("chart.note.join", lang).join(parts) + say("chart.note.end", lang)


CHARTS = {"capacity": curves, "use": station_utilisation}
"""Functions that draw the charts, by name."""
