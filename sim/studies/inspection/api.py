"""Inspection of a scenario without running an experiment, in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table

from sim.measure.definitions import Language
from sim.process.diagram import Line
from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.scenario.assumptions import Assumption, assumptions
from sim.scenario.catalogue import Item
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.studies.arguments import Given, scenario_of, scenarios_of
from sim.studies.findings import Charts, Findings, Frames, Presentation, Record
from sim.studies.inspection import said
from sim.studies.inspection.case_trace import Event
from sim.studies.inspection.routes import route_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class CheckResults:
    """Results of a check.

    Parameters
    ----------
    scenario
        The scenario; None if it has problems.
    problems
        All problems; none if it could be loaded.
    """

    scenario: Scenario | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class RouteResults:
    """The route of an item.

    Parameters
    ----------
    scenario
        The hall.
    item
        The item.
    lines
        Outline of the route, one line per step.
    """

    scenario: Scenario
    item: Item
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class CaseTraces:
    """What happens to the same applicant in one or two scenarios.

    Parameters
    ----------
    scenarios
        The scenarios, the base first.
    case
        Item and number of the applicant, such as ``permit:0``.
    events
        The trace in each scenario, in their order.
    """

    scenarios: tuple[Scenario, ...]
    case: str
    events: tuple[tuple[Event, ...], ...]


def _check_frames(results: CheckResults) -> Frames:
    tables = {"problems": lambda: _rows(results.problems, Problem)}
    scenario = results.scenario
    if scenario is not None:
        tables["assumptions"] = lambda: _assumptions(scenario)
    return Frames(tables)


def _rows(records: Sequence[Any], kind: type) -> pd.DataFrame:
    """Return data classes of a kind as a table."""
    columns = [field.name for field in fields(kind)]
    return pd.DataFrame([asdict(record) for record in records], columns=columns)


def _assumptions(scenario: Scenario) -> pd.DataFrame:
    frame = _rows(assumptions(scenario), Assumption)
    return frame.assign(value=[str(value) for value in frame["value"]])


def _check_answer(results: CheckResults, lang: Language) -> Iterable[str]:
    if results.scenario is None:
        return [str(problem) for problem in results.problems]
    return said.check_lines(results.scenario, lang)


def _route_frames(results: RouteResults) -> Frames:
    rows = [
        (line.depth, line.kind, line.label, line.skill, line.phase, line.origin)
        for line in results.lines
    ]
    columns = ["depth", "kind", "label", "skill", "phase", "origin"]
    return Frames({"route": lambda: pd.DataFrame(rows, columns=columns)})


def _route_charts(results: RouteResults) -> Charts:
    def draw(lang: Language) -> Figure:
        title = said.route_title(results.scenario, results.item, lang)
        return route_figure(results.lines, results.scenario, title, lang)

    return {"route": draw}


def _trace_frames(results: CaseTraces) -> Frames:
    rows = [
        {"scenario": scenario.name, **asdict(event), "status": event.status.name.lower()}
        for scenario, events in zip(results.scenarios, results.events, strict=True)
        for event in events
    ]
    columns = ["scenario", *(field.name for field in fields(Event))]
    return Frames({"events": lambda: pd.DataFrame(rows, columns=columns)})


def _trace_tables(results: CaseTraces, lang: Language) -> Iterable[Table]:
    return [
        said.trace_table(scenario, results.case, events, lang)
        for scenario, events in zip(results.scenarios, results.events, strict=True)
    ]


def _save(frames: Frames, scenarios: tuple[Scenario, ...], folder: Path, record: Record) -> None:
    for name, frame in frames.items():
        write_csv(frame, folder / f"{name}.csv")
    write_manifest(folder, scenarios, record.command, record.seconds, seed=record.seed)


CHECK: Presentation[CheckResults] = Presentation(
    kind="check",
    name=lambda _: "check",
    scenarios=lambda results: () if results.scenario is None else (results.scenario,),
    frames=_check_frames,
    save=lambda results, folder, record: _save(
        _check_frames(results), CHECK.scenarios(results), folder, record
    ),
    document=lambda results, _: {
        name: json_rows(frame) for name, frame in _check_frames(results).items()
    },
    answer=_check_answer,
)
ROUTE: Presentation[RouteResults] = Presentation(
    kind="route",
    name=lambda results: f"{results.scenario.name}-explain",
    scenarios=lambda results: (results.scenario,),
    frames=_route_frames,
    save=lambda results, folder, record: _save(
        _route_frames(results), (results.scenario,), folder, record
    ),
    document=lambda results, _: {"route": json_rows(_route_frames(results)["route"])},
    answer=lambda results, lang: said.route_answer(
        results.scenario, results.item, results.lines, lang
    ),
    charts=_route_charts,
)
TRACE: Presentation[CaseTraces] = Presentation(
    kind="case trace",
    name=lambda results: f"{results.scenarios[0].name}-explain",
    scenarios=lambda results: results.scenarios,
    frames=_trace_frames,
    save=lambda results, folder, record: _save(
        _trace_frames(results), results.scenarios, folder, record
    ),
    document=lambda results, _: {"events": json_rows(_trace_frames(results)["events"])},
    tables=_trace_tables,
)


def check(scenario: Given) -> Findings[CheckResults]:
    """List every problem of a scenario, or say what was loaded.

    Parameters
    ----------
    scenario
        A scenario or its name.

    Returns
    -------
    Findings
        With the tables problems and, if there are none, assumptions.
    """
    try:
        loaded = scenario_of(scenario)
        loaded.rivals()  # a comparison loads them too
        results = CheckResults(loaded, ())
        list(said.check_lines(loaded, "en"))  # refuses what no engine could run
    except InputError as error:
        results = CheckResults(None, error.problems)
    seed = 0 if results.scenario is None else results.scenario.settings.experiment.seed
    return Findings(CHECK, results, Record(seed, 0.0))


def explain(
    scenario: Given,
    *,
    item: str | None = None,
    case: str | None = None,
    against: Given | None = None,
    seed: int | None = None,
) -> Findings[RouteResults] | Findings[CaseTraces]:
    """Show the route of an item, or what happens to one applicant.

    Parameters
    ----------
    scenario
        A scenario or its name.
    item
        Id of the item whose route is shown, with the rule and the line behind every step.
    case
        Item and number of an applicant, such as ``permit:0``.
    against
        Another scenario in which the same applicant is followed.
    seed
        Seed of all random numbers, that of `scenario` unless given.

    Returns
    -------
    Findings
        With the table route and a chart, or with the table events.

    Raises
    ------
    InputError
        With every problem of the scenarios; if there is no such item or applicant, or unless
        exactly one of `item` and `case` is given.
    """
    if (item is None) == (case is None):
        raise InputError([Problem("explain", None, "item and case", "either item or case")])
    given = [scenario] if against is None else [scenario, against]
    scenarios = tuple(scenarios_of(given))
    key = scenarios[0].settings.experiment.seed if seed is None else seed
    if item is not None:
        chosen = said.item_of(scenarios[0], item)
        lines = tuple(said.outline_of(scenarios[0], chosen))
        return Findings(ROUTE, RouteResults(scenarios[0], chosen, lines), Record(key, 0.0))
    events = tuple(tuple(said.trace_of(hall, str(case), key)) for hall in scenarios)
    return Findings(TRACE, CaseTraces(scenarios, str(case), events), Record(key, 0.0))
