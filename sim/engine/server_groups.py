"""Queues, server groups and clocks of the reference engine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from heapq import heappop, heappush

from simpy import Environment, Event

from sim.process.blocks import Serve
from sim.process.clock import WD_TICKS, WHOLE_DAY_S, Calendar
from sim.process.network import Group, ProcessNetwork

LAST = 2**62
"""Urgency of a job without a due date: it sorts last."""


class Job(Event):
    """Work of one case that waits for a person; it is triggered when the work ends.

    Parameters
    ----------
    env
        The SimPy environment of the run.
    case
        Number of the case, by order of arrival.
    block_id
        Number of the block within its route.
    block
        The block that asks for the work.
    duration_s
        Drawn length of the work in seconds.
    """

    def __init__(self, env: Environment, case: int, block_id: int, block: Serve, duration_s: int):
        super().__init__(env)
        self._ok, self._value = True, None
        self.case = case
        self.block = block_id
        self.duration_s = duration_s
        self.in_hall = block.in_hall
        self.enabled_s = int(env.now)
        self.start_s = -1
        self.server_group: ServerGroup | None = None
        self.gone = False


Entry = tuple[int, int, int, int, Job]
"""Urgency, time joined, case and block of a job, by which it sorts, and the job."""


class ServerGroup:
    """A group at work: how many are present and how many are busy.

    Parameters
    ----------
    index
        Number of the group.
    group
        The people, their skills and their calendar.
    calendar
        The group's calendar.
    capacity
        People present in each interval of the calendar.
    """

    def __init__(self, index: int, group: Group, calendar: Calendar, capacity: list[int]):
        self.index = index
        self.group = group
        self.calendar = calendar
        self.capacity = capacity
        self.queues: tuple[Queue, ...] = ()
        self.present = 0
        self.busy = 0
        self.open_until_s = 0
        self.late_until_s = 0

    def begin_interval(self, interval: int, late_until_s: int) -> None:
        """Set the people present in an interval, and until when they may start work.

        Parameters
        ----------
        interval
            Number of the interval within the group's calendar.
        late_until_s
            Until when work may be started after the interval, seconds since the start; the close of
            the interval if no late work follows.
        """
        self.present = self.capacity[interval]
        self.open_until_s = self.calendar.closes[interval]
        self.late_until_s = late_until_s

    def may_start(self, job: Job, now: int) -> bool:
        """Say whether a job may start: in open hours, or late if its applicant is in the hall.

        Parameters
        ----------
        job
            The job to be started.
        now
            Seconds since the start.

        Returns
        -------
        bool
            True if fewer are busy than present, and the hours allow it.
        """
        if self.busy >= self.present:
            return False
        return now < self.open_until_s or (job.in_hall and self.is_late(now))

    def is_late(self, now: int) -> bool:
        """Say whether it is after the last interval of the day, and late work is possible.

        Parameters
        ----------
        now
            Seconds since the start.

        Returns
        -------
        bool
            False in open hours.
        """
        return self.open_until_s <= now < self.late_until_s

    def end_of(self, start_s: int, duration_s: int) -> int:
        """Return when work ends: offices pause outside open hours, windows finish work.

        Parameters
        ----------
        start_s
            When the work starts, seconds since the start of the simulation.
        duration_s
            Length of the work in seconds.

        Returns
        -------
        int
            Seconds since the start of the simulation.
        """
        if self.group.pauses:
            return self.calendar.add(start_s, duration_s)
        return start_s + duration_s


class Queue:
    """Jobs that wait for one skill, least (urgency, time joined, case, block) first.

    Parameters
    ----------
    skill
        What the jobs wait for.
    server_groups
        The groups that have the skill.
    """

    def __init__(self, skill: str, server_groups: list[ServerGroup]) -> None:
        self.skill = skill
        self.server_groups = sorted(
            server_groups,
            key=lambda server_group: (len(server_group.group.skills), server_group.index),
        )
        self.length = 0
        self._heap: list[Entry] = []

    def join(self, job: Job, urgency: int) -> None:
        """Add a job.

        Parameters
        ----------
        job
            The job.
        urgency
            What it is sorted by first: 0, or its due date under due dates, `LAST` without one.
        """
        heappush(self._heap, (urgency, job.enabled_s, job.case, job.block, job))
        self.length += 1

    def head(self) -> Entry | None:
        """Return the least entry that still waits.

        Returns
        -------
        Entry or None
            None if nobody waits.
        """
        heap = self._heap
        while heap and heap[0][-1].gone:
            heappop(heap)
        return heap[0] if heap else None

    def leave(self, job: Job) -> None:
        """Take a job out: a server group starts it, or the case goes away.

        Parameters
        ----------
        job
            A job that waits in this queue.
        """
        job.gone = True
        self.length -= 1

    def startable(self, now: int) -> tuple[Entry, ServerGroup] | None:
        """Return the least entry that a group may start now, and the group.

        It is the head, except after closing: then those who are not in the hall hold up nobody.

        Parameters
        ----------
        now
            Seconds since the start.

        Returns
        -------
        tuple of Entry and ServerGroup, or None
            None if no group may start any of the jobs.
        """
        head = self.head()
        if head is None:
            return None
        server_group = self._free_server_group(head[-1], now)
        if server_group is not None:
            return head, server_group
        if not any(
            server_group.is_late(now) and server_group.busy < server_group.present
            for server_group in self.server_groups
        ):
            return None
        for entry in sorted(self._heap):
            if not entry[-1].gone:
                server_group = self._free_server_group(entry[-1], now)
                if server_group is not None:
                    return entry, server_group
        return None

    def _free_server_group(self, job: Job, now: int) -> ServerGroup | None:
        """Return the free server group with the fewest skills, the first declared among equals."""
        for server_group in self.server_groups:
            if server_group.may_start(job, now):
                return server_group
        return None

    def serves_late(self, now: int) -> bool:
        """Say whether people are present who may still start work after closing.

        Parameters
        ----------
        now
            Seconds since the start.

        Returns
        -------
        bool
            True if a group with the skill has people present and late work is possible.
        """
        return any(
            server_group.present > 0 and server_group.is_late(now)
            for server_group in self.server_groups
        )

    @property
    def present(self) -> int:
        """People with this skill at work."""
        return sum(server_group.present for server_group in self.server_groups)

    @property
    def anyone_free(self) -> bool:
        """Whether somebody present is free."""
        return any(server_group.busy < server_group.present for server_group in self.server_groups)


HallDay = tuple[int, int, int]
"""First opening, last close and last call of a day of the hall, in seconds since the start."""


class HallDays:
    """The days of the hall: when applicants may join a queue, and until when they are called.

    Parameters
    ----------
    network
        The network, with the hall's calendar and its last calls.
    """

    def __init__(self, network: ProcessNetwork) -> None:
        self.last_calls = network.last_calls_s
        self.days: list[HallDay] = [
            (*bounds, late)
            for bounds, late in zip(network.hall.day_bounds, self.last_calls, strict=True)
        ]

    def admitting(self, now: int, *, ticket: bool) -> HallDay | None:
        """Return the day on which an applicant may join a queue now, if any.

        An applicant who has just come needs a close that is still to come today; one who is in the
        hall already may go on until the last call.

        Parameters
        ----------
        now
            Seconds since the start.
        ticket
            The applicant has just come and takes a ticket.

        Returns
        -------
        HallDay or None
            None if the applicant is turned away.
        """
        index = bisect_right(self.last_calls, now)
        if index == len(self.days):
            return None
        opening, closing, _ = self.days[index]
        if ticket:
            midnight = (now // WHOLE_DAY_S + 1) * WHOLE_DAY_S
            may_join = now < closing and opening < midnight
        else:
            may_join = opening <= now
        return self.days[index] if may_join else None


class Clock:
    """A clock of a promised time limit, which can be stopped.

    It starts at the opening of the next working day and runs out at the close of the day on which
    the limit is used up. Stops are counted: the clock runs again when the last one ends, with the
    ticks that are left.

    Parameters
    ----------
    calendar
        Working days.
    accepted_s
        When the papers were complete, seconds since the start.
    limit_wd
        Limit in working days.
    """

    __slots__ = ("alarm", "calendar", "due_s", "left_ticks", "since_s", "stops")

    def __init__(self, calendar: Calendar, accepted_s: int, limit_wd: float) -> None:
        self.calendar = calendar
        self.since_s = calendar.next_day_open(accepted_s)
        self.left_ticks = round(limit_wd * WD_TICKS)
        self.stops = 0
        self.alarm: Callable[[], None] | None = None
        self.due_s: int | None = calendar.due(self.since_s, self.left_ticks)

    def stop(self, now: int) -> None:
        """Stop the clock; one that has run out is not stopped.

        Parameters
        ----------
        now
            Seconds since the start.
        """
        self.stops += 1
        if self.stops == 1 and self.due_s is not None and now <= self.due_s:
            begun = max(now, self.since_s)
            used = self.calendar.tick(begun) - self.calendar.tick(self.since_s)
            self.left_ticks = max(0, self.left_ticks - used)
            self.due_s = None

    def go(self, now: int) -> None:
        """End one stop; after the last one the clock runs again.

        Parameters
        ----------
        now
            Seconds since the start.
        """
        self.stops -= 1
        if self.stops == 0 and self.due_s is None:
            self.since_s = max(now, self.since_s)
            self.due_s = self.calendar.due(self.since_s, self.left_ticks)
            if self.alarm is not None:
                self.alarm()
