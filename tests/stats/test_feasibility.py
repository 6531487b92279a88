"""Targets that are met, missed or not yet told, and how often that is wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.stats.feasibility import Constraint, Feasibility, judge_feasibility

NAN = math.nan
FEASIBLE, INFEASIBLE, UNDECIDED = Feasibility


def test_by_hand() -> None:
    # 1, 2, 3: mean 2, s = 1; t(0.95, 2) = 2.91999, over √3 1.68586.
    values = np.array([[1.0], [2.0], [3.0]])
    found = judge_feasibility(values, [Constraint(4)])
    [standing] = found.standings
    assert (standing.mean, standing.n) == (2, 3)
    assert (standing.low, standing.high) == pytest.approx((2 - 1.68585, 2 + 1.68585), abs=1e-4)
    assert found.verdict is FEASIBLE
    for bound, at_least, verdict in [
        (3.69, False, FEASIBLE),
        (3.68, False, UNDECIDED),
        (0.32, False, UNDECIDED),
        (0.31, False, INFEASIBLE),
        (0.31, True, FEASIBLE),
        (0.32, True, UNDECIDED),
        (3.68, True, UNDECIDED),
        (3.69, True, INFEASIBLE),
    ]:
        assert judge_feasibility(values, [Constraint(bound, at_least)]).verdict is verdict


def test_the_error_is_shared_among_targets_and_looks() -> None:
    values = np.random.default_rng(1).normal(0, 1, (12, 2))
    found = judge_feasibility(
        values, [Constraint(0), Constraint(0)], 0.9, interim_analyses=5
    ).standings[1]
    half = stats.t.ppf(0.99, 11) * values[:, 1].std(ddof=1) / math.sqrt(12)
    assert found.high - found.mean == pytest.approx(half)


@pytest.mark.parametrize(
    ("offsets", "verdict"),
    [
        ((-9, -9), FEASIBLE),
        ((-9, 0), UNDECIDED),
        ((-9, 9), INFEASIBLE),
        ((0, 9), INFEASIBLE),
        ((0, 0), UNDECIDED),
    ],
)
def test_a_system_meets_all_of_its_targets(
    offsets: tuple[float, float], verdict: Feasibility
) -> None:
    values = np.random.default_rng(2).normal(0, 1, (20, 2)) + np.array(offsets)
    assert judge_feasibility(values, [Constraint(0), Constraint(0)]).verdict is verdict


def test_without_spread_it_is_decided() -> None:
    values = np.full((10, 1), 0.1)
    assert judge_feasibility(values, [Constraint(0.1)]).verdict is FEASIBLE
    assert judge_feasibility(values, [Constraint(0.1, at_least=True)]).verdict is FEASIBLE
    assert judge_feasibility(values, [Constraint(0.0999)]).verdict is INFEASIBLE


def test_unknown_values() -> None:
    values = np.array([[1.0, NAN, 1.0], [NAN, NAN, NAN], [1.1, NAN, NAN], [0.9, NAN, NAN]])
    found = judge_feasibility(values, [Constraint(9)] * 3)
    assert [one.verdict for one in found.standings] == [FEASIBLE, UNDECIDED, UNDECIDED]
    assert [one.n for one in found.standings] == [3, 0, 1]
    assert found.verdict is UNDECIDED


@pytest.mark.parametrize("at_least", [True, False])
def test_at_the_edge_one_in_twenty_is_judged_wrongly(at_least: bool) -> None:
    # The truth is just at the bound (met) or a hair beyond it (not met).
    rng, trials = np.random.default_rng(3), 2_000
    wrong = {FEASIBLE: 0, INFEASIBLE: 0, UNDECIDED: 0}
    for values in rng.normal(0, 1, (trials, 15, 1)):
        wrong[judge_feasibility(values, [Constraint(0, at_least)]).verdict] += 1
    for count in (wrong[FEASIBLE], wrong[INFEASIBLE]):
        assert stats.binom.ppf(0.001, trials, 0.05) <= count <= stats.binom.ppf(0.999, trials, 0.05)


def test_what_cannot_be_judged() -> None:
    values = np.ones((5, 2))
    with pytest.raises(ValueError, match="column"):
        judge_feasibility(values, [Constraint(1)])
    with pytest.raises(ValueError, match="column"):
        judge_feasibility(np.ones((5, 0)), [])
    with pytest.raises(ValueError, match="confidence"):
        judge_feasibility(values, [Constraint(1)] * 2, 0.4)
    with pytest.raises(ValueError, match="interim analysis"):
        judge_feasibility(values, [Constraint(1)] * 2, interim_analyses=0)
