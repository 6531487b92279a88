"""The runner: the one loop in which everything that is simulated is worked out once and kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from sim.engine.play import EngineName
from sim.measure.definitions import indicators
from sim.running.cells import Batch, Cell, Cells, Found, key_of, work_out
from sim.running.interrupts import interrupts
from sim.running.measurements import INDICATORS, Measurement
from sim.running.replication import Prepared, preparations_of
from sim.running.workers import Workers
from sim.scenario.model import Scenario

Floats = npt.NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Told the tasks done and the tasks in all."""
TaskT = TypeVar("TaskT")
DoneT = TypeVar("DoneT")

BLOCK = 20
"""Replications in a cell, unless told otherwise."""


class StoppedError(Exception):
    """Ctrl-C before everything was worked out; `finished` of `asked` tasks are kept.

    `found` holds what is finished, by the key of the cell.
    """

    def __init__(self, finished: int, asked: int, found: dict[str, Found] | None = None) -> None:
        super().__init__(finished, asked)
        self.finished = finished
        self.asked = asked
        self.found = found or {}


class ShareDoneError(Exception):
    """The share of one machine is worked out; `missing` of `asked` tasks are others'."""

    def __init__(self, missing: int, asked: int) -> None:
        super().__init__(missing, asked)
        self.missing = missing
        self.asked = asked


@dataclass(frozen=True)
class Share:
    """The part of an experiment that one machine works out.

    Parameters
    ----------
    number, of
        Which of how many, from 1.
    """

    number: int = 1
    of: int = 1

    def has(self, place: int) -> bool:
        """Say whether what stands at a place is in the share."""
        return place % self.of == self.number - 1


WHOLE = Share()


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
    """Works out what is asked of scenarios; what was asked before is not worked out again.

    Parameters
    ----------
    seed
        Seed of all chance; with the number of the replication it decides who comes.
    engine, workers
        How it is done; they change no number.
    cells
        Where finished cells are kept.
    progress
        Told the tasks done and the tasks in all.
    share
        What this machine works out of what `fill` is asked.
    run_id
        Tells apart runs whose scenarios stay ready in a process.
    """

    seed: int
    engine: EngineName = "compiled"
    workers: Workers = field(default_factory=Workers)
    cells: Cells = field(default_factory=Cells)
    progress: Progress | None = None
    share: Share = WHOLE
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex)

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
        of_each = [self.cells_of(scenario, replications, block) for scenario in scenarios]
        found = self.fill([(cell,) for cells in of_each for cell in cells])
        return Figures(np.array([_figures([found[cell.key] for cell in of]) for of in of_each]))

    def records(
        self, scenario: Scenario, replications: range, measured: Measurement, block: int
    ) -> Found:
        """Return what is measured of a scenario, a record for each replication.

        Raises
        ------
        StoppedError, RunError
            As `figures`.
        """
        cells = self.cells_of(scenario, replications, block, measured)
        found = self.fill([(cell,) for cell in cells])
        return np.concatenate([found[cell.key] for cell in cells])

    def fill(self, batches: Sequence[Sequence[Cell]]) -> dict[str, Found]:
        """Work out the cells that are not there; return all by key, but for large ones.

        Parameters
        ----------
        batches
            Cells that are worked out together: of the same replications, so that a scenario that
            several are about is played once.

        Raises
        ------
        ShareDoneError
            If this machine has a share, and others have not finished theirs.
        StoppedError, RunError
            As `figures`.
        """
        whole = [{cell.key: cell for cell in batch} for batch in batches]
        whole = list({tuple(batch): batch for batch in whole}.values())
        found: dict[str, Found] = {}
        tasks: list[Batch] = []
        most_ready = _most_ready(batches)
        for batch in whole:
            missing = [cell for cell in batch.values() if not self._has(cell, found)]
            if missing:
                tasks.append(Batch(tuple(missing), self.engine, self.run_id, most_ready))
        mine = [task for task in tasks if self._is_mine(task)]
        there = len(whole) - len(tasks)
        do = partial(kept_or_worked_out, self.cells) if self.cells.folder else all_worked_out
        kept = there
        try:
            for task, done in self._stream(do, mine, there, there + len(mine)):
                for cell, (of_cell, is_new) in zip(task.cells, done, strict=True):
                    if is_new:
                        self.cells.put(cell.key, of_cell)
                    if not cell.measured.is_large:
                        found[cell.key] = of_cell
                kept += 1
        except (StoppedError, KeyboardInterrupt):  # the latter while a cell is being kept
            raise StoppedError(kept, there + len(mine), found) from None
        if len(mine) < len(tasks):
            raise ShareDoneError(len(tasks) - len(mine), len(whole))
        return found

    def each(
        self, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT]
    ) -> Iterator[tuple[TaskT, DoneT]]:
        """Yield tasks that keep what they find themselves, as they finish.

        Parameters
        ----------
        do
            A function of a module.
        tasks
            Picklable values.

        Raises
        ------
        StoppedError, RunError
            As `figures`.
        """
        return self._stream(do, tasks, 0, len(tasks))

    def _stream(
        self,
        do: Callable[[TaskT], DoneT],
        tasks: Sequence[TaskT],
        done: int,
        asked: int,
    ) -> Iterator[tuple[TaskT, DoneT]]:
        """Do tasks until Ctrl-C, telling progress; `done` of those asked are there already."""
        left = len(tasks)
        self._tell(done, asked)
        try:
            with interrupts() as stopped:
                for task, result in self.workers.stream(do, tasks, stopped):
                    yield task, result
                    left -= 1
                    done += 1
                    self._tell(done, asked)
                if left:
                    raise StoppedError(done, asked)
        except KeyboardInterrupt:
            raise StoppedError(done, asked) from None

    def as_part(self, done: int, asked: Callable[[int], int] | int, each: float = 1) -> Runner:
        """Return a runner whose progress is told as that of a part of something larger.

        Parameters
        ----------
        done
            Tasks of the whole that were done before.
        asked
            Tasks of the whole, or what returns them from those of the part.
        each
            Tasks of the whole that one of the part stands for, on average.
        """
        tell = self.progress
        if tell is None:
            return self

        def told(now: int, total: int) -> None:
            whole = asked(round(each * total)) if callable(asked) else asked
            tell(min(done + round(each * now), whole), whole)

        return replace(self, progress=told)

    def prepared(self, scenario: Scenario) -> Prepared:
        """Return a scenario made ready, which this run has done once."""
        return preparations_of(self.run_id).scenario(scenario)

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
        found = []
        for first, last in pairwise(_edges(replications, block)):
            there = self.cells.get(key_of([content], first, last - first, self.seed))
            if there is None:
                return None
            found.append(there)
        return _figures(found)

    def cells_in(self, replications: range, block: int = BLOCK) -> int:
        """Return how many cells a scenario's replications are."""
        return len(_edges(replications, block)) - 1

    def cells_of(
        self,
        scenario: Scenario,
        replications: range,
        block: int = BLOCK,
        measured: Measurement = INDICATORS,
    ) -> list[Cell]:
        """Return the cells of a scenario's replications."""
        return [
            Cell((scenario,), first, last - first, self.seed, measured)
            for first, last in pairwise(_edges(replications, block))
        ]

    def _has(self, cell: Cell, found: dict[str, Found]) -> bool:
        """Say whether a cell is finished, and take what it holds."""
        if cell.key not in found:
            there = self.cells.get(cell.key)
            if there is None:
                return False
            if not cell.measured.is_large:
                found[cell.key] = there
        return True

    def _is_mine(self, task: Batch) -> bool:
        # By the replications, which every machine counts alike, whatever is there already.
        first = task.cells[0]
        return self.share.has(first.first // first.count)

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)


def _figures(found: Sequence[Found]) -> Floats:
    """Return the figures that cells hold, shape (replications, indicators)."""
    return np.concatenate([of_cell["indicators"] for of_cell in found])


def _most_ready(batches: Sequence[Sequence[Cell]]) -> int:
    """Return how many scenarios batches take by turns, so that they must stay ready."""
    by_turns = {
        scenario.content
        for cells in batches
        if len(cells) > 1
        for cell in cells
        for scenario in cell.scenarios
    }
    return len(by_turns)


def _edges(replications: range, block: int) -> list[int]:
    inside = [number for number in replications[1:] if number % block == 0]
    return [replications.start, *inside, replications.stop]


Done = list[tuple[Found, bool]]
"""What each cell of a batch holds, and whether it is new."""


def all_worked_out(batch: Batch) -> Done:
    """Work out a batch."""
    return [(found, True) for found in work_out(batch)]


def kept_or_worked_out(cells: Cells, batch: Batch) -> Done:
    """Look once more when a batch's turn comes: another machine may have put cells there."""
    kept = {cell.key: cells.get(cell.key) for cell in batch.cells}
    missing = tuple(cell for cell in batch.cells if kept[cell.key] is None)
    new = work_out(replace(batch, cells=missing)) if missing else []
    worked_out = {cell.key: found for cell, found in zip(missing, new, strict=True)}
    return [
        (worked_out[key], True) if found is None else (found, False) for key, found in kept.items()
    ]
