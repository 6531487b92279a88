"""Which estimates a user asks to vary, and which cannot be varied in which scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sim.measure.definitions import indicators
from sim.scenario.assumptions import Assumption
from sim.scenario.estimates import (
    OF_THE_ANALYST,
    Factor,
    LeftOut,
    estimates,
    factor_of,
    is_number,
    rows_of,
)
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.sources import parameters


def chosen_factors(
    scenario: Scenario, vary: Sequence[str]
) -> tuple[list[Factor], list[LeftOut], list[Problem]]:
    """Return the factors that ``--vary`` names: PATH with its own range, or PATH=LOW:HIGH.

    Parameters
    ----------
    scenario
        The scenario whose parameters are varied.
    vary
        As typed; empty for every estimate that has a range.

    Returns
    -------
    factors : list of Factor
        In the order named.
    left_out : list of LeftOut
        Estimates that are not varied; empty if factors are named.
    problems : list of Problem
        One for each invalid text.
    """
    if not vary:
        return *estimates(scenario), []
    rows = {row.path: (row, chinese) for row, chinese in rows_of(scenario)}
    factors: list[Factor] = []
    problems: list[Problem] = []
    for text in vary:
        try:
            factors.append(_named(text, scenario, rows, [factor.path for factor in factors]))
        except InputError as error:
            problems += error.problems
    return factors, [], problems


def unknown_indicators(names: Iterable[str]) -> list[Problem]:
    """Find figures that do not exist.

    Parameters
    ----------
    names
        Ids of indicators.

    Returns
    -------
    list of Problem
        One for each unknown id.
    """
    known = list(indicators())
    return [
        Problem("--indicator", None, f"unknown indicator {name!r}", nearest(name, known))
        for name in names
        if name not in known
    ]


def held_in(base: Scenario, other: Scenario, path: str) -> bool:
    """Say whether a parameter is set by a reform of `other`, and by none of `base`.

    Parameters
    ----------
    base
        The scenario whose estimates are varied.
    other
        The scenario that is compared with it.
    path
        Dotted path of the parameter.

    Returns
    -------
    bool
        If so, its value in `other` is not varied.
    """
    return other.layer(path) == "reform" and base.layer(path) != "reform"


def _named(
    text: str,
    scenario: Scenario,
    rows: dict[str, tuple[Assumption, Assumption]],
    before: Sequence[str],
) -> Factor:
    path, equals, written = (part.strip() for part in text.partition("="))
    known = list(parameters())
    path = f"{path}.mean" if f"{path}.mean" in known else path
    if path not in known or path.startswith(OF_THE_ANALYST):
        able = [factor.path for factor in estimates(scenario)[0]]
        raise _refused(text, f"{path!r} is no parameter of the hall", nearest(path, able))
    if path in before:
        raise _refused(text, f"{path} is given twice", "each parameter once")
    row, chinese = rows[path]
    if row.value is not None and not is_number(row.value):
        raise _refused(text, f"{path} is {row.value!r}, no number", "parameters that are numbers")
    low, high = _ends(text, written) if equals else (row.low, row.high)
    if low is None or high is None:
        allowed = f"a range of your own, {path}=LOW:HIGH"
        raise _refused(text, f"{path} has no range", allowed)
    if not low < high:
        raise _refused(text, f"an empty range, {low:g} to {high:g}", "LOW below HIGH")
    factor = factor_of(row, chinese, low, high)
    if factor.whole and not (low.is_integer() and high.is_integer()):
        raise _refused(text, f"{path} from {low:g} to {high:g}", "whole numbers")
    mistakes = [problem for end in factor.ends for problem in _refusal(scenario, factor, end)]
    if mistakes:
        at_option = (replace(mistake, file=f"--vary {text}", line=None) for mistake in mistakes)
        raise InputError(dict.fromkeys(at_option))
    return factor


def _ends(text: str, written: str) -> tuple[float, float]:
    """Read LOW:HIGH."""
    low, _, high = written.partition(":")
    try:
        ends = float(low), float(high)
    except ValueError:
        raise _refused(text, f"a range {written!r}", "PATH=LOW:HIGH, such as 0.1:0.6") from None
    if not all(map(math.isfinite, ends)):
        raise _refused(text, f"a range {written!r}", "two finite numbers")
    return ends


def _refused(text: str, found: str, allowed: str) -> InputError:
    return InputError([Problem(f"--vary {text}", None, found, allowed)])


def _refusal(scenario: Scenario, factor: Factor, value: float) -> tuple[Problem, ...]:
    """Return the problems of a scenario that has this value."""
    try:
        scenario.with_values({factor.path: factor.typed(value)})
    except InputError as error:
        return error.problems
    return ()


def refused_ends(scenarios: Sequence[Scenario], factors: Sequence[Factor]) -> list[LeftOut]:
    """Return the ends of ranges that make a scenario invalid.

    Parameters
    ----------
    scenarios
        Every scenario that is simulated.
    factors
        Estimates that are varied.

    Returns
    -------
    list of LeftOut
        With reason ``refused`` and the first problem of the first invalid scenario.
    """
    left_out = []
    for factor in factors:
        for end in factor.ends:
            for scenario in scenarios:
                problems = _refusal(scenario, factor, end)
                if problems:
                    message = f"{factor.path}={end:g}: {problems[0].found}; {problems[0].allowed}"
                    left_out.append(LeftOut(f"{factor.path}={end:g}", "refused", message))
                    break
    return left_out
