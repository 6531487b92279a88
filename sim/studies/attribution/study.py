"""How much each of several reforms contributes to what all bring, and in which order to begin.

Every combination of the reforms is simulated on the same applicants, so that shares, steps and
interactions are had per replication and their intervals are those of paired differences.
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

from sim.measure.definitions import Indicator, headline, indicators, telling
from sim.measure.verdicts import Pair, beside, change, judged
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
"""The figure that decides the order, unless told otherwise."""
ALL = "all"
"""Stands for all reforms together in the table of shares."""
ESTIMATE = ["mean", "low", "high", "n", "p_adjusted", "verdict"]


@dataclass(frozen=True)
class AttributionRequest:
    """What is asked: reforms of a base, and figures to be shared out among them.

    Parameters
    ----------
    scenarios
        Of every combination: reform i is in scenario c if bit i of c is set; the base first.
    reforms
        Their names, sorted, so that the order in which they are given changes nothing.
    shown
        Figures that are shared out.
    leading
        The figure that decides the order.
    """

    scenarios: tuple[Scenario, ...]
    reforms: tuple[str, ...]
    shown: tuple[Indicator, ...]
    leading: Indicator


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
        Ids of figures; the headline ones if empty.
    order_by
        Id of the figure that decides the order; the first of `shown` if there are any, else
        everyone's elapsed time.
    values
        Single values laid over every combination.

    Raises
    ------
    InputError
        With every problem of scenario, reforms and figures.
    """
    names = tuple(sorted(name.strip().removeprefix("+").strip() for name in reforms))
    led = order_by or (shown[0] if shown else ORDER_BY)
    problems = [*_of_reforms(base, names), *_of_figures(shown, led)]
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
    leading = known[led]
    if leading not in chosen:
        chosen.insert(0, leading)
    return AttributionRequest(
        scenarios=tuple(
            first.with_reforms(*(part for name in chosen_ for part in parts_of(name)))
            for chosen_ in _coalitions(names)
        ),
        reforms=names,
        shown=tuple(chosen),
        leading=leading,
    )


def _coalitions(names: Sequence[str]) -> list[list[str]]:
    """Return the members of every combination, by its number."""
    return [
        [name for place, name in enumerate(names) if number >> place & 1]
        for number in range(1 << len(names))
    ]


def _of_reforms(base: str, names: Sequence[str]) -> list[Problem]:
    problems = []
    if not 1 <= len(names) <= MOST_PLAYERS:
        found = f"{len(names)} reforms, which make 2**{len(names)} scenarios"
        allowed = f"1 to {MOST_PLAYERS} reforms; join some by a plus sign, and they count as one"
        problems.append(Problem("REFORM", None, found, allowed))
    inside = parts_of(base)[1:]
    given = Counter(Path(part).stem for part in [*inside, *(p for n in names for p in parts_of(n))])
    for part, times in given.items():
        if times > 1:
            where = "is in the base already" if part in map(_stem, inside) else "is given twice"
            found = f"the reform {part!r} {where}"
            problems.append(Problem(f"+{part}", None, found, "each reform once"))
    return problems


def _stem(part: str) -> str:
    return Path(part).stem


def _of_figures(shown: Sequence[str], led: str) -> list[Problem]:
    known = indicators()
    problems = [
        Problem(f"--indicator {name}", None, f"no figure {name!r}", nearest(name, list(known)))
        for name in dict.fromkeys(shown)
        if name not in known
    ]
    directed = [one.id for one in known.values() if one.better != "none"]
    if led not in directed and (led in known or led not in shown):
        found = f"no figure {led!r}" if led not in known else f"nobody wants {led!r} high or low"
        allowed = f"{nearest(led, directed)}, given by --order-by"
        problems.append(Problem("--order-by", None, found, allowed))
    return problems


def attribute(request: AttributionRequest, runner: Runner, replications: int) -> Attribution:
    """Simulate every combination.

    Raises
    ------
    StoppedError, RunError
        As `Runner.figures`.
    InputError
        If the figure that decides the order is known in no history.
    """
    figures = runner.figures(request.scenarios, range(replications))
    leading = request.leading.id
    if np.isnan(figures.of(leading)).any(axis=0).all():
        found = f"{leading} is null in some combination of every history"
        allowed = "a figure that is known (nobody may come, or it may not be reached)"
        raise InputError([Problem("--order-by", None, found, allowed)])
    return Attribution(request, figures)


@dataclass(frozen=True)
class Attribution:
    """What was found; changes are changes of the figure as it is, lower or higher.

    Parameters
    ----------
    request
        What was asked.
    figures
        Of every combination.
    """

    request: AttributionRequest
    figures: Figures

    @property
    def replications(self) -> int:
        """How many there are."""
        return int(self.figures.of(self.request.leading.id).shape[1])

    @cached_property
    def shared(self) -> dict[str, Floats]:
        """Shapley values by figure, each of shape (reforms, replications)."""
        return {name: shapley(self.figures.of(name)) for name in self._judged_by}

    @cached_property
    def _together(self) -> dict[str, Floats]:
        """What two change beyond each alone, each of shape (reforms, reforms, replications)."""
        return {name: interactions(self.figures.of(name)) for name in self._judged_by}

    @property
    def _judged_by(self) -> list[str]:
        """Figures that are shared out, and those that tell whether fewer are served."""
        return list(dict.fromkeys(one.id for one in (*self.request.shown, *telling())))

    @cached_property
    def totals(self) -> pd.DataFrame:
        """What all reforms change together: a row per figure, one family."""
        shown = self.request.shown
        everything = change(lambda name: _total(self.figures.of(name)))
        found = judged([(everything, one) for one in shown])
        rows = [
            (one.id, one.unit, self._mean(one, 0), self._mean(one, -1), *_row(difference))
            for one, difference in zip(shown, found, strict=True)
        ]
        return pd.DataFrame(rows, columns=["indicator", "unit", "base", "reformed", *ESTIMATE])

    @cached_property
    def shares(self) -> pd.DataFrame:
        """What each reform contributes: a row per figure and reform, one family.

        ``share`` is the part of the total; null if the total cannot be told from 0, or the
        contributions point both ways, where parts of a whole make no sense.
        """
        reforms = self.request.reforms
        of = {name: change(partial(self._share, place)) for place, name in enumerate(reforms)}
        keys = [(one, name) for one in self.request.shown for name in reforms]
        found = judged([(of[name], one) for one, name in keys])
        rows = [
            (one.id, one.unit, name, *_row(difference))
            for (one, name), difference in zip(keys, found, strict=True)
        ]
        frame = pd.DataFrame(rows, columns=["indicator", "unit", "reform", *ESTIMATE])
        frame["share"] = math.nan
        for total in self.totals.to_dict("records"):
            own = frame["indicator"] == total["indicator"]
            if _is_told(total["verdict"]) and (frame["mean"][own] * total["mean"] >= 0).all():
                frame.loc[own, "share"] = frame["mean"][own] / total["mean"]
        return frame

    def _share(self, place: int, indicator: str) -> Floats:
        return np.asarray(self.shared[indicator][place])

    def _beyond(self, two: tuple[int, int], indicator: str) -> Floats:
        return np.asarray(self._together[indicator][two])

    @cached_property
    def interactions(self) -> pd.DataFrame:
        """How much more two reforms change together than one by one: one family."""
        pairs = combinations(range(len(self.request.reforms)), 2)
        of = {two: change(partial(self._beyond, two)) for two in pairs}
        keys = [(one, two) for one in self.request.shown for two in of]
        found = judged([(of[two], one) for one, two in keys])
        rows = [
            (one.id, one.unit, *(self.request.reforms[at] for at in two), *_row(difference))
            for (one, two), difference in zip(keys, found, strict=True)
        ]
        return pd.DataFrame(rows, columns=["indicator", "unit", "reform", "other", *ESTIMATE])

    @cached_property
    def _order(self) -> Order:
        lower = self.request.leading.better == "lower"
        return greedy_order(self.figures.of(self.request.leading.id), lower_is_better=lower)

    @cached_property
    def order(self) -> pd.DataFrame:
        """The best order, a row per step: what it changes, and by how much it leads the next best.

        ``other_cases`` says that by this step fewer are served or more give up, so that the figure
        is about other cases.  The order is chosen by the same figures, so intervals are
        simultaneous over every step that any order could take, and leads over every two steps that
        could compete.
        """
        values, reforms = self.figures.of(self.request.leading.id), self.request.reforms
        steps = len(reforms) << len(reforms) - 1
        leads = math.comb(len(reforms), 2) << max(0, len(reforms) - 2)
        reached, rows = 0, []
        for place, (player, gains) in enumerate(zip(*self._order, strict=True)):
            rest = [one for one in self._order.players[place:] if one != player]
            runner_up = self._best(reached, rest) if rest else None
            lead = Estimate(math.nan, math.nan, math.nan, 0)
            if runner_up is not None:
                ahead = values[reached | 1 << player] - values[reached | 1 << runner_up]
                lead = _simultaneous(ahead, leads)
            found = _simultaneous(gains, steps)
            step = self._between(reached, reached | 1 << player)
            reached |= 1 << player
            level = mean_interval(values[reached])
            other = "" if runner_up is None else reforms[runner_up]
            names = (place + 1, reforms[player], self.request.leading.id)
            others = step.is_of_other_cases(self.request.leading)
            rows.append((*names, *level[:3], *found, other, *lead[:3], others))
        columns = ["step", "reform", "indicator", "level", "level_low", "level_high"]
        columns += ["mean", "low", "high", "n", "runner_up", "lead", "lead_low", "lead_high"]
        columns += ["other_cases"]
        return pd.DataFrame(rows, columns=columns)

    def _between(self, before: int, after: int) -> Pair:
        """Return two combinations by their numbers."""
        return beside(self.figures.values, list(indicators()), before, after)

    def _best(self, reached: int, players: Sequence[int]) -> int:
        values = self.figures.of(self.request.leading.id)
        sign = -1 if self.request.leading.better == "lower" else 1
        return max(players, key=lambda one: sign * np.nanmean(values[reached | 1 << one]))

    @cached_property
    def combinations(self) -> pd.DataFrame:
        """Every figure of every combination, and its change against the base: one family."""
        request = self.request
        keys = [
            (number, one) for number in range(1 << len(request.reforms)) for one in request.shown
        ]
        of_all = [self._between(0, number) for number in range(1 << len(request.reforms))]
        found = judged([(of_all[number], one) for number, one in keys])
        rows = []
        for (number, one), difference in zip(keys, found, strict=True):
            inside = [number >> place & 1 for place in range(len(request.reforms))]
            level = mean_interval(self.figures.of(one.id)[number])
            told = (difference.mean, difference.low, difference.high, difference.p_adjusted)
            name = request.scenarios[number].name
            rows.append((name, *inside, one.id, one.unit, *level, *told, str(difference.verdict)))
        columns = ["scenario", *request.reforms, "indicator", "unit", "mean", "low", "high", "n"]
        columns += ["change", "change_low", "change_high", "p_adjusted", "verdict"]
        return pd.DataFrame(rows, columns=columns)

    def _mean(self, one: Indicator, number: int) -> float:
        return mean_interval(self.figures.of(one.id)[number]).mean


def _is_told(verdict: str) -> bool:
    return verdict not in (Verdict.UNCLEAR, Verdict.SAME, Verdict.UNKNOWN)


def _total(values: Floats) -> Floats:
    """Return what all change together, in the replications in which every combination is known."""
    total = values[-1] - values[0]
    total[np.isnan(values).any(axis=0)] = math.nan
    return np.asarray(total)


def _row(difference: Difference) -> tuple[object, ...]:
    mean, low, high, n = difference.mean, difference.low, difference.high, difference.n
    return mean, low, high, n, difference.p_adjusted, str(difference.verdict)


def _simultaneous(values: Floats, size: int) -> Estimate:
    return mean_interval(values, 1 - (1 - CONFIDENCE) / max(1, size))
