"""The charts of a run, in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sim.experiment.results import Results
from sim.measure.definitions import Language
from sim.present.charts.changes import differences
from sim.present.charts.curves import backlog, elapsed_time
from sim.present.charts.days import where_the_days_go
from sim.present.charts.folder import LANGUAGES, Failed, charts_of, write_all
from sim.present.charts.gains import who_gains
from sim.present.charts.hours import by_hour
from sim.present.charts.parts import EmptyChartError
from sim.present.charts.settling import warm_up
from sim.present.charts.trips import visits
from sim.present.charts.use import utilisation
from sim.present.style import DPI, styled

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
"""What draws each chart, by name."""


def write_charts(
    results: Results,
    folder: Path,
    languages: Iterable[Language] = LANGUAGES,
    failed: Failed | None = None,
) -> list[Path]:
    """Write every chart that the results allow, and return the files.

    Parameters
    ----------
    folder
        Made if it does not exist; files are named ``NAME.LANGUAGE.png`` and ``.svg``.
    failed
        Told of each chart that cannot be drawn; without it the first one ends all.
    """
    return write_all(charts_of(CHARTS, results), folder, languages, failed)


def draw(results: Results, name: str, lang: Language) -> Figure:
    """Draw one chart.

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
