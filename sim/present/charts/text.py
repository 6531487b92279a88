"""Text on charts: how wide it is and where it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise

LINE_SPACING = 1.25
"""Distance of lines of text in font sizes."""
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(rf"[（“＋]*(?:[{_WIDE}]|[^\s{_WIDE}“”]+)[、，。；：）”！？]*|[“”]+|\s+")
"""What must not be broken: a word, or a Chinese character with its punctuation."""

_PHRASES = re.compile(
    rf"[（“＋]*[{_WIDE}]+?(?:[、，。；：）”！？]+|(?=[（“＋])|(?![{_WIDE}]))|{_PIECES.pattern}"
)
"""What is better not broken: Chinese up to the next punctuation mark."""

_EMS = {" ijlI.,:;'|/J": 0.33, "tfr()[]-!": 0.41, "sczkvxy“”–": 0.56, "wmMW%+—→←": 0.95}
"""Width in em of characters that are narrower or wider than most."""


def width_in(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a line is, in inches, rather a little more than less.

    Parameters
    ----------
    text
        One line.
    size
        Font size in points.
    bold
        Whether the text is bold.

    Returns
    -------
    float
        Inches, estimated from the widths of characters of DejaVu Sans.
    """
    ems = sum(_em(character) for character in text)
    return ems * size / 72 * (1.14 if bold else 1.02)


@cache
def _em(character: str) -> float:
    """Return the width in em of a character of DejaVu Sans; Chinese ones are square."""
    if character >= "\u2e80":
        return 1.0
    known = next((em for letters, em in _EMS.items() if letters.find(character) >= 0), None)
    return known or (0.69 if character.isupper() else 0.635)


def wrapped(text: str, room_in: float, size: float, *, bold: bool = False) -> str:
    """Break a text into lines of at most this width.

    Chinese breaks between characters, but at punctuation marks where that takes no more lines.
    Line breaks of the text are kept.

    Parameters
    ----------
    text
        One or more lines.
    room_in
        Width in inches; a single word that is wider has a line of its own.
    size
        Font size in points.
    bold
        Whether the text is bold.

    Returns
    -------
    str
        The text with a line break after each line but the last.
    """
    if "\n" in text:
        return "\n".join(wrapped(line, room_in, size, bold=bold) for line in text.split("\n"))

    def fits(line: str) -> bool:
        return width_in(line.rstrip(), size, bold=bold) <= room_in

    at_marks, anywhere = (_lines(parts.findall(text), fits) for parts in (_PHRASES, _PIECES))
    best = at_marks if len(at_marks) == len(anywhere) and all(map(fits, at_marks)) else anywhere
    return "\n".join(line.strip() for line in best)


def _lines(pieces: Iterable[str], fits: Callable[[str], bool]) -> list[str]:
    """Return lines that hold as many of the pieces as fit, in order."""
    lines = [""]
    for piece in pieces:
        if fits(lines[-1] + piece) or not lines[-1]:
            lines[-1] += piece
        elif piece.strip():
            lines.append(piece)
    return lines


def fitted(
    texts: Sequence[str], room_in: float, pitch_in: float, sizes: Sequence[float]
) -> tuple[list[str], float]:
    """Wrap row labels in the largest size whose lines fit between rows, or in the smallest.

    Parameters
    ----------
    texts
        Labels in the order of the rows.
    room_in
        Width for the labels in inches.
    pitch_in
        Distance of the rows in inches.
    sizes
        Font sizes in points to be tried, the largest first.

    Returns
    -------
    tuple
        The wrapped labels, and their font size in points.
    """
    for size in sizes:
        broken = [wrapped(text, room_in, size) for text in texts]
        lines = [lines_of([text]) for text in broken]
        # A label may reach beyond its row where its neighbours leave room.
        most_of_two = max((upper + lower for upper, lower in pairwise(lines)), default=0)
        if (max(most_of_two / 2, 1) + 0.3) * size * LINE_SPACING / 72 <= pitch_in:
            break
    return broken, size


def balanced(text: str, room_in: float, size: float, *, bold: bool = False) -> str:
    """Wrap a text into as few lines as `wrapped`, of about equal length.

    Parameters
    ----------
    text
        One or more lines.
    room_in
        Greatest width of a line in inches.
    size
        Font size in points.
    bold
        Whether the text is bold.

    Returns
    -------
    str
        The text with a line break after each line but the last.
    """
    best = wrapped(text, room_in, size, bold=bold)
    lines = lines_of([best])
    while lines > 1:
        room_in *= 0.96
        tighter = wrapped(text, room_in, size, bold=bold)
        if lines_of([tighter]) > lines or room_in < 1:
            break
        best = tighter
    return best


def room_for(texts: Sequence[str], most_in: float, size: float) -> float:
    """Return the inches that row labels need, at most so many.

    Parameters
    ----------
    texts
        Labels of one line each.
    most_in
        Greatest width in inches.
    size
        Font size in points.

    Returns
    -------
    float
        Width of the longest label with a small margin, in inches.
    """
    return min(most_in, max((width_in(text, size) for text in texts), default=0.0) + 0.05)


def lines_of(texts: Sequence[str]) -> int:
    """Return how many lines the longest text has.

    Parameters
    ----------
    texts
        Texts with line breaks.

    Returns
    -------
    int
        Number of lines; 1 if there are no texts.
    """
    return max((text.count("\n") + 1 for text in texts), default=1)
