"""Writing the charts of an experiment: each in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError
from sim.present.style import DPI, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def write_all(charts: Mapping[str, Callable[[Language], Figure]], folder: Path) -> list[Path]:
    """Write charts as ``NAME.LANGUAGE.png`` and ``.svg``; return the files.

    Parameters
    ----------
    charts
        What draws each, by name; one that has nothing to draw is left out.
    folder
        Made if it does not exist.
    """
    from sim.present.charts.files import write  # noqa: PLC0415  (matplotlib is slow to import)

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for lang in LANGUAGES:
        with styled(lang):
            for name, chart in charts.items():
                try:
                    figure = chart(lang)
                except EmptyChartError:
                    continue
                written += write(figure, folder / f"{name}.{lang}", DPI)
    return written
