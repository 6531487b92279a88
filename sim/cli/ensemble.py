"""`hall ensemble`: whether an answer holds in any hall like this one."""

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
    from sim.experiment.ensemble import Ensemble

FEWEST_VARIANTS = 2
REPLICATIONS = 10


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option(
    "--variants",
    type=click.IntRange(FEWEST_VARIANTS, 9999),
    default=30,
    show_default=True,
    help="Halls like BASE: its estimated tables redrawn, each fitted to the report.",
)
@click.option(
    "--rivals/--no-rivals",
    default=True,
    show_default=True,
    help="Also under the other explanations of the report.",
)
@click.option("--redraw-seed", type=click.IntRange(0), help="Seed of the redraws [that of BASE].")
@click.option(
    "--fit-replications",
    type=click.IntRange(2),
    default=12,
    show_default=True,
    help="Histories in each step of a fit.",
)
@click.option(
    "--ensembles",
    type=click.Path(path_type=Path),
    default=Path("results/ensembles"),
    show_default=True,
    help="Folder that keeps variants and their fits.",
)
@with_experiment
def ensemble(
    base: str,
    scenarios: tuple[str, ...],
    variants: int,
    rivals: bool,  # noqa: FBT001  (click passes flags by name)
    redraw_seed: int | None,
    fit_replications: int,
    ensembles: Path,
    options: Options,
) -> None:
    """Compare SCENARIOs with BASE in many halls like BASE.

    What the tables of BASE only estimate is drawn anew in each, what the report or the law says
    stays, and each is fitted to the report.  So the answer comes with two intervals: what chance
    leaves open, and what not knowing the hall leaves open.
    """
    from sim.experiment.ensemble import ask  # noqa: PLC0415
    from sim.experiment.ensemble import ensemble as compare_all  # noqa: PLC0415
    from sim.experiment.runner import StoppedError  # noqa: PLC0415
    from sim.experiment.save import check_writable  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    question = ask(
        base,
        scenarios,
        options.values,
        variants=variants,
        seed=redraw_seed,
        fit_replications=fit_replications,
        rivals=rivals,
        root=ensembles,
    )
    began = time.monotonic()
    check_writable(ensembles)
    with options.runner(question.scenarios[0]) as runner:
        tell = runner.progress or (lambda _done, _total: None)
        try:
            found = compare_all(question, runner, options.replications or REPLICATIONS, tell)
        except StoppedError as stopped:
            told = {"finished": stopped.finished, "asked": stopped.asked}
            folder = question.family.folder
            click.echo(say("ensemble.stopped", options.lang, folder=folder, **told), err=True)
            sys.exit(INTERRUPTED)
    folder = _save(found, time.monotonic() - began, runner.seed, options)
    _tell(found, folder, options)


def _save(found: Ensemble, seconds: float, seed: int, options: Options) -> Path:
    from sim.experiment.ensemble import save  # noqa: PLC0415
    from sim.experiment.save import run_folder, whole_folder  # noqa: PLC0415
    from sim.present.charts.ensemble import charts  # noqa: PLC0415

    first = found.question.scenarios[0]
    folder = run_folder(f"{first.name}-ensemble", first, options.out)

    def fill(draft: Path) -> None:
        save(found, draft, sys.argv, seconds, seed)
        options.draw(charts(found), draft)

    whole_folder(folder, fill)
    return folder


def _tell(found: Ensemble, folder: Path, options: Options) -> None:
    from sim.present.ensemble import answer, cautions, table  # noqa: PLC0415
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
    console.print(table(found, options.lang))
    where = found.question.family.folder
    console.print(say("ensemble.variants_in", options.lang, folder=where), soft_wrap=True)
    console.print(say("done.files", options.lang, folder=folder), soft_wrap=True)
