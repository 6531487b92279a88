"""Ctrl-C without loss of results, and the same for signals of batch systems and terminals."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, SimpleNamespace
from typing import Any

STOPS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Signals of Ctrl-C, of a batch system at its time limit, and of a terminal that is closed."""

_ctrl_c = SimpleNamespace(asked=False, is_noted=False)


def stop_as_ctrl_c() -> None:
    """Let every signal of `STOPS` raise KeyboardInterrupt; ignored ones (`nohup`) stay ignored."""
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def ignore_stops() -> None:
    """Let no signal of `STOPS` disturb a process that has done its work and only has to end."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def interrupted() -> bool:
    """Say whether Ctrl-C was noted by an active `interrupts`.

    Returns
    -------
    bool
        True from the first Ctrl-C (or another of `STOPS`) to the end of that `interrupts`.
    """
    return bool(_ctrl_c.asked)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C (or `STOPS`) instead of raising it; a second one is raised at once.

    Raised in the middle of a replication it could occur in the clean-up of a generator, where
    Python ignores it.  Inside another `interrupts`, and in threads other than the main one, the
    outer one notes it, so that it is not forgotten when an inner one ends.

    Yields
    ------
    callable
        `interrupted`.
    """

    def note(number: int, frame: FrameType | None) -> None:
        if _ctrl_c.asked:
            signal.default_int_handler(number, frame)
        _ctrl_c.asked = True

    if _ctrl_c.is_noted or threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    # The parent process may have made some ignored, as `nohup` does.
    noted = [number for number in STOPS if signal.getsignal(number) not in {signal.SIG_IGN, None}]
    before: dict[int, Any] = {}
    try:
        _ctrl_c.is_noted = True
        for number in noted:
            before[number] = signal.signal(number, note)
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _ctrl_c.asked = _ctrl_c.is_noted = False


@contextmanager
def held() -> Iterator[None]:
    """Block the signals `STOPS` for a moment; processes and threads begun meanwhile inherit this.

    Yields
    ------
    None
        Signals that arrive meanwhile are delivered at the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(STOPS))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
