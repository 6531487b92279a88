"""Ensembles: the decomposition covers, variants are scenarios, what is done is not done again."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from sim.measure.definitions import headline
from sim.running.cells import Cells
from sim.running.runner import Runner, StoppedError
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.problems import InputError
from sim.stats.random_effects import decompose
from sim.studies.ensemble import study as module
from sim.studies.ensemble.study import ALL, AS_DESCRIBED, Ensemble, EnsembleRequest, ask, ensemble
from sim.studies.ensemble.variants import FitTask, Residual, fit
from tests.scenario.conftest import Hall

CALIBRATION = """\
title: {en: Busy, zh: 繁忙}
note: {en: Volume is fitted., zh: 拟合办件量。}
fit:
- {parameter: demand.volume, indicator: cases_received, how: proportional, start: 1.1}
fitted: {demand.volume: 1.1}
"""
RIVAL = """\
extends: hall.yaml
title: {en: Slow hall, zh: 慢厅}
offices: {inbox_wd: {mean: 1}}
calibration: fits/slow.yaml
rivals: [hall]
"""


def fitted(small: Hall, *, rival: bool = True) -> None:
    """Give the small hall a calibration, and a rival with its own."""
    small.write("fits/busy.yaml", CALIBRATION)
    small.write("fits/slow.yaml", CALIBRATION.replace("Busy", "Slow"))
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    rivals = "rivals: [slow]\n" if rival else ""
    small.write("hall.yaml", f"{text}calibration: fits/busy.yaml\n{rivals}")
    small.write("slow.yaml", RIVAL)


def request(
    variants: int = 3, *others: str, rivals: bool = True, seed: int | None = None
) -> EnsembleRequest:
    return ask(
        "hall.yaml",
        others or ("+full-authorization",),
        variants=variants,
        seed=seed,
        fit_replications=2,
        rivals=rivals,
        root=Path("ensembles"),
    )


def do(asked: EnsembleRequest, replications: int = 3, cells: Cells | None = None) -> Ensemble:
    runner = Runner(seed=1, workers=Workers(1), cells=cells or Cells())
    return ensemble(asked, runner, replications)


# The decomposition ------------------------------------------------------------------------


def effects_of_halls(
    rng: np.random.Generator, halls: float, chance: float, variants: int
) -> np.ndarray:
    own = rng.normal(-2, halls, (variants, 1))
    return np.asarray(own + rng.normal(0, chance, (variants, 8)))


@pytest.mark.parametrize(("halls", "chance"), [(1.0, 0.5), (0.3, 1.0), (2.0, 0.1)])
def test_variances_are_found_without_bias(halls: float, chance: float) -> None:
    rng = np.random.default_rng(5)
    spreads = [decompose(effects_of_halls(rng, halls, chance, 20)) for _ in range(600)]
    by_chance = np.mean([spread.variance_chance for spread in spreads])
    assert by_chance == pytest.approx(chance**2 / 8, rel=0.03)
    between_halls = np.mean([spread.variance_hall for spread in spreads])
    assert between_halls == pytest.approx(halls**2, rel=0.12)


@pytest.mark.parametrize("variants", [4, 12, 30])
@pytest.mark.parametrize(("halls", "chance"), [(1.0, 0.1), (0.3, 1.0), (0.0, 1.0)])
def test_the_interval_holds_the_effect_in_one_more_hall(
    halls: float, chance: float, variants: int
) -> None:
    rng = np.random.default_rng(variants)
    inside = 0
    for _ in range(1500):
        spread = decompose(effects_of_halls(rng, halls, chance, variants))
        inside += spread.hall_low <= rng.normal(-2, halls) <= spread.hall_high
    # 95 % of 1,500 less four standard errors; conservative where chance outweighs the halls.
    assert inside / 1500 > 0.925
    if halls > chance:
        assert inside / 1500 < 0.972


def test_chance_alone_is_what_one_hall_leaves_open() -> None:
    rng = np.random.default_rng(2)
    inside = 0
    for _ in range(1500):
        spread = decompose(effects_of_halls(rng, 0.0, 1.0, 10))
        again = rng.normal(-2, math.sqrt(1 / 8))
        half = (spread.chance_high - spread.chance_low) / 2
        inside += abs(again + 2) <= half
    assert 0.93 < inside / 1500 < 0.97


def test_equal_halls_have_no_variance_of_their_own_and_nulls_are_left_out() -> None:
    effects = np.tile([1.0, 2.0, 3.0], (4, 1))
    spread = decompose(effects)
    assert spread.variance_hall == 0
    assert spread.variance_chance == pytest.approx(1 / 3)
    assert spread.hall_low == spread.hall_high == spread.mean == 2
    effects = np.vstack([effects, np.full((1, 3), np.nan)])
    effects[0, 0] = np.nan
    assert decompose(effects).mean == pytest.approx((2.5 + 3 * 2) / 4)
    assert math.isnan(decompose(np.full((2, 3), np.nan)).mean)
    assert math.isnan(decompose(np.ones((1, 3))).hall_low)


# Variants -----------------------------------------------------------------------------------


def test_variants_are_scenarios_that_anybody_can_open(small: Hall) -> None:
    fitted(small)
    small.reform("ours", "recall_rate", 0.0)
    asked = request(2, "+ours")
    do(asked)
    family = asked.family
    for variant in (1, 2):
        own = load(str(family.path(variant, 0)))
        departments, items = family.tables(variant)
        assert (own.departments, own.items) == (departments, items)
        assert {rival.path for rival in own.rivals()} == {family.path(variant, 1).resolve()}
        assert own.settings.report == load("hall.yaml").settings.report
        slow = load(str(family.path(variant, 1)))
        assert slow.items == own.items
        assert slow.settings.offices.inbox_wd.mean == 1
        document = yaml.safe_load(family.fit_path(variant, 1).read_text(encoding="utf-8"))
        assert slow.settings.demand.volume == document["fitted"]["demand.volume"]
        assert own.with_reforms("ours").settings.policy.recall_rate == 0
    assert load(str(family.path(1, 0))).items != load(str(family.path(2, 0))).items
    assert not list(family.folder.rglob("draft-*"))
    assert not list(family.folder.rglob(".writing-*"))


def test_a_fit_meets_the_report(small: Hall) -> None:
    fitted(small, rival=False)
    results = do(request(2))
    received = results.fits[results.fits["figure"] == "cases_received"]
    assert (received["residual"].abs() < 0.03).all()
    assert results.fits["met"].dtype == bool


@pytest.mark.parametrize(
    ("figure", "target", "simulated", "met"),
    [
        ("completion_rate", 0.9158, 0.9205, True),
        ("completion_rate", 0.9158, 0.9215, False),
        ("on_time_rate_closed", 0.982, 0.9765, False),
        ("cases_open", 491, 505, True),
        ("cases_open", 491, 507, False),
        ("complaints", 9, 9.9, True),
        ("complaints", 9, 10.1, False),
        ("fees_yuan", 2218560, math.nan, False),
    ],
)
def test_what_meets_the_report(figure: str, target: float, simulated: float, met: bool) -> None:
    assert Residual(1, "hall", figure, target, simulated).is_met is met


def test_the_same_seed_gives_the_same_and_another_another(small: Hall) -> None:
    fitted(small)
    first, again = do(request(2)), do(request(2))
    np.testing.assert_array_equal(first.values, again.values)
    other = do(request(2, seed=99))
    np.testing.assert_array_equal(first.values[AS_DESCRIBED], other.values[AS_DESCRIBED])
    assert not np.array_equal(first.values[1:], other.values[1:], equal_nan=True)


def test_more_variants_begin_with_the_same(small: Hall) -> None:
    fitted(small)
    few, many = do(request(2)), do(request(3))
    np.testing.assert_array_equal(few.values, many.values[:3])


# Going on -----------------------------------------------------------------------------------


def test_what_is_fitted_is_not_fitted_again(small: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(small)
    done: list[tuple[int, int]] = []

    def counted(task: FitTask) -> None:
        done.append((task.variant, task.reading))
        fit(task)

    monkeypatch.setattr(module, "fit", counted)
    do(request(2))
    assert sorted(done) == [(1, 0), (1, 1), (2, 0), (2, 1)]
    do(request(3))
    assert sorted(done[4:]) == [(3, 0), (3, 1)]
    small.cell("items", "deed", cases_per_wd=4)  # another hall
    do(request(2))
    assert len(done) == 10


def test_an_interrupted_ensemble_goes_on(small: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(small)
    whole = do(request(3))
    small.cell("items", "deed", cases_per_wd=3)  # as it was, but read anew
    done: list[int] = []

    def fails(task: FitTask) -> None:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(task.variant)
        fit(task)

    asked = replace(request(3).family, root=Path("elsewhere"))
    again = replace(request(3), family=asked)
    with monkeypatch.context() as patched:
        patched.setattr(module, "fit", fails)
        with pytest.raises(StoppedError):
            do(again)
    kept = list(again.family.folder.rglob("variant-*/*.yaml"))
    assert 3 <= len([path for path in kept if not path.name.startswith("draft")]) < 6
    np.testing.assert_array_equal(do(again).values, whole.values)


def test_ctrl_c_keeps_what_is_finished(small: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(small)
    asked = request(3)
    figures = Runner.figures

    def stops(runner: Runner, *arguments: object) -> object:
        if runner.seed == 3:  # the second variant
            raise StoppedError(1, 4)
        return figures(runner, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Runner, "figures", stops)
    with pytest.raises(StoppedError) as caught:
        do(asked)
    assert (caught.value.finished, caught.value.asked) == (1, 3)
    assert all(asked.family.has_fit(variant, 1) for variant in (1, 2, 3))


# Results ------------------------------------------------------------------------------------


def test_effects_and_summary_say_the_same(small: Hall) -> None:
    fitted(small)
    results = do(request(3, "+full-authorization", "+full-entry"), replications=4)
    effects, summary = results.effects, results.summary
    assert len(effects) == 4 * 2 * 2 * len(headline())
    assert len(summary) == 3 * 2 * len(headline())
    name = "hall+full-authorization"
    for reading in results.readings:
        rows = results.effects_of(reading, name, "all_elapsed_mean_wd")
        (row,) = summary[
            (summary["rival"] == reading)
            & (summary["scenario"] == name)
            & (summary["indicator"] == "all_elapsed_mean_wd")
        ].to_dict("records")
        assert row["mean"] == pytest.approx(rows["mean"].mean())
        assert row["share_better"] == (rows["verdict"] == "better").mean()
    shares = summary[[f"share_{kind}" for kind in ("better", "worse", "unclear", "same")]]
    assert (shares.sum(axis=1) <= 1 + 1e-9).all()
    over = summary[summary["rival"] == ALL].set_index(["scenario", "indicator"])
    for reading in results.readings:
        own = summary[summary["rival"] == reading].set_index(["scenario", "indicator"])
        known = own["hall_low"].notna() & over["hall_low"].notna()
        assert (over["hall_low"] <= own["hall_low"] + 1e-12)[known].all()
        assert (over["hall_high"] >= own["hall_high"] - 1e-12)[known].all()
    assert (results.best.groupby(["rival", "indicator"])["best_in"].sum() == 3).all()


def test_nothing_is_better_in_variants_that_serve_fewer(small: Hall) -> None:
    fitted(small)
    asked = request(4, rivals=False)
    values = do(asked).values.copy()
    chance = np.random.default_rng(1)
    for column, indicator in enumerate(headline()):
        change = -1.0 if indicator.better == "lower" else 1.0
        noise = 1e-4 * chance.normal(size=values.shape[3])
        values[:, :, 1, :, column] = values[:, :, 0, :, column] + change + noise
    results = Ensemble(asked, values.copy())
    assert (results.summary["share_better"] == 1).all()
    served = [indicator.id for indicator in headline()].index("all_served_rate")
    values[2, :, 1, :, served] -= 2
    results = Ensemble(asked, values)
    effects = results.effects.set_index(["variant", "indicator"])["verdict"]
    assert effects[2, "all_served_rate"] == "worse"
    assert effects[2, "served_rate"] == "better"
    others = effects[2].drop(["all_served_rate", "served_rate"])
    assert (others == "other cases").all()
    assert (effects.drop(2, level="variant") == "better").all()
    summary = results.summary.set_index("indicator")
    figure = "all_elapsed_mean_wd"
    assert summary.loc[figure, ["share_better", "share_other_cases"]].tolist() == [3 / 4, 1 / 4]
    best = results.best.set_index(["indicator", "scenario"])["best_in"]
    assert best[figure, "hall+full-authorization"] == 3
    assert best[figure, "hall"] == 1


def test_a_fit_that_misses_the_report_counts_in_verdicts_only(
    small: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted(small)
    results = do(request(4, rivals=False))
    whole = results.summary.set_index("indicator")
    assert results.effects["meets_report"].all()
    monkeypatch.setattr(Residual, "is_met", property(lambda residual: residual.variant != 2))
    results = Ensemble(results.request, results.values)
    assert results.missed == [(2, "hall")]
    effects = results.effects
    assert set(effects[~effects["meets_report"]]["variant"]) == {2}
    less = results.summary.set_index("indicator")
    kept = effects[(effects["variant"] > 0) & effects["meets_report"]]
    figure = "all_elapsed_mean_wd"
    assert less.loc[figure, "mean"] == pytest.approx(
        kept[kept["indicator"] == figure]["mean"].mean()
    )
    assert less.loc[figure, "mean"] != whole.loc[figure, "mean"]
    assert (less["share_better"] == whole["share_better"]).all()
    assert not results.hardly_met
    monkeypatch.setattr(Residual, "is_met", property(lambda residual: residual.variant == 2))
    results = Ensemble(results.request, results.values)
    assert results.hardly_met == ["hall"]
    every = results.summary.set_index("indicator")
    assert every.loc[figure, "mean"] == whole.loc[figure, "mean"]


def test_a_figure_that_nothing_is_fitted_to_is_not_held_against_a_variant() -> None:
    assert Residual(1, "hall", "completion_rate", 0.9, 0.5, is_fitted=False).is_met
    assert not Residual(1, "hall", "completion_rate", 0.9, 0.5).is_met


def test_variants_have_applicants_of_their_own(small: Hall) -> None:
    """Else chance would move all of them together, and not show as spread."""
    seeds: list[int] = []
    figures = Runner.figures

    def noted(runner: Runner, *arguments: object) -> object:
        seeds.append(runner.seed)
        return figures(runner, *arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Runner, "figures", noted)
        do(request(3, rivals=False))
    assert len(set(seeds)) == 4


def test_a_hall_without_calibration_is_redrawn_but_not_fitted(small: Hall) -> None:
    results = do(request(2))
    assert not results.request.family.is_fitted
    assert results.fits.empty
    assert results.readings == ["hall"]


# Mistakes -----------------------------------------------------------------------------------


def test_mistakes_are_told_together(small: Hall) -> None:
    small.write("other.yaml", "extends: hall.yaml\n")
    with pytest.raises(InputError) as caught:
        request(2, "+no-such", "other.yaml", "+full-entry", "+full-entry")
    text = str(caught.value)
    assert "no-such" in text
    assert "another hall" in text
    assert "given twice" in text


def test_a_hall_without_estimates_has_no_variants(small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    known = 'sources: {departments: "S: counted", items: "S: counted"}\n'
    small.write("hall.yaml", text + known)
    with pytest.raises(InputError, match="nothing to redraw"):
        request(2)
