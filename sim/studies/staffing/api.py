"""Finding the fewest people that meet targets, in Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Unpack

from pydantic import Field

from sim.present.charts.folder import charts_of
from sim.studies.arguments import (
    Given,
    Ranges,
    Running,
    as_list,
    check_arguments,
    replications_of,
    runner_of,
    scenario_of,
)
from sim.studies.findings import Findings, Presentation, Record
from sim.studies.staffing import said
from sim.studies.staffing.charts import CHARTS
from sim.studies.staffing.files import document, frames, save
from sim.studies.staffing.posts import Where
from sim.studies.staffing.study import StaffingRequest, StaffingResults
from sim.studies.staffing.targets import ask, find_plan

PRESENTATION: Presentation[StaffingResults] = Presentation(
    kind="staffing",
    # A plus sign in the folder would not be a path to `hall compare BASE +PATH`.
    name=lambda results: f"{results.base.name.replace('+', '-')}-staff",
    scenarios=lambda results: (results.base,),
    frames=frames,
    save=save,
    document=document,
    answer=said.answer,
    tables=lambda results, lang: (said.table(results, lang),),
    charts=lambda results: charts_of(CHARTS, results),
    paths=lambda results, folder, lang: (said.use(results, folder, lang),),
)
Many = Annotated[int, Field(ge=1, le=1_000_000)]


class _Ranges(Ranges):
    people: Many | None
    where: Where | None
    most: Many | None
    least_officers: Many
    budget: Many
    confidence: Annotated[float, Field(ge=0.5, le=0.999)]
    indifference: Annotated[float, Field(gt=0)] | None


def staff(  # noqa: PLR0913  (one argument per option)
    scenario: Given,
    targets: Sequence[str] | str,
    *,
    people: int | None = None,
    where: Where | None = None,
    figure: str = "all_elapsed_mean_wd",
    most: int | None = None,
    least_officers: int = 1,
    budget: int = 4000,
    confidence: float = 0.95,
    indifference: float | None = None,
    **running: Unpack[Running],
) -> Findings[StaffingResults]:
    """Find the fewest people with whom a hall meets targets, or the best use of a number.

    Parameters
    ----------
    scenario
        A scenario or its name.
    targets
        What means must reach, such as ``["hall_wait_within_target_rate>=0.9"]``.
    people
        Use so many people, in the best way; the fewest that meet the targets unless given.
    where
        Whose people are chosen: ``windows``, ``offices`` or ``both``.
    figure
        Id of the indicator that decides among plans of as many people.
    most
        Most people at the windows of a unit.
    least_officers
        Fewest officers of a section in the home departments.
    budget
        Replications that the search may use.
    confidence
        Confidence of everything that is stated, 0.5 to 0.999.
    indifference
        Difference of the figure that is worth finding, a hundredth of its mean unless given.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables plan, trials, finalists and gains.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    options = {
        "people": people,
        "where": where,
        "most": most,
        "least_officers": least_officers,
        "budget": budget,
        "confidence": confidence,
        "indifference": indifference,
    }
    check_arguments(_Ranges, {**running, **options})
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
    base, request = ask(lambda: scenario_of(scenario), as_list(targets), request)
    began = time.monotonic()
    runner = runner_of(base, running)
    results = find_plan(base, request, runner, replications_of(base, running))
    return Findings(PRESENTATION, results, Record(results.seed, time.monotonic() - began))
