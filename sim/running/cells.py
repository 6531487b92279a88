"""Cells: finished blocks of replications, kept under a digest of all that they depend on.

An interrupted experiment goes on where it stopped, machines may share a folder, folders may be
copied into one another, and nothing computed under another scenario, seed or version of the code
is ever taken for what is asked.
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
"""What a cell holds: a record for each replication, whose fields are named arrays."""

_COMPUTING = (
    *(f"{name}.py" for name in ("garbage", "machine_code", "native", "own_yaml", "printable")),
    "whole_file.py",
    *(f"{floor}/*.*" for floor in ("process", "scenario", "chance", "rules", "engine", "measure")),
    *(f"running/{name}.py" for name in ("cells", "measurements", "replication")),
)
"""Files whose code decides what a cell holds."""
_LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "holidays", "simpy", "pandas", "pyarrow")
"""Libraries whose version could change one, or the table that holds it."""


def computing_files() -> list[Path]:
    """Return the files whose code decides what a cell holds."""
    package = Path(__file__).parents[1]
    return [file for pattern in _COMPUTING for file in sorted(package.glob(pattern))]


@cache
def program_version() -> str:
    """Return a digest of all code: who works for somebody else must run the same."""
    return _digest(sorted(Path(__file__).parents[1].rglob("*.py")))


@cache
def code_version() -> str:
    """Return a digest of the code and the libraries that decide the figures."""
    return _digest(computing_files())


def _digest(files: Sequence[Path]) -> str:
    package = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for file in files:
        told = file.relative_to(package).as_posix()
        digest.update(told.encode() + b"\0" + file.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    digest.update(f"{platform.python_version()} {platform.machine()}".encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class Cell:
    """What is measured of replications `first` to `first + count - 1` of scenarios.

    Which engine works them out is not part of what they are: they agree.

    Parameters
    ----------
    scenarios
        One, or those that the measurement compares.
    first, count
        Which replications.
    seed
        Seed of all chance.
    measured
        What is worked out of each.
    """

    scenarios: tuple[Scenario, ...]
    first: int
    count: int
    seed: int
    measured: Measurement = INDICATORS

    @cached_property
    def key(self) -> str:
        """Name of the cell: a digest of all that it holds depends on."""
        contents = [scenario.content for scenario in self.scenarios]
        return key_of(contents, self.first, self.count, self.seed, self.measured)


def key_of(
    contents: Sequence[str], first: int, count: int, seed: int, measured: Measurement = INDICATORS
) -> str:
    """Return the name of a cell, of which only the digests of the scenarios need be known."""
    named = [code_version(), measured.name, contents, seed, first, count]
    return hashlib.blake2b(json.dumps(named).encode(), digest_size=20).hexdigest()


@dataclass(frozen=True)
class Batch:
    """Cells of the same replications, which one worker does at once, playing each scenario once.

    Parameters
    ----------
    cells
        Of the same replications and seed.
    engine
        Who plays.
    run_id
        Of the run whose scenarios are made ready.
    most_ready
        How many of them are needed by turns.
    """

    cells: tuple[Cell, ...]
    engine: EngineName = "compiled"
    run_id: str = ""
    most_ready: int = 0


def work_out(batch: Batch) -> list[Found]:
    """Return what each cell of a batch is to hold."""
    first = batch.cells[0]
    rows: list[list[Arrays]] = [[] for _ in batch.cells]
    for number in range(first.first, first.first + first.count):
        taken = _taken(batch, number)
        for cell, of_cell in zip(batch.cells, rows, strict=True):
            measured = cell.measured
            from_each = [taken[measured.name, one.content] for one in cell.scenarios]
            of_cell.append(measured.found(from_each))
    return [records(of_cell) for of_cell in rows]


def _taken(batch: Batch, number: int) -> dict[tuple[str, str], Any]:
    """Play a replication of every scenario once; return what is taken, by measurement and content.

    What was played is let go before the next is.  Batches begin with different scenarios, so that
    at the start of a run workers make different ones ready.
    """
    wanted: dict[tuple[str, str], dict[str, tuple[Scenario, Measurement]]] = {}
    for cell in batch.cells:
        for scenario in cell.scenarios:
            of_play = wanted.setdefault((scenario.content, cell.measured.variant), {})
            of_play[cell.measured.name] = scenario, cell.measured
    plays = list(wanted.values())
    begin = number % len(plays)
    found = {}
    for of_play in plays[begin:] + plays[:begin]:
        scenario, measured = next(iter(of_play.values()))
        ready = _ready(batch, scenario, measured)
        log = any(one.needs_log for _, one in of_play.values())
        what = simulate_replication(ready, number, batch.cells[0].seed, batch.engine, log=log)
        for name, (_, one) in of_play.items():
            found[name, scenario.content] = one.take(what)
    return found


def _ready(batch: Batch, scenario: Scenario, measured: Measurement) -> Prepared:
    of_run = preparations_of(batch.run_id)
    if not measured.variant:
        return of_run.scenario(scenario, batch.most_ready)
    name = f"{scenario.content} {measured.variant}"
    return of_run.get(name, lambda: measured.prepare(prepare(scenario)), batch.most_ready)


def records(rows: Sequence[Arrays]) -> Found:
    """Return named arrays as records, one for each replication."""
    arrays = [{name: np.asarray(value) for name, value in row.items()} for row in rows]
    kind = np.dtype([(name, value.dtype, value.shape) for name, value in arrays[0].items()])
    found = np.zeros(len(arrays), kind)
    for name in arrays[0]:
        found[name] = [row[name] for row in arrays]
    return found


class Cells:
    """Finished cells, in a folder or in memory only.

    A file is an array of records, one for each replication, and behind it a checksum over the
    name of the cell and the array.

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
        self._memory: dict[str, Found] = {}

    def path(self, key: str) -> Path | None:
        """Return the file of a cell; None in memory."""
        return self.folder and self.folder / key[:2] / f"{key}.npy"

    def get(self, key: str) -> Found | None:
        """Return what the cell of that name holds, if it is finished.

        A file that is damaged counts as not there: the cell is worked out again.
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
        """Keep what a cell holds.

        Raises
        ------
        RunError
            If the folder takes no more.
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


code_version()  # of the files as they are now, however they are edited while this process runs
