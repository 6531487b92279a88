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
    """Two sets of values of any figure, paired by replication: mostly those of two scenarios.

    Parameters
    ----------
    values
        Of any figure by id, in both.
    """

    values: Values

    @cached_property
    def _fewer(self) -> tuple[bool, bool]:
        """Whether fewer of the hall's cases are served or more give up, and of everyone's."""
        worse = [one for one in telling() if self.is_worse(one)]
        return any(not one.everyone for one in worse), any(one.everyone for one in worse)

    def is_of_other_cases(self, one: Indicator) -> bool:
        """Say whether a figure rests on who is served while fewer are, or more give up.

        Everyone's figures follow the same people in both, so the rates of everyone rule them; the
        hall's own rates fall as well where other items enter, and rule the hall's own figures.
        Each rate is judged alone, by its 95 % interval, which is cautious: being one of many
        excuses none of them.
        """
        of_hall, of_everyone = self._fewer
        return one.needs_served and (of_everyone or (of_hall and not one.everyone))

    def is_worse(self, one: Indicator) -> bool:
        """Say whether a rate is clearly worse in the second; of who gives up, relevantly."""
        before, after = self.values(one.id)
        if one.better == "lower":
            return more_give_up(before, after)
        return is_clearly_worse(before, after, one.better)


def more_give_up(before: Floats, after: Floats) -> bool:
    """Say whether clearly more give up in the second, by a case in a thousand or more.

    Parameters
    ----------
    before, after
        Shares of cases given up, or of calls left, one per replication; shapes (n,).
    """
    more = mean_interval(after - before).mean
    return more >= RELEVANT and is_clearly_worse(before, after, "lower")


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
        [pair.is_of_other_cases(one) for pair, one in members],
    )
