"""Couriers, sections, signatures, and cases that stick."""

from __future__ import annotations

from itertools import permutations

import pytest

from sim.process.blocks import AwaitSession
from sim.rules.offices import BACK, OUT, leader

from .build import MakeHall

ARRIVES = ("permit", "2008-07-01 09:00")
AT_STEP = {"stuck.at": "step", "stuck.step_hazard": 0.1}
SMOOTH = {(f"stuck_{kind}", number): 0.99 for kind in ("section", "signature") for number in (0, 1)}


def stuck(kind: str, number: int, uniform: float = 0.09) -> dict[tuple[str, int], float]:
    """Return the luck of a case that sticks at one step only."""
    return SMOOTH | {(f"stuck_{kind}", number): uniform}


@pytest.mark.parametrize(
    ("arrival", "departure", "delivery"),
    [
        ("2008-07-01 09:00", "2008-07-01 11:00", "2008-07-01 11:30"),
        ("2008-07-01 10:45", "2008-07-01 11:00", "2008-07-01 11:30"),  # ready on the stroke
        ("2008-07-01 10:46", "2008-07-01 16:00", "2008-07-01 16:30"),
        ("2008-07-01 16:00", "2008-07-02 11:00", "2008-07-02 11:30"),  # ready at 16:15
        ("2008-07-04 16:00", "2008-07-07 11:00", "2008-07-07 11:30"),  # over the weekend
    ],
)
def test_the_courier_goes_at_fixed_times(
    hall: MakeHall, arrival: str, departure: str, delivery: str
) -> None:
    # Accepted and forwarded in 15 minutes.
    story = hall().run(("permit", arrival)).story()
    assert story.span("courier") == (departure, delivery)


def test_a_courier_under_way_does_not_stop_for_lunch(hall: MakeHall) -> None:
    story = hall(**{"courier.departures": ["11:45"]}).run(ARRIVES).story()
    assert story.span("courier") == ("2008-07-01 11:45", "2008-07-01 12:15")


def test_the_courier_takes_all_files_of_a_batch(hall: MakeHall) -> None:
    run = hall().run(("permit", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:30"))
    assert {story.span("courier") for story in run.stories()} == {
        ("2008-07-01 11:00", "2008-07-01 11:30")
    }


TIMES = ("08:40", "11:00", "16:00")


@pytest.mark.parametrize("times", list(permutations(TIMES)))
def test_a_timetable_may_stand_in_any_order(hall: MakeHall, times: tuple[str, ...]) -> None:
    made = hall(**{"courier.departures": times, "courier.returns": times})
    assert made.scenario.settings.courier.departures == TIMES
    story = made.run(("clinic", "2008-07-01 09:00")).story()
    # Forwarded at 09:15; inbox of one day, 40 min of work, signed on Wednesday evening.
    assert story.span("courier") == ("2008-07-01 11:00", "2008-07-01 11:30")
    assert story.at("decided") == "2008-07-02 17:30"
    assert story.span("courier", 1) == ("2008-07-03 08:40", "2008-07-03 09:10")


def test_without_a_timetable_of_their_own_files_come_back_with_the_departures(
    hall: MakeHall,
) -> None:
    sessions = hall(**{"courier.returns": None}).network.sessions
    assert sessions[BACK].times_s == sessions[OUT].times_s
    assert sessions == hall(**{"courier.returns": ["16:00", "11:00"]}).network.sessions


@pytest.mark.parametrize(("returns", "back"), [(None, "departures"), (["10:00"], "returns")])
def test_each_leg_names_the_timetable_that_it_keeps(
    hall: MakeHall, returns: list[str] | None, back: str
) -> None:
    made = hall(
        items={
            "permit": {"joint": "serial", "helpers": "health"},
            "deed": {"authority": "full", "certificate": True},
        },
        **{"courier.returns": returns},
    )
    found = {
        (node.block.session, node.block.origin)
        for route in made.network.routes
        for node in route.nodes
        if isinstance(node.block, AwaitSession) and node.block.session in (OUT, BACK)
    }
    assert found == {
        (OUT, "offices · courier.departures"),
        (BACK, f"offices · courier.{back}"),
    }


def test_a_share_of_the_officers_day_divides_their_speed(hall: MakeHall) -> None:
    story = hall(**{"offices.hall_share": 0.25}).run(ARRIVES).story()
    # 20 min / 0.25 = 80 min from Wednesday 11:30: 30 before lunch, 50 after.
    assert story.span("section 1") == ("2008-07-02 11:30", "2008-07-02 15:20")


def test_slower_work_divides_their_speed_again(hall: MakeHall) -> None:
    story = hall(**{"policy.work_speed": 0.5}).run(ARRIVES).story()
    # 20 min / 0.5 / 0.5 = 80 min.
    assert story.span("section 1") == ("2008-07-02 11:30", "2008-07-02 15:20")


def test_files_lie_longer_in_slow_departments(hall: MakeHall) -> None:
    story = hall(departments={"land": {"slow": True}}).run(ARRIVES).story()
    # One day × 2.
    assert story.span("lie in the inbox") == ("2008-07-01 11:30", "2008-07-03 11:30")


def test_leaders_sign_at_the_end_of_half_days_they_attend(hall: MakeHall) -> None:
    away = {"leader:land:0": ["2008-07-03 14:30", "2008-07-04 08:30"]}
    story = hall().run(ARRIVES, away=away).story()
    # On his desk on Thursday 15:20; he is in on Friday afternoon.
    assert story.span("signature 1") == ("2008-07-03 15:20", "2008-07-04 17:30")
    assert story.at("decided") == "2008-07-04 17:30"


def test_one_signature_follows_the_other(hall: MakeHall) -> None:
    away = {"leader:land:1": ["2008-07-03 14:30"]}
    story = hall().run(ARRIVES, away=away).story()
    assert story.span("signature 1")[1] == "2008-07-03 17:30"
    assert story.span("signature 2") == ("2008-07-03 17:30", "2008-07-04 12:00")


def test_leaders_attend_a_share_of_half_days(hall: MakeHall) -> None:
    network = hall(**{"offices.leader_attendance": 0.6}).network
    assert network.sessions[leader("land", 1)].attendance == 0.6
    run = hall(**{"offices.leader_attendance": 0.6}).run(ARRIVES)
    held = [len(run.history.moments[leader(*who)].times_s) for who in (("land", 0), ("land", 1))]
    half_days = len(network.calendars["office"].opens)
    # About 220 half-days: the standard error of the share is .033.
    assert all(number / half_days == pytest.approx(0.6, abs=0.12) for number in held)
    first, second = (
        run.history.moments[leader("land", number)].times_s.tolist() for number in (0, 1)
    )
    assert first != second  # each on their own half-days


def test_policy_may_save_sections_and_signatures(hall: MakeHall) -> None:
    lean = hall(**{"policy.sections_max": 1, "policy.signatures_max": 1})
    story = lean.run(ARRIVES).story()
    # Section 1 until Wednesday 14:40, signed at the end of that half-day.
    assert "section 2" not in story.names
    assert story.at("decided") == "2008-07-02 17:30"
    none = hall(**{"policy.sections_max": 1, "policy.signatures_max": 0})
    assert none.run(ARRIVES).story().at("decided") == "2008-07-02 14:40"


# Cases that stick -------------------------------------------------------------------------


def test_nothing_sticks_where_nothing_may(hall: MakeHall) -> None:
    made = hall(**{"stuck.at": "nowhere", "stuck.step_hazard": 1, "stuck.case_share": 1})
    assert "stuck until a meeting frees it" not in made.run(ARRIVES).story().names


def test_a_file_stuck_at_a_section_waits_for_the_meeting(hall: MakeHall) -> None:
    story = hall(**AT_STEP).run(ARRIVES, luck=stuck("section", 1)).story()
    # Section 1 ends on Wednesday 2 July 14:40; the meeting is on Monday 7 July 09:00.
    assert story.between("section 1", "signature 2") == [
        ("section 1", "2008-07-02 11:30", "2008-07-02 14:40", "land section 1"),
        ("stuck until a meeting frees it", "2008-07-02 14:40", "2008-07-07 09:00", ""),
        ("lie in the inbox", "2008-07-07 09:00", "2008-07-08 09:00", ""),
        ("section 2", "2008-07-08 09:00", "2008-07-08 09:40", "land section 2"),
        ("signature 1", "2008-07-08 09:40", "2008-07-08 12:00", ""),
        ("signature 2", "2008-07-08 12:00", "2008-07-08 12:00", ""),
    ]
    assert story.due == "2008-07-22 17:30"  # the clock goes on: 15 wd from 2 July


def test_a_file_may_stick_at_a_signature(hall: MakeHall) -> None:
    story = hall(**AT_STEP).run(ARRIVES, luck=stuck("signature", 0)).story()
    assert story.span("stuck until a meeting frees it") == ("2008-07-03 15:20", "2008-07-07 09:00")
    assert story.span("signature 1") == ("2008-07-07 09:00", "2008-07-07 12:00")


def test_the_nth_meeting_frees_the_file(hall: MakeHall) -> None:
    half = hall(**AT_STEP, **{"stuck.release_probability": 0.5})
    # ln(1 - .6) / ln .5 = 1.3: freed at the second meeting, Wednesday 16 July.
    luck = stuck("section", 1) | {("release_section", 1): 0.6}
    story = half.run(ARRIVES, luck=luck).story()
    assert story.span("stuck until a meeting frees it") == ("2008-07-02 14:40", "2008-07-16 09:00")


def test_without_meetings_nothing_is_freed(hall: MakeHall) -> None:
    made = hall(**AT_STEP, **{"policy.coordination_meetings_per_month": 0})
    story = made.run(ARRIVES, luck=stuck("section", 1)).story()
    assert story[-1].what == "stuck until a meeting frees it (open)"


def test_slow_departments_stick_more(hall: MakeHall) -> None:
    found = {}
    for slow in (True, False):
        made = hall(departments={"land": {"slow": slow}}, **AT_STEP, **{"stuck.slow_factor": 2})
        story = made.run(ARRIVES, luck=stuck("section", 1, 0.15)).story()
        found[slow] = "stuck until a meeting frees it" in story.names
    assert found == {True: True, False: False}  # .1 < .15 < .2


def test_a_file_carried_in_person_sticks_as_well(hall: MakeHall) -> None:
    luck = stuck("section", 1)
    story = hall(**AT_STEP).run(("seal", "2008-07-01 09:00"), luck=luck).story()
    assert story.span("stuck until a meeting frees it") == ("2008-07-01 09:55", "2008-07-07 09:00")
    assert story.span("section 2") == ("2008-07-07 09:00", "2008-07-07 09:40")
    luck = stuck("signature", 1)
    story = hall(**AT_STEP).run(("seal", "2008-07-01 09:00"), luck=luck).story()
    assert story.span("stuck until a meeting frees it") == ("2008-07-01 10:40", "2008-07-07 09:00")


@pytest.mark.parametrize("authority", ["none", "partial"])
def test_every_step_may_stick_that_authority_leaves(hall: MakeHall, authority: str) -> None:
    made = hall(items={"permit": {"authority": authority}}, **AT_STEP)
    story = made.run(ARRIVES, luck=dict.fromkeys(SMOOTH, 0.01)).story()
    # Two sections and two signatures, or one signature.
    expected = {"none": 4, "partial": 1}[authority]
    assert story.names.count("stuck until a meeting frees it") == expected


def test_full_authority_cures_sticking_at_steps(hall: MakeHall) -> None:
    made = hall(**AT_STEP, **{"policy.authorization": 1, "service.review_share": 0.5})
    story = made.run(ARRIVES, luck=dict.fromkeys(SMOOTH, 0.01)).story()
    assert "stuck until a meeting frees it" not in story.names
    assert story.at("decided") == "2008-07-01 09:50"  # 20 + 20 min at the back desk


AT_CASE = {"stuck.at": "case", "stuck.case_share": 0.1}


@pytest.mark.parametrize("full", [0, 1])
def test_full_authority_does_not_cure_a_case_that_sticks(hall: MakeHall, full: int) -> None:
    made = hall(**AT_CASE, **{"policy.authorization": full})
    run = made.run(ARRIVES, luck={("stuck_case", 0): 0.09})
    assert run.story().of("stuck until a meeting frees it").end == "2008-07-07 09:00"
    assert run.story().due == "2008-07-22 17:30"
    free = made.run(ARRIVES, luck={("stuck_case", 0): 0.11})
    assert "stuck until a meeting frees it" not in free.story().names


def test_a_case_sticks_in_its_home_department_too(hall: MakeHall) -> None:
    luck = {("stuck_case", 0): 0.09}
    story = hall(**AT_CASE).run(("seal", "2008-07-01 09:00"), luck=luck).story()
    assert story.span("stuck until a meeting frees it") == ("2008-07-01 09:15", "2008-07-07 09:00")
    assert story.visits[-1] == ("home:police", "2008-07-07 09:00")


def test_a_case_that_sticks_is_freed_at_its_nth_meeting(hall: MakeHall) -> None:
    made = hall(**AT_CASE, **{"stuck.release_probability": 0.5})
    # ln(1 - .8) / ln .5 = 2.3: the third meeting, Saturday 26 July held on Monday 28.
    luck = {("stuck_case", 0): 0.09, ("release_case", 0): 0.8}
    story = made.run(ARRIVES, luck=luck).story()
    assert story.of("stuck until a meeting frees it").end == "2008-07-28 09:00"
