"""Bands: their coverage, their weights, and what separates halls of different sign."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.bands import FEWEST_HALLS, best_split, hall_effects, weighted_quantiles


@pytest.mark.parametrize(("between", "within"), [(1.0, 0.2), (1.0, 1.0), (0.3, 1.0)])
def test_nine_of_ten_true_effects_lie_in_the_band_however_few_histories(
    between: float, within: float
) -> None:
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(300):
        truths = rng.normal(-2, between, 100)
        differences = truths[:, None] + rng.normal(0, within, (100, 2))
        low, high = hall_effects(differences).band
        fresh = rng.normal(-2, between, 20)
        inside.append(np.mean((low <= fresh) & (fresh <= high)))
    # Too wide where chance outweighs the halls, never too narrow.
    assert 0.88 < np.mean(inside) < (0.92 if between > 2 * within else 0.97)


def test_halls_that_are_alike_have_a_band_of_hardly_any_width() -> None:
    rng = np.random.default_rng(2)
    found = hall_effects(rng.normal(3, 1, (400, 2)))
    low, high = found.band
    assert high - low < 1.2  # the means of two histories alone spread over 2.3


def test_few_halls_or_many_unknown_effects_have_no_band() -> None:
    differences = np.full((FEWEST_HALLS, 2), 1.0)
    assert hall_effects(differences).band == (1, 1)
    assert hall_effects(differences).beyond(0.5) == (1, 0)
    differences[0, 0] = math.nan  # the other history is known
    assert hall_effects(differences).band == (1, 1)
    differences[0] = math.nan
    assert math.isnan(hall_effects(differences).band[0])
    many = np.full((100, 2), 1.0)
    for unknown, enough in ((5, True), (6, False)):
        many[:unknown] = math.nan
        assert hall_effects(many).is_enough is enough
    assert all(map(math.isnan, hall_effects(np.full((3, 2), math.nan)).beyond(0)))
    assert hall_effects(np.array([[1.0, 2.0]])).effects.tolist() == [1.5]


def test_quantiles_of_equal_weights_are_the_usual_ones() -> None:
    values = np.array([5.0, 1, 4, 2, 3])
    assert weighted_quantiles(values, np.full(5, 0.2), (0.1, 0.5, 0.9)) == pytest.approx((1, 3, 5))
    heavy = weighted_quantiles(np.array([1.0, 2.0]), np.array([0.9, 0.1]), (0.5, 0.95))
    assert heavy == (pytest.approx(1.1), 2.0)


def test_what_separates_the_signs_is_found_with_its_break_even() -> None:
    rng = np.random.default_rng(9)
    quantities = rng.random((120, 30))
    effects = quantities[:, 4] - 0.35 + rng.normal(0, 0.05, 120)
    split = best_split(effects, quantities)
    assert split is not None
    assert (split.place, split.rises) == (4, True)
    assert split.bound == pytest.approx(0.35, abs=0.05)
    falling = best_split(-effects, quantities)
    assert falling is not None
    assert (falling.place, falling.rises) == (4, False)


def test_nothing_separates_signs_that_depend_on_nothing() -> None:
    rng = np.random.default_rng(11)
    found = [best_split(rng.normal(size=100), rng.random((100, 60))) for _ in range(60)]
    assert sum(split is not None for split in found) <= 8
    assert best_split(np.ones(50), rng.random((50, 3))) is None
    assert best_split(rng.normal(size=50), np.ones((50, 3))) is None
