"""The reference engine: SimPy processes that walk the block tree.

It is written for readability: one method per block.  SimPy orders simultaneous events by the
time at which they were scheduled; here every event has a priority made of (rank, case, block)
instead, so that the order never depends on how the code is written (docs/semantics.md).
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import cast

import simpy
from simpy.events import URGENT, EventPriority

from sim.chance.history import History
from sim.engine.appointments import Appointment, Rank, callbacks, outcome, priority
from sim.engine.log import Log, LogWriter, Status
from sim.engine.open_cases import Case, OpenBlock, open_rows
from sim.engine.server_groups import LAST, Clock, Entry, HallDay, HallDays, Job, Queue, ServerGroup
from sim.garbage import garbage_kept
from sim.process.blocks import (
    Alongside,
    Attending,
    AwaitSession,
    Chance,
    Choice,
    Condition,
    Delay,
    Exit,
    ExpectedWaitWithin,
    Mark,
    Parallel,
    Present,
    Sequence,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.network import Node, ProcessNetwork

Steps = Generator[simpy.Event, None, None]
Clocks = tuple[Clock, ...]
Handler = Callable[[Case, Node, Clocks], Steps]


class _Leave(Exception):  # noqa: N818  (a way out, not an error)
    """The case ends here."""


def simulate(network: ProcessNetwork, history: History) -> Log:
    """Run one history and return its log.

    Parameters
    ----------
    network
        Routes, people, sessions and calendars.
    history
        What chance decides.

    Returns
    -------
    Log
        The rows in the order of the events.
    """
    with garbage_kept():
        return _Reference(network, history).run()


class _Reference:
    def __init__(self, network: ProcessNetwork, history: History) -> None:
        self.network = network
        self.history = history
        self.draws = history.draws
        self.env = simpy.Environment()
        self.log = LogWriter()
        self.cases: dict[int, Case] = {}
        self.hall_days = HallDays(network)
        self.by_due_date = network.discipline == "due_date"
        self.server_groups = [
            ServerGroup(
                index, group, network.calendars[group.calendar], history.capacity[index].tolist()
            )
            for index, group in enumerate(network.groups)
        ]
        skills = dict.fromkeys(skill for group in network.groups for skill in group.skills)
        self.queues = {
            skill: Queue(
                skill,
                [
                    server_group
                    for server_group in self.server_groups
                    if skill in server_group.group.skills
                ],
            )
            for skill in skills
        }
        for server_group in self.server_groups:
            server_group.queues = tuple(self.queues[skill] for skill in server_group.group.skills)
        self.pending: set[Queue] = set()
        self.dispatch_at_s = -1
        self.handlers: dict[type, Handler] = {
            Sequence: self._sequence,
            Choice: self._choice,
            Serve: self._serve,
            Delay: self._delay,
            AwaitSession: self._await_session,
            Parallel: self._parallel,
            Alongside: self._alongside,
            Within: self._within,
            Suspend: self._suspend,
            Visit: self._instant,
            Mark: self._instant,
            Exit: self._exit,
        }

    def run(self) -> Log:
        self.env.process(self._arrivals())
        for name in dict.fromkeys(
            server_group.group.calendar for server_group in self.server_groups
        ):
            self.env.process(self._openings(name))
        self.env.run(until=self.network.end_s)
        for row in open_rows(self.cases, self.network.end_s):
            self.log.add(row)
        return self.log.finish()

    # Sources of events ------------------------------------------------------------------

    def _arrivals(self) -> Steps:
        arrivals = self.history.arrivals
        nodes = [route.nodes for route in self.network.routes]
        for index, (time_s, route) in enumerate(
            zip(arrivals.time_s.tolist(), arrivals.route.tolist(), strict=True)
        ):
            yield Appointment(self.env, time_s, priority(Rank.ARRIVAL, index))
            self.env.process(self._case(Case(index, nodes[route])))

    def _openings(self, name: str) -> Steps:
        calendar = self.network.calendars[name]
        server_groups = [
            server_group
            for server_group in self.server_groups
            if server_group.group.calendar == name
        ]
        late: dict[int, int] = {}
        if name == self.network.hall_calendar:
            late = dict(zip(calendar.day_closes, self.network.last_calls_s, strict=True))
        for interval, opening in enumerate(calendar.opens):
            yield Appointment(self.env, opening, priority(Rank.OPENING))
            closing = calendar.closes[interval]
            for server_group in server_groups:
                server_group.begin_interval(interval, late.get(closing, closing))
                self._look_for_work(server_group)

    def _case(self, case: Case) -> Steps:
        self.cases[case.index] = case
        with suppress(_Leave):
            yield from self._walk(case, case.nodes[0], ())
        del self.cases[case.index]

    def _walk(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        return self.handlers[type(node.block)](case, node, clocks)

    # Blocks that take no time -----------------------------------------------------------

    def _sequence(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        for child in node.children:
            kind = type(child.block)
            if kind is Visit or kind is Mark:
                self._log_instant(case, child)
            else:
                yield from self.handlers[kind](case, child, clocks)

    def _choice(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        branches = cast("Choice", node.block).branches
        for (condition, _), child in zip(branches, node.children, strict=True):
            if condition is None or self._holds(condition, case):
                yield from self._walk(case, child, clocks)
                return

    def _holds(self, condition: Condition, case: Case) -> bool:
        match condition:
            case Chance(draw, probability):
                return self.draws.uniform(draw, case.index) < probability
            case Present(skill):
                return skill in self.queues and self.queues[skill].present > 0
            case Attending(session):
                return self.history.moments[session].attending(int(self.env.now))
            case ExpectedWaitWithin(skill, mean_service_s, limit_s, own):
                queue = self.queues.get(skill)
                if queue is None or not queue.present:
                    return False
                ahead = queue.length + (0 if queue.anyone_free else 1)
                wait_s = ahead * mean_service_s / queue.present
                return wait_s + self.draws.seconds(own, case.index) <= limit_s

    def _log_instant(self, case: Case, node: Node) -> None:
        now = int(self.env.now)
        self.log.add((case.index, node.id, now, now, now, -1, Status.DONE))

    def _instant(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        self._log_instant(case, node)
        yield from ()

    def _exit(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        self._log_instant(case, node)
        yield from ()
        raise _Leave

    # Blocks that take time --------------------------------------------------------------

    def _delay(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        block = cast("Delay", node.block)
        now, length = int(self.env.now), self.draws.seconds(block.duration, case.index)
        if block.calendar is None:
            end_s = self.network.working_days.add_ticks(now, length)
        else:
            calendar = self.network.calendars[block.calendar]
            end_s = calendar.add(now, length)
            if block.until_open:
                end_s = calendar.open_from(end_s)
        yield from self._pass_time(case, node, end_s)

    def _await_session(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        block = cast("AwaitSession", node.block)
        count = 1 if block.count is None else self.draws.count(block.count, case.index)
        at_s = self.history.moments[block.session].nth(int(self.env.now), count)
        if block.or_session:
            other_s = self.history.moments[block.or_session].nth(int(self.env.now), 1)
            at_s = min((time for time in (at_s, other_s) if time is not None), default=None)
        yield from self._pass_time(case, node, at_s)

    def _pass_time(self, case: Case, node: Node, until_s: int | None) -> Steps:
        """Wait until a time, for good if it is None."""
        begin_s = int(self.env.now)
        if until_s is None:
            event = simpy.Event(self.env)
        else:
            key = priority(Rank.COMPLETION, case.index, node.id)
            event = Appointment(self.env, until_s, key)
        case.live[node.id] = OpenBlock(self._process(), begin_s)
        interrupt = yield from outcome(event)
        del case.live[node.id]
        status = Status.EXPIRED if interrupt else Status.DONE
        self.log.add((case.index, node.id, begin_s, begin_s, int(self.env.now), -1, status))
        if interrupt:
            raise interrupt

    def _serve(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        block = cast("Serve", node.block)
        today = self.hall_days.admitting(int(self.env.now), ticket=block.ticket)
        if block.in_hall and today is None:
            now = int(self.env.now)
            self.log.add((case.index, node.id, now, now, now, -1, Status.TURNED_AWAY))
            yield from self._walk(case, node.children[0], clocks)
            return
        queue = self.queues[block.skill]
        duration_s = self.draws.seconds(block.duration, case.index)
        job = Job(self.env, case.index, node.id, block, duration_s)
        live = case.live[node.id] = OpenBlock(self._process(), job.enabled_s)
        live.job = job
        queue.join(job, self._urgency(clocks))
        self._want(queue)
        if block.in_hall and today is not None:
            self._watch_wait(job, queue, block, today)
        interrupt = yield from outcome(job)
        del case.live[node.id]
        now = int(self.env.now)
        status = Status.EXPIRED if interrupt else Status.DONE
        if job.server_group is not None:
            start_s, server_group = job.start_s, job.server_group.index
            job.server_group.busy -= 1
            self._look_for_work(job.server_group)
        else:
            start_s, server_group = now, -1
            if not interrupt:
                status = Status.LEFT
            elif not job.gone:
                queue.leave(job)
        self.log.add((case.index, node.id, job.enabled_s, start_s, now, server_group, status))
        if interrupt:
            raise interrupt
        if status is Status.LEFT:
            yield from self._walk(case, node.children[0], clocks)

    def _parallel(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        live = case.live[node.id] = OpenBlock(self._process(), int(self.env.now))
        live.branches = {child.id for child in node.children}
        all_done = simpy.Event(self.env)
        for child in node.children:
            self.env.process(self._branch(case, child, clocks, live.branches, all_done))
        interrupt = yield from outcome(all_done)
        del case.live[node.id]
        status = Status.EXPIRED if interrupt else Status.DONE
        last = min(live.branches) if interrupt else cast("int", all_done.value)
        now = int(self.env.now)
        self.log.add((case.index, node.id, live.enabled_s, live.enabled_s, now, last, status))
        if interrupt:
            raise interrupt

    def _branch(
        self, case: Case, node: Node, clocks: Clocks, unfinished: set[int], all_done: simpy.Event
    ) -> Steps:
        now = int(self.env.now)
        yield Appointment(self.env, now, priority(Rank.COMPLETION, case.index, node.id))
        try:
            yield from self._walk(case, node, clocks)
        except simpy.Interrupt:
            return
        if len(unfinished) == 1:
            all_done.succeed(node.id)
        unfinished.remove(node.id)

    def _alongside(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        beside, child = node.children
        now = int(self.env.now)
        case.live[node.id] = OpenBlock(self._process(), now)
        self.env.process(self._beside(case, beside, clocks))
        end: simpy.Interrupt | _Leave | None = None
        try:
            yield Appointment(self.env, now, priority(Rank.COMPLETION, case.index, child.id))
            yield from self._walk(case, child, clocks)
        except (simpy.Interrupt, _Leave) as reason:
            end = reason
        if not isinstance(end, simpy.Interrupt):
            case.break_off(beside.id, beside.end, node)
            # Interrupts are delivered first: the blocks beside have their rows before this block.
            yield Appointment(self.env, int(self.env.now), URGENT)
        del case.live[node.id]
        status = Status.EXPIRED if isinstance(end, simpy.Interrupt) else Status.DONE
        self.log.add((case.index, node.id, now, now, int(self.env.now), -1, status))
        if end is not None:
            raise end

    def _beside(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        with suppress(simpy.Interrupt):
            yield from self._walk(case, node, clocks)

    # Clocks -----------------------------------------------------------------------------

    def _within(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        block = cast("Within", node.block)
        begin_s = int(self.env.now)
        clock = Clock(self.network.working_days, begin_s, block.limit_wd)
        live = case.live[node.id] = OpenBlock(self._process(), begin_s)
        live.clock = clock
        if block.expires:
            clock.alarm = lambda: self._watch_clock(case, node, clock)
            clock.alarm()
        end: simpy.Interrupt | _Leave | None = None
        try:
            yield from self._walk(case, node.children[0], (*clocks, clock))
        except (simpy.Interrupt, _Leave) as reason:
            end = reason
        del case.live[node.id]
        status = Status.EXPIRED if isinstance(end, simpy.Interrupt) else Status.DONE
        due_s = -1 if clock.due_s is None else clock.due_s
        now = int(self.env.now)
        self.log.add((case.index, node.id, begin_s, begin_s, now, due_s, status))
        if end is not None and not (isinstance(end, simpy.Interrupt) and end.cause is node):
            raise end

    def _suspend(self, case: Case, node: Node, clocks: Clocks) -> Steps:
        begin_s = int(self.env.now)
        for clock in clocks:
            clock.stop(begin_s)
        end: _Leave | None = None
        try:
            yield from self._walk(case, node.children[0], clocks)
        except _Leave as reason:
            end = reason
        now = int(self.env.now)
        for clock in clocks:
            clock.go(now)
        self.log.add((case.index, node.id, begin_s, begin_s, now, -1, Status.DONE))
        if end is not None:
            raise end

    def _watch_clock(self, case: Case, node: Node, clock: Clock) -> None:
        """End the scope when its clock runs out; a clock that was stopped calls this again."""

        def ring(_: simpy.Event) -> None:
            live = case.live.get(node.id)
            if live is not None and clock.due_s == int(self.env.now):
                case.break_off(node.id, node.end, node)

        if clock.due_s is not None:
            key = priority(Rank.TIMER, case.index, node.id)
            callbacks(Appointment(self.env, clock.due_s, key)).append(ring)

    # People -----------------------------------------------------------------------------

    def _urgency(self, clocks: Clocks) -> int:
        if not self.by_due_date:
            return 0
        return min((clock.due_s for clock in clocks if clock.due_s is not None), default=LAST)

    def _want(self, queue: Queue) -> None:
        """Ask for a dispatch at this instant."""
        self.pending.add(queue)
        now = int(self.env.now)
        if self.dispatch_at_s != now:
            self.dispatch_at_s = now
            event = Appointment(self.env, now, priority(Rank.DISPATCH))
            callbacks(event).append(self._dispatch)

    def _look_for_work(self, server_group: ServerGroup) -> None:
        for queue in server_group.queues:
            if queue.length:
                self._want(queue)

    def _dispatch(self, _: simpy.Event) -> None:
        """Start the least startable job again and again until none can start."""
        self.dispatch_at_s = -1
        now = int(self.env.now)
        while self.pending:
            best: tuple[Entry, ServerGroup, Queue] | None = None
            for queue in list(self.pending):
                startable = queue.startable(now)
                if startable is None:
                    self.pending.discard(queue)
                elif best is None or startable[0] < best[0]:
                    best = (*startable, queue)
            if best:
                self._start(best[0][-1], best[2], best[1], now)

    def _start(self, job: Job, queue: Queue, server_group: ServerGroup, now: int) -> None:
        queue.leave(job)
        server_group.busy += 1
        job.server_group, job.start_s = server_group, now
        end_s = server_group.end_of(now, job.duration_s)
        key = priority(Rank.COMPLETION, job.case, job.block)
        self.env.schedule(job, cast("EventPriority", key), end_s - now)

    def _watch_wait(self, job: Job, queue: Queue, block: Serve, today: HallDay) -> None:
        """Let an applicant leave the hall when patience runs out or nobody is called any more."""
        _, closing, last_call_s = today
        look_s = max(job.enabled_s, closing)
        gives_up_s: int | None = None
        if block.patience is not None:
            patience_s = self.draws.seconds(block.patience, job.case)
            gives_up_s = self.network.hall.add(job.enabled_s, patience_s)
            look_s = min(look_s, gives_up_s)

        def look(_: simpy.Event) -> None:
            now = int(self.env.now)
            if job.gone:
                return
            if now != gives_up_s and queue.serves_late(now):
                callbacks(Appointment(self.env, last_call_s, key)).append(look)
                return
            queue.leave(job)
            self.env.schedule(job)

        key = priority(Rank.TIMER, job.case, job.block)
        callbacks(Appointment(self.env, look_s, key)).append(look)

    def _process(self) -> simpy.Process:
        return cast("simpy.Process", self.env.active_process)
