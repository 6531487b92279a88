"""Redrawing tables: what is known stays, every check holds, the same chance draws the same hall."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.running.drawn_halls import drawn_tables
from sim.scenario.catalogue import Department, Item
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.redraw import COLUMNS, redraw, redrawn_columns
from sim.scenario.sources import Source
from sim.scenario.tables import RowT, Table, check_tables
from tests.scenario.conftest import DEPARTMENTS, ITEMS

Tables = tuple[Sequence[Department], Sequence[Item]]


@cache
def county() -> Scenario:
    return load("county")


@cache
def tiny() -> Tables:
    def read(text: str, model: type[RowT]) -> list[RowT]:
        rows = csv.DictReader(io.StringIO(text))
        return [model.model_validate({k: v for k, v in row.items() if v}) for row in rows]

    return read(DEPARTMENTS, Department), read(ITEMS, Item)


def of_county(seed: int, variant: int = 1) -> Tables:
    base = county()
    return redraw(base.departments, base.items, base.sources, drawn_tables(seed, variant))


def problems(tables: Tables) -> list[str]:
    departments, items = tables
    units = Table("departments", "", tuple(enumerate(departments)), ())
    return [
        str(one) for one in check_tables(units, Table("items", "", tuple(enumerate(items)), ()))
    ]


def assert_totals_kept(before: Tables, after: Tables) -> None:
    units, items = after
    for total in (lambda d: d.window_staff, lambda d: d.qualified, lambda d: d.entered):
        assert sum(map(total, units)) == sum(map(total, before[0]))
    assert [one.id for one in items] == [one.id for one in before[1]]
    for what in (
        lambda i: i.entered,
        lambda i: i.authority,
        lambda i: (i.entered, i.cases_per_wd > 0),
        lambda i: i.entered and i.one_sitting and i.authority == "full",
        lambda i: i.report_up,
        lambda i: i.inspection,
        lambda i: i.certificate,
        lambda i: i.joint != "none",
    ):
        assert Counter(map(what, items)) == Counter(map(what, before[1]))
    for entered in (True, False):
        cases = [[i.cases_per_wd for i in of if i.entered is entered] for of in (items, before[1])]
        assert sum(cases[0]) == pytest.approx(sum(cases[1]), abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), variant=st.integers(0, 2**32))
def test_any_redraw_of_a_tiny_hall_passes_every_check(seed: int, variant: int) -> None:
    after = redraw(*tiny(), {}, drawn_tables(seed, variant))
    assert problems(after) == []
    assert_totals_kept(tiny(), after)


@pytest.mark.parametrize("seed", range(12))
def test_redraws_of_the_county_pass_every_check_and_keep_the_report(seed: int) -> None:
    base = county()
    after = of_county(seed)
    assert problems(after) == []
    assert_totals_kept((base.departments, base.items), after)
    fees = [
        sum(i.fee_yuan * i.cases_per_wd for i in of if i.entered) for of in (after[1], base.items)
    ]
    assert fees[0] == pytest.approx(fees[1], rel=1e-4)
    assert sum(one.window_staff for one in after[0]) == 48
    full = {i.department for i in after[1] if i.authority == "full"}
    assert all(one.qualified for one in after[0] if one.id in full)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**64 - 1))
def test_any_redraw_of_the_county_passes_every_check(seed: int) -> None:
    base = county()
    after = of_county(seed)
    assert problems(after) == []
    assert_totals_kept((base.departments, base.items), after)


def test_ranges_written_in_sources_are_kept() -> None:
    base = county()
    before = {one.id: one for one in base.items}
    for seed in range(5):
        for item in of_county(seed)[1]:
            assert min(10, before[item.id].promised_wd, item.promised_wd) in (
                item.promised_wd,
                before[item.id].promised_wd,
                10,
            )
            assert item.promised_wd <= item.statutory_wd == before[item.id].statutory_wd
            assert item.sections >= min(2, before[item.id].sections)
            if item.helpers:
                assert 3 <= len(item.helpers) <= 7


def test_the_same_chance_draws_the_same_hall_and_another_another() -> None:
    assert of_county(7) == of_county(7)
    assert of_county(7) != of_county(8)
    assert of_county(7, variant=1) != of_county(7, variant=2)


def test_every_estimated_column_is_redrawn() -> None:
    base = county()
    seen = set()
    before = {one.id: one for one in (*base.departments, *base.items)}
    for seed in range(4):
        departments, items = of_county(seed)
        for table, rows in (("departments", departments), ("items", items)):
            for row in rows:
                old = before[row.id].model_dump()
                seen |= {f"{table}.{k}" for k, v in row.model_dump().items() if v != old[k]}
    assert seen == set(redrawn_columns(base.sources))


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("grade", ["S", "P"])
def test_a_known_column_stays(column: str, grade: str) -> None:
    base = county()
    sources = {**base.sources, column: Source(grade, None, None, "known")}
    departments, items = redraw(base.departments, base.items, sources, drawn_tables(3, 1))
    assert problems((departments, items)) == []
    table, _, name = column.partition(".")
    after, before = {
        "departments": (departments, base.departments),
        "items": (items, base.items),
    }[table]
    if name != "officers_per_section":  # more of them where all that move are known
        assert [getattr(x, name) for x in after] == [getattr(x, name) for x in before]


def test_nothing_is_redrawn_where_all_is_known() -> None:
    base = county()
    known = {name: Source("S", None, None, "known") for name in COLUMNS}
    assert redrawn_columns(known) == ()
    after = redraw(base.departments, base.items, known, drawn_tables(3, 1))
    assert after == (base.departments, base.items)


def test_variants_lie_around_the_hall_as_described() -> None:
    """Where the table stands inside its ranges, no drift: means over variants are near it."""
    base = county()
    drawn_halls = [of_county(seed) for seed in range(40)]

    def mean_and_base(of: object) -> tuple[float, float]:
        values = [of(tables) for tables in drawn_halls]  # type: ignore[operator]
        return sum(values) / len(values), of((base.departments, base.items))  # type: ignore[operator]

    mean, own = mean_and_base(lambda t: sum(d.sections * d.officers_per_section for d in t[0]))
    assert abs(mean / own - 1) < 0.05
    mean, own = mean_and_base(lambda t: sum(i.promised_wd for i in t[1]))
    assert abs(mean / own - 1) < 0.05
    mean, own = mean_and_base(
        lambda t: sum(i.cases_per_wd for i in t[1] if i.entered and i.one_sitting)
    )
    assert abs(mean / own - 1) < 0.15
