"""Bad input: the scenario file itself."""

from __future__ import annotations

import pytest

from .conftest import SCENARIO, Hall

SERVICE = "accept_min, decide_min, review_min, forward_min, collect_min, certificate_min, pay_min, reception_min, enquire_min, review_share, one_sitting_share"  # noqa: E501 one list of names


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        pytest.param(
            "service:\n  accept_min: {mean: 12\n",
            10,
            "text that is not YAML (expected ',' or '}', but got '<stream end>')",
            "YAML: name: value, indented",
            id="no YAML",
        ),
        pytest.param(
            "service: &s\n  pay_min: {mean: 1}\nhall: *s\n",
            8,
            "an alias (*name)",
            "the value written out; `extends:` shares values",
            id="alias",
        ),
        pytest.param(
            "hall:\n  <<: {attempts: 2}\n",
            9,
            "a merge key (<<)",
            "`extends: NAME` to build on another file",
            id="merge key",
        ),
        pytest.param(
            "hall:\n  true: 2\n",
            9,
            "'true' as a name",
            "text; put quotes around it",
            id="key that is no text",
        ),
        pytest.param(
            "papers:\n  attempts: !!python/name:os.system 3\n",
            9,
            "'3' marked tag:yaml.org,2002:python/name:os.system",
            "a plain number or text",
            id="tag",
        ),
        pytest.param(
            "papers:\n  attempts: 3\n  returned_rate: 0\n  attempts: 4\n",
            11,
            "'papers.attempts' twice (first on line 9)",
            "each name once",
            id="key twice",
        ),
        pytest.param(
            "servise: {}\n",
            8,
            "unknown field 'servise'",
            "did you mean 'service'?",
            id="unknown section",
        ),
        pytest.param(
            "papers:\n  incomplete: 0.2\n",
            9,
            "unknown field 'papers.incomplete'",
            "did you mean 'incomplete_rate'?",
            id="unknown field",
        ),
        pytest.param(
            "service:\n  accept_min_hours: {mean: 0.2}\n",
            9,
            "unknown field 'service.accept_min_hours'",
            "did you mean 'accept_min'?",
            id="wrong unit",
        ),
        pytest.param(
            "papers:\n  incomplete_rate: yes\n",
            9,
            "papers.incomplete_rate is 'yes'",
            "a number from 0 to 1",
            id="word for a number",
        ),
        pytest.param(
            "papers:\n  incomplete_rate: true\n",
            9,
            "papers.incomplete_rate is true",
            "a number from 0 to 1",
            id="truth for a number",
        ),
        pytest.param(
            "policy:\n  entry: '0.7'\n",
            9,
            "policy.entry is '0.7'",
            "a number from 0 to 1 or null",
            id="quoted number",
        ),
        pytest.param(
            "service:\n  accept_min: 12\n",
            9,
            "service.accept_min is 12",
            "a group with the fields mean, cv, family",
            id="number for a group",
        ),
        pytest.param(
            "service:\n  accept_min: {cv: 1}\n",
            9,
            "service.accept_min.mean is missing",
            "a number from 0 to 1",
            id="missing field",
        ),
        pytest.param(
            "hall:\n  area_m2: .inf\n",
            9,
            "hall.area_m2 is '.inf'",
            "a number above 0",
            id="infinite",
        ),
        pytest.param(
            "papers:\n  incomplete_rate: 20\n",
            9,
            "papers.incomplete_rate is 20",
            "a number from 0 to 1",
            id="out of range",
        ),
        pytest.param(
            "experiment:\n  replications: 0\n",
            9,
            "experiment.replications is 0",
            "a whole number from 1 to 100000",
            id="no replications",
        ),
        pytest.param(
            "hall:\n  closing: send home\n",
            9,
            "hall.closing is 'send home'",
            "one of serve_all, send_home",
            id="no such choice",
        ),
        pytest.param(
            "calendar:\n  hall_hours: [8:30-12:00]\n",
            9,
            "calendar.hall_hours.0 is '8:30-12:00'",
            "hours such as 08:30-12:00",
            id="hours",
        ),
        pytest.param(
            "courier:\n  departures: [5 pm]\n",
            9,
            "courier.departures.0 is '5 pm'",
            "a time such as 11:30",
            id="clock",
        ),
        pytest.param(
            "courier:\n  departures: []\n",
            9,
            "courier.departures is []",
            "a list of one or more values, each a time such as 11:30",
            id="no departure",
        ),
        pytest.param(
            "transition:\n  - {begins: 2009-01-05, reforms: [3]}\n",
            9,
            "transition.0.reforms.0 is 3",
            "text (put quotes around numbers)",
            id="a number for a reform",
        ),
        pytest.param(
            "courier:\n  returns: ['17:00', '11:30', '17:00']\n",
            9,
            "courier.returns is ['17:00', '11:30', '17:00']",
            "a list of times, each of them once",
            id="a departure twice",
        ),
        pytest.param(
            "calendar:\n  extra_holidays: [20 April]\n",
            9,
            "calendar.extra_holidays.0 is '20 April'",
            "a date such as 2008-07-01",
            id="date",
        ),
        pytest.param(
            "demand:\n  volume: 1\n  weekday_share: [0.3, 0.2, 0.2, 0.2, 0.2]\n",
            10,
            "weekday_share has 5 shares adding up to 1.1",
            "five, or seven where the hall opens on other days too, adding up to 1",
            id="weekday shares",
        ),
        pytest.param(
            "demand:\n  weekday_share: [0.5, 0.5]\n",
            9,
            "weekday_share has 2 shares adding up to 1",
            "five, or seven where the hall opens on other days too, adding up to 1",
            id="too few weekdays",
        ),
        pytest.param(
            "demand:\n  hour_weights: {8: 1, noon: 2}\n",
            9,
            "demand.hour_weights.noon has a name that is no whole number",
            "whole numbers as names",
            id="hour",
        ),
        pytest.param(
            "demand:\n  hour_weights: {25: 1}\n",
            9,
            "hour_weights {25: 1.0}",
            "hours 0 to 23 with at least one weight above 0",
            id="no such hour",
        ),
        pytest.param(
            "calendar:\n  office_hours: [08:30-12:00, 11:00-17:00]\n",
            9,
            "office_hours ['08:30-12:00', '11:00-17:00'] overlap or run backwards",
            "one or more spans in order, such as 08:30-12:00",
            id="overlapping hours",
        ),
        pytest.param(
            "calendar:\n  country: CNN\n",
            9,
            "no official calendar of country 'CNN'",
            "did you mean 'CN'?",
            id="country",
        ),
        pytest.param(
            "hall:\n  cashier_unit: healt\n",
            9,
            "unknown department 'healt'",
            "did you mean 'health'?",
            id="cashier",
        ),
        pytest.param(
            "report:\n  completion: 0.9\n",
            9,
            "unknown indicator 'completion'",
            "did you mean 'completion_rate'?",
            id="report",
        ),
        pytest.param(
            "sources:\n  service.accept: 'E: x'\n",
            9,
            "a source for 'service.accept', which is no parameter or table column",
            "did you mean 'service.accept_min.cv'?",
            id="source of nothing",
        ),
        pytest.param(
            "sources:\n  service: 'X: hearsay'\n",
            9,
            "sources.service is 'X: hearsay'",
            "GRADE: note or GRADE low..high: note, with GRADE one of S, P, D, E, "
            "such as 'E 5..20: …'",
            id="grade",
        ),
        pytest.param(
            "sources:\n  service: 'E 9..2: backwards'\n",
            9,
            "sources.service is 'E 9..2: backwards'",
            "GRADE: note or",
            id="range backwards",
        ),
        pytest.param(
            "rivals: [halll]\n",
            8,
            "no scenario 'halll'",
            "did you mean 'hall'?",
            id="rival",
        ),
        pytest.param("hall:\n", 8, "hall is empty", "a group with the fields area_m2", id="empty"),
        pytest.param("extends: 3\n", 8, "extends is 3", "the name or path", id="extends"),
        pytest.param(
            "extends: hal\n", 8, "no scenario 'hal'", "did you mean 'hall'?", id="no base"
        ),
    ],
)
def test_one_mistake_in_the_scenario_file(
    hall: Hall, text: str, line: int, found: str, allowed: str
) -> None:
    hall.add(text)
    file, where, what, instead = hall.problem()
    assert (file, where, what) == ("hall.yaml", line, found)
    assert instead.startswith(allowed)


def test_a_list_is_no_scenario(hall: Hall) -> None:
    hall.write("hall.yaml", "- title\n")
    expected = ("hall.yaml", 1, "['title'] instead of fields", "lines such as name: value")
    assert hall.problem() == expected


def test_an_empty_scenario_lacks_title_and_tables(hall: Hall) -> None:
    hall.write("hall.yaml", "")
    assert hall.problems() == [
        ("hall.yaml", 1, "title is missing", "a group with the fields en, zh"),
        ("hall.yaml", 1, "tables is missing", "a group with the fields departments, items"),
    ]


def test_undecodable_scenario(hall: Hall) -> None:
    (hall.folder / "hall.yaml").write_bytes(b"title:\n  en: \xff\xfe\n")
    assert hall.problem() == (
        "hall.yaml",
        2,
        "bytes that are neither UTF-8 nor GB18030",
        "text saved as UTF-8 or GB18030",
    )


def test_census_before_start(hall: Hall) -> None:
    hall.write("hall.yaml", SCENARIO.replace("2009-04-20", "2008-04-20"))
    assert hall.problem() == (
        "hall.yaml",
        4,
        "the census 2008-04-20 lies before the start 2008-07-01",
        "a census on or after the start",
    )


def test_all_mistakes_at_once_in_file_order(hall: Hall) -> None:
    hall.add("papers:\n  attempts: 99\n  attempt: 1\nhall:\n  cashier_unit: nobody\n")
    hall.cell("items", "deed", authority="half", promised_wd="soon")
    hall.cell("departments", "health", qualified=2)
    assert [(file, line, found) for file, line, found, _ in hall.problems()] == [
        ("hall.yaml", 9, "papers.attempts is 99"),
        ("hall.yaml", 10, "unknown field 'papers.attempt'"),
        ("hall.yaml", 12, "unknown department 'nobody'"),
        ("departments.csv", 3, "health: 2 qualified of window_staff 1"),
        ("items.csv", 3, "column authority is 'half'"),
        ("items.csv", 3, "column promised_wd is 'soon'"),
    ]


def test_table_problems_are_listed_beside_broken_yaml(hall: Hall) -> None:
    hall.write("reforms/broken.yaml", "title: {en: [}\n")
    hall.add("papers: {attempts: 0}\n")
    hall.cell("items", "deed", authority="half")
    assert [row[:2] for row in hall.problems("hall.yaml+broken")] == [
        ("hall.yaml", 8),
        ("reforms/broken.yaml", 1),
        ("items.csv", 3),
    ]
