"""What no engine may break, on random worlds: nobody vanishes, nobody is in two places."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import HealthCheck, given, settings

from sim.engine.cases import NEVER, BlockIndex, CaseTable, LogView, case_table
from sim.engine.log import Log
from sim.process.blocks import AwaitSession, Delay, Exit, Mark, Parallel, Serve, Visit
from sim.process.network import Node, ProcessNetwork

from .build import DAY, DAYS, World
from .random_networks import worlds

LONG = DAYS * DAY
relaxed = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def node_of(world: World, case: int, block: int) -> Node:
    route = int(world.history.arrivals.route[case])
    return world.network.routes[route].nodes[block]


def table_of(world: World, log: Log, follow_up_s: int, census_s: int) -> CaseTable:
    view = LogView(world.network, BlockIndex(world.network), world.history.arrivals, log)
    return case_table(view, follow_up_s, census_s)


@relaxed
@given(worlds())
def test_the_same_world_has_the_same_log(world: World) -> None:
    assert world.run().rows() == world.run().rows()


@relaxed
@given(worlds())
def test_every_second_of_a_case_is_in_exactly_one_phase_at_least(world: World) -> None:
    """Leaves cover a case's time without a gap, from arrival to exit or the end."""
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    exits: dict[int, int] = {}
    for case, block, enabled, _, end, _, _ in world.run().rows():
        kind = node_of(world, case, block).block
        if isinstance(kind, Serve | Delay | AwaitSession):
            spans[case].append((enabled, end))
        if isinstance(kind, Exit):
            exits[case] = end
    for case, arrival in enumerate(world.history.arrivals.time_s.tolist()):
        reached = arrival
        for begin, end in sorted(spans[case]):
            assert begin <= reached
            reached = max(reached, end)
        assert reached == exits.get(case, world.network.end_s)


@relaxed
@given(worlds())
def test_littles_law_holds_exactly(world: World) -> None:
    """The integral of the number in the system is the sum of the times in the system."""
    rows = world.run().rows()
    arrivals = world.history.arrivals.time_s.tolist()
    left = dict.fromkeys(range(len(arrivals)), world.network.end_s)
    for case, block, _, _, end, _, _ in rows:
        if isinstance(node_of(world, case, block).block, Exit):
            left[case] = end
    steps = sorted([(time, 1) for time in arrivals] + [(time, -1) for time in left.values()])
    inside, area, before = 0, 0, 0
    for time, step in steps:
        area += inside * (time - before)
        inside, before = inside + step, time
    assert area == sum(left[case] - arrivals[case] for case in left)
    assert inside == 0


@relaxed
@given(worlds())
def test_no_group_begins_more_than_its_people_can(world: World) -> None:
    work: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for case, block, _, start, end, desk, _ in world.run().rows():
        if isinstance(node_of(world, case, block).block, Serve) and desk >= 0:
            work[desk].append((start, end))
    for desk, jobs in work.items():
        group = world.network.groups[desk]
        calendar = world.network.calendars[group.calendar]
        for start, _ in jobs:
            interval = max(i for i, opening in enumerate(calendar.opens) if opening <= start)
            at_work = sum(begin <= start < end for begin, end in jobs)
            assert at_work <= world.history.capacity[desk][interval]


@relaxed
@given(worlds())
def test_work_begins_in_open_hours_or_late_in_the_hall(world: World) -> None:
    for case, block, _, start, _, desk, _ in world.run().rows():
        kind = node_of(world, case, block).block
        if not (isinstance(kind, Serve) and desk >= 0):
            continue
        calendar = world.network.calendars[world.network.groups[desk].calendar]
        late = calendar.day_closes[start // DAY] <= start and (
            kind.stay or (kind.ticket and world.network.closing == "serve_all")
        )
        assert calendar.is_open(start) or late


@relaxed
@given(worlds())
def test_phases_add_up_to_elapsed_time(world: World) -> None:
    table = table_of(world, world.run(), LONG, DAY)
    ended = table.exit_s < NEVER
    assert (table.phase_s.sum(axis=1)[ended] == table.elapsed_s[ended]).all()


@relaxed
@given(worlds())
def test_the_case_table_agrees_with_a_slow_reading_of_the_log(world: World) -> None:
    log = world.run()
    follow_up_s, census_s = 3 * 23_400, DAY + 12 * 3600 + 1
    table = table_of(world, log, follow_up_s, census_s)
    for case in range(len(world.history.arrivals.time_s)):
        slow = slow_case(world, log, case, follow_up_s, census_s)
        number = {phase: index for index, phase in enumerate(table.phases)}
        assert slow["visits"] == table.visits[case]
        assert slow["exit_s"] == table.exit_s[case]
        assert slow["marks"] == {
            name: times[case] for name, times in table.milestones.items() if times[case] < NEVER
        }
        for phase, index in number.items():
            assert slow["phases"].get(phase, 0) == table.phase_s[case, index], phase
        assert slow["phase_at"] == (
            table.phases[table.phase_at[case]] if table.phase_at[case] >= 0 else ""
        )


def slow_case(world: World, log: Log, case: int, follow_up_s: int, census_s: int) -> dict:  # type: ignore[type-arg]
    """Read one case's rows one by one, as a person would."""
    network: ProcessNetwork = world.network
    office = network.office
    arrival = int(world.history.arrivals.time_s[case])
    until = office.elapsed(arrival) + follow_up_s
    rows = [row for row in log.rows() if row[0] == case]
    last = {
        row[1]: row[5] for row in rows if isinstance(node_of(world, case, row[1]).block, Parallel)
    }

    def counts(block: int) -> bool:
        for parallel, branch in last.items():
            node = node_of(world, case, parallel)
            chosen = node_of(world, case, branch)
            if node.id < block < node.end and not chosen.id <= block < chosen.end:
                return False
        return True

    found = {"visits": 0, "exit_s": NEVER, "marks": {}, "phases": {}, "phase_at": ""}
    for _, block, enabled, start, end, _, _ in rows:
        kind = node_of(world, case, block).block
        if isinstance(kind, Visit):
            found["visits"] += office.elapsed(end) <= until
        elif isinstance(kind, Mark):
            found["marks"].setdefault(kind.milestone, end)
        elif isinstance(kind, Exit):
            found["exit_s"] = end
        elif isinstance(kind, Serve | Delay | AwaitSession) and counts(block):
            wait = kind.wait_phase if isinstance(kind, Serve) else kind.phase
            for phase, begin, finish in ((wait, enabled, start), (kind.phase, start, end)):
                seconds = min(office.elapsed(finish), until) - min(office.elapsed(begin), until)
                found["phases"][phase] = found["phases"].get(phase, 0) + seconds
            if enabled < census_s <= end:
                found["phase_at"] = wait if census_s <= start else kind.phase
    return found
