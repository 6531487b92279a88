"""Branches, traced by hand."""

from __future__ import annotations

import pytest

from sim.process.blocks import Mark, Parallel, sequence

from .build import AFTERNOON, DONE, MORNING, delay, serve, team, world

pytestmark = pytest.mark.usefixtures("traced")


def test_s19_the_last_branch_carries_the_case_on() -> None:
    block = sequence(Parallel((delay(10), delay(30), delay(20))), Mark("on"))
    w = world(block, [0])
    assert w.rows(Parallel) == [(0, 1, 0, 0, 30, 3, DONE)]
    assert w.rows(Mark)[0][4] == 30


def test_s19_branches_that_end_together_join_with_the_higher_block() -> None:
    w = world(Parallel((delay(10), delay(10))), [0])
    assert w.rows(Parallel)[0][5] == 2


def test_s19_branches_start_in_block_order_depth_first() -> None:
    block = Parallel((Parallel((Mark("a"), Mark("b"))), Mark("c")))
    w = world(block, [0])
    assert [row[1] for row in w.rows(Mark)] == [2, 3, 4]


def test_s19_other_cases_of_the_second_come_between_by_number() -> None:
    # Case 1's arrival (rank 2) waits until case 0's branches (rank 0) have started.
    w = world(Parallel((Mark("a"), Mark("b"))), [5, 5])
    assert [(row[0], row[1]) for row in w.rows(Mark)] == [(0, 1), (0, 2), (1, 1), (1, 2)]


def test_s19_the_join_goes_on_before_the_next_event_of_the_second() -> None:
    routes = [
        sequence(Parallel((delay(10), delay(10))), Mark("on")),
        sequence(delay(10), Mark("m")),
    ]
    w = world(routes, [(0, 0), (0, 1)])
    assert [row[0] for row in w.rows(Mark)] == [0, 1]


def test_s19_the_lower_block_goes_on_first_whichever_branch_began_first() -> None:
    # The delay (block 3) ends before its sister branch (4) and the other branch (6) start.
    block = Parallel((sequence(Parallel((delay(0), Mark("b"))), Mark("c")), Mark("d")))
    w = world(block, [0])
    assert [row[1] for row in w.rows()] == [3, 4, 2, 5, 6, 0]


def test_s19_a_branch_that_left_the_hall_joins_too() -> None:
    leave = serve(60, ticket=True, patience=30, on_left=delay(500))
    w = world(
        sequence(Parallel((leave, serve(60))), Mark("on")),
        [MORNING],
        [team("t", calendar="hall")],
        absent={"t": {0: 1}},
    )
    # Patience ends at 08:30:30, on_left at 08:38:50; the other branch is served at 14:30.
    assert w.rows(Parallel)[0][4:6] == (AFTERNOON + 60, 4)
    assert w.rows(Mark)[0][4] == AFTERNOON + 60
