"""Run scenarios on the same applicants, for a number of replications or until precise."""

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
from sim.running.fitting_halls import find_sample
from sim.running.in_halls import HallCells, hall_cells
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
"""Smallest number of replications of rivals; they only show whether the answer differs, so half of
the replications are enough for them."""


def run(
    scenarios: Sequence[Scenario],
    runner: Runner,
    *,
    replications: int | None = None,
    target: PrecisionTarget | None = None,
    rivals: bool = False,
    halls: int = 0,
    cases: int = 0,
    log: bool = False,
) -> Results:
    """Run every scenario for the same replications.

    Parameters
    ----------
    scenarios
        The base first.
    runner
        Simulates the replications; its seed determines the applicants.
    replications
        Number of replications; as in the base's `experiment` if None.
    target
        Run until figures are this precise, instead of a number of replications; None for no target.
    rivals
        Whether to run the comparison also under the base's `rivals`.
    halls
        In how many halls that fit the report, under each reading, the scenarios are compared as
        well; 0 for none.  There are none either if the base has no sample of them.
    cases
        Number of replications of each scenario, the first ones, whose cases are kept.
    log
        Whether to keep the event log of these replications too.

    Returns
    -------
    Results
        After Ctrl-C what was finished by then, if at least one replication of all scenarios was.

    Raises
    ------
    InputError
        If a log is asked for, but no cases.
    StoppedError
        If Ctrl-C came before one replication of all scenarios was finished; finished cells are
        kept.
    RunError
        If workers, cluster or disk fail; finished cells are kept.
    ShareDoneError
        If this machine has finished its share, and other shares are missing.
    """
    _check_log(cases, log=log)
    experiment = scenarios[0].settings.experiment
    wanted = experiment.replications if replications is None else replications
    families = _families(scenarios, rivals=rivals)
    work = _Work(families, runner, cases, log, _cells_in_halls(families, halls, runner))
    stopped = None
    try:
        with interrupts():  # one context, so that Ctrl-C between two interim analyses counts
            wanted = _all(work, wanted, target)
    except StoppedError as error:
        stopped, wanted = error, work.asked
    results = _gather(work, wanted)
    forget(runner.run_id)
    if stopped is not None and not results:
        raise StoppedError(stopped.finished, stopped.asked)
    first, *others = results
    return dataclasses.replace(first, rivals=tuple(others), target=target)


def _cells_in_halls(
    families: Sequence[Sequence[Scenario]], number: int, runner: Runner
) -> HallCells | None:
    """Return the cells in halls that fit the report; None if there is no sample of them."""
    base, *others = families[0]
    if not number or not others or any(other.path != base.path for other in others):
        return None
    sample = find_sample(base)
    return None if sample is None else hall_cells(sample, families, number, runner.seed)


def _check_log(cases: int, *, log: bool) -> None:
    if log and not cases:
        asked = "an event log of no histories"
        raise InputError([Problem("--log", None, asked, "--cases 1 or more")])


def _families(scenarios: Sequence[Scenario], *, rivals: bool) -> list[tuple[Scenario, ...]]:
    """Return the scenarios, and the same under each rival of the base if that is asked for."""
    families = [tuple(scenarios)]
    if rivals:
        families += zip(*(scenario.rivals() for scenario in scenarios), strict=True)
    return families


def _for_rivals(replications: int) -> int:
    return min(replications, max(FEWEST_FOR_RIVALS, replications // 2))


@dataclass
class _Work:
    """The cells of a run, and which of them are finished.

    Parameters
    ----------
    families
        The scenarios; and the same under other readings.
    runner
        Computes their cells.
    cases
        Number of replications of the first family whose cases are kept.
    with_log
        Whether their event log is kept as well.
    in_halls
        Cells in halls that fit the report; None if there are none.
    """

    families: list[tuple[Scenario, ...]]
    runner: Runner
    cases: int
    with_log: bool = False
    in_halls: HallCells | None = None
    contents: dict[str, Found] = field(default_factory=dict, init=False)
    done: int = field(default=0, init=False)
    asked: int = field(default=0, init=False)

    def batches(self, family: int, replications: range) -> list[list[Cell]]:
        """Return the cells of a family, a batch per replication."""
        self.asked = max(self.asked, replications.stop)
        return [self._batch(family, number) for number in replications]

    def of_rivals(self, replications: int) -> list[list[Cell]]:
        """Return the cells of the other families."""
        numbers = range(_for_rivals(replications))
        others = range(1, len(self.families))
        return [batch for family in others for batch in self.batches(family, numbers)]

    @property
    def of_halls(self) -> list[tuple[Cell, ...]]:
        """Batches in halls that fit the report."""
        return [] if self.in_halls is None else self.in_halls.batches

    def do(self, batches: Sequence[Sequence[Cell]], further: int = 0) -> None:
        """Compute batches; `further` is about how many will follow, for the progress."""
        total = self.done + len(batches) + further
        try:
            self.contents |= self.runner.as_part(self.done, total).fill(batches)
        except StoppedError as stopped:
            self.contents |= stopped.found
            raise
        self.done += len(batches)

    def cell(self, measured: Measurement, number: int, *scenarios: Scenario) -> Cell:
        """Return the cell of a replication."""
        return Cell(scenarios, number, 1, self.runner.seed, measured)

    def finished(self, measured: Measurement, *scenarios: Scenario, most: int) -> dict[int, Found]:
        """Return the finished records of scenarios, by replication."""
        keys = {number: self.cell(measured, number, *scenarios).key for number in range(most)}
        return {
            number: self.contents[key][0] for number, key in keys.items() if key in self.contents
        }

    def values(self, replications: int, names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return figures of the first family, shape (replications, scenarios × indicators)."""
        columns = [list(indicators()).index(name) for name in names]
        values = [
            [record["indicators"][columns] for record in self._details(scenario, replications)]
            for scenario in self.families[0]
        ]
        return np.concatenate(values, axis=1)

    def _details(self, scenario: Scenario, replications: int) -> list[Found]:
        return list(self.finished(DETAILS, scenario, most=replications).values())

    def _batch(self, family: int, number: int) -> list[Cell]:
        scenarios = self.families[family]
        cells = [self.cell(DETAILS, number, scenario) for scenario in scenarios]
        if family:
            return cells
        cells += [self.cell(GAINS, number, scenarios[0], other) for other in scenarios[1:]]
        if number < self.cases:
            # The log first, so that after Ctrl-C every replication with cases has its log too.
            if self.with_log:
                cells += [self.cell(EVENT_LOG, number, scenario) for scenario in scenarios]
            cells += [self.cell(CASES, number, scenario) for scenario in scenarios]
        return cells


def _all(work: _Work, replications: int, target: PrecisionTarget | None) -> int:
    """Compute all cells; return the number of replications of the first family."""
    if target is not None:
        return _until_precise(work, target)
    described = [*work.batches(0, range(replications)), *work.of_rivals(replications)]
    work.do([*described, *work.of_halls])
    return replications


def _until_precise(work: _Work, target: PrecisionTarget) -> int:
    """Run the first family until it is precise, then its rivals; return its replications."""
    plan = target.plan
    rivals = len(work.families) - 1
    n, stop, end = 0, plan.first, plan.first
    while True:
        work.do(
            work.batches(0, range(n, stop)),
            end - stop + _for_rivals(end) * rivals + len(work.of_halls),
        )
        n = stop
        judgement = judge_precision(work.values(n, target.indicators), plan)
        if judgement.enough or judgement.capped:
            break
        stop, end = next_stop(judgement, n, plan)
    work.do([*work.of_rivals(n), *work.of_halls])
    return n


def _gather(work: _Work, asked: int) -> list[Results]:
    """Return the results of each family, the first one first; none if that has no replication."""
    finished = [
        tuple(_replications(work.finished(DETAILS, scenario, most=most)) for scenario in family)
        for place, family in enumerate(work.families)
        for most in [_for_rivals(asked) if place else asked]
    ]
    of_first, *of_rivals = finished
    if not set.intersection(*map(set, of_first)):
        return []
    base, *others = work.families[0]
    ready = [work.runner.prepared(scenario) for scenario in work.families[0]]
    first = Results(
        scenarios=work.families[0],
        finished=of_first,
        networks=tuple(prepared.network for prepared in ready),
        seed=work.runner.seed,
        cases=_cases(work),
        logs={
            scenario.name: _log_of(
                work, scenario, list(work.finished(CASES, scenario, most=work.cases))
            )
            for scenario in (base, *others)
            if work.with_log
        },
        asked=asked,
        engine=work.runner.engine,
        gained=tuple(
            {
                number: changes_in(record)
                for number, record in work.finished(GAINS, base, other, most=asked).items()
            }
            for other in others
        ),
        certain=frozenset(ready[0].facts.fixed),
        in_halls=None if work.in_halls is None else work.in_halls.gathered(work.contents),
    )
    # The networks of other readings are not used, so their scenarios need not be prepared again.
    rivals = [
        dataclasses.replace(
            first,
            scenarios=family,
            finished=replications,
            networks=(),
            cases={},
            logs={},
            gained=(),
            in_halls=None,
        )
        for family, replications in zip(work.families[1:], of_rivals, strict=True)
        if set.intersection(*map(set, replications))
    ]
    return [first, *rivals]


def _replications(records: Mapping[int, Found]) -> dict[int, Replication]:
    return {
        number: Replication(
            dict(zip(indicators(), record["indicators"].tolist(), strict=True)),
            {
                name.removeprefix(SERIES): record[name]
                for name in record.dtype.names or ()
                if name.startswith(SERIES)
            },
            int(record["events"]),
        )
        for number, record in records.items()
    }


def _cases(work: _Work) -> dict[str, pd.DataFrame]:
    """Return the cases kept of each scenario of the first family, in its order."""
    kept = {
        scenario.name: list(work.finished(CASES, scenario, most=work.cases).values())
        for scenario in work.families[0]
    }
    return {
        name: pd.concat([table_in(record).to_pandas() for record in records], ignore_index=True)
        for name, records in kept.items()
        if records
    }


def _log_of(
    work: _Work, scenario: Scenario, numbers: Sequence[int]
) -> Callable[[], Iterator[pa.Table]]:
    """Return a function that reads the event log of a scenario, one replication at a time."""

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
