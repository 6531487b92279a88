"""The hall day in plain SimPy: a generator per applicant, a ``Resource`` per queue."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import simpy

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

Steps = Generator[simpy.Event, Any, None]


class Hall:
    """The queues of one day and the processes that use them."""

    def __init__(self, day: Day) -> None:
        self.environment = simpy.Environment()
        self.record = Record(day)
        self.windows = simpy.Resource(self.environment, WINDOWS)
        self.office = simpy.Resource(self.environment, OFFICERS)
        self.desks = [simpy.Resource(self.environment, BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()

    def arrivals(self, times: list[float]) -> Steps:
        environment = self.environment
        for number, time in enumerate(times):
            yield environment.timeout(time - environment.now)
            environment.process(self.visit(number))

    def visit(self, number: int) -> Steps:
        environment, record = self.environment, self.record
        with self.windows.request() as ticket:
            yield ticket
            record.called[number] = environment.now
            yield environment.timeout(self.window_times[number])
        route = self.routes[number]
        if route == Route.OFFICE:
            yield from self.serve(self.office, self.office_times[number])
        elif route == Route.JOINT:
            branches = zip(self.desks, self.branch_times[number], strict=True)
            yield environment.all_of(
                [environment.process(self.serve(desk, minutes)) for desk, minutes in branches]
            )
        record.left[number] = environment.now

    def serve(self, desk: simpy.Resource, minutes: float) -> Steps:
        with desk.request() as turn:
            yield turn
            yield self.environment.timeout(minutes)


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.environment.process(hall.arrivals(day.arrivals.tolist()))
    hall.environment.run()
    return hall.record.outcome()
