"""On time, early, overdue, warned, and how much of the limit was used."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measure import observations
from sim.process.blocks import Exit, Suspend, sequence
from sim.scenario.schema import Complaints

from .build import (
    ACCEPTED,
    ARRIVE,
    IN_HAND,
    VISIT,
    Came,
    Hall,
    decision,
    hall_case,
    home_case,
    pause,
)

HALL = Hall(census_day=10)
EARLY = Came(1, "09:00", hall_case(1))  # due at closing on day 6, decided on day 2
ON_THE_DAY = Came(1, "09:00", hall_case(5))  # decided on day 6
LATE = Came(1, "09:00", hall_case(7))  # decided on day 8
STUCK = Came(1, "09:00", hall_case(30))
NOT_YET_DUE = Came(8, "09:00", hall_case(1))  # due on day 13, decided on day 9
UNDER_WAY = Came(8, "09:00", hall_case(4))  # due on day 13, decided on day 12
FOUND = HALL.measure(EARLY, ON_THE_DAY, LATE, STUCK, NOT_YET_DUE, UNDER_WAY)


def test_closed_cases_are_on_time_if_decided_within_the_limit() -> None:
    # Decided by the census: early, on the day, late and the one not due yet.
    assert FOUND["on_time_rate_closed"] == 3 / 4


def test_the_cohort_is_all_that_fell_due() -> None:
    # Due by the census: early, on the day, late and the stuck one.
    assert FOUND["on_time_rate_cohort"] == 2 / 4


def test_early_is_a_working_day_before_the_due_date() -> None:
    # On the day and late are not early; 2 of the 4 decided are.
    assert FOUND["early_rate"] == 2 / 4
    # Decided at 17:30 on day 5 there is one whole day left; at 09:00 on day 5 more.
    eve = HALL.measure(Came(1, "17:30", hall_case(4)))
    assert eve["early_rate"] == 1


def test_open_and_past_due_is_overdue() -> None:
    assert FOUND["cases_overdue"] == 1


def test_a_card_is_shown_when_a_day_or_less_is_left() -> None:
    # Of the cohort: on the day, late and stuck.
    assert FOUND["warned_rate"] == 3 / 4


def test_a_case_due_on_the_day_of_the_census_has_fallen_due() -> None:
    # Accepted on day 5, 5 wd: due at closing on day 10.
    found = HALL.measure(Came(5, "09:00", hall_case(30)))
    assert found["cases_overdue"] == 1
    assert found["on_time_rate_cohort"] == 0


def test_everyone_is_held_to_the_same_limit_wherever_handled() -> None:
    at_home = Came(1, "09:00", home_case(7), entered=False)
    found = HALL.measure(EARLY, at_home)
    assert found["on_time_rate_cohort"] == 1
    assert found["all_on_time_rate_cohort"] == 1 / 2


def test_a_suspension_pushes_the_due_date() -> None:
    road = decision(5, Suspend(pause(3, "inspection")), pause(4, "inbox"))
    stopped = Came(1, "09:00", sequence(*ARRIVE, ACCEPTED, road, Exit("done")))
    # Decided on day 8: past day 6, but the limit begins on day 4 at 09:00.
    found = HALL.measure(stopped)
    assert found["on_time_rate_closed"] == 1
    assert found["cases_overdue"] == 0


def test_a_case_whose_clock_stands_still_is_not_overdue() -> None:
    road = decision(5, Suspend(pause(30, "inspection")))
    found = HALL.measure(Came(1, "09:00", sequence(*ARRIVE, ACCEPTED, road, Exit("done"))))
    assert (found["cases_open"], found["cases_overdue"]) == (1, 0)


def test_compression_is_clock_time_by_promised_limits() -> None:
    # From the opening of day 2: to day 2 at 09:00, 0.5 h; to day 6 at 09:00, 4 wd and 0.5 h.
    found = HALL.measure(EARLY, ON_THE_DAY)
    assert found["compression"] == pytest.approx((0.5 / 6.5 + 4 + 0.5 / 6.5) / (5 + 5))


@pytest.mark.parametrize(
    ("before_wd", "used_wd"),
    [
        # Stopped from day 1 09:00 to day 4 09:00, decided on day 5 at 09:00: only that one
        # day is used, although the stop began before the clock did.
        (0, 1),
        # The clock runs from the opening of day 2 to 09:00 on day 3, and one day after the stop.
        (2, 1 + 0.5 / 6.5 + 1),
    ],
)
def test_only_time_on_a_running_clock_is_used(before_wd: float, used_wd: float) -> None:
    road = decision(
        5, pause(before_wd, "inbox"), Suspend(pause(3, "inspection")), pause(1, "inbox")
    )
    found = HALL.measure(Came(1, "09:00", sequence(*ARRIVE, ACCEPTED, road, Exit("done"))))
    assert found["compression"] == pytest.approx(used_wd / 5)


def test_an_immediate_decision_uses_nothing_of_the_limit() -> None:
    found = HALL.measure(Came(1, "09:00", hall_case(0)))
    assert found["compression"] == 0


# Complaints -------------------------------------------------------------------------------


def complaints(hazard: Complaints, *came: Came) -> float:
    return HALL.but(complaints=hazard).measure(*came)["complaints"]


def test_complaints_come_with_days_overdue() -> None:
    certain = Complaints(base=0, per_overdue_wd=1, per_extra_visit=0)
    assert complaints(certain, EARLY, ON_THE_DAY, NOT_YET_DUE) == 0
    assert complaints(certain, EARLY, LATE, STUCK) == 2  # both are a day late at least


def test_overdue_days_count_until_the_decision_or_the_census(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[np.ndarray] = []

    def remember(_: Complaints, overdue_wd: np.ndarray, visits: np.ndarray) -> np.ndarray:
        asked.extend((overdue_wd, visits))
        return np.zeros(len(overdue_wd))

    monkeypatch.setattr(observations, "complaint_probability", remember)
    after_census = Came(1, "09:00", hall_case(11))  # decided on day 12
    assert HALL.measure(EARLY, LATE, STUCK, after_census)["complaints"] == 0
    # Past closing on day 6: to 09:00 on day 8; to the end of day 10.
    overdue_wd, visits = asked
    assert overdue_wd == pytest.approx([0, 1 + 0.5 / 6.5, 4, 4], abs=1e-5)
    assert visits.tolist() == [2, 2, 1, 2]


def test_complaints_come_with_visits_beyond_the_second() -> None:
    certain = Complaints(base=0, per_overdue_wd=0, per_extra_visit=1)
    thrice = sequence(*ARRIVE, VISIT, VISIT, ACCEPTED, decision(5), IN_HAND, Exit("done"))
    assert complaints(certain, EARLY) == 0  # comes and collects
    assert complaints(certain, EARLY, Came(1, "09:00", thrice)) == 1


def test_complaints_are_about_cases_of_the_hall_by_the_census() -> None:
    always = Complaints(base=1, per_overdue_wd=0, per_extra_visit=0)
    found = HALL.but(complaints=always).measure(
        EARLY,
        LATE,
        Came(11, "09:00", hall_case(1)),
        Came(1, "09:00", home_case(1), entered=False),
    )
    assert found["complaints"] == 2
    assert found["complaint_rate"] == 1


def test_a_hazard_is_a_share_of_cases() -> None:
    some = Complaints(base=0.2, per_overdue_wd=0, per_extra_visit=0)
    came = [Came(1, "09:00", hall_case(1)) for _ in range(400)]
    # 80 expected, standard deviation 8.
    assert complaints(some, *came) == pytest.approx(80, abs=32)
