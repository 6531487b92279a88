"""Random small worlds that use every block, tie and calendar edge."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

from sim.process.blocks import (
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
    sequence,
)

from .build import AFTERNOON, DAY, EVENING, HOUR, MORNING, NOON, World, team, world

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
def blocks(draw: st.DrawFn, names: _Names, depth: int, *, may_leave: bool) -> Block:
    """Return a random block; `may_leave` where an Exit is allowed."""
    kinds = ["serve", "serve", "ticket", "delay", "session", "mark", "visit"]
    if depth:
        kinds += ["sequence", "sequence", "choice", "parallel", "within", "expires", "suspend"]
    if may_leave:
        kinds.append("exit")
    kind = draw(st.sampled_from(kinds))

    def inner(*, leave: bool = may_leave) -> Block:
        return draw(blocks(names, max(0, depth - 1), may_leave=leave))

    def duration() -> Draw:
        return names.seconds(draw(st.sampled_from(DURATIONS)), random=draw(st.booleans()))

    match kind:
        case "serve" | "ticket":
            # Who waits without a ticket may have patience, and a ticket may have none.
            ticket = kind == "ticket"
            goes = draw(st.booleans()) or ticket
            return Serve(
                activity="serve",
                phase="service",
                wait_phase="hall_wait",
                skill=draw(st.sampled_from(SKILLS)),
                duration=duration(),
                ticket=ticket,
                stay=not ticket and draw(st.booleans()),
                patience=duration() if goes and draw(st.booleans()) else None,
                on_left=inner() if goes else None,
                handoffs=draw(st.integers(0, 1)),
                staff_share=draw(st.sampled_from((1.0, 0.25))),
            )
        case "delay":
            calendar = draw(st.sampled_from(("office", "hall", "always")))
            return Delay(activity="delay", phase="work", duration=duration(), calendar=calendar)
        case "session":
            name = draw(st.sampled_from(("s", "leader")))
            number = draw(st.sampled_from((None, Geometric(0.5))))
            drawn = number and Draw("release_case", number, next(names.number))
            return AwaitSession(activity="session", phase="signature", session=name, count=drawn)
        case "mark":
            return Mark(draw(st.sampled_from(("m", "n"))))
        case "visit":
            return Visit("hall")
        case "exit":
            return Exit("early")
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
        case "within":
            return Within(draw(st.sampled_from((0.1, 1, 2))), inner())
        case "expires":
            return Within(draw(st.sampled_from((0.1, 1, 2))), inner(leave=False), expires=True)
        case _:
            return Suspend(inner())


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
    return world(
        routes,
        sorted(arrivals),
        groups,
        moments=MOMENTS,
        attended=ATTENDED,
        absent=absent,
        closing=draw(st.sampled_from(("serve_all", "send_home"))),
        discipline=draw(st.sampled_from(("fifo", "due_date"))),
        seed=draw(st.integers(1, 1000)),
    )
