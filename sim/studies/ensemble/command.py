"""Command that compares scenarios in many halls like the base: `hall ensemble`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli import INTERRUPTED
from sim.cli.options import SEED
from sim.cli.study_options import Options, with_experiment
from sim.running.result_folder import check_writable
from sim.running.runner import StoppedError
from sim.studies.ensemble import say
from sim.studies.ensemble.api import FIT_REPLICATIONS, PRESENTATION, REPLICATIONS, VARIANTS
from sim.studies.ensemble.study import ask
from sim.studies.ensemble.study import ensemble as compare_all
from sim.studies.shell import Stopwatch, show

FEWEST_VARIANTS = 2


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option(
    "--variants",
    type=click.IntRange(FEWEST_VARIANTS, 9999),
    default=VARIANTS,
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
    default=FIT_REPLICATIONS,
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
    watch = Stopwatch()
    check_writable(ensembles)
    with options.runner(request.scenarios[0]) as runner:
        try:
            results = compare_all(request, runner, options.replications or REPLICATIONS)
        except StoppedError as stopped:
            counts = {"finished": stopped.finished, "asked": stopped.asked}
            folder = request.family.folder
            click.echo(say("ensemble.stopped", options.lang, folder=folder, **counts), err=True)
            sys.exit(INTERRUPTED)
    show(PRESENTATION, results, options, seed=runner.seed, seconds=watch.seconds)
