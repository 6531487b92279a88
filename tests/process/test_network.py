"""Routes are numbered in pre-order, and hold an Exit only where it can end the case."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.process.blocks import (
    AwaitSession,
    Block,
    Chance,
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
    Uniform,
    Visit,
    Within,
    children,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.network import Group, Node, ProcessNetwork, Rhythm, Route, Session, number

COIN = Chance(Draw("incomplete", Uniform()), 0.5)


def delay(seconds: float = 60.0) -> Delay:
    return Delay(activity="d", phase="work", duration=Draw("post", Seconds(seconds)), calendar="c")


def serve(on_left: Block | None = None) -> Serve:
    return Serve(
        activity="s",
        phase="service",
        wait_phase="hall_wait",
        skill="a",
        duration=Draw("accept_work", Seconds(60.0)),
        on_left=on_left,
    )


def network(*blocks: Block, people: tuple[str, ...] = ("a",)) -> ProcessNetwork:
    routes = tuple(Route(f"i{place}", block) for place, block in enumerate(blocks))
    groups = (Group("g", people, ("one",), "c"),)
    return ProcessNetwork(routes, groups, {}, {}, Rhythm((), (), 0.0, ()), 0)


LEAVES = st.sampled_from(
    [delay(), serve(), Mark("m"), Visit("v"), AwaitSession(activity="a", phase="p", session="s")]
)


def nested(block: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    some = st.lists(block, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Sequence, some),
        st.lists(block, min_size=1, max_size=3).map(lambda some: Parallel(tuple(some))),
        some.map(lambda blocks: Choice(tuple((COIN, child) for child in blocks))),
        st.builds(Within, limit_wd=st.just(3.0), child=block, expires=st.booleans()),
        st.builds(Suspend, child=block),
        block.map(serve),
    )


def test_a_parallel_without_a_branch_is_refused() -> None:
    with pytest.raises(ValueError, match="Parallel without a branch"):
        network(sequence(delay(), Parallel(())))


def test_a_skill_that_no_group_has_is_refused() -> None:
    with pytest.raises(ValueError, match="skills that no group has: a, b"):
        network(serve(Suspend(replace(serve(), skill="b"))), people=())


@pytest.mark.parametrize(
    ("what", "changed"),
    [
        ("session 'bus'", {"sessions": {"bus": Session("bus", (1, 3, 2))}}),
        ("session 'bus'", {"sessions": {"bus": Session("bus", (1, 1))}}),
        ("calendar 'c'", {"calendars": {"c": Calendar((5, 0), (6, 1), (0, 1))}}),
        ("calendar 'c'", {"calendars": {"c": Calendar((0, 5), (6, 7), (0, 0))}}),
        ("calendar 'c'", {"calendars": {"c": Calendar((5,), (4,), (0,))}}),
        ("days of the rhythm", {"rhythm": Rhythm((86_400, 0), (1.0, 1.0), 0.0, (), ())}),
    ],
)
def test_times_that_do_not_ascend_are_refused(what: str, changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"times that do not ascend: {what}$"):
        replace(network(delay()), **changed)


def test_intervals_may_touch() -> None:
    touching = Calendar((0, 5), (5, 9), (0, 0))
    assert replace(network(delay()), calendars={"c": touching}, sessions={"bus": Session("bus")})


@given(st.recursive(LEAVES, nested, max_leaves=25))
def test_ids_are_pre_order_and_a_branch_is_an_id_range(block: Block) -> None:
    root = number(block)
    nodes = Route("item", block).nodes
    assert nodes[0] == root
    assert [node.id for node in nodes] == list(range(len(nodes)))
    assert root.end == len(nodes)
    for node in nodes:
        inside = [one.id for one in node.walk()]
        assert inside == list(range(node.id, node.end))
        assert tuple(child.block for child in node.children) == children(node.block)
        edges = [node.id + 1, *(child.end for child in node.children)]
        assert [child.id for child in node.children] == edges[:-1]
        assert edges[-1] == node.end


def shape(node: Node) -> tuple[object, ...]:
    return (type(node.block).__name__, node.id, node.end, *map(shape, node.children))


def test_numbers_of_a_small_route() -> None:
    route = sequence(
        Mark("in"), Choice(((COIN, serve(Exit("left"))), (None, sequence()))), Exit("done")
    )
    assert shape(number(route)) == (
        "Sequence", 0, 7,
        ("Mark", 1, 2),
        ("Choice", 2, 6, ("Serve", 3, 5, ("Exit", 4, 5)), ("Sequence", 5, 6)),
        ("Exit", 6, 7),
    )  # fmt: skip


@pytest.mark.parametrize(
    "block",
    [
        Parallel((Exit("x"),)),
        Parallel((delay(), sequence(delay(), Exit("x")))),
        Parallel((serve(Exit("x")),)),
        Parallel((Within(1, sequence(delay(), Exit("x"))),)),
        Within(1, Exit("x"), expires=True),
        Within(1, Choice(((COIN, Exit("x")),)), expires=True),
        Within(1, Suspend(Exit("x")), expires=True),
        sequence(delay(), Within(1, serve(Exit("x")), expires=True)),
    ],
)
def test_an_exit_that_cannot_end_the_case_is_refused(block: Block) -> None:
    with pytest.raises(ValueError, match="Exit inside Parallel or an expiring Within"):
        network(block)


@pytest.mark.parametrize(
    "block",
    [
        Within(1, sequence(delay(), Exit("x"))),
        Choice(((COIN, Exit("x")), (None, serve(Exit("y"))))),
        sequence(Parallel((delay(), delay())), Exit("x")),
        Suspend(Exit("x")),
    ],
)
def test_an_exit_elsewhere_is_accepted(block: Block) -> None:
    assert network(block)


def test_a_piece_that_ends_one_case_cannot_stand_where_another_goes_on() -> None:
    piece = sequence(delay(), Exit("x"))
    assert network(piece, sequence(piece))
    with pytest.raises(ValueError, match="Exit inside Parallel"):
        network(piece, Parallel((piece,)))


def test_sequence_leaves_out_none_and_unfolds() -> None:
    one, two, three = Mark("1"), Mark("2"), Mark("3")
    assert sequence(one, None, sequence(two, None, sequence(three))).blocks == (one, two, three)
    assert sequence().blocks == ()
