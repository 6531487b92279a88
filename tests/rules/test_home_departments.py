"""Applicants who carry their file through a home department, dated by hand."""

from __future__ import annotations

import numpy as np
import pytest

from .build import MakeHall, local

LEFT, STAYED = {("leave_file", 0): 0.1, ("leave_file", 1): 0.9}, {("leave_file", 0): 0.6}
HALF = {"offices.leave_file_share": 0.5}


def test_a_file_that_is_left_lies_in_the_inbox_and_its_applicant_comes_again(
    hall: MakeHall,
) -> None:
    run = hall(**HALF).run(("seal", "2008-07-01 09:00"), luck=LEFT)
    # Inbox of one day, 40 min of work: done on Wednesday 09:55; two days are over on Thursday.
    assert run.story()[2:9] == [
        ("accepted", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("lie in the inbox", "2008-07-01 09:15", "2008-07-02 09:15", ""),
        ("section 1", "2008-07-02 09:15", "2008-07-02 09:55", "police section 1"),
        ("come again for the file", "2008-07-01 09:15", "2008-07-03 09:15", ""),
        ("visit home:police", "2008-07-03 09:15", "2008-07-03 09:15", ""),
        ("section 2", "2008-07-03 09:15", "2008-07-03 09:55", "police section 2"),
        ("signature 1 in person", "2008-07-03 09:55", "2008-07-03 10:00", ""),
    ]
    assert run.table.visits.tolist() == [2]


def test_who_comes_for_a_file_that_is_not_done_comes_when_it_is(hall: MakeHall) -> None:
    slow = hall(departments={"police": {"slow": True}}, **HALF)
    story = slow.run(("seal", "2008-07-01 16:45"), luck=LEFT).story()
    # Inbox of two days until Thursday 17:00, then 40 min of work: 30 on Thursday, 10 on Friday.
    assert story.span("section 1") == ("2008-07-03 17:00", "2008-07-04 08:40")
    assert story.visits[1] == ("home:police", "2008-07-04 08:40")


def test_a_file_done_at_the_close_is_fetched_when_the_office_opens(hall: MakeHall) -> None:
    slow = hall(departments={"police": {"slow": True}}, **HALF)
    story = slow.run(("seal", "2008-07-01 16:35"), luck=LEFT).story()
    assert story.span("section 1") == ("2008-07-03 16:50", "2008-07-03 17:30")
    assert story.visits[1] == ("home:police", "2008-07-04 08:30")


def test_who_stands_by_over_a_close_comes_again_which_is_a_visit(hall: MakeHall) -> None:
    run = hall(**HALF).run(("seal", "2008-07-01 16:50"), luck=STAYED | {("leave_file", 1): 0.9})
    # 25 of section 1's 40 min on Tuesday, the rest on Wednesday.
    assert run.story().span("section 1") == ("2008-07-01 17:05", "2008-07-02 08:45")
    assert run.story().visits == [("home:police", "2008-07-01 16:50")]
    assert run.table.visits.tolist() == [2]


def test_lunch_is_waited_out(hall: MakeHall) -> None:
    run = hall(**HALF).run(("seal", "2008-07-01 11:30"), luck=STAYED | {("leave_file", 1): 0.9})
    assert run.story().span("section 1") == ("2008-07-01 11:45", "2008-07-01 14:55")
    assert run.table.visits.tolist() == [1]


@pytest.mark.parametrize(
    ("luck", "again", "visits"),
    [
        # The 28th is a Sunday at work; the holiday lasts from 29 September to 5 October.
        (LEFT, "2008-10-07 10:00", 2),  # left on the 28th, two working days later
        (STAYED | {("leave_file", 1): 0.1}, "2008-10-07 10:40", 2),
    ],
)
def test_a_file_is_left_over_golden_week(
    hall: MakeHall, luck: dict[tuple[str, int], float], again: str, visits: int
) -> None:
    run = hall(**HALF).run(("seal", "2008-09-28 09:45"), luck=luck)
    assert run.story().visits[1] == ("home:police", again)
    assert run.table.visits.tolist() == [visits]


def test_who_stands_by_before_golden_week_comes_again_after_it(hall: MakeHall) -> None:
    run = hall(**HALF).run(("seal", "2008-09-28 16:50"), luck=STAYED | {("leave_file", 1): 0.9})
    assert run.story().span("section 1") == ("2008-09-28 17:05", "2008-10-06 08:45")
    assert run.table.visits.tolist() == [2]


def test_who_waits_in_line_over_a_close_comes_again_too(hall: MakeHall) -> None:
    alone = {"officers_per_section": 1, "window_staff_full": 0}
    run = hall(departments={"police": alone}).run(*[("seal", "2008-07-01 16:40")] * 3)
    # One officer receives all three by 17:25; two of them wait for section 1 over the night.
    assert {local(int(end))[:10] for end in run.table.exit_s} == {"2008-07-02"}
    assert (run.table.visits == 2).all()


def test_a_section_that_sticks_costs_a_trip_to_who_stands_by(hall: MakeHall) -> None:
    made = hall(**{"stuck.at": "step", "stuck.step_hazard": 0.1})
    luck = {("stuck_section", 0): 0.05, ("stuck_section", 1): 0.9}
    luck |= {("stuck_signature", 0): 0.9, ("stuck_signature", 1): 0.05}
    run = made.run(("seal", "2008-07-01 09:00"), luck=luck)
    # Freed on Monday 7 July 09:00; the second meeting is on Wednesday 16 July.
    assert [when for _, when in run.story().visits] == [
        "2008-07-01 09:00",
        "2008-07-07 09:00",
        "2008-07-16 09:00",
    ]


def test_a_changed_share_moves_only_those_between_the_two_values(hall: MakeHall) -> None:
    found = {}
    for share in (0.2, 0.5, 1):
        made = hall(**{"offices.leave_file_share": share})
        applicants = [("seal", f"2008-07-{day:02} 09:00") for day in range(1, 31)]
        run = made.run(
            *[
                one
                for one in applicants
                if one[1][8:10] not in ("05", "06", "12", "13", "19", "20", "26", "27")
            ]
        )
        mine = run.history.draws.column("leave_file", 0)
        left = np.array(["come again for the file" in story.names for story in run.stories()])
        second = run.history.draws.column("leave_file", 1)
        assert (left == ((mine < share) | (second < share))).all()
        found[share] = left
    assert (found[0.2] <= found[0.5]).all()
    assert found[1].all()


def test_opinions_are_brought_together_in_person_or_left(hall: MakeHall) -> None:
    joint = {"seal": {"joint": "applicant", "helpers": "fire"}}
    luck = dict.fromkeys([("leave_file", 0), ("leave_file", 1), ("leave_file", 16)], 0.9)
    stays = hall(items=joint, **HALF).run(
        ("seal", "2008-07-01 09:00"), luck=luck | {("leave_file", 15): 0.9}
    )
    leaves = hall(items=joint, **HALF).run(
        ("seal", "2008-07-01 09:00"), luck=luck | {("leave_file", 15): 0.1}
    )
    places = [place for place, _ in stays.story().visits]
    assert places == ["home:police", "home:fire", "home:police"]
    assert [place for place, _ in leaves.story().visits] == [*places, "home:police"]


def test_the_desk_signature_takes_a_leaders_minutes(hall: MakeHall) -> None:
    run = hall().run(("permit", "2008-07-01 09:00"))
    # 10 accept, 5 forward, two sections of 20, two signatures of 5, 5 to collect.
    assert run.table.staff_s.tolist() == [(10 + 5 + 2 * 20 + 2 * 5 + 5) * 60]
    run = hall().run(("seal", "2008-07-01 09:00"))
    assert run.table.staff_s.tolist() == [(15 + 2 * 20 + 2 * 5) * 60]


# What the counter decides -----------------------------------------------------------------

COUNTER = {"sections": 0, "signatures": 0}


def test_a_counter_that_needs_nobody_decides_in_accepting(hall: MakeHall) -> None:
    run = hall(items={"seal": COUNTER | {"certificate": True}}).run(("seal", "2008-07-01 09:00"))
    assert run.story()[1:] == [
        ("receive at the department", "2008-07-01 09:00", "2008-07-01 09:15", "police section 1"),
        ("accepted", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("decided", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("print and seal", "2008-07-01 09:15", "2008-07-01 09:21", "police section 1"),
        ("in_hand", "2008-07-01 09:21", "2008-07-01 09:21", ""),
        ("done", "2008-07-01 09:21", "2008-07-01 09:21", ""),
    ]


def test_it_does_so_in_the_hall_without_any_authority(hall: MakeHall) -> None:
    items = {"seal": COUNTER | {"certificate": True}}
    for prints, visits in ((True, 1), (False, 2)):
        made = hall(
            items=items,
            departments={"police": {"certificate_at_window": prints}},
            **{"policy.entry": 1},
        )
        run = made.run(("seal", "2008-07-01 09:00"))
        assert run.story().at("decided") == "2008-07-01 09:10"
        assert "immediate" in run.story().names
        assert run.table.visits.tolist() == [visits]


CARD = {"seal": COUNTER | {"made_outside": True, "promised_wd": 41, "statutory_wd": 41}}
MADE = {"collection.made_outside_wd": {"mean": 20, "family": "fixed"}}


def test_an_identity_card_is_made_outside_and_collected(hall: MakeHall) -> None:
    run = hall(items=CARD, **MADE, **{"horizon.follow_up_wd": 40}).run(("seal", "2008-07-01 09:00"))
    # 20 working days from 1 July 09:15: 29 July; the applicant comes a day later.
    assert run.story()[2:6] == [
        ("accepted", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("made outside the county", "2008-07-01 09:15", "2008-07-29 09:15", ""),
        ("decided", "2008-07-29 09:15", "2008-07-29 09:15", ""),
        ("wait for the applicant to come", "2008-07-29 09:15", "2008-07-30 09:15", ""),
    ]
    assert run.story().of("collect").who == "police section 1"
    assert run.table.visits.tolist() == [2]
    # The limit of 41 working days runs from 2 July on: 27 August is the 41st.
    assert run.story().due == "2008-08-27 17:30"


@pytest.mark.parametrize("entry", [None, 1])
def test_it_may_be_posted(hall: MakeHall, entry: int | None) -> None:
    post = {"policy.postal_share": 1, "policy.entry": entry, "horizon.follow_up_wd": 40}
    run = hall(items=CARD, **MADE, **post).run(("seal", "2008-07-01 09:00"))
    assert run.table.visits.tolist() == [1]
    assert run.story().outcome == "done"


def test_it_goes_by_no_courier_in_the_hall(hall: MakeHall) -> None:
    made = hall(items=CARD, **MADE, **{"policy.entry": 1, "policy.authorization": 1})
    story = made.run(("seal", "2008-07-01 09:00")).story()
    assert "courier" not in story.names
    assert story.span("made outside the county") == ("2008-07-01 09:10", "2008-07-29 09:10")


def test_a_counter_has_full_authority_and_its_print_takes_the_courier_both_ways(
    hall: MakeHall,
) -> None:
    counter = {"seal": COUNTER | {"certificate": True}}
    made = hall(items=counter, **{"policy.entry": 1})
    seal = next(item for item in made.scenario.items if item.id == "seal")
    assert made.rules.level(seal) == "full"
    run = made.run(("seal", "2008-07-01 09:00"))
    # The office prints it: out at 11:00, back at 16:00.
    assert [event.start for event in run.story() if event.what == "courier"] == [
        "2008-07-01 11:00",
        "2008-07-01 16:00",
    ]
    assert run.figures["authorization_rate"] == 1 / 4
    assert run.figures["immediate_item_rate"] == 1 / 4


def test_a_left_file_of_a_helper_counts_as_waiting_for_helpers(hall: MakeHall) -> None:
    joint = {"seal": {"joint": "applicant", "helpers": "fire"}}
    luck = {("leave_file", 0): 0.9, ("leave_file", 1): 0.9, ("leave_file", 15): 0.9}
    run = hall(items=joint, **HALF).run(
        ("seal", "2008-07-01 09:00"), luck=luck | {("leave_file", 16): 0.1}
    )
    days = dict(zip(run.table.phases, run.table.phase_ticks[0] / 86_400, strict=True))
    assert days["applicant"] == 0
    assert days["helpers"] > 2
