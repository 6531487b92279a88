"""Command that asks how far results depend on estimates: `hall sensitivity`."""

from __future__ import annotations

import click

from sim.cli.study_options import Options, with_experiment
from sim.scenario.load import load_all
from sim.studies.sensitivity.api import MOST_SAMPLES, PRESENTATION, SAMPLES, TRAJECTORIES
from sim.studies.sensitivity.results import FEW, Method, analyse, plan_sensitivity
from sim.studies.shell import Stopwatch, show


@click.command()
@click.argument("base")
@click.argument("scenario", required=False)
@click.option(
    "--method",
    type=click.Choice(["tornado", "morris", "sobol"]),
    default="tornado",
    show_default=True,
    help="One estimate at a time; elementary effects; or shares of the variance.",
)
@click.option(
    "--vary",
    multiple=True,
    metavar="PATH[=LOW:HIGH]",
    help="A parameter, over its plausible range or another; may be repeated "
    "[every estimate that has a range].",
)
@click.option(
    "--indicator",
    "names",
    multiple=True,
    metavar="ID",
    help="A figure to judge by, or headline for all of those; may be repeated "
    "[everyone's elapsed time and the wait in the hall].",
)
@click.option(
    "--trajectories",
    type=click.IntRange(2, MOST_SAMPLES),
    default=TRAJECTORIES,
    show_default=True,
    help="Paths of Morris; each takes a point per parameter and one more.",
)
@click.option(
    "--samples",
    type=click.IntRange(8, MOST_SAMPLES),
    default=SAMPLES,
    show_default=True,
    help="Samples of Sobol, a power of 2; each takes a point per parameter and two more.",
)
@with_experiment
def sensitivity(
    base: str,
    scenario: str | None,
    method: Method,
    vary: tuple[str, ...],
    names: tuple[str, ...],
    trajectories: int,
    samples: int,
    options: Options,
) -> None:
    """Find the estimates that BASE, or what SCENARIO changes against it, rests on.

    With SCENARIO, say for each estimate whether the verdict holds over its plausible range, and
    at which value it turns.  A SCENARIO that begins with a plus sign is BASE with those reforms.
    """
    names_given = [base] if scenario is None else [base, scenario]
    if scenario is not None and scenario.startswith("+"):
        names_given[1] = base + scenario
    planned = plan_sensitivity(
        lambda: load_all(names_given, options.values),
        method=method,
        vary=vary,
        names=names,
        samples=samples,
        place=base,
    )
    watch = Stopwatch()
    hall = planned.scenarios[0]
    with options.runner(hall) as runner:
        many = options.replications or (options.many(hall) if method == "tornado" else FEW)
        size = trajectories if method == "morris" else samples
        results = analyse(planned, planned.request(runner, many), method, size)
    show(PRESENTATION, results, options, seed=runner.seed, seconds=watch.seconds)
