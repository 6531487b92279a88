"""MSER-5 against a plain loop, by hand, and on series with a known bias."""

import math

import numpy as np
import pytest

from sim.stats.warmup import mser


def plainly(series: np.ndarray) -> list[float]:
    means = [series[at : at + 5].mean() for at in range(0, len(series) - 4, 5)]
    found = []
    for cut in range(len(means) - 4):
        rest = np.array(means[cut:])
        found.append(float(((rest - rest.mean()) ** 2).sum() / len(rest) ** 2))
    return found


def autoregressive(seed: int, bias: float, shape: tuple[int, int], phi: float = 0.9) -> np.ndarray:
    """Return AR(1) with mean 0 and unit shocks that starts off by a bias."""
    shocks = np.random.default_rng(seed).normal(0, 1, shape)
    series, now = np.empty(shape), np.full(shape[0], bias)
    for at in range(shape[1]):
        now = phi * now + shocks[:, at]
        series[:, at] = now
    return series


def test_by_hand() -> None:
    # Batch means 7, then 1 and 0 in turn ten times; without the first 20 · 0.25 / 400 = 0.0125.
    series = np.repeat([7.0, *[1.0, 0.0] * 10], 5)
    found = mser(series)
    assert found.observations == 5
    assert found.statistic[1] == pytest.approx(0.0125)
    # 59 / 21² - (17 / 21)² / 21 with it.
    assert found.statistic[0] == pytest.approx((59 - 17**2 / 21) / 21**2)
    assert found.positions.tolist() == list(range(0, 85, 5))


@pytest.mark.parametrize("seed", range(30))
def test_against_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    length = int(rng.integers(50, 400))
    [series] = autoregressive(seed, float(rng.normal(0, 30)), (1, length))
    found = mser(1e4 + series)
    expected = plainly(series)
    assert found.statistic == pytest.approx(np.array(expected), rel=1e-6)
    least = int(np.argmin(expected))
    within = least <= (length // 5) / 2
    assert found.observations == (5 * least if within else None)


def test_a_steady_series_is_cut_nowhere() -> None:
    assert mser(np.full(60, 0.1)).observations == 0
    assert mser(np.full((4, 60), 0.1)).observations == 0


def test_a_step_is_found_to_the_batch() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 300)
    noise[:43] += 5
    # 43 lies in the ninth batch.
    assert mser(noise).observations == 45


def test_a_series_that_never_settles_is_too_short() -> None:
    found = mser(np.linspace(0, 10, 200))
    assert found.observations is None
    assert len(found.statistic) == len(found.positions) == 36


def test_the_last_half_is_the_first_that_is_none() -> None:
    assert mser(np.repeat([1.0, 0.0], [50, 50])).observations == 50
    assert mser(np.repeat([1.0, 0.0], [55, 45])).observations is None


def test_replications_are_averaged_without_unknown_values() -> None:
    series = autoregressive(2, 20, (8, 300))
    assert mser(series).statistic == pytest.approx(mser(series.mean(axis=0)).statistic)
    with_null = np.vstack([series[:1], np.full((1, 300), math.nan)])
    assert mser(with_null).statistic == pytest.approx(mser(series[0]).statistic)


def test_an_incomplete_last_batch_is_left_out() -> None:
    [series] = autoregressive(3, 5, (1, 104))
    assert mser(series).statistic.tolist() == mser(series[:100]).statistic.tolist()


def test_a_known_bias_is_cut_away() -> None:
    # Bias 60·0.9^i: without a cut the mean of 600 is off by 60·9/600 = 0.9; 40 left out leave
    # 60·9·0.9^40/560 = 0.014.  Of a mean of 10 replications the standard error is 0.13.
    cuts, off, uncut = [], [], []
    for seed in range(100):
        series = autoregressive(seed, 60, (10, 600))
        found = mser(series).observations
        uncut.append(series.mean())
        if found is not None:
            cuts.append(found)
            off.append(series[:, found:].mean())
    assert len(cuts) >= 85
    assert 30 <= np.median(cuts) <= 50
    assert np.mean(uncut) == pytest.approx(0.9, abs=0.06)
    assert abs(np.mean(off)) < 0.06


def test_without_bias_little_is_cut() -> None:
    cuts = [mser(autoregressive(seed, 0, (10, 600))).observations for seed in range(100)]
    assert np.median([600 if cut is None else cut for cut in cuts]) <= 10


@pytest.mark.parametrize(
    "wrong", [np.ones(49), np.array([*[1.0] * 60, math.inf]), np.array([math.nan, *[1.0] * 60])]
)
def test_a_series_that_cannot_be_cut(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"batches|finite"):
        mser(wrong)
