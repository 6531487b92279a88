"""Parts that charts share: canvas, bands, labels, titles and small print."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.experiment.results import Results
from sim.measure.definitions import Language
from sim.present.report import title_of
from sim.present.style import FIGURE_IN, LINES
from sim.stats.intervals import student_t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]


def canvas(columns: int, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """Return an empty figure and its panels in reading order."""
    from matplotlib.figure import Figure  # noqa: PLC0415  (slow to import)

    figure = Figure(figsize=FIGURE_IN)
    return figure, list(np.asarray(figure.subplots(rows, columns)).ravel())


def scenario_labels(results: Results, lang: Language, width: int = 34) -> list[str]:
    """Return a name per scenario, wrapped; those after the base by what they add."""
    names = [title_of(results, number, lang) for number in range(len(results.scenarios))]
    return [wrapped(name, width, lang) for name in names]


def wrapped(text: str, width: int, lang: Language) -> str:
    """Break a text into lines; Chinese characters are twice as wide as letters."""
    if lang == "zh":
        return "\n".join(textwrap.wrap(text, width // 2 + 2, break_long_words=True))
    return "\n".join(textwrap.wrap(text, width))


def band(
    axes: Axes, x: npt.NDArray[Any], histories: Floats, number: int, label: str, *, single: bool
) -> None:
    """Draw the mean of some histories, and where single ones or their mean may lie.

    Parameters
    ----------
    histories
        Shape (replications, len(x)).
    single
        Shade the middle 80 % of single histories instead of the mean's 95 % interval.
    """
    colour, style, _ = LINES[number % len(LINES)]
    mean = histories.mean(axis=0)
    axes.plot(x, mean, color=colour, linestyle=style, linewidth=2.4, label=label)
    if len(histories) < 2:
        return
    if single:
        low, high = np.quantile(histories, (0.1, 0.9), axis=0)
    else:
        freedom = len(histories) - 1
        half = student_t(0.95, freedom) * histories.std(axis=0, ddof=1) / np.sqrt(freedom + 1)
        low, high = mean - half, mean + half
    axes.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)


def show_legend(axes: Axes, results: Results) -> None:
    """Show which line is which, if there is more than one."""
    if len(results.scenarios) > 1:
        axes.legend(loc="best", fontsize=12, handlelength=3.2)


def finish(figure: Figure, title: str, note: str, *, bottom: float = 0.12) -> None:
    """Put the title on top, the small print below, and leave room for both.

    Parameters
    ----------
    bottom
        Share of the height kept for small print and a legend below the panels.
    """
    has_chinese = any("\u4e00" <= character <= "\u9fff" for character in title)
    lang: Language = "zh" if has_chinese else "en"
    lines, small = wrapped(title, 82, lang), wrapped(note, 145, lang)
    figure.text(0.02, 0.975, lines, fontsize=19, weight="bold", va="top")
    figure.text(0.02, 0.015, small, fontsize=10.5, color="#555555", va="bottom")
    top = 0.9 - 0.045 * lines.count("\n")
    figure.tight_layout(rect=(0.01, bottom - 0.06 + 0.025 * small.count("\n"), 0.99, top))
