"""Runs in memory, with the options of a runner beside those of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.engine.play import EngineName
from sim.running.cells import Cells
from sim.running.runner import Progress, Runner
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run as run_with


def runner_of(
    scenario: Scenario,
    *,
    seed: int | None = None,
    engine: EngineName = "compiled",
    workers: Workers | None = None,
    cells: Cells | None = None,
    progress: Progress | None = None,
) -> Runner:
    """Return a runner as a command would make it."""
    return Runner(
        seed=scenario.settings.experiment.seed if seed is None else seed,
        engine=engine,
        workers=workers or Workers.best_for(engine),
        cells=cells or Cells(),
        progress=progress,
    )


def run(
    scenarios: Sequence[Scenario],
    *,
    seed: int | None = None,
    engine: EngineName = "compiled",
    workers: Workers | None = None,
    cells_in: Cells | None = None,
    progress: Progress | None = None,
    **asked: Any,
) -> Results:
    """Run scenarios."""
    runner = runner_of(
        scenarios[0], seed=seed, engine=engine, workers=workers, cells=cells_in, progress=progress
    )
    return run_with(scenarios, runner, **asked)
