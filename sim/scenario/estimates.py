"""Which estimates of a scenario can be varied, and over what range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sim.scenario.assumptions import Assumption, assumptions
from sim.scenario.model import Scenario

Reason = Literal["no_range", "table", "fitted", "held", "refused"]
"""Why an estimate, or an end of its range, is left out."""

MEASURES = frozenset({"horizon.follow_up_wd", "hall.wait_target_min"})
"""Choices of how to measure, which are no facts about the hall."""

OF_THE_ANALYST = "experiment."
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
    for row, chinese in rows_of(scenario):
        if row.grade != "E" or row.path.startswith(OF_THE_ANALYST):
            continue
        if row.low is None or row.high is None or row.low == row.high:
            left_out.append(LeftOut(row.path, "no_range"))
        elif row.path.startswith(_TABLES):
            left_out.append(LeftOut(row.path, "table", f"{row.low:g} … {row.high:g}"))
        elif scenario.layer(row.path) == "calibration":
            left_out.append(LeftOut(row.path, "fitted", f"{row.value:.4g}"))
        elif row.value is not None and not is_number(row.value):
            left_out.append(LeftOut(row.path, "no_range"))
        else:
            factors.append(factor_of(row, chinese, row.low, row.high))
    return factors, left_out


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


def rows_of(scenario: Scenario) -> list[tuple[Assumption, Assumption]]:
    """Return every parameter and table column with its source.

    Parameters
    ----------
    scenario
        A loaded scenario.

    Returns
    -------
    list of tuple
        Each in English and in Chinese.
    """
    return list(zip(assumptions(scenario), assumptions(scenario, "zh"), strict=True))


def is_number(value: object) -> bool:
    """Say whether a value is a number; truth values are none.

    Parameters
    ----------
    value
        Anything.

    Returns
    -------
    bool
        True for integers and floating-point numbers.
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def factor_of(row: Assumption, chinese: Assumption, low: float, high: float) -> Factor:
    """Make a factor of a parameter.

    Parameters
    ----------
    row, chinese
        The parameter in English and in Chinese.
    low, high
        Ends of the range, in the unit of the parameter.

    Returns
    -------
    Factor
        Whole if its value is a whole number.
    """
    return Factor(
        path=row.path,
        value=None if row.value is None else float(row.value),
        low=low,
        high=high,
        whole=isinstance(row.value, int),
        unit={"en": row.unit, "zh": chinese.unit},
        note={"en": row.note, "zh": chinese.note},
    )
