"""A cluster: the workers of a Dask scheduler, on any number of machines.

Tasks are sent as bytes that a worker unpickles only when it begins them: the scheduler need not
have this program, a worker without it reports that instead of ending, and a worker with other code
does nothing.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import threading
import time
import warnings
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from sim.running.cells import program_version
from sim.running.interrupts import interrupted
from sim.scenario.problems import RunError

TaskT = TypeVar("TaskT")
DoneT = TypeVar("DoneT")

CONNECT_S = 10.0
"""Seconds in which a scheduler must answer."""
NO_WORKERS_S = 30.0
"""Seconds to wait for workers while there are none."""
AT_ONCE = 3
"""Tasks handed out per thread of a worker: one at work, others on their way."""

SILENT_S = 25.0
"""Seconds without an answer after which a scheduler is given up."""
PATIENT_S = 2.0
"""Seconds for which Ctrl-C waits for tasks under way."""

_LOOK_S = 1.0
_POLL_S = 0.02
_CLOSE_S = 5.0
_LIBRARIES = ("hall-simulator", "numpy", "scipy", "holidays")
_LOUD = (
    "asyncio",
    "distributed",
    "distributed.client",
    "distributed.gc",
    "tornado",
    "tornado.application",
)


def on_cluster(
    scheduler: str,
    do: Callable[[TaskT], DoneT],
    tasks: Sequence[TaskT],
    stopped: Callable[[], bool] = interrupted,
) -> Iterator[tuple[TaskT, DoneT]]:
    """Return each task with its result, in the order in which a cluster finishes them.

    Parameters
    ----------
    scheduler
        Address of a Dask scheduler; workers may come and go.  All run this program.
    do
        Function at the top level of a module that the workers have.
    tasks
        Picklable values.
    stopped
        Once it returns True, no further task is handed out; tasks that end within `PATIENT_S`
        seconds are still yielded.

    Returns
    -------
    iterator
        Pairs of a task and its result.

    Raises
    ------
    RunError
        If the package is missing, the scheduler cannot be reached or is lost, there are no
        workers for `NO_WORKERS_S` seconds, workers run other code, or a task kills them.
    """
    try:
        import distributed  # noqa: F401, PLC0415  (an extra)
    except ImportError as error:
        raise RunError(
            "--scheduler needs the package distributed, which is not installed; allowed: "
            "pip install 'hall-simulator[cluster]'"
        ) from error
    return _stream(scheduler, do, tasks, stopped)


def _stream(
    scheduler: str,
    do: Callable[[TaskT], DoneT],
    tasks: Sequence[TaskT],
    stopped: Callable[[], bool],
) -> Iterator[tuple[TaskT, DoneT]]:
    from distributed import as_completed  # noqa: PLC0415

    waiting, running = deque(tasks), dict[Any, TaskT]()
    with _quiet(), _connected(scheduler) as client:
        crew = _Crew(scheduler, client)
        finished = as_completed(loop=client.loop, with_results=True, raise_errors=False)
        since: float | None = None
        while waiting or running:
            if since is None and stopped():
                since = time.monotonic()
            if since is not None and (not running or time.monotonic() - since > PATIENT_S):
                return
            room = AT_ONCE * crew.threads(len(waiting) + len(running)) - len(running)
            while waiting and room > 0 and since is None:
                task = waiting.popleft()
                # Not pure: Dask would take equal tasks for one.
                future = client.submit(pickle.loads, _order(do, task), pure=False)
                running[future] = task
                finished.add(future)
                room -= 1
            if finished.has_ready():
                future, result = next(finished)
                done = _checked(scheduler, future.status, result)
                yield running.pop(future), done
            else:
                time.sleep(_POLL_S)


@dataclass
class _Crew:
    """The threads of all workers, asked for at intervals without waiting for the answer.

    Parameters
    ----------
    scheduler, client
        Address of the scheduler, and the client connected to it.
    seen
        Number of threads in the last answer.
    looked
        When the scheduler was asked last, by the monotonic clock in seconds.
    there
        When there were workers last; None before the first check.
    asked
        The answer to come; None if nothing is asked.
    answered
        When the last answer came, or the last question was asked.
    """

    scheduler: str
    client: Any
    seen: int = 0
    looked: float = float("-inf")
    there: float | None = None
    asked: Future[Any] | None = None
    answered: float = field(default_factory=time.monotonic)

    @property
    def silent_s(self) -> float:
        """Seconds since the question was asked, if there is no answer yet; 0 otherwise."""
        return 0.0 if self.asked is None else time.monotonic() - self.answered

    def threads(self, left: int) -> int:
        """Return the number of threads of all workers; raise if scheduler or workers are lost."""
        if self.client.status != "running":
            raise _lost(self.scheduler)
        self._ask()
        now = time.monotonic()
        if self.silent_s >= SILENT_S:
            raise RunError(
                f"{self.scheduler}: the scheduler has not answered for {SILENT_S:.0f} s ({left} "
                "tasks are left); what is finished is kept; allowed: see whether its machine and "
                "the network are well, and run the same command again"
            )
        if self.seen or self.there is None:
            self.there = now
        if now - self.there >= NO_WORKERS_S:
            raise RunError(
                f"{self.scheduler}: no worker has been there for {NO_WORKERS_S:.0f} s ({left} "
                f"tasks are left); what is finished is kept; allowed: `dask worker "
                f"{self.scheduler}` on at least one machine, and the same command again"
            )
        return self.seen

    def _ask(self) -> None:
        """Read the answer if it has come; ask again if `_LOOK_S` seconds have passed."""
        now = time.monotonic()
        if self.asked is not None and self.asked.done():
            try:
                self.seen = sum(self.asked.result().values())
            except OSError as error:
                raise _lost(self.scheduler) from error
            self.asked, self.answered = None, now
        if self.asked is None and now - self.looked >= _LOOK_S:
            question = self.client.scheduler.ncores(workers=None)
            loop = self.client.loop.asyncio_loop
            self.asked = asyncio.run_coroutine_threadsafe(question, loop)
            self.looked = self.answered = now


@dataclass(frozen=True)
class _Stranger:
    """A worker that runs other code, and its libraries."""

    worker: str
    libraries: dict[str, str]


def _order(do: Callable[[TaskT], DoneT], task: TaskT) -> bytes:
    """Return bytes that, when unpickled, do the task and become its result."""
    # The scenario of a county has 290 kB; compression to 75 kB takes 2 ms.
    packed = zlib.compress(pickle.dumps((do, task)), 1)
    return pickle.dumps(_Order(packed, program_version()))


@dataclass(frozen=True)
class _Order:
    """A task to be sent, with the version of the code of the sender."""

    packed: bytes
    code: str

    def __reduce__(self) -> tuple[Callable[[bytes, str], object], tuple[bytes, str]]:
        return _obey, (self.packed, self.code)


def _obey(packed: bytes, code: str) -> object:
    """Do a task on a worker, if it runs the same code as the sender."""
    if program_version() != code:
        from distributed import get_worker  # noqa: PLC0415

        return _Stranger(get_worker().address, _libraries())
    do, task = pickle.loads(zlib.decompress(packed))  # noqa: S301  (from our own user)
    return do(task)


def _libraries() -> dict[str, str]:
    versions = {}
    for library in _LIBRARIES:
        try:
            versions[library] = version(library)
        except PackageNotFoundError:
            versions[library] = "not installed"
    return versions


def _checked(scheduler: str, status: str, result: Any) -> Any:
    """Return the result of a task, or raise the error that its status stands for."""
    from distributed.scheduler import KilledWorker  # noqa: PLC0415

    if isinstance(result, _Stranger):
        raise _strange(result)
    if status == "finished":
        return result
    if status != "error":
        raise _lost(scheduler)
    _, error, trace = result
    if isinstance(error, KilledWorker):
        raise RunError(
            f"{scheduler}: a task was begun {error.allowed_failures + 1} times, and each time its "
            f"worker was killed, the last at {error.last_worker.address}; what is finished is "
            "kept; allowed: workers with more memory or fewer threads (`dask worker --nthreads`), "
            "and the same command again"
        )
    if isinstance(error, ImportError):
        raise RunError(
            f"{scheduler}: a worker lacks this program ({error}); what is finished is kept; "
            "allowed: the same version of hall-simulator[cluster] installed on every machine"
        ) from error
    raise error.with_traceback(trace)


def _strange(stranger: _Stranger) -> RunError:
    ours, theirs = _libraries(), stranger.libraries
    differing = [
        f"{library} {theirs[library]} there, {ours[library]} here"
        for library in _LIBRARIES
        if theirs[library] != ours[library]
    ] or ["files of the package sim differ"]
    return RunError(
        f"{stranger.worker}: this worker runs other code ({'; '.join(differing)}), so its figures "
        "could differ; what is finished is kept; allowed: workers with the same versions"
    )


def _lost(scheduler: str) -> RunError:
    return RunError(
        f"{scheduler}: the scheduler was lost; what is finished is kept; allowed: start the "
        "scheduler again and run the same command again"
    )


@contextmanager
def _connected(scheduler: str) -> Iterator[Any]:
    try:
        client = _client(scheduler).result(timeout=2 * CONNECT_S)
    except (OSError, ImportError, ValueError) as error:
        raise RunError(
            f"{scheduler}: no scheduler answers within {CONNECT_S:.0f} s; what is finished is "
            "kept; allowed: the address that `dask scheduler` prints, reachable from this machine"
        ) from error
    try:
        yield client
    finally:
        # The scheduler then drops all tasks that are not finished.
        with suppress(OSError):
            client.close(timeout=_CLOSE_S)


def _client(scheduler: str) -> Future[Any]:
    """Connect in a thread: Dask would wait for ever for a program that is no scheduler."""
    from distributed import Client  # noqa: PLC0415

    made: Future[Any] = Future()

    def connect() -> None:
        try:
            made.set_result(Client(scheduler, timeout=CONNECT_S, set_as_default=False))
        except Exception as error:  # noqa: BLE001  (raised where the result is asked for)
            made.set_exception(error)

    threading.Thread(target=connect, daemon=True).start()
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the messages that Dask would write to the terminal."""
    loggers = [logging.getLogger(name) for name in _LOUD]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)
