"""Cells: finished blocks of replications, kept under a digest of all that they depend on.

An interrupted experiment goes on where it stopped, machines may share a folder, folders may be
copied into one another, and nothing computed under another scenario, seed or version of the code
is ever taken for what is asked.
"""

from __future__ import annotations

import hashlib
import inspect
import io
import json
import os
import platform
import tempfile
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.engine.play import EngineName
from sim.experiment.replicate import figures, prepared
from sim.measure.definitions import indicators
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError

Floats = npt.NDArray[np.float64]

_COMPUTING = ("process", "scenario", "chance", "rules", "engine", "measure")
"""Floors whose code decides the figures of a replication."""
_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "holidays", "simpy")
"""Libraries whose version could change one."""
_SUM_BYTES = 16
"""Length of the checksum behind the array of a cell's file."""


@cache
def code_version() -> str:
    """Return a digest of the code and the libraries that decide the figures."""
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    files = [package / "native.py", Path(inspect.getfile(figures))]
    for floor in _COMPUTING:
        files += sorted((package / floor).glob("*.*"))
    for file in files:
        told = file.relative_to(package).as_posix()
        digest.update(told.encode() + b"\0" + file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    digest.update(f"{platform.python_version()} {platform.machine()}".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Cell:
    """Replications `first` to `first + count - 1` of a scenario.

    Which engine works them out is not part of what they are: they agree.
    """

    scenario: Scenario
    first: int
    count: int
    seed: int
    engine: EngineName = "compiled"

    @cached_property
    def key(self) -> str:
        """Name of the cell: a digest of all that its figures depend on."""
        named = [code_version(), self.scenario.content, self.seed, self.first, self.count]
        return hashlib.blake2b(json.dumps(named).encode(), digest_size=20).hexdigest()


def work_out(cell: Cell) -> Floats:
    """Return every indicator of every replication, shape (count, indicators)."""
    ready = prepared(cell.scenario)
    numbers = range(cell.first, cell.first + cell.count)
    return np.array([figures(ready, number, cell.seed, cell.engine) for number in numbers])


class Cells:
    """Finished cells, in a folder or in memory only.

    A file is an array of records whose fields are the indicators, a record per replication, and
    behind it a checksum over the name of the cell and the array.

    Parameters
    ----------
    folder
        Where they are kept; in memory if None.

    Attributes
    ----------
    damaged
        Files that were found damaged, so that their cells are worked out again.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.damaged: set[Path] = set()
        self._memory: dict[str, Floats] = {}

    def path(self, cell: Cell) -> Path | None:
        """Return the file of a cell; None in memory."""
        return self.folder and self.folder / cell.key[:2] / f"{cell.key}.npy"

    def get(self, cell: Cell) -> Floats | None:
        """Return the figures of a cell, shape (count, indicators), if it is finished.

        A file that is damaged counts as not there: the cell is worked out again.
        """
        path = self.path(cell)
        if path is None:
            return self._memory.get(cell.key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        body = whole[:-_SUM_BYTES]
        if whole[-_SUM_BYTES:] != _checksum(cell, body):
            self.damaged.add(path)
            return None
        found = np.load(io.BytesIO(body))
        return np.asarray(found).view(np.float64).reshape(cell.count, -1)

    def put(self, cell: Cell, found: Floats) -> None:
        """Keep the figures of a cell, shape (count, indicators).

        Raises
        ------
        RunError
            If the folder takes no more.
        """
        path = self.path(cell)
        if path is None:
            self._memory[cell.key] = found
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            body = io.BytesIO()
            np.save(body, np.ascontiguousarray(found).view(_record()).reshape(-1))
            _write_whole(path, body.getvalue() + _checksum(cell, body.getvalue()))
        except OSError as error:
            raise RunError(
                f"{self.folder}: takes no more cells ({error.strerror}); all that are finished are "
                "kept; allowed: make room, or name another folder by --cells, and run the same "
                "command again"
            ) from error


def _record() -> np.dtype[np.void]:
    return np.dtype([(name, np.float64) for name in indicators()])


def _checksum(cell: Cell, body: bytes) -> bytes:
    """Return what tells a file of this cell from a damaged one, or from that of another cell."""
    return hashlib.blake2b(cell.key.encode() + body, digest_size=_SUM_BYTES).digest()


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the file and put it in place, so that no reader ever sees half of it.

    It is on disk before it has its name: a machine that fails leaves the whole or nothing.
    """
    handle, draft = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
