"""Verdicts that hold whatever is not known: under every reading, in nearly all halls that fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sim.stats.bands import HallEffects
from sim.stats.comparison import Difference, Verdict

MOST_OPPOSITE = 0.05
"""Largest share of the halls that may lie on the other side by more than the relevant size."""
CLEAR = frozenset(
    {Verdict.BETTER, Verdict.WORSE, Verdict.HIGHER, Verdict.LOWER, Verdict.OTHER_CASES}
)
"""Verdicts on differences that chance alone does not explain."""


@dataclass(frozen=True)
class Assessment:
    """A difference with all that is known about it.

    Parameters
    ----------
    difference
        Under the hall's own reading of the report, its verdict over all that is not known.
    readings
        Under the other readings, in their order.
    halls
        Effects in halls that fit the report, one entry per reading; empty without a sample.
    relevant
        Smallest difference that matters, in the unit of the figure.
    """

    difference: Difference
    readings: tuple[Difference, ...]
    halls: tuple[HallEffects, ...]
    relevant: float

    @property
    def band(self) -> tuple[float, float]:
        """Ends of the band over all readings: nine of ten halls of each lie inside; NaN if none."""
        bands = [effects.band for effects in self.halls]
        if not bands or any(math.isnan(low) for low, _ in bands):
            return math.nan, math.nan
        return min(low for low, _ in bands), max(high for _, high in bands)

    @property
    def opposite(self) -> float:
        """Largest share over readings of halls on the other side of 0 by more than is relevant.

        Where the mean is 0 or not known, the smaller of both sides; NaN without halls.
        """
        above, below = self._beyond
        if self.difference.mean > 0:
            return below
        return above if self.difference.mean < 0 else min(above, below)

    @property
    def _beyond(self) -> tuple[float, float]:
        shares = [effects.beyond(self.relevant) for effects in self.halls if effects.is_enough]
        if not shares:
            return math.nan, math.nan
        return max(above for above, _ in shares), max(below for _, below in shares)

    @property
    def depends(self) -> bool:
        """Whether the sign depends on what is not known."""
        signs = {
            math.copysign(1, difference.mean)
            for difference in (self.difference, *self.readings)
            if difference.verdict in CLEAR
        }
        if len(signs) > 1:
            return True
        above, below = self._beyond
        if math.isnan(above):
            return False
        if self.difference.verdict in CLEAR:
            return self.opposite > MOST_OPPOSITE
        return min(above, below) > MOST_OPPOSITE


def assess(
    difference: Difference,
    readings: Sequence[Difference],
    halls: Sequence[HallEffects],
    relevant: float,
) -> Assessment:
    """Judge a difference by all readings and halls.

    Parameters
    ----------
    difference
        Under the hall's own reading; tested together with those under the other readings.
    readings
        Under the other readings.
    halls
        Effects in halls that fit the report, one entry per reading.
    relevant
        Smallest difference that matters, in the unit of the figure.

    Returns
    -------
    Assessment
        The verdict is ``depends`` where a reading is clearly opposite, or more than 5 % of the
        halls under one reading lie on the other side by more than the relevant size; for a
        difference that chance may explain, where that many lie on each side.
    """
    assessment = Assessment(difference, tuple(readings), tuple(halls), relevant)
    if difference.verdict is Verdict.UNKNOWN or not assessment.depends:
        return assessment
    return replace(assessment, difference=replace(difference, verdict=Verdict.DEPENDS))
