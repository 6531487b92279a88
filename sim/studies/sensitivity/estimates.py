"""Which estimates of a scenario can be varied, and over what range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from sim.measure.definitions import indicators
from sim.scenario.assumptions import Assumption, assumptions
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.sources import parameters

Reason = Literal["no_range", "table", "fitted", "held", "refused"]
"""Why an estimate, or an end of its range, is left out."""

MEASURES = frozenset({"horizon.follow_up_wd", "hall.wait_target_min"})
"""Choices of how to measure, which are no facts about the hall."""

_OF_THE_ANALYST = "experiment."
_TABLES = ("departments.", "items.")


@dataclass(frozen=True)
class Factor:
    """A parameter and the range it is varied over.

    Parameters
    ----------
    path
        Dotted path.
    value
        Value in the scenario; None where it is taken from the tables.
    low, high
        Ends of the range, in the unit of the parameter.
    whole
        Whether it takes whole numbers only.
    unit, note
        Unit and source of the estimate, by language.
    """

    path: str
    value: float | None
    low: float
    high: float
    whole: bool
    unit: dict[str, str]
    note: dict[str, str]

    @property
    def ends(self) -> tuple[float, float]:
        """Low and high end."""
        return self.low, self.high

    def typed(self, value: float) -> float | int:
        """Return a value as the scenario takes it: inside the range, whole if it must be.

        Parameters
        ----------
        value
            In the unit of the parameter.

        Returns
        -------
        float or int
            Rounded to twelve digits, or to a whole number if `whole`.
        """
        inside = min(max(round(value) if self.whole else value, self.low), self.high)
        return int(inside) if self.whole else float(f"{inside:.12g}")


@dataclass(frozen=True)
class LeftOut:
    """An estimate that is not varied, or not at one end, or not in one scenario; and why.

    Parameters
    ----------
    path
        Dotted path; for an end of a range with its value, such as ``hall.attempts=9``.
    reason
        ``no_range``; ``table``: a column of a table; ``fitted``: set by the calibration;
        ``held``: set by the reform; ``refused``: this end makes no valid scenario.
    told
        Details: range of a column, fitted value, name of the scenario with the reform, or
        message; empty if there are none.
    """

    path: str
    reason: Reason
    told: str = ""


def estimates(scenario: Scenario) -> tuple[list[Factor], list[LeftOut]]:
    """Return the estimates (grade E) that have a range, and those that cannot be varied.

    A parameter that a calibration fitted is no estimate any more: the report determines it.  What
    ``--set`` or a reform sets is decided, unless the reform itself calls it an estimate.

    Parameters
    ----------
    scenario
        The scenario whose estimates are listed.

    Returns
    -------
    factors : list of Factor
        Estimates with their plausible ranges.
    left_out : list of LeftOut
        Estimates without a range, in tables, or fitted.
    """
    factors: list[Factor] = []
    left_out: list[LeftOut] = []
    for row, chinese in _rows(scenario):
        if row.grade != "E" or row.path.startswith(_OF_THE_ANALYST):
            continue
        if row.low is None or row.high is None or row.low == row.high:
            left_out.append(LeftOut(row.path, "no_range"))
        elif row.path.startswith(_TABLES):
            left_out.append(LeftOut(row.path, "table", f"{row.low:g} … {row.high:g}"))
        elif _layer(scenario, row.path) == "calibration":
            left_out.append(LeftOut(row.path, "fitted", f"{row.value:.4g}"))
        elif row.value is not None and not _is_number(row.value):
            left_out.append(LeftOut(row.path, "no_range"))
        else:
            factors.append(_factor(row, chinese, row.low, row.high))
    return factors, left_out


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
    rows = {row.path: (row, chinese) for row, chinese in _rows(scenario)}
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
    return _layer(other, path) == "reform" and _layer(base, path) != "reform"


def value_in(scenario: Scenario, path: str) -> Any:
    """Return the value of a parameter in a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    path
        Dotted path of a field of its settings.

    Returns
    -------
    object
        Value; None where it is taken from the tables.
    """
    value: Any = scenario.settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def _rows(scenario: Scenario) -> list[tuple[Assumption, Assumption]]:
    return list(zip(assumptions(scenario), assumptions(scenario, "zh"), strict=True))


def _layer(scenario: Scenario, path: str) -> str:
    place = scenario.places.get(path)
    return "" if place is None else place.layer


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _factor(row: Assumption, chinese: Assumption, low: float, high: float) -> Factor:
    return Factor(
        path=row.path,
        value=None if row.value is None else float(row.value),
        low=low,
        high=high,
        whole=isinstance(row.value, int),
        unit={"en": row.unit, "zh": chinese.unit},
        note={"en": row.note, "zh": chinese.note},
    )


def _named(
    text: str,
    scenario: Scenario,
    rows: dict[str, tuple[Assumption, Assumption]],
    before: Sequence[str],
) -> Factor:
    path, equals, written = (part.strip() for part in text.partition("="))
    known = list(parameters())
    path = f"{path}.mean" if f"{path}.mean" in known else path
    if path not in known or path.startswith(_OF_THE_ANALYST):
        able = [factor.path for factor in estimates(scenario)[0]]
        raise _refused(text, f"{path!r} is no parameter of the hall", nearest(path, able))
    if path in before:
        raise _refused(text, f"{path} is given twice", "each parameter once")
    row, chinese = rows[path]
    if row.value is not None and not _is_number(row.value):
        raise _refused(text, f"{path} is {row.value!r}, no number", "parameters that are numbers")
    low, high = _ends(text, written) if equals else (row.low, row.high)
    if low is None or high is None:
        allowed = f"a range of your own, {path}=LOW:HIGH"
        raise _refused(text, f"{path} has no range", allowed)
    if not low < high:
        raise _refused(text, f"an empty range, {low:g} to {high:g}", "LOW below HIGH")
    factor = _factor(row, chinese, low, high)
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
