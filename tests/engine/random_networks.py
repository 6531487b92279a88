"""Random small worlds that use every block, tie and calendar edge."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

from sim.process.blocks import (
    WITHDRAWN,
    Alongside,
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    Exit,
    ExpectedWaitWithin,
    Geometric,
    Mark,
    Parallel,
    Present,
    Seconds,
    Sequence,
    Serve,
    Suspend,
    Uniform,
    Visit,
    Within,
    WorkingDays,
    sequence,
)
from sim.process.clock import Calendar

from .build import (
    AFTERNOON,
    DAY,
    DAYS,
    EVENING,
    HOUR,
    MORNING,
    NOON,
    World,
    opened,
    team,
    world,
)

SKILLS = ("a", "b", "c")
ASKED = (*SKILLS, "nobody has it")
DURATIONS = (0, 1, 60, 600, HOUR, 4 * HOUR, 9 * HOUR)
ARRIVALS = (0, MORNING, MORNING, NOON - 1, NOON, AFTERNOON, EVENING - 600, EVENING - 60, EVENING)
POOL = (
    team("ab", 1, ("a", "b"), calendar="hall"),
    team("a", 1, ("a",), calendar="hall"),
    team("bc", 1, ("b", "c"), calendar="hall"),
    team("c", 2, ("c",), calendar="office", pauses=True),
    team("b office", 1, ("b",), calendar="office", pauses=True),
    team("ac office", 1, ("a", "c"), calendar="office"),
    team("c always", 1, ("c",), calendar="always"),
    team("abc", 2, ("a", "b", "c"), calendar="hall"),
)
MOMENTS = {
    "s": [NOON + day * DAY for day in range(28)],
    "leader": [EVENING + DAY * 2, NOON + 4 * DAY],
}
ATTENDED = {"leader": [AFTERNOON + DAY * 2, MORNING + 4 * DAY]}


class _Names:
    """Gives every draw of a route its own occurrence."""

    def __init__(self) -> None:
        self.number = count()

    def seconds(self, mean_s: int, *, random: bool) -> Draw:
        family = "exponential" if random else "fixed"
        return Draw("decide_work", Seconds(mean_s, 1.0, family), next(self.number))


@st.composite
def blocks(
    draw: st.DrawFn, names: _Names, depth: int, *, may_leave: bool, may_suspend: bool = True
) -> Block:
    """Return a random block; `may_leave` where an Exit is allowed, `may_suspend` a Suspend."""
    kinds = ["serve", "serve", "ticket", "delay", "session", "mark", "visit"]
    if depth:
        kinds += ["sequence", "sequence", "choice", "parallel", "within", "expires", "alongside"]
        kinds += ["suspend"] * may_suspend
    if may_leave:
        kinds.append("exit")
    kind = draw(st.sampled_from(kinds))

    def inner(*, leave: bool = may_leave, suspend: bool = may_suspend) -> Block:
        return draw(blocks(names, max(0, depth - 1), may_leave=leave, may_suspend=suspend))

    def duration() -> Draw:
        return names.seconds(draw(st.sampled_from(DURATIONS)), random=draw(st.booleans()))

    match kind:
        case "serve" | "ticket":
            # Who is in the hall already may have patience, and a ticket may have none.
            ticket = kind == "ticket"
            goes = draw(st.booleans()) or ticket
            return Serve(
                activity="serve",
                phase="service",
                wait_phase="hall_wait",
                skill=draw(st.sampled_from(SKILLS)),
                duration=duration(),
                ticket=ticket,
                patience=duration() if goes and draw(st.booleans()) else None,
                on_left=inner() if goes else None,
                handoffs=draw(st.integers(0, 1)),
                staff_share=draw(st.sampled_from((1.0, 0.25))),
                present_on=draw(st.sampled_from(("", "office"))),
            )
        case "delay":
            calendar = draw(st.sampled_from(("office", "hall", "always", None)))
            if calendar is None:
                wd = draw(st.sampled_from((0, 0.001, 1 / 3, 0.5, 1, 2.5)))
                length = Draw("decide_work", WorkingDays(wd), next(names.number))
                return Delay(activity="days", phase="work", duration=length, calendar=None)
            return Delay(
                activity="delay",
                phase="work",
                duration=duration(),
                calendar=calendar,
                until_open=draw(st.booleans()),
            )
        case "session":
            name = draw(st.sampled_from(("s", "leader")))
            number = draw(st.sampled_from((None, Geometric(0.5))))
            drawn = number and Draw("release_case", number, next(names.number))
            return AwaitSession(
                activity="session",
                phase="signature",
                session=name,
                count=drawn,
                or_session=draw(st.sampled_from(("", "", "s"))),
                present_on=draw(st.sampled_from(("", "office"))),
                staff_s=draw(st.sampled_from((0.0, 300.0))),
            )
        case "mark":
            return Mark(draw(st.sampled_from(("m", "n"))))
        case "visit":
            return Visit("hall")
        case "exit":
            return Exit(WITHDRAWN)
        case "sequence":
            return sequence(*(inner() for _ in range(draw(st.integers(1, 3)))))
        case "choice":
            condition = draw(
                st.sampled_from(
                    (
                        Chance(Draw("returned", Uniform(), next(names.number)), 0.5),
                        Present(draw(st.sampled_from(ASKED))),
                        Attending("leader"),
                        ExpectedWaitWithin(
                            draw(st.sampled_from(ASKED)),
                            600,
                            draw(st.sampled_from((700, 1200, HOUR))),
                            names.seconds(600, random=True),
                        ),
                    )
                )
            )
            return Choice(((condition, inner()), (None, inner())))
        case "parallel":
            return Parallel(tuple(inner(leave=False) for _ in range(draw(st.integers(2, 3)))))
        case "alongside":
            return Alongside(inner(leave=False, suspend=False), inner())
        case "within":
            return Within(draw(st.sampled_from((0.1, 1, 2))), inner())
        case "expires":
            return Within(draw(st.sampled_from((0.1, 1, 2))), inner(leave=False), expires=True)
        case _:
            return Suspend(inner())


HOURS = (
    ((8.5, 12.0), (14.5, 17.5)),
    ((9.0, 17.0),),
    ((9.0, 13.0), (13.0, 17.0)),
    ((10.0, 11.0), (12.0, 12.25), (20.0, 24.0)),
    ((0.0, 24.0),),
    ((8.5, 12.0),),
    (),
)


@st.composite
def calendars_of_days(draw: st.DrawFn) -> dict[str, Calendar]:
    """Return calendars of the hall, the offices and working days: mostly the usual ones."""
    if draw(st.booleans()):
        return {}
    week = st.lists(st.sampled_from(HOURS), min_size=7, max_size=7)
    offices = draw(week.filter(any))
    worked = draw(st.lists(st.booleans(), min_size=7, max_size=7))
    if not any(of_day and works for of_day, works in zip(offices, worked, strict=True)):
        worked = [True] * 7
    working = [of_day if works else () for of_day, works in zip(offices, worked, strict=True)]
    weeks = -(-DAYS // 7)
    return {
        "hall": opened((draw(week.filter(any)) * weeks)[:DAYS]),
        "offices": opened((offices * weeks)[:DAYS]),
        "working": opened((working * weeks)[:DAYS]),
    }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Return a random world of one to three routes and up to twelve cases."""
    routes: list[Block] = []
    for _ in range(draw(st.integers(1, 3))):
        names = _Names()
        body = [draw(blocks(names, 3, may_leave=True)) for _ in range(draw(st.integers(1, 3)))]
        routes.append(Sequence((*body, Exit("done"))))
    arrivals = draw(
        st.lists(
            st.tuples(
                st.sampled_from(ARRIVALS).flatmap(
                    lambda second: st.integers(0, 2).map(lambda day: second + day * DAY)
                ),
                st.integers(0, len(routes) - 1),
            ),
            min_size=1,
            max_size=12,
        )
    )
    groups = draw(
        st.lists(st.sampled_from(POOL), min_size=1, max_size=4, unique=True).filter(
            lambda some: {skill for group in some for skill in group.skills} == set(SKILLS)
        )
    )
    absent = draw(
        st.dictionaries(
            st.sampled_from([group.name for group in groups]),
            st.dictionaries(st.integers(0, 8), st.just(1), max_size=4),
        )
    )
    calendars = draw(calendars_of_days())
    return world(
        routes,
        sorted(arrivals),
        groups,
        moments=MOMENTS,
        attended=ATTENDED,
        absent=absent,
        closing=draw(st.sampled_from(("serve_all", "send_home"))),
        overtime_max_s=draw(st.sampled_from((0, 600, HOUR, DAY))),
        **calendars,
        discipline=draw(st.sampled_from(("fifo", "due_date"))),
        seed=draw(st.integers(1, 1000)),
    )
