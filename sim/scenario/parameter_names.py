"""What every parameter and table column is called, in both languages, and its unit."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from sim.own_yaml import own_yaml

Language = Literal["en", "zh"]


@cache
def _document() -> dict[str, Any]:
    file = Path(__file__).with_name("parameters.yaml")
    document: dict[str, Any] = own_yaml(file.read_text(encoding="utf-8"))
    return document


def named_parameters() -> tuple[str, ...]:
    """Return the dotted paths that have a name, those of durations without their parts.

    Returns
    -------
    tuple of str
        In the order of the schema.
    """
    return tuple(_document()["parameters"])


def named_columns() -> tuple[str, ...]:
    """Return the columns of the two tables that have a name.

    Returns
    -------
    tuple of str
        Such as ``items.sections``.
    """
    return tuple(_document()["columns"])


def parameter_name(path: str, lang: Language) -> str:
    """Return what a parameter or a column is called inside a sentence.

    Parameters
    ----------
    path
        Dotted path, such as ``offices.inbox_wd.mean`` or ``items.sections``.
    lang
        Language.

    Returns
    -------
    str
        Its name; the path itself if there is no such parameter.
    """
    whole, part = _split(path)
    entry = _entry(whole)
    if not entry:
        return path
    name = str(entry[lang])
    text = _document()["parts"].get(part)
    return name if text is None else str(text[lang]).format(name=name)


def parameter_unit(path: str, lang: Language) -> str:
    """Return the unit of a parameter.

    Parameters
    ----------
    path
        Dotted path.
    lang
        Language.

    Returns
    -------
    str
        Empty if it is a pure number, a name or no parameter.
    """
    unit = _unit_id(path)
    return "" if unit is None else str(_document()["units"][unit][lang])


def is_share(path: str) -> bool:
    """Say whether a parameter is a share from 0 to 1, best read in percent.

    Parameters
    ----------
    path
        Dotted path.

    Returns
    -------
    bool
        Whether it is.
    """
    return _unit_id(path) == "share"


def _unit_id(path: str) -> str | None:
    whole, part = _split(path)
    return None if part in _document()["parts"] else _entry(whole).get("unit")


def _entry(path: str) -> dict[str, str]:
    document = _document()
    found: dict[str, str] = document["parameters"].get(path) or document["columns"].get(path, {})
    return found


def _split(path: str) -> tuple[str, str]:
    """Return the path of a duration and its part, if the path ends in one."""
    whole, _, last = path.rpartition(".")
    return (whole, last) if last in {"mean", *_document()["parts"]} else (path, "")
