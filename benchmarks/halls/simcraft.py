"""The hall day in SimCraft: events and ``Server`` stations that call back.

SimCraft asks a station for the next service time without saying for whom, so every station
keeps the times in the order in which applicants join it, which is the order it serves them.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from simcraft import (  # type: ignore[import-not-found,import-untyped,unused-ignore]
    Server,
    Simulation,
)

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route


class Station:
    """A queue with its servers; entities are applicant numbers."""

    def __init__(self, simulation: Any, staff: int) -> None:
        self.times: deque[float] = deque()
        self.server: Any = Server(simulation, capacity=staff, service_time=self.times.popleft)

    def join(self, number: int, minutes: float) -> None:
        self.times.append(minutes)
        self.server.enqueue(number)


class Hall:
    """The stations of one day and what follows each."""

    def __init__(self, day: Day) -> None:
        self.simulation: Any = Simulation()
        self.record = Record(day)
        self.windows = Station(self.simulation, WINDOWS)
        self.office = Station(self.simulation, OFFICERS)
        self.desks = [Station(self.simulation, BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.windows.server.on_service_start(self.call)
        self.windows.server.on_departure(self.route)
        self.office.server.on_departure(self.leave)
        for desk in self.desks:
            desk.server.on_departure(self.finish_branch)
        self.arrivals = day.arrivals.tolist()
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()
        self.unfinished = [BRANCHES] * len(day.arrivals)

    def arrive(self, number: int) -> None:
        self.windows.join(number, self.window_times[number])
        self.expect(number + 1)

    def expect(self, number: int) -> None:
        if number < len(self.arrivals):
            self.simulation.schedule(self.arrive, at=self.arrivals[number], args=(number,))

    def call(self, number: int) -> None:
        self.record.called[number] = self.simulation.now

    def route(self, number: int) -> None:
        route = self.routes[number]
        if route == Route.OFFICE:
            self.office.join(number, self.office_times[number])
        elif route == Route.JOINT:
            for desk, minutes in zip(self.desks, self.branch_times[number], strict=True):
                desk.join(number, minutes)
        else:
            self.leave(number)

    def finish_branch(self, number: int) -> None:
        self.unfinished[number] -= 1
        if not self.unfinished[number]:
            self.leave(number)

    def leave(self, number: int) -> None:
        self.record.left[number] = self.simulation.now


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    hall.expect(0)
    hall.simulation.run()
    return hall.record.outcome()
