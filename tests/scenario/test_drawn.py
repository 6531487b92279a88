"""Halls like another: what is estimated is drawn, what is decided stays."""

from __future__ import annotations

import pytest

from sim.running.drawn_halls import DrawnHall, drawn_tables
from sim.scenario.drawn import with_drawn
from sim.scenario.problems import InputError
from tests.scenario.conftest import Hall


def test_a_draw_lies_beneath_reforms_and_set_values(hall: Hall) -> None:
    hall.reform("ours", "recall_rate", 0.0)
    scenario = hall.load("hall.yaml+ours", ("hall.attempts=4",))
    values = {"policy.recall_rate": 0.5, "hall.attempts": 2, "demand.volume": 1.5}
    drawn = with_drawn(scenario, values, drawn_tables(1, 1))
    assert drawn.settings.policy.recall_rate == 0
    assert drawn.settings.hall.attempts == 4
    assert drawn.settings.demand.volume == 1.5
    plain = with_drawn(scenario.as_described(), values, drawn_tables(1, 1))
    assert plain.settings.policy.recall_rate == 0.5
    assert plain.items == drawn.items != scenario.items


def test_every_policy_of_a_transition_is_drawn(hall: Hall) -> None:
    hall.reform("ours", "recall_rate", 0.0)
    hall.add("transition:\n- {begins: 2008-08-04, reforms: [ours]}\n")
    drawn = with_drawn(hall.load(), {"demand.volume": 1.5}, drawn_tables(1, 1))
    assert drawn.transition is not None
    assert [variant.settings.demand.volume for variant in drawn.transition.variants] == [1.5] * 2
    assert all(variant.items == drawn.items for variant in drawn.transition.variants)


def test_values_that_contradict_are_told(hall: Hall) -> None:
    with pytest.raises(InputError, match="drawn"):
        with_drawn(hall.load(), {"demand.volume": -1.0}, drawn_tables(1, 1))


def test_the_same_draw_is_the_same_hall_and_another_another(hall: Hall) -> None:
    scenario = hall.load()
    first, again = (DrawnHall(3, 5, (("demand.volume", 1.2),)) for _ in range(2))
    assert first.of(scenario).content == again.of(scenario).content
    others = DrawnHall(3, 6, first.values), DrawnHall(4, 5, first.values), DrawnHall(3, 5, ())
    digests = {first.digest, *(other.digest for other in others)}
    assert len(digests) == 4
    assert len({drawn.of(scenario).content for drawn in (first, *others)}) == 4
