"""Bad input: expressions, bases, reforms, calibrations, single values, paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.scenario.load import load
from sim.scenario.problems import InputError

from .conftest import SCENARIO, Hall


def test_unknown_scenario() -> None:
    with pytest.raises(InputError) as caught:
        load("conty")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.found) == ("conty", None, "no scenario 'conty'")
    assert problem.allowed.startswith("did you mean 'county'?")


def test_unknown_path(hall: Hall) -> None:
    _, line, found, allowed = hall.problem("hell.yaml")
    assert (line, found) == (None, f"no scenario '{hall.folder}/hell.yaml'")
    assert "county" in allowed


def test_unknown_reform(hall: Hall) -> None:
    hall.reform("calm", "recall_rate", 0)
    file, line, found, allowed = hall.problem("hall.yaml+clam")
    assert (file, line, found) == ("+clam", None, "no reform 'clam'")
    assert allowed.startswith("did you mean 'calm'?")


def test_circle_of_bases(hall: Hall) -> None:
    hall.write("a.yaml", "extends: b\n")
    hall.write("b.yaml", "title: {en: b, zh: b}\nextends: a.yaml\n")
    expected = ("b.yaml", 2, "a circle: a → b → a", "bases that do not extend this file")
    assert hall.problem("a.yaml") == expected


def test_reforms_in_conflict(hall: Hall) -> None:
    hall.reform("calm", "recall_rate", 0)
    hall.reform("storm", "recall_rate", 0.5)
    assert hall.problem("hall.yaml+calm+storm") == (
        "reforms/storm.yaml",
        4,
        f"policy.recall_rate is 0.5, but {hall.folder}/reforms/calm.yaml:4 sets 0",
        "one value; leave one of the reforms out",
    )


def test_reform_with_mistakes(hall: Hall) -> None:
    hall.reform("calm", "recal_rate", 0)
    file, line, found, allowed = hall.problem("hall.yaml+calm")
    assert (file, line, found) == (
        "reforms/calm.yaml",
        4,
        "unknown field 'policy.recal_rate'",
    )
    assert allowed.startswith("did you mean 'recall_rate'?")
    hall.write("reforms/calm.yaml", "title: {en: a, zh: b}\nhall: {attempts: 1}\n")
    missing, unknown = hall.problems("hall.yaml+calm")
    assert missing == ("reforms/calm.yaml", 1, "policy is missing", "a group of named values")
    assert unknown[:3] == ("reforms/calm.yaml", 2, "unknown field 'hall'")
    assert "policy" in unknown[3]


@pytest.mark.parametrize(
    ("value", "found", "allowed"),
    [
        ("policy.entry", "'policy.entry' instead of a path, = and a value", "PATH=VALUE"),
        ("policy.entry=2", "policy.entry is 2", "a number from 0 to 1 or null"),
        ("policy.enter=1", "unknown field 'policy.enter'", "did you mean 'entry'?"),
        ("polisy.entry=1", "unknown field 'polisy'", "did you mean 'policy'?"),
        ("tables.items=x.csv", "'tables.items' is no parameter", "parameters"),
        ("policy.entry.x=1", "policy.entry is a group of fields", "a number from 0 to 1 or null"),
    ],
)
def test_single_values(hall: Hall, value: str, found: str, allowed: str) -> None:
    file, line, what, instead = hall.problem(values=[value])
    assert (file, line, what) == (f"--set {value}", None, found)
    assert instead.startswith(allowed)


@pytest.mark.parametrize("kind", ["absolute", "upwards", "link"])
@pytest.mark.parametrize("field", ["items", "calibration"])
def test_a_path_that_leaves_the_folder(hall: Hall, tmp_path: Path, kind: str, field: str) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("secret")
    inner = Hall(tmp_path / "inner")
    (inner.folder / "link.csv").symlink_to(outside)
    written = {"absolute": str(outside), "upwards": "../outside.csv", "link": "link.csv"}[kind]
    text = SCENARIO + f"calibration: {written}\n"
    if field == "items":
        text = SCENARIO.replace("items.csv", written)
    inner.write("hall.yaml", text)
    assert inner.problem() == (
        "hall.yaml",
        7 if field == "items" else 8,
        f"{written!r} leaves the folder of {inner.folder}/hall.yaml",
        f"a path in {inner.folder}",
    )


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        ("- 1\n", 1, "[1] instead of fields", "lines such as name: value"),
        ("title: t\nfitted: [1]\n", 2, "fitted is [1]", "dotted paths with numbers"),
        ("title: t\n", 1, "fitted is empty", "dotted paths with numbers"),
        ("fitted:\n  fees.scale: x\n", 2, "fitted value of fees.scale is 'x'", "a number"),
        ("fitted:\n  fees.scala: 1\n", 2, "unknown field 'fees.scala'", "did you mean 'scale'?"),
    ],
)
def test_calibration(hall: Hall, text: str, line: int, found: str, allowed: str) -> None:
    hall.add("calibration: fit.yaml\n")
    hall.write("fit.yaml", text)
    file, where, what, instead = hall.problem()
    assert (file, where, what) == ("fit.yaml", line, found)
    assert instead.startswith(allowed)


def test_missing_calibration(hall: Hall) -> None:
    hall.add("calibration: fit.yaml\n")
    found = f"{hall.folder / 'fit.yaml'}: no such file"
    assert hall.problem() == ("hall.yaml", 8, found, "the path of an existing file")
