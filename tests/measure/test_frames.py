"""The table of cases: who is counted, how long they are followed, and what is unknown."""

from __future__ import annotations

import datetime as dt
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.measure.definitions import phases
from sim.measure.frames import case_columns, case_frame
from sim.running.replication import prepare, simulate_replication
from sim.scenario.load import load

from .build import (
    ACCEPTED,
    ARRIVE,
    DAYS,
    Came,
    Hall,
    decision,
    hall_case,
    pause,
    sequence,
)

START = dt.date(2008, 7, 1)
HALL = Hall(census_day=20, follow_up_wd=15)


def frame_of(*applicants: Came, hall: Hall = HALL) -> pd.DataFrame:
    return case_frame(hall.measure(*applicants).observations, START)


def test_only_who_comes_before_the_census_is_counted() -> None:
    found = frame_of(
        Came(19, "09:00", hall_case(1)),
        Came(20, "17:29", hall_case(1)),
        Came(21, "08:30", hall_case(1)),
    )
    assert found["counted"].tolist() == [True, True, False]


def test_a_case_is_followed_as_far_as_the_calendar_goes() -> None:
    # The calendar has 60 days: 45 after day 15, ten from the morning of day 51 on, half an hour
    # and no second of day 60.
    found = frame_of(
        Came(15, "08:30", hall_case(1)),
        Came(46, "08:30", hall_case(1)),
        Came(51, "08:30", hall_case(1)),
        Came(DAYS, "17:00", hall_case(1)),
        Came(DAYS, "20:00", hall_case(1)),
    )
    assert found["followed_wd"].tolist() == pytest.approx([15, 15, 10, 0.5 / 6.5, 0], abs=2e-5)


def test_nothing_is_longer_than_the_case_is_followed() -> None:
    found = frame_of(
        Came(1, "08:30", hall_case(40)),
        Came(51, "08:30", hall_case(40)),
        Came(51, "08:30", hall_case(3)),
    )
    # 3 days until decided, and one until collected.
    assert found["elapsed_wd"].tolist() == [15, 10, 4]
    assert found["days_inbox"].tolist() == [15, 10, 3]
    assert found["days_collection"].tolist() == [0, 0, 1]


def test_a_due_date_is_a_close_or_unknown() -> None:
    stopped = sequence(*ARRIVE, pause(80, "applicant"))
    found = frame_of(
        Came(51, "09:00", hall_case(1, limit_wd=5)),
        Came(51, "09:00", hall_case(1, limit_wd=9)),
        Came(51, "09:00", hall_case(1, limit_wd=10)),
        Came(51, "09:00", stopped),
    )
    # The day after acceptance is the first of the limit; the last of the calendar is day 60.
    due = [pd.Timestamp("2008-08-25 17:30"), pd.Timestamp("2008-08-29 17:30")]
    assert found["due"].tolist()[:2] == due
    assert found["due"].isna().tolist() == [False, False, True, True]


def test_what_is_unknown_is_null() -> None:
    not_accepted = sequence(*ARRIVE, pause(80, "applicant"))
    never_decided = sequence(*ARRIVE, ACCEPTED, decision(5, pause(80, "inbox")))
    found = frame_of(
        Came(1, "08:30", hall_case(2), fee=7),
        Came(1, "08:30", not_accepted, fee=7),
        Came(1, "08:30", never_decided, fee=7),
        Came(51, "08:30", not_accepted, fee=7),
        Came(51, "08:30", hall_case(2), fee=7),
    )
    null = {
        "phase_at_census": [True, False, False, True, True],
        "limit_used_wd": [False, True, False, True, True],
        "fee_yuan": [False, False, False, True, True],
        "complaint": [False, False, False, True, True],
        "made_up": [False, True, False, True, False],
        "immediate": [False, True, True, True, False],
        # Followed to the end of the follow-up, nobody can have been done after one visit; the
        # fourth may be after the calendar, the fifth has come twice.
        "one_visit": [False, False, False, True, False],
    }
    assert {name: found[name].isna().tolist() for name in null} == null
    assert found["fee_yuan"].tolist()[:3] == [7, 0, 0]
    assert found["outcome"].tolist() == ["done", "open", "open", "open", "done"]


def test_every_column_is_described_in_both_languages() -> None:
    found = frame_of(Came(1, "08:30", hall_case(1)))
    assert [*found.columns, "scenario"] == list(case_columns())
    for name, column in case_columns().items():
        assert column.meaning["en"].endswith(".")
        assert column.meaning["zh"].endswith("。")
        assert "{" not in "".join(column.meaning.values())
        for unit in ("wd", "min", "yuan"):
            assert (column.unit == unit) == (name.endswith(f"_{unit}") or name in units(unit))


def units(unit: str) -> set[str]:
    return {f"days_{phase}" for phase in phases()} if unit == "wd" else set()


def test_the_page_of_columns_is_that_of_the_descriptions() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for name, page in runpy.run_path(str(docs / "cases.py"))["pages"]().items():
        assert (docs / name).read_text(encoding="utf-8") == page, "run python docs/cases.py"


@pytest.mark.parametrize("name", ["county", "county+full-authorization", "county-suspended"])
@pytest.mark.parametrize("follow_up_wd", [0, 7, 60])
def test_the_table_holds_together(name: str, follow_up_wd: int) -> None:
    values = ["horizon.census=2008-08-15", f"horizon.follow_up_wd={follow_up_wd}"]
    ready = prepare(load(name, values))
    observations = simulate_replication(ready, 0, 3, "compiled").observations
    found = case_frame(observations, START)
    assert set(found["counted"]) == {True, False}
    assert found["counted"].eq(found["arrived"] < pd.Timestamp("2008-08-16")).all()
    assert found.loc[found["counted"], "followed_wd"].eq(follow_up_wd).all()
    assert found["followed_wd"].between(0, follow_up_wd).all()
    assert found["elapsed_wd"].le(found["followed_wd"]).all()
    days = found.filter(like="days_").sum(axis=1)
    np.testing.assert_allclose(days, found["elapsed_wd"], atol=1e-9)
    closes = np.datetime64(START, "s") + np.array(ready.network.working_days.day_closes, "m8[s]")
    assert found["due"].dropna().isin(closes).all()
    assert found["due"].isna().sum() >= found["accepted"].isna().sum()
    # Counted cases are the population of everyone's figures.
    counted = found[found["counted"]]
    assert len(counted) == len(observations.members["all_cases"])
    decided = counted["decided"] < pd.Timestamp("2008-08-16")
    assert counted.loc[decided, "fee_yuan"].sum() == pytest.approx(counted["fee_yuan"].sum())
