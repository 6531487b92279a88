"""Command that draws halls that fit the report, and compares in them: `hall ensemble`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sim.cli import INTERRUPTED
from sim.cli.options import SEED, Number
from sim.cli.study_options import Options, with_experiment
from sim.running.result_folder import check_writable
from sim.running.runner import StoppedError
from sim.studies.ensemble import say
from sim.studies.ensemble.api import FIT_REPLICATIONS, PRESENTATION, REPLICATIONS, VARIANTS
from sim.studies.ensemble.sampling import EFFECTIVE
from sim.studies.ensemble.study import Drawing, ask
from sim.studies.ensemble.study import ensemble as compare_all
from sim.studies.shell import Stopwatch, show

FEWEST_VARIANTS = 2


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO …]")
@click.option(
    "--variants",
    type=click.IntRange(FEWEST_VARIANTS, 9999),
    default=VARIANTS,
    show_default=True,
    help="In how many of the halls SCENARIOs are compared, under each reading of the report.",
)
@click.option(
    "--rivals/--no-rivals",
    default=True,
    show_default=True,
    help="Also under the other explanations of the report.",
)
@click.option("--redraw-seed", type=SEED, help="Seed of the draws [that of BASE].")
@click.option(
    "--fit-replications",
    type=click.IntRange(1, 100_000),
    default=FIT_REPLICATIONS,
    show_default=True,
    help="Histories of each hall that is drawn.",
)
@click.option(
    "--effective",
    type=Number(1, 100_000),
    default=EFFECTIVE,
    show_default=True,
    help="Effective sample size at which drawing ends, under each reading.",
)
@click.option(
    "--ensembles",
    type=click.Path(path_type=Path),
    default=Path("results/ensembles"),
    show_default=True,
    help="Folder that keeps samples of halls.",
)
@with_experiment
def ensemble(  # noqa: PLR0913, PLR0917  (one argument per option)
    base: str,
    scenarios: tuple[str, ...],
    variants: int,
    rivals: bool,  # noqa: FBT001  (click passes flags by name)
    redraw_seed: int | None,
    fit_replications: int,
    effective: float,
    ensembles: Path,
    options: Options,
) -> None:
    """Draw halls like BASE that fit the report, and compare SCENARIOs with BASE in them.

    What BASE only estimates is drawn from its ranges; halls that could have produced the figures of
    the report are kept, each with its weight, under every reading of the report.  The sample is
    used by `hall compare` and other commands; it is made once.  With SCENARIOs the answer comes
    with two intervals: what chance leaves open, and what not knowing the hall leaves open.
    """
    drawing = Drawing(redraw_seed, fit_replications, effective, rivals, ensembles)
    request = ask(base, scenarios, drawing, variants=variants, values=options.values)
    watch = Stopwatch()
    check_writable(ensembles)
    with options.runner(request.scenarios[0]) as runner:
        try:
            results = compare_all(request, runner, options.replications or REPLICATIONS)
        except StoppedError as stopped:
            counts = {"finished": stopped.finished, "asked": stopped.asked}
            click.echo(say("ensemble.stopped", options.lang, **counts), err=True)
            sys.exit(INTERRUPTED)
    show(PRESENTATION, results, options, seed=runner.seed, seconds=watch.seconds)
