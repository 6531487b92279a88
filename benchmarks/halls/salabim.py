"""The hall day in salabim: components that request, hold and release.

Played with generators (``yieldless=False``) and without monitors or trace, which is faster
than salabim's defaults. Salabim has no join: the last branch to finish wakes the applicant.
Two thirds of its time goes into checking the signatures of each new component's methods.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import salabim  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

Steps = Generator[Any, Any, None]


class Hall:
    """The queues of one day."""

    def __init__(self, day: Day) -> None:
        self.environment: Any = salabim.Environment(trace=False, yieldless=False)
        self.record = Record(day)
        self.windows = self.resource(WINDOWS)
        self.office = self.resource(OFFICERS)
        self.desks = [self.resource(BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.arrivals = day.arrivals.tolist()
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()

    def resource(self, capacity: int) -> Any:
        return salabim.Resource(capacity=capacity, monitor=False, env=self.environment)


class Arrivals(salabim.Component):  # type: ignore[misc,unused-ignore]
    """The door: one applicant after another."""

    def process(self, hall: Hall) -> Steps:
        for number, time in enumerate(hall.arrivals):
            yield self.hold(till=time)
            Applicant(hall=hall, number=number, env=hall.environment)


class Applicant(salabim.Component):  # type: ignore[misc,unused-ignore]
    """One visit."""

    def process(self, hall: Hall, number: int) -> Steps:
        yield self.request(hall.windows)
        hall.record.called[number] = hall.environment.now()
        yield self.hold(hall.window_times[number])
        self.release(hall.windows)
        route = hall.routes[number]
        if route == Route.OFFICE:
            yield self.request(hall.office)
            yield self.hold(hall.office_times[number])
            self.release(hall.office)
        elif route == Route.JOINT:
            self.unfinished = BRANCHES
            for desk, minutes in zip(hall.desks, hall.branch_times[number], strict=True):
                Branch(applicant=self, desk=desk, minutes=minutes, env=hall.environment)
            yield self.passivate()
        hall.record.left[number] = hall.environment.now()


class Branch(salabim.Component):  # type: ignore[misc,unused-ignore]
    """One of the parallel approvals of a joint case."""

    def process(self, applicant: Any, desk: Any, minutes: float) -> Steps:
        yield self.request(desk)
        yield self.hold(minutes)
        self.release(desk)
        applicant.unfinished -= 1
        if not applicant.unfinished:
            applicant.activate()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    Arrivals(hall=hall, env=hall.environment)
    hall.environment.run()
    return hall.record.outcome()
