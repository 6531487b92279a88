"""Working a scenario out at many points, in Python."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Unpack

from rich.console import RenderableType

from sim.measure.definitions import Language
from sim.present.cautions import few_replications
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
from sim.studies.sweep import said, say
from sim.studies.sweep.charts import sweep_charts
from sim.studies.sweep.design import Design, study_of
from sim.studies.sweep.files import document, frames, save
from sim.studies.sweep.results import SweepResults
from sim.studies.sweep.study import plan_sweep, work_out_points


def _tables(results: SweepResults, lang: Language) -> tuple[RenderableType, ...]:
    points = said.points_table(results, lang)
    many = len(results.plan.points)
    return said.best_table(results, lang), points or say("sweep.more", lang, points=many)


PRESENTATION: Presentation[SweepResults] = Presentation(
    kind="sweep",
    name=lambda results: results.plan.study.name,
    scenarios=lambda results: results.plan.bases,
    frames=frames,
    save=save,
    document=document,
    answer=said.answer,
    tables=_tables,
    charts=lambda results: charts_of(dict(sweep_charts(results)), results),
    cautions=lambda results, lang: few_replications(results.replications, lang),
)


def sweep(
    bases: Given | Sequence[Given],
    vary: Sequence[str] | Mapping[str, Sequence[object]] = (),
    *,
    design: Design | None = None,
    points: int | Path | str | None = None,
    indicators: Sequence[str] | str = (),
    **running: Unpack[Running],
) -> Findings[SweepResults]:
    """Work a scenario out at many points: over parameters, reforms and scenarios.

    Parameters
    ----------
    bases
        A study file, a scenario, or several scenarios, which are an axis too; by name or, of
        scenarios, loaded.
    vary
        Axes: levels by dotted path, such as ``{"policy.authorization": [0, 0.5, 1]}``, or as on
        the command line, such as ``["policy.entry=0.6:1:0.1", "+full-authorization"]``.
    design
        ``grid``, ``latin-hypercube`` or ``sobol``.
    points
        Points of a design, or a table whose columns are axes.
    indicators
        Ids of the figures that are kept, the headline ones unless given.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables points, summary and replications.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_running(running)
    given = [bases] if isinstance(bases, Given) else list(bases)
    began = time.monotonic()
    with as_they_were(*given):
        study = study_of(
            [expression_of(base) for base in given],
            _axes(vary),
            design=design,
            points=points,
            indicators=as_list(indicators),
            values=values_of(*given),
            seed=running.get("seed"),
        )
        planned = plan_sweep(study)
    base = planned.bases[0]
    many = running.get("replications") or study.replications or replications_of(base, running)
    running["seed"] = planned.seed
    runner = runner_of(base, running)
    results = SweepResults(planned, work_out_points(planned, runner, many), runner.engine)
    return Findings(PRESENTATION, results, Record(planned.seed, time.monotonic() - began))


def _axes(vary: Sequence[str] | Mapping[str, Sequence[object]]) -> tuple[str, ...]:
    if not isinstance(vary, Mapping):
        return as_list(vary)
    return tuple(
        f"{path}={','.join(str(level) for level in levels)}" if levels else path
        for path, levels in vary.items()
    )
