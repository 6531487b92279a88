"""Calibration: fit parameters to the figures of a report, and keep what was done in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import Field, ValidationError

from sim.experiment.run import run
from sim.experiment.workers import Workers
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.schema import Bilingual, Section

Floats = npt.NDArray[np.float64]
Say = Callable[[str], None]

STEP = 0.15
"""Relative step by which the first derivatives are taken."""
LARGEST_MOVE = 0.7
"""Largest change of the logarithm of a parameter in one iteration."""


class Fit(Section):
    """One parameter, and the figure that it is fitted to."""

    parameter: str
    """Dotted path."""
    indicator: str
    """Figure of the report."""
    how: Literal["search", "proportional"] = "search"
    """By quasi-Newton steps, or by the ratio of report to simulation."""
    start: Annotated[float, Field(gt=0)]
    """Value to start from."""
    high: Annotated[float, Field(gt=0)] = 1e9
    """Largest value allowed."""


class Plan(Section):
    """What a calibration file asks for."""

    title: Bilingual
    note: Bilingual
    fit: tuple[Fit, ...]
    replications: int = 24
    seed: int = 20090420
    iterations: int = 6
    tolerance: float = 0.002
    """Relative distance to a target at which its search ends."""


@dataclass(frozen=True)
class Calibration:
    """A finished fit: parameters, and every figure of the report beside the simulated one."""

    plan: Plan
    fitted: dict[str, float]
    simulated: dict[str, float]
    targets: Mapping[str, float]


def read_plan(path: Path) -> Plan:
    """Read what a calibration file asks for; the results it holds are left aside."""
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    wanted = {name: value for name, value in data.items() if name in Plan.model_fields}
    try:
        return Plan.model_validate(wanted)
    except ValidationError as error:
        raise InputError(
            Problem(str(path), None, ".".join(map(str, one["loc"])), one["msg"])
            for one in error.errors()
        ) from error


def recalibrate(scenario: Scenario, *, jobs: int | None, say: Say) -> Path:
    """Fit the calibration file that a scenario names, and write the results into it.

    Raises
    ------
    InputError
        If the scenario's own file names no calibration (one that is inherited belongs to the
        base), the report lacks a figure to fit, or the plan is wrong.
    KeyboardInterrupt
        After Ctrl-C; the file stays as it was.
    """
    named, place = scenario.settings.calibration, scenario.places.get("calibration")
    own = place is not None and Path(place.file).resolve() == scenario.path
    if named is None or not own:
        found = "no calibration of its own" if named is None else f"calibration of {place}"
        raise InputError(
            [Problem(str(scenario.path), None, found, "calibration: FILE.yaml in this file")]
        )
    path = scenario.path.parent / named
    plan = read_plan(path)
    missing = [fit.indicator for fit in plan.fit if fit.indicator not in scenario.settings.report]
    if missing:
        allowed = nearest(missing[0], list(scenario.settings.report))
        raise InputError([Problem(str(path), None, f"no report figure {missing[0]!r}", allowed)])
    write(calibrate(scenario, plan, jobs=jobs, say=say), path)
    return path


def calibrate(scenario: Scenario, plan: Plan, *, jobs: int | None, say: Say) -> Calibration:
    """Fit the plan's parameters so that the simulated figures meet the report's.

    The search works on logarithms with Broyden's rank-one updates, starting from derivatives
    by differences; all runs share their applicants, so a figure moves only with a parameter.

    Raises
    ------
    KeyboardInterrupt
        After Ctrl-C.
    """
    targets = scenario.settings.report
    search = [fit for fit in plan.fit if fit.how == "search"]
    scaled = [fit for fit in plan.fit if fit.how == "proportional"]
    factors = {fit.parameter: fit.start for fit in scaled}

    def simulate(point: Floats) -> dict[str, float]:
        values = {fit.parameter: float(np.exp(x)) for fit, x in zip(search, point, strict=True)}
        trial = scenario.with_values(values | factors)
        results = run(
            [trial], replications=plan.replications, seed=plan.seed, workers=Workers(jobs)
        )
        if len(results.paired) < plan.replications:
            raise KeyboardInterrupt
        found = {name: float(np.nanmean(results.values(0, name))) for name in targets}
        for fit in scaled:
            factors[fit.parameter] *= targets[fit.indicator] / found[fit.indicator]
        say(_line(values | factors, found, targets))
        return found

    point = _solve(search, targets, plan, simulate)
    simulated = simulate(point)
    if scaled:
        simulated = simulate(point)
    values = {fit.parameter: float(np.exp(x)) for fit, x in zip(search, point, strict=True)}
    return Calibration(plan, values | factors, simulated, targets)


def _solve(
    search: list[Fit],
    targets: Mapping[str, float],
    plan: Plan,
    simulate: Callable[[Floats], dict[str, float]],
) -> Floats:
    point = np.log([fit.start for fit in search])
    bounds = np.log([fit.high for fit in search])
    if not search:
        return point
    scale = np.array([targets[fit.indicator] for fit in search])

    def residual(at: Floats) -> Floats:
        found = simulate(at)
        return np.asarray([found[fit.indicator] for fit in search] / scale - 1)

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
    values: Mapping[str, float], found: Mapping[str, float], targets: Mapping[str, float]
) -> str:
    parameters = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
    figures = "  ".join(f"{name} {found[name]:.5g}" for name in targets if name in found)
    return f"{parameters} -> {figures}"


def write(calibration: Calibration, path: Path) -> None:
    """Write the fit back into its file: the plan stays, the results are replaced."""
    plan = calibration.plan
    fitted_to = {fit.indicator for fit in plan.fit}
    document = plan.model_dump(mode="json", exclude_defaults=True) | {
        "fitted": {name: _rounded(value) for name, value in calibration.fitted.items()},
        "targets": {name: _rounded(value) for name, value in calibration.targets.items()},
        "simulated": {name: _rounded(calibration.simulated[name]) for name in calibration.targets},
        "residuals": {
            name: _rounded(calibration.simulated[name] / target - 1)
            for name, target in calibration.targets.items()
        },
        "one_to_one": [name for name in calibration.targets if name in fitted_to],
        "not_fitted": [name for name in calibration.targets if name not in fitted_to],
    }
    head = (
        "# Written by `hall calibrate`.  `fit`, `replications` and `seed` are yours to change.\n"
        "# A figure under `one_to_one` has a parameter of its own: meeting it is no evidence.\n"
    )
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=96)
    path.write_text(head + text, encoding="utf-8")


def _rounded(value: float) -> float:
    return float(f"{value:.7g}")
