"""`hall capacity`: how many times its demand a hall could carry, and who is in the way."""

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
    from sim.experiment.capacity import Capacity


@click.command()
@click.argument("scenario")
@click.option(
    "--target",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Share of tickets to be called within the hall's wait target [0.9].",
)
@with_experiment
def capacity(scenario: str, target: float | None, options: Options) -> None:
    """Find the largest multiple of its demand that SCENARIO carries, and who is in the way.

    Carried means: the share of tickets called within the hall's wait target is kept, and no
    queue's backlog grows.  Then one person is added where it gives way, to see what that brings.
    """
    from sim.experiment.capacity import TARGET  # noqa: PLC0415
    from sim.experiment.capacity import capacity as find  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415
    from sim.scenario.load import load  # noqa: PLC0415

    loaded = load(scenario, options.values)
    began = time.monotonic()
    try:
        with options.runner(loaded) as runner:
            found = find(loaded, runner, options.many(loaded), TARGET if target is None else target)
    except KeyboardInterrupt:
        click.echo(say("done.nothing", options.lang), err=True)
        sys.exit(INTERRUPTED)
    folder = _save(found, time.monotonic() - began, runner.seed, options)
    _tell(found, folder, options)


def _save(found: Capacity, seconds: float, seed: int, options: Options) -> Path:
    from sim.experiment.capacity_files import save  # noqa: PLC0415
    from sim.experiment.save import run_folder, whole_folder  # noqa: PLC0415
    from sim.present.charts.capacity import CHARTS  # noqa: PLC0415
    from sim.present.charts.folder import charts_of  # noqa: PLC0415

    folder = run_folder(f"{found.scenario.name}-capacity", found.scenario, options.out)

    def fill(draft: Path) -> None:
        save(found, draft, sys.argv, seconds, seed)
        options.draw(charts_of(CHARTS, found), draft)

    whole_folder(folder, fill)
    return folder


def _tell(found: Capacity, folder: Path, options: Options) -> None:
    from sim.experiment.capacity_files import document  # noqa: PLC0415
    from sim.present.capacity import answer, cautions, groups_table, steps_table  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    for line in cautions(found, options.lang):
        click.echo(line, err=True)
    if options.as_json:
        click.echo(json.dumps(document(found), ensure_ascii=False, indent=1))
        return
    console = open_console()
    for sentence in answer(found, options.lang):
        console.print(sentence)
    console.print()
    console.print(steps_table(found, options.lang))
    console.print(groups_table(found, options.lang))
    console.print(say("done.files", options.lang, folder=folder), soft_wrap=True)
