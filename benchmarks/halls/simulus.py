"""The hall day in Simulus: greenlet processes that sleep, acquire and wait for each other.

Simulus 1.2.1 does not free a finished simulator: about 4 MB stay for every day played.
"""

from __future__ import annotations

from typing import Any

import simulus  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route


class Hall:
    """The queues of one day and the processes that use them."""

    def __init__(self, day: Day) -> None:
        self.simulator: Any = simulus.simulator()
        self.record = Record(day)
        self.windows = self.simulator.resource(WINDOWS)
        self.office = self.simulator.resource(OFFICERS)
        self.desks = [self.simulator.resource(BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()

    def arrivals(self, times: list[float]) -> None:
        simulator = self.simulator
        for number, time in enumerate(times):
            simulator.sleep(until=time)
            simulator.process(self.visit, number)

    def visit(self, number: int) -> None:
        simulator, record = self.simulator, self.record
        self.windows.acquire()
        record.called[number] = simulator.now
        simulator.sleep(self.window_times[number])
        self.windows.release()
        route = self.routes[number]
        if route == Route.OFFICE:
            self.serve(self.office, self.office_times[number])
        elif route == Route.JOINT:
            branches = zip(self.desks, self.branch_times[number], strict=True)
            simulator.wait(
                [simulator.process(self.serve, desk, minutes) for desk, minutes in branches]
            )
        record.left[number] = simulator.now

    def serve(self, desk: Any, minutes: float) -> None:
        desk.acquire()
        self.simulator.sleep(minutes)
        desk.release()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.simulator.process(hall.arrivals, day.arrivals.tolist())
    hall.simulator.run()
    return hall.record.outcome()
