"""Visits, one-visit cases and hand-offs."""

from __future__ import annotations

import pytest

from sim.process.blocks import Block, Exit, Visit, sequence

from .build import (
    ACCEPTED,
    ARRIVE,
    DECIDED,
    DONE,
    IN_HAND,
    VISIT,
    Came,
    Hall,
    decision,
    hall_case,
    home_case,
    pause,
)

HALL = Hall(census_day=10, follow_up_wd=6)
TWO_PLACES = sequence(
    *ARRIVE, Visit("home:land"), ACCEPTED, decision(5), IN_HAND, DONE
)  # fmt: skip
POSTED = sequence(*ARRIVE, ACCEPTED, decision(5), pause(3, "collection"), IN_HAND, DONE)
AT_ONCE = sequence(*ARRIVE, ACCEPTED, decision(5), IN_HAND, DONE)


def came(*roads: Block) -> list[Came]:
    return [Came(1, "09:00", road) for road in roads]


def test_two_places_are_two_visits() -> None:
    assert HALL.measure(*came(TWO_PLACES))["visits_mean"] == 2


def test_visits_are_those_until_the_document_is_in_hand() -> None:
    # One, two (comes to collect) and two.
    found = HALL.measure(*came(AT_ONCE, hall_case(1), TWO_PLACES))
    assert found["visits_mean"] == pytest.approx(5 / 3)


def test_visits_after_the_follow_up_are_not_counted() -> None:
    found = HALL.measure(*came(hall_case(7)))  # collects on day 9, after 8 wd
    assert found["visits_mean"] == 1


def test_everyones_visits_include_those_to_home_departments() -> None:
    sent_on = sequence(VISIT, home_case(1))
    found = HALL.measure(*came(AT_ONCE), Came(1, "09:00", sent_on, entered=False))
    assert found["visits_mean"] == 1
    assert found["all_visits_mean"] == 3 / 2


def test_one_visit_needs_the_document_in_hand() -> None:
    undelivered = sequence(*ARRIVE, ACCEPTED, decision(5), pause(30, "collection"), IN_HAND, DONE)
    withdrawn = sequence(*ARRIVE, Exit("withdrawn"))
    returned = sequence(*ARRIVE, Exit("returned"))
    found = HALL.measure(*came(AT_ONCE, undelivered, withdrawn, returned, hall_case(1)))
    assert found["one_visit_rate"] == 1 / 5


def test_a_posted_document_saves_the_second_visit() -> None:
    assert HALL.measure(*came(POSTED, hall_case(1)))["one_visit_rate"] == 1 / 2


def test_a_document_in_hand_after_the_follow_up_is_too_late() -> None:
    late = sequence(*ARRIVE, ACCEPTED, decision(5), pause(7, "collection"), IN_HAND, DONE)
    assert HALL.measure(*came(late, POSTED))["one_visit_rate"] == 1 / 2


def test_everyones_one_visit_rate_includes_home_departments() -> None:
    at_home = Came(1, "09:00", home_case(1), entered=False)
    found = HALL.measure(*came(hall_case(1)), at_home)
    assert (found["one_visit_rate"], found["all_one_visit_rate"]) == (0, 1 / 2)


def test_handoffs_are_counted_per_decided_case() -> None:
    def handed(times: int, then_wd: float = 0) -> Block:
        legs = (pause(0.5, "courier", handoffs=1) for _ in range(times))
        return sequence(*ARRIVE, ACCEPTED, *legs, pause(then_wd, "inbox"), DECIDED, DONE)

    # The third is not decided within the follow-up of 6 wd; the fourth never.
    found = HALL.measure(
        *came(handed(2), handed(5), handed(4, 30), sequence(*ARRIVE, Exit("returned")))
    )
    assert found["handoffs_mean"] == 7 / 2
