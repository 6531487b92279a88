"""Fonts: one that has every Chinese character on the charts, installed or packaged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

from sim.measure.definitions import Language

LATIN = "DejaVu Sans"
"""Comes with matplotlib."""
CHINESE_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "SimHei",
)
"""Preferred, when installed; otherwise the packaged Noto Sans SC."""
SAMPLE = "县窗办审抽调默许"
"""A font that has these characters is taken to cover simplified Chinese."""


class Chinese(NamedTuple):
    """A font family with Chinese.

    Parameters
    ----------
    family
        Its name in matplotlib.
    has_bold
        Whether it has a weight of semibold or heavier.
    """

    family: str
    has_bold: bool


@cache
def chinese() -> Chinese:
    """Return the preferred installed family, or the packaged one after registering it.

    Returns
    -------
    Chinese
        The first installed family of `CHINESE_FONTS` that has the characters of `SAMPLE`, or
        the packaged Noto Sans SC.
    """
    from matplotlib import font_manager  # noqa: PLC0415  (slow to import)

    entries = font_manager.fontManager.ttflist
    for family in CHINESE_FONTS:
        faces = [entry for entry in entries if entry.name == family]
        if faces and _covers(faces[0].fname):
            return Chinese(family, any(_is_bold(face.weight) for face in faces))
    from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415

    font_manager.fontManager.addfont(str(sans_path()))
    return Chinese("Noto Sans SC", has_bold=False)


def _covers(file: str) -> bool:
    """Say whether a font file is there and has the characters of the sample."""
    from matplotlib import font_manager  # noqa: PLC0415

    try:
        known = font_manager.get_font(file).get_charmap()
    except (OSError, RuntimeError):  # an entry of matplotlib's cache whose file has gone
        return False
    return all(ord(character) in known for character in SAMPLE)


def _is_bold(weight: object) -> bool:
    if isinstance(weight, int):
        return weight >= 600
    return weight in {"semibold", "demibold", "demi", "bold", "heavy", "extra bold", "black"}


def families(lang: Language) -> list[str]:
    """Return the fonts of a language: its own first, the other's for single characters.

    Parameters
    ----------
    lang
        Language of the text.

    Returns
    -------
    list of str
        Two font families in order of preference.
    """
    own = chinese().family
    return [own, LATIN] if lang == "zh" else [LATIN, own]


def has_bold(lang: Language) -> bool:
    """Say whether the main font of a language has a bold weight.

    Parameters
    ----------
    lang
        Language of the text.

    Returns
    -------
    bool
        True for English, whose font comes with matplotlib.
    """
    return lang == "en" or chinese().has_bold


@contextmanager
def no_word_of_weights() -> Iterator[None]:
    """Keep matplotlib from warning that a font for single characters has no bold weight.

    Yields
    ------
    None
        While that warning is left out of the log of matplotlib.
    """

    def is_other(record: logging.LogRecord) -> bool:
        return "Failed to find font weight" not in str(record.msg)

    logger = logging.getLogger("matplotlib.font_manager")
    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)
