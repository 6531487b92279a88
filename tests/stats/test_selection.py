"""Kim and Nelson's procedure: against a plain loop, on known problems, and how often it errs."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from sim.stats.selection import (
    Elimination,
    Procedure,
    Sample,
    Selection,
    select_best,
)


def from_table(values: np.ndarray) -> Sample:
    """Return a sampler of a table of shape (replications, systems)."""

    def sample(systems: Sequence[int], first: int, count: int) -> np.ndarray:
        assert list(systems) == sorted(systems)
        return values[first : first + count, list(systems)]

    return sample


def correlated(
    rng: np.random.Generator, means: Sequence[float], shape: tuple[int, ...], rho: float = 0.5
) -> np.ndarray:
    """Return normals of variance 1, correlated among systems, shape (*shape, systems)."""
    common = rng.normal(0, math.sqrt(rho), (*shape, 1))
    return common + rng.normal(0, math.sqrt(1 - rho), (*shape, len(means))) + np.array(means)


def plainly(values: np.ndarray, procedure: Procedure) -> tuple[int, list[tuple[int, int]]]:
    """Run KN as it is printed: one replication, one pair at a time."""
    values = values if procedure.maximise else -values
    systems, first, delta = values.shape[1], procedure.first, procedure.indifference
    alpha = 1 - procedure.confidence
    eta = 0.5 * ((2 * alpha / (systems - 1)) ** (-2 / (first - 1)) - 1)
    h2 = 2 * eta * (first - 1)
    s2 = {
        (i, j): float(np.var(values[:first, i] - values[:first, j], ddof=1))
        for i, j in itertools.permutations(range(systems), 2)
    }
    last = {
        i: max(math.floor(h2 * s2[i, j] / delta**2) for j in range(systems) if j != i)
        for i in range(systems)
    }
    alive, out, r = list(range(systems)), [], first
    while True:
        mean = values[:r].mean(axis=0)
        if r > max(last[i] for i in alive):
            return max(alive, key=lambda i: mean[i]), out
        stay = []
        for i in alive:
            rest = [j for j in alive if j != i]
            slack = [max(0, delta / (2 * r) * (h2 * s2[i, j] / delta**2 - r)) for j in rest]
            if all(mean[i] >= mean[j] - w for j, w in zip(rest, slack, strict=True)):
                stay.append(i)
            else:
                out.append((i, r))
        alive = stay
        if len(alive) == 1:
            return alive[0], out
        r += 1


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("maximise", [True, False])
def test_it_is_the_printed_procedure(seed: int, maximise: bool) -> None:
    rng = np.random.default_rng(seed)
    values = correlated(rng, rng.normal(0, 0.4, 6).tolist(), (3000,)) * rng.uniform(0.5, 2, 6)
    procedure = Procedure(indifference=0.3, first=8, maximise=maximise)
    found = select_best(from_table(values), 6, procedure)
    selected, out = plainly(values, procedure)
    assert found.selected == selected
    # At the last stage the printed procedure takes the best mean instead of screening once more.
    end = max(stage for _, stage in found.eliminations)
    assert [one for one in found.eliminations if one.stage < end] == [
        one for one in out if one[1] < end
    ]
    assert not found.capped
    assert found.survivors == (selected,)


@pytest.mark.parametrize("block", [2, 7, 50, 5000])
def test_blocks_change_what_is_used_not_what_is_found(block: int) -> None:
    values = correlated(np.random.default_rng(1), [0, 0.1, 0.5, 0.6, -3], (6000,))
    one = select_best(from_table(values), 5, Procedure(0.2))
    many = select_best(from_table(values), 5, Procedure(0.2, block=block))
    assert (many.selected, many.eliminations) == (one.selected, one.eliminations)
    assert many.means == pytest.approx(one.means)
    assert all(a <= b < a + block for a, b in zip(one.replications, many.replications, strict=True))


def test_known_problem() -> None:
    values = correlated(np.random.default_rng(2), [0, 1, 5, 4.6, -9], (500,))
    found = select_best(from_table(values), 5, Procedure(0.3))
    assert found.selected == 2
    assert found.replications[4] == 10
    stages = [one.stage for one in found.eliminations]
    assert stages == sorted(stages)
    assert found.replications[2] == stages[-1] > 10
    assert found.means[2] == pytest.approx(values[: stages[-1], 2].mean())
    assert found.means[4] == pytest.approx(values[:10, 4].mean())
    least = select_best(from_table(values), 5, Procedure(0.5, maximise=False))
    assert least.selected == 4


def test_systems_out_are_sampled_no_more() -> None:
    values = correlated(np.random.default_rng(3), [0, 0.2, 0.4], (9000,))
    calls: list[tuple[list[int], int, int]] = []

    def sample(systems: Sequence[int], first: int, count: int) -> np.ndarray:
        calls.append((list(systems), first, count))
        return from_table(values)(systems, first, count)

    found = select_best(sample, 3, Procedure(0.1, block=5))
    assert calls[0] == ([0, 1, 2], 0, 10)
    for (_, first, count), (_, then, _) in itertools.pairwise(calls):
        assert then == first + count
    for system, used in enumerate(found.replications):
        assert used == sum(count for systems, _, count in calls if system in systems)


def test_a_difference_without_spread_is_found_at_once() -> None:
    luck = np.random.default_rng(4).normal(0, 1, (100, 1))
    found = select_best(from_table(luck + np.array([0.0, 0.25, -0.25])), 3, Procedure(5.0))
    assert found.selected == 1
    assert found.eliminations == (Elimination(0, 10), Elimination(2, 10))
    assert found.replications == (10, 10, 10)


def test_of_equal_systems_the_first() -> None:
    luck = np.random.default_rng(5).normal(0, 1, 100)
    found = select_best(from_table(np.stack([luck - 1, luck, luck], axis=1)), 3, Procedure(0.5))
    assert (found.selected, found.survivors, found.capped) == (1, (1, 2), False)


def test_the_most_replications_end_it_without_promise() -> None:
    values = correlated(np.random.default_rng(6), [0, 0.01, -4], (1000,))
    found = select_best(from_table(values), 3, Procedure(0.02, most=60, block=7))
    assert found.capped
    assert found.survivors == (0, 1)
    assert found.replications[:2] == (60, 60)
    assert found.replications[2] < 60
    assert found.selected == int(np.argmax(values[:60, :2].mean(axis=0)))
    assert found.procedure.most == 60


def test_large_numbers_lose_no_digits() -> None:
    values = correlated(np.random.default_rng(7), [0, 0.5, 1], (500,))
    near = select_best(from_table(values), 3, Procedure(0.4))
    far = select_best(from_table(1e9 + values), 3, Procedure(0.4))
    assert (near.selected, near.eliminations) == (far.selected, far.eliminations)


@pytest.mark.parametrize(
    "wrong",
    [
        {"indifference": 0},
        {"indifference": 1, "confidence": 1},
        {"indifference": 1, "first": 1},
        {"indifference": 1, "block": 0},
        {"indifference": 1, "most": 9},
    ],
)
def test_a_procedure_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must|least"):
        Procedure(**wrong)


def test_what_cannot_be_selected_from() -> None:
    with pytest.raises(ValueError, match="two systems"):
        select_best(from_table(np.ones((10, 1))), 1, Procedure(1))
    with pytest.raises(ValueError, match="two systems"):
        select_best(from_table(np.ones((10, 2))), 2, Procedure(1, confidence=0.5))
    with pytest.raises(ValueError, match="finite"):
        select_best(from_table(np.full((10, 2), math.nan)), 2, Procedure(1))
    with pytest.raises(ValueError, match="shape"):
        select_best(from_table(np.ones((9, 2))), 2, Procedure(1))


# How often it is wrong -----------------------------------------------------------------------


def right_share(trials: int, means: Sequence[float], procedure: Procedure, rho: float) -> float:
    rng, best = np.random.default_rng(8), int(np.argmax(means))

    def select() -> Selection:
        def sample(systems: Sequence[int], first: int, count: int) -> np.ndarray:
            return correlated(rng, [means[one] for one in systems], (count,), rho)

        return select_best(sample, len(means), procedure)

    return float(np.mean([select().selected == best for _ in range(trials)]))


@pytest.mark.long
@pytest.mark.parametrize(
    ("systems", "rho", "confidence"),
    [(2, 0.5, 0.95), (5, 0.5, 0.95), (5, 0.0, 0.9), (10, 0.8, 0.9)],
)
def test_the_best_is_selected_as_often_as_promised(
    systems: int, rho: float, confidence: float
) -> None:
    # The slippage configuration: all others worse by just the indifference.
    delta = 0.6 * math.sqrt(1 - rho)
    means = [0.0] * (systems - 1) + [delta]
    procedure = Procedure(delta, confidence=confidence, block=10)
    share = right_share(10_000, means, procedure, rho)
    print(f"{systems} systems, rho {rho}: right in {share:.2%} (promised {confidence:.0%})")
    assert share >= stats.binom.ppf(0.001, 10_000, confidence) / 10_000
