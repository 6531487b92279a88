"""`hall attribute`: how much each reform contributes, and in which order to begin."""

from __future__ import annotations

import click

from sim.cli.study_options import Options, with_experiment
from sim.studies.attribution.api import PRESENTATION
from sim.studies.attribution.study import ask
from sim.studies.attribution.study import attribute as share_out
from sim.studies.shell import Stopwatch, show


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
    request = ask(base, reforms, shown, order_by, options.values)
    watch = Stopwatch()
    first = request.scenarios[0]
    with options.runner(first) as runner:
        results = share_out(request, runner, options.many(first))
    show(PRESENTATION, results, options, seed=runner.seed, seconds=watch.seconds)
