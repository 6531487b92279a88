"""What may change in a scenario without changing anybody's luck or arrival."""

from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

from sim.chance.demand import Arrivals, arrivals
from sim.chance.draws import Draws, Seed
from sim.chance.history import history
from sim.chance.purposes import PURPOSES
from sim.process.blocks import Draw, Exit, Geometric, Mark, Seconds, Uniform, sequence
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Route

DAY, DAYS = 86_400, 60
ALWAYS = Calendar((0,), (DAY * DAYS,), (0,))


def route(item: str, rate: float = 8.0, volume: float = 1.0) -> Route:
    return Route(item, Exit("done"), rate, volume)


def network(*routes: Route, cv: float = 0.0, days: int = DAYS) -> ProcessNetwork:
    starts = tuple(range(0, DAY * days, DAY))
    rhythm = Rhythm(starts, (1.0,) * days, cv, (DayProfile((0, DAY), (0.0, 1.0)),))
    calendars = {"hall": ALWAYS, "office": ALWAYS}
    return ProcessNetwork(routes, (), {}, calendars, rhythm, DAY * days)


def of_item(found: Arrivals, index: int) -> list[tuple[int, int, int]]:
    rows = found.route == index
    return list(
        zip(
            found.layer[rows].tolist(),
            found.number[rows].tolist(),
            found.time_s[rows].tolist(),
            strict=True,
        )
    )


# Arrivals -----------------------------------------------------------------------------------


def test_arrivals_are_in_order_and_everyone_comes_once() -> None:
    found = arrivals(network(route("a", 40, 2.3), route("b", 40), cv=0.3), Seed(1, 0))
    keys = list(zip(found.time_s, found.route, found.layer, found.number, strict=True))
    assert keys == sorted(keys)
    who = set(zip(found.route, found.layer, found.number, strict=True))
    assert len(who) == len(keys)


def test_other_items_and_other_blocks_change_no_arrivals() -> None:
    alone = arrivals(network(route("a", 8.0)), Seed(1, 0))
    longer = Route("a", sequence(Mark("in"), Exit("done")), 8.0)
    beside = arrivals(network(route("b", 30), longer, route("c", 3)), Seed(1, 0))
    assert of_item(alone, 0) == of_item(beside, 1)


def test_volumes_nest_in_a_chain() -> None:
    sets = [
        set(of_item(arrivals(network(route("a", 30, volume), cv=0.2), Seed(1, 0)), 0))
        for volume in (0.0, 0.2, 0.9, 1.0, 1.1, 2.0, 2.5, 3.0)
    ]
    assert not sets[0]
    assert all(few < many for few, many in pairwise(sets))


def test_a_layer_is_thinned_at_its_share() -> None:
    for volume, expected in ((0.4, 0.4), (1.6, 0.6)):
        whole = arrivals(network(route("a", 200, np.ceil(volume))), Seed(1, 0))
        part = arrivals(network(route("a", 200, volume)), Seed(1, 0))
        top = int(np.ceil(volume)) - 1
        all_there = int((whole.layer == top).sum())
        low, high = stats.binom.interval(0.9999, all_there, expected)
        assert low <= int((part.layer == top).sum()) <= high


def test_a_longer_horizon_keeps_everybody_who_was_there() -> None:
    short = of_item(arrivals(network(route("a", 30), cv=0.3, days=20), Seed(1, 0)), 0)
    long = of_item(arrivals(network(route("a", 30), cv=0.3, days=60), Seed(1, 0)), 0)
    assert set(short) < set(long)


def test_time_of_day_does_not_follow_from_the_day() -> None:
    found = arrivals(network(route("a", 300)), Seed(1, 0))
    day, second = found.time_s // DAY, found.time_s % DAY
    assert abs(np.corrcoef(day, second)[0, 1]) < 0.03
    assert stats.kstest(second / DAY, "uniform").pvalue > 1e-4


def test_gaps_are_exponential() -> None:
    counts = [len(arrivals(network(route("a", 0.05)), Seed(1, r)).time_s) for r in range(2_000)]
    seen = np.bincount(np.minimum(counts, 7), minlength=8)
    expected = 2_000 * np.append(stats.poisson.pmf(range(7), 3), stats.poisson.sf(6, 3))
    assert stats.chisquare(seen, expected).pvalue > 1e-4


def test_busyness_is_shared_by_all_items() -> None:
    counts = []
    for replication in range(30):
        found = arrivals(network(route("a", 100), route("b", 100), cv=0.3), Seed(1, replication))
        counts.append(
            [np.bincount(found.time_s[found.route == i] // DAY, minlength=DAYS) for i in (0, 1)]
        )
    first, second = np.concatenate(counts, axis=1)
    # Covariance 100² · 0.09 = 900; variance 100 + 900.
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.9, abs=0.03)
    assert first.mean() == pytest.approx(100, rel=0.03)


# Draws --------------------------------------------------------------------------------------


DRAWS = (
    Draw("decide_work", Seconds(600, 0.6, "gamma")),
    Draw("post", Seconds(600, 0.6, "lognormal")),
    Draw("patience", Seconds(600, 1.0, "exponential"), 5),
    Draw("release_case", Geometric(0.1)),
    Draw("incomplete", Uniform(), 2),
)


def ask(luck: Draws, draw: Draw, who: int) -> float:
    match draw.distribution:
        case Seconds():
            return luck.seconds(draw, who)
        case Geometric():
            return luck.count(draw, who)
        case _:
            return luck.uniform(draw, who)


def test_the_order_of_asking_is_nothing() -> None:
    hall = network(route("a"), route("b"))
    answers = set()
    for order in permutations(range(len(DRAWS))):
        luck = history(hall, Seed(1, 0)).draws
        found = {index: [ask(luck, DRAWS[index], who) for who in (7, 0, 3)] for index in order}
        answers.add(tuple(tuple(found[index]) for index in range(len(DRAWS))))
    assert len(answers) == 1


def test_a_person_keeps_the_same_luck_when_more_come() -> None:
    few, many = (
        history(network(route("b", 10), route("a", 20, volume)), Seed(1, 0))
        for volume in (0.5, 2.4)
    )

    def luck(of: object) -> dict[tuple[int, int, int], list[float]]:
        who = of.arrivals  # type: ignore[attr-defined]
        names = zip(who.route.tolist(), who.layer.tolist(), who.number.tolist(), strict=True)
        return {
            name: [ask(of.draws, draw, index) for draw in DRAWS]  # type: ignore[attr-defined]
            for index, name in enumerate(names)
        }

    assert luck(few).items() < luck(many).items()


def test_purposes_occurrences_items_and_layers_are_other_luck() -> None:
    size = 4_000
    who = np.arange(size)
    seed = Seed(1, 0)
    columns = [seed.uniforms(who, 0, 1, purpose) for purpose in PURPOSES]
    columns += [seed.uniforms(who, 0, 1, "inbox", occurrence) for occurrence in range(1, 10)]
    columns += [seed.uniforms(who, 1, 1, "inbox"), seed.uniforms(who, 0, 2, "inbox")]
    columns += [Seed(2, 0).uniforms(who, 0, 1, "inbox"), Seed(1, 1).uniforms(who, 0, 1, "inbox")]
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    # About 1,100 pairs, each with standard deviation 1/63: 0.09 lies beyond 5.6 of them.
    assert np.abs(correlation).max() < 0.09
    for column in columns:
        assert stats.kstest(column, "uniform").pvalue > 1e-6


def test_every_unregistered_purpose_is_refused() -> None:
    with pytest.raises(KeyError, match="weather"):
        Seed(1, 0).uniforms(0, 0, 0, "weather")
    with pytest.raises(KeyError, match="weather"):
        history(network(route("a")), Seed(1, 0)).draws.seconds(
            Draw("weather", Seconds(1, 1, "gamma")), 0
        )


def test_people_of_a_group_change_no_draws() -> None:
    hall = network(route("a"))
    staffed = replace(hall, groups=(Group("g", ("s",), ("ann", "bob"), "hall", absent_share=0.3),))
    with_staff, without = history(staffed, Seed(1, 0)), history(hall, Seed(1, 0))
    for draw in DRAWS:
        assert ask(with_staff.draws, draw, 4) == ask(without.draws, draw, 4)
