"""Flips: verdicts over a range, break-even values and their intervals, against known curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from sim.measure.definitions import indicators
from sim.running.runner import Figures
from sim.scenario.estimates import Factor
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.stats.comparison import Verdict
from sim.stats.intervals import mean_interval
from sim.studies.sensitivity.robustness import Curve, Robustness, frame, judge_robustness
from sim.studies.sensitivity.study import SensitivityRequest, one_at_a_time
from tests.scenario.conftest import Hall

NAME = "all_elapsed_mean_wd"
PATH = "demand.hall_first_share"
SPREAD = 0.05


@dataclass
class Known:
    """Stands for the runner: the other scenario differs by a known function of one parameter."""

    change: Callable[[float], float]
    asked: int = 0
    served: Callable[[float], float] = lambda _: 0.0

    def figures(self, scenarios: Sequence[Scenario], replications: range) -> Figures:
        self.asked += len(scenarios)
        noise = np.random.default_rng(7).normal(size=(2, len(replications)))
        values = np.full((len(scenarios), len(replications), len(indicators())), np.nan)
        for number, one in enumerate(scenarios):
            x = one.settings.demand.hall_first_share
            values[number, :, list(indicators()).index(NAME)] = 10 + 3 * noise[0]
            if one.reforms:
                more = self.change(x) + SPREAD * noise[1]
                values[number, :, list(indicators()).index(NAME)] += more
                values[number, :, list(indicators()).index("all_served_rate")] = self.served(x)
            else:
                values[number, :, list(indicators()).index("all_served_rate")] = 0.0
        return Figures(values)


@pytest.fixture
def judge(small: Hall) -> Callable[..., Robustness]:
    small.reform("other", "postal_share", 0.5)

    def judged(
        change: Callable[[float], float],
        value: float = 0.3,
        served: Callable[[float], float] = lambda _: 0.0,
    ) -> Robustness:
        scenarios = [load(name, [f"{PATH}={value}"]) for name in ("hall.yaml", "hall.yaml+other")]
        known = Known(change, served=served)
        request = SensitivityRequest(known, *scenarios, 10, (NAME,))  # type: ignore[arg-type]
        (found,) = judge_robustness(
            one_at_a_time(request, [Factor(PATH, value, 0.0, 1.0, False, {}, {})])
        )
        return found

    return judged


def test_a_verdict_that_reverses_has_its_break_even_value(judge: Callable[..., Robustness]) -> None:
    found = judge(lambda x: 2 * (x - 0.7))
    assert found.as_it_is.verdict is Verdict.BETTER  # shorter is better
    assert found.at_high.verdict is Verdict.WORSE
    assert found.verdict_change == "reverses"
    (turn,) = found.break_evens
    assert turn.at == pytest.approx(0.7, abs=0.03)
    assert turn.low < 0.7 < turn.high
    assert turn.high - turn.low < 0.1
    assert turn.bounded
    assert not found.is_non_monotonic


def test_a_root_of_a_crooked_curve_is_found(judge: Callable[..., Robustness]) -> None:
    (turn,) = judge(lambda x: x**4 - 0.8**4).break_evens
    assert turn.at == pytest.approx(0.8, abs=0.05)
    assert turn.low < 0.8 < turn.high


def test_a_verdict_that_holds_is_said_to_hold(judge: Callable[..., Robustness]) -> None:
    found = judge(lambda x: -1 - x)
    assert found.verdict_change == ""
    assert found.break_evens == ()
    assert frame([found])["flip"].tolist() == ["does not flip within its range"]


def test_noise_has_no_break_even_value(judge: Callable[..., Robustness]) -> None:
    found = judge(lambda x: 0.001 * (x - 0.5))
    assert found.as_it_is.verdict is Verdict.UNCLEAR
    assert found.verdict_change == ""
    assert found.break_evens == ()


def test_verdicts_may_fade_or_appear(judge: Callable[..., Robustness]) -> None:
    assert judge(lambda x: -1 + x).verdict_change == "fades"
    assert judge(lambda x: max(0.0, x - 0.35)).verdict_change == "appears"


def test_a_gain_may_be_about_other_cases(judge: Callable[..., Robustness]) -> None:
    found = judge(lambda x: -1 - x, served=lambda x: -0.1 if x > 0.9 else 0.0)
    assert found.as_it_is.verdict is found.at_low.verdict is Verdict.BETTER
    assert found.at_high.verdict is Verdict.OTHER_CASES
    assert found.verdict_change == "other cases"
    (row,) = frame([found]).to_dict("records")
    assert (row["flip"], row["at_high_verdict"]) == ("other cases", "other cases")
    everywhere = judge(lambda x: -1 - x, served=lambda _: -0.1)
    assert everywhere.as_it_is.verdict is Verdict.OTHER_CASES
    assert everywhere.verdict_change == ""
    # What is worse stays worse.
    worse = judge(lambda x: 1 + x, served=lambda _: -0.1)
    assert (worse.as_it_is.verdict, worse.verdict_change) == (Verdict.WORSE, "")


def test_a_middle_between_like_ends_is_looked_at(judge: Callable[..., Robustness]) -> None:
    # Both ends say better; only the middle, which is not the value, says worse.
    found = judge(lambda x: 1 - 8 * (x - 0.5) ** 2, value=0.0)
    assert found.at_low.verdict is Verdict.BETTER
    assert found.at_high.verdict is Verdict.BETTER
    assert found.at_middle is not None
    assert found.at_middle.verdict is Verdict.WORSE
    assert found.verdict_change == "reverses"
    assert found.is_non_monotonic
    roots = [turn.at for turn in found.break_evens]
    assert roots == pytest.approx([0.5 - 8**-0.5, 0.5 + 8**-0.5], abs=0.04)
    assert len(frame([found])) == 2


def test_the_interval_of_a_root_covers_it_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    points, covered, tried = np.linspace(0, 1, 6), 0, 1500
    for _ in range(tried):
        slope = 1 + 0.2 * generator.normal(size=8)
        level = -0.42 + 0.15 * generator.normal(size=8)
        (turn,) = Curve({x: level + slope * x for x in points}).break_evens(0.5)
        # the set of values at which the t test does not reject 0, exactly
        there = mean_interval(level + slope * 0.42, 0.95)
        curve = Curve({x: level + slope * x for x in points})
        (bracket,) = curve.brackets(0.5)
        inside = curve.break_even(bracket, 0.95)
        assert (inside.low <= 0.42 <= inside.high) == (there.low <= 0 <= there.high)
        assert inside.low <= turn.at <= inside.high
        covered += inside.low <= 0.42 <= inside.high
    assert covered / tried == pytest.approx(0.95, abs=0.02)


def test_signs_that_change_by_noise_alone_are_no_roots() -> None:
    noise = np.array([-0.1, 0.1, -0.12, 0.12])
    levels = [2.0, 0.01, -0.01, 0.01, -0.01]
    curve = Curve({float(x): level + noise for x, level in enumerate(levels)})
    assert (2.0, 3.0) not in curve.brackets(0.95)
    assert len(curve.break_evens(0.95)) == 1
    flat = Curve({float(x): level + noise for x, level in enumerate(levels[1:])})
    assert flat.break_evens(0.95) == ()


def test_whole_numbers_are_not_divided(small: Hall) -> None:
    factor = Factor("hall.attempts", 2, 1, 4, True, {}, {})
    curve = Curve({1.0: np.array([-1.0, -1.1]), 4.0: np.array([1.0, 1.1])})
    assert curve.proposal((1.0, 4.0), factor) in (2.0, 3.0)
    assert curve.proposal((2.0, 3.0), factor) is None
