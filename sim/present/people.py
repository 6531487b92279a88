"""What groups of people are called."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measure.definitions import Language
from sim.present.words import say
from sim.scenario.model import Scenario


def people_called(skills: Sequence[str], scenario: Scenario, lang: Language) -> str:
    """Return what the people with skills are called.

    Parameters
    ----------
    skills
        Such as ``window:construction`` or ``section:construction:0``; only comprehensive
        windows have those of several units.
    """
    parts = [[*skill.split(":"), "", ""] for skill in skills]
    units = {unit for _, unit, *_ in parts if unit}
    if len(units) > 1:
        return say("people.pool", lang)
    names = {one.id: getattr(one.name, lang) for one in scenario.departments}
    unit = next((names.get(one, one) for one in units), "")
    kinds = {kind: number for kind, _, number, *_ in reversed(parts)}
    if "section" in kinds:
        return say("people.section", lang, unit=unit, number=int(kinds["section"]) + 1)
    key = "windows" if kinds.keys() & {"window", "desk"} else "qualified"
    return say(f"people.{key}", lang, unit=unit)
