"""Draw another hall like this one: estimated columns of the tables are redrawn, known ones stay.

Columns graded S (the report) or P (public) are kept.  Those graded E, and those without a
source, are redrawn within the range written in `sources`.  Of those graded D the totals are
known and stay; their distribution over units and items is redrawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

from sim.scenario.catalogue import Department, Item
from sim.scenario.sources import Source

Chance = Callable[[str, str], float]
"""A number between 0 and 1 for a purpose and the id of a row."""
Row = dict[str, Any]

KNOWN = frozenset("SP")
"""Grades of columns that are kept."""
COLUMNS = (
    *(f"departments.{column}" for column in ("window_staff", "qualified", "window_staff_full")),
    *(f"departments.{column}" for column in ("decision_staff", "sections")),
    *(f"departments.{column}" for column in ("officers_per_section", "leaders")),
    *(f"items.{column}" for column in ("entered", "authority", "one_sitting", "delegable")),
    *(f"items.{column}" for column in ("authority_rank", "entry_rank", "sections")),
    *(f"items.{column}" for column in ("signatures", "promised_wd", "cases_per_wd", "joint")),
    *(f"items.{column}" for column in ("helpers", "inspection", "report_up", "certificate")),
    *(f"items.{column}" for column in ("fee_yuan", "payments")),
)
"""Columns that can be redrawn.  The unit, name and legal limit of an item never are."""

CASES_SPREAD, FEE_SPREAD, LIMIT_SPREAD = 0.8, 0.5, 0.2
"""Standard deviation of the logarithm of the factors on cases, fees and promised limits."""
ENTERED_SHARE, MOVED_STAFF, EXCHANGED, REPLACED_HELPERS = 0.3, 0.3, 0.25, 0.3
"""Shares of items that exchange places in and out of the hall, of units that give away a window
person, of items that exchange another property, and of assisting units that are replaced."""
ALIKE = 8
"""Items exchange properties in groups of this size, neighbours in the order of their demand."""
RANK_SPREAD = 0.25
"""Standard deviation by which an item moves in an order, as a share of the length of the order."""
FEWEST_CASES_PER_WD = 0.0005
"""Fewest cases per working day of an item in use, so that it stays in use."""


def redrawn_columns(sources: Mapping[str, Source]) -> tuple[str, ...]:
    """Return the columns that are redrawn.

    Parameters
    ----------
    sources
        Grades and ranges by dotted path.

    Returns
    -------
    tuple of str
        ``departments.COLUMN`` and ``items.COLUMN``.
    """
    return tuple(name for name in COLUMNS if _grade(sources, name) not in KNOWN)


def redraw(
    departments: Sequence[Department],
    items: Sequence[Item],
    sources: Mapping[str, Source],
    chance: Chance,
) -> tuple[tuple[Department, ...], tuple[Item, ...]]:
    """Draw another hall like this one.

    Parameters
    ----------
    departments, items
        The tables; they pass every check of `tables.check_tables`.
    sources
        Grades and ranges by dotted path.
    chance
        Uniform number for a purpose and the id of a row; the same numbers draw the same hall.

    Returns
    -------
    tuple
        Departments and items that pass the same checks.  The numbers of items, of entered items,
        of items in use and of items with full authority, the numbers of window and qualified
        staff, and the cases and fees per working day of entered items and of the others are those
        of the tables given.
    """
    draft = _Draft(departments, items, sources, chance)
    _offices(draft)
    _entered(draft)
    _authority(draft)
    _kinds(draft)
    _routes(draft)
    _helpers(draft)
    _cases(draft)
    _fees(draft)
    _ranks(draft)
    _window_people(draft)
    _movers(draft)
    return (
        tuple(Department.model_validate(row) for row in draft.units.values()),
        tuple(Item.model_validate(row) for row in draft.items),
    )


class _Draft:
    """Tables in the making."""

    def __init__(
        self,
        departments: Sequence[Department],
        items: Sequence[Item],
        sources: Mapping[str, Source],
        chance: Chance,
    ) -> None:
        self.units: dict[str, Row] = {unit.id: unit.model_dump() for unit in departments}
        self.before: dict[str, Row] = {unit.id: unit.model_dump() for unit in departments}
        self.items: list[Row] = [item.model_dump() for item in items]
        self.sources = sources
        self.chance = chance
        self.takings = {True: 0.0, False: 0.0}
        for row in self.items:
            self.takings[row["entered"]] += row["fee_yuan"] * row["cases_per_wd"]
        self._may = set(redrawn_columns(sources))

    def may(self, *names: str) -> bool:
        """Say whether all these columns are redrawn."""
        return self._may.issuperset(names)

    def ends(self, name: str, value: float, low: float, high: float) -> tuple[float, float]:
        """Return the range of a column, stretched to the value that is there."""
        source = self.sources.get(name)
        if source is not None and source.low is not None and source.high is not None:
            low, high = source.low, source.high
        return min(low, value), max(high, value)

    def step(self, name: str, row: Row, low: int, high: int) -> int:
        """Return a whole number: one less or one more (a quarter each), or the same."""
        value: int = row[name.partition(".")[2]]
        if not self.may(name):
            return value
        number = self.chance(name, row["id"])
        least, most = self.ends(name, value, low, high)
        moved = value + (number > 0.75) - (number < 0.25)
        return int(min(max(moved, least), most))

    def factor(self, name: str, row: Row, spread: float) -> float:
        """Return a lognormal factor with median 1."""
        return math.exp(spread * NormalDist().inv_cdf(self.chance(name, row["id"])))

    def exchange(self, rows: Iterable[Row], columns: Sequence[str], share: float) -> None:
        """Let a share of the rows exchange cells; the number of rows with each value stays."""
        purpose = "+".join(columns)
        chosen = [row for row in rows if self.chance(f"{purpose}: takes part", row["id"]) < share]
        values = [{column: row[column] for column in columns} for row in chosen]
        order = sorted(chosen, key=lambda row: self.chance(f"{purpose}: place", row["id"]))
        for row, cells in zip(order, values, strict=True):
            row.update(cells)


def _grade(sources: Mapping[str, Source], name: str) -> str:
    source = sources.get(name) or sources.get(name.partition(".")[0])
    return "" if source is None else source.grade


def _groups(rows: Iterable[Row], key: Callable[[Row], object]) -> Iterator[list[Row]]:
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    yield from groups.values()


def _alike(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield groups of items of similar demand that are all in the hall or all outside it.

    Simple items have many cases; exchange among all items would destroy that relation.
    """
    for inside in _groups(rows, lambda row: row["entered"]):
        ordered = sorted(inside, key=lambda row: -row["cases_per_wd"])
        yield from (ordered[at : at + ALIKE] for at in range(0, len(ordered), ALIKE))


def _is_full(row: Row) -> bool:
    return bool(row["authority"] == "full")


def _at_counter(row: Row) -> bool:
    """Say whether the counter that accepts an item decides it."""
    return not row["sections"] and not row["signatures"]


# Departments --------------------------------------------------------------------------------


def _offices(draft: _Draft) -> None:
    """Redraw sections, officers and leaders of the home departments."""
    for row in draft.units.values():
        before = draft.before[row["id"]]
        row["sections"] = draft.step("departments.sections", row, 1, 10)
        row["officers_per_section"] = draft.step("departments.officers_per_section", row, 1, 200)
        row["leaders"] = draft.step("departments.leaders", row, 0, 10)
        # Items whose route is known keep their unit's sections and leaders.
        if not draft.may("items.sections"):
            row["sections"] = max(row["sections"], before["sections"])
        if not draft.may("items.signatures"):
            row["leaders"] = max(row["leaders"], before["leaders"])
        row["leaders"] = max(row["leaders"], min(1, before["leaders"]))


def _window_people(draft: _Draft) -> None:
    """Move window staff between resident units, and redraw who of them may decide."""
    resident = [row for row in draft.units.values() if row["window_staff"]]
    if draft.may("departments.window_staff") and draft.may("departments.qualified"):
        name = "departments.window_staff"
        for row in resident:
            if row["window_staff"] > 1 and draft.chance(name, row["id"]) < MOVED_STAFF:
                at = draft.chance(f"{name}: to", row["id"])
                row["window_staff"] -= 1
                resident[int(at * len(resident))]["window_staff"] += 1
    if not draft.may("departments.qualified"):
        return
    total = sum(row["qualified"] for row in draft.units.values())
    full = {row["department"] for row in draft.items if _is_full(row)}
    people = [(row, number) for row in resident for number in range(row["window_staff"])]
    # A unit with items under full authority keeps at least one qualified person.
    order = sorted(
        people,
        key=lambda person: (
            not (person[1] == 0 and person[0]["id"] in full),
            draft.chance(f"departments.qualified: {person[1]}", person[0]["id"]),
        ),
    )
    for row in resident:
        row["qualified"] = 0
    for row, _ in order[:total]:
        row["qualified"] += 1


def _movers(draft: _Draft) -> None:
    """Redraw who moves to the windows; every section keeps an officer."""
    for row in draft.units.values():
        before = draft.before[row["id"]]
        more = before["window_staff_full"] - before["window_staff"]
        moved = draft.step("departments.window_staff_full", row, 1, 500)
        if draft.may("departments.window_staff_full"):
            more = max(0, more + moved - row["window_staff_full"])
            row["window_staff_full"] = max(1, row["window_staff"] + more)
        row["decision_staff"] = draft.step("departments.decision_staff", row, 0, 2)
        _keep_officers(draft, row)


def _keep_officers(draft: _Draft, row: Row) -> None:
    def missing() -> int:
        leaving = row["window_staff_full"] - row["window_staff"] + row["decision_staff"]
        return int(leaving - row["sections"] * (row["officers_per_section"] - 1))

    if missing() > 0 and draft.may("departments.decision_staff"):
        row["decision_staff"] = max(0, row["decision_staff"] - missing())
    if missing() > 0 and draft.may("departments.window_staff_full"):
        least = max(1, row["window_staff"])
        row["window_staff_full"] = max(least, row["window_staff_full"] - missing())
    if missing() > 0:  # the number of movers is known, so there must be enough officers
        row["officers_per_section"] += -(-missing() // row["sections"])


# Items --------------------------------------------------------------------------------------


def _entered(draft: _Draft) -> None:
    """Let items of one unit exchange places in and out of the hall, with the cases there."""
    if not draft.may("items.entered", "items.cases_per_wd", "items.entry_rank"):
        return
    free = [
        row
        for row in draft.items
        if not _is_full(row) and (row["joint"] == "none" or draft.may("items.joint"))
    ]
    for rows in _groups(free, lambda row: row["department"]):
        if draft.units[rows[0]["department"]]["entered"]:
            draft.exchange(rows, ("entered", "entry_rank", "cases_per_wd"), ENTERED_SHARE)


def _authority(draft: _Draft) -> None:
    """Redraw which items have full authority today, and which partial."""
    if not draft.may("items.authority"):
        return
    decides = draft.may("departments.qualified")
    possible = [
        row
        for row in draft.items
        if (row["entered"] and row["one_sitting"] and row["delegable"] and row["cases_per_wd"])
        and (decides or draft.units[row["department"]]["qualified"])
    ]
    columns = ("authority", "promised_wd") if draft.may("items.promised_wd") else ("authority",)
    for rows in _groups(possible, lambda row: row["statutory_wd"]):
        draft.exchange(rows, columns, EXCHANGED)
    for rows in _alike([row for row in draft.items if not _is_full(row)]):
        draft.exchange(rows, ("authority",), EXCHANGED)


def _kinds(draft: _Draft) -> None:
    """Redraw the kind of decision of items; how many need each stays, in and out of the hall."""
    changed: tuple[tuple[tuple[str, ...], Callable[[Row], bool]], ...] = (
        (("report_up", "delegable"), lambda row: not row["one_sitting"]),
        (("delegable",), lambda row: not row["report_up"]),
        (("inspection",), lambda row: not row["one_sitting"]),
        (("one_sitting",), lambda row: not row["report_up"] and row["inspection"] == "none"),
        (("certificate",), lambda _: True),
    )
    for columns, takes_part in changed:
        if draft.may(*(f"items.{column}" for column in columns)):
            free = [row for row in draft.items if not (_is_full(row) or _at_counter(row))]
            rows = [row for row in free if takes_part(row)]
            for alike in _alike(rows):
                draft.exchange(alike, columns, EXCHANGED)


def _routes(draft: _Draft) -> None:
    """Redraw sections and signatures, along with those of the unit, and promised limits."""
    for row in draft.items:
        if _at_counter(row):  # decided at the counter, in any hall
            continue
        unit = draft.units[row["department"]]
        if draft.may("items.sections"):
            along = unit["sections"] - draft.before[unit["id"]]["sections"]
            low, _ = draft.ends("items.sections", row["sections"], 1, 10)
            moved = max(int(low), draft.step("items.sections", row, 1, 10) + along)
            row["sections"] = min(moved, unit["sections"])
        if draft.may("items.signatures"):
            row["signatures"] = min(draft.step("items.signatures", row, 0, 10), unit["leaders"])
        if draft.may("items.promised_wd"):
            name = "items.promised_wd"
            low, high = draft.ends(name, row["promised_wd"], 1, 250)
            days = round(row["promised_wd"] * draft.factor(name, row, LIMIT_SPREAD))
            row["promised_wd"] = float(min(max(days, low), high, row["statutory_wd"]))


def _helpers(draft: _Draft) -> None:
    """Redraw who assists in joint approvals, and who carries them."""
    if draft.may("items.joint"):
        joint = [row for row in draft.items if row["joint"] != "none"]
        draft.exchange([row for row in joint if row["entered"]], ("joint",), EXCHANGED)
        for row in joint:
            if not row["entered"]:  # only the applicant can carry it
                row["joint"] = "applicant"
    if not draft.may("items.helpers"):
        return
    name = "items.helpers"
    for row in draft.items:
        if not row["helpers"]:
            continue
        own = row["department"]
        low, high = draft.ends(name, len(row["helpers"]), 3, 7)
        number = draft.chance(name, row["id"])
        wanted = len(row["helpers"]) + (number > 0.75) - (number < 0.25)
        wanted = int(min(max(wanted, low), high, len(draft.units) - 1))

        def place(unit: str, row: Row = row) -> float:
            at = draft.chance(f"{name}: {unit}", row["id"])
            return at if unit in row["helpers"] else at + 1 - REPLACED_HELPERS

        others = sorted((unit for unit in draft.units if unit != own), key=place)
        row["helpers"] = tuple(others[:wanted])


def _cases(draft: _Draft) -> None:
    """Redraw how cases are distributed over items; the sums in and out of the hall stay."""
    name = "items.cases_per_wd"
    if not draft.may(name):
        return
    in_use = [row for row in draft.items if row["cases_per_wd"]]
    for rows in _groups(in_use, lambda row: row["entered"]):
        total = sum(row["cases_per_wd"] for row in rows)
        drawn = [row["cases_per_wd"] * draft.factor(name, row, CASES_SPREAD) for row in rows]
        scale = total / sum(drawn)
        for row, value in zip(rows, drawn, strict=True):
            row["cases_per_wd"] = max(round(value * scale, 4), FEWEST_CASES_PER_WD)
        largest = max(rows, key=lambda row: row["cases_per_wd"])
        rest = total - sum(row["cases_per_wd"] for row in rows if row is not largest)
        largest["cases_per_wd"] = round(rest, 6)


def _fees(draft: _Draft) -> None:
    """Redraw fees and payments; the sums of fees per working day in and out of the hall stay."""
    name = "items.fee_yuan"
    if draft.may(name):
        for rows in _groups(draft.items, lambda row: row["entered"]):
            before = draft.takings[rows[0]["entered"]]
            for row in rows:
                row["fee_yuan"] *= draft.factor(name, row, FEE_SPREAD)
            after = sum(row["fee_yuan"] * row["cases_per_wd"] for row in rows)
            scale = before / after if after else 1.0
            for row in rows:
                row["fee_yuan"] = min(round(row["fee_yuan"] * scale, 2), 1e7)
    for row in draft.items:
        if row["payments"]:
            row["payments"] = max(1, draft.step("items.payments", row, 1, 3))


def _ranks(draft: _Draft) -> None:
    """Redraw both orders; items entered, or with full authority, today stay first."""
    size = len(draft.items)
    for column, there in (("entry_rank", "entered"), ("authority_rank", "full")):
        name = f"items.{column}"
        if not draft.may(name):
            continue
        first = {r["id"]: r["entered"] if there == "entered" else _is_full(r) for r in draft.items}
        moved = {
            row["id"]: row[column] / size
            + RANK_SPREAD * NormalDist().inv_cdf(draft.chance(name, row["id"]))
            for row in draft.items
        }
        ranks = sorted(row[column] for row in draft.items)
        order = sorted(draft.items, key=lambda row: (not first[row["id"]], moved[row["id"]]))
        for row, rank in zip(order, ranks, strict=True):
            row[column] = rank
