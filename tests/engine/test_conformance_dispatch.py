"""Who starts next, and with whom, traced by hand."""

from __future__ import annotations

import pytest

from sim.process.blocks import Block, Parallel, Serve, Suspend, Within, sequence

from .build import DAY, EVENING, HOUR, MORNING, delay, serve, team, world

pytestmark = pytest.mark.usefixtures("traced")


def test_s7_the_oldest_head_over_all_queues_starts_first() -> None:
    # While the only person is busy, case 1 joins b at 10 and case 2 joins a at 5.
    routes = [serve(100, "a"), serve(10, "b"), serve(10, "a")]
    w = world(routes, [(0, 0), (5, 2), (10, 1)], [team("t", skills=("a", "b"))])
    assert [row[3] for row in w.rows(Serve)] == [0, 100, 110]
    assert [row[0] for row in w.rows(Serve)] == [0, 1, 2]


def test_s8_the_group_with_the_fewest_skills_takes_it() -> None:
    groups = [team("both", skills=("a", "b")), team("only", skills=("a",))]
    w = world(serve(10, "a"), [0, 0], groups)
    assert [(row[0], row[5]) for row in w.rows(Serve)] == [(0, 1), (1, 0)]


def test_s8_among_equals_the_first_declared_takes_it() -> None:
    w = world(serve(10), [0], [team("first"), team("second")])
    assert w.rows(Serve)[0][5] == 0


def test_s9_due_dates_order_the_queue() -> None:
    # Case 2 has the nearer limit and overtakes case 1, which joined earlier.
    routes = [serve(100), Within(5, serve(10)), Within(1, serve(10)), serve(10)]
    arrivals = [(0, 0), (1, 1), (2, 2), (3, 3)]
    w = world(routes, arrivals, [team("t")], discipline="due_date")
    assert [row[0] for row in w.rows(Serve)] == [0, 2, 1, 3]
    w = world(routes, arrivals, [team("t")])
    assert [row[0] for row in w.rows(Serve)] == [0, 1, 2, 3]


def test_s7_a_dispatch_starts_all_it_can() -> None:
    w = world(serve(10), [5, 5, 5], [team("t", 2)])
    assert [row[3] for row in w.rows(Serve)] == [5, 5, 15]


def test_s7_there_may_be_many_dispatches_in_one_second() -> None:
    w = world(serve(0), [5, 5, 5], [team("t")])
    assert [(row[0], row[3], row[4]) for row in w.rows(Serve)] == [(0, 5, 5), (1, 5, 5), (2, 5, 5)]


def test_s7_of_what_joined_at_once_the_lower_case_then_the_lower_block_starts() -> None:
    both = Parallel((serve(10, "b"), serve(10, "a")))
    w = world(both, [0, 0], [team("t", skills=("a", "b"))])
    starts = sorted((row[3], row[0], row[1]) for row in w.rows(Serve))
    assert starts == [(0, 0, 1), (10, 0, 2), (20, 1, 1), (30, 1, 2)]


def test_s7_a_queue_whose_people_are_busy_holds_up_no_other_queue() -> None:
    routes = [serve(100, "a"), serve(10, "b")]
    w = world(routes, [(0, 0), (1, 0), (2, 1)], [team("t"), team("u", skills=("b",))])
    assert [(row[0], row[3]) for row in w.rows(Serve)] == [(2, 2), (0, 0), (1, 100)]


def test_s7_after_closing_a_telephone_call_holds_up_nobody_in_the_hall() -> None:
    routes = [serve(600), serve(600, ticket=True), serve(600, here=True)]
    arrivals = [(EVENING - 300, 0), (EVENING - 200, 0), (EVENING - 100, 1), (EVENING - 50, 2)]
    w = world(routes, arrivals, [team("t", calendar="hall")])
    starts = {row[0]: row[3] for row in w.rows(Serve)}
    assert starts == {
        0: EVENING - 300,
        1: DAY + MORNING,
        2: EVENING + 300,
        3: EVENING + 900,
    }


def test_s7_behind_the_call_the_hall_is_served_in_its_order() -> None:
    # The call is due first of all; of the two in the hall the later one is due before the other.
    in_hall = serve(600, ticket=True)
    routes = [serve(600), Within(1, serve(600)), Within(5, in_hall), Within(3, in_hall)]
    arrivals = [(EVENING - 300 + number, number) for number in range(4)]
    w = world(routes, arrivals, [team("t", calendar="hall")], discipline="due_date")
    assert [row[0] for row in w.rows(Serve)] == [0, 3, 2, 1]


def test_s7_the_call_is_passed_although_others_with_the_skill_are_not_late() -> None:
    groups = [team("t", calendar="hall"), team("office", calendar="office")]
    routes = [serve(600), serve(600, ticket=True)]
    arrivals = [(EVENING - 300, 0), (EVENING - 300, 0), (EVENING - 200, 0), (EVENING - 100, 1)]
    w = world(routes, arrivals, groups)
    starts = {row[0]: row[3] for row in w.rows(Serve)}
    assert (starts[2], starts[3]) == (DAY + MORNING, EVENING + 300)


def test_s7_before_closing_the_call_that_came_first_is_taken_first() -> None:
    routes = [serve(600), serve(600, ticket=True)]
    arrivals = [(MORNING, 0), (MORNING + 1, 0), (MORNING + 2, 1)]
    w = world(routes, arrivals, [team("t", calendar="hall")])
    assert [row[0] for row in w.rows(Serve)] == [0, 1, 2]


def test_s8_only_free_groups_are_compared() -> None:
    groups = [team("only", skills=("a",)), team("three", skills=("a", "b", "c"))]
    groups.append(team("two", skills=("a", "b")))
    w = world(serve(10), [0, 0, 0], groups)
    assert [(row[0], row[5]) for row in w.rows(Serve)] == [(0, 0), (1, 2), (2, 1)]


def test_s8_a_service_of_0_s_ends_after_the_dispatch() -> None:
    # Case 1 goes to the second group: the first is still busy with case 0 in this dispatch.
    w = world(serve(0), [0, 0], [team("first"), team("second")])
    assert [(row[0], row[4], row[5]) for row in w.rows(Serve)] == [(0, 0, 0), (1, 0, 1)]


def by_due_date(*routes: Block) -> list[int]:
    """Return the order in which routes are served that joined while the person was busy."""
    groups = [team("t", skills=("a", "first"))]
    arrivals = [(0, 0), *((second, second) for second in range(1, len(routes) + 1))]
    w = world([serve(1000, "first"), *routes], arrivals, groups, discipline="due_date")
    return [row[0] for row in sorted(w.rows(Serve), key=lambda row: row[3])][1:]


def test_s9_the_nearest_of_several_clocks_counts() -> None:
    assert by_due_date(Within(3, serve(1)), Within(1, Within(5, serve(1)))) == [2, 1]
    assert by_due_date(Within(3, serve(1)), Within(5, Within(1, serve(1)))) == [2, 1]


def test_s9_a_stopped_clock_does_not_count() -> None:
    assert by_due_date(Within(1, Suspend(serve(1))), Within(5, serve(1))) == [2, 1]
    assert by_due_date(serve(1), Within(1, Suspend(serve(1))), Within(5, serve(1))) == [3, 1, 2]


def test_s9_urgency_is_fixed_when_the_job_joins() -> None:
    # The clock of case 1 is stopped while its job waits already.
    stopped_later = sequence(delay(50), Suspend(delay(5 * DAY)))
    first = Within(1, Parallel((serve(1), stopped_later)))
    assert by_due_date(first, Within(5, serve(1))) == [1, 2]


def test_s9_equal_due_dates_go_by_time_joined() -> None:
    # Both are due at the close of day 1.
    assert by_due_date(Within(0.9, serve(1)), Within(0.1, serve(1))) == [1, 2]


def test_s9_what_is_overdue_is_most_urgent() -> None:
    # Case 1 accepted on day 0, limit 1 wd; it joins on day 3, beside a case due on day 4.
    late = Within(1, sequence(delay(3 * DAY), serve(1)))
    routes = [serve(HOUR), late, Within(1, serve(1))]
    arrivals = [(MORNING, 1), (3 * DAY + MORNING - 60, 0), (3 * DAY + MORNING - 30, 2)]
    w = world(routes, arrivals, [team("t")], discipline="due_date")
    assert [row[0] for row in w.rows(Serve)] == [1, 0, 2]
