"""A second engine, written from docs/semantics.md alone, as plainly as can be and slowly.

It shares nothing with `sim.engine.reference` but the blocks, the calendars and the log: one
heap of events, no processes, no memory of who might be able to start.  That both give the
same log, row for row, says that the text is enough to write an engine from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from sim.chance.history import History
from sim.engine.log import Log, LogWriter, Status
from sim.process.blocks import (
    Alongside,
    Attending,
    AwaitSession,
    Chance,
    Choice,
    Condition,
    Delay,
    Exit,
    Mark,
    Parallel,
    Present,
    Sequence,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.clock import WD_TICKS
from sim.process.network import Node, ProcessNetwork

COMPLETION, OPENING, ARRIVAL, DISPATCH, TIMER = range(5)
NEVER = 2**62
DAY = 86_400


@dataclass
class Clock:
    since_s: int
    left_ticks: int
    due_s: int | None
    stops: int = 0


@dataclass
class Live:
    """A block that a case is in (S24, S25)."""

    enabled_s: int
    clock: Clock | None = None
    unfinished: set[int] = field(default_factory=set)
    start_s: int = -1
    group: int = -1
    key: tuple[int, int, int, int] = (0, 0, 0, 0)
    gives_up_s: int = -1

    @property
    def waits(self) -> bool:
        return self.key[1] >= 0 and self.group < 0


@dataclass
class Case:
    number: int
    nodes: tuple[Node, ...]
    parent: dict[int, int]
    live: dict[int, Live] = field(default_factory=dict)


def simulate(network: ProcessNetwork, history: History) -> Log:
    """Run one history and return its log."""
    return _Plain(network, history).run()


class _Plain:
    def __init__(self, network: ProcessNetwork, history: History) -> None:
        self.network = network
        self.history = history
        self.days = network.working_days
        self.hall = network.hall
        self.now = 0
        self.heap: list[tuple[int, int, int, int, int, Callable[[], None]]] = []
        self.pushed = 0
        self.dispatching = False
        self.log = LogWriter()
        self.cases: dict[int, Case] = {}
        self.waiting: dict[tuple[int, int], Live] = {}
        self.interval = [-1] * len(network.groups)
        self.busy = [0] * len(network.groups)

    def run(self) -> Log:
        who = self.history.arrivals
        for case, time_s in enumerate(who.time_s.tolist()):
            self.at(time_s, ARRIVAL, case, 0, lambda case=case: self.arrive(case))
        for index, group in enumerate(self.network.groups):
            for interval, opening in enumerate(self.network.calendars[group.calendar].opens):
                self.at(
                    opening,
                    OPENING,
                    0,
                    0,
                    lambda index=index, interval=interval: self.open(index, interval),
                )
        while self.heap and self.heap[0][0] < self.network.end_s:
            self.now, rank, _, _, _, happen = heappop(self.heap)
            happen()
            if rank != DISPATCH and not self.dispatching:
                self.dispatching = True
                self.at(self.now, DISPATCH, 0, 0, self.dispatch)
        self.now = self.network.end_s
        for number in sorted(self.cases):
            for block in sorted(self.cases[number].live):
                self.row(self.cases[number], block, Status.OPEN)
        return self.log.finish()

    def at(self, time_s: int, rank: int, case: int, block: int, happen: Callable[[], None]) -> None:
        self.pushed += 1
        heappush(self.heap, (time_s, rank, case, block, self.pushed, happen))

    def still(self, case: Case, block: int, happen: Callable[[], None]) -> Callable[[], None]:
        """Let something happen only if the case is then still in this very block."""
        live = case.live[block]
        return lambda: happen() if case.live.get(block) is live else None

    def arrive(self, number: int) -> None:
        nodes = self.network.routes[self.history.arrivals.route[number]].nodes
        parent = {child.id: node.id for node in nodes for child in node.children}
        self.cases[number] = Case(number, nodes, parent)
        self.enter(self.cases[number], 0)

    def open(self, group: int, interval: int) -> None:
        self.interval[group] = interval

    # Blocks -----------------------------------------------------------------------------

    def enter(self, case: Case, block_id: int) -> None:
        node = case.nodes[block_id]
        block = node.block
        if isinstance(block, Sequence):
            if block.blocks:
                self.enter(case, node.children[0].id)
            else:
                self.end(case, block_id)
        elif isinstance(block, Choice):
            for (condition, _), child in zip(block.branches, node.children, strict=True):
                if condition is None or self.holds(condition, case.number):
                    self.enter(case, child.id)
                    return
            self.end(case, block_id)
        elif isinstance(block, Visit | Mark | Exit):
            row = (case.number, block_id, self.now, self.now, self.now, -1, Status.DONE)
            self.log.add(row)
            if isinstance(block, Exit):
                self.leave(case, block_id)
            else:
                self.end(case, block_id)
        else:
            case.live[block_id] = Live(self.now)
            self.begin(case, node)

    def begin(self, case: Case, node: Node) -> None:
        draws, live, block = self.history.draws, case.live[node.id], node.block

        def done() -> None:
            self.close(case, node.id, Status.DONE)
            self.end(case, node.id)

        done_if_still = self.still(case, node.id, done)
        match block:
            case Delay():
                length = draws.seconds(block.duration, case.number)
                if block.calendar is None:
                    end_s = self.days.add_ticks(self.now, length)
                else:
                    calendar = self.network.calendars[block.calendar]
                    end_s = calendar.add(self.now, length)
                    if block.until_open and not calendar.is_open(end_s):
                        end_s = next((at for at in calendar.opens if at >= end_s), end_s)
                self.at(end_s, COMPLETION, case.number, node.id, done_if_still)
            case AwaitSession():
                number = 1 if block.count is None else draws.count(block.count, case.number)
                times = self.history.moments[block.session].times_s
                to_come = [time for time in times if time >= self.now]
                caught = to_come[number - 1 : number]
                if block.or_session:
                    others = self.history.moments[block.or_session].times_s
                    caught += [time for time in others if time >= self.now][:1]
                if caught:
                    self.at(min(caught), COMPLETION, case.number, node.id, done_if_still)
            case Alongside():
                beside, child = node.children
                self.at(
                    self.now,
                    COMPLETION,
                    case.number,
                    child.id,
                    lambda: self.enter(case, child.id),
                )
                self.enter(case, beside.id)
            case Parallel():
                live.unfinished = {child.id for child in node.children}
                for child in node.children:
                    self.at(
                        self.now,
                        COMPLETION,
                        case.number,
                        child.id,
                        lambda child=child: self.enter(case, child.id),
                    )
            case Within():
                since_s = self.days.next_day_open(self.now)
                left_ticks = round(block.limit_wd * WD_TICKS)
                live.clock = Clock(since_s, left_ticks, self.days.due(since_s, left_ticks))
                self.watch(case, node.id)
                self.enter(case, node.children[0].id)
            case Suspend():
                for clock in self.clocks(case, node.id):
                    self.stop(clock)
                self.enter(case, node.children[0].id)
            case Serve():
                if block.on_left is not None and not self.may_join(block):
                    self.close(case, node.id, Status.TURNED_AWAY)
                    self.enter(case, node.children[0].id)
                else:
                    self.join(case, node.id, block)

    def end(self, case: Case, block_id: int) -> None:
        """Go on behind a block that has ended."""
        if block_id == 0:
            del self.cases[case.number]
            return
        above = case.nodes[case.parent[block_id]]
        if isinstance(above.block, Sequence):
            ids = [child.id for child in above.children]
            behind = ids.index(block_id) + 1
            if behind < len(ids):
                self.enter(case, ids[behind])
                return
        elif isinstance(above.block, Parallel):
            unfinished = case.live[above.id].unfinished
            if unfinished != {block_id}:
                unfinished.remove(block_id)
                return
            self.close(case, above.id, Status.DONE)
        elif isinstance(above.block, Alongside):
            if block_id == above.children[0].id:
                return
            self.break_off(case, above.children[0].id)
            self.close(case, above.id, Status.DONE)
        elif isinstance(above.block, Within | Suspend):
            self.close(case, above.id, Status.DONE)
        self.end(case, above.id)

    def leave(self, case: Case, block_id: int) -> None:
        """End the case at an Exit: the scopes around it end, the inner ones first."""
        while block_id:
            block_id = case.parent[block_id]
            if isinstance(case.nodes[block_id].block, Alongside):
                self.break_off(case, case.nodes[block_id].children[0].id)
            if block_id in case.live:
                self.close(case, block_id, Status.DONE)
        del self.cases[case.number]

    def close(self, case: Case, block_id: int, status: Status) -> None:
        """End a block that the case is in, with its row."""
        live, block = case.live[block_id], case.nodes[block_id].block
        if live.group >= 0:
            self.busy[live.group] -= 1
        self.waiting.pop((case.number, block_id), None)
        if isinstance(block, Suspend):
            for clock, scope in self.clocks_by_scope(case, block_id):
                self.go(clock, case, scope)
        self.row(case, block_id, status)
        del case.live[block_id]

    def row(self, case: Case, block_id: int, status: Status) -> None:
        live, block = case.live[block_id], case.nodes[block_id].block
        start_s, detail = live.enabled_s, -1
        if isinstance(block, Serve):
            start_s, detail = (self.now, -1) if live.group < 0 else (live.start_s, live.group)
        elif isinstance(block, Parallel):
            detail = min(live.unfinished)
        elif live.clock is not None:
            detail = -1 if live.clock.due_s is None else live.clock.due_s
        elif isinstance(block, Suspend) and status is Status.OPEN:
            return
        self.log.add((case.number, block_id, live.enabled_s, start_s, self.now, detail, status))

    def holds(self, condition: Condition, case: int) -> bool:
        match condition:
            case Chance(draw, probability):
                return self.history.draws.uniform(draw, case) < probability
            case Present(skill):
                return self.present(skill) > 0
            case Attending(session):
                moments = self.history.moments[session]
                return any(
                    opening <= self.now < close
                    for opening, close in zip(moments.attended_s, moments.times_s, strict=False)
                )
        present = self.present(condition.skill)
        if not present:
            return False
        free = any(self.busy[group] < self.people(group) for group in self.able(condition.skill))
        ahead = sum(self.skill(case, block) == condition.skill for case, block in self.waiting) + (
            not free
        )
        own_s = self.history.draws.seconds(condition.own, case)
        return ahead * condition.mean_service_s / present + own_s <= condition.limit_s

    # Clocks -----------------------------------------------------------------------------

    def clocks_by_scope(self, case: Case, block_id: int) -> list[tuple[Clock, int]]:
        """Return the clocks around a block, the outermost first, with their blocks."""
        found: list[tuple[Clock, int]] = []
        while block_id:
            block_id = case.parent[block_id]
            live = case.live.get(block_id)
            if live is not None and live.clock is not None:
                found.insert(0, (live.clock, block_id))
        return found

    def clocks(self, case: Case, block_id: int) -> list[Clock]:
        return [clock for clock, _ in self.clocks_by_scope(case, block_id)]

    def stop(self, clock: Clock) -> None:
        clock.stops += 1
        if clock.due_s is not None and clock.due_s >= self.now:
            begun = max(self.now, clock.since_s)
            spent = self.days.tick(begun) - self.days.tick(clock.since_s)
            clock.left_ticks = max(0, clock.left_ticks - spent)
            clock.due_s = None

    def go(self, clock: Clock, case: Case, scope: int) -> None:
        clock.stops -= 1
        if clock.stops == 0 and clock.due_s is None:
            clock.since_s = max(self.now, clock.since_s)
            clock.due_s = self.days.due(clock.since_s, clock.left_ticks)
            self.watch(case, scope)

    def watch(self, case: Case, scope: int) -> None:
        block, clock = case.nodes[scope].block, case.live[scope].clock
        if isinstance(block, Within) and block.expires and clock and clock.due_s is not None:
            due_s = clock.due_s

            def ring() -> None:
                if clock.due_s == due_s:
                    self.expire(case, scope)

            self.at(due_s, TIMER, case.number, scope, self.still(case, scope, ring))

    def expire(self, case: Case, scope: int) -> None:
        self.break_off(case, scope)
        self.end(case, scope)

    def break_off(self, case: Case, scope: int) -> None:
        end = case.nodes[scope].end
        inside = [block for block in case.live if scope <= block < end]
        for block in sorted(inside, key=lambda block: (case.nodes[block].end, -block)):
            self.close(case, block, Status.EXPIRED)

    # People -----------------------------------------------------------------------------

    def able(self, skill: str) -> list[int]:
        return [index for index, one in enumerate(self.network.groups) if skill in one.skills]

    def people(self, group: int) -> int:
        interval = self.interval[group]
        return self.history.capacity[group][interval] if interval >= 0 else 0

    def present(self, skill: str) -> int:
        return sum(self.people(group) for group in self.able(skill))

    def skill(self, case: int, block_id: int) -> str:
        return self.cases[case].nodes[block_id].block.skill  # type: ignore[union-attr]

    def join(self, case: Case, block_id: int, block: Serve) -> None:
        live = case.live[block_id]
        dues = [clock.due_s for clock in self.clocks(case, block_id) if clock.due_s is not None]
        by_due = self.network.discipline == "due_date"
        urgency = min(dues, default=NEVER) if by_due else 0
        live.key = (urgency, self.now, case.number, block_id)
        self.waiting[case.number, block_id] = live
        if block.on_left is None:
            return
        day = self.hall_day()
        assert day is not None
        last_call_s, gives_up_s = day[2], NEVER
        if block.patience is not None:
            patience_s = self.history.draws.seconds(block.patience, case.number)
            gives_up_s = self.hall.add(self.now, patience_s)

        def go() -> None:
            if live.group < 0:
                self.close(case, block_id, Status.LEFT)
                self.enter(case, case.nodes[block_id].children[0].id)

        def look() -> None:
            late = any(
                self.people(group) > 0 and self.open_late(group) for group in self.able(block.skill)
            )
            if not late:
                go()

        # The first of the three that comes; a look at the close may be followed by the last call.
        close_s = max(self.now, day[1])
        at_s = min(gives_up_s, close_s, last_call_s)
        leaves = at_s in (gives_up_s, last_call_s)
        self.at(
            at_s, TIMER, case.number, block_id, self.still(case, block_id, go if leaves else look)
        )
        if not leaves:
            self.at(last_call_s, TIMER, case.number, block_id, self.still(case, block_id, go))

    def hall_day(self) -> tuple[int, int, int] | None:
        """Return opening, close and last call of the first day whose last call is to come (S12)."""
        for opening, close in self.hall.day_bounds:
            overtime_s = self.network.overtime_max_s
            late_s = close if self.network.closing == "send_home" else close + overtime_s
            midnight = (close + DAY - 1) // DAY * DAY
            if min(late_s, midnight) > self.now:
                return opening, close, min(late_s, midnight)
        return None

    def may_join(self, block: Serve) -> bool:
        day = self.hall_day()
        if day is None:
            return False
        if block.ticket:
            return self.now < day[1] and day[0] < (self.now // DAY + 1) * DAY
        return day[0] <= self.now

    def open_late(self, group: int) -> bool:
        """Say whether it is after the close of a day of the hall, and before its last call."""
        name = self.network.groups[group].calendar
        day = self.hall_day()
        if name != self.network.hall_calendar or self.interval[group] < 0 or day is None:
            return False
        return self.hall.closes[self.interval[group]] == day[1] <= self.now

    def may_start(self, group: int, block: Serve) -> bool:
        if self.busy[group] >= self.people(group):
            return False
        if self.network.calendars[self.network.groups[group].calendar].is_open(self.now):
            return True
        return block.on_left is not None and self.open_late(group)

    def dispatch(self) -> None:
        self.dispatching = False
        while True:
            startable = []
            for (number, block_id), live in self.waiting.items():
                block = self.cases[number].nodes[block_id].block
                assert isinstance(block, Serve)
                groups = [one for one in self.able(block.skill) if self.may_start(one, block)]
                if groups:
                    best = min(groups, key=lambda one: (len(self.network.groups[one].skills), one))
                    startable.append((live.key, best, number, block_id))
            if not startable:
                return
            _, group, number, block_id = min(startable)
            self.start(group, self.cases[number], block_id)

    def start(self, group: int, case: Case, block_id: int) -> None:
        live, block = self.waiting.pop((case.number, block_id)), case.nodes[block_id].block
        assert isinstance(block, Serve)
        live.group, live.start_s = group, self.now
        self.busy[group] += 1
        seconds = self.history.draws.seconds(block.duration, case.number)
        one = self.network.groups[group]
        calendar = self.network.calendars[one.calendar]
        end_s = calendar.add(self.now, seconds) if one.pauses else self.now + seconds

        def done() -> None:
            self.close(case, block_id, Status.DONE)
            # Whoever was served goes on behind the block, not through on_left.
            self.end(case, block_id)

        self.at(end_s, COMPLETION, case.number, block_id, self.still(case, block_id, done))
