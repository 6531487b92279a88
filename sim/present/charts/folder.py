"""Writing charts: each in both languages, as PNG and SVG."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

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
        with styled(lang), _no_garbage_collection():
            for name, chart in charts.items():
                try:
                    figure = chart(lang)
                except EmptyChartError:
                    continue
                written += write(figure, folder / f"{name}.{lang}", DPI)
    return written


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Put off the search for garbage: figures make many objects, and results hold more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
