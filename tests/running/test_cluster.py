"""A cluster: a real Dask scheduler and its workers, killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.running import cluster as module
from sim.running.cells import Cells
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from tests.running.local_dask import Dask, answers, free_port, until

ENDED_S = 150

OTHER_NUMPY = """
import importlib.metadata as known
known.version = lambda name, real=known.version: "0.1" if name == "numpy" else real(name)
"""
OTHER_FILES = """
from sim.running import cells
cells.program_version = lambda: "other"
"""
NO_PROGRAM = """
import sys
sys.modules["sim"] = None
"""


@pytest.fixture(autouse=True)
def _ends() -> Iterator[None]:
    """Let no test hang."""

    def too_long(*_: object) -> None:
        raise AssertionError(f"took longer than {ENDED_S} s")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(ENDED_S)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[Dask]:
    found = Dask(tmp_path)
    yield found
    found.end()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a cluster of two workers."""
    found = Dask(tmp_path_factory.mktemp("dask"))
    scheduler, _ = found.scheduler()
    for _ in range(2):
        found.worker(scheduler)
    yield scheduler
    found.end()


def doubled(task: int) -> int:
    return 2 * task


def slowly(task: int) -> int:
    time.sleep(0.2)
    return task


def wrong(task: int) -> int:
    raise LookupError(task)


def killed(task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_every_task_is_done_once_though_some_are_equal(address: str) -> None:
    tasks = [*range(30), 7, 7]
    done = list(Workers(scheduler=address).stream(doubled, tasks))
    assert sorted(done) == sorted((task, 2 * task) for task in tasks)


def test_a_cluster_changes_no_bit(address: str, hall: Scenario) -> None:
    scenarios = [hall.with_values({"policy.entry": entry}) for entry in (0.5, 1)]
    expected = Runner(seed=1, workers=Workers(2)).figures(scenarios, range(6), block=2)
    found = Runner(seed=1, workers=Workers(scheduler=address)).figures(scenarios, range(6), block=2)
    assert found.values.tobytes() == expected.values.tobytes()


def test_an_error_in_a_task_is_not_hidden(address: str) -> None:
    with pytest.raises(LookupError):
        list(Workers(scheduler=address).stream(wrong, range(3)))


def test_few_tasks_are_handed_out_at_a_time(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    order, sent = module._order, []
    monkeypatch.setattr(module, "_order", lambda do, task: sent.append(task) or order(do, task))
    stream = Workers(scheduler=address).stream(slowly, range(100))
    next(stream)
    assert len(sent) <= 2 * module.AT_ONCE + 1
    stream.close()  # type: ignore[attr-defined]


def test_what_nobody_wants_any_more_is_cancelled(address: str) -> None:
    stream = Workers(scheduler=address).stream(slowly, range(100))
    next(stream)
    began = time.monotonic()
    stream.close()  # type: ignore[attr-defined]
    assert time.monotonic() - began < 5
    from distributed import Client  # noqa: PLC0415

    with Client(address, set_as_default=False) as client:
        until(lambda: not any(client.processing().values()))


def test_the_others_finish_what_a_killed_worker_leaves(dask: Dask) -> None:
    address, _ = dask.scheduler()
    first, _ = dask.worker(address), dask.worker(address)
    done = []
    for task, _ in Workers(scheduler=address).stream(slowly, range(16)):
        done.append(task)
        if len(done) == 4:
            first.kill()
    assert sorted(done) == list(range(16))
    assert first.wait(10) == -signal.SIGKILL


def test_workers_may_come_later(dask: Dask) -> None:
    address, _ = dask.scheduler()
    later = threading.Timer(1.5, dask.worker, [address])
    later.start()
    assert len(list(Workers(scheduler=address).stream(doubled, range(5)))) == 5
    later.join()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_lost_scheduler_loses_no_cell_and_a_new_one_goes_on(
    dask: Dask, hall: Scenario, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    address, scheduler = dask.scheduler()
    worker = dask.worker(address)
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        told = done
        if (done, total) == (5, 60):
            scheduler.kill()

    folder = tmp_path / "cells"
    on_cluster = Workers(scheduler=address)
    with pytest.raises(RunError, match=r"lost; .*start the scheduler again.*same command again"):
        Runner(1, workers=on_cluster, cells=Cells(folder), progress=tell).figures(
            [hall], range(60), block=1
        )
    assert 5 <= told < 60
    before = contents(folder)
    assert len(before) == told
    written = {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}
    worker.kill()

    dask.scheduler(int(address.rpartition(":")[2]))
    dask.worker(address)
    found = Runner(1, workers=on_cluster, cells=Cells(folder)).figures([hall], range(60), block=1)
    whole = Runner(1, workers=Workers(1), cells=Cells(tmp_path / "whole"))
    assert found.values.tobytes() == whole.figures([hall], range(60), block=1).values.tobytes()
    assert contents(folder) == contents(tmp_path / "whole")
    again = {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}
    assert written.items() <= again.items()
    assert capfd.readouterr() == ("", "")


def test_no_workers_are_told(
    dask: Dask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "NO_WORKERS_S", 1.0)
    address, _ = dask.scheduler()
    with pytest.raises(RunError, match=r"no worker .* 1 s \(3 tasks .*`dask worker tcp://"):
        list(Workers(scheduler=address).stream(doubled, range(3)))
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def stopped(dask: Dask) -> tuple[Iterator[tuple[int, int]], list[int]]:
    """Return tasks under way on a cluster whose scheduler answers no more."""
    address, scheduler = dask.scheduler()
    dask.worker(address)
    asked: list[int] = []
    stream = Workers(scheduler=address).stream(slowly, range(500), lambda: bool(asked))
    for _ in range(4):
        next(stream)
    scheduler.send_signal(signal.SIGSTOP)
    return stream, asked


def test_a_scheduler_that_answers_no_more_is_told(
    stopped: tuple[Iterator[tuple[int, int]], list[int]],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "SILENT_S", 4.0)
    began = time.monotonic()
    with pytest.raises(RunError, match=r"not answered for 4 s .*same command again"):
        list(stopped[0])
    assert time.monotonic() - began < 14
    assert capfd.readouterr() == ("", "")


def test_ctrl_c_does_not_wait_for_a_scheduler_that_answers_no_more(
    stopped: tuple[Iterator[tuple[int, int]], list[int]],
) -> None:
    stopped[1].append(1)
    began = time.monotonic()
    assert len(list(stopped[0])) < 10  # what had come before
    assert time.monotonic() - began < 12


def test_ctrl_c_does_not_wait_for_workers_that_are_not_there(dask: Dask) -> None:
    address, _ = dask.scheduler()
    began = time.monotonic()
    assert not list(Workers(scheduler=address).stream(doubled, range(3), lambda: True))
    assert time.monotonic() - began < module.NO_WORKERS_S / 2


def test_where_no_scheduler_is(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "CONNECT_S", 1.0)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(RunError, match=rf"{address}: no scheduler answers within 1 s"):
        list(Workers(scheduler=address).stream(doubled, range(3)))
    assert capfd.readouterr() == ("", "")


def test_where_something_else_listens(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "CONNECT_S", 1.0)
    web = subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind=127.0.0.1", str(port := free_port())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: answers(port))
        with pytest.raises(RunError, match="no scheduler answers"):
            list(Workers(scheduler=f"tcp://127.0.0.1:{port}").stream(doubled, range(3)))
    finally:
        web.kill()
        web.wait(10)
    assert capfd.readouterr() == ("", "")


def test_a_task_that_kills_its_workers_is_told(dask: Dask) -> None:
    address, _ = dask.scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1")
    for _ in range(2):
        dask.worker(address)
    with pytest.raises(RunError, match=r"begun 2 times.*killed.*same command again"):
        list(Workers(scheduler=address).stream(killed, [1]))


@pytest.mark.parametrize(
    ("preload", "difference"),
    [
        (OTHER_NUMPY, r"numpy 0\.1 there, \d.* here"),
        (OTHER_FILES, "files of the package sim differ"),
    ],
)
def test_workers_with_other_code_are_told(dask: Dask, preload: str, difference: str) -> None:
    address, _ = dask.scheduler()
    dask.worker(address, preload)
    with pytest.raises(RunError, match=rf"tcp://.*: this worker runs other code \({difference}\)"):
        list(Workers(scheduler=address).stream(doubled, range(3)))


def test_a_worker_without_this_program_is_told(dask: Dask) -> None:
    address, _ = dask.scheduler()
    dask.worker(address, NO_PROGRAM)
    with pytest.raises(RunError, match=r"a worker lacks this program .*sim.*on every machine"):
        list(Workers(scheduler=address).stream(doubled, range(3)))


def test_a_scheduler_needs_no_program(dask: Dask) -> None:
    address, _ = dask.scheduler(preload=NO_PROGRAM)
    dask.worker(address)
    assert len(list(Workers(scheduler=address).stream(doubled, range(3)))) == 3


def test_a_missing_package_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RunError, match=r"pip install 'hall-simulator\[cluster\]'"):
        Workers(scheduler="tcp://127.0.0.1:1").stream(doubled, [1])
