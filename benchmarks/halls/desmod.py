"""The hall day in desmod: SimPy with desmod's environment and its ``Pool`` for each queue.

Desmod's component tree, tracing and result files are left out: they describe a model, they
do not move it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from desmod.pool import Pool  # type: ignore[import-not-found,import-untyped,unused-ignore]
from desmod.simulation import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    SimEnvironment,
)

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

Steps = Generator[Any, Any, None]


class Hall:
    """The queues of one day and the processes that use them."""

    def __init__(self, day: Day) -> None:
        self.environment: Any = SimEnvironment({"sim.duration": "0 s"})
        self.record = Record(day)
        self.windows = self.pool(WINDOWS)
        self.office = self.pool(OFFICERS)
        self.desks = [self.pool(BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()

    def pool(self, staff: int) -> Any:
        return Pool(self.environment, capacity=staff, init=staff)

    def arrivals(self, times: list[float]) -> Steps:
        environment = self.environment
        for number, time in enumerate(times):
            yield environment.timeout(time - environment.now)
            environment.process(self.visit(number))

    def visit(self, number: int) -> Steps:
        environment, record = self.environment, self.record
        yield self.windows.get()
        record.called[number] = environment.now
        yield environment.timeout(self.window_times[number])
        self.windows.put()
        route = self.routes[number]
        if route == Route.OFFICE:
            yield from self.serve(self.office, self.office_times[number])
        elif route == Route.JOINT:
            branches = zip(self.desks, self.branch_times[number], strict=True)
            yield environment.all_of(
                [environment.process(self.serve(desk, minutes)) for desk, minutes in branches]
            )
        record.left[number] = environment.now

    def serve(self, desk: Any, minutes: float) -> Steps:
        yield desk.get()
        yield self.environment.timeout(minutes)
        desk.put()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.environment.process(hall.arrivals(day.arrivals.tolist()))
    hall.environment.run()
    return hall.record.outcome()
