"""Writing charts: each in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sim.engine.garbage import garbage_kept
from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError
from sim.present.style import DPI, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FoundT = TypeVar("FoundT")
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def charts_of(
    charts: Mapping[str, Callable[[FoundT, Language], Figure]], found: FoundT
) -> dict[str, Callable[[Language], Figure]]:
    """Return what draws each chart of what was found, by name."""
    return {name: partial(chart, found) for name, chart in charts.items()}


def write_all(
    charts: Mapping[str, Callable[[Language], Figure]],
    folder: Path,
    languages: Iterable[Language] = LANGUAGES,
) -> list[Path]:
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
    for lang in languages:
        # Figures make many objects, and results hold more.
        with styled(lang), garbage_kept():
            for name, chart in charts.items():
                try:
                    figure = chart(lang)
                except EmptyChartError:
                    continue
                written += write(figure, folder / f"{name}.{lang}", DPI)
    return written
