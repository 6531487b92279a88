"""`hall transition`: reforms that start on dates, and what becomes of the open cases."""

from __future__ import annotations

import datetime as dt
import sys
import time

import click

from sim.cli import INTERRUPTED
from sim.cli.study_options import Options, with_experiment
from sim.present.charts.folder import charts_of
from sim.studies.transition import said as present
from sim.studies.transition.charts import CHARTS
from sim.studies.transition.study import paths, run_transition, save


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
    began = time.monotonic()
    with options.runner(both[0]) as runner:
        found = run_transition(both, runner, options.many(both[0]))
    seconds, lang = time.monotonic() - began, options.lang
    folder = options.write(
        f"{both[1].name}-transition",
        both[1],
        lambda draft: save(found, draft, sys.argv, seconds),
        charts_of(CHARTS, found),
    )
    tables = (present.months_table(found, lang),)
    options.tell(folder, found.document, present.answer(found, lang), tables)
    if found.replications < options.many(both[0]):
        sys.exit(INTERRUPTED)
