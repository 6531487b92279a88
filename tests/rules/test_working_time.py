"""Working days, open hours, and when applicants come."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.chance.demand import arrivals
from sim.chance.draws import Seed
from sim.process.network import DayProfile
from sim.rules.working_time import WORKING_DAYS, day_profile
from sim.scenario.problems import InputError
from sim.scenario.schema import Demand

from .build import START, MakeHall, SmallHall

REPORT = {"horizon.census": "2009-04-20"}


def working_dates(hall: SmallHall) -> list[dt.date]:
    office = hall.network.calendars["office"]
    return [(START + dt.timedelta(seconds=opening)).date() for opening in office.day_opens]


def simulated_dates(hall: SmallHall) -> list[dt.date]:
    starts = hall.network.rhythm.day_starts_s
    return [(START + dt.timedelta(seconds=second)).date() for second in starts]


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


def shares_of(profile: DayProfile) -> dict[int, float]:
    return dict(zip(profile.clock_s, profile.share, strict=True))


def test_weights_of_closed_hours_go_to_the_nearest_open_hour() -> None:
    share = shares_of(day_profile(Demand(), ("08:30-12:00", "14:30-17:30")))
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
    share = shares_of(day_profile(demand, ("11:00-12:00", "13:00-14:00")))
    assert share[12 * 3600] == pytest.approx((1 + 1) / 6)


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
    days = simulated_dates(made)
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
        made, _ = busy(hall, **even, **{"demand.busyness_cv": cv})
        found = []
        for replication in range(10):
            who = arrivals(made.network, Seed(3, replication))
            day = np.unique(who.time_s[who.route == 0] // 86_400, return_counts=True)[1][:87]
            found.append(day.var() / day.mean())
        ratio[cv] = np.mean(found)
    # Poisson counts have 1; a factor of cv 0.2 on 200 a day adds 200 × 0.04 = 8.
    assert ratio[0] == pytest.approx(1, abs=0.25)
    assert ratio[0.2] == pytest.approx(9, abs=2)


# Hours of weekdays and seasons --------------------------------------------------------------


def hours_of(hall: SmallHall, name: str, day: str) -> list[str]:
    """Return the open intervals of a calendar on a day."""
    calendar, date = hall.network.calendars[name], dt.date.fromisoformat(day)
    spans = [
        (START + dt.timedelta(seconds=opening), START + dt.timedelta(seconds=closing))
        for opening, closing in zip(calendar.opens, calendar.closes, strict=True)
    ]
    return [f"{a:%H:%M}-{b:%H:%M}" for a, b in spans if a.date() == date]


SEASONS = {
    "calendar.other_hall_hours": [
        {"hours": ["09:00-17:00"], "first_day": "10-01", "last_day": "04-30"},
        {"hours": ["08:30-12:00"], "weekdays": ["fri"]},
        {"hours": ["09:00-11:00"], "weekdays": ["sat"]},
    ],
    "demand.weekday_share": [0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0],
}


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2008-07-02", ["08:30-12:00", "14:30-17:30"]),  # a Wednesday in summer
        ("2008-07-04", ["08:30-12:00"]),  # a Friday
        ("2008-07-05", ["09:00-11:00"]),  # a Saturday, duty only
        ("2008-07-06", []),  # a Sunday
        ("2008-10-08", ["09:00-13:00", "13:00-17:00"]),  # winter, divided at midday
        ("2008-10-10", ["08:30-12:00"]),  # a Friday in winter: the last that fits holds
        ("2008-09-27", ["08:30-12:00", "14:30-17:30"]),  # a Saturday worked for a holiday
        ("2008-10-04", []),  # the Saturday after the national holiday, which ends on Friday
        ("2008-09-13", []),  # the Saturday before Monday 15, the mid-autumn festival
    ],
)
def test_hours_differ_by_weekday_and_season(hall: MakeHall, day: str, hours: list[str]) -> None:
    made = hall(**SEASONS)
    assert hours_of(made, "hall", day) == hours
    worked = ["08:30-12:00", "14:30-17:30"]
    assert hours_of(made, "office", day) in ([], worked)


def test_an_extra_day_of_the_hall_counts_for_no_limit(hall: MakeHall) -> None:
    with_saturday = hall(**SEASONS).run(("deed", "2008-07-04 09:00")).story()
    assert with_saturday.due == hall().run(("deed", "2008-07-04 09:00")).story().due
    assert with_saturday.due == "2008-07-11 17:30"


def test_an_extra_day_of_the_office_is_worked_and_counts_for_no_limit(hall: MakeHall) -> None:
    saturday = {"hours": ["08:30-12:00", "14:30-17:30"], "weekdays": ["sat"]}
    made = hall(**{"calendar.other_office_hours": [saturday]})
    story = made.run(("clinic", "2008-07-04 09:00")).story()
    # There on Friday 11:30; one working day in the inbox: Monday 11:30, whatever Saturday does.
    assert story.span("section 1") == ("2008-07-07 11:30", "2008-07-07 14:40")
    # Promised 10 wd: 7 to 18 July.
    assert story.due == "2008-07-18 17:30"
    assert "2008-07-05" not in {
        (START + dt.timedelta(seconds=opening)).date().isoformat()
        for opening in made.network.calendars[WORKING_DAYS].day_opens
    }


def test_a_leader_who_is_in_on_saturday_signs(hall: MakeHall) -> None:
    saturday = {"hours": ["08:30-12:00"], "weekdays": ["sat"]}
    made = hall(
        **{"calendar.other_office_hours": [saturday], "offices.inbox_wd.mean": 0},
        **{"offices.section_work_min.mean": 120},
    )
    story = made.run(("clinic", "2008-07-04 12:30")).story()
    # The 16:00 courier; at work for four hours from Friday 16:30 to 17:30 and Saturday 08:30 to
    # 11:30; signed at the end of Saturday's half-day.
    assert story.span("section 1") == ("2008-07-04 16:30", "2008-07-05 11:30")
    assert story.at("decided") == "2008-07-05 12:00"
    # Too late for the 16:00 courier: those go on working days, so the next one on Monday at 11:00.
    late = made.run(("clinic", "2008-07-04 15:55")).story()
    assert late.span("courier") == ("2008-07-07 11:00", "2008-07-07 11:30")


@pytest.mark.parametrize(
    ("hours", "close"),
    [
        (["09:00-15:00"], "15:00"),
        (["08:30-12:00", "14:30-17:30"], "17:30"),
        (["09:00-12:00", "13:00-17:00"], "17:00"),
        (["08:00-12:00", "14:00-18:00"], "18:00"),
        (["08:00-24:00"], "00:00"),
    ],
)
@pytest.mark.parametrize(("promised", "day"), [(5, 11), (10, 18), (20, 32)])
def test_a_promise_falls_due_on_its_working_day(
    hall: MakeHall, hours: list[str], close: str, promised: int, day: int
) -> None:
    values = {"calendar.office_hours": hours, "calendar.hall_hours": hours}
    made = hall(items={"deed": {"promised_wd": promised, "statutory_wd": 45}}, **values)
    story = made.run(("deed", "2008-07-04 10:00")).story()
    # After Friday 4 July: the 11th is working day 5, the 18th 10, 1 August 20.
    due = dt.date(2008, 7, 1) + dt.timedelta(days=day - 1 + (close == "00:00"))
    assert story.due == f"{due} {close}"


def test_a_promise_in_a_week_of_unequal_days_with_a_stop_inside(hall: MakeHall) -> None:
    # Offices: Monday to Thursday 8 h from 9:00, Friday 4 h.
    values = {
        "calendar.office_hours": ["09:00-17:00"],
        "calendar.other_office_hours": [{"hours": ["09:00-13:00"], "weekdays": ["fri"]}],
        "suspension.share": 1,
        "suspension.duration_wd": {"mean": 2.5, "family": "fixed"},
    }
    story = hall(**values).run(("clinic", "2008-07-02 09:00")).story()
    # Accepted on Wednesday 2 July, forwarded at 9:15: the clock is stopped before it starts, for
    # 2.5 wd from 15 minutes past the opening of 8 h (1/32): until Friday, 17/32 of its 4 hours.
    assert story.span("clock stopped for supplements") == (
        "2008-07-02 09:15", "2008-07-04 11:07:30",
    )  # fmt: skip
    # 10 wd: 15/32 of Friday 4, then 7 to 11 and 14 to 17 July are 9, and a part of Friday 18.
    assert story.due == "2008-07-18 13:00"


def test_seven_shares_of_the_week_bring_people_on_saturday(hall: MakeHall) -> None:
    _, times = busy(hall, **SEASONS)
    by_date = np.bincount(times // 86_400, minlength=123)
    saturdays = [
        day
        for day in range(123)
        if (START.date() + dt.timedelta(days=day)).weekday() == 5 and by_date[day]
    ]
    # 17 Saturdays from 5 July to 25 October, less those beside a holiday (13 September, 4 October);
    # 27 September is worked.
    assert len(saturdays) == 15
    # The extra days take their share from the others: as many come in all.
    assert (times < 123 * 86_400).sum() == pytest.approx(200 * 85, rel=0.03)
    in_duty_hours = [
        9 * 3600 <= second < 11 * 3600
        for day, second in zip(times // 86_400, times % 86_400, strict=True)
        if day in saturdays and day != 88
    ]
    assert all(in_duty_hours)


def test_an_extra_day_of_the_hall_needs_its_share(hall: MakeHall) -> None:
    values = {name: value for name, value in SEASONS.items() if name.startswith("calendar")}
    with pytest.raises(InputError) as refused:
        hall(**values)
    assert "seven shares, Monday to Sunday" in str(refused.value)


def test_applicants_of_items_kept_back_come_when_their_department_is_open(hall: MakeHall) -> None:
    values = {"calendar.hall_hours": ["10:00-20:00"], "calendar.office_hours": ["08:00-16:00"]}
    made = hall(items={"seal": {"cases_per_wd": 200}}, **values)
    who = arrivals(made.network, Seed(3, 0))
    seal = [route.item for route in made.network.routes].index("seal")
    hour = who.time_s % 86_400 / 3600
    assert (hour[who.route == seal] < 16).all()
    assert (hour[who.route == seal] < 10).any()
    assert (hour[who.route != seal] >= 10).all()


def test_weekends_are_those_of_the_country(hall: MakeHall) -> None:
    duty = {"hours": ["09:00-10:00"], "weekdays": ["fri"]}
    shares = [0.2, 0.2, 0.2, 0.1, 0.05, 0, 0.25]
    values = {
        "calendar.country": "IL",  # Sunday to Thursday
        "calendar.other_hall_hours": [duty],
        "demand.weekday_share": shares,
    }
    made = hall(**values)
    assert hours_of(made, "hall", "2008-07-06") == ["08:30-12:00", "14:30-17:30"]  # a Sunday
    assert hours_of(made, "hall", "2008-07-04") == ["09:00-10:00"]  # a Friday
    assert hours_of(made, "hall", "2008-07-05") == []
    weights = dict(zip(simulated_dates(made), made.network.rhythm.day_weights, strict=True))
    sunday, monday, friday = (weights[dt.date(2008, 7, day)] for day in (6, 7, 4))
    assert sunday / monday == pytest.approx(0.25 / 0.2)
    assert friday / monday == pytest.approx(0.05 / 0.2)
