"""A tiny hall of three departments and five items, to be spoiled by the tests."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

import pytest

from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem

SCENARIO = """\
title: {en: Tiny hall, zh: 小厅}
horizon:
  start: 2008-07-01
  census: 2009-04-20
tables:
  departments: departments.csv
  items: items.csv
"""
DEPARTMENTS = """\
id,name_en,name_zh,entered,window_staff,qualified,window_staff_full,decision_staff,sections,officers_per_section,leaders
land,Land Bureau,国土局,yes,2,1,3,1,3,2,3
health,Health Bureau,卫生局,yes,1,1,1,0,2,2,2
police,Public Security Bureau,公安局,no,0,0,1,0,2,3,2
"""
ITEMS = """\
id,name_en,name_zh,department,entered,authority,one_sitting,delegable,authority_rank,entry_rank,sections,signatures,promised_wd,statutory_wd,cases_per_wd,joint,helpers,report_up,fee_yuan,payments
site,Building site,建设用地,land,yes,none,no,yes,1,1,3,3,15,20,2,serial,health;police,no,100,2
deed,Land deed,土地证,land,yes,full,yes,yes,2,2,1,1,5,20,3,none,,no,0,0
clinic,Clinic licence,诊所执照,health,yes,partial,no,yes,3,3,2,2,15,20,1.5,none,,no,20,1
mine,Mining permit,采矿许可,land,no,none,no,no,4,4,3,2,20,20,0,none,,yes,0,0
seal,Seal permit,刻章许可,police,no,none,yes,yes,5,5,1,1,5,10,1,none,,no,0,0
"""
REFORM = """\
title: {{en: {name}, zh: {name}}}
note: {{en: One sentence., zh: 一句话。}}
policy:
  {field}: {value}
"""


class Hall:
    """Files of a hall in a folder, and what loading them says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("hall.yaml", SCENARIO)
        self.write("departments.csv", DEPARTMENTS)
        self.write("items.csv", ITEMS)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return path

    def add(self, text: str) -> None:
        """Append lines to the scenario file; the first is line 8."""
        self.write("hall.yaml", SCENARIO + text)

    def reform(self, name: str, field: str, value: object) -> None:
        self.write(
            f"reforms/{name}.yaml", REFORM.format(name=name.title(), field=field, value=value)
        )

    def cell(self, table: str, row: str, **cells: object) -> None:
        """Change cells of the row with that id."""
        path = self.folder / f"{table}.csv"
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        next(r for r in rows if r["id"] == row).update({k: str(v) for k, v in cells.items()})
        out = io.StringIO()
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(out.getvalue(), encoding="utf-8")

    def load(self, expression: str = "hall.yaml", values: Iterable[str] = ()) -> Scenario:
        return load(f"{self.folder}/{expression}", values)

    def problems(
        self, expression: str = "hall.yaml", values: Iterable[str] = ()
    ) -> list[tuple[str, int | None, str, str]]:
        """Load and return each problem as (file inside the folder, line, found, allowed)."""
        with pytest.raises(InputError) as caught:
            self.load(expression, values)
        return [self._row(problem) for problem in caught.value.problems]

    def problem(
        self, expression: str = "hall.yaml", values: Iterable[str] = ()
    ) -> tuple[str, int | None, str, str]:
        """Return the only problem."""
        (problem,) = self.problems(expression, values)
        return problem

    def _row(self, problem: Problem) -> tuple[str, int | None, str, str]:
        file = problem.file.removeprefix(f"{self.folder}/")
        return file, problem.line, problem.found, problem.allowed


@pytest.fixture
def hall(tmp_path: Path) -> Hall:
    return Hall(tmp_path)
