"""Every number that may be written has a stated lower and upper bound."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pydantic import BaseModel

from sim.chance.inversion import Laws, quantiles
from sim.scenario.catalogue import Department, Item
from sim.scenario.schema import FIRST_DAY, LAST_DAY, Settings
from sim.scenario.yaml_lines import json_schema
from sim.studies.sweep.design import StudyFile
from tests.scenario.conftest import Hall

CALENDAR_TICKS = 86_400
"""To a working day, whatever its length."""


def numbers(node: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every part of a JSON Schema that describes a number."""
    if isinstance(node, list):
        for number, below in enumerate(node):
            yield from numbers(below, f"{path}/{number}")
    elif isinstance(node, dict):
        if node.get("type") in {"number", "integer"} and "const" not in node:
            yield path, node
        for name, below in node.items():
            if name not in {"default", "examples"}:
                yield from numbers(below, f"{path}/{name}")


@pytest.mark.parametrize("model", [Settings, Department, Item, StudyFile])
def test_every_number_has_bounds(model: type[BaseModel]) -> None:
    found = dict(numbers(json_schema(model), model.__name__))
    assert found
    unbounded = {
        path: node
        for path, node in found.items()
        if not {"minimum", "exclusiveMinimum"} & node.keys() or "maximum" not in node
    }
    assert unbounded == {}


def highest(group: str, field: str) -> float:
    node = json_schema(Settings)["$defs"][group]["properties"][field]
    return float(node["maximum"])


def lowest(group: str, field: str) -> float:
    node = json_schema(Settings)["$defs"][group]["properties"][field]
    return float(node["minimum"])


@pytest.mark.parametrize("family", ["gamma", "lognormal", "exponential", "fixed"])
def test_no_duration_overflows(family: Any) -> None:
    # The longest mean, stretched by the largest factor, at the last of the uniform numbers.
    mean, cv = highest("Duration", "mean"), highest("Duration", "cv")
    slow = max(highest("Offices", "slow_factor"), highest("Stuck", "slow_factor"))
    speed = lowest("Policy", "work_speed") * lowest("Offices", "hall_share")
    scale = mean * max(CALENDAR_TICKS * slow, 60 / speed)
    laws = Laws()
    law = laws.unit_law(family, cv)
    last = quantiles(law.kind, law.shape, law.table, laws.tables, np.array([1 - 2.0**-53]))
    assert 0 < scale * last[0] < 2**62


@pytest.mark.parametrize("cv", [1e-320, 1e-170, 1e-12, 1e-9, 1e-4])
@pytest.mark.parametrize("family", ["gamma", "lognormal"])
def test_a_duration_that_hardly_varies_is_its_mean(family: Any, cv: float) -> None:
    laws = Laws()
    law = laws.unit_law(family, cv)
    u = np.array([2.0**-53, 1e-6, 0.5, 1 - 1e-6, 1 - 2.0**-53])
    found = quantiles(law.kind, law.shape, law.table, laws.tables, u)
    assert found == pytest.approx([1] * 5, rel=10 * cv)


@pytest.mark.parametrize(
    ("text", "found", "allowed"),
    [
        ("papers: {make_up_wd: {mean: 1e15}}", "papers.make_up_wd.mean", "0 to 100000"),
        ("papers: {make_up_wd: {mean: 3, cv: 1e9}}", "papers.make_up_wd.cv", "0 to 5"),
        ("experiment: {seed: 18446744073709551616}", "seed", "0 to 18446744073709551615"),
        ("experiment: {seed: -1}", "experiment.seed is -1", "0 to 18446744073709551615"),
        ("policy: {work_speed: 1e-300}", "policy.work_speed is 1e-300", "0.05 to 3"),
        ("report: {cases_received: 1e300}", "report.cases_received", "0 to 1e+12"),
    ],
)
def test_what_lies_beyond_a_bound_is_refused(
    hall: Hall, text: str, found: str, allowed: str
) -> None:
    hall.add(text + "\n")
    file, line, told, instead = hall.problem()
    assert (file, line) == ("hall.yaml", 8)
    assert found in told
    assert allowed in instead


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1899-12-31", "2100-01-01"])
@pytest.mark.parametrize("name", ["start", "census"])
def test_days_without_a_calendar_are_refused(hall: Hall, name: str, day: str) -> None:
    _, _, found, allowed = hall.problem(values=[f"horizon.{name}={day}"])
    assert found == f"{name} {day}"
    assert allowed == f"a day from {FIRST_DAY} to {LAST_DAY}"


def test_the_last_day_can_be_a_census(hall: Hall) -> None:
    values = [f"horizon.{name}={LAST_DAY}" for name in ("start", "census")]
    assert hall.load(values=values).settings.horizon.census == dt.date(2099, 12, 31)
