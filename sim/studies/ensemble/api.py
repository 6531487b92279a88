"""Comparing scenarios in many halls like the base, in Python."""

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
from sim.studies.ensemble.study import Ensemble, ask
from sim.studies.ensemble.study import ensemble as compare_all
from sim.studies.findings import Findings, Presentation, Record

REPLICATIONS, VARIANTS, FIT_REPLICATIONS = 10, 30, 12
"""Of each scenario of each variant; variants; histories in each step of a fit."""

PRESENTATION: Presentation[Ensemble] = Presentation(
    kind="ensemble",
    name=lambda results: f"{results.request.scenarios[0].name}-ensemble",
    scenarios=lambda results: results.request.scenarios,
    frames=frames,
    save=save,
    document=lambda results, _: document(results),
    answer=said.answer,
    tables=lambda results, lang: (said.table(results, lang),),
    charts=charts,
    cautions=said.cautions,
    paths=lambda results, _, lang: (
        say("ensemble.variants_in", lang, folder=results.request.family.folder),
    ),
)


class _Ranges(Ranges):
    variants: Annotated[int, Field(ge=2, le=9999)]
    fit_replications: Annotated[int, Field(ge=2, le=100_000)]


def ensemble(
    base: Given,
    scenarios: Sequence[Given],
    *,
    variants: int = VARIANTS,
    rivals: bool = True,
    redraw_seed: int | None = None,
    fit_replications: int = FIT_REPLICATIONS,
    ensembles: Path | str = "results/ensembles",
    **running: Unpack[Running],
) -> Findings[Ensemble]:
    """Compare scenarios in many halls like the base, each fitted to the report.

    Parameters
    ----------
    base
        A scenario or its name.
    scenarios
        Scenarios of the same hall or their names; ``+reform`` stands for the base with it.
    variants
        How many halls.
    rivals
        Run them under the base's other readings of the report as well.
    redraw_seed
        Seed of what is drawn anew in each hall, that of the base unless given.
    fit_replications
        Histories in each step of a fit.
    ensembles
        Folder that keeps variants and their fits.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables effects, summary, best and fits.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenarios.
    """
    check_arguments(
        _Ranges, {**running, "variants": variants, "fit_replications": fit_replications}
    )
    with as_they_were(base, *scenarios):
        request = ask(
            expression_of(base),
            [expression_of(scenario) for scenario in scenarios],
            values_of(base, *scenarios),
            variants=variants,
            seed=redraw_seed,
            fit_replications=fit_replications,
            rivals=rivals,
            root=Path(ensembles),
        )
    began = time.monotonic()
    runner = runner_of(request.scenarios[0], running)
    results = compare_all(request, runner, running.get("replications") or REPLICATIONS)
    return Findings(PRESENTATION, results, Record(runner.seed, time.monotonic() - began))
