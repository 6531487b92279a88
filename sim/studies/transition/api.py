"""Reforms that start on dates, in Python."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from typing import Unpack

from sim.present.charts.folder import charts_of
from sim.studies.arguments import (
    Given,
    Running,
    as_list,
    as_they_were,
    check_running,
    expression_of,
    replications_of,
    runner_of,
    values_of,
)
from sim.studies.findings import Findings, Presentation, Record
from sim.studies.transition import said
from sim.studies.transition.charts import CHARTS
from sim.studies.transition.files import document, frames, save
from sim.studies.transition.study import TransitionResults, paths, run_transition

PRESENTATION: Presentation[TransitionResults] = Presentation(
    kind="transition",
    name=lambda results: f"{results.scenarios[1].name}-transition",
    scenarios=lambda results: (results.scenarios[1], results.scenarios[0]),
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=lambda results, lang: (said.months_table(results, lang),),
    charts=lambda results: charts_of(CHARTS, results),
)


def transition(
    scenario: Given,
    phases: Sequence[str] | str = (),
    *,
    until: dt.date | None = None,
    **running: Unpack[Running],
) -> Findings[TransitionResults]:
    """Simulate a scenario without and with reforms that start on dates, and follow the open cases.

    Parameters
    ----------
    scenario
        A scenario or its name.
    phases
        Reforms that start on a date, such as ``2009-04-21:full-authorization@land``; the
        scenario's own transition unless given.
    until
        Last day; unless given, a year after the census if phases are given, else the census.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables months, after and backlog.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_running(running)
    with as_they_were(scenario):
        both = paths(expression_of(scenario), as_list(phases), until, values_of(scenario))
    began = time.monotonic()
    results = run_transition(both, runner_of(both[0], running), replications_of(both[0], running))
    return Findings(PRESENTATION, results, Record(results.seed, time.monotonic() - began))
