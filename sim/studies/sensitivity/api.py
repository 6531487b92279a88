"""How far results depend on estimates, in Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Unpack

from pydantic import Field

from sim.studies.arguments import (
    Given,
    Ranges,
    Running,
    as_list,
    check_arguments,
    expression_of,
    replications_of,
    runner_of,
    scenarios_of,
)
from sim.studies.findings import Charts, Findings, Presentation, Record
from sim.studies.sensitivity import said
from sim.studies.sensitivity.charts import indices_charts, tornado_charts
from sim.studies.sensitivity.files import document, frames, save
from sim.studies.sensitivity.results import (
    FEW,
    Method,
    SensitivityResults,
    analyse,
    plan_sensitivity,
)

TRAJECTORIES, SAMPLES, MOST_SAMPLES = 10, 64, 65_536
"""Paths of Morris; samples of Sobol; the most of either."""


def _charts(results: SensitivityResults) -> Charts:
    if results.tornado is not None:
        return tornado_charts(results.tornado, results.robustness)
    points = 0 if results.means is None else len(results.means.points)
    return indices_charts(results.indices, results.request, points)


PRESENTATION: Presentation[SensitivityResults] = Presentation(
    kind="sensitivity analysis",
    name=lambda results: f"{results.request.scenarios[-1].name}-sensitivity",
    scenarios=lambda results: results.request.scenarios,
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=said.tables,
    charts=_charts,
    cautions=lambda results, lang: said.cautions(results.request, results.left_out, lang),
)


class _Ranges(Ranges):
    method: Method
    trajectories: Annotated[int, Field(ge=2, le=MOST_SAMPLES)]
    samples: Annotated[int, Field(ge=8, le=MOST_SAMPLES)]


def sensitivity(
    base: Given,
    scenario: Given | None = None,
    *,
    method: Method = "tornado",
    vary: Sequence[str] | str = (),
    indicators: Sequence[str] | str = (),
    trajectories: int = TRAJECTORIES,
    samples: int = SAMPLES,
    **running: Unpack[Running],
) -> Findings[SensitivityResults]:
    """Find the estimates that a hall's figures, or what a reform changes in them, rest on.

    Parameters
    ----------
    base
        A scenario or its name.
    scenario
        What is compared with it; ``+reform`` stands for the base with it.
    method
        ``tornado`` (one estimate at a time), ``morris`` (elementary effects) or ``sobol``
        (shares of the variance).
    vary
        Parameters, perhaps with a range, such as ``demand.volume=0.5:2``; every estimate that has
        one unless given.
    indicators
        Ids of the figures to judge by; ``headline`` stands for all of those.
    trajectories
        Paths of Morris.
    samples
        Samples of Sobol, a power of 2.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables tornado and flips, or morris, or sobol; left_out, replications.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_arguments(
        _Ranges, {**running, "method": method, "trajectories": trajectories, "samples": samples}
    )
    given = [base] if scenario is None else [base, scenario]
    planned = plan_sensitivity(
        lambda: scenarios_of(given),
        method=method,
        vary=as_list(vary),
        names=as_list(indicators),
        samples=samples,
        place=expression_of(base),
    )
    began = time.monotonic()
    hall = planned.scenarios[0]
    runner = runner_of(hall, running)
    many = running.get("replications")
    many = many or (replications_of(hall, running) if method == "tornado" else FEW)
    size = trajectories if method == "morris" else samples
    results = analyse(planned, planned.request(runner, many), method, size)
    return Findings(PRESENTATION, results, Record(runner.seed, time.monotonic() - began))
