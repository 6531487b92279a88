"""Machine code on disk: whole and the user's own, or compiled again."""

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
    """A folder that belongs to the user alone; what else could be executed is not read.

    Parameters
    ----------
    root
        Folder of all machine code, made if need be; None where there is no home.
    name
        Folder inside it for what this program is made of.

    Attributes
    ----------
    root
        As given.
    path
        The folder, if code can be kept.
    problem
        Why nothing is kept, empty if it is: then code is compiled in memory.
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
        """Say whether code of a function is here."""
        return self.path is not None and any(self.path.glob(f"{name}-*{_SUFFIX}"))

    def read(self, name: str, key: str) -> bytes | None:
        """Return what was kept, if it is there, whole, and a file of the user's own."""
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
        """Keep something, whole or not at all; where there is no room, `problem` says so."""
        if self.path is None:
            return
        try:
            write_whole(self._file(name, key), sealed(key, body))
        except OSError as error:
            self.problem = f"{self.path}: {error.strerror}"

    def _file(self, name: str, key: str) -> Path:
        assert self.path is not None  # noqa: S101  (asked before)
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
    """Say whether anybody but the user may write something, where the system knows users."""
    if not hasattr(os, "getuid"):
        return False
    return facts.st_uid != os.getuid() or bool(facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


class KeptCode:
    """Stands where numba keeps the code of a function, with the methods that numba asks for.

    numba itself reads whatever lies in its folder, as pickles and as machine code, and ends the
    program where that is damaged.

    Parameters
    ----------
    folder
        Where code is kept.
    name
        Of the function.
    """

    def __init__(self, folder: Folder, name: str) -> None:
        self.folder = folder
        self.name = name

    @classmethod
    def attach(cls, compiled: Any, folder: Folder, name: str) -> None:
        """Let a compiled function keep its code here; one of another numba keeps none."""
        if folder.path is not None and hasattr(compiled, "_cache"):
            compiled._cache = cls(folder, name)  # noqa: SLF001  (numba has no other way)

    @property
    def cache_path(self) -> str:
        """Where code is kept."""
        return str(self.folder.path)

    def load_overload(self, signature: object, context: Any) -> Any:
        """Return the code for a signature, or None: then numba compiles it."""
        kept = self.folder.read(self.name, _key(signature, context.codegen()))
        if kept is None:
            return None
        try:
            from numba.core.compiler import CompileResult  # noqa: PLC0415

            context.refresh()
            rebuild: Callable[..., Any] = CompileResult._rebuild  # noqa: SLF001
            return rebuild(context, *pickle.loads(kept))  # noqa: S301  (whole, the user's own)
        except Exception:  # noqa: BLE001  (whatever it is, it can be compiled again)
            return None

    def save_overload(self, signature: object, result: Any) -> None:
        """Keep the code for a signature, if it means the same in another process."""
        if result.library.has_dynamic_globals or any(not one.can_cache for one in result.lifted):
            return
        from numba.core import serialize  # noqa: PLC0415

        dumps: Callable[[object], bytes] = serialize.dumps
        body = dumps(result._reduce())  # noqa: SLF001
        self.folder.write(self.name, _key(signature, result.codegen), body)

    def enable(self) -> None:
        """Do nothing: what is kept is always used."""

    disable = flush = enable


def _key(signature: object, codegen: Any) -> str:
    """Return what code is for: types and kind of processor."""
    return repr((str(signature), codegen.magic_tuple()))
