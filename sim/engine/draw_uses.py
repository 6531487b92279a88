"""The draws that routes use: registered purposes only, and no draw twice for one case.

Two blocks that use the same draw have the same random number: a case that takes long at the one
would take long at the other.  Blocks that exclude each other may share a draw: the branches of a
Choice, being served and what happens instead (`Serve.on_left`), and what lies behind an Exit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.inversion import FIXED as FIXED_LAW
from sim.chance.inversion import Laws
from sim.chance.purposes import FIXED, PURPOSES
from sim.engine.net import ALWAYS, CHANCE, CHOICE, EXIT, NONE, SERVE, Ints, Records
from sim.engine.routes import Routes
from sim.native import inner, native
from sim.process.blocks import (
    AwaitSession,
    Block,
    Chance,
    Choice,
    Delay,
    Draw,
    ExpectedWaitWithin,
    Serve,
)
from sim.process.network import Node, ProcessNetwork

Sets = npt.NDArray[np.uint64]
"""Sets of draws, 64 to a word; shape (blocks, words)."""
Flags = npt.NDArray[np.bool_]
Rows = frozenset[int]

WORD = 64


def check_draws(network: ProcessNetwork, routes: Routes) -> None:
    """Refuse draws without a registered purpose, and draws that a case could use twice.

    Parameters
    ----------
    network
        The network.
    routes
        Its routes as arrays.

    Raises
    ------
    ValueError
        If there is such a draw; the message names the item and the blocks that use it.
    """
    laws = Laws()
    keys: dict[tuple[str, int], int] = {}
    key_of = np.full(len(routes.draws), NONE)
    for draw, number in routes.draws.items():
        same_for_all = laws.law(draw.distribution).kind == FIXED_LAW
        if draw.purpose not in PURPOSES or (draw.purpose == FIXED and not same_for_all):
            _refuse_purpose(network, draw)
        # A fixed value uses no random number.
        if not same_for_all:
            key_of[number] = keys.setdefault((draw.purpose, draw.occurrence), len(keys))
    edges = np.append(routes.offset, len(routes.nodes))
    uses = _room_for(int(np.diff(edges).max(initial=0)), len(keys), key_of)
    route, place, second, key = _double(routes.nodes, routes.branches, routes.counts, edges, uses)
    if key != NONE:
        item, nodes = network.routes[route].item, network.routes[route].nodes
        purpose, occurrence = name = list(keys)[key]
        first, other = _users(nodes[place], nodes[second], name, uses, key)
        raise ValueError(
            f"item {item}: {_described(first)} and {_described(other)} could use the draw "
            f"{purpose!r} {occurrence} for the same case"
        )


def _refuse_purpose(network: ProcessNetwork, draw: Draw) -> None:
    item, node = next(
        (route.item, node)
        for route in network.routes
        for node in route.nodes
        if draw in _named_by(node.block)
    )
    why = "is for times of a fixed law" if draw.purpose == FIXED else "is not registered"
    raise ValueError(
        f"item {item}: {_described(node)} names the draw {draw.purpose!r} {draw.occurrence}, whose "
        f"purpose {why} (sim/chance/purposes.py)"
    )


def _users(
    place: Node, second: Node, name: tuple[str, int], uses: _Uses, key: int
) -> tuple[Node, Node]:
    """Return the two blocks that use a draw: `place` or one before `second`, and one in it."""
    ever, behind = _holders(uses.ever, key), _holders(uses.behind, key)
    if isinstance(place.block, Choice | Serve):
        return place, _user(second, name, ever)
    before = [child for child in place.children if child.id < second.id and child.id in behind]
    return _user(before[-1], name, behind), _user(second, name, ever)


def _user(node: Node, name: tuple[str, int], holders: Rows) -> Node:
    """Return the first block that uses a draw, inside a block known to contain one."""
    if any((draw.purpose, draw.occurrence) == name for draw in _used_by(node.block)):
        return node
    return _user(next(child for child in node.children if child.id in holders), name, holders)


def _used_by(block: Block) -> Iterator[Draw]:
    match block:
        case Delay(duration=duration):
            yield duration
        case AwaitSession(count=Draw() as number):
            yield number
        case Serve():
            yield block.duration
            if block.patience is not None:
                yield block.patience
        case Choice(branches):
            for condition, _ in branches:
                if isinstance(condition, Chance):
                    yield condition.draw


def _named_by(block: Block) -> Iterator[Draw]:
    """Yield the draws that a block uses, and those that it only reads in a condition."""
    yield from _used_by(block)
    if isinstance(block, Choice):
        for condition, _ in block.branches:
            if isinstance(condition, ExpectedWaitWithin):
                yield condition.own


def _described(node: Node) -> str:
    activity, origin = (getattr(node.block, name, "") for name in ("activity", "origin"))
    return f"block {node.id} ({type(node.block).__name__} {activity!r}, {origin!r})"


# Sets of draws ----------------------------------------------------------------------------


class _Uses(NamedTuple):
    """The draws that the blocks of one route use, by the number of the block."""

    ever: Sets
    """Draws that a case may use inside a block."""
    behind: Sets
    """Draws that it may have used there when it goes on behind the block."""
    over: Flags
    """Whether no case goes on behind the block."""
    asked: Sets
    """Draws that the conditions of one Choice have used, shape (words,)."""
    key_of: Ints
    """Key of each draw; NONE for a fixed value."""


def _room_for(blocks: int, keys: int, key_of: Ints) -> _Uses:
    words = keys // WORD + 1
    ever, behind = (np.zeros((blocks, words), np.uint64) for _ in range(2))
    return _Uses(ever, behind, np.zeros(blocks, np.bool_), np.zeros(words, np.uint64), key_of)


def _holders(sets: Sets, key: int) -> Rows:
    """Return the rows whose set holds a draw."""
    bits = sets[:, key // WORD] >> np.uint64(key % WORD) & np.uint64(1)
    return frozenset(np.flatnonzero(bits).tolist())


@native
def _double(
    nodes: Records, branches: Records, counts: Ints, edges: Ints, uses: _Uses
) -> tuple[int, int, int, int]:
    """Look for a draw that a case could use twice.

    Returns
    -------
    route, place, second, key
        A draw that may be used in the block `second` and in one of those before it inside the
        block `place`, or by `place` itself; blocks by their number in the route.  NONE if there
        is none.
    """
    for route in range(len(edges) - 1):
        first = edges[route]
        for me in range(edges[route + 1] - 1, first - 1, -1):
            kind, row = nodes[me]["kind"], me - first
            uses.ever[row], uses.behind[row], uses.over[row] = 0, 0, kind == EXIT
            second, key = NONE, NONE
            if kind == CHOICE:
                second, key = _choose(nodes, branches, me, first, uses)
            elif kind == SERVE:
                second, key = _serve(nodes, me, first, uses)
            elif counts[me]:
                second, key = _pass(nodes, me, first, counts[me], uses)
            else:
                _use(uses.ever[row], uses, nodes[me]["draw"])
                _use(uses.behind[row], uses, nodes[me]["draw"])
            if key != NONE:
                return route, row, second, key
    return NONE, NONE, NONE, NONE


@inner
def _pass(nodes: Records, me: int, first: int, children: int, uses: _Uses) -> tuple[int, int]:
    """Go through all children of a Sequence, a Parallel, an Alongside or a scope."""
    row, child = me - first, me + 1
    for _ in range(children):
        inside = child - first
        key = _common(uses.behind[row], uses.ever[inside])
        if key != NONE:
            return inside, key
        _join(uses.ever[row], uses.ever[inside])
        _join(uses.behind[row], uses.behind[inside])
        if uses.over[inside]:
            uses.behind[row], uses.over[row] = 0, True
            break
        child = nodes[child]["end"]
    return NONE, NONE


@inner
def _serve(nodes: Records, me: int, first: int, uses: _Uses) -> tuple[int, int]:
    """Wait with patience, then be served or leave."""
    row, inside = me - first, me + 1 - first
    _use(uses.behind[row], uses, nodes[me]["draw"])
    if nodes[me]["leaves"]:
        _use(uses.ever[row], uses, nodes[me]["patience"])
        key = _common(uses.ever[row], uses.behind[row])
        if key != NONE:
            return row, key
        key = _common(uses.ever[row], uses.ever[inside])
        if key != NONE:
            return inside, key
        _join(uses.behind[row], uses.ever[row])
        _join(uses.behind[row], uses.behind[inside])
        _join(uses.ever[row], uses.ever[inside])
    _join(uses.ever[row], uses.behind[row])
    return NONE, NONE


@inner
def _choose(nodes: Records, branches: Records, me: int, first: int, uses: _Uses) -> tuple[int, int]:
    """Evaluate one condition after the other, then take one branch, or none."""
    row, child = me - first, me + 1
    uses.asked[:] = 0
    goes_on, always = False, False
    for index in range(nodes[me]["branch"], nodes[me]["branch"] + nodes[me]["branches"]):
        inside = child - first
        if branches[index]["condition"] == CHANCE:
            _use(uses.asked, uses, branches[index]["draw"])
        key = _common(uses.asked, uses.ever[inside])
        if key != NONE:
            return inside, key
        _join(uses.ever[row], uses.ever[inside])
        _join(uses.behind[row], uses.behind[inside])
        goes_on = goes_on or not uses.over[inside]
        always = branches[index]["condition"] == ALWAYS
        if always:
            break
        child = nodes[child]["end"]
    _join(uses.ever[row], uses.asked)
    uses.over[row] = always and not goes_on
    if not uses.over[row]:
        _join(uses.behind[row], uses.asked)
    return NONE, NONE


@inner
def _use(draws: Sets, uses: _Uses, draw: int) -> None:
    """Put a draw into a set."""
    if draw != NONE and uses.key_of[draw] != NONE:
        key = uses.key_of[draw]
        draws[key // WORD] |= np.uint64(1) << np.uint64(key % WORD)


@inner
def _join(draws: Sets, others: Sets) -> None:
    for word in range(len(draws)):
        draws[word] |= others[word]


@inner
def _common(draws: Sets, others: Sets) -> int:
    """Return the first draw that two sets hold; NONE if they have none in common."""
    for word in range(len(draws)):
        both = draws[word] & others[word]
        if both:
            bit = 0
            while not both >> np.uint64(bit) & np.uint64(1):
                bit += 1
            return word * WORD + bit
    return NONE
