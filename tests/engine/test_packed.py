"""What fits into a packed network runs; what does not is refused when it is packed."""

from __future__ import annotations

import pytest

from sim.engine import compiled, reference
from sim.engine.log import Status
from sim.engine.packed import LATEST_S, packed
from sim.engine.routes import MOST_BRANCHES
from sim.process.blocks import Block, Exit, Mark, Parallel, Sequence, Suspend, Within, sequence

from .build import MORNING, NOON, delay, hollow, serve, team, world


@pytest.mark.parametrize(
    "route",
    [
        sequence(*(delay(60) if number % 50 == 0 else Mark("m") for number in range(400))),
        sequence(Parallel(tuple(delay(number) for number in range(MOST_BRANCHES))), Exit("done")),
    ],
    ids=["a long sequence", "many branches"],
)
def test_large_routes_run_alike(route: Block) -> None:
    found = world(route, [NOON, NOON])
    assert (
        compiled.simulate(found.network, found.history).rows()
        == reference.simulate(found.network, found.history).rows()
    )


def test_what_takes_no_time_is_passed_through_alike() -> None:
    found = hollow()
    rows = compiled.simulate(found.network, found.history).rows()
    assert rows == reference.simulate(found.network, found.history).rows()
    assert (MORNING + 60, Status.LEFT) in {(row[4], row[6]) for row in rows if row[0] == 3}


def test_a_network_without_routes_is_packed() -> None:
    found = world([], [])
    assert compiled.simulate(found.network, found.history).rows() == []


def test_a_piece_that_routes_share_is_packed_as_if_each_had_its_own() -> None:
    def piece() -> Block:
        return sequence(serve(60), Within(2, sequence(delay(60), Mark("m"))))

    def routes(*pieces: Block) -> Block:
        one, two, three = pieces
        return sequence(one, Parallel((Sequence((two,)), Suspend(three))), Exit("done"))

    one = piece()
    shared, apart = (
        packed(world(routes(*pieces), [NOON], [team("t")]).network).net
        for pieces in ((one, one, one), (piece(), piece(), piece()))
    )
    for found, expected in zip(shared, apart, strict=True):
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    ("route", "end_s", "told"),
    [
        (Parallel((delay(1),) * (MOST_BRANCHES + 1)), NOON, "a Parallel of 63 branches"),
        (sequence(*(Mark(f"m{number}") for number in range(129))), NOON, "milestone 128"),
        (Within(1e6, delay(1)), NOON, "a limit of 1e[+]06 working days is too long"),
        (delay(1), LATEST_S + 1, "a simulation of"),
        (sequence(*(Mark("m"),) * 65_535), NOON, "a route of more than 65535 blocks"),
    ],
    ids=["branches", "names", "limit", "time", "blocks"],
)
def test_what_does_not_fit_is_refused(route: Block, end_s: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        packed(world(route, [0], end_s=end_s).network)
