"""Run scenarios: the same applicants in each, as many histories as asked for."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import pandas as pd

from sim.engine.play import EngineName
from sim.experiment.replicate import Replication
from sim.experiment.results import Results
from sim.experiment.workers import Done, Task, Worker, default_jobs, stream
from sim.scenario.model import Scenario

FEWEST_FOR_RIVALS = 4
"""Rivals only have to show whether the answer differs: half the replications, at least these."""

Progress = Callable[[int, int], None]
"""Called with the tasks done and the tasks in all."""


def run(
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    engine: EngineName = "compiled",
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
    jobs
        Workers; all cores unless given.  It changes no number.
    engine
        Which engine; they differ in speed only.
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
        Task(number, replication, with_cases=replication == 0 and number < len(scenarios))
        for replication in range(wanted)
        for number in range(len(everything))
        if number < len(scenarios) or replication < max(FEWEST_FOR_RIVALS, wanted // 2)
    ]
    worker = Worker(everything, key, engine)
    finished = stream(worker, tasks, jobs or default_jobs())
    done = _collect(finished, len(tasks), progress)
    found = _gather(families, done, worker, wanted)
    return dataclasses.replace(found[0], rivals=tuple(found[1:]))


def _collect(finished: Iterator[Done], total: int, progress: Progress | None) -> list[Done]:
    done: list[Done] = []
    with _interrupts() as asked:
        for one in finished:
            done.append(one)
            if progress is not None:
                progress(len(done), total)
            if asked():
                break
    return done


@contextmanager
def _interrupts() -> Iterator[Callable[[], bool]]:
    """Note the first Ctrl-C instead of raising it; a second one ends everything at once.

    Raised in the middle of a replication it could fall into the clean-up of some generator,
    where Python drops it.
    """
    asked = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            signal.default_int_handler(number, frame)
        asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def _gather(
    families: list[list[Scenario]], done: list[Done], worker: Worker, asked: int
) -> list[Results]:
    found: list[Results] = []
    first = 0
    for family in families:
        finished: list[dict[int, Replication]] = [{} for _ in family]
        cases: dict[str, pd.DataFrame] = {}
        for one in done:
            number = one.task.scenario - first
            if 0 <= number < len(family):
                finished[number][one.task.replication] = one.result
                if one.cases is not None:
                    cases[family[number].name] = one.cases
        results = Results(
            scenarios=tuple(family),
            finished=tuple(finished),
            networks=tuple(worker.prepared(first + n).network for n in range(len(family))),
            seed=worker.seed,
            cases=cases,
            asked=asked,
            engine=worker.engine,
        )
        first += len(family)
        if results.paired:
            found.append(results)
    if not found or found[0].scenarios != tuple(families[0]):
        raise KeyboardInterrupt
    return found
