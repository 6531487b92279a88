"""Request and results of a sensitivity analysis, for every method."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sim.measure.definitions import headline
from sim.running.runner import Runner
from sim.scenario.estimates import MEASURES, Factor, LeftOut
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.studies.sensitivity.estimates import chosen_factors, refused_ends, unknown_indicators
from sim.studies.sensitivity.indices import Indices, Means, morris, sobol
from sim.studies.sensitivity.robustness import Robustness, judge_robustness
from sim.studies.sensitivity.study import (
    Overload,
    SensitivityRequest,
    Tornado,
    one_at_a_time,
    overloads_of,
)

DEFAULT_INDICATORS = ("all_elapsed_mean_wd", "hall_wait_mean_min")
FEW = 4
"""Replications at each of the many points of Morris and Sobol, unless told otherwise."""
MOST_VARIED = 6
"""Parameters that Sobol takes by default."""

Method = Literal["tornado", "morris", "sobol"]


@dataclass(frozen=True)
class SensitivityPlan:
    """A sensitivity analysis that was checked.

    Parameters
    ----------
    scenarios
        The hall, and what is compared with it, if anything is.
    factors
        Estimates that vary.
    left_out
        Estimates that do not vary, and why.
    named
        Whether the user named the factors.
    indicators
        Ids of the figures to judge by.
    """

    scenarios: tuple[Scenario, ...]
    factors: tuple[Factor, ...]
    left_out: tuple[LeftOut, ...]
    named: bool
    indicators: tuple[str, ...]

    def request(self, runner: Runner, replications: int) -> SensitivityRequest:
        """Return what is asked of every point.

        Parameters
        ----------
        runner
            Simulates the replications.
        replications
            Number of replications of every point.

        Returns
        -------
        SensitivityRequest
            For the figures of the hall, or for what the other scenario changes in them.
        """
        hall, *others = self.scenarios
        return SensitivityRequest(
            runner, hall, next(iter(others), None), replications, self.indicators
        )


@dataclass(frozen=True)
class SensitivityResults:
    """Results of a sensitivity analysis.

    Parameters
    ----------
    method
        One estimate at a time, elementary effects, or shares of the variance.
    request
        What was asked of every point.
    factors
        Estimates that varied.
    left_out
        Estimates that did not, and why.
    replications
        One row per point, replication and figure.
    tornado, robustness, overloads
        Of the method ``tornado``: each estimate at both ends of its range, whether verdicts hold,
        and where a hall is overloaded.  None and empty with the other methods.
    indices, means, size
        Of Morris and Sobol: indices by figure, the figures they are computed from, and the number
        of paths or samples.  Empty, None and 0 with the other method.
    """

    method: Method
    request: SensitivityRequest
    factors: Sequence[Factor]
    left_out: Sequence[LeftOut]
    replications: pd.DataFrame
    tornado: Tornado | None = None
    robustness: Sequence[Robustness] = ()
    overloads: Sequence[Overload] = ()
    indices: Sequence[Indices] = ()
    means: Means | None = None
    size: int = 0


def plan_sensitivity(
    scenarios: Callable[[], Sequence[Scenario]],
    *,
    method: Method,
    vary: Sequence[str],
    names: Sequence[str],
    samples: int,
    place: str,
) -> SensitivityPlan:
    """Check everything that is asked before anything is simulated.

    Parameters
    ----------
    scenarios
        Loads the hall, and what is compared with it.
    method
        How estimates vary.
    vary
        Parameters, perhaps with a range, such as ``demand.volume=0.5:2``; every estimate that has
        one if empty.
    names
        Ids of the figures to judge by; ``headline`` stands for all of those.
    samples
        Samples of Sobol.
    place
        Name of the hall in messages.

    Returns
    -------
    SensitivityPlan
        The checked analysis.

    Raises
    ------
    InputError
        With all problems at once.
    """
    wanted: list[str] = []
    for name in names or DEFAULT_INDICATORS:
        wanted += [figure.id for figure in headline()] if name == "headline" else [name]
    problems = unknown_indicators(wanted)
    if method == "sobol" and samples & (samples - 1):
        near = 2 ** round(math.log2(samples))
        problems.append(Problem("--samples", None, f"{samples}", f"a power of 2, such as {near}"))
    loaded: Sequence[Scenario] = ()
    factors: list[Factor] = []
    left_out: list[LeftOut] = []
    try:
        loaded = scenarios()
    except InputError as error:
        problems = [*error.problems, *problems]
    if loaded:
        factors, left_out, mistakes = chosen_factors(loaded[0], vary)
        problems += mistakes
        if not (factors or mistakes):
            allowed = "estimates with a range under sources:, or --vary PATH=LOW:HIGH"
            problems.append(Problem(place, None, "no estimate has a range", allowed))
    if problems:
        raise InputError(problems)
    unique = tuple(dict.fromkeys(wanted))
    return SensitivityPlan(tuple(loaded), tuple(factors), tuple(left_out), bool(vary), unique)


def analyse(
    planned: SensitivityPlan, request: SensitivityRequest, method: Method, size: int
) -> SensitivityResults:
    """Vary the estimates by one of the methods.

    Parameters
    ----------
    planned
        The checked analysis.
    request
        What is asked of every point.
    method
        How estimates vary.
    size
        Paths of Morris, or samples of Sobol; not used by the tornado.

    Returns
    -------
    SensitivityResults
        Results, with their tables.
    """
    if method == "tornado":
        return _tornado(planned, request)
    return _indices(planned, request, method, size)


def _tornado(planned: SensitivityPlan, request: SensitivityRequest) -> SensitivityResults:
    tornado = one_at_a_time(request, planned.factors)
    return SensitivityResults(
        "tornado",
        request,
        planned.factors,
        [*planned.left_out, *request.held(planned.factors), *tornado.left_out],
        tornado.replications(),
        tornado=tornado,
        robustness=[] if request.scenario is None else judge_robustness(tornado),
        overloads=overloads_of(tornado),
    )


def _indices(
    planned: SensitivityPlan, request: SensitivityRequest, method: Method, size: int
) -> SensitivityResults:
    """Run Morris or Sobol; factors not named are screened one at a time for Sobol."""
    refused = refused_ends(request.scenarios, planned.factors)
    without = {left.path.partition("=")[0] for left in refused}
    factors = [factor for factor in planned.factors if factor.path not in without]
    if not planned.named:
        factors = [factor for factor in factors if factor.path not in MEASURES]
        if method == "sobol":
            factors = (
                one_at_a_time(request, factors).ranked()[:MOST_VARIED] or factors[:MOST_VARIED]
            )
    means = Means(request, factors)
    judge = morris if method == "morris" else sobol
    tables = judge(means, factors, size, request.runner.seed)
    indices = [
        Indices(method, name, table) for name, table in zip(request.indicators, tables, strict=True)
    ]
    return SensitivityResults(
        method,
        request,
        factors,
        [*planned.left_out, *request.held(factors), *refused],
        means.replications(),
        indices=indices,
        means=means,
        size=size,
    )
