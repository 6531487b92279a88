"""Which items are in the hall, and what applicants of the others go through."""

from __future__ import annotations

import pytest

from sim.rules.item_entry import entered_items

from .build import MakeHall

SEAL = ("seal", "2008-07-01 09:00")


@pytest.mark.parametrize(
    ("share", "entered"),
    [
        (None, {"permit", "deed", "clinic"}),
        (0.0, set()),
        (0.25, {"seal"}),
        (0.5, {"seal", "clinic"}),
        (0.625, {"seal", "clinic", "deed"}),  # 2.5 of 4 rounds up
        (1.0, {"seal", "clinic", "deed", "permit"}),
    ],
)
def test_a_share_of_items_enters_by_rank(
    hall: MakeHall, share: float | None, entered: set[str]
) -> None:
    ranks = {
        name: {"entry_rank": rank}
        for rank, name in enumerate(("seal", "clinic", "deed", "permit"), 1)
    }
    assert entered_items(hall(items=ranks).scenario.items, share) == entered


@pytest.mark.parametrize(("share", "entered"), [(0.25, {"permit"}), (0.5, {"permit", "clinic"})])
def test_ranks_may_be_shared_and_leave_gaps(
    hall: MakeHall, share: float, entered: set[str]
) -> None:
    # Those of one rank enter in the order of the table.
    ranks = {"permit": 10, "clinic": 10, "deed": 40, "seal": 40}
    items = {name: {"entry_rank": rank, "authority_rank": rank} for name, rank in ranks.items()}
    assert entered_items(hall(items=items).scenario.items, share) == entered


def test_the_applicant_of_an_item_in_the_hall_goes_there(hall: MakeHall) -> None:
    story = hall().run(("clinic", "2008-07-01 09:00")).story()
    assert [event.what for event in story[:3]] == ["visit hall", "received", "accept"]
    assert story.visits[0] == ("hall", "2008-07-01 09:00")


def test_an_item_kept_back_is_carried_through_its_department(hall: MakeHall) -> None:
    story = hall().run(("seal", "2008-07-01 09:00")).story()
    # 15 min at reception, 40 min in each section without an inbox, 5 min with each leader.
    assert story == [
        ("visit home:police", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("receive at the department", "2008-07-01 09:00", "2008-07-01 09:15", "police section 1"),
        ("accepted", "2008-07-01 09:15", "2008-07-01 09:15", ""),
        ("section 1", "2008-07-01 09:15", "2008-07-01 09:55", "police section 1"),
        ("section 2", "2008-07-01 09:55", "2008-07-01 10:35", "police section 2"),
        ("signature 1 in person", "2008-07-01 10:35", "2008-07-01 10:40", ""),
        ("signature 2 in person", "2008-07-01 10:40", "2008-07-01 10:45", ""),
        ("decided", "2008-07-01 10:45", "2008-07-01 10:45", ""),
        ("in_hand", "2008-07-01 10:45", "2008-07-01 10:45", ""),
        ("done", "2008-07-01 10:45", "2008-07-01 10:45", ""),
    ]
    # The same promise as in the hall: 10 wd from 2 July: 2-4 (3), 7-11 (8), 14-15 July (10).
    assert story.due == "2008-07-15 17:30"


def test_who_tries_the_hall_first_makes_a_wasted_trip(hall: MakeHall) -> None:
    story = hall(**{"demand.hall_first_share": 1}).run(("seal", "2008-07-01 09:00")).story()
    assert story.visits == [("hall", "2008-07-01 09:00"), ("home:police", "2008-07-01 09:05")]
    assert "received" not in story.names
    assert story.span("receive at the department") == ("2008-07-01 09:05", "2008-07-01 09:20")


@pytest.mark.parametrize(
    ("come", "goes_on"),
    [("11:50", "07-01 11:55"), ("11:58", "07-01 14:30"), ("17:28", "07-02 08:30")],
)
def test_who_is_sent_on_goes_there_while_it_is_open(
    hall: MakeHall, come: str, goes_on: str
) -> None:
    made = hall(**{"demand.hall_first_share": 1})
    story = made.run(("seal", f"2008-07-01 {come}")).story()
    assert story.visits[1] == ("home:police", f"2008-{goes_on}")


def test_nobody_is_sent_on_once_the_item_has_entered(hall: MakeHall) -> None:
    entered = hall(**{"demand.hall_first_share": 1, "policy.entry": 1})
    story = entered.run(("seal", "2008-07-01 09:00")).story()
    assert story.of("accept").who == "police representative"
    assert {place for place, _ in story.visits} == {"hall"}


def test_a_share_of_applicants_tries_the_hall_first(hall: MakeHall) -> None:
    some = hall(**{"demand.hall_first_share": 0.3})
    tries = {
        luck: some.run(("seal", "2008-07-01 09:00"), luck={("hall_first", 0): luck})
        .story()
        .visits[0][0]
        for luck in (0.29, 0.31)
    }
    assert tries == {0.29: "hall", 0.31: "home:police"}


def test_an_absent_leader_costs_a_trip(hall: MakeHall) -> None:
    away = {"leader:police:0": ["2008-07-03 14:30"]}
    story = hall().run(("seal", "2008-07-03 11:00"), away=away).story()
    # Reception to 11:15, section 1 to 11:55, section 2 to 12:00 and 14:30-15:05 on Thursday;
    # two working days later is Monday 7 July.
    assert story.between("section 2", "signature 2 in person") == [
        ("section 2", "2008-07-03 11:55", "2008-07-03 15:05", "police section 2"),
        ("come again for the leader", "2008-07-03 15:05", "2008-07-07 15:05", ""),
        ("visit home:police", "2008-07-07 15:05", "2008-07-07 15:05", ""),
        ("signature 1 in person", "2008-07-07 15:05", "2008-07-07 15:10", ""),
        ("signature 2 in person", "2008-07-07 15:10", "2008-07-07 15:15", ""),
    ]


def test_after_the_stated_errands_the_file_is_left_with_the_leader(hall: MakeHall) -> None:
    twice = hall(**{"offices.errand_attempts": 2})
    away = {"leader:police:0": ["2008-07-03 14:30", "2008-07-07 14:30"]}
    story = twice.run(("seal", "2008-07-03 11:00"), away=away).story()
    # Signed at noon on 8 July, the first half-day he is in; fetched in the next half-day,
    # when the second leader is in as well.
    assert story.between("come again for the leader", "signature 2 in person") == [
        ("come again for the leader", "2008-07-03 15:05", "2008-07-07 15:05", ""),
        ("visit home:police", "2008-07-07 15:05", "2008-07-07 15:05", ""),
        ("signature 1", "2008-07-07 15:05", "2008-07-08 12:00", ""),
        ("wait for the office to open", "2008-07-08 12:00", "2008-07-08 14:30", ""),
        ("visit home:police", "2008-07-08 14:30", "2008-07-08 14:30", ""),
        ("signature 2 in person", "2008-07-08 14:30", "2008-07-08 14:35", ""),
    ]


def test_policy_may_save_sections_and_signatures_at_home_too(hall: MakeHall) -> None:
    lean = hall(**{"policy.sections_max": 1, "policy.signatures_max": 0})
    story = lean.run(("seal", "2008-07-01 09:00")).story()
    assert "section 2" not in story.names
    assert story.at("decided") == story.span("section 1")[1] == "2008-07-01 09:55"


def test_the_first_section_receives(hall: MakeHall) -> None:
    run = hall().run(SEAL, SEAL, SEAL)
    # Two officers; the third applicant is received when they are free again.
    assert [story.of("receive at the department")[1:] for story in run.stories()] == [
        ("2008-07-01 09:00", "2008-07-01 09:15", "police section 1"),
        ("2008-07-01 09:00", "2008-07-01 09:15", "police section 1"),
        ("2008-07-01 09:15", "2008-07-01 09:30", "police section 1"),
    ]


def test_what_never_entered_competes_for_the_same_officers(hall: MakeHall) -> None:
    one_officer = hall(
        departments={"health": {"officers_per_section": 1}},
        items={
            "kept": {
                "department": "health", "entered": False, "authority": "none",
                "authority_rank": 9, "entry_rank": 9, "sections": 1, "signatures": 0,
                "promised_wd": 5, "statutory_wd": 5, "cases_per_wd": 1,
            }
        },
    )  # fmt: skip
    run = one_officer.run(("clinic", "2008-07-01 09:00"), ("kept", "2008-07-02 11:10"))
    # The officer receives the walk-in until 11:25 and works on that file, 40 min, until
    # 14:35; the hall's file, in his inbox until 11:30, waits.
    assert run.story(1).span("section 1") == ("2008-07-02 11:25", "2008-07-02 14:35")
    assert run.story(0).span("section 1") == ("2008-07-02 14:35", "2008-07-02 15:15")
