"""Who is away, when leaders sign, and what raising a share or regrouping people changes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.chance.attendance import Moments, absences, group_capacities, moments
from sim.chance.draws import Seed
from sim.chance.philox import word
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Session

DAY, HOUR = 86_400, 3600
DAYS = 400
OFFICE = Calendar(
    tuple(day * DAY + hour * HOUR for day in range(DAYS) for hour in (9, 14)),
    tuple(day * DAY + hour * HOUR for day in range(DAYS) for hour in (12, 17)),
    tuple(day for day in range(DAYS) for _ in range(2)),
)
TEAM = Group("t", ("a",), ("ann", "bob", "cai"), "office", absent_share=0.25, absent_half_days=4.0)


def absent(person: str, many: int, group: Group, seed: Seed) -> np.ndarray:
    """Return the absences on the first so many half-days, all of them working ones."""
    half_days = np.arange(many)
    away = (group.absent_share, group.absent_half_days)
    return absences(person, half_days, half_days, away, seed)


def away(group: Group, seed: Seed, people: int, half_days: int = 2_000) -> np.ndarray:
    return np.array([absent(f"p{index}", half_days, group, seed) for index in range(people)])


@pytest.mark.parametrize(("share", "length"), [(0.05, 1.0), (0.2, 2.0), (0.4, 6.0)])
def test_the_long_run_share_away(share: float, length: float) -> None:
    group = replace(TEAM, absent_share=share, absent_half_days=length)
    # Everyone begins at work, so the first half-days are left out.
    shares = away(group, Seed(3, 0), 200)[:, 200:].mean(axis=1)
    low, high = stats.t.interval(0.9999, 199, shares.mean(), stats.sem(shares))
    assert low <= share <= high
    assert high - low < 0.1 * share + 0.01


def test_everyone_present_without_a_share() -> None:
    everyone = group_capacities(replace(TEAM, absent_share=0.0), OFFICE, OFFICE, Seed(1, 0))
    assert everyone.tolist() == [3] * (2 * DAYS)


def test_absences_are_those_of_the_person_in_any_group() -> None:
    seed = Seed(1, 0)
    other = replace(TEAM, name="pool", skills=("a", "b", "c"), people=("zoe", "bob"))
    alone = replace(TEAM, name="solo", people=("zoe",))
    without = [
        p - z
        for p, z in zip(
            group_capacities(other, OFFICE, OFFICE, seed),
            group_capacities(alone, OFFICE, OFFICE, seed),
            strict=True,
        )
    ]
    assert (
        without == group_capacities(replace(TEAM, people=("bob",)), OFFICE, OFFICE, seed).tolist()
    )


def test_a_longer_horizon_keeps_the_beginning() -> None:
    short, long = (absent("ann", size, TEAM, Seed(1, 0)) for size in (300, 900))
    assert short.tolist() == long[:300].tolist()


def opened(days: list[tuple[int, tuple[tuple[int, int], ...]]]) -> Calendar:
    """Return a calendar that is open at these hours of these dates."""
    spans = [
        (date * DAY + opening * HOUR, date * DAY + closing * HOUR, number)
        for number, (date, hours) in enumerate(days)
        for opening, closing in hours
    ]
    return Calendar(*(tuple(column) for column in zip(*spans, strict=True)))


WEEK = [day for day in range(200) if day % 7 < 5]
USUAL = ((9, 12), (14, 17))


@settings(deadline=None)
@given(
    st.sets(st.sampled_from([day for day in range(200) if day % 7 >= 5]), min_size=1),
    st.sampled_from([USUAL, ((9, 12),), ((9, 13), (13, 17)), ((9, 11), (11, 12), (15, 24))]),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_an_extra_day_changes_nobodys_other_days(
    extra: set[int], hours: tuple[tuple[int, int], ...], share: float
) -> None:
    group = replace(TEAM, absent_share=share)
    working = opened([(day, USUAL) for day in WEEK])
    more = opened([(day, USUAL if day in WEEK else hours) for day in sorted({*WEEK, *extra})])
    few, many = (group_capacities(group, one, working, Seed(1, 0)) for one in (working, more))
    by_opening = dict(zip(more.opens, many.tolist(), strict=True))
    assert [by_opening[opening] for opening in working.opens] == few.tolist()


def test_hours_of_one_half_day_share_its_absence() -> None:
    working = opened([(day, USUAL) for day in WEEK])
    finer = opened([(day, ((8, 10), (10, 11), (11, 13), (13, 15), (16, 20))) for day in WEEK])
    by_half_day = group_capacities(TEAM, working, working, Seed(1, 0)).reshape(-1, 2)
    found = group_capacities(TEAM, finer, working, Seed(1, 0)).reshape(-1, 5)
    assert (found[:, :3] == by_half_day[:, :1]).all()
    assert (found[:, 3:] == by_half_day[:, 1:]).all()


@pytest.mark.parametrize("length", [1.0, 4.0])
def test_who_is_away_at_a_lower_share_is_away_at_a_higher_one(length: float) -> None:
    low = replace(TEAM, absent_share=0.1, absent_half_days=length)
    high = replace(TEAM, absent_share=0.3, absent_half_days=length)
    for person in range(50):
        few, many = (absent(f"p{person}", 800, group, Seed(2, 0)) for group in (low, high))
        assert not (few & ~many).any()
        assert few.sum() < many.sum()


@pytest.mark.parametrize("other", [Seed(2, 0), Seed(1, 1)])
def test_another_seed_or_replication_has_other_absences(other: Seed) -> None:
    mine, theirs = (absent("ann", 500, TEAM, seed) for seed in (Seed(1, 0), other))
    assert mine.tolist() != theirs.tolist()


def test_people_are_away_independently() -> None:
    found = away(TEAM, Seed(4, 0), 40).astype(float)
    correlation = np.corrcoef(found) - np.eye(40)
    assert np.abs(correlation).max() < 0.25
    assert abs(correlation.sum() / (40 * 39)) < 0.01


# Sessions -----------------------------------------------------------------------------------


def drawn(session: Session, seed: Seed) -> Moments:
    rhythm = Rhythm((0,), (1.0,), 0.0, (DayProfile((0, DAY), (0.0, 1.0)),))
    hall = ProcessNetwork((), (), {session.name: session}, {"office": OFFICE}, rhythm, DAYS * DAY)
    return moments(session, hall, seed)


LEADER = Session("leader", calendar="office", attendance=0.6)


def test_a_leader_signs_at_the_end_of_the_half_days_attended() -> None:
    found = drawn(LEADER, Seed(1, 0))
    spans = dict(zip(OFFICE.closes, OFFICE.opens, strict=True))
    assert all(
        spans[time] == opening
        for time, opening in zip(found.times_s, found.attended_s, strict=True)
    )
    assert all(a < b for a, b in pairwise(found.times_s))
    low, high = stats.binom.interval(0.9999, 2 * DAYS, 0.6)
    assert low <= len(found.times_s) <= high


def test_a_leader_attends_until_but_not_at_the_close() -> None:
    found = drawn(LEADER, Seed(1, 0))
    attended = set(found.attended_s)
    for opening, close in zip(OFFICE.opens, OFFICE.closes, strict=True):
        here = opening in attended
        assert [found.attending(t) for t in (opening - 1, opening, close - 1, close)] == [
            False, here, here, False,
        ]  # fmt: skip


def test_the_nth_session_counts_one_that_is_now() -> None:
    found = Moments(np.array([10, 20, 30]), np.zeros(0, np.int64))
    assert [found.nth(10, n) for n in (1, 2, 3, 4)] == [10, 20, 30, None]
    assert [found.nth(11, n) for n in (1, 2, 3)] == [20, 30, None]
    assert found.nth(0, 1) == 10
    assert found.nth(31, 1) is None


def test_more_attendance_keeps_the_half_days_there_were() -> None:
    few, many = (drawn(replace(LEADER, attendance=share), Seed(1, 0)) for share in (0.3, 0.8))
    assert set(few.times_s) < set(many.times_s)
    assert drawn(replace(LEADER, attendance=1.0), Seed(1, 0)).times_s.tolist() == list(
        OFFICE.closes
    )
    assert drawn(replace(LEADER, attendance=0.0), Seed(1, 0)).times_s.tolist() == []


def test_a_courier_comes_at_fixed_times_whatever_the_seed() -> None:
    courier = Session("courier", times_s=(5, 50, 500))
    for seed in (Seed(1, 0), Seed(9, 9)):
        found = drawn(courier, seed)
        assert (found.times_s.tolist(), found.attended_s.tolist()) == ([5, 50, 500], [])


def test_leaders_attend_independently() -> None:
    first, second = (
        set(drawn(replace(LEADER, name=name), Seed(1, 0)).times_s) for name in ("mayor", "chief")
    )
    low, high = stats.binom.interval(0.9999, 2 * DAYS, 0.36)
    assert low <= len(first & second) <= high
    assert word("mayor") != word("chief")
