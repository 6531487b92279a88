"""Ensembles: halls that fit the report, weighed rightly, and effects in them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.measure.definitions import headline, indicators
from sim.running.cells import Cells
from sim.running.drawn_halls import cells_in
from sim.running.fitting_halls import ABOUT, digest_of, find_sample, readings_of
from sim.running.runner import Runner, StoppedError
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.problems import InputError, RunError
from sim.stats.random_effects import decompose
from sim.studies.ensemble import sampling
from sim.studies.ensemble.matching import matching_of
from sim.studies.ensemble.sampling import Sampler
from sim.studies.ensemble.study import (
    ALL,
    AS_DESCRIBED,
    Drawing,
    Ensemble,
    EnsembleRequest,
    ask,
    ensemble,
)
from tests.scenario.conftest import Hall

CALIBRATION = """\
title: {en: Busy, zh: 繁忙}
note: {en: Volume is fitted., zh: 拟合办件量。}
fit:
- {parameter: demand.volume, indicator: cases_received, how: proportional, start: 1.1}
- {parameter: offices.inbox_wd.mean, indicator: on_time_rate_closed, start: 0.4, high: 3}
fitted: {demand.volume: 1.1, offices.inbox_wd.mean: 0.4}
"""
RIVAL = """\
extends: hall.yaml
title: {en: Slow hall, zh: 慢厅}
offices: {section_work_min: {mean: 40}}
calibration: fits/slow.yaml
rivals: [hall]
"""
ESTIMATES = """\
sources:
  offices.hall_share: "E 0.2..0.6: a guess"
  papers.incomplete_rate: "E 0.1..0.4: a guess"
report: {cases_received: 200, cases_completed: 176, on_time_rate_closed: 0.998}
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw few halls at once."""
    for name, value in (("PILOT", 30), ("FEWEST_PILOTS", 10), ("CANDIDATES", 40)):
        monkeypatch.setattr(sampling, name, value)
    monkeypatch.setattr(sampling, "HISTORIES", 10)


def fitted(small: Hall, *, rival: bool = True) -> None:
    """Give the small hall estimates, a report, a calibration, and a rival with its own."""
    small.write("fits/busy.yaml", CALIBRATION)
    small.write("fits/slow.yaml", CALIBRATION.replace("Busy", "Slow"))
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    text = "\n".join(line for line in text.splitlines() if not line.startswith("report:"))
    rivals = "rivals: [slow]\n" if rival else ""
    small.write("hall.yaml", f"{text}\n{ESTIMATES}calibration: fits/busy.yaml\n{rivals}")
    small.write("slow.yaml", RIVAL)


def request(
    variants: int = 3,
    *others: str,
    rivals: bool = True,
    seed: int | None = None,
    effective: float = 8,
) -> EnsembleRequest:
    return ask(
        "hall.yaml",
        others or ("+full-authorization",),
        Drawing(seed, 2, effective, rivals, Path("ensembles")),
        variants=variants,
    )


def do(asked: EnsembleRequest, replications: int = 2, cells: Cells | None = None) -> Ensemble:
    runner = Runner(seed=1, workers=Workers(1), cells=cells or Cells(Path("cells")))
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


# What is matched ---------------------------------------------------------------------------


def test_counts_are_shares_of_the_received_and_what_is_scaled_is_not_matched(small: Hall) -> None:
    fitted(small, rival=False)
    matching = matching_of(load("hall.yaml"))
    assert matching.figures == ("cases_completed", "on_time_rate_closed")
    assert [scaled.parameter for scaled in matching.scaled] == ["demand.volume"]
    assert matching.observed.tolist() == [pytest.approx(176 / 200), 0.998]
    assert matching.discrepancy.tolist() == [0.005, 0.005]
    values = np.zeros(len(indicators()))
    names = list(indicators())
    values[[names.index(name) for name in ("cases_received", "cases_completed")]] = 50, 40
    assert matching.compared(values)[0] == 0.8
    paths = [factor.path for factor in matching.factors]
    assert paths == ["papers.incomplete_rate", "offices.hall_share", "offices.inbox_wd.mean"]
    assert matching.factors[-1].ends == (0, 3)


def test_a_wide_range_is_drawn_evenly_in_its_logarithm(small: Hall) -> None:
    fitted(small, rival=False)
    matching = matching_of(load("hall.yaml"))
    wide = replace(matching.factors[0], low=0.01, high=1.0)
    whole = replace(matching.factors[2], low=2, high=4, whole=True)
    matching = replace(matching, factors=(wide, matching.factors[1], whole))
    halfway = matching.drawn(np.array([0.5, 0.5, 0.5]))
    assert list(halfway.values()) == [pytest.approx(0.1), pytest.approx(0.4), 3]
    path = whole.path
    ends = [matching.drawn(np.array([0.5, 0.5, place]))[path] for place in (0.0, 0.32, 0.34, 1.0)]
    assert ends == [2, 2, 3, 4]


def test_figures_that_others_explain_are_matched_once(small: Hall) -> None:
    fitted(small, rival=False)
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    more = "cases_completed: 176, cases_open: 24, entry_rate: 0.6, "
    small.write("hall.yaml", text.replace("cases_completed: 176, ", more))
    results = do(request(effective=4), 2)
    matched = results.sample.about["readings"]["hall"]["matched"]
    assert list(matched) == ["cases_completed", "on_time_rate_closed"]


# The sample ---------------------------------------------------------------------------------


def test_halls_fit_the_report_and_overloaded_ones_are_not_run(small: Hall) -> None:
    fitted(small)
    asked = request(effective=20)
    results = do(asked)
    for counts in results.fits.to_dict("records"):
        assert counts["tried"] == counts["overloaded"] + counts["ran"]
        assert counts["effective"] >= 20
        assert counts["halls"] >= 20
    assert results.fits["rival"].tolist() == ["hall", "slow"]
    table = results.sample.of("hall")
    assert (table["implausibility"] < 5).all()
    for hall in results.sample.draws("hall", 3):
        values = dict(hall.values)
        assert 0.2 <= values["offices.hall_share"] <= 0.6
        assert hall.of(load("hall.yaml")).settings.demand.volume == values["demand.volume"]


def test_received_cases_are_scaled_to_the_report(small: Hall) -> None:
    fitted(small, rival=False)
    asked = request(30, effective=30)
    results = do(asked)
    received = list(indicators()).index("cases_received")
    halls = results.sample.draws("hall", 30)
    runner = Runner(seed=1, workers=Workers(1), cells=Cells(Path("cells")))
    contents = runner.fill([(cell,) for cell in cells_in([load("hall.yaml")], halls, 1, 2)])
    values = [found["indicators"][:, received].mean() for found in contents.values()]
    assert np.mean(values) == pytest.approx(200, rel=0.04)


def test_the_sample_is_made_once_and_found_by_every_scenario_of_the_hall(small: Hall) -> None:
    fitted(small)
    asked = request()
    do(asked)
    (path,) = Path("ensembles").glob("*.csv")
    written = path.read_bytes()
    played: list[object] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sampler, "sample", lambda *_: played.append(1))
        do(asked)
    assert not played
    assert path.read_bytes() == written
    for name in ("hall.yaml", "hall.yaml+full-entry", "slow.yaml"):
        found = find_sample(load(name), Path("ensembles"))
        assert found is not None
        assert found.readings == ("hall", "slow")
    set_over = load("hall.yaml", ("demand.volume=3",))
    assert find_sample(set_over, Path("ensembles")) is not None
    small.cell("items", "deed", cases_per_wd=4)  # another hall
    assert find_sample(load("hall.yaml"), Path("ensembles")) is None


def test_a_sample_of_one_reading_is_completed(small: Hall) -> None:
    fitted(small)
    assert do(request(rivals=False)).sample.readings == ("hall",)
    assert do(request()).sample.readings == ("hall", "slow")
    again = do(request(seed=99))
    assert again.sample.seed == 99
    assert again.sample.readings == ("hall", "slow")


def test_the_digest_names_what_the_sample_depends_on(small: Hall) -> None:
    fitted(small)
    readings = readings_of(load("hall.yaml"))
    assert digest_of(readings) == digest_of(readings[::-1])
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    digests = {digest_of(readings)}
    for old, new in (("0.2..0.6", "0.2..0.5"), ("on_time_rate_closed: 0.998", "complaints: 3")):
        small.write("hall.yaml", text.replace(old, new))
        digests.add(digest_of(readings_of(load("hall.yaml"))))
    assert len(digests) == 3


def test_a_damaged_sample_is_told(small: Hall) -> None:
    fitted(small, rival=False)
    do(request())
    (path,) = Path("ensembles").glob("*.csv")
    text = path.read_text(encoding="utf-8")
    for spoiled in (text[:-200], "nothing\n", text.replace("number", "count", 2)):
        path.write_text(spoiled, encoding="utf-8")
        with pytest.raises(RunError, match="cannot be read as a sample"):
            find_sample(load("hall.yaml"), Path("ensembles"))


def test_what_is_written_is_read_as_it_was(small: Hall) -> None:
    fitted(small)
    results = do(request())
    found = find_sample(load("hall.yaml"), Path("ensembles"))
    assert found is not None
    assert found.draws("slow", 9) == results.sample.draws("slow", 9)
    assert found.about == results.sample.about
    assert list(found.table.columns[: len(ABOUT)]) == list(ABOUT)


def test_a_hall_without_a_report_rules_out_only_overload(small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("report:", "# report:"))
    results = do(request(effective=20))
    counts = results.sample.about["readings"]["hall"]
    assert counts["matched"] == {}
    assert (results.sample.table["weight"] == 1).all()
    assert counts["effective"] == counts["ran"]


def test_weights_undo_the_chance_of_being_kept(small: Hall) -> None:
    """Else estimates would be pulled towards what the emulators expect."""
    fitted(small, rival=False)
    reading = load("hall.yaml")
    runner = Runner(seed=1, workers=Workers(1), cells=Cells(Path("cells")))
    sample = Sampler(matching_of(reading), 0, 1, 2, runner).sample(10)
    like = np.where(sample.distances < sampling.NEAR, np.exp(-(sample.distances**2) / 2), 0)
    np.testing.assert_allclose(sample.weights, like / sample.drawn.chances)
    assert (sample.drawn.chances > 0).all()
    assert (sample.drawn.chances <= 1).all()


# Going on -----------------------------------------------------------------------------------


def test_an_interrupted_sample_goes_on(small: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(small, rival=False)
    whole = do(request(), cells=Cells(Path("other-cells")))
    done: list[int] = []
    simulated = sampling.simulated

    def stops(trial: sampling.HallTrial) -> object:
        if len(done) == 20:
            raise KeyboardInterrupt
        done.append(trial.hall.number)
        return simulated(trial)

    for path in Path("ensembles").iterdir():
        path.unlink()
    with monkeypatch.context() as patched:
        patched.setattr(sampling, "simulated", stops)
        with pytest.raises(StoppedError):
            do(request())
    assert not list(Path("ensembles").glob("*.csv"))
    again: list[int] = []
    figures = Runner.figures

    def noted(runner: Runner, *arguments: object) -> object:
        again.append(runner.seed)
        return figures(runner, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Runner, "figures", noted)
        found = do(request())
    np.testing.assert_array_equal(found.values, whole.values)
    seeds = {whole.sample.seed + number + sampling.APART for number in done}
    assert not seeds & set(again)


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
    done = do(asked, 4)
    values = done.values.copy()
    chance = np.random.default_rng(1)
    for column, indicator in enumerate(headline()):
        change = -1.0 if indicator.better == "lower" else 1.0
        noise = 1e-4 * chance.normal(size=values.shape[3])
        values[:, :, 1, :, column] = values[:, :, 0, :, column] + change + noise
    results = Ensemble(asked, done.sample, values.copy())
    assert (results.summary["share_better"] == 1).all()
    served = [indicator.id for indicator in headline()].index("all_served_rate")
    values[2, :, 1, :, served] -= 2
    results = Ensemble(asked, done.sample, values)
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


def test_halls_have_applicants_of_their_own_and_not_those_that_were_matched(small: Hall) -> None:
    """Else chance would move all of them together, or a lucky history would be used twice."""
    fitted(small, rival=False)
    results = do(request(5))
    numbers = {hall.number for hall in results.sample.draws("hall", 5)}
    seeds = {1 + number for number in numbers}
    matched = {results.sample.seed + number + sampling.APART for number in numbers}
    assert len(seeds) == len(numbers)
    assert not seeds & matched


def test_more_halls_begin_with_the_same(small: Hall) -> None:
    fitted(small)
    few, many = do(request(2)), do(request(3))
    np.testing.assert_array_equal(few.values, many.values[:3])


def test_the_same_seed_gives_the_same_and_another_another(small: Hall) -> None:
    fitted(small, rival=False)
    first = do(request(2), cells=Cells())
    for path in Path("ensembles").iterdir():
        path.unlink()
    again = do(request(2), cells=Cells())
    np.testing.assert_array_equal(first.values, again.values)
    other = do(request(2, seed=99), cells=Cells())
    np.testing.assert_array_equal(first.values[AS_DESCRIBED], other.values[AS_DESCRIBED])
    assert not np.array_equal(first.values[1:], other.values[1:], equal_nan=True)


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
    with pytest.raises(InputError, match="nothing to draw"):
        request(2)
