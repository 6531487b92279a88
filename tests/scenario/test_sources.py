"""Who says so: sources, assumptions, JSON Schema."""

from __future__ import annotations

import pytest

from sim.scenario.assumptions import Assumption, assumptions, fitted_outside
from sim.scenario.load import load
from sim.scenario.problems import InputError
from sim.scenario.schema import Settings
from sim.scenario.sources import Source, parameters, parse_source, table_columns
from sim.scenario.yaml_lines import json_schema

from .conftest import Hall


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("S: as printed", Source("S", None, None, "as printed")),
        ("E 0.05..0.45: a guess", Source("E", 0.05, 0.45, "a guess")),
        ("D -1..1e3: 8: 30", Source("D", -1, 1000, "8: 30")),
        ("X: hearsay", None),
        ("E 5: note", None),
        ("E 5..1: note", None),
        ("E:", None),
        ("because", None),
    ],
)
def test_the_form_of_a_source(text: str, source: Source | None) -> None:
    assert parse_source(text) == source


def row(rows: list[Assumption], path: str) -> Assumption:
    (found,) = (row for row in rows if row.path == path)
    return found


def test_assumptions(hall: Hall) -> None:
    hall.reform("open", "entry", 1)
    hall.write("fit.yaml", "title: {en: Fit, zh: 拟合甲}\nfitted: {papers.incomplete_rate: 0.1}\n")
    hall.add(
        "calibration: fit.yaml\nsources:\n  service: 'E 1..9: timed | 计时'\n"
        "  service.accept_min: 'E 8..20: watched | 观察'\n"
        "  papers.incomplete_rate: 'E 0..0.4: guessed'\n  items: 'D: counted | 统计'\n"
    )
    scenario = hall.load("hall.yaml+open", ["fees.scale=2"])
    rows = assumptions(scenario, "en")
    assert [r.path for r in rows] == [*parameters(), *table_columns()]
    assert row(rows, "service.accept_min.mean") == Assumption(
        "service.accept_min.mean", 12, "minutes", "E", 8, 20, "watched"
    )
    assert row(rows, "service.accept_min.cv") == Assumption(
        "service.accept_min.cv", 0.6, "", "E", None, None, "watched"
    )
    assert row(rows, "service.pay_min.mean").note == "timed"
    assert row(rows, "service.pay_min.mean").low is None
    fitted = row(rows, "papers.incomplete_rate")
    assert (fitted.value, fitted.grade, fitted.note) == (0.1, "E", "fitted: Fit")
    assert row(rows, "policy.entry").note == "set by the reform: Open"
    assert row(rows, "fees.scale").note == "set by --set"
    assert (row(rows, "hall.area_m2").grade, row(rows, "hall.area_m2").note) == (
        "",
        "no source given",
    )
    assert row(rows, "items.fee_yuan").value == "items.csv"
    chinese = assumptions(scenario, "zh")
    assert row(chinese, "service.accept_min.mean").note == "观察"
    assert row(chinese, "service.accept_min.mean").unit == "分钟"
    assert row(chinese, "papers.incomplete_rate").note == "拟合: 拟合甲"
    assert row(chinese, "policy.entry").note == "由改革措施设定: Open"
    assert row(chinese, "fees.scale").note == "由 --set 设定"
    assert row(chinese, "hall.area_m2").note == "未注明来源"
    assert row(chinese, "items.fee_yuan").note == "统计"


def test_some_rows_of_a_column_have_a_source_of_their_own(hall: Hall) -> None:
    hall.add(
        "sources:\n  items.sections: 'E 1..4: guessed'\n"
        "  items.sections[site; seal]: 'S: counted | 统计'\n"
    )
    rows = assumptions(hall.load("hall.yaml"), "en")
    assert row(rows, "items.sections").grade == "E"
    some = row(rows, "items.sections[site; seal]")
    assert (some.grade, some.note, some.value) == ("S", "counted", "items.csv")


@pytest.mark.parametrize(
    ("path", "found", "allowed"),
    [
        ("items.sections[sight]", "a source for 'sight', which is no row of items", "'site'"),
        ("items.section[site]", "which is no parameter or table column", "items.sections"),
        ("papers.attempts[site]", "which is no parameter or table column", "papers.attempts"),
    ],
)
def test_a_source_of_rows_that_are_not_there(
    hall: Hall, path: str, found: str, allowed: str
) -> None:
    hall.add(f"sources:\n  {path}: 'S: counted'\n")
    problem = hall.problem()
    assert (problem[0], problem[1]) == ("hall.yaml", 9)
    assert found in problem[2]
    assert allowed in problem[3]


DOSED = """\
title: {en: Dosed, zh: 定量}
policy:
  recall_rate: 0.03
  work_speed: 1
sources:
  recall_rate: "E 0..0.08: nobody counts | 无人统计"
"""


def test_a_reform_says_who_chose_its_doses(hall: Hall) -> None:
    hall.write("reforms/dosed.yaml", DOSED)
    rows = assumptions(hall.load("hall.yaml+dosed"), "en")
    recall = row(rows, "policy.recall_rate")
    assert (recall.grade, recall.low, recall.high) == ("E", 0, 0.08)
    assert recall.note == "set by the reform: Dosed; nobody counts"
    assert row(rows, "policy.work_speed").grade == ""
    chinese = assumptions(hall.load("hall.yaml+dosed"), "zh")
    assert row(chinese, "policy.recall_rate").note == "由改革措施设定: 定量：无人统计"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("entry: 'S: so'", "a source for 'entry', which the reform does not set"),
        ("recall_rate: because", "sources.recall_rate is 'because'"),
    ],
)
def test_a_wrong_source_of_a_reform_is_refused(hall: Hall, source: str, found: str) -> None:
    text = DOSED.replace('recall_rate: "E 0..0.08: nobody counts | 无人统计"', source)
    hall.write("reforms/dosed.yaml", text)
    with pytest.raises(InputError) as caught:
        hall.load("hall.yaml+dosed")
    (problem,) = caught.value.problems
    assert problem.file.endswith("reforms/dosed.yaml")
    assert (problem.line, problem.found) == (6, found)


def test_what_was_fitted_beyond_its_estimate_is_named(hall: Hall) -> None:
    hall.write("fit.yaml", "title: {en: Fit, zh: 拟合}\nfitted: {papers.incomplete_rate: 0.5}\n")
    hall.add("calibration: fit.yaml\nsources:\n  papers.incomplete_rate: 'E 0..0.4: guessed'\n")
    ((path, value, source),) = fitted_outside(hall.load("hall.yaml"))
    assert (path, value, source.high) == ("papers.incomplete_rate", 0.5, 0.4)


def test_units() -> None:
    rows = {r.path: r.unit for r in assumptions(load("county"), "en")}
    assert rows["hall.area_m2"] == "m²"
    assert rows["hall.people_per_m2"] == "per m²"
    assert rows["items.cases_per_wd"] == "per working day"
    assert rows["papers.make_up_wd.mean"] == "working days"
    assert rows["policy.coordination_meetings_per_month"] == "per month"
    assert rows["policy.entry"] == "share"


def test_schema_describes_every_parameter() -> None:
    schema = json_schema(Settings)
    assert "extends" in schema["properties"]
    silent = [
        f"{name}.{field}"
        for name, group in schema["$defs"].items()
        for field, node in group["properties"].items()
        if not node.get("description")
    ]
    assert silent == ["Bilingual.en", "Bilingual.zh"]
