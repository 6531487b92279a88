"""What a sweep found: summary, best points, where a figure turns, and its files."""

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

ROWS = 200_000
"""Rows of the tidy file that are in memory at once."""


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
        The point whose mean comes next, apart from those that never differ; None without one.
    behind
        That point minus the best, paired; the interval is simultaneous over all points.
    same
        Points that equal the best in every replication.
    unresolved
        Points that cannot be told from the best (Holm over all points).
    aside
        Points that are left aside, because they serve fewer than their base.
    """

    indicator: Indicator
    point: int
    nearest: int | None
    behind: Difference | None
    same: tuple[int, ...]
    unresolved: tuple[int, ...]
    aside: tuple[int, ...]


@dataclass(frozen=True)
class DirectionChange:
    """Where the effect of an axis on a figure changes its direction.

    Parameters
    ----------
    kind
        ``inside``: the figure is highest or lowest between the ends of the axis; ``depends``:
        from its first to its last level the axis moves it up at some levels of another axis and
        down at others.
    indicator
        The figure, averaged over all further axes.
    axis
        The axis that is moved along.
    level
        ``inside``: position of the highest or lowest level.
    other, effects
        ``depends``: the other axis, and last minus first level at each of its levels.
    rises
        ``inside``: whether the level is the highest.
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
    """The figures of a sweep.

    Parameters
    ----------
    plan
        The sweep.
    values
        Shape (points, replications, `SweepPlan.kept`); NaN where null.
    engine
        Which engine worked them out.
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

    def of(self, indicator: str) -> Floats:
        """Return one figure, shape (points, replications)."""
        return self.values[:, :, self.plan.kept.index(indicator)]

    def estimate(self, point: int, indicator: str) -> Estimate:
        """Return the mean of a figure at a point, with its 95 % interval."""
        return mean_interval(self.of(indicator)[point])

    def changes(self, indicator: str) -> dict[int, Difference]:
        """Return each point's difference from its base; the points of a figure are one family."""
        return self._changes[indicator]

    @cached_property
    def _changes(self) -> dict[str, dict[int, Difference]]:
        bases = len(self.plan.bases)
        found = {}
        for one in self.indicators:
            differences = judged([(self._beside_base[p.number], one) for p in self.varied])
            found[one.id] = dict(enumerate(differences, bases))
        return found

    @cached_property
    def _beside_base(self) -> list[Pair]:
        """Every point beside its base."""
        return [self._pair(point.base, point.number) for point in self.plan.points]

    def _pair(self, first: int, second: int) -> Pair:
        return beside(self.values, self.plan.kept, first, second)

    @property
    def varied(self) -> tuple[Point, ...]:
        """The points of the design, without those of the bases."""
        return self.plan.points[len(self.plan.bases) :]

    @cached_property
    def stuck_at(self) -> str | None:
        """Where cases get stuck, if authorization varies: what it saves rests on that."""
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
        """Whether every level of each axis meets every level of the others."""
        return self.plan.study.design == "grid" and not isinstance(self.plan.study.points, Path)

    @cached_property
    def dimensions(self) -> tuple[Axis, ...]:
        """The axes; several bases are the first one."""
        names = tuple(base.name for base in self.plan.bases)
        own = Axis(BASE, "base", names, Place(BASE, None))
        return ((own,) if len(names) > 1 else ()) + self.plan.axes

    def level(self, point: Point, axis: Axis) -> str | None:
        """Return a point's level on one of the dimensions; None for the base's own."""
        if axis.kind == "base":
            return self.plan.bases[point.base].name
        return point.levels[self.plan.axes.index(axis)]

    def grid(self, indicator: str) -> Floats:
        """Return a figure on the grid, shape (levels of each dimension …, replications)."""
        shape = [len(axis.levels) for axis in self.dimensions]
        values = self.of(indicator)[len(self.plan.bases) :]
        return values.reshape(*shape, self.replications)

    def along(self, indicator: str, *axes: Axis) -> Floats:
        """Return a figure along some axes of the grid, averaged over the others.

        Returns
        -------
        ndarray
            Shape (levels of each of the axes …, replications).
        """
        kept = [self.dimensions.index(axis) for axis in axes]
        others = tuple(n for n in range(len(self.dimensions)) if n not in kept)
        mean = self.grid(indicator).mean(axis=others) if others else self.grid(indicator)
        return mean.transpose(*np.argsort(np.argsort(kept)), len(kept))

    # Conclusions --------------------------------------------------------------------------

    def best(self, one: Indicator) -> Best | None:
        """Return the best point; None if the figure has no better, or is null or never varies.

        No point is best that serves fewer than its base, by a figure that rests on that.
        """
        values = self.of(one.id)
        if one.better == "none" or np.isnan(values).any() or not np.ptp(values):
            return None
        means = values.mean(axis=1) * (-1 if one.better == "higher" else 1)
        aside = [
            number for number, pair in enumerate(self._beside_base) if pair.is_of_other_cases(one)
        ]
        first = min(
            set(range(len(values))) - set(aside), key=lambda number: (means[number], number)
        )
        others = [number for number in range(len(values)) if number not in {first, *aside}]
        found = judged([(self._pair(first, number), one) for number in others])
        compared = dict(zip(others, found, strict=True))
        same = tuple(n for n, difference in compared.items() if difference.verdict == Verdict.SAME)
        apart = [number for number in others if number not in same]
        nearest = min(apart, key=lambda number: means[number], default=None)
        return Best(
            indicator=one,
            point=first,
            nearest=nearest,
            behind=None if nearest is None else compared[nearest],
            same=same,
            unresolved=tuple(n for n in apart if compared[n].verdict != Verdict.WORSE),
            aside=tuple(aside),
        )

    @cached_property
    def turns(self) -> tuple[DirectionChange, ...]:
        """Where figures turn; on a grid only."""
        if not self.is_grid or self.replications < 2:
            return ()
        return tuple(
            turn
            for one in self.indicators
            if one.better != "none" and not np.isnan(self.of(one.id)).any()
            for turn in (*self._dependent(one), *self._inside(one))
        )

    def _inside(self, one: Indicator) -> Iterator[DirectionChange]:
        """Find levels that differ from both ends of an axis in the same direction."""
        for axis in self.dimensions:
            if axis.kind != "number" or len(axis.levels) < 3:
                continue
            curve = self.along(one.id, axis)
            middle = range(1, len(axis.levels) - 1)
            found = compare_family(
                [(curve[end], curve[level]) for level in middle for end in (0, -1)],
                ["none"] * (2 * len(middle)),
            )
            told = dict(zip(middle, zip(found[::2], found[1::2], strict=True), strict=True))
            for verdict, extreme in ((Verdict.HIGHER, np.argmax), (Verdict.LOWER, np.argmin)):
                level = int(extreme(curve.mean(axis=1)))
                if level in told and all(end.verdict == verdict for end in told[level]):
                    yield DirectionChange("inside", one, axis, level, verdict == Verdict.HIGHER)

    def _dependent(self, one: Indicator) -> Iterator[DirectionChange]:
        """Find axes whose effect has one direction at some levels of another, and not at others."""
        for axis, other in permutations(self.dimensions, 2):
            if axis.kind in {"base", "choice"}:
                continue
            pairs = [
                Pair(partial(self._ends, axis, other, level)) for level in range(len(other.levels))
            ]
            effects = judged([(pair, one) for pair in pairs])
            verdicts = {effect.verdict for effect in effects}
            if {Verdict.BETTER, Verdict.WORSE} <= verdicts:
                yield DirectionChange("depends", one, axis, other=other, effects=tuple(effects))

    def _ends(self, axis: Axis, other: Axis, level: int, indicator: str) -> tuple[Floats, Floats]:
        """Return a figure at the first and the last level of an axis, at a level of another."""
        row = self.along(indicator, other, axis)[level]
        return row[0], row[-1]

    # Tables and files ---------------------------------------------------------------------

    def columns(self, points: Sequence[Point]) -> dict[str, list[Any]]:
        """Return the columns that name points: number, base if there are several, axes."""
        found: dict[str, list[Any]] = {"point": [point.number for point in points]}
        for axis in self.dimensions:
            found[axis.name] = [self.level(point, axis) for point in points]
        return found

    @cached_property
    def points(self) -> pd.DataFrame:
        """The points: number and level on each axis, empty for the base's own."""
        return pd.DataFrame(self.columns(self.plan.points))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Mean, interval and difference from the base of every figure at every point."""
        rows = []
        for point in self.plan.points:
            named = [column[0] for column in self.columns([point]).values()]
            for one in self.indicators:
                change = self._changes[one.id].get(point.number)
                told: tuple[object, ...] = (None,) * 5
                if change is not None:
                    told = (change.mean, change.low, change.high, change.p_adjusted)
                    told += (str(change.verdict),)
                estimate = self.estimate(point.number, one.id)
                rows.append((*named, one.id, one.unit, *estimate, *told))
        figures = ["indicator", "unit", "mean", "low", "high", "n"]
        changes = ["difference", "difference_low", "difference_high", "p_adjusted", "verdict"]
        return pd.DataFrame(rows, columns=[*self.columns([]), *figures, *changes])


def own_level(base: Scenario, axis: Axis) -> float | None:
    """Return where a base itself lies on a numeric axis, as surveyed if its value is null."""
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
