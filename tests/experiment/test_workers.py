"""Workers: every task is done once, whoever is killed in between."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from sim.experiment.workers import MOST_BREAKS, WORKER_KINDS, WorkerKind, Workers
from sim.scenario.problems import RunError


def doubled(task: int) -> int:
    return 2 * task


def killed_once(task: tuple[str, int]) -> int:
    """Kill the worker at the third task, the first time that it is taken up."""
    folder, number = task
    mark = Path(folder) / "killed"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def killed_always(_task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wrong(task: int) -> int:
    raise LookupError(task)


@pytest.mark.parametrize("kind", WORKER_KINDS)
@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_done_once(kind: WorkerKind, jobs: int) -> None:
    done = dict(Workers(jobs, kind).stream(doubled, range(7)))
    assert done == {task: 2 * task for task in range(7)}


@pytest.mark.parametrize("kind", WORKER_KINDS)
def test_no_tasks_need_no_workers(kind: WorkerKind) -> None:
    assert list(Workers(2, kind).stream(doubled, [])) == []


def test_threads_take_tasks_in_order() -> None:
    assert list(Workers(1).stream(doubled, [3, 1, 2])) == [(3, 6), (1, 2), (2, 4)]


@pytest.mark.parametrize("kind", WORKER_KINDS)
def test_an_error_in_a_task_is_not_hidden(kind: WorkerKind) -> None:
    with pytest.raises(LookupError):
        list(Workers(2, kind).stream(wrong, range(3)))


def test_new_processes_take_up_what_killed_ones_leave(tmp_path: Path) -> None:
    tasks = [(str(tmp_path), number) for number in range(8)]
    done = dict(Workers(2, "processes").stream(killed_once, tasks))
    assert done == {task: task[1] for task in tasks}
    assert (tmp_path / "killed").exists()


def test_workers_that_are_killed_again_and_again_are_told() -> None:
    with pytest.raises(RunError, match=rf"killed {MOST_BREAKS} times.*same command again"):
        list(Workers(2, "processes").stream(killed_always, range(4)))
