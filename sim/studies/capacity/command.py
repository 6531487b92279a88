"""`hall capacity`: how many times its demand a hall could carry, and who is in the way."""

from __future__ import annotations

import sys
import time

import click

from sim.cli.options import Number
from sim.cli.study_options import Options, with_experiment
from sim.present.charts.folder import charts_of
from sim.scenario.load import load
from sim.studies.capacity import said as present
from sim.studies.capacity.charts import CHARTS
from sim.studies.capacity.files import document, save
from sim.studies.capacity.study import TARGET
from sim.studies.capacity.study import capacity as find


@click.command()
@click.argument("scenario")
@click.option(
    "--target",
    type=Number(0, 1, min_open=True, max_open=True),
    help="Share of calls to be made within the hall's wait target [0.9].",
)
@with_experiment
def capacity(scenario: str, target: float | None, options: Options) -> None:
    """Find the largest multiple of its demand that SCENARIO carries, and who is in the way.

    Carried means: the share of calls made within the hall's wait target is kept, and no
    queue's backlog grows.  Then one person is added where it gives way, to see what that brings.
    """
    loaded = load(scenario, options.values)
    began = time.monotonic()
    with options.runner(loaded) as runner:
        found = find(loaded, runner, options.many(loaded), TARGET if target is None else target)
    seconds, lang = time.monotonic() - began, options.lang
    folder = options.write(
        f"{loaded.name}-capacity",
        loaded,
        lambda draft: save(found, draft, sys.argv, seconds, runner.seed),
        charts_of(CHARTS, found),
    )
    options.tell(
        folder,
        lambda: document(found),
        present.answer(found, lang),
        (present.steps_table(found, lang), present.groups_table(found, lang)),
        cautions=present.cautions(found, lang),
    )
