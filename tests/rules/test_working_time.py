"""Working days, open hours, and when applicants come."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.chance.demand import arrivals
from sim.chance.draws import Seed
from sim.rules.working_time import clock_profile
from sim.scenario.schema import Demand

from .build import START, MakeHall, SmallHall

REPORT = {"horizon.census": "2009-04-20"}


def working_dates(hall: SmallHall) -> list[dt.date]:
    office = hall.network.calendars["office"]
    return [(START + dt.timedelta(seconds=opening)).date() for opening in office.day_opens]


def test_the_report_covers_201_working_days(hall: MakeHall) -> None:
    days = [day for day in working_dates(hall(**REPORT)) if day <= dt.date(2009, 4, 20)]
    assert (days[0], days[-1], len(days)) == (dt.date(2008, 7, 1), dt.date(2009, 4, 20), 201)


def test_the_days_around_national_day_are_exchanged(hall: MakeHall) -> None:
    # 29 Sep to 5 Oct 2008 are off; the weekend of 27-28 Sep is worked instead.
    days = [
        day for day in working_dates(hall()) if dt.date(2008, 9, 26) <= day <= dt.date(2008, 10, 6)
    ]
    assert days == [
        dt.date(2008, 9, 26),
        dt.date(2008, 9, 27),
        dt.date(2008, 9, 28),
        dt.date(2008, 10, 6),
    ]


def test_the_days_around_spring_festival_are_exchanged(hall: MakeHall) -> None:
    # 25 to 31 Jan 2009 are off; Saturday 24 Jan and Sunday 1 Feb are worked instead.
    days = [
        day
        for day in working_dates(hall(**REPORT))
        if dt.date(2009, 1, 23) <= day <= dt.date(2009, 2, 2)
    ]
    assert days == [
        dt.date(2009, 1, 23),
        dt.date(2009, 1, 24),
        dt.date(2009, 2, 1),
        dt.date(2009, 2, 2),
    ]


def test_a_hall_may_close_and_open_on_days_of_its_own(hall: MakeHall) -> None:
    days = working_dates(
        hall(
            **{
                "calendar.extra_holidays": ["2008-07-02"],
                "calendar.extra_workdays": ["2008-07-05"],  # a Saturday
            }
        )
    )
    assert days[:4] == [
        dt.date(2008, 7, 1),
        dt.date(2008, 7, 3),
        dt.date(2008, 7, 4),
        dt.date(2008, 7, 5),
    ]


def test_a_file_rests_over_national_day(hall: MakeHall) -> None:
    story = hall().run(("permit", "2008-09-27 09:00")).story()
    # Saturday 27 Sep is worked: courier 11:00, there 11:30; one day in the inbox; 40 min, ten
    # of them after lunch; the next inbox day ends on Mon 6 Oct.
    assert story.span("section 1") == ("2008-09-28 11:30", "2008-09-28 14:40")
    assert story.span("section 2") == ("2008-10-06 14:40", "2008-10-06 15:20")
    # 15 wd after the day of acceptance: 28 Sep (1), 6-10 (6), 13-17 (11), 20-23 Oct (15).
    assert story.due == "2008-10-23 17:30"


def test_a_file_rests_over_spring_festival(hall: MakeHall) -> None:
    story = hall(**REPORT).run(("clinic", "2009-01-23 09:00")).story()
    assert story.span("section 1") == ("2009-01-24 11:30", "2009-01-24 14:40")
    assert story.at("decided") == "2009-01-24 17:30"
    # The courier goes on Sunday 1 Feb at 11:00; the applicant comes one working day later.
    assert story.span("courier", 1) == ("2009-02-01 11:00", "2009-02-01 11:30")
    assert story.visits[-1] == ("hall", "2009-02-02 11:30")
    # 10 wd: 24 Jan (1), 1 Feb (2), 2-6 (7), 9-11 Feb (10).
    assert story.due == "2009-02-11 17:30"


def test_weights_of_closed_hours_go_to_the_nearest_open_hour() -> None:
    times, shares = clock_profile(Demand(), ("08:30-12:00", "14:30-17:30"))
    share = dict(zip(times, shares, strict=True))
    # Hours 8 to 16 weigh .97 in all.  12 o'clock is nearest to 11, 13 o'clock to 14.
    assert share[9 * 3600] == pytest.approx(0.074 / 0.97)
    assert share[11 * 3600] == pytest.approx((0.074 + 0.127 + 0.144) / 0.97)
    assert share[12 * 3600] == pytest.approx((0.074 + 0.127 + 0.144 + 0.131 + 0.102) / 0.97)
    assert share[14 * 3600 + 1800] == share[12 * 3600]  # nobody comes over lunch
    assert share[15 * 3600] == pytest.approx((0.578 + 0.122 + 0.082) / 0.97)
    assert share[16 * 3600] == pytest.approx((0.782 + 0.131) / 0.97)
    assert share[17 * 3600] == pytest.approx(1)
    assert share[17 * 3600 + 1800] == pytest.approx(1)  # hour 17 weighs nothing


def test_a_closed_hour_between_two_open_ones_is_shared() -> None:
    demand = Demand(hour_weights={11: 1, 12: 2, 13: 3})
    times, shares = clock_profile(demand, ("11:00-12:00", "13:00-14:00"))
    assert dict(zip(times, shares, strict=True))[12 * 3600] == pytest.approx((1 + 1) / 6)


def busy(hall: MakeHall, **values: object) -> tuple[SmallHall, np.ndarray]:
    """Return the times of about 17,400 applicants for permits in 87 working days."""
    made = hall(items={"permit": {"cases_per_wd": 200}}, **values)
    who = arrivals(made.network, Seed(3, 0))
    return made, who.time_s[who.route == 0]


def test_applicants_come_in_open_hours_of_working_days_only(hall: MakeHall) -> None:
    made, times = busy(hall)
    open_ = made.network.calendars["hall"]
    assert all(open_.is_open(int(time)) for time in times)
    day = times // 86_400
    assert np.isin([88, 89], day).all()  # 27 and 28 September
    assert not np.isin(np.arange(90, 97), day).any()  # 29 September to 5 October


def test_applicants_follow_the_hours_of_the_day(hall: MakeHall) -> None:
    _, times = busy(hall)
    morning = (times % 86_400 < 12 * 3600).mean()
    first_half_hour = (times % 86_400 < 9 * 3600).mean()
    # .578 / .97 = .596 and .074 / .97 = .076; the standard error is below .004.
    assert morning == pytest.approx(0.596, abs=0.015)
    assert first_half_hour == pytest.approx(0.076, abs=0.01)


def test_applicants_follow_the_days_of_the_week(hall: MakeHall) -> None:
    made, times = busy(hall)
    weights = np.array(made.network.rhythm.day_weights)
    days = working_dates(made)
    census = dt.date(2008, 10, 31)
    counted = [weight for weight, day in zip(weights, days, strict=True) if day <= census]
    assert np.mean(counted) == pytest.approx(1)
    of = dict(zip(days, weights, strict=True))
    tuesday, thursday, saturday = (dt.date(2008, 9, day) for day in (23, 25, 27))
    assert of[thursday] / of[tuesday] == pytest.approx(0.24 / 0.23)
    assert of[saturday] / of[tuesday] == pytest.approx(0.20 / 0.23)  # an average day
    came = np.bincount(times // 86_400, minlength=200)
    dates = [START.date() + dt.timedelta(days=day) for day in range(200)]
    by_weekday = [
        np.mean([n for n, day in zip(came, dates, strict=True) if day in of and day.weekday() == w])
        for w in (3, 4)
    ]
    assert by_weekday[0] / by_weekday[1] == pytest.approx(0.24 / 0.14, rel=0.1)


def test_counts_of_days_vary_more_than_by_chance_alone(hall: MakeHall) -> None:
    even = {"demand.weekday_share": [0.2] * 5}
    ratio = {}
    for cv in (0, 0.2):
        _, times = busy(hall, **even, **{"demand.busyness_cv": cv})
        day = np.unique(times // 86_400, return_counts=True)[1][:87]
        ratio[cv] = day.var() / day.mean()
    # Poisson counts have 1; a factor of cv 0.2 on 200 a day adds 200 × 0.04 = 8.
    assert ratio[0] == pytest.approx(1, abs=0.5)
    assert ratio[0.2] == pytest.approx(9, abs=4)
