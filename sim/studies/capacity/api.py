"""Capacity of a hall, in Python."""

from __future__ import annotations

import time
from typing import Annotated, Unpack

from pydantic import Field

from sim.present.charts.folder import charts_of
from sim.studies.arguments import (
    Given,
    Ranges,
    Running,
    check_arguments,
    replications_of,
    runner_of,
    scenario_of,
)
from sim.studies.capacity import said
from sim.studies.capacity.charts import CHARTS
from sim.studies.capacity.files import document, frames, save
from sim.studies.capacity.study import TARGET, Capacity
from sim.studies.capacity.study import capacity as find
from sim.studies.findings import Findings, Presentation, Record

PRESENTATION: Presentation[Capacity] = Presentation(
    kind="capacity",
    name=lambda results: f"{results.scenario.name}-capacity",
    scenarios=lambda results: (results.scenario,),
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=lambda results, lang: (
        said.steps_table(results, lang),
        said.groups_table(results, lang),
    ),
    charts=lambda results: charts_of(CHARTS, results),
    cautions=said.cautions,
)


class _Ranges(Ranges):
    target: Annotated[float, Field(gt=0, lt=1)]


def capacity(
    scenario: Given, *, target: float = TARGET, **running: Unpack[Running]
) -> Findings[Capacity]:
    """Find the largest multiple of its demand that a hall carries, and what limits it.

    Parameters
    ----------
    scenario
        A scenario or its name.
    target
        Share of calls to be made within the hall's wait target, between 0 and 1.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables capacity, curve, groups and replications.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_arguments(_Ranges, {**running, "target": target})
    hall = scenario_of(scenario)
    began = time.monotonic()
    runner = runner_of(hall, running)
    results = find(hall, runner, replications_of(hall, running), target)
    return Findings(PRESENTATION, results, Record(runner.seed, time.monotonic() - began))
