"""Sweeps: every point checked before, worked out once, the same by whoever does it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sim.measure.definitions import indicators
from sim.running import runner as running
from sim.running.cells import Batch, Cell, Cells, Found, work_out
from sim.running.runner import Runner, Share, StoppedError
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.problems import InputError, Problem
from sim.scenario.yaml_lines import Place
from sim.stats.comparison import Verdict, compare_family
from sim.studies.findings import Record
from sim.studies.sweep import study as module
from sim.studies.sweep.axes import WrittenAxis
from sim.studies.sweep.design import Study
from sim.studies.sweep.files import document, save
from sim.studies.sweep.results import SweepResults, base_level
from sim.studies.sweep.study import SweepPlan, plan_sweep, still_missing
from sim.studies.sweep.study import work_out_points as swept_values
from tests.running.test_cells import found_of
from tests.scenario.conftest import Hall

GRID = {"policy.entry": "0.6:1:3", "policy.authorization": "0:1:2"}


def study(vary: dict[str, str] | None = None, **fields: Any) -> Study:
    written = tuple(
        WrittenAxis(name, levels, Place(f"--vary {name}", None))
        for name, levels in (GRID if vary is None else vary).items()
    )
    return replace(Study(name="s", bases=("hall.yaml",), axes=written, seed=1), **fields)


def runner(folder: Path | None = None, jobs: int = 1) -> Runner:
    return Runner(seed=1, workers=Workers(jobs), cells=Cells(folder))


def problems(asked: Study) -> list[Problem]:
    with pytest.raises(InputError) as caught:
        plan_sweep(asked)
    return list(caught.value.problems)


@pytest.fixture
def grid(small: Hall) -> SweepPlan:
    return plan_sweep(study(indicators=("all_elapsed_mean_wd", "entry_rate", "visits_mean")))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Cell]:
    """Note the cells that are worked out."""
    found: list[Cell] = []

    def noted(batch: Batch) -> list[Found]:
        found.extend(batch.cells)
        return work_out(batch)

    monkeypatch.setattr(running, "work_out", noted)
    return found


# Planning -----------------------------------------------------------------------------------


def test_points_are_scenarios_as_set_and_reforms_make_them(small: Hall) -> None:
    small.reform("posted", "postal_share", 0.5)
    asked = study({"policy.entry": "0.6,1", "+posted": ""}, values=("demand.volume=2",))
    found = plan_sweep(asked)
    expected = [
        load(f"hall.yaml{reform}", ("demand.volume=2", *values))
        for values in ((), ("policy.entry=0.6",), ("policy.entry=1",))
        for reform in (("",) if not values else ("", "+posted"))
    ]
    assert [found.scenario(point).content for point in found.points] == [
        one.content for one in expected
    ]
    assert found.contents == tuple(one.content for one in expected)
    assert found.axes[1].title is not None
    assert found.axes[1].title.en == "Posted"


def test_all_mistakes_are_told_at_once(small: Hall) -> None:
    asked = study(
        {
            "policy.entri": "0:1:3",
            "policy.entry": "1:0:3",
            "policy.postal_share": "0:2:3",
            "+nowhere": "",
        },
        indicators=("visits",),
    )
    found = "\n".join(map(str, problems(asked)))
    assert "did you mean 'policy.entry'" in found
    assert "reversed" in found
    assert "--vary policy.postal_share: policy.postal_share is 2" in found
    assert "no reform 'nowhere'" in found
    assert "unknown indicator 'visits'" in found


def test_a_level_out_of_bounds_is_told_once_and_at_its_axis(small: Hall) -> None:
    (problem,) = problems(study({"policy.entry": "0.5,1,1.5", "policy.authorization": "0:1:9"}))
    assert problem.file == "--vary policy.entry"
    assert problem.found == "policy.entry is 1.5"
    assert "from 0 to 1" in problem.allowed


def test_levels_that_only_together_are_wrong_are_found(small: Hall) -> None:
    dates = {
        "horizon.start": "2008-07-01,2008-08-10",
        "horizon.census": "2008-08-01,2008-08-15",
    }
    (problem,) = problems(study(dates))
    assert "the census 2008-08-01 lies before the start 2008-08-10" in problem.found


def test_levels_that_only_together_are_right_are_taken(small: Hall, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("horizon.start,horizon.census\n2008-09-01,2008-10-01\n", encoding="utf-8")
    found = plan_sweep(study({}, points=file))
    assert found.scenario(found.points[1]).settings.horizon.census.month == 10


def test_a_wrong_point_of_a_table_has_its_line(small: Hall, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("policy.entry\n0.8\n1.4\n", encoding="utf-8")
    (problem,) = problems(study({}, points=file))
    assert (problem.file, problem.line) == (str(file), 3)


def test_reforms_that_contradict_each_other_or_an_axis_are_refused(small: Hall) -> None:
    for name, share in (("some", 0.2), ("more", 0.5)):
        small.reform(name, "postal_share", share)
    (clash,) = problems(study({"+some": "", "+more": ""}))
    assert "policy.postal_share is 0.5" in clash.found
    (overruled,) = problems(study({"+some": "", "policy.postal_share": "0:1:3"}))
    assert "'policy.postal_share' is varied, and '+some' sets it" in overruled.found
    both = study({"policy.postal_share": "0:1:3"}, values=("policy.postal_share=1",))
    assert "varied and set" in problems(both)[0].found


def test_a_table_and_axes_are_not_mixed(small: Hall, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("policy.entry\n0.8\n", encoding="utf-8")
    found = [one.found for one in problems(study(points=file, design="sobol"))]
    assert any("beside a file of points" in text for text in found)
    assert any("the design sobol" in text for text in found)


# Working out --------------------------------------------------------------------------------


def test_figures_are_those_of_each_scenario_alone(grid: SweepPlan) -> None:
    found = swept_values(grid, runner(), 3)
    assert found.shape == (7, 3, len(grid.kept))
    columns = [list(indicators()).index(name) for name in grid.kept]
    for point in grid.points:
        alone = found_of(Cell((grid.scenario(point),), 0, 3, 1))["indicators"][:, columns]
        assert np.array_equal(found[point.number], alone, equal_nan=True)


def test_workers_order_and_batches_change_no_bit(
    grid: SweepPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = swept_values(grid, runner(), 2).tobytes()
    assert swept_values(grid, runner(jobs=3), 2).tobytes() == expected
    monkeypatch.setattr(module, "BATCH", 2)
    monkeypatch.setattr(module, "_order", lambda point: -point.number)
    assert swept_values(grid, runner(), 2).tobytes() == expected


def test_each_point_is_worked_out_once(
    grid: SweepPlan, tmp_path: Path, counted: list[Cell], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = swept_values(grid, runner(tmp_path / "cells"), 2)
    assert len(counted) == 7
    monkeypatch.setattr(SweepPlan, "scenario", lambda *_: pytest.fail("loaded although it is kept"))
    again = swept_values(grid, runner(tmp_path / "cells"), 2)
    assert len(counted) == 7
    assert first.tobytes() == again.tobytes()


def test_shares_together_are_the_whole(
    grid: SweepPlan, tmp_path: Path, counted: list[Cell]
) -> None:
    folder = tmp_path / "cells"
    whole = swept_values(grid, runner(), 2)
    counted.clear()
    part = swept_values(grid, runner(folder), 2, Share(1, 3))
    assert len(counted) == 3
    assert still_missing(grid, runner(folder), 2) == 4
    assert np.isnan(part[1]).all()
    assert np.array_equal(part[[0, 3, 6]], whole[[0, 3, 6]], equal_nan=True)
    for number in (2, 3):
        swept_values(grid, runner(folder), 2, Share(number, 3))
    assert still_missing(grid, runner(folder), 2) == 0
    assert swept_values(grid, runner(folder), 2).tobytes() == whole.tobytes()
    assert len(counted) == 7


def test_progress_counts_all_cells(grid: SweepPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    told: list[tuple[int, int]] = []
    swept_values(grid, replace(runner(), progress=lambda *now: told.append(now)), 25)
    assert told[-1] == (14, 14)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_an_interrupt_says_how_far_the_whole_is(
    grid: SweepPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[Cell]
) -> None:
    def stopped(*_: object) -> None:
        raise StoppedError(1, 2)

    monkeypatch.setattr(module, "BATCH", 2)
    real = Runner.figures
    calls: list[int] = []

    def third_stops(self: Runner, *args: Any) -> Any:
        calls.append(1)
        return stopped() if len(calls) == 3 else real(self, *args)

    monkeypatch.setattr(Runner, "figures", third_stops)
    with pytest.raises(StoppedError) as caught:
        swept_values(grid, runner(tmp_path / "cells"), 2)
    assert (caught.value.finished, caught.value.asked) == (5, 7)


def test_processes_order_points_differently(
    grid: SweepPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def order() -> list[int]:
        return [point.number for point in sorted(grid.points, key=module._order)]

    mine = order()
    assert order() == mine
    monkeypatch.setattr(module.os, "getpid", lambda: -1)
    assert order() != mine


# What was found -----------------------------------------------------------------------------


def invented(grid: SweepPlan, means: Callable[[int], float], *, noise: float = 0.1) -> SweepResults:
    """Return a sweep of 12 replications with the given means in its first figure."""
    chance = np.random.default_rng(1)
    shape = (len(grid.points), 12, len(grid.kept))
    values = np.full(shape, 0.5)
    common = chance.normal(size=12)
    for number in range(shape[0]):
        values[number, :, 0] = means(number) + common + noise * chance.normal(size=12)
    return SweepResults(grid, values)


def test_changes_are_paired_with_the_base_one_family_a_figure(grid: SweepPlan) -> None:
    found = invented(grid, lambda number: 10 - number)
    values = found.values_of("all_elapsed_mean_wd")
    expected = compare_family([(values[0], values[n]) for n in range(1, 7)], ["lower"] * 6)
    changes = found.changes("all_elapsed_mean_wd")
    assert list(changes) == [1, 2, 3, 4, 5, 6]
    assert [change.low for change in changes.values()] == [one.low for one in expected]


def test_the_best_point_and_those_that_cannot_be_told_from_it(grid: SweepPlan) -> None:
    (one, *_) = invented(grid, float).indicators
    clear = invented(grid, lambda number: {4: 5.0, 2: 6.0}.get(number, 9.0)).best(one)
    assert clear is not None
    assert (clear.point, clear.nearest, clear.unresolved) == (4, 2, ())
    assert clear.difference is not None
    assert clear.difference.verdict == Verdict.WORSE
    assert clear.difference.low < 1 < clear.difference.high
    close = invented(grid, lambda number: {4: 5.0, 2: 5.001}.get(number, 9.0)).best(one)
    assert close is not None
    assert {close.point, *close.unresolved} == {2, 4}


def test_points_that_serve_fewer_are_never_the_best(grid: SweepPlan) -> None:
    # Points 4 and 2 take least, but at 4 fewer are served and at 2 more give up.
    found = invented(grid, lambda number: {4: 5.0, 2: 6.0, 5: 7.0}.get(number, 9.0))
    values = found.values.copy()  # noqa: PD011  (no frame)
    values[4, :, grid.kept.index("all_served_rate")] -= 0.1
    values[2, :, grid.kept.index("all_withdrawn_rate")] += 0.1
    found = SweepResults(grid, values)
    best = found.best(found.indicators[0])
    assert best is not None
    assert (best.point, best.excluded, best.unresolved) == (5, (2, 4), ())
    changes = found.changes("all_elapsed_mean_wd")
    assert [changes[number].verdict for number in (2, 4)] == [Verdict.OTHER_CASES] * 2
    assert changes[5].verdict == Verdict.BETTER
    assert document(found, None)["best"][0]["left_aside"] == [2, 4]
    summary = found.summary
    assert (summary.verdict == "other cases").sum() == 2


def test_an_axis_makes_nothing_better_where_it_makes_people_go_away(grid: SweepPlan) -> None:
    saddle = dict(enumerate((10, 8, 11, 7, 12, 6), 1))
    values = invented(grid, lambda number: saddle.get(number, 9.0)).values.copy()  # noqa: PD011
    values[6, :, grid.kept.index("all_withdrawn_rate")] += 0.1
    assert SweepResults(grid, values).direction_changes == ()


def test_points_that_equal_the_best_are_told_apart_from_doubt(grid: SweepPlan) -> None:
    found = invented(grid, lambda number: 5.0 if number < 2 else 9.0, noise=0)
    best = found.best(found.indicators[0])
    assert best is not None
    assert (best.point, best.same, best.unresolved, best.nearest) == (0, (1,), (), 2)


def test_figures_without_a_best_have_none(grid: SweepPlan) -> None:
    found = invented(grid, float)
    assert found.best(indicators()["entry_rate"]) is None
    assert found.best(found.indicators[2]) is None  # never varies
    values = found.values.copy()  # noqa: PD011  (no frame)
    values[2, 3, 0] = np.nan
    assert SweepResults(grid, values).best(found.indicators[0]) is None


def test_turns_are_found_and_none_invented(grid: SweepPlan) -> None:
    # Points 1…6: entry 0.6, 0.8, 1 by authorization 0, 1.
    saddle = dict(enumerate((10, 8, 11, 7, 12, 6), 1))
    (turn,) = invented(grid, lambda number: saddle.get(number, 9.0)).direction_changes
    assert (turn.kind, turn.axis.name) == ("depends", "policy.entry")
    assert turn.other is not None
    assert [effect.verdict for effect in turn.effects] == [Verdict.WORSE, Verdict.BETTER]
    valley = dict(enumerate((10, 9, 7, 6, 10, 9), 1))
    (turn,) = invented(grid, lambda number: valley.get(number, 9.0)).direction_changes
    assert (turn.kind, turn.axis.name, turn.level, turn.rises) == (
        "inside", "policy.entry", 1, False,
    )  # fmt: skip
    slope = dict(enumerate((10, 9, 8, 7, 6, 5), 1))
    assert invented(grid, lambda number: slope.get(number, 9.0)).direction_changes == ()
    assert invented(grid, lambda number: 9.0).direction_changes == ()


def test_turns_are_seldom_invented_by_chance(grid: SweepPlan) -> None:
    chance = np.random.default_rng(3)
    found = 0
    for _ in range(200):
        values = np.full((7, 12, len(grid.kept)), 0.5)
        values[:, :, 0] = chance.normal(size=(7, 12))
        found += any(turn.kind == "inside" for turn in SweepResults(grid, values).direction_changes)
    assert found <= 200 * 0.05 + 3 * math.sqrt(200 * 0.05 * 0.95)


def test_files_are_tidy_and_round_trip(grid: SweepPlan, tmp_path: Path) -> None:
    found = SweepResults(grid, swept_values(grid, runner(), 3))
    save(found, tmp_path, Record(1, 0.0))
    points = pd.read_csv(tmp_path / "points.csv")
    assert list(points.columns) == ["point", "policy.entry", "policy.authorization"]
    assert points["policy.entry"].tolist()[1:] == [0.6, 0.6, 0.8, 0.8, 1, 1]
    assert math.isnan(points["policy.entry"][0])
    tidy = pd.read_parquet(tmp_path / "sweep.parquet")
    assert list(tidy.columns) == [
        *points.columns, "scenario", "replication", "indicator", "value",
    ]  # fmt: skip
    assert len(tidy) == 7 * 3 * 3
    picked = tidy[(tidy.point == 4) & (tidy.indicator == "visits_mean")]
    assert picked.value.tolist() == found.values_of("visits_mean")[4].tolist()
    assert picked.replication.tolist() == [0, 1, 2]
    assert set(picked["policy.entry"]) == {0.8}
    summary = pd.read_csv(tmp_path / "summary.csv")
    assert len(summary) == 7 * 3
    row = summary[(summary.point == 4) & (summary.indicator == "visits_mean")].iloc[0]
    assert row["mean"] == pytest.approx(picked.value.mean())
    change = found.changes("visits_mean")[4]
    assert row.difference == pytest.approx(change.mean)
    again = plan_sweep(study({}, points=tmp_path / "points.csv"))
    assert again.contents == grid.contents


def test_the_tidy_file_is_written_in_parts(
    grid: SweepPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = SweepResults(grid, swept_values(grid, runner(), 2))
    save(found, tmp_path, Record(1, 0.0))
    whole = pd.read_parquet(tmp_path / "sweep.parquet")
    monkeypatch.setattr("sim.studies.sweep.files.ROWS", 13)
    save(found, tmp_path, Record(1, 0.0))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "sweep.parquet"), whole)


def test_a_hall_without_a_value_of_its_own_lies_where_it_was_surveyed(small: Hall) -> None:
    county = load("county")
    axes = {axis.name: axis for axis in plan_sweep(study()).axes}
    assert base_level(county, axes["policy.entry"]) == pytest.approx(179 / 302)
    fixed = county.with_values({"policy.entry": 0.7})
    assert base_level(fixed, axes["policy.entry"]) == 0.7
    share = base_level(county, axes["policy.authorization"])
    assert share is not None
    assert 0.05 < share < 0.3
