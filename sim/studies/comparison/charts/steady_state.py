"""Chart: when the hall settles, and what the start leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError, sheet
from sim.present.style import INK, LINES, REPORT, SHADE, SMALL_PRINT
from sim.studies.comparison import say
from sim.studies.comparison.labels import note
from sim.studies.comparison.results import Results
from sim.studies.comparison.steady_state import SERIES, Settled, settled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def warm_up(results: Results, lang: Language) -> Figure:
    """Draw each series by working day, its warm-up, and its mean from then on.

    Raises
    ------
    EmptyChartError
        If no steady state is asked for, or nothing happens.
    """
    if not results.steady_state:
        raise EmptyChartError("no steady state is asked for")
    found = {name: settled(results, name) for name in SERIES}
    if not any(np.nan_to_num(one.by_day).any() for one in found.values()):
        raise EmptyChartError("there are neither calls nor cases")
    parts = [
        say(
            f"chart.warm_up.{_how(one)}",
            lang,
            label=say(f"chart.warm_up.{name}", lang),
            cut=one.warm_up_wd,
        )
        for name, one in found.items()
    ]
    title = say("chart.warm_up.title", lang, parts=say("comma", lang).join(parts))
    page = sheet(title, note(results, lang, "mser"), lang)
    panels = page.panels(rows=1, columns=len(found), top=0.3, gap=(0.85, 0.3))
    for axes, (name, one) in zip(panels, found.items(), strict=True):
        _panel(axes, name, one, lang)
    return page.figure


def _how(one: Settled) -> str:
    if one.warm_up_wd is None:
        return "none"
    return "part" if one.warm_up_wd else "at_once"


def _panel(axes: Axes, name: str, one: Settled, lang: Language) -> None:
    days = np.arange(1, len(one.by_day) + 1)
    axes.plot(days, one.by_day, color=LINES[1][0], linewidth=1.4, zorder=3)
    label = say(f"chart.warm_up.{name}", lang)
    axes.set_ylabel(say(f"chart.warm_up.axis_{SERIES[name]}", lang, label=label))
    axes.set_xlabel(say("chart.warm_up.x", lang))
    axes.set_xlim(0, len(one.by_day) + 1)
    axes.set_ylim(bottom=0)
    if one.warm_up_wd is None:
        axes.set_title(say("chart.warm_up.not_found", lang), loc="left", color=SMALL_PRINT)
        return
    axes.axvspan(0, one.warm_up_wd, color=SHADE, zorder=0)
    axes.axvline(one.warm_up_wd, color=INK, linewidth=1.2)
    axes.plot(
        [one.warm_up_wd, len(one.by_day)],
        [one.after.mean] * 2,
        color=REPORT,
        linewidth=1.8,
        zorder=4,
    )
    mean = f"{one.after.mean:,.1f}" if SERIES[name] == "min" else f"{one.after.mean:,.0f}"
    axes.set_title(
        f"{say('chart.warm_up.mean', lang)}{say('chart.warm_up.colon', lang)}{mean}",
        loc="left",
        color=REPORT,
    )
