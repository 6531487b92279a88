"""Checks that belong to floors above this one, and that loading makes all the same.

``sim`` adds them when it is imported, so that every command refuses what `hall check` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.catalogue import Item
    from sim.scenario.problems import Problem
    from sim.scenario.schema import Settings

    ProblemOf = Callable[[str, str, str], Problem]
    """Makes a problem of a dotted path, what was found there and what is allowed."""
    Check = Callable[[Settings, Sequence[Item], ProblemOf], Iterable[Problem]]

CHECKS: list[Check] = []
