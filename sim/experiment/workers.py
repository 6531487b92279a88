"""Workers: replications in threads or processes, streamed as they finish."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import dataclass
from typing import cast

import pandas as pd

from sim.engine.play import EngineName
from sim.experiment.replicate import Prepared, Replication, prepare, replicate
from sim.measure.frames import case_frame
from sim.scenario.model import Scenario


@dataclass(frozen=True)
class Task:
    """One replication of one scenario, by its place in the list."""

    scenario: int
    replication: int
    with_cases: bool


@dataclass(frozen=True)
class Done:
    """A finished task; `cases` only where they were asked for."""

    task: Task
    result: Replication
    cases: pd.DataFrame | None


class Worker:
    """Runs tasks of a list of scenarios, preparing each scenario once."""

    def __init__(self, scenarios: Sequence[Scenario], seed: int, engine: EngineName) -> None:
        self.scenarios = scenarios
        self.seed = seed
        self.engine = engine
        self._prepared: dict[int, Prepared] = {}
        self._preparing = threading.Lock()

    def prepared(self, number: int) -> Prepared:
        """Return a scenario made ready."""
        with self._preparing:
            if number not in self._prepared:
                self._prepared[number] = prepare(self.scenarios[number])
            return self._prepared[number]

    def do(self, task: Task) -> Done:
        """Run one task."""
        prepared = self.prepared(task.scenario)
        result, ledger = replicate(prepared, task.replication, self.seed, self.engine)
        start = prepared.scenario.settings.horizon.start
        return Done(task, result, case_frame(ledger, start) if task.with_cases else None)


def stream(worker: Worker, tasks: Sequence[Task], jobs: int) -> Iterator[Done]:
    """Yield finished tasks, in any order; a replication's figures depend on nothing else.

    Parameters
    ----------
    jobs
        Workers: threads of this process for the compiled engine, which does without the
        interpreter's lock, processes for the reference engine.  1 runs everything here.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        for task in tasks:
            yield worker.do(task)
    elif worker.engine == "compiled":
        yield from _stream(ThreadPoolExecutor(jobs), worker.do, tasks, jobs)
    else:
        yield from _stream(_processes(worker, jobs), _do, tasks, jobs)


def _stream(
    pool: Executor, do: Callable[[Task], Done], tasks: Sequence[Task], jobs: int
) -> Iterator[Done]:
    waiting = list(reversed(tasks))
    running: set[Future[Done]] = set()
    try:
        while waiting or running:
            # Few are handed out at a time, so that an interrupt waits for few.
            while waiting and len(running) < jobs + 1:
                running.add(pool.submit(do, waiting.pop()))
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


# Processes --------------------------------------------------------------------------------


def _processes(worker: Worker, jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        jobs,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(tuple(worker.scenarios), worker.seed, worker.engine),
    )


_worker: Worker | None = None


def _begin(scenarios: Sequence[Scenario], seed: int, engine: EngineName) -> None:
    global _worker  # noqa: PLW0603  (a process serves one run)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(scenarios, seed, engine)


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _do(task: Task) -> Done:
    return cast("Worker", _worker).do(task)


def default_jobs() -> int:
    """Return how many workers this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
