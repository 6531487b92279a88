"""The stopping rule on small arrays, by hand and against a plain loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.stats.intervals import mean_interval
from sim.stats.precision import Precision, TargetState, judge_precision, relative_half_widths

NAN = math.nan


def column(*values: float) -> np.ndarray:
    return np.array(values, float)[:, None]


def plainly(values: np.ndarray, plan: Precision) -> int | None:
    """Run the algorithm of Hoad, Robinson and Davies replication by replication."""

    def within(n: int) -> bool:
        mean, _, high, known = mean_interval(values[:n], plan.confidence)
        return known > 1 and high - mean <= plan.half_width * abs(mean)

    n = plan.first
    while n <= len(values):
        if within(n):
            ahead = range(n + 1, n + 1 + plan.look_ahead_at(n))
            broken = next((later for later in ahead if later > len(values) or not within(later)), 0)
            if not broken:
                return n
            n = broken
        else:
            n += 1
    return None


def test_by_hand() -> None:
    # 1, 2, 3: mean 2, s = 1; t(0.975, 2) = 4.3027: half-width 2.4841, relative 1.2421.
    plan = Precision(half_width=1.25, first=3, look_ahead=0)
    [found] = judge_precision(column(1, 2, 3), plan).figures
    assert found.relative == pytest.approx(4.30265273 / math.sqrt(3) / 2)
    assert (found.mean, found.n, found.state, found.met_at, found.needed) == (2, 3, "met", 3, 3)
    narrower = Precision(half_width=1.24, first=3, look_ahead=0)
    [found] = judge_precision(column(1, 2, 3), narrower).figures
    assert (found.state, found.met_at) == (TargetState.OPEN, None)
    # Four would do with s/mean = 1/2: t(0.975, 3) = 3.1824, 3.1824 / 2 / 2 = 0.796.
    assert found.needed == 4


def test_the_projection_by_hand() -> None:
    # s/mean = 1/2, target 0.1: n >= (5 t)²; t(0.975, 97) = 1.98472: 98.48, so 98 is too few;
    # t(0.975, 98) = 1.98447: 98.45, so 99 do; 5 more to look ahead.
    [found] = judge_precision(column(1, 2, 3), Precision(half_width=0.1, first=3)).figures
    assert found.needed == 99 + 5


def test_the_look_ahead_grows_beyond_100() -> None:
    plan = Precision(look_ahead=5)
    assert [plan.look_ahead_at(n) for n in (3, 100, 101, 119, 120, 250)] == [5, 5, 5, 5, 6, 12]


def test_a_target_met_only_for_a_while_does_not_count() -> None:
    # Within after 3 and 4; the 9 breaks it; then equal values bring it back.
    values = column(1.0, 1.01, 0.99, 1.0, 9.0, *[1.5] * 60)
    plan = Precision(half_width=0.25, first=3, look_ahead=3)
    [early] = judge_precision(values[:5], plan).figures
    assert (early.state, early.met_at) == (TargetState.OPEN, None)
    [found] = judge_precision(values, plan).figures
    assert found.met_at == plainly(values[:, 0], plan)
    assert found.met_at is not None
    assert found.met_at > 5
    assert found.needed == found.met_at + 3


def test_while_it_looks_ahead_the_figure_is_open() -> None:
    plan = Precision(half_width=0.5, first=3, look_ahead=5)
    judged = judge_precision(column(1, 1.1, 0.9, 1, 1, 1, 1), plan)
    assert judged.figures[0].state is TargetState.OPEN
    assert judged.figures[0].needed == 8
    assert not judged.enough
    assert judge_precision(column(1, 1.1, 0.9, 1, 1, 1, 1, 1), plan).enough


def test_without_spread_a_figure_is_met() -> None:
    plan = Precision(first=2, look_ahead=0)
    judged = judge_precision(np.array([[0, 0.1, -3], [0, 0.1, -3]], float), plan)
    assert [one.relative for one in judged.figures] == [0, 0, 0]
    assert {one.met_at for one in judged.figures} == {2}
    assert judged.enough


def test_a_mean_of_0_with_spread_is_never_met() -> None:
    plan = Precision(first=2, look_ahead=0, most=4)
    judged = judge_precision(column(-1, 1, -1, 1), plan)
    assert judged.figures[0].relative == math.inf
    assert judged.figures[0].needed is None
    assert (judged.enough, judged.capped) == (False, True)


def test_a_projection_beyond_all_reason_is_none() -> None:
    plan = Precision(first=2, look_ahead=0)
    near, far = judge_precision(np.array([[1.004, 1.00001], [-1, -1]]), plan).figures
    assert near.needed is not None
    assert near.needed > 10**9 / 2
    assert far.needed is None


def test_null_values() -> None:
    plan = Precision(half_width=0.5, first=4, look_ahead=0)
    values = np.array([[1, NAN, NAN], [NAN, NAN, NAN], [1.1, NAN, 5], [0.9, NAN, NAN]])
    some, never, once = judge_precision(values, plan).figures
    assert (some.state, some.n, some.met_at) == (TargetState.MET, 3, 4)
    assert (never.state, never.n, never.needed) == (TargetState.NULL, 0, None)
    assert (once.state, once.n, once.needed) == (TargetState.OPEN, 1, None)
    assert math.isnan(once.relative)
    assert math.isnan(never.mean)
    assert judge_precision(values[:, :2], plan).enough
    assert not judge_precision(values, plan).enough


def test_half_the_values_null_takes_twice_the_replications() -> None:
    plan = Precision(half_width=0.1, first=3, look_ahead=0)
    [found] = judge_precision(column(1, NAN, 2, NAN, 3, NAN), plan).figures
    assert found.needed == 2 * 99


def test_a_figure_that_drifted_away_again_keeps_the_run_going() -> None:
    values = column(1, 1.01, 0.99, 1, 40)
    judged = judge_precision(values, Precision(first=3, look_ahead=1))
    assert judged.figures[0].met_at == 3
    assert not judged.enough


def test_no_replication_yet_and_too_few() -> None:
    none = judge_precision(np.empty((0, 2)), Precision())
    assert (len(none.figures), none.enough, none.capped) == (2, False, False)
    few = judge_precision(np.ones((9, 1)), Precision(first=10, look_ahead=0))
    assert (few.enough, few.figures[0].met_at, few.figures[0].needed) == (False, None, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"half_width": 0},
        {"confidence": 1},
        {"first": 1},
        {"look_ahead": -1},
        {"first": 20, "most": 19},
    ],
)
def test_a_plan_out_of_range(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Precision(**wrong)


@pytest.mark.parametrize("wrong", [np.ones(5), np.array([[1.0], [math.inf]])])
def test_values_that_cannot_be_judged(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="finite"):
        judge_precision(wrong, Precision())


def test_widths_are_those_of_the_interval() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(1e6, 1.0, (40, 3))
    values[rng.random((40, 3)) < 0.2] = NAN
    found = relative_half_widths(values, 0.9)
    for n in range(1, 41):
        for figure in range(3):
            mean, _, high, known = mean_interval(values[:n, figure], 0.9)
            expected = (high - mean) / mean if known > 1 else NAN
            assert found[n - 1, figure] == pytest.approx(expected, rel=1e-3, nan_ok=True)


@settings(max_examples=150, deadline=2000, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    half_width=st.sampled_from([0.1, 0.2, 0.4]),
    look_ahead=st.integers(0, 8),
    first=st.integers(2, 12),
)
def test_the_rule_is_that_of_the_plain_loop(
    seed: int, half_width: float, look_ahead: int, first: int
) -> None:
    values = np.random.default_rng(seed).exponential(1, 130)
    values[::7] = NAN
    plan = Precision(half_width=half_width, look_ahead=look_ahead, first=first)
    [found] = judge_precision(values[:, None], plan).figures
    assert found.met_at == plainly(values, plan)
