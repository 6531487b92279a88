"""What no engine may break, on random worlds: nobody vanishes, nobody is in two places."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from sim.engine.cases import CaseTable, case_table
from sim.engine.log import Log, Status
from sim.engine.packed import packed
from sim.engine.play import tally_of
from sim.engine.tally import NEVER
from sim.process.blocks import (
    GIVEN_UP,
    WITHDRAWN,
    Alongside,
    AwaitSession,
    Block,
    Delay,
    Exit,
    Mark,
    Parallel,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.clock import WD_TICKS, Calendar
from sim.process.network import Group, Node
from tests.conftest import Engine

from .build import DAY, MORNING, NOON, World
from .random_networks import worlds

relaxed = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@dataclass(frozen=True)
class Row:
    """A row of the log with its node."""

    case: int
    block: int
    enabled: int
    start: int
    end: int
    detail: int
    status: Status
    node: Node

    @property
    def kind(self) -> Block:
        return self.node.block


def rows_of(engine: Engine, world: World) -> list[Row]:
    return read(world, engine(world.network, world.history))


def read(world: World, log: Log) -> list[Row]:
    routes = world.history.arrivals.route
    return [
        Row(*row[:6], Status(row[6]), world.network.routes[routes[row[0]]].nodes[row[1]])
        for row in log.rows()
    ]


def by_case(rows: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.case].append(row)
    return found


def takes_time(row: Row) -> bool:
    return isinstance(row.kind, Serve | Delay | AwaitSession)


def stays(world: World, rows: list[Row]) -> dict[int, tuple[int, int]]:
    """Return when each case came and went, the end of the simulation if it did not."""
    gone = {row.case: row.end for row in rows if isinstance(row.kind, Exit)}
    arrivals = world.history.arrivals.time_s.tolist()
    return {
        case: (arrival, gone.get(case, world.network.end_s))
        for case, arrival in enumerate(arrivals)
    }


# Cases --------------------------------------------------------------------------------------


@relaxed
@given(worlds())
def test_the_same_world_has_the_same_log(engine: Engine, world: World) -> None:
    assert rows_of(engine, world) == rows_of(engine, world)


@relaxed
@given(worlds())
def test_rows_are_in_the_order_of_their_ends_and_no_block_happens_twice(
    engine: Engine, world: World
) -> None:
    rows = rows_of(engine, world)
    assert all(one.end <= other.end for one, other in pairwise(rows))
    assert all(row.enabled <= row.start <= row.end for row in rows)
    assert max(Counter((row.case, row.block) for row in rows).values()) == 1


@relaxed
@given(worlds())
def test_every_block_begins_where_another_ends_or_the_one_around_it_begins(
    engine: Engine, world: World
) -> None:
    for case, rows in by_case(rows_of(engine, world)).items():
        arrival = int(world.history.arrivals.time_s[case])
        ends = {arrival} | {row.end for row in rows}
        for row in rows:
            around = {other.enabled for other in rows if other.block < row.block < other.node.end}
            open_stops = any(
                isinstance(node.block, Suspend) and node.id < row.block < node.end
                for node in world.network.routes[world.history.arrivals.route[case]].nodes
            )
            assert row.enabled in ends | around or open_stops


@relaxed
@given(worlds())
def test_what_lies_inside_a_scope_ends_with_it_or_before(engine: Engine, world: World) -> None:
    for rows in by_case(rows_of(engine, world)).values():
        for scope in rows:
            if isinstance(scope.kind, Parallel | Alongside | Within | Suspend):
                inside = [row for row in rows if scope.block < row.block < scope.node.end]
                assert all(scope.enabled <= row.enabled <= row.end <= scope.end for row in inside)
                if scope.status is Status.DONE:
                    assert not any(row.status is Status.OPEN for row in inside)


@relaxed
@given(worlds())
def test_a_case_is_in_some_block_at_every_second_from_arrival_to_exit(
    engine: Engine, world: World
) -> None:
    rows = rows_of(engine, world)
    cases = by_case(rows)
    for case, (arrival, gone) in stays(world, rows).items():
        reached = arrival
        spans = sorted((row.enabled, row.end) for row in cases.get(case, []) if takes_time(row))
        for begin, end in spans:
            assert arrival <= begin <= reached
            reached = max(reached, end)
        assert reached == gone


@relaxed
@given(worlds())
def test_littles_law_holds_exactly(engine: Engine, world: World) -> None:
    """The integral of the number of cases that are in a block is the sum of their stays."""
    rows = rows_of(engine, world)
    spans = [row for row in rows if takes_time(row)]
    moments = sorted({moment for row in spans for moment in (row.enabled, row.end)})
    area = sum(
        (after - before) * len({row.case for row in spans if row.enabled <= before < row.end})
        for before, after in pairwise(moments)
    )
    assert area == sum(gone - arrival for arrival, gone in stays(world, rows).values())


# People -------------------------------------------------------------------------------------


def groups_of(
    world: World, rows: list[Row]
) -> Iterator[tuple[Group, Calendar, list[int], list[Row]]]:
    """Yield each group with its calendar, who is present by interval, and what it served."""
    for number, group in enumerate(world.network.groups):
        done = [row for row in rows if isinstance(row.kind, Serve) and row.detail == number]
        yield group, world.network.calendars[group.calendar], world.history.capacity[number], done


def present(calendar: Calendar, capacity: list[int], now: int) -> int:
    begun = [number for number, opening in enumerate(calendar.opens) if opening <= now]
    return capacity[begun[-1]] if begun else 0


@relaxed
@given(worlds())
def test_no_group_begins_more_than_its_people_can(engine: Engine, world: World) -> None:
    for _, calendar, capacity, done in groups_of(world, rows_of(engine, world)):
        # A service of no time keeps nobody from another in its second.
        for row in done:
            beside = sum(other.start <= row.start < other.end for other in done)
            assert beside <= present(calendar, capacity, row.start)
            assert present(calendar, capacity, row.start) > 0


@relaxed
@given(worlds())
def test_people_do_only_what_they_can_and_as_long_as_it_takes(engine: Engine, world: World) -> None:
    for group, calendar, _, done in groups_of(world, rows_of(engine, world)):
        for row in done:
            assert isinstance(row.kind, Serve)
            assert row.kind.skill in group.skills
            work = world.history.draws.seconds(row.kind.duration, row.case)
            end = calendar.add(row.start, work) if group.pauses else row.start + work
            assert row.end == end if row.status is Status.DONE else row.end <= end


@relaxed
@given(worlds())
def test_work_begins_in_open_hours_or_late_in_the_hall(engine: Engine, world: World) -> None:
    for group, calendar, _, done in groups_of(world, rows_of(engine, world)):
        for row in done:
            assert isinstance(row.kind, Serve)
            late = group.calendar == "hall" and row.kind.on_left and overtime(world, row.start)
            assert calendar.is_open(row.start) or late


def overtime(world: World, moment: int) -> bool:
    """Say whether a moment lies between a close of the hall and the last call of that day."""
    network = world.network
    return any(
        close <= moment < late
        for close, late in zip(network.hall.day_closes, network.last_calls_s, strict=True)
    )


@relaxed
@given(worlds())
def test_nobody_waits_in_the_hall_over_night(engine: Engine, world: World) -> None:
    for row in rows_of(engine, world):
        if not isinstance(row.kind, Serve) or row.kind.on_left is None:
            continue
        called = row.start if row.detail >= 0 else row.end
        assert called - row.enabled <= DAY
        if called > row.enabled:
            assert (called - 1) // DAY == row.enabled // DAY
        if row.kind.ticket and row.status is not Status.TURNED_AWAY:
            bounds = world.network.hall.day_bounds
            midnight = (row.enabled // DAY + 1) * DAY
            assert any(row.enabled < close and opening < midnight for opening, close in bounds)


@relaxed
@given(worlds())
def test_who_is_turned_away_came_when_nobody_could_be_called(engine: Engine, world: World) -> None:
    bounds = world.network.hall.day_bounds
    lates = world.network.last_calls_s
    for row in rows_of(engine, world):
        if row.status is Status.TURNED_AWAY:
            assert isinstance(row.kind, Serve)
            assert row.enabled == row.start == row.end
            today = [
                close
                for opening, close in bounds
                if opening < (row.enabled // DAY + 1) * DAY and row.enabled < close
            ]
            inside = [
                late
                for (opening, _), late in zip(bounds, lates, strict=True)
                if opening <= row.enabled < late
            ]
            assert not (today if row.kind.ticket else inside)


@relaxed
@given(worlds())
def test_nobody_waits_while_somebody_could_serve(engine: Engine, world: World) -> None:
    rows = rows_of(engine, world)
    moments = {moment for row in rows for moment in (row.enabled, row.start, row.end)}
    for group, calendar, capacity, done in groups_of(world, rows):
        waiting = [
            row for row in rows if isinstance(row.kind, Serve) and row.kind.skill in group.skills
        ]
        for moment in moments | set(calendar.opens):
            if moment >= world.network.end_s or not calendar.is_open(moment):
                continue
            busy = sum(row.start <= moment < row.end for row in done)
            if busy < present(calendar, capacity, moment):
                assert not any(row.enabled <= moment < row.start for row in waiting)


@relaxed
@given(worlds())
def test_first_come_first_served_among_those_of_one_skill(engine: Engine, world: World) -> None:
    if world.network.discipline != "fifo":
        return
    jobs = [row for row in rows_of(engine, world) if isinstance(row.kind, Serve)]
    for row in jobs:
        if row.detail < 0:
            continue
        calendar = world.network.calendars[world.network.groups[row.detail].calendar]
        for other in jobs:
            passed = (
                isinstance(row.kind, Serve)
                and isinstance(other.kind, Serve)
                and row.kind.skill == other.kind.skill
                and (other.enabled, other.case, other.block) < (row.enabled, row.case, row.block)
                and other.start > row.start
            )
            # After closing, who is not in the hall is passed by.
            assert not (passed and calendar.is_open(row.start))


# Case table ---------------------------------------------------------------------------------


def table_of(world: World, log: Log, follow_up_ticks: int, census_s: int) -> CaseTable:
    who, what = world.history.arrivals, packed(world.network)
    until_tick = world.network.working_days.tick_many(who.time_s) + follow_up_ticks
    tally = tally_of(what, log, who.route, until_tick, census_s)
    return case_table(world.network, what, who, tally, len(log))


@relaxed
@given(worlds())
def test_phases_add_up_to_elapsed_time(engine: Engine, world: World) -> None:
    log = engine(world.network, world.history)
    days = world.network.working_days
    left = days.tick(world.network.end_s) - days.tick(int(world.history.arrivals.time_s.max()))
    for follow_up_ticks in (WD_TICKS, min(20 * WD_TICKS, left)):
        table = table_of(world, log, follow_up_ticks, DAY)
        assert table.phase_ticks.sum(axis=1).tolist() == table.elapsed_ticks.tolist()


@relaxed
@given(worlds())
def test_the_case_table_agrees_with_a_slow_reading_of_the_log(engine: Engine, world: World) -> None:
    log = engine(world.network, world.history)
    cases = by_case(read(world, log))
    # A census in the middle of things, one that ties with what happens, and a late one.
    for follow_up_wd, census_s in ((3, DAY + NOON + 1), (3, DAY + MORNING), (20, 4 * DAY)):
        table = table_of(world, log, follow_up_wd * WD_TICKS, census_s)
        for case in range(len(world.history.arrivals.time_s)):
            slow = slow_case(world, cases.get(case, []), case, follow_up_wd * WD_TICKS, census_s)
            assert slow == entry(table, case)


def entry(table: CaseTable, case: int) -> dict[str, object]:
    phase, outcome = int(table.phase_at[case]), int(table.outcome[case])
    return {
        "marks": {
            name: times[case] for name, times in table.milestones.items() if times[case] < NEVER
        },
        "exit_s": table.exit_s[case],
        "outcome": table.outcomes[outcome] if outcome >= 0 else "",
        "due_s": table.due_s[case],
        "visits": table.visits[case],
        "handoffs": table.handoffs[case],
        "staff_s": table.staff_s[case],
        "phases": {
            name: table.phase_ticks[case, number]
            for number, name in enumerate(table.phases)
            if table.phase_ticks[case, number]
        },
        "elapsed_ticks": table.elapsed_ticks[case],
        "phase_at": table.phases[phase] if phase >= 0 else "",
    }


def slow_case(
    world: World, rows: list[Row], case: int, follow_up_ticks: int, census_s: int
) -> dict[str, object]:
    """Read one case's rows one by one, as a person would."""
    tick = world.network.working_days.tick
    arrival = int(world.history.arrivals.time_s[case])
    until = tick(arrival) + follow_up_ticks
    exit_s = next((row.end for row in rows if isinstance(row.kind, Exit)), NEVER)
    marks: dict[str, int] = {}
    phases: Counter[str] = Counter()
    visits = handoffs = 0
    staff_s = 0.0
    due_s, phase_at, outcome = NEVER, "", ""
    for row in rows:
        in_time = tick(row.end) <= until
        match row.kind:
            case Mark(milestone):
                marks.setdefault(milestone, row.end)
            case Exit(name):
                outcome = name
            case Visit():
                visits += in_time
            case Within(expires=False) if due_s == NEVER and not clock_seen(rows, row):
                due_s = row.detail if row.detail >= 0 else NEVER
            case Serve() | Delay() | AwaitSession():
                if in_time and row.status is Status.DONE:
                    handoffs += row.kind.handoffs
                    staff_s += row.kind.staff_s
                if row.kind.present_on:
                    opened = world.network.calendars[row.kind.present_on].day_opens
                    came = [at for at in opened if row.enabled < at <= row.end]
                    visits += sum(tick(at) <= until for at in came)
                if in_time and row.detail >= 0 and isinstance(row.kind, Serve):
                    staff_s += worked_s(world, row) * row.kind.staff_share
                if not on_the_way_of_the_last(rows, row):
                    continue
                wait = row.kind.wait_phase if isinstance(row.kind, Serve) else row.kind.phase
                for phase, begin, end in (
                    (wait, row.enabled, row.start),
                    (row.kind.phase, row.start, row.end),
                ):
                    phases[phase] += min(tick(end), until) - min(tick(begin), until)
                if row.enabled < census_s <= row.end:
                    phase_at = wait if census_s <= row.start else row.kind.phase
    ended = until if exit_s == NEVER else min(tick(exit_s), until)
    elapsed = until if outcome == WITHDRAWN else ended
    phases[GIVEN_UP] = elapsed - ended
    return {
        "marks": marks,
        "exit_s": exit_s,
        "outcome": outcome,
        "due_s": due_s,
        "visits": visits,
        "handoffs": handoffs,
        "staff_s": staff_s,
        "phases": {name: ticks for name, ticks in phases.items() if ticks},
        "elapsed_ticks": elapsed - tick(arrival),
        "phase_at": phase_at,
    }


def clock_seen(rows: list[Row], row: Row) -> bool:
    """Say whether another clock without expiry ended before; the first one counts."""
    before = rows[: rows.index(row)]
    return any(isinstance(one.kind, Within) and not one.kind.expires for one in before)


def on_the_way_of_the_last(rows: list[Row], row: Row) -> bool:
    """Say whether a row lies in the branch that finished last of every Parallel around it, and
    beside no child.
    """
    for other in rows:
        if isinstance(other.kind, Alongside):
            beside = other.node.children[0]
            if beside.id <= row.block < beside.end:
                return False
        if isinstance(other.kind, Parallel) and other.block < row.block < other.node.end:
            last = next(child for child in other.node.children if child.id == other.detail)
            if not last.id <= row.block < last.end:
                return False
    return True


def worked_s(world: World, row: Row) -> int:
    if world.network.groups[row.detail].pauses:
        return open_s(world, row)
    return row.end - row.start


def open_s(world: World, row: Row) -> int:
    """Return the seconds of a row that lie in open hours of the group that served."""
    calendar = world.network.calendars[world.network.groups[row.detail].calendar]
    return calendar.elapsed(row.end) - calendar.elapsed(row.start)
