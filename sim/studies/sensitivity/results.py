"""What a sensitivity analysis is asked and what it finds, whatever the method."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from sim.measure.definitions import headline
from sim.running.runner import Runner
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.studies.sensitivity import robustness as flips
from sim.studies.sensitivity.estimates import (
    MEASURES,
    Factor,
    LeftOut,
    check_indicators,
    chosen,
    refused_ends,
)
from sim.studies.sensitivity.indices import Indices, Means, morris, sobol
from sim.studies.sensitivity.robustness import Robustness
from sim.studies.sensitivity.study import (
    Overload,
    SensitivityRequest,
    Sweep,
    overloads_of,
    sweep,
)

DEFAULT_INDICATORS = ("all_elapsed_mean_wd", "hall_wait_mean_min")
FEW = 4
"""Replications at each of the many points of Morris and Sobol, unless told otherwise."""
MOST_VARIED = 6
"""Parameters that Sobol takes by default."""

Method = Literal["tornado", "morris", "sobol"]


@dataclass(frozen=True)
class Asked:
    """What is asked, checked.

    Parameters
    ----------
    scenarios
        The hall, and what is compared with it, if anything is.
    factors
        Estimates that vary.
    left_out
        Estimates that do not, and why.
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
            Works out the replications.
        replications
            Of every point.

        Returns
        -------
        SensitivityRequest
            Of the hall, or of what the other scenario changes.
        """
        hall, *others = self.scenarios
        return SensitivityRequest(
            runner, hall, next(iter(others), None), replications, self.indicators
        )


@dataclass(frozen=True)
class SensitivityResults:
    """What was found.

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
        Every figure of every replication at every point.
    sweep, robustness, overloads
        Of the tornado: each estimate at both ends, whether verdicts hold, where a hall is
        overloaded.
    indices, means, size
        Of Morris and Sobol: the indices by figure, what they rest on, and the paths or samples.
    """

    method: Method
    request: SensitivityRequest
    factors: Sequence[Factor]
    left_out: Sequence[LeftOut]
    replications: pd.DataFrame
    sweep: Sweep | None = None
    robustness: Sequence[Robustness] = ()
    overloads: Sequence[Overload] = ()
    indices: Sequence[Indices] = ()
    means: Means | None = None
    size: int = 0


def ask(
    scenarios: Callable[[], Sequence[Scenario]],
    *,
    method: Method,
    vary: Sequence[str],
    names: Sequence[str],
    samples: int,
    place: str,
) -> Asked:
    """Check everything that is asked before any time is spent.

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
        What the hall is called in a message.

    Returns
    -------
    Asked
        What is asked.

    Raises
    ------
    InputError
        With all mistakes at once.
    """
    wanted: list[str] = []
    for name in names or DEFAULT_INDICATORS:
        wanted += [figure.id for figure in headline()] if name == "headline" else [name]
    problems = check_indicators(wanted)
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
        factors, left_out, mistakes = chosen(loaded[0], vary)
        problems += mistakes
        if not (factors or mistakes):
            allowed = "estimates with a range under sources:, or --vary PATH=LOW:HIGH"
            problems.append(Problem(place, None, "no estimate has a range", allowed))
    if problems:
        raise InputError(problems)
    unique = tuple(dict.fromkeys(wanted))
    return Asked(tuple(loaded), tuple(factors), tuple(left_out), bool(vary), unique)


def analyse(
    asked: Asked, request: SensitivityRequest, method: Method, size: int
) -> SensitivityResults:
    """Vary the estimates.

    Parameters
    ----------
    asked
        What is asked.
    request
        What is asked of every point.
    method
        How estimates vary.
    size
        Paths of Morris, or samples of Sobol.

    Returns
    -------
    SensitivityResults
        What was found.
    """
    if method == "tornado":
        return _tornado(asked, request)
    return _indices(asked, request, method, size)


def _tornado(asked: Asked, request: SensitivityRequest) -> SensitivityResults:
    found = sweep(request, asked.factors)
    return SensitivityResults(
        "tornado",
        request,
        asked.factors,
        [*asked.left_out, *request.held(asked.factors), *found.left_out],
        found.replications(),
        sweep=found,
        robustness=[] if request.scenario is None else flips.flips(found),
        overloads=overloads_of(found),
    )


def _indices(
    asked: Asked, request: SensitivityRequest, method: Method, size: int
) -> SensitivityResults:
    """Run Morris or Sobol over the factors named, or those that a first look ranks."""
    refused = refused_ends(request.scenarios, asked.factors)
    without = {left.path.partition("=")[0] for left in refused}
    factors = [factor for factor in asked.factors if factor.path not in without]
    if not asked.named:
        factors = [factor for factor in factors if factor.path not in MEASURES]
        if method == "sobol":
            factors = sweep(request, factors).ranked()[:MOST_VARIED] or factors[:MOST_VARIED]
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
        [*asked.left_out, *request.held(factors), *refused],
        means.replications(),
        indices=indices,
        means=means,
        size=size,
    )
