"""Options that commands share, their error messages, the console and charts."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from matplotlib.figure import Figure
from rich.console import Console

from sim.cli import INTERRUPTED, USER_MISTAKE
from sim.measure.definitions import Language
from sim.present.charts.folder import write_all
from sim.present.words import say
from sim.scenario.files import reading_once
from sim.scenario.problems import HallError

# As the schema has them, which is slow to import.
REPLICATIONS = click.IntRange(1, 100_000)
SEED = click.IntRange(0, 2**64 - 1)
WORKERS = click.IntRange(1, 1024)
MANY = click.IntRange(1, 1_000_000)
"""Number of people, or of all replications."""


class Number(click.FloatRange):
    """A finite number in a range; `nan`, which click accepts in any range, is refused."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that an option was given, or refuse it.

        Parameters
        ----------
        value
            Text or number.
        param, ctx
            Option and context of click, for the error message.

        Returns
        -------
        float
            Finite and in the range.
        """
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a valid number.", param, ctx)
        return number


def with_language(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--lang`.

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
        "--lang", type=click.Choice(["en", "zh"]), default="en", help="Language of the output."
    )(command)


def with_values(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--set`.

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
        "--set",
        "values",
        multiple=True,
        metavar="PATH=VALUE",
        help="Set one value, such as policy.authorization=0.6; may be repeated.",
    )(command)


def with_running(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of commands that run simulations.

    Parameters
    ----------
    command
        Function of a command.

    Returns
    -------
    callable
        The same command with these options, `--set` and `--lang`.
    """
    for option in reversed(
        [
            click.option("--replications", "-n", type=REPLICATIONS, help="Histories to simulate."),
            click.option("--seed", type=SEED, help="Seed of all chance."),
            click.option("--jobs", "-j", type=WORKERS, help="Workers; changes no number."),
            click.option(
                "--engine",
                type=click.Choice(["compiled", "reference"]),
                default="compiled",
                show_default=True,
                help="Engine that runs the model; changes no number.",
            ),
            click.option(
                "--out", type=click.Path(path_type=Path), help="Folder for results [results]."
            ),
            click.option("--json", "as_json", is_flag=True, help="Print one JSON document only."),
            click.option("--quiet", "-q", is_flag=True, help="No progress."),
            click.option("--no-charts", is_flag=True, help="Write no charts."),
        ]
    ):
        command = option(command)
    return with_language(with_values(command))


def with_cases(command: Callable[..., None]) -> Callable[..., None]:
    """Add `--cases` and `--log`.

    Parameters
    ----------
    command
        Function of a command.

    Returns
    -------
    callable
        The same command with the options.
    """
    command = click.option(
        "--log",
        is_flag=True,
        help="Keep the event log of these histories too, a row a step, in log.parquet.",
    )(command)
    return click.option(
        "--cases",
        type=click.IntRange(0, REPLICATIONS.max),
        default=1,
        show_default=True,
        help="Histories, the first ones, whose cases are kept in cases.parquet.",
    )(command)


def with_precision(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that let a run go on until its figures are precise enough.

    Parameters
    ----------
    command
        Function of a command.

    Returns
    -------
    callable
        The same command with `--precision`, `--indicator` and `--most`.
    """
    for option in (
        click.option(
            "--most",
            type=click.IntRange(2, REPLICATIONS.max),
            help="With --precision: histories to end at in any case.  [default: 1000]",
        ),
        click.option(
            "--indicator",
            "indicators",
            multiple=True,
            metavar="ID",
            help="With --precision: figure that counts, instead of all headline ones; "
            "may be repeated.",
        ),
        click.option(
            "--precision",
            type=Number(),
            metavar="SHARE",
            help="Simulate until figures are this precise: 0.02 for ±2 % with 95 % confidence.",
        ),
    ):
        command = option(command)
    return command


@contextmanager
def mistakes_told() -> Iterator[None]:
    """Print all problems that a user can correct, and leave with exit code 2.

    Yields
    ------
    None
        The command runs inside.
    """
    try:
        yield
    except HallError as error:
        click.echo(f"{error}", err=True)
        sys.exit(USER_MISTAKE)


@contextmanager
def as_read(lang: Language) -> Iterator[None]:
    """Use every file as it was first read, name those that changed since, and print problems.

    Parameters
    ----------
    lang
        Language of the messages.

    Yields
    ------
    None
        The command runs inside.
    """
    with mistakes_told(), reading_once() as changed:
        try:
            yield
        finally:
            for path in changed():
                click.echo(say("files.changed", lang, path=path), err=True)


def open_console() -> Console:
    """Return standard output for tables.

    Returns
    -------
    rich.console.Console
        As wide as the terminal; 160 columns if the output goes to a file.
    """
    console = Console(highlight=False, soft_wrap=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=160)
    return console


def draw_charts(
    charts: Mapping[str, Callable[[Language], Figure]],
    folder: Path,
    lang: Language,
    *,
    quiet: bool,
) -> None:
    """Write the charts of a result whose tables are in their folder already.

    A chart that cannot be drawn is named, and the others are drawn.  Ctrl-C ends the drawing, and
    the tables stay.

    Parameters
    ----------
    charts
        By name, functions that take a language and return the chart.
    folder
        Result folder; the charts go into its ``charts``.
    lang
        Language of the messages.
    quiet
        Whether to print no progress.
    """

    def failed(name: str, error: Exception) -> None:
        click.echo(say("charts.failed", lang, name=name, error=error), err=True)

    if not quiet:
        click.echo(say("progress.charts", lang), err=True)
    try:
        write_all(charts, folder / "charts", failed=failed)
    except OSError as error:
        failed("charts", error)
    except KeyboardInterrupt:
        click.echo(say("charts.stopped", lang, folder=folder), err=True)
        sys.exit(INTERRUPTED)
