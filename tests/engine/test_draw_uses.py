"""No draw is used twice for one case, and each has a registered purpose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.packed import packed
from sim.process.blocks import (
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
    Within,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.network import Group, ProcessNetwork, Rhythm, Route, Session

GAMMA = Seconds(60, 0.5, "gamma")


def network(*blocks: Block) -> ProcessNetwork:
    calendar = Calendar((0,), (3600,), (0,))
    return ProcessNetwork(
        tuple(Route(f"item-{place}", block) for place, block in enumerate(blocks)),
        (Group("g", ("a",), ("one",), "office"),),
        {"s": Session("s")},
        {"office": calendar, "hall": calendar},
        Rhythm((), (), 0.0, (), ()),
        3600,
    )


def draw(purpose: str = "make_up", number: int = 0, law: Seconds = GAMMA) -> Draw:
    return Draw(purpose, law, number)


def coin(purpose: str = "make_up", number: int = 0) -> Chance:
    return Chance(Draw(purpose, Uniform(), number), 0.5)


def delay(chance: Draw, name: str = "rest") -> Delay:
    return Delay(activity=name, phase="work", duration=chance, calendar="office")


def meeting(chance: Draw | None) -> AwaitSession:
    return AwaitSession(activity="meet", phase="work", session="s", count=chance)


def serve(chance: Draw, patience: Draw | None = None, on_left: Block | None = None) -> Serve:
    return Serve(
        activity="serve",
        phase="service",
        wait_phase="hall_wait",
        skill="a",
        duration=chance,
        patience=patience,
        on_left=on_left,
        origin="rule · field",
    )


ONE, OTHER = draw(), draw(number=1)
TWICE = [
    sequence(delay(ONE), delay(ONE)),
    sequence(delay(ONE), delay(draw(law=Seconds(9, 1, "exponential")))),
    sequence(delay(ONE), Choice(((coin(), Mark("m")),))),
    sequence(Choice(((coin(), Mark("m")),)), delay(ONE)),
    Choice(((coin(), Mark("m")), (None, delay(ONE)))),
    Choice(((coin(), delay(ONE)),)),
    sequence(delay(ONE), meeting(Draw("make_up", Geometric(0.5)))),
    sequence(serve(OTHER, patience=ONE, on_left=Mark("left")), delay(ONE)),
    serve(ONE, patience=ONE, on_left=Mark("left")),
    serve(OTHER, patience=ONE, on_left=delay(ONE)),
    sequence(serve(ONE, on_left=Mark("left")), delay(ONE)),
    sequence(serve(OTHER, on_left=delay(ONE)), delay(ONE)),
    sequence(serve(ONE, on_left=Exit("left")), delay(ONE)),
    sequence(Choice(((coin(number=1), delay(ONE)), (None, Mark("m")))), delay(ONE)),
    sequence(Choice(((coin(number=1), delay(ONE)),)), delay(ONE)),
    sequence(Choice(((coin(), Exit("end")),)), delay(ONE)),
    Parallel((delay(ONE), delay(ONE))),
    Parallel((delay(OTHER), sequence(Mark("m"), Suspend(delay(OTHER))))),
    sequence(Within(3, delay(ONE), expires=True), delay(ONE)),
    sequence(Within(3, delay(ONE)), Suspend(Within(2, delay(ONE)))),
    sequence(*(delay(draw(number=number)) for number in range(130)), delay(draw(number=129))),
]
ONCE = [
    sequence(delay(ONE), delay(OTHER), delay(draw("notified"))),
    Choice(((coin(number=1), delay(ONE)), (None, delay(ONE)))),
    Choice(((Present("a"), delay(ONE)), (coin(), Mark("m")))),
    # One block may cut one uniform number into several parts.
    Choice(((coin(), Mark("m")), (coin(), Mark("n")))),
    # What the person at the window judges is the work that follows.
    sequence(
        Choice(((ExpectedWaitWithin("a", 60, 600, ONE), serve(ONE)), (None, delay(ONE)))),
    ),
    serve(ONE, patience=OTHER, on_left=serve(ONE, patience=draw(number=2), on_left=delay(ONE))),
    # Who has left the route uses nothing behind it.
    sequence(Choice(((coin(number=1), sequence(delay(ONE), Exit("end"))),)), delay(ONE)),
    sequence(serve(OTHER, on_left=sequence(delay(ONE), Exit("left"))), delay(ONE)),
    sequence(delay(ONE), Exit("end"), delay(ONE)),
    sequence(Within(3, sequence(delay(ONE), Exit("end"))), delay(ONE)),
    Choice(((None, delay(ONE)), (coin(), delay(ONE)))),
    # What is the same for everybody uses no chance.
    sequence(delay(draw("fixed", law=Seconds(60))), delay(draw("fixed", law=Seconds(60)))),
    sequence(delay(draw(law=Seconds(60))), delay(draw(law=Seconds(60, 0, "gamma"))), delay(ONE)),
]


@pytest.mark.parametrize("block", TWICE)
def test_a_draw_that_one_case_could_use_twice_is_refused(block: Block) -> None:
    with pytest.raises(ValueError, match=r"could use the draw 'make_up' .* same case"):
        packed(network(Mark("m"), block))


@pytest.mark.parametrize("block", ONCE)
def test_blocks_that_exclude_each_other_may_share_a_draw(block: Block) -> None:
    assert packed(network(Mark("m"), block, block))


def test_both_blocks_the_item_and_the_draw_are_named() -> None:
    early = Choice(((coin("returned"), sequence(delay(ONE), Exit("end"))),))
    late = Suspend(serve(OTHER, patience=ONE, on_left=Mark("left")))
    route = sequence(Mark("m"), early, Parallel((delay(ONE, "pause"), late)))
    with pytest.raises(ValueError, match="for the same case") as refused:
        packed(network(Mark("m"), route))
    assert str(refused.value) == (
        "item item-1: block 7 (Delay 'pause', '') and block 9 (Serve 'serve', 'rule · field') "
        "could use the draw 'make_up' 0 for the same case"
    )


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (delay(draw("weather")), "block 0 (Delay 'rest', '') names the draw 'weather' 0, whose "),
        (delay(draw("weather", law=Seconds(60))), "whose purpose is not registered"),
        (meeting(Draw("weather", Geometric(1), 3)), "names the draw 'weather' 3"),
        (Choice(((coin("weather"), Mark("m")),)), "block 0 (Choice '', '') names the draw"),
        (serve(ONE, patience=draw("weather"), on_left=Mark("m")), "block 0 (Serve 'serve', "),
        (Choice(((ExpectedWaitWithin("a", 1, 1, draw("weather")), Mark("m")),)), "'weather'"),
        (delay(draw("fixed")), "whose purpose is for times of a fixed law"),
    ],
)
def test_a_purpose_that_nobody_registered_is_refused(block: Block, said: str) -> None:
    with pytest.raises(ValueError, match="item item-1: ") as refused:
        packed(network(Mark("m"), block))
    assert said in str(refused.value)


# Against every way through a route ---------------------------------------------------------

DRAWS = st.builds(
    draw, st.sampled_from(["make_up", "notified"]), st.integers(0, 1), st.just(GAMMA)
) | st.just(draw("fixed", law=Seconds(60)))
CONDITIONS = st.sampled_from(
    [None, Present("a"), coin(), coin(number=1), coin("notified"), coin("posted")]
)


@st.composite
def blocks(pick: st.DrawFn, depth: int = 3, *, may_exit: bool = True) -> Block:
    kinds = ["delay", "meeting", "mark", *(["exit"] if may_exit else [])]
    if depth:
        kinds += ["sequence", "sequence", "serve", "choice", "parallel", "scope"]
    kind = pick(st.sampled_from(kinds))

    def inner(*, leave: bool = may_exit) -> Block:
        return pick(blocks(depth - 1, may_exit=leave))

    match kind:
        case "delay":
            return delay(pick(DRAWS))
        case "meeting":
            number = pick(st.none() | st.integers(0, 1))
            return meeting(None if number is None else Draw("make_up", Geometric(0.5), number))
        case "mark":
            return Mark("m")
        case "exit":
            return Exit("end")
        case "serve":
            patience = pick(st.none() | DRAWS)
            leaves = patience is not None or pick(st.booleans())
            return serve(pick(DRAWS), patience, inner() if leaves else None)
        case "choice":
            number = pick(st.integers(1, 3))
            return Choice(tuple((pick(CONDITIONS), inner()) for _ in range(number)))
        case "parallel":
            return Parallel(tuple(inner(leave=False) for _ in range(pick(st.integers(1, 3)))))
        case "scope":
            expires = pick(st.booleans())
            scope = Within(2, inner(leave=may_exit and not expires), expires=expires)
            return pick(st.sampled_from([scope, Suspend(scope)]))
    return Sequence(tuple(inner() for _ in range(pick(st.integers(0, 4)))))


Way = tuple[tuple[object, ...], bool]
"""The draws that a case uses, and whether it goes on behind."""


def used(*draws: Draw | None) -> tuple[object, ...]:
    return tuple((one.purpose, one.occurrence) for one in draws if one and one.purpose != "fixed")


def ways(block: Block) -> Iterator[Way]:
    """Yield every way through a block, a condition being true or false as it likes."""
    match block:
        case Delay():
            yield used(block.duration), True
        case AwaitSession():
            yield used(block.count), True
        case Exit():
            yield (), False
        case Serve(on_left=None):
            yield used(block.duration), True
        case Serve(on_left=left):
            assert left is not None
            yield used(block.patience, block.duration), True
            for before, on in ways(left):
                yield (*used(block.patience), *before), on
        case Choice(branches):
            asked: tuple[object, ...] = ()
            for condition, branch in branches:
                if isinstance(condition, Chance):
                    # One Choice may ask one draw again.
                    asked = tuple(dict.fromkeys((*asked, *used(condition.draw))))
                for before, on in ways(branch):
                    yield (*asked, *before), on
                if condition is None:
                    return
            yield asked, True
        case Sequence(inside) | Parallel(inside):
            yield from in_turn(inside)
        case Within() | Suspend():
            yield from ways(block.child)
        case _:
            yield (), True


def in_turn(inside: tuple[Block, ...]) -> Iterator[Way]:
    if not inside:
        yield (), True
        return
    for first, on in ways(inside[0]):
        if not on:
            yield first, False
            continue
        for later, goes_on in in_turn(inside[1:]):
            yield (*first, *later), goes_on


@given(blocks())
def test_a_route_is_refused_if_some_way_through_it_uses_a_draw_twice(block: Block) -> None:
    # Also through a piece that no case reaches.
    pieces = [node.block for node in Route("item", block).nodes]
    twice = any(len(set(draws)) < len(draws) for piece in pieces for draws, _ in ways(piece))
    try:
        packed(network(block))
    except ValueError as refused:
        assert "for the same case" in str(refused)  # noqa: PT017  (both outcomes are meant)
        assert twice
    else:
        assert not twice
