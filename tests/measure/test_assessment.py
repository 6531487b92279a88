"""Verdicts over what is not known: none is good or bad where a reading or the halls forbid it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.measure.assessment import CLEAR, MOST_OPPOSITE, assess
from sim.measure.definitions import indicators
from sim.measure.verdicts import Pair, judged
from sim.stats.bands import FEWEST_HALLS, HallEffects
from sim.stats.comparison import Difference, Verdict


def difference(mean: float, verdict: Verdict) -> Difference:
    return Difference(mean, mean - 1, mean + 1, 20, 0.01, 0.02, verdict, None, 0.1)


def halls(*effects: float) -> HallEffects:
    return HallEffects(np.array(effects))


verdicts = st.sampled_from(
    [Verdict.BETTER, Verdict.WORSE, Verdict.UNCLEAR, Verdict.OTHER_CASES, Verdict.SAME]
)
means = st.floats(-5, 5).filter(lambda mean: abs(mean) > 0.01)


@given(
    own=st.tuples(means, verdicts),
    others=st.lists(st.tuples(means, verdicts), max_size=3),
    effects=st.lists(st.lists(st.floats(-3, 3), min_size=FEWEST_HALLS, max_size=60), max_size=3),
    relevant=st.floats(0, 1),
)
def test_nothing_is_good_or_bad_where_it_depends(
    own: tuple[float, Verdict],
    others: list[tuple[float, Verdict]],
    effects: list[list[float]],
    relevant: float,
) -> None:
    found = assess(
        difference(*own),
        [difference(*other) for other in others],
        [halls(*of_reading) for of_reading in effects],
        relevant,
    )
    verdict = found.difference.verdict
    signs = {mean > 0 for mean, one in (own, *others) if one in CLEAR}
    if verdict in {Verdict.BETTER, Verdict.WORSE}:
        assert verdict is own[1]
        assert len(signs) == 1
        for of_reading in effects:
            beyond = [
                effect
                for effect in of_reading
                if -math.copysign(effect, own[0] * effect) > relevant
            ]
            assert len(beyond) / len(of_reading) <= MOST_OPPOSITE + 1e-9
    elif verdict is not Verdict.DEPENDS:
        assert verdict is own[1]
    low, high = found.band
    if effects:
        assert min(map(min, effects)) <= low <= high <= max(map(max, effects))
    else:
        assert math.isnan(low)


def test_five_of_a_hundred_may_lie_on_the_other_side_and_any_number_by_less_than_matters() -> None:
    better = difference(-2, Verdict.BETTER)
    few = halls(*[-2.0] * 95, *[1.0] * 5)
    assert assess(better, [], [few], 0.5).difference.verdict is Verdict.BETTER
    more = halls(*[-2.0] * 94, *[1.0] * 6)
    assert assess(better, [], [more], 0.5).difference.verdict is Verdict.DEPENDS
    assert assess(better, [], [more], 1.5).difference.verdict is Verdict.BETTER
    assert assess(better, [], [more], 0.5).opposite == pytest.approx(0.06)


def test_each_reading_is_asked_by_itself() -> None:
    better = difference(-2, Verdict.BETTER)
    found = assess(better, [], [halls(*[-2.0] * 100), halls(*[1.0] * 20)], 0.5)
    assert found.difference.verdict is Verdict.DEPENDS
    assert found.band == (-2, 1)


def test_what_chance_explains_depends_if_halls_lie_on_both_sides() -> None:
    unclear = difference(0.1, Verdict.UNCLEAR)
    both = halls(*[-2.0] * 30, *[2.0] * 30)
    assert assess(unclear, [], [both], 0.5).difference.verdict is Verdict.DEPENDS
    assert assess(unclear, [], [halls(*[0.2] * 60)], 0.5).difference.verdict is Verdict.UNCLEAR


def test_too_few_halls_say_nothing() -> None:
    better = difference(-2, Verdict.BETTER)
    few = halls(*[1.0] * (FEWEST_HALLS - 1))
    not_reached = HallEffects(np.full(90, 1.0), unknown=10)  # a tenth may be the worst halls
    for effects in (few, not_reached):
        found = assess(better, [], [effects], 0.5)
        assert found.difference.verdict is Verdict.BETTER
        assert math.isnan(found.opposite)
        assert math.isnan(found.band[0])


def test_own_figures_are_of_other_cases_where_other_items_enter() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(10, 1, 30)

    def values(name: str) -> tuple[np.ndarray, np.ndarray]:
        rates = name.endswith(("served_rate", "withdrawn_rate", "left_rate"))
        return before, before if rates else before - 5

    known = indicators()
    own, everyone, wait = (
        known[name] for name in ("cases_open", "all_elapsed_mean_wd", "hall_wait_mean_min")
    )
    members = [(Pair(values, other_items=True), one) for one in (own, everyone, wait)]
    found = [one.verdict for one in judged(members)]
    assert found[0] is Verdict.OTHER_CASES
    assert found[1:] == [Verdict.BETTER, Verdict.BETTER]
    same = judged([(Pair(values), own)])
    assert same[0].verdict is Verdict.BETTER
    worse = judged([(Pair(lambda name: values(name)[::-1], other_items=True), own)])
    assert worse[0].verdict is Verdict.OTHER_CASES


def test_every_figure_says_what_matters() -> None:
    for indicator in indicators().values():
        assert indicator.relevant_to(200.0) > 0
        assert indicator.relevant_to(-200.0) == indicator.relevant_to(200.0)
    assert indicators()["cases_open"].relevant_to(500) == 5
    assert indicators()["all_elapsed_mean_wd"].relevant_to(500) == 0.1
