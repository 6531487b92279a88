"""The hall day in asimpy: a coroutine per applicant, joined by ``AllOf``."""

from __future__ import annotations

from typing import Any

import asimpy  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .model import BRANCH_OFFICERS, BRANCHES, OFFICERS, WINDOWS, Day, Outcome, Record, Route


class Hall:
    """The queues of one day."""

    def __init__(self, day: Day) -> None:
        self.environment: Any = asimpy.Environment()
        self.record = Record(day)
        self.windows = asimpy.Resource(self.environment, WINDOWS)
        self.office = asimpy.Resource(self.environment, OFFICERS)
        self.desks = [asimpy.Resource(self.environment, BRANCH_OFFICERS) for _ in range(BRANCHES)]
        self.arrivals = day.arrivals.tolist()
        self.window_times = day.window.tolist()
        self.routes = day.route.tolist()
        self.office_times = day.office.tolist()
        self.branch_times = day.branches.tolist()


class Arrivals(asimpy.Process):  # type: ignore[misc,unused-ignore]
    """The door: one applicant after another."""

    def init(self, hall: Hall) -> None:
        self.hall = hall

    async def run(self) -> None:
        hall = self.hall
        for number, time in enumerate(hall.arrivals):
            await self.timeout(time - self.now)
            Applicant(hall.environment, hall, number)


class Applicant(asimpy.Process):  # type: ignore[misc,unused-ignore]
    """One visit."""

    def init(self, hall: Hall, number: int) -> None:
        self.hall = hall
        self.number = number

    async def run(self) -> None:
        hall, number = self.hall, self.number
        async with hall.windows:
            hall.record.called[number] = self.now
            await self.timeout(hall.window_times[number])
        route = hall.routes[number]
        if route == Route.OFFICE:
            async with hall.office:
                await self.timeout(hall.office_times[number])
        elif route == Route.JOINT:
            branches = zip(hall.desks, hall.branch_times[number], strict=True)
            finished = {
                str(step): Branch(hall.environment, desk, minutes).finished
                for step, (desk, minutes) in enumerate(branches)
            }
            await asimpy.AllOf(hall.environment, **finished)
        hall.record.left[number] = self.now


class Branch(asimpy.Process):  # type: ignore[misc,unused-ignore]
    """One of the parallel approvals of a joint case."""

    def init(self, desk: Any, minutes: float) -> None:
        self.desk = desk
        self.minutes = minutes
        self.finished = asimpy.Event(self._env)

    async def run(self) -> None:
        async with self.desk:
            await self.timeout(self.minutes)
        self.finished.succeed()


def run(day: Day) -> Outcome:
    """Play one day."""
    hall = Hall(day)
    Arrivals(hall.environment, hall)
    hall.environment.run()
    return hall.record.outcome()
