"""Charts of `hall capacity`: wait and backlog against demand, and who is busiest."""

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
from sim.studies.capacity.said import busiest, percent, shown_multiple, times, who
from sim.studies.capacity.study import GROWTH, Capacity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
MOST_GROUPS = 14


def curves(found: Capacity, lang: Language) -> Figure:
    """Draw the share within the target and the backlog's growth against the multiple."""
    minutes = f"{found.scenario.settings.hall.wait_target_min:g}"
    page = sheet(_title(found, lang), _note(found, lang, "curves"), lang)
    wait, backlog = page.panels(columns=2, left=0.75, bottom=0.6, top=0.15, gap=(0.95, 0))
    shown = found.now.curves
    if not np.isnan(shown.within).all():
        _curve(wait, shown.levels, 100 * shown.within, 1)
    fastest = np.argmax(shown.growth.mean(axis=1), axis=1)
    growth = np.array([one[:, place] for one, place in zip(shown.growth, fastest, strict=True)])
    _curve(backlog, shown.levels, 100 * growth, 2)
    for axes, bound, key, where in (
        (wait, 100 * found.target, "target", "target"),
        (backlog, 100 * GROWTH, "grows", "growth"),
    ):
        text = say(f"capacity.chart_{key}", lang, target=percent(found.target, lang))
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
        _mark(axes, found, lang)
        axes.set_xlabel(say("capacity.chart_x", lang))
        axes.set_ylabel(
            say(f"capacity.chart_{'within' if where == 'target' else where}", lang, minutes=minutes)
        )
        axes.set_xlim(0.9 * float(shown.levels[0]), 1.03 * float(shown.levels[-1]))
    return page.figure


def _title(found: Capacity, lang: Language) -> str:
    limit = found.now.limit
    if limit.cause == "none":
        top = times(float(found.now.curves.levels[-1]))
        return say("capacity.chart_title_none", lang, multiple=top)
    if limit.at <= 0:
        return say("capacity.chart_title_never", lang)
    name = who(found, found.stations[limit.queue], lang)
    return say("capacity.chart_title", lang, multiple=times(limit.at), who=name)


def _curve(axes: Axes, levels: Floats, histories: Floats, number: int) -> None:
    """Draw means with their intervals; histories of shape (levels, replications)."""
    colour, _, marker = LINES[number]
    estimates = [mean_interval(one) for one in histories]
    mean, low, high = (
        np.array([getattr(one, end) for one in estimates]) for end in ("mean", "low", "high")
    )
    axes.plot(levels, mean, marker=marker, color=colour, linewidth=2, markersize=5, zorder=3)
    if is_known(float(low[-1])):
        axes.fill_between(levels, low, high, color=colour, alpha=0.2, linewidth=0)


def _mark(axes: Axes, found: Capacity, lang: Language) -> None:
    """Mark the limit and its interval."""
    now = found.now
    if not 0 < now.limit.at < math.inf:
        return
    if is_known(now.low):
        axes.axvspan(
            now.low, min(now.high, float(now.curves.levels[-1])), color="#d9d9d9", zorder=0
        )
    axes.axvline(now.limit.at, color=INK, linewidth=1.4, zorder=2)
    axes.annotate(
        say("capacity.chart_limit", lang, multiple=times(now.limit.at)),
        (now.limit.at, 1),
        (-4, -3),
        xycoords=axes.get_xaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=9.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
    )


def use(found: Capacity, lang: Language) -> Figure:
    """Draw how busy people are today and at the limit, the busiest first.

    Raises
    ------
    EmptyChartError
        If nobody had any work.
    """
    chosen = busiest(found, MOST_GROUPS)
    if not chosen:
        raise EmptyChartError("nobody had any work")
    at = shown_multiple(found)
    now, there = 100 * found.use_at(1.0), 100 * found.use_at(at)
    names = [who(found, found.stations[one], lang) for one in chosen]
    most = max(chosen, key=lambda one: there[one])
    title = say(
        "capacity.chart_use_title",
        lang,
        multiple=times(at),
        who=who(found, found.stations[most], lang),
        use=percent(there[most] / 100, lang),
    )
    page = sheet(title, _note(found, lang, "use"), lang)
    kinds = [bar_handle(BAR, "", BAR_EDGE), marker_handle("s", LINES[1][0])]
    texts = [say("capacity.chart_use_now", lang)]
    texts.append(say("capacity.chart_use_there", lang, multiple=times(at)))
    if found.now.limit.queue >= 0:
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
    for row, one in enumerate(chosen):
        if one == found.now.limit.queue:
            axes.plot(there[one], row, "s", color=REPORT, markersize=9, mec="white", zorder=4)
    axes.set_yticks(rows, labels, fontsize=size)
    for label, one in zip(axes.get_yticklabels(), chosen, strict=True):
        if one == found.now.limit.queue:
            label.set_color(REPORT)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(chosen) - 0.45, -0.55)
    axes.set_xlim(0, max(100.0, float(there[chosen].max()) * 1.05))
    axes.set_xlabel(say("capacity.chart_use_axis", lang))
    axes.grid(visible=False, axis="y")
    return page.figure


def _note(found: Capacity, lang: Language, key: str) -> str:
    n = found.now.curves.within.shape[1]
    parts = [say("chart.note.one" if n == 1 else "chart.note.means", lang, n=n)]
    parts.append(say(f"capacity.note_{key}", lang))
    return say("chart.note.join", lang).join(parts) + say("chart.note.end", lang)


CHARTS = {"capacity": curves, "use": use}
"""What draws each chart, by name."""
