"""Which of several systems is best, on common random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Sample = Callable[[Sequence[int], int, int], Floats]
"""Of systems, first replication and count: their figure, shape (count, len(systems))."""


@dataclass(frozen=True)
class Procedure:
    """What a selection promises, and how it runs.

    Parameters
    ----------
    indifference
        Smallest difference of means that matters (δ), in the unit of the figure.
    confidence
        Probability of selecting the best system if its mean is better than every other by at
        least the indifference.  If some are nearer, one of the near ones is to be expected, but
        that is not proven (Eckman and Henderson, Guarantees on the probability of good
        selection, 2018).
    first
        Replications of every system before any is eliminated (n0).
    block
        Replications taken at a time after them; it changes how many are used, not which system is
        selected.
    most
        Replications of a system at which to end in any case; None = no limit.
    maximise
        Whether the largest mean is best.

    Raises
    ------
    ValueError
        If a number lies outside its range.
    """

    indifference: float
    confidence: float = 0.95
    first: int = 10
    block: int = 1
    most: int | None = None
    maximise: bool = True

    def __post_init__(self) -> None:
        if not (self.indifference > 0 and 0 < self.confidence < 1):
            raise ValueError("the indifference must be positive, the confidence between 0 and 1")
        if self.first < 2 or self.block < 1:
            raise ValueError("two first replications and blocks of one are the least")
        if self.most is not None and self.most < self.first:
            raise ValueError("the most replications must not be below the first")


class Elimination(NamedTuple):
    """A system that is eliminated.

    Parameters
    ----------
    system
        Index of the system.
    stage
        Replications of each system after which it was eliminated.
    """

    system: int
    stage: int


@dataclass(frozen=True)
class Selection:
    """The result of a selection.

    Parameters
    ----------
    selected
        Index of the system; of equal means the lower index.
    survivors
        Indices of those not eliminated: the selected one, any that equal it, and if capped those
        that could not be distinguished.
    eliminations
        In order; those of one stage by index.
    replications
        Sampled of each system.
    means
        Of each system, over the replications on which it was last judged.
    capped
        Whether the limit on replications ended it, so that nothing is promised.
    procedure
        What was promised.
    """

    selected: int
    survivors: tuple[int, ...]
    eliminations: tuple[Elimination, ...]
    replications: tuple[int, ...]
    means: tuple[float, ...]
    capped: bool
    procedure: Procedure


def select_best(sample: Sample, systems: int, procedure: Procedure) -> Selection:
    """Select the system with the best mean, eliminating the others as they fall behind.

    Parameters
    ----------
    sample
        Called with ascending system indices, the first replication (from 0) and a count; a
        replication may share its random numbers among systems.
    systems
        Number of systems k.
    procedure
        What is promised.

    Returns
    -------
    Selection
        The selected system, and how the others were eliminated.

    Raises
    ------
    ValueError
        If there are fewer than two systems, the confidence is not above 1/k, or a sample has
        the wrong shape or a value that is not finite.

    Notes
    -----
    Procedure KN with c = 1.  After r replications system i is eliminated if for some l in play
    r·(X̄_l - X̄_i) > max(0, (h²·S²_il/δ² - r)·δ/2), with h² = 2η·(n0 - 1),
    η = ((2α/(k - 1))^(-2/(n0 - 1)) - 1)/2 and S²_il the variance of the first n0 differences.
    Kim and Nelson, A fully sequential procedure for indifference-zone selection in simulation
    (2001).  Replications must be independent and near normal; variances may be unknown and
    unequal, and systems dependent.
    """
    if systems < 2 or procedure.confidence <= 1 / systems:
        raise ValueError("two systems and a confidence above 1/k are the least")
    everyone = list(range(systems))
    values = _checked(sample(everyone, 0, procedure.first), (procedure.first, systems))
    race = _Race(procedure, _reach(values, procedure), float(values[0, 0]), everyone)
    race.advance(values)
    while (count := race.wanted()) > 0:
        race.advance(_checked(sample(race.alive, race.at, count), (count, len(race.alive))))
    means = race.origin + race.sums / race.judged
    best = means[race.alive].argmax() if procedure.maximise else means[race.alive].argmin()
    return Selection(
        selected=race.alive[int(best)],
        survivors=tuple(race.alive),
        eliminations=tuple(race.eliminations),
        replications=tuple(race.used.tolist()),
        means=tuple(means.tolist()),
        capped=len(race.alive) > 1 and race.at < race.last(),
        procedure=procedure,
    )


@dataclass
class _Race:
    """The systems in play, and their sums over the replications so far, less one origin."""

    procedure: Procedure
    reach: Floats
    origin: float
    alive: list[int]
    at: int = 0
    eliminations: list[Elimination] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sums = np.zeros(len(self.alive))
        self.used = np.zeros(len(self.alive), int)
        self.judged = np.zeros(len(self.alive), int)

    def last(self) -> int:
        """Return the replications after which no two differing systems are in play."""
        return math.floor(float(self.reach[np.ix_(self.alive, self.alive)].max())) + 1

    def wanted(self) -> int:
        """Return how many replications to take next."""
        most = self.procedure.most
        end = self.last() if most is None else min(self.last(), most)
        return 0 if len(self.alive) == 1 else min(self.procedure.block, end - self.at)

    def advance(self, values: Floats) -> None:
        """Take replications of the systems in play and screen after each from the n0-th on."""
        running = self.sums[self.alive] + (values - self.origin).cumsum(axis=0)
        self.used[self.alive] += len(values)
        stages = self.at + 1 + np.arange(len(values))
        self.at += len(values)
        screened = stages >= self.procedure.first
        running, stages = running[screened], stages[screened]
        while len(stages) and len(self.alive) > 1:
            out = self._behind(running, stages)
            until = int(out.any(axis=1).argmax()) if out.any() else len(stages) - 1
            self.sums[self.alive], self.judged[self.alive] = running[until], stages[until]
            leaving = [self.alive[index] for index in np.flatnonzero(out[until])]
            self.eliminations += [Elimination(system, int(stages[until])) for system in leaving]
            self.alive = [system for system in self.alive if system not in leaving]
            running, stages = running[until + 1 :, ~out[until]], stages[until + 1 :]

    def _behind(self, running: Floats, stages: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return which system is too far behind another at which stage."""
        signed = running if self.procedure.maximise else -running
        gaps = signed[:, None, :] - signed[:, :, None]
        left = self.reach[np.ix_(self.alive, self.alive)] - stages[:, None, None]
        allowed = np.maximum(0.0, left * self.procedure.indifference / 2)
        return np.asarray((gaps > allowed).any(axis=2), np.bool_)


def _reach(values: Floats, procedure: Procedure) -> Floats:
    """Return h²·S²/δ² of each pair, shape (systems, systems), from the first values."""
    first, systems = values.shape
    error = (1 - procedure.confidence) / (systems - 1)
    eta = ((2 * error) ** (-2 / (first - 1)) - 1) / 2
    variances = (values[:, :, None] - values[:, None, :]).var(axis=0, ddof=1)
    return np.asarray(2 * eta * (first - 1) * variances / procedure.indifference**2, float)


def _checked(values: Floats, shape: tuple[int, int]) -> Floats:
    if np.shape(values) != shape or not np.isfinite(values).all():
        raise ValueError(f"a sample must be finite and of shape {shape}")
    return values
