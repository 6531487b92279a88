"""The search for a staffing plan: an additive model, solved and measured by turns."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
StaffingPlan = tuple[int, ...]
"""People at each post, in the order of the posts."""
Measure = Callable[[Sequence[StaffingPlan]], Floats]
"""Plan evaluator: returns the means of plans on the same replications, shape
(plans, targets + 1), each in its own unit; targets first, the figure last."""

RESERVES = (0.0, 0.15, 0.4)
"""Shares of the slack that a solution of the model keeps in reserve, so that at least one solution
is feasible in spite of the error of the model."""
SAFER = (1, 2, 3)
"""Additional people of plans that meet the targets with more slack than the best one."""
EXCHANGES = 4
"""Number of neighbours of the best plan, with one person moved, that are measured too."""
ENOUGH = 10.0
"""A slack, relative to the bound, that no plan reaches."""
PATH = 7
"""Numbers of people, from the fewest to today's, whose balanced plans are measured first."""


class Post(NamedTuple):
    """A place whose number of people a plan sets: windows or sections of one unit.

    Parameters
    ----------
    field
        Policy field that sets the number: ``staff`` (windows) or ``officers`` (sections).
    unit
        Id of the department.
    now
        People today.
    low, high
        Fewest and most people that a plan may have.
    load
        Offered load, in erlangs (people kept busy by the work that arrives).
    """

    field: str
    unit: str
    now: int
    low: int
    high: int
    load: float


class Bound(NamedTuple):
    """A limit for the mean of a figure.

    Parameters
    ----------
    bound
        The limit, in the unit of the figure.
    sign
        1 if the mean must not be below it, -1 if it must not be above it.
    """

    bound: float
    sign: int


@dataclass(frozen=True)
class Goal:
    """The order of plans: which of two is better.

    Parameters
    ----------
    targets
        Limits of the means, in the order of the values.
    figure_sign
        1 if the figure that decides among plans should be high, -1 if low.
    people
        Number of people that a plan must have; None to minimise it.
    """

    targets: tuple[Bound, ...]
    figure_sign: int
    people: int | None = None

    def slack(self, values: Floats) -> Floats:
        """Return by how much each target is met, relative to its bound.

        Parameters
        ----------
        values
            Means of the targets, then of the figure; shape (targets + 1,).

        Returns
        -------
        Floats
            Shape (targets,); negative where missed, NaN where the mean is null.  In the unit of the
            figure where the bound is 0.
        """
        return np.array(
            [
                target.sign * (value - target.bound) / (abs(target.bound) or 1.0)
                for target, value in zip(self.targets, values[:-1], strict=True)
            ]
        )

    def least_slack(self, values: Floats) -> float:
        """Return the smallest slack of all targets.

        Parameters
        ----------
        values
            Means of the targets, then of the figure; shape (targets + 1,).

        Returns
        -------
        float
            Null targets are left out; minus infinity if all are null.
        """
        slack = self.slack(values)
        return float(min(slack[~np.isnan(slack)], default=-np.inf))

    def violation(self, values: Floats) -> float:
        """Return by how much targets are missed, relative to their bounds, summed over targets.

        Parameters
        ----------
        values
            Means of the targets, then of the figure; shape (targets + 1,).

        Returns
        -------
        float
            0 if all targets are met; infinite if a target's mean is null.
        """
        slack = self.slack(values)
        return float(np.where(np.isnan(slack), np.inf, np.maximum(0.0, -slack)).sum())

    def rank(self, trial: Trial) -> tuple[float, int, float, StaffingPlan]:
        """Return the key that sorts plans, the best first.

        Parameters
        ----------
        trial
            A plan and its means.

        Returns
        -------
        tuple
            Violation, people (0 if their number is given), the figure with the sign by which less
            is better (infinite if null), and the plan itself.
        """
        figure = -self.figure_sign * float(trial.values[-1])
        people = 0 if self.people is not None else trial.people
        violation = self.violation(trial.values)
        return violation, people, math.inf if math.isnan(figure) else figure, trial.plan


@dataclass(frozen=True)
class Trial:
    """A plan and its means over the replications of the search.

    Parameters
    ----------
    plan
        People at each post.
    values
        Means of the targets, then of the figure; shape (targets + 1,), NaN where null.
    """

    plan: StaffingPlan
    values: Floats

    @property
    def people(self) -> int:
        """Number of people in the plan."""
        return sum(self.plan)


@dataclass(frozen=True)
class SearchResult:
    """The result of a search.

    Parameters
    ----------
    trials
        Every plan measured, in order.
    best
        The best of them by `Goal.rank`; it has the number of people that is asked for.
    used_up
        Whether the budget ended the search.
    """

    trials: list[Trial]
    best: Trial
    used_up: bool


def balanced_plan(posts: Sequence[Post], people: int) -> StaffingPlan:
    """Return a plan with a number of people in which all posts have about the same safety.

    Parameters
    ----------
    posts
        Posts with their offered loads and limits.
    people
        Number of people.

    Returns
    -------
    StaffingPlan
        Within the limits of the posts, and so perhaps with more or fewer people.

    Notes
    -----
    Square-root staffing: a post with offered load a and c people has safety (c - a)/√a.  People
    are added one by one where it is least.  Halfin and Whitt, Heavy-traffic limits for queues
    with many exponential servers (1981).
    """
    plan = [post.low for post in posts]

    def safety(index: int) -> tuple[float, int]:
        load = max(posts[index].load, 1e-9)
        return (plan[index] - load) / math.sqrt(load), index

    for _ in range(people - sum(plan)):
        free = [index for index, post in enumerate(posts) if plan[index] < post.high]
        if not free:
            break
        plan[min(free, key=safety)] += 1
    return tuple(plan)


def search_plan(posts: Sequence[Post], goal: Goal, measure: Measure, most: int) -> SearchResult:
    """Search for the best plan.

    Parameters
    ----------
    posts
        Posts whose people are chosen.
    goal
        The order of plans.
    measure
        Plan evaluator; it is called at most once for each plan.
    most
        Number of plans that may be measured; the last neighbours of the best plan may exceed it.

    Returns
    -------
    SearchResult
        All plans measured and the best of them.

    Notes
    -----
    With windows and sections of their own, the effect of one post on the figures hardly depends on
    the people at the others, so figures are modelled as a sum over posts.  Each round measures
    single changes of the best plan, solves the model exactly (an integer programme) with several
    reserves, and measures the solutions; it ends when neither gives a better plan.
    """
    state = _SearchState(posts, goal, measure, most)
    state.try_out(state.starts())
    far = True
    while not state.used_up:
        before = state.best.plan
        state.sweep(before, far=far)
        far = False
        while not state.used_up:
            centre = state.best.plan
            state.try_out(state.solutions(centre))
            if state.best.plan == centre:
                break
            state.recentre(centre)
        if state.best.plan == before:
            break
    more = state.exchanges()
    if goal.people is None and not goal.violation(state.best.values):
        more += state.safer()
    state.try_out(more, beyond=len(more))
    return SearchResult(list(state.trials.values()), state.best, state.used_up)


class _SearchState:
    """Plans measured so far, and the additive model of the figures around one plan, the origin."""

    def __init__(self, posts: Sequence[Post], goal: Goal, measure: Measure, most: int) -> None:
        self.posts, self.goal, self.measure, self.most = posts, goal, measure, most
        self.trials: dict[StaffingPlan, Trial] = {}
        self.used_up = False
        self.profiles: list[dict[int, Floats]] = [{} for _ in posts]
        self.origin: StaffingPlan = ()

    @property
    def best(self) -> Trial:
        """The best plan that has the number of people asked for."""
        allowed = [
            trial for trial in self.trials.values() if self.goal.people in {None, trial.people}
        ]
        return min(allowed, key=self.goal.rank)

    def starts(self) -> list[StaffingPlan]:
        """Return balanced plans of several numbers of people, today's plan and the largest one."""
        if self.goal.people is not None:
            return [balanced_plan(self.posts, self.goal.people)]
        least, now, full = (
            sum(getattr(post, name) for post in self.posts) for name in ("low", "now", "high")
        )
        steps = np.linspace(least, now, PATH).round().astype(int).tolist()
        return [
            *(balanced_plan(self.posts, people) for people in [*steps, (now + full) // 2]),
            tuple(min(post.now, post.high) for post in self.posts),
            tuple(post.high for post in self.posts),
        ]

    def try_out(self, plans: Iterable[StaffingPlan], beyond: int = 0) -> None:
        """Measure the new ones of some plans, up to the budget and a number of plans beyond it."""
        new = [plan for plan in dict.fromkeys(plans) if plan not in self.trials]
        left = max(0, self.most + beyond - len(self.trials))
        self.used_up |= len(new) > left
        if new[:left]:
            for plan, values in zip(new[:left], self.measure(new[:left]), strict=True):
                self.trials[plan] = Trial(plan, values)

    def sweep(self, centre: StaffingPlan, *, far: bool) -> None:
        """Measure single changes of a plan, and take the effects of each post from them."""
        self.try_out(
            _changed(centre, index, level)
            for index, post in enumerate(self.posts)
            for level in _levels(post, centre[index], far=far)
        )
        self._shift(centre)
        values = self.trials[centre].values
        for index, post in enumerate(self.posts):
            for level in range(post.low, post.high + 1):
                trial = self.trials.get(_changed(centre, index, level))
                if trial is not None:
                    self.profiles[index][level] = trial.values - values

    def recentre(self, centre: StaffingPlan) -> None:
        """Move the origin of the model to the best plan, if that is a new one."""
        if centre != self.best.plan:
            self._shift(self.best.plan)

    def _shift(self, centre: StaffingPlan) -> None:
        """Express the profiles as changes from this plan."""
        for index, level in enumerate(centre):
            profile = self.profiles[index]
            zero = profile.get(level)
            self.profiles[index] = (
                {level: np.zeros(len(self.goal.targets) + 1)}
                if zero is None
                else {known: values - zero for known, values in profile.items()}
            )
        self.origin = centre

    def solutions(self, centre: StaffingPlan) -> list[StaffingPlan]:
        """Return the best plans by the model, one for each reserve."""
        values = self.trials[centre].values
        if np.isnan(values).any():
            return []
        plans = [self._solve(values, reserve, self.goal.people) for reserve in RESERVES]
        return [plan for plan in plans if plan is not None]

    def exchanges(self) -> list[StaffingPlan]:
        """Return the best plans by the model that move one person of the best plan."""
        best = self.best
        if best.plan != self.origin or np.isnan(best.values).any():
            return []
        trials = []
        for up, down in itertools.permutations(range(len(self.posts)), 2):
            more = self.profiles[up].get(best.plan[up] + 1)
            less = self.profiles[down].get(best.plan[down] - 1)
            if more is not None and less is not None:
                plan = _changed(best.plan, up, best.plan[up] + 1)
                plan = _changed(plan, down, best.plan[down] - 1)
                trials.append(Trial(plan, best.values + more + less))
        return [trial.plan for trial in sorted(trials, key=self.goal.rank)[:EXCHANGES]]

    def safer(self) -> list[StaffingPlan]:
        """Return plans with a few more people than the best, with the most slack by the model."""
        best = self.best
        if best.plan != self.origin or np.isnan(best.values).any():
            return []
        plans = [self._solve(best.values, None, best.people + more) for more in SAFER]
        return [plan for plan in plans if plan is not None]

    def _solve(
        self, origin: Floats, reserve: float | None, people_wanted: int | None
    ) -> StaffingPlan | None:
        """Solve the model: choose a level for each post, with the fewest people or the best figure.

        Without a reserve the smallest slack is maximised.  None if the solver finds no solution.
        """
        from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415  (slow to import)

        goal = self.goal
        options = [
            (index, level, effect)
            for index, profile in enumerate(self.profiles)
            for level, effect in sorted(profile.items())
            if not np.isnan(effect).any()
        ]
        posts = np.array([index for index, _, _ in options])
        people = np.array([level for _, level, _ in options], float)
        effects = np.array([effect for _, _, effect in options])
        one_level = (posts == np.arange(len(self.posts))[:, None]).astype(float)
        scale = np.array([abs(target.bound) or 1.0 for target in goal.targets])
        signs = np.array([target.sign for target in goal.targets])
        gains = (effects[:, :-1] * signs / scale).T
        slack = goal.slack(origin)
        wanted = ENOUGH if reserve is None else np.maximum(slack, 0.0) * reserve
        needed = wanted - slack
        figure = -goal.figure_sign * effects[:, -1]
        size = float(np.abs(figure).sum()) or 1.0
        cost = figure / size if people_wanted is not None else people + 0.5 * figure / size
        shortfall = np.ones((len(signs), 1))  # of the target that is missed most
        constraints = [
            LinearConstraint(np.hstack([one_level, np.zeros((len(one_level), 1))]), 1, 1),
            LinearConstraint(np.hstack([gains, shortfall]), needed, np.inf),
        ]
        if people_wanted is not None:
            total = np.append(people, 0.0)[None, :]
            constraints.append(LinearConstraint(total, people_wanted, people_wanted))
        penalty = 1e3 * max(1.0, float(people.max()) * len(self.posts))
        solved = milp(
            np.append(cost, penalty),
            constraints=constraints,
            integrality=np.append(np.ones(len(options)), 0.0),
            bounds=Bounds(0, np.append(np.ones(len(options)), np.inf)),
            options={"mip_rel_gap": 1e-6, "node_limit": 20_000},
        )
        if solved.x is None:
            return None
        plan = [post.low for post in self.posts]
        for (index, level, _), taken in zip(options, solved.x, strict=False):
            if taken > 0.5:
                plan[index] = level
        return tuple(plan)


def _changed(plan: StaffingPlan, index: int, level: int) -> StaffingPlan:
    return (*plan[:index], level, *plan[index + 1 :])


def _levels(post: Post, at: int, *, far: bool) -> list[int]:
    """Return the levels to measure for a post: neighbours of its level, and some further ones."""
    near = {at - 1, at + 1}
    wide = {at - 2, at + 2, post.low, (post.low + at) // 2, post.now} if far else set()
    return sorted(level for level in near | wide if post.low <= level <= post.high and level != at)
