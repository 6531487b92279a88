"""How charts look: fonts with Chinese, colours that survive grey printing and colour blindness."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sim.measure.definitions import Language

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
    "SimHei",
)
"""Preferred, when installed; otherwise the packaged Noto Sans SC."""

LINES = (
    ("#1a1a1a", "-", "o"),
    ("#0072b2", "--", "s"),
    ("#d55e00", "-.", "^"),
    ("#009e73", (0, (5, 1, 1, 1, 1, 1)), "D"),
    ("#cc79a7", ":", "v"),
    ("#56b4e9", (0, (8, 2)), "P"),
    ("#e69f00", (0, (3, 1, 1, 1)), "X"),
    ("#7f7f7f", (0, (1, 1)), "*"),
)
"""Colour, line style and marker of each scenario, the base first (after Okabe and Ito)."""

PHASES = {
    "hall_wait": ("#084594", ""),
    "service": ("#9ecae1", ""),
    "courier": ("#fdd0a2", "//"),
    "inbox": ("#e6a04b", ""),
    "work": ("#c6dbef", ".."),
    "signature": ("#8c510a", ""),
    "helpers": ("#bcbddc", "\\\\"),
    "blocked": ("#67000d", ""),
    "inspection": ("#d9d9d9", "xx"),
    "higher_level": ("#737373", ""),
    "applicant": ("#c7e9c0", ""),
    "collection": ("#41ab5d", "//"),
}
"""Colour and hatch of each phase."""

FIGURE_IN = (12.8, 7.2)
DPI = 125


@cache
def _fonts() -> tuple[str, ...]:
    """Return font families that cover Latin and Chinese, the packaged one if none is installed."""
    from matplotlib import font_manager  # noqa: PLC0415  (slow to import)

    known = {font.name for font in font_manager.fontManager.ttflist}
    installed = [name for name in CHINESE_FONTS if name in known]
    if not installed:
        from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415

        font_manager.fontManager.addfont(str(sans_path()))
        installed = ["Noto Sans SC"]
    return (installed[0], "DejaVu Sans")


@contextmanager
def styled(lang: Language) -> Iterator[None]:
    """Draw within this style; English prefers the Latin font, Chinese the Chinese one."""
    import matplotlib as mpl  # noqa: PLC0415

    # The packaged Chinese font has one weight; bold titles then fall back to it.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    chinese, latin = _fonts()
    families = [chinese, latin] if lang == "zh" else [latin, chinese]
    with mpl.rc_context(
        {
            "font.family": families,
            "font.size": 13,
            "axes.titlesize": 13,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "grid.color": "#dddddd",
            "axes.axisbelow": True,
            "axes.unicode_minus": False,
            "legend.frameon": False,
            "hatch.linewidth": 0.6,
            "svg.fonttype": "path",
            "svg.hashsalt": "hall",
        }
    ):
        yield
