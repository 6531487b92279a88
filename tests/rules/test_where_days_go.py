"""Phases, hand-offs and staff time of whole journeys, in office minutes worked out by hand."""

from __future__ import annotations

import pytest

from sim.process.clock import WD_TICKS

from .build import MakeHall, Run

DAY_MIN = 390
PERMIT = ("permit", "2008-07-01 09:00")
CLINIC = ("clinic", "2008-07-01 09:00")
SEAL = ("seal", "2008-07-01 09:00")
FULL = {"policy.authorization": 1}


def minutes(run: Run, case: int = 0) -> dict[str, float]:
    """Return the minutes of 390 to a working day that a case was in each phase."""
    table = run.table
    assert table.phase_ticks[case].sum() == table.elapsed_ticks[case]
    return {
        phase: round(ticks * DAY_MIN / WD_TICKS, 1)  # a tick is a quarter of a second
        for phase, ticks in zip(table.phases, table.phase_ticks[case].tolist(), strict=True)
        if ticks
    }


def test_where_the_days_of_the_mailroom_go(hall: MakeHall) -> None:
    # The story of test_authorization: from 1 July 09:00 to 7 July 11:35 are
    # 360 + 3 × 390 + 185 = 1715 minutes.
    assert minutes(hall().run(PERMIT)) == {
        "service": 10 + 5,  # accept, collect
        "work": 5 + 40 + 40,  # forward, two sections
        "courier": (105 + 30) + (150 + 30),  # 09:15-11:30, and on 4 July 08:30-11:30
        "inbox": 2 * DAY_MIN,
        "signature": 130,  # 15:20-17:30
        "collection": DAY_MIN,
    }


def test_time_at_other_departments_is_a_phase_of_its_own(hall: MakeHall) -> None:
    run = hall(items={"permit": {"joint": "serial", "helpers": "health;fire"}}).run(PERMIT)
    found = minutes(run)
    # From 1 July 09:15 to 7 July 11:30: 345 + 3 × 390 + 180, whatever happens there.
    assert found["helpers"] == 345 + 3 * DAY_MIN + 180
    assert found["inbox"] == 2 * DAY_MIN
    assert found["work"] == 5 + 30 + 40 + 40


def test_what_the_applicant_carries_to_helpers_is_time_with_helpers(hall: MakeHall) -> None:
    run = hall(items={"permit": {"joint": "applicant", "helpers": "health;fire"}}).run(PERMIT)
    # 40 + 5 min in each; handing in the opinions is service.
    assert minutes(run)["helpers"] == 90
    assert minutes(run)["service"] == 10 + 5 + 5


def test_stops_are_told_apart(hall: MakeHall) -> None:
    run = hall(
        items={"clinic": {"inspection": "site_visit", "report_up": True}},
        **{"stuck.at": "case", "stuck.case_share": 1, "papers.incomplete_rate": 1},
    ).run(CLINIC)
    found = minutes(run)
    # Accepted on 3 July 09:20, forwarded by 09:25; stuck until 7 July 09:00.
    assert found["applicant"] == 2 * DAY_MIN
    assert found["blocked"] == (155 + 180) + DAY_MIN + 30
    assert found["inspection"] == 3 * DAY_MIN
    assert found["higher_level"] == 10 * DAY_MIN


def test_an_ordered_stop_counts_as_one(hall: MakeHall) -> None:
    assert minutes(hall(**{"suspension.share": 1}).run(CLINIC))["inspection"] == 5 * DAY_MIN


def test_the_days_of_an_errand(hall: MakeHall) -> None:
    away = {"leader:police:0": ["2008-07-01 08:30"]}
    assert minutes(hall(**{"demand.hall_first_share": 1}).run(SEAL, away=away)) == {
        "hall_wait": 5,  # sent on
        "service": 15,
        "work": 80,
        "signature": 2 * DAY_MIN + 5 + 5,
    }


def test_leaving_and_coming_again_is_time_with_the_applicant(hall: MakeHall) -> None:
    away = {"health/w1": ["2008-07-01 08:30"]}
    run = hall(**{"hall.patience_min.mean": 30}).run(CLINIC, away=away)
    # Leaves at 09:30; the hall opens next at the end of that day's remaining 330 minutes.
    assert minutes(run)["hall_wait"] == 30
    assert minutes(run)["applicant"] == 330


def test_a_full_back_desk_is_an_inbox_while_it_is_empty(hall: MakeHall) -> None:
    half = {"service.review_share": 0.5}
    made = hall(departments={"land": {"decision_staff": 0}}, **FULL, **half)
    run = made.run(PERMIT, away={"land/w1": ["2008-07-01 08:30"]})
    # From 09:10 to noon nobody may decide; then 20 + 20 min from 14:30.
    assert minutes(run)["inbox"] == 170
    assert minutes(run)["work"] == 40


# Hand-offs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "cells", "policy", "handoffs"),
    [
        # Courier, second section, two leaders, courier back.
        ("permit", {}, {}, 5),
        # Courier, one leader, courier back.
        ("permit", {"authority": "partial"}, {}, 3),
        # Courier, one leader, the higher level, courier back.
        ("clinic", {"report_up": True}, {}, 4),
        # Nobody but the window.
        ("permit", {}, FULL, 0),
        ("deed", {}, FULL, 0),
        # Both ways for the certificate.
        ("deed", {"certificate": True}, FULL, 2),
        # Two helpers: courier, leader, courier each; then the five.
        ("permit", {"joint": "parallel", "helpers": "health;fire"}, {}, 11),
        # The applicant carries the file.
        ("seal", {}, {}, 0),
    ],
)
def test_handoffs_change_the_desk_that_holds_the_file(
    hall: MakeHall, item: str, cells: dict[str, object], policy: dict[str, object], handoffs: int
) -> None:
    run = hall(items={item: cells}, **policy).run((item, "2008-07-01 09:00"))
    assert run.table.handoffs.tolist() == [handoffs]


# Staff time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "cells", "minutes_of_staff"),
    [
        # Accept 10, forward 5, two sections of 20 (in 40 minutes of their day), two signatures
        # of 5, collect 5.
        ("permit", {}, 10 + 5 + 2 * 20 + 2 * 5 + 5),
        ("permit", {"certificate": True}, 70 + 6),
        # One section and signature of each of two helpers, and bringing the opinions together.
        ("permit", {"joint": "parallel", "helpers": "health;fire"}, 70 + 2 * 25 + 30),
        # Reception, two sections, two signatures.
        ("seal", {}, 15 + 2 * 20 + 2 * 5),
        ("seal", {"joint": "applicant", "helpers": "health;fire"}, 65 + 2 * 25 + 30),
    ],
)
def test_staff_time_is_work_and_not_the_officers_day(
    hall: MakeHall, item: str, cells: dict[str, object], minutes_of_staff: float
) -> None:
    run = hall(items={item: cells}).run((item, "2008-07-01 09:00"))
    assert run.table.staff_s.tolist() == [minutes_of_staff * 60]
