"""Text that acts neither on a terminal nor in a file."""

from __future__ import annotations

import re

UNPRINTABLE = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff\\ufffe\\uffff"
    "\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]"
)
"""Characters that no text may hold: those of control, halves of others, no characters, and marks
that turn the direction of writing around."""
_ESCAPED = re.compile(rf"{UNPRINTABLE}|\r")
_ESCAPED_IN_LINE = re.compile(rf"{UNPRINTABLE}|[\t\n\r\x85]")


def printable(text: str, *, line: bool = True) -> str:
    """Return text in which what would act on a terminal or in a file is shown escaped.

    Names of files and what is typed may hold anything, even bytes that are no text.

    Parameters
    ----------
    text
        Anything.
    line
        Whether it must stay on one line.
    """
    return (_ESCAPED_IN_LINE if line else _ESCAPED).sub(
        lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text
    )
