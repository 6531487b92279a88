"""Workers: tasks done by threads, processes or a cluster, streamed as they finish.

A task is a picklable value that says everything; what does it is a function of a module.  So
any worker can do any task, in any order, and no number depends on who did.
"""

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
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

from sim.engine.play import EngineName
from sim.scenario.problems import RunError

TaskT = TypeVar("TaskT")
DoneT = TypeVar("DoneT")
WorkerKind = Literal["threads", "processes"]
WORKER_KINDS: tuple[WorkerKind, ...] = get_args(WorkerKind)

MOST_BREAKS = 3
"""Times that workers may be killed without a task finished in between."""


def default_jobs() -> int:
    """Return how many workers this machine can run at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Workers:
    """Who does the work; it changes no number.

    Parameters
    ----------
    jobs
        Workers at once; all cores unless given.
    kind
        Threads of this process, for the compiled engine, which does without the
        interpreter's lock; or processes, for the reference engine.
    scheduler
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers do it instead.
    """

    jobs: int | None = None
    kind: WorkerKind = "threads"
    scheduler: str | None = None

    @classmethod
    def best_for(cls, engine: EngineName, jobs: int | None = None) -> Workers:
        """Return the workers that an engine is fastest with."""
        return cls(jobs, "threads" if engine == "compiled" else "processes")

    def stream(
        self, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT]
    ) -> Iterator[tuple[TaskT, DoneT]]:
        """Yield each task and what came of it, as they finish.

        Raises
        ------
        RunError
            If workers are killed again and again, or the cluster is lost.
        """
        if not tasks:
            return iter(())
        if self.scheduler is not None:
            from sim.experiment.cluster import on_cluster  # noqa: PLC0415  (an extra)

            return on_cluster(self.scheduler, do, tasks)
        jobs = min(self.jobs or default_jobs(), len(tasks))
        if jobs == 1 and self.kind == "threads":
            return ((task, do(task)) for task in tasks)
        if self.kind == "threads":
            return _stream(ThreadPoolExecutor(jobs), jobs, do, list(reversed(tasks)))
        return _by_processes(jobs, do, tasks)


def _stream(
    pool: Executor, jobs: int, do: Callable[[TaskT], DoneT], waiting: list[TaskT]
) -> Iterator[tuple[TaskT, DoneT]]:
    """Do the waiting tasks, the last one first; those not finished stay in the list."""
    running: dict[Future[DoneT], TaskT] = {}
    try:
        while waiting or running:
            # Few are handed out at a time, so that an interrupt waits for few.
            while waiting and len(running) < jobs + 1:
                task = waiting.pop()
                running[pool.submit(do, task)] = task
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                done = future.result()
                yield running.pop(future), done
    finally:
        waiting += running.values()
        pool.shutdown(wait=False, cancel_futures=True)


def _by_processes(
    jobs: int, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT]
) -> Iterator[tuple[TaskT, DoneT]]:
    """Do tasks in processes; when one is killed, new ones take up what is left."""
    waiting = list(reversed(tasks))
    breaks = 0
    while waiting:
        try:
            for done in _stream(_processes(jobs), jobs, do, waiting):
                breaks = 0
                yield done
        except BrokenProcessPool as error:
            breaks += 1
            if breaks == MOST_BREAKS:
                raise RunError(
                    f"worker processes were killed {MOST_BREAKS} times in a row "
                    f"({len(waiting)} tasks are left); allowed: fewer workers (--jobs), if memory "
                    "ran out, and the same command again"
                ) from error


def _processes(jobs: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when the one that began it is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
