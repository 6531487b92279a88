"""Commands that run: `hall run` and `hall compare`."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import click

from sim.cli import INTERRUPTED
from sim.cli.options import with_cases, with_precision
from sim.cli.study_options import Options, with_experiment, with_shard
from sim.running.in_halls import HALLS
from sim.scenario.load import load_all
from sim.studies.comparison.api import PRESENTATION
from sim.studies.comparison.precision import target_of
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run as simulate
from sim.studies.shell import show


@click.command()
@click.argument("scenario")
@click.option(
    "--steady-state",
    is_flag=True,
    help="Say after how many days the hall settles, and how it does from then on.",
)
@with_precision
@with_cases
@with_shard
@with_experiment
def run(scenario: str, steady_state: bool, options: Options, **asked: Any) -> None:  # noqa: FBT001  (click passes flags by name)
    """Simulate SCENARIO and show how it does, beside the report if it has one."""
    results = _simulate([scenario], options, rivals=False, **asked)
    _show(dataclasses.replace(results, steady_state=steady_state), options)


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option("--no-rivals", is_flag=True, help="Skip the other explanations of the report.")
@click.option(
    "--halls",
    type=click.IntRange(0, 9999),
    default=HALLS,
    show_default=True,
    help="Also in so many halls that fit the report, under each of its explanations; see `hall "
    "ensemble`.",
)
@with_precision
@with_cases
@with_shard
@with_experiment
def compare(
    base: str,
    scenarios: tuple[str, ...],
    no_rivals: bool,  # noqa: FBT001  (click passes flags by name)
    halls: int,
    options: Options,
    **asked: Any,
) -> None:
    """Compare every SCENARIO with BASE on the same applicants.

    A SCENARIO that begins with a plus sign is BASE with those reforms.  An interrupted comparison
    goes on where it stopped.
    """
    others = [base + name if name.startswith("+") else name for name in scenarios]
    results = _simulate([base, *others], options, rivals=not no_rivals, halls=halls, **asked)
    _show(results, options)


def _simulate(
    names: list[str],
    options: Options,
    *,
    precision: float | None,
    indicators: tuple[str, ...],
    most: int | None,
    **asked: Any,
) -> Results:
    target = target_of(precision, indicators, most, options.replications)
    loaded = load_all(names, options.values)
    with options.runner(loaded[0]) as runner:
        return simulate(loaded, runner, replications=options.replications, target=target, **asked)


def _show(results: Results, options: Options) -> None:
    """Show the results; after Ctrl-C those of the replications finished by then."""
    show(PRESENTATION, results, options, seed=results.seed)
    if len(results.paired) < results.asked:
        sys.exit(INTERRUPTED)
