"""Commands that run: `hall run` and `hall compare`."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    INTERRUPTED,
    as_read,
    draw_charts,
    load_all,
    open_console,
    with_cases,
    with_precision,
    with_running,
)

if TYPE_CHECKING:
    from sim.engine.play import EngineName
    from sim.experiment.results import Results
    from sim.measure.definitions import Language
    from sim.process.load import Load


@click.command()
@click.argument("scenario")
@click.option(
    "--steady-state",
    is_flag=True,
    help="Say after how many days the hall settles, and how it does from then on.",
)
@with_precision
@with_cases
@with_running
def run(scenario: str, steady_state: bool, **options: Any) -> None:  # noqa: FBT001  (click passes flags by name)
    """Simulate SCENARIO and show how it does, beside the report if it has one."""
    with as_read(options["lang"]):
        _execute([scenario], rivals=False, steady_state=steady_state, **options)


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option("--no-rivals", is_flag=True, help="Skip the other explanations of the report.")
@with_precision
@with_cases
@with_running
def compare(base: str, scenarios: tuple[str, ...], no_rivals: bool, **options: Any) -> None:  # noqa: FBT001  (click passes flags by name)
    """Compare every SCENARIO with BASE on the same applicants.

    A SCENARIO that begins with a plus sign is BASE with those reforms.
    """
    with as_read(options["lang"]):
        others = [base + name if name.startswith("+") else name for name in scenarios]
        _execute([base, *others], rivals=not no_rivals, **options)


def _execute(  # noqa: PLR0913  (one argument per option)
    names: list[str],
    *,
    rivals: bool,
    steady_state: bool = False,
    precision: float | None,
    indicators: tuple[str, ...],
    most: int | None,
    replications: int | None,
    seed: int | None,
    jobs: int | None,
    engine: EngineName,
    cases: int,
    out: Path | None,
    as_json: bool,
    quiet: bool,
    no_charts: bool,
    values: tuple[str, ...],
    lang: Language,
) -> None:
    from sim.experiment.precision import target_of  # noqa: PLC0415
    from sim.experiment.run import run as simulate  # noqa: PLC0415
    from sim.experiment.save import check_writable  # noqa: PLC0415
    from sim.experiment.workers import Workers  # noqa: PLC0415
    from sim.native import is_kept  # noqa: PLC0415
    from sim.present.progress import progress_bar  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    target = target_of(precision, indicators, most, replications)
    loaded = load_all(names, values)
    check_writable(out or Path("results"))
    if engine == "compiled" and not is_kept("compiled._run"):
        click.echo(say("engine.first_time", lang), err=True)
    began = time.monotonic()
    try:
        with progress_bar(lang, quiet=quiet) as tell:
            results = simulate(
                loaded,
                replications=replications,
                target=target,
                seed=seed,
                engine=engine,
                workers=Workers.best_for(engine, jobs),
                rivals=rivals,
                cases=cases,
                progress=tell,
            )
    except KeyboardInterrupt:
        click.echo(say("done.nothing", lang), err=True)
        sys.exit(INTERRUPTED)
    results = dataclasses.replace(results, steady_state=steady_state)
    _tell(results, out, began, lang, as_json=as_json, quiet=quiet, no_charts=no_charts)
    if len(results.paired) < results.asked:
        sys.exit(INTERRUPTED)


def _tell(
    results: Results,
    out: Path | None,
    began: float,
    lang: Language,
    *,
    as_json: bool,
    quiet: bool,
    no_charts: bool,
) -> None:
    from sim.experiment.save import result_folder, save  # noqa: PLC0415
    from sim.present import report  # noqa: PLC0415
    from sim.present.words import say  # noqa: PLC0415

    warned = list(report.cautions(results, _overloads(results), lang))
    folder = result_folder(results, out)

    seconds = time.monotonic() - began
    save(results, folder, command=sys.argv, seconds=seconds, cautions=warned)
    if not no_charts:
        from sim.present.charts import CHARTS  # noqa: PLC0415
        from sim.present.charts.folder import charts_of  # noqa: PLC0415

        draw_charts(charts_of(CHARTS, results), folder, lang, quiet=quiet)
    for line in warned:
        click.echo(line, err=True)
    if as_json:
        click.echo(json.dumps(results.document(), ensure_ascii=False, indent=1))
        return
    console = open_console()
    several = len(results.scenarios) > 1
    answer = report.compare_answer if several else report.run_answer
    for sentence in answer(results, lang):
        console.print(sentence)
    console.print()
    if several:
        console.print(report.differences_table(results, lang))
    else:
        table = report.report_table(results, lang)
        if table is not None:
            console.print(table)
        console.print(report.figures_table(results, lang))
    console.print(say("done.files", lang, folder=folder), soft_wrap=True)


def _overloads(results: Results) -> dict[str, list[Load]]:
    from sim.process.load import overloads  # noqa: PLC0415

    return {
        name: overloads(network)
        for name, network in zip(results.names, results.networks, strict=True)
    }
