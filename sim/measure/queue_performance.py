"""Performance of each station in one replication: late calls, growth of the backlog, utilisation.

The queue of a station is all requests that the same groups can serve.  Only requests that wait for
people are counted, so a case that is blocked, suspended, reported to a higher level or with the
applicant never counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.engine.log import Log, Status
from sim.measure.observations import Observations
from sim.measure.series import working_day_ends_s
from sim.process.blocks import Seconds, Serve
from sim.process.network import ProcessNetwork

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Station:
    """A queue with its servers: the groups that can serve the same requests.

    Parameters
    ----------
    groups
        Indices of the groups in the network, ascending.
    skills
        Skills that requests ask of them.
    """

    groups: tuple[int, ...]
    skills: tuple[str, ...]


@dataclass(frozen=True)
class QueuePerformance:
    """Figures of one replication until the census.

    Parameters
    ----------
    within
        Share of the calls in the hall that were made within the wait target, 0 to 1; NaN if there
        were no calls.
    late
        Calls in the hall not made within it, those left included, as a share of the calls of all
        stations, shape (stations,).
    growth
        Slope of the waiting work over the second half of the working days until the census: work
        added each day as a share of the work that the people of the station can do in a day, shape
        (stations,).
    use
        Utilisation: busy over attended minutes of the people of each station, shape (stations,).
    """

    within: float
    late: Floats
    growth: Floats
    use: Floats


def stations(network: ProcessNetwork) -> tuple[Station, ...]:
    """Return the stations of a network.

    Parameters
    ----------
    network
        Routes that ask for skills, and groups that have them.

    Returns
    -------
    tuple of Station
        In the order in which routes first ask for them.
    """
    asked = dict.fromkeys(
        node.block.skill
        for route in network.routes
        for node in route.nodes
        if isinstance(node.block, Serve)
    )
    skills_of: dict[tuple[int, ...], list[str]] = {}
    for skill in asked:
        able = [place for place, group in enumerate(network.groups) if skill in group.skills]
        skills_of.setdefault(tuple(able), []).append(skill)
    return tuple(Station(groups, tuple(skills)) for groups, skills in skills_of.items())


@dataclass(frozen=True)
class Requests:
    """Requests of the blocks of a network; arrays of shape (blocks,), over all routes.

    Parameters
    ----------
    first
        Index of each route's first block, shape (routes,).
    queue
        Index of the station, -1 for blocks that need nobody.
    work_min
        Mean work in minutes; 0 where nobody works or the duration is not `Seconds`.
    in_hall
        Whether the applicant waits in the hall.
    """

    first: Ints
    queue: Ints
    work_min: Floats
    in_hall: npt.NDArray[np.bool_]


def requests(network: ProcessNetwork, of: tuple[Station, ...]) -> Requests:
    """Look up the station and the work that each block asks for.

    Parameters
    ----------
    network
        The network.
    of
        Its stations, as `stations` returns them.

    Returns
    -------
    Requests
        Of all blocks of all routes.
    """
    place = {skill: number for number, station in enumerate(of) for skill in station.skills}
    first = np.cumsum([0, *(len(route.nodes) for route in network.routes)])
    queue = np.full(first[-1], -1, np.int64)
    work_min, in_hall = np.zeros(first[-1]), np.zeros(first[-1], np.bool_)
    for start, route in zip(first, network.routes, strict=False):
        for node in route.nodes:
            block = node.block
            if isinstance(block, Serve):
                at = start + node.id
                queue[at], in_hall[at] = place[block.skill], block.in_hall
                distribution = block.duration.distribution
                if isinstance(distribution, Seconds):
                    work_min[at] = distribution.mean_s / 60
    return Requests(first[:-1], queue, work_min, in_hall)


def queue_performance(
    observations: Observations, log: Log, of: tuple[Station, ...], asked: Requests
) -> QueuePerformance:
    """Compute the performance of each station in one replication.

    Parameters
    ----------
    observations, log
        Observations of the replication, and its event log.
    of, asked
        The stations of its network, and the requests of its blocks.

    Returns
    -------
    QueuePerformance
        Of the requests reached before the census.
    """
    block = asked.first[observations.table.arrivals.route[log.case]] + log.block
    rows = np.flatnonzero((asked.queue[block] >= 0) & (log.enabled_s < observations.facts.census_s))
    block, queue = block[rows], asked.queue[block[rows]]
    enabled_s, status = log.enabled_s[rows], log.status[rows]
    # Requests that were left, or expired while waiting, have their end as start; open ones not
    # begun have the end of the simulation.
    begun_s = np.minimum(log.start_s[rows], log.end_s[rows])
    called = asked.in_hall[block] & (status != Status.TURNED_AWAY)
    wait_min = (begun_s - enabled_s) / 60
    late, within = _calls(observations, queue[called], wait_min[called], status[called], len(of))
    attended, busy = observations.attended_min, observations.busy_min
    attended_min = np.array([attended[list(station.groups)].sum() for station in of])
    busy_min = np.array([busy[list(station.groups)].sum() for station in of])
    per_wd = np.maximum(attended_min / observations.facts.census_wd, 1e-9)
    waiting = _waiting(observations, queue, (enabled_s, begun_s), asked.work_min[block], len(of))
    return QueuePerformance(
        within=within,
        late=late,
        growth=_slopes(waiting[:, waiting.shape[1] // 2 :]) / per_wd,
        use=busy_min / np.maximum(attended_min, 1e-9),
    )


def _calls(
    observations: Observations, queue: Ints, wait_min: Floats, status: Ints, queues: int
) -> tuple[Floats, float]:
    """Return the late share of all calls by queue, and the share within the target."""
    if not len(queue):
        return np.zeros(queues), float("nan")
    late = (status == Status.LEFT) | (wait_min > observations.facts.wait_target_min)
    counts = np.bincount(queue[late], minlength=queues)
    return counts / len(late), float(1 - late.mean())


def _waiting(
    observations: Observations, queue: Ints, times: tuple[Ints, Ints], work_min: Floats, queues: int
) -> Floats:
    """Return the minutes of work waiting at the end of each working day, shape (queues, days)."""
    ends = working_day_ends_s(observations)
    days = len(ends) + 1
    enabled, begun = (np.searchsorted(ends, moments, side="right") for moments in times)
    came = np.bincount(queue * days + enabled, work_min, queues * days)
    went = np.bincount(queue * days + begun, work_min, queues * days)
    return np.asarray((came - went).reshape(queues, days).cumsum(axis=1)[:, :-1])


def _slopes(series: Floats) -> Floats:
    """Return the least-squares slope of each row by day; 0 for fewer than two days."""
    days = np.arange(series.shape[1]) - (series.shape[1] - 1) / 2
    squares = float((days**2).sum())
    return series @ days / squares if squares else np.zeros(len(series))
