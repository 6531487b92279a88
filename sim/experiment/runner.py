"""The runner: figures of many scenarios, each worked out once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import cast

import numpy as np
import numpy.typing as npt

from sim.engine.play import EngineName
from sim.experiment.cells import Cell, Cells, work_out
from sim.experiment.interrupts import interrupts
from sim.experiment.workers import Workers
from sim.measure.definitions import indicators
from sim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]

BLOCK = 20
"""Replications in a cell, unless told otherwise."""


class StoppedError(Exception):
    """Ctrl-C before everything was worked out; `finished` of `asked` cells are kept."""

    def __init__(self, finished: int, asked: int) -> None:
        super().__init__(finished, asked)
        self.finished = finished
        self.asked = asked


@dataclass(frozen=True)
class Figures:
    """Figures of scenarios on the same applicants.

    Parameters
    ----------
    values
        Shape (scenarios, replications, indicators), the indicators in the order of
        `indicators()`; NaN where null.
    """

    values: Floats

    def of(self, indicator: str) -> Floats:
        """Return one figure, shape (scenarios, replications)."""
        return self.values[:, :, list(indicators()).index(indicator)]


@dataclass(frozen=True)
class Runner:
    """Works out figures of scenarios; what was asked before is not worked out again.

    Parameters
    ----------
    seed
        Seed of all chance; with the number of the replication it decides who comes.
    engine, workers
        How it is done; they change no number.
    cells
        Where finished cells are kept.
    progress
        Told the cells done and the cells in all.
    """

    seed: int
    engine: EngineName = "compiled"
    workers: Workers = field(default_factory=Workers)
    cells: Cells = field(default_factory=Cells)
    progress: Callable[[int, int], None] | None = None

    def figures(
        self, scenarios: Sequence[Scenario], replications: range, block: int = BLOCK
    ) -> Figures:
        """Return the figures of scenarios in the same replications.

        Parameters
        ----------
        scenarios
            Any number.
        replications
            Numbers of the replications, consecutive.
        block
            Replications in a cell.  Cells begin at its multiples, so that a larger experiment
            finds those of a smaller one.

        Raises
        ------
        StoppedError
            After Ctrl-C; finished cells are kept.
        RunError
            If workers, cluster or disk fail; finished cells are kept.
        """
        cells = [self._cells(scenario, replications, block) for scenario in scenarios]
        found = self.fill([cell for of_one in cells for cell in of_one])
        return Figures(
            np.array([np.concatenate([found[cell.key] for cell in of_one]) for of_one in cells])
        )

    def fill(self, cells: Sequence[Cell]) -> dict[str, Floats]:
        """Work out the cells that are not there; return all by key.

        Raises
        ------
        StoppedError, RunError
            As `figures`.
        """
        wanted = {cell.key: cell for cell in cells}
        found = {
            key: kept for key, cell in wanted.items() if (kept := self.cells.get(cell)) is not None
        }
        missing = [cell for key, cell in wanted.items() if key not in found]
        self._tell(len(found), len(wanted))
        do = partial(_kept_or_worked_out, self.cells) if self.cells.folder else work_out
        try:
            with interrupts() as asked:
                for cell, figures in self.workers.stream(do, missing):
                    self.cells.put(cell, figures)
                    found[cell.key] = figures
                    self._tell(len(found), len(wanted))
                    if asked() and len(found) < len(wanted):
                        raise StoppedError(len(found), len(wanted))
        except KeyboardInterrupt:
            raise StoppedError(len(found), len(wanted)) from None
        return found

    def kept(self, content: str, replications: range, block: int = BLOCK) -> Floats | None:
        """Return figures of a scenario that need no working out; None if some are not there.

        Parameters
        ----------
        content
            `Scenario.content` of the scenario, which need not be loaded.

        Returns
        -------
        ndarray or None
            Shape (replications, indicators).
        """
        scenario = cast("Scenario", _Content(content))  # a cell's name asks for nothing else
        found = []
        for cell in self._cells(scenario, replications, block):
            figures = self.cells.get(cell)
            if figures is None:
                return None
            found.append(figures)
        return np.concatenate(found)

    def cells_in(self, replications: range, block: int = BLOCK) -> int:
        """Return how many cells a scenario's replications are."""
        return len(_edges(replications, block)) - 1

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)

    def _cells(self, scenario: Scenario, replications: range, block: int) -> list[Cell]:
        return [
            Cell(scenario, first, last - first, self.seed, self.engine)
            for first, last in pairwise(_edges(replications, block))
        ]


@dataclass(frozen=True)
class _Content:
    """Stands for a scenario of which only its digest is known."""

    content: str


def _edges(replications: range, block: int) -> list[int]:
    inside = [number for number in replications[1:] if number % block == 0]
    return [replications.start, *inside, replications.stop]


def _kept_or_worked_out(cells: Cells, cell: Cell) -> Floats:
    """Look once more when a cell's turn comes: another machine may have put it there."""
    kept = cells.get(cell)
    return work_out(cell) if kept is None else kept
