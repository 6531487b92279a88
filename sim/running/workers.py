"""Workers: tasks done by threads, processes or a cluster, streamed as they finish.

A task is a picklable value that describes it completely, and a function at the top level of a
module does it.  So any worker can do any task, in any order, and no result depends on which one
did.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
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
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Generic, Literal, TypeVar, get_args
from urllib.parse import urlsplit

from sim.engine.play import EngineName
from sim.running.interrupts import STOPS, held, interrupted
from sim.scenario.problems import InputError, Problem, RunError

TaskT = TypeVar("TaskT")
DoneT = TypeVar("DoneT")
WorkerKind = Literal["threads", "processes"]
WORKER_KINDS: tuple[WorkerKind, ...] = get_args(WorkerKind)

_LOOK_S = 0.2
"""Seconds between checks for Ctrl-C while waiting for tasks."""
MOST_BREAKS = 3
"""Times in a row that workers may be killed without a finished task between."""


def _default_jobs() -> int:
    """Return how many workers this machine can run at once: the cores of this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Workers:
    """Workers that do tasks; they do not change results.

    Parameters
    ----------
    jobs
        Number of workers at once; as many as there are cores if None.  A cluster uses its own
        number.
    kind
        Threads of this process, for the compiled engine, which releases the interpreter's lock;
        or processes, for the reference engine.
    scheduler
        Address of a Dask scheduler, such as ``tcp://host:8786``, whose workers are used instead;
        None for workers of this machine.

    Raises
    ------
    InputError
        If `scheduler` is no address.
    """

    jobs: int | None = None
    kind: WorkerKind = "threads"
    scheduler: str | None = None

    def __post_init__(self) -> None:
        if self.scheduler is not None and not _is_address(self.scheduler):
            allowed = "the address that `dask scheduler` prints, such as tcp://HOST:8786"
            raise InputError([Problem("--scheduler", None, f"{self.scheduler!r}", allowed)])

    @classmethod
    def best_for(cls, engine: EngineName, jobs: int | None = None) -> Workers:
        """Return the workers of this machine with which an engine is fastest.

        Parameters
        ----------
        engine
            Which engine.
        jobs
            Number of workers at once; as many as there are cores if None.

        Returns
        -------
        Workers
            Threads for the compiled engine, processes for the reference engine.
        """
        return cls(jobs, "threads" if engine == "compiled" else "processes")

    def stream(
        self,
        do: Callable[[TaskT], DoneT],
        tasks: Sequence[TaskT],
        stopped: Callable[[], bool] = interrupted,
    ) -> Iterator[tuple[TaskT, DoneT]]:
        """Return each task with its result, in the order in which they finish.

        If the iterator is closed early, processes end at once, threads after their current task.

        Parameters
        ----------
        do
            Function at the top level of a module.
        tasks
            Picklable values.
        stopped
            Once it returns True, no further task is begun; running ones are still yielded.

        Returns
        -------
        iterator
            Pairs of a task and its result; errors are raised while it is read.

        Raises
        ------
        RunError
            If workers are killed again and again, or the cluster is lost.
        """
        if not tasks:
            return iter(())
        if self.scheduler is not None:
            from sim.running.cluster import on_cluster  # noqa: PLC0415  (an extra)

            return on_cluster(self.scheduler, do, tasks, stopped)
        jobs = min(self.jobs or _default_jobs(), len(tasks))
        if self.kind == "processes":
            return _by_processes(jobs, do, tasks, stopped)
        if jobs == 1:
            return _one_by_one(do, tasks, stopped)
        return _by_threads(jobs, do, tasks, stopped)


def _is_address(scheduler: str) -> bool:
    try:
        parts = urlsplit(scheduler)
        return parts.scheme in {"tcp", "tls"} and bool(parts.hostname and parts.port)
    except ValueError:
        return False


def _one_by_one(
    do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT], stopped: Callable[[], bool]
) -> Iterator[tuple[TaskT, DoneT]]:
    for task in tasks:
        if stopped():
            return
        yield task, do(task)


def _by_threads(
    jobs: int, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT], stopped: Callable[[], bool]
) -> Iterator[tuple[TaskT, DoneT]]:
    pool = ThreadPoolExecutor(jobs)
    try:
        yield from _stream(pool, jobs, do, _Queue(deque(tasks), set(), stopped))
    finally:
        pool.shutdown(cancel_futures=True)


def _by_processes(
    jobs: int, do: Callable[[TaskT], DoneT], tasks: Sequence[TaskT], stopped: Callable[[], bool]
) -> Iterator[tuple[TaskT, DoneT]]:
    """Do tasks in processes; when one is killed, new ones do the remaining tasks."""
    queue = _Queue(deque(tasks), set(), stopped)
    breaks = 0
    while queue.waiting and not stopped():
        try:
            with _processes(jobs) as pool:
                for done in _stream(pool, jobs, _WithPicklableErrors(do), queue):
                    breaks = 0
                    yield done
        except BrokenProcessPool as error:
            breaks += 1
            if breaks == MOST_BREAKS:
                raise RunError(
                    f"worker processes were killed {MOST_BREAKS} times in a row "
                    f"({len(queue.waiting)} tasks are left); what is finished is kept; allowed: "
                    "fewer workers (--jobs), if memory ran out, and the same command again"
                ) from error


@dataclass(frozen=True)
class _Queue(Generic[TaskT]):
    """Waiting tasks, ids of those that ran when a worker was killed, and when to stop."""

    waiting: deque[TaskT]
    suspects: set[int]
    stopped: Callable[[], bool]


def _stream(
    pool: Executor, jobs: int, do: Callable[[TaskT], DoneT], queue: _Queue[TaskT]
) -> Iterator[tuple[TaskT, DoneT]]:
    """Do the waiting tasks; those not finished are in the queue again at the end.

    Those that were begun come last then and run one at a time, so that a task that kills its worker
    does not delay others.
    """
    waiting = queue.waiting
    running: dict[Future[DoneT], TaskT] = {}
    try:
        while (waiting and not queue.stopped()) or running:
            if queue.stopped():  # tasks handed out but not begun are cancelled
                for future in [handed_out for handed_out in running if handed_out.cancel()]:
                    waiting.append(running.pop(future))
                if not running:
                    break
            # Few tasks are handed out at a time, so that an interrupt waits for few.
            while waiting and len(running) < jobs + 1 and not queue.stopped():
                if running and id(waiting[0]) in queue.suspects:
                    break
                with held():
                    future = pool.submit(do, waiting[0])
                running[future] = waiting.popleft()
            ended = wait(running, timeout=_LOOK_S, return_when=FIRST_COMPLETED).done
            if not ended:
                continue
            # All running tasks fail if a worker is killed: finished ones are yielded first.
            future = min(ended, key=lambda candidate: candidate.exception() is not None)
            done = future.result()
            yield running.pop(future), done
    finally:
        waiting += running.values()
        queue.suspects.update(id(task) for task in running.values())


@contextmanager
def _processes(jobs: int) -> Iterator[Executor]:
    """Yield processes that end at once when the block is left or this process has ended."""
    context = multiprocessing.get_context("spawn")
    leash, hand = context.Pipe(duplex=False)
    with held():  # Python's own helper process begins here
        pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(leash,))
    try:
        yield pool
    finally:
        hand.close()
        pool.shutdown(cancel_futures=True)
        leash.close()


def _begin(leash: Connection) -> None:
    for number in STOPS:  # on systems where `held` has no effect
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(leash,), daemon=True).start()


def _end_with_parent(leash: Connection) -> None:
    """End this process when the other end of the pipe is closed, for whatever reason."""
    leash.poll(None)
    os._exit(1)


@dataclass(frozen=True)
class _WithPicklableErrors(Generic[TaskT, DoneT]):
    """Does a task; an exception that cannot be pickled is raised as one that holds its text."""

    do: Callable[[TaskT], DoneT]

    def __call__(self, task: TaskT) -> DoneT:
        try:
            return self.do(task)
        except Exception as error:
            try:
                pickle.loads(pickle.dumps(error))  # noqa: S301  (our own)
            except Exception:  # noqa: BLE001  (whatever its class does)
                raise RuntimeError("".join(traceback.format_exception(error))) from None
            raise
