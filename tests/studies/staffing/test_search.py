"""The search for a staffing plan, against enumeration of all plans."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from sim.studies.staffing.search import (
    EXCHANGES,
    SAFER,
    Bound,
    Goal,
    Measure,
    Post,
    StaffingPlan,
    Trial,
    balanced_plan,
    search_plan,
)
from tests.stats.exact import erlang_c

Floats = np.ndarray


def within(servers: int, load: float, target: float) -> float:
    """Return the share of M/M/c customers who wait no longer than so many mean services."""
    if load >= servers:
        return 0.0
    return 1 - erlang_c(servers, load) * math.exp(-(servers - load) * target)


def halls(loads: Sequence[float], coupling: float = 0.0) -> Measure:
    """Return the share within a target and the mean wait of dedicated M/M/c windows."""

    def measure(plans: Sequence[StaffingPlan]) -> Floats:
        rows = []
        for plan in plans:
            pairs = list(zip(plan, loads, strict=True))
            share = sum(load * within(c, load, 0.5) for c, load in pairs) / sum(loads)
            wait = sum(
                erlang_c(c, a) / (c - a) * a if a < c else 50.0 * (a - c + 1) for c, a in pairs
            )
            rows.append([share - coupling * (plan[0] * plan[1] % 3), wait / sum(loads)])
        return np.array(rows)

    return measure


def posts(loads: Sequence[float], now: Sequence[int], high: int = 6) -> list[Post]:
    return [
        Post("staff", f"unit{number}", people, 1, high, load)
        for number, (load, people) in enumerate(zip(loads, now, strict=True))
    ]


def enumerated(units: Sequence[Post], goal: Goal, measure: Measure) -> Trial:
    """Return the best of all plans."""
    plans = list(itertools.product(*(range(post.low, post.high + 1) for post in units)))
    plans = [plan for plan in plans if goal.people in {None, sum(plan)}]
    trials = [Trial(plan, row) for plan, row in zip(plans, measure(plans), strict=True)]
    return min(trials, key=goal.rank)


LOADS = [(0.3, 1.7, 0.9), (2.4, 0.2, 1.1), (0.8, 0.8, 0.8), (3.1, 1.9, 0.1)]


@pytest.mark.parametrize("loads", LOADS)
@pytest.mark.parametrize("share", [0.6, 0.9, 0.99])
@pytest.mark.parametrize("now", [(6, 6, 6), (2, 2, 2)])
def test_the_fewest_people_are_those_of_enumeration(
    loads: Sequence[float], share: float, now: Sequence[int]
) -> None:
    units, goal = posts(loads, now), Goal((Bound(share, 1),), -1)
    best = enumerated(units, goal, halls(loads))
    result = search_plan(units, goal, halls(loads), 200)
    assert goal.violation(result.best.values) == pytest.approx(goal.violation(best.values))
    assert result.best.people == best.people
    assert len(result.trials) < 120


@pytest.mark.parametrize("loads", LOADS)
@pytest.mark.parametrize("people", [7, 9, 12])
def test_the_best_use_of_people_is_that_of_enumeration(loads: Sequence[float], people: int) -> None:
    units, goal = posts(loads, (3, 3, 3)), Goal((Bound(0.2, 1),), -1, people)
    result = search_plan(units, goal, halls(loads), 200)
    assert result.best.people == people
    assert result.best.plan == enumerated(units, goal, halls(loads)).plan


def test_two_targets_bind_together() -> None:
    loads = (1.7, 0.9, 0.4)
    units, goal = posts(loads, (5, 5, 5)), Goal((Bound(0.8, 1), Bound(0.3, -1)), -1)

    def measure(plans: Sequence[StaffingPlan]) -> Floats:
        values = halls(loads)(plans)
        return np.column_stack([values, values[:, 1]])

    assert search_plan(units, goal, measure, 200).best.people == (
        enumerated(units, goal, measure).people
    )


def test_a_model_that_is_wrong_still_ends_at_a_plan_that_meets_the_target() -> None:
    loads = (0.3, 1.7, 0.9)
    measure = halls(loads, coupling=0.03)
    units, goal = posts(loads, (4, 4, 4)), Goal((Bound(0.85, 1),), -1)
    result = search_plan(units, goal, measure, 200)
    assert goal.violation(result.best.values) == 0
    assert result.best.people <= enumerated(units, goal, measure).people + 1


def test_out_of_reach_the_nearest_is_found() -> None:
    loads = (3.1, 1.9, 0.5)
    units, goal = posts(loads, (2, 2, 2), high=3), Goal((Bound(0.99, 1),), -1)
    result = search_plan(units, goal, halls(loads), 200)
    nearest = enumerated(units, goal, halls(loads))
    assert goal.violation(result.best.values) == pytest.approx(goal.violation(nearest.values))


def test_the_budget_ends_the_search_and_it_says_so() -> None:
    loads = (0.3, 1.7, 0.9)
    asked: list[StaffingPlan] = []

    def counted(plans: Sequence[StaffingPlan]) -> Floats:
        asked.extend(plans)
        return halls(loads)(plans)

    result = search_plan(posts(loads, (6, 6, 6)), Goal((Bound(0.9, 1),), -1), counted, 12)
    assert result.used_up
    assert 12 <= len(asked) <= 12 + len(SAFER) + EXCHANGES
    assert len(asked) == len(set(asked))
    assert not search_plan(
        posts(loads, (6, 6, 6)), Goal((Bound(0.9, 1),), -1), counted, 200
    ).used_up


def test_a_plan_whose_figures_are_null_is_never_best() -> None:
    loads = (0.3, 1.7, 0.9)

    def with_null(plans: Sequence[StaffingPlan]) -> Floats:
        values = halls(loads)(plans)
        values[[sum(plan) < 8 for plan in plans], 0] = np.nan
        return values

    result = search_plan(posts(loads, (6, 6, 6)), Goal((Bound(0.1, 1),), -1), with_null, 200)
    assert result.best.people == 8


def test_safer_plans_of_a_few_people_more_are_measured_as_well() -> None:
    loads = (0.3, 1.7, 0.9)
    units, goal = posts(loads, (6, 6, 6)), Goal((Bound(0.9, 1),), -1)
    result = search_plan(units, goal, halls(loads), 200)
    for more in (1, 2, 3):
        equal = [trial for trial in result.trials if trial.people == result.best.people + more]
        best = max(float(trial.values[0]) for trial in equal)
        wanted = Goal((Bound(2.0, 1),), -1, result.best.people + more)
        assert best == pytest.approx(enumerated(units, wanted, halls(loads)).values[0])


def test_balanced_plans_have_equal_safety() -> None:
    units = posts((4.0, 1.0, 0.0), (1, 1, 1), high=20)
    plan = balanced_plan(units, 12)
    assert sum(plan) == 12
    safety = [(c - a) / math.sqrt(a) for c, a in zip(plan, (4.0, 1.0), strict=False)]
    assert abs(safety[0] - safety[1]) <= 1
    assert plan[2] == 1
    assert balanced_plan(units, 1000) == (20, 20, 20)


def test_the_search_is_the_same_each_time() -> None:
    units, goal = posts(LOADS[0], (6, 6, 6)), Goal((Bound(0.9, 1),), -1)
    first, again = (search_plan(units, goal, halls(LOADS[0]), 200) for _ in range(2))
    assert [trial.plan for trial in first.trials] == [trial.plan for trial in again.trials]
