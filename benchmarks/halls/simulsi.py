"""The hall day in SimulSI: the SimPy model with ``sim.request`` and plain numbers as delays.

Recording of series and values is switched off, as the model keeps its own record.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from simulsi import Simulation  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route

Steps = Generator[Any, Any, None]


class Hall:
    """The queues of one day and the processes that use them."""

    def __init__(self, day: Day) -> None:
        self.simulation: Any = Simulation(
            seed=0, keep_values=False, record_series=False, keep_entity_history=False
        )
        self.record = Record(day)
        resource = self.simulation.resource
        self.windows = resource("windows", WINDOWS)
        self.office = resource("office", OFFICERS)
        self.desks = [resource(f"branch {number}", BRANCH_OFFICERS) for number in range(BRANCHES)]
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()

    def arrivals(self, times: list[float]) -> Steps:
        simulation = self.simulation
        for number, time in enumerate(times):
            yield time - simulation.now
            simulation.process(self.visit(number))

    def visit(self, number: int) -> Steps:
        simulation, record = self.simulation, self.record
        ticket = yield simulation.request(self.windows)
        record.called[number] = simulation.now
        yield self.window_times[number]
        ticket.release()
        route = self.routes[number]
        if route == Route.OFFICE:
            yield from self.serve(self.office, self.office_times[number])
        elif route == Route.JOINT:
            branches = zip(self.desks, self.branch_times[number], strict=True)
            yield simulation.all_of(
                [simulation.process(self.serve(desk, minutes)) for desk, minutes in branches]
            )
        record.left[number] = simulation.now

    def serve(self, desk: Any, minutes: float) -> Steps:
        turn = yield self.simulation.request(desk)
        yield minutes
        turn.release()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.simulation.process(hall.arrivals(day.arrivals.tolist()))
    hall.simulation.run()
    return hall.record.outcome()
