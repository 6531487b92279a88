"""The targets of a staffing plan: read, checked, and refused if no plan reaches them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sim.measure.definitions import indicators
from sim.running.runner import Runner
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.stats.feasibility import Feasibility
from sim.studies.staffing.posts import posts_of
from sim.studies.staffing.search import Post
from sim.studies.staffing.study import StaffingRequest, StaffingResults, StaffingTarget, staffing

_FORM = re.compile(r"^\s*(?P<name>\w+)\s*(?P<sign>[^\w\s.+-]+)\s*(?P<bound>\S+)\s*$")
_SIGNS = {">=": True, "≥": True, "<=": False, "≤": False}
_EXAMPLE = "INDICATOR>=NUMBER or INDICATOR<=NUMBER, such as hall_wait_within_target_rate>=0.9"


def read_targets(texts: Sequence[str]) -> tuple[tuple[StaffingTarget, ...], list[Problem]]:
    """Read targets such as ``on_time_rate_cohort>=0.95``.

    Parameters
    ----------
    texts
        Targets as typed.

    Returns
    -------
    targets : tuple of StaffingTarget
        Those that could be read.
    problems : list of Problem
        All mistakes in the others, targets of the same kind for one indicator, and no target.
    """
    targets: list[StaffingTarget] = []
    problems: list[Problem] = []
    for text in texts:
        read = _read(text)
        if isinstance(read, StaffingTarget):
            problems += _doubled(read, targets, text)
            targets.append(read)
        else:
            problems += read
    if not texts:
        problems.append(Problem("--target", None, "no target", _EXAMPLE))
    return tuple(targets), problems


def _read(text: str) -> StaffingTarget | list[Problem]:
    def problem(found: str, allowed: str) -> Problem:
        return Problem(f"--target {text}", None, found, allowed)

    match = _FORM.match(text)
    if match is None:
        return [problem(f"{text!r} is no target", _EXAMPLE)]
    known, problems = indicators(), []
    name, sign = match["name"], match["sign"]
    if name not in known:
        problems.append(problem(f"unknown indicator {name!r}", nearest(name, list(known))))
    if sign not in _SIGNS:
        problems.append(problem(f"the sign {sign!r}", ">= (at least) or <= (at most)"))
    try:
        bound = float(match["bound"])
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        found = f"{match['bound']!r} is no number"
        problems.append(problem(found, "a number in the unit of the indicator, shares as 0.9"))
    elif name in known:
        problems += _bound_problems(name, bound, problem)
    if name in known and sign in _SIGNS:
        better = known[name].better
        if better != "none" and (better == "higher") != _SIGNS[sign]:
            wanted = ">=" if better == "higher" else "<="
            found = f"{name} {sign}, where {better} is better"
            problems.append(problem(found, f"{name} {wanted} a number"))
    return problems or StaffingTarget(name, bound, _SIGNS[sign])


def _bound_problems(
    name: str, bound: float, problem: Callable[[str, str], Problem]
) -> Iterator[Problem]:
    unit = indicators()[name].unit
    if unit == "share" and not 0 <= bound <= 1:
        hint = f", such as {bound / 100:g} for {bound:g} %" if 1 < bound <= 100 else ""
        yield problem(f"{name} is a share, and {bound:g} is none", f"0 to 1{hint}")
    elif bound < 0:
        yield problem(f"{name} of {bound:g} {unit}", f"0 {unit} or more")


def _doubled(
    target: StaffingTarget, earlier: Sequence[StaffingTarget], text: str
) -> Iterator[Problem]:
    same = (target.indicator, target.at_least)
    if any((other.indicator, other.at_least) == same for other in earlier):
        found = f"a second target of this kind for {target.indicator}"
        yield Problem(f"--target {text}", None, found, "one bound each")


def _figure_problems(name: str) -> Iterator[Problem]:
    """Yield what is wrong with the figure that decides among plans."""
    known = indicators()
    if name not in known:
        found = f"unknown indicator {name!r}"
        yield Problem(f"--figure {name}", None, found, nearest(name, list(known)))
    elif known[name].better == "none":
        allowed = [indicator.id for indicator in known.values() if indicator.better != "none"]
        found = f"{name}, of which neither more nor less is better"
        yield Problem(f"--figure {name}", None, found, nearest("", allowed))


def people_problems(posts: Sequence[Post], people: int | None) -> Iterator[Problem]:
    """Yield the problem that there is no post, or that so many people cannot be placed.

    Parameters
    ----------
    posts
        Posts whose people are chosen.
    people
        Number of people that is asked for; None for the fewest.

    Yields
    ------
    Problem
        One at most.
    """
    if not posts:
        yield Problem("--where", None, "nobody to place", "a place with people")
        return
    least, most = sum(post.low for post in posts), sum(post.high for post in posts)
    if people is not None and not least <= people <= most:
        now = sum(post.now for post in posts)
        allowed = f"{least} (the fewest that each place may have) to {most}; today {now}"
        yield Problem(f"--people {people}", None, f"{people} people at {len(posts)} posts", allowed)


def unreached(results: StaffingResults) -> list[Problem]:
    """Return the targets that no plan found meets, with what the best plan reaches.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    list of Problem
        One per target missed; empty if the chosen plan meets all targets, or meets them in the
        mean and is undecided.
    """
    chosen, request = results.chosen, results.request
    means = chosen.values.mean(axis=0)
    if chosen.verdict is Feasibility.FEASIBLE:
        return []
    if chosen.verdict is Feasibility.UNDECIDED and request.goal.violation(means) == 0:
        return []
    most = {
        post.field: max(other.high for other in results.posts if other.field == post.field)
        for post in results.posts
    }
    bound = " and ".join(
        f"{number} {'at the windows' if field == 'staff' else 'in the sections'} of a unit"
        for field, number in most.items()
    )
    problems = []
    for target, standing in zip(request.targets, chosen.feasibility.standings, strict=True):
        if math.isnan(standing.mean):
            found = f"{target.indicator} is null: nobody comes whom it counts, or it is not reached"
            problems.append(Problem(f"--target {target}", None, found, "a figure that is known"))
            continue
        missed = standing.mean < target.bound if target.at_least else standing.mean > target.bound
        if not missed and standing.verdict is not Feasibility.INFEASIBLE:
            continue
        found = (
            f"not reached: the best plan found, of {chosen.people} people, has "
            f"{standing.mean:.4g} ({standing.low:.4g} to {standing.high:.4g})"
        )
        side = "at most" if target.at_least else "at least"
        allowed = (
            f"{side} {standing.mean:.4g} with up to {bound}; or more people (--people, --most), "
            "other places (--where), or a reform that changes the work"
        )
        problems.append(Problem(f"--target {target}", None, found, allowed))
    return problems


def ask(
    scenario: Callable[[], Scenario], texts: Sequence[str], request: StaffingRequest
) -> tuple[Scenario, StaffingRequest]:
    """Check everything that is asked, before anything is simulated.

    Parameters
    ----------
    scenario
        Function that loads the hall.
    texts
        Targets as typed, such as ``served_rate>=0.5``.
    request
        Everything else that is asked; its targets are replaced.

    Returns
    -------
    scenario : Scenario
        The hall.
    request : StaffingRequest
        The request with its targets.

    Raises
    ------
    InputError
        With all mistakes at once.
    """
    targets, problems = read_targets(texts)
    problems += _figure_problems(request.figure)
    base = None
    try:
        base = scenario()
    except InputError as error:
        problems = [*error.problems, *problems]
    if base is not None:
        posts = posts_of(base, request.where, request.most, request.least_officers)
        problems += people_problems(posts, request.people)
    if problems or base is None:
        raise InputError(problems)
    return base, replace(request, targets=targets)


def find_plan(
    base: Scenario, request: StaffingRequest, runner: Runner, replications: int
) -> StaffingResults:
    """Search for a plan, and refuse targets that no plan reaches.

    Parameters
    ----------
    base
        The hall.
    request
        What is asked.
    runner
        Works out the replications.
    replications
        Fresh replications with which finalists are judged first.

    Returns
    -------
    StaffingResults
        The plan and its effects.

    Raises
    ------
    InputError
        With every target that the best plan found misses.
    StoppedError, RunError
        As the runner; finished cells are kept.
    """
    results = staffing(base, request, runner, replications)
    missed = unreached(results)
    if missed:
        raise InputError(missed)
    return results
