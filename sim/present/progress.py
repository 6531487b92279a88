"""Progress on standard error, with the time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sim.measure.definitions import Language
from sim.present.words import say


@contextmanager
def progress_bar(lang: Language, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told the tasks done and the tasks in all."""
    if quiet:
        yield _silent
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda done, total: _plain(done, total, lang)
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


def _plain(done: int, total: int, lang: Language) -> None:
    """Say a line at every tenth, for logs."""
    if done == total or done * 10 // total > (done - 1) * 10 // total:
        print(f"{say('progress', lang)} {done}/{total}", file=sys.stderr, flush=True)
