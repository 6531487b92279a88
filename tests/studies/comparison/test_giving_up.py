"""Giving up is not completing: nothing that is made worse looks better because people go away."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.measure.definitions import indicators, telling
from sim.measure.verdicts import RELEVANT, Pair, judged
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.stats.comparison import Verdict
from sim.studies.attribution.study import ask, attribute
from sim.studies.comparison.results import Results
from tests.scenario.conftest import Hall
from tests.studies.build import run

SERVED = {"served_rate", "all_served_rate"}
QUANTILES = {f"{book}elapsed_{q}_wd" for book in ("", "all_") for q in ("p50", "p90")}
FEW: dict[str, object] = {"policy.staff.land": 1, "policy.officers.land": 3}

LEVERS: dict[str, tuple[dict[str, object], ...]] = {
    "recall": tuple({"policy.recall_rate": rate} for rate in (0.2, 0.4, 0.6, 0.9)),
    "leaders": tuple({"offices.leader_attendance": share} for share in (0.4, 0.2, 0.1, 0.05)),
    "people": (
        {"policy.officers.land": 4},
        {"policy.staff.land": 1},
        FEW,
        FEW | {"policy.officers.health": 2, "policy.officers.police": 2},
    ),
    "speed": tuple({"policy.work_speed": speed} for speed in (0.6, 0.4, 0.2, 0.1)),
}
"""From a little worse to much worse."""
BUSY = {"people": {"demand.volume": 8}}
"""What the base must have besides, for fewer people to be felt."""


def verdicts(results: Results) -> dict[str, str]:
    rows = results.differences
    return dict(zip(rows.indicator, rows.verdict, strict=True))


def assert_giving_up_is_no_merit(results: Results) -> None:
    found = verdicts(results)
    better = {name for name, verdict in found.items() if verdict == Verdict.BETTER}
    assert not better & (SERVED | QUANTILES)
    name = results.names[1]
    worse = [one.id for one in telling() if found[one.id] == Verdict.WORSE]
    told = any(one in SERVED or results.difference(name, one)["mean"] >= RELEVANT for one in worse)
    if told:
        assert not better
    pair = results.pairs[1]
    assert not any(pair.is_of_other_cases(indicators()[one]) for one in better)


@pytest.mark.parametrize("lever", LEVERS)
def test_what_is_made_worse_serves_no_more_and_is_no_better(hall: Scenario, lever: str) -> None:
    base = hall.with_values(BUSY.get(lever, {}))
    for values in LEVERS[lever]:
        results = run([base, base.with_values(values)], replications=12, workers=Workers(1))
        assert_giving_up_is_no_merit(results)
    # The worst is bad enough to need the rule: some figures only look better.
    worst = verdicts(results)
    assert worst["all_served_rate"] == Verdict.WORSE
    assert Verdict.OTHER_CASES in worst.values()


@pytest.mark.parametrize(
    "values",
    [{"policy.recall_rate": 0.9}, {"offices.leader_attendance": 0.1}, {"policy.work_speed": 0.3}],
    ids=["recall", "leaders", "speed"],
)
def test_nor_in_the_county(values: dict[str, object]) -> None:
    county = load("county")
    results = run([county, county.with_values(values)], replications=6, workers=Workers(1))
    assert_giving_up_is_no_merit(results)
    found = verdicts(results)
    assert found["all_served_rate"] == found["all_elapsed_mean_wd"] == Verdict.WORSE
    everyone = results.gains.iloc[0]
    assert everyone["share_gain"] < everyone["share_lose"]


def test_attribution_calls_nothing_better_either(small: Hall) -> None:
    small.reform("empty", "recall_rate", 0.9)
    figures = ("makeup_rate", "staff_min_per_case", "cases_open_in_flow")
    question = ask("hall.yaml", ("empty", "full-authorization"), figures)
    found = attribute(question, Runner(seed=1, workers=Workers(1)), 12)
    of_empty = found.shares[found.shares.reform == "empty"]
    assert Verdict.OTHER_CASES in set(of_empty.verdict)
    for frame in (of_empty, found.totals, found.combinations[found.combinations["empty"] == 1]):
        assert Verdict.BETTER not in set(frame.verdict)
    steps = found.order.set_index("reform").other_cases
    assert (steps["empty"], steps["full-authorization"]) == (True, False)


# The rule ---------------------------------------------------------------------------------


def pair(**changes: float) -> Pair:
    """Return ten replications whose named figures change by about so much."""
    chance = np.random.default_rng(3)
    noise = {name: chance.normal(0, 0.01, (2, 10)) for name in indicators()}

    def values(name: str) -> tuple[np.ndarray, np.ndarray]:
        before, after = noise[name]
        same = name in {one.id for one in telling()} and name not in changes
        return before, before if same else after + changes.get(name, 0.0)

    return Pair(values)


ALL_BETTER = {
    one.id: 1.0 if one.better == "higher" else -1.0
    for one in indicators().values()
    if not one.tells_served
}


def verdict_of(name: str, of: Pair) -> Verdict:
    (found,) = judged([(of, indicators()[name])])
    return found.verdict


@pytest.mark.parametrize("one", telling(), ids=lambda one: one.id)
def test_each_figure_that_tells_it_rules_the_others(one: object) -> None:
    name = one.id  # type: ignore[attr-defined]
    wrong = -0.1 if name in SERVED else 0.1
    more = pair(**ALL_BETTER, **{name: -wrong})
    gone = pair(**ALL_BETTER, **{name: wrong})
    for other in indicators().values():
        assert not pair(**ALL_BETTER).is_of_other_cases(other)
        assert not more.is_of_other_cases(other)
        if other.better != "none" and not other.tells_served:
            # The hall's own rates say nothing of everyone's cases, which are the same in both.
            ruled = other.needs_served and (name.startswith("all_") or not other.everyone)
            expected = Verdict.OTHER_CASES if ruled else Verdict.BETTER
            assert verdict_of(other.id, gone) == expected, other.id
            assert verdict_of(other.id, pair(**ALL_BETTER)) == Verdict.BETTER, other.id
    assert verdict_of(name, gone) == Verdict.WORSE


@pytest.mark.parametrize(
    ("figure", "change", "fewer"),
    [
        ("all_withdrawn_rate", 0.0009, False),
        ("all_withdrawn_rate", 0.0011, True),
        ("withdrawn_rate", -0.1, False),
        ("all_served_rate", -0.0001, True),
        ("served_rate", 0.1, False),
    ],
)
def test_any_fall_of_those_served_counts_and_a_case_in_a_thousand_given_up(
    figure: str, change: float, fewer: bool
) -> None:
    def values(name: str) -> tuple[np.ndarray, np.ndarray]:
        before = np.linspace(0.4, 0.5, 10)
        return before, before + (change if name == figure else 0.0)

    assert Pair(values).is_of_other_cases(indicators()["immediate_rate"]) == fewer


def test_worse_stays_worse_and_more_stays_more() -> None:
    changes = {"visits_mean": 1.0, "fees_yuan": 1.0, "served_rate": -0.1}
    assert verdict_of("visits_mean", pair(**changes)) == Verdict.WORSE
    assert verdict_of("fees_yuan", pair(**changes)) == Verdict.HIGHER


def test_every_verdict_is_passed_through_the_rule() -> None:
    """Who judges families by another way must give no direction, so that none is better."""
    for path in Path(sim.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.stem in {"comparison", "verdicts"}:
            continue
        assert "is_clearly_worse" not in text, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "compare_family":
                directions = ast.unparse(node.args[1])
                assert "'none'" in directions, path
                assert "better" not in directions, path
