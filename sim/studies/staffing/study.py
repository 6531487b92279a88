"""Staffing: the fewest people that meet targets, or the best use of a given number of people."""

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
from sim.studies.staffing.search import (
    Bound,
    Goal,
    Post,
    SearchResult,
    StaffingPlan,
    Trial,
    search_plan,
)

Floats = npt.NDArray[np.float64]

SEARCH_REPLICATIONS = 8
"""Replications of each plan that the search measures."""
FRESH = 1000
"""Number of the first replication that judges finalists; the search uses only smaller ones."""
JUDGED_AT_ONCE = 10
"""Replications in a cell when finalists are judged, so that an analysis reuses earlier cells."""
ANALYSES = 3
"""Analyses of the finalists, interim ones included, each with twice the replications."""
ROUNDS = 3
"""Times that finalists are chosen at most; again only if none before meets the targets."""
MOST_SELECTION = 400
"""Most replications of a finalist in the selection."""
SELECTION_FIRST = 20
"""Replications of every finalist before the selection may eliminate one."""
MOST_FINALISTS = 8
"""Most plans that are judged at a time, without today's."""


@dataclass(frozen=True)
class StaffingTarget:
    """A target: the mean of an indicator must be at least, or at most, a bound.

    Parameters
    ----------
    indicator
        Id of the indicator.
    bound
        The bound, in the unit of the indicator; shares 0 to 1.
    at_least
        Whether the mean must not be below the bound; otherwise it must not be above it.
    """

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
    targets
        Targets that the means must meet.
    figure
        Id of the indicator that decides among plans with the same number of people.
    where
        Whose people are chosen: ``windows``, ``offices`` (home departments) or ``both``.
    people
        Number of people there must be in those places; None for the fewest.
    most
        Most people at a unit's windows; None for a limit from load, survey and today's number.
    least_officers
        Fewest officers of each section; where a unit has fewer today, today's number.
    budget
        Replications that the search may use.
    confidence
        Probability, 0 to 1, that all statements about the finalists are right.
    indifference
        Smallest difference of the figure that matters, in its unit; None for a hundredth of its
        mean.
    """

    targets: tuple[StaffingTarget, ...]
    figure: str = "all_elapsed_mean_wd"
    where: Where = "both"
    people: int | None = None
    most: int | None = None
    least_officers: int = 1
    budget: int = 4000
    confidence: float = 0.95
    indifference: float | None = None

    @property
    def constraints(self) -> list[Constraint]:
        """The targets, in the form in which finalists are judged."""
        return [Constraint(target.bound, target.at_least) for target in self.targets]

    @property
    def goal(self) -> Goal:
        """The targets and the figure, in the form in which the search compares plans."""
        bounds = tuple(Bound(target.bound, 1 if target.at_least else -1) for target in self.targets)
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
        Indicators of the targets, then the figure; shape (replications, targets + 1), NaN where
        null.
    feasibility
        Whether it meets the targets, with means and bounds.
    """

    plan: StaffingPlan
    scenario: Scenario
    values: Floats
    feasibility: SystemFeasibility

    @property
    def people(self) -> int:
        """Number of people in the plan."""
        return sum(self.plan)

    @property
    def verdict(self) -> Feasibility:
        """Whether it meets all targets."""
        return self.feasibility.verdict


@dataclass(frozen=True)
class StaffingResults:
    """Results of a staffing study.

    Parameters
    ----------
    request
        What was asked.
    base
        The scenario with today's people.
    posts
        Posts whose people were chosen.
    today
        Today's people, judged like the finalists.
    finalists
        Plans judged on fresh replications, the chosen one first.
    selection
        The selection by the figure among plans with the same number of people that meet the
        targets; None if there was only one, or if the figure is null.
    rivals
        Indices of the finalists among which it selected, before the chosen one was moved to the
        front; empty without a selection.
    search_result
        Plans that the search measured.
    replications
        Fresh replications of the chosen plan.
    seed
        Seed of all chance.
    effects
        Comparison of the plan with today's people: the same applicants in both, under another
        seed.
    """

    request: StaffingRequest
    base: Scenario
    posts: tuple[Post, ...]
    today: Finalist
    finalists: tuple[Finalist, ...]
    selection: Selection | None
    rivals: tuple[int, ...]
    search_result: SearchResult
    replications: int
    seed: int
    effects: Results

    @property
    def chosen(self) -> Finalist:
        """The plan that answers the request."""
        return self.finalists[0]

    @property
    def fewer(self) -> Finalist | None:
        """The best finalist with fewer people than the chosen plan; None if there is none.

        The one with the most people; of several, the one that misses the targets least.
        """
        goal = self.request.goal
        return max(
            (plan for plan in self.finalists if plan.people < self.chosen.people),
            key=lambda plan: (plan.people, -goal.violation(plan.values.mean(axis=0))),
            default=None,
        )


def staffing(
    base: Scenario,
    request: StaffingRequest,
    runner: Runner,
    replications: int,
) -> StaffingResults:
    """Search for a staffing plan, and judge the best plans on fresh replications.

    Parameters
    ----------
    base
        The hall.
    request
        What is asked.
    runner
        Works out the replications.
    replications
        Fresh replications with which finalists are judged first, 10 at least; while some are
        undecided, up to four times as many.

    Returns
    -------
    StaffingResults
        The chosen plan, other finalists and the effects of the plan on applicants.

    Raises
    ------
    StoppedError, RunError
        As the runner; finished cells are kept.
    """
    posts = posts_of(base, request.where, request.most, request.least_officers)
    evaluator = _PlanEvaluator(base, posts, request, runner)
    search_result = search_plan(
        posts, request.goal, evaluator.measure, max(1, request.budget // SEARCH_REPLICATIONS)
    )
    people_now = tuple(post.now for post in posts)
    today, finalists = _finalists(evaluator, people_now, search_result, max(replications, 10))
    rivals = [
        index
        for index, plan in enumerate(finalists)
        if plan.verdict is Feasibility.FEASIBLE and plan.people == finalists[0].people
    ]
    selection = _select(evaluator, finalists, rivals) if len(rivals) > 1 else None
    if selection is not None:
        chosen = finalists[rivals[selection.selected]]
        finalists.remove(chosen)
        finalists.insert(0, chosen)
    return StaffingResults(
        request=request,
        base=base,
        posts=posts,
        today=today,
        finalists=tuple(finalists),
        selection=selection,
        rivals=tuple(rivals) if selection is not None else (),
        search_result=search_result,
        replications=len(finalists[0].values),
        seed=runner.seed,
        effects=_effects(base, finalists[0].scenario, runner, max(replications, 10)),
    )


def _effects(base: Scenario, chosen: Scenario, runner: Runner, replications: int) -> Results:
    own = replace(runner, seed=(runner.seed + 1) % 2**64, progress=None)
    results = run([base, chosen], own, replications=replications)
    if len(results.paired) < replications:
        raise StoppedError(len(results.paired), replications)
    return results


@dataclass
class _PlanEvaluator:
    """Plan evaluator: simulates plans, and counts the replications for the progress report."""

    base: Scenario
    posts: tuple[Post, ...]
    request: StaffingRequest
    runner: Runner
    done: int = 0
    asked: int = 0

    def measure(self, plans: Sequence[StaffingPlan]) -> Floats:
        """Return means over the replications of the search; shape (plans, targets + 1)."""
        self.asked = max(self.request.budget, self.done)
        values = self.values(plans, range(SEARCH_REPLICATIONS), SEARCH_REPLICATIONS)
        return np.asarray(values.mean(axis=1))

    def values(self, plans: Sequence[StaffingPlan], replications: range, block: int) -> Floats:
        """Return the indicators of the targets and the figure.

        Shape (plans, replications, targets + 1); `block` replications make a cell.
        """
        scenarios = [with_plan(self.base, self.posts, plan) for plan in plans]
        per_cell = len(replications) / self.runner.cells_in(replications, block)
        runner = self.runner.as_part(self.done, max(self.asked, self.done), per_cell)
        figures = runner.figures(scenarios, replications, block)
        self.done += len(plans) * len(replications)
        names = [*(target.indicator for target in self.request.targets), self.request.figure]
        return np.stack([figures.of(name) for name in names], axis=2)


def _finalist_plans(trials: Sequence[Trial], goal: Goal) -> list[StaffingPlan]:
    """Return the plans to judge: the best ones, and some with fewer or more people.

    Plans with fewer and with more people are included because the best one of the search may be
    best only by chance.
    """
    by_rank = sorted(trials, key=goal.rank)
    if goal.people is not None:
        equal = [trial for trial in by_rank if trial.people == goal.people]
        return [trial.plan for trial in equal[:MOST_FINALISTS]]

    def best(more: int, count: int) -> list[Trial]:
        people = by_rank[0].people + more
        return [trial for trial in by_rank if trial.people == people][:count]

    def safest(more: int) -> list[Trial]:
        equal = best(more, len(by_rank))
        return sorted(equal, key=lambda trial: -goal.least_slack(trial.values))[:1]

    trials = [*best(0, 3), *best(-1, 2), *safest(1), *safest(2), *safest(3)]
    return [trial.plan for trial in trials][:MOST_FINALISTS]


def _finalists(
    evaluator: _PlanEvaluator, people_now: StaffingPlan, search_result: SearchResult, first: int
) -> tuple[Finalist, list[Finalist]]:
    """Judge today's people and the finalists; return the latter in order, the best first.

    If no finalist meets the targets, plans with more people are judged as well.
    """
    goal = evaluator.request.goal
    trials: Sequence[Trial] = search_result.trials
    today, *finalists = _judge(evaluator, [people_now, *_finalist_plans(trials, goal)], first)
    for _ in range(ROUNDS - 1):
        most = max(plan.people for plan in finalists)
        trials = [trial for trial in trials if trial.people > most]
        met = any(plan.verdict is Feasibility.FEASIBLE for plan in finalists)
        if met or goal.people is not None or not trials:
            break
        finalists += _judge(evaluator, _finalist_plans(trials, goal), first)
    return today, sorted(finalists, key=lambda plan: _order(plan, evaluator.request))


def _judge(evaluator: _PlanEvaluator, plans: list[StaffingPlan], first: int) -> list[Finalist]:
    """Judge plans on more and more fresh replications until all are decided.

    The error probability is shared among all analyses of all plans.
    """
    request = evaluator.request
    interim_analyses = ANALYSES * ROUNDS * (MOST_FINALISTS + 1)
    error = (1 - request.confidence) / 2  # the other half belongs to the selection
    count = first
    for analysis in range(ANALYSES):
        evaluator.asked = evaluator.done + len(plans) * count
        values = evaluator.values(plans, range(FRESH, FRESH + count), JUDGED_AT_ONCE)
        judged = [
            judge_feasibility(rows[:, :-1], request.constraints, 1 - error, interim_analyses)
            for rows in values
        ]
        undecided = any(plan.verdict is Feasibility.UNDECIDED for plan in judged)
        if not undecided or analysis == ANALYSES - 1:
            break
        count *= 2
    return [
        Finalist(plan, with_plan(evaluator.base, evaluator.posts, plan), rows, feasibility)
        for plan, rows, feasibility in zip(plans, values, judged, strict=True)
    ]


def _order(plan: Finalist, request: StaffingRequest) -> tuple[int, float, int, float]:
    """Return the key that sorts finalists: verdict, violation of targets, people, figure."""
    goal, means = request.goal, plan.values.mean(axis=0)
    verdicts = (Feasibility.FEASIBLE, Feasibility.UNDECIDED, Feasibility.INFEASIBLE)
    violation = 0.0 if plan.verdict is Feasibility.FEASIBLE else goal.violation(means)
    figure = -goal.figure_sign * float(means[-1])
    return verdicts.index(plan.verdict), violation, plan.people, figure


def _indifference(request: StaffingRequest, mean: float) -> float:
    """Return the smallest difference of the figure that matters, in its unit."""
    return request.indifference or 0.01 * abs(mean) or 0.01


def _select(
    evaluator: _PlanEvaluator, finalists: list[Finalist], rivals: list[int]
) -> Selection | None:
    """Select the finalist with the best figure, on replications that are used for nothing else."""
    request = evaluator.request
    start = FRESH + 10 * len(finalists[0].values)
    means = [finalists[index].values[:, -1].mean() for index in rivals]
    if np.isnan(means).any():
        return None
    procedure = Procedure(
        indifference=_indifference(request, float(means[0])),
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
