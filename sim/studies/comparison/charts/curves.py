"""Charts over time: how long cases take, and how many are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Language
from sim.measure.series import ELAPSED_STEPS_PER_WD
from sim.present.charts.parts import (
    EmptyChartError,
    curve,
    date_axis,
    key_of_lines,
    sheet,
    strong,
)
from sim.present.style import LINES, REPORT
from sim.rules.working_time import working_days
from sim.studies.comparison import say
from sim.studies.comparison.labels import in_words, least, note, scenario_labels, stuck_keys
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Marks = dict[int, float]
"""Working days by which a percentage of cases is done, by the percentage."""
MARKED = {50: "all_elapsed_p50_wd", 90: "all_elapsed_p90_wd"}


# How long cases take ------------------------------------------------------------------------


def elapsed_time(results: Results, lang: Language) -> Figure:
    """Draw the share of everyone's cases done by each working day after first contact.

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
        If no case was done within the follow-up.
    """
    done = [100 * results.series(number, "elapsed_done") for number in _all(results)]
    if not any(share.any() for share in done):
        raise EmptyChartError("no case was done within the follow-up")
    # A quantile that is null in some replication is NaN and not marked.
    marks = [
        {share: float(results.values(number, name).mean()) for share, name in MARKED.items()}
        for number in _all(results)
    ]
    small_print = note(results, lang, "everyone", "band_mean", "marks", *stuck_keys(results))
    page = sheet(_elapsed_title(results, marks, lang), small_print, lang)
    # The marks of a single line are named beside them.
    texts = [_marks_text(results, mark, lang) for mark in marks] if len(marks) > 1 else ()
    key_of_lines(page, scenario_labels(results, lang), texts)
    (axes,) = page.panels(left=0.8)
    for share in MARKED:
        axes.axhline(share, color="#888888", linewidth=1, linestyle=(0, (2, 3)), zorder=1)
    for number, (shares, mark) in enumerate(zip(done, marks, strict=True)):
        days = np.arange(shares.shape[1]) / ELAPSED_STEPS_PER_WD
        curve(axes, days, shares, number, single=False)
        _mark(axes, mark, number, lang, named=len(marks) == 1)
    last = max(shares.shape[1] - 1 for shares in done) / ELAPSED_STEPS_PER_WD
    axes.set_xlim(0, max(last, 1))
    axes.set_ylim(0, 102)
    axes.set_yticks(range(0, 101, 10))
    axes.set_xlabel(say("chart.elapsed.x", lang))
    axes.set_ylabel(say("chart.elapsed.y", lang))
    return page.figure


def _all(results: Results) -> range:
    return range(len(results.scenarios))


def _days(results: Results, days: float, lang: Language) -> str:
    if np.isfinite(days):
        return f"{days:.1f}"
    limit = results.scenarios[0].settings.horizon.follow_up_wd
    return say("chart.elapsed.beyond", lang, limit=limit)


def _marks_text(results: Results, mark: Marks, lang: Language) -> str:
    half, most = (_days(results, mark[share], lang) for share in MARKED)
    return say("chart.elapsed.key", lang, half=half, most=most)


def _elapsed_title(results: Results, marks: list[Marks], lang: Language) -> str:
    half = [mark[50] for mark in marks]
    if not np.isfinite(half[0]):
        return say("chart.elapsed.title_plain", lang)
    fastest = int(np.nanargmin(half))
    return say(
        "chart.elapsed.title_compared" if fastest else "chart.elapsed.title",
        lang,
        half=f"{half[0]:.1f}",
        most=_days(results, marks[0][90], lang),
        best=f"{half[fastest]:.1f}",
        name=in_words(results, fastest, lang),
    )


def _mark(axes: Axes, mark: Marks, number: int, lang: Language, *, named: bool) -> None:
    colour, _, marker = LINES[number % len(LINES)]
    for share, days in mark.items():
        if not np.isfinite(days):
            continue
        axes.plot(days, share, marker, color=colour, markersize=9, mec="white", zorder=4)
        if named:
            axes.annotate(
                say(f"chart.elapsed.mark{share}", lang, days=f"{days:.1f}"),
                (days, share),
                (10, -8),
                textcoords="offset points",
                va="top",
            )


# How many are open --------------------------------------------------------------------------


def backlog(results: Results, lang: Language) -> Figure:
    """Draw the hall's open cases over the horizon, with the report's figure at the census.

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
        If no case was ever open in the hall.
    """
    histories = [results.series(number, "backlog_hall") for number in _all(results)]
    if not any(open_cases.any() for open_cases in histories):
        raise EmptyChartError("no case was ever open in the hall")
    page = sheet(
        _backlog_title(results, lang), note(results, lang, "hall_book", "band_single"), lang
    )
    key_of_lines(page, scenario_labels(results, lang))
    (axes,) = page.panels(left=0.8)
    dates = _dates(results)
    for number, open_cases in enumerate(histories):
        curve(axes, dates[number], open_cases, number, single=True)
    axes.set_ylim(0, max(float(open_cases.max()) for open_cases in histories) * 1.06)
    first, last = dates[0][0], max(days[-1] for days in dates)
    margin = max(np.timedelta64(1, "D"), (last - first) // 50)
    room = (last - first) // 11 if _point_of_report(axes, results, dates[0][-1], lang) else margin
    axes.set_xlim(first - margin, last + max(room, margin))
    date_axis(axes, lang)
    axes.set_ylabel(say("chart.backlog.y", lang))
    return page.figure


def _backlog_title(results: Results, lang: Language) -> str:
    means = [float(results.values(number, "cases_open").mean()) for number in _all(results)]
    best = least(results, means, "cases_open")
    return say(
        "chart.backlog.title_compared" if best else "chart.backlog.title",
        lang,
        open=f"{means[0]:,.0f}",
        best=f"{means[best]:,.0f}",
        name=in_words(results, best, lang),
    )


def _dates(results: Results) -> list[npt.NDArray[Any]]:
    """Return the working days of each scenario's horizon."""
    dates: list[npt.NDArray[Any]] = []
    known: list[tuple[object, object]] = []
    for number, scenario in enumerate(results.scenarios):
        settings = scenario.settings
        key = (settings.horizon, settings.calendar)
        if key in known:
            dates.append(dates[known.index(key)])
        else:
            wanted = results.series(number, "backlog_hall").shape[1]
            days = working_days(settings)[:wanted]
            dates.append(np.array(days, np.datetime64))
        known.append(key)
    return dates


def _point_of_report(axes: Axes, results: Results, census: Any, lang: Language) -> bool:
    """Mark the report's figure, if it has one, with its text right of the curves."""
    reported = results.scenarios[0].settings.report.get("cases_open")
    if reported is None:
        return False
    axes.set_ylim(0, max(axes.get_ylim()[1], reported * 1.1))
    axes.plot(census, reported, "*", color=REPORT, mec="white", markersize=18, zorder=6)
    text = axes.annotate(
        say("chart.backlog.report", lang, open=f"{reported:,.0f}"),
        (census, reported),
        (11, 0),
        textcoords="offset points",
        va="center",
        color=REPORT,
    )
    strong(text, lang)
    return True
