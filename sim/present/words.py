"""What users read, in English and Chinese: one dictionary of all rooms, and one of each."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path, PurePath
from typing import Literal

from sim.own_yaml import own_yaml
from sim.printable import printable

Language = Literal["en", "zh"]

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


class Words:
    """Texts by key and language, read when the first is asked for.

    Parameters
    ----------
    file
        YAML: for each key the texts in ``en`` and ``zh``, with the names of values in braces.
    general
        Texts that are looked up where the file has none.
    """

    def __init__(self, file: Path, general: Words | None = None) -> None:
        self.file = file
        self._general = general

    @classmethod
    def beside(cls, module: str) -> Words:
        """Return the texts of a room, by the file of its ``__init__.py``."""
        return cls(Path(module).parent / "words.yaml", GENERAL)

    @cached_property
    def texts(self) -> dict[str, dict[str, str]]:
        """Every text that can be said, by key and language."""
        own = own_yaml(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        return {**(self._general.texts if self._general else {}), **own}

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def say(self, key: str, lang: Language, **values: object) -> str:
        """Return a text with its values filled in; what there is one of is one.

        Parameters
        ----------
        key
            Names the text.
        lang
            Language.
        **values
            What is filled in, by name.

        Raises
        ------
        KeyError
            If there is no such text, or a value is missing.
        """
        told = {
            name: printable(str(value), line=False) if isinstance(value, str | PurePath) else value
            for name, value in values.items()
        }
        text = self.texts[key][lang].format(**told)
        return _OF_ONE.sub(_singular, text) if lang == "en" else text


def _singular(found: re.Match[str]) -> str:
    return f"1 {found[1] or ''}{_ONE[found[2]]}{_VERBS[found[3]]}"


GENERAL = Words(Path(__file__).with_suffix(".yaml"))
say = GENERAL.say
