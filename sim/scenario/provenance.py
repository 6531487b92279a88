"""Who says so: the grade, plausible range and origin of every parameter."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel

from sim.scenario.catalogue import Department, Item
from sim.scenario.fields import Section
from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import Settings
from sim.scenario.yaml_lines import Place, json_schema, own_yaml, shown

if TYPE_CHECKING:
    from sim.scenario.model import Scenario

_TABLES = (("departments", Department), ("items", Item))
_NOT_PARAMETERS = {
    "title",
    "transition",
    "note",
    "tables",
    "sources",
    "report",
    "rivals",
    "calibration",
}
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_FORM = re.compile(
    rf"^\s*(?P<grade>[SPDE])(?:\s+(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER}))?\s*:\s*(?P<note>\S.*)$",
    re.DOTALL,
)
FORM_WORDS = (
    "GRADE: note or GRADE low..high: note, with GRADE one of S, P, D, E, such as 'E 5..20: …'"
)
_OF_ROWS = re.compile(r"^(?P<column>(?:departments|items)\.\w+)\[(?P<rows>[^\[\]]+)\]$")
"""A source for some rows of a column, such as ``items.sections[identity_card;passport]``."""
_UNITS = {
    "per_wd": ("per working day", "每工作日"),
    "per_month": ("per month", "每月"),
    "per_case": ("per case", "每件"),
    "per_open_wd": ("per open case and working day", "每在办件每工作日"),
    "per_m2": ("per m²", "每平方米"),
    "wd": ("working days", "工作日"),
    "min": ("minutes", "分钟"),
    "m2": ("m²", "平方米"),
    "yuan": ("yuan", "元"),
    "half_days": ("half-days", "半天"),
}


@dataclass(frozen=True)
class Source:
    """Where a value comes from.

    Parameters
    ----------
    grade
        S the report, P public, D computed from S or P, E an estimate.
    low, high
        Plausible range, if given.
    note
        One line; English and Chinese separated by `` | ``.
    """

    grade: str
    low: float | None
    high: float | None
    note: str

    def said(self, lang: str) -> str:
        """Return the note in `lang` ("en" or "zh")."""
        english, _, chinese = self.note.partition(" | ")
        return (chinese or english) if lang == "zh" else english


@dataclass(frozen=True)
class Assumption:
    """One line of ``hall assumptions``."""

    path: str
    value: Any
    unit: str
    grade: str
    low: float | None
    high: float | None
    note: str


def parse_source(text: str) -> Source | None:
    """Read "E 0.05..0.45: note"; None when it has another form."""
    match = _FORM.match(text)
    if match is None:
        return None
    low, high = (None if match[end] is None else float(match[end]) for end in ("low", "high"))
    if low is not None and high is not None and low > high:
        return None
    return Source(match["grade"], low, high, match["note"].strip())


def parameters(group: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every parameter a scenario has."""
    for name, field in group.model_fields.items():
        if not prefix and name in _NOT_PARAMETERS:
            continue
        inside = _section(field.annotation)
        if inside is None:
            yield f"{prefix}{name}"
        else:
            yield from parameters(inside, f"{prefix}{name}.")


def _section(annotation: Any) -> type[Section] | None:
    """Return the group of fields that a field holds, if any, also where it may be null."""
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    groups = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)]
    return groups[0] if groups else None


def columns() -> Iterator[str]:
    """Yield `departments.COLUMN` and `items.COLUMN`."""
    for table, model in _TABLES:
        yield from (f"{table}.{column}" for column in model.model_fields)


def read_sources(
    written: dict[str, str], places: dict[str, Place]
) -> tuple[dict[str, Source], list[Problem]]:
    """Parse the `sources:` of a scenario.

    Parameters
    ----------
    written
        Source texts by dotted path.
    places
        Where each was written, by ``sources.PATH``.
    """
    known = [*parameters(), *columns()]
    prefixes = {prefix for path in known for prefix in _prefixes(path)}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for path, text in written.items():
        place = places[f"sources.{path}"]
        source = parse_source(text)
        of_rows = _OF_ROWS.match(path)
        if (of_rows["column"] if of_rows else path) not in (known if of_rows else prefixes):
            found = f"a source for {path!r}, which is no parameter or table column"
            problems.append(Problem(place.file, place.line, found, nearest(path, known)))
        if source is None:
            found = f"sources.{path} is {shown(text)}"
            problems.append(Problem(place.file, place.line, found, FORM_WORDS))
        else:
            sources[path] = source
    return sources, problems


def sources_of_rows(
    sources: dict[str, Source], places: dict[str, Place], tables: dict[str, str]
) -> tuple[dict[str, Source], list[Problem]]:
    """Keep the sources that speak of rows of these tables.

    Parameters
    ----------
    sources
        By dotted path, some of them of rows.
    places
        Where everything was written, the rows of the tables too.
    tables
        For each table the file that names it.

    Returns
    -------
    tuple
        The sources, without those of rows that belong to the table of another file, such as
        a base; and what is wrong with those of this table.
    """
    kept, problems = dict(sources), []
    for path in sources:
        of_rows = _OF_ROWS.match(path)
        if of_rows is None:
            continue
        table, place = of_rows["column"].partition(".")[0], places[f"sources.{path}"]
        ids = [name.partition(".")[2] for name in places if name.startswith(f"{table}.")]
        unknown = [row for row in rows_named(of_rows["rows"]) if row not in ids]
        if unknown and place.file != tables[table]:
            del kept[path]
            continue
        for row in unknown:
            found = f"a source for {row!r}, which is no row of {table}"
            problems.append(Problem(place.file, place.line, found, nearest(row, ids)))
    return kept, problems


def rows_named(written: str) -> list[str]:
    """Return the ids of the rows that a source of some rows speaks of."""
    return [row.strip() for row in written.split(";")]


def check_report(written: Iterable[str], places: dict[str, Place]) -> Iterator[Problem]:
    """Find figures of a report that are no indicator (`days_<phase>` included)."""
    for name in written:
        if name not in _indicators():
            place = places[f"report.{name}"]
            allowed = nearest(name, _indicators())
            yield Problem(place.file, place.line, f"unknown indicator {name!r}", allowed)


@functools.cache
def _indicators() -> tuple[str, ...]:
    file = Path(__file__).parents[1] / "measure" / "definitions.yaml"
    known = own_yaml(file.read_text(encoding="utf-8"))
    days = (f"{book}days_{phase}" for book in ("", "all_") for phase in known["phases"])
    return (*known["indicators"], *days)


def assumptions(scenario: Scenario, lang: Literal["en", "zh"] = "en") -> list[Assumption]:
    """List every parameter and table column with its source.

    Parameters
    ----------
    scenario
        A loaded scenario.
    lang
        Language of units and notes.
    """
    rows = []
    for path in parameters():
        value: Any = scenario.settings
        for name in path.split("."):
            value = None if value is None else getattr(value, name)
        rows.append(_row(scenario, path, value, lang))
    tables = scenario.settings.tables
    for path in columns():
        file = getattr(tables, path.split(".")[0])
        rows.append(_row(scenario, path, file, lang))
        rows += [
            _row(scenario, written, file, lang)
            for written in scenario.sources
            if written.startswith(f"{path}[")
        ]
    return rows


def fitted_outside(scenario: Scenario) -> Iterator[tuple[str, float, Source]]:
    """Yield fitted values that lie outside the range that their own source gives."""
    for path, place in scenario.places.items():
        source = scenario.sources.get(path) or scenario.sources.get(path.removesuffix(".mean"))
        if place.layer != "calibration" or source is None or source.low is None:
            continue
        value: Any = scenario.settings
        for name in path.split("."):
            value = getattr(value, name)
        if not source.low <= value <= (source.high or source.low):
            yield path, value, source


def schema_json() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, with descriptions."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **json_schema(Settings)}


def _row(scenario: Scenario, path: str, value: Any, lang: Literal["en", "zh"]) -> Assumption:
    written = next((p for p in _prefixes(path) if p in scenario.sources), "")
    source = scenario.sources.get(written)
    grade, low, high = "", None, None
    note = "未注明来源" if lang == "zh" else "no source given"
    if source is not None:
        grade, note = source.grade, source.said(lang)
        # A range speaks of one number: not of a Duration's cv, nor of a whole section.
        if written in {path, path.removesuffix(".mean")}:
            low, high = source.low, source.high
    place = scenario.places.get(path)
    if place is not None and place.layer == "calibration":
        title = getattr(scenario.titles[place.file], lang)
        note = f"{'拟合' if lang == 'zh' else 'fitted'}: {title}"
    elif place is not None and place.layer == "reform":
        title = getattr(scenario.titles[place.file], lang)
        dose = scenario.doses.get(path, Source("", None, None, ""))
        grade, low, high = dose.grade, dose.low, dose.high
        note = f"{'由改革措施设定' if lang == 'zh' else 'set by the reform'}: {title}"
        if dose.note:
            note = f"{note}{'：' if lang == 'zh' else '; '}{dose.said(lang)}"
    elif place is not None and place.layer == "set":
        grade, low, high = "", None, None
        note = "由 --set 设定" if lang == "zh" else "set by --set"
    return Assumption(path, value, _unit(path, lang), grade, low, high, note)


def _prefixes(path: str) -> Iterable[str]:
    """Yield the path itself, then what holds it, outwards."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _unit(path: str, lang: str) -> str:
    last = path.removesuffix(".mean").rpartition(".")[2]
    if last in {"cv", "family"}:
        return ""
    unit = next(
        (words for ending, words in _UNITS.items() if f"_{last}".endswith(f"_{ending}")), None
    )
    return "" if unit is None else unit[lang == "zh"]
