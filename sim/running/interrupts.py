"""Ctrl-C that loses nothing, nor does what batch systems and closed terminals send."""

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
"""Ctrl-C, a batch system's end of time, and the end of the terminal."""

_ctrl_c = SimpleNamespace(asked=False, is_noted=False)


def stop_as_ctrl_c() -> None:
    """Let every signal that asks to stop raise what Ctrl-C does; `nohup` stays as it is."""
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def interrupted() -> bool:
    """Tell whether Ctrl-C was noted by an `interrupts` that is under way."""
    return bool(_ctrl_c.asked)


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C (or `STOPS`) instead of raising it; a second ends all at once.

    Raised in the middle of a replication it could fall into the clean-up of some generator,
    where Python drops it.  Inside another `interrupts`, or in another thread meanwhile, it is the
    outer one's that counts, so that nothing is forgotten when an inner one ends.
    """

    def note(number: int, frame: FrameType | None) -> None:
        if _ctrl_c.asked:
            signal.default_int_handler(number, frame)
        _ctrl_c.asked = True

    if _ctrl_c.is_noted or threading.current_thread() is not threading.main_thread():
        yield interrupted
        return
    # Who started this may have told it to ignore some, as `nohup` does.
    noted = [one for one in STOPS if signal.getsignal(one) not in {signal.SIG_IGN, None}]
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
    """Hold all that stops back for a moment; processes and threads begun meanwhile never get it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, set(STOPS))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
