"""Attribution of a joint change to reforms, in Python."""

from __future__ import annotations

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
from sim.studies.attribution import said
from sim.studies.attribution.charts import CHARTS
from sim.studies.attribution.files import document, frames, save
from sim.studies.attribution.study import Attribution, ask
from sim.studies.attribution.study import attribute as share_out
from sim.studies.findings import Findings, Presentation, Record

PRESENTATION: Presentation[Attribution] = Presentation(
    kind="attribution",
    name=lambda results: f"{results.request.scenarios[0].name}-attributed",
    scenarios=lambda results: results.request.scenarios,
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=lambda results, lang: (
        said.order_table(results, lang),
        said.shares_table(results, lang),
    ),
    charts=lambda results: charts_of(CHARTS, results),
    cautions=said.cautions,
)


def attribute(
    base: Given,
    reforms: Sequence[str],
    *,
    indicators: Sequence[str] | str = (),
    order_by: str | None = None,
    **running: Unpack[Running],
) -> Findings[Attribution]:
    """Share out the joint change by several reforms among them, and find the best order.

    Parameters
    ----------
    base
        A scenario or its name.
    reforms
        Up to eight names or paths; those joined by a plus sign count as one.
    indicators
        Ids of the indicators that are shared out, the headline ones unless given.
    order_by
        Id of the indicator that decides the order; the first of `indicators` unless given, else
        everyone's mean elapsed time.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables shares, order, interactions, combinations, totals, replications.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_running(running)
    with as_they_were(base):
        request = ask(expression_of(base), reforms, as_list(indicators), order_by, values_of(base))
    began = time.monotonic()
    first = request.scenarios[0]
    runner = runner_of(first, running)
    results = share_out(request, runner, replications_of(first, running))
    return Findings(PRESENTATION, results, Record(runner.seed, time.monotonic() - began))
