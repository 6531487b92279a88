"""Bad input: the spreadsheets."""

from __future__ import annotations

import pytest

from sim.scenario.tables import MOST_ROWS

from .conftest import DEPARTMENTS, ITEMS, Hall

UNITS = "land, health, police"


@pytest.mark.parametrize(
    ("table", "row", "cells", "line", "found", "allowed"),
    [
        pytest.param(
            "departments",
            "health",
            {"window_staff": "two"},
            3,
            "column window_staff is 'two'",
            "a whole number from 0 to 500",
            id="bad number",
        ),
        pytest.param(
            "departments",
            "health",
            {"window_staff": ""},
            3,
            "column window_staff is empty",
            "a whole number from 0 to 500",
            id="empty cell",
        ),
        pytest.param(
            "departments",
            "health",
            {"entered": "perhaps"},
            3,
            "column entered is 'perhaps'",
            "yes or no",
            id="neither yes nor no",
        ),
        pytest.param(
            "departments",
            "health",
            {"name_zh": ""},
            3,
            "column name_zh is empty",
            "a text",
            id="no name",
        ),
        pytest.param(
            "departments",
            "health",
            {"qualified": 2},
            3,
            "health: 2 qualified of window_staff 1",
            "qualified from 0 to 1",
            id="more qualified than staff",
        ),
        pytest.param(
            "departments",
            "health",
            {"window_staff": 0, "qualified": 0},
            3,
            "health: entered with window_staff 0",
            "window_staff of 1 or more, or entered no",
            id="entered without staff",
        ),
        pytest.param(
            "departments",
            "land",
            {"decision_staff": 3},
            2,
            "land: 4 people move to the windows, 6 officers in 3 sections",
            "at most 3 movers, so that sections keep an officer",
            id="sections emptied",
        ),
        pytest.param(
            "departments",
            "health",
            {"window_staff_full": 0},
            4,
            "clinic: entered, but window_staff_full of health is 0",
            "a department with window_staff_full of 1 or more",
            id="a skill nobody has",
        ),
        pytest.param(
            "items",
            "deed",
            {"id": "land deed"},
            3,
            "column id is 'land deed'",
            "letters, digits, - and _",
            id="id with a blank",
        ),
        pytest.param(
            "items",
            "deed",
            {"authority": "total"},
            3,
            "column authority is 'total'",
            "one of none, partial, full",
            id="no such authority",
        ),
        pytest.param(
            "items",
            "deed",
            {"promised_wd": 0},
            3,
            "column promised_wd is '0'",
            "a number above 0 and up to 250",
            id="out of range",
        ),
        pytest.param(
            "items",
            "deed",
            {"id": "site"},
            3,
            "id 'site' again (first on line 2)",
            "each id once",
            id="id twice",
        ),
        pytest.param(
            "items",
            "deed",
            {"department": "lands"},
            3,
            "deed: unknown department 'lands'",
            f"did you mean 'land'? ({UNITS})",
            id="unknown department",
        ),
        pytest.param(
            "items",
            "site",
            {"helpers": "heath;police"},
            2,
            "site: unknown department 'heath'",
            f"did you mean 'health'? ({UNITS})",
            id="unknown helper",
        ),
        pytest.param(
            "items",
            "site",
            {"helpers": "land;police"},
            2,
            "site: helper 'land' is the item's own department",
            "other departments",
            id="helps itself",
        ),
        pytest.param(
            "items",
            "site",
            {"helpers": "police;health;police"},
            2,
            "site: helper 'police' twice",
            "each helper once",
            id="helper twice",
        ),
        pytest.param(
            "items",
            "site",
            {"helpers": ""},
            2,
            "site: joint is serial without helpers",
            "assisting departments in helpers, or joint none",
            id="joint without helpers",
        ),
        pytest.param(
            "items",
            "site",
            {"joint": "none"},
            2,
            "site: helpers health; police without joint",
            "joint applicant, serial or parallel, or no helpers",
            id="helpers without joint",
        ),
        pytest.param(
            "items",
            "clinic",
            {"sections": 3},
            4,
            "clinic: 3 sections, health has 2",
            "sections from 0 to 2",
            id="too many sections",
        ),
        pytest.param(
            "items",
            "clinic",
            {"signatures": 3},
            4,
            "clinic: 3 signatures, health has 2 leaders",
            "signatures from 0 to 2",
            id="too many signatures",
        ),
        pytest.param(
            "items",
            "seal",
            {"entered": "yes"},
            6,
            "seal: entered, but police is not",
            "entered no, or police entered",
            id="entered without its department",
        ),
        pytest.param(
            "items",
            "deed",
            {"fee_yuan": 50},
            3,
            "deed: fee_yuan 50 with payments 0",
            "payments of 1 or more, or fee_yuan 0",
            id="fee without payment",
        ),
        pytest.param(
            "items",
            "deed",
            {"statutory_wd": 3},
            3,
            "deed: promised_wd 5 is longer than statutory_wd 3",
            "promised_wd up to 3",
            id="promise beyond the law",
        ),
        pytest.param(
            "items",
            "deed",
            {"report_up": "yes"},
            3,
            "deed: one_sitting and report_up",
            "one of them: a higher level does not decide in one sitting",
            id="one sitting, reported up",
        ),
    ],
)
def test_one_bad_row(
    hall: Hall,
    *,
    table: str,
    row: str,
    cells: dict[str, object],
    line: int,
    found: str,
    allowed: str,
) -> None:
    hall.cell(table, row, **cells)
    file = "items.csv" if found.startswith("clinic: entered") else f"{table}.csv"
    assert hall.problem() == (file, line, found, allowed)


def test_nobody_for_an_item_that_a_policy_enters(hall: Hall) -> None:
    hall.cell("departments", "police", window_staff_full=0)
    hall.load()
    hall.reform("enter", "entry", 1.0)
    how = f"entered by policy.entry 1 ({hall.folder}/reforms/enter.yaml:4)"
    assert hall.problem("hall.yaml+enter") == (
        "items.csv",
        6,
        f"seal: {how}, but window_staff_full of police is 0",
        "a department with window_staff_full of 1 or more",
    )


def test_no_item_has_cases(hall: Hall) -> None:
    for item in ("site", "deed", "clinic", "seal"):
        hall.cell("items", item, cases_per_wd=0)
    assert hall.problem() == (
        "items.csv",
        1,
        "no item has cases",
        "at least one item with cases_per_wd above 0",
    )


def test_missing_file(hall: Hall) -> None:
    (hall.folder / "items.csv").unlink()
    found = f"{hall.folder / 'items.csv'}: no such file"
    assert hall.problem() == ("hall.yaml", 7, found, "the path of an existing file")


def test_a_folder_instead_of_a_file(hall: Hall) -> None:
    (hall.folder / "items.csv").unlink()
    (hall.folder / "items.csv").mkdir()
    found = f"{hall.folder / 'items.csv'}: a folder, pipe or device"
    assert hall.problem() == ("hall.yaml", 7, found, "a file")


def test_missing_column(hall: Hall) -> None:
    hall.write("departments.csv", DEPARTMENTS.replace(",sections,", ",section,"))
    columns = (
        "id, name_en, name_zh, entered, slow, window_staff, qualified, window_staff_full, "
        "decision_staff, sections, officers_per_section, leaders"
    )
    assert hall.problems() == [
        (
            "departments.csv",
            1,
            "unknown column 'section'",
            f"did you mean 'sections'? ({columns}, … (13 in all))",
        ),
        (
            "departments.csv",
            1,
            "no column 'sections'",
            "a column sections (Sections a file can pass through)",
        ),
    ]


def test_column_twice(hall: Hall) -> None:
    hall.write("departments.csv", DEPARTMENTS.replace("decision_staff", "qualified"))
    assert hall.problem() == (
        "departments.csv",
        1,
        "column 'qualified' twice",
        "each column once",
    )


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_empty_file(hall: Hall, text: str) -> None:
    hall.write("items.csv", text)
    file, line, found, allowed = hall.problem()
    assert (file, line, found) == ("items.csv", 1, "an empty table")
    assert allowed.startswith("a header with the columns id, name_en")


def test_header_alone(hall: Hall) -> None:
    hall.write("items.csv", ITEMS.splitlines()[0] + "\n,,\n")
    expected = ("items.csv", 1, "a table without rows", "at least one row")
    assert hall.problem() == expected


def test_wrong_number_of_cells(hall: Hall) -> None:
    hall.write("departments.csv", DEPARTMENTS.replace(",2,2,2\n", ",2,2\n"))
    assert hall.problem() == ("departments.csv", 3, "10 cells", "11 cells")


def test_quote_left_open(hall: Hall) -> None:
    hall.write("items.csv", ITEMS.replace("Land deed", '"Land deed'))
    file, line, found, allowed = hall.problem()
    assert (file, line, allowed) == ("items.csv", 3, "cells separated by commas")
    assert found.startswith("a row that is no row of a table")


def test_undecodable(hall: Hall) -> None:
    raw = ITEMS.encode().replace("土地证".encode(), b"\xff\xff")
    (hall.folder / "items.csv").write_bytes(raw)
    assert hall.problem() == (
        "items.csv",
        3,
        "bytes that are neither UTF-8 nor GB18030",
        "text saved as UTF-8 or GB18030",
    )


def test_lines_are_those_of_the_file(hall: Hall) -> None:
    """Blank lines and cells of several lines count."""
    text = ITEMS.replace("Building site", '"Building\nsite"').replace("deed,Land", "\ndeed,Land")
    hall.write("items.csv", text)
    hall.write("items.csv", text.replace(",full,", ",whole,"))
    assert hall.problem()[:3] == ("items.csv", 5, "column authority is 'whole'")


def test_problems_of_both_tables_at_once(hall: Hall) -> None:
    hall.cell("departments", "land", qualified=3)
    hall.cell("departments", "health", qualified=3)
    hall.cell("items", "site", helpers="healt;land", joint="none")
    hall.cell("items", "deed", statutory_wd=1, fee_yuan=1)
    assert [(file, line, found) for file, line, found, _ in hall.problems()] == [
        ("departments.csv", 2, "land: 3 qualified of window_staff 2"),
        ("departments.csv", 3, "health: 3 qualified of window_staff 1"),
        ("items.csv", 2, "site: helpers healt; land without joint"),
        ("items.csv", 2, "site: helper 'land' is the item's own department"),
        ("items.csv", 2, "site: unknown department 'healt'"),
        ("items.csv", 3, "deed: fee_yuan 1 with payments 0"),
        ("items.csv", 3, "deed: promised_wd 5 is longer than statutory_wd 1"),
    ]


def test_more_rows_than_a_hall_has(hall: Hall) -> None:
    header, row = ITEMS.splitlines()[:2]
    rows = [
        row.replace("site", f"site{number}", 1).replace("1,1,3,3", f"{number},{number},3,3")
        for number in range(1, MOST_ROWS + 2)
    ]
    hall.write("items.csv", "\n".join([header, *rows]))
    assert hall.problem() == ("items.csv", MOST_ROWS + 2, "more than 5,000 rows", "at most 5,000")
    hall.write("items.csv", "\n".join([header, *rows[:-1]]))
    assert len(hall.load().items) == MOST_ROWS


def test_more_helpers_than_a_parallel_step_can_hold(hall: Hall) -> None:
    hall.cell("items", "site", helpers=";".join(f"unit{number}" for number in range(31)))
    _, line, found, allowed = hall.problems()[0]
    assert line == 2
    assert found.startswith("column helpers is ")
    assert allowed.startswith("a list of at most 30 values, each text")
