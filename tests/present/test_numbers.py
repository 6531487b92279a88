"""Numbers as people read them."""

from __future__ import annotations

import math

import pytest

from sim.measure.definitions import Indicator, indicators
from sim.present.numbers import (
    UNITS,
    amount,
    change,
    digits,
    enough_decimals,
    figure,
    is_known,
)
from sim.present.words import GENERAL, Words
from tests.words import ROOMS


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.9158, "share", "91.6"),
        (2218560, "yuan", "2,218,560"),
        (-0.04, "wd", "0.0"),
        (-3.14, "wd", "−3.1"),
        (2.345, "visits", "2.35"),
        (math.nan, "min", "–"),
    ],
)
def test_digits(value: float, unit: str, said: str) -> None:
    assert digits(value, unit) == said


def test_units_by_language() -> None:
    assert figure(3.1, "wd", "en") == "3.1 wd"
    assert figure(3.1, "wd", "zh") == "3.1个工作日"
    assert amount(-0.035, "share", "en") == "3.5 points"


def test_changes_carry_their_sign_unless_they_are_nothing() -> None:
    assert change(0.035, "share") == "+3.5"
    assert change(-0.2, "wd") == "−0.2"
    assert change(-0.001, "wd") == "0.0"


def test_an_interval_gets_enough_decimals_to_show() -> None:
    assert enough_decimals(3.11, 3.14, "wd") == 1
    assert enough_decimals(3.0, 4.0, "wd") == 0


def test_null_is_not_a_number() -> None:
    assert not is_known(math.nan)
    assert is_known(0.0)


COMPLETED = dict.fromkeys(("title", "rate", "per_wd", "blocked"), "")


@pytest.mark.parametrize(
    ("words", "key", "values", "said"),
    [
        (GENERAL, "caution.few", {"n": 1}, "Only 1 replication: intervals"),
        (GENERAL, "caution.few", {"n": 21}, "Only 21 replications: intervals"),
        (
            ROOMS["comparison"],
            "unknown.what_bands_are",
            {"halls": 60, "readings": 1},
            "drawn under 1 reading of it.",
        ),
        (ROOMS["ensemble"], "ensemble.few_variants", {"variants": 1}, "1 hall is few"),
        (
            ROOMS["comparison"],
            "run.completed",
            COMPLETED | {"open": "1 cases"},
            "the census, ; 1 case stays open",
        ),
        (
            ROOMS["comparison"],
            "run.completed",
            COMPLETED | {"open": "1.1 cases"},
            "the census, ; 1.1 cases stay open",
        ),
        (
            ROOMS["comparison"],
            "compare.none",
            {"title": "Nothing", "n": 1},
            "identical in this 1 history.",
        ),
    ],
)
def test_what_there_is_one_of_is_one(
    words: Words, key: str, values: dict[str, object], said: str
) -> None:
    assert said in words.say(key, "en", **values)


@pytest.mark.parametrize("one", indicators().values(), ids=indicators())
def test_every_figure_has_a_unit_in_both_languages(one: Indicator) -> None:
    for lang in ("en", "zh"):
        assert figure(1.25, one.unit, lang).endswith(UNITS[one.unit][lang])
