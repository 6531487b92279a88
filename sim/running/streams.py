"""Standard output and error: readable in any encoding, and no traceback where they are full."""

from __future__ import annotations

import codecs
import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

STAND_INS = {
    "−": "-", "–": "-", "—": "-", "‑": "-", "…": "...", "×": "x", "·": ".", "±": "+/-", "→": "->",
    "←": "<-", "≤": "<=", "≥": ">=", "≠": "#", "≈": "~", "≡": "=", "✓": "v", "✗": "x", "⚠": "!",
    "“": '"', "”": '"', "‘": "'", "’": "'", "●": "*", "•": "*", "━": "-", "─": "-", "│": "|",
    "μ": "mu", "σ": "sigma", "Σ": "sum", "†": "+", "÷": "/", "\u00a0": " ",
}  # fmt: skip
"""What is written for signs that an encoding has not; of one width where tables have them."""
_ERRORS = "hall.stand_in"


class OutputError(Exception):
    """Standard output takes no more, for another reason than that nobody reads it."""


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    return "".join(STAND_INS.get(sign, "?") for sign in signs), error.end


codecs.register_error(_ERRORS, _stand_in)


class _Output(io.TextIOWrapper):
    """Says `OutputError` where writing fails, but for a reader that has gone."""

    def write(self, text: str) -> int:
        """Write, or say why not."""
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error

    def flush(self) -> None:
        """Write what is held back, or say why not."""
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error


class _Messages(io.TextIOWrapper):
    """Drops what cannot be written: for want of a message nothing else is given up."""

    def write(self, text: str) -> int:
        """Write if possible."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Write what is held back if possible."""
        with suppress(OSError):
            super().flush()


_ASCII = "hall-ascii"


def _find_codec(name: str) -> codecs.CodecInfo | None:
    """Return ASCII under a name of our own: click takes one called so for a mistake."""
    if name.replace("_", "-") != _ASCII:
        return None
    plain = codecs.lookup("ascii")
    return codecs.CodecInfo(
        plain.encode,
        plain.decode,
        plain.streamreader,
        plain.streamwriter,
        plain.incrementalencoder,
        plain.incrementaldecoder,
        _ASCII,
    )


codecs.register(_find_codec)


def make_readable() -> None:
    """Let standard output and error write signs that their encoding has not by stand-ins."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed: no file that is opened later may take its place
            os.open(os.devnull, os.O_RDONLY)
    sys.stdout = _wrapped(sys.stdout, _Output)
    sys.stderr = _wrapped(sys.stderr, _Messages)


def _wrapped(stream: TextIO | None, kind: type[io.TextIOWrapper]) -> TextIO:
    if stream is None:  # closed before the program began: takes nothing
        return kind(Path(os.devnull).open("rb"), encoding="utf-8")
    if not hasattr(stream, "buffer"):
        return stream
    stream.flush()
    is_ascii = codecs.lookup(stream.encoding).name == "ascii"
    return kind(
        stream.buffer,
        encoding=_ASCII if is_ascii else stream.encoding,
        errors=_ERRORS,
        line_buffering=getattr(stream, "line_buffering", False),
    )
