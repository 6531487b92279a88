"""The one dictionary of what users read, in English and Chinese."""

from __future__ import annotations

from typing import Literal

from sim.present.words import (
    attribute,
    capacity,
    compare,
    ensemble,
    experiments,
    general,
    sensitivity,
    staff,
    sweep,
    transition,
)

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
)

WORDS: dict[str, dict[str, str]] = {
    key: texts for part in _PARTS for key, texts in part.WORDS.items()
}
"""Text by key and language."""


def say(key: str, lang: Language, **values: object) -> str:
    """Return a text in a language, with its values filled in.

    Raises
    ------
    KeyError
        If there is no such text.
    """
    return WORDS[key][lang].format(**values)
