"""Whether a comparison's verdict holds over the range of each estimate, and where it turns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import Indicator, indicators
from sim.measure.verdicts import Pair, change, judged
from sim.stats.comparison import CONFIDENCE, Difference, Verdict
from sim.stats.intervals import mean_interval, student_t
from sim.studies.sensitivity.estimates import Factor, value_in
from sim.studies.sensitivity.study import SensitivityRequest, Sweep

Floats = npt.NDArray[np.float64]
Flip = Literal["reverses", "other cases", "fades", "appears", ""]
"""The verdict turns round, is about other cases, is lost, is gained, or holds."""

ROUNDS = 4
"""Points put into each bracket of a root, one after the other."""
CLOSE = 0.002
"""A bracket this narrow, as a part of the range, is not halved any more."""
INNER = (0.25, 0.75)
"""A value in this part of the range serves as its middle."""
GRID = 4001


@dataclass(frozen=True)
class BreakEven:
    """A value of the parameter at which the mean difference is 0.

    Parameters
    ----------
    at
        The break-even value.
    low, high
        Its interval: where 0 lies in the interval of the mean difference, simultaneous over all
        parameters and indicators.
    bounded
        Whether both ends of the interval lie inside the range.
    """

    at: float
    low: float
    high: float
    bounded: bool


@dataclass(frozen=True)
class Robustness:
    """How the verdict on one figure fares over the range of one estimate.

    Parameters
    ----------
    factor, indicator
        Which.
    as_it_is, at_low, at_middle, at_high
        The difference there; the middle is None where the value itself lies midway.
    break_evens
        Break-even values; none where the mean difference keeps its sign at all points tried.
    bends
        Whether the difference goes up and down again over the range, beyond doubt.
    """

    factor: Factor
    indicator: str
    as_it_is: Difference
    at_low: Difference
    at_middle: Difference | None
    at_high: Difference
    break_evens: tuple[BreakEven, ...]
    bends: bool

    @property
    def flip(self) -> Flip:
        """What happens to the verdict somewhere in the range, at the worst."""
        now = _sign(self.as_it_is)
        judged_there = [
            one
            for one in (self.at_low, self.at_middle, self.at_high)
            if one is not None and one.verdict is not Verdict.UNKNOWN
        ]
        there = [_sign(one) for one in judged_there]
        if any(now * sign < 0 for sign in there):
            return "reverses"
        if now and any(one.verdict is Verdict.OTHER_CASES for one in judged_there):
            return "other cases"
        if now and 0 in there:
            return "fades"
        return "appears" if not now and any(there) else ""


@dataclass
class Curve:
    """Paired differences by the value of a parameter.

    Parameters
    ----------
    differences
        By value of the parameter, shape (replications,).
    """

    differences: dict[float, Floats] = field(default_factory=dict)

    @property
    def points(self) -> list[float]:
        """Values of the parameter tried, in order."""
        return sorted(self.differences)

    def mean(self, at: float) -> float:
        """Return the mean difference at a point tried."""
        return float(np.nanmean(self.differences[at]))

    def brackets(self, confidence: float) -> list[tuple[float, float]]:
        """Return neighbours between which the mean difference changes its sign.

        A change of sign counts if the nearest point on either side that certainly differs from 0
        has the sign of that side; others are noise around 0.
        """
        points = self.points
        means = [self.mean(at) for at in points]
        clear = [self._is_clear(at, confidence) for at in points]

        def stands(side: range, sign: float) -> bool:
            nearest = next((at for at in side if clear[at]), None)
            return nearest is not None and means[nearest] * sign > 0

        return [
            (points[at], points[at + 1])
            for at in range(len(points) - 1)
            if means[at] * means[at + 1] < 0
            and (
                stands(range(at, -1, -1), means[at])
                or stands(range(at + 1, len(points)), means[at + 1])
            )
        ]

    def break_evens(self, confidence: float) -> tuple[BreakEven, ...]:
        """Return the roots; of those whose intervals overlap, the first."""
        found: list[BreakEven] = []
        for bracket in self.brackets(confidence):
            turn = self.turn(bracket, confidence)
            if not found or turn.low > found[-1].high:
                found.append(turn)
        return tuple(found)

    def _is_clear(self, at: float, confidence: float) -> bool:
        there = mean_interval(self.differences[at], confidence)
        return there.low > 0 or there.high < 0

    def proposal(self, bracket: tuple[float, float], factor: Factor) -> float | None:
        """Return where to look for the root next: by the chord, but well inside."""
        a, b = bracket
        if b - a <= (1 if factor.whole else CLOSE * (factor.high - factor.low)):
            return None
        there = min(
            max(_chord(a, b, self.mean(a), self.mean(b)), a + 0.1 * (b - a)), b - 0.1 * (b - a)
        )
        if factor.whole:
            there = float(min(max(round(there), a + 1), b - 1))
        return there

    def turn(self, bracket: tuple[float, float], confidence: float) -> BreakEven:
        """Return the root in a bracket and where the mean's interval holds 0, around it.

        Between points tried each replication's difference is taken as straight.
        """
        a, b = bracket
        root = _chord(a, b, self.mean(a), self.mean(b))
        points = self.points
        grid = np.union1d(np.linspace(points[0], points[-1], GRID), [root])
        each = np.array([np.interp(grid, points, one) for one in self._by_replication().T])
        n = len(each)
        if n < 2:
            return BreakEven(root, points[0], points[-1], bounded=False)
        half = student_t(confidence, n - 1) * each.std(axis=0, ddof=1) / math.sqrt(n)
        inside = np.abs(each.mean(axis=0)) <= half
        middle = int(np.searchsorted(grid, root))
        first = last = middle
        while first > 0 and inside[first - 1]:
            first -= 1
        while last < len(grid) - 1 and inside[last + 1]:
            last += 1
        bounded = first > 0 and last < len(grid) - 1
        return BreakEven(root, float(grid[first]), float(grid[last]), bounded)

    def _by_replication(self) -> Floats:
        whole = np.array([self.differences[at] for at in self.points])
        return whole[:, ~np.isnan(whole).any(axis=0)]


def flips(found: Sweep) -> list[Robustness]:
    """Judge the verdict on every indicator at every point of every factor.

    Parameters
    ----------
    found
        The sweep of a comparison.

    Raises
    ------
    StoppedError, RunError
        As the runner.
    """
    request, factors = found.request, found.factors
    middles = _middles(found)
    curves = {
        (row, column): _curve(found, middles.get(row), row, column)
        for row in range(len(factors))
        for column in range(len(request.indicators))
    }
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(curves))
    _refine(request, factors, curves, confidence)
    verdicts = _verdicts(found, middles)
    robustness = []
    for (row, column), curve in curves.items():
        robustness.append(
            Robustness(
                factors[row],
                request.indicators[column],
                *verdicts[row, column],
                break_evens=curve.break_evens(confidence),
                bends=_bends(curve, confidence),
            )
        )
    order = get_args(Flip)
    return sorted(robustness, key=lambda one: order.index(one.flip))


def frame(robustness: Sequence[Robustness]) -> pd.DataFrame:
    """Return one row per indicator, parameter and break-even value (blank where there is none)."""
    rows: list[dict[str, object]] = []
    for one in robustness:
        known: dict[str, object] = {
            "indicator": one.indicator,
            "parameter": one.factor.path,
            "value": one.factor.value,
            "low": one.factor.low,
            "high": one.factor.high,
            "flip": one.flip or "does not flip within its range",
        }
        for name in ("as_it_is", "at_low", "at_middle", "at_high"):
            there: Difference | None = getattr(one, name)
            if there is not None:
                known |= {
                    f"{name}_verdict": str(there.verdict),
                    f"{name}_difference": there.mean,
                    f"{name}_from": there.low,
                    f"{name}_to": there.high,
                }
        known["goes_up_and_down"] = one.bends
        rows += [known | _turn_row(turn) for turn in one.break_evens] or [known]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return pd.DataFrame(rows, columns=columns)


def _turn_row(turn: BreakEven) -> dict[str, object]:
    return {
        "break_even": turn.at,
        "break_even_from": turn.low,
        "break_even_to": turn.high,
        "break_even_bounded": turn.bounded,
    }


def _sign(difference: Difference) -> int:
    if difference.verdict in (Verdict.BETTER, Verdict.HIGHER):
        return 1
    return -1 if difference.verdict in (Verdict.WORSE, Verdict.LOWER) else 0


def _chord(a: float, b: float, at_a: float, at_b: float) -> float:
    return a + (b - a) * at_a / (at_a - at_b)


def _middles(found: Sweep) -> dict[int, tuple[float, Floats]]:
    """Try the middle of the range where the value does not lie there already."""
    wanted = {}
    for row, one in enumerate(found.factors):
        middle = one.typed((one.low + one.high) / 2)
        now = -1.0 if one.value is None else (one.value - one.low) / (one.high - one.low)
        within = INNER[0] <= now <= INNER[1] and _is_on_curve(found.request, one)
        refused = np.isnan(found.ends[row]).all(axis=(1, 2)).any()
        if not within and not refused and middle not in one.ends:
            wanted[row] = float(middle)
    if not wanted:
        return {}
    factors = [found.factors[row] for row in wanted]
    points = [{one.path: one.typed(at)} for one, at in zip(factors, wanted.values(), strict=True)]
    values = found.request.at(points)
    return {row: (at, one) for (row, at), one in zip(wanted.items(), values, strict=True)}


def _is_on_curve(request: SensitivityRequest, factor: Factor) -> bool:
    """Say whether all scenarios that move have the base's value, so that it is a point too."""
    return factor.value is not None and all(
        value_in(one, factor.path) == value_in(request.base, factor.path)
        for one in request.scenarios
        if request.varied(one, {factor.path: factor.typed(factor.low)}) is not one
    )


def _curve(found: Sweep, middle: tuple[float, Floats] | None, row: int, column: int) -> Curve:
    factor = found.factors[row]
    curve = Curve()
    for side, end in enumerate(factor.ends):
        curve.differences[end] = found.ends[row, side, :, column]
    if middle is not None:
        curve.differences[middle[0]] = middle[1][:, column]
    value = factor.value
    if (
        value is not None
        and factor.low < value < factor.high
        and _is_on_curve(found.request, factor)
    ):
        curve.differences[value] = found.centre[:, column]
    curve.differences = {
        at: one for at, one in curve.differences.items() if not np.isnan(one).all()
    }
    return curve


def _refine(
    request: SensitivityRequest,
    factors: Sequence[Factor],
    curves: dict[tuple[int, int], Curve],
    confidence: float,
) -> None:
    """Close in on every root, all of them together, a point each at a time."""
    for _ in range(ROUNDS):
        wanted = {
            (row, there): None
            for (row, _), curve in curves.items()
            for bracket in curve.brackets(confidence)
            if (there := curve.proposal(bracket, factors[row])) is not None
        }
        if not wanted:
            return
        points = [{factors[row].path: factors[row].typed(there)} for row, there in wanted]
        for (row, there), values in zip(wanted, request.at(points), strict=True):
            for column in range(len(request.indicators)):
                curves[row, column].differences[there] = values[:, column]


def _verdicts(
    found: Sweep, middles: dict[int, tuple[float, Floats]]
) -> dict[tuple[int, int], tuple[Difference, Difference, Difference | None, Difference]]:
    """Judge all points in one family: as it is, low, middle, high."""
    tried = {(-1, "as_it_is"): found.centre}
    for row in range(len(found.factors)):
        tried |= {(row, "low"): found.ends[row, 0], (row, "high"): found.ends[row, 1]}
        if row in middles:
            tried[row, "middle"] = middles[row][1]
    place = {name: column for column, name in enumerate(found.request.kept)}

    def pair_of(values: Floats) -> Pair:
        return change(lambda name: values[:, place[name]])

    pairs = {where: pair_of(values) for where, values in tried.items()}
    members: list[tuple[Pair, Indicator]] = []
    keys: list[tuple[int, int, str]] = []
    for column, name in enumerate(found.request.indicators):
        for (row, which), pair in pairs.items():
            keys.append((row, column, which))
            members.append((pair, indicators()[name]))
    family = dict(zip(keys, judged(members), strict=True))
    return {
        (row, column): (
            family[-1, column, "as_it_is"],
            family[row, column, "low"],
            family.get((row, column, "middle")),
            family[row, column, "high"],
        )
        for row in range(len(found.factors))
        for column in range(len(found.request.indicators))
    }


def _bends(curve: Curve, confidence: float) -> bool:
    """Say whether the differences between neighbours certainly have both signs."""
    signs = set()
    for a, b in pairwise(curve.points):
        step = curve.differences[b] - curve.differences[a]
        step = step[~np.isnan(step)]
        if len(step) < 2:
            continue
        half = student_t(confidence, len(step) - 1) * step.std(ddof=1) / math.sqrt(len(step))
        if abs(step.mean()) > half:
            signs.add(step.mean() > 0)
    return len(signs) == 2
