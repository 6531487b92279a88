"""Cells: finished blocks of replications, kept under a digest of all that they depend on.

An interrupted experiment goes on where it stopped, machines may share a folder, folders may be
copied into one another, and nothing computed under another scenario, seed or version of the code
is ever taken for what is asked.
"""

from __future__ import annotations

import hashlib
import json
import os
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


@cache
def code_version() -> str:
    """Return a digest of the code and the libraries that decide the figures."""
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    files = [package / "native.py"]
    for floor in _COMPUTING:
        files += sorted((package / floor).glob("*.*"))
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    for library in ("numpy", "scipy", "holidays"):
        digest.update(f"{library} {version(library)}".encode())
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

    A file is an array of records whose fields are the indicators, a record per replication.

    Parameters
    ----------
    folder
        Where they are kept; in memory if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
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
            found = np.load(path)
        except (OSError, ValueError, EOFError):
            return None
        if found.shape != (cell.count,) or found.dtype != _record():
            return None
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
            _write_whole(path, np.ascontiguousarray(found).view(_record()).reshape(-1))
        except OSError as error:
            raise RunError(
                f"{self.folder}: takes no more cells ({error.strerror}); all that are finished are "
                "kept; allowed: make room, or name another folder by --cells, and run the same "
                "command again"
            ) from error


def _record() -> np.dtype[np.void]:
    return np.dtype([(name, np.float64) for name in indicators()])


def _write_whole(path: Path, array: npt.NDArray[np.void]) -> None:
    """Write beside the file and put it in place, so that no reader ever sees half of it."""
    handle, draft = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, array)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
