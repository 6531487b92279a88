"""Hand-made routes and dated applicants, and every figure of what happened.

All days are working days, 08:30-12:00 and 14:30-17:30: 6.5 hours.  Everything takes a fixed
time, so that one working day later is the same clock time on the next day.  Days count
from 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.chance.demand import Arrivals
from sim.chance.draws import Draws, Seed
from sim.chance.history import History
from sim.chance.philox import word
from sim.engine.packed import packed
from sim.engine.play import play
from sim.measure.hall_facts import HallFacts
from sim.measure.indicators import measure
from sim.measure.observations import Observations
from sim.process.blocks import (
    Block,
    Delay,
    Draw,
    Exit,
    Mark,
    Seconds,
    Serve,
    Visit,
    Within,
    WorkingDays,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.network import Group, ProcessNetwork, Rhythm, Route
from sim.scenario.schema import Complaints

WHOLE_DAY_S = 86_400
DAYS = 60
SPANS = ((8 * 3600 + 1800, 12 * 3600), (14 * 3600 + 1800, 17 * 3600 + 1800))
QUIET = Complaints(base=0, per_overdue_wd=0, per_extra_visit=0)


def at(day: int, clock: str) -> int:
    """Return the second of a day, counted from 1, and a clock time."""
    hours, minutes = clock.split(":")
    return (day - 1) * WHOLE_DAY_S + int(hours) * 3600 + int(minutes) * 60


def office() -> Calendar:
    intervals = [
        (day * WHOLE_DAY_S + opening, day * WHOLE_DAY_S + closing, day)
        for day in range(DAYS)
        for opening, closing in SPANS
    ]
    opens, closes, days = zip(*intervals, strict=True)
    return Calendar(opens, closes, days)


# Blocks -----------------------------------------------------------------------------------


def fixed(seconds: float) -> Draw:
    return Draw("fixed", Seconds(seconds))


def pause(wd: float, phase: str, *, handoffs: int = 0) -> Delay:
    """Let working days pass in a phase."""
    return Delay(
        activity=phase,
        phase=phase,
        duration=Draw("fixed", WorkingDays(wd)),
        calendar=None,
        handoffs=handoffs,
    )


def ticket(
    minutes: float,
    *,
    patience: float | None = None,
    left: Block | None = None,
    here: bool = False,
) -> Serve:
    """Take a ticket at a window, or go on to it in the hall."""
    return Serve(
        activity="window",
        phase="service",
        wait_phase="hall_wait",
        skill="window",
        duration=fixed(minutes * 60),
        ticket=not here,
        patience=None if patience is None else fixed(patience * 60),
        on_left=left or sequence(),
    )


def officer(minutes: float, share: float = 0.5) -> Serve:
    """Be worked on in an office, by people who give it a share of their day."""
    return Serve(
        activity="officer",
        phase="work",
        wait_phase="inbox",
        skill="officer",
        duration=fixed(minutes * 60),
        staff_share=share,
    )


VISIT, RECEIVED, ACCEPTED = Visit("hall"), Mark("received"), Mark("accepted")
DECIDED, IN_HAND, DONE = Mark("decided"), Mark("in_hand"), Exit("done")
ARRIVE = (VISIT, RECEIVED)


def decision(limit_wd: float, *road: Block) -> Within:
    """Decide within a limit that starts on the day after."""
    return Within(limit_wd, sequence(*road, DECIDED))


def hall_case(decide_wd: float, limit_wd: float = 5, collect_wd: float = 1) -> Block:
    """Come to the hall, be accepted at once, decided after some days, and collect later."""
    return sequence(
        *ARRIVE,
        ACCEPTED,
        decision(limit_wd, pause(decide_wd, "inbox")),
        pause(collect_wd, "collection"),
        VISIT,
        IN_HAND,
        DONE,
    )


def home_case(decide_wd: float, limit_wd: float = 5) -> Block:
    """Be handled in a home department: no ticket of the hall."""
    road = decision(limit_wd, pause(decide_wd, "inbox"))
    return sequence(Visit("home:land"), ACCEPTED, road, IN_HAND, DONE)


# Histories --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """An applicant: when, what happens, and what the books know of the item."""

    day: int
    clock: str
    road: Block
    entered: bool = True
    full: bool = False
    fee: float = 0
    promised: float = 5


@dataclass(frozen=True)
class Hall:
    """What the figures are measured by, with every applicant on a route of their own."""

    census_day: int = 10
    follow_up_wd: int = 20
    wait_target_min: float = 15
    hall_places: float = 100
    complaints: Complaints = QUIET
    windows: tuple[tuple[str, ...], ...] = (("window",),)
    people: int = 1
    officers: int = 2
    away: tuple[int, ...] = ()
    """Half-days, counted from 0, on which one person of the first window is away."""
    fixed: tuple[tuple[str, float], ...] = ()

    def measure(self, *applicants: Came) -> Measured:
        ordered = sorted(applicants, key=lambda one: at(one.day, one.clock))
        return Measured(self, tuple(ordered))

    def but(self, **changes: object) -> Hall:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Measured:
    """One hand-made history and its figures."""

    hall: Hall
    applicants: tuple[Came, ...]

    def __getitem__(self, name: str) -> float:
        return self.figures[name]

    @cached_property
    def figures(self) -> dict[str, float]:
        return measure(self.observations)

    @cached_property
    def observations(self) -> Observations:
        network, history = self._network(), self._history()
        books = self._books()
        played = play(network, packed(network), history, books.follow_up_wd, books.census_s)
        return Observations(network, played.table, history, books)

    def _network(self) -> ProcessNetwork:
        calendar = office()
        return ProcessNetwork(
            routes=tuple(
                Route(f"item-{place}", one.road) for place, one in enumerate(self.applicants)
            ),
            groups=tuple(self._groups()),
            sessions={},
            calendars={"office": calendar, "hall": calendar},
            rhythm=Rhythm((), (), 0, ()),
            end_s=DAYS * WHOLE_DAY_S,
        )

    def _groups(self) -> Sequence[Group]:
        windows = [
            Group(
                f"window {place}",
                skills,
                tuple(f"w{place}-{person}" for person in range(self.hall.people)),
                "hall",
                absent_share=0.1 if self.hall.away and not place else 0.0,
                unit=f"unit {place}",
            )
            for place, skills in enumerate(self.hall.windows)
        ]
        people = tuple(f"o{person}" for person in range(self.hall.officers))
        return [
            *windows,
            Group("officers", ("officer",), people, "office", pauses=True, unit="land"),
        ]

    def _history(self) -> History:
        times = np.array([at(one.day, one.clock) for one in self.applicants], np.int64)
        routes = np.arange(len(times))
        none = np.zeros(len(times), np.int64)
        words = np.array([word(f"item-{place}") for place in routes], np.uint64)
        capacity = []
        for place, group in enumerate(self._groups()):
            present = np.full(2 * DAYS, len(group.people), np.int64)
            for half_day in self.hall.away if place == 0 else ():
                present[half_day] -= 1
            capacity.append(present)
        return History(
            Arrivals(times, routes, none, none),
            Draws(Seed(1, 0), words, none, none),
            tuple(capacity),
            {},
        )

    def _books(self) -> HallFacts:
        hall, who = self.hall, self.applicants
        names = (
            "entry_rate",
            "authorization_rate",
            "immediate_item_rate",
            "window_staff",
            "staff_total",
        )
        return HallFacts(
            entered=np.array([one.entered for one in who], np.bool_),
            full=np.array([one.full for one in who], np.bool_),
            fee_yuan=np.array([one.fee for one in who], np.float64),
            promised_wd=np.array([one.promised for one in who], np.float64),
            census_s=hall.census_day * WHOLE_DAY_S,
            follow_up_wd=hall.follow_up_wd,
            census_wd=hall.census_day,
            wait_target_min=hall.wait_target_min,
            hall_places=hall.hall_places,
            complaints=hall.complaints,
            fixed=dict.fromkeys(names, 0.0) | dict(hall.fixed),
        )
