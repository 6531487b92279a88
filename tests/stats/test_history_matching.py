"""History matching: distances, weights, resampling and tests of what is narrowed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.stats.emulator import emulate
from sim.stats.history_matching import (
    departure,
    effective_sample_size,
    implausibility,
    likelihood,
    resampled,
)


def test_the_distance_counts_both_histories_and_the_discrepancy() -> None:
    # One figure: V = 4, two histories, D = 3 squared: 4 × 1.5 + 9 = 15; (6 / √15).
    found = implausibility(
        np.array([[16.0], [10.0], [math.nan]]),
        np.array([10.0]),
        np.array([[4.0]]),
        2,
        np.array([3.0]),
    )
    assert found.tolist() == [pytest.approx(6 / math.sqrt(15)), 0.0, math.inf]


def test_two_figures_that_move_together_count_once() -> None:
    variance = np.array([[1.0, 0.999], [0.999, 1.0]])
    along, across = implausibility(
        np.array([[2.0, 2.0], [2.0, -2.0]]), np.zeros(2), variance, 1_000_000, np.zeros(2)
    )
    assert along == pytest.approx(2.0, rel=1e-3)
    assert across > 50


def test_without_figures_every_hall_fits() -> None:
    found = implausibility(np.empty((3, 0)), np.empty(0), np.empty((0, 0)), 2, np.empty(0))
    assert likelihood(found).tolist() == [1, 1, 1]


def test_a_history_of_the_same_hall_is_as_far_as_normal_theory_says() -> None:
    rng = np.random.default_rng(3)
    variance = np.array([[2.0, 0.5], [0.5, 1.0]])
    truth, runs = np.array([5.0, -1.0]), 2
    observed = rng.multivariate_normal(truth, variance)
    distances = []
    for _ in range(4000):
        observed = rng.multivariate_normal(truth, variance)
        mean = rng.multivariate_normal(truth, variance, runs).mean(axis=0)
        distances.append(implausibility(mean[None], observed, variance, runs, np.zeros(2))[0])
    # Chi-squared with two degrees of freedom: mean 2, and 5 % beyond √5.99.
    assert np.mean(np.square(distances)) == pytest.approx(2, abs=0.12)
    assert np.mean(np.array(distances) > math.sqrt(5.991)) == pytest.approx(0.05, abs=0.012)


def test_effective_sample_size() -> None:
    assert effective_sample_size(np.ones(7)) == 7
    assert effective_sample_size(np.array([1.0, 0, 0])) == 1
    assert effective_sample_size(np.zeros(3)) == 0
    assert effective_sample_size(np.array([2.0, 1, 1])) == pytest.approx(16 / 6)


@given(weights=st.lists(st.floats(0.01, 1), min_size=1, max_size=30), number=st.integers(1, 200))
def test_halls_are_drawn_in_proportion_and_fewer_are_the_first_of_more(
    weights: list[float], number: int
) -> None:
    chances = np.array(weights) / sum(weights)
    drawn = resampled(np.array(weights), number)
    assert drawn.tolist() == resampled(np.array(weights), number + 5)[:number].tolist()
    counts = np.bincount(drawn, minlength=len(weights))
    # The discrepancy of a van der Corput sequence is below (log2 n + 2) / n.
    allowed = 2 * (math.log2(number) + 2)
    assert (np.abs(counts - number * chances) <= allowed).all()


def test_narrowed_places_are_noticed_and_even_ones_seldom() -> None:
    rng = np.random.default_rng(1)
    p_values = [departure(rng.random(200), np.ones(200))[1] for _ in range(300)]
    assert np.mean(np.array(p_values) < 0.05) < 0.09
    assert departure(0.5 * rng.random(200), np.ones(200))[1] < 1e-6
    places = rng.random(2000)
    assert departure(places, np.exp(-((places - 0.3) ** 2) / 0.02))[1] < 1e-6
    assert math.isnan(departure(places, np.zeros(2000))[1])


def test_an_emulator_predicts_left_out_values_as_well_as_it_says() -> None:
    rng = np.random.default_rng(5)
    slopes = np.array([3.0, -2.0, *[0.0] * 40])
    inputs = rng.random((150, 42))
    outputs = 4 + inputs @ slopes + rng.normal(0, 0.3, 150)
    emulator = emulate(inputs, outputs)
    fresh = rng.random((4000, 42))
    error = fresh @ slopes + 4 + rng.normal(0, 0.3, 4000) - emulator.predict(fresh)
    assert np.mean(error**2) == pytest.approx(emulator.variance, rel=0.2)
    assert emulator.variance < 0.2 * outputs.var()
    assert emulate(inputs, np.full(150, 2.0)).predict(fresh) == pytest.approx(2)
    with pytest.raises(ValueError, match="at least three"):
        emulate(inputs[:2], outputs[:2])
