"""Text on charts: it breaks where a language allows, and no character is missing."""

from __future__ import annotations

import pytest
from matplotlib import font_manager

from sim.measure.definitions import indicators, phases
from sim.present import fonts
from sim.present.charts.text import width_in, wrapped
from tests.words import WORDS

pytestmark = pytest.mark.filterwarnings("error")


def test_lines_break_where_languages_allow() -> None:
    assert wrapped("one two three", width_in("one two", 10) + 0.01, 10) == "one two\nthree"
    lines = wrapped("时间去哪儿了：每件，十个工作日（估计）", 0.9, 10).split("\n")
    assert all(line[0] not in "：，）" and line[-1] != "（" for line in lines)


def test_chinese_breaks_at_signs_where_that_takes_no_more_lines() -> None:
    title = "窗口全面授权＋事项全部进驻"
    assert wrapped(title, 1.3, 10).split("\n") == ["窗口全面授权", "＋事项全部进驻"]
    seven = width_in("七" * 7, 10) + 0.01
    assert wrapped("一二三四五六七八＋九十", seven, 10).split("\n") == [
        "一二三四五六七",
        "八＋九十",
    ]
    assert wrapped("一二三，四五六七八，九十", seven, 10) == "一二三，四五六\n七八，九十"


def test_the_chinese_font_has_every_character_of_the_charts() -> None:
    file = font_manager.findfont(font_manager.FontProperties(family=fonts.chinese().family))
    known = font_manager.get_font(file).get_charmap()
    shown = [text["zh"] for key, text in WORDS.items() if key.startswith("chart.")]
    shown += [one["zh"] for one in phases().values()]
    shown += [one.label["zh"] for one in indicators().values()]
    missing = {character for text in shown for character in text if ord(character) not in known}
    assert missing <= {"\n"}


def test_without_an_installed_font_the_packaged_one_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fonts, "CHINESE_FONTS", ("No Such Font",))
    fonts.chinese.cache_clear()
    try:
        assert fonts.chinese() == fonts.Chinese("Noto Sans SC", has_bold=False)
    finally:
        fonts.chinese.cache_clear()
