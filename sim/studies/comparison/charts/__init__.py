"""The charts of a run or a comparison, in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.measure.definitions import Language
from sim.present.charts.folder import LANGUAGES, Failed, charts_of, write_all
from sim.present.charts.parts import EmptyChartError
from sim.present.style import DPI, styled
from sim.studies.comparison.charts.curves import backlog, elapsed_time
from sim.studies.comparison.charts.days import where_the_days_go
from sim.studies.comparison.charts.differences import differences
from sim.studies.comparison.charts.gains import who_gains
from sim.studies.comparison.charts.hours import by_hour
from sim.studies.comparison.charts.steady_state import warm_up
from sim.studies.comparison.charts.utilisation import utilisation
from sim.studies.comparison.charts.visits import visits
from sim.studies.comparison.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["CHARTS", "LANGUAGES", "EmptyChartError", "draw", "write_charts"]

CHARTS: dict[str, Callable[[Results, Language], Figure]] = {
    "where-the-days-go": where_the_days_go,
    "elapsed-time": elapsed_time,
    "backlog": backlog,
    "by-hour": by_hour,
    "utilisation": utilisation,
    "visits": visits,
    "differences": differences,
    "who-gains": who_gains,
    "warm-up": warm_up,
}
"""Functions that draw the charts, by name."""


def write_charts(
    results: Results,
    folder: Path,
    languages: Iterable[Language] = LANGUAGES,
    failed: Failed | None = None,
) -> list[Path]:
    """Write every chart that the results allow.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Made if it does not exist; files are named ``NAME.LANGUAGE.png`` and ``.svg``.
    languages
        Languages in which each chart is written.
    failed
        Called with the name of each chart that cannot be drawn, and the error; if None, the first
        error ends the call.

    Returns
    -------
    list of Path
        The files written.
    """
    return write_all(charts_of(CHARTS, results), folder, languages, failed)


def draw(results: Results, name: str, lang: Language) -> Figure:
    """Draw one chart.

    Parameters
    ----------
    results
        Results of the study.
    name
        One of `CHARTS`.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    ValueError
        If there is no chart of that name, or (EmptyChartError) nothing to draw in it.
    """
    if name not in CHARTS:
        raise ValueError(f"no chart {name!r}; there are {', '.join(CHARTS)}")
    with styled(lang):
        figure = CHARTS[name](results, lang)
        figure.set_dpi(DPI)
        figure.draw_without_rendering()  # makes the ticks, while the fonts are set
    return figure
