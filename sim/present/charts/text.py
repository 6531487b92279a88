"""Text on charts: how wide it is, where it breaks, what scenarios are called."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import pairwise

from sim.measure.definitions import Language
from sim.present.words import say
from sim.studies.comparison.results import Results

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


# What scenarios are called ------------------------------------------------------------------


def scenario_labels(results: Results, lang: Language) -> list[str]:
    """Return a name per scenario: the base's title, and what the others add to it."""
    sign, space = ("+ ", " ") if lang == "en" else ("＋", "")
    labels = []
    for number, scenario in enumerate(results.scenarios):
        more = _added(results, number, lang)
        own = str(getattr(scenario.title, lang))
        labels.append(space.join(f"{sign}{part}" for part in more) if more else own)
    twice = {label for label, times in Counter(labels).items() if times > 1}
    return [
        f"{label} ({name})" if label in twice else label
        for label, name in zip(labels, results.names, strict=True)
    ]


def in_words(results: Results, number: int, lang: Language) -> str:
    """Return what a scenario is called inside a sentence."""
    more = _added(results, number, lang)
    if not more:
        return f"“{scenario_labels(results, lang)[number]}”"
    if lang == "zh":
        return f"“{'＋'.join(more)}”"
    words = [part[:1].lower() + part[1:] if part[1:2].islower() else part for part in more]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]


def _added(results: Results, number: int, lang: Language) -> list[str]:
    """Return the reforms and values that a scenario adds to the base; none for another hall."""
    base, scenario = results.scenarios[0], results.scenarios[number]
    start = str(getattr(base.title, lang)).split(" + ")
    own = str(getattr(scenario.title, lang)).split(" + ")
    if number == 0 or own[0] != start[0] or not set(start) <= set(own):
        return []
    reforms = [part for part in own if part not in start]
    return reforms + [value for value in scenario.values if value not in base.values]


# Small print --------------------------------------------------------------------------------


def note(results: Results, lang: Language, *keys: str, **values: object) -> str:
    """Return the small print: how many replications, and what else must be known.

    Parameters
    ----------
    keys
        Texts ``chart.note.KEY``; those of bands are left out when there are none.
    """
    n = len(results.paired)
    parts = [say("chart.note.one" if n == 1 else "chart.note.means", lang, n=n)]
    days = results.scenarios[0].settings.horizon.follow_up_wd
    parts += [
        say(f"chart.note.{key}", lang, wd=days, **values)
        for key in keys
        if n > 1 or not key.startswith("band")
    ]
    return say("chart.note.join", lang).join(parts) + say("chart.note.end", lang)


def stuck_keys(results: Results) -> tuple[str, ...]:
    """Return the note that authorization's saving rests on where cases get stuck, if it does."""
    settings = [scenario.settings for scenario in results.scenarios]
    shares = {one.policy.authorization for one in settings}
    at = settings[0].stuck.at
    return () if len(shares) == 1 or at == "nowhere" else (f"stuck_{at}",)
