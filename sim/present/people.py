"""What groups of people are called: names a reader knows, never ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.measure.definitions import Language
from sim.present.words import say


def people_called(skills: Sequence[str], units: Mapping[str, str], lang: Language) -> str:
    """Return what the people with skills are called.

    Parameters
    ----------
    skills
        Such as ``window:construction`` or ``section:construction:0``; only comprehensive
        windows have those of several units.
    units
        Names of the departments by id, in the language `lang`.
    lang
        Language of the name.

    Returns
    -------
    str
        Such as ``section 1 of the Public Security Bureau``.
    """
    parts = [[*skill.split(":"), "", ""] for skill in skills]
    named = {unit for _, unit, *_ in parts if unit}
    if len(named) > 1:
        return say("people.pool", lang)
    unit = next((units.get(unit, unit) for unit in named), "")
    kinds = {kind: number for kind, _, number, *_ in reversed(parts)}
    if "section" in kinds:
        return say("people.section", lang, unit=unit, number=int(kinds["section"]) + 1)
    key = "windows" if kinds.keys() & {"window", "desk"} else "qualified"
    return say(f"people.{key}", lang, unit=unit)
