"""The event log: one row per block that a case went through; all results derive from it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Status(IntEnum):
    """How a block ended."""

    DONE = 0
    LEFT = 1
    """The applicant left without being served."""
    EXPIRED = 2
    """It was broken off: an enclosing clock ran out, or the child of an Alongside ended."""
    OPEN = 3
    """The simulation ended first; times not reached are the end of the simulation."""
    TURNED_AWAY = 4
    """Nobody was called in the hall any more that day; the applicant joined no queue."""


COLUMNS = ("case", "block", "enabled_s", "start_s", "end_s", "detail", "status")


class LogWriter:
    """Collects rows while an engine runs."""

    __slots__ = ("_cells",)

    def __init__(self) -> None:
        self._cells = array("q")

    def add(self, row: tuple[int, int, int, int, int, int, int]) -> None:
        """Append one row of `COLUMNS`.

        Parameters
        ----------
        row
            Values in the order of `COLUMNS`.
        """
        self._cells.extend(row)

    def finish(self) -> Log:
        """Return the log of all rows so far.

        Returns
        -------
        Log
            The rows in the order in which they were added.
        """
        cells = np.frombuffer(self._cells, np.int64).reshape(-1, len(COLUMNS))
        return Log(*(np.ascontiguousarray(column) for column in cells.T))


@dataclass(frozen=True)
class Log:
    """Rows in the order of the events that ended them; arrays of shape (rows,).

    Parameters
    ----------
    case
        Number of the case, by order of arrival.
    block
        Number of the block within the case's route.
    enabled_s, start_s, end_s
        When the block was reached, when work began, when it ended, in seconds since the start.
    detail
        Serve: number of the group that served, -1 for none.  Parallel: root block of the branch
        that finished last, or of the first unfinished one if not all have finished.  Within: due
        date in seconds, -1 while the clock is stopped.  Otherwise -1.
    status
        A `Status`.
    """

    case: Ints
    block: Ints
    enabled_s: Ints
    start_s: Ints
    end_s: Ints
    detail: Ints
    status: Ints

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.case)

    def rows(self) -> list[tuple[int, ...]]:
        """Return the rows as tuples, for tests and for reading.

        Returns
        -------
        list of tuple of int
            One tuple a row, in the order of `COLUMNS`.
        """
        return list(zip(*(getattr(self, name).tolist() for name in COLUMNS), strict=True))
