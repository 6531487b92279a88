"""Run scenarios: the same applicants in each, as many histories as asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.engine.play import EngineName
from sim.experiment.interrupts import interrupts
from sim.experiment.replicate import Replication, prepared, replicate
from sim.experiment.results import Results
from sim.experiment.workers import Workers
from sim.measure.frames import case_frame
from sim.scenario.model import Scenario

FEWEST_FOR_RIVALS = 4
"""Rivals only have to show whether the answer differs: half the replications, at least these."""

Progress = Callable[[int, int], None]
"""Called with the tasks done and the tasks in all."""


@dataclass(frozen=True)
class Task:
    """One replication of one scenario, which stands at `place` in the list of all."""

    place: int
    scenario: Scenario
    replication: int
    seed: int
    engine: EngineName
    with_cases: bool


@dataclass(frozen=True)
class Done:
    """What came of a task; `cases` only where they were asked for."""

    result: Replication
    cases: pd.DataFrame | None


def do(task: Task) -> Done:
    """Run one task."""
    ready = prepared(task.scenario)
    result, ledger = replicate(ready, task.replication, task.seed, task.engine)
    start = task.scenario.settings.horizon.start
    return Done(result, case_frame(ledger, start) if task.with_cases else None)


def run(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    engine: EngineName = "compiled",
    workers: Workers | None = None,
    rivals: bool = False,
    progress: Progress | None = None,
) -> Results:
    """Run every scenario for the same replications.

    Parameters
    ----------
    scenarios
        The base first.
    replications, seed
        As in the base's `experiment`, unless given.
    engine
        Which engine; they differ in speed only.
    workers
        Who does it; the best for the engine unless given.
    rivals
        Run the comparison also under the base's `rivals`.
    progress
        Told after each finished replication.

    Returns
    -------
    Results
        After Ctrl-C what was finished by then, if at least one replication of all was.

    Raises
    ------
    KeyboardInterrupt
        If nothing was finished that could be kept.
    """
    experiment = scenarios[0].settings.experiment
    wanted = experiment.replications if replications is None else replications
    key = experiment.seed if seed is None else seed
    families = [list(scenarios)]
    if rivals:
        families += [
            list(family) for family in zip(*(one.rivals() for one in scenarios), strict=True)
        ]
    everything = [scenario for family in families for scenario in family]
    tasks = [
        Task(place, scenario, number, key, engine, number == 0 and place < len(scenarios))
        for number in range(wanted)
        for place, scenario in enumerate(everything)
        if place < len(scenarios) or number < max(FEWEST_FOR_RIVALS, wanted // 2)
    ]
    finished = (workers or Workers.best_for(engine)).stream(do, tasks)
    done = _collect(finished, len(tasks), progress)
    found = _gather(families, done, key, engine, wanted)
    return dataclasses.replace(found[0], rivals=tuple(found[1:]))


def _collect(
    finished: Iterator[tuple[Task, Done]], total: int, progress: Progress | None
) -> list[tuple[Task, Done]]:
    done: list[tuple[Task, Done]] = []
    with interrupts() as asked:
        for one in finished:
            done.append(one)
            if progress is not None:
                progress(len(done), total)
            if asked():
                break
    return done


def _gather(
    families: list[list[Scenario]],
    done: list[tuple[Task, Done]],
    seed: int,
    engine: EngineName,
    asked: int,
) -> list[Results]:
    found: list[Results] = []
    first = 0
    for family in families:
        finished: list[dict[int, Replication]] = [{} for _ in family]
        cases: dict[str, pd.DataFrame] = {}
        for task, one in done:
            number = task.place - first
            if 0 <= number < len(family):
                finished[number][task.replication] = one.result
                if one.cases is not None:
                    cases[family[number].name] = one.cases
        first += len(family)
        if all(finished) and set.intersection(*map(set, finished)):
            found.append(
                Results(
                    scenarios=tuple(family),
                    finished=tuple(finished),
                    networks=tuple(prepared(scenario).network for scenario in family),
                    seed=seed,
                    cases=cases,
                    asked=asked,
                    engine=engine,
                )
            )
    if not found or found[0].scenarios != tuple(families[0]):
        raise KeyboardInterrupt
    return found
