"""What can be written but not run is refused by loading."""

from __future__ import annotations

import datetime as dt

import pytest

from sim.engine.packed import LATEST_S
from sim.process.clock import WHOLE_DAY_S
from sim.rules.feasibility_checks import LONGEST_DAYS
from sim.rules.journey import network_of
from tests.scenario.conftest import Hall


@pytest.fixture
def hall(tmp_path):  # type: ignore[no-untyped-def]
    return Hall(tmp_path)


def told(hall: Hall, *values: str) -> list[tuple[str, str]]:
    return [(found, allowed) for _, _, found, allowed in hall.problems(values=values)]


def test_what_is_allowed_fits_what_engines_pack() -> None:
    assert LATEST_S - 10 * WHOLE_DAY_S < LONGEST_DAYS * WHOLE_DAY_S <= LATEST_S


# 2008-07-05 is a Saturday; 29 September to 5 October 2008 are holidays.
@pytest.mark.parametrize(
    ("start", "census"),
    [("2008-07-05", "2008-07-05"), ("2008-07-05", "2008-07-06"), ("2008-09-29", "2008-10-05")],
)
def test_a_horizon_without_a_working_day(hall: Hall, start: str, census: str) -> None:
    ((found, allowed),) = told(hall, f"horizon.start={start}", f"horizon.census={census}")
    assert found == f"no working day from {start} to the census {census}"
    assert allowed == "a horizon with a working day"
    extra = f"calendar.extra_workdays=[{census}]"
    hall.load(values=[f"horizon.start={start}", f"horizon.census={census}", extra])


def test_a_horizon_whose_only_working_day_is_an_extra_holiday(hall: Hall) -> None:
    day = "2008-07-01"
    ((found, _),) = told(hall, f"horizon.census={day}", f"calendar.extra_holidays=[{day}]")
    assert found.startswith("no working day")


def test_a_day_that_is_holiday_and_workday(hall: Hall) -> None:
    hall.add("calendar: {extra_holidays: [2008-07-05, 2008-07-07], extra_workdays: [2008-07-05]}\n")
    file, line, found, allowed = hall.problem()
    assert (file, line) == ("hall.yaml", 8)
    assert found == "2008-07-05 is among extra_holidays and extra_workdays"
    assert allowed == "one of the two"


# Seventeen years of 365 days from 2000-01-01 end on 2016-12-26.
@pytest.mark.parametrize(
    ("census", "follow_up_wd", "accepted"),
    [
        ("2016-12-26", 0, False),  # two working days are kept behind the follow-up
        ("2016-12-27", 0, False),
        ("2026-01-01", 60, False),
        ("2016-12-01", 10, True),
        ("2016-12-01", 60, False),
        ("2014-12-01", 500, True),
        ("2015-06-01", 500, False),
    ],
)
def test_a_follow_up_that_ends_after_seventeen_years(
    hall: Hall, census: str, follow_up_wd: int, accepted: bool
) -> None:
    values = [
        "horizon.start=2000-01-01",
        f"horizon.census={census}",
        f"horizon.follow_up_wd={follow_up_wd}",
    ]
    if accepted:
        assert network_of(hall.load(values=values)).end_s <= LATEST_S
    else:
        ((found, allowed),) = told(hall, *values)
        assert "follow-up" in found or "the census" in found
        assert allowed == "an end of the follow-up by 2016-12-26, 17 years from the start"


@pytest.mark.parametrize(
    ("share", "start", "census", "accepted"),
    [
        ("0,0,0,0,1", "2008-07-01", "2008-07-03", False),  # Tuesday to Thursday
        ("0,0,0,0,1", "2008-07-01", "2008-07-04", True),
        ("0.01,0.01,0.01,0.01,0.96", "2008-07-01", "2008-07-03", False),
        ("0.02,0.02,0.02,0.02,0.92", "2008-07-01", "2008-07-03", True),
        ("1,0,0,0,0", "2008-09-27", "2008-09-28", True),  # weekend that is worked
    ],
)
def test_weekday_shares_that_leave_nobody(
    hall: Hall, share: str, start: str, census: str, accepted: bool
) -> None:
    values = [
        f"demand.weekday_share=[{share}]",
        f"horizon.start={start}",
        f"horizon.census={census}",
    ]
    if accepted:
        weights = network_of(hall.load(values=values)).rhythm.day_weights
        assert 0 < sum(weights) < 12 * len(weights)
    else:
        ((found, _),) = told(hall, *values)
        assert found.startswith("weekday_share leaves ")


@pytest.mark.parametrize("weights", ["{9: 1e-320}", "{8: 1e-7, 16: 1e-7}"])
def test_hour_weights_that_vanish(hall: Hall, weights: str) -> None:
    ((found, allowed),) = told(hall, f"demand.hour_weights={weights}")
    assert "add up to less than 1e-06" in found
    assert allowed == "larger weights"


def test_more_applicants_than_memory_holds(hall: Hall) -> None:
    hall.cell("items", "site", cases_per_wd=9_999)
    hall.cell("items", "deed", cases_per_wd=9_999)
    assert hall.load()  # 201 + 62 working days, 5 million
    ((found, allowed),) = told(hall, "demand.volume=2")
    # (9,999 + 9,999 + 1.5 + 1) × 2 × 262
    assert found == "about 10,480,262 cases in 262 working days, follow-up included"
    assert allowed == "at most 10,000,000"


def test_defaults_are_not_judged_in_place_of_what_is_wrong(hall: Hall) -> None:
    values = ["horizon.census=soon", "calendar.extra_workdays=[2008-07-05]"]
    values.append("calendar.extra_holidays=[2008-07-05]")
    assert len(told(hall, *values)) == 1


def test_every_mistake_is_told_at_once(hall: Hall) -> None:
    values = ["horizon.census=2026-01-01", "demand.hour_weights={9: 1e-9}", "hall.cashier_unit=x"]
    assert len(told(hall, *values)) == 3


def test_a_variant_of_a_scenario_is_checked_too(hall: Hall) -> None:
    loaded = hall.load()
    days = {"horizon.start": dt.date(2008, 7, 5), "horizon.census": dt.date(2008, 7, 6)}
    with pytest.raises(Exception, match="no working day"):
        loaded.with_values(days)
