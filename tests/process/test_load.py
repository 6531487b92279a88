"""Offered load against sums done by hand."""

import pytest

from sim.process.blocks import (
    Attending,
    Block,
    Chance,
    Choice,
    Draw,
    Exit,
    Mark,
    Parallel,
    Present,
    Seconds,
    Serve,
    Suspend,
    Uniform,
    Within,
    sequence,
)
from sim.process.clock import Calendar
from sim.process.load import Load, loads, overloads
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Route, Session

DAY, HOUR = 86_400, 3600
OFFICE = Calendar(  # two days of 6.5 hours, 390 minutes a day
    tuple(day * DAY + hour * HOUR // 2 for day in range(2) for hour in (17, 29)),
    tuple(day * DAY + hour * HOUR // 2 for day in range(2) for hour in (24, 35)),
    (0, 0, 1, 1),
)
RHYTHM = Rhythm((0, DAY), (1.0, 1.0), 0.0, (DayProfile((0, DAY), (0.0, 1.0)),))


def serve(skill: str, minutes: float) -> Serve:
    draw = Draw("accept_work", Seconds(60 * minutes))
    return Serve(activity="s", phase="service", wait_phase="w", skill=skill, duration=draw)


def coin(probability: float) -> Chance:
    return Chance(Draw("incomplete", Uniform()), probability)


def team(name: str, people: int, *skills: str, absent: float = 0.0) -> Group:
    return Group(
        name, skills, tuple(f"{name}{i}" for i in range(people)), "office", absent_share=absent
    )


def network(
    routes: list[tuple[Block, float, float]],
    *groups: Group,
    sessions: dict[str, Session] | None = None,
) -> ProcessNetwork:
    return ProcessNetwork(
        tuple(
            Route(f"r{index}", block, rate, volume)
            for index, (block, rate, volume) in enumerate(routes)
        ),
        groups,
        sessions or {},
        {"office": OFFICE, "hall": OFFICE},
        RHYTHM,
        2 * DAY,
    )


def by_skill(found: list[Load]) -> dict[tuple[str, ...], Load]:
    return {load.skills: load for load in found}


ROUTE = sequence(
    serve("window", 10),
    Choice(((coin(0.3), sequence(serve("window", 4), Exit("returned"))),)),
    Parallel((serve("a", 20), Within(2, serve("b", 30), expires=True))),
    Suspend(Choice(((coin(0.5), serve("a", 8)), (None, serve("b", 16))))),
    Mark("decided"),
    Exit("done"),
    serve("window", 1000),
)
"""10 cases a day: 10 reach the window, 3 of them again; 7 go on to a, b and half of each."""


def test_offered_load_by_hand() -> None:
    hall = network(
        [(ROUTE, 8.0, 1.25), (serve("window", 2), 5.0, 1.0), (serve("window", 2), 0.0, 1.0)],
        team("hall", 1, "window", absent=0.2),
        team("back", 2, "a"),
        team("other", 1, "b"),
    )
    found = by_skill(loads(hall))
    assert found["window",].offered_min == pytest.approx(10 * 10 + 3 * 4 + 5 * 2)
    assert found["a",].offered_min == pytest.approx(7 * 20 + 3.5 * 8)
    assert found["b",].offered_min == pytest.approx(7 * 30 + 3.5 * 16)
    assert found["window",].capacity_min == pytest.approx(0.8 * 390)
    assert found["a",].capacity_min == pytest.approx(2 * 390)
    assert found["window",].ratio == pytest.approx(122 / 312)
    assert found["b",].groups == ("other",)
    ratios = [load.ratio for load in loads(hall)]
    assert ratios == sorted(ratios, reverse=True)
    assert overloads(hall) == []


def test_a_choice_that_cannot_happen_lets_all_go_on() -> None:
    block = sequence(
        Choice(((coin(0.25), serve("a", 4)), (coin(0.5), serve("a", 8)))), serve("b", 1)
    )
    found = by_skill(loads(network([(block, 8.0, 1.0)], team("g", 1, "a"), team("h", 1, "b"))))
    # A quarter takes the first branch; half of the other three quarters the second.
    assert found["a",].offered_min == pytest.approx(2 * 4 + 3 * 8)
    assert found["b",].offered_min == pytest.approx(8)


def test_a_leader_is_there_as_often_as_he_attends() -> None:
    block = Choice(((Attending("leader"), serve("a", 10)), (None, serve("b", 10))))
    leader = {"leader": Session("leader", calendar="office", attendance=0.4)}
    hall = network([(block, 5.0, 1.0)], team("g", 1, "a"), team("h", 1, "b"), sessions=leader)
    found = by_skill(loads(hall))
    assert found["a",].offered_min == pytest.approx(20)
    assert found["b",].offered_min == pytest.approx(30)


def test_presence_counts_as_planned() -> None:
    block = Choice(((Present("a"), serve("a", 10)), (None, serve("b", 10))))
    found = by_skill(loads(network([(block, 5.0, 1.0)], team("g", 1, "a"), team("h", 1, "b"))))
    assert found["a",].offered_min == pytest.approx(50)
    assert found.get(("b",), Load((), (), 0.0, 1.0)).offered_min == 0


def test_who_leaves_goes_on_behind_the_step() -> None:
    waits = Serve(
        activity="s",
        phase="service",
        wait_phase="w",
        skill="a",
        duration=Draw("accept_work", Seconds(600.0)),
        on_left=serve("a", 99),
    )
    found = by_skill(
        loads(network([(sequence(waits, serve("b", 1)), 6.0, 1.0)], team("g", 1, "a", "b")))
    )
    assert found["a",].offered_min == pytest.approx(60)
    assert found["b",].offered_min == pytest.approx(6)


def test_overload_is_found_and_said_once_for_the_widest_set_of_people() -> None:
    # a alone 300 of 390 minutes, b alone 240 of 390, but one person has both: 540 of 390.
    both = sequence(serve("a", 30), serve("b", 24))
    hall = network([(both, 10.0, 1.0)], team("g", 1, "a", "b"))
    assert {load.skills: load.ratio for load in loads(hall)} == pytest.approx(
        {("a", "b"): 540 / 390, ("a",): 300 / 390, ("b",): 240 / 390}
    )
    [found] = overloads(hall)
    assert found.skills == ("a", "b")

    [found] = overloads(network([(both, 20.0, 1.0)], team("g", 1, "a", "b")))
    assert found.ratio == pytest.approx(1080 / 390)


def test_a_specialist_overload_hides_behind_no_generalist() -> None:
    # Only g has a (400 of 390 minutes); h has b and time to spare.
    hall = network(
        [(serve("a", 40), 10.0, 1.0), (serve("b", 1), 10.0, 1.0)],
        team("g", 1, "a", "b"),
        team("h", 3, "b"),
    )
    assert [load.skills for load in overloads(hall)] == [("a",)]


def test_exactly_at_capacity_is_an_overload() -> None:
    assert overloads(network([(serve("a", 39), 10.0, 1.0)], team("g", 1, "a")))


def test_work_that_nobody_can_do_is_an_overload_without_end() -> None:
    [found] = overloads(network([(serve("nobody", 1), 1.0, 1.0)], team("g", 0, "nobody")))
    assert found.ratio == float("inf")
    assert found.capacity_min == 0
