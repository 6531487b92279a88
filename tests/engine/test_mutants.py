"""Each clause dropped on purpose: at least one of its traces must notice.

A fault is a piece of a function's text and what stands there instead; the changed function
takes the place of the right one while the traces of the clause run on the reference engine.
"""

from __future__ import annotations

import inspect
import re
import signal
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from textwrap import dedent
from types import FrameType
from typing import Any, NamedTuple

import pytest

import sim.chance.demand
from sim.chance.attendance import Moments
from sim.chance.draws import Draws
from sim.engine import reference
from sim.engine.open_cases import Case
from sim.engine.reference import Rank, _Reference
from sim.engine.server_groups import Clock, HallDays, Queue, ServerGroup
from sim.process.clock import Calendar

from . import (
    test_conformance_beside,
    test_conformance_choices,
    test_conformance_clocks,
    test_conformance_dispatch,
    test_conformance_hall,
    test_conformance_log,
    test_conformance_order,
    test_conformance_parallel,
    test_conformance_people,
)

MODULES = (
    test_conformance_order,
    test_conformance_dispatch,
    test_conformance_people,
    test_conformance_hall,
    test_conformance_choices,
    test_conformance_parallel,
    test_conformance_beside,
    test_conformance_clocks,
    test_conformance_log,
)
ROOT = Path(__file__).parents[2]
NOT_TRACED = {28}
"""What a network must hold is tested with the networks (tests/process)."""


class Fault(NamedTuple):
    """`then` in place of `text` in `owner.name`."""

    clause: int
    what: str
    owner: Any
    name: str
    text: str
    then: str

    def make(self, patch: pytest.MonkeyPatch) -> None:
        right = inspect.getattr_static(self.owner, self.name)
        plain = inspect.unwrap(right.fget if isinstance(right, property) else right)
        source = dedent(inspect.getsource(plain))
        assert self.text in source, "the engine has changed: write the fault anew"
        made: dict[str, Any] = {}
        exec(source.replace(self.text, self.then), plain.__globals__, made)  # noqa: S102
        patch.setattr(self.owner, self.name, made[plain.__name__])


KEY = "return rank << 56 | case << 16 | block"


def ranked(**ranks: int) -> str:
    """Return the key with some ranks moved; a timer with 0 comes first of all."""
    order = {Rank[name].value: value for name, value in ranks.items()}
    return f"return {order}.get(rank, rank) << 56 | case << 16 | block"


LATER = """
        after = Appointment(self.env, self.env.now, priority(Rank.COMPLETION, 2**30))
        callbacks(after).append(lambda _, group=job.server_group: (
            setattr(group, "busy", group.busy - 1), self._look_for_work(group)))
"""
START = "self._start(best[0][-1], best[2], best[1], now)"
R = _Reference

FAULTS = [
    Fault(1, "durations are cut off", Draws, "seconds", " + 0.5", ""),
    Fault(2, "adding nothing moves to an opening", Calendar, "add", "if seconds <= 0", "if 0"),
    Fault(2, "time ends at the next opening", Calendar, "add", "bisect_left", "bisect_right"),
    Fault(2, "time stops", Calendar, "add", "max(time, self.closes[-1])", "self.closes[-1]"),
    Fault(3, "timers first", reference, "priority", KEY, ranked(TIMER=0)),
    Fault(3, "arrivals before completions", reference, "priority", KEY, ranked(ARRIVAL=0)),
    Fault(
        3,
        "openings after arrivals",
        reference,
        "priority",
        KEY,
        ranked(OPENING=4, ARRIVAL=2, DISPATCH=5, TIMER=6),
    ),
    Fault(3, "dispatch at once", reference, "priority", KEY, ranked(DISPATCH=0)),
    Fault(3, "no case in the key", reference, "priority", KEY, "return rank << 56"),
    Fault(4, "timers before zero steps", reference, "priority", KEY, ranked(TIMER=0)),
    Fault(
        4,
        "all timers before the next dispatch",
        reference,
        "priority",
        KEY,
        ranked(DISPATCH=5, TIMER=4),
    ),
    Fault(
        5,
        "numbers before routes",
        sim.chance.demand,
        "_drawn",
        'np.argsort(columns[0], kind="stable")',
        "np.lexsort((columns[1], columns[3], columns[0]))",
    ),
    Fault(
        6,
        "each mark is an event",
        R,
        "_sequence",
        "self._log_instant(case, child)",
        "yield Appointment(self.env, self.env.now, priority(Rank.TIMER))\n"
        "            self._log_instant(case, child)",
    ),
    Fault(
        6,
        "people are free after the case went on",
        R,
        "_serve",
        "\n        job.server_group.busy -= 1\n        self._look_for_work(job.server_group)\n",
        LATER,
    ),
    Fault(7, "newest first", Queue, "join", "job.enabled_s, ", "-job.enabled_s, "),
    Fault(7, "higher cases first", Queue, "join", "job.case, ", "-job.case, "),
    Fault(7, "higher blocks first", Queue, "join", "job.block, ", "-job.block, "),
    Fault(7, "queue by queue", R, "_dispatch", "or startable[0] < best[0]", ""),
    Fault(7, "one start per dispatch", R, "_dispatch", START, f"{START}; return"),
    Fault(7, "a call holds up the hall", Queue, "startable", "if not any(", "if True or any("),
    Fault(8, "most skills first", Queue, "__init__", "(len(server_group.", "(-len(server_group."),
    Fault(
        8,
        "last declared first",
        Queue,
        "__init__",
        ", server_group.index)",
        ", -server_group.index)",
    ),
    Fault(8, "0 s take nobody", R, "_start", "busy += 1", "busy += job.duration_s > 0"),
    Fault(9, "no urgency", R, "_urgency", "if not self.by_due_date", "if True"),
    Fault(9, "the outermost clock counts", R, "_urgency", "in clocks if", "in clocks[:1] if"),
    Fault(9, "the innermost clock counts", R, "_urgency", "in clocks if", "in clocks[-1:] if"),
    Fault(9, "without a limit first", R, "_urgency", "default=LAST", "default=0"),
    Fault(
        9,
        "what is overdue last",
        R,
        "_urgency",
        "is not None)",
        "is not None and clock.due_s > self.env.now)",
    ),
    Fault(9, "due dates under fifo", R, "_urgency", "not self.by_due_date", "False"),
    Fault(10, "open all day", ServerGroup, "may_start", "now < self.open_until_s", "True"),
    Fault(
        10,
        "nobody is ever away",
        ServerGroup,
        "begin_interval",
        "self.capacity[interval]",
        "len(self.group.people)",
    ),
    Fault(10, "one more than present", ServerGroup, "may_start", "self.busy >=", "self.busy >"),
    Fault(
        10,
        "present from the start",
        ServerGroup,
        "__init__",
        "self.present = 0",
        "self.present = 1",
    ),
    Fault(
        10,
        "absent in the break",
        Queue,
        "present",
        "server_group.present for",
        "server_group.present * server_group.calendar.is_open(0) for",
    ),
    Fault(11, "offices do not pause", ServerGroup, "end_of", "self.group.pauses", "False"),
    Fault(11, "windows pause", ServerGroup, "end_of", "self.group.pauses", "True"),
    Fault(
        11,
        "an opening frees the busy",
        ServerGroup,
        "begin_interval",
        "self.present = ",
        "self.busy = 0; self.present = ",
    ),
    Fault(12, "nobody works late", ServerGroup, "is_late", "return", "return False and"),
    Fault(12, "back server_groups work late", ServerGroup, "may_start", "job.in_hall and ", ""),
    Fault(
        12,
        "late work goes on all night",
        ServerGroup,
        "begin_interval",
        "= late_until_s",
        "= 2**40",
    ),
    Fault(
        12, "no overtime", ServerGroup, "begin_interval", "= late_until_s", "= self.open_until_s"
    ),
    Fault(12, "late work at noon", R, "_openings", "late.get(closing, closing)", "closing + 600"),
    Fault(
        12,
        "late work everywhere",
        R,
        "_openings",
        "if name == self.network.hall_calendar",
        "if True",
    ),
    Fault(
        13,
        "patience by the clock",
        R,
        "_watch_wait",
        "self.network.hall.add(job.enabled_s, patience_s)",
        "job.enabled_s + patience_s",
    ),
    Fault(13, "no patience", R, "_watch_wait", "now != gives_up_s and", ""),
    Fault(13, "no closing", R, "_watch_wait", "max(job.enabled_s, closing)", "2**40"),
    Fault(13, "the last close only", R, "_watch_wait", "max(job.enabled_s, closing)", "closing"),
    Fault(
        13, "patience outlasts the day", R, "_watch_wait", "min(look_s, gives_up_s)", "gives_up_s"
    ),
    Fault(
        12, "no last call", R, "_watch_wait", "self.env, last_call_s, key", "self.env, 2**40, key"
    ),
    Fault(
        13, "everyone goes at the close", R, "_watch_wait", "and queue.serves_late(now)", "and 0"
    ),
    Fault(13, "late without anybody", Queue, "serves_late", "server_group.present > 0 and", ""),
    Fault(
        13, "late by whoever is present", Queue, "serves_late", "and server_group.is_late(now)", ""
    ),
    Fault(13, "tickets after the close", HallDays, "admitting", "now < closing and", ""),
    Fault(13, "tickets for tomorrow", HallDays, "admitting", "and opening < midnight", ""),
    Fault(
        13,
        "tickets of today are for tomorrow",
        HallDays,
        "admitting",
        "// WHOLE_DAY_S + 1",
        "// WHOLE_DAY_S",
    ),
    Fault(
        13, "nobody goes on in the hall", HallDays, "admitting", "opening <= now", "now < closing"
    ),
    Fault(13, "the hall at night", HallDays, "admitting", "opening <= now", "True"),
    Fault(13, "the second of the last call", HallDays, "admitting", "bisect_right", "bisect_left"),
    Fault(
        13,
        "who is turned away has nowhere to go",
        R,
        "_serve",
        "clocks)\n        return",
        "clocks) if False else None\n        return",
    ),
    Fault(13, "nobody is turned away", R, "_serve", "and today is None", "and False"),
    Fault(
        13,
        "patience without another way",
        R,
        "_serve",
        "block.in_hall and today is not None",
        "block.patience is not None and today is not None",
    ),
    Fault(
        14,
        "who is served may leave",
        R,
        "_watch_wait",
        "if job.gone",
        "if job.gone and job.server_group is None",
    ),
    Fault(14, "no way out", R, "_serve", "if status is Status.LEFT", "if False"),
    Fault(
        14, "everyone goes the way out", R, "_serve", "if status is Status.LEFT", "if node.children"
    ),
    Fault(15, "strictly after", Moments, "nth", "bisect_left", "bisect_right"),
    Fault(15, "the next always", Moments, "nth", " + count - 1", ""),
    Fault(15, "what never comes comes at once", Moments, "nth", "else None", "else ready_s"),
    Fault(16, "attending at the close", Moments, "attending", "now_s < ", "now_s <= "),
    Fault(16, "attending after the opening", Moments, "attending", "bisect_right", "bisect_left"),
    Fault(
        16,
        "fixed times are attended",
        Moments,
        "attending",
        "bisect_right(self._attended",
        "bisect_right(self._attended or [0]",
    ),
    Fault(17, "every branch that holds", R, "_choice", "return", "continue"),
    Fault(
        17,
        "the last is taken when none holds",
        R,
        "_choice",
        "if condition",
        "if child is node.children[-1] or condition",
    ),
    Fault(17, "at the probability", R, "_holds", "< probability", "<= probability"),
    Fault(17, "present if anybody has it", R, "_holds", "self.queues[skill].present > 0", "True"),
    Fault(
        17,
        "who joined just now is overlooked",
        R,
        "_holds",
        "ahead = queue.length",
        "ahead = sum(not e[-1].gone and e[-1].enabled_s < self.env.now for e in queue._heap)",
    ),
    Fault(18, "nobody waits", R, "_holds", "queue.length", "0"),
    Fault(18, "everyone is free", R, "_holds", "queue.anyone_free", "True"),
    Fault(18, "one person", R, "_holds", " / queue.present", ""),
    Fault(18, "own work does not count", R, "_holds", "self.draws.seconds(own, case.index)", "0"),
    Fault(18, "below the limit", R, "_holds", "<= limit_s", "< limit_s"),
    Fault(18, "nobody is quick", R, "_holds", "return False\n", "return True\n"),
    Fault(19, "no block in the key", reference, "priority", KEY, "return rank << 56 | case << 16"),
    Fault(19, "branches start at once", R, "_branch", "yield Appointment(", "yield from () and ("),
    Fault(
        19, "the first carries on", R, "_branch", "len(unfinished) == 1", "not all_done.triggered"
    ),
    Fault(
        19,
        "the join is an event",
        R,
        "_branch",
        "all_done.succeed(node.id)",
        "all_done._ok, all_done._value = True, node.id\n"
        "        self.env.schedule(all_done, priority(Rank.TIMER))",
    ),
    Fault(19, "the first branch is named", R, "_branch", "succeed(node.id)", "succeed(1)"),
    Fault(15, "no other session", R, "_await_session", "if block.or_session:", "if False:"),
    Fault(15, "the other session only", R, "_await_session", "in (at_s, other_s)", "in (other_s,)"),
    Fault(
        29,
        "what is beside goes on",
        R,
        "_alongside",
        "if not isinstance(end, simpy",
        "if isinstance(end, simpy",
    ),
    Fault(
        29,
        "its rows come later",
        R,
        "_alongside",
        "yield Appointment(self.env, int(self.env.now), URGENT)",
        "",
    ),
    Fault(
        29,
        "the child starts at once",
        R,
        "_alongside",
        "yield Appointment(self.env, now, priority(Rank.COMPLETION, case.index, child.id))",
        "",
    ),
    Fault(
        20,
        "the clock starts at once",
        Clock,
        "__init__",
        "calendar.next_day_open(accepted_s)",
        "accepted_s",
    ),
    Fault(20, "due to the second", Calendar, "due", "self.day_close_from", ""),
    Fault(20, "days of 6.5 hours", Calendar, "due", "self.add_ticks(start", "self.add(start"),
    Fault(
        20,
        "limits by the clock",
        Calendar,
        "due",
        "self.add_ticks(start, limit_ticks)",
        "start + limit_ticks",
    ),
    Fault(
        20,
        "limits in days of the office",
        R,
        "_within",
        "self.network.working_days",
        "self.network.calendars['office']",
    ),
    Fault(
        2, "days of the first one's length", Calendar, "tick", "day_open_s[day]", "day_open_s[0]"
    ),
    Fault(21, "a stop forgets", Clock, "stop", "self.left_ticks - used", "self.left_ticks"),
    Fault(21, "stops are not counted", Clock, "go", "self.stops == 0 and", ""),
    Fault(21, "what has run out is stopped", Clock, "stop", " and now <= self.due_s", ""),
    Fault(21, "the last second is late", Clock, "stop", "now <= self.due_s", "now < self.due_s"),
    Fault(21, "the innermost clock stops", R, "_suspend", "in clocks:", "in clocks[-1:]:"),
    Fault(21, "a stopped clock is due", Clock, "stop", "self.due_s = None", "pass"),
    Fault(21, "it runs on from its start", Clock, "go", "max(now, self.since_s)", "self.since_s"),
    Fault(21, "it runs on from now", Clock, "go", "max(now, self.since_s)", "now"),
    Fault(22, "no bell", R, "_within", "if block.expires", "if False"),
    Fault(22, "the old bell", R, "_watch_clock", "clock.due_s == int(self.env.now)", "True"),
    Fault(22, "no new bell", Clock, "go", "if self.alarm is not None", "if False"),
    Fault(22, "the person stays busy", R, "_serve", "busy -= 1", "busy -= not interrupt"),
    Fault(
        22,
        "nobody is called",
        R,
        "_serve",
        "self._look_for_work(",
        "interrupt or self._look_for_work(",
    ),
    Fault(22, "who waited waits on", R, "_serve", "elif not job.gone", "elif False"),
    Fault(
        22,
        "outer ones first",
        Case,
        "break_off",
        "(self.nodes[deepest[process]].end, -deepest[process])",
        "deepest[process]",
    ),
    Fault(22, "inner processes last", Case, "break_off", "-deepest[process])", "deepest[process])"),
    Fault(22, "the inner scope goes on", R, "_within", "and end.cause is node", ""),
    Fault(23, "every clock rings", R, "_within", "if block.expires", "if True"),
    Fault(
        24,
        "no due date",
        R,
        "_within",
        "due_s = -1 if clock.due_s is None else clock.due_s",
        "due_s = -1",
    ),
    Fault(24, "no unfinished branch", R, "_parallel", "min(live.branches) if", "-1 if"),
    Fault(
        24,
        "who leaves began",
        R,
        "_serve",
        "start_s, server_group = now, -1",
        "start_s, server_group = job.enabled_s, -1",
    ),
    Fault(
        24,
        "a scope ends before its child",
        R,
        "_suspend",
        "yield from self._walk",
        "self.log.add((case.index, node.id, begin_s, begin_s, 0, -1, Status.DONE))\n"
        "        yield from self._walk",
    ),
    Fault(24, "what rang is done", R, "_within", "Status.EXPIRED if", "Status.DONE if"),
    Fault(25, "nothing open is logged", reference, "open_rows", "sorted(cases)", "()"),
    Fault(
        25,
        "the last block first",
        reference,
        "open_rows",
        "sorted(live)",
        "sorted(live, reverse=True)",
    ),
    Fault(25, "waiting began", reference, "open_rows", "start_s = end_s if", "start_s = -1 if"),
    Fault(25, "no due date", reference, "open_rows", "entry.clock is not None", "False"),
    Fault(
        26,
        "the last second counts",
        R,
        "run",
        "until=self.network.end_s",
        "until=self.network.end_s + 1",
    ),
    Fault(27, "scopes without a row", R, "_within", "(simpy.Interrupt, _Leave)", "simpy.Interrupt"),
    Fault(27, "the suspended cannot leave", R, "_suspend", "if end is not None", "if False"),
    Fault(27, "stops outlast the case", R, "_suspend", "clock.go(now)", "end or clock.go(now)"),
    Fault(27, "an exit is passed", R, "_exit", "raise _Leave", "return"),
]


def traces(clause: int) -> Iterator[Callable[[], None]]:
    """Return the traces of a clause, each with every set of its arguments."""
    for module in MODULES:
        for name, trace in vars(module).items():
            if not name.startswith("test_") or f"_s{clause}_" not in name:
                continue
            marks = [
                mark for mark in getattr(trace, "pytestmark", ()) if mark.name == "parametrize"
            ]
            choices = [[_named(*mark.args, value) for value in mark.args[1]] for mark in marks]
            for chosen in product(*choices):
                arguments = {key: value for part in chosen for key, value in part.items()}
                yield lambda trace=trace, arguments=arguments: trace(**arguments)


def _named(names: str | tuple[str, ...], _: object, values: Any) -> dict[str, Any]:
    if isinstance(names, str):
        return {names: values}
    return dict(zip(names, values, strict=True))


PATIENCE_S = 5
"""Far more than any trace takes: an engine that never ends is noticed as well."""


def fails(trace: Callable[[], None]) -> bool:
    before = signal.signal(signal.SIGALRM, _give_up)
    signal.alarm(PATIENCE_S)
    try:
        trace()
    except Exception:  # noqa: BLE001  (an engine that breaks down is noticed as well)
        return True
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return False


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"S{fault.clause}-{fault.what}")
def test_a_dropped_clause_is_noticed(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(fails(trace) for trace in traces(fault.clause))
    fault.make(monkeypatch)
    assert any(fails(trace) for trace in traces(fault.clause))


def test_every_clause_has_traces_and_faults() -> None:
    text = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
    clauses = {int(number) for number in re.findall(r"^- \*\*S(\d+)\*\*", text, re.MULTILINE)}
    assert clauses == set(range(1, max(clauses) + 1))
    assert {clause for clause in clauses if any(traces(clause))} == clauses - NOT_TRACED
    assert {fault.clause for fault in FAULTS} == clauses - NOT_TRACED
