"""Phases: what is in force where and when, and what is refused."""

from __future__ import annotations

import datetime as dt

from sim.scenario.load import load
from sim.scenario.model import Scenario

from .conftest import Hall

START = dt.date(2008, 7, 1)
TWO = """\
transition:
  - {begins: 2008-10-06, reforms: [calm], departments: [land]}
  - {begins: 2009-01-05, reforms: [calm, fees]}
"""


def phased(hall: Hall, text: str = TWO) -> Scenario:
    hall.reform("calm", "recall_rate", 0)
    hall.reform("fees", "one_form_fees", "true")
    hall.add(text)
    return load(str(hall.folder / "hall.yaml"))


def test_every_department_has_its_own_timeline(hall: Hall) -> None:
    transition = phased(hall).transition
    assert transition is not None
    policies = [variant.settings.policy for variant in transition.variants]
    told = [(policy.recall_rate, policy.one_form_fees) for policy in policies]
    first, second = dt.date(2008, 10, 6), dt.date(2009, 1, 5)
    for unit, steps in {
        "": [(START, (0.1, False)), (first, (0, False)), (second, (0, True))],
        "land": [(START, (0.1, False)), (first, (0, False)), (second, (0, True))],
        "health": [(START, (0.1, False)), (second, (0, True))],
    }.items():
        assert [(day, told[number]) for day, number in transition.timelines[unit]] == steps


def test_days_of_a_variant(hall: Hall) -> None:
    transition = phased(hall).transition
    assert transition is not None
    calm = transition.timelines["land"][1][1]
    assert transition.days(calm, "land") == (dt.date(2008, 10, 6), dt.date(2009, 1, 5))
    assert transition.days(calm, "health") is None
    last = transition.timelines["health"][-1][1]
    assert transition.days(last, "health") == (dt.date(2009, 1, 5), None)


def test_without_phases_there_is_no_transition(hall: Hall) -> None:
    assert load(str(hall.folder / "hall.yaml")).transition is None
    assert phased(hall).with_values({"transition": "[]"}).transition is None


def test_phases_are_part_of_the_content(hall: Hall) -> None:
    one = phased(hall)
    other = phased(hall, TWO.replace("2009-01-05", "2009-01-06"))
    assert len({one.content, other.content, one.with_values({"transition": "[]"}).content}) == 3


def test_a_changed_reform_of_a_phase_changes_the_content(hall: Hall) -> None:
    before = phased(hall).content
    hall.reform("fees", "one_form_fees", "false")
    assert load(str(hall.folder / "hall.yaml")).content != before


def test_all_mistakes_are_told_with_their_lines(hall: Hall) -> None:
    hall.reform("order", "discipline", "due_date")
    hall.reform("pool", "windows", "comprehensive")
    hall.add(
        "transition:\n"
        "  - {begins: 2010-10-06, reforms: [order]}\n"
        "  - {begins: 2009-01-05, reforms: [pool, pol], departments: [lnd]}\n"
    )
    found = {(line, told) for _, line, told, _ in hall.problems()}
    assert found == {
        (9, "a phase that begins 2010-10-06"),
        (9, "order sets policy.discipline"),
        (10, "unknown department 'lnd'"),
        (10, "pool sets policy.windows"),
        (10, "no reform 'pol'"),
    }


def test_a_phase_without_reforms_is_refused(hall: Hall) -> None:
    hall.add("transition:\n  - {begins: 2009-01-05, reforms: []}\n")
    assert [line for _, line, _, _ in hall.problems()] == [9]


def test_pooled_windows_have_one_recall_in_the_whole_hall(hall: Hall) -> None:
    hall.reform("calm", "recall_rate", 0.02)
    phase = "{begins: 2008-08-01, reforms: [calm], departments: [land]}"
    hall.add(f"transition: [{phase}]\n")
    assert hall.load("hall.yaml").transition is not None
    hall.add(f"transition: [{phase}]\npolicy: {{windows: comprehensive}}\n")
    assert hall.problem()[2:] == (
        "calm sets policy.recall_rate",
        "fields of departments; this one is the whole hall's",
    )
