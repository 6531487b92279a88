"""What every table of every study holds, and what every column means: one source for all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.measure.definitions import Language, indicators
from sim.measure.event_log import log_columns
from sim.measure.frames import CaseColumn, case_columns
from sim.own_yaml import own_yaml
from sim.scenario.parameter_names import parameter_name

Named = Literal["axis", "post", "target", "reform", "drawn"]
OWN_FILES = {
    "cases": {"en": "Every case, one row each.", "zh": "全部办件，每件一行。"},
    "log": {
        "en": "Every step of every case, one row each.",
        "zh": "全部办件的每一环节，每环节一行。",
    },
}
"""Tables whose columns are described beside what makes them."""


@cache
def _document() -> dict[str, Any]:
    file = Path(__file__).with_name("columns.yaml")
    document: dict[str, Any] = own_yaml(file.read_text(encoding="utf-8"))
    return document


def described_tables() -> dict[str, dict[str, str]]:
    """Return what every table holds.

    Returns
    -------
    dict
        From the name of a table to its text by language.
    """
    own = {name: table["about"] for name, table in _document()["tables"].items()}
    return {**own, **OWN_FILES}


def described_columns(table: str) -> dict[str, dict[str, str]]:
    """Return the columns that are described for a table by name.

    Parameters
    ----------
    table
        Name of a table.

    Returns
    -------
    dict
        From the name of a column to its text by language, without those of `shared_columns`.
    """
    if table in OWN_FILES:
        return {name: column.meaning for name, column in _own_columns(table).items()}
    columns: dict[str, dict[str, str]] = _document()["tables"][table].get("columns", {})
    return columns


def shared_columns(table: str) -> tuple[str, ...]:
    """Return the columns of a table that mean what they mean in other tables too.

    Parameters
    ----------
    table
        Name of a table.

    Returns
    -------
    tuple of str
        Names.
    """
    return () if table in OWN_FILES else tuple(_document()["tables"][table].get("shared", ()))


def column_text(table: str, column: str, lang: Language) -> str:
    """Return what a column means.

    Parameters
    ----------
    table
        Name of the table.
    column
        Name of the column.
    lang
        Language.

    Returns
    -------
    str
        One sentence; empty if nobody described it.
    """
    text = described_columns(table).get(column)
    if column in shared_columns(table):
        text = _document()["common"][column]
    if text is not None:
        return str(text[lang])
    kind = _named_by_user(table, column)
    if kind is None:
        return ""
    return f"{_name(column, lang)}: {_document()['named'][kind][lang]}"


def _name(column: str, lang: Language) -> str:
    figure = indicators().get(column.removesuffix("_low").removesuffix("_high"))
    return parameter_name(column, lang) if figure is None else figure.label[lang]


def _named_by_user(table: str, column: str) -> Named | None:
    """Say what a column stands for whose name comes from the scenario or from what was asked."""
    if table == "combinations":
        return "reform"
    if table == "halls":
        return "drawn"
    if table in {"trials", "finalists"}:
        is_post = column.startswith(("staff.", "officers."))
        return "post" if is_post else "target"
    return "axis" if table in {"points", "summary", "replications"} else None


def _own_columns(table: str) -> Mapping[str, CaseColumn]:
    return case_columns() if table == "cases" else log_columns()


def with_meaning(schema: pa.Schema, table: str) -> pa.Schema:
    """Return the schema of a parquet file with the meaning of every column in its metadata.

    Parameters
    ----------
    schema
        Columns of the file.
    table
        Name of the table.

    Returns
    -------
    pyarrow.Schema
        The same columns; ``schema.field(name).metadata`` has ``en`` and ``zh``.
    """
    for place, field in enumerate(schema):
        text = {lang: column_text(table, field.name, lang) for lang in ("en", "zh")}
        schema = schema.set(place, field.with_metadata(text))
    return schema


def write_parquet(frame: pd.DataFrame, path: Path, table: str) -> None:
    """Write a table as parquet, with the meaning of every column in its metadata.

    Parameters
    ----------
    frame
        The table.
    path
        File, which is overwritten.
    table
        Name of the table.
    """
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    parquet.write_table(arrow.cast(with_meaning(arrow.schema, table)), path)
