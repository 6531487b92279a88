"""Robustness of verdicts over the range of each estimate, and break-even values."""

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
from sim.measure.verdicts import Pair, change_pair, judged
from sim.scenario.estimates import Factor, value_in
from sim.stats.comparison import CONFIDENCE, Difference, Verdict
from sim.stats.intervals import mean_interval, student_t
from sim.studies.sensitivity.study import SensitivityRequest, Tornado

Floats = npt.NDArray[np.float64]
VerdictChange = Literal["reverses", "other cases", "fades", "appears", ""]
"""The verdict reverses, is about other cases, is lost, appears, or holds."""

ROUNDS = 4
"""Points tried inside each bracket of a root, one after the other."""
CLOSE = 0.002
"""Width of a bracket, as a share of the range, from which it is not divided any more."""
INNER = (0.25, 0.75)
"""If the value lies in this part of the range, its middle is not tried."""
GRID = 4001
"""Values of the parameter at which the interval of a break-even value is evaluated."""


@dataclass(frozen=True)
class BreakEven:
    """A value of the parameter at which the mean difference is 0.

    Parameters
    ----------
    at
        The break-even value, in the unit of the parameter.
    low, high
        Its interval: the values at which the interval of the mean difference contains 0,
        simultaneous over all parameters and indicators.
    bounded
        Whether both ends of the interval lie inside the values tried.
    """

    at: float
    low: float
    high: float
    bounded: bool


@dataclass(frozen=True)
class Robustness:
    """Robustness of the verdict on one figure over the range of one estimate.

    Parameters
    ----------
    factor, indicator
        The estimate, and the id of the figure.
    as_it_is, at_low, at_middle, at_high
        Difference of the figure (scenario minus base) with nothing varied, at both ends and in
        the middle of the range; the middle is None if it was not tried.
    break_evens
        Break-even values; empty if the mean difference does not change its sign significantly.
    is_non_monotonic
        Whether the difference significantly increases in a part of the range and decreases in
        another.
    """

    factor: Factor
    indicator: str
    as_it_is: Difference
    at_low: Difference
    at_middle: Difference | None
    at_high: Difference
    break_evens: tuple[BreakEven, ...]
    is_non_monotonic: bool

    @property
    def verdict_change(self) -> VerdictChange:
        """Most serious change of the verdict in the range; empty if it holds."""
        now = _sign(self.as_it_is)
        judged_there = [
            difference
            for difference in (self.at_low, self.at_middle, self.at_high)
            if difference is not None and difference.verdict is not Verdict.UNKNOWN
        ]
        there = [_sign(difference) for difference in judged_there]
        if any(now * sign < 0 for sign in there):
            return "reverses"
        if now and any(difference.verdict is Verdict.OTHER_CASES for difference in judged_there):
            return "other cases"
        if now and 0 in there:
            return "fades"
        return "appears" if not now and any(there) else ""


@dataclass
class Curve:
    """Paired differences as a function of the value of a parameter.

    Parameters
    ----------
    differences
        By value of the parameter, shape (replications,), in the unit of the figure; NaN where
        null.
    """

    differences: dict[float, Floats] = field(default_factory=dict)

    @property
    def points(self) -> list[float]:
        """Values of the parameter tried, in ascending order."""
        return sorted(self.differences)

    def mean(self, at: float) -> float:
        """Return the mean difference at a point tried.

        Parameters
        ----------
        at
            One of `points`.

        Returns
        -------
        float
            Over the replications that are not NaN.
        """
        return float(np.nanmean(self.differences[at]))

    def brackets(self, confidence: float) -> list[tuple[float, float]]:
        """Return neighbouring points between which the mean difference changes its sign.

        A change of sign counts if on one side at least the nearest point that significantly
        differs from 0 has the sign of that side; other changes are noise around 0.

        Parameters
        ----------
        confidence
            Confidence of the interval of each mean difference.

        Returns
        -------
        list of tuple
            Lower and upper end of each bracket.
        """
        points = self.points
        means = [self.mean(at) for at in points]
        clear = [self._is_clear(at, confidence) for at in points]

        def is_confirmed(side: range, sign: float) -> bool:
            nearest = next((at for at in side if clear[at]), None)
            return nearest is not None and means[nearest] * sign > 0

        return [
            (points[at], points[at + 1])
            for at in range(len(points) - 1)
            if means[at] * means[at + 1] < 0
            and (
                is_confirmed(range(at, -1, -1), means[at])
                or is_confirmed(range(at + 1, len(points)), means[at + 1])
            )
        ]

    def break_evens(self, confidence: float) -> tuple[BreakEven, ...]:
        """Return the break-even values; of those whose intervals overlap, the first.

        Parameters
        ----------
        confidence
            Confidence of their intervals.

        Returns
        -------
        tuple of BreakEven
            In ascending order.
        """
        roots: list[BreakEven] = []
        for bracket in self.brackets(confidence):
            root = self.break_even(bracket, confidence)
            if not roots or root.low > roots[-1].high:
                roots.append(root)
        return tuple(roots)

    def _is_clear(self, at: float, confidence: float) -> bool:
        there = mean_interval(self.differences[at], confidence)
        return there.low > 0 or there.high < 0

    def proposal(self, bracket: tuple[float, float], factor: Factor) -> float | None:
        """Return the next value to try for a root: by linear interpolation, away from the ends.

        Parameters
        ----------
        bracket
            Lower and upper end.
        factor
            The parameter.

        Returns
        -------
        float or None
            At least a tenth of the bracket away from its ends, or a whole number between them;
            None if the bracket is narrow enough.
        """
        a, b = bracket
        if b - a <= (1 if factor.whole else CLOSE * (factor.high - factor.low)):
            return None
        next_value = min(
            max(_chord(a, b, self.mean(a), self.mean(b)), a + 0.1 * (b - a)), b - 0.1 * (b - a)
        )
        if factor.whole:
            next_value = float(min(max(round(next_value), a + 1), b - 1))
        return next_value

    def break_even(self, bracket: tuple[float, float], confidence: float) -> BreakEven:
        """Return the root in a bracket, with its interval.

        The interval is the range around the root in which the interval of the mean difference
        contains 0.  Between the points tried the difference of each replication is interpolated
        linearly.

        Parameters
        ----------
        bracket
            Lower and upper end.
        confidence
            Confidence of the interval.

        Returns
        -------
        BreakEven
            With fewer than two replications, the interval is the whole range tried.
        """
        a, b = bracket
        root = _chord(a, b, self.mean(a), self.mean(b))
        points = self.points
        grid = np.union1d(np.linspace(points[0], points[-1], GRID), [root])
        each = np.array([np.interp(grid, points, values) for values in self._by_replication().T])
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


def judge_robustness(tornado: Tornado) -> list[Robustness]:
    """Judge the verdict on every indicator at the ends and in the middle of every range.

    Parameters
    ----------
    tornado
        Effects of the estimates on a comparison; more points are simulated where needed.

    Returns
    -------
    list of Robustness
        One for each estimate and indicator, the most serious changes first.

    Raises
    ------
    StoppedError, RunError
        As the runner.
    """
    request, factors = tornado.request, tornado.factors
    middles = _middles(tornado)
    curves = {
        (row, column): _curve(tornado, middles.get(row), row, column)
        for row in range(len(factors))
        for column in range(len(request.indicators))
    }
    confidence = 1 - (1 - CONFIDENCE) / max(1, len(curves))
    _refine(request, factors, curves, confidence)
    verdicts = _verdicts(tornado, middles)
    robustness = []
    for (row, column), curve in curves.items():
        robustness.append(
            Robustness(
                factors[row],
                request.indicators[column],
                *verdicts[row, column],
                break_evens=curve.break_evens(confidence),
                is_non_monotonic=_is_non_monotonic(curve, confidence),
            )
        )
    order = get_args(VerdictChange)
    return sorted(robustness, key=lambda result: order.index(result.verdict_change))


def frame(robustness: Sequence[Robustness]) -> pd.DataFrame:
    """Return one row per indicator, parameter and break-even value (blank where there is none).

    Parameters
    ----------
    robustness
        As `judge_robustness` returns it.

    Returns
    -------
    pandas.DataFrame
        Table ``flips``.
    """
    rows: list[dict[str, object]] = []
    for result in robustness:
        common: dict[str, object] = {
            "indicator": result.indicator,
            "parameter": result.factor.path,
            "value": result.factor.value,
            "low": result.factor.low,
            "high": result.factor.high,
            "flip": result.verdict_change or "does not flip within its range",
        }
        for name in ("as_it_is", "at_low", "at_middle", "at_high"):
            difference: Difference | None = getattr(result, name)
            if difference is not None:
                common |= {
                    f"{name}_verdict": str(difference.verdict),
                    f"{name}_difference": difference.mean,
                    f"{name}_from": difference.low,
                    f"{name}_to": difference.high,
                }
        common["goes_up_and_down"] = result.is_non_monotonic
        rows += [common | _break_even_row(root) for root in result.break_evens] or [common]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return pd.DataFrame(rows, columns=columns)


def _break_even_row(root: BreakEven) -> dict[str, object]:
    return {
        "break_even": root.at,
        "break_even_from": root.low,
        "break_even_to": root.high,
        "break_even_bounded": root.bounded,
    }


def _sign(difference: Difference) -> int:
    if difference.verdict in (Verdict.BETTER, Verdict.HIGHER):
        return 1
    return -1 if difference.verdict in (Verdict.WORSE, Verdict.LOWER) else 0


def _chord(a: float, b: float, at_a: float, at_b: float) -> float:
    return a + (b - a) * at_a / (at_a - at_b)


def _middles(tornado: Tornado) -> dict[int, tuple[float, Floats]]:
    """Simulate the middle of each range where the value does not lie there already."""
    wanted = {}
    for row, factor in enumerate(tornado.factors):
        middle = factor.typed((factor.low + factor.high) / 2)
        now = (
            -1.0
            if factor.value is None
            else (factor.value - factor.low) / (factor.high - factor.low)
        )
        within = INNER[0] <= now <= INNER[1] and _is_on_curve(tornado.request, factor)
        refused = np.isnan(tornado.ends[row]).all(axis=(1, 2)).any()
        if not within and not refused and middle not in factor.ends:
            wanted[row] = float(middle)
    if not wanted:
        return {}
    factors = [tornado.factors[row] for row in wanted]
    points = [
        {factor.path: factor.typed(at)} for factor, at in zip(factors, wanted.values(), strict=True)
    ]
    values = tornado.request.at(points)
    return {
        row: (at, differences)
        for (row, at), differences in zip(wanted.items(), values, strict=True)
    }


def _is_on_curve(request: SensitivityRequest, factor: Factor) -> bool:
    """Say whether all scenarios that vary have the value of the base, which is a point then."""
    return factor.value is not None and all(
        value_in(scenario, factor.path) == value_in(request.base, factor.path)
        for scenario in request.scenarios
        if request.varied(scenario, {factor.path: factor.typed(factor.low)}) is not scenario
    )


def _curve(tornado: Tornado, middle: tuple[float, Floats] | None, row: int, column: int) -> Curve:
    factor = tornado.factors[row]
    curve = Curve()
    for side, end in enumerate(factor.ends):
        curve.differences[end] = tornado.ends[row, side, :, column]
    if middle is not None:
        curve.differences[middle[0]] = middle[1][:, column]
    value = factor.value
    if (
        value is not None
        and factor.low < value < factor.high
        and _is_on_curve(tornado.request, factor)
    ):
        curve.differences[value] = tornado.centre[:, column]
    curve.differences = {
        at: values for at, values in curve.differences.items() if not np.isnan(values).all()
    }
    return curve


def _refine(
    request: SensitivityRequest,
    factors: Sequence[Factor],
    curves: dict[tuple[int, int], Curve],
    confidence: float,
) -> None:
    """Narrow the brackets of all roots together, by one point each in every round."""
    for _ in range(ROUNDS):
        wanted = {
            (row, value): None
            for (row, _), curve in curves.items()
            for bracket in curve.brackets(confidence)
            if (value := curve.proposal(bracket, factors[row])) is not None
        }
        if not wanted:
            return
        points = [{factors[row].path: factors[row].typed(value)} for row, value in wanted]
        for (row, value), values in zip(wanted, request.at(points), strict=True):
            for column in range(len(request.indicators)):
                curves[row, column].differences[value] = values[:, column]


def _verdicts(
    tornado: Tornado, middles: dict[int, tuple[float, Floats]]
) -> dict[tuple[int, int], tuple[Difference, Difference, Difference | None, Difference]]:
    """Judge all points in one family: as it is, low, middle, high."""
    tried = {(-1, "as_it_is"): tornado.centre}
    for row in range(len(tornado.factors)):
        tried |= {(row, "low"): tornado.ends[row, 0], (row, "high"): tornado.ends[row, 1]}
        if row in middles:
            tried[row, "middle"] = middles[row][1]
    place = {name: column for column, name in enumerate(tornado.request.kept)}

    def pair_of(values: Floats) -> Pair:
        return change_pair(lambda name: values[:, place[name]])

    pairs = {where: pair_of(values) for where, values in tried.items()}
    members: list[tuple[Pair, Indicator]] = []
    keys: list[tuple[int, int, str]] = []
    for column, name in enumerate(tornado.request.indicators):
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
        for row in range(len(tornado.factors))
        for column in range(len(tornado.request.indicators))
    }


def _is_non_monotonic(curve: Curve, confidence: float) -> bool:
    """Say whether differences between neighbouring points significantly have both signs."""
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
