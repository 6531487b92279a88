"""Halls like a scenario, drawn from the ranges of its estimates; and cells of scenarios in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.chance.philox import uniform_at, word
from sim.running.cells import Cell
from sim.running.measurements import Indicators
from sim.scenario.drawn import with_drawn
from sim.scenario.model import Scenario
from sim.scenario.redraw import Chance


def drawn_tables(seed: int, number: int) -> Chance:
    """Return the random numbers from which the tables of a hall are redrawn.

    Parameters
    ----------
    seed
        Seed of the draws.
    number
        Number of the hall, from 1.

    Returns
    -------
    Chance
        Function of a purpose and the id of a row that returns a uniform number between 0 and 1,
        always the same for the same arguments.
    """
    key, draw = np.uint64(seed), np.uint64(number)

    def chance(purpose: str, row: str) -> float:
        entity, use = np.uint64(word(row)), np.uint64(word(f"redraw {purpose}"))
        return float(uniform_at(0, 0, entity, use, 0, key, draw))

    return chance


@dataclass(frozen=True)
class DrawnHall:
    """A hall like a scenario: its estimates drawn, its tables redrawn.

    Parameters
    ----------
    seed
        Seed of the draws.
    number
        Number of the hall, from 1; it decides the tables, and the applicants.
    values
        Dotted paths of the drawn parameters with their values.
    """

    seed: int
    number: int
    values: tuple[tuple[str, float], ...]

    @cached_property
    def digest(self) -> str:
        """Digest of everything that makes the hall another than the scenario."""
        whole = json.dumps([self.seed, self.number, self.values])
        return hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()

    def seed_of_histories(self, seed: int) -> int:
        """Return the seed of the hall's own applicants.

        Parameters
        ----------
        seed
            Seed of the experiment.

        Returns
        -------
        int
            0 to 2**64 − 1, another one for every hall.
        """
        return (seed + self.number) % 2**64

    def of(self, scenario: Scenario) -> Scenario:
        """Return a scenario in this hall; what reforms and ``--set`` decide stays.

        Parameters
        ----------
        scenario
            The hall as described, or a reform of it.

        Returns
        -------
        Scenario
            With drawn values and tables.

        Raises
        ------
        InputError
            If the drawn values contradict what is decided.
        """
        return with_drawn(scenario, dict(self.values), drawn_tables(self.seed, self.number))


@dataclass(frozen=True)
class IndicatorsIn(Indicators):
    """Every indicator, in a drawn hall.

    Parameters
    ----------
    hall
        The hall.
    """

    hall: DrawnHall

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name that includes the digest of the hall."""
        return f"indicators {self.variant}"

    @property
    def variant(self) -> str:  # type: ignore[override]
        """The digest of the hall."""
        return f"in {self.hall.digest}"

    def changed(self, scenario: Scenario) -> Scenario:
        """Return the scenario in the hall.

        Parameters
        ----------
        scenario
            A scenario of the cell.

        Returns
        -------
        Scenario
            As `DrawnHall.of`.
        """
        return self.hall.of(scenario)


def cells_in(
    scenarios: Sequence[Scenario], halls: Sequence[DrawnHall], seed: int, replications: int
) -> list[Cell]:
    """Return the cells of scenarios in halls, one per hall and scenario.

    Every hall has applicants of its own, the same in all scenarios.

    Parameters
    ----------
    scenarios
        Any number.
    halls
        Any number.
    seed
        Seed of the experiment.
    replications
        Histories in each hall.

    Returns
    -------
    list of Cell
        Scenarios of the first hall, of the second, and so on.
    """
    return [
        Cell((scenario,), 0, replications, hall.seed_of_histories(seed), IndicatorsIn(hall))
        for hall in halls
        for scenario in scenarios
    ]
