"""Opinions of assisting departments: who carries the file, and silent consent."""

from __future__ import annotations

import pytest

from .build import MakeHall, SmallHall, Story

PERMIT = ("permit", "2008-07-01 09:00")
TOGETHER = "bring the opinions together"
AGREED = "lie in the inbox (expired)"


def joint(hall: MakeHall, mode: str, slow: bool = False, **values: object) -> SmallHall:
    """Return a hall whose permits need the opinions of health and fire."""
    return hall(
        items={"permit": {"joint": mode, "helpers": "health;fire"}},
        departments={"health": {"slow": slow}},
        **values,
    )


def test_the_applicant_carries_the_file_to_each_helper(hall: MakeHall) -> None:
    story = joint(hall, "applicant").run(PERMIT).story()
    # 40 min in each helper's section, 5 min for its leader, 5 min to hand in.
    assert story.between("forward", TOGETHER) == [
        ("forward", "2008-07-01 09:10", "2008-07-01 09:15", "land window"),
        ("visit home:health", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("section 1", "2008-07-01 09:15", "2008-07-01 09:55", "health section 1"),
        ("signature 1 in person", "2008-07-01 09:55", "2008-07-01 10:00", ""),
        ("visit home:fire", "2008-07-01 10:00", "2008-07-01 10:00", ""),
        ("section 1", "2008-07-01 10:00", "2008-07-01 10:40", "fire section 1"),
        ("signature 1 in person", "2008-07-01 10:40", "2008-07-01 10:45", ""),
        ("visit hall", "2008-07-01 10:45", "2008-07-01 10:45", ""),
        ("hand in the opinions", "2008-07-01 10:45", "2008-07-01 10:50", "land window"),
        (TOGETHER, "2008-07-01 10:50", "2008-07-01 11:20", "land window"),
    ]
    # Too late for the courier of 11:00.
    assert story.span("courier") == ("2008-07-01 16:00", "2008-07-01 16:30")


def test_files_go_to_helpers_and_come_back_by_different_timetables(hall: MakeHall) -> None:
    made = joint(hall, "serial", **{"courier.returns": ["15:00", "09:30"]})
    story = made.run(PERMIT).story()
    assert [event[1:3] for event in story if event.what == "courier"] == [
        # To health at 11:00; one day in the inbox, 40 min of work, signed Wednesday 17:30.
        ("2008-07-01 11:00", "2008-07-01 11:30"),
        # Back on Thursday at 09:30, so that the file still goes to fire at 11:00.
        ("2008-07-03 09:30", "2008-07-03 10:00"),
        ("2008-07-03 11:00", "2008-07-03 11:30"),
        # Signed on Friday 17:30; back on Monday, brought together until 10:30, to land at 11:00.
        ("2008-07-07 09:30", "2008-07-07 10:00"),
        ("2008-07-07 11:00", "2008-07-07 11:30"),
        # Two sections: until Tuesday 8 July 14:40 and Wednesday 9 July 15:20; signed at 17:30.
        ("2008-07-10 09:30", "2008-07-10 10:00"),
    ]
    assert story.span(TOGETHER) == ("2008-07-07 10:00", "2008-07-07 10:30")


def test_the_hall_passes_the_file_on_serially(hall: MakeHall) -> None:
    story = joint(hall, "serial").run(PERMIT).story()
    assert story.between("forward", TOGETHER)[1:] == [
        ("wait for the courier", "2008-07-01 09:15", "2008-07-01 11:00", ""),
        ("courier", "2008-07-01 11:00", "2008-07-01 11:30", ""),
        ("lie in the inbox", "2008-07-01 11:30", "2008-07-02 11:30", ""),
        ("section 1", "2008-07-02 11:30", "2008-07-02 14:40", "health section 1"),
        ("signature 1", "2008-07-02 14:40", "2008-07-02 17:30", ""),
        ("wait for the courier", "2008-07-02 17:30", "2008-07-03 11:00", ""),
        ("courier", "2008-07-03 11:00", "2008-07-03 11:30", ""),
        # Back in the hall, and on to the next with the courier of the afternoon.
        ("wait for the courier", "2008-07-03 11:30", "2008-07-03 16:00", ""),
        ("courier", "2008-07-03 16:00", "2008-07-03 16:30", ""),
        ("lie in the inbox", "2008-07-03 16:30", "2008-07-04 16:30", ""),
        ("section 1", "2008-07-04 16:30", "2008-07-04 17:10", "fire section 1"),
        ("signature 1", "2008-07-04 17:10", "2008-07-04 17:30", ""),
        ("wait for the courier", "2008-07-04 17:30", "2008-07-07 11:00", ""),
        ("courier", "2008-07-07 11:00", "2008-07-07 11:30", ""),
        (TOGETHER, "2008-07-07 11:30", "2008-07-07 12:00", "land window"),
    ]
    assert [place for place, _ in story.visits] == ["hall", "hall"]


def test_in_parallel_the_slowest_helper_decides(hall: MakeHall) -> None:
    story = joint(hall, "parallel", slow=True).run(PERMIT).story()
    # Fire is back on Thursday 3 July 11:30; health lies two days in the inbox: a day later.
    sections = [event for event in story if event.what == "section 1"][:2]
    assert sections == [
        ("section 1", "2008-07-02 11:30", "2008-07-02 14:40", "fire section 1"),
        ("section 1", "2008-07-03 11:30", "2008-07-03 14:40", "health section 1"),
    ]
    assert story.span(TOGETHER) == ("2008-07-04 11:30", "2008-07-04 12:00")


@pytest.mark.parametrize(
    ("policy", "start"),
    [
        ("surveyed", "2008-07-07 11:30"),
        ("serial", "2008-07-07 11:30"),
        ("parallel", "2008-07-03 11:30"),
        ("applicant", "2008-07-01 10:50"),
    ],
)
def test_policy_changes_who_carries(hall: MakeHall, policy: str, start: str) -> None:
    story = joint(hall, "serial", **{"policy.joint_mode": policy}).run(PERMIT).story()
    assert story.of(TOGETHER).start == start


def test_outside_the_hall_the_applicant_carries_whatever_the_policy(hall: MakeHall) -> None:
    made = hall(
        items={"seal": {"joint": "serial", "helpers": "health;fire"}},
        **{"policy.joint_mode": "parallel"},
    )
    story = made.run(("seal", "2008-07-01 09:00")).story()
    # Reception to 09:15, health to 10:00, fire to 10:45, then 30 min / 0.5 in the section.
    assert story.visits == [
        ("home:police", "2008-07-01 09:00"),
        ("home:health", "2008-07-01 09:15"),
        ("home:fire", "2008-07-01 10:00"),
        ("home:police", "2008-07-01 10:45"),
    ]
    assert story.span(TOGETHER) == ("2008-07-01 10:45", "2008-07-01 11:45")


def test_no_item_becomes_joint_by_policy(hall: MakeHall) -> None:
    story = hall(**{"policy.joint_mode": "parallel"}).run(PERMIT).story()
    assert TOGETHER not in story.names


def test_a_helper_may_need_several_sections_and_signatures(hall: MakeHall) -> None:
    made = hall(
        items={"clinic": {"joint": "parallel", "helpers": "land;fire"}},
        **{"joint.helper_sections": 2, "joint.helper_signatures": 0},
    )
    story = made.run(("clinic", "2008-07-01 09:00")).story()
    of_helpers = story.between("courier", TOGETHER)
    worked = [(event.who, event.end) for event in of_helpers if event.what.startswith("section")]
    # Fire has but one section.
    assert worked == [
        ("land section 1", "2008-07-02 14:40"),
        ("fire section 1", "2008-07-02 14:40"),
        ("land section 2", "2008-07-03 15:20"),
    ]
    assert not any(event.what.startswith("signature") for event in of_helpers)


def test_each_helper_has_luck_of_its_own(hall: MakeHall) -> None:
    made = joint(hall, "serial", **{"stuck.at": "step", "stuck.step_hazard": 0.1})
    steps = [(f"stuck_{kind}", n) for kind in ("section", "signature") for n in (0, 1, 16, 32)]
    luck = dict.fromkeys(steps, 0.99) | {("stuck_section", 32): 0.01}
    story = made.run(PERMIT, luck=luck).story()
    # Fire, the second helper, is stuck when the file comes on Thursday 3 July 16:30.
    assert story.span("stuck until a meeting frees it") == ("2008-07-03 16:30", "2008-07-07 09:00")
    assert story.names.count("stuck until a meeting frees it") == 1


# Silent consent ---------------------------------------------------------------------------


def silent(hall: MakeHall, mode: str, consent: str, limit_wd: int = 2) -> Story:
    """Run a permit whose helper health leaves the file in the inbox for ten days."""
    made = joint(
        hall,
        mode,
        slow=True,
        **{
            "joint.helper_limit_wd": limit_wd,
            "offices.slow_factor": 10,
            "policy.silent_consent": consent,
        },
    )
    return made.run(PERMIT).story()


@pytest.mark.parametrize("consent", ["helpers", "departments"])
def test_a_helper_silent_at_its_limit_agrees(hall: MakeHall, consent: str) -> None:
    story = silent(hall, "parallel", consent)
    # Two working days after Tuesday 1 July: Thursday 3 July at closing.  Nobody brings the
    # file back.
    assert story.span(AGREED) == ("2008-07-01 11:30", "2008-07-03 17:30")
    assert story.span(TOGETHER) == ("2008-07-04 08:30", "2008-07-04 09:00")


def test_the_other_branch_and_the_case_clock_go_on(hall: MakeHall) -> None:
    story = silent(hall, "parallel", "helpers")
    fire = [event for event in story if event.who == "fire section 1"]
    assert fire == [("section 1", "2008-07-02 11:30", "2008-07-02 14:40", "fire section 1")]
    assert story.names.count("courier") >= 3  # both out, fire back
    # 15 wd from 2 July: 2-4 (3), 7-11 (8), 14-18 (13), 21-22 July (15).
    assert story.due == "2008-07-22 17:30"
    assert story.outcome == "done"


def test_serially_each_helper_has_a_limit_of_its_own(hall: MakeHall) -> None:
    story = silent(hall, "serial", "helpers", limit_wd=3)
    # Health: 2, 3 and 4 July.
    assert story.of(AGREED).end == "2008-07-04 17:30"
    # Fire gets the file on Monday 7 July 11:30, signs on Tuesday 17:30 and is back on
    # Wednesday 9 July 11:30, the last day of 7, 8 and 9 July.
    fire = next(event for event in story if event.who == "fire section 1")
    assert fire == ("section 1", "2008-07-08 11:30", "2008-07-08 14:40", "fire section 1")
    assert story.names.count(AGREED) == 1
    assert story.of(TOGETHER).start == "2008-07-09 11:30"


def test_without_silent_consent_a_silent_helper_is_waited_for(hall: MakeHall) -> None:
    story = silent(hall, "parallel", "none")
    # Ten days in the inbox, until 15 July 11:30; signed at 17:30, back on 16 July 11:30.
    assert AGREED not in story.names
    assert story.of(TOGETHER).start == "2008-07-16 11:30"
