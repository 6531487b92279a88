"""Each clause dropped on purpose: the traces must notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.chance.attendance import Moments
from sim.engine import desk, reference
from sim.engine.reference import Rank
from sim.process.clock import Calendar

from . import test_conformance as traces

Patch = pytest.MonkeyPatch


def ranks_as(order: dict[Rank, int]) -> Callable[[Patch], None]:
    """Give some ranks another place in the order."""

    def patch(monkeypatch: Patch) -> None:
        def mutant(rank: Rank, case: int = 0, block: int = 0) -> int:
            return order.get(rank, rank) << 56 | case << 16 | block

        monkeypatch.setattr(reference, "priority", mutant)

    return patch


def key_without_case(monkeypatch: Patch) -> None:
    monkeypatch.setattr(reference, "priority", lambda rank, case=0, block=0: rank << 56)


def key_without_block(monkeypatch: Patch) -> None:
    monkeypatch.setattr(
        reference, "priority", lambda rank, case=0, block=0: rank << 56 | case << 16
    )


def replaced(owner: Any, name: str, value: Any) -> Callable[[Patch], None]:
    return lambda monkeypatch: monkeypatch.setattr(owner, name, value)


def newest_first(self: desk.Queue, job: desk.Job, urgency: int) -> None:
    JOIN(self, job, urgency)
    entry = self._heap.index(next(one for one in self._heap if one[4] is job))
    self._heap[entry] = (urgency, -job.enabled_s, job.case, job.block, job)
    self._heap.sort()


def without_urgency(self: desk.Queue, job: desk.Job, urgency: int) -> None:
    JOIN(self, job, 0)


def many_skills_first(self: desk.Queue, skill: str, desks: list[desk.Desk]) -> None:
    INIT(self, skill, desks)
    self.desks.sort(key=lambda one: (-len(one.group.skills), one.index))


def last_declared_first(self: desk.Queue, skill: str, desks: list[desk.Desk]) -> None:
    INIT(self, skill, desks)
    self.desks.sort(key=lambda one: (len(one.group.skills), -one.index))


def always_open(self: desk.Desk, job: desk.Job, now: int, *, serve_all: bool) -> bool:
    return self.busy < self.present


def never_late(self: desk.Desk, job: desk.Job, now: int, *, serve_all: bool) -> bool:
    return self.busy < self.present and now < self.open_until_s


def everyone_late(self: desk.Desk, job: desk.Job, now: int, *, serve_all: bool) -> bool:
    return self.busy < self.present and now < max(self.open_until_s, self.late_until_s)


def all_people(self: desk.Desk, interval: int, *, last_of_day: bool) -> None:
    BEGIN(self, interval, last_of_day=last_of_day)
    self.present = len(self.group.people)


def stop_and_forget(self: desk.Clock, now: int) -> None:
    self.stops += 1
    self.due_s = None


def stop_although_out(self: desk.Clock, now: int) -> None:
    self.stops += 1
    if self.stops == 1:
        spent = self.calendar.elapsed(max(now, self.since_s)) - self.calendar.elapsed(self.since_s)
        self.left_s = max(0, self.left_s - spent)
        self.due_s = None


def first_go_goes(self: desk.Clock, now: int) -> None:
    self.stops = 1
    GO(self, now)


def keep_people(self: reference._Reference, of: desk.Desk) -> None:
    """Look for work without the person that an expiry freed."""


JOIN, INIT, BEGIN, GO = (
    desk.Queue.join,
    desk.Queue.__init__,
    desk.Desk.begin_interval,
    desk.Clock.go,
)
LATE = ("serve_all", True, False, traces.EVENING + 300)
BACK_DESK = ("serve_all", False, False, traces.DAY + traces.MORNING)

MUTANTS: dict[str, tuple[Callable[[Patch], None], Callable[[], None]]] = {
    "S3 timers first": (
        ranks_as({Rank.TIMER: 0}),
        traces.test_s3_s14_being_called_comes_before_patience_of_the_same_second,
    ),
    "S4 timers before zero steps": (
        ranks_as({Rank.TIMER: 0}),
        traces.test_s4_work_on_the_last_second_with_a_zero_step_behind_it_is_in_time,
    ),
    "S3 arrivals before completions": (
        ranks_as({Rank.ARRIVAL: 0}),
        traces.test_s3_an_arrival_sees_who_has_just_become_free,
    ),
    "S3 openings after arrivals": (
        ranks_as({Rank.OPENING: 4, Rank.ARRIVAL: 2, Rank.DISPATCH: 5, Rank.TIMER: 6}),
        traces.test_s3_an_opening_comes_before_an_arrival_of_the_same_second,
    ),
    "S3 dispatch at once": (
        ranks_as({Rank.DISPATCH: 0}),
        traces.test_s3_a_dispatch_waits_for_all_arrivals_of_its_second,
    ),
    "S3 no case in the key": (
        key_without_case,
        traces.test_s3_a_lower_case_completes_first_even_if_it_began_later,
    ),
    "S19 no block in the key": (
        key_without_block,
        traces.test_s19_branches_start_in_block_order_depth_first,
    ),
    "S7 newest first": (
        replaced(desk.Queue, "join", newest_first),
        traces.test_s7_the_oldest_head_over_all_queues_starts_first,
    ),
    "S8 most skills first": (
        replaced(desk.Queue, "__init__", many_skills_first),
        traces.test_s8_the_group_with_the_fewest_skills_takes_it,
    ),
    "S8 last declared first": (
        replaced(desk.Queue, "__init__", last_declared_first),
        traces.test_s8_among_equals_the_first_declared_takes_it,
    ),
    "S9 no urgency": (
        replaced(desk.Queue, "join", without_urgency),
        traces.test_s9_due_dates_order_the_queue,
    ),
    "S10 open all day": (
        replaced(desk.Desk, "may_start", always_open),
        traces.test_s10_close_itself_is_closed,
    ),
    "S10 nobody is ever away": (
        replaced(desk.Desk, "begin_interval", all_people),
        traces.test_s10_an_absent_person_starts_nothing_that_half_day,
    ),
    "S11 offices do not pause": (
        replaced(desk.Desk, "end_of", lambda self, start_s, duration_s: start_s + duration_s),
        traces.test_s11_windows_work_through_the_break_and_offices_pause,
    ),
    "S12 nobody works late": (
        replaced(desk.Desk, "may_start", never_late),
        lambda: traces.test_s12_late_work_is_for_who_is_in_the_hall(*LATE),
    ),
    "S12 back desks work late": (
        replaced(desk.Desk, "may_start", everyone_late),
        lambda: traces.test_s12_late_work_is_for_who_is_in_the_hall(*BACK_DESK),
    ),
    "S13 patience by the clock": (
        replaced(Calendar, "add", lambda self, time, seconds: time + seconds),
        traces.test_s13_patience_counts_open_seconds,
    ),
    "S13 no closing": (
        replaced(Calendar, "day_close_from", lambda self, time: 2**40),
        traces.test_s13_at_closing_tickets_are_sent_home_or_served,
    ),
    "S15 strictly after": (
        replaced(
            Moments,
            "nth",
            lambda self, ready_s, count: next((one for one in self.times_s if one > ready_s), None),
        ),
        traces.test_s15_a_session_catches_who_is_ready_at_its_second,
    ),
    "S16 attending to the end": (
        replaced(
            Moments,
            "attending",
            lambda self, now_s: any(
                a <= now_s <= b for a, b in zip(self.attended_s, self.times_s, strict=True)
            ),
        ),
        lambda: traces.test_s16_attending_holds_from_opening_to_just_before_close(200, 0),
    ),
    "S20 starts at once": (
        replaced(Calendar, "next_day_open", lambda self, time: time),
        traces.test_s20_the_day_of_acceptance_does_not_count_and_due_is_a_close,
    ),
    "S20 due to the second": (
        replaced(Calendar, "due", lambda self, start, limit_s: self.add(start, limit_s)),
        traces.test_s20_a_part_of_a_day_is_due_at_that_days_close,
    ),
    "S21 a stop forgets": (
        replaced(desk.Clock, "stop", stop_and_forget),
        traces.test_s21_a_stop_keeps_the_unspent_seconds,
    ),
    "S21 stops not counted": (
        replaced(desk.Clock, "go", first_go_goes),
        traces.test_s21_stops_are_counted,
    ),
    "S21 stopping what has run out": (
        replaced(desk.Clock, "stop", stop_although_out),
        traces.test_s21_a_clock_that_has_run_out_is_not_stopped,
    ),
    "S22 no bell": (
        replaced(reference._Reference, "_watch_clock", lambda *_: None),
        traces.test_s22_only_that_branch_ends,
    ),
    "S22 the person stays busy": (
        replaced(reference._Reference, "_look_for_work", keep_people),
        traces.test_s22_work_in_progress_is_broken_off_and_its_person_freed,
    ),
    "S25 nothing open is logged": (
        replaced(reference._Reference, "_log_open", lambda self: None),
        traces.test_s25_what_is_open_is_logged_by_case_and_block,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_dropped_clause_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patch, trace = MUTANTS[name]
    trace()
    patch(monkeypatch)
    with pytest.raises((AssertionError, StopIteration, TypeError, ValueError, IndexError)):
        trace()
