"""Files that are whole or not there at all, with a checksum where damage would go unseen."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

DRAFT = ".writing-"
"""What the names of files and folders begin with that are not finished."""
_SUM_BYTES = 16


def write_whole(path: Path, content: bytes) -> None:
    """Write beside a file and put it in place, so that no reader ever sees half of it.

    It is on disk before it has its name: a machine that fails leaves the whole or nothing.

    Raises
    ------
    OSError
        If the disk is full or the folder refuses; the file stays as it was.
    """
    handle, draft = tempfile.mkstemp(prefix=DRAFT, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def sealed(name: str, body: bytes) -> bytes:
    """Return content with a checksum behind it, over itself and the name of what it is."""
    return body + _checksum(name, body)


def unsealed(name: str, whole: bytes) -> bytes | None:
    """Return the content that was sealed under a name; None if it is damaged, or another's."""
    body = whole[:-_SUM_BYTES]
    return body if whole[-_SUM_BYTES:] == _checksum(name, body) else None


def _checksum(name: str, body: bytes) -> bytes:
    return hashlib.blake2b(name.encode() + body, digest_size=_SUM_BYTES).digest()
