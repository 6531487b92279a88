"""The one dictionary of what users read, in English and Chinese."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from sim.present.words import (
    attribute,
    capacity,
    clean,
    compare,
    ensemble,
    experiments,
    general,
    sensitivity,
    staff,
    sweep,
    transition,
)
from sim.scenario.problems import printable

Language = Literal["en", "zh"]

_PARTS = (
    general,
    compare,
    experiments,
    sensitivity,
    attribute,
    sweep,
    staff,
    capacity,
    transition,
    ensemble,
    clean,
)

WORDS: dict[str, dict[str, str]] = {
    key: texts for part in _PARTS for key, texts in part.WORDS.items()
}
"""Text by key and language."""


_ONE = {
    "people": "person",
    "histories": "history",
    **{
        f"{noun}s": noun
        for noun in (
            "applicant", "calibration", "case", "cell", "day", "department", "difference",
            "estimate", "fit", "hall", "item", "minute", "parameter", "place", "plan", "point",
            "problem", "reform", "replication", "resample", "unit", "variant", "visit",
        )
    },
}  # fmt: skip
_OF_ONE = re.compile(
    rf"(?<![\d.,])1 ((?:more|other|simulated|working) )?({'|'.join(_ONE)})\b( (?:are|were|stay)\b)?"
)
_VERBS = {None: "", " are": " is", " were": " was", " stay": " stays"}


def say(key: str, lang: Language, **values: object) -> str:
    """Return a text in a language, with its values filled in; what there is one of is one.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    told = {
        name: printable(str(value), line=False) if isinstance(value, str | PurePath) else value
        for name, value in values.items()
    }
    text = WORDS[key][lang].format(**told)
    return _OF_ONE.sub(_singular, text) if lang == "en" else text


def _singular(found: re.Match[str]) -> str:
    return f"1 {found[1] or ''}{_ONE[found[2]]}{_VERBS[found[3]]}"
