"""The command `hall sweep`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from sim.cli.study_options import Options, is_number, read_share, with_experiment, with_shard
from sim.present.cautions import few_replications
from sim.present.charts.folder import charts_of
from sim.running.result_folder import write_manifest
from sim.running.runner import Share
from sim.scenario.yaml_lines import Place
from sim.studies.sweep import said as present
from sim.studies.sweep import say
from sim.studies.sweep.axes import Written
from sim.studies.sweep.charts import sweep_charts
from sim.studies.sweep.design import (
    Study,
    check_names,
    find_study,
    read_study,
    study_document,
)
from sim.studies.sweep.results import SweepResults
from sim.studies.sweep.study import SweepPlan, plan, still_missing, work_out


@click.command()
@click.argument("bases", nargs=-1, required=True, metavar="STUDY|SCENARIO [SCENARIO …]")
@click.option(
    "--vary",
    multiple=True,
    metavar="AXIS",
    help="PATH=FROM:TO:STEP, PATH=FROM:TO:N, PATH=a,b,c or +REFORM; may be repeated. A third "
    "number that is whole and 2 or more is the number of points; write 2.0 for a step of 2.",
)
@click.option(
    "--design",
    type=click.Choice(["grid", "latin-hypercube", "sobol"]),
    help="Which points are taken [grid].",
)
@click.option(
    "--points", metavar="N|FILE.csv", help="Points of a design, or a table whose columns are axes."
)
@click.option(
    "--indicator", "indicators", multiple=True, metavar="ID", help="Figure to keep [headline]."
)
@with_shard
@with_experiment
def sweep(
    bases: tuple[str, ...],
    vary: tuple[str, ...],
    design: str | None,
    points: str | None,
    indicators: tuple[str, ...],
    options: Options,
) -> None:
    """Work a scenario out at many points: over parameters, reforms and scenarios.

    STUDY is a study file (a path, or a name in scenarios/studies/). Without one, SCENARIO is
    varied along each --vary:

    \b
      hall sweep county --vary policy.authorization=0:1:0.1 --vary policy.entry=0.593:1:5
      hall sweep county county-suspended --vary +full-authorization --vary policy.windows=dedicated,comprehensive
      hall sweep county --vary policy.entry=0.593:1 --vary policy.recall_rate=0:0.3 --design sobol --points 64

    Several scenarios are an axis too. An interrupted sweep goes on where it stopped, and machines
    that share the folder of --cells share the work.
    """  # noqa: D301, E501
    began = time.monotonic()
    asked = _study(bases, vary, design, points, indicators, options)
    share = read_share(options.shard)
    planned = plan(asked)
    replications = options.replications or planned.study.replications
    replications = replications or options.many(planned.bases[0])
    # Its shares are of points, so the runner works out all of those that it is asked for.
    with replace(options, seed=planned.seed, shard=None).runner(planned.bases[0]) as runner:
        values = work_out(planned, runner, replications, share)
        if share.of > 1:
            _tell_share(planned, share, still_missing(planned, runner, replications), options)
            return
    _tell(SweepResults(planned, values, options.engine), options, time.monotonic() - began)


def _study(
    bases: tuple[str, ...],
    vary: tuple[str, ...],
    design: str | None,
    points: str | None,
    indicators: tuple[str, ...],
    options: Options,
) -> Study:
    """Return the study that options ask for, or that of a file with the options laid over it."""
    file = find_study(bases[0]) if len(bases) == 1 else None
    if file is None:
        check_names(bases)
        names = [bases[0] + name if name.startswith("+") else name for name in bases]
        study = Study(name=f"{Path(bases[0]).name.removesuffix('.yaml')}-sweep", bases=tuple(names))
    else:
        study = read_study(file)
    written = []
    for text in vary:
        name, _, levels = text.partition("=")
        written.append(Written(name.strip(), levels.strip(), Place(f"--vary {text}", None)))
    named = {one.name for one in written}
    kept = tuple(one for one in study.axes if one.name not in named)
    changes: dict[str, object] = {
        "axes": kept + tuple(written),
        "values": study.values + options.values,
        "seed": study.seed if options.seed is None else options.seed,
    }
    if design is not None:
        changes["design"] = design
    if points is not None:
        changes["points"] = int(points) if is_number(points) else Path(points)
        changes["points_place"] = Place(f"--points {points}", None)
    if indicators:
        changes["indicators"] = indicators
    return replace(study, **changes)  # type: ignore[arg-type]


def _tell_share(planned: SweepPlan, share: Share, missing: int, options: Options) -> None:

    told = {
        "share": f"{share.number}/{share.of}",
        "points": sum(share.has(point.number) for point in planned.points),
        "missing": missing,
        "all": len(planned.points),
        "folder": str(options.cells),
    }
    if options.as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(say("sweep.share" if missing else "sweep.share_whole", options.lang, **told))


def _tell(results: SweepResults, options: Options, seconds: float) -> None:
    """Write the folder, then say what was found."""
    planned, lang, n = results.plan, options.lang, results.replications

    def fill(folder: Path) -> None:
        write_manifest(
            folder,
            planned.bases,
            sys.argv,
            seconds,
            seed=planned.seed,
            replications=n,
            engine=options.engine,
            study=study_document(planned.study),
        )
        results.write(folder)

    charts = charts_of(dict(sweep_charts(results)), results)
    folder = options.write(planned.study.name, planned.bases[0], fill, charts)
    points = present.points_table(results, lang)
    table = points or say("sweep.more", lang, points=len(planned.points))
    options.tell(
        folder,
        lambda: results.document() | {"folder": str(folder)},
        present.answer(results, lang),
        (present.best_table(results, lang), table),
        cautions=few_replications(n, lang),
    )
