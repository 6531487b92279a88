"""Paired comparisons: the family, the verdicts, and how often they are wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.stats.comparison import Verdict, compare_family, holm
from sim.stats.intervals import mean_interval

NAN = math.nan
Pair = tuple[np.ndarray, np.ndarray]


def changed_by(change: list[float] | np.ndarray, base: float = 10.0) -> Pair:
    change = np.asarray(change, float)
    return np.full(len(change), base), base + change


def noise(seed: int, n: int = 40) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 1, n)


# Holm and Bonferroni ------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    # Sorted: 0.005·4 = 0.02, 0.01·3 = 0.03, 0.03·2 = 0.06, 0.04·1 = 0.04 -> 0.06 (never falls).
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_leaves_unknown_ones_out_of_the_family() -> None:
    found = holm([0.01, NAN, 0.04, NAN, 0.03])
    assert [found[0], found[2], found[4]] == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(found[1])
    assert math.isnan(found[3])


def test_holm_at_the_edges() -> None:
    assert holm([]) == []
    assert holm([0.2]) == [0.2]
    assert holm([0.7, 0.8]) == [1.0, 1.0]
    assert holm([0.5, 0.0]) == [0.5, 0.0]
    assert all(map(math.isnan, holm([NAN, NAN])))


@pytest.mark.parametrize("seed", range(20))
def test_holm_lies_between_the_raw_p_and_bonferroni(seed: int) -> None:
    raw = np.random.default_rng(seed).beta(0.3, 2, 9)
    found = np.array(holm(raw.tolist()))
    assert (raw <= found).all()
    assert (found <= np.minimum(1, 9 * raw) + 1e-15).all()
    assert (np.diff(found[np.argsort(raw)]) >= 0).all()


def test_intervals_are_bonferroni_over_the_figures_that_vary() -> None:
    changes = [noise(1), noise(2), np.zeros(40), np.full(40, NAN), noise(3)]
    found = compare_family([changed_by(change) for change in changes], ["higher"] * 5)
    for difference, change in zip(found, changes, strict=True):
        expected = mean_interval((10 + change) - 10, 1 - 0.05 / 3)
        assert (difference.low, difference.high) == pytest.approx(expected[1:3], nan_ok=True)
        assert difference.n == expected.n


def test_a_family_of_one_gets_the_plain_interval_and_p() -> None:
    change = noise(4) + 0.4
    [found] = compare_family([changed_by(change)], ["higher"])
    expected = mean_interval(change)
    assert (found.mean, found.low, found.high) == pytest.approx(expected[:3])
    assert found.p == found.p_adjusted == pytest.approx(stats.ttest_1samp(change, 0).pvalue)


# Verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rise", "better", "verdict"),
    [
        (+5.0, "higher", Verdict.BETTER),
        (-5.0, "higher", Verdict.WORSE),
        (+5.0, "lower", Verdict.WORSE),
        (-5.0, "lower", Verdict.BETTER),
        (+5.0, "none", Verdict.HIGHER),
        (-5.0, "none", Verdict.LOWER),
        (+0.01, "higher", Verdict.UNCLEAR),
        (+0.01, "none", Verdict.UNCLEAR),
    ],
)
def test_verdicts(rise: float, better: str, verdict: Verdict) -> None:
    change = noise(5) - noise(5).mean() + rise
    [found] = compare_family([changed_by(change)], [better])
    assert found.verdict is verdict
    assert (found.replications_needed is not None) == (verdict is Verdict.UNCLEAR)


def test_nothing_changed_at_all() -> None:
    [found] = compare_family([changed_by(np.zeros(10))], ["higher"])
    assert found.verdict is Verdict.SAME
    assert (found.mean, found.low, found.high) == (0, 0, 0)
    assert math.isnan(found.p)
    assert math.isnan(found.p_adjusted)
    assert found.replications_needed is None


def test_one_replication_tells_nothing() -> None:
    changed, same = compare_family([changed_by([3.0]), changed_by([0.0])], ["higher", "higher"])
    assert changed.verdict is Verdict.UNCLEAR
    assert (changed.mean, changed.n) == (3.0, 1)
    assert math.isnan(changed.low)
    assert math.isnan(changed.p)
    assert changed.replications_needed is None
    assert math.isnan(changed.variance_ratio)
    assert same.verdict is Verdict.SAME


def test_unknown_values() -> None:
    base = np.array([1.0, NAN, 3.0, 4.0, 5.0])
    scenario = np.array([2.0, 2.0, NAN, 5.5, 5.9])
    found, none = compare_family([(base, scenario), (base, np.full(5, NAN))], ["higher"] * 2)
    assert found.n == 3
    assert found.mean == pytest.approx((1 + 1.5 + 0.9) / 3)
    assert not math.isnan(found.variance_ratio)
    assert none.verdict is Verdict.UNKNOWN
    assert none.n == 0
    assert math.isnan(none.mean)
    assert math.isnan(none.variance_ratio)


def test_an_unknown_figure_does_not_weaken_the_others() -> None:
    change = noise(6) + 0.5
    alone = compare_family([changed_by(change)], ["higher"])[0]
    pairs = [changed_by(change), changed_by(np.full(40, NAN)), changed_by(np.zeros(40))]
    beside = compare_family(pairs, ["higher", "higher", "none"])[0]
    assert beside == alone


def test_the_same_change_every_time_is_clear() -> None:
    [found] = compare_family([changed_by(np.full(5, 0.5))], ["lower"])
    assert found.verdict is Verdict.WORSE
    assert found.p == 0
    assert (found.low, found.high) == (0.5, 0.5)


# Variance ratio and replications needed ------------------------------------------------------


def test_variance_ratio_of_common_luck() -> None:
    rng = np.random.default_rng(7)
    common, own = rng.normal(0, 3, 20_000), rng.normal(0, 1, (2, 20_000))
    pairs = [(common + own[0], common + own[1]), (own[0], own[1]), (common, common + 2)]
    shared, independent, shifted = compare_family(pairs, ["higher"] * 3)
    # Difference 1 + 1 against 10 + 10 independent.
    assert shared.variance_ratio == pytest.approx(0.1, rel=0.05)
    assert independent.variance_ratio == pytest.approx(1.0, rel=0.05)
    assert shifted.variance_ratio == pytest.approx(0.0, abs=1e-12)


def test_variance_ratio_by_hand() -> None:
    # Base 1, 2, 3 (variance 1); scenario 2, 3, 5 (7/3); differences 1, 1, 2 (1/3).
    [found] = compare_family([(np.array([1.0, 2, 3]), np.array([2.0, 3, 5]))], ["higher"])
    assert found.variance_ratio == pytest.approx((1 / 3) / (1 + 7 / 3))


def test_variance_ratio_without_variance_is_unknown() -> None:
    [found] = compare_family([changed_by(np.full(4, 1.0))], ["higher"])
    assert math.isnan(found.variance_ratio)


def test_so_many_replications_would_tell() -> None:
    unit = noise(8, 30)
    unit = (unit - unit.mean()) / unit.std(ddof=1)
    [found] = compare_family([changed_by(unit + 0.1)], ["higher"])
    needed = found.replications_needed
    assert needed is not None
    # Half-width falls with the root of n, and t falls a little too.
    half = mean_interval(unit).high
    assert needed == math.ceil(30 * (half / 0.1) ** 2)
    more = noise(9, needed)
    more = (more - more.mean()) / more.std(ddof=1)
    assert compare_family([changed_by(more + 0.1)], ["higher"])[0].verdict is Verdict.BETTER
    fewer = (more[: needed // 2] - more[: needed // 2].mean()) / more[: needed // 2].std(ddof=1)
    assert compare_family([changed_by(fewer + 0.1)], ["higher"])[0].verdict is Verdict.UNCLEAR


# How often a verdict is wrong ----------------------------------------------------------------


def false_families(changes: np.ndarray) -> int:
    """Return in how many families, shape (families, figures, n), something is said."""
    said = {Verdict.BETTER, Verdict.WORSE, Verdict.HIGHER, Verdict.LOWER}
    return sum(
        any(
            one.verdict in said
            for one in compare_family([changed_by(row, 0.0) for row in family], ["none"] * 5)
        )
        for family in changes
    )


def most(families: int) -> float:
    return float(stats.binom.ppf(0.9999, families, 0.05))


@pytest.mark.parametrize("kind", ["independent", "alike", "skewed"])
def test_at_most_5_percent_of_families_without_difference_hold_a_verdict(kind: str) -> None:
    rng, families, n = np.random.default_rng(10), 1_000, 20
    shape = (families, 5, n)
    if kind == "independent":
        changes = rng.normal(0, 1, shape)
    elif kind == "alike":
        changes = 0.9 * rng.normal(0, 1, (families, 1, n)) + 0.4 * rng.normal(0, 1, shape)
    else:  # the difference of two skewed figures is symmetric
        changes = rng.exponential(1, shape) - rng.exponential(1, shape)
    assert false_families(changes) <= most(families)


def test_one_true_difference_does_not_raise_the_rate_among_the_others() -> None:
    rng, families = np.random.default_rng(11), 1_000
    wrong = 0
    for _ in range(families):
        changes = rng.normal(0, 1, (5, 20))
        changes[0] += 10
        found = compare_family([changed_by(row) for row in changes], ["higher"] * 5)
        assert found[0].verdict is Verdict.BETTER
        wrong += any(one.verdict in {Verdict.BETTER, Verdict.WORSE} for one in found[1:])
    # Holm spends the whole 5 % on the four that are left.
    assert stats.binom.ppf(0.0001, families, 0.04) <= wrong <= most(families)


def test_simultaneous_intervals_all_cover_in_95_of_100_families() -> None:
    rng, families = np.random.default_rng(12), 1_000
    truth = np.arange(5.0)
    missed = 0
    for _ in range(families):
        changes = rng.normal(0, 1, (5, 20)) + truth[:, None]
        found = compare_family([changed_by(row) for row in changes], ["none"] * 5)
        missed += any(
            not one.low <= mean <= one.high for one, mean in zip(found, truth, strict=True)
        )
    assert missed <= most(families)
