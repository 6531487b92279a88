"""Chart: utilisation of windows and offices by department."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError, Sheet, bar_handle, marker_handle, sheet
from sim.present.charts.text import fitted, room_for
from sim.present.style import BAR, BAR_EDGE, LINES
from sim.rules.staffing import SECTION
from sim.studies.comparison import say
from sim.studies.comparison.labels import note, scenario_labels
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_UNITS = 16
MOST_NAMES_IN = 2.2
Shares = dict[str, float]
"""Utilisation, 0 to 1, by department; the comprehensive windows have an empty name."""


def utilisation(results: Results, lang: Language) -> Figure:
    """Draw window and office utilisation by department: base as bars, others as markers.

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
        If nobody had any work.
    """
    scenarios = range(len(results.scenarios))
    places = {
        "windows": [_by_unit(results, number, in_hall=True) for number in scenarios],
        "offices": [_by_unit(results, number, in_hall=False) for number in scenarios],
    }
    places = {place: shares for place, shares in places.items() if any(shares)}
    if not places:
        raise EmptyChartError("nobody had any work")
    units = _busiest_first(list(places.values()))
    shown = units[:MOST_UNITS]
    keys = ["use_offices"] + (["use_most"] if len(units) > len(shown) else [])
    small_print = note(results, lang, *keys, shown=len(shown), all=len(units))
    page = sheet(_title(results, places, lang), small_print, lang)
    _key(page, results, lang)
    names = [_name(results, unit, lang) for unit in shown]
    room = room_for(names, MOST_NAMES_IN, 10)
    panels = page.panels(columns=len(places), left=room + 0.12, top=0.3, gap=(0.35, 0))
    farthest = max(share[unit] for shares in places.values() for share in shares for unit in share)
    for axes, (place, shares) in zip(panels, places.items(), strict=True):
        _panel(axes, shares, shown)
        axes.set_title(say(f"chart.use.{place}", lang), loc="left")
        axes.set_xlabel(say("chart.use.axis", lang))
        axes.set_xlim(0, 100 * farthest * 1.05)
    pitch = (page.top - page.bottom - 0.92) / max(len(shown), 1)
    labels, size = fitted(names, room, pitch, (10, 9.5, 9, 8.5, 8, 7.5, 7))
    panels[0].set_yticks(range(len(shown)), labels, fontsize=size)
    return page.figure


def _title(results: Results, places: dict[str, list[Shares]], lang: Language) -> str:
    means = [
        float(results.values(0, figure).mean())
        for figure in ("window_utilisation", "office_utilisation")
    ]
    base = {(place, unit): use for place in places for unit, use in places[place][0].items()}
    if not base or not np.isfinite(means).all():
        return say("chart.use.title_plain", lang)
    place, unit = max(base, key=base.__getitem__)
    return say(
        f"chart.use.title_{place}",
        lang,
        windows=say("chart.percent", lang, share=f"{100 * means[0]:.0f}"),
        offices=say("chart.percent", lang, share=f"{100 * means[1]:.0f}"),
        unit=_name(results, unit, lang),
        most=say("chart.percent", lang, share=f"{100 * base[place, unit]:.0f}"),
    )


def _name(results: Results, unit: str, lang: Language) -> str:
    departments = results.scenarios[0].departments
    names = {department.id: getattr(department.name, lang) for department in departments}
    return str(names.get(unit, unit)) if unit else say("chart.use.pool", lang)


def _by_unit(results: Results, number: int, *, in_hall: bool) -> Shares:
    """Return busy minutes divided by attended ones, for departments that have both."""
    busy = results.series(number, "busy_min").sum(axis=0)
    attended = results.series(number, "attended_min").sum(axis=0)
    minutes: dict[str, list[float]] = {}
    for group, worked, there in zip(results.groups[number], busy, attended, strict=True):
        if (group.kind != SECTION) == in_hall:
            sums = minutes.setdefault(group.unit, [0.0, 0.0])
            sums[0] += worked
            sums[1] += there
    return {unit: worked / there for unit, (worked, there) in minutes.items() if worked and there}


def _busiest_first(places: list[list[Shares]]) -> list[str]:
    """Order departments by the busier of window and office, in the base where it has them."""

    def busiest(unit: str) -> tuple[float, str]:
        base = max(shares[0].get(unit, 0.0) for shares in places)
        others = max(share.get(unit, 0.0) for shares in places for share in shares)
        return -(base or others), unit

    units = {unit for shares in places for share in shares for unit in share}
    return sorted(units, key=busiest)


def _key(page: Sheet, results: Results, lang: Language) -> None:
    labels = scenario_labels(results, lang)
    if len(labels) > 1:
        others = [LINES[number % len(LINES)] for number in range(1, len(labels))]
        handles = [marker_handle(marker, colour) for colour, _, marker in others]
        page.key([bar_handle(BAR, "", BAR_EDGE), *handles], labels)


def _panel(axes: Axes, shares: list[Shares], units: list[str]) -> None:
    rows = np.arange(len(units))
    base = [100 * shares[0].get(unit, 0.0) for unit in units]
    axes.barh(rows, base, 0.78, color=BAR, edgecolor=BAR_EDGE, linewidth=0.8)
    others = len(shares) - 1
    for number in range(1, len(shares)):
        colour, _, marker = LINES[number % len(LINES)]
        use = [100 * shares[number].get(unit, np.nan) for unit in units]
        shift = 0.5 * (number / (others + 1) - 0.5)
        size = 7.5 if others <= 3 else 6.5
        axes.plot(
            use, rows + shift, marker, color=colour, markersize=size, mec="white", mew=0.5, zorder=3
        )
    axes.set_yticks([])
    axes.set_ylim(len(units) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
