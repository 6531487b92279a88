"""Paired comparisons: the family, the verdicts, and how often they are wrong."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from sim.stats.comparison import Better, Verdict, compare_family, holm, is_clearly_worse
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
def test_verdicts(rise: float, better: Better, verdict: Verdict) -> None:
    change = noise(5) - noise(5).mean() + rise
    [found] = compare_family([changed_by(change)], [better])
    assert found.verdict is verdict
    assert (found.replications_needed is not None) == (verdict is Verdict.UNCLEAR)


@pytest.mark.parametrize("better", ["higher", "lower", "none"])
@pytest.mark.parametrize("rise", [5.0, -5.0, 0.01])
def test_other_cases_are_no_merit_and_excuse_nothing(rise: float, better: Better) -> None:
    change = noise(5) - noise(5).mean() + rise
    [plain] = compare_family([changed_by(change)], [better])
    [found] = compare_family([changed_by(change)], [better], other_cases=[True])
    merit = plain.verdict is Verdict.BETTER
    expected = Verdict.OTHER_CASES if merit else plain.verdict
    assert repr(found) == repr(replace(plain, verdict=expected))
    assert found.verdict is not Verdict.BETTER


def test_what_is_clearly_worse_has_an_interval_on_that_side() -> None:
    def worse(change: list[float] | np.ndarray, better: Better) -> bool:
        return is_clearly_worse(*changed_by(change), better)

    down = noise(5) - noise(5).mean() - 5
    assert worse(down, "higher")
    assert worse(-down, "lower")
    assert not worse(-down, "higher")
    assert not worse(down, "lower")
    assert not worse(down, "none")
    assert not worse(down + 5, "higher")
    assert not worse([-1.0], "higher")  # one pair proves nothing
    assert worse([-1.0, -1.0], "higher")


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


# Rounding ----------------------------------------------------------------------------------


def test_rounding_is_no_difference_and_does_not_enlarge_the_family() -> None:
    change = noise(6) + 0.5
    rounded = (np.full(40, 0.1 + 0.2), np.full(40, 0.3))
    alone = compare_family([changed_by(change)], ["higher"])[0]
    beside, none = compare_family([changed_by(change), rounded], ["higher", "lower"])
    assert none.verdict is Verdict.SAME
    assert (none.mean, none.low, none.high) == (0, 0, 0)
    assert math.isnan(none.p)
    assert beside == alone


def test_rounding_around_a_constant_change_is_no_spread() -> None:
    base = np.array([0.1, 0.2, 0.3, 0.7, 1.1, 1.3])
    [found] = compare_family([(base, base + 0.1)], ["higher"])
    assert len(set((base + 0.1) - base)) > 1
    assert found.low == found.high
    assert found.p == pytest.approx(2**-5)


def test_a_small_difference_is_not_taken_for_rounding() -> None:
    base = 1e6 + noise(3)
    [found] = compare_family([(base, base + 0.01)], ["higher"])
    assert found.verdict is Verdict.BETTER
    assert found.mean == pytest.approx(0.01, rel=1e-3)


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_values_are_refused_not_dropped(value: float) -> None:
    pair = (np.array([1.0, value, 2.0]), np.array([1.0, value, 3.0]))
    with pytest.raises(ValueError, match="finite"):
        compare_family([pair], ["higher"])


# No spread -----------------------------------------------------------------------------------


def test_two_equal_differences_are_no_certainty() -> None:
    [found] = compare_family([changed_by([1.0, 1.0])], ["lower"])
    assert found.verdict is Verdict.UNCLEAR
    assert found.p == 0.5
    assert found.mean == 1.0
    assert math.isnan(found.low)
    assert found.replications_needed == 6


@pytest.mark.parametrize(("figures", "pairs"), [(1, 6), (2, 7), (16, 10)])
def test_so_many_equal_differences_tell(figures: int, pairs: int) -> None:
    # Sign test: 2^(1-n) ≤ 0.05 / figures.
    def of(n: int) -> Verdict:
        rng = np.random.default_rng(0)
        others = [changed_by(rng.normal(0, 1, n)) for _ in range(figures - 1)]
        return compare_family([changed_by(np.full(n, 0.5)), *others], ["lower"] * figures)[
            0
        ].verdict

    assert of(pairs) is Verdict.WORSE
    assert of(pairs - 1) is Verdict.UNCLEAR


def test_what_no_chance_touches_is_certain_at_once_and_outside_the_family() -> None:
    change = noise(6) + 0.5
    alone = compare_family([changed_by(change)], ["higher"])[0]
    [sure, beside] = compare_family(
        [changed_by(np.full(40, 0.2), 0.5), changed_by(change)],
        ["none", "higher"],
        certain=[True, False],
    )
    assert (sure.verdict, sure.p, sure.p_adjusted) == (Verdict.HIGHER, 0, 0)
    assert (sure.low, sure.high) == pytest.approx((0.2, 0.2))
    assert beside == alone
    [once] = compare_family([changed_by([0.2], 0.5)], ["none"], certain=[True])
    assert once.verdict is Verdict.HIGHER
    assert once.low == once.mean == once.high


def test_what_is_said_to_be_certain_but_varies_is_judged_by_its_spread() -> None:
    change = noise(6) + 0.1
    [said] = compare_family([changed_by(change)], ["higher"], certain=[True])
    assert said == compare_family([changed_by(change)], ["higher"])[0]


# Holm and Bonferroni side by side -------------------------------------------------------------


def test_told_apart_by_holm_while_the_wider_interval_holds_0() -> None:
    unit = noise(2, 20)
    unit = (unit - unit.mean()) / unit.std(ddof=1)
    close = unit + 2.3 / math.sqrt(20)  # p = 0.033: more than 0.05 / 3, less than 0.05
    clear = [changed_by(noise(seed, 20) + 10) for seed in (3, 4)]
    found = compare_family([changed_by(close), *clear], ["higher"] * 3)
    assert [one.verdict for one in found] == [Verdict.BETTER] * 3
    assert found[0].low < 0 < found[0].high
    assert [one.holm_only for one in found] == [True, False, False]
    assert not any(one.holm_only for one in compare_family([changed_by(unit)], ["higher"]))


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


def power(n: int, effect: float, level: float) -> float:
    """Return the exact power of the two-sided t-test at an effect in standard deviations."""
    edge = stats.t.ppf(1 - level / 2, n - 1)
    return float(stats.nct.sf(edge, n - 1, effect * math.sqrt(n)))


@pytest.mark.parametrize("figures", [1, 5])
@pytest.mark.parametrize("effect", [0.1, 0.3])
def test_the_replications_advised_would_tell_four_times_in_five(
    figures: int, effect: float
) -> None:
    unit = noise(8, 12)
    unit = (unit - unit.mean()) / unit.std(ddof=1)
    others = [changed_by(noise(seed, 12)) for seed in range(20, 19 + figures)]
    found = compare_family([changed_by(unit + effect), *others], ["higher"] * figures)[0]
    assert found.replications_needed is not None
    assert power(found.replications_needed, effect, 0.05 / figures) == pytest.approx(0.8, abs=0.01)


def test_a_difference_too_small_to_ever_tell_gets_no_number() -> None:
    unit = noise(8, 30)
    unit = unit - unit.mean()
    [found] = compare_family([changed_by(unit + 1e-6)], ["higher"])
    assert found.verdict is Verdict.UNCLEAR
    assert found.replications_needed is None


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
