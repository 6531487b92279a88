"""What a hall could carry: the largest multiple of its demand, and who is in the way.

A multiple is carried if the wait target is kept for so many calls and no queue's backlog
grows.  It is found by looking at more and more multiples of the demand near the limit, in the
same replications; every applicant of a smaller multiple is among those of a larger one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.chance.draws import Seed
from sim.chance.philox import word
from sim.measure.queue_performance import QueuePerformance, Station, stations
from sim.process.load import loads
from sim.process.network import ProcessNetwork
from sim.running.measurements import QueuePerformanceWith, queue_performance_in
from sim.running.runner import Runner
from sim.scenario.model import Scenario
from sim.stats.crossing import bootstrap_interval, crossing, resamples
from sim.stats.intervals import Estimate, mean_interval

Floats = npt.NDArray[np.float64]
Cause = Literal["wait", "backlog", "none"]

TARGET = 0.9
"""Share of calls to be made within the wait target, unless told otherwise."""
GROWTH = 0.01
"""A backlog grows if every working day adds more than this share of its people's day to it."""
LEAST, MOST = 0.05, 50.0
"""Smallest and largest multiples that are looked at; the schema allows no volume above 50."""
CLOSE = 1.03
"""Ratio of neighbouring multiples around the limit at which the search ends."""
MOST_LOOKS = 24
RESAMPLES = 1000
NO_GAIN = Estimate(math.nan, math.nan, math.nan, 0)
BLOCK = 5
"""Replications in a cell."""


@dataclass(frozen=True)
class Curves:
    """QueuePerformance at every multiple that was looked at.

    Parameters
    ----------
    levels
        Multiples, ascending, shape (levels,).
    within
        Shape (levels, replications); NaN where there was no call.
    late, growth, use
        Shape (levels, replications, stations).
    """

    levels: Floats
    within: Floats
    late: Floats
    growth: Floats
    use: Floats

    @classmethod
    def of(cls, looks: dict[float, list[QueuePerformance]]) -> Curves:
        """Put looks in order."""
        levels = sorted(looks)
        return cls(
            np.array(levels),
            *(
                np.array([[getattr(one, name) for one in looks[level]] for level in levels])
                for name in ("within", "late", "growth", "use")
            ),
        )

    @cached_property
    def growing(self) -> list[int]:
        """Queues that come near to growing anywhere."""
        return [int(one) for one in np.flatnonzero(self.growth.mean(axis=1).max(0) > GROWTH / 2)]


class Limit(NamedTuple):
    """The largest multiple carried, why no more, and the queue in the way (-1 for none)."""

    at: float
    cause: Cause
    queue: int


def limit(curves: Curves, target: float, weights: Floats | None = None) -> Limit:
    """Return the limit that curves show.

    Parameters
    ----------
    curves
        QueuePerformance by multiple.
    target
        Share of calls to be made within the wait target.
    weights
        Of the replications, adding up to 1; equal ones unless given.
    """
    replications = curves.within.shape[1]
    share = np.full(replications, 1 / replications) if weights is None else weights
    known = ~np.isnan(curves.within)
    counted = known @ share
    misses = np.where(known, 1 - curves.within, 0.0) @ share / np.maximum(counted, 1e-12)
    at = crossing(curves.levels, misses, 1 - target)
    found = Limit(at, "none" if math.isinf(at) else "wait", -1)
    for queue in curves.growing:
        at = crossing(curves.levels, curves.growth[:, :, queue] @ share, GROWTH)
        if at < found.at:
            found = Limit(at, "backlog", queue)
    if found.cause == "wait":
        near = int(np.argmin(np.abs(curves.levels - found.at)))
        return found._replace(queue=int(np.argmax(share @ curves.late[near])))
    return found


Look = Callable[[float], list[QueuePerformance]]


def search(look: Look, target: float, start: Sequence[float], most: float = MOST) -> Curves:
    """Look at multiples until the limit is enclosed closely.

    Parameters
    ----------
    look
        Returns the queue_performance of every replication at a multiple.
    target
        Share of calls to be made within the wait target.
    start
        Multiples to begin with.
    most
        Largest multiple that may be looked at.

    Notes
    -----
    Beyond the enclosure, half and four fifths of the limit and an eighth more are looked at, for
    the picture and so that intervals find room.
    """
    looks: dict[float, list[QueuePerformance]] = {}

    def at(multiple: float) -> float:
        level = float(f"{min(most, max(LEAST, multiple)):.4g}")
        if level not in looks:
            looks[level] = look(level)
        return limit(Curves.of(looks), target).at

    for multiple in start:
        found = at(multiple)
    while math.isinf(found) and max(looks) < most:
        found = at(1.5 * max(looks))
    while found < min(looks) and min(looks) > LEAST:
        found = at(0.6 * min(looks))
    while 0 < found < math.inf and len(looks) < MOST_LOOKS:
        closer = _between(list(looks), found)
        if closer is None:
            break
        found = at(closer)
    for multiple in (0.5 * found, 0.8 * found, 1.125 * found) if 0 < found < math.inf else ():
        if min(abs(level / multiple - 1) for level in looks) > 0.08:
            at(multiple)
    return Curves.of(looks)


def _between(levels: Sequence[float], found: float) -> float | None:
    """Return a multiple that encloses the limit more closely, None if it is close enough."""
    low = max(level for level in levels if level <= found)
    high = min((level for level in levels if level > found), default=low)
    quarter = (high / low) ** 0.25
    # Not too near either end, so that the enclosure shrinks whatever is found.
    return None if high / low <= CLOSE else min(max(found, low * quarter), high / quarter)


@dataclass(frozen=True)
class CapacityLimit:
    """A limit with what is known of it.

    Parameters
    ----------
    added
        People added, by group.
    curves
        What was looked at.
    limit
        The limit.
    low, high
        Its interval.
    sure
        Share of bootstrap resamples in which the same queue is in the way for the same cause.
    gain
        What the people added to the limit, with its interval; NaN without people.
    """

    added: dict[str, int]
    curves: Curves
    limit: Limit
    low: float
    high: float
    sure: float
    gain: Estimate = NO_GAIN


def _resamples(n: int) -> Floats:
    """Return the same resamples whenever there are n replications.

    They belong to no applicant, so they hang on no seed of the user's.
    """
    uniforms = Seed(0, 0).uniforms(np.arange(RESAMPLES * n), 0, word("replications"), "resample")
    return resamples(uniforms.reshape(RESAMPLES, n))


def judged(
    curves: Curves, target: float, added: dict[str, int], before: CapacityLimit | None = None
) -> CapacityLimit:
    """Work out interval and gain by resampling replications, the same ones before and after."""
    n = curves.within.shape[1]
    weights = _resamples(n)
    limits = {one.tobytes(): limit(curves, target, one) for one in weights}
    best = limit(curves, target)
    low, high = bootstrap_interval(lambda one: limits[one.tobytes()].at, weights)
    same = [limits[one.tobytes()][1:] == best[1:] for one in weights]
    found = CapacityLimit(added, curves, best, low, high, float(np.mean(same)))
    if before is None or math.isinf(best.at):
        return found
    old = before.curves

    def more(one: Floats) -> float:
        return limits[one.tobytes()].at - limit(old, target, one).at

    gain = Estimate(best.at - before.limit.at, *bootstrap_interval(more, weights), n)
    return replace(found, gain=gain)


@dataclass(frozen=True)
class Capacity:
    """What was found about a scenario.

    Parameters
    ----------
    scenario, network
        The scenario.
    target
        Share of calls to be made within the wait target.
    cases_per_wd
        Everyone's cases that come per working day at multiple 1, on average.
    steps
        The limit as things are; with one more person in the queue in the way; and, where the
        same queue is still in the way, with twice its people.
    """

    scenario: Scenario
    network: ProcessNetwork
    target: float
    cases_per_wd: float
    steps: tuple[CapacityLimit, ...]

    @cached_property
    def stations(self) -> tuple[Station, ...]:
        """Who may be in the way."""
        return stations(self.network)

    @property
    def now(self) -> CapacityLimit:
        """The limit as things are."""
        return self.steps[0]

    def best(self) -> Estimate:
        """Return the largest share within the target at any multiple, with its interval."""
        within = self.now.curves.within
        known = within[~np.isnan(within).all(axis=1)]
        return mean_interval(max(known, key=np.nanmean)) if len(known) else mean_interval(within[0])

    def use_at(self, multiple: float, step: int = 0) -> Floats:
        """Return busy over attended time by queue at a multiple, between those looked at."""
        curves = self.steps[step].curves
        mean = curves.use.mean(axis=1)
        return np.array([np.interp(multiple, curves.levels, one) for one in mean.T])


def capacity(scenario: Scenario, runner: Runner, replications: int, target: float) -> Capacity:
    """Find what a hall could carry, who is in the way, and what one more person there brings.

    Raises
    ------
    StoppedError
        After Ctrl-C; finished cells are kept.
    RunError
        If workers, cluster or disk fail; finished cells are kept.
    """
    network = runner.prepared(scenario).network
    of = stations(network)
    most = min(MOST, MOST / scenario.settings.demand.volume)
    heaviest = max((load.ratio for load in loads(network)), default=0.0)
    start = sorted({1.0, min(2.0, max(LEAST, 1 / heaviest if heaviest else 2.0))})
    looking = _Looking(scenario, runner, replications)
    curves = search(looking.at({}), target, start, most)
    steps = [judged(curves, target, {})]
    for _ in range(2):
        last = steps[-1]
        if last.limit.queue < 0 or last.limit.at <= 0:
            break
        if len(steps) > 1 and last.limit.queue != steps[0].limit.queue:
            break
        group = network.groups[of[last.limit.queue].groups[0]]
        people = sum(len(network.groups[place].people) for place in of[last.limit.queue].groups)
        added = {group.name: 1 if len(steps) == 1 else max(2, people)}
        begin = [last.limit.at, 1.1 * last.limit.at]
        curves = search(looking.at(added), target, begin, most)
        steps.append(judged(curves, target, added, steps[0]))
    cases = sum(route.rate_per_wd * route.volume for route in network.routes)
    return Capacity(scenario, network, target, cases, tuple(steps))


@dataclass
class _Looking:
    """Looks at multiples of a scenario's demand with the runner's workers, telling progress."""

    scenario: Scenario
    runner: Runner
    replications: int
    done: int = field(default=0, init=False)

    def at(self, added: dict[str, int]) -> Look:
        """Return how to look with these people added."""
        return lambda multiple: self._look(multiple, added)

    def _look(self, multiple: float, added: dict[str, int]) -> list[QueuePerformance]:
        volume = multiple * self.scenario.settings.demand.volume
        scenario = self.scenario.with_values({"demand.volume": volume})
        numbers = range(self.replications)
        runner = self.runner.as_part(self.done, lambda total: self.done + total)
        found = runner.records(scenario, numbers, QueuePerformanceWith(tuple(added.items())), BLOCK)
        self.done += runner.cells_in(numbers, BLOCK)
        return [queue_performance_in(one) for one in found]
