"""Checks that belong to floors above this one but are made at loading.

``sim`` adds them when it is imported, so that every command refuses what `hall check` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.catalogue import Item
    from sim.scenario.problems import Problem
    from sim.scenario.schema import Settings

    ProblemOf = Callable[[str, str, str], Problem]
    """Makes a problem of a dotted path, what was found there and what is allowed."""


@dataclass(frozen=True)
class FurtherCheck:
    """A check of a floor above.

    Parameters
    ----------
    problems
        Finds the problems from the settings, the items and a function that makes a problem of a
        dotted path, what was found there and what is allowed.
    of_parts
        Whether it can judge a scenario of which some groups are wrong and hold defaults.
    """

    problems: Callable[[Settings, Sequence[Item], ProblemOf], Iterable[Problem]]
    of_parts: bool = False


FURTHER_CHECKS: list[FurtherCheck] = []
"""Checks in the order in which they are made."""
