"""Sensitivity: known indices come out, one-at-a-time effects are paired, ranges are honest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from sim.running.runner import Runner
from sim.scenario.estimates import Factor, estimates
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.stats.comparison import Verdict
from sim.studies.sensitivity.estimates import chosen_factors, held_in
from sim.studies.sensitivity.indices import Means, morris, sobol
from sim.studies.sensitivity.study import SensitivityRequest, excludes_zero, one_at_a_time
from tests.scenario.conftest import Hall

Floats = npt.NDArray[np.float64]
SOURCES = """\
papers: {incomplete_rate: 0.2}
sources:
  papers.incomplete_rate: "E 0.05..0.45: guessed | 猜测"
  papers.make_up_wd: "E 1..8: guessed | 猜测"
  service.accept_min: "E 8..20: guessed | 猜测"
  complaints.base: "D 0..0.001: computed"
  hall.attempts: "E 2..9: nine is more than the hall allows"
  hall.closing: "E: no number"
  items.sections: "E 2..4: by row"
  policy.recall_rate: "E 0..0.3: guessed"
"""


def factor(path: str, low: float, high: float, *, whole: bool = False) -> Factor:
    return Factor(path, (low + high) / 2, low, high, whole, {}, {})


@pytest.fixture
def sourced(small: Hall) -> Scenario:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + SOURCES)
    return load("hall.yaml")


def ishigami(points: Floats) -> Floats:
    x, y, z = points.T
    value = np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x)
    return np.column_stack([value, np.zeros(len(value))])


def test_sobol_finds_the_known_indices_of_ishigami() -> None:
    factors = [factor(name, -math.pi, math.pi) for name in ("x", "y", "z")]
    found, flat = sobol(ishigami, factors, samples=2048, seed=0)
    # V = a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2 with a = 7, b = 0.1 (Ishigami and Homma, 1990)
    variance = 49 / 8 + 0.1 * math.pi**4 / 5 + 0.01 * math.pi**8 / 18 + 0.5
    x_alone = 0.5 * (1 + 0.1 * math.pi**4 / 5) ** 2 / variance
    y_alone = 49 / 8 / variance
    x_with_z = 8 * 0.01 * math.pi**8 / 225 / variance
    exact = {"x": (x_alone, x_alone + x_with_z), "y": (y_alone, y_alone), "z": (0.0, x_with_z)}
    for row in found.to_dict("records"):
        first, total = exact[str(row["parameter"])]
        assert row["first"] == pytest.approx(first, abs=0.03)
        assert row["total"] == pytest.approx(total, abs=0.03)
        assert row["first_conf"] < 0.1
    assert list(found["parameter"]) == ["x", "y", "z"]
    assert not flat["total"].any()


def test_morris_finds_the_slopes_of_a_straight_line_and_no_spread() -> None:
    factors = [factor("a", 0, 1), factor("b", 10, 30), factor("c", -1, 1)]

    def straight(points: Floats) -> Floats:
        return np.asarray(points @ np.array([[5.0], [-0.5], [0.0]]))

    (found,) = morris(straight, factors, trajectories=8, seed=0)
    by_name = found.set_index("parameter")
    assert by_name.loc["b", "mu"] == pytest.approx(-10)  # −0.5 over a range of 20
    assert by_name.loc["b", "mu_star"] == pytest.approx(10)
    assert by_name.loc["a", "mu_star"] == pytest.approx(5)
    assert by_name.loc["c", "mu_star"] == pytest.approx(0)
    assert by_name["sigma"].to_numpy() == pytest.approx(0, abs=1e-9)
    assert list(found["parameter"]) == ["b", "a", "c"]


def test_morris_shows_interplay_as_spread() -> None:
    factors = [factor("a", 0, 1), factor("b", 0, 1)]
    (found,) = morris(lambda points: points.prod(axis=1, keepdims=True), factors, 20, seed=0)
    assert (found["sigma"] > 0.2).all()


def test_whole_numbers_of_a_range_are_equally_likely() -> None:
    seen: list[float] = []
    one = factor("n", 1, 4, whole=True)

    def evaluate(points: Floats) -> Floats:
        values = [one.typed(x) for x in points[:, 0]]
        seen.extend(values)
        return np.array(values, float)[:, None]

    sobol(evaluate, [one], samples=256, seed=0)
    counts = [seen.count(n) for n in (1, 2, 3, 4)]
    assert sum(counts) == len(seen)
    assert min(counts) > 0.8 * max(counts)


def test_estimates_are_what_is_graded_so_and_has_a_range(sourced: Scenario) -> None:
    factors, left_out = estimates(sourced)
    assert [one.path for one in factors] == [
        "hall.attempts",
        "service.accept_min.mean",
        "papers.incomplete_rate",
        "papers.make_up_wd.mean",
        "policy.recall_rate",
    ]
    reasons = {one.path: one.reason for one in left_out}
    assert reasons["hall.closing"] == "no_range"
    assert reasons["items.sections"] == "table"
    assert "complaints.base" not in reasons
    assert factors[0].whole
    assert not factors[1].whole
    assert factors[2].note == {"en": "guessed", "zh": "猜测"}


def test_what_the_report_pins_or_a_user_sets_is_no_estimate() -> None:
    county = load("county")
    factors, left_out = estimates(county)
    assert "stuck.step_hazard" not in [one.path for one in factors]
    assert ("stuck.step_hazard", "fitted") in [(one.path, one.reason) for one in left_out]
    pinned = load("county+incentives", ["papers.incomplete_rate=0.3", "policy.work_speed=1"])
    found = {one.path: one for one in estimates(pinned)[0]}
    paths = list(found)
    # How much a reform does is an estimate of its own, unless it is set.
    assert (found["policy.recall_rate"].value, found["policy.recall_rate"].high) == (0.03, 0.08)
    assert "policy.work_speed" not in paths
    assert "papers.incomplete_rate" not in paths
    assert "service.accept_min.mean" in paths


def test_what_only_the_compared_reform_sets_moves_the_base_alone() -> None:
    county, other = load("county"), load("county+incentives")
    assert held_in(county, other, "policy.recall_rate")
    assert not held_in(other, other, "policy.recall_rate")
    request = SensitivityRequest(Runner(seed=1), county, other, 1, ("all_elapsed_mean_wd",))
    point = {"policy.recall_rate": 0.3, "papers.incomplete_rate": 0.4}
    assert request.varied(county, point).settings.policy.recall_rate == 0.3
    varied = request.varied(other, point)
    assert varied.settings.policy.recall_rate == other.settings.policy.recall_rate
    assert varied.settings.papers.incomplete_rate == 0.4
    assert [one.path for one in request.held([factor("policy.recall_rate", 0, 0.3)])] == [
        "policy.recall_rate"
    ]


@pytest.mark.parametrize(
    ("vary", "said"),
    [
        (["papers.incomplete"], "did you mean 'papers.incomplete_rate'"),
        (["experiment.seed=1:2"], "no parameter"),
        (["hall.closing=0:1"], "no number"),
        (["collection.postal_wd"], "no range"),
        (["papers.incomplete_rate=0.3:0.3"], "empty range"),
        (["papers.incomplete_rate=0.4:0.3"], "empty range"),
        (["papers.incomplete_rate=0.4"], "LOW:HIGH"),
        (["papers.incomplete_rate=0:nan"], "finite"),
        (["papers.incomplete_rate=0:7"], "a number from 0 to 1"),
        (["papers.attempts=1.5:3"], "whole numbers"),
        (["papers.incomplete_rate", "papers.incomplete_rate=0:1"], "twice"),
    ],
)
def test_mistakes_in_what_to_vary_are_told(
    sourced: Scenario, vary: Sequence[str], said: str
) -> None:
    _, _, problems = chosen_factors(sourced, vary)
    assert len(problems) == 1
    assert said in str(problems[0])
    assert problems[0].file.startswith("--vary")


def test_all_mistakes_are_told_at_once(sourced: Scenario) -> None:
    _, _, problems = chosen_factors(
        sourced, ["nothing", "papers.incomplete_rate=2:1", "papers.attempts"]
    )
    assert len(problems) == 3


def test_a_duration_is_varied_by_its_mean(sourced: Scenario) -> None:
    (one,), left_out, problems = chosen_factors(sourced, ["service.accept_min=5:30"])
    assert (one.path, one.ends) == ("service.accept_min.mean", (5, 30))
    assert not left_out
    assert not problems


def test_a_sweep_is_paired_and_tells_what_is_invalid(sourced: Scenario) -> None:
    runner = Runner(seed=3)
    names = ("all_elapsed_mean_wd", "hall_wait_mean_min")
    request = SensitivityRequest(runner, sourced, None, 6, names)
    factors, _ = estimates(sourced)
    found = one_at_a_time(request, factors)
    bars = {bar.factor.path: bar for bar in found.bars["all_elapsed_mean_wd"]}
    ends = [sourced.with_values({"papers.make_up_wd.mean": end}) for end in (1, 8)]
    low, high = runner.figures(ends, range(6)).of("all_elapsed_mean_wd")
    bar = bars["papers.make_up_wd.mean"]
    assert bar.swing.mean == pytest.approx((high - low).mean())
    assert bar.swing.low > 0
    assert bar.is_clear
    # nine attempts are more than the schema allows: that end is told, the other is there
    assert [one.path for one in found.left_out] == ["hall.attempts=9"]
    assert "from 1 to 4" in found.left_out[0].told
    assert bars["hall.attempts"].at_high.verdict is Verdict.UNKNOWN
    assert bars["hall.attempts"].at_low.verdict is not Verdict.UNKNOWN
    order = [bar.length for bar in found.bars["all_elapsed_mean_wd"]]
    assert order == sorted(order, reverse=True)
    frame = found.frame()
    assert len(frame) == len(factors) * len(names)
    assert len(found.replications()) == (1 + 2 * len(factors)) * 6 * len(names)


def test_what_changes_nothing_is_said_to_change_nothing(sourced: Scenario) -> None:
    request = SensitivityRequest(Runner(seed=3), sourced, None, 3, ("all_elapsed_mean_wd",))
    (one,), _, _ = chosen_factors(sourced, ["complaints.per_extra_visit=0:0.001"])
    (bar,) = one_at_a_time(request, [one]).bars["all_elapsed_mean_wd"]
    assert bar.swing.verdict is Verdict.SAME
    assert not bar.is_clear
    assert not excludes_zero(bar.swing)


def test_means_run_points_through_the_hall_and_keep_them(sourced: Scenario) -> None:
    request = SensitivityRequest(Runner(seed=3), sourced, None, 2, ("all_elapsed_mean_wd",))
    factors, _, _ = chosen_factors(sourced, ["papers.make_up_wd", "hall.attempts=2:4"])
    means = Means(request, factors)
    found = means(np.array([[1.0, 2.2], [8.0, 3.9]]))
    assert found[1, 0] > found[0, 0]
    assert means.points.tolist() == [[1.0, 2.0], [8.0, 4.0]]
    assert len(means.replications()) == 4


def test_chance_is_what_replications_do_differently_at_different_points() -> None:
    request = SensitivityRequest(Runner(seed=1), load("county"), None, 5, ("all_elapsed_mean_wd",))
    means = Means(request, [factor("x", 0, 1)])
    generator = np.random.default_rng(2)
    points, luck = generator.normal(size=(200, 1, 1)), generator.normal(size=(1, 5, 1))
    means.values = points + 10 * luck  # common luck moves all points alike
    assert means.noise_shares()["all_elapsed_mean_wd"] == pytest.approx(0, abs=1e-9)
    means.values = points + generator.normal(size=(200, 5, 1))
    # variance 1 between points, and 1/5 of chance in a mean of five
    assert means.noise_shares()["all_elapsed_mean_wd"] == pytest.approx(0.2 / 1.2, abs=0.05)
