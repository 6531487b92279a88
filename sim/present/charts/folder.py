"""Writing charts: each in both languages, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sim.garbage import garbage_kept
from sim.measure.definitions import Language
from sim.present.charts.parts import EmptyChartError
from sim.present.style import DPI, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FoundT = TypeVar("FoundT")
Failed = Callable[[str, Exception], None]
"""Takes the name of a chart that could not be drawn, and why."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def charts_of(
    charts: Mapping[str, Callable[[FoundT, Language], Figure]], found: FoundT
) -> dict[str, Callable[[Language], Figure]]:
    """Return what draws each chart of the results of a study, by name.

    Parameters
    ----------
    charts
        By name, functions that take the results and a language and return the chart.
    found
        The results of the study.

    Returns
    -------
    dict
        By name, functions that take a language and return the chart; see `write_all`.
    """
    return {name: partial(chart, found) for name, chart in charts.items()}


def write_all(
    charts: Mapping[str, Callable[[Language], Figure]],
    folder: Path,
    languages: Iterable[Language] = LANGUAGES,
    failed: Failed | None = None,
) -> list[Path]:
    """Write charts as ``NAME.LANGUAGE.png`` and ``.svg``; return the files.

    Parameters
    ----------
    charts
        By name, functions that take a language and return the chart; one that raises
        `EmptyChartError` is left out.
    folder
        Where the files are written; made if it does not exist.
    languages
        Languages in which each chart is written.
    failed
        Called with each chart that cannot be drawn or written, and the others are written all
        the same; if None, the first error ends the call.

    Returns
    -------
    list of Path
        The files written, the PNG file and the SVG file of each chart in each language.
    """
    from sim.present.charts.files import write_figure  # noqa: PLC0415  (matplotlib is slow to import)

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for lang in languages:
        # Figures make many objects, and results hold more.
        with styled(lang), garbage_kept():
            for name, chart in charts.items():
                path = folder / f"{name}.{lang}"
                try:
                    written += write_figure(chart(lang), path, DPI)
                except EmptyChartError:
                    continue
                except Exception as error:
                    for incomplete in folder.glob(f"{path.name}.*"):
                        incomplete.unlink()
                    if failed is None:
                        raise
                    failed(path.name, error)
    return written
