"""What happens to users' files when fields change: they are told what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

from sim.own_yaml import own_yaml
from sim.scenario import renamed
from sim.scenario.load import load
from sim.scenario.problems import InputError, Problem
from sim.scenario.schema import Reform, Settings
from sim.scenario.sources import parameters
from sim.scenario.yaml_lines import json_schema

from .conftest import Hall

DOCUMENT: dict[str, Any] = renamed._document()
EXTENDED = "extends: hall\ntitle: {en: Own, zh: 自己}\n"


def problems_of(hall: Hall, text: str) -> tuple[Problem, ...]:
    hall.write("own.yaml", EXTENDED + text)
    with pytest.raises(InputError) as refused:
        load(str(hall.folder / "own.yaml"))
    return refused.value.problems


@pytest.mark.parametrize("path", DOCUMENT["fields"])
def test_a_field_of_before_is_told_its_successor(hall: Hall, path: str) -> None:
    group, field = path.split(".")
    (problem,) = problems_of(hall, f"{group}: {{{field}: 1}}\n")
    assert problem.line == 3
    assert (
        problem.allowed
        == f"since {DOCUMENT['fields'][path]['since']}: " + (DOCUMENT["fields"][path]["instead"])
    )


@pytest.mark.parametrize(
    ("path", "value"), [(path, value) for path, of in DOCUMENT["values"].items() for value in of]
)
def test_a_value_of_before_is_told_its_successor(hall: Hall, path: str, value: str) -> None:
    group, field = path.split(".")
    (problem,) = problems_of(hall, f"{group}: {{{field}: {value}}}\n")
    assert DOCUMENT["values"][path][value]["instead"] in problem.allowed


def test_nothing_that_there_is_counts_as_renamed() -> None:
    assert not set(DOCUMENT["fields"]) & set(parameters())
    assert set(DOCUMENT["values"]) <= set(parameters())


def test_every_successor_is_a_field() -> None:
    for entry in DOCUMENT["fields"].values():
        assert entry["instead"].split(",")[0].split(" ")[0] in set(parameters())


def test_a_file_of_another_version_is_refused(hall: Hall) -> None:
    (problem,) = problems_of(hall, "version: 2\n")
    assert problem.found == "version is 2"
    assert problem.allowed == "1"


def test_scenarios_and_reforms_have_a_version() -> None:
    for model in (Settings, Reform):
        assert json_schema(model)["properties"]["version"]["const"] == 1
    assert own_yaml("version: 1") == {"version": 1}
