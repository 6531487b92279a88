"""The hall day on the compiled engine of this project, in blocks of `sim.process`.

Other tools are given pre-drawn numbers. This engine asks `sim.chance.draws` for every number
when it needs it, a pure function of names, so the same numbers can be worked out beforehand:
:func:`rounds` does, and hands the other tools exactly the days that are played here. Drawing
service times then counts as time of this engine and of no other.

Times of the engine are whole seconds; here one of its seconds is a millisecond, and ten days,
each over long before the next begins, are played in one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from math import nan

import numpy as np

from sim.chance.draws import Seed
from sim.chance.history import History, history
from sim.engine.packed import Packed, packed
from sim.engine.play import EngineResult, play
from sim.engine.tally import NEVER
from sim.process.blocks import (
    Chance,
    Choice,
    Draw,
    Exit,
    Parallel,
    Seconds,
    Serve,
    Uniform,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm
from sim.process.network import Route as ItemRoute

from .model import (
    ARRIVALS_BY_HOUR,
    BRANCH_MEAN,
    BRANCH_OFFICERS,
    BRANCHES,
    JOINT_SHARE,
    OFFICE_MEAN,
    OFFICE_SHARE,
    OFFICERS,
    WINDOW_MEAN,
    WINDOWS,
    Day,
    Outcome,
    Route,
    measure,
)

TICKS = 60_000
"""Ticks of the engine in a minute: a tick is a millisecond."""
DAYS_PER_RUN = 10
DAY_TICKS = 50_000_000
"""Ticks from one opening to the next, 13.9 hours; a day of nine hours is over by then."""
END = DAYS_PER_RUN * DAY_TICKS


def _time(purpose: str, mean_minutes: float, occurrence: int = 0) -> Draw:
    return Draw(purpose, Seconds(mean_minutes * TICKS, 1.0, "exponential"), occurrence)


WINDOW = _time("accept_work", WINDOW_MEAN)
OFFICE = _time("decide_work", OFFICE_MEAN)
BRANCH = [_time("section_work", BRANCH_MEAN, branch) for branch in range(BRANCHES)]
MARK = Draw("returned", Uniform())


def _serve(
    skill: str, phase: str, wait_phase: str, duration: Draw, *, in_hall: bool = False
) -> Serve:
    return Serve(
        activity=skill,
        phase=phase,
        wait_phase=wait_phase,
        skill=skill,
        duration=duration,
        ticket=in_hall,
        on_left=sequence() if in_hall else None,
    )


@cache
def hall() -> tuple[ProcessNetwork, Packed]:
    """Build the hall."""
    joint = Parallel(
        tuple(_serve(f"branch {n}", "joint", "joint", draw) for n, draw in enumerate(BRANCH))
    )
    visit = sequence(
        _serve("window", "window", "wait", WINDOW, in_hall=True),
        Choice(
            (
                (Chance(MARK, OFFICE_SHARE), _serve("office", "office", "office", OFFICE)),
                (Chance(MARK, OFFICE_SHARE + JOINT_SHARE), joint),
            )
        ),
        Exit("served"),
    )
    staff = {"window": WINDOWS, "office": OFFICERS}
    staff |= {f"branch {n}": BRANCH_OFFICERS for n in range(BRANCHES)}
    groups = [
        Group(skill, (skill,), tuple(f"{skill} {n}" for n in range(people)), "always")
        for skill, people in staff.items()
    ]
    network = ProcessNetwork(
        routes=(ItemRoute("visit", visit, float(sum(ARRIVALS_BY_HOUR))),),
        groups=tuple(groups),
        sessions={},
        calendars={"always": Calendar((0,), (END,), (0,))},
        rhythm=_rhythm(),
        end_s=END,
        working_calendar="always",
        hall_calendar="always",
    )
    return network, packed(network)


def _rhythm() -> Rhythm:
    shares = [share / sum(ARRIVALS_BY_HOUR) for share in ARRIVALS_BY_HOUR]
    return Rhythm(
        day_starts_s=tuple(day * DAY_TICKS for day in range(DAYS_PER_RUN)),
        day_weights=(1.0,) * DAYS_PER_RUN,
        busyness_cv=0.0,
        profiles=(
            DayProfile(
                tuple(60 * TICKS * hour for hour in range(len(shares) + 1)),
                (0.0, *(min(1.0, share) for share in accumulate(shares))),
            ),
        ),
    )


@dataclass(frozen=True, eq=False)
class Round:
    """Ten days that are played in one run, as this engine and as other tools see them."""

    history: History
    days: list[Day]


def rounds(count: int, seed: int = 1) -> list[Round]:
    """Draw days, `count` rounded up to whole runs."""
    return [_round(drawn) for drawn in draw_arrivals(count, seed)]


def draw_arrivals(count: int, seed: int = 1) -> list[History]:
    """Draw who comes and when; this is part of the numbers that other tools are given."""
    network, _ = hall()
    return [history(network, Seed(seed, run)) for run in range(-(-count // DAYS_PER_RUN))]


def _round(drawn: History) -> Round:
    """Work out beforehand what the engine will draw."""

    def minutes(draw: Draw) -> np.ndarray:
        return np.array([drawn.draws.seconds(draw, who) / TICKS for who in range(applicants)])

    applicants = len(drawn.arrivals.time_s)
    mark = drawn.draws.column(MARK.purpose)
    shares = [mark < OFFICE_SHARE, mark < OFFICE_SHARE + JOINT_SHARE]
    routes = np.select(shares, [Route.OFFICE, Route.JOINT], Route.LEAVE).astype(np.int64)
    window, office = minutes(WINDOW), minutes(OFFICE)
    branches = np.column_stack([minutes(draw) for draw in BRANCH])
    day_of = drawn.arrivals.time_s // DAY_TICKS
    found = []
    for day in range(DAYS_PER_RUN):
        here = day_of == day
        arrivals = (drawn.arrivals.time_s[here] - day * DAY_TICKS) / TICKS
        found.append(Day(arrivals, window[here], routes[here], office[here], branches[here]))
    return Round(drawn, found)


def play_round(one: Round) -> EngineResult:
    """Play ten days."""
    network, what = hall()
    return play(network, what, one.history, 1, END)


def outcomes(one: Round, played: EngineResult) -> list[Outcome]:
    """Measure ten days."""
    cases = played.table
    waited = np.zeros(len(cases.exit_s))
    waited[cases.stays["case"]] = (cases.stays["start_s"] - cases.stays["enabled_s"]) / TICKS
    left = np.where(cases.exit_s == NEVER, nan, cases.exit_s / TICKS)
    found, first = [], 0
    for number_, day in enumerate(one.days):
        last = first + len(day.arrivals)
        called = day.arrivals + waited[first:last]
        found.append(measure(day, called, left[first:last] - number_ * (DAY_TICKS / TICKS)))
        first = last
    return found


def run_rounds(all_rounds: Sequence[Round]) -> list[Outcome]:
    """Play and measure all days."""
    return [outcome for one in all_rounds for outcome in outcomes(one, play_round(one))]
