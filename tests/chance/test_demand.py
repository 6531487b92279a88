"""Who comes, and when; who is there, and when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.chance import demand
from sim.chance.attendance import absences, group_capacities
from sim.chance.demand import Arrivals, arrivals
from sim.chance.draws import Seed
from sim.process.blocks import Exit, sequence
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Route

DAY = 86_400
DAYS = 200


def network(
    *, rate: float = 5.0, volume: float = 1.0, cv: float = 0.0, weights: tuple[float, ...] = ()
) -> ProcessNetwork:
    rhythm = Rhythm(
        tuple(range(0, DAY * DAYS, DAY)),
        weights or (1.0,) * DAYS,
        cv,
        (DayProfile((30_600, 43_200, 52_200, 63_000), (0.0, 0.6, 0.6, 1.0)),),
    )
    route = Route("permit", sequence(Exit("done")), rate, volume)
    always = Calendar((0,), (DAY * DAYS,), (0,))
    return ProcessNetwork((route,), (), {}, {"hall": always, "office": always}, rhythm, DAY * DAYS)


def people(found: Arrivals) -> dict[tuple[int, int], int]:
    return {
        (layer, who): time
        for layer, who, time in zip(
            found.layer.tolist(), found.number.tolist(), found.time_s.tolist(), strict=True
        )
    }


@pytest.mark.parametrize(("less", "more"), [(0.3, 0.7), (1.0, 1.5), (1.5, 2.0), (1.0, 4.2)])
def test_a_larger_volume_keeps_everybody_at_the_same_time(less: float, more: float) -> None:
    few = people(arrivals(network(volume=less), Seed(1, 0)))
    many = people(arrivals(network(volume=more), Seed(1, 0)))
    assert few.items() <= many.items()
    assert len(many) / len(few) == pytest.approx(more / less, rel=0.12)


def test_counts_are_poisson_without_busyness() -> None:
    totals = [len(arrivals(network(), Seed(1, r)).time_s) for r in range(300)]
    assert np.mean(totals) == pytest.approx(5 * DAYS, rel=0.01)
    assert np.var(totals) / np.mean(totals) == pytest.approx(1, abs=0.3)


def test_busyness_spreads_daily_counts_as_it_should() -> None:
    daily = np.concatenate(
        [
            np.bincount(
                arrivals(network(rate=29, cv=0.2), Seed(1, r)).time_s // DAY, minlength=DAYS
            )
            for r in range(20)
        ]
    )
    # Variance over mean = 1 + mean × cv² = 1 + 29 × 0.04.
    assert daily.var() / daily.mean() == pytest.approx(2.16, rel=0.1)


def test_days_follow_their_weights_and_hours_the_clock() -> None:
    weights = (0.5, 1.5) * (DAYS // 2)
    found = arrivals(network(rate=50, weights=weights), Seed(1, 0)).time_s
    assert (found // DAY % 2).mean() == pytest.approx(0.75, abs=0.02)
    second = found % DAY
    assert ((second >= 30_600) & (second < 63_000)).all()
    assert not ((second >= 43_200) & (second < 52_200)).any()
    assert (second < 43_200).mean() == pytest.approx(0.6, abs=0.02)


def test_busyness_moves_days_but_not_the_time_of_day() -> None:
    calm, busy = (people(arrivals(network(cv=cv), Seed(1, 0))) for cv in (0.0, 0.3))
    both = calm.keys() & busy.keys()
    assert all(calm[one] % DAY == busy[one] % DAY for one in both)


HALF_DAYS = np.arange(1000)
GROUP = Group("w", ("a",), ("ann", "bob"), "hall", absent_share=0.2, absent_half_days=3.0)


def away_of(group: Group) -> tuple[float, float]:
    return group.absent_share, group.absent_half_days


def test_absences_have_their_share_and_length() -> None:
    away = np.concatenate(
        [
            absences(
                f"p{i}",
                HALF_DAYS[:500],
                HALF_DAYS,
                away_of(GROUP),
                Seed(1, 0),
            )
            for i in range(60)
        ]
    )
    assert away.mean() == pytest.approx(0.2, rel=0.1)
    starts = np.count_nonzero(np.diff(away.astype(int)) == 1)
    assert away.sum() / starts == pytest.approx(3 / (1 - 1 / 13), rel=0.15)


def test_absences_are_the_persons_own() -> None:
    opens = tuple(range(0, 100 * DAY, DAY))
    calendar = Calendar(opens, tuple(at + 3600 for at in opens), tuple(range(100)))
    seed = Seed(1, 0)
    together = group_capacities(GROUP, calendar, calendar, seed)
    apart = [
        group_capacities(replace(GROUP, people=(one,)), calendar, calendar, seed)
        for one in GROUP.people
    ]
    assert together.tolist() == (apart[0] + apart[1]).tolist()


def test_fewer_recalls_begin_among_the_same_half_days() -> None:
    short = replace(GROUP, absent_half_days=1.0)
    often = absences("ann", HALF_DAYS, HALF_DAYS, away_of(short), Seed(1, 0))
    rarer = replace(short, absent_share=0.05)
    seldom = absences("ann", HALF_DAYS, HALF_DAYS, away_of(rarer), Seed(1, 0))
    assert seldom.sum() < often.sum()
    assert not (seldom & ~often).any()


def test_scenarios_with_the_same_demand_get_the_same_applicants_drawn_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = arrivals(network(), Seed(1, 0))
    assert arrivals(network(), Seed(1, 0)) is found
    assert arrivals(network(), Seed(1, 1)) is not found
    assert arrivals(network(volume=2), Seed(1, 0)) is not found
    monkeypatch.setattr(demand, "MOST_SHARED", 0)
    alone = arrivals(network(), Seed(1, 0))
    assert alone is not found
    assert people(alone) == people(found)


def by_day(made: ProcessNetwork) -> dict[int, int]:
    days, counts = np.unique(arrivals(made, Seed(1, 0)).time_s // DAY, return_counts=True)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))


def test_an_extra_day_changes_the_busyness_of_no_other_day() -> None:
    base = network(rate=2000, cv=0.5)
    starts = base.rhythm.day_starts_s
    without = replace(base.rhythm, day_starts_s=starts[:3] + starts[4:], day_weights=(1.0,) * 199)
    many, few = (by_day(replace(base, rhythm=one)) for one in (base.rhythm, without))
    assert few.keys() == many.keys() - {3}
    # Busyness spreads the counts by half; those of one day differ as Poisson counts do.
    assert all(abs(few[day] - many[day]) < 6 * np.sqrt(2 * many[day]) for day in few)
    assert np.std(list(many.values())) > 0.4 * np.mean(list(many.values()))


def test_days_have_their_own_hours_and_routes_their_own_days() -> None:
    base = network(rate=50)
    short = DayProfile((32_400, 39_600), (0.0, 1.0))
    alternate = tuple(day % 2 for day in range(DAYS))
    rhythm = replace(base.rhythm, profiles=(*base.rhythm.profiles, short), day_profiles=alternate)
    even = Rhythm(rhythm.day_starts_s[::2], (2.0,) * (DAYS // 2), 0.0, (short,))
    first = base.routes[0]
    other = replace(first, item="deed", rhythm=even)
    found = arrivals(replace(base, rhythm=rhythm, routes=(first, other)), Seed(1, 0))
    keys = list(zip(found.time_s, found.route, found.layer, found.number, strict=True))
    assert keys == sorted(keys)
    day, second, of_other = found.time_s // DAY, found.time_s % DAY, found.route == 1
    odd = ~of_other & (day % 2 == 1)
    assert ((second[odd] >= 32_400) & (second[odd] < 39_600)).all()
    assert (second[~of_other & (day % 2 == 0)] > 39_600).mean() > 0.3
    assert (day[of_other] % 2 == 0).all()
    assert of_other.mean() == pytest.approx(0.5, abs=0.03)
