"""What a replication asks of each group of people: calls that come too late, work that piles up.

A queue is all requests that the same groups can serve.  Only requests that wait for people are
looked at, so a case that is blocked, suspended, reported up or with the applicant never counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.log import Log, Status
from sim.measure.indicators import Observations
from sim.measure.series import working_day_ends_s
from sim.process.blocks import Seconds, Serve
from sim.process.network import ProcessNetwork

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Station:
    """Requests that the same groups can serve.

    Parameters
    ----------
    groups
        Places of the groups in the network, ascending.
    skills
        What is asked of them.
    """

    groups: tuple[int, ...]
    skills: tuple[str, ...]


@dataclass(frozen=True)
class QueuePerformance:
    """Figures of one replication until the census.

    Parameters
    ----------
    within
        Tickets called within the wait target, of all; NaN if there were none.
    late
        Calls not made within it, of all calls, by queue.
    growth
        Work added to the backlog each working day of the second half of the horizon, as a
        share of the work that the queue's people can do in a working day, by queue.
    use
        Busy over attended minutes of the people of each queue.
    """

    within: float
    late: Floats
    growth: Floats
    use: Floats


def stations(network: ProcessNetwork) -> tuple[Station, ...]:
    """Return the stations of a network, in the order in which routes ask for them."""
    asked = dict.fromkeys(
        node.block.skill
        for route in network.routes
        for node in route.nodes
        if isinstance(node.block, Serve)
    )
    found: dict[tuple[int, ...], list[str]] = {}
    for skill in asked:
        able = [place for place, group in enumerate(network.groups) if skill in group.skills]
        found.setdefault(tuple(able), []).append(skill)
    return tuple(Station(groups, tuple(skills)) for groups, skills in found.items())


@dataclass(frozen=True)
class Requests:
    """The blocks of a network at which people are asked for; arrays by route and block.

    Parameters
    ----------
    first
        Place of each route's first block.
    queue
        Place of the queue, -1 where nobody is asked for.
    work_min
        Mean minutes of work.
    in_hall
        Whether the applicant waits in the hall.
    """

    first: Ints
    queue: Ints
    work_min: Floats
    in_hall: npt.NDArray[np.bool_]


def requests(network: ProcessNetwork, of: tuple[Station, ...]) -> Requests:
    """Look up what each block asks for."""
    place = {skill: number for number, queue in enumerate(of) for skill in queue.skills}
    first = np.cumsum([0, *(len(route.nodes) for route in network.routes)])
    queue = np.full(first[-1], -1, np.int64)
    work_min, in_hall = np.zeros(first[-1]), np.zeros(first[-1], np.bool_)
    for start, route in zip(first, network.routes, strict=False):
        for node in route.nodes:
            block = node.block
            if isinstance(block, Serve):
                at = start + node.id
                queue[at], in_hall[at] = place[block.skill], block.in_hall
                law = block.duration.distribution
                work_min[at] = law.mean_s / 60 if isinstance(law, Seconds) else 0.0
    return Requests(first[:-1], queue, work_min, in_hall)


def queue_performance(
    observations: Observations, log: Log, of: tuple[Station, ...], asked: Requests
) -> QueuePerformance:
    """Work out the queue_performance of one replication.

    Parameters
    ----------
    observations, log
        What the replication shows, and its log.
    of, asked
        The stations of its network and what its blocks ask for.
    """
    block = asked.first[observations.table.arrivals.route[log.case]] + log.block
    rows = np.flatnonzero((asked.queue[block] >= 0) & (log.enabled_s < observations.facts.census_s))
    block, queue = block[rows], asked.queue[block[rows]]
    enabled_s, status = log.enabled_s[rows], log.status[rows]
    # Who left or ran out of time began nothing; what is open and was not begun begins last.
    begun_s = np.minimum(log.start_s[rows], log.end_s[rows])
    called = asked.in_hall[block] & (status != Status.TURNED_AWAY)
    late, within = _calls(observations, called, queue, (enabled_s, begun_s, status), len(of))
    attended, busy = observations.attended_min, observations.busy_min
    attended_min = np.array([attended[list(one.groups)].sum() for one in of])
    busy_min = np.array([busy[list(one.groups)].sum() for one in of])
    per_wd = np.maximum(attended_min / observations.facts.census_wd, 1e-9)
    waiting = _waiting(observations, queue, (enabled_s, begun_s), asked.work_min[block], len(of))
    return QueuePerformance(
        within=within,
        late=late,
        growth=_slopes(waiting[:, waiting.shape[1] // 2 :]) / per_wd,
        use=busy_min / np.maximum(attended_min, 1e-9),
    )


def _calls(
    observations: Observations,
    called: npt.NDArray[np.bool_],
    queue: Ints,
    told: tuple[Ints, Ints, Ints],
    many: int,
) -> tuple[Floats, float]:
    """Return the late share of all calls by queue, and the share within the target."""
    enabled_s, begun_s, status = (column[called] for column in told)
    if not len(enabled_s):
        return np.zeros(many), float("nan")
    wait_min = (begun_s - enabled_s) / 60
    late = (status == Status.LEFT) | (wait_min > observations.facts.wait_target_min)
    counts = np.bincount(queue[called][late], minlength=many)
    return counts / len(late), float(1 - late.mean())


def _waiting(
    observations: Observations, queue: Ints, times: tuple[Ints, Ints], work_min: Floats, many: int
) -> Floats:
    """Return the minutes of work that wait at the end of each working day, by queue."""
    ends = working_day_ends_s(observations)
    days = len(ends) + 1
    enabled, begun = (np.searchsorted(ends, one, side="right") for one in times)
    came = np.bincount(queue * days + enabled, work_min, many * days)
    went = np.bincount(queue * days + begun, work_min, many * days)
    return np.asarray((came - went).reshape(many, days).cumsum(axis=1)[:, :-1])


def _slopes(series: Floats) -> Floats:
    """Return the least-squares slope of each row by day; 0 for fewer than two days."""
    days = np.arange(series.shape[1]) - (series.shape[1] - 1) / 2
    squares = float((days**2).sum())
    return series @ days / squares if squares else np.zeros(len(series))
