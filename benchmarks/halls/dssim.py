"""The hall day in DSSim, in its faster profile (``LiteLayer2``): generators and unit resources.

The profile has no join, so the last branch to finish wakes the applicant with a signal. Raw
generators are scheduled: DSSim's process objects, which nothing here needs, cost more.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from dssim import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    DSSimulation,
    LiteLayer2,
)

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

Steps = Generator[Any, Any, None]


class Hall:
    """The queues of one day and the generators that use them."""

    def __init__(self, day: Day) -> None:
        self.simulation: Any = DSSimulation(layer2=LiteLayer2)
        self.record = Record(day)
        self.windows = self.resource(WINDOWS)
        self.office = self.resource(OFFICERS)
        self.desks = [self.resource(BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()
        self.unfinished = [BRANCHES] * len(day.arrivals)

    def resource(self, staff: int) -> Any:
        return self.simulation.unit_resource(amount=staff, capacity=staff)

    def arrivals(self, times: list[float]) -> Steps:
        simulation = self.simulation
        for number, time in enumerate(times):
            yield from simulation.gwait(time - simulation.time)
            simulation.schedule(0, self.visit(number))

    def visit(self, number: int) -> Steps:
        simulation, record = self.simulation, self.record
        yield from self.windows.gget()
        record.called[number] = simulation.time
        yield from simulation.gwait(self.window_times[number])
        self.windows.put_nowait()
        route = self.routes[number]
        if route == Route.OFFICE:
            yield from self.serve(self.office, self.office_times[number])
        elif route == Route.JOINT:
            applicant = simulation.pid
            for desk, minutes in zip(self.desks, self.branch_times[number], strict=True):
                simulation.schedule(0, self.branch(number, applicant, desk, minutes))
            yield from simulation.gwait()
        record.left[number] = simulation.time

    def branch(self, number: int, applicant: Any, desk: Any, minutes: float) -> Steps:
        yield from self.serve(desk, minutes)
        self.unfinished[number] -= 1
        if not self.unfinished[number]:
            self.simulation.signal("joined", applicant)

    def serve(self, desk: Any, minutes: float) -> Steps:
        yield from desk.gget()
        yield from self.simulation.gwait(minutes)
        desk.put_nowait()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.simulation.schedule(0, hall.arrivals(day.arrivals.tolist()))
    hall.simulation.run()
    return hall.record.outcome()
