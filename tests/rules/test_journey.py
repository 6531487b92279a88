"""Meetings, status enquiries, volumes, and the journey as a whole."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import pytest

from sim.process.blocks import Block
from sim.rules.journey import hall_of, journey, network_of, volume
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


def test_more_meetings_are_held_more_often(hall: MakeHall) -> None:
    every_other_day = {"policy.coordination_meetings_per_month": 15}
    assert len(meetings(hall(**every_other_day), "2008-08-31")) == 30  # 61 days / 2.03
    assert meetings(hall(**{"policy.coordination_meetings_per_month": 0}), "2009") == []


def test_each_hall_case_brings_status_enquiries(hall: MakeHall) -> None:
    network = hall(**{"hall.status_enquiries_per_case": 0.4}).network
    rates = {
        route.item: route.rate_per_wd * route.volume
        for route in network.routes
        if not route.counted
    }
    assert {r.item: r.rate_per_wd for r in network.routes if not r.counted} == {
        "enquiry:land": 3,
        "enquiry:health": 1,
    }
    # Land has 3 cases a day, health 1; the police and fire have none in the hall.
    assert rates == {"enquiry:land": pytest.approx(1.2), "enquiry:health": pytest.approx(0.4)}


def test_entry_brings_enquiries_and_volume_multiplies_them(hall: MakeHall) -> None:
    network = hall(
        **{"hall.status_enquiries_per_case": 0.4, "policy.entry": 1, "demand.hidden_volume": 3}
    ).network
    (police,) = [route for route in network.routes if route.item == "enquiry:police"]
    # The base is that of all the unit's items in every scenario, so that who asks is the same.
    assert police.rate_per_wd == 1
    assert police.volume == pytest.approx(0.4 * 3)


def test_an_enquiry_takes_window_time(hall: MakeHall) -> None:
    made = hall(**{"hall.status_enquiries_per_case": 0.4})
    run = made.run(("enquiry:health", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:01"))
    assert run.story(0) == [
        ("answer a status enquiry", "2008-07-01 09:00", "2008-07-01 09:05", "health window")
    ]
    assert run.story(1).span("accept") == ("2008-07-01 09:05", "2008-07-01 09:15")
    assert run.figures["cases_received"] == 1
    assert run.figures["all_cases_received"] == 1


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
