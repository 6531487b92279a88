"""Text on charts: how wide it is and where it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise

LINE_SPACING = 1.25
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_PIECES = re.compile(rf"[（“＋]*(?:[{_WIDE}]|[^\s{_WIDE}“”]+)[、，。；：）”！？]*|[“”]+|\s+")
"""What must not be broken: a word, or a Chinese character with its opener and closers."""

_PHRASES = re.compile(
    rf"[（“＋]*[{_WIDE}]+?(?:[、，。；：）”！？]+|(?=[（“＋])|(?![{_WIDE}]))|{_PIECES.pattern}"
)
"""What is better not broken: Chinese up to the next sign."""

_EMS = {" ijlI.,:;'|/J": 0.33, "tfr()[]-!": 0.41, "sczkvxy“”–": 0.56, "wmMW%+—→←": 0.95}


def width_in(text: str, size: float, *, bold: bool = False) -> float:
    """Return about how wide a line is, in inches, rather a little more than less."""
    ems = sum(_em(character) for character in text)
    return ems * size / 72 * (1.14 if bold else 1.02)


@cache
def _em(character: str) -> float:
    """Return the width of a character of DejaVu Sans; Chinese ones are square."""
    if character >= "\u2e80":
        return 1.0
    known = next((em for letters, em in _EMS.items() if letters.find(character) >= 0), None)
    return known or (0.69 if character.isupper() else 0.635)


def wrapped(text: str, room_in: float, size: float, *, bold: bool = False) -> str:
    """Break a text into lines of at most this width.

    Chinese breaks between characters, but at signs where that takes no more lines.  Lines that
    the text has already are kept apart.
    """
    if "\n" in text:
        return "\n".join(wrapped(line, room_in, size, bold=bold) for line in text.split("\n"))

    def fits(line: str) -> bool:
        return width_in(line.rstrip(), size, bold=bold) <= room_in

    at_signs, anywhere = (_lines(parts.findall(text), fits) for parts in (_PHRASES, _PIECES))
    best = at_signs if len(at_signs) == len(anywhere) and all(map(fits, at_signs)) else anywhere
    return "\n".join(line.strip() for line in best)


def _lines(pieces: Iterable[str], fits: Callable[[str], bool]) -> list[str]:
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
    """Wrap row labels in the largest size whose lines fit between rows, or in the smallest."""
    for size in sizes:
        broken = [wrapped(text, room_in, size) for text in texts]
        lines = [lines_of([text]) for text in broken]
        # A label may reach beyond its row where its neighbours leave room.
        both = max((a + b for a, b in pairwise(lines)), default=0)
        if (max(both / 2, 1) + 0.3) * size * LINE_SPACING / 72 <= pitch_in:
            break
    return broken, size


def balanced(text: str, room_in: float, size: float, *, bold: bool = False) -> str:
    """Wrap a text into as few lines as `wrapped`, of about equal length."""
    found = wrapped(text, room_in, size, bold=bold)
    lines = lines_of([found])
    while lines > 1:
        room_in *= 0.96
        tighter = wrapped(text, room_in, size, bold=bold)
        if lines_of([tighter]) > lines or room_in < 1:
            break
        found = tighter
    return found


def room_for(texts: Sequence[str], most_in: float, size: float) -> float:
    """Return the inches that row labels need, at most so many."""
    return min(most_in, max((width_in(text, size) for text in texts), default=0.0) + 0.05)


def lines_of(texts: Sequence[str]) -> int:
    """Return how many lines the longest text has."""
    return max((text.count("\n") + 1 for text in texts), default=1)
