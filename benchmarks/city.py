"""Make a hall of any size out of the county's catalogue: copies of its units and items.

Every copy keeps the columns of the row it is a copy of, so that routes are as long and as mixed
as the county's. Cases are scaled to the total asked for, and the people in the sections along
with them, so that no unit is asked for more than it can do.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Cells = dict[str, str]

CATALOGUE = Path(__file__).parents[1] / "scenarios" / "county"
COUNTY_CASES_PER_WD = 29.0
COUNTY_UNITS = 32
MOST_OFFICERS, MOST_AT_WINDOWS = 200, 500
"""Most that a department's table may give a section, and windows."""


@dataclass(frozen=True)
class Size:
    """How large a hall is.

    Parameters
    ----------
    items, units
        Rows of the tables; units at least the county's.
    staff
        People at the windows, at least one for every resident unit.
    cases_per_wd
        Cases of all items on a working day.
    census
        Last day counted; the first is 1 July 2008.
    """

    items: int = 750
    units: int = 70
    staff: int = 360
    cases_per_wd: float = 800.0
    census: str = "2009-06-30"


def write_city(folder: Path, size: Size, name: str = "city") -> Path:
    """Write a scenario and its tables.

    Parameters
    ----------
    folder
        Where to.
    size
        How large a hall.
    name
        Of the scenario.

    Returns
    -------
    Path
        The scenario.
    """
    units = _units(size)
    items = _items(size, {unit["id"] for unit in units})
    _write(folder / name / "departments.csv", units)
    _write(folder / name / "items.csv", items)
    path = folder / f"{name}.yaml"
    path.write_text(
        f"extends: county\n"
        f"title: {{en: {name}, zh: {name}}}\n"
        f"horizon: {{start: 2008-07-01, census: {size.census}}}\n"
        f"tables: {{departments: {name}/departments.csv, items: {name}/items.csv}}\n"
        f"rivals: []\n"
        f"report: {{}}\n",
        encoding="utf-8",
    )
    return path


def _units(size: Size) -> list[Cells]:
    base = _read("departments")
    count = max(size.units, COUNTY_UNITS)
    units = [_copy(base[number % len(base)], number // len(base)) for number in range(count)]
    load = size.cases_per_wd / COUNTY_CASES_PER_WD * COUNTY_UNITS / count
    windows = _shared(size.staff, [int(unit["window_staff"]) for unit in units])
    for unit, people in zip(units, windows, strict=True):
        before, full = int(unit["window_staff"]), int(unit["window_staff_full"])
        share = int(unit["qualified"]) / before if before else 0.0
        officers = math.ceil(int(unit["officers_per_section"]) * max(1.0, load))
        unit["window_staff"] = str(people)
        unit["qualified"] = str(round(share * people))
        unit["window_staff_full"] = str(min(MOST_AT_WINDOWS, people + full - before))
        unit["officers_per_section"] = str(min(MOST_OFFICERS, officers))
    return units


def _items(size: Size, units: set[str]) -> list[Cells]:
    base = _read("items")
    # Fewer items than the county's are picked evenly, so that as large a part of them is in use.
    step = max(1.0, len(base) / size.items)
    rows = [int(number * step) for number in range(size.items)]
    items = [_copy(base[row % len(base)], row // len(base), units) for row in rows]
    if not any(float(item["cases_per_wd"]) for item in items):
        items[0]["cases_per_wd"] = "1"
    scale = size.cases_per_wd / sum(float(item["cases_per_wd"]) for item in items)
    for rank in ("authority_rank", "entry_rank"):
        in_order = sorted(range(len(items)), key=lambda number: int(items[number][rank]))
        for place, number in enumerate(in_order, start=1):
            items[number][rank] = str(place)
    for item in items:
        item["cases_per_wd"] = f"{float(item['cases_per_wd']) * scale:.6f}"
    return items


def _copy(row: Mapping[str, str], copy: int, units: set[str] | None = None) -> Cells:
    """Copy a unit, or, given the units that there are, an item."""
    found = dict(row, id=_name(row["id"], copy))
    if units is not None:
        found["department"] = _nearest(row["department"], copy, units)
        helpers = [name for name in row["helpers"].split(";") if name]
        found["helpers"] = ";".join(_nearest(name, copy, units) for name in helpers)
    return found


def _name(name: str, copy: int) -> str:
    return name if copy == 0 else f"{name}_{copy + 1}"


def _nearest(name: str, copy: int, units: set[str]) -> str:
    """Return the copy of a unit, or an earlier one where there are not as many."""
    return next(_name(name, one) for one in range(copy, -1, -1) if _name(name, one) in units)


def _shared(people: int, weights: Sequence[int]) -> list[int]:
    """Share people out by weight, at least one where there is any, by largest remainders."""
    ideal = [people * weight / sum(weights) for weight in weights]
    shares = [max(1, int(one)) if one else 0 for one in ideal]
    order = sorted(range(len(ideal)), key=lambda number: shares[number] - ideal[number])
    for number in [one for one in order if ideal[one]][: max(0, people - sum(shares))]:
        shares[number] += 1
    return shares


def _read(table: str) -> list[Cells]:
    with (CATALOGUE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Sequence[Cells]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
