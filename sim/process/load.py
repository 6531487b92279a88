"""Offered load: the work that arrives per working day, against the capacity of the staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from sim.process.blocks import (
    Alongside,
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Condition,
    Delay,
    Exit,
    ExpectedWaitWithin,
    Parallel,
    Present,
    Seconds,
    Serve,
    children,
)
from sim.process.network import Group, ProcessNetwork, Route
from sim.process.phases import at, changes_s

Leaf = Serve | Delay | AwaitSession
AddLeaf = Callable[[Leaf, float], None]
"""Takes a step and the rate at which cases come to it, per working day or per case."""


@dataclass(frozen=True)
class Load:
    """Work offered to people who can do it.

    Parameters
    ----------
    groups
        Names of the groups.
    skills
        Skills whose work is counted.
    offered_min
        Minutes of work that come per working day: Σ rate × expected times × mean duration.
    capacity_min
        Minutes they have per working day: people present × open minutes, on average over the days
        that are simulated.
    """

    groups: tuple[str, ...]
    skills: tuple[str, ...]
    offered_min: float
    capacity_min: float

    @property
    def ratio(self) -> float:
        """Offered work divided by capacity; at 1 or above the queue grows without end."""
        return self.offered_min / self.capacity_min if self.capacity_min else float("inf")


def loads(network: ProcessNetwork) -> list[Load]:
    """Return the load of every skill and of all people who share skills, heaviest first.

    The number of times a case comes to a step follows the probabilities of the routes; applicants
    who leave the queue and come again, clocks that run out, and what is done beside a route are
    not counted.  The work for a skill is compared with the capacity of all groups that have it,
    and all work for a set of groups connected by skills with the capacity of the set.

    Parameters
    ----------
    network
        A network, or the part that is in force at one time.

    Returns
    -------
    list of Load
        One per skill that has work, and one per connected set of groups with work for at least
        two skills.
    """
    work_min = _work_by_skill(network)
    able: dict[str, list[Group]] = {skill: [] for skill in work_min}
    for group in network.groups:
        for skill in group.skills:
            able.setdefault(skill, []).append(group)
    offered = [_load(network, able[skill], [skill], work_min) for skill in work_min]
    for groups in _connected(network.groups):
        shared = {skill for group in groups for skill in group.skills}
        skills = [skill for skill in work_min if skill in shared]
        if len(skills) > 1:
            offered.append(_load(network, groups, skills, work_min))
    return sorted(offered, key=lambda load: -load.ratio)


def overloads(network: ProcessNetwork) -> list[Load]:
    """Return the loads at or above capacity at any time, the widest set of people once.

    Parameters
    ----------
    network
        A network whose policies may change on dates.

    Returns
    -------
    list of Load
        Loads with a ratio of 1 or more, heaviest first; one whose groups all belong to another
        of at least as many skills is left out.
    """
    excessive: list[Load] = []
    for load in sorted(_at_any_time(network), key=lambda load: -len(load.skills)):
        covered = any(set(load.groups) <= set(other.groups) for other in excessive)
        if load.ratio >= 1 and not covered:
            excessive.append(load)
    return sorted(excessive, key=lambda load: -load.ratio)


def heaviest(network: ProcessNetwork) -> float:
    """Return the heaviest load at any time.

    Parameters
    ----------
    network
        A network whose policies may change on dates.

    Returns
    -------
    float
        Offered work divided by capacity; 0 without any work.
    """
    return max((load.ratio for load in _at_any_time(network)), default=0.0)


def _at_any_time(network: ProcessNetwork) -> list[Load]:
    return [load for time_s in changes_s(network) for load in loads(at(network, time_s))]


def _load(
    network: ProcessNetwork, groups: list[Group], skills: list[str], work_min: dict[str, float]
) -> Load:
    capacity = sum(_present(group) * _open_min_per_day(network, group) for group in groups)
    return Load(
        groups=tuple(group.name for group in groups),
        skills=tuple(skills),
        offered_min=sum(work_min[skill] for skill in skills),
        capacity_min=capacity,
    )


def _present(group: Group) -> float:
    """Return how many people are at work on average, guests among them."""
    own = len(group.people) * (1 - group.absent_share)
    return own + len(group.guests) * group.guests_away[0]


def _open_min_per_day(network: ProcessNetwork, group: Group) -> float:
    calendar = network.calendars[group.calendar]
    days = sum(opening < network.end_s for opening in network.working_days.day_opens)
    return calendar.elapsed(network.end_s) / 60 / max(1, days)


def _connected(groups: tuple[Group, ...]) -> list[list[Group]]:
    """Return the groups that share skills, directly or through others."""
    parts: list[list[Group]] = []
    for group in groups:
        own = set(group.skills)
        near = [part for part in parts if not all(own.isdisjoint(member.skills) for member in part)]
        parts = [part for part in parts if part not in near]
        parts.append([*(member for part in near for member in part), group])
    return parts


def _work_by_skill(network: ProcessNetwork) -> dict[str, float]:
    """Return the expected minutes of work per working day by skill."""
    work: dict[str, float] = defaultdict(float)

    def add(block: Leaf, rate: float) -> None:
        if isinstance(block, Serve):
            mean = block.duration.distribution
            work[block.skill] += rate * (mean.mean_s / 60 if isinstance(mean, Seconds) else 0.0)

    for route in network.routes:
        rate = route.rate_per_wd * route.volume
        if rate > 0:
            _reach(route.block, rate, network, add)
    return dict(work)


def expected_times(route: Route, network: ProcessNetwork, activity: str) -> float:
    """Return how often a case of a route comes to a step of this name, on average.

    It follows the probabilities of the route, as in `loads`.

    Parameters
    ----------
    route
        The route.
    network
        The network it belongs to, which has the attendance of sessions.
    activity
        Name of the step.

    Returns
    -------
    float
        Expected number of times per case.
    """
    rates: list[float] = []

    def add(block: Leaf, rate: float) -> None:
        if block.activity == activity:
            rates.append(rate)

    _reach(route.block, 1.0, network, add)
    return sum(rates)


def _reach(block: Block, rate: float, network: ProcessNetwork, add: AddLeaf) -> float:
    """Add every step of a block reached at this rate; return the rate at which cases go on."""
    if isinstance(block, Exit):
        return 0.0
    if isinstance(block, Serve | Delay | AwaitSession):
        add(block, rate)
        return rate
    if isinstance(block, Choice):
        left, onward = rate, 0.0
        for condition, child in block.branches:
            share = _nominal(condition, network)
            onward += _reach(child, left * share, network, add)
            left *= 1 - share
        return onward + left
    if isinstance(block, Alongside):
        return _reach(block.child, rate, network, add)
    if isinstance(block, Parallel):
        for child in block.branches:
            _reach(child, rate, network, add)
        return rate
    for child in children(block):
        rate = _reach(child, rate, network, add)
    return rate


def _nominal(condition: Condition | None, network: ProcessNetwork) -> float:
    """Return the share of cases for which a condition holds when the hall runs as planned."""
    match condition:
        case Chance(_, probability):
            return probability
        case Attending(session):
            return network.sessions[session].attendance
        case Present() | ExpectedWaitWithin() | None:
            # The alternative is the same people's back desk, so the split adds no load.
            return 1.0
