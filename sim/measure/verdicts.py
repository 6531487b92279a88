"""Verdicts on families of differences: nothing is called better while fewer are served.

Every study takes its verdicts from here, so that giving up is never taken for completing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import Indicator, telling
from sim.stats.comparison import Difference, Verdict, compare_family, is_clearly_worse
from sim.stats.intervals import mean_interval

Floats = npt.NDArray[np.float64]
RELEVANT = 0.001
"""Smallest relevant increase of the share of cases given up, 0 to 1: a smaller one does not make
the cases others, unless fewer are served as well."""
Values = Callable[[str], tuple[Floats, Floats]]
"""Returns, for the id of a figure, its values in both, one per replication; shapes (n,)."""


@dataclass(frozen=True)
class Pair:
    """Two sets of values of any figure, paired by replication: mostly those of two scenarios.

    Parameters
    ----------
    values
        Function that returns the values of a figure in both, given its id.
    other_items
        Whether the two enter different items into the hall, so that its own cases are those of
        other people.
    """

    values: Values
    other_items: bool = False

    @cached_property
    def _fewer(self) -> tuple[bool, bool]:
        """Whether fewer of the hall's cases are served or more give up, and of everyone's."""
        everyone = [indicator.everyone for indicator in telling() if self.is_worse(indicator)]
        return not all(everyone), any(everyone)

    def is_of_other_cases(self, one: Indicator) -> bool:
        """Say whether a figure is about other cases because fewer are served or more give up.

        Everyone's figures follow the same people in both, so the rates of everyone decide about
        them; the hall's own rates also fall where other items enter, and decide, together with
        those of everyone, about the hall's own figures only.  Each rate is tested alone by its 95 %
        interval, without correction for multiple tests, which is cautious.

        Parameters
        ----------
        one
            The figure.

        Returns
        -------
        bool
            True if the figure must not be called better.
        """
        of_hall, of_everyone = self._fewer
        return one.needs_served and (of_everyone or (of_hall and not one.everyone))

    def is_worse(self, one: Indicator) -> bool:
        """Say whether a rate is clearly worse in the second.

        A share of cases given up must also be higher by `RELEVANT` or more.

        Parameters
        ----------
        one
            A rate of those served (better if higher), or of those who give up (better if lower).

        Returns
        -------
        bool
            True if the 95 % interval of the difference lies on the worse side.
        """
        before, after = self.values(one.id)
        if one.better == "lower":
            return more_give_up(before, after)
        return is_clearly_worse(before, after, one.better)


def more_give_up(before: Floats, after: Floats) -> bool:
    """Say whether clearly more give up in the second, by a case in a thousand or more.

    Parameters
    ----------
    before, after
        Shares of cases given up, or of calls left, 0 to 1, one per replication; shapes (n,).

    Returns
    -------
    bool
        True if the mean difference is at least `RELEVANT` and its 95 % interval is above 0.
    """
    more = mean_interval(after - before).mean
    return more >= RELEVANT and is_clearly_worse(before, after, "lower")


def change_pair(values: Callable[[str], Floats]) -> Pair:
    """Return a pair of zeros and changes, for figures known only by their changes.

    Parameters
    ----------
    values
        Function that returns the changes of a figure, given its id; shape (n,).

    Returns
    -------
    Pair
        Zeros as the first, the changes as the second.
    """

    def both(name: str) -> tuple[Floats, Floats]:
        changes = values(name)
        return np.zeros_like(changes), changes

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
        Indices of the two scenarios.

    Returns
    -------
    Pair
        Values of the first and of the second scenario.
    """

    def both(name: str) -> tuple[Floats, Floats]:
        by_scenario = values[:, :, names.index(name)]
        return by_scenario[first], by_scenario[second]

    return Pair(both)


def with_telling(names: Iterable[str]) -> tuple[str, ...]:
    """Return ids of figures, followed by those that tell how many are served or give up.

    Parameters
    ----------
    names
        Ids of figures.

    Returns
    -------
    tuple of str
        Each id once.
    """
    return tuple(dict.fromkeys((*names, *(indicator.id for indicator in telling()))))


def judged(
    members: Sequence[tuple[Pair, Indicator]], certain: Collection[str] = ()
) -> list[Difference]:
    """Judge one figure of each pair; all together are one family of tests.

    Parameters
    ----------
    members
        Pairs, and the figure that is compared in each.
    certain
        Ids of figures that do not depend on chance.

    Returns
    -------
    list of Difference
        Second minus first of each pair, with its verdict, in the order of `members`.
    """
    differences = compare_family(
        [pair.values(indicator.id) for pair, indicator in members],
        [indicator.better for _, indicator in members],
        [indicator.id in certain for _, indicator in members],
        [pair.is_of_other_cases(indicator) for pair, indicator in members],
    )
    return [
        replace(difference, verdict=Verdict.OTHER_CASES)
        if pair.other_items
        and indicator.of_own_cases
        and difference.verdict in {Verdict.BETTER, Verdict.WORSE}
        else difference
        for (pair, indicator), difference in zip(members, differences, strict=True)
    ]
