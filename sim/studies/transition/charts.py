"""Charts of a transition: what is open day by day, and how long cases take by month."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError, Sheet, curve, date_axis, line_handle, sheet
from sim.present.numbers import digits
from sim.stats.intervals import mean_interval
from sim.studies.transition import say
from sim.studies.transition.said import phase_titles
from sim.studies.transition.study import TransitionResults

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WAYS = ("without", "with")


def open_cases(results: TransitionResults, lang: Language) -> Figure:
    """Draw the hall's open cases without and with the reforms, and those open before the reforms.

    Parameters
    ----------
    results
        Results of the transition.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If no case is ever open in the hall.
    """
    highest = max(float(figures["open"].max()) for figures in results.figures)
    if not highest:
        raise EmptyChartError("no case is ever open")
    ends = [f"{figures['after_open'].mean():,.0f}" for figures in results.figures]
    on_day = f"{results.figures[1]['open_on_day'].mean():,.0f}"
    numbers = {"open": on_day, "day": results.dates[-1], "end": ends[1], "end_without": ends[0]}
    title = say("transition.chart.open.title", lang, **numbers)
    page = sheet(title, _note(results, "single", lang), lang)
    labels = [say(f"transition.{way}", lang) for way in WAYS]
    _key(page, results, [*labels, say("transition.chart.open.old", lang)], lang)
    (axes,) = page.panels(left=0.8)
    dates = results.dates
    for number, figures in enumerate(results.figures):
        curve(axes, dates, figures["open"], number, single=True)
    since = dates >= np.datetime64(results.day)
    curve(axes, dates[since], results.figures[1]["open_from_before"][:, since], 2, single=True)
    axes.set_ylim(0, highest * 1.06)
    axes.set_ylabel(say("chart.backlog.y", lang))
    _mark_phases(axes, results)
    date_axis(axes, lang)
    return page.figure


def elapsed_by_month(results: TransitionResults, lang: Language) -> Figure:
    """Draw everyone's mean elapsed time by month of first contact, without and with the reforms.

    Parameters
    ----------
    results
        Results of the transition.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart; months that are null in some replication are left out.

    Raises
    ------
    EmptyChartError
        If nobody comes after the first phase begins.
    """
    if not all(np.isfinite(figures["after_elapsed_wd"]).any() for figures in results.figures):
        raise EmptyChartError("nobody comes")
    means = [
        digits(mean_interval(figures["after_elapsed_wd"]).mean, "wd") for figures in results.figures
    ]
    numbers = {"elapsed": means[1], "elapsed_without": means[0]}
    title = say("transition.chart.elapsed.title", lang, **numbers)
    page = sheet(title, _note(results, "mean", lang), lang)
    _key(page, results, [say(f"transition.{way}", lang) for way in WAYS], lang)
    (axes,) = page.panels(left=0.8)
    months = np.array(results.months, "datetime64[M]").astype("datetime64[D]") + np.timedelta64(
        14, "D"
    )
    highest = 0.0
    for number, figures in enumerate(results.figures):
        values = figures["months_elapsed_wd"]
        is_known = np.isfinite(values).all(axis=0)
        curve(axes, months[is_known], values[:, is_known], number, single=False)
        highest = max(highest, float(np.nanmax(values)))
    axes.set_ylim(0, highest * 1.06)
    axes.set_ylabel(say("transition.chart.elapsed.y", lang))
    _mark_phases(axes, results)
    date_axis(axes, lang)
    return page.figure


CHARTS: dict[str, Callable[[TransitionResults, Language], Figure]] = {
    "open-cases": open_cases,
    "elapsed-by-month": elapsed_by_month,
}
"""Functions that draw the charts, by name."""


def _note(results: TransitionResults, bands: str, lang: Language) -> str:
    return say(
        "transition.chart.note",
        lang,
        n=results.replications,
        bands=say(f"transition.chart.bands_{bands}", lang),
    )


def _key(page: Sheet, results: TransitionResults, labels: list[str], lang: Language) -> None:
    """Put the lines and the phases into the key; all phases are drawn in the same style."""
    from matplotlib.lines import Line2D  # noqa: PLC0415  (slow to import)

    phases = sorted(results.scenarios[1].settings.transition, key=lambda phase: phase.begins)
    handles = [line_handle(number) for number in range(len(labels))]
    for number, phase in enumerate(phases):
        key = "transition.chart.phase_units" if phase.departments else "transition.chart.phase"
        texts = {"day": phase.begins.isoformat(), "titles": phase_titles(results, number, lang)}
        more = {"units": len(phase.departments)} if phase.departments else {}
        labels.append(say(key, lang, **texts, **more))
        handles.append(Line2D([], [], color="#666666", linestyle=(0, (2, 2)), linewidth=1.2))
    page.key(handles, labels)


def _mark_phases(axes: Axes, results: TransitionResults) -> None:
    for phase in results.scenarios[1].settings.transition:
        axes.axvline(
            np.datetime64(phase.begins),  # type: ignore[arg-type]
            color="#666666",
            linestyle=(0, (2, 2)),
            linewidth=1.2,
            zorder=1,
        )
