"""Numbers as people read them: with a unit, and no more digits than they carry."""

from __future__ import annotations

import math

from sim.measure.definitions import Language

UNITS: dict[str, dict[Language, str]] = {
    "wd": {"en": "wd", "zh": "个工作日"},
    "min": {"en": "min", "zh": "分钟"},
    "min per wd": {"en": "min per wd", "zh": "分钟/工作日"},
    "cases": {"en": "cases", "zh": "件"},
    "cases per wd": {"en": "cases per wd", "zh": "件/工作日"},
    "share": {"en": "%", "zh": "%"},
    "points": {"en": "points", "zh": "个百分点"},
    "visits": {"en": "visits", "zh": "次"},
    "hand-offs": {"en": "hand-offs", "zh": "次"},
    "people": {"en": "people", "zh": "人"},
    "complaints": {"en": "complaints", "zh": "件"},
    "yuan": {"en": "yuan", "zh": "元"},
}
"""What each unit is called, by language; shares change by points."""
DECIMALS = {
    "wd": 1,
    "min": 1,
    "min per wd": 0,
    "cases": 0,
    "cases per wd": 1,
    "share": 1,
    "visits": 2,
    "hand-offs": 2,
    "people": 0,
    "complaints": 1,
    "yuan": 0,
}
"""Decimals of a figure by its unit; those of shares count after conversion to percent."""


def is_known(value: float) -> bool:
    """Say whether a figure has a value.

    Parameters
    ----------
    value
        A figure; NaN if it is null.

    Returns
    -------
    bool
        False for NaN.
    """
    return not math.isnan(value)


UNKNOWN = "–"
"""Stands for a figure that is null."""


def digits(value: float, unit: str, *, more: int = 0) -> str:
    """Return a number without its unit; shares in percent.

    Parameters
    ----------
    value
        A figure in `unit`, shares from 0 to 1; NaN if it is null.
    unit
        A key of `DECIMALS`.
    more
        Decimals beyond those of the unit.

    Returns
    -------
    str
        The number with commas between thousands, a minus sign (U+2212) if it is negative and not
        zero when rounded; `UNKNOWN` for NaN.
    """
    if not is_known(value):
        return UNKNOWN
    scaled = value * 100 if unit == "share" else value
    text = f"{scaled:,.{DECIMALS[unit] + more}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def figure(value: float, unit: str, lang: Language, *, more: int = 0) -> str:
    """Return a number with its unit.

    Parameters
    ----------
    value
        A figure in `unit`, shares from 0 to 1; NaN if it is null.
    unit
        A key of `DECIMALS`.
    lang
        Language of the unit's name.
    more
        Decimals beyond those of the unit.

    Returns
    -------
    str
        Such as ``3.1 wd`` or ``91.6 %``.
    """
    return _joined(digits(value, unit, more=more), unit, lang)


def _joined(text: str, unit: str, lang: Language) -> str:
    name = UNITS[unit][lang]
    return f"{text}{name}" if lang == "zh" and unit != "share" else f"{text} {name}"


def amount(value: float, unit: str, lang: Language, *, more: int = 0) -> str:
    """Return the size of a change with its unit; shares change by points.

    Parameters
    ----------
    value
        A difference of two figures in `unit`, shares from -1 to 1; NaN if it is null.
    unit
        Unit of the figures, a key of `DECIMALS`.
    lang
        Language of the unit's name.
    more
        Decimals beyond those of the unit.

    Returns
    -------
    str
        The absolute value, such as ``3.5 points``.
    """
    unit_of_change = "points" if unit == "share" else unit
    return _joined(digits(abs(value), unit, more=more), unit_of_change, lang)


def change(value: float, unit: str, *, more: int = 0) -> str:
    """Return a change with its sign and without its unit.

    Parameters
    ----------
    value
        A difference of two figures in `unit`, shares from -1 to 1; NaN if it is null.
    unit
        Unit of the figures, a key of `DECIMALS`.
    more
        Decimals beyond those of the unit.

    Returns
    -------
    str
        Such as ``+3.5``; without a sign if it is zero when rounded, `UNKNOWN` for NaN.
    """
    text = digits(abs(value), unit, more=more)
    if not any(character in "123456789" for character in text):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def enough_decimals(low: float, high: float, unit: str) -> int:
    """Return how many more decimals an interval needs so that its ends differ.

    Parameters
    ----------
    low, high
        Ends of the interval in `unit`.
    unit
        A key of `DECIMALS`.

    Returns
    -------
    int
        Decimals beyond those of the unit, 0 to 3; 0 if the ends do not differ with three more.
    """
    for more in range(4):
        if digits(low, unit, more=more) != digits(high, unit, more=more):
            return more
    return 0


MOST_DECIMALS = 3
"""Most further decimals, for changes close to 0."""


def change_decimals(low: float, high: float, unit: str) -> int:
    """Return how many more decimals a change needs, so that its ends differ and show their sign.

    Parameters
    ----------
    low, high
        Ends of its interval, in the unit.
    unit
        Unit of the indicator.

    Returns
    -------
    int
        Decimals beyond those of the unit; `MOST_DECIMALS` at most for the sign of an end.
    """
    more = enough_decimals(low, high, unit)
    while more < MOST_DECIMALS and any(end and not _shows(end, unit, more) for end in (low, high)):
        more += 1
    return more


def _shows(size: float, unit: str, more: int) -> bool:
    return any(digit in "123456789" for digit in digits(size, unit, more=more))
