"""Chance as a pure function of names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from sim.chance.draws import Draws, Seed
from sim.chance.inversion import Law, Laws, normal_quantile, quantiles
from sim.chance.philox import philox, uniform, word
from sim.process.blocks import Draw, Geometric, Seconds, Uniform

WORD = st.integers(0, 2**64 - 1)


@given(counter=st.tuples(st.integers(1, 2**64 - 1), WORD, WORD, WORD), key=st.tuples(WORD, WORD))
def test_philox_is_numpys_word_for_word(
    counter: tuple[int, int, int, int], key: tuple[int, int]
) -> None:
    ours = philox(*(np.uint64(part) for part in (*counter, *key)))
    # NumPy raises the counter before its first block.
    before = np.array([counter[0] - 1, *counter[1:]], np.uint64)
    theirs = np.random.Philox(key=np.array(key, np.uint64), counter=before).random_raw(4)
    assert [int(bits) for bits in ours] == theirs.tolist()


def test_uniforms_stay_inside() -> None:
    ends = [uniform(np.uint64(bits)) for bits in (0, 2**64 - 1)]
    assert 0 < ends[0] < 1e-15
    assert 1 - 1e-15 < ends[1] < 1


@pytest.mark.parametrize("cv", [0.05, 0.3, 0.6, 1.0, 1.5, 2.0])
def test_the_gamma_table_is_within_its_stated_accuracy(cv: float) -> None:
    u = np.linspace(1e-6, 1 - 1e-6, 200_001)
    exact = stats.gamma.ppf(u, 1 / cv**2, scale=cv**2)
    told = exact > 1e-9
    assert np.max(np.abs(unit_quantile("gamma", cv, u) / exact - 1)[told]) < 1e-5


@pytest.mark.parametrize("family", ["gamma", "lognormal", "exponential"])
def test_durations_rise_with_the_uniform_and_have_their_moments(family: str) -> None:
    cv = 1.0 if family == "exponential" else 0.6
    u = (np.arange(400_000) + 0.5) / 400_000
    values = unit_quantile(family, cv, u)  # type: ignore[arg-type]
    assert (np.diff(values) >= 0).all()
    assert values.mean() == pytest.approx(1, abs=2e-3)
    assert values.std() == pytest.approx(cv, rel=1e-2)


@given(st.floats(1e-16, 1 - 1e-16))
def test_the_normal_quantile_is_scipys(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(special.ndtri(p), rel=1e-14, abs=1e-15)


def at_quantiles(laws: Laws, law: Law, u: np.ndarray) -> np.ndarray:
    return quantiles(law.kind, law.shape, law.table, laws.tables, u)


def unit_quantile(family: str, cv: float, u: np.ndarray) -> np.ndarray:
    laws = Laws()
    return at_quantiles(laws, laws.unit_law(family, cv), u)  # type: ignore[arg-type]


def geometric_quantile(probability: float, u: np.ndarray) -> np.ndarray:
    laws = Laws()
    return at_quantiles(laws, laws.law(Geometric(probability)), u)


def test_trials_until_success() -> None:
    u = (np.arange(100_000) + 0.5) / 100_000
    trials = geometric_quantile(0.02, u)
    assert trials.min() == 1
    assert trials.mean() == pytest.approx(50, rel=0.01)
    assert (geometric_quantile(1.0, u) == 1).all()


def people(numbers: list[int], seed: int = 1, replication: int = 0) -> Draws:
    size = len(numbers)
    items = np.full(size, word("permit"), np.uint64)
    return Draws(
        Seed(seed, replication), items, np.zeros(size, np.int64), np.array(numbers, np.int64)
    )


WORK = Draw("decide_work", Seconds(600, 0.6, "gamma"))
PAPERS = Draw("incomplete", Uniform(), 1)


def test_luck_does_not_depend_on_who_else_is_there_or_what_was_asked_before() -> None:
    few, many = people([3, 9]), people(list(range(10)))
    many.uniform(PAPERS, 0)
    many.count(Draw("release_case", Geometric(0.1)), 5)
    assert few.seconds(WORK, 0) == many.seconds(WORK, 3)
    assert few.uniform(PAPERS, 1) == many.uniform(PAPERS, 9)


def test_a_longer_mean_is_the_same_luck() -> None:
    luck = people(list(range(50)))
    slower = Draw("decide_work", Seconds(1200, 0.6, "gamma"))
    for one in range(50):
        assert abs(luck.seconds(slower, one) - 2 * luck.seconds(WORK, one)) <= 1


@pytest.mark.parametrize("other", [people(list(range(20)), seed=2), people(list(range(20)), 1, 1)])
def test_another_seed_or_replication_is_other_luck(other: Draws) -> None:
    mine = people(list(range(20)))
    assert [mine.seconds(WORK, i) for i in range(20)] != [other.seconds(WORK, i) for i in range(20)]


def test_occurrences_are_different_luck() -> None:
    luck = people(list(range(1000)))
    columns = np.array([luck.column("inbox", occurrence) for occurrence in range(9)])
    correlation = np.corrcoef(columns) - np.eye(9)
    assert np.abs(correlation).max() < 0.15


def test_a_purpose_that_is_not_registered_is_refused() -> None:
    with pytest.raises(KeyError, match="horoscope"):
        people([0]).column("horoscope")
