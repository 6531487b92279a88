"""Staffing: the fewest people who meet targets, or the best use of a given number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sim.measure.definitions import indicators
from sim.running.runner import Runner, StoppedError
from sim.scenario.model import Scenario
from sim.stats.feasibility import Constraint, Feasibility, SystemFeasibility, judge_feasibility
from sim.stats.selection import Procedure, Selection, select_best
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run
from sim.studies.staffing.posts import Where, posts_of, with_plan
from sim.studies.staffing.search import Bound, Goal, Post, SearchResult, StaffingPlan, Trial, search

Floats = npt.NDArray[np.float64]

SEARCH_REPLICATIONS = 8
"""Replications of each plan that the search measures."""
FRESH = 1000
"""Number of the first replication that confirms: none that the search has seen."""
JUDGED_AT_ONCE = 10
"""Replications in a cell of those that confirm, so that each look finds those of the one before."""
LOOKS = 3
"""Times the finalists are judged, each with twice the replications."""
ROUNDS = 3
"""Times finalists are chosen, should none of the first meet the targets."""
MOST_SELECTION = 400
"""Replications of a finalist at which the selection ends in any case."""
SELECTION_FIRST = 20
"""Replications of every finalist before the selection may drop one."""
MOST_FINALISTS = 8


@dataclass(frozen=True)
class StaffingTarget:
    """A target: the mean of an indicator must be at least, or at most, a bound."""

    indicator: str
    bound: float
    at_least: bool

    def __str__(self) -> str:
        return f"{self.indicator}{'>=' if self.at_least else '<='}{self.bound:g}"


@dataclass(frozen=True)
class StaffingRequest:
    """What is asked.

    Parameters
    ----------
    aims
        Targets.
    figure
        Indicator that decides among plans of as many people.
    where
        Whose people are chosen: those in the hall, in the home departments, or both.
    people
        How many there must be in those places; None for the fewest.
    most
        Most people at a unit's windows; None to let the load decide.
    least_officers
        Fewest officers of a section, where there are not fewer already.
    budget
        Replications that the search may use.
    confidence
        Probability that everything stated of the finalists is right.
    indifference
        Difference of the figure worth finding; None for a hundredth of its mean.
    """

    aims: tuple[StaffingTarget, ...]
    figure: str = "all_elapsed_mean_wd"
    where: Where = "both"
    people: int | None = None
    most: int | None = None
    least_officers: int = 1
    budget: int = 4000
    confidence: float = 0.95
    indifference: float | None = None

    @property
    def targets(self) -> list[Constraint]:
        """Return the targets as statistics knows them."""
        return [Constraint(aim.bound, aim.at_least) for aim in self.aims]

    @property
    def goal(self) -> Goal:
        """Return the targets as the search knows them."""
        bounds = tuple(Bound(aim.bound, 1 if aim.at_least else -1) for aim in self.aims)
        sign = 1 if indicators()[self.figure].better == "higher" else -1
        return Goal(bounds, sign, self.people)


@dataclass(frozen=True)
class Finalist:
    """A plan judged on fresh replications.

    Parameters
    ----------
    plan
        People at each post.
    scenario
        The scenario with this plan.
    values
        Targets and figure, shape (replications, targets + 1).
    judged
        How it stands to the targets.
    """

    plan: StaffingPlan
    scenario: Scenario
    values: Floats
    judged: SystemFeasibility

    @property
    def people(self) -> int:
        """Return the people of the plan."""
        return sum(self.plan)

    @property
    def verdict(self) -> Feasibility:
        """Say whether it meets all targets."""
        return self.judged.verdict


@dataclass(frozen=True)
class Staffing:
    """What was found.

    Parameters
    ----------
    request
        What was asked.
    base
        The scenario as it is.
    posts
        What could be chosen.
    today
        Today's people, judged like the finalists.
    finalists
        Plans judged on fresh replications, the chosen one first.
    selection
        The selection among plans of as many people that meet the targets, if there were several.
    rivals
        Finalists that it selected from, by index.
    found
        What the search measured.
    replications
        Fresh ones of each finalist.
    seed
        Seed of all chance.
    effects
        Today's people and the plan, the same applicants in both, under a seed of their own.
    """

    request: StaffingRequest
    base: Scenario
    posts: tuple[Post, ...]
    today: Finalist
    finalists: tuple[Finalist, ...]
    selection: Selection | None
    rivals: tuple[int, ...]
    found: SearchResult
    replications: int
    seed: int
    effects: Results

    @property
    def chosen(self) -> Finalist:
        """Return the plan that answers the request."""
        return self.finalists[0]

    @property
    def fewer(self) -> Finalist | None:
        """Return the best finalist with fewer people than the chosen plan, if there is one."""
        fewer = [one for one in self.finalists if one.people < self.chosen.people]
        goal = self.request.goal
        return max(
            fewer,
            key=lambda one: (one.people, -goal.violation(one.values.mean(axis=0))),
            default=None,
        )


def staffing(
    base: Scenario,
    request: StaffingRequest,
    runner: Runner,
    replications: int,
) -> Staffing:
    """Search for a staffing plan and confirm what is found on fresh replications.

    Parameters
    ----------
    base
        The hall.
    request
        What is asked.
    runner
        Works out the figures.
    replications
        Fresh ones with which finalists are first judged.

    Raises
    ------
    StoppedError, RunError
        As the runner; finished cells are kept.
    """
    posts = posts_of(base, request.where, request.most, request.least_officers)
    evaluator = _PlanEvaluator(base, posts, request, runner)
    found = search(
        posts, request.goal, evaluator.measure, max(1, request.budget // SEARCH_REPLICATIONS)
    )
    today = tuple(post.now for post in posts)
    standing_now, finalists = _finalists(evaluator, today, found, max(replications, 10))
    rivals = [
        index
        for index, one in enumerate(finalists)
        if one.verdict is Feasibility.FEASIBLE and one.people == finalists[0].people
    ]
    selection = _select(evaluator, finalists, rivals) if len(rivals) > 1 else None
    if selection is not None:
        chosen = finalists[rivals[selection.selected]]
        finalists.remove(chosen)
        finalists.insert(0, chosen)
    return Staffing(
        request=request,
        base=base,
        posts=posts,
        today=standing_now,
        finalists=tuple(finalists),
        selection=selection,
        rivals=tuple(rivals) if selection is not None else (),
        found=found,
        replications=len(finalists[0].values),
        seed=runner.seed,
        effects=_effects(base, finalists[0].scenario, runner, max(replications, 10)),
    )


def _effects(base: Scenario, chosen: Scenario, runner: Runner, replications: int) -> Results:
    own = replace(runner, seed=runner.seed + 1, progress=None)
    found = run([base, chosen], own, replications=replications)
    if len(found.paired) < replications:
        raise StoppedError(len(found.paired), replications)
    return found


@dataclass
class _PlanEvaluator:
    """Measures plans, and tells how far the work is."""

    base: Scenario
    posts: tuple[Post, ...]
    request: StaffingRequest
    runner: Runner
    done: int = 0
    asked: int = 0

    def measure(self, plans: Sequence[StaffingPlan]) -> Floats:
        """Return means over the replications of the search, shape (plans, targets + 1)."""
        self.asked = max(self.request.budget, self.done)
        values = self.values(plans, range(SEARCH_REPLICATIONS), SEARCH_REPLICATIONS)
        return np.asarray(values.mean(axis=1))

    def values(self, plans: Sequence[StaffingPlan], replications: range, block: int) -> Floats:
        """Return the targets' figures and the leading one, (plans, replications, targets + 1)."""
        scenarios = [with_plan(self.base, self.posts, plan) for plan in plans]
        per_cell = len(replications) / self.runner.cells_in(replications, block)
        runner = self.runner.as_part(self.done, max(self.asked, self.done), per_cell)
        figures = runner.figures(scenarios, replications, block)
        self.done += len(plans) * len(replications)
        names = [*(aim.indicator for aim in self.request.aims), self.request.figure]
        return np.stack([figures.of(name) for name in names], axis=2)


def finalist_plans(trials: Sequence[Trial], goal: Goal) -> list[StaffingPlan]:
    """Return the plans to confirm: the best, as good ones, and ones with a person more or less.

    The best of the search may owe its place to chance, so plans on both sides go with it.
    """
    by_rank = sorted(trials, key=goal.rank)
    if goal.people is not None:
        equal = [one for one in by_rank if one.people == goal.people]
        return [one.plan for one in equal[:MOST_FINALISTS]]

    def some(more: int, count: int) -> list[Trial]:
        return [one for one in by_rank if one.people == by_rank[0].people + more][:count]

    def safest(more: int) -> list[Trial]:
        equal = some(more, len(by_rank))
        return sorted(equal, key=lambda one: -goal.least_slack(one.values))[:1]

    plans = [*some(0, 3), *some(-1, 2), *safest(1), *safest(2), *safest(3)]
    return [one.plan for one in plans][:MOST_FINALISTS]


def _finalists(
    evaluator: _PlanEvaluator, today: StaffingPlan, found: SearchResult, first: int
) -> tuple[Finalist, list[Finalist]]:
    """Judge today's plan and finalists, the best first.

    Where none meets the targets after all, those with more people follow.
    """
    goal = evaluator.request.goal
    trials: Sequence[Trial] = found.trials
    standing_now, *finalists = _judge(evaluator, [today, *finalist_plans(trials, goal)], first)
    for _ in range(ROUNDS - 1):
        most = max(one.people for one in finalists)
        trials = [one for one in trials if one.people > most]
        met = any(one.verdict is Feasibility.FEASIBLE for one in finalists)
        if met or goal.people is not None or not trials:
            break
        finalists += _judge(evaluator, finalist_plans(trials, goal), first)
    return standing_now, sorted(finalists, key=lambda one: _order(one, evaluator.request))


def _judge(evaluator: _PlanEvaluator, plans: list[StaffingPlan], first: int) -> list[Finalist]:
    """Judge plans on growing fresh replications until all are decided; errors are shared."""
    request = evaluator.request
    asked = LOOKS * ROUNDS * (MOST_FINALISTS + 1)
    error = (1 - request.confidence) / 2  # the other half is the selection's
    count = first
    for look in range(LOOKS):
        evaluator.asked = evaluator.done + len(plans) * count
        values = evaluator.values(plans, range(FRESH, FRESH + count), JUDGED_AT_ONCE)
        judged = [
            judge_feasibility(one[:, :-1], request.targets, 1 - error, asked) for one in values
        ]
        undecided = any(one.verdict is Feasibility.UNDECIDED for one in judged)
        if not undecided or look == LOOKS - 1:
            break
        count *= 2
    return [
        Finalist(plan, with_plan(evaluator.base, evaluator.posts, plan), one, verdict)
        for plan, one, verdict in zip(plans, values, judged, strict=True)
    ]


def _order(one: Finalist, request: StaffingRequest) -> tuple[int, float, int, float]:
    """Return what to sort finalists by: those that meet the targets, by people, then figure."""
    goal, means = request.goal, one.values.mean(axis=0)
    kinds = (Feasibility.FEASIBLE, Feasibility.UNDECIDED, Feasibility.INFEASIBLE)
    violation = 0.0 if one.verdict is Feasibility.FEASIBLE else goal.violation(means)
    return kinds.index(one.verdict), violation, one.people, -goal.figure_sign * float(means[-1])


def indifference_of(request: StaffingRequest, mean: float) -> float:
    """Return the difference of the figure that is worth finding."""
    return request.indifference or 0.01 * abs(mean) or 0.01


def _select(
    evaluator: _PlanEvaluator, finalists: list[Finalist], rivals: list[int]
) -> Selection | None:
    """Select the best figure among finalists, on replications that nobody has seen."""
    request = evaluator.request
    start = FRESH + 10 * len(finalists[0].values)
    means = [finalists[index].values[:, -1].mean() for index in rivals]
    if np.isnan(means).any():
        return None
    procedure = Procedure(
        indifference=indifference_of(request, float(means[0])),
        confidence=1 - (1 - request.confidence) / 2,
        first=SELECTION_FIRST,
        block=SELECTION_FIRST,
        most=MOST_SELECTION,
        maximise=request.goal.figure_sign > 0,
    )

    def sample(systems: Sequence[int], first: int, count: int) -> Floats:
        plans = [finalists[rivals[system]].plan for system in systems]
        evaluator.asked = evaluator.done + len(plans) * count
        values = evaluator.values(
            plans, range(start + first, start + first + count), SELECTION_FIRST
        )
        return values[:, :, -1].T

    return select_best(sample, len(rivals), procedure)
