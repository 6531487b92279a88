"""Every clause of docs/semantics.md against traces worked out by hand."""

from __future__ import annotations

import pytest

from sim.engine.log import Status
from sim.process.blocks import (
    Attending,
    AwaitSession,
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
    Serve,
    Suspend,
    Uniform,
    Visit,
    Within,
    sequence,
)

from .build import (
    AFTERNOON,
    DAY,
    EVENING,
    HOUR,
    MORNING,
    NOON,
    delay,
    fixed,
    serve,
    team,
    world,
)

DONE, LEFT, EXPIRED, OPEN = Status.DONE, Status.LEFT, Status.EXPIRED, Status.OPEN


def session(name: str, count: int | None = None) -> AwaitSession:
    draw = None
    if count is not None:
        draw = Draw("release_case", Geometric(1.0 if count == 1 else 1e-9))
    return AwaitSession(activity="session", phase="signature", session=name, count=draw)


def ends(rows: list[tuple[int, ...]]) -> list[tuple[int, int]]:
    """Return (case, end) of each row."""
    return [(row[0], row[4]) for row in rows]


# Order within an instant ------------------------------------------------------------------


def test_s3_a_completion_comes_before_an_arrival_of_the_same_second() -> None:
    # Case 0 is served 0–100. Case 1 arrives at 100: the person is free for it at once.
    w = world(serve(100), [0, 100], [team("t")])
    assert w.rows(Serve) == [(0, 0, 0, 0, 100, 0, DONE), (1, 0, 100, 100, 200, 0, DONE)]


def test_s3_an_arrival_sees_who_has_just_become_free() -> None:
    # Case 0 is served 0–100; case 1 arrives at 100 and asks for a wait of at most its own work.
    asks = Choice(((ExpectedWaitWithin("a", 600, 10, fixed(10)), Mark("stay")),))
    w = world([serve(100), asks], [(0, 0), (100, 1)], [team("t")])
    assert len(w.rows(Mark)) == 1


def test_s3_an_opening_comes_before_an_arrival_of_the_same_second() -> None:
    asks = Choice(((Present("a"), Mark("yes")),))
    w = world(asks, [MORNING], [team("t", calendar="hall")])
    assert len(w.rows(Mark)) == 1


def test_s3_s14_being_called_comes_before_patience_of_the_same_second() -> None:
    # Case 1 waits from 0; patience ends at 100, the very second the person becomes free.
    block = serve(100, ticket=True, patience=100, on_left=Mark("gone"))
    w = world(block, [MORNING, MORNING], [team("t", calendar="hall")])
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]


def test_s4_work_on_the_last_second_with_a_zero_step_behind_it_is_in_time() -> None:
    # The limit of 1 wd from day 1 is due at its close; the delay ends there, a zero delay follows.
    due = DAY + EVENING
    inside = sequence(delay(due - MORNING), delay(0), delay(0))
    w = world(Within(1, inside, expires=True), [MORNING])
    within = w.rows(Within)[0]
    assert (within[4], within[6]) == (due, DONE)
    assert [row[6] for row in w.rows(Delay)] == [DONE] * 3


def test_s5_cases_that_tie_go_by_number() -> None:
    w = world(serve(10), [0, 0, 0], [team("t")])
    assert ends(w.rows(Serve)) == [(0, 10), (1, 20), (2, 30)]


def test_s3_a_lower_case_completes_first_even_if_it_began_later() -> None:
    # Both delays end at 100; case 0's was begun after case 1's.
    routes = [sequence(delay(50), delay(50), Mark("m")), sequence(delay(100), Mark("m"))]
    w = world(routes, [(0, 0), (0, 1)])
    assert [row[0] for row in w.rows(Mark)] == [0, 1]


def test_s6_a_route_goes_on_within_its_event() -> None:
    w = world(sequence(Visit("hall"), Mark("m"), Exit("done")), [7, 7])
    assert [(row[0], row[1]) for row in w.rows()] == [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 1),
        (1, 2),
        (1, 3),
    ]


def test_s3_a_dispatch_waits_for_all_arrivals_of_its_second() -> None:
    # Both arrive at second 0; case 1 has the nearer limit, so it starts although it came second.
    routes = [Within(5, serve(10)), Within(1, serve(10))]
    w = world(routes, [(0, 0), (0, 1)], [team("t")], discipline="due_date")
    assert [row[0] for row in w.rows(Serve)] == [1, 0]


# Dispatch ---------------------------------------------------------------------------------


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


# People -----------------------------------------------------------------------------------


def test_s10_nobody_starts_before_opening_or_in_the_break() -> None:
    w = world(serve(600), [0, NOON], [team("t", calendar="hall")])
    assert [row[3] for row in w.rows(Serve)] == [MORNING, AFTERNOON]


def test_s10_close_itself_is_closed() -> None:
    w = world(serve(600), [NOON], [team("t", calendar="hall")])
    assert w.rows(Serve)[0][3] == AFTERNOON


def test_s10_an_absent_person_starts_nothing_that_half_day() -> None:
    w = world(serve(600), [MORNING], [team("t", calendar="hall")], absent={"t": {0: 1}})
    assert w.rows(Serve)[0][3] == AFTERNOON


def test_s11_windows_work_through_the_break_and_offices_pause() -> None:
    start, work = NOON - 600, 1800
    window = world(serve(work), [start], [team("t", calendar="hall")])
    assert window.rows(Serve)[0][4] == start + work
    office = world(serve(work), [start], [team("t", calendar="office", pauses=True)])
    assert office.rows(Serve)[0][4] == AFTERNOON + work - 600


def test_s11_begun_work_is_finished_although_the_person_is_then_away() -> None:
    w = world(serve(4 * HOUR), [MORNING], [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert w.rows(Serve)[0][4] == MORNING + 4 * HOUR


def test_s11_the_busy_person_who_is_away_frees_no_one() -> None:
    # One of two is away in the afternoon; the other still serves until 15:00. No third starts.
    block = serve(int(2 * HOUR))
    arrivals = [NOON - 60, AFTERNOON]
    w = world(block, arrivals, [team("t", 2, calendar="hall")], absent={"t": {1: 1}})
    assert [row[3] for row in w.rows(Serve)] == [NOON - 60, AFTERNOON]
    w = world(
        block,
        [NOON - 60, NOON - 60, AFTERNOON],
        [team("t", 2, calendar="hall")],
        absent={"t": {1: 1}},
    )
    # Both are busy until 13:59; at 14:30 one is present.
    assert [row[3] for row in w.rows(Serve)] == [NOON - 60, NOON - 60, AFTERNOON]


@pytest.mark.parametrize(
    ("closing", "ticket", "stay", "start"),
    [
        ("serve_all", True, False, EVENING + 300),
        ("serve_all", False, True, EVENING + 300),
        ("send_home", False, True, EVENING + 300),
        ("serve_all", False, False, DAY + MORNING),
    ],
)
def test_s12_late_work_is_for_who_is_in_the_hall(
    closing: str, ticket: bool, stay: bool, start: int
) -> None:
    routes = [serve(600), serve(600, ticket=ticket, stay=stay)]
    arrivals = [(EVENING - 300, 0), (EVENING - 200, 1)]
    w = world(routes, arrivals, [team("t", calendar="hall")], closing=closing)
    assert w.rows(Serve)[1][3] == start


# Waiting in the hall ----------------------------------------------------------------------


def test_s13_patience_counts_open_seconds() -> None:
    # From 11:50, 20 minutes of patience: 10 before noon, 10 after 14:30.
    leave = serve(600, ticket=True, patience=1200, on_left=Mark("gone"))
    routes = [serve(5 * HOUR), leave]
    w = world(routes, [(NOON - 700, 0), (NOON - 600, 1)], [team("t", calendar="hall")])
    left = next(row for row in w.rows(Serve) if row[0] == 1)
    assert (left[4], left[6]) == (AFTERNOON + 600, LEFT)


def test_s13_at_closing_tickets_are_sent_home_or_served() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    arrivals = [EVENING - 60, EVENING - 30]
    home = world(block, arrivals, [team("t", calendar="hall")], closing="send_home")
    assert [(row[4], row[6]) for row in home.rows(Serve)] == [
        (EVENING, LEFT),
        (EVENING + 540, DONE),
    ]
    late = world(block, arrivals, [team("t", calendar="hall")])
    assert [row[4] for row in late.rows(Serve)] == [EVENING + 540, EVENING + 1140]


def test_s13_with_nobody_there_who_waits_goes_at_closing() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [AFTERNOON], [team("t", calendar="hall")], absent={"t": {1: 1}})
    assert w.rows(Serve)[0][4:] == (EVENING, -1, LEFT)


def test_s13_a_completion_at_the_close_second_still_calls_the_next() -> None:
    block = serve(600, ticket=True, on_left=Mark("gone"))
    w = world(block, [EVENING - 600, EVENING - 300], [team("t", calendar="hall")])
    assert [row[6] for row in w.rows(Serve)] == [DONE, DONE]


def test_s14_who_left_goes_through_on_left_and_then_on() -> None:
    leave = serve(600, ticket=True, patience=60, on_left=Mark("gone"))
    routes = [serve(HOUR), sequence(leave, Mark("behind"))]
    w = world(routes, [(MORNING, 0), (MORNING, 1)], [team("t", calendar="hall")])
    marks = [(row[0], row[1], row[4]) for row in w.rows(Mark)]
    assert marks == [(1, 2, MORNING + 60), (1, 3, MORNING + 60)]


# Sessions and choices ---------------------------------------------------------------------


def test_s15_a_session_catches_who_is_ready_at_its_second() -> None:
    w = world(session("s"), [99, 100, 101], moments={"s": [100, 200]})
    assert ends(w.rows(AwaitSession)) == [(0, 100), (1, 100), (2, 200)]


def test_s15_a_moment_that_never_comes_holds_the_case() -> None:
    w = world(session("s", count=2), [0], moments={"s": [100]}, end_s=1000)
    assert w.rows(AwaitSession) == [(0, 0, 0, 0, 1000, -1, OPEN)]


@pytest.mark.parametrize(("now", "inside"), [(99, 0), (100, 1), (199, 1), (200, 0)])
def test_s16_attending_holds_from_opening_to_just_before_close(now: int, inside: int) -> None:
    block = Choice(((Attending("s"), Mark("in")), (None, Visit("out"))))
    w = world(block, [now], moments={"s": [200]}, attended={"s": [100]})
    assert len(w.rows(Mark)) == inside


def test_s17_the_first_condition_that_holds_decides_and_none_may() -> None:
    draw = Draw("returned", Uniform())
    sure, never = Chance(draw, 1.0), Chance(draw, 0.0)
    first = world(Choice(((never, Mark("x")), (sure, Mark("y")), (None, Mark("z")))), [0])
    assert [row[1] for row in first.rows(Mark)] == [2]
    none = world(sequence(Choice(((never, Mark("x")),)), Mark("on")), [0])
    assert [row[1] for row in none.rows(Mark)] == [3]


def test_s17_present_reads_the_people_of_the_half_day() -> None:
    block = Choice(((Present("a"), Mark("yes")), (None, Visit("no"))))
    w = world(
        block,
        [MORNING, NOON + 60, AFTERNOON],
        [team("t", calendar="hall")],
        absent={"t": {1: 1}},
    )
    assert [row[0] for row in w.rows(Mark)] == [0, 1]


@pytest.mark.parametrize(
    ("limit", "own", "stays"), [(900, 900, True), (900, 901, False), (1500, 900, True)]
)
def test_s18_expected_wait_counts_the_queue_and_the_cases_own_work(
    limit: int, own: int, stays: bool
) -> None:
    asks = Choice(
        (
            (ExpectedWaitWithin("a", 600, limit, fixed(own)), Mark("stay")),
            (None, Visit("go")),
        )
    )
    idle = world(asks, [MORNING], [team("t", calendar="hall")])
    assert bool(idle.rows(Mark)) == stays
    # With the person busy the expected wait is one mean longer.
    busy = world(
        [serve(HOUR), asks], [(MORNING, 0), (MORNING + 1, 1)], [team("t", calendar="hall")]
    )
    assert bool(busy.rows(Mark)) == (600 + own <= limit)
    # With one more waiting, two means.
    queue = world(
        [serve(HOUR), asks],
        [(MORNING, 0), (MORNING, 0), (MORNING + 1, 1)],
        [team("t", calendar="hall")],
    )
    assert bool(queue.rows(Mark)) == (1200 + own <= limit)


def test_s18_nobody_present_means_no() -> None:
    asks = Choice(((ExpectedWaitWithin("a", 1, 10**9, fixed(1)), Mark("stay")),))
    w = world(asks, [MORNING], [team("t", calendar="hall")], absent={"t": {0: 1}})
    assert not w.rows(Mark)


# Parallel ---------------------------------------------------------------------------------


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


# Clocks -----------------------------------------------------------------------------------


def test_s20_the_day_of_acceptance_does_not_count_and_due_is_a_close() -> None:
    # Accepted on day 0 as the office opens; one working day from day 1, 08:30, ends at its close.
    w = world(Within(1, delay(10)), [MORNING])
    assert w.rows(Within)[0][5] == DAY + EVENING


def test_s20_a_part_of_a_day_is_due_at_that_days_close() -> None:
    assert world(Within(0.1, delay(10)), [9 * HOUR]).rows(Within)[0][5] == DAY + EVENING
    assert world(Within(1.01, delay(10)), [9 * HOUR]).rows(Within)[0][5] == 2 * DAY + EVENING


def test_s21_a_stop_keeps_the_unspent_seconds() -> None:
    # Accepted day 0, limit 2 wd. Stopped from day 1 noon (3.5 h spent) to day 5 noon.
    # Left: 2 × 6.5 h - 3.5 h = 9.5 h: 3 h on day 5, 6.5 h on day 6. Due: close of day 6.
    block = Within(2, sequence(delay(DAY + NOON - 9 * HOUR), Suspend(delay(4 * DAY)), delay(10)))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 6 * DAY + EVENING


def test_s21_a_stopped_clock_has_no_due_date() -> None:
    block = Within(2, Suspend(delay(10 * DAY)))
    w = world(block, [9 * HOUR], end_s=3 * DAY)
    assert w.rows(Within) == [(0, 0, 9 * HOUR, 9 * HOUR, 3 * DAY, -1, OPEN)]


def test_s21_one_suspended_branch_stops_the_cases_clock() -> None:
    # Limit 1 wd, due at the close of day 1; one branch is suspended from the start for 3 days.
    block = Within(1, Parallel((Suspend(delay(3 * DAY)), delay(10))))
    # It goes on day 3 at 09:00 with 6.5 h left: 6 h on day 3 … the rest on day 4.
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 4 * DAY + EVENING


def test_s21_stops_are_counted() -> None:
    # Two branches stop the clock, until day 2 and day 4 at 09:00; it goes when the last ends.
    block = Within(1, Parallel((Suspend(delay(2 * DAY)), Suspend(delay(4 * DAY)))))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == 5 * DAY + EVENING


def test_s21_a_clock_that_has_run_out_is_not_stopped() -> None:
    block = Within(1, sequence(delay(3 * DAY), Suspend(delay(2 * DAY))))
    assert world(block, [9 * HOUR]).rows(Within)[0][5] == DAY + EVENING


def test_s22_waiting_work_leaves_at_the_limit() -> None:
    due = DAY + EVENING
    routes = [serve(9 * DAY), sequence(Within(1, serve(10), expires=True), Mark("on"))]
    w = world(routes, [(0, 0), (MORNING, 1), (MORNING, 0)], [team("t")])
    mine = [row for row in w.rows() if row[0] == 1]
    assert [(row[1], row[4], row[6]) for row in mine] == [
        (2, due, EXPIRED),
        (1, due, EXPIRED),
        (3, due, DONE),
    ]
    # The person is free for the third case as if the second had never come.
    assert next(row for row in w.rows(Serve) if row[0] == 2)[3] == 9 * DAY


def test_s22_work_in_progress_is_broken_off_and_its_person_freed() -> None:
    due = DAY + EVENING
    routes = [Within(1, serve(5 * DAY), expires=True), serve(10)]
    w = world(routes, [(MORNING, 0), (MORNING + 1, 1)], [team("t")])
    assert w.rows(Serve) == [
        (0, 1, MORNING, MORNING, due, 0, EXPIRED),
        (1, 0, MORNING + 1, due, due + 10, 0, DONE),
    ]


def test_s22_everything_inside_ends_in_block_order_inner_first() -> None:
    inside = Parallel((delay(9 * DAY), Parallel((delay(9 * DAY), serve(9 * DAY)))))
    w = world(Within(1, inside, expires=True), [MORNING], [team("t")])
    assert [row[1] for row in w.rows()] == [2, 4, 5, 3, 1, 0]
    assert {row[6] for row in w.rows()} == {EXPIRED}


def test_s22_only_that_branch_ends() -> None:
    due = DAY + EVENING
    silent = Within(1, delay(9 * DAY), expires=True)
    w = world(sequence(Parallel((silent, delay(3 * DAY))), Mark("on")), [MORNING])
    assert w.rows(Mark)[0][4] == MORNING + 3 * DAY
    assert w.rows(Within)[0][4] == due


def test_s22_a_stop_moves_the_bell() -> None:
    # The stop lasts 2 days from day 0: the clock goes at day 2, 08:30, due at its close.
    block = Within(1, sequence(Suspend(delay(2 * DAY)), delay(9 * DAY)), expires=True)
    assert world(block, [MORNING]).rows(Within)[0][4] == 2 * DAY + EVENING


def test_s22_an_ended_scope_does_not_ring_later() -> None:
    block = sequence(Within(1, delay(10), expires=True), delay(5 * DAY), Mark("on"))
    w = world(block, [MORNING])
    assert w.rows(Mark)[0][4] == MORNING + 10 + 5 * DAY


# The log ----------------------------------------------------------------------------------


def test_s24_an_exit_closes_the_scopes_around_it() -> None:
    w = world(Within(1, sequence(delay(10), Exit("done"))), [0])
    assert [row[1] for row in w.rows()] == [2, 3, 0]


def test_s25_what_is_open_is_logged_by_case_and_block() -> None:
    block = Parallel((delay(10), delay(9 * DAY), serve(9 * DAY)))
    w = world(block, [0, 0], [team("t")], end_s=DAY)
    assert [(row[0], row[1], row[5]) for row in w.rows() if row[6] is OPEN] == [
        (0, 0, 2),
        (0, 2, -1),
        (0, 3, 0),
        (1, 0, 2),
        (1, 2, -1),
        (1, 3, -1),
    ]


def test_s26_the_end_comes_before_everything_of_its_second() -> None:
    w = world(delay(100), [0], end_s=100)
    assert w.rows() == [(0, 0, 0, 0, 100, -1, OPEN)]
