"""An applicant's story in words: what is said of those who wait."""

from __future__ import annotations

import datetime as dt

import pytest

from sim.engine.log import Status
from sim.studies.inspection.case_trace import Event
from sim.studies.inspection.routes import _event


def at(day: int, clock: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2008-07-{day:02} {clock}")


def served(begin: dt.datetime, start: dt.datetime, status: Status = Status.DONE) -> Event:
    who = "window" if status is Status.DONE else ""
    return Event(begin, start, start + dt.timedelta(minutes=10), "serve", "accept", who, status)


@pytest.mark.parametrize(
    ("event", "en", "zh"),
    [
        (served(at(1, "09:00"), at(1, "09:00")), "accept", "受理"),
        (
            served(at(1, "09:00"), at(1, "14:30")),
            "accept (waited 330 min)",
            "受理（等候 330 分钟）",
        ),
        (
            served(at(1, "17:29"), at(2, "08:30")),
            "accept (begun 1 day later)",
            "受理（1 天后开始）",
        ),
        (
            served(at(4, "17:00"), at(7, "08:30")),
            "accept (begun 3 days later)",
            "受理（3 天后开始）",
        ),
        (
            served(at(1, "17:00"), at(2, "00:00"), Status.LEFT),
            "accept: left without being served",
            "受理：未办理先离开",
        ),
        (
            served(at(1, "17:31"), at(1, "17:31"), Status.TURNED_AWAY),
            "accept: the hall had closed for the day",
            "受理：大厅当日已闭厅",
        ),
    ],
)
def test_a_wait_is_told_in_minutes_and_a_night_in_days(event: Event, en: str, zh: str) -> None:
    assert _event(event, {}, "en") == en
    assert _event(event, {}, "zh") == zh
