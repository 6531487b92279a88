"""The command `hall sweep`."""

from __future__ import annotations

import json
from dataclasses import replace

import click

from sim.cli.study_options import Options, read_share, with_experiment, with_shard
from sim.running.runner import Share
from sim.studies.shell import Stopwatch, show
from sim.studies.sweep import say
from sim.studies.sweep.api import PRESENTATION
from sim.studies.sweep.design import Design, study_of
from sim.studies.sweep.results import SweepResults
from sim.studies.sweep.study import SweepPlan, plan_sweep, still_missing, work_out_points


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
    design: Design | None,
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
    watch = Stopwatch()
    study = study_of(
        bases,
        vary,
        design=design,
        points=points,
        indicators=indicators,
        values=options.values,
        seed=options.seed,
    )
    share = read_share(options.shard)
    planned = plan_sweep(study)
    replications = options.replications or planned.study.replications
    replications = replications or options.many(planned.bases[0])
    # Its shares are of points, so the runner works out all of those that it is asked for.
    with replace(options, seed=planned.seed, shard=None).runner(planned.bases[0]) as runner:
        values = work_out_points(planned, runner, replications, share)
        if share.of > 1:
            _tell_share(planned, share, still_missing(planned, runner, replications), options)
            return
    results = SweepResults(planned, values, options.engine)
    show(PRESENTATION, results, options, seed=planned.seed, seconds=watch.seconds)


def _tell_share(planned: SweepPlan, share: Share, missing: int, options: Options) -> None:
    document = {
        "share": f"{share.number}/{share.of}",
        "points": sum(share.has(point.number) for point in planned.points),
        "missing": missing,
        "all": len(planned.points),
        "folder": str(options.cells),
    }
    if options.as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    click.echo(say("sweep.share" if missing else "sweep.share_whole", options.lang, **document))
