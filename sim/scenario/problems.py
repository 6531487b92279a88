"""What is wrong with a user's input, in words that tell the user how to correct it.

::

    HallError
    ├── InputError     problems in scenarios, tables and options (exit code 2)
    └── RunError       an environment that refuses: disk full, folder not writable (exit code 2)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sim.printable import printable


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what was found, what is allowed.

    Parameters
    ----------
    file
        Name of the file, or the option of the command line.
    line
        Line from 1; None for the file as a whole or an option.
    found
        What was found there.
    allowed
        What may stand there instead.
    """

    file: str
    line: int | None
    found: str
    allowed: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return printable(f"{place}: {self.found}; allowed: {self.allowed}")


class HallError(Exception):
    """Base of the errors that a user can correct."""


MOST_TOLD = 50
"""Most problems that are listed; further ones are only counted."""


class InputError(HallError):
    """All problems found in a user's input.

    Parameters
    ----------
    problems
        Every mistake found, in file order; at least one.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError("input is refused without a problem")
        super().__init__("\n".join(self.lines()))

    def lines(self) -> Iterator[str]:
        """Yield a line for each of the first problems, and how many more there are.

        Yields
        ------
        str
            At most `MOST_TOLD` problems and the number of the others.
        """
        yield from (str(problem) for problem in self.problems[:MOST_TOLD])
        if len(self.problems) > MOST_TOLD:
            yield f"and {len(self.problems) - MOST_TOLD} more"


class RunError(HallError):
    """The machine refuses what a run needs, such as a folder that cannot be written."""

    def __str__(self) -> str:
        """Return the message on one line."""
        return printable(super().__str__())


def nearest(name: str, names: Sequence[str]) -> str:
    """Say which names are allowed, the nearest first.

    Parameters
    ----------
    name
        What the user wrote.
    names
        What may stand there.

    Returns
    -------
    str
        Text for `Problem.allowed`; it lists at most 12 names.
    """
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]!r}? ({_listing(names)})"
    return _listing(names)


def _listing(names: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(list(names)[:most])
    return f"{shown}, … ({len(names)} in all)" if len(names) > most else shown
