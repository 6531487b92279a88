"""Running one scenario, and comparing others with it, in Python."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated, Unpack

from pydantic import Field
from rich.table import Table

from sim.measure.definitions import Language
from sim.present.charts.folder import charts_of
from sim.process.load import Load, overloads
from sim.running.in_halls import HALLS
from sim.scenario.problems import InputError, Problem
from sim.studies.arguments import Given, Ranges, Running, check_arguments, runner_of, scenarios_of
from sim.studies.comparison import said
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.files import folder_name, frames, save
from sim.studies.comparison.precision import target_of
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run as simulate
from sim.studies.findings import Findings, Presentation, Record


def _answer(results: Results, lang: Language) -> Iterable[str]:
    several = len(results.scenarios) > 1
    return said.compare_answer(results, lang) if several else said.run_answer(results, lang)


def _tables(results: Results, lang: Language) -> Iterator[Table]:
    if len(results.scenarios) > 1:
        yield said.differences_table(results, lang)
        return
    table = said.report_table(results, lang)
    if table is not None:
        yield table
    yield said.figures_table(results, lang)


def _cautions(results: Results, lang: Language) -> Iterable[str]:
    return said.cautions(results, _overloads(results), lang)


def _overloads(results: Results) -> dict[str, list[Load]]:
    return {
        name: overloads(network)
        for name, network in zip(results.names, results.networks, strict=True)
    }


PRESENTATION: Presentation[Results] = Presentation(
    kind="run or comparison",
    name=folder_name,
    scenarios=lambda results: results.scenarios,
    frames=frames,
    save=save,
    document=lambda results, _: results.document(),
    answer=_answer,
    tables=_tables,
    charts=lambda results: charts_of(CHARTS, results),
    cautions=_cautions,
)


class _Ranges(Ranges):
    cases: Annotated[int, Field(ge=0, le=100_000)]
    halls: Annotated[int, Field(ge=0, le=9999)]


def run(
    scenario: Given,
    *,
    precision: float | None = None,
    indicators: Sequence[str] = (),
    most: int | None = None,
    steady_state: bool = False,
    cases: int = 1,
    log: bool = False,
    **running: Unpack[Running],
) -> Findings[Results]:
    """Run one scenario.

    Parameters
    ----------
    scenario
        A scenario or its name.
    precision, indicators, most
        Run until the half-width of the 95 % interval of each of these indicators, the headline ones
        unless given, is at most this share (0 to 1) of its mean, or until this number of
        replications.
    steady_state
        Whether to find after how many working days the hall reaches a steady state, and its means
        from then on.
    cases
        Number of replications, the first ones, whose cases are kept in the table ``cases``.
    log
        Whether the event log of these replications is kept too, in the table ``log``.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables indicators, replications, cases and more.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of the scenario.
    """
    results, seconds = _simulate(
        [scenario], running, (precision, indicators, most), cases, log, rivals=False
    )
    return _findings(replace(results, steady_state=steady_state), seconds)


def compare(
    scenarios: Sequence[Given],
    *,
    precision: float | None = None,
    indicators: Sequence[str] = (),
    most: int | None = None,
    rivals: bool = True,
    halls: int = HALLS,
    cases: int = 1,
    log: bool = False,
    **running: Unpack[Running],
) -> Findings[Results]:
    """Compare scenarios with the first one, on the same applicants.

    Parameters
    ----------
    scenarios
        Scenarios or their names, the base first; ``+reform`` stands for the base with that reform.
    precision, indicators, most
        As in `run`; the precision is required in every scenario.
    rivals
        Whether to run the comparison under the base's other readings of the report as well.
    halls
        In how many halls that fit the report, under each reading, to compare as well, if
        there is a sample of them (see `ensemble`); 0 for none.
    cases, log
        As in `run`.
    **running
        How to run: replications, seed, jobs, engine, cells; see `Running`.

    Returns
    -------
    Findings
        With the tables differences, readings, indicators, replications, gains, cases and more.

    Raises
    ------
    InputError
        With every argument outside its range, every problem of the scenarios, and if there are
        fewer than two.
    """
    if isinstance(scenarios, str) or len(scenarios) < 2:
        allowed = "a base and at least one more scenario, in a list"
        raise InputError([Problem("scenarios", None, "fewer than two", allowed)])
    results, seconds = _simulate(
        scenarios, running, (precision, indicators, most), cases, log, rivals=rivals, halls=halls
    )
    return _findings(results, seconds)


def _simulate(
    given: Sequence[Given],
    running: Running,
    precision: tuple[float | None, Sequence[str], int | None],
    cases: int,
    log: bool,  # noqa: FBT001  (passed on)
    *,
    rivals: bool,
    halls: int = 0,
) -> tuple[Results, float]:
    check_arguments(_Ranges, {**running, "cases": cases, "halls": halls})
    began = time.monotonic()
    target = target_of(*precision, running.get("replications"))
    scenarios = scenarios_of(given)
    results = simulate(
        scenarios,
        runner_of(scenarios[0], running),
        replications=running.get("replications"),
        target=target,
        rivals=rivals,
        halls=halls,
        cases=cases,
        log=log,
    )
    return results, time.monotonic() - began


def _findings(results: Results, seconds: float) -> Findings[Results]:
    return Findings(PRESENTATION, results, Record(results.seed, seconds))
