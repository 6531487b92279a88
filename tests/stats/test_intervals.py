"""Intervals cover as often as they say, over many simulated experiments."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.stats.intervals import (
    Estimate,
    column_intervals,
    mean_interval,
    prediction_interval,
    student_p,
    student_t,
)

REPEATS = 2_000


def band(share: float, repeats: int = REPEATS) -> tuple[float, float]:
    """Return where a share of so many repeats lies with probability 0.9999."""
    low, high = stats.binom.interval(0.9999, repeats, share)
    return low / repeats, high / repeats


def covered(values: np.ndarray, truth: float, confidence: float) -> float:
    intervals = [mean_interval(row, confidence) for row in values]
    return float(np.mean([one.low <= truth <= one.high for one in intervals]))


@pytest.mark.parametrize("n", [2, 5, 30])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_mean_of_normal_values_is_covered_as_often_as_said(n: int, confidence: float) -> None:
    values = np.random.default_rng(n).normal(3.0, 2.0, (REPEATS, n))
    low, high = band(confidence)
    assert low <= covered(values, 3.0, confidence) <= high


def test_the_mean_of_skewed_values_is_covered_almost_as_often() -> None:
    # With 100 exponential values the exact coverage of the 95 % interval is about 94.3 %.
    values = np.random.default_rng(1).exponential(2.0, (REPEATS, 100))
    low, _ = band(0.94)
    _, high = band(0.95)
    assert low <= covered(values, 2.0, 0.95) <= high


@pytest.mark.parametrize("n", [2, 10, 50])
def test_one_further_normal_value_is_predicted_as_often_as_said(n: int) -> None:
    values = np.random.default_rng(n).normal(10.0, 3.0, (REPEATS, n + 1))
    inside = [
        low <= row[-1] <= high for row in values for low, high in [prediction_interval(row[:-1])]
    ]
    low, high = band(0.95)
    assert low <= float(np.mean(inside)) <= high


def test_a_narrow_interval_for_the_mean_and_a_wide_one_for_a_history() -> None:
    values = np.random.default_rng(2).normal(0, 1, 100)
    mean, low, high, n = mean_interval(values)
    below, above = prediction_interval(values)
    assert n == 100
    assert (above - below) / (high - low) == pytest.approx(math.sqrt(101))
    assert (below + above) / 2 == pytest.approx(mean)


def test_by_hand() -> None:
    # 1, 2, 3: mean 2, s = 1; t(0.975, 2) = 4.3027.
    mean, low, high, n = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert (mean, n) == (2.0, 3)
    assert high - mean == pytest.approx(4.30265273 / math.sqrt(3))
    assert mean - low == pytest.approx(high - mean)
    assert prediction_interval(np.array([1.0, 2.0, 3.0])) == pytest.approx(
        (2 - 4.30265273 * math.sqrt(4 / 3), 2 + 4.30265273 * math.sqrt(4 / 3))
    )


def test_null_values_are_left_out() -> None:
    with_null = np.array([1.0, math.nan, 2.0, 3.0, math.nan])
    without = np.array([1.0, 2.0, 3.0])
    assert mean_interval(with_null) == mean_interval(without)
    assert prediction_interval(with_null) == prediction_interval(without)


def test_too_few_values_give_no_interval() -> None:
    one = mean_interval(np.array([4.0, math.nan]))
    assert (one.mean, one.n) == (4.0, 1)
    assert math.isnan(one.low)
    assert math.isnan(one.high)
    none = mean_interval(np.array([math.nan]))
    assert none.n == 0
    assert all(map(math.isnan, none[:3]))
    assert all(map(math.isnan, prediction_interval(np.array([4.0]))))
    assert all(map(math.isnan, prediction_interval(np.array([]))))


def test_equal_values_give_an_interval_without_width() -> None:
    assert mean_interval(np.full(5, 7.0)) == Estimate(7.0, 7.0, 7.0, 5)
    assert prediction_interval(np.full(5, 7.0)) == (7.0, 7.0)


@pytest.mark.parametrize("value", [0.1, 1 / 3, 1e-300, 1e300, -0.7])
@pytest.mark.parametrize("n", [2, 3, 10, 49])
def test_the_interval_of_a_constant_is_that_constant(value: float, n: int) -> None:
    assert mean_interval(np.full(n, value)) == Estimate(value, value, value, n)
    assert prediction_interval(np.full(n, value)) == (value, value)


def test_many_means_at_once_are_those_one_by_one() -> None:
    values = np.random.default_rng(5).normal(3, 2, (12, 6))
    values[3, 1] = values[:, 2] = values[1:, 3] = math.nan
    values[:, 4] = 0.1
    found = column_intervals(values, 0.9)
    for column in range(6):
        expected = mean_interval(values[:, column], 0.9)
        assert found[:, column].tolist() == pytest.approx(list(expected), nan_ok=True)
    with pytest.raises(ValueError, match="finite"):
        column_intervals(np.array([[math.inf]]))


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_an_infinite_value_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        mean_interval(np.array([1.0, value]))
    with pytest.raises(ValueError, match="finite"):
        prediction_interval(np.array([1.0, value]))


@pytest.mark.parametrize("freedom", [1, 2, 29, 500])
def test_student_against_scipy(freedom: int) -> None:
    assert student_t(0.95, freedom) == pytest.approx(stats.t.ppf(0.975, freedom))
    assert student_p(-1.3, 0.7, freedom) == pytest.approx(2 * stats.t.sf(1.3 / 0.7, freedom))


def test_the_p_value_is_below_5_percent_just_when_the_interval_leaves_out_0() -> None:
    for values in np.random.default_rng(3).normal(0.5, 1.0, (500, 12)):
        found = mean_interval(values)
        p = student_p(found.mean, float(values.std(ddof=1)) / math.sqrt(12), 11)
        assert (p < 0.05) == (not found.low <= 0 <= found.high)


def test_a_p_value_without_spread() -> None:
    assert student_p(0.0, 0.0, 4) == 1.0
    assert student_p(0.1, 0.0, 4) == 0.0
