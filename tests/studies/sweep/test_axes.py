"""Axes: what a user may write, what it means, and what is refused."""

from __future__ import annotations

import pytest

from sim.scenario.yaml_lines import Place
from sim.studies.sweep.axes import Axis, WrittenAxis, clashes, is_parameter, read_axis

PLACE = Place("here", 3)


def axis(name: str, levels: object) -> Axis:
    found, problems = read_axis(WrittenAxis(name, levels, PLACE))
    assert found is not None, problems
    return found


def refused(name: str, levels: object) -> tuple[str, str]:
    found, (problem,) = read_axis(WrittenAxis(name, levels, PLACE))
    assert found is None
    assert (problem.file, problem.line) == ("here", 3)
    return problem.found, problem.allowed


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("0:1:0.1", "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1"),
        ("0.593:1:5", "0.593 0.69475 0.7965 0.89825 1"),
        ("0:1:2", "0 1"),
        ("0:1:1", "0 1"),
        ("0:1:0.25", "0 0.25 0.5 0.75 1"),
        ("-.5:.5:.5", "-0.5 0 0.5"),
        ("0:1e-3:5e-4", "0 0.0005 0.001"),
        ("0.9,0.1, .5", "0.1 .5 0.9"),
        ([0, 0.5, 1], "0 0.5 1"),
    ],
)
def test_numbers(written: object, levels: str) -> None:
    found = axis("policy.authorization", written)
    assert found.kind == "number"
    assert list(found.levels) == levels.split()


@pytest.mark.parametrize(
    ("written", "levels"),
    [("1:9:3", "1 5 9"), ("1:9:2.0", "1 3 5 7 9"), ("1:4", "1 2 3 4"), ("1:3:1", "1 2 3")],
)
def test_whole_numbers(written: str, levels: str) -> None:
    assert list(axis("policy.sections_max", written).levels) == levels.split()


def test_thirds_are_levels_that_a_reader_can_type() -> None:
    assert axis("policy.entry", "0:1:4").levels == ("0", "0.333333333333", "0.666666666667", "1")


def test_a_range_without_a_step_is_for_designs() -> None:
    found = axis("policy.entry", "0.593:1")
    assert (found.levels, found.low, found.high) == ((), 0.593, 1.0)


@pytest.mark.parametrize(
    ("name", "written", "levels"),
    [
        ("policy.windows", "dedicated, comprehensive", ("dedicated", "comprehensive")),
        ("policy.one_form_fees", "true,false", ("true", "false")),
        ("policy.one_form_fees", [True, False], ("true", "false")),
        ("policy.sections_max", "null,1,2", ("null", "1", "2")),
        ("policy.sections_max", [None, 1], ("null", "1")),
        ("horizon.census", "2009-04-20,2009-06-30", ("2009-04-20", "2009-06-30")),
    ],
)
def test_choices(name: str, written: object, levels: tuple[str, ...]) -> None:
    found = axis(name, written)
    assert (found.kind, found.levels) == ("choice", levels)


@pytest.mark.parametrize("levels", ["", None, ["off", "on"]])
def test_a_reform_is_left_out_and_put_in(levels: object) -> None:
    found = axis("+full-entry", levels)
    assert (found.kind, found.levels) == ("reform", ("off", "on"))


@pytest.mark.parametrize(
    ("name", "written", "found", "allowed"),
    [
        ("policy.entry", "1:0.5:3", "reversed", "FROM below TO"),
        ("policy.entry", "1:1:3", "empty range", "FROM below TO"),
        ("policy.entry", "0:1:0", "step of 0", "above 0"),
        ("policy.entry", "0:1:-0.1", "step of -0.1", "above 0"),
        ("policy.entry", "0:1:0.3", "does not divide 0:1", "such as 0:0.9:0.3"),
        ("policy.entry", "0:1:1e-7", "more than 1000 levels", "larger step"),
        ("policy.entry", "0:1:5000", "5000 points", "at most 1000"),
        ("policy.entry", "a:b:3", "'a:b:3'", "FROM:TO:STEP"),
        ("policy.entry", "0:1:2:3", "'0:1:2:3'", "FROM:TO:STEP"),
        ("policy.entry", "0.8", "one level", "--set"),
        ("policy.entry", "", "", "two levels"),
        ("policy.entry", "0.5,,1", "an empty level", "two levels"),
        ("policy.entry", "0.5,0.50", "a level twice", "each level once"),
        ("policy.windows", "dedicated,dedicated", "a level twice", "each level once"),
        ("policy.entry", {"from": 0}, "a group of fields", "FROM:TO:STEP"),
        ("policy.entry", 3, "3", "FROM:TO:STEP"),
        ("policy.entri", "0:1:3", "no parameter", "did you mean 'policy.entry'?"),
        ("hall.patience_min", "50,60", "no parameter", "hall.patience_min."),
        ("experiment.seed", "1,2", "no parameter", "--seed"),
        ("tables.items", "a,b", "no parameter", ""),
        ("", "1,2", "no parameter", ""),
        ("+full-entry", "1,2", "levels of the reform", "the reform alone"),
    ],
)
def test_refusals(name: str, written: object, found: str, allowed: str) -> None:
    said = refused(name, written)
    assert found in said[0]
    assert allowed in said[1]


def test_parameters_are_those_of_set() -> None:
    assert is_parameter("demand.hour_weights.8")
    assert is_parameter("hall.patience_min.mean")
    assert not is_parameter("policy")


def test_shares_are_known() -> None:
    assert axis("policy.entry", "0:1:3").is_share
    assert axis("stuck.step_hazard", "0:1:3").is_share
    assert not axis("policy.work_speed", "0.5:1:3").is_share
    assert not axis("policy.sections_max", "1:3").is_share


def test_clashes_are_told() -> None:
    one = axis("policy.entry", "0:1:3")
    problems = clashes([one, one], ["policy.entry=0.5", "demand.volume=2"])
    found = " ".join(problem.found for problem in problems)
    assert "given twice" in found
    assert "varied and set" in found
    assert not clashes([one], ["demand.volume=2"])


@pytest.mark.parametrize(
    "levels",
    [
        "0:1e999999999:2", "0:1:1e-999999999", "1e-400:1:3", "0:1e16:3", f"0:{'1' * 5_000}:3",
        f"0:1:{'1' * 5_000}", "0:1:²", "0:1:nan", "-inf:1:3",
    ],
)  # fmt: skip
def test_ends_that_cannot_be_written_down_are_refused(levels: str) -> None:
    axis, problems = read_axis(WrittenAxis("policy.entry", levels, Place("--vary", None)))
    assert axis is None
    assert len(problems) == 1
    assert len(problems[0].found) < 100


def test_zero_is_an_end_however_it_is_written() -> None:
    axis, problems = read_axis(
        WrittenAxis("policy.entry", "0e-500:0.5:0.25", Place("--vary", None))
    )
    assert not problems
    assert axis is not None
    assert axis.levels == ("0", "0.25", "0.5")
