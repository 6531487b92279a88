"""Progress on standard error, with the time left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sim.measure.definitions import Language
from sim.present.words import say

QUIET_S = 10
"""Seconds after which a line is printed in a log even if no tenth is completed."""


@contextmanager
def progress_bar(lang: Language, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told the tasks done and the tasks in all.

    Parameters
    ----------
    lang
        Language of the text.
    quiet
        Whether nothing is shown.

    Yields
    ------
    Callable[[int, int], None]
        Takes the tasks done and the tasks in all; shows a bar with the time left on a terminal,
        and prints lines on any other standard error.
    """
    if quiet:
        yield _silent
        return
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _Plain(lang)
        return
    columns = (
        TextColumn(say("progress", lang)),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn(say("progress.left", lang)),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _silent(_done: int, _total: int) -> None:
    """Say nothing."""


class _Plain:
    """Prints a line at every tenth of the tasks and after every `QUIET_S` seconds, for logs."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self.printed_s = time.monotonic()
        self.first: tuple[float, int] | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self.first is None:
            # The time before (scenarios read, the engine compiled) does not predict the rest.
            self.first = now, done
        tenth = done * 10 // total > (done - 1) * 10 // total
        if not tenth and now - self.printed_s < QUIET_S:
            return
        self.printed_s = now
        began_s, before = self.first
        text = f"{say('progress', self.lang)} {done}/{total}"
        if before < done < total:
            left_s = (now - began_s) / (done - before) * (total - done)
            text += say("progress.seconds_left", self.lang, seconds=f"{left_s:.0f}")
        print(text, file=sys.stderr, flush=True)
