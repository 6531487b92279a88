"""Sources of values: the grade, plausible range and note of each parameter, as written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import UnionType
from typing import Any, get_args

from pydantic import BaseModel

from sim.scenario.catalogue import Department, Item
from sim.scenario.fields import Section
from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import NOT_PARAMETERS, Settings
from sim.scenario.yaml_lines import Place, shown

_TABLES = (("departments", Department), ("items", Item))
_NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_FORM = re.compile(
    rf"^\s*(?P<grade>[SPDE])(?:\s+(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER}))?\s*:\s*(?P<note>\S.*)$",
    re.DOTALL,
)
FORM_WORDS = (
    "GRADE: note or GRADE low..high: note, with GRADE one of S, P, D, E, such as 'E 5..20: …'"
)
_SOME_ROWS = re.compile(r"^(?P<column>(?:departments|items)\.\w+)\[(?P<rows>[^\[\]]+)\]$")
"""A source for some rows of a column, such as ``items.sections[identity_card;passport]``."""


@dataclass(frozen=True)
class Source:
    """Where a value comes from.

    Parameters
    ----------
    grade
        S the report, P public, D computed from S or P, E an estimate; empty = none given.
    low, high
        Plausible range in the unit of the value; None if none is given.
    note
        One line; English and Chinese separated by `` | ``.
    """

    grade: str
    low: float | None
    high: float | None
    note: str

    def said(self, lang: str) -> str:
        """Return the note in one language.

        Parameters
        ----------
        lang
            ``en`` or ``zh``.

        Returns
        -------
        str
            The English note where there is no Chinese one.
        """
        english, _, chinese = self.note.partition(" | ")
        return (chinese or english) if lang == "zh" else english


def parse_source(text: str) -> Source | None:
    """Read a source such as "E 0.05..0.45: note".

    Parameters
    ----------
    text
        The source as written.

    Returns
    -------
    Source or None
        None when it has another form or its range runs backwards.
    """
    match = _FORM.match(text)
    if match is None:
        return None
    low, high = (None if match[end] is None else float(match[end]) for end in ("low", "high"))
    if low is not None and high is not None and low > high:
        return None
    return Source(match["grade"], low, high, match["note"].strip())


def parameters(group: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every parameter that a scenario has.

    Parameters
    ----------
    group
        Group of fields to look into.
    prefix
        Dotted path of the group with a final dot; empty for the scenario as a whole.

    Yields
    ------
    str
        Dotted path, in the order of the schema.
    """
    for name, field in group.model_fields.items():
        if not prefix and name in NOT_PARAMETERS:
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


def table_columns() -> Iterator[str]:
    """Yield the names of all table columns.

    Yields
    ------
    str
        ``departments.COLUMN`` or ``items.COLUMN``.
    """
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

    Returns
    -------
    tuple
        Sources by dotted path, and what is wrong with the others.
    """
    known = [*parameters(), *table_columns()]
    prefixes = {prefix for path in known for prefix in prefixes_of(path)}
    sources: dict[str, Source] = {}
    problems: list[Problem] = []
    for path, text in written.items():
        place = places[f"sources.{path}"]
        source = parse_source(text)
        rows = _SOME_ROWS.match(path)
        if (rows["column"] if rows else path) not in (known if rows else prefixes):
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
    """Keep the sources that refer to rows of these tables.

    Parameters
    ----------
    sources
        By dotted path; some of them refer to rows only.
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
        rows = _SOME_ROWS.match(path)
        if rows is None:
            continue
        table, place = rows["column"].partition(".")[0], places[f"sources.{path}"]
        ids = [name.partition(".")[2] for name in places if name.startswith(f"{table}.")]
        unknown = [row for row in _rows_named(rows["rows"]) if row not in ids]
        if unknown and place.file != tables[table]:
            del kept[path]
            continue
        for row in unknown:
            found = f"a source for {row!r}, which is no row of {table}"
            problems.append(Problem(place.file, place.line, found, nearest(row, ids)))
    return kept, problems


def _rows_named(written: str) -> list[str]:
    """Return the ids of the rows that a source of some rows names."""
    return [row.strip() for row in written.split(";")]


def prefixes_of(path: str) -> Iterable[str]:
    """Return the path itself and the groups around it, the innermost first.

    Parameters
    ----------
    path
        Dotted path.

    Returns
    -------
    iterable of str
        Dotted paths, the shortest last.
    """
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
