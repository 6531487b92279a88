"""Where a rising mean exceeds a bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.stats.crossing import bootstrap_interval, crossing, resamples, rising

LEVELS = np.array([1.0, 2.0, 4.0])


def test_values_that_fall_are_pooled() -> None:
    assert rising(np.array([1.0, 3.0, 2.0, 5.0])) == pytest.approx([1, 2.5, 2.5, 5])


@pytest.mark.parametrize(
    ("means", "bound", "expected"),
    [
        ([0, 1, 3], 0.5, 1.5),
        ([0, 1, 3], 2, 3),
        ([0, 1, 3], 1, 2),  # the bound itself is not exceeded
        ([0, 1, 3], 3, math.inf),
        ([0, 1, 3], -1, 0),
        ([2, 0, 3], 2, 3),  # 2 and 0 are pooled into 1: halfway from 1 to 3
    ],
)
def test_where_the_bound_is_exceeded(means: list[float], bound: float, expected: float) -> None:
    assert crossing(LEVELS, np.array(means, float), bound) == pytest.approx(expected)


def test_resamples_are_weights_of_the_replications() -> None:
    weights = resamples(np.random.default_rng(1).random((4000, 7)))
    assert weights.shape == (4000, 7)
    assert weights.sum(axis=1) == pytest.approx(np.ones(4000))
    assert weights.mean(axis=0) == pytest.approx(np.full(7, 1 / 7), abs=0.005)
    assert (7 * weights).var() == pytest.approx(6 / 7, abs=0.03)  # binomial: n·(1/n)·(1 - 1/n)
    assert resamples(np.array([[0.1, 0.9]])).tolist() == [[0.5, 0.5]]


def test_intervals_cover_as_often_as_they_say() -> None:
    """A line through noise in ten replications meets its bound at 2."""
    random = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        noise = random.normal(size=(3, 10)) * 0.1 + random.normal(size=10) * 0.3
        values = LEVELS[:, None] + noise
        low, high = bootstrap_interval(
            lambda one, values=values: crossing(LEVELS, values @ one, 2.0),
            resamples(random.random((200, 10))),
        )
        covered += low <= 2 <= high
    assert 0.9 <= covered / 200 <= 0.985


def test_one_replication_has_no_interval() -> None:
    assert np.isnan(bootstrap_interval(lambda one: 1.0, resamples(np.full((10, 1), 0.5)))).all()
