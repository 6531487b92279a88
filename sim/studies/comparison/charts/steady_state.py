"""Chart: warm-up period of the hall, and means in the steady state."""

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
        If no steady state is asked for, or there are neither calls nor cases.
    """
    if not results.steady_state:
        raise EmptyChartError("no steady state is asked for")
    every = {name: settled(results, name) for name in SERIES}
    if not any(np.nan_to_num(series.by_day).any() for series in every.values()):
        raise EmptyChartError("there are neither calls nor cases")
    parts = [
        say(
            f"chart.warm_up.{_how(series)}",
            lang,
            label=say(f"chart.warm_up.{name}", lang),
            cut=series.warm_up_wd,
        )
        for name, series in every.items()
    ]
    title = say("chart.warm_up.title", lang, parts=say("comma", lang).join(parts))
    page = sheet(title, note(results, lang, "mser"), lang)
    panels = page.panels(rows=1, columns=len(every), top=0.3, gap=(0.85, 0.3))
    for axes, (name, series) in zip(panels, every.items(), strict=True):
        _panel(axes, name, series, lang)
    return page.figure


def _how(series: Settled) -> str:
    if series.warm_up_wd is None:
        return "none"
    return "part" if series.warm_up_wd else "at_once"


def _panel(axes: Axes, name: str, series: Settled, lang: Language) -> None:
    days = np.arange(1, len(series.by_day) + 1)
    axes.plot(days, series.by_day, color=LINES[1][0], linewidth=1.4, zorder=3)
    label = say(f"chart.warm_up.{name}", lang)
    axes.set_ylabel(say(f"chart.warm_up.axis_{SERIES[name]}", lang, label=label))
    axes.set_xlabel(say("chart.warm_up.x", lang))
    axes.set_xlim(0, len(series.by_day) + 1)
    axes.set_ylim(bottom=0)
    if series.warm_up_wd is None:
        axes.set_title(say("chart.warm_up.not_found", lang), loc="left", color=SMALL_PRINT)
        return
    axes.axvspan(0, series.warm_up_wd, color=SHADE, zorder=0)
    axes.axvline(series.warm_up_wd, color=INK, linewidth=1.2)
    axes.plot(
        [series.warm_up_wd, len(series.by_day)],
        [series.after.mean] * 2,
        color=REPORT,
        linewidth=1.8,
        zorder=4,
    )
    mean = f"{series.after.mean:,.1f}" if SERIES[name] == "min" else f"{series.after.mean:,.0f}"
    axes.set_title(
        f"{say('chart.warm_up.mean', lang)}{say('chart.warm_up.colon', lang)}{mean}",
        loc="left",
        color=REPORT,
    )
