"""Parts that charts share: the sheet with title, key and small print; samples; bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Language
from sim.present.charts.text import (
    LINE_SPACING,
    balanced,
    lines_of,
    width_in,
    wrapped,
)
from sim.present.fonts import LATIN, has_bold
from sim.present.style import (
    FIGURE_IN,
    HATCHES,
    INK,
    KEY_PT,
    LINES,
    NOTE_PT,
    SMALL_PRINT,
    TITLE_PT,
)
from sim.present.words import say
from sim.stats.intervals import student_t

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

Floats = npt.NDArray[np.float64]
WIDTH, HEIGHT = FIGURE_IN
MARGIN = 0.25
"""Inches between the edge of the figure and what is on it."""
GAP = 0.12
"""Inches between the panels and the title, the small print or a key below."""
KEY_IN, KEY_GAP = 2.25, 0.22
"""Width of a key beside the panels, and its distance from them, in inches."""
HANDLE_IN = 0.5
"""Width of a sample in a key with the gap to its label, in inches."""


class EmptyChartError(ValueError):
    """There is nothing to draw: no cases, no calls or no differences."""


@dataclass
class Sheet:
    """A figure with title and small print, and the room left between them, in inches.

    Parameters
    ----------
    figure
        The figure.
    left, right, bottom, top
        Edges of the room left for panels and their axis labels.
    """

    figure: Figure
    left: float
    right: float
    bottom: float
    top: float

    def panels(
        self,
        rows: int = 1,
        columns: int = 1,
        *,
        left: float = 0.85,
        bottom: float = 0.62,
        top: float = 0.05,
        gap: tuple[float, float] = (0.3, 0.3),
    ) -> list[Axes]:
        """Return panels in reading order.

        Parameters
        ----------
        rows, columns
            Number of panels below each other and side by side.
        left, bottom, top
            Inches for labels beside, below and above the panels.
        gap
            Inches between columns and between rows.

        Returns
        -------
        list of Axes
            Panels of equal size, row by row.
        """
        width = (self.right - self.left - left - gap[0] * (columns - 1)) / columns
        height = (self.top - self.bottom - bottom - top - gap[1] * (rows - 1)) / rows
        return [
            self.figure.add_axes(
                (
                    (self.left + left + column * (width + gap[0])) / WIDTH,
                    (self.top - top - height - row * (height + gap[1])) / HEIGHT,
                    width / WIDTH,
                    height / HEIGHT,
                )
            )
            for row in range(rows)
            for column in range(columns)
        ]

    def key(self, handles: Sequence[Artist], labels: Sequence[str]) -> None:
        """Put a key beside the panels, from the top, in the largest size that fits.

        Call it before `panels`: the room for them becomes narrower.

        Parameters
        ----------
        handles
            Samples, one for each label.
        labels
            What each sample stands for.
        """
        for size in (KEY_PT, 9.0, 8.5, 8.0, 7.5, 7.0):
            broken = [wrapped(label, KEY_IN - HANDLE_IN, size) for label in labels]
            lines = sum(lines_of([text]) for text in broken)
            high = (lines * LINE_SPACING + 0.9 * len(labels)) * size / 72
            if high <= self.top - self.bottom:
                break
        self.right -= KEY_IN + KEY_GAP
        self.figure.legend(
            handles,
            broken,
            loc="upper left",
            bbox_to_anchor=((self.right + KEY_GAP) / WIDTH, self.top / HEIGHT),
            borderaxespad=0,
            borderpad=0,
            fontsize=size,
            handlelength=(HANDLE_IN - 0.08) * 72 / size,
            handletextpad=0.08 * 72 / size,
            labelspacing=0.9,
        )

    def key_below(self, handles: Sequence[Artist], labels: Sequence[str]) -> None:
        """Put a key below the panels, in as many columns as fit, read downwards.

        Call it before `panels`: the room for them becomes lower.

        Parameters
        ----------
        handles
            Samples, one for each label.
        labels
            What each sample stands for.
        """
        widest = max(width_in(label, KEY_PT) for label in labels) + 0.62
        columns = max(1, min(len(labels), int((WIDTH - 2 * MARGIN) // widest)))
        rows = -(-len(labels) // columns)
        columns = -(-len(labels) // rows)
        self.figure.legend(
            handles,
            labels,
            loc="lower center",
            bbox_to_anchor=(0.5, self.bottom / HEIGHT),
            borderaxespad=0,
            borderpad=0,
            ncols=columns,
            labelspacing=0.35,
            handlelength=2.4,
        )
        self.bottom += rows * KEY_PT * 1.42 / 72 + GAP


def sheet(title: str, small_print: str, lang: Language) -> Sheet:
    """Return a new figure with its title on top and the small print below.

    Parameters
    ----------
    title
        Wrapped into lines of about equal length.
    small_print
        What a reader must know, wrapped to the width of the figure.
    lang
        Language of the title.

    Returns
    -------
    Sheet
        The figure with the room between title and small print.
    """
    from sim.present.charts.figure import Chart  # noqa: PLC0415  (matplotlib is slow to import)

    figure = Chart(figsize=FIGURE_IN)
    heading = balanced(title, WIDTH - 2 * MARGIN, TITLE_PT, bold=True)
    top = HEIGHT - 0.8 * MARGIN
    text = figure.text(MARGIN / WIDTH, top / HEIGHT, heading, size=TITLE_PT, va="top", color=INK)
    strong(text, lang)
    below = wrapped(small_print, WIDTH - 2 * MARGIN, NOTE_PT)
    bottom = 0.6 * MARGIN
    figure.text(
        MARGIN / WIDTH, bottom / HEIGHT, below, size=NOTE_PT, color=SMALL_PRINT, va="bottom"
    )
    return Sheet(
        figure,
        left=MARGIN,
        right=WIDTH - MARGIN,
        bottom=bottom + lines_of([below]) * NOTE_PT * LINE_SPACING / 72 + GAP,
        top=top - lines_of([heading]) * TITLE_PT * LINE_SPACING / 72 - GAP,
    )


def strong(text: Text, lang: Language) -> None:
    """Make a text bold; a font without a bold weight gets a thicker stroke.

    Parameters
    ----------
    text
        Text on a figure; changed in place.
    lang
        Language of the figure, which decides the font.
    """
    if has_bold(lang):
        text.set_fontweight("bold")
        if lang == "en" and max(text.get_text()) < "\u2e80":
            text.set_fontfamily(LATIN)  # the Chinese font may lack the weight: never ask for it
        return
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    stroke = withStroke(linewidth=float(text.get_fontsize()) / 26, foreground=text.get_color())
    text.set_path_effects([stroke])


# Samples in keys ----------------------------------------------------------------------------


def line_handle(number: int) -> Artist:
    """Return the sample of a scenario's line.

    Parameters
    ----------
    number
        Place of the scenario, 0 for the base; looks repeat after those in `LINES`.

    Returns
    -------
    Artist
        A sample for a key.
    """
    from matplotlib.lines import Line2D  # noqa: PLC0415

    colour, style, marker = LINES[number % len(LINES)]
    line = Line2D([], [], color=colour, marker=marker, linewidth=2, markersize=6)
    line.set_linestyle(style)  # type: ignore[arg-type]
    return line


def marker_handle(marker: str, colour: str) -> Artist:
    """Return the sample of a marker.

    Parameters
    ----------
    marker
        Marker of matplotlib, such as ``o``.
    colour
        Colour of matplotlib, such as ``#0072b2``.

    Returns
    -------
    Artist
        A sample for a key.
    """
    from matplotlib.lines import Line2D  # noqa: PLC0415

    return Line2D([], [], color=colour, linestyle="", marker=marker, markersize=7.5)


def bar_handle(colour: str, hatch: str, edge: str = "white") -> Artist:
    """Return the sample of a bar.

    Parameters
    ----------
    colour
        Colour of the bar.
    hatch
        Hatch of matplotlib, such as ``//``; empty for none.
    edge
        Colour of the outline and of the hatch.

    Returns
    -------
    Artist
        A sample for a key.
    """
    from matplotlib.patches import Patch  # noqa: PLC0415

    return Patch(facecolor=colour, hatch=hatch, edgecolor=edge, linewidth=0.8)


def bar_look(number: int) -> tuple[str, str]:
    """Return colour and hatch of a scenario's bars.

    Parameters
    ----------
    number
        Place of the scenario, 0 for the base; colours repeat after those in `LINES`, hatches
        after those in `HATCHES`.

    Returns
    -------
    tuple of str
        Colour and hatch.
    """
    return LINES[number % len(LINES)][0], HATCHES[number % len(HATCHES)]


def key_of_lines(page: Sheet, labels: Sequence[str], more: Sequence[str] = ()) -> None:
    """Put the key of lines beside the panels if there are several lines or more text.

    Parameters
    ----------
    page
        The chart; its room for panels becomes narrower.
    labels
        A name for each line.
    more
        A second line of text for each label; empty for none.
    """
    if len(labels) > 1 or more:
        if more:
            labels = [f"{label}\n{line}" for label, line in zip(labels, more, strict=True)]
        page.key([line_handle(number) for number in range(len(labels))], labels)


# Curves -------------------------------------------------------------------------------------


def curve(axes: Axes, x: npt.NDArray[Any], histories: Floats, number: int, *, single: bool) -> None:
    """Draw the mean of simulated histories with a band of uncertainty.

    The band is drawn from two replications on.

    Parameters
    ----------
    axes
        The panel.
    x
        Places on the horizontal axis, such as dates, shape (points,).
    histories
        Height of the curve in each replication, shape (replications, points).
    number
        Place of the line in `LINES`, which gives colour, style and marker.
    single
        Whether the band holds the middle 80 % of single histories (quantiles 0.1 to 0.9) and the
        line has some markers; otherwise the band is the 95 % interval of the mean by Student's t.
    """
    colour, style, marker = LINES[number % len(LINES)]
    mean = histories.mean(axis=0)
    axes.plot(x, mean, color=colour, linestyle=style, linewidth=2.2, zorder=3)
    if single:
        every = max(1, len(x) // 8)
        marked = slice(every * (number + 1) // (len(LINES) + 1), None, every)
        axes.plot(x[marked], mean[marked], marker, color=colour, markersize=6, zorder=3)
    if len(histories) < 2:
        return
    if single:
        low, high = np.quantile(histories, (0.1, 0.9), axis=0)
    else:
        freedom = len(histories) - 1
        half = student_t(0.95, freedom) * histories.std(axis=0, ddof=1) / np.sqrt(freedom + 1)
        low, high = mean - half, mean + half
    axes.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)


def date_axis(axes: Axes, lang: Language) -> None:
    """Label the horizontal axis of a panel with dates, in days or in months.

    Parameters
    ----------
    axes
        The panel; the limits of its horizontal axis must be set already.
    lang
        Language of the dates and of the axis label.
    """
    from matplotlib import dates  # noqa: PLC0415  (slow to import)

    axes.xaxis.set_major_locator(dates.AutoDateLocator(minticks=3, maxticks=8))  # type: ignore[no-untyped-call]
    low, high = axes.get_xlim()
    unit = "days" if high - low < 120 else "months"
    pattern = {"days": ("%m-%d", "%m月%d日"), "months": ("%Y-%m", "%Y年%m月")}[unit][lang == "zh"]
    axes.xaxis.set_major_formatter(dates.DateFormatter(pattern))  # type: ignore[no-untyped-call]
    axes.set_xlabel(say(f"chart.date.{unit}", lang))
