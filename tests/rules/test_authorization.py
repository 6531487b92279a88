"""Who decides, the road a file takes, and the promised clock."""

from __future__ import annotations

import pytest

from sim.rules.journey import hall_of
from sim.scenario.load import load

from .build import MakeHall

PERMIT = ("permit", "2008-07-01 09:00")
DEED = ("deed", "2008-07-01 09:00")
CLINIC = ("clinic", "2008-07-01 09:00")
FULL = {"policy.authorization": 1}
DIRECTLY = "decide while the applicant waits"
BACK_DESK = "decide at the back desk"


# Levels -----------------------------------------------------------------------------------

LEVELS = {
    "permit": {"authority": "none", "authority_rank": 3},
    "deed": {"authority": "full", "authority_rank": 2},
    "clinic": {"authority": "partial", "authority_rank": 1},
}


@pytest.mark.parametrize(
    ("share", "otherwise", "permit", "deed", "clinic"),
    [
        (None, "surveyed", "none", "full", "partial"),
        (None, "partial", "partial", "full", "partial"),
        (0, "surveyed", "none", "partial", "partial"),  # a full one falls to partial
        (0, "none", "none", "none", "none"),
        (0.4, "surveyed", "none", "partial", "full"),  # 1.2 of 3
        (0.5, "surveyed", "none", "full", "full"),  # 1.5 of 3 rounds up
        (0.5, "partial", "partial", "full", "full"),
        (1, "surveyed", "full", "full", "full"),
    ],
)
def test_authority_is_given_by_rank(
    hall: MakeHall, share: float | None, otherwise: str, permit: str, deed: str, clinic: str
) -> None:
    policy = {"policy.authorization": share, "policy.authorization_otherwise": otherwise}
    authority = hall(items=LEVELS, **policy).rules.authority
    assert authority == {"permit": permit, "deed": deed, "clinic": clinic}


def test_what_the_law_keeps_is_not_delegated(hall: MakeHall) -> None:
    kept = LEVELS | {"permit": {"delegable": False, "authority_rank": 1}}
    rules = hall(items=kept | {"clinic": {"authority_rank": 3}}, **FULL).rules
    assert rules.authority["permit"] == "none"
    assert rules.authority["deed"] == "full"
    partly = {"policy.authorization": 0, "policy.authorization_otherwise": "partial"}
    assert hall(items=kept | {"clinic": {"authority_rank": 3}}, **partly).rules.authority == {
        "permit": "none",
        "deed": "partial",
        "clinic": "partial",
    }


def test_half_an_item_is_rounded_up(hall: MakeHall) -> None:
    rules = hall(**{"policy.entry": 1, "policy.authorization": 0.625}).rules  # 2.5 of 4
    assert list(rules.authority.values()).count("full") == 3


def test_authority_without_qualified_people_is_not_counted(hall: MakeHall) -> None:
    fixed = hall(**FULL).run(PERMIT).facts.fixed
    # Permit and deed of three; of them the deed is one-sitting.
    assert fixed["authorization_rate"] == 2 / 3
    assert fixed["immediate_item_rate"] == 1 / 3


# None: the mailroom -----------------------------------------------------------------------


def test_the_mailroom_forwards_to_sections_and_leaders(hall: MakeHall) -> None:
    story = hall().run(PERMIT).story()
    # The inbox takes one day, a section 20 min / 0.5; work pauses over lunch.
    assert story == [
        ("visit hall", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("received", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("accept", "2008-07-01 09:00", "2008-07-01 09:10", "land window"),
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("forward", "2008-07-01 09:10", "2008-07-01 09:15", "land window"),
        ("wait for the courier", "2008-07-01 09:15", "2008-07-01 11:00", ""),
        ("courier", "2008-07-01 11:00", "2008-07-01 11:30", ""),
        ("lie in the inbox", "2008-07-01 11:30", "2008-07-02 11:30", ""),
        ("section 1", "2008-07-02 11:30", "2008-07-02 14:40", "land section 1"),
        ("lie in the inbox", "2008-07-02 14:40", "2008-07-03 14:40", ""),
        ("section 2", "2008-07-03 14:40", "2008-07-03 15:20", "land section 2"),
        ("signature 1", "2008-07-03 15:20", "2008-07-03 17:30", ""),
        ("signature 2", "2008-07-03 17:30", "2008-07-03 17:30", ""),
        ("decided", "2008-07-03 17:30", "2008-07-03 17:30", ""),
        ("wait for the courier", "2008-07-03 17:30", "2008-07-04 11:00", ""),
        ("courier", "2008-07-04 11:00", "2008-07-04 11:30", ""),
        ("wait for the applicant to come", "2008-07-04 11:30", "2008-07-07 11:30", ""),
        ("visit hall", "2008-07-07 11:30", "2008-07-07 11:30", ""),
        ("collect", "2008-07-07 11:30", "2008-07-07 11:35", "land window"),
        ("in_hand", "2008-07-07 11:35", "2008-07-07 11:35", ""),
        ("done", "2008-07-07 11:35", "2008-07-07 11:35", ""),
    ]


# Partial ----------------------------------------------------------------------------------


def test_under_partial_authority_one_leader_signs(hall: MakeHall) -> None:
    story = hall(items={"permit": {"authority": "partial"}}).run(PERMIT).story()
    assert story.between("accepted", "decided") == [
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("review at the window", "2008-07-01 09:10", "2008-07-01 09:25", "land window"),
        ("wait for the courier", "2008-07-01 09:25", "2008-07-01 11:00", ""),
        ("courier", "2008-07-01 11:00", "2008-07-01 11:30", ""),
        ("signature 1", "2008-07-01 11:30", "2008-07-01 12:00", ""),
        ("decided", "2008-07-01 12:00", "2008-07-01 12:00", ""),
    ]
    # Back with the courier of 16:00; the applicant comes one working day later.
    assert story.span("courier", 1) == ("2008-07-01 16:00", "2008-07-01 16:30")
    assert story.visits[-1] == ("hall", "2008-07-02 16:30")


# Full -------------------------------------------------------------------------------------


def test_one_sitting_with_full_authority_is_decided_at_once(hall: MakeHall) -> None:
    story = hall(**FULL).run(DEED).story()
    assert story == [
        ("visit hall", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("received", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("accept", "2008-07-01 09:00", "2008-07-01 09:10", "land window"),
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        (DIRECTLY, "2008-07-01 09:10", "2008-07-01 09:30", "land representative"),
        ("immediate", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("decided", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("in_hand", "2008-07-01 09:30", "2008-07-01 09:30", ""),
        ("done", "2008-07-01 09:30", "2008-07-01 09:30", ""),
    ]


def test_one_sitting_waits_for_a_qualified_person_who_is_busy(hall: MakeHall) -> None:
    # The unit's only qualified person decides until 09:30.
    made = hall(departments={"land": {"decision_staff": 0}}, **FULL)
    story = made.run(DEED, ("deed", "2008-07-01 09:11")).story(1)
    assert story.span("accept") == ("2008-07-01 09:11", "2008-07-01 09:21")
    assert story.span(DIRECTLY) == ("2008-07-01 09:30", "2008-07-01 09:50")
    assert "immediate" in story.names


def test_who_is_in_the_hall_at_closing_is_served_to_the_end(hall: MakeHall) -> None:
    item = {"deed": {"payments": 1, "certificate": True}}
    made = hall(items=item, **FULL, **{"policy.certificates": "window"})
    story = made.run(("deed", "2008-07-01 17:25")).story()
    # 10 min, 20 min, then 4 and 6 for payment and certificate.
    assert story.span(DIRECTLY) == ("2008-07-01 17:35", "2008-07-01 17:55")
    assert story.at("in_hand") == "2008-07-01 18:05"


ONE_QUALIFIED = {"land": {"decision_staff": 0}}


def test_a_qualified_person_recalled_today_is_waited_for(hall: MakeHall) -> None:
    away = {"land/w1": ["2008-07-01 08:30"]}
    story = hall(departments=ONE_QUALIFIED, **FULL).run(DEED, away=away).story()
    # Back in the afternoon; the applicant has gone and comes one working day after that.
    assert story.between("accepted", "decided") == [
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        (BACK_DESK, "2008-07-01 14:30", "2008-07-01 14:50", "land representative"),
        ("decided", "2008-07-01 14:50", "2008-07-01 14:50", ""),
    ]
    assert "immediate" not in story.names
    assert story.visits == [("hall", "2008-07-01 09:00"), ("hall", "2008-07-02 14:50")]


def test_a_unit_without_a_qualified_person_is_a_mailroom(hall: MakeHall) -> None:
    story = hall(**FULL).run(CLINIC).story()  # health has none
    assert story.between("accepted", "courier") == [
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("forward", "2008-07-01 09:10", "2008-07-01 09:15", "health window"),
        ("wait for the courier", "2008-07-01 09:15", "2008-07-01 11:00", ""),
        ("courier", "2008-07-01 11:00", "2008-07-01 11:30", ""),
    ]


def test_qualifying_somebody_ends_the_mailroom(hall: MakeHall) -> None:
    made = hall(**FULL, **{"policy.qualified_share": 1, "service.review_share": 1})
    story = made.run(CLINIC).story()
    assert "forward" not in story.names
    # 20 min and the section's 20 min at the back desk.
    assert story.at("decided") == "2008-07-01 09:50"


HALF_REVIEW = {"service.review_share": 0.5}
"""With two sections of 20 min the window keeps 20 of the 40."""
BRIEF = HALF_REVIEW | {"service.decide_min.mean": 10, "offices.section_work_min.mean": 15}


def test_an_applicant_stays_for_a_decision_within_half_an_hour(hall: MakeHall) -> None:
    story = hall(**FULL, **BRIEF).run(PERMIT).story()
    assert story.span(DIRECTLY) == ("2008-07-01 09:10", "2008-07-01 09:35")  # 10 + 15 min
    assert len(story.visits) == 1


def test_an_applicant_comes_again_for_a_longer_decision(hall: MakeHall) -> None:
    story = hall(**FULL, **HALF_REVIEW).run(PERMIT).story()
    # 20 + 20 min; no hand-off, and back one working day after the decision.
    assert story.span(BACK_DESK) == ("2008-07-01 09:10", "2008-07-01 09:50")
    assert story.at("decided") == "2008-07-01 09:50"
    assert "courier" not in story.names
    assert story.visits == [("hall", "2008-07-01 09:00"), ("hall", "2008-07-02 09:50")]


@pytest.mark.parametrize(
    ("limit_min", "activity", "visits"), [(30, BACK_DESK, 2), (50, DIRECTLY, 1)]
)
def test_who_is_before_counts_in_the_expected_wait(
    hall: MakeHall, limit_min: int, activity: str, visits: int
) -> None:
    made = hall(
        departments=ONE_QUALIFIED, **FULL, **BRIEF, **{"collection.wait_in_hall_min": limit_min}
    )
    story = made.run(PERMIT, ("permit", "2008-07-01 09:12")).story(1)
    # Accepted at 09:22 while the first is being decided: 25 min for that, 25 for this one.
    assert story.span(activity) == ("2008-07-01 09:35", "2008-07-01 10:00")
    assert len(story.visits) == visits


@pytest.mark.parametrize(
    ("item", "share", "full_min", "partial_min"),
    [
        ("permit", 0, 20, 15),
        ("permit", 0.3, 32, 27),  # of two sections of 20 min
        ("permit", 1, 60, 55),
        ("deed", 0, 20, 15),
        ("deed", 0.5, 30, 25),  # of one, also where it is decided in one sitting
    ],
)
def test_the_window_keeps_a_share_of_the_sections_review(
    hall: MakeHall, item: str, share: float, full_min: float, partial_min: float
) -> None:
    kept = {"service.review_share": share}
    partly = hall(items={item: {"authority": "partial"}}, **kept)
    run = partly.run((item, "2008-07-01 09:00"))
    # Accept, a leader's signature, collect.
    assert run.table.staff_s.tolist() == [(10 + partial_min + 5 + 5) * 60]
    run = hall(**FULL, **kept).run((item, "2008-07-01 09:00"))
    collected = 5 if len(run.story().visits) > 1 else 0
    assert run.table.staff_s.tolist() == [(10 + full_min + collected) * 60]


# The clock --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrival", "factor", "due"),
    [
        # 5 wd after Friday 4 July: 7-11.
        ("2008-07-04 09:00", 1, "2008-07-11 17:30"),
        ("2008-07-04 17:15", 1, "2008-07-11 17:30"),
        # 2.5 wd run out at noon of the third day: due at its close.
        ("2008-07-04 09:00", 0.5, "2008-07-09 17:30"),
    ],
)
def test_the_limit_counts_working_days_after_that_of_acceptance(
    hall: MakeHall, arrival: str, factor: float, due: str
) -> None:
    story = hall(**{"policy.limit_factor": factor}).run(("deed", arrival)).story()
    assert story.due == due


def test_the_clock_stops_for_supplements(hall: MakeHall) -> None:
    story = hall(**{"suspension.share": 1}).run(CLINIC).story()
    assert story.span("clock stopped for supplements") == ("2008-07-01 09:15", "2008-07-08 09:15")
    assert story.span("courier") == ("2008-07-08 11:00", "2008-07-08 11:30")
    # None of the 10 wd is spent before Tuesday 8 July 09:15: 9-11 (3), 14-18 (8), 21 (9),
    # and the tenth ends on 22 July 09:15.
    assert story.due == "2008-07-22 17:30"


@pytest.mark.parametrize(("luck", "stopped"), [(0.19, True), (0.21, False)])
def test_a_share_of_clocks_is_stopped(hall: MakeHall, luck: float, stopped: bool) -> None:
    run = hall(**{"suspension.share": 0.2}).run(CLINIC, luck={("suspended", 0): luck})
    assert ("clock stopped for supplements" in run.story().names) == stopped


@pytest.mark.parametrize(
    ("kind", "end", "due"),
    [
        # From 1 July 09:15, before the limit of 10 wd begins: 3, 8 or 15 wd, then ten more.
        ("site_visit", "2008-07-04 09:15", "2008-07-18 17:30"),
        ("expert_review", "2008-07-11 09:15", "2008-07-25 17:30"),
        ("hearing", "2008-07-22 09:15", "2008-08-05 17:30"),
    ],
)
def test_the_clock_stops_during_an_inspection(
    hall: MakeHall, kind: str, end: str, due: str
) -> None:
    story = hall(items={"clinic": {"inspection": kind}}).run(CLINIC).story()
    assert story.span(kind.replace("_", " ")) == ("2008-07-01 09:15", end)
    assert story.due == due


def test_the_clock_stops_while_a_higher_level_decides(hall: MakeHall) -> None:
    story = hall(items={"clinic": {"report_up": True}}).run(CLINIC).story()
    # County review first: signed on Wednesday 2 July; then 10 wd elsewhere.
    assert story.span("signature 1")[1] == "2008-07-02 17:30"
    assert story.span("with the higher level") == ("2008-07-02 17:30", "2008-07-16 17:30")
    assert story.at("decided") == "2008-07-16 17:30"
    # One of 10 wd is spent on 2 July: 17-18 (2), 21-25 (7), 28-29 July (9).
    assert story.due == "2008-07-29 17:30"


def test_full_authority_is_no_way_round_inspection_and_higher_level(hall: MakeHall) -> None:
    item = {"permit": {"inspection": "site_visit", "report_up": True}}
    story = hall(items=item, **FULL, **HALF_REVIEW).run(PERMIT).story()
    assert story.between("accepted", "decided") == [
        ("accepted", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("site visit", "2008-07-01 09:10", "2008-07-04 09:10", ""),
        (BACK_DESK, "2008-07-04 09:10", "2008-07-04 09:50", "land representative"),
        ("with the higher level", "2008-07-04 09:50", "2008-07-18 09:50", ""),
        ("decided", "2008-07-18 09:50", "2008-07-18 09:50", ""),
    ]


def test_under_full_authority_one_hindrance_may_follow_the_other(hall: MakeHall) -> None:
    both = {"stuck.at": "case", "stuck.case_share": 1, "suspension.share": 1}
    stops = [
        ("stuck until a meeting frees it", "2008-07-01 09:10", "2008-07-07 09:00", ""),
        ("clock stopped for supplements", "2008-07-07 09:00", "2008-07-14 09:00", ""),
    ]
    story = hall(**FULL, **both).run(PERMIT).story()
    assert story.between("accepted", BACK_DESK)[1:-1] == stops
    inspected = hall(items={"permit": {"inspection": "site_visit"}}, **FULL, **both)
    story = inspected.run(PERMIT).story()
    assert story.between("accepted", BACK_DESK)[1:-1] == [
        *stops,
        ("site visit", "2008-07-14 09:00", "2008-07-17 09:00", ""),
    ]


@pytest.mark.parametrize("full", [0, 1])
def test_what_takes_one_sitting_is_not_hindered(hall: MakeHall, full: int) -> None:
    both = {"stuck.at": "case", "stuck.case_share": 1, "suspension.share": 1}
    story = hall(**both, **{"policy.authorization": full}).run(DEED).story()
    assert not {"stuck until a meeting frees it", "clock stopped for supplements"} & set(
        story.names
    )


def test_in_a_home_department_a_stop_costs_a_trip(hall: MakeHall) -> None:
    story = hall(items={"seal": {"inspection": "site_visit", "report_up": True}}).run(
        ("seal", "2008-07-01 09:00")
    ).story()  # fmt: skip
    # Accepted 09:15; visit until 4 July 09:15; 40 + 40 + 5 + 5 min; 10 wd with the higher level.
    assert story.visits == [
        ("home:police", "2008-07-01 09:00"),
        ("home:police", "2008-07-04 09:15"),
        ("home:police", "2008-07-18 10:45"),
    ]
    assert story.at("decided") == "2008-07-18 10:45"


# Silent consent of the deciding department --------------------------------------------------

SLOW_INBOX = {"offices.inbox_wd.mean": 5, "offices.reply_limit_wd": 2}


def test_a_department_silent_at_its_limit_agrees(hall: MakeHall) -> None:
    made = hall(**SLOW_INBOX, **{"policy.silent_consent": "departments"})
    story = made.run(PERMIT).story()
    # Two working days after Tuesday 1 July: Thursday at closing.
    assert story.span("lie in the inbox (expired)") == ("2008-07-01 11:30", "2008-07-03 17:30")
    assert story.at("decided") == "2008-07-03 17:30"
    assert story.due == "2008-07-22 17:30"  # the case keeps its own clock


@pytest.mark.parametrize("consent", ["none", "helpers"])
def test_a_department_may_be_silent_unless_so_ruled(hall: MakeHall, consent: str) -> None:
    made = hall(**SLOW_INBOX, **{"policy.silent_consent": consent})
    story = made.run(PERMIT).story()
    assert story.of("section 1").start == "2008-07-08 11:30"  # five working days


# Order of work ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("discipline", "starts"),
    [
        ("fifo", ["2008-07-02 11:30", "2008-07-02 14:40", "2008-07-02 15:20"]),
        # The deed is due first: 3 wd, before the clinics' 10.
        ("due_date", ["2008-07-02 14:40", "2008-07-02 15:20", "2008-07-02 11:30"]),
    ],
)
def test_files_are_worked_in_order_of_arrival_or_of_due_date(
    hall: MakeHall, discipline: str, starts: list[str]
) -> None:
    made = hall(
        departments={"health": {"officers_per_section": 1}},
        items={"deed": {"department": "health", "promised_wd": 3}},
        **{"policy.discipline": discipline},
    )
    run = made.run(CLINIC, ("clinic", "2008-07-01 09:20"), ("deed", "2008-07-01 09:40"))
    # All three lie before the one officer on 2 July 11:30; each takes 40 min.
    assert [story.of("section 1").start for story in run.stories()] == starts


# One sitting ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, {"deed"}),
        (0, set()),
        (0.25, {"permit"}),  # authority_rank 1
        (0.5, {"permit", "deed"}),
        (1, {"permit", "deed"}),  # the clinic is inspected, a higher level decides on the seal
    ],
)
def test_a_share_of_items_is_decided_in_one_sitting(
    hall: MakeHall, share: float | None, expected: set[str]
) -> None:
    kinds = {"seal": {"report_up": True}, "clinic": {"inspection": "site_visit"}}
    made = hall(items=kinds, **{"service.one_sitting_share": share})
    assert made.rules.one_sitting == expected


def test_what_is_decided_in_one_sitting_knows_no_hindrance(hall: MakeHall) -> None:
    stuck = {"stuck.at": "case", "stuck.case_share": 1, "policy.authorization": 1}
    made = hall(**stuck, **{"service.one_sitting_share": 0.25})
    story = made.run(PERMIT).story()
    assert story.span(DIRECTLY) == ("2008-07-01 09:10", "2008-07-01 09:30")


def test_the_county_has_the_items_of_its_table_in_one_sitting() -> None:
    county = load("county")
    tabled = {item.id for item in county.items if item.one_sitting}
    shared = county.with_values({"service.one_sitting_share": len(tabled) / len(county.items)})
    assert hall_of(county).one_sitting == hall_of(shared).one_sitting == tabled
