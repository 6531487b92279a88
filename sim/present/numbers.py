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


def is_known(value: float) -> bool:
    """Say whether a figure is more than null."""
    return not math.isnan(value)


UNKNOWN = "–"
"""Stands for a figure that is null."""


def digits(value: float, unit: str, *, more: int = 0) -> str:
    """Return a number without its unit; shares in percent."""
    if not is_known(value):
        return UNKNOWN
    scaled = value * 100 if unit == "share" else value
    text = f"{scaled:,.{DECIMALS[unit] + more}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) else text.lstrip("-")


def figure(value: float, unit: str, lang: Language, *, more: int = 0) -> str:
    """Return a number with its unit."""
    return _joined(digits(value, unit, more=more), unit, lang)


def _joined(text: str, unit: str, lang: Language) -> str:
    name = UNITS[unit][lang]
    return f"{text}{name}" if lang == "zh" and unit != "share" else f"{text} {name}"


def amount(value: float, unit: str, lang: Language, *, more: int = 0) -> str:
    """Return the size of a change with its unit; shares change by points."""
    of = "points" if unit == "share" else unit
    return _joined(digits(abs(value), unit, more=more), of, lang)


def change(value: float, unit: str, *, more: int = 0) -> str:
    """Return a change with its sign and without its unit."""
    text = digits(abs(value), unit, more=more)
    if not any(character in "123456789" for character in text):
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def enough_decimals(low: float, high: float, unit: str) -> int:
    """Return how many more decimals an interval needs so that its ends differ."""
    for more in range(4):
        if digits(low, unit, more=more) != digits(high, unit, more=more):
            return more
    return 0
