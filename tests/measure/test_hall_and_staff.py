"""Hall wait, people in the hall, utilisation and staff time."""

from __future__ import annotations

import math

import pytest

from sim.process.blocks import Exit, sequence

from .build import ACCEPTED, ARRIVE, DONE, VISIT, Came, Hall, decision, officer, pause, ticket

GIVE_UP = Exit("withdrawn")
SERVED = sequence(*ARRIVE, ticket(30), DONE)
IMPATIENT = sequence(*ARRIVE, ticket(30, patience=20, left=GIVE_UP), DONE)
ONE_DAY = Hall(census_day=1)
DAY_MIN = 390
QUEUE = ONE_DAY.measure(
    Came(1, "09:00", IMPATIENT),  # called at once
    Came(1, "09:10", IMPATIENT),  # called after 20 min
    Came(1, "09:20", IMPATIENT),  # leaves after 20 min
    Came(1, "10:30", IMPATIENT),  # called at once
)


def test_every_ticket_counts_in_the_hall_wait() -> None:
    assert QUEUE["hall_wait_mean_min"] == (0 + 20 + 20 + 0) / 4
    assert QUEUE["hall_wait_max_min"] == 20


def test_who_left_was_not_called_within_the_target() -> None:
    assert QUEUE["hall_wait_within_target_rate"] == 2 / 4
    generous = QUEUE.hall.but(wait_target_min=20).measure(*QUEUE.applicants)
    assert generous["hall_wait_within_target_rate"] == 3 / 4  # not who left after 20 min


def test_left_tickets_are_a_share_of_all() -> None:
    assert QUEUE["left_rate"] == 1 / 4


def test_who_is_sent_home_has_left() -> None:
    nobody = ONE_DAY.but(away=(0, 1)).measure(Came(1, "17:00", IMPATIENT))
    assert nobody["left_rate"] == 1
    assert nobody["hall_wait_mean_min"] == 20
    closing = ONE_DAY.but(away=(0, 1)).measure(Came(1, "17:20", IMPATIENT))
    assert closing["hall_wait_mean_min"] == 10  # until closing at 17:30


def test_who_waits_over_lunch_waits() -> None:
    found = ONE_DAY.measure(Came(1, "11:45", SERVED), Came(1, "11:50", SERVED))
    # Ten minutes until noon, and until the hall opens at 14:30.
    assert found["hall_wait_max_min"] == 160
    assert found["hall_wait_mean_min"] == 160 / 2
    assert found["hall_wait_open_mean_min"] == 10 / 2


def test_who_joins_another_line_when_the_break_has_begun_waits_for_its_end() -> None:
    twice = sequence(*ARRIVE, ticket(30), ticket(10, here=True), DONE)
    # Served from 11:50 to 12:20, and again when the hall opens at 14:30.
    found = ONE_DAY.measure(Came(1, "11:50", twice))
    assert found["hall_wait_mean_min"] == 130 / 2
    assert found["hall_wait_open_mean_min"] == 0


def test_who_goes_on_to_another_window_waits_again() -> None:
    twice = sequence(*ARRIVE, ticket(30), ticket(10, here=True), DONE)
    found = ONE_DAY.measure(Came(1, "09:00", twice), Came(1, "09:10", twice))
    # 0; the other is called at 09:30 after 20 min; the first again at 10:00 after 30 min; the
    # other again at 10:10 after 10 min.
    assert found["hall_wait_mean_min"] == (0 + 20 + 30 + 10) / 4
    assert found["hall_wait_visit_mean_min"] == (30 + 30) / 2
    assert found["hall_wait_visit_max_min"] == 30
    assert found["hall_wait_visit_p90_min"] == 30


def test_each_visit_has_a_wait_of_its_own() -> None:
    later = sequence(VISIT, ticket(10), DONE)
    again = sequence(*ARRIVE, ticket(30), pause(1, "applicant"), later)
    found = ONE_DAY.but(census_day=3).measure(
        Came(1, "09:00", again), Came(1, "09:10", again), Came(2, "09:29", SERVED)
    )
    # The other waits 20 min on day 1; on day 2 the first comes at 09:30 and waits 29, the other
    # comes at 10:00 and waits 9.
    assert found["hall_wait_visit_mean_min"] == pytest.approx((0 + 20 + 0 + 29 + 9) / 5, abs=0.01)


def test_who_finds_the_hall_closed_is_turned_away_and_waits_for_nobody() -> None:
    away = sequence(*ARRIVE, ticket(30, left=GIVE_UP), DONE)
    found = ONE_DAY.measure(Came(1, "09:00", SERVED), Came(1, "17:30", away))
    assert found["turned_away_rate"] == 1 / 2
    assert found["left_rate"] == 0
    assert found["hall_wait_mean_min"] == 0
    assert found["hall_people_max"] == 1


def test_nine_in_ten_tickets_wait_no_longer() -> None:
    found = ONE_DAY.measure(
        *(Came(1, "08:30", sequence(*ARRIVE, ticket(5), DONE)) for _ in range(10))
    )
    # 0, 5, … 45 min: the ninth of ten.
    assert found["hall_wait_p90_min"] == 40


def test_each_ticket_of_a_case_counts() -> None:
    again = sequence(
        *ARRIVE, ticket(30, patience=20, left=sequence(pause(0.1, "applicant"), ticket(30))), DONE
    )
    found = ONE_DAY.measure(Came(1, "09:00", SERVED), Came(1, "09:05", again))
    # Left at 09:25 after 20 min; back 39 min later and called at once.
    assert found["left_rate"] == 1 / 3
    assert found["hall_wait_mean_min"] == pytest.approx(20 / 3)


def test_tickets_after_the_census_do_not_count() -> None:
    found = ONE_DAY.measure(
        Came(1, "09:00", SERVED), Came(2, "09:00", SERVED), Came(2, "09:00", SERVED)
    )
    assert found["hall_wait_mean_min"] == 0


def test_work_without_a_ticket_is_no_hall_wait() -> None:
    desk = sequence(*ARRIVE, officer(60), DONE)
    found = ONE_DAY.but(officers=1).measure(Came(1, "09:00", desk), Came(1, "09:00", desk))
    assert math.isnan(found["hall_wait_mean_min"])


# People in the hall -----------------------------------------------------------------------


def test_people_are_in_the_hall_while_they_wait_and_are_served() -> None:
    # At 09:20 one is served and two wait.
    assert QUEUE["hall_people_max"] == 3
    assert QUEUE.hall.but(hall_places=2).measure(*QUEUE.applicants)["hall_crowding_max"] == 3 / 2


def test_who_goes_makes_room_for_who_comes() -> None:
    found = ONE_DAY.measure(Came(1, "09:00", SERVED), Came(1, "09:30", SERVED))
    assert found["hall_people_max"] == 1


def test_the_back_office_is_not_in_the_hall() -> None:
    found = ONE_DAY.measure(Came(1, "09:00", sequence(*ARRIVE, officer(60), DONE)))
    assert found["hall_people_max"] == 0


# Staff ------------------------------------------------------------------------------------


def test_utilisation_is_work_by_attended_time() -> None:
    found = ONE_DAY.measure(Came(1, "09:00", SERVED), Came(1, "15:00", SERVED))
    assert found["window_utilisation"] == pytest.approx(60 / DAY_MIN)


def test_who_is_away_does_not_attend() -> None:
    # One of two people is away in the morning, 210 of 780 minutes.
    hall = ONE_DAY.but(people=2, away=(0,))
    found = hall.measure(Came(1, "09:00", SERVED))
    assert found["window_utilisation"] == pytest.approx(30 / (2 * DAY_MIN - 210))


def test_the_busiest_unit_is_reported() -> None:
    hall = ONE_DAY.but(windows=(("window",), ("other",)))
    found = hall.measure(Came(1, "09:00", SERVED))
    assert found["window_utilisation"] == pytest.approx(30 / (2 * DAY_MIN))
    assert found["window_utilisation_max"] == pytest.approx(30 / DAY_MIN)


def test_work_counts_until_the_census() -> None:
    found = ONE_DAY.measure(Came(1, "09:00", SERVED), Came(2, "09:00", SERVED))
    assert found["window_utilisation"] == pytest.approx(30 / DAY_MIN)


def test_work_past_closing_is_overtime() -> None:
    # 20 min until 17:30 and 10 after it, then 30 more; 15 min of lunch.
    found = ONE_DAY.measure(
        Came(1, "11:45", SERVED), Came(1, "17:10", SERVED), Came(1, "17:15", SERVED)
    )
    assert found["overtime_min_per_wd"] == 15 + 10 + 30
    assert found["window_utilisation"] == pytest.approx((15 + 20) / DAY_MIN)


def test_who_finishes_what_was_begun_attends_until_it_is_done() -> None:
    # Away in the afternoon, but at work until 14:45: 15 min attended beyond the morning's 210.
    long = sequence(*ARRIVE, ticket(180), DONE)
    found = ONE_DAY.but(away=(1,)).measure(Came(1, "11:45", long))
    assert found["window_utilisation"] == pytest.approx((15 + 15) / (210 + 15))
    assert found["overtime_min_per_wd"] == 150


def test_of_two_who_finish_the_first_is_the_one_who_is_away() -> None:
    # One of two is away in the afternoon; they finish at 14:45 and 15:30.
    first, second = (sequence(*ARRIVE, ticket(minutes), DONE) for minutes in (180, 225))
    found = ONE_DAY.but(people=2, away=(1,)).measure(
        Came(1, "11:45", first), Came(1, "11:45", second)
    )
    attended = 2 * 210 + 180 + 15
    assert found["window_utilisation"] == pytest.approx((2 * 15 + 15 + 60) / attended)


def test_offices_pause_over_lunch() -> None:
    # 60 min of two officers, from 11:30 over lunch to 15:00.
    found = ONE_DAY.measure(Came(1, "11:30", sequence(*ARRIVE, officer(60), DONE)))
    assert found["office_utilisation"] == pytest.approx(60 / (2 * DAY_MIN))


def test_staff_time_counts_the_share_of_officers() -> None:
    worked = sequence(*ARRIVE, ticket(30), ACCEPTED, decision(5, officer(60, share=0.5)), DONE)
    found = ONE_DAY.measure(Came(1, "11:30", worked), Came(1, "15:00", SERVED))
    # 30 + 60 × 0.5, and 30.
    assert found["staff_min_per_case"] == pytest.approx((60 + 30) / 2)


def test_staff_time_after_the_follow_up_is_not_counted() -> None:
    late = sequence(*ARRIVE, ticket(30), pause(7, "inbox"), officer(60), DONE)
    found = ONE_DAY.but(follow_up_wd=6).measure(Came(1, "09:00", late))
    assert found["staff_min_per_case"] == 30
