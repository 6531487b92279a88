"""Attribution: shares that add up, orders that do not matter, mistakes told at once."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.problems import InputError
from sim.stats.comparison import Verdict
from sim.studies.attribution.files import document
from sim.studies.attribution.study import Attribution, ask, attribute
from tests.scenario.conftest import Hall

REFORMS = ("full-authorization", "full-entry", "incentives")
FIGURES = ("all_elapsed_mean_wd", "all_visits_mean", "immediate_rate")


def study(*reforms: str, replications: int = 4, figures: tuple[str, ...] = FIGURES) -> Attribution:
    request = ask("hall.yaml", reforms, figures)
    return attribute(request, Runner(seed=1, workers=Workers(1)), replications)


@pytest.fixture
def results(small: Hall) -> Attribution:
    return study(*REFORMS)


def test_shares_add_up_to_the_total_exactly(results: Attribution) -> None:
    for name in FIGURES:
        values, shares = results.figures.of(name), results.shared[name]
        totals = [math.fsum(shares_of_one) for shares_of_one in shares.T]
        assert totals == list(values[-1] - values[0])
        mean = results.shares[results.shares.indicator == name]["mean"].sum()
        (total,) = results.totals[results.totals.indicator == name]["mean"]
        assert mean == pytest.approx(total, abs=1e-12)


def test_steps_of_the_order_add_up_and_end_with_all(results: Attribution) -> None:
    (total,) = results.totals[results.totals.indicator == FIGURES[0]]["mean"]
    assert results.order["mean"].sum() == pytest.approx(total)
    assert results.order["level"].iloc[-1] == pytest.approx(results.totals["reformed"].iloc[0])
    assert sorted(results.order.reform) == sorted(REFORMS)


def test_a_share_is_the_mean_over_all_orders(results: Attribution) -> None:
    """Shapley by its definition: every order of the reforms, one after another."""
    values = results.figures.of(FIGURES[0]).mean(axis=1)
    orders = list(permutations(range(len(REFORMS))))
    expected = np.zeros(len(REFORMS))
    for order in orders:
        inside = 0
        for player in order:
            expected[player] += (values[inside | 1 << player] - values[inside]) / len(orders)
            inside |= 1 << player
    rows = results.shares[results.shares.indicator == FIGURES[0]]
    assert list(rows.reform) == sorted(REFORMS)
    assert rows["mean"].to_numpy() == pytest.approx(expected)


def test_the_order_of_arguments_changes_nothing(small: Hall, results: Attribution) -> None:
    other = study("+incentives", "full-entry", "+full-authorization")
    assert document(other) == document(results)


def test_combinations_are_the_scenarios_they_name(results: Attribution) -> None:
    names = [scenario.name for scenario in results.request.scenarios]
    assert names[0] == "hall"
    assert names[-1] == "hall+full-authorization+full-entry+incentives"
    frame = results.combinations
    alone = frame[(frame.scenario == "hall+full-entry") & (frame.indicator == FIGURES[0])]
    assert list(alone[list(REFORMS)].iloc[0]) == [0, 1, 0]
    assert alone["mean"].iloc[0] == pytest.approx(results.figures.of(FIGURES[0])[2].mean())


def test_a_reform_that_does_nothing_gets_nothing(small: Hall) -> None:
    small.reform("nothing", "postal_share", 0.0)
    results = study("nothing", "full-authorization")
    row = results.shares[(results.shares.reform == "nothing")].iloc[0]
    assert row["mean"] == 0
    assert row["verdict"] == Verdict.SAME
    assert results.order.reform.iloc[-1] == "nothing"


def test_no_percentages_when_shares_point_both_ways(small: Hall) -> None:
    small.reform("worse", "work_speed", 0.4)
    results = study("worse", "full-authorization", figures=("staff_min_per_case", FIGURES[0]))
    for name in ("staff_min_per_case", FIGURES[0]):
        rows = results.shares[results.shares.indicator == name]
        mixed = set(np.sign(rows["mean"])) >= {-1.0, 1.0}
        (total,) = results.totals[results.totals.indicator == name].verdict
        unclear = total in (Verdict.UNCLEAR, Verdict.SAME)
        assert rows["share"].isna().all() == (mixed or unclear)
        if not (mixed or unclear):
            assert rows["share"].sum() == pytest.approx(1)
    elapsed = results.shares[results.shares.indicator == FIGURES[0]]
    assert set(np.sign(elapsed["mean"])) == {-1.0, 1.0}


def test_no_percentages_of_a_total_that_cannot_be_told_from_0(small: Hall) -> None:
    results = study("incentives", "full-authorization", replications=1)
    assert results.shares["share"].isna().all()


def test_reforms_joined_by_a_plus_sign_count_as_one(small: Hall) -> None:
    results = study("full-entry+full-authorization", "incentives")
    assert results.request.reforms == ("full-entry+full-authorization", "incentives")
    assert results.request.scenarios[1].name == "hall+full-entry+full-authorization"


def test_one_reform_is_all_of_it(small: Hall) -> None:
    results = study("full-authorization", replications=3)
    row = results.shares.iloc[0]
    assert row["mean"] == pytest.approx(results.totals["mean"].iloc[0])
    assert len(results.order) == 1
    assert results.interactions.empty


def problems_of(*reforms: str, figures: tuple[str, ...] = (), order_by: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        ask("hall.yaml", reforms, figures, order_by)
    return "\n".join(str(problem) for problem in caught.value.problems)


def test_all_mistakes_are_told_at_once(small: Hall) -> None:
    text = problems_of(
        "no-such",
        "full-entry",
        "+full-entry",
        "full-authorization",
        "partial-authorization",
        figures=("nothing",),
        order_by="cases_received",
    )
    assert "'full-entry' is given twice" in text
    assert "no reform 'no-such'" in text
    assert "--indicator nothing" in text
    assert "--order-by" in text


def test_reforms_that_contradict_each_other_are_refused(small: Hall) -> None:
    small.reform("half", "authorization", 0.5)
    text = problems_of("half", "full-authorization")
    assert "policy.authorization" in text
    assert "leave one of the reforms out" in text


def test_more_than_eight_are_too_many(small: Hall) -> None:
    names = [f"r{number}" for number in range(9)]
    for name in names:
        small.reform(name, "postal_share", 0.1)
    assert "9 reforms" in problems_of(*names)


def test_a_reform_of_the_base_cannot_be_shared_out(small: Hall) -> None:
    with pytest.raises(InputError, match="in the base already"):
        ask("hall.yaml+full-entry", ["full-entry", "incentives"])
