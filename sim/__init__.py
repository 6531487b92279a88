"""Simulate a government one-stop service hall, and compare reforms before making them.

>>> import sim
>>> county = sim.load("county")
>>> findings = sim.compare([county, "+full-authorization"], replications=20)
>>> findings.differences  # a data frame, as are all of findings.frames
>>> findings.plot("differences")  # a figure; findings.charts names them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.scenario.further_checks import FURTHER_CHECKS, FurtherCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.api import (
        InputError,
        RunError,
        attribute,
        calibrate,
        capacity,
        check,
        compare,
        ensemble,
        explain,
        load,
        run,
        sensitivity,
        staff,
        sweep,
        transition,
    )
    from sim.scenario.catalogue import Item
    from sim.scenario.further_checks import ProblemOf
    from sim.scenario.problems import Problem
    from sim.scenario.schema import Settings

__all__ = [
    "InputError",
    "RunError",
    "attribute",
    "calibrate",
    "capacity",
    "check",
    "compare",
    "ensemble",
    "explain",
    "load",
    "run",
    "sensitivity",
    "staff",
    "sweep",
    "transition",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that `hall --help` need not wait for pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    from sim import api  # noqa: PLC0415  (late on purpose)

    return getattr(api, name)


def _feasibility(
    settings: Settings, items: Sequence[Item], problem: ProblemOf
) -> Iterable[Problem]:
    from sim.rules.feasibility_checks import feasibility_problems  # noqa: PLC0415  (late as well)

    return feasibility_problems(settings, items, problem)


def _report(settings: Settings, items: Sequence[Item], problem: ProblemOf) -> Iterable[Problem]:  # noqa: ARG001
    from sim.measure.definitions import report_problems  # noqa: PLC0415  (late as well)

    return report_problems(settings.report, problem)


FURTHER_CHECKS.extend([FurtherCheck(_report, of_parts=True), FurtherCheck(_feasibility)])
