"""The runner: what it asks for, what it keeps, and that nobody's work changes a number."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.running import runner as module
from sim.running.cells import Batch, Cell, Cells, Found, work_out
from sim.running.interrupts import interrupted, interrupts
from sim.running.runner import Runner, StoppedError
from sim.running.workers import DoneT, TaskT, Workers
from sim.scenario.model import Scenario
from tests.running.test_cells import found_of


@pytest.fixture
def worked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Note the blocks that are worked out."""
    found: list[tuple[int, int]] = []

    def noted(batch: Batch) -> list[Found]:
        found.extend((cell.first, cell.count) for cell in batch.cells)
        return work_out(batch)

    monkeypatch.setattr(module, "work_out", noted)
    return found


def test_figures_are_those_of_the_replications_one_by_one(hall: Scenario) -> None:
    other = hall.with_values({"policy.entry": 1})
    found = Runner(seed=1).figures([hall, other], range(1, 6), block=3)
    one_by_one = [
        [found_of(Cell((one,), n, 1, 1))["indicators"][0] for n in range(1, 6)]
        for one in (hall, other)
    ]
    assert np.array_equal(found.values, one_by_one, equal_nan=True)
    assert found.of("cases_received").shape == (2, 5)
    assert (found.of("entry_rate")[1] == 1).all()


def test_blocks_begin_at_multiples(hall: Scenario, worked: list[tuple[int, int]]) -> None:
    Runner(seed=1, workers=Workers(1)).figures([hall], range(2, 9), block=3)
    assert worked == [(2, 1), (3, 3), (6, 3)]


def test_a_larger_experiment_finds_the_cells_of_a_smaller_one(
    hall: Scenario, worked: list[tuple[int, int]], tmp_path: Path
) -> None:
    for many in (4, 8):
        cells = Cells(tmp_path / "cells")
        Runner(seed=1, workers=Workers(1), cells=cells).figures([hall], range(many), block=2)
    assert worked == [(0, 2), (2, 2), (4, 2), (6, 2)]


def test_the_same_scenario_twice_is_worked_out_once(
    hall: Scenario, worked: list[tuple[int, int]]
) -> None:
    found = Runner(seed=1, workers=Workers(1)).figures([hall, hall], range(2))
    assert worked == [(0, 2)]
    assert np.array_equal(found.values[0], found.values[1], equal_nan=True)


@pytest.mark.parametrize("workers", [Workers(1), Workers(3), Workers(2, "processes")])
def test_workers_change_no_bit(hall: Scenario, workers: Workers) -> None:
    scenarios = [hall.with_values({"policy.entry": entry}) for entry in (0.5, 1)]
    expected = Runner(seed=1, workers=Workers(1)).figures(scenarios, range(4))
    found = Runner(seed=1, workers=workers).figures(scenarios, range(4), block=1)
    assert found.values.tobytes() == expected.values.tobytes()


def test_progress_counts_what_was_there_already(hall: Scenario, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    for many in (2, 6):
        cells = Cells(tmp_path / "cells")
        runner = Runner(seed=1, cells=cells, progress=lambda *now: told.append(now))
        runner.figures([hall], range(many), block=2)
    assert told == [(0, 1), (1, 1), (1, 3), (2, 3), (3, 3)]


class Broken(Workers):
    """Workers that Ctrl-C tears away after the first task, as a second Ctrl-C does."""

    def stream(
        self,
        do: Callable[[TaskT], DoneT],
        tasks: Sequence[TaskT],
        stopped: Callable[[], bool] = interrupted,  # noqa: ARG002  (it is torn away)
    ) -> Iterator[tuple[TaskT, DoneT]]:
        yield tasks[0], do(tasks[0])
        raise KeyboardInterrupt


def test_a_ctrl_c_that_waits_for_nothing_keeps_what_is_finished(
    hall: Scenario, tmp_path: Path
) -> None:
    cells = Cells(tmp_path / "cells")
    with pytest.raises(StoppedError) as stopped:
        Runner(seed=1, workers=Broken(1), cells=cells).figures([hall], range(3), block=1)
    assert (stopped.value.finished, stopped.value.asked) == (1, 3)
    assert len(list((tmp_path / "cells").rglob("*.npy"))) == 1


def interrupted_after(asks: int) -> Callable[[], object]:
    from contextlib import contextmanager  # noqa: PLC0415

    @contextmanager
    def fake():
        left = [asks]

        def asked() -> bool:
            left[0] -= 1
            return left[0] <= 0

        yield asked

    return fake


def test_ctrl_c_keeps_what_is_finished(
    hall: Scenario,
    worked: list[tuple[int, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def runner() -> Runner:
        return Runner(seed=1, workers=Workers(1), cells=Cells(tmp_path / "cells"))

    with monkeypatch.context() as patch:
        patch.setattr(module, "interrupts", interrupted_after(3))
        with pytest.raises(StoppedError) as stopped:
            runner().figures([hall], range(5), block=1)
    assert (stopped.value.finished, stopped.value.asked) == (2, 5)
    found = runner().figures([hall], range(5), block=1)
    assert worked == [(n, 1) for n in range(5)]
    assert found.values.shape[1] == 5


def test_a_cell_that_another_machine_put_there_meanwhile_is_not_worked_out(
    hall: Scenario, worked: list[tuple[int, int]], tmp_path: Path
) -> None:
    cells = Cells(tmp_path / "cells")
    other = Cell((hall,), 2, 2, 1)
    expected = found_of(other)

    def after_the_first(done: int, total: int) -> None:
        if done == 1:
            cells.put(other.key, expected)

    runner = Runner(seed=1, workers=Workers(1), cells=cells, progress=after_the_first)
    found = runner.figures([hall], range(4), block=2)
    assert worked == [(0, 2)]
    assert np.array_equal(found.values[0, 2:], expected["indicators"], equal_nan=True)


def test_figures_that_are_kept_need_no_scenario(hall: Scenario, tmp_path: Path) -> None:
    runner = Runner(seed=1, workers=Workers(1), cells=Cells(tmp_path / "cells"))
    found = runner.figures([hall], range(3), block=2)
    kept = runner.kept(hall.content, range(3), block=2)
    assert kept is not None
    assert np.array_equal(kept, found.values[0], equal_nan=True)
    assert runner.kept(hall.content, range(5), block=2) is None
    assert runner.cells_in(range(5), block=2) == 3


def test_what_is_under_way_at_ctrl_c_is_kept_and_nothing_more_begins(
    hall: Scenario, tmp_path: Path
) -> None:
    pressed = threading.Event()
    begun: list[int] = []

    def slow(task: int) -> int:
        begun.append(task)
        if len(begun) == 3:
            pressed.set()
        time.sleep(0.05)
        return task

    done = [task for task, _ in Workers(3).stream(slow, range(50), pressed.is_set)]
    assert sorted(done) == sorted(begun)
    assert len(begun) <= 4


def test_ctrl_c_between_two_looks_is_not_forgotten(hall: Scenario) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    with interrupts():
        runner.figures([hall], range(1))
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(StoppedError):
            runner.figures([hall], range(1, 2))
    assert runner.figures([hall], range(1, 2)).values.shape[1] == 1
