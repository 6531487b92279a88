"""The runner: the only loop in which replications are simulated, each once, and results kept."""

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
"""Called with the number of tasks done and the number of all tasks."""
TaskT = TypeVar("TaskT")
DoneT = TypeVar("DoneT")

BLOCK = 20
"""Replications in a cell by default."""


class StoppedError(Exception):
    """Ctrl-C before everything was computed; finished tasks are kept.

    Parameters
    ----------
    finished, asked
        Number of finished tasks and of all tasks.
    found
        Contents of the finished cells, by their keys.
    """

    def __init__(self, finished: int, asked: int, found: dict[str, Found] | None = None) -> None:
        super().__init__(finished, asked)
        self.finished = finished
        self.asked = asked
        self.found = found or {}


class ShareDoneError(Exception):
    """The share of this machine is finished, but those of other machines are not.

    Parameters
    ----------
    missing, asked
        Number of tasks that belong to other machines and are not finished, and of all tasks.
    """

    def __init__(self, missing: int, asked: int) -> None:
        super().__init__(missing, asked)
        self.missing = missing
        self.asked = asked


@dataclass(frozen=True)
class Share:
    """The part of an experiment that one machine computes.

    Parameters
    ----------
    number, of
        Number of the share, from 1, and number of all shares.
    """

    number: int = 1
    of: int = 1

    def has(self, place: int) -> bool:
        """Say whether the tasks of a point or of a block of replications belong to the share.

        Parameters
        ----------
        place
            Number of the point or block, from 0, which must be the same on all machines.

        Returns
        -------
        bool
            True for every `of`-th.
        """
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
        """Return the values of one figure.

        Parameters
        ----------
        indicator
            Id of the figure.

        Returns
        -------
        ndarray
            Shape (scenarios, replications); NaN where null.
        """
        return self.values[:, :, list(indicators()).index(indicator)]


@dataclass(frozen=True)
class Runner:
    """Computes measurements of scenarios; finished cells are not computed again.

    Parameters
    ----------
    seed
        Seed of all random numbers; with the number of the replication it determines them.
    engine, workers
        Engine and workers that simulate; they do not change results.
    cells
        Where finished cells are kept.
    progress
        Called with the number of tasks done and the number of all tasks; None for nothing.
    share
        Part of the batches given to `fill` that this machine computes.
    run_id
        Identifies the run whose scenarios stay prepared in a process.
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

        Returns
        -------
        Figures
            Every indicator of each scenario and replication, in the given order.

        Raises
        ------
        StoppedError
            After Ctrl-C; finished cells are kept.
        RunError
            If workers, cluster or disk fail; finished cells are kept.
        """
        cells_of_each = [self._cells_of(scenario, replications, block) for scenario in scenarios]
        contents = self.fill([(cell,) for cells in cells_of_each for cell in cells])
        return Figures(
            np.array([_figures([contents[cell.key] for cell in cells]) for cells in cells_of_each])
        )

    def records(
        self, scenario: Scenario, replications: range, measured: Measurement, block: int
    ) -> Found:
        """Return a measurement of a scenario, one record for each replication.

        Parameters
        ----------
        scenario
            The scenario.
        replications
            Numbers of the replications, consecutive.
        measured
            What is computed; not a large measurement, whose contents `fill` does not return.
        block
            Replications in a cell.

        Returns
        -------
        ndarray
            Records with the arrays of the measurement as fields, shape (replications,).

        Raises
        ------
        StoppedError, RunError
            As `figures`.
        """
        cells = self._cells_of(scenario, replications, block, measured)
        contents = self.fill([(cell,) for cell in cells])
        return np.concatenate([contents[cell.key] for cell in cells])

    def fill(self, batches: Sequence[Sequence[Cell]]) -> dict[str, Found]:
        """Compute the cells that are not finished.

        Parameters
        ----------
        batches
            Cells that are computed together: of the same replications, so that a scenario that
            several of them share is simulated once.

        Returns
        -------
        dict
            Contents of all cells by their keys, except those of large measurements.

        Raises
        ------
        ShareDoneError
            If this machine has a share, and others have not finished theirs.
        StoppedError
            After Ctrl-C; finished cells are kept.
        RunError
            If workers, cluster or disk fail; finished cells are kept.
        """
        whole = [{cell.key: cell for cell in batch} for batch in batches]
        whole = list({tuple(batch): batch for batch in whole}.values())
        contents: dict[str, Found] = {}
        tasks: list[Batch] = []
        most_ready = _most_ready(batches)
        for batch in whole:
            missing = [cell for cell in batch.values() if not self._has(cell, contents)]
            if missing:
                tasks.append(Batch(tuple(missing), self.engine, self.run_id, most_ready))
        mine = [task for task in tasks if self._is_mine(task)]
        there = len(whole) - len(tasks)
        do = partial(_read_or_computed, self.cells) if self.cells.folder else _computed
        kept = there
        try:
            for task, done in self._stream(do, mine, there, there + len(mine)):
                for cell, (content, is_new) in zip(task.cells, done, strict=True):
                    if is_new:
                        self.cells.put(cell.key, content)
                    if not cell.measured.is_large:
                        contents[cell.key] = content
                kept += 1
        except (StoppedError, KeyboardInterrupt):  # the latter while a cell is being kept
            raise StoppedError(kept, there + len(mine), contents) from None
        if len(mine) < len(tasks):
            raise ShareDoneError(len(tasks) - len(mine), len(whole))
        return contents

    def each(
        self, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT]
    ) -> Iterator[tuple[TaskT, DoneT]]:
        """Do tasks that keep their results themselves; return them as they finish.

        Parameters
        ----------
        do
            Function at the top level of a module.
        tasks
            Picklable values.

        Returns
        -------
        iterator
            Pairs of a task and its result; errors are raised while it is read.

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
        """Do tasks until Ctrl-C and report progress; `done` of the `asked` are finished before."""
        left = len(tasks)
        self._report(done, asked)
        try:
            with interrupts() as stopped:
                for task, result in self.workers.stream(do, tasks, stopped):
                    yield task, result
                    left -= 1
                    done += 1
                    self._report(done, asked)
                if left:
                    raise StoppedError(done, asked)
        except KeyboardInterrupt:
            raise StoppedError(done, asked) from None

    def as_part(self, done: int, asked: Callable[[int], int] | int, each: float = 1) -> Runner:
        """Return a runner whose progress is reported as that of a part of something larger.

        Parameters
        ----------
        done
            Number of tasks of the whole that were done before.
        asked
            Number of all tasks of the whole, or a function that returns it, given the number of
            tasks of the part.
        each
            Number of tasks of the whole for which one task of the part stands, on average.

        Returns
        -------
        Runner
            This one, if it reports no progress.
        """
        report = self.progress
        if report is None:
            return self

        def report_whole(now: int, total: int) -> None:
            whole = asked(round(each * total)) if callable(asked) else asked
            report(min(done + round(each * now), whole), whole)

        return replace(self, progress=report_whole)

    def prepared(self, scenario: Scenario) -> Prepared:
        """Return a prepared scenario, which is prepared once in this run and process.

        Parameters
        ----------
        scenario
            Any scenario.

        Returns
        -------
        Prepared
            The one kept, or a new one.
        """
        return preparations_of(self.run_id).scenario(scenario)

    def kept(self, content: str, replications: range, block: int = BLOCK) -> Floats | None:
        """Return figures of a scenario from finished cells, without any simulation.

        Parameters
        ----------
        content
            `Scenario.content` of the scenario, which need not be loaded.
        replications
            Numbers of the replications, consecutive.
        block
            Replications in a cell.

        Returns
        -------
        ndarray or None
            Shape (replications, indicators); None if some cells are not finished.
        """
        contents = []
        for first, last in pairwise(_edges(replications, block)):
            kept = self.cells.get(key_of([content], first, last - first, self.seed))
            if kept is None:
                return None
            contents.append(kept)
        return _figures(contents)

    def cells_in(self, replications: range, block: int = BLOCK) -> int:
        """Return the number of cells that hold some replications of a scenario.

        Parameters
        ----------
        replications
            Numbers of the replications, consecutive.
        block
            Replications in a cell.

        Returns
        -------
        int
            Number of cells; the first and the last may have fewer replications.
        """
        return len(_edges(replications, block)) - 1

    def _cells_of(
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

    def _has(self, cell: Cell, contents: dict[str, Found]) -> bool:
        """Say whether a cell is finished, and add its content to `contents` unless it is large."""
        if cell.key not in contents:
            kept = self.cells.get(cell.key)
            if kept is None:
                return False
            if not cell.measured.is_large:
                contents[cell.key] = kept
        return True

    def _is_mine(self, task: Batch) -> bool:
        # By the replications, which are the same on every machine, whichever cells are finished.
        first = task.cells[0]
        return self.share.has(first.first // first.count)

    def _report(self, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(done, total)


def _figures(contents: Sequence[Found]) -> Floats:
    """Return the figures in the contents of cells, shape (replications, indicators)."""
    return np.concatenate([content["indicators"] for content in contents])


def _most_ready(batches: Sequence[Sequence[Cell]]) -> int:
    """Return how many scenarios batches need by turns, so that they must stay prepared."""
    by_turns = {
        scenario.content
        for cells in batches
        if len(cells) > 1
        for cell in cells
        for scenario in cell.scenarios
    }
    return len(by_turns)


def _edges(replications: range, block: int) -> list[int]:
    """Return the first replication of each cell, and one past the last of all."""
    inside = [number for number in replications[1:] if number % block == 0]
    return [replications.start, *inside, replications.stop]


Done = list[tuple[Found, bool]]
"""Content of each cell of a batch, and whether it is new, so that it must be kept."""


def _computed(batch: Batch) -> Done:
    """Compute all cells of a batch."""
    return [(content, True) for content in work_out(batch)]


def _read_or_computed(cells: Cells, batch: Batch) -> Done:
    """Compute the cells of a batch that another machine has not put into the folder meanwhile."""
    kept = {cell.key: cells.get(cell.key) for cell in batch.cells}
    missing = tuple(cell for cell in batch.cells if kept[cell.key] is None)
    new = work_out(replace(batch, cells=missing)) if missing else []
    computed = {cell.key: content for cell, content in zip(missing, new, strict=True)}
    return [
        (computed[key], True) if content is None else (content, False)
        for key, content in kept.items()
    ]
