"""What the commands of studies share: their options, their runner, how they stop."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import click

from sim.cli import INTERRUPTED
from sim.cli.options import (
    as_read,
    with_running,
)
from sim.engine.play import EngineName
from sim.measure.definitions import Language
from sim.native import FOLDER, is_kept
from sim.present.progress import progress_bar
from sim.present.words import say
from sim.running.cells import Cells
from sim.running.interrupts import interrupts
from sim.running.result_folder import check_writable
from sim.running.runner import WHOLE, Runner, Share, ShareDoneError, StoppedError
from sim.running.workers import WorkerKind, Workers
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem

LONGEST = 18
"""Largest number of digits in a number of points or shares."""


@dataclass(frozen=True)
class Options:
    """Options of every study, as typed.

    Parameters
    ----------
    replications, seed
        Number of replications, and seed; those of the base scenario if None.
    jobs
        Number of workers; if None, as many as are best for the engine.
    engine
        Engine that runs the model; it changes no number.
    workers
        Kind of local workers; the best one for the engine if None.
    scheduler
        Address of a Dask scheduler; None for local workers.
    cells
        Folder that keeps finished cells.
    out
        Folder for results; ``results`` if None.
    as_json
        Whether to print one JSON document only.
    quiet
        Whether to show no progress.
    no_charts
        Whether to write no charts.
    values
        Single values laid over every scenario, such as ``policy.entry=0.8``.
    lang
        Language of the output.
    shard
        Share of the work, as ``K/N``; None for all of it.
    began
        Time of the monotonic clock at which the command began, in seconds.
    """

    replications: int | None
    seed: int | None
    jobs: int | None
    engine: EngineName
    workers: WorkerKind | None
    scheduler: str | None
    cells: Path
    out: Path | None
    as_json: bool
    quiet: bool
    no_charts: bool
    values: tuple[str, ...]
    lang: Language
    shard: str | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Seconds since the command began."""
        return time.monotonic() - self.began

    def many(self, base: Scenario) -> int:
        """Return how many replications are asked for.

        Parameters
        ----------
        base
            Scenario whose number is taken if the option was not given.

        Returns
        -------
        int
            At least 1.
        """
        return self.replications or base.settings.experiment.replications

    @contextmanager
    def runner(self, base: Scenario) -> Iterator[Runner]:
        """Yield a runner that shows its progress and keeps its cells.

        After Ctrl-C the command prints what is kept, if anything is, and ends; so does it at the
        end of a share.

        Parameters
        ----------
        base
            Scenario whose seed is taken if the option was not given.

        Yields
        ------
        Runner
            With the engine, workers, cells and share of the options.
        """
        check_writable(self.out or Path("results"))
        with running(
            self.lang,
            seed=base.settings.experiment.seed if self.seed is None else self.seed,
            engine=self.engine,
            kind=self.workers,
            jobs=self.jobs,
            scheduler=self.scheduler,
            cells=self.cells,
            share=read_share(self.shard),
            quiet=self.quiet,
        ) as runner:
            yield runner


@contextmanager
def running(  # noqa: PLR0913  (one argument per option)
    lang: Language,
    *,
    seed: int,
    jobs: int | None,
    cells: Path,
    quiet: bool,
    engine: EngineName = "compiled",
    kind: WorkerKind | None = None,
    scheduler: str | None = None,
    share: Share | None = None,
) -> Iterator[Runner]:
    """Yield a runner that shows its progress and keeps its cells; as `Options.runner`.

    Parameters
    ----------
    lang
        Language of the messages.
    seed
        Seed of all random numbers.
    jobs
        Number of workers; if None, as many as are best for the engine.
    cells
        Folder that keeps finished cells.
    quiet
        Whether to show no progress.
    engine
        Engine that runs the model.
    kind
        Kind of local workers; the best one for the engine if None.
    scheduler
        Address of a Dask scheduler; None for local workers.
    share
        Part of the work that this machine does; None for all of it.

    Yields
    ------
    Runner
        With these settings.
    """
    check_writable(cells)
    compiles = engine == "compiled" and scheduler is None
    problem = FOLDER.problem if compiles else ""
    if problem:
        click.echo(say("engine.not_kept", lang, why=problem), err=True)
    elif compiles and not is_kept("compiled._run"):
        click.echo(say("engine.first_time", lang), err=True)
    workers = Workers(jobs, kind or Workers.best_for(engine).kind, scheduler)
    kept = Cells(cells)
    try:
        # One context, so that Ctrl-C between two batches of a search is not lost.
        with interrupts(), progress_bar(lang, quiet=quiet) as progress:
            yield Runner(seed, engine, workers, kept, progress, share or WHOLE)
    except StoppedError as stopped:
        values = {"finished": stopped.finished, "asked": stopped.asked, "folder": cells}
        click.echo(say("experiment.stopped", lang, **values), err=True)
        sys.exit(INTERRUPTED)
    except ShareDoneError as done:
        values = {"missing": done.missing, "asked": done.asked, "folder": cells}
        click.echo(say("experiment.share", lang, **values))
        sys.exit(0)
    except KeyboardInterrupt:
        click.echo(say("done.nothing", lang), err=True)
        sys.exit(INTERRUPTED)
    finally:
        if compiles and FOLDER.problem != problem:
            click.echo(say("engine.not_kept", lang, why=FOLDER.problem), err=True)
        for path in sorted(kept.damaged):
            click.echo(say("cells.damaged", lang, path=path), err=True)


def read_share(text: str | None) -> Share:
    """Return the share that a text stands for.

    Parameters
    ----------
    text
        ``K/N`` with K from 1 to N; None for all of the work.

    Returns
    -------
    Share
        Part of the work that this machine does.

    Raises
    ------
    InputError
        If the text is no share.
    """
    if text is None:
        return WHOLE
    number, slash, total = text.partition("/")
    numbers = slash and _is_number(number) and _is_number(total)
    if numbers and 1 <= int(number) <= int(total):
        return Share(int(number), int(total))
    allowed = "K/N with K from 1 to N, such as 1/2"
    raise InputError([Problem("--shard", None, f"the share {text!r}", allowed)])


def _is_number(text: str) -> bool:
    """Say whether a text is a whole number of few enough digits."""
    return text.isdecimal() and len(text) <= LONGEST


def with_cells(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--cells`.

    Parameters
    ----------
    command
        Function of a command.

    Returns
    -------
    callable
        The same command with the option.
    """
    return click.option(
        "--cells",
        type=click.Path(path_type=Path),
        default=Path("results/cells"),
        show_default=True,
        help="Folder that keeps finished cells; what lies there is not worked out again.",
    )(command)


def with_shard(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--shard`, to a command of `with_experiment`.

    Parameters
    ----------
    command
        Function of a command.

    Returns
    -------
    callable
        The same command with the option.
    """
    return click.option(
        "--shard", metavar="K/N", help="Work out only share K of N, and gather nothing."
    )(command)


def with_experiment(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of studies, and print problems that a user can correct.

    Parameters
    ----------
    command
        Function of a command that takes an argument `options`.

    Returns
    -------
    callable
        The same command with the options, which it gets together as `Options`.
    """

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        options = [option.name for option in fields(Options) if option.name in given]
        named = {name: given.pop(name) for name in options}
        with as_read(named["lang"]):
            command(**given, options=Options(**named))

    wrapped: Callable[..., None] = with_options
    for option in (
        with_cells,
        click.option(
            "--scheduler", metavar="ADDRESS", help="Dask scheduler whose workers do the work."
        ),
        click.option(
            "--workers",
            type=click.Choice(["threads", "processes"]),
            help="Kind of local workers; changes no number.",
        ),
    ):
        wrapped = option(wrapped)
    return with_running(wrapped)
