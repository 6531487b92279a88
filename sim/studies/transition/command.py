"""`hall transition`: reforms that start on dates, and what becomes of the open cases."""

from __future__ import annotations

import datetime as dt
import sys

import click

from sim.cli import INTERRUPTED
from sim.cli.study_options import Options, with_experiment
from sim.studies.shell import Stopwatch, show
from sim.studies.transition.api import PRESENTATION
from sim.studies.transition.study import paths, run_transition


@click.command()
@click.argument("scenario")
@click.option(
    "--phase",
    "phases",
    multiple=True,
    metavar="DATE:REFORM[,REFORM][@DEPARTMENT,…]",
    help="Reforms that start on a date, everywhere or in some departments; may be repeated "
    "[the scenario's own transition].",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day [a year after the census, if phases are given].",
)
@with_experiment
def transition(
    scenario: str, phases: tuple[str, ...], until: dt.datetime | None, options: Options
) -> None:
    """Replay SCENARIO, start reforms on their dates, and follow the open cases.

    The same years without the reforms are run beside it, on the same applicants.
    """
    both = paths(scenario, phases, until.date() if until else None, options.values)
    watch = Stopwatch()
    with options.runner(both[0]) as runner:
        results = run_transition(both, runner, options.many(both[0]))
    show(PRESENTATION, results, options, seed=results.seed, seconds=watch.seconds)
    if results.replications < options.many(both[0]):
        sys.exit(INTERRUPTED)
