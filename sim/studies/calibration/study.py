"""Calibration: fit parameters to the figures of a report, and keep the results in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import Field

from sim.running.runner import Runner
from sim.scenario.fields import Replications, Section, Seed
from sim.scenario.files import read_text
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, RunError, nearest
from sim.scenario.schema import Bilingual
from sim.scenario.yaml_lines import Document, errors_of, explain_error, parse
from sim.stats.intervals import mean_interval
from sim.whole_file import write_whole

Floats = npt.NDArray[np.float64]
Say = Callable[[str], None]
"""Reports a line of progress."""

STEP = 0.15
"""Step of the logarithm of a parameter in the first derivatives."""
LARGEST_MOVE = 0.7
"""Largest change of the logarithm of a parameter in one iteration."""
BLOCK = 2
"""Replications in a cell: few, so that all workers are busy to the end."""


class Fit(Section):
    """A parameter, and the indicator that it is fitted to."""

    parameter: str
    """Dotted path of the parameter."""
    indicator: str
    """Id of an indicator of the report."""
    how: Literal["search", "proportional"] = "search"
    """Quasi-Newton steps, or multiplication by the ratio of report to simulation."""
    start: Annotated[float, Field(gt=0, le=1e9)]
    """Initial value, in the unit of the parameter."""
    high: Annotated[float, Field(gt=0, le=1e9)] = 1e9
    """Largest value allowed in a search, in the same unit."""


class CalibrationPlan(Section):
    """What a calibration file asks for."""

    title: Bilingual
    note: Bilingual
    fit: tuple[Fit, ...]
    """Parameters to fit, each to an indicator."""
    replications: Replications = 24
    """Replications of every simulation."""
    seed: Seed = 20090420
    """Seed of all random numbers."""
    iterations: Annotated[int, Field(ge=0, le=1_000)] = 6
    """Steps of the search at most, after the first derivatives."""
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.002
    """The search ends when all simulated values are this close to the report, relative to it."""


@dataclass(frozen=True)
class Calibration:
    """Results of a fit.

    Parameters
    ----------
    plan
        What was asked.
    fitted
        Fitted values by path of the parameter, each in the unit of its parameter.
    simulated
        Mean of every indicator of the report in the last simulation, by id; NaN if unknown.
        Proportional parameters are corrected once more after it.
    targets
        Values of the report, by id of the indicator.
    """

    plan: CalibrationPlan
    fitted: dict[str, float]
    simulated: dict[str, float]
    targets: Mapping[str, float]


def read_plan(path: Path) -> CalibrationPlan:
    """Read what a calibration file asks for; results that it holds are ignored.

    Parameters
    ----------
    path
        The calibration file.

    Returns
    -------
    CalibrationPlan
        The plan.

    Raises
    ------
    InputError
        With every problem of the plan, at its line.
    """
    return _plan_in(_document(path))


def _document(path: Path) -> Document:
    text = read_text(path, str(path))
    if isinstance(text, Problem):
        raise InputError([text])
    document = parse(text, str(path))
    if document.data is None or document.problems:
        raise InputError(document.problems)
    return document


def _plan_in(document: Document) -> CalibrationPlan:
    written = document.data or {}
    wanted = {
        name: value for name, value in written.items() if name in CalibrationPlan.model_fields
    }
    errors = errors_of(CalibrationPlan, wanted)
    if errors:
        raise InputError(explain_error(error, CalibrationPlan, document.place) for error in errors)
    return CalibrationPlan.model_validate_json(json.dumps(wanted))


def _unreported(
    plan: CalibrationPlan, document: Document, report: Mapping[str, float]
) -> Iterator[Problem]:
    """Yield a problem for each indicator to fit that is missing in the report, or 0 there."""
    for number, fit in enumerate(plan.fit):
        if not report.get(fit.indicator):
            place = document.place(f"fit.{number}.indicator")
            found = f"no report figure {fit.indicator!r} above 0"
            yield Problem(place.file, place.line, found, nearest(fit.indicator, list(report)))


@dataclass(frozen=True)
class Refit:
    """A calibration file that a scenario names, and its new results.

    Parameters
    ----------
    scenario
        The scenario.
    calibration
        The results.
    path
        The calibration file.
    """

    scenario: Scenario
    calibration: Calibration
    path: Path


def refit(scenario: Scenario, runner: Runner, say: Say) -> Refit:
    """Fit what the calibration file of a scenario asks for; nothing is written.

    Parameters
    ----------
    scenario
        A scenario whose own file names a calibration.
    runner
        Computes the replications and keeps them.
    say
        Function that reports a line of progress, called after every simulation.

    Returns
    -------
    Refit
        The results.

    Raises
    ------
    InputError
        If the scenario's own file names no calibration (an inherited one belongs to the base), an
        indicator to fit is missing in the report, or the plan is wrong.
    StoppedError
        After Ctrl-C; finished cells are kept.
    """
    named, place = scenario.settings.calibration, scenario.places.get("calibration")
    own = place is not None and Path(place.file).resolve() == scenario.path
    if named is None or not own:
        found = "no calibration of its own" if named is None else f"calibration of {place}"
        raise InputError(
            [Problem(str(scenario.path), None, found, "calibration: FILE.yaml in this file")]
        )
    path = scenario.path.parent / named
    document = _document(path)
    plan = _plan_in(document)
    problems = list(_unreported(plan, document, scenario.settings.report))
    if problems:
        raise InputError(problems)
    return Refit(scenario, calibrate(scenario, plan, runner, say), path)


def recalibrate(scenario: Scenario, runner: Runner, say: Say) -> Path:
    """Fit the calibration file that a scenario names, and write the results into it.

    Parameters
    ----------
    scenario, runner, say
        As in `refit`.

    Returns
    -------
    Path
        The calibration file.
    """
    results = refit(scenario, runner, say)
    write_calibration(results.calibration, results.path)
    return results.path


def calibrate(scenario: Scenario, plan: CalibrationPlan, runner: Runner, say: Say) -> Calibration:
    """Fit the plan's parameters so that the simulated indicators meet the report's values.

    The search works on logarithms with Broyden's rank-one updates, starting from derivatives by
    differences.  All simulations have the same applicants, so an indicator changes only with a
    parameter.

    Parameters
    ----------
    scenario, plan
        The hall, and what is fitted; seed and replications are those of the plan.
    runner
        Computes the replications and keeps them.
    say
        Function that reports a line of progress, called after every simulation.

    Returns
    -------
    Calibration
        The closest fit of the search, with the indicators simulated at it.

    Raises
    ------
    StoppedError, RunError
        As the runner; finished cells are kept.
    InputError
        If a value is not allowed, or an indicator to fit is unknown or 0 in the simulation.
    """
    targets = scenario.settings.report
    search = [fit for fit in plan.fit if fit.how == "search"]
    scaled = [fit for fit in plan.fit if fit.how == "proportional"]
    factors = {fit.parameter: fit.start for fit in scaled}
    own = replace(runner, seed=plan.seed)

    def simulate(point: Floats) -> dict[str, float]:
        values = {fit.parameter: float(np.exp(x)) for fit, x in zip(search, point, strict=True)}
        trial = _trial(scenario, values | factors)
        figures = own.figures([trial], range(plan.replications), BLOCK)
        simulated = {name: mean_interval(figures.of(name)[0]).mean for name in targets}
        _check_fitted(scenario, plan, simulated)
        for fit in scaled:
            factors[fit.parameter] *= targets[fit.indicator] / simulated[fit.indicator]
        say(_line(values | factors, simulated, targets))
        return simulated

    point = _solve(search, targets, plan, simulate)
    simulated = simulate(point)
    if scaled:
        simulated = simulate(point)
    values = {fit.parameter: float(np.exp(x)) for fit, x in zip(search, point, strict=True)}
    return Calibration(plan, values | factors, simulated, targets)


def _trial(scenario: Scenario, values: Mapping[str, float]) -> Scenario:
    try:
        return scenario.with_values(values)
    except InputError as error:
        place = scenario.places["calibration"]
        raise InputError(
            Problem(
                place.file, place.line, f"a fit that leads to: {problem.found}", problem.allowed
            )
            for problem in error.problems
        ) from error


def _check_fitted(
    scenario: Scenario, plan: CalibrationPlan, simulated: Mapping[str, float]
) -> None:
    """Raise InputError if an indicator to fit is unknown or 0 in the simulation."""
    place = scenario.places["calibration"]
    problems = [
        Problem(
            place.file,
            place.line,
            f"{fit.indicator} is {value:g} where {fit.parameter} is fitted to it",
            "figures that are simulated, and are above 0",
        )
        for fit in plan.fit
        for value in [simulated[fit.indicator]]
        if not value > 0
    ]
    if problems:
        raise InputError(problems)


def _solve(
    search: list[Fit],
    targets: Mapping[str, float],
    plan: CalibrationPlan,
    simulate: Callable[[Floats], dict[str, float]],
) -> Floats:
    point = np.log([fit.start for fit in search])
    bounds = np.log([fit.high for fit in search])
    if not search:
        return point
    scale = np.array([targets[fit.indicator] for fit in search])

    def residual(position: Floats) -> Floats:
        simulated = simulate(position)
        return np.asarray([simulated[fit.indicator] for fit in search] / scale - 1)

    here = residual(point)
    slopes = np.empty((len(search), len(search)))
    for number in range(len(search)):
        ahead = point.copy()
        ahead[number] += STEP
        slopes[:, number] = (residual(ahead) - here) / STEP
    best, best_error = point, float(np.abs(here).max())
    for _ in range(plan.iterations):
        if best_error <= plan.tolerance:
            break
        move = np.clip(-np.linalg.lstsq(slopes, here, rcond=None)[0], -LARGEST_MOVE, LARGEST_MOVE)
        move = np.minimum(point + move, bounds) - point
        if not move.any():
            break
        there = residual(point + move)
        slopes += np.outer(there - here - slopes @ move, move) / (move @ move)
        point, here = point + move, there
        if float(np.abs(here).max()) < best_error:
            best, best_error = point, float(np.abs(here).max())
    return best


def _line(
    values: Mapping[str, float], simulated: Mapping[str, float], targets: Mapping[str, float]
) -> str:
    parameters = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
    figures = "  ".join(f"{name} {simulated[name]:.5g}" for name in targets if name in simulated)
    return f"{parameters} -> {figures}"


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write a fit into its file, all or nothing: the plan stays, the results are replaced.

    Parameters
    ----------
    calibration
        The results.
    path
        The calibration file.

    Raises
    ------
    RunError
        If the file cannot be written.
    """
    plan = calibration.plan
    fitted_to = {fit.indicator for fit in plan.fit}
    document = plan.model_dump(mode="json", exclude_defaults=True) | {
        "fitted": {name: _rounded(value) for name, value in calibration.fitted.items()},
        "targets": {name: _rounded(value) for name, value in calibration.targets.items()},
        "simulated": {name: _rounded(calibration.simulated[name]) for name in calibration.targets},
        "residuals": {
            name: _rounded(calibration.simulated[name] / target - 1)
            for name, target in calibration.targets.items()
            if target
        },
        "one_to_one": [name for name in calibration.targets if name in fitted_to],
        "not_fitted": [name for name in calibration.targets if name not in fitted_to],
    }
    head = (
        "# Written by `hall calibrate`.  `fit`, `replications` and `seed` are yours to change.\n"
        "# A figure under `one_to_one` has a parameter of its own: meeting it is no evidence.\n"
    )
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=96)
    try:
        write_whole(path, (head + text).encode())
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error.strerror}); it stays as it was"
        ) from error


def _rounded(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.7g}")
