"""Another hall like this one: drawn values and tables in place of those that are only estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from sim.scenario.further_checks import FURTHER_CHECKS
from sim.scenario.model import Scenario, Transition
from sim.scenario.problems import InputError, Problem
from sim.scenario.redraw import Chance, redraw
from sim.scenario.schema import Settings

DECIDED = frozenset({"reform", "set"})
"""Layers whose values are decided, so that no draw replaces them."""


def with_drawn(scenario: Scenario, values: Mapping[str, float], chance: Chance) -> Scenario:
    """Return a hall with drawn values and redrawn tables; what is decided stays.

    The values lie beneath those of reforms and of ``--set``: they describe the hall to which
    these are applied.

    Parameters
    ----------
    scenario
        A loaded scenario.
    values
        Drawn values by dotted path, each in the unit of its parameter.
    chance
        Uniform numbers from which the tables are redrawn; see `redraw`.

    Returns
    -------
    Scenario
        With the name and files of the one given.

    Raises
    ------
    InputError
        If the values contradict each other or what is decided.
    """
    departments, items = redraw(scenario.departments, scenario.items, scenario.sources, chance)
    transition = scenario.transition and Transition(
        tuple(with_drawn(variant, values, chance) for variant in scenario.transition.variants),
        scenario.transition.timelines,
    )
    settings = _settings(scenario, values)

    def problem(path: str, found: str, allowed: str) -> Problem:
        return Problem(scenario.name, None, f"with {path} as drawn: {found}", allowed)

    problems = [
        found for check in FURTHER_CHECKS for found in check.problems(settings, items, problem)
    ]
    if problems:
        raise InputError(problems)
    return replace(
        scenario, settings=settings, departments=departments, items=items, transition=transition
    )


def _settings(scenario: Scenario, values: Mapping[str, float]) -> Settings:
    document: dict[str, Any] = scenario.settings.model_dump()
    for path, value in values.items():
        if scenario.layer(path) in DECIDED:
            continue
        *groups, last = path.split(".")
        group = document
        for name in groups:
            group = group[name]
        group[last] = value
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise InputError(
            [
                Problem(scenario.name, None, f"drawn values: {detail['msg']}", "other values")
                for detail in error.errors()
            ]
        ) from error
