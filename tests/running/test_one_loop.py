"""One loop: every command keeps what it simulates, and makes each scenario ready once."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.running import cells as module
from sim.running import replication
from sim.running.cells import Batch, Cell, Cells, work_out
from sim.running.measurements import (
    CASES,
    DETAILS,
    GAINS,
    INDICATORS,
    QueuePerformanceWith,
    changes_in,
)
from sim.running.runner import Runner, Share, ShareDoneError
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from tests.interface.conftest import Run, run
from tests.scenario.conftest import Hall
from tests.studies.build import run as run_scenarios

__all__ = ["run"]

RUN_ID = re.compile(r"\d{8}-\d{6}-\d{6}")
QUIET = ("--no-charts", "--quiet", "--jobs", "1", "--json")
COMMANDS = {
    "run": ("run", "hall.yaml", "-n", "3", "--log"),
    "compare": ("compare", "hall.yaml", "+full-entry", "-n", "3"),
    "sweep": ("sweep", "hall.yaml", "--vary", "policy.entry=0.5,1", "-n", "3"),
    "attribute": ("attribute", "hall.yaml", "full-entry", "full-authorization", "-n", "3"),
    "sensitivity": ("sensitivity", "hall.yaml", "--vary", "policy.entry=0.5:1", "-n", "3"),
    "staff": ("staff", "hall.yaml", "--target", "served_rate>=0.3", "--budget", "60"),
    "capacity": ("capacity", "hall.yaml", "-n", "3"),
    "transition": ("transition", "hall.yaml", "--phase", "2008-07-20:full-entry", "-n", "3"),
}


@pytest.fixture
def plays(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is played, by the content of the scenario."""
    found: list[str] = []

    def noted(ready: replication.Prepared, *arguments: object, **options: object) -> object:
        found.append(ready.scenario.content)
        return replication.simulate_replication(ready, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "simulate_replication", noted)
    return found


@pytest.fixture
def preparations(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each scenario is made ready."""
    found: Counter[str] = Counter()
    prepare = replication.prepare

    def noted(scenario: Scenario) -> replication.Prepared:
        found[scenario.content] += 1
        return prepare(scenario)

    monkeypatch.setattr(replication, "prepare", noted)
    monkeypatch.setattr(module, "prepare", noted)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_same_command_again_plays_nothing_and_says_the_same(
    run: Run, plays: list[str], name: str
) -> None:
    first = run(*COMMANDS[name], *QUIET)
    assert first.exit_code == 0, first.output
    assert plays
    plays.clear()
    again = run(*COMMANDS[name], *QUIET)
    assert not plays
    assert json.loads(first.stdout)
    first_told, told = (RUN_ID.sub("RUN", one.stdout) for one in (first, again))
    assert told == first_told


def test_a_larger_comparison_finds_the_cells_of_a_smaller_one(run: Run, plays: list[str]) -> None:
    run("run", "hall.yaml", "-n", "3", "--cases", "0", *QUIET)
    assert len(plays) == 3
    run("compare", "hall.yaml", "+full-entry", "-n", "3", "--cases", "0", *QUIET)
    # The base is played again, to compare its applicants, but its figures are there.
    assert len(plays) == 3 + 6
    run("compare", "hall.yaml", "+full-entry", "-n", "5", "--cases", "0", *QUIET)
    assert len(plays) == 3 + 6 + 4


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_scenario_is_made_ready_once(
    small: Hall, hall: Scenario, preparations: Counter[str], jobs: int
) -> None:
    small.write("rival.yaml", "extends: hall\ntitle: {en: R, zh: 另}\ndemand: {volume: 1.1}\n")
    small.write("other.yaml", "extends: hall\ntitle: {en: O, zh: 他}\ndemand: {volume: 1.2}\n")
    rivalled = ("rival", "other")
    halls = [hall, *(hall.with_values({"policy.entry": x / 10}) for x in range(4, 9))]
    halls = [
        replace(one, settings=one.settings.model_copy(update={"rivals": rivalled})) for one in halls
    ]
    results = run_scenarios(halls, replications=6, rivals=True, workers=Workers(jobs))
    assert len(results.rivals) == 2
    assert len(preparations) == 6 * 3
    assert set(preparations.values()) == {1}


def test_a_process_that_works_for_several_runs_keeps_few(hall: Scenario) -> None:
    tokens = [f"run {number}" for number in range(5)]
    first = [replication.preparations_of(one).scenario(hall) for one in tokens]
    assert len({id(one) for one in first}) == 5
    again = replication.preparations_of(tokens[-1]).scenario(hall)
    assert again is first[-1]
    assert replication.preparations_of(tokens[0]).scenario(hall) is not first[0]


def test_what_is_ready_is_let_go_when_there_is_much(
    hall: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replication, "MOST_READY", 2)
    halls = [hall.with_values({"policy.entry": x / 10}) for x in (4, 5, 6)]
    few, enough = replication.Preparations(), replication.Preparations()
    first = [few.scenario(one) for one in halls]
    assert few.scenario(halls[2]) is first[2]
    assert few.scenario(halls[0]) is not first[0]
    first = [enough.scenario(one, most=3) for one in halls]
    assert [enough.scenario(one) for one in halls] == first


def test_cells_of_a_batch_are_those_of_each_alone(hall: Scenario) -> None:
    other = hall.with_reforms("full-entry")
    cells = (
        Cell((hall,), 2, 1, 1, DETAILS),
        Cell((other,), 2, 1, 1, INDICATORS),
        Cell((hall, other), 2, 1, 1, GAINS),
        Cell((other,), 2, 1, 1, CASES),
        Cell((hall,), 2, 1, 1, QueuePerformanceWith()),
        Cell((hall,), 2, 1, 1, QueuePerformanceWith((("land windows", 1),))),
    )
    together = work_out(Batch(cells))
    for cell, found in zip(cells, together, strict=True):
        (alone,) = work_out(Batch((cell,)))
        assert alone.dtype == found.dtype
        assert alone.tobytes() == found.tobytes()
    gains = changes_in(together[2][0])
    assert gains.totals[0].sum() == gains.bands.sum() == gains.ends[0].sum() > 0
    indicators = [together[0]["indicators"], together[1]["indicators"]]
    assert not np.array_equal(*indicators, equal_nan=True)


def test_shares_together_are_the_whole(hall: Scenario, tmp_path: Path) -> None:
    def share(number: int, of: int = 3) -> Runner:
        cells = Cells(tmp_path / "cells")
        return Runner(1, workers=Workers(1), cells=cells, share=Share(number, of))

    missing = []
    for number in (1, 2):
        with pytest.raises(ShareDoneError) as done:
            share(number).figures([hall], range(7), block=1)
        missing.append((done.value.missing, done.value.asked))
    assert missing == [(4, 7), (2, 7)]
    found = share(3).figures([hall], range(7), block=1)
    alone = Runner(1, workers=Workers(1)).figures([hall], range(7), block=1)
    assert found.values.tobytes() == alone.values.tobytes()


def test_a_comparison_in_shares_is_gathered_by_a_run_without(run: Run, plays: list[str]) -> None:
    command = ("compare", "hall.yaml", "+full-entry", "-n", "4", *QUIET[:-1])
    first = run(*command, "--shard", "1/2")
    assert first.exit_code == 0, first.output
    assert "Of 4 tasks 2 are others' and not yet in results/cells" in first.output
    assert not list(Path("results").glob("*/*/manifest.json"))
    assert run(*command, "--shard", "2/2").exit_code == 0
    plays.clear()
    assert run(*command).exit_code == 0
    assert not plays


def test_a_figure_that_needs_the_log_is_not_held_in_memory(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[dict[str, object]] = []
    fill = Runner.fill

    def noted(self: Runner, batches: object) -> dict[str, object]:
        filled.append(fill(self, batches))  # type: ignore[arg-type]
        return filled[-1]

    monkeypatch.setattr(Runner, "fill", noted)
    assert run("run", "hall.yaml", "-n", "3", "--cases", "2", "--log", *QUIET).exit_code == 0
    (found,) = filled
    assert len(found) == 3 + 2  # details and cases, no log
    assert len(list(Path("results/cells").rglob("*.npy"))) == 3 + 2 + 2


def test_ctrl_c_keeps_the_log_of_what_is_finished(hall: Scenario) -> None:
    def stop(done: int, _total: int) -> None:
        if done == 2:
            os.kill(os.getpid(), signal.SIGINT)

    results = run_scenarios(
        [hall], replications=6, cases=5, log=True, workers=Workers(1), progress=stop
    )
    numbers = results.paired
    assert 2 <= len(numbers) < 6
    assert set(results.log["replication"]) == set(numbers)


def test_a_log_of_no_history_is_refused(run: Run) -> None:
    ended = run("run", "hall.yaml", "--log", "--cases", "0")
    assert ended.exit_code == 2
    assert ended.output == "--log: an event log of no histories; allowed: --cases 1 or more\n"
