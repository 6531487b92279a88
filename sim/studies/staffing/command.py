"""Command that finds the fewest people that meet targets: `hall staff`."""

from __future__ import annotations

import click

from sim.cli.options import MANY, Number
from sim.cli.study_options import Options, with_experiment
from sim.scenario.load import load
from sim.studies.shell import Stopwatch, show
from sim.studies.staffing.api import PRESENTATION
from sim.studies.staffing.posts import Where
from sim.studies.staffing.study import StaffingRequest
from sim.studies.staffing.targets import ask, find_plan


@click.command()
@click.argument("scenario")
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ID>=NUMBER",
    help="What the mean of an indicator must reach, >= or <=; shares as 0.9; may be repeated.",
)
@click.option(
    "--people",
    type=MANY,
    help="Use so many people, in the best way [the fewest that meet the targets].",
)
@click.option(
    "--where",
    type=click.Choice(["windows", "offices", "both"]),
    help="Whose people are chosen and counted [both; with --people, windows].",
)
@click.option(
    "--figure",
    metavar="ID",
    default="all_elapsed_mean_wd",
    show_default=True,
    help="Indicator that decides among plans of as many people.",
)
@click.option("--most", type=MANY, help="Most people at the windows of a unit.")
@click.option(
    "--least-officers",
    type=MANY,
    default=1,
    show_default=True,
    help="Fewest officers of a section in the home departments.",
)
@click.option(
    "--budget",
    type=MANY,
    default=4000,
    show_default=True,
    help="Replications that the search may use.",
)
@click.option(
    "--confidence",
    type=Number(0.5, 0.999),
    default=0.95,
    show_default=True,
    help="Confidence of everything that is stated.",
)
@click.option(
    "--indifference",
    type=Number(0, min_open=True),
    help="Difference of the figure that is worth finding [a hundredth of its mean].",
)
@with_experiment
def staff(  # noqa: PLR0913, PLR0917  (one argument per option)
    scenario: str,
    targets: tuple[str, ...],
    people: int | None,
    where: Where | None,
    figure: str,
    most: int | None,
    least_officers: int,
    budget: int,
    confidence: float,
    indifference: float | None,
    options: Options,
) -> None:
    """Find the fewest people with whom SCENARIO meets targets, or the best use of a number.

    Finalists are confirmed on --replications that the search has not seen; the plan found is
    written as a reform, plan.yaml.
    """
    request = StaffingRequest(
        targets=(),
        figure=figure,
        where=where or ("both" if people is None else "windows"),
        people=people,
        most=most,
        least_officers=least_officers,
        budget=budget,
        confidence=confidence,
        indifference=indifference,
    )
    base, request = ask(lambda: load(scenario, options.values), targets, request)
    watch = Stopwatch()
    with options.runner(base) as runner:
        results = find_plan(base, request, runner, options.many(base))
    show(PRESENTATION, results, options, seed=results.seed, seconds=watch.seconds)
