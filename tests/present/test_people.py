"""What groups of people are called: names a reader knows, never ids."""

from __future__ import annotations

import pytest

from sim.measure.definitions import Language
from sim.present.people import people_called
from sim.scenario.load import load


@pytest.mark.parametrize(
    ("skills", "lang", "called"),
    [
        (("section:public_security:0",), "en", "section 1 of the Public Security Bureau"),
        (("section:public_security:1",), "zh", "公安局第2股室"),
        (("window:health", "desk:health"), "en", "the windows of the Health Bureau"),
        (("qualified:health",), "zh", "卫生局有权决定的人员"),
        (("window:health", "window:public_security"), "en", "the comprehensive windows"),
    ],
)
def test_people_are_called_by_their_unit(
    skills: tuple[str, ...], lang: Language, called: str
) -> None:
    assert people_called(skills, load("county").unit_names(lang), lang) == called
