"""How charts look: colours that survive grey printing and colour blindness, sizes, weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sim.measure.definitions import Language
from sim.present.fonts import families, no_word_of_weights

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

HATCHES = ("", "///", "...", "\\\\\\", "xx", "---", "++", "oo")
"""Hatch of each scenario's bars."""

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
    "given_up": ("#3f2a5c", ""),
}
"""Colour and hatch of each phase: neighbours differ in lightness."""

BETTER, WORSE, OTHER, UNCLEAR = "#00704f", "#b2182b", "#0072b2", "#767676"
OTHER_CASES, DEPENDS = "#6b4c9a", "#9a5b00"
"""Colours of the verdicts of a comparison."""
REPORT = "#b2182b"
"""Colour of the figures of the report."""
INK, SMALL_PRINT, GRID, SHADE = "#1a1a1a", "#555555", "#dddddd", "#f0f0f0"
BAR, BAR_EDGE = "#bdbdbd", "#1a1a1a"
"""Colours of the base's bars where other scenarios are markers."""

FIGURE_IN = (32 / 3, 6.0)
"""Width and height of a figure in inches."""
DPI = 150
"""Pixels per inch: a figure has 1600 by 900 pixels."""
TITLE_PT, TEXT_PT, TICK_PT, KEY_PT, NOTE_PT = 17.0, 11.0, 10.5, 9.5, 8.5
"""Font sizes in points."""


@contextmanager
def styled(lang: Language) -> Iterator[None]:
    """Draw within this style; English prefers the Latin font, Chinese the Chinese one.

    Parameters
    ----------
    lang
        Language of the text on the figures.

    Yields
    ------
    None
        While the settings of matplotlib are those of this style.
    """
    import matplotlib as mpl  # noqa: PLC0415  (slow to import)

    settings = {
        "font.family": families(lang),
        "font.size": TEXT_PT,
        "axes.titlesize": TEXT_PT,
        "axes.titley": 1.0,  # nothing stands above the panels; looking for it is slow
        "axes.labelsize": TEXT_PT,
        "xtick.labelsize": TICK_PT,
        "ytick.labelsize": TICK_PT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": GRID,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "text.parse_math": False,  # a name such as A^B $1{ is text
        "legend.frameon": False,
        "legend.fontsize": KEY_PT,
        "hatch.linewidth": 0.6,
        "svg.fonttype": "path",
        "svg.hashsalt": "hall",
    }
    with mpl.rc_context(settings), no_word_of_weights():  # type: ignore[arg-type]
        yield


def is_dark(colour: str) -> bool:
    """Say whether white text reads better than black on a colour.

    Parameters
    ----------
    colour
        Red, green and blue in hexadecimal, such as ``#8c510a``.

    Returns
    -------
    bool
        True if the luma (weights of ITU-R BT.601) is below 120 of 255.
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 120
