"""Capacity of a hall: the largest multiple of its demand that it can carry, and the bottleneck.

A multiple is carried if the required share of calls is made within the wait target and no
station's backlog grows.  The search simulates multiples ever closer to the limit, always in the
same replications; all applicants of a smaller multiple are among those of a larger one.
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
"""Share of calls to be made within the wait target, 0 to 1, unless another one is given."""
GROWTH = 0.01
"""Growth per working day, as a share of the work that people can do in a day, from which on a
backlog counts as growing."""
SMALLEST, LARGEST = 0.05, 50.0
"""Smallest and largest multiples that are simulated; the schema allows no volume above 50."""
CLOSE = 1.03
"""Ratio of neighbouring multiples around the limit at which the search ends."""
MOST_LEVELS = 24
"""Multiples at most that are simulated before the search ends."""
RESAMPLES = 1000
"""Bootstrap resamples of the replications."""
NO_GAIN = Estimate(math.nan, math.nan, math.nan, 0)
"""Gain of a limit without added people."""
BLOCK = 5
"""Replications in a cell."""


@dataclass(frozen=True)
class Curves:
    """Performance at every multiple of the demand that was simulated.

    Parameters
    ----------
    levels
        Multiples, ascending, shape (levels,).
    within
        Share of calls made within the wait target, 0 to 1, shape (levels, replications); NaN where
        there were no calls.
    late, growth, use
        As in `QueuePerformance`, shape (levels, replications, stations).
    """

    levels: Floats
    within: Floats
    late: Floats
    growth: Floats
    use: Floats

    @classmethod
    def of(cls, performance: dict[float, list[QueuePerformance]]) -> Curves:
        """Return the performance at multiples as arrays.

        Parameters
        ----------
        performance
            Performance in every replication, by multiple, in any order.

        Returns
        -------
        Curves
            Multiples ascending.
        """
        levels = sorted(performance)
        return cls(
            np.array(levels),
            *(
                np.array(
                    [[getattr(figures, name) for figures in performance[level]] for level in levels]
                )
                for name in ("within", "late", "growth", "use")
            ),
        )

    @cached_property
    def growing(self) -> list[int]:
        """Indices of stations of which the mean growth exceeds `GROWTH` / 2 at some multiple."""
        return np.flatnonzero(self.growth.mean(axis=1).max(0) > GROWTH / 2).tolist()


class Limit(NamedTuple):
    """The largest multiple of the demand that is carried, and the bottleneck.

    Parameters
    ----------
    multiple
        The multiple; infinite if even the largest one simulated is carried, 0 if not even the
        smallest one is.
    cause
        What fails beyond it: too many late calls (``wait``) or a growing backlog (``backlog``).
    station
        Index of the bottleneck, -1 for none.
    """

    multiple: float
    cause: Cause
    station: int


def limit(curves: Curves, target: float, weights: Floats | None = None) -> Limit:
    """Return the limit at which the means over replications come to exceed what is allowed.

    Parameters
    ----------
    curves
        Performance by multiple.
    target
        Share of calls to be made within the wait target, 0 to 1.
    weights
        Weights of the replications, which add up to 1, shape (replications,); equal ones unless
        given.

    Returns
    -------
    Limit
        The bottleneck of waits is the station with most late calls at the multiple nearest to it.
    """
    replications = curves.within.shape[1]
    share = np.full(replications, 1 / replications) if weights is None else weights
    known = ~np.isnan(curves.within)
    counted = known @ share
    misses = np.where(known, 1 - curves.within, 0.0) @ share / np.maximum(counted, 1e-12)
    multiple = crossing(curves.levels, misses, 1 - target)
    lowest = Limit(multiple, "none" if math.isinf(multiple) else "wait", -1)
    for station in curves.growing:
        multiple = crossing(curves.levels, curves.growth[:, :, station] @ share, GROWTH)
        if multiple < lowest.multiple:
            lowest = Limit(multiple, "backlog", station)
    if lowest.cause == "wait":
        nearest = int(np.argmin(np.abs(curves.levels - lowest.multiple)))
        return lowest._replace(station=int(np.argmax(share @ curves.late[nearest])))
    return lowest


Simulate = Callable[[float], list[QueuePerformance]]
"""Returns the performance in every replication, given the multiple of the demand."""


def search_limit(
    simulate: Simulate, target: float, start: Sequence[float], most: float = LARGEST
) -> Curves:
    """Simulate multiples of the demand until the limit is closely enclosed.

    Parameters
    ----------
    simulate
        Function that returns the performance in every replication, given the multiple.
    target
        Share of calls to be made within the wait target, 0 to 1.
    start
        Multiples to begin with, at least one.
    most
        Largest multiple that may be simulated.

    Returns
    -------
    Curves
        Performance at every multiple that was simulated.

    Notes
    -----
    The search ends when neighbouring multiples around the limit differ by a factor of at most
    `CLOSE`, or after `MOST_LEVELS` multiples.  Then half, four fifths and nine eighths of the limit
    are simulated as well, for the chart and so that intervals do not end where the curves do.
    """
    performance: dict[float, list[QueuePerformance]] = {}

    def limit_with(multiple: float) -> float:
        level = float(f"{min(most, max(SMALLEST, multiple)):.4g}")
        if level not in performance:
            performance[level] = simulate(level)
        return limit(Curves.of(performance), target).multiple

    for multiple in start:
        best = limit_with(multiple)
    while math.isinf(best) and max(performance) < most:
        best = limit_with(1.5 * max(performance))
    while best < min(performance) and min(performance) > SMALLEST:
        best = limit_with(0.6 * min(performance))
    while 0 < best < math.inf and len(performance) < MOST_LEVELS:
        closer = _between(list(performance), best)
        if closer is None:
            break
        best = limit_with(closer)
    for multiple in (0.5 * best, 0.8 * best, 1.125 * best) if 0 < best < math.inf else ():
        if min(abs(level / multiple - 1) for level in performance) > 0.08:
            limit_with(multiple)
    return Curves.of(performance)


def _between(levels: Sequence[float], best: float) -> float | None:
    """Return a multiple that encloses the limit more closely, None if it is close enough."""
    low = max(level for level in levels if level <= best)
    high = min((level for level in levels if level > best), default=low)
    quarter = (high / low) ** 0.25
    # Not too near either end, so that the enclosure shrinks whatever the next limit is.
    return None if high / low <= CLOSE else min(max(best, low * quarter), high / quarter)


@dataclass(frozen=True)
class CapacityLimit:
    """A limit with its uncertainty.

    Parameters
    ----------
    added
        Number of people added, by name of the group.
    curves
        Performance at every multiple that was simulated.
    limit
        The limit.
    low, high
        Its 95 % bootstrap interval, may be infinite; NaN for one replication.
    agreement
        Share of bootstrap resamples, 0 to 1, with the same bottleneck and the same cause.
    gain
        By how much the people added raise the limit, with its interval; NaN without added people,
        or if the limit is infinite.
    """

    added: dict[str, int]
    curves: Curves
    limit: Limit
    low: float
    high: float
    agreement: float
    gain: Estimate = NO_GAIN


def _resamples(n: int) -> Floats:
    """Return the weights of resamples, shape (RESAMPLES, n); always the same for n replications.

    They concern no applicant, so they do not depend on the user's seed.
    """
    uniforms = Seed(0, 0).uniforms(np.arange(RESAMPLES * n), 0, word("replications"), "resample")
    return resamples(uniforms.reshape(RESAMPLES, n))


def limit_with_interval(
    curves: Curves, target: float, added: dict[str, int], before: CapacityLimit | None = None
) -> CapacityLimit:
    """Return the limit with its bootstrap interval, and the gain by added people.

    Parameters
    ----------
    curves
        Performance by multiple.
    target
        Share of calls to be made within the wait target, 0 to 1.
    added
        Number of people added, by name of the group.
    before
        The limit without them; the same resamples serve both, so that the gain is paired.  None if
        nobody was added.

    Returns
    -------
    CapacityLimit
        The limit.
    """
    n = curves.within.shape[1]
    weights = _resamples(n)
    limits = {row.tobytes(): limit(curves, target, row) for row in weights}
    best = limit(curves, target)
    low, high = bootstrap_interval(lambda row: limits[row.tobytes()].multiple, weights)
    same = [limits[row.tobytes()][1:] == best[1:] for row in weights]
    result = CapacityLimit(added, curves, best, low, high, float(np.mean(same)))
    if before is None or math.isinf(best.multiple):
        return result
    old = before.curves

    def gained(row: Floats) -> float:
        return limits[row.tobytes()].multiple - limit(old, target, row).multiple

    gain = Estimate(best.multiple - before.limit.multiple, *bootstrap_interval(gained, weights), n)
    return replace(result, gain=gain)


@dataclass(frozen=True)
class Capacity:
    """Results for a scenario.

    Parameters
    ----------
    scenario, network
        The scenario, and its process network.
    target
        Share of calls to be made within the wait target, 0 to 1.
    cases_per_wd
        Mean number of cases of all items that come per working day at multiple 1.
    steps
        The limit with the people of the scenario; with one more person at the bottleneck; and,
        where the bottleneck stays the same, with as many added as it has (at least 2).
    """

    scenario: Scenario
    network: ProcessNetwork
    target: float
    cases_per_wd: float
    steps: tuple[CapacityLimit, ...]

    @cached_property
    def stations(self) -> tuple[Station, ...]:
        """Stations of the network, each of which may be the bottleneck."""
        return stations(self.network)

    @property
    def current(self) -> CapacityLimit:
        """The limit with the people of the scenario."""
        return self.steps[0]

    def best_within(self) -> Estimate:
        """Return the largest share of calls within the wait target at any multiple.

        Returns
        -------
        Estimate
            Mean over replications, 0 to 1, with its interval; NaN where there were no calls.
        """
        within = self.current.curves.within
        known = within[~np.isnan(within).all(axis=1)]
        return mean_interval(max(known, key=np.nanmean)) if len(known) else mean_interval(within[0])

    def utilisation_at(self, multiple: float, step: int = 0) -> Floats:
        """Return the mean utilisation of each station, interpolated between multiples simulated.

        Parameters
        ----------
        multiple
            Multiple of the demand.
        step
            Index in `steps`.

        Returns
        -------
        ndarray
            Busy over attended time, shape (stations,).
        """
        curves = self.steps[step].curves
        mean = curves.use.mean(axis=1)
        return np.array([np.interp(multiple, curves.levels, use) for use in mean.T])


def capacity(scenario: Scenario, runner: Runner, replications: int, target: float) -> Capacity:
    """Find what a hall can carry, its bottleneck, and the gain by one more person there.

    Parameters
    ----------
    scenario
        The scenario.
    runner
        Computes the replications and keeps them.
    replications
        Number of replications at every multiple.
    target
        Share of calls to be made within the wait target, 0 to 1.

    Returns
    -------
    Capacity
        The results.

    Raises
    ------
    StoppedError
        After Ctrl-C; finished cells are kept.
    RunError
        If workers, cluster or disk fail; finished cells are kept.
    """
    network = runner.prepared(scenario).network
    known = stations(network)
    most = min(LARGEST, LARGEST / scenario.settings.demand.volume)
    heaviest = max((load.ratio for load in loads(network)), default=0.0)
    start = sorted({1.0, min(2.0, max(SMALLEST, 1 / heaviest if heaviest else 2.0))})
    simulation = _Simulation(scenario, runner, replications)
    curves = search_limit(simulation.with_people({}), target, start, most)
    steps = [limit_with_interval(curves, target, {})]
    for _ in range(2):
        last = steps[-1]
        if last.limit.station < 0 or last.limit.multiple <= 0:
            break
        if len(steps) > 1 and last.limit.station != steps[0].limit.station:
            break
        places = known[last.limit.station].groups
        people = sum(len(network.groups[place].people) for place in places)
        added = {network.groups[places[0]].name: 1 if len(steps) == 1 else max(2, people)}
        begin = [last.limit.multiple, 1.1 * last.limit.multiple]
        curves = search_limit(simulation.with_people(added), target, begin, most)
        steps.append(limit_with_interval(curves, target, added, steps[0]))
    cases = sum(route.rate_per_wd * route.volume for route in network.routes)
    return Capacity(scenario, network, target, cases, tuple(steps))


@dataclass
class _Simulation:
    """Simulates multiples of a scenario's demand with the runner's workers, reporting progress."""

    scenario: Scenario
    runner: Runner
    replications: int
    done: int = field(default=0, init=False)

    def with_people(self, added: dict[str, int]) -> Simulate:
        """Return the function that simulates with people added, by group."""
        return lambda multiple: self._performance(multiple, added)

    def _performance(self, multiple: float, added: dict[str, int]) -> list[QueuePerformance]:
        volume = multiple * self.scenario.settings.demand.volume
        scenario = self.scenario.with_values({"demand.volume": volume})
        numbers = range(self.replications)
        runner = self.runner.as_part(self.done, lambda total: self.done + total)
        records = runner.records(
            scenario, numbers, QueuePerformanceWith(tuple(added.items())), BLOCK
        )
        self.done += runner.cells_in(numbers, BLOCK)
        return [queue_performance_in(record) for record in records]
