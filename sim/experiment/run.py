"""Run scenarios: the same applicants in each, as many histories as asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.play import EngineName
from sim.experiment.gains import Pairing
from sim.experiment.interrupts import interrupts
from sim.experiment.precision import Target, next_stop
from sim.experiment.replicate import Replication, prepared, replicate
from sim.experiment.results import Results
from sim.experiment.workers import Workers
from sim.measure.frames import case_frame
from sim.measure.gains import Passages, passages
from sim.scenario.model import Scenario
from sim.stats.precision import judge_precision

FEWEST_FOR_RIVALS = 4
"""Rivals only have to show whether the answer differs: half the replications, at least these."""

HEAD_START = 8
"""Replications of the base that take as long as making another scenario ready."""
MOST_AHEAD = 3
"""Scenarios that are made ready meanwhile; further ones come in their turn."""

Progress = Callable[[int, int], None]
"""Called with the tasks done and the tasks in all, as far as known."""


@dataclass(frozen=True)
class Task:
    """One replication of one scenario, which stands at `place` in the list of all."""

    place: int
    scenario: Scenario
    replication: int
    seed: int
    engine: EngineName
    with_cases: bool
    with_passages: bool


@dataclass(frozen=True)
class Done:
    """What came of a task; `cases` and `passages` only where they were asked for."""

    result: Replication
    cases: pd.DataFrame | None
    passages: Passages | None


def do(task: Task) -> Done:
    """Run one task."""
    ready = prepared(task.scenario)
    result, ledger = replicate(ready, task.replication, task.seed, task.engine)
    start = task.scenario.settings.horizon.start
    return Done(
        result,
        case_frame(ledger, start, task.replication) if task.with_cases else None,
        passages(ledger) if task.with_passages else None,
    )


def run(  # noqa: PLR0913  (one argument per option)
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    target: Target | None = None,
    seed: int | None = None,
    engine: EngineName = "compiled",
    workers: Workers | None = None,
    rivals: bool = False,
    cases: int = 0,
    progress: Progress | None = None,
) -> Results:
    """Run every scenario for the same replications.

    Parameters
    ----------
    scenarios
        The base first.
    replications, seed
        As in the base's `experiment`, unless given.
    target
        Run until figures are this precise, instead of so many replications.
    engine
        Which engine; they differ in speed only.
    workers
        Who does it; the best for the engine unless given.
    rivals
        Run the comparison also under the base's `rivals`.
    cases
        Replications of each scenario, the first ones, whose cases are kept.
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
    work = _Work(
        _families(scenarios, rivals=rivals),
        seed=experiment.seed if seed is None else seed,
        engine=engine,
        workers=workers or Workers.best_for(engine),
        cases=cases,
        progress=progress,
    )
    with interrupts() as stopped:
        if target is None:
            work.do(work.tasks(range(wanted), range(_for_rivals(wanted))), stopped)
        else:
            wanted = _until_precise(work, target, stopped)
    found = _gather(work, wanted)
    return dataclasses.replace(found[0], rivals=tuple(found[1:]), target=target)


def _families(scenarios: Sequence[Scenario], *, rivals: bool) -> list[list[Scenario]]:
    """Return the scenarios, and the same under each rival of the base if that is asked for."""
    found = [list(scenarios)]
    if rivals:
        found += [list(one) for one in zip(*(one.rivals() for one in scenarios), strict=True)]
    return found


def _for_rivals(replications: int) -> int:
    return min(replications, max(FEWEST_FOR_RIVALS, replications // 2))


class _Work:
    """What is done of a run, scenario by scenario; those of the first family stand first."""

    def __init__(
        self,
        families: list[list[Scenario]],
        *,
        seed: int,
        engine: EngineName,
        workers: Workers,
        cases: int,
        progress: Progress | None,
    ) -> None:
        self.families = families
        self.seed = seed
        self.engine = engine
        self.workers = workers
        self.with_cases = range(cases)
        self.progress = progress
        self.scenarios = [scenario for family in families for scenario in family]
        self.first = len(families[0])
        self.finished: list[dict[int, Replication]] = [{} for _ in self.scenarios]
        self.cases: dict[str, dict[int, pd.DataFrame]] = {}
        self.pairing = Pairing(self.first, lambda place: prepared(self.scenarios[place]).network)
        self.count = 0

    def tasks(self, numbers: range, for_rivals: range = range(0)) -> list[Task]:
        """Return these replications of the first family, and those of its rivals.

        Replication by replication, so that what scenarios share is drawn once; but the base
        runs ahead while the others are made ready, which only one worker at a time can do.
        """
        tasks = [
            Task(
                place=place,
                scenario=scenario,
                replication=number,
                seed=self.seed,
                engine=self.engine,
                with_cases=number in self.with_cases and place < self.first,
                with_passages=self.first > 1 and place < self.first,
            )
            for number in range(
                min(numbers.start, for_rivals.start) if for_rivals else numbers.start,
                max(numbers.stop, for_rivals.stop),
            )
            for place, scenario in enumerate(self.scenarios)
            if number in (numbers if place < self.first else for_rivals)
        ]
        return sorted(tasks, key=partial(_turn, first=tasks[0].replication)) if tasks else []

    def do(self, tasks: Sequence[Task], stopped: Callable[[], bool], further: int = 0) -> None:
        """Do tasks until Ctrl-C; about so many further ones will come later."""
        total = self.count + len(tasks) + further
        for task, done in self.workers.stream(do, tasks):
            self._keep(task, done)
            if self.progress is not None:
                self.progress(self.count, total)
            if stopped():
                break

    def _keep(self, task: Task, done: Done) -> None:
        self.count += 1
        self.finished[task.place][task.replication] = done.result
        if done.cases is not None:
            self.cases.setdefault(task.scenario.name, {})[task.replication] = done.cases
        if done.passages is not None:
            self.pairing.add(task.place, task.replication, done.passages)

    def all_cases(self) -> dict[str, pd.DataFrame]:
        """Return the cases kept of each scenario of the first family, in its order."""
        kept = {one.name: self.cases.get(one.name, {}) for one in self.families[0]}
        return {
            name: pd.concat([frames[number] for number in sorted(frames)], ignore_index=True)
            for name, frames in kept.items()
            if frames
        }

    def values(self, replications: int, indicators: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return figures of the first family, shape (replications, scenarios × indicators)."""
        return np.array(
            [
                [
                    found[number].indicators[one]
                    for found in self.finished[: self.first]
                    for one in indicators
                ]
                for number in range(replications)
            ]
        )


def _turn(task: Task, first: int) -> tuple[float, int]:
    """Return what orders the tasks."""
    ahead = task.replication - first
    if task.place == 0 and ahead <= HEAD_START * MOST_AHEAD:
        return ahead / HEAD_START, 0
    if ahead == 0:
        return task.place - 1, task.place
    return MOST_AHEAD + ahead, task.place


def _until_precise(work: _Work, target: Target, stopped: Callable[[], bool]) -> int:
    """Run the first family until it is precise, then its rivals; return how often it ran."""
    plan = target.plan
    rivals = len(work.scenarios) - work.first
    n, stop, end = 0, plan.first, plan.first
    while True:
        further = (end - stop) * work.first + _for_rivals(end) * rivals
        work.do(work.tasks(range(n, stop)), stopped, further)
        n = stop
        if stopped():
            return n
        judgement = judge_precision(work.values(n, target.indicators), plan)
        if judgement.enough or judgement.capped:
            break
        stop, end = next_stop(judgement, n, plan)
    if rivals:
        work.do(work.tasks(range(0), range(_for_rivals(n))), stopped)
    return n


def _gather(work: _Work, asked: int) -> list[Results]:
    found: list[Results] = []
    place = 0
    for family in work.families:
        finished = work.finished[place : place + len(family)]
        place += len(family)
        if not set.intersection(*map(set, finished)):
            continue
        ready = [prepared(scenario) for scenario in family]
        found.append(
            Results(
                scenarios=tuple(family),
                finished=tuple(finished),
                networks=tuple(one.network for one in ready),
                seed=work.seed,
                cases=work.all_cases() if family is work.families[0] else {},
                asked=asked,
                engine=work.engine,
                gained=tuple(work.pairing.found) if family is work.families[0] else (),
                certain=frozenset(ready[0].books.fixed),
            )
        )
    if not found or found[0].scenarios != tuple(work.families[0]):
        raise KeyboardInterrupt
    return found
