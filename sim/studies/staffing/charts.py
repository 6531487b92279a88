"""Charts of `hall staff`: people of each unit now and in the plan; what each number reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language, indicators
from sim.present.charts.parts import Sheet, bar_handle, marker_handle, sheet
from sim.present.charts.text import fitted, room_for
from sim.present.numbers import UNITS
from sim.present.style import BAR, BAR_EDGE, LINES, REPORT, SMALL_PRINT
from sim.studies.staffing import say
from sim.studies.staffing.said import base_title, target_text, unit_names
from sim.studies.staffing.study import SEARCH_REPLICATIONS, StaffingResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.studies.staffing.study import StaffingTarget

MOST_UNITS = 16
MOST_NAMES_IN = 2.4
PLAN, PLAN_MARK = LINES[1][0], LINES[1][2]


# People -------------------------------------------------------------------------------------


def _people(results: StaffingResults, lang: Language) -> Figure:
    """Draw the people of each unit now (bars) and in the plan (markers), a panel per place."""
    places: dict[str, dict[str, tuple[int, int]]] = {}
    for post, number in zip(results.posts, results.chosen.plan, strict=True):
        places.setdefault(post.field, {})[post.unit] = (post.now, number)
    changes = {
        unit: sum(abs(both[1] - both[0]) for units in places.values() if (both := units.get(unit)))
        for unit in dict.fromkeys(post.unit for post in results.posts)
    }
    units = sorted(changes, key=lambda unit: -changes[unit])
    shown = units[:MOST_UNITS]
    targets = say("comma", lang).join(
        target_text(target, lang) for target in results.request.targets
    )
    small_print = say("staff.chart.base", lang, title=base_title(results, lang), targets=targets)
    if len(shown) < len(units):
        small_print += " " + say("staff.chart.most", lang, shown=len(shown), all=len(units))
    page = sheet(_people_title(results, lang), small_print, lang)
    page.key_below(
        [bar_handle(BAR, "", BAR_EDGE), marker_handle(PLAN_MARK, PLAN)],
        [say("staff.chart.now", lang), say("staff.chart.plan", lang)],
    )
    names = [unit_names(results, lang)[unit] for unit in shown]
    room = room_for(names, MOST_NAMES_IN, 10)
    panels = page.panels(columns=len(places), left=room + 0.12, top=0.3, gap=(0.35, 0))
    for axes, (field, numbers) in zip(panels, places.items(), strict=True):
        _people_panel(axes, [numbers.get(unit) for unit in shown])
        now, plan = (sum(both[end] for both in numbers.values()) for end in (0, 1))
        place = say(f"staff.place.{field}", lang)
        axes.set_title(say("staff.chart.panel", lang, place=place, plan=plan, now=now), loc="left")
        axes.set_xlabel(say("staff.chart.axis", lang))
    pitch = (page.top - page.bottom - 0.92) / len(shown)
    labels, size = fitted(names, room, pitch, (10, 9.5, 9, 8.5, 8, 7.5, 7))
    panels[0].set_yticks(range(len(shown)), labels, fontsize=size)
    return page.figure


def _people_title(results: StaffingResults, lang: Language) -> str:
    now, plan = results.today.people, results.chosen.people
    key = "staff.chart.people_same" if now == plan else "staff.chart.people"
    return say(key, lang, people=plan, now=now)


def _people_panel(axes: Axes, numbers: list[tuple[int, int] | None]) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    for row, both in enumerate(numbers):
        if both is None:
            continue
        now, plan = both
        axes.barh(row, now, 0.74, color=BAR, edgecolor=BAR_EDGE, linewidth=0.8)
        axes.plot([plan], [row], PLAN_MARK, color=PLAN, markersize=7.5, mec="white", zorder=3)
    most = max((max(both) for both in numbers if both), default=1)
    axes.set_xlim(0, most + 0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yticks([])
    axes.set_ylim(len(numbers) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


# The frontier -------------------------------------------------------------------------------


def _frontier(results: StaffingResults, lang: Language) -> Figure:
    """Draw what plans of each number of people reach, a panel per target."""
    targets = results.request.targets
    confidence = f"{100 * results.request.confidence:.4g} %"
    values = {
        "title": base_title(results, lang),
        "n": results.replications,
        "confidence": confidence,
    }
    page = sheet(
        say("staff.chart.frontier", lang), say("staff.chart.frontier_note", lang, **values), lang
    )
    _frontier_key(page, lang)
    columns = min(2, len(targets))
    rows = -(-len(targets) // columns)
    panels = page.panels(rows, columns, left=0.75, top=0.32, gap=(0.75, 0.95))
    where = say(f"staff.{results.request.where}", lang)
    for number, (axes, target) in enumerate(zip(panels, targets, strict=False)):
        _frontier_panel(axes, results, number, target)
        indicator = indicators()[target.indicator]
        axes.set_title(
            f"{indicator.label[lang]} ({UNITS[indicator.unit][lang]})", loc="left", fontsize=9.5
        )
        axes.set_xlabel(say("staff.chart.frontier_axis", lang, where=where))
    for axes in panels[len(targets) :]:
        axes.remove()
    return page.figure


def _frontier_key(page: Sheet, lang: Language) -> None:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    handles = [
        marker_handle(".", SMALL_PRINT),
        Line2D([], [], color=LINES[0][0], linewidth=1.5),
        marker_handle(LINES[2][2], LINES[2][0]),
        marker_handle(PLAN_MARK, PLAN),
        marker_handle("*", LINES[3][0]),
        Line2D([], [], color=REPORT, linewidth=1.5, linestyle="--"),
    ]
    names = ("trials", "best", "finalists", "chosen", "today", "target")
    labels = [say(f"staff.chart.{name}", lang, n=SEARCH_REPLICATIONS) for name in names]
    page.key_below(handles, labels)


def _frontier_panel(
    axes: Axes, results: StaffingResults, number: int, target: StaffingTarget
) -> None:
    scale = 100.0 if indicators()[target.indicator].unit == "share" else 1.0
    # Plans far beyond today's people only show that the figure has levelled off.
    most = max(1.05 * max(results.today.people, results.chosen.people), results.chosen.people + 5)
    trials = [trial for trial in results.search_result.trials if trial.people <= most]
    counts = np.array([trial.people for trial in trials])
    values = scale * np.array([trial.values[number] for trial in trials])
    axes.plot(counts, values, ".", color="#999999", markersize=5, zorder=1)
    pick, so_far = (np.nanmax, np.fmax) if target.at_least else (np.nanmin, np.fmin)
    totals = [n for n in np.unique(counts) if not np.isnan(values[counts == n]).all()]
    best = so_far.accumulate([float(pick(values[counts == n])) for n in totals])
    axes.step(totals, best, where="post", color=LINES[0][0], linewidth=1.5, zorder=2)
    marked = [(finalist, LINES[2][2], LINES[2][0]) for finalist in results.finalists[1:]]
    marked += [(results.today, "*", LINES[3][0]), (results.chosen, PLAN_MARK, PLAN)]
    for finalist, marker, colour in marked:
        standing = finalist.feasibility.standings[number]
        axes.plot(
            [finalist.people] * 2, [scale * standing.low, scale * standing.high], color=colour
        )
        axes.plot(
            [finalist.people], [scale * standing.mean], marker, color=colour, mec="white", ms=9
        )
    axes.axhline(scale * target.bound, color=REPORT, linestyle="--", linewidth=1.5, zorder=1)


CHARTS: dict[str, Callable[[StaffingResults, Language], Figure]] = {
    "people": _people,
    "frontier": _frontier,
}
"""Functions that draw the charts, by name."""
