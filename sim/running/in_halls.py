"""Figures of scenarios in halls that fit the report, and what separates these halls."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import indicators
from sim.running.cells import Cell, Found
from sim.running.drawn_halls import DrawnHall, cells_in
from sim.running.fitting_halls import FittingHalls
from sim.scenario.model import Scenario
from sim.stats.bands import HallEffects, best_split, hall_effects

Floats = npt.NDArray[np.float64]
HALLS, HISTORIES = 60, 2
"""Halls under each reading by default, and histories of each."""


@dataclass(frozen=True)
class Separation:
    """What separates the halls in which an effect is positive from the others.

    Parameters
    ----------
    quantity
        Dotted path of a drawn parameter, or name of a reading of the report.
    break_even
        Value at which the sign changes, in the unit of the parameter; NaN for a reading.
    rises
        Whether the effect is mostly positive above the break-even, or under the reading.
    """

    quantity: str
    break_even: float
    rises: bool


@dataclass(frozen=True)
class InHalls:
    """Figures of scenarios in halls that fit the report.

    Parameters
    ----------
    readings
        Names of the readings of the report.
    halls
        Halls under each reading, drawn in proportion to their weights.
    drawn
        Dotted paths of the parameters that are drawn under every reading, and not scaled.
    values
        Every indicator under each reading, shape (halls, scenarios, histories, indicators).
    """

    readings: tuple[str, ...]
    halls: tuple[tuple[DrawnHall, ...], ...]
    drawn: tuple[str, ...]
    values: tuple[Floats, ...]

    @property
    def number(self) -> int:
        """Number of halls under all readings together."""
        return sum(len(halls) for halls in self.halls)

    def differences(self, scenario: int, indicator: str) -> list[Floats]:
        """Return the differences from the base.

        Parameters
        ----------
        scenario
            Index of the scenario.
        indicator
            Id of the figure.

        Returns
        -------
        list of ndarray
            One per reading, shape (halls, histories); NaN where a figure is null.
        """
        at = list(indicators()).index(indicator)
        return [values[:, scenario, :, at] - values[:, 0, :, at] for values in self.values]

    def effects(self, scenario: int, indicator: str) -> tuple[HallEffects, ...]:
        """Return the effects of a scenario on a figure.

        Parameters
        ----------
        scenario
            Index of the scenario.
        indicator
            Id of the figure.

        Returns
        -------
        tuple of HallEffects
            One per reading.
        """
        return tuple(
            hall_effects(differences) for differences in self.differences(scenario, indicator)
        )

    def separation(self, scenario: int, indicator: str) -> Separation | None:
        """Return which drawn parameter or reading tells best whether the effect is positive.

        Parameters
        ----------
        scenario
            Index of the scenario.
        indicator
            Id of the figure.

        Returns
        -------
        Separation or None
            None if none tells it beyond chance.
        """
        effects, quantities = [], []
        for place, differences in enumerate(self.differences(scenario, indicator)):
            under = [float(place == other) for other in range(len(self.readings))]
            for hall, mean in zip(self.halls[place], differences.mean(axis=1), strict=True):
                if not np.isnan(mean):
                    effects.append(mean)
                    values = dict(hall.values)
                    quantities.append([*under, *(values[path] for path in self.drawn)])
        if not effects:
            return None
        split = best_split(np.array(effects), np.array(quantities, float))
        if split is None:
            return None
        if split.place < len(self.readings):
            return Separation(self.readings[split.place], math.nan, split.rises)
        return Separation(self.drawn[split.place - len(self.readings)], split.bound, split.rises)


@dataclass(frozen=True)
class HallCells:
    """Cells of scenarios in halls that fit the report.

    Parameters
    ----------
    readings
        Names of the readings of which there are halls.
    halls
        Halls under each of them.
    drawn
        Dotted paths of the parameters that are drawn under every reading, and not scaled.
    cells
        Cells of each of them, scenarios by turns.
    """

    readings: tuple[str, ...]
    halls: tuple[tuple[DrawnHall, ...], ...]
    drawn: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def batches(self) -> list[tuple[Cell, ...]]:
        """Batches to be computed, one per cell."""
        return [(cell,) for of_reading in self.cells for cell in of_reading]

    def gathered(self, contents: Mapping[str, Found]) -> InHalls | None:
        """Return the figures, once the cells are computed.

        Parameters
        ----------
        contents
            Contents of cells by their keys.

        Returns
        -------
        InHalls or None
            None if some cells are not computed.
        """
        if any(cell.key not in contents for (cell,) in self.batches):
            return None
        values = []
        for halls, cells in zip(self.halls, self.cells, strict=True):
            of_reading = np.array([contents[cell.key]["indicators"] for cell in cells])
            values.append(of_reading.reshape(len(halls), -1, *of_reading.shape[1:]))
        return InHalls(self.readings, self.halls, self.drawn, tuple(values))


def hall_cells(
    sample: FittingHalls, families: Sequence[Sequence[Scenario]], number: int, seed: int
) -> HallCells:
    """Return the cells of scenarios in halls of a sample.

    Parameters
    ----------
    sample
        The sample of the hall.
    families
        The scenarios under each reading of the report, the base first.
    number
        Halls under each reading.
    seed
        Seed of the experiment.

    Returns
    -------
    HallCells
        Without readings of which the sample has no halls.
    """
    readings, halls, cells = [], [], []
    for family in families:
        name = family[0].as_described().name
        if name in sample.readings:
            drawn = sample.draws(name, number)
            readings.append(name)
            halls.append(drawn)
            cells.append(tuple(cells_in(family, drawn, seed, HISTORIES)))
    everywhere = [set(sample.drawn(name)) for name in readings]
    common = sorted(set.intersection(*everywhere)) if everywhere else []
    return HallCells(tuple(readings), tuple(halls), tuple(common), tuple(cells))
