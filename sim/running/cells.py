"""Cells: finished blocks of replications, kept under a digest of all that they depend on.

An interrupted experiment continues where it stopped, machines may share a folder, folders may be
copied into one another, and results of another scenario, seed or version of the code are never
used by mistake.
"""

from __future__ import annotations

import hashlib
import io
import json
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.engine.play import EngineName
from sim.running.measurements import INDICATORS, Arrays, Measurement
from sim.running.replication import Prepared, preparations_of, prepare, simulate_replication
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from sim.whole_file import sealed, unsealed, write_whole

Found = npt.NDArray[np.void]
"""Content of a cell: a record for each replication, whose fields are named arrays."""

_COMPUTING = (
    *(f"{name}.py" for name in ("garbage", "machine_code", "native", "own_yaml", "printable")),
    "whole_file.py",
    *(f"{floor}/*.py" for floor in ("process", "scenario", "chance", "rules", "engine", "measure")),
    "measure/*.yaml",  # definitions; those of scenarios are names and words
    *(f"running/{name}.py" for name in ("cells", "measurements", "replication", "drawn_halls")),
)
"""Files whose code decides the content of a cell."""
_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "holidays", "simpy", "pandas", "pyarrow")
"""Libraries whose version could change the content of a cell, or the table inside it."""


def computing_files() -> list[Path]:
    """Return the files whose code decides the content of a cell.

    Returns
    -------
    list of Path
        Files of this package, in an order that does not depend on the machine.
    """
    package = Path(__file__).parents[1]
    return [file for pattern in _COMPUTING for file in sorted(package.glob(pattern))]


@cache
def program_version() -> str:
    """Return a digest of all code, which must be the same on all workers of a cluster.

    Returns
    -------
    str
        32 hexadecimal digits, over the package, its libraries, Python and the kind of processor.
    """
    return _digest(sorted(Path(__file__).parents[1].rglob("*.py")))


@cache
def code_version() -> str:
    """Return a digest of the code and the libraries that decide the figures.

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    return _digest(computing_files())


def _digest(files: Sequence[Path]) -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        name = file.relative_to(package).as_posix()
        digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    digest.update(f"{platform.python_version()} {platform.machine()}".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Cell:
    """Measurement of replications `first` to `first + count - 1` of scenarios.

    The engine is not part of a cell, because all engines give the same results.

    Parameters
    ----------
    scenarios
        One, or those that the measurement compares.
    first, count
        Number of the first replication, from 0, and how many there are.
    seed
        Seed of all random numbers.
    measured
        What is computed from each replication.
    """

    scenarios: tuple[Scenario, ...]
    first: int
    count: int
    seed: int
    measured: Measurement = INDICATORS

    @cached_property
    def key(self) -> str:
        """Name of the cell: a digest of everything that its content depends on."""
        contents = [scenario.content for scenario in self.scenarios]
        return key_of(contents, self.first, self.count, self.seed, self.measured)


def key_of(
    contents: Sequence[str], first: int, count: int, seed: int, measured: Measurement = INDICATORS
) -> str:
    """Return the name of a cell, for which only the digests of the scenarios need be known.

    Parameters
    ----------
    contents
        `Scenario.content` of each scenario.
    first, count
        Number of the first replication, from 0, and how many there are.
    seed
        Seed of all random numbers.
    measured
        What is computed from each replication.

    Returns
    -------
    str
        40 hexadecimal digits.
    """
    named = [code_version(), measured.name, contents, seed, first, count]
    return hashlib.blake2b(json.dumps(named).encode(), digest_size=20).hexdigest()


@dataclass(frozen=True)
class Batch:
    """Cells of the same replications: a task of one worker, which simulates each scenario once.

    Parameters
    ----------
    cells
        Cells of the same replications and seed.
    engine
        Engine that simulates.
    run_id
        Run whose prepared scenarios are used.
    most_ready
        Number of scenarios that the run needs by turns, so that they must stay prepared; 0 if
        none are, so that the default applies.
    """

    cells: tuple[Cell, ...]
    engine: EngineName = "compiled"
    run_id: str = ""
    most_ready: int = 0


def work_out(batch: Batch) -> list[Found]:
    """Compute the content of each cell of a batch.

    Parameters
    ----------
    batch
        Cells of the same replications.

    Returns
    -------
    list of ndarray
        Records of each cell, shape (replications,), in the order of the cells.
    """
    first = batch.cells[0]
    rows: list[list[Arrays]] = [[] for _ in batch.cells]
    for number in range(first.first, first.first + first.count):
        taken = _taken(batch, number)
        for cell, of_cell in zip(batch.cells, rows, strict=True):
            measured = cell.measured
            from_each = [taken[measured.name, scenario.content] for scenario in cell.scenarios]
            of_cell.append(measured.found(from_each))
    return [records(of_cell) for of_cell in rows]


def _taken(batch: Batch, number: int) -> dict[tuple[str, str], Any]:
    """Simulate a replication of every scenario once, and take what each measurement needs.

    What is taken is returned by name of the measurement and content of the scenario.  Each
    simulated replication is released before the next one.  Batches begin with different scenarios,
    so that at the start of a run workers prepare different ones.
    """
    wanted: dict[tuple[str, str], dict[str, tuple[Scenario, Measurement]]] = {}
    for cell in batch.cells:
        for scenario in cell.scenarios:
            uses = wanted.setdefault((scenario.content, cell.measured.variant), {})
            uses[cell.measured.name] = scenario, cell.measured
    uses_of_each = list(wanted.values())
    begin = number % len(uses_of_each)
    taken = {}
    for uses in uses_of_each[begin:] + uses_of_each[:begin]:
        scenario, measured = next(iter(uses.values()))
        ready = _ready(batch, scenario, measured)
        log = any(measurement.needs_log for _, measurement in uses.values())
        simulated = simulate_replication(ready, number, batch.cells[0].seed, batch.engine, log=log)
        for name, (_, measurement) in uses.items():
            taken[name, scenario.content] = measurement.take(simulated)
        del simulated  # before the next one is in memory
    return taken


def _ready(batch: Batch, scenario: Scenario, measured: Measurement) -> Prepared:
    of_run = preparations_of(batch.run_id)
    if not measured.variant:
        return of_run.scenario(scenario, batch.most_ready)
    name = f"{scenario.content} {measured.variant}"
    return of_run.get(
        name, lambda: measured.prepare(prepare(measured.changed(scenario))), batch.most_ready
    )


def records(rows: Sequence[Arrays]) -> Found:
    """Return named arrays as records, one for each replication.

    Parameters
    ----------
    rows
        Arrays of each replication, with the same names and shapes in all of them.

    Returns
    -------
    ndarray
        Records with a field for each name, shape (replications,).
    """
    arrays = [{name: np.asarray(value) for name, value in row.items()} for row in rows]
    kind = np.dtype([(name, value.dtype, value.shape) for name, value in arrays[0].items()])
    table = np.zeros(len(arrays), kind)
    for name in arrays[0]:
        table[name] = [row[name] for row in arrays]
    return table


class Cells:
    """Finished cells, in a folder or in memory only.

    A file is an array of records, one for each replication, followed by a checksum over the name
    of the cell and the array.

    Parameters
    ----------
    folder
        Folder in which they are kept; None to keep them in memory.

    Attributes
    ----------
    damaged
        Files that were found damaged, so that their cells are computed again.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.damaged: set[Path] = set()
        self._memory: dict[str, Found] = {}

    def path(self, key: str) -> Path | None:
        """Return the file of a cell.

        Parameters
        ----------
        key
            Name of the cell.

        Returns
        -------
        Path or None
            File, whether it exists or not; None if cells are kept in memory.
        """
        return self.folder and self.folder / key[:2] / f"{key}.npy"

    def get(self, key: str) -> Found | None:
        """Return the content of a cell, if it is finished.

        A damaged file counts as missing, so that the cell is computed again.

        Parameters
        ----------
        key
            Name of the cell.

        Returns
        -------
        ndarray or None
            Records, shape (replications,); None if the cell is not finished or damaged.
        """
        path = self.path(key)
        if path is None:
            return self._memory.get(key)
        try:
            whole = path.read_bytes()
        except OSError:
            return None
        body = unsealed(key, whole)
        if body is None:
            self.damaged.add(path)
            return None
        return np.asarray(np.load(io.BytesIO(body)))

    def put(self, key: str, found: Found) -> None:
        """Keep the content of a cell.

        Parameters
        ----------
        key
            Name of the cell.
        found
            Records, shape (replications,).

        Raises
        ------
        RunError
            If the file cannot be written, for instance because the disk is full.
        """
        path = self.path(key)
        if path is None:
            self._memory[key] = found
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            body = io.BytesIO()
            np.save(body, found)
            write_whole(path, sealed(key, body.getvalue()))
        except OSError as error:
            raise RunError(
                f"{self.folder}: takes no more cells ({error.strerror}); all that are finished are "
                "kept; allowed: make room, or name another folder by --cells, and run the same "
                "command again"
            ) from error


code_version()  # computed now: files may be edited while this process runs
