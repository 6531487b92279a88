"""Texts that users read, in English and Chinese: general ones, and those of each study."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path, PurePath
from typing import Literal

from sim.own_yaml import own_yaml
from sim.printable import printable

Language = Literal["en", "zh"]

_SINGULARS = {
    "people": "person",
    "histories": "history",
    **{
        f"{noun}s": noun
        for noun in (
            "applicant", "calibration", "case", "cell", "day", "department", "difference",
            "estimate", "fit", "hall", "item", "minute", "parameter", "place", "plan", "point",
            "problem", "reading", "reform", "replication", "resample", "unit", "variant", "visit",
        )
    },
}  # fmt: skip
_ONE_AND_PLURAL = re.compile(
    r"(these )?(?<![\d.,])1 ((?:more|other|simulated|working) )?"
    rf"({'|'.join(_SINGULARS)})\b( (?:are|were|stay)\b)?"
)
"""The number 1 before a noun in the plural, perhaps between other words that have to agree."""
_VERBS = {None: "", " are": " is", " were": " was", " stay": " stays"}


class Words:
    """Texts by key and language, read when the first is asked for.

    Parameters
    ----------
    file
        YAML: for each key the texts in ``en`` and ``zh``, with the names of values in braces;
        there are no texts of its own if it does not exist.
    general
        Texts that are looked up where the file has none; None if there are no others.
    """

    def __init__(self, file: Path, general: Words | None = None) -> None:
        self.file = file
        self._general = general

    @classmethod
    def beside(cls, module: str) -> Words:
        """Return the texts of a study: those of its folder, and the general ones.

        Parameters
        ----------
        module
            Path of the ``__init__.py`` beside which ``words.yaml`` lies.

        Returns
        -------
        Words
            Texts that are read when the first is asked for.
        """
        return cls(Path(module).parent / "words.yaml", GENERAL)

    @cached_property
    def texts(self) -> dict[str, dict[str, str]]:
        """Every text that can be said, by key and language."""
        own = own_yaml(self.file.read_text(encoding="utf-8")) if self.file.exists() else {}
        return {**(self._general.texts if self._general else {}), **own}

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def say(self, key: str, lang: Language, **values: object) -> str:
        """Return a text with its values filled in; English nouns after 1 become singular.

        Parameters
        ----------
        key
            Names the text.
        lang
            Language of the text.
        **values
            Values by the name in braces that they replace; control characters in strings and
            paths are shown escaped.

        Returns
        -------
        str
            The text.

        Raises
        ------
        KeyError
            If there is no such text, or a value is missing.
        """
        shown = {
            name: printable(str(value), line=False) if isinstance(value, str | PurePath) else value
            for name, value in values.items()
        }
        text = self.texts[key][lang].format(**shown)
        return _ONE_AND_PLURAL.sub(_singular, text) if lang == "en" else text


def _singular(match: re.Match[str]) -> str:
    """Return the number 1 with noun and verb in the singular."""
    these, adjective, noun, verb = match.groups()
    return f"{'this ' if these else ''}1 {adjective or ''}{_SINGULARS[noun]}{_VERBS[verb]}"


GENERAL = Words(Path(__file__).with_suffix(".yaml"))
"""Texts that several studies share."""
say = GENERAL.say
