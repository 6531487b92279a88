"""Each clause dropped from the compiled engine on purpose: somebody must notice.

As `test_mutants` does for the reference engine.  The changed engine is interpreted, since to
compile it would take 20 s, and it must fail a trace of the clause or else differ from the
reference engine in some world.  A fault in the tally is noticed by a slow reading of the
log.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings

from sim.engine import reference
from sim.engine.cases import case_table
from sim.engine.packed import packed
from sim.process.blocks import (
    Delay,
    Exit,
    Mark,
    Parallel,
    Serve,
    Suspend,
    Visit,
    Within,
    sequence,
)
from sim.process.clock import WD_TICKS, Calendar

from . import test_mutants
from .build import AFTERNOON, DAY, HOUR, MORNING, NOON, World, delay, hollow, serve, team, world
from .interpreted import Change, Interpreted
from .random_networks import worlds
from .test_conservation import Row, by_case, entry, open_s, read, slow_case, worked_s
from .test_mutants import fails, traces

EXAMPLES = 60
CLAUSES = {fault.clause for fault in test_mutants.FAULTS}


class Fault(NamedTuple):
    """A change against a clause; 0 is the tally."""

    clause: int
    what: str
    change: Change


def fault(clause: int, what: str, where: str, text: str, then: str) -> Fault:
    """Return a fault in a function named with its module."""
    module, function = where.split(".")
    return Fault(clause, what, Change(f"engine.{module}", function, text, then))


CALLED_BEFORE = """case, target = _happen(net, state)
            if counters[DISPATCH]:
                dispatch(net, state)"""
FREED_LATER = """before = state.server_groups["busy"].copy()
            case, target = _happen(net, state)
            change = state.server_groups["busy"] - before
            state.server_groups["busy"] = before
            walk(net, state, case, target)
            state.server_groups["busy"] += change
            target = END_OF_ROUTE"""
JOINED_BEFORE = """sum(
        one["case"] != NONE
        and one["state"] == WAITING
        and one["enabled_s"] < state.counters[NOW]
        and net.nodes[one["node"]]["skill"] == record["skill"]
        for one in state.slots
    )"""
BRANCHES = 'range(first, first + net.nodes[choice]["branches"])'
UNFINISHED = """record["unfinished"] &= ~(1 << net.nodes[child]["place"])
        if record["unfinished"]:"""
BELL = """record, node, now = state.slots[slot], net.nodes[target], state.counters[NOW]
    if record["case"] != case or record["node"] != target:"""
BELL_OF_THE_SLOT = """record, now = state.slots[slot], state.counters[NOW]
    node = net.nodes[record["node"]]
    if record["case"] != case:"""
START = "schedule(state, state.counters[NOW], COMPLETION, case, root"
FIRST_BRANCH = 'net.nodes[net.branches[node["branch"]]["root"]]["block"]'
IN_TIME = 'tick(net, end_s) <= case_sum["until_tick"]'
AGENDA = "and of_agenda < rank"

TIME = [
    fault(1, "durations are cut off", "people.seconds", " + 0.5", ""),
    fault(2, "adding nothing moves to an opening", "calendars.add", "seconds <= 0", "seconds < 0"),
    fault(2, "time ends at the next opening", "calendars.add", '"] < target', '"] <= target'),
    fault(
        2, "time stops", "calendars.add", 'max(time, interval["closing"])', 'interval["closing"]'
    ),
    fault(
        2,
        "nothing opens after midnight",
        "calendars.interval_at",
        "while index",
        "while False and index",
    ),
    fault(2, "breaks are open", "calendars.elapsed", 'min(time, interval["closing"])', "time"),
    fault(2, "the night before is open", "calendars.elapsed", "if index < 0", "if False"),
    fault(2, "days of 6.5 hours", "calendars.tick", 'interval["day_s"]', "23_400"),
    fault(2, "a day has passed at noon", "calendars.tick", 'interval["of_day"] +', ""),
    fault(2, "ticks of the day before", "calendars.tick", "if index < 0", "if False"),
    fault(2, "no working days pass at once", "calendars.add_ticks", "ticks <= 0", "ticks < 0"),
    fault(2, "a day ends at the next opening", "calendars.add_ticks", "(target - 1)", "target"),
    fault(2, "a second too early", "calendars.add_ticks", "-(-(", "((-1) * -("),
    fault(2, "working days in the morning", "calendars.add_ticks", "< passed", "< 0"),
    fault(
        2,
        "working days by the clock",
        "walk._pass_time",
        "add_ticks(net, now, length)",
        "now + length",
    ),
    fault(2, "a close is over", "calendars.day_close_from", '"] < time', '"] <= time'),
    fault(
        2, "the day that has opened", "calendars.next_day_open", "WHOLE_DAY_S + 1", "WHOLE_DAY_S"
    ),
]

ORDER = [
    fault(3, "timers first", "state.schedule", "rank == TIMER", "rank != TIMER"),
    fault(3, "no rank in the key", "state.schedule", "(rank == TIMER)", "0"),
    fault(3, "no case in the key", "state._precedes", "key ", "key >> TIMER_BIT "),
    fault(3, "arrivals before completions", "compiled._next", AGENDA, f"{AGENDA} != ARRIVAL"),
    fault(3, "openings after arrivals", "compiled._next", "rank > OPENING", "rank > ARRIVAL"),
    fault(3, "dispatch before arrivals", "compiled._next", "rank > ARRIVAL", "rank > TIMER"),
    fault(3, "dispatch before completions", "compiled._next", AGENDA, f"{AGENDA} != DISPATCHING"),
    fault(4, "timers before zero steps", "state.schedule", "rank == TIMER", "rank != TIMER"),
    fault(4, "timers before the next dispatch", "compiled._next", "of_agenda <", "of_agenda !="),
    fault(4, "every fourth event is overlooked", "state.drop_first", "least + 4", "least + 3"),
    fault(4, "a new event does not rise", "state.schedule", "while at > 0", "while at > 4"),
    fault(5, "everybody on the first route", "compiled._run", "cases[arrived]", "cases[0]"),
    fault(
        5,
        "the last comes first",
        "compiled._run",
        "case, target = arrived",
        "case, target = len(state.cases) - 1 - arrived",
    ),
    fault(
        6,
        "the free are called before the case goes on",
        "compiled._run",
        "case, target = _happen(net, state)",
        CALLED_BEFORE,
    ),
    fault(
        6,
        "an empty sequence ends the case",
        "routes._entered",
        'nodes[target]["after"] if empty',
        "END_OF_ROUTE if empty",
    ),
    fault(
        6,
        "a sequence ends with its first",
        "routes._stand_inside",
        "number + 1 <",
        "number + len(counts) <",
    ),
    fault(
        6,
        "people are free after the case went on",
        "compiled._run",
        "case, target = _happen(net, state)",
        FREED_LATER,
    ),
]

PEOPLE = [
    fault(7, "newest first", "people._before", 'a["enabled_s"] <', 'a["enabled_s"] >'),
    fault(7, "higher cases first", "people._before", 'a["case"] <', 'a["case"] >'),
    fault(7, "higher blocks first", "people._before", 'a["node"] <', 'a["node"] >'),
    fault(7, "queue by queue", "people.dispatch", " or _before(state, slot, best)", ""),
    fault(
        7,
        "one start per dispatch",
        "people.dispatch",
        "best, by, now)",
        "best, by, now)\n            return",
    ),
    fault(
        7,
        "a call holds up the hall",
        "people._startable",
        "not _late_and_free(net, state, queue, now)",
        "True",
    ),
    fault(
        7, "nobody is passed who is not late", "people._late_and_free", "return True", "continue"
    ),
    fault(7, "all who joined behind", "people.join", "_before(state, slot, before)", "False"),
    fault(7, "who joins is not called", "people.join", "_want(state, queue)", "pass"),
    fault(7, "who is freed does nothing", "walk.end_step", "look_for_work(", "("),
    fault(7, "who opens does nothing", "people.open_interval", "look_for_work(", "("),
    fault(
        7,
        "behind who left nobody waits",
        "people.leave",
        '["queue_behind"] = behind',
        '["queue_behind"] = NONE',
    ),
    fault(8, "most skills first", "packed._queues", "i: (len", "i: (-len"),
    fault(8, "last declared first", "packed._queues", ", i))", ", -i))"),
    fault(
        8,
        "0 s take nobody",
        "people._start",
        "+= 1",
        '+= seconds(net, state, case, node["draw"]) > 0',
    ),
    fault(9, "no urgency", "walk._urgency", "if not net.facts[BY_DUE_DATE]", "if True"),
    fault(9, "due dates under fifo", "walk._urgency", "if not net.facts[BY_DUE_DATE]", "if False"),
    fault(9, "the outermost clock counts", "walk._urgency", "min(earliest, ", "("),
    fault(
        9,
        "the innermost clock counts",
        "walk._urgency",
        "min(earliest, ",
        "(earliest if earliest != UNDUE else ",
    ),
    fault(9, "without a limit first", "walk._urgency", "int(earliest)", "int(earliest) % UNDUE"),
    fault(
        9,
        "what is overdue last",
        "walk._urgency",
        "int(earliest)",
        "int(earliest) if earliest > state.counters[NOW] else UNDUE",
    ),
    fault(9, "urgency does not order", "people._before", 'a["urgency"] != b["urgency"]', "False"),
    fault(10, "open all day", "people._may_start", 'now < server_group["open_until_s"]', "True"),
    fault(10, "one more than present", "people._may_start", ">=", ">"),
    fault(
        10, "always as on the first day", "people.open_interval", ' + record["interval"]]\n', "]\n"
    ),
    fault(
        10,
        "everybody as the first group",
        "packed._groups",
        "capacity += len(",
        "capacity += 0 * len(",
    ),
    fault(
        10,
        "present from the start",
        "compiled._run",
        "arrived, opened = 0, 0",
        'arrived, opened, state.server_groups["present"] = 0, 0, 1',
    ),
    fault(
        10,
        "absent in the break",
        "people.present",
        '["present"]',
        '["present"] * (state.counters[NOW] < state.server_groups[0]["open_until_s"])',
    ),
    fault(
        11, "offices do not pause", "people._start", 'if net.groups[group]["pauses"]', "if False"
    ),
    fault(11, "windows pause", "people._start", 'if net.groups[group]["pauses"]', "if True"),
    fault(
        11,
        "an opening frees the busy",
        "people.open_interval",
        'server_group["present"] =',
        'server_group["busy"] = 0; server_group["present"] =',
    ),
    fault(12, "nobody works late", "people._is_late", "bool(", "False and bool("),
    fault(
        12, "back server_groups work late", "people._may_start", "in_hall and _is_late", "_is_late"
    ),
    fault(12, "late work goes on all night", "people.open_interval", 'record["late_s"]', "2**40"),
    fault(12, "no overtime", "people.open_interval", 'record["late_s"]', "closing"),
    fault(12, "late work at noon", "packed._openings_of", "closing, closing", "closing, 2**40"),
    fault(
        12,
        "late work everywhere",
        "packed._late",
        "if calendar == network.hall_calendar",
        "if len(network.last_calls_s) == len(network.calendars[calendar].day_closes)",
    ),
    fault(12, "the second of the close is none", "people._is_late", "<= now", "< now"),
]

HALL = [
    fault(
        13,
        "patience by the clock",
        "people._watch_newcomers",
        "add(net, hall, now, sec",
        "(now + sec",
    ),
    fault(13, "no patience", "people.sent_home", 'now == job["gives_up_s"] or', ""),
    fault(13, "no closing", "people._watch_newcomers", 'max(now, today["closing"])', "2**40"),
    fault(
        13,
        "the last close only",
        "people._watch_newcomers",
        'max(now, today["closing"])',
        'today["closing"]',
    ),
    fault(13, "no last call", "people.sent_home", 'today["late_s"]', "2**40"),
    fault(13, "tickets after the close", "people.admitted", ' and now < day["closing"]', ""),
    fault(13, "tickets for tomorrow", "people.admitted", 'day["opening"] < midnight and', ""),
    fault(
        13, "tickets of today are for tomorrow", "people.admitted", "WHOLE_DAY_S + 1", "WHOLE_DAY_S"
    ),
    fault(
        13,
        "nobody goes on in the hall",
        "people.admitted",
        'bool(day["opening"] <= now)',
        'bool(now < day["closing"])',
    ),
    fault(13, "the hall at night", "people.admitted", 'bool(day["opening"] <= now)', "True"),
    fault(13, "the second of the last call", "calendars.hall_day", '"] <= time', '"] < time'),
    fault(13, "nobody is turned away", "walk.walk", 'not node["leaves"] or admitted(', "True or ("),
    fault(
        13,
        "who is turned away has nowhere to go",
        "walk.walk",
        'target = node["on_left"]',
        "return",
    ),
    fault(
        13,
        "patience outlasts the day",
        "people._watch_newcomers",
        "min(look_s, gives_up_s)",
        "gives_up_s",
    ),
    fault(13, "everyone goes at the close", "people.sent_home", "not _serves_late(", "True or ("),
    fault(13, "late without anybody", "people._serves_late", '["present"] > 0', '["present"] >= 0'),
    fault(
        13,
        "late by whoever is present",
        "people._serves_late",
        " and _is_late(state, group, now)",
        "",
    ),
    fault(
        13,
        "late by who is free",
        "people._serves_late",
        "> 0",
        '> state.server_groups[group]["busy"]',
    ),
    fault(
        13,
        "the close of the office",
        "calendars.hall_day",
        "net.facts[HALL]",
        "net.facts[HALL - 1]",
    ),
    fault(
        13,
        "patience without another way",
        "walk._queue_up",
        'if node["leaves"]',
        'if node["patience"] != NONE',
    ),
    fault(
        14,
        "who is served may leave",
        "compiled._goes_away",
        'state.slots[slot]["state"] != WAITING',
        "False",
    ),
    fault(14, "no way out", "compiled._happen", 'if completed else node["on_left"]', ""),
    fault(
        14,
        "everyone goes the way out",
        "compiled._happen",
        "if completed else",
        'if node["on_left"] == NONE else',
    ),
    fault(
        14,
        "a way out to nowhere is none",
        "walk._queue_up",
        'if node["leaves"]',
        'if node["on_left"] != NONE',
    ),
    fault(
        14,
        "nothing behind the way out",
        "routes._stand_inside",
        'node["scope"], node["after"]',
        'node["scope"], END_OF_ROUTE',
    ),
]

CHOICES = [
    fault(15, "strictly after", "walk._first_moment", "< now", "<= now"),
    fault(15, "the next always", "walk._moment", " + count - 1", ""),
    fault(15, "what never comes comes at once", "walk._moment", "else NONE", "else now"),
    fault(
        15,
        "all moments are of one session",
        "walk._first_moment",
        "low, last = state.moment_at[session]",
        "low, last = state.moment_at[0]",
    ),
    fault(15, "no other session", "walk._moment", 'if node["or_session"] != NONE', "if False"),
    fault(15, "the other one always", "walk._moment", "moment_s == NONE or", "True or"),
    fault(16, "attending at the close", "walk._attending", "and now <", "and now <="),
    fault(16, "attending after the opening", "walk._attending", "<= now", "< now"),
    fault(16, "fixed times are attended", "walk._attending", "index >= 0 and", ""),
    fault(17, "the last that holds", "walk._choose", f"in {BRANCHES}", f"in reversed({BRANCHES})"),
    fault(
        17,
        "the last is taken when none holds",
        "walk._choose",
        'net.nodes[choice]["after"]',
        'net.branches[index]["target"]',
    ),
    fault(17, "at the probability", "walk._holds", "u <", "u <="),
    fault(
        17,
        "present if anybody has it",
        "walk._holds",
        "return here > 0",
        "return condition == PRESENT",
    ),
    fault(
        17,
        "present if nobody has it",
        "walk._holds",
        '["skill"] == NONE:\n        return False',
        '["skill"] == NONE:\n        return True',
    ),
    fault(
        17,
        "who joined just now is overlooked",
        "walk._holds",
        'state.queues[record["skill"]]["length"]',
        JOINED_BEFORE,
    ),
    fault(18, "nobody waits", "walk._holds", 'state.queues[record["skill"]]["length"]', "0"),
    fault(18, "everyone is free", "people.anyone_free", '["busy"] <', '["busy"] <='),
    fault(18, "everyone is busy", "people.anyone_free", "return True", "return False"),
    fault(18, "one person", "walk._holds", " / here", ""),
    fault(
        18, "own work does not count", "walk._holds", "wait_s + seconds(", "wait_s + 0 * seconds("
    ),
    fault(18, "below the limit", "walk._holds", "<= record", "< record"),
    fault(
        18,
        "nobody is quick",
        "walk._holds",
        "return here > 0",
        "return here > 0 or condition != PRESENT",
    ),
    fault(19, "no block in the key", "state._precedes", "node < other_node", "False"),
    fault(
        19,
        "branches start at once",
        "walk._split",
        START,
        'walk(net, state, case, net.branches[index]["target"]) or (root',
    ),
    fault(
        29,
        "the child starts at once",
        "walk._begin_beside",
        "schedule(state, state.counters[NOW], COMPLETION, case, root, -2 - beside)",
        'walk(net, state, case, net.branches[beside + 1]["target"])',
    ),
    fault(29, "what is beside goes on", "walk._end_beside", "_break_off_from(", "("),
    fault(
        29,
        "it carries the case on",
        "walk._end_scope",
        'if not net.nodes[child]["place"]:',
        "if False:",
    ),
    fault(29, "outer ones first", "walk._first_inside", "node > other", "node < other"),
    fault(19, "the first carries on", "walk._end_scope", UNFINISHED, "if slot == 0:"),
    fault(
        19,
        "the first branch is named",
        "walk._end_scope",
        'net.nodes[child]["block"]',
        FIRST_BRANCH,
    ),
]

CLOCKS = [
    fault(
        20,
        "the clock starts at once",
        "walk._start_clock",
        "next_day_open(net, net.facts[WORKING], state.counters[NOW])",
        "state.counters[NOW]",
    ),
    fault(
        20, "due to the second", "calendars.due", "day_close_from(net, net.facts[WORKING], ", "("
    ),
    fault(20, "limits of 6.5 hours a day", "routes._limit_ticks", "* WD_TICKS", "* 23_400"),
    fault(
        20,
        "limits by the clock",
        "calendars.due",
        "add_ticks(net, start, limit_ticks)",
        "start + limit_ticks",
    ),
    fault(
        20,
        "limits in days of the hall",
        "packed.pack",
        "network.working_calendar",
        "network.hall_calendar",
    ),
    fault(21, "a stop forgets", "walk._stop_clocks", "- used)", ")"),
    fault(21, "stops are not counted", "walk._let_clocks_go", 'clock["stops"] == 0 and', ""),
    fault(21, "what has run out is stopped", "walk._stop_clocks", ' and now <= clock["due_s"]', ""),
    fault(21, "the last second is late", "walk._stop_clocks", "now <=", "now <"),
    fault(
        21, "the innermost clock stops", "walk._stop_clocks", 'net.nodes[scope]["scope"]', "NONE"
    ),
    fault(21, "a stopped clock is due", "walk._stop_clocks", 'clock["due_s"] = UNDUE', "pass"),
    fault(
        21,
        "a stopped clock keeps its start",
        "walk.detail_of",
        'NONE if record["due_s"] == UNDUE',
        'int(record["since_s"]) if record["due_s"] == UNDUE',
    ),
    fault(21, "it runs on from its start", "walk._let_clocks_go", "max(now, ", "("),
    fault(21, "it runs on from now", "walk._let_clocks_go", 'max(now, clock["since_s"])', "now"),
    fault(22, "no bell", "walk._start_clock", 'if node["expires"]', "if False"),
    fault(22, "the old bell", "compiled._happen", ' or record["due_s"] != now', ""),
    fault(22, "no new bell", "walk._let_clocks_go", 'if net.nodes[scope]["expires"]', "if False"),
    fault(22, "the person stays busy", "walk._break_off", "-= 1", "-= 0"),
    fault(22, "nobody is called", "walk._break_off", "look_for_work(", "("),
    fault(22, "who waited waits on", "walk._break_off", "leave(state, ", "("),
    fault(22, "outer ones first", "walk._first_inside", "end < other_end or", "end > other_end or"),
    fault(
        22,
        "the first of the inner ones first",
        "walk._first_inside",
        "node > other)",
        "node < other)",
    ),
    fault(
        22,
        "nothing goes on behind",
        "compiled._happen",
        'expire(net, state, slot)\n    return case, node["after"]',
        "expire(net, state, slot)\n    return case, END_OF_ROUTE",
    ),
    fault(22, "what is over rings", "compiled._happen", "!= case", "== NONE"),
    fault(22, "a slot rings for what it held", "compiled._happen", BELL, BELL_OF_THE_SLOT),
    fault(23, "every clock rings", "walk._start_clock", 'if node["expires"]', "if True"),
]

LOG = [
    fault(24, "no due date", "walk.detail_of", 'int(record["due_s"])', "NONE"),
    fault(24, "no unfinished branch", "walk.detail_of", 'int(net.nodes[root]["block"])', "NONE"),
    fault(24, "no group", "walk.detail_of", 'int(record["group"])', "NONE"),
    fault(24, "who leaves began", "walk.end_step", "start_s = now", "start_s = enabled_s"),
    fault(24, "who waited to the last began", "walk._break_off", "start_s = now", "pass"),
    fault(24, "what rang is done", "walk._break_off", "detail, EXPIRED", "detail, DONE"),
    fault(
        24, "blocks of all routes together", "rows.write_row", 'net.nodes[node]["block"]', "node"
    ),
    fault(
        24,
        "work begins as it is asked for",
        "rows.write_row",
        'row["enabled_s"], row["start_s"]',
        'row["start_s"], row["enabled_s"]',
    ),
    fault(25, "nothing open is logged", "compiled._run", "_log_open(net, state)", "pass"),
    fault(25, "the last block first", "compiled._next_open", "node < state", "node > state"),
    fault(25, "waiting began", "compiled._log_open", "start_s = end_s", "pass"),
    fault(
        25,
        "work began as it was asked for",
        "compiled._log_open",
        'start_s = record["start_s"]',
        "pass",
    ),
    fault(25, "no detail", "compiled._log_open", "detail_of(net, state, slot)", "NONE"),
    fault(25, "suspensions are logged", "compiled._log_open", "!= SUSPEND", "!= NONE"),
    fault(
        26, "the last second counts", "compiled._next", "net.facts[END_S]", "net.facts[END_S] + 1"
    ),
    fault(
        26, "the last second but one", "compiled._next", "net.facts[END_S]", "net.facts[END_S] - 1"
    ),
    fault(27, "scopes without a row", "walk.walk", "_unwind(", "("),
    fault(
        27,
        "only the innermost scope",
        "walk._unwind",
        'scope = net.nodes[scope]["scope"]',
        "scope = NONE",
    ),
    fault(27, "stops outlast the case", "walk._unwind", "_let_clocks_go(", "("),
    fault(27, "an exit is passed", "walk.walk", "if kind == EXIT:", "if False:"),
]

TALLY = [
    fault(0, "visits without end", "tally.note_row", IN_TIME, "True"),
    fault(0, "the last mark counts", "tally.note_row", "== NEVER:", "is not None:"),
    fault(0, "the last clock counts", "tally.note_row", "== NOT_YET:", "is not None:"),
    fault(0, "expiring clocks count", "routes._particulars", "not block.expires", "True"),
    fault(
        0,
        "a stopped clock is due",
        "tally.note_row",
        "NEVER if detail < 0 else detail",
        "detail",
    ),
    fault(0, "every exit is the first", "tally.note_row", 'step["outcome"]\n', "0\n"),
    fault(
        0,
        "a stop begins at its end",
        "tally.note_row",
        "case, start_s, end_s",
        "case, end_s, end_s",
    ),
    fault(0, "hand-offs without end", "tally._note_step", " and in_follow_up", ""),
    fault(0, "hand-offs of what is not done", "tally._note_step", "status == DONE and ", ""),
    fault(0, "work without end", "tally._note_step", "min(end, until)", "end"),
    fault(
        0,
        "nobody waits",
        "tally._note_step",
        'step["wait_phase"], start - enabled',
        'step["phase"], start - enabled',
    ),
    fault(
        0,
        "who comes at the census is there",
        "tally._note_census",
        "if enabled_s < census_s <=",
        "if enabled_s <= census_s <=",
    ),
    fault(
        0,
        "who goes at the census is gone",
        "tally._note_census",
        "census_s <= end_s",
        "census_s < end_s",
    ),
    fault(
        0,
        "who begins at the census works",
        "tally._note_census",
        "census_s <= start_s",
        "census_s < start_s",
    ),
    fault(
        0,
        "all branches are at the census",
        "tally._note_census",
        'tally.branches[to]["phase_at"] = at',
        'tally.cases[case]["phase_at"] = at',
    ),
    fault(0, "the present come once", "tally._note_days", "low < last and", "False and"),
    fault(0, "they come at the opening", "tally._note_days", "<= after_s", "< after_s"),
    fault(0, "beside counts in a phase", "tally._note_step", 'if not step["beside"]', "if True"),
    fault(
        0,
        "signing is no work",
        "tally._note_step",
        'case_sum["staff_s"] += step["staff_s"]',
        "pass",
    ),
    fault(
        0,
        "who comes at the census stays",
        "tally._note_step",
        "and enabled_s < census_s:",
        "and enabled_s <= census_s:",
    ),
    fault(
        0,
        "without a ticket nobody waits",
        "routes._serve",
        "inside > 0,\n            staff",
        "block.ticket,\n            staff",
    ),
    fault(0, "everybody left", "tally._note_stay", '["arrivals"], status', '["arrivals"], 1'),
    fault(
        0,
        "every stay is of the first visit",
        "tally._note_stay",
        'tally.cases[case]["arrivals"], status',
        "0, status",
    ),
    fault(0, "staff without shares", "tally._note_step", ' * step["staff_share"]', ""),
    fault(
        0, "staff without end", "tally._note_step", "        if in_follow_up:", "        if True:"
    ),
    fault(0, "busy past the census", "tally._note_work", "if end_s > census_s", "if False"),
    fault(0, "busy after the census", "tally._note_work", "if start_s < census_s", "if True"),
    fault(0, "work at night", "tally._note_work", 'if record["pauses"]', "if False"),
    fault(0, "windows pause", "tally._note_work", 'if record["pauses"]', "if True"),
    fault(0, "no overtime", "tally._note_work", 'if not record["pauses"]', "if False"),
    fault(0, "overtime of the office", "tally._note_work", 'if not record["pauses"]', "if True"),
    fault(
        0,
        "busy at night",
        "tally._note_work",
        "busy_s[group] += open_until_s",
        "busy_s[group] += until_s - start_s",
    ),
    fault(
        0,
        "all work goes on",
        "tally._note_carried_over",
        "if interval_at",
        "if False and interval_at",
    ),
    fault(
        0, "no work goes on", "tally._note_carried_over", "if interval_at", "if True or interval_at"
    ),
    fault(
        0,
        "work of those who are always there goes on",
        "tally._note_work",
        'record["varies"] and',
        "",
    ),
    fault(0, "nobody is ever away", "packed._varies", "group.absent_share > 0 or", ""),
    fault(
        0,
        "branches of the route",
        "routes._stand_inside",
        "= number, child",
        '= number, steps[me]["branch"]',
    ),
    fault(
        0,
        "no branch counts that is open",
        "tally._sum_for",
        'if not tally.branches[at]["counts"]',
        "if True",
    ),
    fault(0, "no open branch is marked", "tally._join_branches", "if status == OPEN", "if False"),
    fault(
        0,
        "days of branches are lost",
        "tally._join_branches",
        "tally.branch_phase_ticks[at, phase])",
        "0)",
    ),
    fault(
        0,
        "who is in a branch is nowhere",
        "tally._join_branches",
        "if phase_at != NONE",
        "if False",
    ),
    fault(
        0, "all branches end", "tally._free_sums", '["parent"] == parallel', '["parent"] != NONE'
    ),
    fault(
        0,
        "a new branch begins with old days",
        "tally._sum_of",
        "branch_phase_ticks[at, :] = 0",
        "branch_phase_ticks[at, :] += 0",
    ),
]

FAULTS = [*TIME, *ORDER, *PEOPLE, *HALL, *CHOICES, *CLOCKS, *LOG]


# Worlds -----------------------------------------------------------------------------------


def work(phase: str, hours: int) -> Delay:
    return replace(delay(hours * HOUR, "office"), phase=phase, handoffs=1)


def branching(end_s: int) -> World:
    """Return a world of branches in branches that stop clocks, some of them open at the end."""
    inside = Parallel((work("left", 3), sequence(serve(HOUR), work("right", 5))))
    branches = Parallel(
        (
            sequence(Mark("m"), work("begin", 1), inside, work("end", 4), Mark("m")),
            work("side", 2),
            Suspend(work("x", 9)),
        )
    )
    clocks = (Within(2, branches), Within(9, work("collect", 2)))
    asked = Within(1, serve(9 * DAY, ticket=True), expires=True)
    routes = [sequence(Visit("hall"), *clocks, Visit("hall"), Exit("done")), asked]
    arrivals = [(MORNING + number * HOUR, number % 2) for number in range(9)]
    return world(routes, arrivals, [team("t", 3, calendar="hall")], end_s=end_s)


def waiting() -> World:
    """Return a world in which one waits in the slot of another, whose patience would be out."""
    patient = serve(100, ticket=True, patience=2 * HOUR, on_left=Mark("gone"))
    arrivals = [(0, 0), (1, 1), (HOUR + 50, 2), (HOUR + 150, 1)]
    routes = [serve(HOUR), patient, serve(2 * HOUR)]
    came = [(MORNING + second, route) for second, route in arrivals]
    return world(routes, came, [team("t", calendar="hall")])


def freed() -> World:
    """Return a world in which one is freed in the second of another who should be called."""
    groups = [team("both", skills=("a", "b")), team("only", skills=("a",))]
    return world([serve(100, "b"), serve(100, "a")], [(0, 0), (0, 1), (5, 1)], groups)


def in_another_hall(world: World) -> World:
    """Return a world whose hall has other hours than the office, and that ends on day 1."""
    calendars = dict(world.network.calendars)
    hall = calendars["hall"]
    opens, closes = (
        tuple(time + HOUR // 2 for time in edges) for edges in (hall.opens, hall.closes)
    )
    calendars["hall"] = Calendar(opens, closes, hall.days)
    network = replace(world.network, calendars=calendars, end_s=DAY + AFTERNOON)
    return World(network, world.history)


@cache
def all_worlds() -> list[World]:
    """Return the worlds in which a fault is looked for when the traces do not show it."""
    ends = (NOON, DAY + 9 * HOUR, DAY + 16 * HOUR, 9 * DAY)
    found = [waiting(), freed(), hollow(), *(branching(end_s) for end_s in ends)]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(worlds())
    def collect(world: World) -> None:
        found.extend((world, in_another_hall(world)))

    collect()
    return found


@cache
def right_rows(number: int) -> list[tuple[int, ...]]:
    world = all_worlds()[number]
    return reference.simulate(world.network, world.history).rows()


def compare_rows(engine: Interpreted, number: int) -> None:
    world = all_worlds()[number]
    assert engine.simulate(world.network, world.history).rows() == right_rows(number)


# Tally ------------------------------------------------------------------------------------

FOLLOWED = ((0, DAY + NOON + 1), (1, MORNING + HOUR), (20, 4 * DAY))
"""Days of the follow-up and the census: in the middle, in a tie with what happens, and late."""


def compare_tallies(engine: Interpreted, number: int) -> None:
    for days, census_s in FOLLOWED:
        assert kept(engine, number, days, census_s) == read_slowly(number, days, census_s)


def kept(engine: Interpreted, number: int, days: int, census_s: int) -> list[object]:
    """Return what the tally keeps of a world."""
    world = all_worlds()[number]
    network, who = world.network, world.history.arrivals
    until_tick = network.working_days.tick_many(who.time_s) + days * WD_TICKS
    state = engine.run(network, world.history, until_tick, census_s)
    table = case_table(network, packed(network), who, state.tally, 0)
    cases = [entry(table, case) for case in range(len(who.time_s))]
    times = (table.busy_s.tolist(), table.overtime_s.tolist())
    return [cases, table.stays.tolist(), table.stops.tolist(), table.carried_over.tolist(), *times]


@cache
def read_slowly(number: int, days: int, census_s: int) -> list[object]:
    """Return the same, read from the rows of the reference engine."""
    world = all_worlds()[number]
    rows = read(world, reference.simulate(world.network, world.history))
    mine = by_case(rows)
    cases = [
        slow_case(world, mine.get(case, []), case, days * WD_TICKS, census_s)
        for case in range(len(world.history.arrivals.time_s))
    ]
    stays = [
        (row.case, row.enabled, row.start, row.end, visits_before(world, rows, row), row.status)
        for row in rows
        if isinstance(row.kind, Serve) and row.kind.on_left is not None and row.enabled < census_s
    ]
    stops = [(row.case, row.start, row.end) for row in rows if isinstance(row.kind, Suspend)]
    return [cases, stays, stops, carried_over(world, rows, census_s), *busy(world, rows, census_s)]


def visits_before(world: World, rows: list[Row], row: Row) -> int:
    """Return how often a case had come when a row of it was written."""
    before = [one for one in rows[: rows.index(row)] if one.case == row.case]
    came = sum(isinstance(one.kind, Visit) for one in before)
    for one in before:
        if getattr(one.kind, "present_on", ""):
            opened = world.network.calendars[one.kind.present_on].day_opens
            came += sum(one.enabled < at <= one.end for at in opened)
    return came


def busy(world: World, rows: list[Row], census_s: int) -> tuple[list[int], list[int]]:
    """Return the seconds at work until the census by group, in open hours and outside."""
    found: Counter[int] = Counter()
    overtime: Counter[int] = Counter()
    for row in served(rows, census_s):
        until = replace(row, end=min(row.end, census_s))
        found[row.detail] += open_s(world, until)
        overtime[row.detail] += worked_s(world, until) - open_s(world, until)
    groups = range(len(world.network.groups))
    return [found[group] for group in groups], [overtime[group] for group in groups]


def carried_over(world: World, rows: list[Row], census_s: int) -> list[tuple[int, int, int]]:
    """Return the work that went on into another interval, of groups whose number changes."""
    found = []
    for row in served(rows, census_s):
        group = world.network.groups[row.detail]
        opens = world.network.calendars[group.calendar].opens
        goes_on = any(row.start < opening < row.end for opening in opens)
        if group.absent_share and goes_on and open_s(world, row):
            found.append((row.detail, row.start, row.end))
    return found


def served(rows: list[Row], census_s: int) -> list[Row]:
    return [
        row
        for row in rows
        if isinstance(row.kind, Serve) and row.detail >= 0 and row.start < census_s
    ]


# Tests ------------------------------------------------------------------------------------


def in_worlds(
    compare: Callable[[Interpreted, int], None], engine: Interpreted
) -> Iterator[Callable[[], None]]:
    """Return the comparison of an engine in each world."""
    for number in range(len(all_worlds())):
        yield partial(compare, engine, number)


def test_without_a_fault_the_interpreted_engine_gives_the_log_of_the_reference_engine() -> None:
    for same in in_worlds(compare_rows, Interpreted()):
        same()


def test_without_a_fault_its_tally_is_what_a_slow_reading_finds() -> None:
    for same in in_worlds(compare_tallies, Interpreted()):
        same()


@pytest.mark.parametrize("clause", sorted(CLAUSES))
def test_without_a_fault_it_passes_every_trace(
    clause: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(World, "simulate", staticmethod(Interpreted().simulate))
    for trace in traces(clause):
        trace()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"S{fault.clause}-{fault.what}")
def test_a_dropped_clause_is_noticed(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Interpreted(fault.change)
    monkeypatch.setattr(World, "simulate", staticmethod(engine.simulate))
    assert any(map(fails, chain(traces(fault.clause), in_worlds(compare_rows, engine))))


@pytest.mark.parametrize("fault", TALLY, ids=lambda fault: fault.what)
def test_a_wrong_tally_is_noticed(fault: Fault) -> None:
    assert any(map(fails, in_worlds(compare_tallies, Interpreted(fault.change))))


def test_every_clause_has_faults() -> None:
    assert {fault.clause for fault in FAULTS} == CLAUSES
