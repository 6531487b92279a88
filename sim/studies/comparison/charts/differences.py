"""Chart: what each scenario changes, with simultaneous intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sim.measure.definitions import Indicator, Language, headline
from sim.present.charts.layout import FIRST, MOST_PANELS
from sim.present.charts.parts import (
    HEIGHT,
    MARGIN,
    WIDTH,
    EmptyChartError,
    Sheet,
    marker_handle,
    sheet,
)
from sim.present.charts.text import LINE_SPACING, balanced, fitted, lines_of, wrapped
from sim.present.numbers import UNITS, is_known
from sim.present.style import BETTER, DEPENDS, INK, KEY_PT, OTHER, OTHER_CASES, UNCLEAR, WORSE
from sim.stats.comparison import Verdict
from sim.studies.comparison import say
from sim.studies.comparison.labels import in_words, note, scenario_labels, stuck_keys
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKS = {
    Verdict.BETTER: ("o", BETTER),
    Verdict.WORSE: ("X", WORSE),
    Verdict.OTHER_CASES: ("s", OTHER_CASES),
    Verdict.DEPENDS: ("P", DEPENDS),
    Verdict.HIGHER: ("^", OTHER),
    Verdict.LOWER: ("v", OTHER),
    Verdict.UNCLEAR: ("D", UNCLEAR),
}
NAMES_IN = 1.95
TITLE_LINES_IN = 0.42
"""Height of two lines above a panel, in inches."""


class _Row(NamedTuple):
    """A scenario's row in every panel."""

    name: str
    label: str


def differences(results: Results, lang: Language) -> Figure:
    """Draw the difference of each chosen figure against the base, one panel per figure.

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
        If there is no other scenario, or nothing changes.
    """
    chosen = _chosen(results)
    if not chosen:
        raise EmptyChartError("no other scenario changes a headline figure")
    changes = {
        (name, indicator.id): results.difference(name, indicator.id)
        for name in results.names[1:]
        for indicator in chosen
    }
    verdicts = [row["verdict"] for row in changes.values()]
    close_calls = ("band_holm",) if any(row["holm_only"] for row in changes.values()) else ()
    halls = ("halls",) if results.in_halls is not None else ("chance_only",)
    keys = ("band_family", *halls, *close_calls, *stuck_keys(results))
    number = 0 if results.in_halls is None else results.in_halls.number
    small_print = note(results, lang, *keys, halls=number)
    page = sheet(_title(results, verdicts, lang), small_print, lang)
    seen = [verdict for verdict in MARKS if verdict in verdicts]
    page.key_below(
        [marker_handle(*MARKS[verdict]) for verdict in seen],
        [say(f"chart.differences.{verdict.name.lower()}", lang) for verdict in seen],
    )
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    high = (page.top - page.bottom - 2 * 0.55) / 2 - TITLE_LINES_IN
    rows, left = _rows(page, results, lang, high / (len(results.names) - 1))
    panels = page.panels(
        lines, columns, left=left, bottom=0.55, top=TITLE_LINES_IN, gap=(0.28, 1.0)
    )
    for position, (axes, indicator) in enumerate(zip(panels, chosen, strict=False)):
        _panel(axes, [changes[row.name, indicator.id] for row in rows], indicator, lang)
        if position % columns == 0:
            axes.set_yticks(range(len(rows)), [row.label for row in rows])
        else:
            axes.set_yticks([])
    for axes in panels[len(chosen) :]:
        axes.remove()
    return page.figure


def _chosen(results: Results) -> list[Indicator]:
    """Return the figures that some scenario changes, those of `FIRST` first."""
    if len(results.scenarios) < 2:
        return []
    frame = results.differences
    rows = frame[frame.headline & ~frame.verdict.isin([Verdict.SAME, Verdict.UNKNOWN])]
    changed = [indicator for indicator in headline() if indicator.id in set(rows.indicator)]
    order = {name: place for place, name in enumerate(FIRST)}
    return sorted(changed, key=lambda indicator: order.get(indicator.id, len(order)))[:MOST_PANELS]


def _title(results: Results, verdicts: list[str], lang: Language) -> str:
    base = in_words(results, 0, lang)
    counts = {verdict: verdicts.count(verdict) for verdict in MARKS}
    parts = [
        say(f"chart.differences.count_{verdict.name.lower()}", lang, count=counts[verdict])
        for verdict in MARKS
        if counts[verdict]
    ]
    texts = say("comma", lang).join(parts)
    return say("chart.differences.title", lang, base=base, counts=texts)


def _rows(page: Sheet, results: Results, lang: Language, pitch: float) -> tuple[list[_Row], float]:
    """Return the rows and the inches for their labels: names, or numbers with a key beside."""
    names, labels = results.names[1:], scenario_labels(results, lang)[1:]
    broken, size = fitted(labels, NAMES_IN, pitch, (10, 9.5, 9, 8.5))
    if lines_of(broken) * size * LINE_SPACING / 72 <= 1.2 * pitch:
        return [_Row(*row) for row in zip(names, broken, strict=True)], NAMES_IN + 0.05
    page.right -= NAMES_IN + MARGIN
    y = page.top - 0.05
    for number, label in enumerate(labels, 1):
        text = wrapped(label, NAMES_IN - 0.25, KEY_PT)
        x = page.right + MARGIN
        for left, words in ((x, str(number)), (x + 0.25, text)):
            page.figure.text(left / WIDTH, y / HEIGHT, words, fontsize=KEY_PT, va="top", color=INK)
        y -= (lines_of([text]) * LINE_SPACING + 0.7) * KEY_PT / 72
    return [_Row(name, str(number)) for number, name in enumerate(names, 1)], 0.3


def _panel(axes: Axes, rows: list[pd.Series], indicator: Indicator, lang: Language) -> None:
    scale = 100 if indicator.unit == "share" else 1
    for row, difference in enumerate(rows):
        if not is_known(difference["mean"]):
            continue
        # No difference at all: a thin tick on the zero line.
        marker, colour = MARKS.get(difference["verdict"], ("|", INK))
        if is_known(difference["band_low"]):
            ends = [scale * difference["band_low"], scale * difference["band_high"]]
            axes.plot(ends, [row, row], "|-", color=colour, linewidth=0.9, markersize=7)
        if is_known(difference["low"]):
            ends = [scale * difference["low"], scale * difference["high"]]
            axes.plot(ends, [row, row], color=colour, linewidth=2.6, solid_capstyle="butt")
        axes.plot(
            scale * difference["mean"],
            row,
            marker,
            color=colour,
            markersize=8,
            mec="white",
            mew=0.6,
        )
        if difference["holm_only"]:
            axes.annotate(
                "†",
                (scale * difference["high"], row),
                xytext=(2, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
                color=INK,
            )
    axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.margins(x=0.12)
    axes.set_title(
        balanced(indicator.label[lang], axes.bbox.width / axes.figure.dpi, 10), loc="left"
    )
    axes.title.set_fontsize(10)
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    axes.set_xlabel(
        say(f"chart.differences.axis_{indicator.better}", lang, unit=unit), fontsize=9.5
    )
    axes.tick_params(axis="x", labelsize=9.5)
    axes.tick_params(axis="y", length=0, labelsize=9)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=4)
