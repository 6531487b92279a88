"""YAML with the line of every value, and validation errors in plain words."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.printable import UNPRINTABLE
from sim.scenario.catalogue import IDENTIFIER
from sim.scenario.fields import CLOCK, DAY_OF_YEAR, OPEN_HOURS
from sim.scenario.problems import Problem, nearest
from sim.scenario.renamed import instead_of_field, instead_of_value
from sim.scenario.schema import Settings

Layer = Literal["scenario", "calibration", "reform", "set"]

DEEPEST = 20
"""Most groups and lists nested in each other."""
LONGEST_NUMBER = 40
"""Most characters of a number."""


@dataclass(frozen=True)
class Place:
    """Where a value was written.

    Parameters
    ----------
    file
        Name of the file, or the option of the command line.
    line
        Line from 1; None for the file as a whole or an option.
    layer
        Kind of file that set the value; ``set`` is the option ``--set``.
    """

    file: str
    line: int | None
    layer: Layer = "scenario"

    def __str__(self) -> str:
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Document:
    """A parsed file: plain data, the line of each dotted path, and what is wrong with it.

    Parameters
    ----------
    file
        Name of the file in problems.
    data
        Fields and values; None when the file cannot be read as such.
    lines
        Line of each value from 1, by dotted path; "" is the whole file.
    problems
        What is wrong with it as YAML.
    """

    file: str
    data: dict[str, Any] | None
    lines: dict[str, int]
    problems: tuple[Problem, ...] = ()

    def place(self, path: str) -> Place:
        """Return where a value, or the innermost group around it, was written.

        Parameters
        ----------
        path
            Dotted path of the value.

        Returns
        -------
        Place
            Line 1 if the file has neither.
        """
        return Place(self.file, self.lines.get(innermost(path, self.lines), 1))


class _PlainLoader(yaml.SafeLoader):
    """YAML in which only null, true, false and numbers are special.

    YAML 1.1 would read 11:30 as 690, 010 as 8 and NO as false.
    """


_PlainLoader.yaml_implicit_resolvers = {}
_SCALARS: dict[str, tuple[str, str, Callable[[str], Any]]] = {
    "null": (r"^(~|null|Null|NULL|)$", "~nN\0", lambda _: None),
    "bool": (r"^(true|True|TRUE|false|False|FALSE)$", "tTfF", lambda text: text.lower() == "true"),
    "int": (r"^[-+]?[0-9]+$", "-+0123456789", int),
    "float": (r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", "-+.0123456789", float),
    "str": (r"^$", "", str),
}
for _tag, (_pattern, _first, _) in _SCALARS.items():
    _starts = ["" if start == "\0" else start for start in _first]
    _PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _starts)


def innermost(path: str, known: Container[str]) -> str:
    """Return the path, or the innermost group around it, that is known.

    Parameters
    ----------
    path
        Dotted path.
    known
        Dotted paths that are known.

    Returns
    -------
    str
        A dotted path; empty if none is known.
    """
    while path and path not in known:
        path = path.rpartition(".")[0]
    return path


def scalar(text: str) -> Any:
    """Read one value by the rules of a scenario file; text that is no YAML stays text.

    Parameters
    ----------
    text
        The value as written.

    Returns
    -------
    object
        Number, text, truth value, None, list or dict.
    """
    data = parse(f"value: {text}", "").data
    return text if data is None or set(data) != {"value"} else data["value"]


def parse(text: str, file: str) -> Document:
    """Parse a YAML file, keeping the line of every value.

    Parameters
    ----------
    text
        Content of the file.
    file
        Name of the file in problems.

    Returns
    -------
    Document
        With a problem for everything that YAML, or this subset of it, does not allow.
    """
    try:
        root = _composed(text)
    except yaml.YAMLError as error:
        return Document(file, None, {}, (_syntax_problem(error, text, file),))
    walk = _Walk(file)
    data = {} if root is None else walk.value(root, "")
    if not isinstance(data, dict):
        walk.refuse(1, f"{shown(data)} instead of fields", "lines such as name: value")
        data = None
    return Document(file, data, walk.lines, tuple(walk.problems))


@functools.lru_cache(maxsize=16)
def _composed(text: str) -> yaml.Node | None:
    """Return the nodes of a YAML file.

    They are kept, because scenarios that are compared share most of their files.
    """
    loader = _PlainLoader(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
    except (RecursionError, ValueError) as error:  # the latter: beyond the last code point
        deep = isinstance(error, RecursionError)
        reason = "nested too deeply" if deep else "no such character"
        raise yaml.MarkedYAMLError(problem=reason, problem_mark=loader.get_mark()) from error
    return root


def _syntax_problem(error: Exception, text: str, file: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", error)
    if mark is not None:
        line = mark.line + 1
    else:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
    return Problem(file, line, f"text that is not YAML ({reason})", "YAML: name: value, indented")


# Stands for a value already reported, so that it is not reported again as empty.
_UNREADABLE = object()


class _Walk:
    """Turn composed nodes into plain data; keys become text."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self.seen: set[int] = set()
        self.depth = 0

    def refuse(self, line: int, found: str, allowed: str) -> None:
        self.problems.append(Problem(self.file, line, found, allowed))

    def value(self, node: yaml.Node, path: str) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self.seen:
            self.refuse(line, "an alias (*name)", "the value written out; `extends:` shares values")
            return _UNREADABLE
        self.seen.add(id(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, line)
        if self.depth == DEEPEST:
            self.refuse(line, f"more than {DEEPEST} groups inside each other", "fewer")
            return _UNREADABLE
        self.depth += 1
        read = self._mapping if isinstance(node, yaml.MappingNode) else self._sequence
        data = read(node, path)
        self.depth -= 1
        return data

    def _sequence(self, node: yaml.Node, path: str) -> list[Any]:
        values = [self.value(child, f"{path}.{i}") for i, child in enumerate(node.value)]
        return [value for value in values if value is not _UNREADABLE]

    def _mapping(self, node: yaml.Node, path: str) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            if key.isdecimal() and len(key) < 10:
                key = str(int(key))  # the hours 08 and 8 are one
            below = f"{path}.{key}" if path else key
            kind = key_node.tag.removeprefix("tag:yaml.org,2002:")
            if key == "<<":
                self.refuse(line, "a merge key (<<)", "`extends: NAME` to build on another file")
            elif re.search(UNPRINTABLE, key):
                self.refuse(line, f"{shown(key)} as a name", "a name without control characters")
            elif kind not in {"str", "int"}:
                written = shown(key) if isinstance(key_node, yaml.ScalarNode) else "a list or group"
                self.refuse(line, f"{written} as a name", "text; put quotes around it")
            elif key in data:
                first = self.lines[below]
                self.refuse(line, f"{below!r} twice (first on line {first})", "each name once")
            else:
                self.lines[below] = line
                value = self.value(value_node, below)
                if value is not _UNREADABLE:
                    data[key] = value
        return data

    def _scalar(self, node: yaml.Node, line: int) -> Any:
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if re.search(UNPRINTABLE, node.value):
            self.refuse(line, shown(node.value), "text without control characters")
            return _UNREADABLE
        if kind in {"int", "float"} and len(node.value) > LONGEST_NUMBER:
            found = f"a number of {len(node.value):,} characters"
            self.refuse(line, found, f"numbers of at most {LONGEST_NUMBER} characters")
            return _UNREADABLE
        try:
            value = _SCALARS[kind][2](node.value)
        except (KeyError, ValueError):
            self.refuse(line, f"{shown(node.value)} marked {node.tag}", "a plain number or text")
            return _UNREADABLE
        finite = not isinstance(value, float) or math.isfinite(value)
        return value if finite else str(node.value)


@functools.cache
def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's JSON Schema; a scenario's has `extends`, which loading resolves.

    Parameters
    ----------
    model
        Class of the group of fields.

    Returns
    -------
    dict
        The same object at every call; it is not to be changed.
    """
    schema = model.model_json_schema()
    if model is Settings:
        schema["properties"]["extends"] = {
            "type": "string",
            "description": "Scenario, by name or path, whose values hold unless given here.",
        }
    return schema


def errors_of(model: type[BaseModel], data: dict[str, Any]) -> list[ErrorDetails]:
    """Validate as strict JSON, which takes lists and dates but no look-alikes such as "yes".

    Parameters
    ----------
    model
        Class of the group of fields.
    data
        Fields and values as parsed.

    Returns
    -------
    list of ErrorDetails
        Errors as pydantic reports them, without "too short" where single values are wrong; empty
        if the data are valid.
    """
    try:
        model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        details = error.errors()
        # Pydantic does not count wrong values, so a list that holds some may seem too short.
        wrong = {detail["loc"][:-1] for detail in details}
        return [
            detail
            for detail in details
            if detail["type"] != "too_short" or detail["loc"] not in wrong
        ]
    return []


def explain_error(
    error: ErrorDetails, model: type[BaseModel], place: Callable[[str], Place], noun: str = ""
) -> Problem:
    """Turn one validation error into a problem that a planner understands.

    Parameters
    ----------
    error
        As pydantic reports it.
    model
        The model that was validated.
    place
        Where the value at a dotted path was written.
    noun
        Word put before a path, with the space after it, such as "column ".

    Returns
    -------
    Problem
        With the place, the value that was found and what is allowed.
    """
    kind, loc = error["type"], error["loc"]
    as_key = loc[-1:] == ("[key]",)
    path = ".".join(str(part) for part in (loc[:-1] if as_key else loc))
    where = place(path)
    fields = _fields(model, loc)
    if kind == "value_error" and fields:
        found, _, allowed = error["msg"].removeprefix("Value error, ").partition("; allowed: ")
        # The sentence of a whole group names the field that is meant: point at its line.
        named = sorted((found.index(name), name) for name in fields if name in found)
        where = next((place(f"{path}.{name}") for _, name in named), where)
        if not allowed:
            found, allowed = f"{path} does not fit together", found
    elif kind == "extra_forbidden":
        found = f"unknown {noun or 'field '}{path!r}"
        once = instead_of_field(path)
        allowed = once or nearest(str(loc[-1]), list(_fields(model, loc[:-1])))
    elif kind == "missing" and isinstance(loc[-1], int):
        found = f"{path.rpartition('.')[0]} has too few values"
        allowed = _words(_at(model, loc[:-1]), model)
    elif kind == "missing":
        found, allowed = f"{noun}{path} is missing", _words(_at(model, loc), model)
    elif as_key:
        found, allowed = f"{path} has a name that is no whole number", "whole numbers as names"
    else:
        found = f"{noun}{path} is {shown(error['input'])}"
        once = instead_of_value(path, error["input"])
        own = error["msg"].partition("; allowed: ")[2]
        allowed = once or own or _words(_at(model, loc), model)
    return Problem(where.file, where.line, found, allowed)


def shown(value: object) -> str:
    """Show a value as a user would write it, shortened.

    Parameters
    ----------
    value
        A value as parsed.

    Returns
    -------
    str
        At most 60 characters; a longer value is cut and ends with an ellipsis.
    """
    if value is None or value == "":
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a group of fields"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _resolved(node: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    if "$ref" in node:
        definition: dict[str, Any] = json_schema(model)["$defs"][node["$ref"].rpartition("/")[2]]
        return definition
    return node


def _real(node: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Follow a reference; of a value that may be null, take the other option."""
    options = (_resolved(option, model) for option in node.get("anyOf", [node]))
    return next(option for option in options if option.get("type") != "null")


def _fields(model: type[BaseModel], loc: tuple[int | str, ...]) -> dict[str, Any]:
    fields: dict[str, Any] = _real(_at(model, loc), model).get("properties", {})
    return fields


def _at(model: type[BaseModel], loc: tuple[int | str, ...]) -> dict[str, Any]:
    """Return the part of the JSON Schema that describes the value at `loc`."""
    node = json_schema(model)
    for part in loc:
        node = _real(node, model)
        if isinstance(part, int):
            node = node["prefixItems"][part] if "prefixItems" in node else node.get("items", {})
        else:
            more = node.get("additionalProperties")
            node = node.get("properties", {}).get(part, more if isinstance(more, dict) else {})
    return node


def _words(node: dict[str, Any], model: type[BaseModel]) -> str:  # noqa: PLR0911 one line per kind
    """Say in words which values a part of the JSON Schema allows."""
    node = _resolved(node, model)
    if "anyOf" in node:
        return " or ".join(_words(option, model) for option in node["anyOf"])
    if "const" in node:
        return str(node["const"])
    if "enum" in node:
        return "one of " + ", ".join(node["enum"])
    kind = node.get("type")
    if kind in {"number", "integer"}:
        return ("a whole number" if kind == "integer" else "a number") + _range(node)
    if kind == "string" and "pattern" in node:
        return _PATTERNS[str(node["pattern"])]
    if kind == "array":
        parts = node.get("prefixItems", [])
        each = _words(parts[0] if parts else node.get("items", {}), model)
        some = "values" if "maxItems" not in node else f"at most {node['maxItems']} values"
        if node.get("minItems") == 1:
            some = "one or more values" if some == "values" else f"1 to {node['maxItems']} values"
        return f"a list of {len(parts) or some}, each {each}"
    if kind == "object" and "properties" in node:
        return "a group with the fields " + ", ".join(node["properties"])
    words = {"boolean": "true or false", "null": "null", "object": "a group of named values"}
    date = "a date such as 2008-07-01" if node.get("format") == "date" else None
    return date or words.get(str(kind), "text (put quotes around numbers)")


_PATTERNS = {
    IDENTIFIER: "letters, digits, - and _",
    CLOCK: "a time such as 11:30",
    OPEN_HOURS: "hours such as 08:30-12:00",
    DAY_OF_YEAR: "a day of the year such as 05-01",
}


def _range(node: dict[str, Any]) -> str:
    low, high = node.get("minimum"), node.get("maximum")
    above = node.get("exclusiveMinimum")
    most = None if high is None else high if isinstance(high, int) else f"{high:.12g}"
    below = node.get("exclusiveMaximum")
    if above is not None and below is not None:
        return f" above {above:g} and below {below:g}"
    if above is not None:
        return f" above {above:g}" + ("" if high is None else f" and up to {most}")
    if low is not None:
        return f" from {low:g} " + ("up" if high is None else f"to {most}")
    return ""
