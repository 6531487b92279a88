"""The hall day in Cimba: Python models compiled by numba onto Cimba's C engine.

Cimba plays many trials in one call, here one per day, on one thread (``workers=1``); a call
per day, :func:`run`, costs it three times as much, so the benchmark times :func:`run_days`.
The first call compiles, which takes about a second and is not timed. There is no join: the last
branch of a joint case to finish is the join. A trial gives back only numbers and datasets,
so the log records in pairs, who and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cimba  # type: ignore[import-not-found,import-untyped,unused-ignore]
import numpy as np

from .model import (
    BRANCH_OFFICERS,
    BRANCHES,
    OFFICERS,
    WINDOWS,
    Day,
    Outcome,
    Route,
    measure,
)

OFFICE = int(Route.OFFICE)
JOINT = int(Route.JOINT)


class Log(cimba.Model):  # type: ignore[misc,unused-ignore]
    """Who was called and who left, and when."""

    called: cimba.Dataset = cimba.Dataset()
    called_at: cimba.Dataset = cimba.Dataset()
    left: cimba.Dataset = cimba.Dataset()
    left_at: cimba.Dataset = cimba.Dataset()

    @cimba.function  # type: ignore[untyped-decorator,unused-ignore]
    def leave(self, number: int) -> None:
        self.left.record(float(number))
        self.left_at.record(cimba.now())


class Joint(cimba.Model):  # type: ignore[misc,unused-ignore]
    """What the branches of one joint case share."""

    log: cimba.Ref[Log]
    number: int
    unfinished: int = BRANCHES


class Branch(cimba.Model):  # type: ignore[misc,unused-ignore]
    """One of the parallel approvals of a joint case."""

    joint: cimba.Ref[Joint]
    desk: cimba.Ref[cimba.Resource]
    minutes: float

    @cimba.process  # type: ignore[untyped-decorator,unused-ignore]
    def serve(self) -> None:
        self.desk.acquire()
        cimba.hold(self.minutes)
        self.desk.release()
        self.joint.unfinished -= 1
        if self.joint.unfinished == 0:
            self.joint.log.leave(self.joint.number)


class Desks(cimba.Model):  # type: ignore[misc,unused-ignore]
    """The queues."""

    windows: cimba.Resource = cimba.Resource(capacity=WINDOWS)
    office: cimba.Resource = cimba.Resource(capacity=OFFICERS)
    first: cimba.Resource = cimba.Resource(capacity=BRANCH_OFFICERS)
    second: cimba.Resource = cimba.Resource(capacity=BRANCH_OFFICERS)
    third: cimba.Resource = cimba.Resource(capacity=BRANCH_OFFICERS)


class Applicant(cimba.Model):  # type: ignore[misc,unused-ignore]
    """One visit."""

    log: cimba.Ref[Log]
    desks: cimba.Ref[Desks]
    number: int
    route: int
    window: float
    office: float
    first: float
    second: float
    third: float

    @cimba.process  # type: ignore[untyped-decorator,unused-ignore]
    def visit(self) -> None:
        self.desks.windows.acquire()
        self.log.called.record(float(self.number))
        self.log.called_at.record(cimba.now())
        cimba.hold(self.window)
        self.desks.windows.release()
        if self.route == JOINT:
            joint = cimba.spawn(Joint, log=self.log, number=self.number)
            cimba.spawn(Branch, joint=joint, desk=self.desks.first, minutes=self.first)
            cimba.spawn(Branch, joint=joint, desk=self.desks.second, minutes=self.second)
            cimba.spawn(Branch, joint=joint, desk=self.desks.third, minutes=self.third)
        else:
            if self.route == OFFICE:
                self.desks.office.acquire()
                cimba.hold(self.office)
                self.desks.office.release()
            self.log.leave(self.number)


class Hall(cimba.Model):  # type: ignore[misc,unused-ignore]
    """The door: one applicant after another, each with the times drawn for them."""

    log: Log
    desks: Desks
    applicants: cimba.Param[int]
    arrival: cimba.Input[float]
    route: cimba.Input[int]
    window: cimba.Input[float]
    office: cimba.Input[float]
    first: cimba.Input[float]
    second: cimba.Input[float]
    third: cimba.Input[float]

    @cimba.process  # type: ignore[untyped-decorator,unused-ignore]
    def arrivals(self) -> None:
        for number in range(self.applicants):
            cimba.hold(self.arrival.next() - cimba.now())
            cimba.spawn(
                Applicant,
                log=self.log,
                desks=self.desks,
                number=number,
                route=self.route.next(),
                window=self.window.next(),
                office=self.office.next(),
                first=self.first.next(),
                second=self.second.next(),
                third=self.third.next(),
            )


def configured(days: Sequence[Day]) -> Any:
    """Describe one design point per day."""
    hall: Any = Hall()
    hall.log, hall.desks = Log(), Desks()
    for dataset in (hall.log.called, hall.log.called_at, hall.log.left, hall.log.left_at):
        dataset.capture()
    columns: list[list[Any]] = [
        [day.arrivals for day in days],
        [day.route for day in days],
        [day.window for day in days],
        [day.office for day in days],
        *([day.branches[:, step] for day in days] for step in range(BRANCHES)),
    ]
    traces = [[cimba.inputs.trace(values) for values in column] for column in columns]
    swept: list[Any] = list(cimba.sweeps(*traces, [len(day.arrivals) for day in days]))
    hall.applicants = swept.pop()
    hall.arrival, hall.route, hall.window, hall.office, hall.first, hall.second, hall.third = swept
    return hall


def run_days(days: Sequence[Day]) -> list[Outcome]:
    """Play all days in one call."""
    hall = configured(days)
    results: Any = cimba.Experiment(hall, window=cimba.Window.until_idle()).run(
        workers=1, on_failure="raise"
    )
    return [read(day, results[hall.log], point) for point, day in enumerate(days)]


def read(day: Day, log: Any, point: int) -> Outcome:
    """Sort the log of one day by applicant."""

    def times(who: Any, when: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
        sorted_by_applicant = np.full(len(day.arrivals), np.nan)
        sorted_by_applicant[who.trial(point, 0)[1].astype(np.int64)] = when.trial(point, 0)[1]
        return sorted_by_applicant

    return measure(day, times(log.called, log.called_at), times(log.left, log.left_at))


def run(day: Day) -> Outcome:
    """Play one day."""
    return run_days([day])[0]
