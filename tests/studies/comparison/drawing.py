"""Draw the charts of results as findings do, those of `CHARTS` as it stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from matplotlib.figure import Figure

from sim.measure.definitions import Language
from sim.present.charts.folder import LANGUAGES, Failed, charts_of, write_all
from sim.present.style import DPI, styled
from sim.studies.comparison import charts
from sim.studies.comparison.results import Results


def write_charts(
    results: Results,
    folder: Path,
    languages: Iterable[Language] = LANGUAGES,
    failed: Failed | None = None,
) -> list[Path]:
    """Write every chart that the results allow, and return the files."""
    return write_all(charts_of(charts.CHARTS, results), folder, languages, failed)


def draw(results: Results, name: str, lang: Language) -> Figure:
    """Draw one chart."""
    with styled(lang):
        figure = charts.CHARTS[name](results, lang)
        figure.set_dpi(DPI)
        figure.draw_without_rendering()
    return figure
