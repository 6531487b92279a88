"""Workers: every task is done once, whoever is killed in between."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from sim.running.workers import MOST_BREAKS, WORKER_KINDS, WorkerKind, Workers
from sim.scenario.problems import InputError, RunError


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


def killed_at_two(task: int) -> int:
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def wrong(task: int) -> int:
    raise LookupError(task)


class StubbornError(Exception):
    """Cannot be built from its arguments, so no other process can read it."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def stubborn(task: int) -> int:
    raise StubbornError(task, task)


def slow_but_for_the_first(task: int) -> int:
    if task:
        time.sleep(60)
    return task


DIES_AT_START = """
import os, pathlib, sys
mark = pathlib.Path(__file__).with_name("killed")
if "spawn_main" in " ".join(sys.orig_argv) and not mark.exists():
    mark.touch()
    os.kill(os.getpid(), 9)
"""


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


def test_new_processes_replace_one_that_is_killed_while_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(DIES_AT_START)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    done = dict(Workers(2, "processes").stream(doubled, range(7)))
    assert done == {task: 2 * task for task in range(7)}
    assert (tmp_path / "killed").exists()


def test_a_task_that_kills_its_worker_holds_up_no_other() -> None:
    done: dict[int, int] = {}
    with pytest.raises(RunError, match=r"1 tasks are left"):
        done.update(Workers(2, "processes").stream(killed_at_two, range(9)))
    assert sorted(done) == [0, 1, *range(3, 9)]


def test_an_error_that_cannot_travel_is_told_as_text() -> None:
    with pytest.raises(RuntimeError, match="StubbornError: 0 and 0"):
        list(Workers(1, "processes").stream(stubborn, [0]))


def test_a_task_that_cannot_be_pickled_is_a_plain_error() -> None:
    with pytest.raises((AttributeError, TypeError), match="pickle"):
        list(Workers(2, "processes").stream(doubled, [threading.Lock()] * 3))  # type: ignore[list-item]


def test_processes_end_at_once_when_nobody_wants_more() -> None:
    stream = Workers(2, "processes").stream(slow_but_for_the_first, range(5))
    assert next(stream) == (0, 0)
    threads = threading.active_count()
    began = time.monotonic()
    stream.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 10
    assert multiprocessing.active_children() == []
    assert threading.active_count() < threads


@pytest.mark.parametrize("jobs", [1, 2])
def test_few_results_are_held_at_a_time(jobs: int) -> None:
    alive = most = 0

    def gone() -> None:
        nonlocal alive
        alive -= 1

    def large(_task: int) -> np.ndarray:
        nonlocal alive, most
        alive += 1
        most = max(most, alive)
        made = np.zeros(1000)
        weakref.finalize(made, gone)
        return made

    for _, made in Workers(jobs).stream(large, range(50)):
        assert made.shape == (1000,)
    assert 0 < most <= jobs + 3


@pytest.mark.parametrize(
    "address",
    ["", "nonsense", "tcp://host", "host:8786", "tcp://:8786", "tcp://host:99999", "tcp://h:x"],
)
def test_what_is_no_address_of_a_scheduler_is_told(address: str) -> None:
    with pytest.raises(InputError, match=r"--scheduler: .*allowed: .*tcp://HOST:8786"):
        Workers(scheduler=address)


@pytest.mark.parametrize("address", ["tcp://host:8786", "tls://10.0.0.1:1", "tcp://[::1]:8786"])
def test_addresses_of_schedulers(address: str) -> None:
    assert Workers(scheduler=address).scheduler == address
