"""`hall attribute`: which reform brings how much, and which should come first."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.experiment import Options, with_experiment
from sim.cli.options import open_console

if TYPE_CHECKING:
    from sim.experiment.attribute import Attribution


@click.command()
@click.argument("base")
@click.argument("reforms", nargs=-1, required=True, metavar="REFORM [REFORM …]")
@click.option(
    "--indicator",
    "shown",
    multiple=True,
    metavar="ID",
    help="Figure to share out; may be repeated [the headline ones].",
)
@click.option(
    "--order-by",
    metavar="ID",
    help="Figure that decides the order [the first --indicator, else all_elapsed_mean_wd].",
)
@with_experiment
def attribute(
    base: str,
    reforms: tuple[str, ...],
    shown: tuple[str, ...],
    order_by: str | None,
    options: Options,
) -> None:
    """Share out what up to eight REFORMs bring to BASE, and find the best order.

    All combinations are simulated on the same applicants.  Reforms joined by a plus sign, such
    as full-entry+full-authorization, count as one.
    """
    from sim.experiment.attribute import ask  # noqa: PLC0415
    from sim.experiment.attribute import attribute as share_out  # noqa: PLC0415

    question = ask(base, reforms, shown, order_by, options.values)
    began = time.monotonic()
    first = question.scenarios[0]
    with options.runner(first) as runner:
        found = share_out(question, runner, options.many(first))
    folder = _save(found, time.monotonic() - began, runner.seed, options)
    _tell(found, folder, options)


def _save(found: Attribution, seconds: float, seed: int, options: Options) -> Path:
    from sim.experiment.attribute import save  # noqa: PLC0415
    from sim.experiment.save import run_folder, whole_folder  # noqa: PLC0415
    from sim.present.charts.attribute import CHARTS  # noqa: PLC0415
    from sim.present.charts.folder import charts_of  # noqa: PLC0415

    first = found.question.scenarios[0]
    folder = run_folder(f"{first.name}-attributed", first, options.out)

    def fill(draft: Path) -> None:
        save(found, draft, sys.argv, seconds, seed)
        options.draw(charts_of(CHARTS, found), draft)

    whole_folder(folder, fill)
    return folder


def _tell(found: Attribution, folder: Path, options: Options) -> None:
    from sim.present.attribute import answer, cautions, order_table, shares_table  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    for line in cautions(found, options.lang):
        click.echo(line, err=True)
    if options.as_json:
        click.echo(json.dumps(found.document(), ensure_ascii=False, indent=1))
        return
    console = open_console()
    for sentence in answer(found, options.lang):
        console.print(sentence)
    console.print()
    console.print(order_table(found, options.lang))
    console.print(shares_table(found, options.lang))
    console.print(say("done.files", options.lang, folder=folder), soft_wrap=True)
