"""Contribution of each of several reforms to the change that all bring, and the best order.

Every combination of the reforms is simulated on the same applicants, so that shares, steps and
interactions are computed per replication, and their intervals are those of paired differences.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.definitions import Indicator, headline, indicators
from sim.measure.verdicts import Pair, beside, change_pair, judged, with_telling
from sim.running.runner import Figures, Runner
from sim.scenario.files import parts_of
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.stats.comparison import CONFIDENCE, Difference, Verdict
from sim.stats.intervals import Estimate, mean_interval
from sim.stats.shapley import MOST_PLAYERS, Order, greedy_order, interactions, shapley

Floats = npt.NDArray[np.float64]

ORDER_BY = "all_elapsed_mean_wd"
"""Id of the indicator that decides the order, unless another one is given."""
ALL = "all"
"""Name of all reforms together in the table of shares."""
ESTIMATE = ["mean", "low", "high", "n", "p_adjusted", "verdict"]


@dataclass(frozen=True)
class AttributionRequest:
    """What is asked: reforms of a base, and the indicators whose changes are shared out among them.

    Parameters
    ----------
    scenarios
        Every combination: reform i is in scenario c if bit i of c is set; the base first.
    reforms
        Names, sorted, so that the order in which they are given does not change results.
    shown
        Indicators whose changes are shared out.
    order_by
        The indicator that decides the order.
    """

    scenarios: tuple[Scenario, ...]
    reforms: tuple[str, ...]
    shown: tuple[Indicator, ...]
    order_by: Indicator


def ask(
    base: str,
    reforms: Sequence[str],
    shown: Sequence[str] = (),
    order_by: str | None = None,
    values: tuple[str, ...] = (),
) -> AttributionRequest:
    """Load every combination of reforms.

    Parameters
    ----------
    base
        A scenario, perhaps with reforms that all combinations have.
    reforms
        Names or paths, with or without a leading plus sign; ``one+other`` counts as one.
    shown
        Ids of indicators; the headline ones if empty.
    order_by
        Id of the indicator that decides the order; the first of `shown` if there are any, else
        `ORDER_BY`.
    values
        Values such as ``demand.volume=1.1`` that are set in every combination.

    Returns
    -------
    AttributionRequest
        Its `shown` includes the indicator that decides the order.

    Raises
    ------
    InputError
        With every problem of scenario, reforms and indicators.
    """
    names = tuple(sorted(name.strip().removeprefix("+").strip() for name in reforms))
    order_by_id = order_by or (shown[0] if shown else ORDER_BY)
    problems = [*_reform_problems(base, names), *_indicator_problems(shown, order_by_id)]
    everything = "+".join([base, *dict.fromkeys(part for name in names for part in parts_of(name))])
    try:
        first = load(base, values)
        load(everything, values)
    except InputError as error:
        problems = [*error.problems, *problems]
    if problems:
        raise InputError(dict.fromkeys(problems))
    known = indicators()
    chosen = [known[name] for name in dict.fromkeys(shown)] or headline()
    if known[order_by_id] not in chosen:
        chosen.insert(0, known[order_by_id])
    return AttributionRequest(
        scenarios=tuple(
            first.with_reforms(*(part for name in members for part in parts_of(name)))
            for members in _coalitions(names)
        ),
        reforms=names,
        shown=tuple(chosen),
        order_by=known[order_by_id],
    )


def _coalitions(names: Sequence[str]) -> list[list[str]]:
    """Return the reforms of every combination, in the order of the combinations."""
    return [
        [name for place, name in enumerate(names) if number >> place & 1]
        for number in range(1 << len(names))
    ]


def _reform_problems(base: str, names: Sequence[str]) -> list[Problem]:
    problems = []
    if not 1 <= len(names) <= MOST_PLAYERS:
        found = f"{len(names)} reforms, which make 2**{len(names)} scenarios"
        allowed = f"1 to {MOST_PLAYERS} reforms; join some by a plus sign, and they count as one"
        problems.append(Problem("REFORM", None, found, allowed))
    inside = parts_of(base)[1:]
    parts = [*inside, *(part for name in names for part in parts_of(name))]
    given = Counter(_stem(part) for part in parts)
    for part, times in given.items():
        if times > 1:
            where = "is in the base already" if part in map(_stem, inside) else "is given twice"
            found = f"the reform {part!r} {where}"
            problems.append(Problem(f"+{part}", None, found, "each reform once"))
    return problems


def _stem(part: str) -> str:
    return Path(part).stem


def _indicator_problems(shown: Sequence[str], order_by: str) -> list[Problem]:
    known = indicators()
    problems = [
        Problem(f"--indicator {name}", None, f"no figure {name!r}", nearest(name, list(known)))
        for name in dict.fromkeys(shown)
        if name not in known
    ]
    directed = [indicator.id for indicator in known.values() if indicator.better != "none"]
    if order_by not in directed and (order_by in known or order_by not in shown):
        is_known = order_by in known
        found = f"nobody wants {order_by!r} high or low" if is_known else f"no figure {order_by!r}"
        allowed = f"{nearest(order_by, directed)}, given by --order-by"
        problems.append(Problem("--order-by", None, found, allowed))
    return problems


def attribute(request: AttributionRequest, runner: Runner, replications: int) -> Attribution:
    """Simulate every combination of reforms.

    Parameters
    ----------
    request
        Scenarios and indicators.
    runner
        Computes the replications and keeps them.
    replications
        Number of replications of every combination.

    Returns
    -------
    Attribution
        The results.

    Raises
    ------
    StoppedError, RunError
        As `Runner.figures`.
    InputError
        If no replication has the indicator that decides the order in every combination.
    """
    figures = runner.figures(request.scenarios, range(replications))
    order_by = request.order_by.id
    if np.isnan(figures.of(order_by)).any(axis=0).all():
        found = f"{order_by} is null in some combination of every history"
        allowed = "a figure that is known (nobody may come, or it may not be reached)"
        raise InputError([Problem("--order-by", None, found, allowed)])
    return Attribution(request, figures)


@dataclass(frozen=True)
class Attribution:
    """Results; changes are in the unit of the indicator, positive where it rises.

    Parameters
    ----------
    request
        What was asked.
    figures
        Indicators of every combination, in the order of its scenarios.
    """

    request: AttributionRequest
    figures: Figures

    @property
    def replications(self) -> int:
        """Number of replications of every combination."""
        return int(self.figures.of(self.request.order_by.id).shape[1])

    @cached_property
    def shared(self) -> dict[str, Floats]:
        """Shapley values by indicator, each of shape (reforms, replications)."""
        return {name: shapley(self.figures.of(name)) for name in self._judged_by}

    @cached_property
    def _interactions(self) -> dict[str, Floats]:
        """Interactions of two reforms by indicator, each (reforms, reforms, replications)."""
        return {name: interactions(self.figures.of(name)) for name in self._judged_by}

    @property
    def _judged_by(self) -> list[str]:
        """Ids of the indicators shared out, and of those that show whether fewer are served."""
        return list(with_telling(indicator.id for indicator in self.request.shown))

    @cached_property
    def totals(self) -> pd.DataFrame:
        """What all reforms together change: a row per indicator; one family of tests."""
        shown = self.request.shown
        everything = change_pair(lambda name: _total(self.figures.of(name)))
        differences = judged([(everything, indicator) for indicator in shown])
        rows = [
            (
                *(indicator.id, indicator.unit),
                *(self._mean(indicator, 0), self._mean(indicator, -1)),
                *_row(difference),
            )
            for indicator, difference in zip(shown, differences, strict=True)
        ]
        return pd.DataFrame(rows, columns=["indicator", "unit", "base", "reformed", *ESTIMATE])

    @cached_property
    def shares(self) -> pd.DataFrame:
        """What each reform contributes: a row per indicator and reform; one family of tests.

        ``share`` is the part of the total; NaN if the total is not significant, or if some
        contributions are positive and others negative.
        """
        reforms = self.request.reforms
        pairs = {
            name: change_pair(partial(self._share, place)) for place, name in enumerate(reforms)
        }
        keys = [(indicator, name) for indicator in self.request.shown for name in reforms]
        differences = judged([(pairs[name], indicator) for indicator, name in keys])
        rows = [
            (indicator.id, indicator.unit, name, *_row(difference))
            for (indicator, name), difference in zip(keys, differences, strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["indicator", "unit", "reform", *ESTIMATE])
        frame["share"] = math.nan
        for total in self.totals.to_dict("records"):
            own = frame["indicator"] == total["indicator"]
            if (
                _is_significant(total["verdict"])
                and (frame["mean"][own] * total["mean"] >= 0).all()
            ):
                frame.loc[own, "share"] = frame["mean"][own] / total["mean"]
        return frame

    def _share(self, place: int, indicator: str) -> Floats:
        return np.asarray(self.shared[indicator][place])

    def _interaction(self, two: tuple[int, int], indicator: str) -> Floats:
        return np.asarray(self._interactions[indicator][two])

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """How much more two reforms change together than one by one; one family of tests."""
        reforms = self.request.reforms
        pairs = {
            two: change_pair(partial(self._interaction, two))
            for two in combinations(range(len(reforms)), 2)
        }
        keys = [(indicator, two) for indicator in self.request.shown for two in pairs]
        differences = judged([(pairs[two], indicator) for indicator, two in keys])
        rows = [
            (indicator.id, indicator.unit, reforms[first], reforms[other], *_row(difference))
            for (indicator, (first, other)), difference in zip(keys, differences, strict=True)
        ]
        return pd.DataFrame(rows, columns=["indicator", "unit", "reform", "other", *ESTIMATE])

    @cached_property
    def _order(self) -> Order:
        lower = self.request.order_by.better == "lower"
        return greedy_order(self.figures.of(self.request.order_by.id), lower_is_better=lower)

    @cached_property
    def order(self) -> pd.DataFrame:
        """The best order, a row per step: its change, and its lead over the next best reform.

        ``other_cases`` is true where fewer are served or more give up after the step than before,
        so that the indicator is about other cases.  The same values decide the order and give the
        changes, so intervals are simultaneous over every step of any order, and those of leads over
        every two steps between which any order may have to choose.
        """
        values, reforms = self.figures.of(self.request.order_by.id), self.request.reforms
        steps = len(reforms) << len(reforms) - 1
        leads = math.comb(len(reforms), 2) << max(0, len(reforms) - 2)
        reached, rows = 0, []
        for place, (player, gains) in enumerate(zip(*self._order, strict=True)):
            rest = [later for later in self._order.players[place:] if later != player]
            runner_up = self._best(reached, rest) if rest else None
            lead = Estimate(math.nan, math.nan, math.nan, 0)
            if runner_up is not None:
                ahead = values[reached | 1 << player] - values[reached | 1 << runner_up]
                lead = _simultaneous(ahead, leads)
            gain = _simultaneous(gains, steps)
            step = self._between(reached, reached | 1 << player)
            reached |= 1 << player
            level = mean_interval(values[reached])
            other = "" if runner_up is None else reforms[runner_up]
            names = (place + 1, reforms[player], self.request.order_by.id)
            other_cases = step.is_of_other_cases(self.request.order_by)
            rows.append((*names, *level[:3], *gain, other, *lead[:3], other_cases))
        columns = ["step", "reform", "indicator", "level", "level_low", "level_high"]
        columns += ["mean", "low", "high", "n", "runner_up", "lead", "lead_low", "lead_high"]
        columns += ["other_cases"]
        return pd.DataFrame(rows, columns=columns)

    def _between(self, before: int, after: int) -> Pair:
        """Return two combinations as a pair, given their indices."""
        return beside(self.figures.values, list(indicators()), before, after)

    def _best(self, reached: int, players: Sequence[int]) -> int:
        values = self.figures.of(self.request.order_by.id)
        sign = -1 if self.request.order_by.better == "lower" else 1
        return max(players, key=lambda player: sign * np.nanmean(values[reached | 1 << player]))

    @cached_property
    def combinations(self) -> pd.DataFrame:
        """Every indicator of every combination, and its change from the base; one family."""
        request = self.request
        numbers = range(1 << len(request.reforms))
        keys = [(number, indicator) for number in numbers for indicator in request.shown]
        pairs = [self._between(0, number) for number in numbers]
        differences = judged([(pairs[number], indicator) for number, indicator in keys])
        rows = []
        for (number, indicator), difference in zip(keys, differences, strict=True):
            inside = [number >> place & 1 for place in range(len(request.reforms))]
            level = mean_interval(self.figures.of(indicator.id)[number])
            mean, low, high, _, p_adjusted, verdict = _row(difference)
            names = (request.scenarios[number].name, *inside, indicator.id, indicator.unit)
            rows.append((*names, *level, mean, low, high, p_adjusted, verdict))
        columns = ["scenario", *request.reforms, "indicator", "unit", "mean", "low", "high", "n"]
        columns += ["change", "change_low", "change_high", "p_adjusted", "verdict"]
        return pd.DataFrame(rows, columns=columns)

    def _mean(self, indicator: Indicator, number: int) -> float:
        return mean_interval(self.figures.of(indicator.id)[number]).mean


def _is_significant(verdict: str) -> bool:
    return verdict not in (Verdict.UNCLEAR, Verdict.SAME, Verdict.UNKNOWN)


def _total(values: Floats) -> Floats:
    """Return the change by all reforms; NaN where any combination of a replication is unknown."""
    total = values[-1] - values[0]
    total[np.isnan(values).any(axis=0)] = math.nan
    return np.asarray(total)


def _row(difference: Difference) -> tuple[object, ...]:
    mean, low, high, n = difference.mean, difference.low, difference.high, difference.n
    return mean, low, high, n, difference.p_adjusted, str(difference.verdict)


def _simultaneous(values: Floats, size: int) -> Estimate:
    """Return mean and Bonferroni interval of one of `size` members of a family."""
    return mean_interval(values, 1 - (1 - CONFIDENCE) / max(1, size))
