"""Two books, and what is counted by the census."""

from __future__ import annotations

import math

import pytest

from sim.process.blocks import Exit, Mark, sequence

from .build import (
    ACCEPTED,
    ARRIVE,
    VISIT,
    Came,
    Hall,
    decision,
    hall_case,
    home_case,
    pause,
)

RETURNED = sequence(*ARRIVE, Exit("returned"))
WITHDRAWN = sequence(*ARRIVE, Mark("made_up"), pause(1, "applicant"), Exit("withdrawn"))
SENT_ON = sequence(VISIT, home_case(1))
HALL = Hall(census_day=10)
MIXED = HALL.measure(
    Came(1, "09:00", hall_case(2)),  # decided on day 3
    Came(9, "09:00", hall_case(5)),  # open at the census, decided on day 14
    Came(2, "09:00", RETURNED),
    Came(3, "09:00", WITHDRAWN),
    Came(11, "09:00", hall_case(1)),  # after the census
    Came(1, "09:00", home_case(1), entered=False),
    Came(8, "09:00", home_case(6), entered=False),  # open at the census
    Came(4, "09:00", SENT_ON, entered=False),
)


def test_the_hall_counts_what_it_received_by_the_census() -> None:
    assert MIXED["cases_received"] == 4
    assert MIXED["cases_completed"] == 3  # decided, returned, withdrawn
    assert MIXED["completion_rate"] == 3 / 4
    assert MIXED["cases_open"] == 1
    assert MIXED["completed_per_wd"] == 3 / 10


def test_the_second_book_counts_everyone_from_first_contact() -> None:
    assert MIXED["all_cases_received"] == 7
    assert MIXED["all_completion_rate"] == 5 / 7
    assert MIXED["all_completed_per_wd"] == 5 / 10


def test_who_only_asked_the_way_was_not_received() -> None:
    asked = HALL.measure(Came(4, "09:00", SENT_ON, entered=False), Came(4, "10:00", hall_case(1)))
    assert (asked["cases_received"], asked["all_cases_received"]) == (1, 2)


@pytest.mark.parametrize(("decide_wd", "completed"), [(6.9, 1), (7.9, 0)])
def test_the_census_is_taken_at_the_end_of_its_day(decide_wd: float, completed: int) -> None:
    # Arrived on day 4 at 08:30: decided in the afternoon of day 10, or of day 11.
    found = HALL.measure(Came(4, "08:30", hall_case(decide_wd)))
    assert found["cases_completed"] == completed


def test_rates_of_what_happens_to_cases_are_shares_of_received() -> None:
    assert MIXED["returned_rate"] == 1 / 4
    assert MIXED["withdrawn_rate"] == 1 / 4
    assert MIXED["makeup_rate"] == 1 / 4


def test_served_is_who_has_the_document_or_the_reasons() -> None:
    assert MIXED["served_rate"] == 3 / 4  # all but who gave up
    assert MIXED["all_served_rate"] == 6 / 7
    assert MIXED["all_withdrawn_rate"] == 1 / 7


@pytest.mark.parametrize(("decide_wd", "served"), [(4.9, 1), (5, 1), (5.1, 0)])
def test_who_is_served_after_the_follow_up_is_not_served(decide_wd: float, served: int) -> None:
    # The document is in hand one day after the decision.
    found = HALL.but(follow_up_wd=6).measure(Came(1, "09:00", hall_case(decide_wd)))
    assert (found["served_rate"], found["completion_rate"]) == (served, 1)


def test_a_case_sent_back_twice_is_one_made_up_case() -> None:
    twice = sequence(
        *ARRIVE, Mark("made_up"), pause(1, "applicant"), VISIT, Mark("made_up"),
        pause(1, "applicant"), VISIT, ACCEPTED, decision(5), Exit("done"),
    )  # fmt: skip
    found = HALL.measure(Came(1, "09:00", twice), Came(1, "09:00", hall_case(1)))
    assert found["makeup_rate"] == 1 / 2


def test_open_cases_are_reported_by_cause() -> None:
    phases = {
        "blocked": 3,
        "higher_level": 2,
        "applicant": 2,
        "inspection": 1,
        "inbox": 2,
        "courier": 1,
    }
    came = [
        Came(1, "09:00", sequence(*ARRIVE, ACCEPTED, decision(5, pause(30, phase)), Exit("done")))
        for phase, number in phases.items()
        for _ in range(number)
    ]
    found = HALL.measure(*came, Came(1, "09:00", hall_case(1)))
    causes = {
        name.removeprefix("cases_open_"): number
        for name, number in found.figures.items()
        if name.startswith("cases_open_")
    }
    assert causes == {
        "blocked": 3, "higher_level": 2, "applicant": 2, "suspended": 1, "in_flow": 3,
    }  # fmt: skip
    assert found["cases_open"] == sum(causes.values()) == 11


def test_the_cause_is_that_of_the_moment_of_the_census() -> None:
    road = decision(20, pause(5, "blocked"), pause(10, "higher_level"))
    case = sequence(*ARRIVE, ACCEPTED, road, Exit("done"))
    # Blocked until day 6, or until day 13.
    early, late = HALL.measure(Came(1, "09:00", case)), HALL.measure(Came(8, "09:00", case))
    assert (early["cases_open_blocked"], early["cases_open_higher_level"]) == (0, 1)
    assert (late["cases_open_blocked"], late["cases_open_higher_level"]) == (1, 0)


def test_an_item_in_the_hall_counts_by_cases_too() -> None:
    found = HALL.measure(
        Came(1, "09:00", hall_case(1), full=True),
        Came(1, "09:00", hall_case(1)),
        Came(1, "09:00", hall_case(1)),
        Came(1, "09:00", home_case(1), entered=False),
    )
    assert found["entry_case_rate"] == 3 / 4
    assert found["authorization_case_rate"] == 1 / 3


def test_immediate_cases_are_a_share_of_the_decided() -> None:
    at_once = sequence(*ARRIVE, ACCEPTED, decision(5, Mark("immediate")), Exit("done"))
    found = HALL.measure(
        Came(1, "09:00", at_once),
        Came(1, "09:00", hall_case(1)),
        Came(1, "09:00", hall_case(2)),
        Came(9, "09:00", hall_case(5)),  # not decided yet
        Came(2, "09:00", RETURNED),  # never decided
    )
    assert found["immediate_rate"] == pytest.approx(1 / 3)


def test_fees_are_those_of_cases_decided_by_the_census() -> None:
    found = HALL.measure(
        Came(1, "09:00", hall_case(1), fee=100),
        Came(1, "09:00", hall_case(2), fee=30),
        Came(9, "09:00", hall_case(5), fee=1000),  # later
        Came(2, "09:00", RETURNED, fee=1000),
        Came(3, "09:00", WITHDRAWN, fee=1000),
        Came(1, "09:00", home_case(1), entered=False, fee=1000),  # not the hall's
    )
    assert found["fees_yuan"] == 130


def test_no_case_makes_rates_null_and_counts_zero() -> None:
    found = HALL.measure(Came(11, "09:00", hall_case(1)))
    assert found["cases_received"] == found["complaints"] == 0
    for name in (
        "completion_rate",
        "elapsed_mean_wd",
        "visits_mean",
        "immediate_rate",
        "compression",
    ):
        assert math.isnan(found[name]), name
