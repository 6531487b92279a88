"""Files that are complete or not there at all, with a checksum against unnoticed damage."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

DRAFT = ".writing-"
"""Prefix of the names of files and folders that are not finished."""
_SUM_BYTES = 16


def write_whole(path: Path, content: bytes) -> None:
    """Write a draft beside a file and rename it, so that no reader ever sees a part of it.

    The draft is on disk before it is renamed: after a crash the file is complete or as it was.

    Parameters
    ----------
    path
        File, which is replaced if it is there.
    content
        Its content.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; the file stays as it was.
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
    """Return content followed by a checksum over its name and itself.

    Parameters
    ----------
    name
        Identifies the content, so that one is not taken for another.
    body
        The content.

    Returns
    -------
    bytes
        The content and 16 bytes more.
    """
    return body + _checksum(name, body)


def unsealed(name: str, whole: bytes) -> bytes | None:
    """Return the content that was sealed under a name.

    Parameters
    ----------
    name
        Name given to `sealed`.
    whole
        Content with its checksum.

    Returns
    -------
    bytes or None
        The content; None if it is damaged or was sealed under another name.
    """
    body = whole[:-_SUM_BYTES]
    return body if whole[-_SUM_BYTES:] == _checksum(name, body) else None


def _checksum(name: str, body: bytes) -> bytes:
    return hashlib.blake2b(name.encode() + body, digest_size=_SUM_BYTES).digest()
