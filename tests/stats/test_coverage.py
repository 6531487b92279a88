"""Over 10,000 experiments: intervals cover, verdicts are right, as often as they say.

Bounds are one-sided binomial at 99.9 %: what lies below them is not chance.  Measured shares are
printed (`pytest -m long -rP`).
"""

import numpy as np
import pytest
from scipy import stats

from sim.stats.comparison import Verdict, compare_family
from sim.stats.intervals import mean_interval
from sim.stats.precision import Precision, judge_precision
from tests.stats.exact import mmc_wait

EXPERIMENTS = 10_000
SAID = {Verdict.BETTER, Verdict.WORSE, Verdict.HIGHER, Verdict.LOWER}
pytestmark = pytest.mark.long


def least(share: float) -> float:
    return float(stats.binom.ppf(0.001, EXPERIMENTS, share)) / EXPERIMENTS


def most(share: float) -> float:
    return float(stats.binom.ppf(0.999, EXPERIMENTS, share)) / EXPERIMENTS


def mean_waits(
    rng: np.random.Generator, load: float, customers: int, shape: tuple[int, ...]
) -> np.ndarray:
    """Return mean waits of M/M/1 with mean service 1, by Lindley's recursion.

    The first wait is drawn from the stationary distribution, so every wait has its mean.
    """
    wait = np.where(rng.random(shape) < load, rng.exponential(1 / (1 - load), shape), 0.0)
    total = np.zeros(shape)
    for _ in range(customers):
        total += wait
        wait += rng.standard_exponential(shape) - rng.standard_exponential(shape) / load
        np.maximum(wait, 0.0, out=wait)
    return total / customers


def covered(values: np.ndarray, truth: float) -> float:
    """Return the share of experiments, shape (experiments, n), whose interval covers."""
    intervals = [mean_interval(row) for row in values]
    return float(np.mean([one.low <= truth <= one.high for one in intervals]))


# A mean --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("customers", "promised"),
    # The mean wait of 300 customers is skewed by 1.4 (an exponential by 2), of 1,500 by 0.6:
    # the few customers cost about a percent.
    [(1_500, 0.95), (300, 0.94)],
)
def test_the_mean_wait_of_mm1_is_covered(customers: int, promised: float) -> None:
    values = mean_waits(np.random.default_rng(1), 0.5, customers, (EXPERIMENTS, 30))
    truth = mmc_wait(1, 0.5, 1.0)
    assert values.mean() == pytest.approx(truth, abs=4 * values.std() / np.sqrt(values.size))
    share = covered(values, truth)
    print(f"M/M/1, 30 replications of {customers} customers: {share:.2%}")
    assert share >= least(promised)


# A sequential rule ---------------------------------------------------------------------------


def covered_when_stopped(values: np.ndarray, truth: float, plan: Precision) -> float:
    """Stop every experiment, shape (replications, experiments), by the rule; return coverage."""
    figures = judge_precision(values, plan).figures
    ends = [one.needed for one in figures if one.met_at is not None and one.needed is not None]
    assert len(ends) == values.shape[1]
    assert max(ends) <= len(values)
    intervals = [mean_interval(column[:end]) for column, end in zip(values.T, ends, strict=True)]
    share = float(np.mean([one.low <= truth <= one.high for one in intervals]))
    print(f"stopped after {np.mean(ends):.1f} replications on average: {share:.2%}")
    return share


@pytest.mark.parametrize("cv", [0.1, 0.2, 0.3, 0.5])
def test_the_sequential_rule_with_normal_values(cv: float) -> None:
    # It stops at an estimate that looks precise: with the default first block of 10 this costs
    # up to 0.9 percent.  First blocks of 20 and 30 gain nothing where more replications than
    # that are needed (measured: 0.0 percent), one of 50 gains 0.3.
    values = 1 + cv * np.random.default_rng(2).normal(0, 1, (300, EXPERIMENTS))
    assert covered_when_stopped(values, 1.0, Precision(half_width=0.1)) >= least(0.94)


def test_the_sequential_rule_with_waits() -> None:
    # Skewed waits (see above): where they happen to be short they vary little too, and it stops.
    values = mean_waits(np.random.default_rng(3), 0.5, 300, (150, EXPERIMENTS))
    share = covered_when_stopped(values, mmc_wait(1, 0.5, 1.0), Precision(half_width=0.1))
    assert share >= least(0.92)


def test_without_look_ahead_a_small_first_block_covers_too_seldom() -> None:
    values = 1 + 0.2 * np.random.default_rng(4).normal(0, 1, (150, EXPERIMENTS))
    hasty = Precision(half_width=0.1, first=3, look_ahead=0)
    assert covered_when_stopped(values, 1.0, hasty) < least(0.94)


# Families ------------------------------------------------------------------------------------


def families(kind: str, figures: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return figures of a base and of a scenario that is no different.

    Shapes (experiments, figures, n).  Luck is shared by both, and partly by all figures.
    """
    rng = np.random.default_rng(5)
    shape = (EXPERIMENTS, figures, n)
    if kind == "normal":
        common = rng.normal(0, 2, shape)
        return common + rng.normal(0, 1, shape), common + rng.normal(0, 1, shape)
    if kind == "alike":
        common, luck = rng.normal(0, 2, shape), rng.normal(0, 1, (EXPERIMENTS, 1, n))
        return common, common + luck + rng.normal(0, 0.3, shape)
    base, scenario = (
        rng.exponential(1, (EXPERIMENTS, 1, n)) + rng.exponential(1, shape) for _ in range(2)
    )
    return base, scenario


@pytest.mark.parametrize("kind", ["normal", "alike", "skewed"])
def test_families_without_and_with_differences(kind: str) -> None:
    figures = 4
    base, scenario = families(kind, figures, 20)
    shift = np.array([0.0, 0.0, 0.7, -3.0])
    false = covering = 0
    for before, after in zip(base, scenario, strict=True):
        equal = compare_family(list(zip(before, after, strict=True)), ["lower"] * figures)
        false += any(one.verdict in SAID for one in equal)
        moved = after + shift[:, None]
        found = compare_family(list(zip(before, moved, strict=True)), ["lower"] * figures)
        covering += all(
            one.low <= truth <= one.high for one, truth in zip(found, shift, strict=True)
        )
    print(
        f"{kind}: all intervals cover in {covering / EXPERIMENTS:.2%} of families, "
        f"a false verdict in {false / EXPERIMENTS:.2%} of those without difference"
    )
    assert covering / EXPERIMENTS >= least(0.95)
    assert false / EXPERIMENTS <= most(0.05)
