"""The design of a sweep: the study file, and the points at which scenarios are simulated."""

from __future__ import annotations

import csv
import io
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from pydantic import Field

from sim.measure.definitions import headline, indicators
from sim.scenario.fields import Replications, Section, Seed
from sim.scenario.files import MOST_TABLE_BYTES, find, parts_of, read_text, scenario_folders
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.schema import Bilingual
from sim.scenario.yaml_lines import Document, Place, errors_of, explain_error, parse, shown
from sim.studies.sweep.axes import (
    BASE,
    OFF,
    ON,
    RULE,
    Axis,
    WrittenAxis,
    is_parameter,
    level_text,
    no_parameter,
)

Design = Literal["grid", "latin-hypercube", "sobol"]
KINDS: tuple[Design, ...] = get_args(Design)
VERSION = 1
MOST_POINTS = 100_000
OPTION, COMMAND = Place("--points", None), Place("hall sweep", None)
_STUDY_ONLY = {"version", "vary", "base", "design", "points"}


class StudyFile(Section):
    """The fields of a study file."""

    version: Literal[1]
    """Version of the form of study files."""
    title: Bilingual | None = None
    """Name of the study."""
    note: Bilingual | None = None
    """One sentence about it."""
    base: list[str]
    """Scenario that is varied; several are an axis of their own."""
    set: dict[str, object] = Field(default_factory=dict)
    """Values that hold at every point, by dotted path."""
    vary: dict[str, object] = Field(default_factory=dict)
    """Axes: levels by dotted path, or ``+reform`` with nothing."""
    design: Design = "grid"
    """How points are chosen on the axes."""
    points: object = None
    """Number of points of a design, or a CSV file whose columns are axes."""
    replications: Replications | None = None
    """Replications of every point; the number of the scenario unless given."""
    seed: Seed | None = None
    """Seed of all random numbers; that of the scenario unless given."""
    indicators: list[str] = Field(default_factory=list)
    """Figures that are kept; the headline ones unless given."""


@dataclass(frozen=True)
class Study:
    """What a sweep is asked to do, from a study file or from options.

    Parameters
    ----------
    name
        Name of the result folder.
    bases
        Expressions of the scenarios that are varied, such as ``county+full-entry``.
    values
        Single values that hold at every point, such as ``demand.volume=2``.
    axes
        Axes as written.
    design
        How points are chosen on the axes.
    points
        Number of points of a design, or the CSV file that lists them; None on a grid.
    points_place
        Where `points` was written.
    replications, seed
        Replications of every point and seed of all random numbers; None for the scenario's.
    indicators
        Ids of the figures that are kept; empty for the headline ones.
    place
        Where the bases were written.
    problems
        Problems of the fields of the study file; axes and points are checked later.
    text
        Content of the study file; empty without one.
    title
        Name of the study in reports; None if it has none.
    """

    name: str
    bases: tuple[str, ...]
    values: tuple[str, ...] = ()
    axes: tuple[WrittenAxis, ...] = ()
    design: Design = "grid"
    points: int | Path | None = None
    points_place: Place = OPTION
    replications: int | None = None
    seed: int | None = None
    indicators: tuple[str, ...] = ()
    place: Place = COMMAND
    problems: tuple[Problem, ...] = ()
    text: str = ""
    title: Bilingual | None = None


@dataclass(frozen=True)
class Point:
    """A point of the design: a base scenario and a level on each axis.

    Parameters
    ----------
    number
        Its number in files, from 0; the unchanged bases come first.
    base
        Index of the base that is varied.
    levels
        Level on each axis, in the order of the axes; None for the value of the base.
    place
        Line of the table of points that lists it; None for points of a design.
    """

    number: int
    base: int
    levels: tuple[str | None, ...]
    place: Place | None = field(default=None, compare=False)


# Study files --------------------------------------------------------------------------------


def find_study(name: str) -> Path | None:
    """Return the study file of that name or path; None if it names something else.

    Parameters
    ----------
    name
        Path, or name of a file in ``scenarios/studies/``.

    Returns
    -------
    Path or None
        None if there is no such file, or if it is a scenario.
    """
    path = find(name, Path(), [folder / "studies" for folder in scenario_folders()])
    if path is None or not name.endswith(".yaml"):
        return None if path is None or find(name, Path(), scenario_folders()) else path
    text = read_text(path, str(path))
    data = None if isinstance(text, Problem) else parse(text, str(path)).data
    return path if data is not None and _STUDY_ONLY & data.keys() else None


def _check_names(bases: Sequence[str]) -> None:
    """Refuse names that are neither scenario nor study, with the names most similar."""
    folders = scenario_folders()
    studies = [folder / "studies" for folder in folders]
    known = sorted({file.stem for folder in (*folders, *studies) for file in folder.glob("*.yaml")})
    problems = [
        Problem(name, None, f"no scenario or study {name!r}", nearest(name, known))
        for name in (parts_of(base)[0] for base in bases)
        if find(name, Path(), folders) is None
    ]
    if problems:
        raise InputError(problems)


def read_study(path: Path) -> Study:
    """Read a study file; problems of its fields are in the `problems` of the study.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Study
        With defaults in place of the fields that have problems.

    Raises
    ------
    InputError
        If the file cannot be read, is no YAML, or is of another version.
    """
    text = read_text(path, str(path))
    if isinstance(text, Problem):
        raise InputError([text])
    document = parse(text, str(path))
    data = document.data
    if data is None or document.problems:
        raise InputError(document.problems)
    if data.get("version") != VERSION:
        place = document.place("version")
        found = f"version is {shown(data.get('version'))}"
        allowed = f"{VERSION}, the version of study files that this program reads"
        raise InputError([Problem(place.file, place.line, found, allowed)])
    if isinstance(data.get("base"), str):
        data["base"] = [data["base"]]
    errors = errors_of(StudyFile, data)
    problems = [explain_error(error, StudyFile, document.place) for error in errors]
    for error in errors:
        data.pop(str(error["loc"][0]), None)
    good = StudyFile.model_validate({"version": VERSION, "base": [], **data})
    points, more = _points_of(good.points, document, path.parent)
    problems += more
    if not good.base and not any(error["loc"][:1] == ("base",) for error in errors):
        place = document.place("base")
        problems.append(Problem(place.file, place.line, "base is empty", "one scenario or more"))
    return Study(
        name=path.stem,
        bases=tuple(good.base),
        values=tuple(f"{name}={level_text(value)}" for name, value in good.set.items()),
        axes=tuple(
            WrittenAxis(name, levels, document.place(f"vary.{name}"))
            for name, levels in good.vary.items()
        ),
        design=good.design,
        points=points,
        points_place=document.place("points"),
        replications=good.replications,
        seed=good.seed,
        indicators=tuple(good.indicators),
        place=document.place("base"),
        problems=tuple(problems + _unknown(good.indicators, document.place("indicators"))),
        text=text,
        title=good.title,
    )


def _points_of(
    written: object, document: Document, folder: Path
) -> tuple[int | Path | None, list[Problem]]:
    if written is None or (isinstance(written, int) and not isinstance(written, bool)):
        return written, []
    if isinstance(written, str):
        return folder / written, []
    place = document.place("points")
    found = f"points is {shown(written)}"
    return None, [Problem(place.file, place.line, found, "a whole number, or a CSV file")]


def _unknown(names: Sequence[str], place: Place) -> list[Problem]:
    known = list(indicators())
    return [
        Problem(place.file, place.line, f"unknown indicator {name!r}", nearest(name, known))
        for name in names
        if name not in known
    ]


def chosen_indicators(study: Study) -> tuple[str, ...]:
    """Return the figures that a study keeps: those it names, or the headline ones.

    Parameters
    ----------
    study
        What is asked.

    Returns
    -------
    tuple of str
        Ids of indicators, each once.

    Raises
    ------
    InputError
        If one is unknown.
    """
    problems = _unknown(study.indicators, Place("--indicator", None))
    if problems:
        raise InputError(problems)
    return tuple(dict.fromkeys(study.indicators)) or tuple(indicator.id for indicator in headline())


# Points -------------------------------------------------------------------------------------


def points_of(
    axes: Sequence[Axis], bases: Sequence[str], study: Study, seed: int
) -> tuple[list[Point], list[Problem]]:
    """Return the points of a design, those of the bases first.

    Parameters
    ----------
    axes
        What is varied, without the axis of bases.
    bases
        Names of the bases; more than one are an axis too.
    study
        What is asked.
    seed
        Seed of random designs.

    Returns
    -------
    points : list of Point
        By number; empty if there are problems.
    problems : list of Problem
        Every problem of the design; empty if it is valid.
    """
    problems = list(_design_problems(axes, bases, study))
    if problems:
        return [], problems
    base_points = [Point(number, number, (None,) * len(axes)) for number in range(len(bases))]
    varied: Iterator[tuple[int, tuple[str, ...]]]
    if study.design == "grid":
        grid = itertools.product(range(len(bases)), *(axis.levels for axis in axes))
        varied = ((base, levels) for base, *levels in grid)  # type: ignore[misc]
    else:
        varied = _filled(axes, len(bases), study, seed)
    points = [
        Point(number, base, tuple(levels))
        for number, (base, levels) in enumerate(varied, len(base_points))
    ]
    return base_points + points, []


def _design_problems(axes: Sequence[Axis], bases: Sequence[str], study: Study) -> Iterator[Problem]:
    place, number = study.points_place, study.points
    if not axes and len(bases) < 2:
        where = study.place
        yield Problem(where.file, where.line, "nothing is varied", f"--vary PATH={RULE}")
    if study.design == "grid":
        if number is not None:
            found = f"{number} points on a grid"
            allowed = "the levels of the axes alone, or --design latin-hypercube or sobol"
            yield Problem(place.file, place.line, found, allowed)
        for axis in axes:
            if not axis.levels:
                found = f"{axis.name} over a range without a step, on a grid"
                yield Problem(axis.place.file, axis.place.line, found, RULE)
        size = math.prod([len(bases), *(len(axis.levels) for axis in axes)])
        if size > MOST_POINTS:
            found = f"a grid of {size:,} points"
            allowed = f"at most {MOST_POINTS:,}; --design latin-hypercube takes fewer"
            yield Problem(study.place.file, study.place.line, found, allowed)
    elif not isinstance(number, int) or not 2 <= number <= MOST_POINTS:
        found = f"the design {study.design} with {'no' if number is None else number} points"
        yield Problem(place.file, place.line, found, f"--points from 2 to {MOST_POINTS:,}")
    elif study.design == "sobol" and number & (number - 1):
        near = 2 ** round(math.log2(number))
        yield Problem(place.file, place.line, f"{number} points", f"a power of two, such as {near}")


def _filled(
    axes: Sequence[Axis], bases: int, study: Study, seed: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield base and levels of the points of a space-filling design."""
    from scipy.stats import qmc  # noqa: PLC0415  (slow to import)

    dimensions = len(axes) + (bases > 1)
    sampler = qmc.LatinHypercube if study.design == "latin-hypercube" else qmc.Sobol
    assert isinstance(study.points, int)  # noqa: S101  (checked before)
    unit = sampler(dimensions, seed=seed).random(study.points)
    for row in unit:
        shares = list(row)
        base = int(shares.pop() * bases) if bases > 1 else 0
        yield base, tuple(_at(axis, share) for axis, share in zip(axes, shares, strict=True))


def _at(axis: Axis, share: float) -> str:
    """Return the level at a share (0 to 1) of an axis."""
    if axis.levels:
        return axis.levels[min(int(share * len(axis.levels)), len(axis.levels) - 1)]
    # The level is rounded to six digits, so that tables show exactly the value that was run.
    value = float(f"{axis.low + share * (axis.high - axis.low):.6g}")
    return repr(min(max(value, axis.low), axis.high))


def read_points(
    file: Path, bases: Sequence[str], place: Place
) -> tuple[list[Axis], list[Point], list[Problem]]:
    """Read points from a CSV file whose columns are axes; an empty cell is the value of the base.

    Columns ``point`` and ``scenario`` are ignored, so that `points.csv` of a sweep can be read.

    Parameters
    ----------
    file
        The table; it may have a column ``base``.
    bases
        Names of the bases; the first one is taken where the column ``base`` is empty or missing.
    place
        Where the file was named.

    Returns
    -------
    axes : list of Axis
        One for each column of a parameter or reform.
    points : list of Point
        By number, those of the bases first.
    problems : list of Problem
        Every problem found; if the header or the shape of the table has any, axes and points
        are empty.
    """
    text = read_text(file, str(file), place, MOST_TABLE_BYTES)
    if isinstance(text, Problem):
        return [], [], [text]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        found = f"a row that is no row of a table ({error})"
        return [], [], [Problem(str(file), reader.line_num, found, "cells separated by commas")]
    if len(rows) > MOST_POINTS:
        found = f"{len(rows):,} rows"
        return [], [], [Problem(str(file), MOST_POINTS, found, f"at most {MOST_POINTS:,}")]
    # Tables of this program have an apostrophe before texts that a spreadsheet would evaluate.
    rows = [[cell.strip().removeprefix("'") for cell in row] for row in rows]
    header = rows[0] if rows else []
    problems = list(_header_problems(header, str(file)))
    wide = [number for number, row in enumerate(rows, 1) if row and len(row) != len(header)]
    problems += [
        Problem(str(file), number, f"{len(rows[number - 1])} cells", f"{len(header)}, as on line 1")
        for number in wide
    ]
    if problems or len(rows) < 2:
        return [], [], problems or [Problem(str(file), 1, "no points", "a row for each point")]
    points = [Point(number, number, ()) for number in range(len(bases))]
    columns = [name for name in header if name not in {"point", "scenario", BASE}]
    for line, row in enumerate(rows[1:], 2):
        if not row:
            continue
        cells = dict(zip(header, row, strict=True))
        base = cells.get(BASE) or bases[0]
        if base not in bases:
            found = f"base {base!r}"
            problems.append(Problem(str(file), line, found, nearest(base, bases)))
            continue
        levels = tuple(_cell(name, cells[name]) for name in columns)
        if any(level is not None for level in levels):  # the bases themselves are there already
            where = Place(str(file), line)
            points.append(Point(len(points), bases.index(base), levels, where))
        problems += [
            Problem(str(file), line, f"{name} is {shown(cells[name])}", f"{OFF} or {ON}")
            for name, level in zip(columns, levels, strict=True)
            if name.startswith("+") and level not in (None, OFF, ON)
        ]
    base_levels: tuple[str | None, ...] = (None,) * len(columns)
    points = [replace(point, levels=point.levels or base_levels) for point in points]
    axes = [_axis_of(name, number, points, str(file)) for number, name in enumerate(columns)]
    return axes, points, problems


def _cell(name: str, text: str) -> str | None:
    if name.startswith("+"):
        return {"yes": ON, "true": ON, "1": ON, "no": OFF, "false": OFF, "0": OFF}.get(
            text.lower(), text.lower() or None
        )
    return text or None


def _header_problems(header: Sequence[str], file: str) -> Iterator[Problem]:
    axes = [name for name in header if name not in {"point", "scenario"}]
    if not axes:
        yield Problem(file, 1, "no column of an axis", "dotted paths and +reforms as columns")
    for number, name in enumerate(axes):
        if name in axes[:number]:
            yield Problem(file, 1, f"column {name!r} twice", "each axis once")
        if name != BASE and not name.startswith("+") and not is_parameter(name):
            yield no_parameter(name, Place(file, 1))


def _axis_of(name: str, number: int, points: Sequence[Point], file: str) -> Axis:
    """Return the axis of a column: its levels are those that occur."""
    values = [point.levels[number] for point in points]
    levels = tuple(dict.fromkeys(level for level in values if level is not None))
    place = Place(file, 1)
    if name.startswith("+"):
        return Axis(name, "reform", (OFF, ON), place)
    try:
        ordered = tuple(sorted(levels, key=float))
    except ValueError:
        return Axis(name, "choice", levels, place)
    finite = bool(np.isfinite([float(level) for level in ordered]).all())
    return Axis(name, "number" if finite else "choice", ordered, place)


def study_document(study: Study) -> dict[str, Any]:
    """Return what a manifest keeps of a study.

    Parameters
    ----------
    study
        What is asked.

    Returns
    -------
    dict
        Plain data: name, bases, design, points, axes as written, content of the study file.
    """
    return {
        "name": study.name,
        "bases": list(study.bases),
        "design": "file" if isinstance(study.points, Path) else study.design,
        "points": str(study.points) if isinstance(study.points, Path) else study.points,
        "axes": {axis.name: axis.levels for axis in study.axes},
        "text": study.text,
    }


def study_of(
    bases: Sequence[str],
    vary: Sequence[str] = (),
    *,
    design: Design | None = None,
    points: int | str | Path | None = None,
    indicators: Sequence[str] = (),
    values: Sequence[str] = (),
    seed: int | None = None,
) -> Study:
    """Return the study that options ask for, or that of a file with the options laid over it.

    Parameters
    ----------
    bases
        A study file, by name or path; or scenarios, of which one that begins with a plus sign is
        the first one with those reforms.
    vary
        Axes, such as ``policy.authorization=0:1:0.25`` or ``+full-entry``.
    design
        How points are chosen.
    points
        Their number, or a table whose columns are axes.
    indicators
        Ids of the figures that are kept.
    values
        Single values that hold at every point.
    seed
        Seed of all random numbers; that of the study file, if there is one, unless given.

    Returns
    -------
    Study
        What is asked, not checked yet.
    """
    file = find_study(bases[0]) if len(bases) == 1 else None
    if file is None:
        _check_names(tuple(bases))
        names = [bases[0] + name if name.startswith("+") else name for name in bases]
        study = Study(name=f"{Path(bases[0]).name.removesuffix('.yaml')}-sweep", bases=tuple(names))
    else:
        study = read_study(file)
    written = []
    for text in vary:
        name, _, levels = text.partition("=")
        written.append(WrittenAxis(name.strip(), levels.strip(), Place(f"--vary {text}", None)))
    named = {axis.name for axis in written}
    kept = tuple(axis for axis in study.axes if axis.name not in named)
    changes: dict[str, object] = {
        "axes": kept + tuple(written),
        "values": study.values + tuple(values),
        "seed": study.seed if seed is None else seed,
    }
    if design is not None:
        changes["design"] = design
    if points is not None:
        is_count = isinstance(points, int) or _is_count(str(points))
        changes["points"] = int(str(points)) if is_count else Path(str(points))
        changes["points_place"] = Place(f"--points {points}", None)
    if indicators:
        changes["indicators"] = tuple(indicators)
    return replace(study, **changes)  # type: ignore[arg-type]


_LONGEST_COUNT = 18
"""Digits of a number of points."""


def _is_count(text: str) -> bool:
    """Say whether a text is a whole number of few enough digits."""
    return text.isdecimal() and len(text) <= _LONGEST_COUNT
