"""Run scenarios: the same applicants in each, as many histories as asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sim.measure.definitions import indicators
from sim.running.cells import Cell, Found
from sim.running.interrupts import interrupts
from sim.running.measurements import (
    CASES,
    DETAILS,
    EVENT_LOG,
    GAINS,
    SERIES,
    Measurement,
    changes_in,
    table_in,
)
from sim.running.replication import forget
from sim.running.runner import Runner, StoppedError
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, RunError
from sim.stats.precision import judge_precision
from sim.studies.comparison.histories import Replication
from sim.studies.comparison.precision import PrecisionTarget, next_stop
from sim.studies.comparison.results import Results

FEWEST_FOR_RIVALS = 4
"""Rivals only have to show whether the answer differs: half the replications, at least these."""


def run(
    scenarios: Sequence[Scenario],
    runner: Runner,
    *,
    replications: int | None = None,
    target: PrecisionTarget | None = None,
    rivals: bool = False,
    cases: int = 0,
    log: bool = False,
) -> Results:
    """Run every scenario for the same replications.

    Parameters
    ----------
    scenarios
        The base first.
    runner
        Works out replications, and keeps them; its seed decides who comes.
    replications
        As in the base's `experiment`, unless given.
    target
        Run until figures are this precise, instead of so many replications.
    rivals
        Run the comparison also under the base's `rivals`.
    cases
        Replications of each scenario, the first ones, whose cases are kept.
    log
        Keep the event log of these replications too.

    Returns
    -------
    Results
        After Ctrl-C what was finished by then, if at least one replication of all was.

    Raises
    ------
    InputError
        If a log is asked for of no case.
    StoppedError
        If nothing was finished that could be shown; finished cells are kept.
    RunError
        If workers, cluster or disk fail; finished cells are kept.
    ShareDoneError
        If this machine has worked out its share, and other shares are missing.
    """
    _check_log(cases, log=log)
    experiment = scenarios[0].settings.experiment
    wanted = experiment.replications if replications is None else replications
    work = _Work(_families(scenarios, rivals=rivals), runner, cases, with_log=log)
    stopped = None
    try:
        with interrupts():  # as one, however often it looks whether that is enough
            wanted = _all(work, wanted, target)
    except StoppedError as error:
        stopped, wanted = error, work.asked
    found = _gather(work, wanted)
    forget(runner.run_id)
    if stopped is not None and not found:
        raise StoppedError(stopped.finished, stopped.asked)
    return dataclasses.replace(found[0], rivals=tuple(found[1:]), target=target)


def _check_log(cases: int, *, log: bool) -> None:
    if log and not cases:
        asked = "an event log of no histories"
        raise InputError([Problem("--log", None, asked, "--cases 1 or more")])


def _families(scenarios: Sequence[Scenario], *, rivals: bool) -> list[tuple[Scenario, ...]]:
    """Return the scenarios, and the same under each rival of the base if that is asked for."""
    found = [tuple(scenarios)]
    if rivals:
        found += zip(*(one.rivals() for one in scenarios), strict=True)
    return found


def _for_rivals(replications: int) -> int:
    return min(replications, max(FEWEST_FOR_RIVALS, replications // 2))


@dataclass
class _Work:
    """What is asked of a run, and what is done of it.

    Parameters
    ----------
    families
        The scenarios; and the same under other readings.
    runner
        Works out their cells.
    cases
        Replications of the first family whose cases are kept.
    with_log
        Whether their event log is kept as well.
    """

    families: list[tuple[Scenario, ...]]
    runner: Runner
    cases: int
    with_log: bool = False
    found: dict[str, Found] = field(default_factory=dict, init=False)
    done: int = field(default=0, init=False)
    asked: int = field(default=0, init=False)

    def batches(self, family: int, replications: range) -> list[list[Cell]]:
        """Return what is asked of a family, replication by replication."""
        self.asked = max(self.asked, replications.stop)
        return [self._batch(family, number) for number in replications]

    def of_rivals(self, replications: int) -> list[list[Cell]]:
        """Return what is asked of the other families."""
        numbers = range(_for_rivals(replications))
        others = range(1, len(self.families))
        return [batch for family in others for batch in self.batches(family, numbers)]

    def do(self, batches: Sequence[Sequence[Cell]], further: int = 0) -> None:
        """Work out batches; about so many further ones will come later."""
        total = self.done + len(batches) + further
        try:
            self.found |= self.runner.as_part(self.done, total).fill(batches)
        except StoppedError as stopped:
            self.found |= stopped.found
            raise
        self.done += len(batches)

    def cell(self, measured: Measurement, number: int, *scenarios: Scenario) -> Cell:
        """Return the cell of a replication."""
        return Cell(scenarios, number, 1, self.runner.seed, measured)

    def of(self, measured: Measurement, *scenarios: Scenario, most: int) -> dict[int, Found]:
        """Return what is finished of scenarios, by replication."""
        keys = {number: self.cell(measured, number, *scenarios).key for number in range(most)}
        return {number: self.found[key][0] for number, key in keys.items() if key in self.found}

    def values(self, replications: int, names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return figures of the first family, shape (replications, scenarios × indicators)."""
        columns = [list(indicators()).index(name) for name in names]
        of_each = [
            [found["indicators"][columns] for found in self._of_all(scenario, replications)]
            for scenario in self.families[0]
        ]
        return np.concatenate(of_each, axis=1)

    def _of_all(self, scenario: Scenario, replications: int) -> list[Found]:
        return list(self.of(DETAILS, scenario, most=replications).values())

    def _batch(self, family: int, number: int) -> list[Cell]:
        scenarios = self.families[family]
        cells = [self.cell(DETAILS, number, one) for one in scenarios]
        if family:
            return cells
        cells += [self.cell(GAINS, number, scenarios[0], other) for other in scenarios[1:]]
        if number < self.cases:
            # The log first: what has its cases kept has its log kept, wherever Ctrl-C falls.
            cells += [self.cell(EVENT_LOG, number, one) for one in scenarios if self.with_log]
            cells += [self.cell(CASES, number, one) for one in scenarios]
        return cells


def _all(work: _Work, replications: int, target: PrecisionTarget | None) -> int:
    """Work everything out; return how often the first family ran."""
    if target is not None:
        return _until_precise(work, target)
    work.do([*work.batches(0, range(replications)), *work.of_rivals(replications)])
    return replications


def _until_precise(work: _Work, target: PrecisionTarget) -> int:
    """Run the first family until it is precise, then its rivals; return how often it ran."""
    plan = target.plan
    rivals = len(work.families) - 1
    n, stop, end = 0, plan.first, plan.first
    while True:
        work.do(work.batches(0, range(n, stop)), end - stop + _for_rivals(end) * rivals)
        n = stop
        judgement = judge_precision(work.values(n, target.indicators), plan)
        if judgement.enough or judgement.capped:
            break
        stop, end = next_stop(judgement, n, plan)
    work.do(work.of_rivals(n))
    return n


def _gather(work: _Work, asked: int) -> list[Results]:
    """Return what is finished of each family, the first one first; nothing if that has nothing."""
    finished = [
        tuple(_replications(work.of(DETAILS, hall, most=most)) for hall in family)
        for place, family in enumerate(work.families)
        for most in [_for_rivals(asked) if place else asked]
    ]
    of_first, *of_rivals = finished
    if not set.intersection(*map(set, of_first)):
        return []
    base, *others = work.families[0]
    ready = [work.runner.prepared(one) for one in work.families[0]]
    first = Results(
        scenarios=work.families[0],
        finished=of_first,
        networks=tuple(one.network for one in ready),
        seed=work.runner.seed,
        cases=_cases(work),
        logs={
            one.name: _log_of(work, one, list(work.of(CASES, one, most=work.cases)))
            for one in (base, *others)
            if work.with_log
        },
        asked=asked,
        engine=work.runner.engine,
        gained=tuple(
            {n: changes_in(one) for n, one in work.of(GAINS, base, other, most=asked).items()}
            for other in others
        ),
        certain=frozenset(ready[0].facts.fixed),
    )
    # Nobody asks who works in the halls of other readings, so they need not be made ready again.
    rivals = [
        dataclasses.replace(
            first, scenarios=family, finished=of, networks=(), cases={}, logs={}, gained=()
        )
        for family, of in zip(work.families[1:], of_rivals, strict=True)
        if set.intersection(*map(set, of))
    ]
    return [first, *rivals]


def _replications(found: Mapping[int, Found]) -> dict[int, Replication]:
    return {
        number: Replication(
            dict(zip(indicators(), one["indicators"].tolist(), strict=True)),
            {
                name.removeprefix(SERIES): one[name]
                for name in one.dtype.names or ()
                if name.startswith(SERIES)
            },
            int(one["events"]),
        )
        for number, one in found.items()
    }


def _cases(work: _Work) -> dict[str, pd.DataFrame]:
    """Return the cases kept of each scenario of the first family, in its order."""
    kept = {one.name: work.of(CASES, one, most=work.cases) for one in work.families[0]}
    return {
        name: pd.concat([table_in(one).to_pandas() for one in of.values()], ignore_index=True)
        for name, of in kept.items()
        if of
    }


def _log_of(
    work: _Work, scenario: Scenario, numbers: Sequence[int]
) -> Callable[[], Iterator[pa.Table]]:
    """Return what reads the event log of a scenario, one replication after the other."""

    def read() -> Iterator[pa.Table]:
        for number in numbers:
            kept = work.runner.cells.get(work.cell(EVENT_LOG, number, scenario).key)
            if kept is None:
                raise RunError(
                    f"{work.runner.cells.folder}: the event log of {scenario.name} is gone from "
                    "it, or damaged; allowed: the same command again"
                )
            yield table_in(kept[0])

    return read
