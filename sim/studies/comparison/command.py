"""Commands that run: `hall run` and `hall compare`."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

import click
from rich.table import Table

from sim.cli import INTERRUPTED
from sim.cli.options import load_all, with_cases, with_precision
from sim.cli.study_options import Options, with_experiment, with_shard
from sim.measure.definitions import Language
from sim.present.charts.folder import charts_of
from sim.process.load import Load, overloads
from sim.studies.comparison import said as report
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.files import folder_name, save
from sim.studies.comparison.precision import target_of
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run as simulate


@click.command()
@click.argument("scenario")
@click.option(
    "--steady-state",
    is_flag=True,
    help="Say after how many days the hall settles, and how it does from then on.",
)
@with_precision
@with_cases
@with_shard
@with_experiment
def run(scenario: str, steady_state: bool, options: Options, **asked: Any) -> None:  # noqa: FBT001  (click passes flags by name)
    """Simulate SCENARIO and show how it does, beside the report if it has one."""
    results = _simulate([scenario], options, rivals=False, **asked)
    _tell(dataclasses.replace(results, steady_state=steady_state), options)


@click.command()
@click.argument("base")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO [SCENARIO …]")
@click.option("--no-rivals", is_flag=True, help="Skip the other explanations of the report.")
@with_precision
@with_cases
@with_shard
@with_experiment
def compare(
    base: str,
    scenarios: tuple[str, ...],
    no_rivals: bool,  # noqa: FBT001  (click passes flags by name)
    options: Options,
    **asked: Any,
) -> None:
    """Compare every SCENARIO with BASE on the same applicants.

    A SCENARIO that begins with a plus sign is BASE with those reforms.  An interrupted comparison
    goes on where it stopped.
    """
    others = [base + name if name.startswith("+") else name for name in scenarios]
    _tell(_simulate([base, *others], options, rivals=not no_rivals, **asked), options)


def _simulate(
    names: list[str],
    options: Options,
    *,
    precision: float | None,
    indicators: tuple[str, ...],
    most: int | None,
    **asked: Any,
) -> Results:

    target = target_of(precision, indicators, most, options.replications)
    loaded = load_all(names, options.values)
    with options.runner(loaded[0]) as runner:
        return simulate(loaded, runner, replications=options.replications, target=target, **asked)


def _tell(results: Results, options: Options) -> None:
    """Write the folder, then say what was found; after Ctrl-C what was finished by then."""
    lang = options.lang
    warned = list(report.cautions(results, _overloads(results), lang))
    several = len(results.scenarios) > 1
    answer = report.compare_answer if several else report.run_answer
    folder = options.write(
        folder_name(results),
        results.scenarios[0],
        lambda draft: save(results, draft, sys.argv, options.seconds, warned),
        charts_of(CHARTS, results),
    )
    options.tell(
        folder, results.document, answer(results, lang), _tables(results, lang), cautions=warned
    )
    if len(results.paired) < results.asked:
        sys.exit(INTERRUPTED)


def _tables(results: Results, lang: Language) -> Iterator[Table]:

    if len(results.scenarios) > 1:
        yield report.differences_table(results, lang)
        return
    table = report.report_table(results, lang)
    if table is not None:
        yield table
    yield report.figures_table(results, lang)


def _overloads(results: Results) -> dict[str, list[Load]]:

    return {
        name: overloads(network)
        for name, network in zip(results.names, results.networks, strict=True)
    }
