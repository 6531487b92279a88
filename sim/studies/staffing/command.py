"""Command that places people: `hall staff`."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import click

from sim.cli.options import MANY, Number, load_all
from sim.cli.study_options import Options, with_experiment
from sim.present.charts.folder import charts_of
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError
from sim.studies.staffing import said as present
from sim.studies.staffing.charts import CHARTS
from sim.studies.staffing.files import document, save
from sim.studies.staffing.posts import Where, posts_of
from sim.studies.staffing.study import Staffing, StaffingRequest, staffing
from sim.studies.staffing.targets import (
    figure_problems,
    people_problems,
    read_aims,
    unreached,
)


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
        aims=(),
        figure=figure,
        where=where or ("both" if people is None else "windows"),
        people=people,
        most=most,
        least_officers=least_officers,
        budget=budget,
        confidence=confidence,
        indifference=indifference,
    )
    base, request = _ask(scenario, targets, request, options)
    began = time.monotonic()
    result = _find(base, request, options)
    _tell(result, options, time.monotonic() - began)


def _ask(
    name: str, targets: tuple[str, ...], request: StaffingRequest, options: Options
) -> tuple[Scenario, StaffingRequest]:
    """Check everything that is asked before any time is spent; tell all mistakes at once."""
    aims, problems = read_aims(targets)
    problems += figure_problems(request.figure)
    base = None
    try:
        (base,) = load_all([name], options.values)
    except InputError as error:
        problems = [*error.problems, *problems]
    if base is not None:
        posts = posts_of(base, request.where, request.most, request.least_officers)
        problems += people_problems(posts, request.people)
    if problems or base is None:
        raise InputError(problems)
    return base, replace(request, aims=aims)


def _find(base: Scenario, request: StaffingRequest, options: Options) -> Staffing:

    with options.runner(base) as runner:
        result = staffing(base, request, runner, options.many(base))
    missed = unreached(result)
    if missed:
        raise InputError(missed)
    return result


def _tell(result: Staffing, options: Options, seconds: float) -> None:
    """Write the folder, then say what was found."""
    folder = options.write(
        # A plus sign in the folder would not be a path to `hall compare BASE +PATH`.
        f"{result.base.name.replace('+', '-')}-staff",
        result.base,
        lambda draft: save(result, draft, sys.argv, seconds),
        charts_of(CHARTS, result),
    )
    options.tell(
        folder,
        lambda: document(result, folder),
        present.answer(result, options.lang),
        (present.table(result, options.lang),),
        paths=(present.use(result, folder, options.lang),),
    )
