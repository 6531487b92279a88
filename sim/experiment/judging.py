"""Families of differences, judged: nothing is called better while fewer are served.

Every study judges through here, so that giving up is nowhere taken for completing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Indicator, telling
from sim.stats.comparison import Difference, compare_family, is_clearly_worse
from sim.stats.intervals import mean_interval

Floats = npt.NDArray[np.float64]
RELEVANT = 0.001
"""Share of cases given up that is worth a word: fewer than one in a thousand make no other
cases, unless fewer are served as well."""
Values = Callable[[str], tuple[Floats, Floats]]
"""From the id of a figure to its values in both, one per replication; shapes (n,)."""


@dataclass(frozen=True)
class Pair:
    """Two scenarios in the same replications, or something else that one figure has two of.

    Parameters
    ----------
    values
        Of any figure.
    """

    values: Values

    @cached_property
    def serves_fewer(self) -> bool:
        """Whether the second clearly serves fewer, or has more who give up.

        Each of the figures that tell it is judged alone, by its 95 % interval, which is cautious:
        being one of many excuses none of them.
        """
        return any(self.has_more(one) for one in telling())

    def has_more(self, one: Indicator) -> bool:
        """Say whether a share is clearly worse in the second, who gives up by a case in 1,000."""
        before, after = self.values(one.id)
        relevant = one.better == "higher" or mean_interval(after - before).mean >= RELEVANT
        return relevant and is_clearly_worse(before, after, one.better)


def change(values: Callable[[str], Floats]) -> Pair:
    """Return a pair of nothing and a change, which is given for any figure."""

    def both(name: str) -> tuple[Floats, Floats]:
        found = values(name)
        return np.zeros_like(found), found

    return Pair(both)


def beside(values: Floats, names: Sequence[str], first: int, second: int) -> Pair:
    """Return two of some scenarios as a pair.

    Parameters
    ----------
    values
        Shape (scenarios, replications, figures).
    names
        Ids of the figures, those of `with_telling` among them.
    first, second
        Places of the two.
    """

    def both(name: str) -> tuple[Floats, Floats]:
        of_all = values[:, :, names.index(name)]
        return of_all[first], of_all[second]

    return Pair(both)


def with_telling(names: Iterable[str]) -> tuple[str, ...]:
    """Return ids of figures, and behind them those that tell how many are served."""
    return tuple(dict.fromkeys((*names, *(one.id for one in telling()))))


def judged(
    members: Sequence[tuple[Pair, Indicator]], certain: Collection[str] = ()
) -> list[Difference]:
    """Judge one figure of each pair; all together are one family.

    Parameters
    ----------
    members
        Pairs, and the figure that is compared in each.
    certain
        Ids of figures that no chance touches.
    """
    return compare_family(
        [pair.values(one.id) for pair, one in members],
        [one.better for _, one in members],
        [one.id in certain for _, one in members],
        [one.needs_served and pair.serves_fewer for pair, one in members],
    )
