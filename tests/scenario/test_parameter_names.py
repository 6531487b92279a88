"""One table of parameter names: complete, in both languages, with the unit the name says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from pydantic import BaseModel

from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.parameter_names import (
    is_share,
    named_columns,
    named_parameters,
    parameter_name,
    parameter_unit,
)
from sim.scenario.schema import (
    ABOUT_THE_HALL,
    NOT_IN_CONTENT,
    NOT_PARAMETERS,
    NOT_SET,
    Settings,
)
from sim.scenario.sources import parameters, table_columns
from sim.scenario.yaml_lines import json_schema

from .conftest import Hall

PARTS = (".mean", ".cv", ".family")


def without_part(path: str) -> str:
    return path.rpartition(".")[0] if path.endswith(PARTS) else path


def facts_of(path: str) -> dict[str, Any]:
    """Return what the schema says of a parameter."""
    node: dict[str, Any] = json_schema(Settings)
    for name in path.split("."):
        node = node["properties"][name]
        reference = node.get("$ref") or next(
            (way["$ref"] for way in node.get("anyOf", []) if "$ref" in way), ""
        )
        if reference:
            node = json_schema(Settings)["$defs"][reference.rpartition("/")[2]]
    ways = [way for way in node.get("anyOf", [node]) if way.get("type") != "null"]
    return ways[0]


def test_every_parameter_has_a_name_and_nothing_else_has() -> None:
    assert list(named_parameters()) == list(dict.fromkeys(map(without_part, parameters())))

    assert list(named_columns()) == list(table_columns())


@pytest.mark.parametrize("path", [*parameters(), *table_columns()])
def test_names_are_words_in_each_language(path: str) -> None:
    english, chinese = parameter_name(path, "en"), parameter_name(path, "zh")
    assert english != path
    assert not re.search(r"[\u4e00-\u9fff]|_", english)
    assert re.search(r"[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_two_parameters_have_one_name(lang: Any) -> None:
    names = [parameter_name(path, lang) for path in named_parameters()]
    doubled = {name for name in names if names.count(name) > 1}
    # Today's attendance, and the one that a policy sets.
    assert doubled <= {"half-days on which leaders are in"}


@pytest.mark.parametrize("path", named_parameters())
def test_the_unit_is_the_one_in_the_name(path: str) -> None:
    units = {"_wd": "working days", "_min": "minutes", "_m2": "m²", "_half_days": "half-days"}
    for ending, unit in units.items():
        if path.endswith(ending) and "_per_" not in path:
            assert parameter_unit(path, "en") == unit


@pytest.mark.parametrize("path", [path for path in parameters() if is_share(path)])
def test_a_share_is_from_0_to_1(path: str) -> None:
    facts = facts_of(path)
    assert 0 <= facts.get("minimum", facts.get("exclusiveMinimum")) <= 0.001
    assert 0.9 <= facts.get("maximum", facts.get("exclusiveMaximum")) <= 1


def test_what_is_no_parameter_is_its_own_name() -> None:
    assert parameter_name("policy.nothing", "zh") == "policy.nothing"
    assert parameter_unit("policy.nothing", "zh") == ""


# Lists of top-level fields --------------------------------------------------------------------


def test_the_lists_of_fields_name_fields() -> None:
    known = set(Settings.model_fields)
    for names in (ABOUT_THE_HALL, NOT_PARAMETERS, NOT_IN_CONTENT, NOT_SET):
        assert names <= known
    assert {path.split(".")[0] for path in parameters()} == known - NOT_PARAMETERS


def other(facts: dict[str, Any], now: Any) -> Any:
    """Return another value of a parameter that may pass, none if that is not simple."""
    if "enum" in facts:
        return next((value for value in facts["enum"] if value != now), None)
    if facts.get("type") == "boolean":
        return not now
    if facts.get("type") in {"number", "integer"}:
        least = facts.get("minimum", facts.get("exclusiveMinimum", 0))
        most = facts.get("maximum", facts.get("exclusiveMaximum", least + 10))
        middle = (least + min(most, least + 10)) / 2
        value = int(middle) if facts["type"] == "integer" else middle
        return value if value != now else value * 0.9
    return None


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    folder = tmp_path_factory.mktemp("hall")
    Hall(folder)
    return load(str(folder / "hall.yaml"))


def changed(model: BaseModel, names: Sequence[str], value: object) -> BaseModel:
    """Return a group of fields with one value in it or below it changed."""
    name, *rest = names
    inside = changed(getattr(model, name), rest, value) if rest else value
    return model.model_copy(update={name: inside})


def test_whatever_a_replication_depends_on_is_in_the_content(hall: Scenario) -> None:
    count = 0
    for path in parameters():
        groups = [hall.settings]
        for name in path.split("."):
            groups.append(getattr(groups[-1], name, None))  # type: ignore[arg-type]
        value = other(facts_of(path), groups[-1])
        if value is None or None in groups[:-1] or path.split(".")[0] in NOT_IN_CONTENT:
            continue
        settings = changed(hall.settings, path.split("."), value)
        assert replace(hall, settings=settings).content != hall.content, path  # type: ignore[arg-type]
        count += 1
    assert count > 100
