"""Designs: study files, grids, designs that fill space, tables of points."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from sim.measure.definitions import headline
from sim.scenario.problems import InputError, Problem
from sim.scenario.yaml_lines import Place
from sim.studies.sweep.axes import Axis, WrittenAxis, read_axis
from sim.studies.sweep.design import (
    MOST_POINTS,
    Study,
    chosen_indicators,
    find_study,
    points_of,
    read_points,
    read_study,
)
from tests.scenario.conftest import Hall

PLACE = Place("here", None)


def axes(**written: str) -> list[Axis]:
    found = []
    for name, levels in written.items():
        path = name if name.startswith("+") else f"policy.{name}"
        axis, problems = read_axis(WrittenAxis(path, levels, PLACE))
        assert axis is not None, problems
        found.append(axis)
    return found


def study(**fields: object) -> Study:
    return replace(Study(name="s", bases=("hall.yaml",)), **fields)  # type: ignore[arg-type]


def levels(varied: list[Axis], asked: Study, seed: int = 1) -> list[tuple[str | None, ...]]:
    points, problems = points_of(varied, asked.bases, asked, seed)
    assert not problems
    assert [point.number for point in points] == list(range(len(points)))
    return [point.levels for point in points[len(asked.bases) :]]


def refusals(varied: list[Axis], asked: Study) -> list[Problem]:
    points, problems = points_of(varied, asked.bases, asked, 1)
    assert not points
    return problems


# Grids and designs --------------------------------------------------------------------------


def test_a_grid_crosses_all_levels_the_last_axis_first() -> None:
    found = levels(axes(entry="0:1:2", authorization="0:1:3"), study())
    assert found == [(a, b) for a in ("0", "1") for b in ("0", "0.5", "1")]


def test_the_bases_own_points_come_first() -> None:
    asked = study(bases=("a", "b"))
    points, _ = points_of(axes(entry="0:1:2"), asked.bases, asked, 1)
    own = [(point.base, point.levels) for point in points]
    assert own == [(0, (None,)), (1, (None,)), (0, ("0",)), (0, ("1",)), (1, ("0",)), (1, ("1",))]


def test_a_latin_hypercube_has_one_point_in_every_slice() -> None:
    varied = axes(entry="0:1", work_speed="0.5:1.5", windows="dedicated,comprehensive")
    found = levels(varied, study(design="latin-hypercube", points=20))
    for column, (low, width) in enumerate(((0, 1), (0.5, 1))):
        slices = Counter(int((float(row[column] or 0) - low) / width * 20) for row in found)
        assert slices == Counter(range(20))
    assert Counter(row[2] for row in found) == {"dedicated": 10, "comprehensive": 10}


def test_a_sobol_design_is_balanced() -> None:
    found = levels(axes(entry="0:1", authorization="0:1"), study(design="sobol", points=16))
    quarters = Counter((float(a or 0) < 0.5, float(b or 0) < 0.5) for a, b in found)
    assert set(quarters.values()) == {4}


@pytest.mark.parametrize("design", ["latin-hypercube", "sobol"])
def test_the_seed_decides_a_design(design: str) -> None:
    asked = study(design=design, points=8)
    varied = axes(entry="0.593:1")
    assert levels(varied, asked) == levels(varied, asked)
    assert levels(varied, asked) != levels(varied, asked, seed=2)
    assert all(0.593 <= float(row[0] or 0) <= 1 for row in levels(varied, asked))


def test_several_bases_share_a_design() -> None:
    asked = study(bases=("a", "b"), design="latin-hypercube", points=10)
    points, _ = points_of(axes(entry="0:1"), asked.bases, asked, 1)
    assert Counter(point.base for point in points[2:]) == {0: 5, 1: 5}


@pytest.mark.parametrize(
    ("varied", "fields", "found", "allowed"),
    [
        ({}, {}, "nothing is varied", "--vary"),
        ({"entry": "0:1"}, {}, "without a step", "FROM:TO:N"),
        ({"entry": "0:1:2"}, {"points": 5}, "5 points on a grid", "--design"),
        ({"entry": "0:1"}, {"design": "sobol"}, "no points", "--points"),
        ({"entry": "0:1"}, {"design": "sobol", "points": 60}, "60 points", "such as 64"),
        ({"entry": "0:1"}, {"design": "latin-hypercube", "points": 1}, "1 points", "from 2"),
    ],
)
def test_refused_designs(
    varied: dict[str, str], fields: dict[str, object], found: str, allowed: str
) -> None:
    (problem,) = refusals(axes(**varied), study(**fields))
    assert found in problem.found
    assert allowed in problem.allowed


def test_a_grid_too_large_is_refused_before_it_is_made() -> None:
    varied = axes(entry="0:1:1000", authorization="0:1:1000", postal_share="0:1:1000")
    (problem,) = refusals(varied, study())
    assert "1,000,000,000 points" in problem.found
    assert f"{MOST_POINTS:,}" in problem.allowed


# Study files --------------------------------------------------------------------------------

GOOD = """\
version: 1
title: {en: A study, zh: 研究}
base: [hall.yaml, other.yaml]
set: {demand.volume: 2}
vary:
  policy.entry: 0.6:1:3
  policy.authorization: [0, 0.5]
  policy.one_form_fees: [true, false]
  +full-authorization:
design: grid
replications: 7
seed: 3
indicators: [all_elapsed_mean_wd, visits_mean]
"""


def test_a_study_file_says_everything(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD, encoding="utf-8")
    found = read_study(file)
    assert not found.problems
    assert (found.name, found.bases) == ("mine", ("hall.yaml", "other.yaml"))
    assert found.values == ("demand.volume=2",)
    assert [one.name for one in found.axes][-1] == "+full-authorization"
    assert [one.place.line for one in found.axes] == [6, 7, 8, 9]
    assert (found.replications, found.seed, found.design) == (7, 3, "grid")
    assert chosen_indicators(found) == ("all_elapsed_mean_wd", "visits_mean")
    assert chosen_indicators(study()) == tuple(one.id for one in headline())
    assert found.text == GOOD


@pytest.mark.parametrize(
    ("old", "new", "line", "found", "allowed"),
    [
        ("design: grid", "design: gird", 10, "design is 'gird'", "latin-hypercube"),
        ("seed: 3", "sead: 3", 12, "unknown field 'sead'", "did you mean 'seed'?"),
        ("replications: 7", "replications: 0", 11, "replications is 0", "from 1 to 100000"),
        ("replications: 7", "replications: many", 11, "'many'", "whole number"),
        ("visits_mean", "visits", 13, "unknown indicator 'visits'", "did you mean"),
        ("seed: 3", "points: [1]", 12, "points is", "CSV"),
        ("base: [hall.yaml, other.yaml]", "base: 3", 3, "base is 3", "a list"),
    ],
)
def test_mistakes_of_a_study_file_have_their_lines(
    tmp_path: Path, old: str, new: str, line: int, found: str, allowed: str
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    (problem,) = read_study(file).problems
    assert (problem.file, problem.line) == (str(file), line)
    assert found in problem.found
    assert allowed in problem.allowed


@pytest.mark.parametrize("version", ["version: 2", "version: one", ""])
def test_another_version_is_refused(tmp_path: Path, version: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD.replace("version: 1", version), encoding="utf-8")
    with pytest.raises(InputError, match=r"version is .*; allowed: 1, the version"):
        read_study(file)


def test_a_study_is_told_from_a_scenario(small: Hall) -> None:
    small.write("mine.yaml", GOOD)
    small.write("scenarios/studies/named.yaml", GOOD)
    assert find_study("mine.yaml") == Path("mine.yaml")
    assert find_study("named") == Path("scenarios/studies/named.yaml")
    assert find_study("hall.yaml") is None
    assert find_study("county") is None


# Tables of points ---------------------------------------------------------------------------


def table(tmp_path: Path, text: str) -> tuple[list[Axis], list[tuple[object, ...]], list[Problem]]:
    file = tmp_path / "points.csv"
    file.write_text(text, encoding="utf-8")
    found, points, problems = read_points(file, ("county", "other"), PLACE)
    return found, [(point.base, point.levels) for point in points], problems


def test_a_table_of_points(tmp_path: Path) -> None:
    text = "point,base,policy.entry,+full-entry,policy.windows\n0,,,,\n"
    text += "1,county,0.9,yes,dedicated\n2,other,0.6,off,\n\n3,,0.7,,comprehensive\n"
    found, points, problems = table(tmp_path, text)
    assert not problems
    assert [axis.kind for axis in found] == ["number", "reform", "choice"]
    assert found[0].levels == ("0.6", "0.7", "0.9")
    own = (None, None, None)
    assert points == [
        (0, own),
        (1, own),
        (0, ("0.9", "on", "dedicated")),
        (1, ("0.6", "off", None)),
        (0, ("0.7", None, "comprehensive")),
    ]


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        ("policy.entri\n0.5\n", 1, "no parameter", "did you mean"),
        ("policy.entry,policy.entry\n0.5,1\n", 1, "twice", "once"),
        ("policy.entry\n0.5,1\n", 2, "2 cells", "1, as on line 1"),
        ("+full-entry\nperhaps\n", 2, "'perhaps'", "off or on"),
        ("base,policy.entry\ncounti,1\n", 2, "'counti'", "did you mean 'county'"),
        ("point\n1\n", 1, "no column", "columns"),
        ("policy.entry\n", 1, "no points", "a row"),
        (f"policy.entry\n{'1' * 200_000}\n", 2, "field larger", "cells separated by commas"),
        ('policy.entry\n0.5\n"0.7\n', 3, "no row of a table", "cells separated by commas"),
        ("policy.entry\n" + "0.5\n" * 100_000, 100_000, "100,001 rows", "at most 100,000"),
    ],
)
def test_mistakes_of_a_table_have_their_lines(
    tmp_path: Path, text: str, line: int | None, found: str, allowed: str
) -> None:
    _, _, (problem,) = table(tmp_path, text)
    assert problem.line == line
    assert found in problem.found
    assert allowed in problem.allowed


def test_a_table_that_is_not_there_is_told_at_the_option(tmp_path: Path) -> None:
    _, _, (problem,) = read_points(tmp_path / "none.csv", ("county",), Place("--points", None))
    assert problem.file == "--points"
