"""Meetings, status enquiries, volumes, and the journey as a whole."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from math import exp

from hypothesis import given
from hypothesis import strategies as st

from sim.process.blocks import Block
from sim.process.clock import Calendar
from sim.rules.journey import DAYS_PER_MONTH, _meetings, hall_of, journey, network_of, volume
from sim.rules.offices import MEETING, OUT, courier
from sim.scenario.load import load

from .build import MakeHall, SmallHall, local


def meetings(made: SmallHall, until: str) -> list[str]:
    dates = [local(time) for time in made.network.sessions[MEETING].times_s]
    return [date for date in dates if date < until]


def test_three_meetings_a_month_are_spread_evenly(hall: MakeHall) -> None:
    # Every 30.4375 / 3 = 10.15 days, the first after half of that: 6.1, 16.2, 26.4 July,
    # 5.5, 15.7, 25.8 August.  6 July is a Sunday, 26 July a Saturday: held on Monday.
    assert meetings(hall(), "2008-09-01") == [
        "2008-07-07 09:00",
        "2008-07-16 09:00",
        "2008-07-28 09:00",
        "2008-08-05 09:00",
        "2008-08-15 09:00",
        "2008-08-25 09:00",
    ]


def test_a_meeting_due_in_the_national_holiday_is_held_after_it(hall: MakeHall) -> None:
    # 5.07 + 9 × 10.15 = 96.4 days after 1 July: 5 October, a Sunday.
    dates = meetings(hall(), "2008-10-10")
    assert dates[-2:] == ["2008-09-25 09:00", "2008-10-06 09:00"]


def test_the_last_meeting_is_held(hall: MakeHall) -> None:
    made = hall(**{"horizon.follow_up_wd": 10, "stuck.at": "step", "stuck.step_hazard": 1})
    # The last working day that is simulated is the 11th after Friday 31 October: Monday 17
    # November.  Moments 11.5, 12.5 and 13.5 × 10.146 days after it are 116.7 (Saturday 25
    # October, held on Monday), 126.8 (4 November) and 137.0 (14 November); the next is 147.1.
    assert meetings(made, "2008-11-19")[-3:] == [
        "2008-10-27 09:00",
        "2008-11-04 09:00",
        "2008-11-14 09:00",
    ]
    # With health at 11:30 on 4 November, stuck there until the last meeting.
    story = made.run(("clinic", "2008-11-04 09:00")).story()
    stuck = story.span("stuck until a meeting frees it")
    assert stuck == ("2008-11-04 11:30", "2008-11-14 09:00")


def test_meetings_of_one_day_follow_each_other(hall: MakeHall) -> None:
    made = hall(
        **{"policy.coordination_meetings_per_month": 40, "stuck.at": "step"},
        **{"stuck.step_hazard": 1, "stuck.release_probability": 1},
    )
    # Every .761 days: 3.42 on Friday 4 July; 4.19, 4.95 and 5.71 on the weekend and 6.47 on
    # Monday 7 July, so that four are held then: at 09:00, and after each quarter of the 8.5
    # hours that are left until 17:30.
    assert meetings(made, "2008-07-08")[-5:] == [
        "2008-07-04 09:00",
        "2008-07-07 09:00",
        "2008-07-07 11:07:30",
        "2008-07-07 13:15",
        "2008-07-07 15:22:30",
    ]
    # With health on Monday at 11:30, between the second and the third.
    story = made.run(("clinic", "2008-07-07 09:00")).story()
    stuck = story.span("stuck until a meeting frees it")
    assert stuck == ("2008-07-07 11:30", "2008-07-07 13:15")


@given(
    per_month=st.floats(0.01, 40),
    days=st.lists(st.integers(0, 200), min_size=1, unique=True).map(sorted),
    hours=st.sampled_from([(0, 1), (510, 511), (510, 1050), (0, 1440)]),
)
def test_every_ideal_moment_is_held_on_the_next_working_day(
    per_month: float, days: list[int], hours: tuple[int, int]
) -> None:
    opens = [day * 86_400 + hours[0] * 60 for day in days]
    closes = [day * 86_400 + hours[1] * 60 for day in days]
    office = Calendar(tuple(opens), tuple(closes), tuple(range(len(days))))
    gap_s = DAYS_PER_MONTH * 86_400 / per_month
    expected = [0] * len(days)
    number = 0
    while (moment := gap_s * (number + 0.5)) < (days[-1] + 1) * 86_400:
        expected[next(n for n, day in enumerate(days) if day >= moment // 86_400)] += 1
        number += 1
    held = _meetings(per_month, office)
    assert list(held) == sorted(set(held))
    found = [sum(o <= time < c for time in held) for o, c in zip(opens, closes, strict=True)]
    assert sum(found) == len(held)
    most = (hours[1] - hours[0]) * 30  # one a second of the half minute left of the shortest day
    assert found == [min(number, most) for number in expected]


def test_more_meetings_are_held_more_often(hall: MakeHall) -> None:
    every_other_day = {"policy.coordination_meetings_per_month": 15}
    assert len(meetings(hall(**every_other_day), "2008-08-31")) == 30  # 61 days / 2.03
    assert meetings(hall(**{"policy.coordination_meetings_per_month": 0}), "2009") == []


ASKING = {"hall.status_enquiries_per_open_wd": 1}
ANSWER = "answer a status enquiry"
HALF_A_DAY, ONE_DAY = 1 - exp(-0.5), 1 - exp(-1)
"""Luck of those who ask so long after acceptance, or after the last answer."""


def test_an_open_case_is_asked_after_and_a_decided_one_is_not(hall: MakeHall) -> None:
    # Asked after half a working day from 09:10, then after one more.
    luck = {("enquiry", 0): HALF_A_DAY, ("enquiry", 1): ONE_DAY}
    luck |= {("enquiry", number): 0.99 for number in range(2, 8)}
    run = hall(**ASKING).run(("permit", "2008-07-01 09:00"), luck=luck)
    story = run.story()
    assert [event.start for event in story if event.what == ANSWER] == [
        "2008-07-01 14:55",
        "2008-07-02 15:00",
    ]
    # The next call would come 4.6 days later: the case is decided by then, and nobody calls.
    assert story.of("until the applicant asks (expired)").end == story.at("decided")
    # Calls delay nothing: the case is decided as without them.
    assert story.at("decided") == hall().run(("permit", "2008-07-01 09:00")).story().at("decided")
    assert run.figures["cases_received"] == 1


def test_enquiries_fall_when_cases_are_faster(hall: MakeHall) -> None:
    applicants = [("permit", f"2008-07-{day:02} 09:00") for day in (1, 2, 3, 4, 7, 8, 9, 10)]
    calls = {}
    for sections in (2, 1):
        made = hall(**ASKING, **{"policy.sections_max": sections, "policy.signatures_max": 1})
        calls[sections] = [story.names.count(ANSWER) for story in made.run(*applicants).stories()]
    assert all(one <= two for one, two in zip(calls[1], calls[2], strict=True))
    assert sum(calls[1]) < sum(calls[2])


def test_an_enquiry_takes_window_time(hall: MakeHall) -> None:
    luck = {("enquiry", 0): HALF_A_DAY}  # half a working day after 09:10
    made = hall(items={"clinic": {"sections": 1}}, **ASKING)
    run = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 14:56"), luck=luck)
    assert run.story(0).span(ANSWER) == ("2008-07-01 14:55", "2008-07-01 15:00")
    assert run.story(1).span("accept")[0] == "2008-07-01 15:00"
    # Accept, forward, one section, one signature and collecting; and so many calls.
    calls = run.story(0).names.count(ANSWER)
    assert run.table.staff_s[0] == (10 + 5 + 20 + 5 + 5 + 5 * calls) * 60


def test_the_most_enquiries_are_a_number_of_the_scenario(hall: MakeHall) -> None:
    made = hall(**ASKING, **{"hall.status_enquiries_max": 2, "offices.inbox_wd.mean": 20})
    luck = {("enquiry", number): 0.5 for number in range(2)}
    story = made.run(("permit", "2008-07-01 09:00"), luck=luck).story()
    assert story.names.count(ANSWER) == 2


def test_nobody_asks_the_hall_about_an_item_kept_at_home(hall: MakeHall) -> None:
    story = hall(**ASKING).run(("seal", "2008-07-01 09:00")).story()
    assert ANSWER not in story.names


def test_only_items_kept_back_as_surveyed_have_hidden_volume(hall: MakeHall) -> None:
    for policy in ({}, {"policy.entry": 1}):
        scenario = hall(**policy, **{"demand.hidden_volume": 2, "demand.volume": 1.5}).scenario
        assert {item.id: volume(item, scenario) for item in scenario.items} == {
            "permit": 1.5,
            "deed": 1.5,
            "clinic": 1.5,
            "seal": 3.0,
        }


def test_every_block_says_which_rule_made_it(hall: MakeHall) -> None:
    made = hall(
        items={
            "permit": {"joint": "serial", "helpers": "health;fire", "inspection": "hearing"},
            "seal": {"payments": 2, "certificate": True, "report_up": True},
        },
        **{"stuck.at": "step"},
    )
    for route in made.network.routes:
        for node in route.nodes:
            rule = getattr(node.block, "origin", "").split(" · ")[0]
            if hasattr(node.block, "activity") and node.block.activity:
                assert rule in {
                    "item_entry", "tickets", "acceptance", "authorization", "offices",
                    "joint_approval", "collection",
                }, node.block  # fmt: skip


def test_items_of_a_unit_share_what_they_ask_alike() -> None:
    network = network_of(load("county"))
    blocks = [node.block for route in network.routes for node in route.nodes]
    assert len({id(block) for block in blocks}) < len(blocks) / 2


class Forgetful(dict[Hashable, Block]):
    def __contains__(self, asked: object) -> bool:
        return False


def test_a_shared_piece_is_what_each_item_would_get_for_itself() -> None:
    for name in ("county", "county+full-authorization+full-entry", "county-stuck-case"):
        scenario = load(name)
        hall, forgetful = hall_of(scenario), hall_of(scenario)
        object.__setattr__(forgetful, "pieces", Forgetful())
        for item in scenario.items:
            assert journey(item, hall) == journey(item, forgetful)


def test_another_policy_shares_nothing_with_this_one() -> None:
    hall = hall_of(load("county"))
    assert hall.pieces == {}
    courier(hall, OUT)
    assert len(hall.pieces) == 1
    assert replace(hall, entered=frozenset()).pieces == {}


def test_every_case_ends(hall: MakeHall) -> None:
    made = hall(
        **{
            "papers.incomplete_rate": 0.5,
            "stuck.at": "step",
            "stuck.step_hazard": 0.2,
            "policy.recall_rate": 0.2,
            "offices.leader_attendance": 0.6,
            "hall.patience_min.mean": 5,
        }
    )
    arrivals = [
        (item, f"2008-07-{day:02d} {hour}:00")
        for day in (1, 2, 3, 4, 7, 8)
        for hour in ("09", "10", "15")
        for item in ("permit", "deed", "clinic", "seal")
    ]
    for story in made.run(*arrivals).stories():
        assert story.outcome in {"done", "withdrawn"}, story[-1]
        times = [event.end for event in story]
        assert times == sorted(times)
