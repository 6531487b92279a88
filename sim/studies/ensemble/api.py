"""Halls that fit the report, and comparisons in them, in Python."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Unpack

from pydantic import Field

from sim.studies.arguments import (
    Given,
    Ranges,
    Running,
    as_they_were,
    check_arguments,
    expression_of,
    runner_of,
    values_of,
)
from sim.studies.ensemble import said, say
from sim.studies.ensemble.charts import charts
from sim.studies.ensemble.files import document, frames, save
from sim.studies.ensemble.sampling import EFFECTIVE
from sim.studies.ensemble.study import Drawing, Ensemble, ask
from sim.studies.ensemble.study import ensemble as compare_all
from sim.studies.findings import Findings, Presentation, Record

REPLICATIONS, VARIANTS, FIT_REPLICATIONS = 10, 30, 2
"""Of each scenario in each hall; halls under each reading; histories of each hall drawn."""

PRESENTATION: Presentation[Ensemble] = Presentation(
    kind="ensemble",
    name=lambda results: f"{results.request.scenarios[0].name}-ensemble",
    scenarios=lambda results: results.request.scenarios,
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=said.tables,
    charts=charts,
    cautions=said.cautions,
    paths=lambda results, _, lang: (
        say("ensemble.sample_in", lang, file=results.request.sample.file(results.sample)),
    ),
)


class _Ranges(Ranges):
    variants: Annotated[int, Field(ge=2, le=9999)]
    fit_replications: Annotated[int, Field(ge=1, le=100_000)]
    effective: Annotated[float, Field(ge=1, le=100_000, allow_inf_nan=False)]
    redraw_seed: Annotated[int, Field(ge=0, lt=2**64)] | None


def ensemble(
    base: Given,
    scenarios: Sequence[Given] = (),
    *,
    variants: int = VARIANTS,
    rivals: bool = True,
    redraw_seed: int | None = None,
    fit_replications: int = FIT_REPLICATIONS,
    effective: float = EFFECTIVE,
    ensembles: Path | str = "results/ensembles",
    **running: Unpack[Running],
) -> Findings[Ensemble]:
    """Draw halls that fit the report, and compare scenarios in them.

    Parameters
    ----------
    base
        A scenario or its name.
    scenarios
        Scenarios of the same hall or their names; ``+reform`` stands for the base with it; none to
        draw the halls only.
    variants
        In how many halls, under each reading of the report.
    rivals
        Draw halls under the base's other readings of the report as well.
    redraw_seed
        Seed of the draws, that of the base unless given.
    fit_replications
        Histories of each hall that is drawn.
    effective
        Effective sample size at which drawing ends, under each reading.
    ensembles
        Folder that keeps the samples.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables fits, estimates and halls; and effects, summary and best if scenarios are
        given.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_arguments(
        _Ranges,
        {
            **running,
            "variants": variants,
            "fit_replications": fit_replications,
            "effective": effective,
            "redraw_seed": redraw_seed,
        },
    )
    drawing = Drawing(redraw_seed, fit_replications, effective, rivals, Path(ensembles))
    with as_they_were(base, *scenarios):
        request = ask(
            expression_of(base),
            [expression_of(scenario) for scenario in scenarios],
            drawing,
            variants=variants,
            values=values_of(base, *scenarios),
        )
    began = time.monotonic()
    runner = runner_of(request.scenarios[0], running)
    results = compare_all(request, runner, running.get("replications") or REPLICATIONS)
    return Findings(PRESENTATION, results, Record(runner.seed, time.monotonic() - began))
