"""Ctrl-C that loses nothing."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, SimpleNamespace

_ctrl_c = SimpleNamespace(asked=False)


def interrupted() -> bool:
    """Tell whether Ctrl-C was noted by an `interrupts` that is under way."""
    return bool(_ctrl_c.asked)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C instead of raising it; a second one ends everything at once.

    Raised in the middle of a replication it could fall into the clean-up of some generator,
    where Python drops it.
    """

    def note(number: int, frame: FrameType | None) -> None:
        if _ctrl_c.asked:
            signal.default_int_handler(number, frame)
        _ctrl_c.asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)
        _ctrl_c.asked = False


@contextmanager
def held() -> Iterator[None]:
    """Hold Ctrl-C back for a moment; processes and threads begun meanwhile never get it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
