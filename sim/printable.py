"""Text without characters that control a terminal or break a file."""

from __future__ import annotations

import re

UNPRINTABLE = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff\\ufffe\\uffff"
    "\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"
)
"""Characters that no text may hold: control characters, surrogates, noncharacters, separators of
lines and paragraphs, and marks that change the direction of writing."""
_ESCAPED = re.compile(rf"{UNPRINTABLE}|\r")
_ESCAPED_IN_LINE = re.compile(rf"{UNPRINTABLE}|[\t\n\r\x85]")


def printable(text: str, *, line: bool = True) -> str:
    """Return text in which characters that control a terminal or break a file are escaped.

    Names of files and typed text may hold any characters, even bytes that cannot be decoded.

    Parameters
    ----------
    text
        Any text.
    line
        Whether it must stay on one line: tabs and ends of lines are escaped as well.

    Returns
    -------
    str
        The text, with escapes as in literals of Python.
    """
    return (_ESCAPED_IN_LINE if line else _ESCAPED).sub(
        lambda match: match[0].encode("unicode_escape", "surrogatepass").decode(), text
    )
