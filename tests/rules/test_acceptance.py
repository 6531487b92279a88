"""Ticket and wait, one-time notice, make-up and return."""

from __future__ import annotations

import math

import pytest

from .build import MakeHall

SHORT_PATIENCE = {"hall.patience_min.mean": 30}
LONG_WORK = {"service.accept_min.mean": 60}


def test_one_window_serves_one_after_the_other(hall: MakeHall) -> None:
    run = hall().run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:04"))
    assert run.story(0).of("accept") == (
        "accept", "2008-07-01 09:00", "2008-07-01 09:10", "health window",
    )  # fmt: skip
    assert run.story(1).span("accept") == ("2008-07-01 09:10", "2008-07-01 09:20")


def test_two_windows_serve_two_at_once(hall: MakeHall) -> None:
    run = hall().run(("permit", "2008-07-01 09:00"), ("deed", "2008-07-01 09:04"))
    assert [story.of("accept").who for story in run.stories()] == [
        "land window",
        "land representative",
    ]
    assert run.story(1).span("accept") == ("2008-07-01 09:04", "2008-07-01 09:14")


def test_slower_work_takes_longer(hall: MakeHall) -> None:
    story = hall(**{"policy.work_speed": 0.5}).run(("clinic", "2008-07-01 09:00")).story()
    assert story.span("accept") == ("2008-07-01 09:00", "2008-07-01 09:20")  # 10 min / 0.5


def test_begun_work_is_finished_over_lunch_and_the_queue_is_kept(hall: MakeHall) -> None:
    run = hall().run(("clinic", "2008-07-01 11:55"), ("clinic", "2008-07-01 11:58"))
    assert run.story(0).span("accept") == ("2008-07-01 11:55", "2008-07-01 12:05")
    assert run.story(1).span("accept") == ("2008-07-01 14:30", "2008-07-01 14:40")


# Leaving ----------------------------------------------------------------------------------


def test_who_runs_out_of_patience_comes_again_another_day(hall: MakeHall) -> None:
    made = hall(**SHORT_PATIENCE, **LONG_WORK)
    story = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:10")).story(1)
    assert story[:7] == [
        ("visit hall", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("received", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("accept (left)", "2008-07-01 09:10", "2008-07-01 09:40", ""),
        ("wait for another day", "2008-07-01 09:40", "2008-07-02 08:30", ""),
        ("come again another day", "2008-07-02 08:30", "2008-07-02 08:30", ""),
        ("visit hall", "2008-07-02 08:30", "2008-07-02 08:30", ""),
        ("accept", "2008-07-02 08:30", "2008-07-02 09:30", "health window"),
    ]


def test_another_day_may_be_several_working_days_later(hall: MakeHall) -> None:
    made = hall(**SHORT_PATIENCE, **LONG_WORK, **{"hall.come_again_wd": 3})
    story = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:10")).story(1)
    assert story.visits[1] == ("hall", "2008-07-04 08:30")


def test_who_comes_again_is_not_there_when_the_hall_opens(hall: MakeHall) -> None:
    again = {"hall.come_again_min": {"mean": 240, "family": "fixed"}}
    made = hall(**SHORT_PATIENCE, **LONG_WORK, **again)
    story = made.run(("clinic", "2008-07-01 09:00"), ("clinic", "2008-07-01 09:10")).story(1)
    # Three and a half hours until noon, half an hour more from 14:30.
    assert story.visits[1] == ("hall", "2008-07-02 15:00")


def test_patience_does_not_run_over_lunch(hall: MakeHall) -> None:
    made = hall(**SHORT_PATIENCE, **{"service.accept_min.mean": 240})
    story = made.run(("clinic", "2008-07-01 11:40"), ("clinic", "2008-07-01 11:50")).story(1)
    # Ten minutes until noon and twenty from 14:30.
    assert story.span("accept (left)") == ("2008-07-01 11:50", "2008-07-01 14:50")


def test_who_has_left_every_ticket_gives_up(hall: MakeHall) -> None:
    made = hall(**SHORT_PATIENCE, **{"hall.attempts": 2})
    away = {"health/w1": ["2008-07-01 08:30", "2008-07-02 08:30"]}
    story = made.run(("clinic", "2008-07-01 09:00"), away=away).story()
    assert story.outcome == "withdrawn"
    assert story.at("withdrawn") == "2008-07-02 09:00"
    assert len(story.visits) == 2
    assert story.due is None


def minutes_of_patience(**by_ticket: int) -> dict[tuple[str, int], float]:
    """Return the luck of patience that is exponential with a mean of 30 minutes."""
    return {
        ("patience", int(name.removeprefix("at_"))): 1 - math.exp(-minutes / 30)
        for name, minutes in by_ticket.items()
    }


EXPONENTIAL = {"hall.patience_min": {"mean": 30, "family": "exponential"}}


def test_each_ticket_has_a_patience_of_its_own(hall: MakeHall) -> None:
    away = {"health/w1": ["2008-07-01 08:30", "2008-07-02 08:30"]}
    luck = minutes_of_patience(at_0=30, at_1=60)
    story = hall(**EXPONENTIAL).run(("clinic", "2008-07-01 09:00"), away=away, luck=luck).story()
    assert story.span("accept (left)", 0) == ("2008-07-01 09:00", "2008-07-01 09:30")
    assert story.span("accept (left)", 1) == ("2008-07-02 08:30", "2008-07-02 09:30")
    assert story.span("accept") == ("2008-07-03 08:30", "2008-07-03 08:40")


def test_each_step_has_a_patience_of_its_own(hall: MakeHall) -> None:
    made = hall(**EXPONENTIAL, **{"papers.incomplete_rate": 1})
    away = {"health/w1": ["2008-07-03 08:30"]}
    luck = minutes_of_patience(at_0=30, at_4=90)
    story = made.run(("clinic", "2008-07-01 09:00"), away=away, luck=luck).story()
    # Sent back for papers on 1 July at 09:10, here again on 3 July.
    assert story.span("accept (left)") == ("2008-07-03 09:10", "2008-07-03 10:40")


def test_at_closing_the_hall_may_serve_who_holds_a_ticket(hall: MakeHall) -> None:
    made = hall(**{"service.accept_min.mean": 30, "hall.closing": "serve_all"})
    run = made.run(("clinic", "2008-07-01 17:20"), ("clinic", "2008-07-01 17:25"))
    assert run.story(0).span("accept") == ("2008-07-01 17:20", "2008-07-01 17:50")
    assert run.story(1).span("accept") == ("2008-07-01 17:50", "2008-07-01 18:20")


def test_at_closing_the_hall_may_send_home_who_holds_a_ticket(hall: MakeHall) -> None:
    made = hall(**{"service.accept_min.mean": 30, "hall.closing": "send_home"})
    run = made.run(("clinic", "2008-07-01 17:20"), ("clinic", "2008-07-01 17:25"))
    assert run.story(0).span("accept") == ("2008-07-01 17:20", "2008-07-01 17:50")
    story = run.story(1)
    assert story.span("accept (left)") == ("2008-07-01 17:25", "2008-07-01 17:30")
    # Back when the hall opens, not at the next closing.
    assert story.visits[1] == ("hall", "2008-07-02 08:30")
    # Yesterday's file, accepted at 17:50, is forwarded before: it has waited longer.
    assert story.span("accept") == ("2008-07-02 08:35", "2008-07-02 09:05")


def test_at_closing_nobody_is_served_where_nobody_is(hall: MakeHall) -> None:
    away = {"health/w1": ["2008-07-01 14:30"]}
    story = hall().run(("clinic", "2008-07-01 15:00"), away=away).story()
    assert story.span("accept (left)") == ("2008-07-01 15:00", "2008-07-01 17:30")
    assert story.span("accept") == ("2008-07-02 08:30", "2008-07-02 08:40")


# Papers -----------------------------------------------------------------------------------

INCOMPLETE = {"papers.incomplete_rate": 1}


def test_incomplete_papers_cost_a_visit_and_the_clock_waits(hall: MakeHall) -> None:
    story = hall(**INCOMPLETE).run(("clinic", "2008-07-01 09:00")).story()
    assert story.between("visit hall", "accepted") == [
        ("visit hall", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("received", "2008-07-01 09:00", "2008-07-01 09:00", ""),
        ("accept", "2008-07-01 09:00", "2008-07-01 09:10", "health window"),
        ("made_up", "2008-07-01 09:10", "2008-07-01 09:10", ""),
        ("make up papers", "2008-07-01 09:10", "2008-07-03 09:10", ""),
        ("visit hall", "2008-07-03 09:10", "2008-07-03 09:10", ""),
        ("accept", "2008-07-03 09:10", "2008-07-03 09:20", "health window"),
        ("accepted", "2008-07-03 09:20", "2008-07-03 09:20", ""),
    ]
    # 10 wd after Thursday 3 July: 4 (1), 7-11 (6), 14-17 July (10).
    assert story.due == "2008-07-17 17:30"


def test_a_notice_that_was_not_complete_costs_another_visit(hall: MakeHall) -> None:
    made = hall(**{"papers.incomplete_rate": 0.2, "papers.notice_gap_rate": 0.1})
    luck = {("incomplete", 0): 0.19, ("incomplete", 1): 0.09, ("incomplete", 2): 0.11}
    story = made.run(("clinic", "2008-07-01 09:00"), luck=luck).story()
    # Thursday 3 July 09:20 plus two working days is Monday 7 July.
    assert story.visits[:3] == [
        ("hall", "2008-07-01 09:00"),
        ("hall", "2008-07-03 09:10"),
        ("hall", "2008-07-07 09:20"),
    ]
    assert story.at("accepted") == "2008-07-07 09:30"


@pytest.mark.parametrize(("luck", "made_up"), [(0.19, True), (0.21, False)])
def test_a_share_of_papers_is_incomplete(hall: MakeHall, luck: float, made_up: bool) -> None:
    made = hall(**{"papers.incomplete_rate": 0.2})
    story = made.run(("clinic", "2008-07-01 09:00"), luck={("incomplete", 0): luck}).story()
    assert ("made_up" in story.names) == made_up


def test_after_the_stated_attempts_the_applicant_withdraws(hall: MakeHall) -> None:
    made = hall(**INCOMPLETE, **{"papers.notice_gap_rate": 1, "papers.attempts": 2})
    story = made.run(("clinic", "2008-07-01 09:00")).story()
    # The second attempt is the last: nobody comes a third time only to withdraw.
    assert story.outcome == "withdrawn"
    assert story.at("withdrawn") == "2008-07-03 09:20"
    assert len(story.visits) == 2
    assert "accepted" not in story.names
    assert story.due is None


def test_what_is_outside_the_remit_is_returned(hall: MakeHall) -> None:
    made = hall(**{"papers.returned_rate": 0.0027})
    lucky = {luck: made.run(("clinic", "2008-07-01 09:00"), luck={("returned", 0): luck}).story()
             for luck in (0.0026, 0.0028)}  # fmt: skip
    assert lucky[0.0026].outcome == "returned"
    assert lucky[0.0026].at("returned") == "2008-07-01 09:10"
    assert "accepted" not in lucky[0.0026].names
    assert lucky[0.0028].outcome == "done"


def test_a_home_department_sends_back_incomplete_papers_too(hall: MakeHall) -> None:
    story = hall(**INCOMPLETE).run(("seal", "2008-07-01 09:00")).story()
    # Reception takes 15 min; two working days later again.
    assert story.visits == [
        ("home:police", "2008-07-01 09:00"),
        ("home:police", "2008-07-03 09:15"),
    ]
    assert story.at("accepted") == "2008-07-03 09:30"
    assert "received" not in story.names
