"""Read and check the spreadsheets of a hall."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from sim.scenario.catalogue import Department, Item
from sim.scenario.files import MOST_TABLE_BYTES, read_text
from sim.scenario.problems import Problem, nearest
from sim.scenario.yaml_lines import Place, explain_error, shown

RowT = TypeVar("RowT", Department, Item)
Complaint = tuple[str, str]
"""What was found, and what is allowed."""


@dataclass(frozen=True)
class Table(Generic[RowT]):
    """A table as read: its rows with their lines, and what is wrong with it.

    Parameters
    ----------
    file
        Name of the file in problems.
    text
        Content of the file; empty if it could not be read.
    rows
        Line from 1 and content of each row that is valid.
    problems
        What is wrong with the other rows, the header or the file.
    """

    file: str
    text: str
    rows: tuple[tuple[int, RowT], ...]
    problems: tuple[Problem, ...]

    @property
    def values(self) -> tuple[RowT, ...]:
        """The rows without their lines."""
        return tuple(row for _, row in self.rows)


MOST_ROWS = 5_000
"""Most rows of a table."""
MOST_KEPT = 8
"""Number of parsed tables kept in memory: scenarios of a sweep mostly share them."""


def read_table(path: Path, file: str, model: type[RowT], asked: Place) -> Table[RowT]:
    """Read a CSV file into rows.

    Parameters
    ----------
    path
        The file.
    file
        Its name in problems.
    model
        Class of the rows, `Department` or `Item`.
    asked
        Where the scenario names the file.

    Returns
    -------
    Table
        Without rows if the file cannot be read or its header is wrong.
    """
    text = read_text(path, file, asked, MOST_TABLE_BYTES)
    if isinstance(text, Problem):
        return Table(file, "", (), (text,))
    return _rows_of(text, file, model)


@lru_cache(maxsize=MOST_KEPT)
def _rows_of(text: str, file: str, model: type[RowT]) -> Table[RowT]:
    problems: list[Problem] = []
    rows: list[tuple[int, RowT]] = []
    line = 1
    try:
        lines = _cells(text)
        line, header = next(lines, (1, []))
        problems += _header_problems(file, line, header, model)
        if problems:
            return Table(file, text, (), tuple(problems))
        for number, (line, cells) in enumerate(lines):
            if number == MOST_ROWS:
                problems.append(
                    Problem(file, line, f"more than {MOST_ROWS:,} rows", f"at most {MOST_ROWS:,}")
                )
                break
            row = _row(cells, header, model, Place(file, line), problems)
            if row is not None:
                rows.append((line, row))
    except csv.Error as error:
        found = f"a row that is no row of a table ({error})"
        problems.append(Problem(file, line + 1, found, "cells separated by commas"))
    if not rows and not problems:
        problems.append(Problem(file, line, "a table without rows", "at least one row"))
    problems += _repeats(file, rows, "id")
    return Table(file, text, tuple(rows), tuple(problems))


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of every row that is not blank."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]
        line = reader.line_num + 1


def _header_problems(
    file: str, line: int, header: Sequence[str], model: type[RowT]
) -> Iterator[Problem]:
    known: list[str] = list(model.model_fields)
    if not header:
        yield Problem(file, line, "an empty table", "a header with the columns " + ", ".join(known))
        return
    for number, name in enumerate(header):
        if name in header[:number] and name:
            yield Problem(file, line, f"column {name!r} twice", "each column once")
        elif name not in {*known, ""}:
            yield Problem(file, line, f"unknown column {name!r}", nearest(name, known))
    for name, field in model.model_fields.items():
        if field.is_required() and name not in header:
            needed = f"a column {name} ({(field.description or '').rstrip('.')})"
            yield Problem(file, line, f"no column {name!r}", needed)


def _row(
    cells: list[str],
    header: Sequence[str],
    model: type[RowT],
    place: Place,
    problems: list[Problem],
) -> RowT | None:
    width = len(header)
    if len(cells) < width or any(cells[width:]):
        problems.append(Problem(place.file, place.line, f"{len(cells)} cells", f"{width} cells"))
        return None
    named = {name: cell for name, cell in zip(header, cells, strict=False) if name}
    fields = model.model_fields
    given = {name: cell for name, cell in named.items() if cell or fields[name].is_required()}
    problems += [
        Problem(place.file, place.line, f"column {name} is empty", "a text")
        for name in ("name_en", "name_zh")
        if not given[name]
    ]
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            problem = explain_error(detail, model, lambda _: place, "column ")
            allowed = problem.allowed.replace("true or false", "yes or no")
            problems.append(Problem(problem.file, problem.line, problem.found, allowed))
        return None


def _repeats(file: str, rows: Iterable[tuple[int, RowT]], column: str) -> Iterator[Problem]:
    first: dict[object, int] = {}
    for line, row in rows:
        value = getattr(row, column)
        if value in first:
            found = f"{column} {shown(value)} again (first on line {first[value]})"
            yield Problem(file, line, found, f"each {column} once")
        first.setdefault(value, line)


def check_tables(departments: Table[Department], items: Table[Item]) -> list[Problem]:
    """Check the rows of both tables for contradictions, also between the tables.

    Parameters
    ----------
    departments, items
        Tables as read; rows that could not be read are left out.

    Returns
    -------
    list of Problem
        Departments first, each table in the order of its rows.
    """
    problems: list[Problem] = []
    for line, department in departments.rows:
        for found, allowed in _department_complaints(department):
            problems.append(Problem(departments.file, line, f"{department.id}: {found}", allowed))
    units = {department.id: department for department in departments.values}
    # With a broken row among the departments, an unknown name may be the name of that row.
    complete = not departments.problems
    for line, item in items.rows:
        complaints: list[Complaint] = [*_item_complaints(item), *_helper_complaints(item)]
        strangers = [n for n in dict.fromkeys((item.department, *item.helpers)) if n not in units]
        if complete:
            complaints += [
                (f"unknown department {n!r}", nearest(n, list(units))) for n in strangers
            ]
        if item.department in units:
            complaints += _fit_complaints(item, units[item.department])
        for found, allowed in complaints:
            problems.append(Problem(items.file, line, f"{item.id}: {found}", allowed))
    if items.rows and not any(item.cases_per_wd for item in items.values):
        found = "no item has cases"
        problems.append(
            Problem(items.file, 1, found, "at least one item with cases_per_wd above 0")
        )
    return problems


def check_entry(
    departments: Sequence[Department], items: Table[Item], entry: float | None, where: str
) -> list[Problem]:
    """Find entered items whose department has nobody for its windows.

    Parameters
    ----------
    departments, items
        The tables.
    entry
        Share of items entered by policy, 0 to 1; None = as surveyed.
    where
        Place at which that share was written, as text.

    Returns
    -------
    list of Problem
        One for each such item, in the order of the table.
    """
    staff = {department.id: department.window_staff_full for department in departments}
    ranked = sorted(items.values, key=lambda item: item.entry_rank)
    by_policy = {item.id for item in ranked[: int((entry or 0) * len(ranked) + 0.5)]}
    problems = []
    for line, item in items.rows:
        enters = item.id in by_policy or (entry is None and item.entered)
        if enters and staff.get(item.department) == 0:
            how = f"entered by policy.entry {entry:g} ({where})" if entry is not None else "entered"
            found = f"{item.id}: {how}, but window_staff_full of {item.department} is 0"
            allowed = "a department with window_staff_full of 1 or more"
            problems.append(Problem(items.file, line, found, allowed))
    return problems


def _department_complaints(unit: Department) -> Iterator[Complaint]:
    if unit.qualified > unit.window_staff:
        yield (
            f"{unit.qualified} qualified of window_staff {unit.window_staff}",
            (f"qualified from 0 to {unit.window_staff}"),
        )
    if unit.entered and unit.window_staff == 0:
        yield "entered with window_staff 0", "window_staff of 1 or more, or entered no"
    officers = unit.sections * unit.officers_per_section
    leaving = unit.window_staff_full - unit.window_staff + unit.decision_staff
    if officers - leaving < unit.sections:
        found = (
            f"{leaving} people move to the windows, {officers} officers in {unit.sections} sections"
        )
        yield found, f"at most {officers - unit.sections} movers, so that sections keep an officer"


def _item_complaints(item: Item) -> Iterator[Complaint]:
    rules: tuple[tuple[bool, str, str], ...] = (
        (
            item.joint != "none" and not item.helpers,
            f"joint is {item.joint} without helpers",
            "assisting departments in helpers, or joint none",
        ),
        (
            item.joint == "none" and bool(item.helpers),
            f"helpers {'; '.join(item.helpers)} without joint",
            "joint applicant, serial or parallel, or no helpers",
        ),
        (
            item.fee_yuan > 0 and item.payments == 0,
            f"fee_yuan {item.fee_yuan:g} with payments 0",
            "payments of 1 or more, or fee_yuan 0",
        ),
        (
            item.statutory_wd < item.promised_wd,
            f"promised_wd {item.promised_wd:g} is longer than statutory_wd {item.statutory_wd:g}",
            f"promised_wd up to {item.statutory_wd:g}",
        ),
        (
            item.made_outside
            and bool(item.sections or item.signatures or item.report_up or item.helpers),
            "made_outside, but not decided at the counter",
            "sections 0, signatures 0, no report_up and no joint, or made_outside no",
        ),
        (
            item.one_sitting and item.report_up,
            "one_sitting and report_up",
            "one of them: a higher level does not decide in one sitting",
        ),
    )
    return ((found, allowed) for wrong, found, allowed in rules if wrong)


def _helper_complaints(item: Item) -> Iterator[Complaint]:
    for number, name in enumerate(item.helpers):
        if name in item.helpers[:number]:
            yield f"helper {name!r} twice", "each helper once"
        elif name == item.department:
            yield f"helper {name!r} is the item's own department", "other departments"


def _fit_complaints(item: Item, unit: Department) -> Iterator[Complaint]:
    if item.sections > unit.sections:
        yield (
            f"{item.sections} sections, {unit.id} has {unit.sections}",
            (f"sections from 0 to {unit.sections}"),
        )
    if item.signatures > unit.leaders:
        yield (
            f"{item.signatures} signatures, {unit.id} has {unit.leaders} leaders",
            (f"signatures from 0 to {unit.leaders}"),
        )
    if item.entered and not unit.entered:
        yield f"entered, but {unit.id} is not", f"entered no, or {unit.id} entered"
