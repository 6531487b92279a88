"""Axes of a sweep: what is varied, and over which levels.

An axis is a parameter by its dotted path, a reform (``+name``, without and with it), or ``base``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import Bilingual, Settings
from sim.scenario.sources import parameters
from sim.scenario.yaml_lines import LONGEST_NUMBER, Place, json_schema, shown

Kind = Literal["number", "choice", "reform", "base"]
BASE = "base"
"""Name of the axis over base scenarios."""
OFF, ON = "off", "on"
"""Levels of a reform: without and with it."""
MOST_LEVELS = 1_000
RULE = (
    "FROM:TO:STEP, FROM:TO:N (a whole number from 2 up is the number of points; 2.0 is a step), "
    "or a list a,b,c"
)
_NUMBER = re.compile(r"^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$")


@dataclass(frozen=True)
class Axis:
    """What is varied.

    Parameters
    ----------
    name
        Dotted path of a parameter, ``+reform``, or ``base``.
    kind
        Kind of its levels: numbers, choices, without or with a reform, base scenarios.
    levels
        Texts as `--set` reads them; empty for a range of numbers of which a design takes values.
    low, high
        Ends of such a range, in the unit of the parameter; 0 for other axes.
    place
        Where it was written.
    title
        Title of a reform; None for other axes, and before it is loaded.
    """

    name: str
    kind: Kind
    levels: tuple[str, ...]
    place: Place = field(compare=False)
    low: float = 0.0
    high: float = 0.0
    title: Bilingual | None = field(default=None, compare=False)

    @property
    def is_share(self) -> bool:
        """Whether its levels are shares, from 0 to 1 at most."""
        facts = _facts(self.name)
        least = facts.get("minimum", facts.get("exclusiveMinimum"))
        most = facts.get("maximum", 2)
        return self.kind == "number" and facts.get("type") == "number" and least == 0 and most <= 1


@dataclass(frozen=True)
class WrittenAxis:
    """An axis as a user wrote it.

    Parameters
    ----------
    name
        Text left of the equals sign or colon.
    levels
        Right of it: text, or a list of plain values; empty text or None for a reform.
    place
        Where it was written.
    """

    name: str
    levels: object
    place: Place


def read_axis(written: WrittenAxis) -> tuple[Axis | None, list[Problem]]:
    """Read an axis; None with its problems if it has any.

    Whether its levels are within the parameter's bounds is checked when a scenario is loaded.

    Parameters
    ----------
    written
        The axis as a user wrote it.

    Returns
    -------
    axis : Axis or None
        None if there are problems.
    problems : list of Problem
        At most one; empty if the axis is valid.
    """
    name, place = written.name, written.place
    if name.startswith("+"):
        return _read_reform(written)
    if not is_parameter(name):
        return None, [no_parameter(name, place)]
    levels = written.levels
    try:
        if isinstance(levels, str) and ":" in levels:
            return _read_range(name, levels, place), []
        return _read_list(name, levels, place), []
    except _RefusedError as refused:
        return None, [Problem(place.file, place.line, refused.found, refused.allowed)]


def is_parameter(path: str) -> bool:
    """Say whether `--set` takes the path, except for parameters of the experiment.

    Parameters
    ----------
    path
        Dotted path, such as ``policy.entry``.

    Returns
    -------
    bool
        False for ``experiment.*``: replications and seed are the same at every point.
    """
    if path.startswith("experiment."):
        return False
    known = list(parameters())
    return path in known or any(
        path.startswith(f"{group}.") and "additionalProperties" in _facts(group) for group in known
    )


def no_parameter(name: str, place: Place) -> Problem:
    """Return the problem of a name that is no parameter.

    Parameters
    ----------
    name
        Name as written.
    place
        Where it was written.

    Returns
    -------
    Problem
        With the parameters whose names are most similar.
    """
    known = [path for path in parameters() if not path.startswith("experiment.")]
    allowed = nearest(name, known)
    if name.startswith("experiment."):
        allowed = "--replications and --seed, the same at every point"
    return Problem(place.file, place.line, f"{name!r} is no parameter", allowed)


class _RefusedError(Exception):
    def __init__(self, found: str, allowed: str) -> None:
        super().__init__(found)
        self.found = found
        self.allowed = allowed


def _read_reform(written: WrittenAxis) -> tuple[Axis | None, list[Problem]]:
    levels = written.levels
    if levels not in (None, "", [OFF, ON]):
        place = written.place
        found = f"levels of the reform {written.name!r} are {shown(levels)}"
        allowed = "the reform alone: it is left out and put in"
        return None, [Problem(place.file, place.line, found, allowed)]
    return Axis(written.name, "reform", (OFF, ON), written.place), []


def _read_range(name: str, text: str, place: Place) -> Axis:
    parts = [part.strip() for part in text.split(":")]
    if not 2 <= len(parts) <= 3 or not all(_NUMBER.match(part) for part in parts):
        raise _RefusedError(f"{name} over {shown(text)}", RULE)
    if not all(_is_plausible(part) for part in parts):
        raise _RefusedError(f"{name} over {shown(text)}", "0, or numbers from 1e-15 to 1e15")
    low, high = Decimal(parts[0]), Decimal(parts[1])
    if high <= low:
        fault = "an empty" if high == low else "a reversed"
        raise _RefusedError(f"{fault} range {text!r}", "FROM below TO")
    if len(parts) == 2:
        if _facts(name).get("type") == "integer":
            return Axis(name, "number", _by_step(text, low, high, Decimal(1)), place)
        return Axis(name, "number", (), place, float(low), float(high))
    third = parts[2]
    if third.isdecimal() and int(third) >= 2:
        return Axis(name, "number", _by_number(low, high, int(third)), place)
    return Axis(name, "number", _by_step(text, low, high, Decimal(third)), place)


def _is_plausible(text: str) -> bool:
    """Say whether a number and its multiples can be written down."""
    if len(text) > LONGEST_NUMBER:
        return False
    is_zero = float(text.lower().partition("e")[0]) == 0
    return is_zero or 1e-15 <= abs(float(text)) <= 1e15


def _by_number(low: Decimal, high: Decimal, number: int) -> tuple[str, ...]:
    if number > MOST_LEVELS:
        raise _RefusedError(f"{number} points on an axis", f"at most {MOST_LEVELS}")
    return tuple(_plain(low + (high - low) * position / (number - 1)) for position in range(number))


def _by_step(text: str, low: Decimal, high: Decimal, step: Decimal) -> tuple[str, ...]:
    if step <= 0:
        raise _RefusedError(f"a step of {_plain(step)} in {text!r}", "a step above 0")
    count = (high - low) / step
    if count > MOST_LEVELS:
        raise _RefusedError(f"more than {MOST_LEVELS} levels in {text!r}", "a larger step")
    if count != int(count):
        ends = f"{_plain(low)}:{_plain(high)}"
        last = f"{_plain(low)}:{_plain(low + int(count) * step)}:{_plain(step)}"
        allowed = f"a step that does, a number of points such as {ends}:5"
        allowed += f", or an end that is met, such as {last}" if count > 1 else ""
        raise _RefusedError(f"a step of {_plain(step)} does not divide {ends}", allowed)
    return tuple(_plain(low + step * position) for position in range(int(count) + 1))


def _plain(value: Decimal) -> str:
    """Write a number without exponent and without digits that only arithmetic made."""
    text = f"{value:.12f}".rstrip("0").rstrip(".") if abs(value) >= Decimal("1e-6") else f"{value}"
    return "0" if not value else text


def _read_list(name: str, written: object, place: Place) -> Axis:
    values = written.split(",") if isinstance(written, str) else written
    if not isinstance(values, list) or not all(_is_plain(value) for value in values):
        raise _RefusedError(f"{name} over {shown(written)}", RULE)
    levels = tuple(level_text(value) for value in values)
    if len(levels) < 2 or "" in levels:
        fault = "an empty level" if "" in levels else "one level"
        raise _RefusedError(
            f"{name} with {fault}", "two levels or more; --set sets a parameter to one value"
        )
    numbers = [float(level) for level in levels if _NUMBER.match(level)]
    known = numbers if len(numbers) == len(levels) else levels
    if len(set(known)) < len(known):
        raise _RefusedError(f"{name} with a level twice", "each level once")
    if len(levels) > MOST_LEVELS:
        raise _RefusedError(f"{len(levels)} levels of {name}", f"at most {MOST_LEVELS}")
    if known is numbers:
        levels = tuple(sorted(levels, key=float))
    return Axis(name, "number" if known is numbers else "choice", levels, place)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def level_text(value: object) -> str:
    """Write a plain value of a YAML file as `--set` reads it.

    Parameters
    ----------
    value
        Text, number, truth value or None.

    Returns
    -------
    str
        ``null`` for None, ``true`` and ``false`` for truth values.
    """
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def clashes(axes: Sequence[Axis], fixed: Sequence[str]) -> list[Problem]:
    """Find axes given twice, and those of a parameter that `--set` fixes.

    Parameters
    ----------
    axes
        In the order given.
    fixed
        Values that hold at every point, such as ``demand.volume=2``.

    Returns
    -------
    list of Problem
        Each at the place of its axis; empty if there is none.
    """
    problems = []
    paths = {text.partition("=")[0].strip() for text in fixed}
    for number, axis in enumerate(axes):
        place = axis.place
        if axis.name in {other.name for other in axes[:number]}:
            found = f"the axis {axis.name!r} is given twice"
            problems.append(Problem(place.file, place.line, found, "each axis once"))
        if axis.name in paths:
            found = f"{axis.name!r} is varied and set to one value"
            problems.append(Problem(place.file, place.line, found, "one of the two"))
    return problems


def _facts(path: str) -> dict[str, Any]:
    """Return what the JSON Schema says of the value at a dotted path."""
    node = json_schema(Settings)
    for part in path.split("."):
        node = _resolved(node)
        node = node.get("properties", {}).get(part) or {}
    return _resolved(node)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference; of a value that may be null, take the other option."""
    options = [option for option in node.get("anyOf", [node]) if option.get("type") != "null"]
    node = options[0]
    if "$ref" in node:
        definition: dict[str, Any] = json_schema(Settings)["$defs"][node["$ref"].rpartition("/")[2]]
        return definition
    return node
