"""Elapsed time within the follow-up, and where the days go."""

from __future__ import annotations

import math

import pytest

from sim.process.blocks import Exit, Parallel, sequence

from .build import (
    ACCEPTED,
    ARRIVE,
    DONE,
    VISIT,
    Came,
    Hall,
    decision,
    hall_case,
    home_case,
    officer,
    pause,
    ticket,
)

HALL = Hall(census_day=10, follow_up_wd=6)


def days(decide_wd: float, day: int = 1) -> Came:
    """Return an applicant who has the document in hand one day after the decision."""
    return Came(day, "09:00", hall_case(decide_wd))


def test_the_mean_is_cut_at_the_follow_up() -> None:
    found = HALL.measure(days(1), days(3), days(30))
    assert found["elapsed_mean_wd"] == pytest.approx((2 + 4 + 6) / 3)


def test_cases_are_followed_past_the_census() -> None:
    found = HALL.measure(days(1), days(4, day=10))
    assert found["cases_open"] == 1
    assert found["elapsed_mean_wd"] == pytest.approx((2 + 5) / 2)


def test_a_quantile_that_is_not_reached_is_null() -> None:
    found = HALL.measure(days(1), days(3), days(30))
    assert found["elapsed_p50_wd"] == pytest.approx(4)
    assert math.isnan(found["elapsed_p90_wd"])
    slow = HALL.measure(days(1), days(30), days(30))
    assert math.isnan(slow["elapsed_p50_wd"])


def test_nine_in_ten_take_no_longer() -> None:
    found = HALL.measure(*(days(number / 2) for number in range(10)))
    # 1, 1.5, … 5.5 wd: the ninth of ten.
    assert found["elapsed_p90_wd"] == pytest.approx(5)
    assert found["elapsed_p50_wd"] == pytest.approx(3)


def test_the_halls_own_books_see_survivors_only() -> None:
    found = HALL.measure(days(1), days(3), days(30))
    # Ticket to decision of the two completed by the census.
    assert found["elapsed_closed_mean_wd"] == pytest.approx((1 + 3) / 2)


def test_a_return_ends_a_case() -> None:
    returned = sequence(*ARRIVE, pause(2, "inbox"), Exit("returned"))
    found = HALL.measure(Came(1, "09:00", returned))
    assert found["elapsed_mean_wd"] == pytest.approx(2)
    assert found["elapsed_closed_mean_wd"] == pytest.approx(2)


def test_who_gives_up_has_not_reached_the_end() -> None:
    gone = Came(1, "09:00", sequence(*ARRIVE, pause(2, "applicant"), Exit("withdrawn")))
    found = HALL.measure(days(1), gone)
    assert found["elapsed_mean_wd"] == pytest.approx((2 + 6) / 2)
    assert found["elapsed_p50_wd"] == pytest.approx(2)
    assert math.isnan(found["elapsed_p90_wd"])
    assert (found["days_applicant"], found["days_given_up"]) == pytest.approx((2 / 2, 4 / 2))
    # The hall's own books call it completed all the same.
    assert found["elapsed_closed_mean_wd"] == pytest.approx((1 + 2) / 2)


def test_who_gives_up_after_the_follow_up_had_it_all_before() -> None:
    gone = Came(1, "09:00", sequence(*ARRIVE, pause(8, "applicant"), Exit("withdrawn")))
    found = HALL.measure(gone)
    assert (found["elapsed_mean_wd"], found["days_applicant"]) == pytest.approx((6, 6))
    assert found["days_given_up"] == 0


def test_everyones_time_counts_from_the_first_contact_anywhere() -> None:
    sent_on = sequence(VISIT, pause(1, "hall_wait"), home_case(2))
    found = HALL.measure(days(1), Came(1, "09:00", sent_on, entered=False))
    assert found["elapsed_mean_wd"] == pytest.approx(2)
    assert found["all_elapsed_mean_wd"] == pytest.approx((2 + 3) / 2)
    assert found["all_elapsed_p50_wd"] == pytest.approx(2)
    assert found["all_elapsed_p90_wd"] == pytest.approx(3)


# Where the days go ------------------------------------------------------------------------

EVERYWHERE = sequence(
    *ARRIVE,
    ticket(39),  # a tenth of a day
    ACCEPTED,
    decision(
        20,
        pause(0.5, "courier", handoffs=1),
        officer(78),  # two tenths
        Parallel(
            (
                sequence(pause(0.2, "inbox"), pause(0.3, "signature")),
                sequence(pause(0.5, "courier"), pause(1, "helpers")),
            )
        ),
        pause(1, "blocked"),
    ),
    pause(1, "collection"),
    VISIT,
    DONE,
)


def phases(found: dict[str, float], book: str = "") -> dict[str, float]:
    """Return the days of each phase that has any."""
    prefix = f"{book}days_"
    return {
        name.removeprefix(prefix): pytest.approx(value)
        for name, value in found.items()
        if name.startswith(prefix) and value
    }


def test_a_case_is_in_one_phase_at_a_time() -> None:
    found = HALL.measure(Came(1, "08:30", EVERYWHERE))
    # Of the parallel branches the later one counts.
    assert phases(found.figures) == {
        "service": 0.1,
        "courier": 0.5 + 0.5,
        "work": 0.2,
        "helpers": 1,
        "blocked": 1,
        "collection": 1,
    }


def test_waiting_for_people_is_a_phase_of_its_own() -> None:
    hall = HALL.but(officers=1)
    found = hall.measure(Came(1, "08:30", EVERYWHERE), Came(1, "08:30", EVERYWHERE))
    # The second waits 39 min for the window; it then reaches the officer 39 min after the
    # first and waits 39 of his 78 min.
    assert found["days_hall_wait"] == pytest.approx(0.1 / 2)
    assert found["days_inbox"] == pytest.approx(0.1 / 2)


def test_days_are_cut_at_the_follow_up() -> None:
    found = HALL.but(follow_up_wd=2).measure(Came(1, "08:30", EVERYWHERE))
    # .1 + .5 + .2 + .5 leave 0.7 of the helpers' day.
    assert phases(found.figures) == {"service": 0.1, "courier": 1, "work": 0.2, "helpers": 0.7}


@pytest.mark.parametrize("follow_up_wd", [2, 3, 6, 30])
def test_the_days_of_all_phases_add_up(follow_up_wd: int) -> None:
    came = [
        Came(1, "08:30", EVERYWHERE),
        Came(1, "08:30", EVERYWHERE),
        Came(2, "11:50", EVERYWHERE),
        days(4),
        days(40),
        Came(3, "09:00", sequence(*ARRIVE, pause(2.5, "applicant"), Exit("withdrawn"))),
        Came(1, "09:00", home_case(3), entered=False),
        Came(1, "09:00", sequence(VISIT, pause(1, "hall_wait"), home_case(2)), entered=False),
    ]
    found = HALL.but(follow_up_wd=follow_up_wd, officers=1).measure(*came).figures
    for book in ("", "all_"):
        total = sum(value for name, value in found.items() if name.startswith(f"{book}days_"))
        assert total == pytest.approx(found[f"{book}elapsed_mean_wd"])
    assert found["days_hall_wait"] != found["all_days_hall_wait"]


def test_a_phase_that_no_route_has_took_no_days() -> None:
    found = HALL.measure(days(1))
    assert found["days_higher_level"] == found["all_days_higher_level"] == 0
