"""Chart: waiting times and people in the hall by time of day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Language
from sim.measure.series import HALF_HOUR_S, HALF_HOURS
from sim.present.charts.parts import EmptyChartError, Floats, key_of_lines, sheet
from sim.present.style import LINES, SHADE, SMALL_PRINT
from sim.rules.working_time import clock_s
from sim.studies.comparison import say
from sim.studies.comparison.labels import note, scenario_labels
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def by_hour(results: Results, lang: Language) -> Figure:
    """Draw waiting times and people in the hall by half-hour, one above the other.

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
        If nobody joined a queue.
    """
    scenarios = range(len(results.scenarios))
    waits = [_waits(results, number) for number in scenarios]
    if all(np.isnan(wait).all() for wait in waits):
        raise EmptyChartError("nobody joined a line in the hall")
    page = sheet(_title(results, waits[0], lang), note(results, lang, "half_hours"), lang)
    key_of_lines(page, scenario_labels(results, lang), _not_drawn(results, lang))
    upper, lower = page.panels(rows=2, left=0.75, top=0.3, gap=(0.3, 0.42))
    slots = [_open_slots(results, number) for number in scenarios]
    for number in scenarios:
        people = np.full(HALF_HOURS, np.nan)
        people[slots[number]] = results.series(number, "people_mean").mean(axis=0)[slots[number]]
        colour, style, marker = LINES[number % len(LINES)]
        for axes, values in ((upper, waits[number]), (lower, people)):
            axes.plot(
                np.arange(HALF_HOURS) / 2 + 0.25,  # a gap where the hall is closed
                values,
                color=colour,
                linestyle=style,
                marker=marker,
                markersize=6,
                linewidth=2,
            )
    every = np.concatenate(slots)
    for axes, key in ((upper, "wait"), (lower, "people")):
        axes.set_title(say(f"chart.hour.{key}", lang), loc="left")
        axes.set_ylabel(say(f"chart.hour.{key}_axis", lang))
        axes.set_ylim(bottom=0)
        _clock_axis(axes, every, lang)
    upper.tick_params(axis="x", labelbottom=False)
    lower.set_xlabel(say("chart.hour.x", lang))
    return page.figure


def _open_slots(results: Results, number: int) -> npt.NDArray[np.int64]:
    """Return the half-hours in which a hall is open on some days, in order."""
    calendar = results.scenarios[number].settings.calendar
    spans = {
        *calendar.hall_hours,
        *(span for other in calendar.other_hall_hours for span in other.hours),
    }
    slots = {
        slot
        for opening, closing in (span.split("-") for span in spans)
        for slot in range(clock_s(opening) // HALF_HOUR_S, -(-clock_s(closing) // HALF_HOUR_S))
    }
    return np.array(sorted(slots))


def _waits(results: Results, number: int) -> Floats:
    """Return the mean wait of all calls by half-hour; NaN where there are none or it is closed."""
    slots = _open_slots(results, number)
    tickets = results.series(number, "tickets").sum(axis=0)[slots]
    waited = results.series(number, "wait_sum_min").sum(axis=0)[slots]
    means = np.full(HALF_HOURS, np.nan)
    means[slots] = np.divide(waited, tickets, out=np.full(len(slots), np.nan), where=tickets > 0)
    return means


def _not_drawn(results: Results, lang: Language) -> list[str]:
    """Say for each scenario how much of the waiting begins while the hall is closed."""
    shares = []
    for number in range(len(results.scenarios)):
        waited = results.series(number, "wait_sum_min").sum(axis=0)
        closed = np.delete(waited, _open_slots(results, number)).sum()
        shares.append(float(closed / waited.sum()) if closed else 0.0)
    if not any(shares):
        return []
    return [
        say(
            "chart.hour.not_drawn",
            lang,
            share=say("chart.percent", lang, share=f"{100 * share:.0f}"),
        )
        for share in shares
    ]


def _title(results: Results, wait: Floats, lang: Language) -> str:
    mean = float(results.values(0, "hall_wait_mean_min").mean())
    if not np.isfinite(mean) or np.isnan(wait).all():
        return say("chart.hour.title_plain", lang)
    longest = int(np.nanargmax(wait))
    begin, end = (
        f"{slot * HALF_HOUR_S // 3600}:{slot * HALF_HOUR_S % 3600 // 60:02d}"
        for slot in (longest, longest + 1)
    )
    return say(
        "chart.hour.title",
        lang,
        wait=f"{mean:.1f}",
        longest=f"{wait[longest]:.1f}",
        begin=begin,
        end=end,
    )


def _clock_axis(axes: Axes, slots: npt.NDArray[np.int64], lang: Language) -> None:
    """Show the open hours, with the closed ones between them shaded."""
    first, last = slots.min() / 2, (slots.max() + 1) / 2
    hours = range(int(np.ceil(first)), int(last) + 1)
    axes.set_xlim(first - 0.1, last + 0.1)
    axes.set_xticks(hours, [f"{hour}:00" for hour in hours])
    closed = sorted(set(range(int(slots.min()), int(slots.max()))) - set(slots.tolist()))
    for slot in closed:
        axes.axvspan(slot / 2, slot / 2 + 0.5, color=SHADE, linewidth=0, zorder=0)
    if closed:
        axes.text(
            (closed[0] + closed[-1] + 1) / 4,
            0.5,
            say("chart.hour.closed", lang),
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="center",
            color=SMALL_PRINT,
            fontsize=9.5,
        )
