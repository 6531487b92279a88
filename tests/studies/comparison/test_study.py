"""Runs: so many replications, or until figures are precise enough."""

from __future__ import annotations

import gc
import os
import signal
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.engine.play import ENGINES, EngineName
from sim.measure.definitions import headline
from sim.measure.frames import case_columns
from sim.running import cells, replication
from sim.running.interrupts import interrupted
from sim.running.replication import SimulatedReplication
from sim.running.workers import WORKER_KINDS, DoneT, TaskT, WorkerKind, Workers
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError
from sim.stats.precision import Precision, judge_precision
from sim.studies.comparison.files import save
from sim.studies.comparison.precision import (
    PrecisionTarget,
    next_stop,
    open_figures,
    reached,
    target_of,
)
from sim.studies.findings import Record
from tests.scenario.conftest import Hall
from tests.studies.build import run

ELAPSED = "all_elapsed_mean_wd"


def target(half_width: float, most: int = 60, *indicators: str) -> PrecisionTarget:
    found = target_of(half_width, indicators or (ELAPSED,), most)
    assert found is not None
    return found


# Precision ----------------------------------------------------------------------------------


def test_it_ends_once_every_figure_of_every_scenario_is_precise(hall: Scenario) -> None:
    scenarios = [hall, hall.with_reforms("full-authorization")]
    asked = target(0.06, 200, ELAPSED, "all_visits_mean")
    results = run(scenarios, target=asked, workers=Workers(1))
    n = len(results.paired)
    assert asked.plan.first < n < 200
    frame = results.precision
    assert frame is not None
    assert len(frame) == 4
    assert (frame.relative <= 0.06).all()
    assert set(frame.state) == {"met"}
    for row in frame.itertuples():
        estimate = results.indicator(str(row.scenario), str(row.indicator))
        assert row.mean == pytest.approx(estimate["mean"])
        assert row.half_width == pytest.approx((estimate["high"] - estimate["low"]) / 2)
        assert row.relative == pytest.approx(row.half_width / abs(row.mean))
    values = np.array([results.values(s, i) for s in (0, 1) for i in asked.indicators]).T
    assert judge_precision(values, asked.plan).enough
    assert reached(results, asked)["reached"] is True


def test_the_number_of_workers_changes_nothing(hall: Scenario) -> None:
    asked = target(0.08, 100)
    one, two = (run([hall], target=asked, workers=Workers(jobs)) for jobs in (1, 2))
    assert one.paired == two.paired
    assert one.values(0, ELAPSED).tolist() == two.values(0, ELAPSED).tolist()


@dataclass(frozen=True)
class Shuffled(Workers):
    """Workers who finish in an order of their own."""

    seed: int = 0

    def stream(
        self,
        do: Callable[[TaskT], DoneT],
        tasks: Sequence[TaskT],
        stopped: Callable[[], bool] = interrupted,
    ) -> Iterator[tuple[TaskT, DoneT]]:
        order = np.random.default_rng(self.seed).permutation(len(tasks))
        return super().stream(do, [tasks[place] for place in order], stopped)


def files_of(
    scenarios: Sequence[Scenario], folder: Path, workers: Workers, engine: EngineName
) -> list[bytes]:
    """Run and return the bytes of the tables of cases and replications."""
    results = run(scenarios, replications=4, cases=3, workers=workers, engine=engine, seed=5)
    folder.mkdir()
    save(results, folder, Record(seed=5, seconds=0, command=()))
    found = pd.read_parquet(folder / "cases.parquet")
    assert found["scenario"].drop_duplicates().tolist() == [one.name for one in scenarios]
    assert found.columns.tolist() == list(case_columns())
    for _, of_one in found.groupby("scenario"):
        assert of_one["replication"].is_monotonic_increasing
        assert set(of_one["replication"]) == {0, 1, 2}
    return [(folder / f"{name}.parquet").read_bytes() for name in ("cases", "replications")]


@pytest.fixture
def three(hall: Scenario) -> list[Scenario]:
    # Routes of the second have phases that those of the first have not, and the other way round.
    return [
        hall.with_reforms("full-authorization", "full-entry"),
        hall,
        hall.with_reforms("full-entry"),
    ]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("kind", WORKER_KINDS)
def test_the_same_seed_gives_the_same_bytes(
    three: list[Scenario], tmp_path: Path, engine: EngineName, jobs: int, kind: WorkerKind
) -> None:
    expected = files_of(three, tmp_path / "one", Workers(1), "compiled")
    assert files_of(three, tmp_path / "other", Workers(jobs, kind), engine) == expected


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.integers(0, 1000))
def test_in_whatever_order_tasks_end_the_bytes_are_the_same(
    three: list[Scenario], order: int
) -> None:
    with TemporaryDirectory() as folder:
        expected = files_of(three, Path(folder) / "one", Workers(1), "compiled")
        mixed = Shuffled(1, seed=order)
        assert files_of(three, Path(folder) / "other", mixed, "compiled") == expected


def test_the_figures_are_those_of_as_many_replications(hall: Scenario) -> None:
    found = run([hall], target=target(0.08, 100), workers=Workers(1))
    again = run([hall], replications=len(found.paired), workers=Workers(1))
    assert found.values(0, ELAPSED).tolist() == again.values(0, ELAPSED).tolist()


def test_it_ends_at_the_most_and_says_what_it_would_need(hall: Scenario) -> None:
    asked = target(0.001, 12)
    results = run([hall], target=asked, workers=Workers(1))
    assert len(results.paired) == results.asked == 12
    frame = results.precision
    assert frame is not None
    (row,) = open_figures(frame).itertuples()
    assert row.state == "open"
    assert row.needed > 1000
    found = reached(results, asked)
    assert found["reached"] is False
    assert found["held_up_by"][0]["indicator"] == ELAPSED  # type: ignore[index]


def test_differences_are_told_by_the_bases_mean(hall: Scenario) -> None:
    scenarios = [hall, hall.with_reforms("full-authorization")]
    results = run(scenarios, target=target(0.5, 20), workers=Workers(1))
    frame = results.precision
    assert frame is not None
    base, scenario = frame.itertuples()
    assert np.isnan(base.difference_half_width)
    row = results.difference(results.names[1], ELAPSED)
    assert scenario.difference_half_width == pytest.approx((row["high"] - row["low"]) / 2)
    assert scenario.difference_relative == pytest.approx(scenario.difference_half_width / base.mean)


def test_rivals_run_half_as_often_afterwards(small: Hall, hall: Scenario) -> None:
    small.write("rival.yaml", "extends: hall\ntitle: {en: Rival, zh: 另说}\nrivals: []\n")
    rivalled = replace(hall, settings=hall.settings.model_copy(update={"rivals": ("rival",)}))
    scenarios = [rivalled, rivalled.with_reforms("full-authorization")]
    scenarios[1] = replace(
        scenarios[1], settings=scenarios[1].settings.model_copy(update={"rivals": ("rival",)})
    )
    told: list[tuple[int, int]] = []
    results = run(
        scenarios,
        target=target(0.5, 12),
        workers=Workers(1),
        rivals=True,
        progress=lambda done, total: told.append((done, total)),
    )
    (rival,) = results.rivals
    n = len(results.paired)
    assert len(rival.paired) == n // 2
    assert told[-1] == (n + n // 2,) * 2
    assert all(done <= total for done, total in told)


def test_ctrl_c_keeps_what_is_finished(hall: Scenario) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 13:
            os.kill(os.getpid(), signal.SIGINT)

    results = run([hall], target=target(0.001, 400), workers=Workers(1), progress=stop)
    assert 13 <= len(results.paired) < results.asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0.02, (), None, 5), ["--precision"]),
        ((0.0, ("nothing",), 1, None), ["--precision", "--most", "--indicator"]),
        ((1.5, (), None, None), ["--precision"]),
        ((None, (ELAPSED,), 7, None), ["--indicator", "--most"]),
    ],
)
def test_contradictions_are_told_together(arguments: tuple, said: list[str]) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError) as caught:
        target_of(*arguments)
    assert [problem.file for problem in caught.value.problems] == said


def test_the_headline_figures_count_unless_others_are_named() -> None:
    found = target_of(0.1)
    assert found is not None
    assert found.indicators == tuple(one.id for one in headline())
    assert target_of(None) is None


def test_it_never_goes_more_than_twice_as_far() -> None:
    plan = Precision(0.01, most=10_000)
    values = np.random.default_rng(1).normal(10, 3, (10, 1))
    judgement = judge_precision(values, plan)
    stop, end = next_stop(judgement, 10, plan)
    needed = judgement.figures[0].needed
    assert needed is not None
    assert (stop, end) == (20, needed)
    assert next_stop(judgement, 10, replace(plan, most=15)) == (15, 15)


# What is held --------------------------------------------------------------------------------


def test_what_is_played_is_let_go_before_the_next_is(
    hall: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[weakref.ref[SimulatedReplication]] = []
    alive: list[int] = []

    def noted(*arguments: object, **options: object) -> SimulatedReplication:
        gc.collect()
        alive.append(sum(one() is not None for one in played))
        found = replication.simulate_replication(*arguments, **options)  # type: ignore[arg-type]
        played.append(weakref.ref(found))
        return found

    monkeypatch.setattr(cells, "simulate_replication", noted)
    scenarios = [hall, hall.with_reforms("full-authorization"), hall.with_reforms("full-entry")]
    results = run(scenarios, replications=4, workers=Workers(1))
    assert len(played) == 3 * 4
    assert max(alive) == 0
    assert [len(one) for one in results.gained] == [4, 4]


def test_what_no_chance_touches_is_certain_from_the_first_replication_on(hall: Scenario) -> None:
    scenarios = [hall, hall.with_reforms("full-entry")]
    row = run(scenarios, replications=1, workers=Workers(1)).difference(
        scenarios[1].name, "entry_rate"
    )
    assert row["verdict"] == "higher"
    assert row["low"] == row["mean"] == row["high"] > 0


def test_replications_without_a_figure_are_counted(hall: Scenario) -> None:
    results = run([hall, hall.with_reforms("full-entry")], replications=3, workers=Workers(1))
    first = results.finished[0]
    nulled = first[1].indicators | {ELAPSED: np.nan}
    finished = ({**first, 1: replace(first[1], indicators=nulled)}, results.finished[1])
    found = replace(results, finished=finished)
    assert found.indicator("hall", ELAPSED)["null_in"] == 1
    row = found.difference(results.names[1], ELAPSED)
    assert (row["n"], row["null_in"]) == (2, 1)
    assert not found.difference(results.names[1], "all_visits_mean")["null_in"]
