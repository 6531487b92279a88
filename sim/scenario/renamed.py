"""Fields and values that were renamed or taken away: what to write instead."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sim.own_yaml import own_yaml


@cache
def _document() -> dict[str, dict[str, Any]]:
    file = Path(__file__).with_name("renamed.yaml")
    document: dict[str, dict[str, Any]] = own_yaml(file.read_text(encoding="utf-8"))
    return document


def instead_of_field(path: str) -> str:
    """Say what to write instead of a field that there was once.

    Parameters
    ----------
    path
        Dotted path as written.

    Returns
    -------
    str
        Text for `Problem.allowed`; empty if there never was such a field.
    """
    return _told(_document()["fields"].get(path))


def instead_of_value(path: str, value: object) -> str:
    """Say what to write instead of a value that was allowed once.

    Parameters
    ----------
    path
        Dotted path of the field.
    value
        Value as parsed.

    Returns
    -------
    str
        Text for `Problem.allowed`; empty if it never was allowed.
    """
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return _told(_document()["values"].get(path, {}).get(written))


def _told(entry: dict[str, str] | None) -> str:
    return "" if entry is None else f"since {entry['since']}: {entry['instead']}"
