"""Results of a sweep: summary, best points, and where an effect changes its direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import permutations
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import Indicator, indicators
from sim.measure.verdicts import Pair, beside, judged
from sim.rules.journey import hall_of
from sim.scenario.model import Scenario
from sim.scenario.yaml_lines import Place
from sim.stats.comparison import Difference, Verdict, compare_family
from sim.stats.intervals import Estimate, mean_interval
from sim.studies.sweep.axes import BASE, Axis
from sim.studies.sweep.design import Point
from sim.studies.sweep.study import SweepPlan

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Best:
    """The best point by one figure, and how sure that is.

    Parameters
    ----------
    indicator
        The figure.
    point
        Number of the point; of equal means the first.
    nearest
        Number of the point whose mean comes next, except those in `same`; None without one.
    difference
        Nearest point minus best point, paired by replication, in the unit of the figure; its
        interval is simultaneous over all points.  None if there is no nearest point.
    same
        Numbers of the points whose figure equals that of the best point in every replication.
    unresolved
        Numbers of the points that are not significantly worse than the best (Holm over all
        points).
    excluded
        Numbers of the points that cannot be the best, because fewer are served there or more
        give up than at their base.
    """

    indicator: Indicator
    point: int
    nearest: int | None
    difference: Difference | None
    same: tuple[int, ...]
    unresolved: tuple[int, ...]
    excluded: tuple[int, ...]


@dataclass(frozen=True)
class DirectionChange:
    """Where the effect of an axis on a figure changes its direction.

    Parameters
    ----------
    kind
        ``inside``: the figure is highest or lowest between the ends of the axis.  ``depends``,
        an interaction: from the first to the last level of the axis the figure becomes better at
        some levels of another axis and worse at others.
    indicator
        The figure, averaged over all further axes.
    axis
        The axis whose effect is described.
    level
        ``inside``: index of the level at which the figure is highest or lowest.
    rises
        ``inside``: whether the figure is highest there, not lowest.
    other, effects
        ``depends``: the other axis, and last minus first level of `axis` at each level of it.
    """

    kind: Literal["inside", "depends"]
    indicator: Indicator
    axis: Axis
    level: int = 0
    rises: bool = False
    other: Axis | None = None
    effects: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class SweepResults:
    """Results of a sweep.

    Parameters
    ----------
    plan
        The sweep.
    values
        Figures, shape (points, replications, `SweepPlan.kept`), each in its unit; NaN where null.
    engine
        Name of the engine that simulated them.
    """

    plan: SweepPlan
    values: Floats
    engine: str = "compiled"

    @property
    def replications(self) -> int:
        """Replications of every point."""
        return int(self.values.shape[1])

    @property
    def indicators(self) -> list[Indicator]:
        """The figures that are shown."""
        return [indicators()[name] for name in self.plan.indicators]

    def values_of(self, indicator: str) -> Floats:
        """Return the values of one figure.

        Parameters
        ----------
        indicator
            Id of a figure that is kept.

        Returns
        -------
        ndarray
            Shape (points, replications); NaN where null.
        """
        return self.values[:, :, self.plan.kept.index(indicator)]

    def estimate(self, point: int, indicator: str) -> Estimate:
        """Return the mean of a figure at a point, with its 95 % interval.

        Parameters
        ----------
        point
            Number of the point.
        indicator
            Id of the figure.

        Returns
        -------
        Estimate
            Over the replications in which the figure is not null.
        """
        return mean_interval(self.values_of(indicator)[point])

    def changes(self, indicator: str) -> dict[int, Difference]:
        """Return the difference of each point from its base; all points are one family of tests.

        Parameters
        ----------
        indicator
            Id of a figure that is shown.

        Returns
        -------
        dict of Difference
            By number of the point, without the bases themselves.
        """
        return self._changes[indicator]

    @cached_property
    def _changes(self) -> dict[str, dict[int, Difference]]:
        bases = len(self.plan.bases)
        changes = {}
        for indicator in self.indicators:
            differences = judged(
                [(self._beside_base[point.number], indicator) for point in self.varied]
            )
            changes[indicator.id] = dict(enumerate(differences, bases))
        return changes

    @cached_property
    def _beside_base(self) -> list[Pair]:
        """Each point paired with its base."""
        return [self._pair(point.base, point.number) for point in self.plan.points]

    def _pair(self, first: int, second: int) -> Pair:
        return beside(self.values, self.plan.kept, first, second)

    @property
    def varied(self) -> tuple[Point, ...]:
        """The points of the design, without the unchanged bases."""
        return self.plan.points[len(self.plan.bases) :]

    @cached_property
    def stuck_at(self) -> str | None:
        """Where cases get stuck, if authorization varies: its effect depends on that; else None."""
        base = self.plan.bases[0].settings
        names = {axis.name for axis in self.plan.axes if axis.kind != "reform"}
        on = [axis.name[1:] for axis in self.plan.axes if axis.kind == "reform"]
        varies = "policy.authorization" in names or any(
            self.plan.bases[0].with_reforms(name).settings.policy.authorization
            != base.policy.authorization
            for name in on
        )
        return base.stuck.at if varies and base.stuck.at != "nowhere" else None

    # On a grid ----------------------------------------------------------------------------

    @property
    def is_grid(self) -> bool:
        """Whether the points are all combinations of the levels of the axes."""
        return self.plan.study.design == "grid" and not isinstance(self.plan.study.points, Path)

    @cached_property
    def dimensions(self) -> tuple[Axis, ...]:
        """The axes; if there are several bases, they are the first axis."""
        names = tuple(base.name for base in self.plan.bases)
        own = Axis(BASE, "base", names, Place(BASE, None))
        return ((own,) if len(names) > 1 else ()) + self.plan.axes

    def level(self, point: Point, axis: Axis) -> str | None:
        """Return the level of a point on one of the dimensions.

        Parameters
        ----------
        point
            A point of the sweep.
        axis
            One of `dimensions`.

        Returns
        -------
        str or None
            None for the value of the base.
        """
        if axis.kind == "base":
            return self.plan.bases[point.base].name
        return point.levels[self.plan.axes.index(axis)]

    def grid(self, indicator: str) -> Floats:
        """Return a figure on the grid.

        Parameters
        ----------
        indicator
            Id of the figure.

        Returns
        -------
        ndarray
            Shape (levels of each dimension …, replications); NaN where null.
        """
        shape = [len(axis.levels) for axis in self.dimensions]
        values = self.values_of(indicator)[len(self.plan.bases) :]
        return values.reshape(*shape, self.replications)

    def along(self, indicator: str, *axes: Axis) -> Floats:
        """Return a figure along some axes of the grid, averaged over the others.

        Parameters
        ----------
        indicator
            Id of the figure.
        *axes
            Some of `dimensions`, each once.

        Returns
        -------
        ndarray
            Shape (levels of each of the axes given …, replications); NaN where null.
        """
        kept = [self.dimensions.index(axis) for axis in axes]
        others = tuple(n for n in range(len(self.dimensions)) if n not in kept)
        mean = self.grid(indicator).mean(axis=others) if others else self.grid(indicator)
        return mean.transpose(*np.argsort(np.argsort(kept)), len(kept))

    # Conclusions --------------------------------------------------------------------------

    def best(self, indicator: Indicator) -> Best | None:
        """Return the best point by one figure.

        If the figure depends on who is served, points at which fewer are served or more give up
        than at their base are excluded.

        Parameters
        ----------
        indicator
            The figure.

        Returns
        -------
        Best or None
            None if neither direction of the figure is better, if it is null somewhere, or if it
            never varies.
        """
        values = self.values_of(indicator.id)
        if indicator.better == "none" or np.isnan(values).any() or not np.ptp(values):
            return None
        means = values.mean(axis=1) * (-1 if indicator.better == "higher" else 1)
        excluded = [
            number
            for number, pair in enumerate(self._beside_base)
            if pair.is_of_other_cases(indicator)
        ]
        first = min(
            set(range(len(values))) - set(excluded), key=lambda number: (means[number], number)
        )
        others = [number for number in range(len(values)) if number not in {first, *excluded}]
        differences = judged([(self._pair(first, number), indicator) for number in others])
        compared = dict(zip(others, differences, strict=True))
        same = tuple(n for n, difference in compared.items() if difference.verdict == Verdict.SAME)
        apart = [number for number in others if number not in same]
        nearest = min(apart, key=lambda number: means[number], default=None)
        return Best(
            indicator=indicator,
            point=first,
            nearest=nearest,
            difference=None if nearest is None else compared[nearest],
            same=same,
            unresolved=tuple(n for n in apart if compared[n].verdict != Verdict.WORSE),
            excluded=tuple(excluded),
        )

    @cached_property
    def direction_changes(self) -> tuple[DirectionChange, ...]:
        """Where effects on figures change their direction; empty without a grid or intervals."""
        if not self.is_grid or self.replications < 2:
            return ()
        return tuple(
            direction_change
            for indicator in self.indicators
            if indicator.better != "none" and not np.isnan(self.values_of(indicator.id)).any()
            for direction_change in (*self._dependent(indicator), *self._inside(indicator))
        )

    def _inside(self, indicator: Indicator) -> Iterator[DirectionChange]:
        """Find levels that differ from both ends of an axis in the same direction."""
        for axis in self.dimensions:
            if axis.kind != "number" or len(axis.levels) < 3:
                continue
            curve = self.along(indicator.id, axis)
            middle = range(1, len(axis.levels) - 1)
            differences = compare_family(
                [(curve[end], curve[level]) for level in middle for end in (0, -1)],
                ["none"] * (2 * len(middle)),
            )
            end_differences = dict(
                zip(middle, zip(differences[::2], differences[1::2], strict=True), strict=True)
            )
            for verdict, extreme in ((Verdict.HIGHER, np.argmax), (Verdict.LOWER, np.argmin)):
                level = int(extreme(curve.mean(axis=1)))
                if level in end_differences and all(
                    end.verdict == verdict for end in end_differences[level]
                ):
                    yield DirectionChange(
                        "inside", indicator, axis, level, verdict == Verdict.HIGHER
                    )

    def _dependent(self, indicator: Indicator) -> Iterator[DirectionChange]:
        """Find axes whose effect is better at some levels of another axis and worse at others."""
        for axis, other in permutations(self.dimensions, 2):
            if axis.kind in {"base", "choice"}:
                continue
            pairs = [
                Pair(partial(self._ends, axis, other, level)) for level in range(len(other.levels))
            ]
            effects = judged([(pair, indicator) for pair in pairs])
            verdicts = {effect.verdict for effect in effects}
            if {Verdict.BETTER, Verdict.WORSE} <= verdicts:
                yield DirectionChange(
                    "depends", indicator, axis, other=other, effects=tuple(effects)
                )

    def _ends(self, axis: Axis, other: Axis, level: int, indicator: str) -> tuple[Floats, Floats]:
        """Return a figure at the first and the last level of an axis, at a level of another."""
        row = self.along(indicator, other, axis)[level]
        return row[0], row[-1]

    # Tables -----------------------------------------------------------------------------

    def columns(self, points: Sequence[Point]) -> dict[str, list[Any]]:
        """Return the columns that identify points: number, base if there are several, axes.

        Parameters
        ----------
        points
            Points of the sweep, which are the rows.

        Returns
        -------
        dict of list
            By name of the column; a level is text, or None for the value of the base.
        """
        columns: dict[str, list[Any]] = {"point": [point.number for point in points]}
        for axis in self.dimensions:
            columns[axis.name] = [self.level(point, axis) for point in points]
        return columns

    @cached_property
    def points(self) -> pd.DataFrame:
        """The points: number and level on each axis, empty for the value of the base."""
        return pd.DataFrame(self.columns(self.plan.points))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean, interval and difference from the base of every figure at every point."""
        rows = []
        for point in self.plan.points:
            named = [column[0] for column in self.columns([point]).values()]
            for indicator in self.indicators:
                change = self._changes[indicator.id].get(point.number)
                difference_cells: tuple[object, ...] = (None,) * 5
                if change is not None:
                    difference_cells = (change.mean, change.low, change.high, change.p_adjusted)
                    difference_cells += (str(change.verdict),)
                estimate = self.estimate(point.number, indicator.id)
                rows.append((*named, indicator.id, indicator.unit, *estimate, *difference_cells))
        figures = ["indicator", "unit", "mean", "low", "high", "n"]
        changes = ["difference", "difference_low", "difference_high", "p_adjusted", "verdict"]
        return pd.DataFrame(rows, columns=[*self.columns([]), *figures, *changes])


def base_level(base: Scenario, axis: Axis) -> float | None:
    """Return the value of a base on a numeric axis, as surveyed if its parameter is null.

    Parameters
    ----------
    base
        The scenario.
    axis
        A numeric axis.

    Returns
    -------
    float or None
        In the unit of the parameter.  A null entry, authorization or share of qualified staff is
        computed from the tables (0 to 1); None if that is not possible.
    """
    value: Any = base.settings
    for part in axis.name.split("."):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
    if value is not None:
        return float(value)
    if axis.name == "policy.qualified_share":
        staff = sum(unit.window_staff for unit in base.departments)
        return sum(unit.qualified for unit in base.departments) / staff if staff else None
    if axis.name not in {"policy.entry", "policy.authorization"}:
        return None
    hall = hall_of(base)
    inside = [item for item in base.items if hall.has_entered(item)]
    if axis.name == "policy.entry":
        return len(inside) / len(base.items)
    may = [item for item in inside if item.delegable]
    return sum(hall.level(item) == "full" for item in may) / len(may) if may else None
