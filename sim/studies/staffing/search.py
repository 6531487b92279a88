"""The search for a staffing plan: a model of single changes, solved and measured in turn."""

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
"""Of plans: their means on the same replications, shape (plans, targets + 1), the figure last."""

RESERVES = (0.0, 0.15, 0.4)
"""Shares of the slack that a solution of the model leaves unused, so that some is feasible."""
SAFER = (1, 2, 3)
"""People more than the fewest found, for plans that meet the targets more surely."""
EXCHANGES = 4
"""Plans beside the best, with one person moved, that are measured as its rivals."""
ENOUGH = 10.0
"""A slack, in parts of the bound, that no plan reaches."""
PATH = 7
"""Numbers of people at which balanced plans are tried first."""


class Post(NamedTuple):
    """People who can be chosen: of one unit, in the hall or in its sections.

    Parameters
    ----------
    field
        Policy field that sets them: ``staff`` or ``officers``.
    unit
        Department.
    now, low, high
        People today, and the fewest and most that a plan may have.
    load
        People kept busy by the work that comes (offered load, in erlangs).
    """

    field: str
    unit: str
    now: int
    low: int
    high: int
    load: float


class Bound(NamedTuple):
    """What the mean of a figure must not fall below (sign 1) or exceed (sign -1)."""

    bound: float
    sign: int


@dataclass(frozen=True)
class Goal:
    """What makes one plan better than another.

    Parameters
    ----------
    targets
        Bounds of the figures.
    figure_sign
        1 if the last figure should be high, -1 if low.
    people
        Number of people that every plan has; None to look for the fewest.
    """

    targets: tuple[Bound, ...]
    figure_sign: int
    people: int | None = None

    def slack(self, values: Floats) -> Floats:
        """Return by how much targets are met, each in parts of its bound, shape (targets,)."""
        return np.array(
            [
                target.sign * (value - target.bound) / (abs(target.bound) or 1.0)
                for target, value in zip(self.targets, values[:-1], strict=True)
            ]
        )

    def least_slack(self, values: Floats) -> float:
        """Return by how much the target is met that is met least; null ones are left out."""
        slack = self.slack(values)
        return float(min(slack[~np.isnan(slack)], default=-np.inf))

    def violation(self, values: Floats) -> float:
        """Return by how much targets are missed together; infinite where a figure is null."""
        slack = self.slack(values)
        return float(np.where(np.isnan(slack), np.inf, np.maximum(0.0, -slack)).sum())

    def rank(self, trial: Trial) -> tuple[float, int, float, StaffingPlan]:
        """Return what to sort plans by, the best first."""
        figure = -self.figure_sign * float(trial.values[-1])
        people = 0 if self.people is not None else trial.people
        violation = self.violation(trial.values)
        return violation, people, math.inf if math.isnan(figure) else figure, trial.plan


@dataclass(frozen=True)
class Trial:
    """A plan and what it does in the replications of the search."""

    plan: StaffingPlan
    values: Floats

    @property
    def people(self) -> int:
        """Return the people of the plan."""
        return sum(self.plan)


@dataclass(frozen=True)
class SearchResult:
    """What a search found.

    Parameters
    ----------
    trials
        Every plan measured, in order.
    best
        The best of them.
    used_up
        Whether the budget ended the search.
    """

    trials: list[Trial]
    best: Trial
    used_up: bool


def balanced(posts: Sequence[Post], people: int) -> StaffingPlan:
    """Return a plan of so many people (within bounds) in which every post has the same safety.

    Notes
    -----
    Square-root staffing: a post with offered load a and c people has safety (c - a)/√a.  People
    are given one by one where it is least.  Halfin and Whitt, Heavy-traffic limits for queues
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


def search(posts: Sequence[Post], goal: Goal, measure: Measure, most: int) -> SearchResult:
    """Search for the best plan.

    Parameters
    ----------
    posts
        What can be chosen.
    goal
        What is best.
    measure
        Measures plans; each is asked for once.
    most
        Plans that may be measured.

    Notes
    -----
    In dedicated windows and sections a change of one post moves the figures by about the same
    amount whatever the others have, so figures are modelled as a sum over posts.  Each round
    measures single changes from the best plan, solves the model exactly (an integer programme)
    with several reserves, and measures the solutions; it ends when neither gives a better plan.
    """
    walk = _Walk(posts, goal, measure, most)
    walk.try_out(walk.starts())
    far = True
    while not walk.used_up:
        before = walk.best.plan
        walk.sweep(before, far=far)
        far = False
        while not walk.used_up:
            centre = walk.best.plan
            walk.try_out(walk.solutions(centre))
            if walk.best.plan == centre:
                break
            walk.learn_from(centre)
        if walk.best.plan == before:
            break
    more = walk.exchanges()
    if goal.people is None and not goal.violation(walk.best.values):
        more += walk.safer()
    walk.try_out(more, beyond=len(more))
    return SearchResult(list(walk.trials.values()), walk.best, walk.used_up)


class _Walk:
    """Plans measured so far, and the model of what one post's people add to the figures."""

    def __init__(self, posts: Sequence[Post], goal: Goal, measure: Measure, most: int) -> None:
        self.posts, self.goal, self.measure, self.most = posts, goal, measure, most
        self.trials: dict[StaffingPlan, Trial] = {}
        self.used_up = False
        self.profiles: list[dict[int, Floats]] = [{} for _ in posts]
        self.at: StaffingPlan = ()

    @property
    def best(self) -> Trial:
        """Return the best plan that has the number of people asked for."""
        right = [one for one in self.trials.values() if self.goal.people in {None, one.people}]
        return min(right, key=self.goal.rank)

    def starts(self) -> list[StaffingPlan]:
        """Return balanced plans over the numbers of people, and today's."""
        if self.goal.people is not None:
            return [balanced(self.posts, self.goal.people)]
        least, now, full = (
            sum(getattr(post, name) for post in self.posts) for name in ("low", "now", "high")
        )
        steps = np.linspace(least, now, PATH).round().astype(int).tolist()
        return [
            *(balanced(self.posts, people) for people in [*steps, (now + full) // 2]),
            tuple(min(post.now, post.high) for post in self.posts),
            tuple(post.high for post in self.posts),
        ]

    def try_out(self, plans: Iterable[StaffingPlan], beyond: int = 0) -> None:
        """Measure those plans that are new, as far as the budget and so many beyond it go."""
        new = [plan for plan in dict.fromkeys(plans) if plan not in self.trials]
        left = max(0, self.most + beyond - len(self.trials))
        self.used_up |= len(new) > left
        if new[:left]:
            for plan, values in zip(new[:left], self.measure(new[:left]), strict=True):
                self.trials[plan] = Trial(plan, values)

    def sweep(self, centre: StaffingPlan, *, far: bool) -> None:
        """Measure single changes from a plan, and learn what each post adds."""
        self.try_out(
            _changed(centre, index, level)
            for index, post in enumerate(self.posts)
            for level in _levels(post, centre[index], far=far)
        )
        self._shift(centre)
        origin = self.trials[centre].values
        for index, post in enumerate(self.posts):
            for level in range(post.low, post.high + 1):
                trial = self.trials.get(_changed(centre, index, level))
                if trial is not None:
                    self.profiles[index][level] = trial.values - origin

    def learn_from(self, centre: StaffingPlan) -> None:
        """Take the best plan for the origin; the profiles stay as they are."""
        if centre != self.best.plan:
            self._shift(self.best.plan)

    def _shift(self, centre: StaffingPlan) -> None:
        """Let the profiles say what changes from this plan."""
        for index, level in enumerate(centre):
            profile = self.profiles[index]
            zero = profile.get(level)
            self.profiles[index] = (
                {level: np.zeros(len(self.goal.targets) + 1)}
                if zero is None
                else {known: values - zero for known, values in profile.items()}
            )
        self.at = centre

    def solutions(self, centre: StaffingPlan) -> list[StaffingPlan]:
        """Return what the model holds to be best, with several reserves."""
        values = self.trials[centre].values
        if np.isnan(values).any():
            return []
        found = [self._solve(values, reserve, self.goal.people) for reserve in RESERVES]
        return [plan for plan in found if plan is not None]

    def exchanges(self) -> list[StaffingPlan]:
        """Return the most promising plans that move one person from the best plan."""
        best = self.best
        if best.plan != self.at or np.isnan(best.values).any():
            return []
        found = []
        for up, down in itertools.permutations(range(len(self.posts)), 2):
            more = self.profiles[up].get(best.plan[up] + 1)
            less = self.profiles[down].get(best.plan[down] - 1)
            if more is not None and less is not None:
                plan = _changed(best.plan, up, best.plan[up] + 1)
                plan = _changed(plan, down, best.plan[down] - 1)
                found.append(Trial(plan, best.values + more + less))
        return [one.plan for one in sorted(found, key=self.goal.rank)[:EXCHANGES]]

    def safer(self) -> list[StaffingPlan]:
        """Return plans of a few more people than the best, with the most slack by the model."""
        best = self.best
        if best.plan != self.at or np.isnan(best.values).any():
            return []
        found = [self._solve(best.values, None, best.people + more) for more in SAFER]
        return [plan for plan in found if plan is not None]

    def _solve(
        self, origin: Floats, reserve: float | None, people_wanted: int | None
    ) -> StaffingPlan | None:
        """Solve the model: a level for each post, the fewest people or the best figure.

        Without a reserve the smallest slack is made as large as it can be.
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
        one_each = (posts == np.arange(len(self.posts))[:, None]).astype(float)
        scale = np.array([abs(target.bound) or 1.0 for target in goal.targets])
        signs = np.array([target.sign for target in goal.targets])
        gains = (effects[:, :-1] * signs / scale).T
        slack = goal.slack(origin)
        wanted = ENOUGH if reserve is None else np.maximum(slack, 0.0) * reserve
        needed = wanted - slack
        figure = -goal.figure_sign * effects[:, -1]
        size = float(np.abs(figure).sum()) or 1.0
        cost = figure / size if people_wanted is not None else people + 0.5 * figure / size
        lacking = np.ones((len(signs), 1))  # by how much the worst target is missed
        constraints = [
            LinearConstraint(np.hstack([one_each, np.zeros((len(one_each), 1))]), 1, 1),
            LinearConstraint(np.hstack([gains, lacking]), needed, np.inf),
        ]
        if people_wanted is not None:
            total = np.append(people, 0.0)[None, :]
            constraints.append(LinearConstraint(total, people_wanted, people_wanted))
        dear = 1e3 * max(1.0, float(people.max()) * len(self.posts))
        solved = milp(
            np.append(cost, dear),
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
    """Return the levels to measure from where a post stands: neighbours, and at first further."""
    near = {at - 1, at + 1}
    wide = {at - 2, at + 2, post.low, (post.low + at) // 2, post.now} if far else set()
    return sorted(level for level in near | wide if post.low <= level <= post.high and level != at)
