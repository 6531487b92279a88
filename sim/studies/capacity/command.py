"""`hall capacity`: the largest multiple of its demand that a hall can carry, and the bottleneck."""

from __future__ import annotations

import click

from sim.cli.options import Number
from sim.cli.study_options import Options, with_experiment
from sim.scenario.load import load
from sim.studies.capacity.api import PRESENTATION
from sim.studies.capacity.study import TARGET
from sim.studies.capacity.study import capacity as find
from sim.studies.shell import Stopwatch, show


@click.command()
@click.argument("scenario")
@click.option(
    "--target",
    type=Number(0, 1, min_open=True, max_open=True),
    help="Share of calls to be made within the hall's wait target [0.9].",
)
@with_experiment
def capacity(scenario: str, target: float | None, options: Options) -> None:
    """Find the largest multiple of its demand that SCENARIO carries, and its bottleneck.

    Carried means: the share of calls made within the hall's wait target is kept, and no
    queue's backlog grows.  Then one person is added at the bottleneck, to see what that brings.
    """
    loaded = load(scenario, options.values)
    watch = Stopwatch()
    with options.runner(loaded) as runner:
        results = find(loaded, runner, options.many(loaded), TARGET if target is None else target)
    show(PRESENTATION, results, options, seed=runner.seed, seconds=watch.seconds)
