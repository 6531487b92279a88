"""Write `cases.md` from the descriptions of the columns; run ``python docs/cases.py``."""

from __future__ import annotations

from pathlib import Path

from sim.measure.frames import case_columns

PAGE = Path(__file__).with_suffix(".md")
HEAD = """\
# The table of cases 办件表

`cases.parquet` has a row for each case of the first replication (`--cases N`: of the first N), in
the order of scenarios, replications and arrivals. Figures count the rows that are `counted`; the
others arrive between the census and the end of the simulation, so that counted cases meet as busy a
hall while they are followed. Dates are local times. What is unknown is null.

| column | unit | meaning | 含义 |
| --- | --- | --- | --- |
"""


def page() -> str:
    """Return the text of the page."""
    rows = [
        f"| `{name}` | {column.unit} | {column.meaning['en']} | {column.meaning['zh']} |"
        for name, column in case_columns().items()
    ]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
