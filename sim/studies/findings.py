"""Findings of every study, for commands and Python: tables, sentences, charts and files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pandas as pd
from rich.console import Console, RenderableType

from sim.measure.definitions import Language
from sim.present.charts.folder import Failed, write_all
from sim.present.style import DPI, styled
from sim.running.result_folder import run_folder, whole_folder
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ResultT = TypeVar("ResultT")
Charts = Mapping[str, Callable[[Language], "Figure"]]


class Frames(Mapping[str, pd.DataFrame]):
    """Tables by name, each made when it is first asked for: a log may be larger than the memory.

    Parameters
    ----------
    makers
        Functions that make the tables, by name.
    """

    def __init__(self, makers: Mapping[str, Callable[[], pd.DataFrame]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __repr__(self) -> str:
        return f"<tables: {', '.join(self._makers)}>"


@dataclass(frozen=True)
class Record:
    """How results were computed, for their manifest.

    Parameters
    ----------
    seed
        Seed of all random numbers.
    seconds
        Duration in seconds.
    command
        Command line, in parts.
    lang
        Language of the cautions in the manifest.
    cautions
        What a reader must know before using the figures.
    """

    seed: int
    seconds: float
    command: tuple[str, ...] = field(default_factory=lambda: tuple(sys.argv))
    lang: Language = "en"
    cautions: tuple[str, ...] = ()


def _nothing(result: Any, lang: Language) -> tuple[()]:  # noqa: ARG001  (as its siblings)
    return ()


def _no_charts(result: Any) -> Charts:  # noqa: ARG001
    return {}


def _no_lines(result: Any, folder: Path, lang: Language) -> Iterable[str]:  # noqa: ARG001
    return ()


@dataclass(frozen=True)
class Presentation(Generic[ResultT]):
    """Functions that present the results of a study, used by its command and in Python.

    Parameters
    ----------
    kind
        What the results are called in a sentence, such as ``comparison``.
    name
        Takes the results and returns the name of the result folder.
    scenarios
        Takes the results and returns the scenarios that were simulated, the base first.
    frames
        Takes the results and returns every table, by name.
    save
        Takes the results, a folder that exists and a record; writes tables and manifest.
    document
        Takes the results and the result folder, None if nothing was written; returns the content
        of the JSON document.
    answer
        Takes the results and a language; returns the sentences that answer the request.
    tables
        Takes the results and a language; returns the tables for the terminal.
    charts
        Takes the results; returns, by name, functions that take a language and return the chart.
    cautions
        Takes the results and a language; returns sentences on what a reader must know before using
        the figures.
    paths
        Takes the results, the result folder and a language; returns lines that name files, which
        the terminal must not break.
    """

    kind: str
    name: Callable[[ResultT], str]
    scenarios: Callable[[ResultT], tuple[Scenario, ...]]
    frames: Callable[[ResultT], Frames]
    save: Callable[[ResultT, Path, Record], None]
    document: Callable[[ResultT, Path | None], dict[str, Any]]
    answer: Callable[[ResultT, Language], Iterable[str]] = _nothing
    tables: Callable[[ResultT, Language], Iterable[RenderableType]] = _nothing
    charts: Callable[[ResultT], Charts] = _no_charts
    cautions: Callable[[ResultT, Language], Iterable[str]] = _nothing
    paths: Callable[[ResultT, Path, Language], Iterable[str]] = _no_lines


class Findings(Generic[ResultT]):
    """Findings of a study: tables as data frames, sentences, charts and files.

    Every table is an attribute, such as ``findings.differences``; `frames` has them all.

    Parameters
    ----------
    presentation
        Functions of the study that present its results.
    result
        Results of the study.
    record
        How they were computed.
    """

    def __init__(
        self, presentation: Presentation[ResultT], result: ResultT, record: Record
    ) -> None:
        self.presentation = presentation
        self.result = result
        self.record = record
        self._cautions: dict[Language, list[str]] = {}
        self._frames: Frames | None = None

    @property
    def frames(self) -> Frames:
        """Every table by name; `hall columns` describes them."""
        if self._frames is None:
            self._frames = self.presentation.frames(self.result)
        return self._frames

    @property
    def charts(self) -> tuple[str, ...]:
        """Names of the charts that `plot` draws."""
        return tuple(self.presentation.charts(self.result))

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios that were simulated, the base first."""
        return self.presentation.scenarios(self.result)

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name in dir(type(self)):  # whose own error would be hidden
            raise AttributeError(name)
        if name not in self.frames:
            raise AttributeError(f"no {name!r}; allowed: {nearest(name, list(self.frames))}")
        return self.frames[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.frames]

    def __repr__(self) -> str:
        names = ", ".join(scenario.name for scenario in self.scenarios[:3])
        more = len(self.scenarios) - 3
        scenarios = f"{names} and {more} more" if more > 0 else names
        tables = ", ".join(self.frames)
        of = f" of {scenarios}" if scenarios else ""
        return f"<{self.presentation.kind}{of}; tables: {tables}>"

    def _repr_html_(self) -> str:
        sentences = "".join(f"<p>{escape(text)}</p>" for text in self.answer())
        console = Console(record=True, width=150, file=StringIO())
        for table in self.presentation.tables(self.result, "en"):
            console.print(table)
        return f"{sentences}<pre>{escape(console.export_text())}</pre>"

    def answer(self, lang: Language = "en") -> list[str]:
        """Return the sentences that answer the request of the study.

        Parameters
        ----------
        lang
            Language.

        Returns
        -------
        list of str
            The most important one first.
        """
        return list(self.presentation.answer(self.result, lang))

    def cautions(self, lang: Language = "en") -> list[str]:
        """Return what a reader must know before using the figures.

        Parameters
        ----------
        lang
            Language.

        Returns
        -------
        list of str
            Sentences; empty if there is nothing to know.
        """
        if lang not in self._cautions:  # looking for overload takes as long as some replications
            self._cautions[lang] = list(self.presentation.cautions(self.result, lang))
        return self._cautions[lang]

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """Return the document that the command prints with ``--json``.

        Parameters
        ----------
        folder
            Result folder; None if nothing was written.

        Returns
        -------
        dict
            Only dicts, lists, strings, numbers, booleans and None; unknown numbers are None.
        """
        return self.presentation.document(self.result, folder)

    def plot(self, name: str, lang: Language = "en") -> Figure:
        """Draw a chart.

        Parameters
        ----------
        name
            One of `charts`.
        lang
            Language of its texts.

        Returns
        -------
        matplotlib.figure.Figure
            The chart.

        Raises
        ------
        InputError
            If there is no chart of that name.
        EmptyChartError
            If there is nothing to draw in it.
        """
        charts = self.presentation.charts(self.result)
        if name not in charts:
            allowed = nearest(name, list(charts))
            raise InputError([Problem("plot", None, f"no chart {name!r}", allowed)])
        with styled(lang):
            figure = charts[name](lang)
            figure.set_dpi(DPI)
            figure.draw_without_rendering()  # makes the ticks, while the fonts are set
        return figure

    def save(self, out: Path | str | None = None, *, charts: bool = True) -> Path:
        """Write the result folder that the command would write.

        Parameters
        ----------
        out
            Folder that holds result folders; ``results`` if None.
        charts
            Whether charts are drawn, in both languages.

        Returns
        -------
        Path
            The result folder.

        Raises
        ------
        RunError
            If the folder cannot be written.
        """
        folder = self.write_tables(None if out is None else Path(out))
        if charts:
            self.write_charts(folder)
        return folder

    def write_tables(self, out: Path | None = None) -> Path:
        """Write tables and manifest into a result folder of their own, all of them or none.

        Parameters
        ----------
        out
            Folder that holds result folders; ``results`` if None.

        Returns
        -------
        Path
            The result folder.

        Raises
        ------
        InputError
            If there is no scenario, because it could not be loaded.
        RunError
            If the folder cannot be written.
        """
        if not self.scenarios:
            found = "a scenario that could not be loaded"
            raise InputError([Problem("save", None, found, "one without problems")])
        path = run_folder(self.presentation.name(self.result), self.scenarios[0], out)
        record = replace(self.record, cautions=tuple(self.cautions(self.record.lang)))
        return whole_folder(path, lambda draft: self.presentation.save(self.result, draft, record))

    def write_charts(self, folder: Path, failed: Failed | None = None) -> list[Path]:
        """Write the charts in both languages, as PNG and SVG.

        Parameters
        ----------
        folder
            Result folder; the charts go into its ``charts``.
        failed
            Called with the name of each chart that cannot be drawn, and the error; if None, the
            first error ends the call.

        Returns
        -------
        list of Path
            The files written.
        """
        return write_all(self.presentation.charts(self.result), folder / "charts", failed=failed)
