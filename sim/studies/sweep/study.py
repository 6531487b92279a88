"""Sweeps: a scenario at many points, each simulated once, by one or several machines."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import indicators
from sim.measure.verdicts import with_telling
from sim.running.interrupts import interrupts
from sim.running.runner import WHOLE, Runner, Share, StoppedError
from sim.scenario.load import load, load_parts
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.scenario.schema import Bilingual
from sim.studies.sweep.axes import ON, Axis, clashes, read_axis
from sim.studies.sweep.design import Point, Study, chosen_indicators, points_of, read_points

Floats = npt.NDArray[np.float64]

BATCH = 64
"""Points whose scenarios are in memory at once; those of the county take 1.5 MB each."""


@dataclass(frozen=True)
class SweepPlan:
    """A sweep of which every point was loaded and found valid.

    Parameters
    ----------
    study
        What was asked.
    bases
        The scenarios that are varied; unchanged, they are the first points.
    axes
        What is varied, in the order of a point's levels.
    points
        By number.
    contents
        `Scenario.content` of every point, which identifies its results.
    indicators
        Ids of the figures that are shown.
    seed
        Seed of the replications and of random designs.
    """

    study: Study
    bases: tuple[Scenario, ...]
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    contents: tuple[str, ...]
    indicators: tuple[str, ...]
    seed: int

    @property
    def kept(self) -> tuple[str, ...]:
        """Ids of the figures that are kept: those shown, then the rates that verdicts depend on."""
        return with_telling(self.indicators)

    def scenario(self, point: Point) -> Scenario:
        """Load the scenario of a point.

        Parameters
        ----------
        point
            One of `points`.

        Returns
        -------
        Scenario
            The base with the levels of the point.
        """
        return _scenario(self.bases[point.base], self.axes, point.levels)


def _scenario(base: Scenario, axes: Sequence[Axis], levels: Sequence[str | None]) -> Scenario:
    pairs = [(axis, level) for axis, level in zip(axes, levels, strict=True) if level is not None]
    reforms = [axis.name[1:] for axis, level in pairs if axis.kind == "reform" and level == ON]
    values = [f"{axis.name}={level}" for axis, level in pairs if axis.kind != "reform"]
    if not reforms and not values:
        return base
    reforms = [name for name in reforms if name not in base.reforms]
    return load_parts(str(base.path), (*base.reforms, *reforms), (*base.values, *values))


# Planning -----------------------------------------------------------------------------------


def plan_sweep(study: Study) -> SweepPlan:
    """Check a sweep before any of it is run: its axes, their levels, and every point.

    Parameters
    ----------
    study
        What is asked.

    Returns
    -------
    SweepPlan
        With every point loaded once.

    Raises
    ------
    InputError
        With every problem found.
    """
    problems = list(study.problems)
    figures: tuple[str, ...] = ()
    try:
        figures = chosen_indicators(study)
    except InputError as error:
        problems += [
            problem
            for problem in error.problems
            if problem.found not in {known.found for known in problems}
        ]
    bases = _bases(study, problems)
    seed = bases[0].settings.experiment.seed if bases else 0
    seed = seed if study.seed is None else study.seed
    axes, points = _axes_and_points(study, seed, problems)
    if bases:
        axes = _with_titles(bases[0], axes, problems)
        problems += _levels_alone(bases[0], axes) if problems else []
    if problems or not bases:
        raise InputError(_in_order(problems))
    contents = _contents(bases, axes, points)
    return SweepPlan(study, bases, tuple(axes), tuple(points), contents, figures, seed)


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems once each, by file as first told, and line."""
    files = list(dict.fromkeys(problem.file for problem in problems))
    return sorted(
        dict.fromkeys(problems), key=lambda problem: (files.index(problem.file), problem.line or 0)
    )


def _bases(study: Study, problems: list[Problem]) -> tuple[Scenario, ...]:
    loaded = []
    for name in study.bases:
        try:
            loaded.append(load(name, study.values))
        except InputError as error:
            problems += error.problems
    doubled = {name for name in study.bases if study.bases.count(name) > 1}
    place = study.place
    problems += [
        Problem(place.file, place.line, f"the base {name!r} is given twice", "each base once")
        for name in sorted(doubled)
    ]
    return tuple(loaded) if len(loaded) == len(study.bases) else ()


def _axes_and_points(
    study: Study, seed: int, problems: list[Problem]
) -> tuple[list[Axis], list[Point]]:
    if isinstance(study.points, Path):
        axes, points, more = read_points(study.points, study.bases, study.points_place)
        problems += more
        place = study.points_place
        problems += [
            Problem(
                axis.place.file,
                axis.place.line,
                f"{axis.name!r} beside a file of points",
                f"axes as columns of {study.points}",
            )
            for axis in study.axes
        ]
        if study.design != "grid":
            found = f"the design {study.design} beside a file of points"
            problems.append(Problem(place.file, place.line, found, "one of the two"))
    else:
        axes, points = [], []
        for written in study.axes:
            axis, more = read_axis(written)
            problems += more
            axes += [axis] if axis else []
        if len(axes) == len(study.axes):
            points, more = points_of(axes, study.bases, study, seed)
            problems += more
    problems += clashes(axes, study.values)
    return axes, points


def _with_titles(base: Scenario, axes: Sequence[Axis], problems: list[Problem]) -> list[Axis]:
    """Return the axes, reforms with their titles; no reform may set what another axis varies."""
    titled = []
    paths = {axis.name: axis for axis in axes}
    for axis in axes:
        if axis.kind != "reform":
            titled.append(axis)
            continue
        try:
            loaded = _scenario(base, [axis], [ON])
        except InputError as error:
            problems += [_placed(problem, [axis], [ON], "") for problem in error.problems]
            continue
        titled.append(replace(axis, title=_added(base, loaded)))
        problems += _overruled(loaded, axis, paths)
    return titled


def _levels_alone(base: Scenario, axes: Sequence[Axis]) -> Iterator[Problem]:
    """Find levels out of bounds if other problems prevent that points are loaded."""
    for axis in axes:
        levels = axis.levels or (repr(axis.low), repr(axis.high))
        for level in levels if axis.kind != "reform" else ():
            try:
                _scenario(base, [axis], [level])
            except InputError as error:
                problems = (_placed(problem, [axis], [level], "") for problem in error.problems)
                yield from (problem for problem in problems if problem.file == axis.place.file)


def _placed(
    problem: Problem, axes: Sequence[Axis], levels: Sequence[str | None], point: str
) -> Problem:
    """Return a problem at the axis it comes from; else at its line, else at the point."""
    for axis, level in zip(axes, levels, strict=True):
        if problem.file in {f"--set {axis.name}={level}", axis.name}:
            return replace(problem, file=axis.place.file, line=axis.place.line)
    return problem if problem.line or not point else replace(problem, file=point)


def _added(base: Scenario, loaded: Scenario) -> Bilingual:
    return Bilingual(
        en=loaded.title.en.removeprefix(f"{base.title.en} + "),
        zh=loaded.title.zh.removeprefix(f"{base.title.zh} + "),
    )


def _overruled(loaded: Scenario, reform: Axis, axes: dict[str, Axis]) -> list[Problem]:
    """Find the axes that would overrule what a reform sets."""
    name = Path(reform.name[1:]).stem
    return [
        Problem(
            axes[path].place.file,
            axes[path].place.line,
            f"{path!r} is varied, and {reform.name!r} sets it",
            "one of the two",
        )
        for path, place in loaded.places.items()
        if path in axes and place.layer == "reform" and Path(place.file).stem == name
    ]


def _contents(
    bases: Sequence[Scenario], axes: Sequence[Axis], points: Sequence[Point]
) -> tuple[str, ...]:
    """Load every point, to find levels that are invalid only together; return the contents.

    Raises
    ------
    InputError
        With every problem once, at the first point that has it.
    """
    first, rest = _covering(points)
    contents: dict[int, str] = {}
    for some in (first, rest):  # the first are few, and have every level
        problems: dict[tuple[str, str], Problem] = {}
        for point in some:
            try:
                loaded = _scenario(bases[point.base], axes, point.levels)
            except InputError as error:
                point_text = f"point {point.number} ({_coordinates(axes, point)})"
                for problem in error.problems:
                    where = _placed(problem, axes, point.levels, point_text)
                    if point.place is not None and where != problem:
                        where = replace(problem, file=point.place.file, line=point.place.line)
                    problems.setdefault((problem.found, problem.allowed), where)
            else:
                contents[point.number] = loaded.content
        if problems:
            raise InputError(problems.values())
    return tuple(contents[point.number] for point in points)


def _covering(points: Sequence[Point]) -> tuple[list[Point], list[Point]]:
    """Split points into those that have a level for the first time, and the others."""
    seen: set[tuple[int, str | None]] = set()
    first: list[Point] = []
    rest: list[Point] = []
    for point in points:
        levels = {(-1, str(point.base)), *enumerate(point.levels)}
        (rest if levels <= seen else first).append(point)
        seen |= levels
    return first, rest


def _coordinates(axes: Sequence[Axis], point: Point) -> str:
    pairs = zip(axes, point.levels, strict=True)
    return ", ".join(f"{axis.name}={level}" for axis, level in pairs if level is not None)


# Simulation ---------------------------------------------------------------------------------


def work_out_points(
    plan: SweepPlan, runner: Runner, replications: int, share: Share = WHOLE
) -> Floats:
    """Simulate the points of a share that are not kept yet, and return the figures.

    Parameters
    ----------
    plan
        The sweep.
    runner
        Simulates the replications and keeps their figures.
    replications
        Number of replications of every point.
    share
        Which points this process is to simulate.

    Returns
    -------
    ndarray
        Shape (points, replications, `SweepPlan.kept`); NaN outside the share, and where null.

    Raises
    ------
    StoppedError, RunError
        As `Runner.figures`; finished cells are kept.
    """
    values = np.full((len(plan.points), replications, len(plan.kept)), np.nan)
    columns = [list(indicators()).index(name) for name in plan.kept]
    numbers, each = range(replications), runner.cells_in(range(replications))
    mine = [point for point in plan.points if share.has(point.number)]
    missing = []
    for point in mine:
        kept = runner.kept(plan.contents[point.number], numbers)
        if kept is None:
            missing.append(point)
        else:
            values[point.number] = kept[:, columns]
    done, wanted = (len(mine) - len(missing)) * each, len(mine) * each
    missing.sort(key=_order)
    with interrupts() as stopped:
        for first in range(0, len(missing), BATCH):
            batch = missing[first : first + BATCH]
            scenarios = [plan.scenario(point) for point in batch]
            if stopped():
                raise StoppedError(done, wanted)
            try:
                # The same scenario at two points is one cell; counted at the end of the batch.
                figures = runner.as_part(done, wanted).figures(scenarios, numbers).values
            except StoppedError as error:
                raise StoppedError(done + error.finished, wanted) from error
            for point, point_values in zip(batch, figures, strict=True):
                values[point.number] = point_values[:, columns]
            done += len(batch) * each
    if runner.progress is not None:
        runner.progress(wanted, wanted)
    return values


def _order(point: Point) -> bytes:
    """Return a sort key that is different in every process.

    So machines that share a folder seldom simulate the same point at the same time.
    """
    own = f"{platform.node()} {os.getpid()} {point.number}"
    return hashlib.blake2b(own.encode(), digest_size=8).digest()


def still_missing(plan: SweepPlan, runner: Runner, replications: int) -> int:
    """Return how many points of the whole sweep are not simulated yet.

    Parameters
    ----------
    plan
        The sweep.
    runner
        Has the folder in which figures are kept.
    replications
        Number of replications of every point.

    Returns
    -------
    int
        0 if all points are complete.
    """
    numbers = range(replications)
    return sum(runner.kept(content, numbers) is None for content in plan.contents)
