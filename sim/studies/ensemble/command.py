"""`hall ensemble`: whether an answer holds in any hall like this one."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from sim.cli import INTERRUPTED
from sim.cli.options import SEED
from sim.cli.study_options import Options, with_experiment
from sim.running.result_folder import check_writable
from sim.running.runner import StoppedError
from sim.studies.ensemble import said as present
from sim.studies.ensemble import say
from sim.studies.ensemble.charts import charts
from sim.studies.ensemble.study import Ensemble, ask, save
from sim.studies.ensemble.study import ensemble as compare_all

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
@click.option("--redraw-seed", type=SEED, help="Seed of the redraws [that of BASE].")
@click.option(
    "--fit-replications",
    type=click.IntRange(2, 100_000),
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
    request = ask(
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
    with options.runner(request.scenarios[0]) as runner:
        try:
            found = compare_all(request, runner, options.replications or REPLICATIONS)
        except StoppedError as stopped:
            told = {"finished": stopped.finished, "asked": stopped.asked}
            folder = request.family.folder
            click.echo(say("ensemble.stopped", options.lang, folder=folder, **told), err=True)
            sys.exit(INTERRUPTED)
    _tell(found, time.monotonic() - began, runner.seed, options)


def _tell(found: Ensemble, seconds: float, seed: int, options: Options) -> None:
    """Write the folder, then say what was found."""
    request, lang = found.request, options.lang
    first = request.scenarios[0]
    folder = options.write(
        f"{first.name}-ensemble",
        first,
        lambda draft: save(found, draft, sys.argv, seconds, seed),
        charts(found),
    )
    options.tell(
        folder,
        found.document,
        present.answer(found, lang),
        (present.table(found, lang),),
        cautions=present.cautions(found, lang),
        paths=(say("ensemble.variants_in", lang, folder=request.family.folder),),
    )
