"""`hall transition`: reforms that start on dates, and what becomes of the open cases."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.experiment import Options, with_experiment
from sim.cli.options import INTERRUPTED, open_console

if TYPE_CHECKING:
    import datetime as dt

    from sim.experiment.transition import Passage


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
    from sim.experiment.transition import passage, paths  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    both = paths(scenario, phases, until.date() if until else None, options.values)
    began = time.monotonic()
    with options.runner(both[0]) as runner:
        try:
            found = passage(
                both,
                replications=options.many(both[0]),
                seed=runner.seed,
                engine=runner.engine,
                workers=runner.workers,
                progress=runner.progress,
            )
        except KeyboardInterrupt:
            click.echo(say("done.nothing", options.lang), err=True)
            sys.exit(INTERRUPTED)
    folder = _save(found, time.monotonic() - began, options)
    _tell(found, folder, options)
    if found.replications < options.many(both[0]):
        sys.exit(INTERRUPTED)


def _save(found: Passage, seconds: float, options: Options) -> Path:
    from sim.experiment.save import run_folder, whole_folder, write_manifest  # noqa: PLC0415
    from sim.present.charts.folder import charts_of  # noqa: PLC0415
    from sim.present.charts.transition import CHARTS  # noqa: PLC0415

    folder = run_folder(f"{found.scenarios[1].name}-transition", found.scenarios[1], options.out)

    def fill(draft: Path) -> None:
        write_manifest(
            draft,
            found.scenarios,
            sys.argv,
            seconds,
            seed=found.seed,
            replications=found.replications,
        )
        found.monthly().to_csv(draft / "months.csv", index=False)
        found.after().to_csv(draft / "after.csv", index=False)
        found.backlog().to_csv(draft / "backlog.csv", index=False)
        options.draw(charts_of(CHARTS, found), draft)

    return whole_folder(folder, fill)


def _tell(found: Passage, folder: Path, options: Options) -> None:
    from sim.present.transition import answer, months_table  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    if options.as_json:
        click.echo(json.dumps(found.document(), ensure_ascii=False, indent=1))
        return
    console = open_console()
    for sentence in answer(found, options.lang):
        console.print(sentence)
    console.print()
    console.print(months_table(found, options.lang))
    console.print(say("done.files", options.lang, folder=folder), soft_wrap=True)
