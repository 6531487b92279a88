"""Standard output and error: readable in any encoding, and no traceback if writing fails."""

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
"""Replacements for characters that an encoding lacks; one character wide for those in tables."""
_ERRORS = "hall.stand_in"


class OutputError(Exception):
    """Standard output cannot be written, for a reason other than that its reader has gone."""


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(STAND_INS.get(character, "?") for character in characters), error.end


codecs.register_error(_ERRORS, _stand_in)


class _Output(io.TextIOWrapper):
    """Raises `OutputError` where writing fails, except when the reader has gone."""

    def write(self, text: str) -> int:
        """Write text, or raise."""
        try:
            return super().write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error

    def flush(self) -> None:
        """Write the buffer, or raise."""
        try:
            super().flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error


class _Messages(io.TextIOWrapper):
    """Drops text that cannot be written: a lost message must not end the program."""

    def write(self, text: str) -> int:
        """Write text if possible."""
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Write the buffer if possible."""
        with suppress(OSError):
            super().flush()


_ASCII = "hall-ascii"


def _find_codec(name: str) -> codecs.CodecInfo | None:
    """Return ASCII under another name: click takes an encoding named ASCII for an error."""
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
    """Let standard output and error replace characters that their encoding lacks by `STAND_INS`."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # closed: no file opened later may get its number
            os.open(os.devnull, os.O_RDONLY)
    sys.stdout = _wrapped(sys.stdout, _Output)
    sys.stderr = _wrapped(sys.stderr, _Messages)


def _wrapped(stream: TextIO | None, kind: type[io.TextIOWrapper]) -> TextIO:
    if stream is None:  # closed before the program began: nothing can be written
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
