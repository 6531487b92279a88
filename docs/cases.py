"""Write the pages of columns from what columns mean; run ``python docs/cases.py``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sim.measure.event_log import log_columns
from sim.measure.frames import CaseColumn, case_columns
from sim.studies.columns import (
    OWN_FILES,
    column_text,
    described_columns,
    described_tables,
    shared_columns,
)

DOCS = Path(__file__).parent
CASES = """\
# The table of cases 办件表

`cases.parquet` has a row for each case of the first replication (`--cases N`: of the first N), in
the order of scenarios, replications and arrivals. Figures count the rows that are `counted`; the
others arrive between the census and the end of the simulation, so that counted cases meet as busy a
hall while they are followed. Dates are local times. What is unknown is null.
"""
LOG = """\
# The event log 事件日志

With `--log`, `log.parquet` has a row for each step of each case, of the replications whose cases
are kept (`--cases N`), in the order of scenarios, replications, cases and times: who waited where,
since when, from when to when it was worked on, and by whom. It is written a replication at a time,
so it may be larger than the memory; pandas reads a part of it with
`filters=[("replication", "==", 0)]`. Steps that only decide the way have no row. Dates are local
times. What is unknown is null.
"""
TABLES = """\
# Tables of results 结果表

Each table is a file `NAME.csv` (or `.parquet`) of a result folder and a data frame of the findings
in Python (`findings.NAME`, with `_` for `-`). `hall columns NAME` prints the same. Further columns
have names that come from what was asked, such as the axes of a sweep or the posts of a staffing
plan. [cases](cases.md) and [log](log.md) have pages of their own.

"""
COLUMNS = """
| column | unit | meaning | 含义 |
| --- | --- | --- | --- |
"""


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    return {
        "cases.md": CASES + table(case_columns()),
        "log.md": LOG + table(log_columns()),
        "columns.md": TABLES
        + "\n".join(page_of(name) for name in described_tables() if name not in OWN_FILES),
    }


def page_of(name: str) -> str:
    """Return the part of the page that describes a table."""
    about = described_tables()[name]
    rows = [
        f"| `{column}` | {column_text(name, column, 'en')} | {column_text(name, column, 'zh')} |"
        for column in (*shared_columns(name), *described_columns(name))
    ]
    head = f"## {name}\n\n{about['en']} {about['zh']}\n\n| column | meaning | 含义 |\n"
    head += "| --- | --- | --- |\n"
    return head + "\n".join(rows) + "\n"


def table(columns: Mapping[str, CaseColumn]) -> str:
    rows = [
        f"| `{name}` | {column.unit} | {column.meaning['en']} | {column.meaning['zh']} |"
        for name, column in columns.items()
    ]
    return COLUMNS + "\n".join(rows) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
