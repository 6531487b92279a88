"""The charts of a run, in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.experiment.results import Results
from sim.measure.definitions import Language, phases
from sim.measure.series import ELAPSED_STEPS_PER_WD, MOST_VISITS
from sim.present.chart_parts import (
    band,
    canvas,
    finish,
    scenario_labels,
    show_legend,
)
from sim.present.differences_chart import differences
from sim.present.style import DPI, LINES, PHASES, styled
from sim.present.utilisation_chart import utilisation
from sim.present.words import say
from sim.rules.working_time import clock_s, working_days

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def write_charts(
    results: Results, folder: Path, languages: Iterable[Language] = LANGUAGES
) -> list[Path]:
    """Write every chart that the results allow, and return the files.

    Parameters
    ----------
    folder
        Made if it does not exist; files are named ``NAME.LANGUAGE.png`` and ``.svg``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for lang in languages:
        for name, chart in CHARTS.items():
            if name == "differences" and len(results.scenarios) < 2:
                continue
            with styled(lang):
                figure = chart(results, lang)
                for ending in ("png", "svg"):
                    path = folder / f"{name}.{lang}.{ending}"
                    figure.savefig(path, dpi=DPI)
                    written.append(path)
    return written


def draw(results: Results, name: str, lang: Language) -> Figure:
    """Draw one chart.

    Raises
    ------
    ValueError
        If there is no chart of that name.
    """
    if name not in CHARTS:
        raise ValueError(f"no chart {name!r}; there are {', '.join(CHARTS)}")
    with styled(lang):
        return CHARTS[name](results, lang)


# Where the days go ------------------------------------------------------------------------


def where_the_days_go(results: Results, lang: Language) -> Figure:
    """Stack the mean working days of everyone's cases by phase, one bar per scenario."""
    figure, (axes,) = canvas(1)
    labels = scenario_labels(results, lang, width=22)
    days = np.array(
        [
            [results.values(number, f"all_days_{phase}").mean() for phase in phases()]
            for number in range(len(labels))
        ]
    )
    left = np.zeros(len(labels))
    widest = days.sum(axis=1).max()
    for column, (phase, names) in enumerate(phases().items()):
        colour, hatch = PHASES[phase]
        width = days[:, column]
        if width.max() < widest / 400:
            continue
        axes.barh(
            labels,
            width,
            left=left,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.8,
            label=names[lang],
        )
        for row in np.flatnonzero(width > widest / 22).tolist():
            _segment_label(axes, left[row] + width[row] / 2, row, width[row], phase)
        left += width
    for row, total in enumerate(left):
        axes.text(total + widest / 90, row, f"{total:.1f}", va="center", weight="bold")
    axes.set_xlim(0, widest * 1.08)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(say("chart.days.axis", lang))
    handles, names_shown = axes.get_legend_handles_labels()
    figure.legend(
        handles, names_shown, loc="lower center", bbox_to_anchor=(0.5, 0.05), ncols=4, fontsize=12
    )
    key = "chart.days.title" if len(labels) == 1 else "chart.days.title_compared"
    best = int(np.argmin(left))
    title = say(
        key if best else "chart.days.title",
        lang,
        base=f"{left[0]:.1f}",
        best=f"{left[best]:.1f}",
        name=scenario_labels(results, lang)[best],
    )
    finish(figure, title, note(results, lang, "everyone"), bottom=0.22)
    return figure


def _segment_label(axes: Axes, x: float, row: int, days: float, phase: str) -> None:
    colour, hatch = PHASES[phase]
    dark = sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) < 380
    axes.text(
        x,
        row,
        f"{days:.1f}",
        ha="center",
        va="center",
        fontsize=12,
        color="white" if dark else "black",
        bbox={"facecolor": colour, "edgecolor": "none", "pad": 1} if hatch else None,
    )


def note(results: Results, lang: Language, *keys: str) -> str:
    """Return the small print: how many replications, and what else must be known."""
    parts = [say("chart.note.replications", lang, n=len(results.paired))]
    if len(results.scenarios) > 1:
        base = getattr(results.scenarios[0].title, lang)
        parts.append(say("chart.note.title", lang, base=base))
    parts += [say(f"chart.note.{key}", lang) for key in keys]
    return say("chart.note.join", lang).join(parts)


# Curves -----------------------------------------------------------------------------------


def elapsed_time(results: Results, lang: Language) -> Figure:
    """Draw the share of everyone's cases done by each working day."""
    figure, (axes,) = canvas(1)
    steps = len(results.series(0, "elapsed_done")[0])
    days = np.arange(steps) / ELAPSED_STEPS_PER_WD
    for number, label in enumerate(scenario_labels(results, lang)):
        done = 100 * results.series(number, "elapsed_done")
        band(axes, days, done, number, label, single=False)
        colour, _, marker = LINES[number % len(LINES)]
        mean = done.mean(axis=0)
        for share in (50, 90):
            if mean[-1] >= share:
                axes.plot(np.interp(share, mean, days), share, marker, color=colour, markersize=9)
    for share in (50, 90):
        axes.axhline(share, color="#999999", linewidth=0.8, linestyle=(0, (2, 3)))
    axes.set_xlim(0, days[-1])
    axes.set_ylim(0, 102)
    axes.set_xlabel(say("chart.elapsed.x", lang))
    axes.set_ylabel(say("chart.elapsed.y", lang))
    show_legend(axes, results)
    median = np.nanmean(results.values(0, "all_elapsed_p50_wd"))
    title = say("chart.elapsed.title", lang, median=f"{median:.1f}")
    finish(figure, title, note(results, lang, "everyone", "band_mean", "marks"))
    return figure


def backlog(results: Results, lang: Language) -> Figure:
    """Draw the hall's open cases over the horizon, with the report's figure at the census."""
    from matplotlib import dates  # noqa: PLC0415

    figure, (axes,) = canvas(1)
    settings = results.scenarios[0].settings
    longest = results.series(0, "backlog_hall").shape[1]
    days = np.array(working_days(settings, settings.horizon.start, 0)[:longest], np.datetime64)
    for number, label in enumerate(scenario_labels(results, lang)):
        band(axes, days, results.series(number, "backlog_hall"), number, label, single=True)
    reported = settings.report.get("cases_open")
    if reported is not None:
        axes.plot(days[-1], reported, "*", color="#b2182b", markersize=18, clip_on=False, zorder=5)
        axes.annotate(
            say("chart.backlog.report", lang, open=f"{reported:,.0f}"),
            (days[-1], reported),
            xytext=(-12, 12),
            textcoords="offset points",
            ha="right",
            color="#b2182b",
            weight="bold",
        )
    axes.xaxis.set_major_locator(dates.AutoDateLocator(maxticks=9))  # type: ignore[no-untyped-call]
    form = "%Y-%m" if lang == "en" else "%Y年%m月"
    axes.xaxis.set_major_formatter(dates.DateFormatter(form))  # type: ignore[no-untyped-call]
    axes.set_ylim(bottom=0)
    axes.set_ylabel(say("chart.backlog.y", lang))
    axes.set_xlabel(say("chart.backlog.x", lang))
    show_legend(axes, results)
    at_end = results.values(0, "cases_open").mean()
    title = say("chart.backlog.title", lang, open=f"{at_end:,.0f}")
    finish(figure, title, note(results, lang, "hall_book", "band_single"))
    return figure


def by_hour(results: Results, lang: Language) -> Figure:
    """Draw the hall wait and the people in the hall by half-hour, in two panels."""
    figure, panels = canvas(2)
    slots = _open_slots(results)
    hours = slots / 2 + 0.25
    for number, label in enumerate(scenario_labels(results, lang)):
        tickets = results.series(number, "tickets")[:, slots].sum(axis=0)
        waited = results.series(number, "wait_sum_min")[:, slots].sum(axis=0)
        wait = np.divide(waited, tickets, out=np.full(len(slots), np.nan), where=tickets > 0)
        people = results.series(number, "people_mean")[:, slots].mean(axis=0)
        colour, style, marker = LINES[number % len(LINES)]
        for axes, values in zip(panels, (wait, people), strict=True):
            # A break in the line where the hall is closed.
            x, y = _with_gaps(hours, values)
            axes.plot(x, y, color=colour, linestyle=style, marker=marker, label=label, linewidth=2)
    for axes, key in zip(panels, ("wait", "people"), strict=True):
        axes.set_title(say(f"chart.hour.{key}", lang), loc="left")
        axes.set_ylabel(say(f"chart.hour.{key}_axis", lang))
        axes.set_xlabel(say("chart.hour.x", lang))
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(int(hours[0]), int(hours[-1]) + 2))
    show_legend(panels[1], results)
    busiest = results.indicator(results.names[0], "hall_wait_mean_min")["mean"]
    title = say("chart.hour.title", lang, wait=f"{busiest:.1f}")
    finish(figure, title, note(results, lang, "half_hours"))
    return figure


def _open_slots(results: Results) -> npt.NDArray[np.int64]:
    """Return the half-hours in which the hall is open."""
    spans = results.scenarios[0].settings.calendar.hall_hours
    return np.array(
        [
            slot
            for span in spans
            for slot in range(clock_s(span[:5]) // 1800, -(-clock_s(span[6:]) // 1800))
        ]
    )


def _with_gaps(hours: Floats, values: Floats) -> tuple[Floats, Floats]:
    breaks = np.flatnonzero(np.diff(hours) > 0.6) + 1
    return np.insert(hours, breaks, np.nan), np.insert(values, breaks, np.nan)


def visits(results: Results, lang: Language) -> Figure:
    """Draw how many visits everyone's cases need, grouped by scenario."""
    figure, (axes,) = canvas(1)
    labels = scenario_labels(results, lang)
    shares = [100 * results.series(number, "visits").mean(axis=0) for number in range(len(labels))]
    last = max(int(np.flatnonzero(share > 0.05).max()) for share in shares)
    bins = np.arange(1, last + 1)
    width = 0.84 / len(labels)
    hatches = ("", "//", "..", "\\\\", "xx", "--", "++", "oo")
    for number, (label, share) in enumerate(zip(labels, shares, strict=True)):
        axes.bar(
            bins + (number - (len(labels) - 1) / 2) * width,
            share[1 : last + 1],
            width * 0.94,
            color=LINES[number % len(LINES)][0],
            hatch=hatches[number % len(hatches)],
            edgecolor="white",
            label=label,
        )
    names = [f"{bin_}+" if bin_ == MOST_VISITS else str(bin_) for bin_ in bins]
    axes.set_xticks(bins, names)
    axes.grid(visible=False, axis="x")
    axes.set_xlabel(say("chart.visits.x", lang))
    axes.set_ylabel(say("chart.visits.y", lang))
    show_legend(axes, results)
    mean = results.values(0, "all_visits_mean").mean()
    title = say("chart.visits.title", lang, visits=f"{mean:.1f}", share=f"{shares[0][1]:.0f}")
    finish(figure, title, note(results, lang, "everyone"))
    return figure


CHARTS: dict[str, Callable[[Results, Language], Figure]] = {
    "where-the-days-go": where_the_days_go,
    "elapsed-time": elapsed_time,
    "backlog": backlog,
    "by-hour": by_hour,
    "utilisation": utilisation,
    "visits": visits,
    "differences": differences,
}
