"""Machine code on disk: read only if it is complete and the user's own, else compiled again."""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.whole_file import sealed, unsealed, write_whole

_SUFFIX = ".code"


class Folder:
    """A folder that belongs to the user alone; code that others could have written is not read.

    Parameters
    ----------
    root
        Folder of all machine code, made if it is not there; None if there is no home folder.
    name
        Name of the folder inside it for the present sources.

    Attributes
    ----------
    root
        As given.
    path
        The folder; None if code cannot be kept, and is compiled in memory.
    problem
        Why code cannot be kept; empty if it can.
    """

    def __init__(self, root: Path | None, name: str) -> None:
        self.root = root
        self.problem = ""
        self.path: Path | None = None
        if root is None:
            self.problem = "no home folder"
            return
        try:
            for folder in (root, root / name):
                folder.mkdir(mode=0o700, parents=folder == root, exist_ok=True)
                self.problem = self.problem or _not_ours(folder)
            with tempfile.TemporaryFile(dir=root / name):
                pass
        except OSError as error:
            self.problem = f"{root / name}: {error.strerror}"
        if not self.problem:
            self.path = root / name

    def has(self, name: str) -> bool:
        """Say whether code of a function is kept.

        Parameters
        ----------
        name
            Module and name of the function, such as ``compiled._run``.

        Returns
        -------
        bool
            True if there is code for any signature.
        """
        return self.path is not None and any(self.path.glob(f"{name}-*{_SUFFIX}"))

    def read(self, name: str, key: str) -> bytes | None:
        """Return the code that was kept.

        Parameters
        ----------
        name
            Module and name of the function.
        key
            Signature and kind of processor.

        Returns
        -------
        bytes or None
            Content; None if there is no file, or if it is damaged or not the user's own.
        """
        if self.path is None:
            return None
        try:
            handle = os.open(self._file(name, key), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(handle, "rb") as file:
                facts = os.fstat(handle)
                if not stat.S_ISREG(facts.st_mode) or _is_others(facts):
                    return None
                whole = file.read()
        except OSError:
            return None
        return unsealed(key, whole)

    def write(self, name: str, key: str, body: bytes) -> None:
        """Keep code, completely or not at all; if it cannot be written, `problem` says why.

        Parameters
        ----------
        name
            Module and name of the function.
        key
            Signature and kind of processor.
        body
            Content.
        """
        if self.path is None:
            return
        try:
            write_whole(self._file(name, key), sealed(key, body))
        except OSError as error:
            self.problem = f"{self.path}: {error.strerror}"

    def _file(self, name: str, key: str) -> Path:
        assert self.path is not None  # noqa: S101  (checked before)
        digest = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
        return self.path / f"{name}-{digest}{_SUFFIX}"


def _not_ours(folder: Path) -> str:
    """Return why a folder is not the user's alone; empty if it is."""
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode):
        return f"{folder}: a link, not a folder"
    if _is_others(facts):
        return f"{folder}: others may write it; allowed: chmod 700 and the owner's own"
    return ""


def _is_others(facts: os.stat_result) -> bool:
    """Say whether somebody else owns or may write a file; False on systems without users."""
    if not hasattr(os, "getuid"):
        return False
    return facts.st_uid != os.getuid() or bool(facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


class KeptCode:
    """Replaces the cache that numba has for a function, with the methods that numba calls.

    numba itself reads any file in its folder, as pickles and as machine code, and the program
    crashes if that is damaged.

    Parameters
    ----------
    folder
        Folder in which code is kept.
    name
        Module and name of the function.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self.folder = folder
        self.name = name

    @classmethod
    def attach(cls, compiled: Any, folder: Folder, name: str) -> None:
        """Let a compiled function keep its code here; with another version of numba it keeps none.

        Parameters
        ----------
        compiled
            Dispatcher that numba made of the function.
        folder
            Folder in which code is kept.
        name
            Module and name of the function.
        """
        if folder.path is not None and hasattr(compiled, "_cache"):
            compiled._cache = cls(folder, name)  # noqa: SLF001  (numba has no other way)

    @property
    def cache_path(self) -> str:
        """Path of the folder in which code is kept."""
        return str(self.folder.path)

    def load_overload(self, signature: object, context: Any) -> Any:
        """Return the code for a signature.

        Parameters
        ----------
        signature
            Types of the arguments, as numba has them.
        context
            Target context of numba.

        Returns
        -------
        object or None
            Result of an earlier compilation; None if numba must compile.
        """
        kept = self.folder.read(self.name, _key(signature, context.codegen()))
        if kept is None:
            return None
        try:
            from numba.core.compiler import CompileResult  # noqa: PLC0415

            context.refresh()
            rebuild: Callable[..., Any] = CompileResult._rebuild  # noqa: SLF001
            return rebuild(context, *pickle.loads(kept))  # noqa: S301  (complete, the user's own)
        except Exception:  # noqa: BLE001  (in any case it can be compiled again)
            return None

    def save_overload(self, signature: object, result: Any) -> None:
        """Keep the code for a signature, if it is valid in another process.

        Parameters
        ----------
        signature
            Types of the arguments, as numba has them.
        result
            Result of the compilation.
        """
        if result.library.has_dynamic_globals or any(not loop.can_cache for loop in result.lifted):
            return
        from numba.core import serialize  # noqa: PLC0415

        dumps: Callable[[object], bytes] = serialize.dumps
        body = dumps(result._reduce())  # noqa: SLF001
        self.folder.write(self.name, _key(signature, result.codegen), body)

    def enable(self) -> None:
        """Do nothing: kept code is always used."""

    disable = flush = enable


def _key(signature: object, codegen: Any) -> str:
    """Return what the code depends on: types of the arguments and kind of processor."""
    return repr((str(signature), codegen.magic_tuple()))
