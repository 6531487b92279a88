"""Tiny networks with given arrivals and no chance, for traces that can be checked by hand."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Many
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from sim.chance.attendance import Moments
from sim.chance.demand import Arrivals
from sim.chance.draws import Draws, Seed
from sim.chance.history import History
from sim.engine import reference
from sim.engine.log import Log, Status
from sim.process.blocks import (
    AwaitSession,
    Block,
    Choice,
    Delay,
    Draw,
    Exit,
    Mark,
    Parallel,
    Seconds,
    Sequence,
    Serve,
    Suspend,
    Within,
    WorkingDays,
)
from sim.process.clock import Calendar
from sim.process.network import Group, ProcessNetwork, Rhythm, Route, Session

DAY = 86_400
HOUR = 3600
MORNING, NOON, AFTERNOON, EVENING = (int(hour * HOUR) for hour in (8.5, 12, 14.5, 17.5))
DAYS = 30
DONE, LEFT, EXPIRED, OPEN = Status.DONE, Status.LEFT, Status.EXPIRED, Status.OPEN


def fixed(seconds: float) -> Draw:
    return Draw("fixed", Seconds(seconds))


def serve(
    seconds: float,
    skill: str = "a",
    *,
    ticket: bool = False,
    here: bool = False,
    patience: float | None = None,
    on_left: Block | None = None,
) -> Serve:
    """Return a service; with a ticket, patience or `here` the applicant waits in the hall."""
    in_hall = ticket or here or patience is not None
    return Serve(
        activity="serve",
        phase="service",
        wait_phase="hall_wait",
        skill=skill,
        duration=fixed(seconds),
        ticket=ticket,
        patience=None if patience is None else fixed(patience),
        on_left=on_left or (Sequence() if in_hall else None),
    )


def delay(seconds: float, calendar: str = "always") -> Delay:
    return Delay(activity="delay", phase="work", duration=fixed(seconds), calendar=calendar)


def days(wd: float) -> Delay:
    draw = Draw("fixed", WorkingDays(wd))
    return Delay(activity="days", phase="work", duration=draw, calendar=None)


def session(name: str, or_session: str = "") -> AwaitSession:
    return AwaitSession(activity="session", phase="signature", session=name, or_session=or_session)


def ends(rows: Many[Many[int]]) -> list[tuple[int, int]]:
    """Return (case, end) of each row."""
    return [(row[0], row[4]) for row in rows]


def team(
    name: str,
    people: int = 1,
    skills: tuple[str, ...] = ("a",),
    *,
    calendar: str = "always",
    pauses: bool = False,
) -> Group:
    return Group(name, skills, tuple(f"{name}{i}" for i in range(people)), calendar, pauses=pauses)


def office(days: int = DAYS) -> Calendar:
    """Return working days 08:30–12:00 and 14:30–17:30, every day of the week."""
    return opened([((8.5, 12.0), (14.5, 17.5))] * days)


def opened(hours: Many[Many[tuple[float, float]]]) -> Calendar:
    """Return a calendar that is open at these hours of each day; on none, where there are none."""
    spans = [
        (number * DAY + int(a * HOUR), number * DAY + int(b * HOUR), number)
        for number, of_day in enumerate(hours)
        for a, b in of_day
    ]
    places = {number: place for place, number in enumerate(dict.fromkeys(n for _, _, n in spans))}
    return Calendar(
        tuple(a for a, _, _ in spans),
        tuple(b for _, b, _ in spans),
        tuple(places[number] for _, _, number in spans),
    )


ALWAYS = Calendar((0,), (DAYS * DAY,), (0,))


@dataclass
class World:
    """A network, what chance decides in it, and the log of running it."""

    simulate: ClassVar[Callable[[ProcessNetwork, History], Log]] = staticmethod(reference.simulate)

    network: ProcessNetwork
    history: History

    def run(self) -> Log:
        return World.simulate(self.network, self.history)

    def rows(self, *kinds: type) -> list[tuple[int, int, int, int, int, int, Status]]:
        """Run and return the rows of these kinds of block (of all, if none are named)."""
        routes = self.history.arrivals.route
        return [
            (*row[:6], Status(row[6]))
            for row in self.run().rows()
            if not kinds
            or isinstance(self.network.routes[routes[row[0]]].nodes[row[1]].block, kinds)
        ]


def world(
    routes: Block | Many[Block],
    arrivals: Many[int] | Many[tuple[int, int]],
    groups: Many[Group] = (),
    *,
    moments: dict[str, list[int]] | None = None,
    attended: dict[str, list[int]] | None = None,
    absent: dict[str, dict[int, int]] | None = None,
    end_s: int = DAYS * DAY,
    closing: str = "serve_all",
    overtime_max_s: int = DAY,
    discipline: str = "fifo",
    hall: Calendar | None = None,
    offices: Calendar | None = None,
    working: Calendar | None = None,
    seed: int = 1,
) -> World:
    """Build a world.

    Parameters
    ----------
    routes
        Blocks of each route.
    arrivals
        Times, or (time, route), ascending.
    moments, attended
        Moments of each session, and openings of attended half-days.
    absent
        For a group: how many are away in each interval.
    hall, offices, working
        Calendars; by default all those of the offices.
    """
    away = absent or {}
    groups = [replace(group, absent_share=0.1) if group.name in away else group for group in groups]
    blocks = [routes] if not isinstance(routes, (list, tuple)) else list(routes)
    who = [one if isinstance(one, tuple) else (one, 0) for one in arrivals]
    opened = offices or office()
    calendars = {
        "always": ALWAYS,
        "office": opened,
        "hall": hall or opened,
        "working": working or opened,
    }
    network = ProcessNetwork(
        routes=tuple(Route(f"r{i}", block) for i, block in enumerate(blocks)),
        groups=tuple(groups),
        sessions={name: Session(name) for name in moments or {}},
        calendars=calendars,
        rhythm=Rhythm((), (), 0.0, ()),
        end_s=end_s,
        closing=closing,  # type: ignore[arg-type]
        overtime_max_s=overtime_max_s,
        working_calendar="working",
        discipline=discipline,  # type: ignore[arg-type]
    )
    people = Arrivals(
        np.array([time for time, _ in who], np.int64),
        np.array([route for _, route in who], np.int64),
        np.zeros(len(who), np.int64),
        np.arange(len(who)),
    )
    items = np.arange(len(who), dtype=np.uint64)
    capacity = tuple(
        np.array(
            [
                len(group.people) - away.get(group.name, {}).get(interval, 0)
                for interval in range(len(calendars[group.calendar].opens))
            ],
            np.int64,
        )
        for group in groups
    )
    sessions = {
        name: Moments(np.array(times, np.int64), np.array((attended or {}).get(name, []), np.int64))
        for name, times in (moments or {}).items()
    }
    draws = Draws(Seed(seed, 0), items, people.layer, people.number)
    return World(network, History(people, draws, capacity, sessions))


def hollow() -> World:
    """Return a world of sequences in sequences, many of them empty."""
    nothing = Sequence()
    route = Sequence(
        (
            nothing,
            Sequence((nothing, Sequence((nothing, Mark("a"), nothing)), nothing)),
            Choice(((None, nothing),)),
            Within(1, nothing),
            Suspend(Sequence((nothing, Mark("b")))),
            Parallel((nothing, Sequence((Mark("c"), nothing, Mark("d"))))),
            serve(HOUR, ticket=True, patience=60, on_left=nothing),
            nothing,
            Exit("done"),
            nothing,
        )
    )
    leaves = serve(HOUR, ticket=True, patience=60, on_left=nothing)
    came = [(MORNING, 0), (MORNING, 1), (MORNING, 0), (MORNING, 2)]
    return world([route, nothing, leaves], came, [team("t")])
