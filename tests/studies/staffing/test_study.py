"""Staffing on the engine: known optima, enumeration, and what confirmation says."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sim.rules.journey import hall_of
from sim.running.runner import Runner
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.stats.feasibility import Feasibility
from sim.studies.comparison.said_gains import gains_sentence
from sim.studies.staffing.files import document, plan_yaml
from sim.studies.staffing.posts import posts_of, with_plan
from sim.studies.staffing.said import answer
from sim.studies.staffing.search import Trial
from sim.studies.staffing.study import (
    FRESH,
    SEARCH_REPLICATIONS,
    Finalist,
    StaffingRequest,
    StaffingResults,
    StaffingTarget,
    staffing,
)
from sim.studies.staffing.targets import people_problems, read_targets, unreached
from tests.stats.exact import mmc_wait
from tests.studies.build import run

HALL = """\
title: {en: Windows, zh: 窗口}
horizon: {start: 2008-07-01, census: 2008-07-15, follow_up_wd: 5}
tables: {departments: departments.csv, items: items.csv}
calendar: {hall_hours: [00:00-23:59]}
demand:
  busyness_cv: 0
  hall_first_share: 0
  hour_weights: {0: 1, 6: 1, 12: 1, 18: 1}
hall: {patience_min: {mean: 100000, family: fixed}, status_enquiries_per_open_wd: 0}
service:
  accept_min: {mean: 30, cv: 1, family: exponential}
  forward_min: {mean: 0, family: fixed}
papers: {incomplete_rate: 0, notice_gap_rate: 0, returned_rate: 0}
stuck: {at: nowhere}
policy: {recall_rate: 0, work_speed: 1, postal_share: 1}
"""
UNIT = "{id},{id},{id},yes,no,{staff},0,{staff},0,1,30,0,no\n"
ITEM = "{id},{id},{id},{id},yes,none,no,no,{rank},{rank},1,0,15,20,{rate},none,,none,no,no,0,0\n"
UNITS_HEAD = (
    "id,name_en,name_zh,entered,slow,window_staff,qualified,window_staff_full,decision_staff,sections,"
    "officers_per_section,leaders,certificate_at_window\n"
)
ITEMS_HEAD = (
    "id,name_en,name_zh,department,entered,authority,one_sitting,delegable,authority_rank,entry_rank,sections,"
    "signatures,promised_wd,statutory_wd,cases_per_wd,joint,helpers,inspection,report_up,"
    "certificate,fee_yuan,payments\n"
)
DAY_MIN = 24 * 60 - 1


def windows(folder: Path, loads: Sequence[float], staff: Sequence[int]) -> Scenario:
    """Return a hall of M/M/c windows, open day and night, with these offered loads."""
    rates = [load * DAY_MIN / 30 for load in loads]
    hours = ", ".join(f"{hour}: 1" for hour in range(24))
    text = HALL.replace("{0: 1, 6: 1, 12: 1, 18: 1}", f"{{{hours}}}")
    (folder / "hall.yaml").write_text(text, encoding="utf-8")
    units = "".join(UNIT.format(id=f"unit{n}", staff=c) for n, c in enumerate(staff))
    items = "".join(
        ITEM.format(id=f"unit{n}", rank=n + 1, rate=rate) for n, rate in enumerate(rates)
    )
    (folder / "departments.csv").write_text(UNITS_HEAD + units, encoding="utf-8")
    (folder / "items.csv").write_text(ITEMS_HEAD + items, encoding="utf-8")
    return load(str(folder / "hall.yaml"))


def solved(base: Scenario, *targets: StaffingTarget, **more: object) -> StaffingResults:
    figure = {"figure": "hall_wait_mean_min", "where": "windows"}
    request = StaffingRequest(targets, **{**figure, **more})  # type: ignore[arg-type]
    return staffing(base, request, Runner(seed=5), 10)


@pytest.mark.parametrize("now", [2, 9])
def test_the_fewest_windows_are_those_of_erlang_c(tmp_path: Path, now: int) -> None:
    base = windows(tmp_path, [3.2], [now])
    # 3.2 erlangs of 30-minute work: the mean wait by number of windows
    waits = {c: mmc_wait(c, 3.2 / 30, 30) for c in range(4, 9)}
    limit = 2.5
    fewest = min(c for c, wait in waits.items() if wait <= limit)
    assert waits[fewest - 1] > 1.5 * limit > 1.5 * 1.5 * waits[fewest]  # no close call
    results = solved(base, StaffingTarget("hall_wait_mean_min", limit, at_least=False))
    assert results.chosen.plan == (fewest,)
    assert results.chosen.verdict is Feasibility.FEASIBLE
    assert results.fewer is not None
    assert results.fewer.verdict is Feasibility.INFEASIBLE
    assert results.today.plan == (now,)
    assert results.today.verdict is (
        Feasibility.INFEASIBLE if now < fewest else Feasibility.FEASIBLE
    )


@pytest.mark.parametrize("people", [None, 7])
def test_the_plan_is_the_best_of_all(tmp_path: Path, people: int | None) -> None:
    base = windows(tmp_path, [0.8, 0.3, 1.3], [3, 3, 3])
    target = StaffingTarget("hall_wait_within_target_rate", 0.85, at_least=True)
    results = solved(base, target, people=people, most=4)
    posts, goal = results.posts, results.request.goal
    plans = list(itertools.product(*(range(1, 5) for post in posts)))
    plans = [plan for plan in plans if people in {None, sum(plan)}]
    scenarios = [with_plan(base, posts, plan) for plan in plans]
    figures = Runner(seed=5).figures(scenarios, range(SEARCH_REPLICATIONS), SEARCH_REPLICATIONS)
    names = ("hall_wait_within_target_rate", "hall_wait_mean_min")
    values = np.stack([figures.of(name).mean(axis=1) for name in names], axis=1)
    trials = [Trial(plan, row) for plan, row in zip(plans, values, strict=True)]
    best = min(trials, key=goal.rank)
    assert best.people == results.search_result.best.people
    assert goal.violation(results.search_result.best.values) == 0
    if people is not None:
        assert results.search_result.best.plan == best.plan


def test_finalists_are_judged_on_replications_the_search_never_saw(hall: Scenario) -> None:
    seen: list[range] = []

    class Watched(Runner):
        def figures(self, scenarios: Sequence[Scenario], replications: range, block: int = 20):  # type: ignore[no-untyped-def]
            seen.append(replications)
            return super().figures(scenarios, replications, block)

    request = StaffingRequest((StaffingTarget("hall_wait_within_target_rate", 0.5, at_least=True),))
    results = staffing(hall, request, Watched(seed=1), 10)
    search = {number for numbers in seen if numbers.start < FRESH for number in numbers}
    fresh = {number for numbers in seen if numbers.start >= FRESH for number in numbers}
    assert search == set(range(SEARCH_REPLICATIONS))
    assert len(fresh) >= results.replications
    assert not search & fresh


def test_equal_plans_are_selected_by_the_figure(tmp_path: Path) -> None:
    # One person more than both need: where it goes decides the wait.
    base = windows(tmp_path, [0.5, 1.7], [3, 3])
    target = StaffingTarget("hall_wait_within_target_rate", 0.1, at_least=True)
    results = solved(base, target, people=5, most=4, indifference=3.0)
    assert results.chosen.plan == (2, 3)
    assert results.selection is not None
    assert not results.selection.capped
    assert results.selection.procedure.confidence == pytest.approx(0.975)
    assert {results.finalists[0].plan} != {finalist.plan for finalist in results.finalists}


def test_sections_keep_the_fewest_officers_asked_for_or_todays(hall: Scenario) -> None:
    def fewest(least: int) -> dict[str, int]:
        posts = posts_of(hall, "offices", least_officers=least)
        return {post.unit: post.low for post in posts}

    today = {post.unit: post.now for post in posts_of(hall, "offices")}
    sections = {unit.id: unit.sections for unit in hall.departments}
    assert fewest(1) == sections
    assert fewest(100) == today
    assert all(
        low == max(sections[unit], min(today[unit], 2 * sections[unit]))
        for unit, low in fewest(2).items()
    )


def test_it_says_whose_applicants_the_plan_costs_time(hall: Scenario) -> None:
    request = StaffingRequest((StaffingTarget("hall_wait_within_target_rate", 0.5, at_least=True),))
    results = staffing(hall, request, Runner(seed=1), 10)
    seen = run([hall, results.chosen.scenario], replications=10, seed=2)
    assert results.effects.gains.equals(seen.gains)
    title = f"{results.chosen.people} people as planned instead of today's {results.today.people}"
    sentence = gains_sentence(results.effects, 1, title, "en")
    assert sentence
    assert sentence in list(answer(results, "en"))


def test_a_plan_is_what_its_values_say(hall: Scenario) -> None:
    posts = posts_of(hall, "both")
    plan = tuple(min(post.high, post.now + 1) for post in posts)
    made = with_plan(hall, posts, plan)
    said = hall.with_values(dict(value.split("=") for value in made.values))
    assert made.content == said.content != hall.content
    assert tuple(posts_of(made, "both")[n].now for n in range(len(posts))) == plan


def test_no_plan_takes_the_last_person_who_may_decide_from_the_hall(hall: Scenario) -> None:
    # Nobody at land's two windows as surveyed may decide; one officer comes with the authorization
    # and would be the first to go.
    base = hall.with_values({"policy.authorization": 1, "policy.qualified_share": 0})
    posts = posts_of(base, "windows")
    authority = hall_of(base).staff.qualified_units
    assert next(post.low for post in posts if post.unit == "land") == 3
    least = with_plan(base, posts, tuple(post.low for post in posts))
    assert hall_of(least).staff.qualified_units == authority
    for number, post in enumerate(posts):
        if post.low > 1:
            plan = [other.low for other in posts]
            plan[number] -= 1
            fewer = hall_of(with_plan(base, posts, tuple(plan)))
            assert post.unit not in fewer.staff.qualified_units


def test_todays_people_are_the_scenario_itself(hall: Scenario) -> None:
    posts = posts_of(hall, "both")
    made = with_plan(hall, posts, tuple(post.now for post in posts))
    both = Runner(seed=3).figures([hall, made], range(3))
    assert np.array_equal(both.values[0], both.values[1], equal_nan=True)


def test_the_answer_does_not_depend_on_the_workers(hall: Scenario) -> None:
    from sim.running.workers import Workers  # noqa: PLC0415

    request = StaffingRequest((StaffingTarget("hall_wait_within_target_rate", 0.5, at_least=True),))
    first, second = (
        staffing(hall, request, Runner(seed=1, workers=Workers(jobs)), 10) for jobs in (1, 3)
    )
    folder = Path("results")
    assert document(first, folder) == document(second, folder)
    assert plan_yaml(first) == plan_yaml(second)


def test_a_target_out_of_reach_names_the_best_reached(tmp_path: Path) -> None:
    base = windows(tmp_path, [3.2], [3])
    results = solved(base, StaffingTarget("hall_wait_mean_min", 2.0, at_least=False), most=4)
    (problem,) = unreached(results)
    assert problem.file == "--target hall_wait_mean_min<=2"
    best = results.chosen.values.mean(axis=0)[0]
    assert f"of {results.chosen.people} people" in problem.found
    assert f"{best:.4g}" in problem.found
    assert sum(post.high for post in results.posts) == results.chosen.people == 4


def test_a_target_that_is_met_is_no_problem(hall: Scenario) -> None:
    results = staffing(
        hall,
        StaffingRequest((StaffingTarget("hall_wait_within_target_rate", 0.1, at_least=True),)),
        Runner(seed=1),
        10,
    )
    assert unreached(results) == []
    assert isinstance(results.chosen, Finalist)


# What is asked -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("on_time_rate_cohort>=0.95", StaffingTarget("on_time_rate_cohort", 0.95, at_least=True)),
        (" hall_wait_mean_min <= 10 ", StaffingTarget("hall_wait_mean_min", 10, at_least=False)),
        ("hall_wait_mean_min≤1e1", StaffingTarget("hall_wait_mean_min", 10, at_least=False)),
    ],
)
def test_targets_are_read(text: str, target: StaffingTarget) -> None:
    assert read_targets([text]) == ((target,), [])


@pytest.mark.parametrize(
    ("text", "found", "allowed"),
    [
        ("", "'' is no target", "INDICATOR>=NUMBER"),
        ("on_time_rate_cohort", "is no target", "INDICATOR>=NUMBER"),
        ("on_time_rate_cohrt>=0.9", "unknown indicator", "did you mean 'on_time_rate_cohort'?"),
        ("on_time_rate_cohort=>0.9", "the sign '=>'", ">= (at least) or <= (at most)"),
        ("on_time_rate_cohort>0.9", "the sign '>'", ">= (at least) or <= (at most)"),
        ("on_time_rate_cohort>=90", "90 is none", "such as 0.9 for 90 %"),
        ("on_time_rate_cohort>=ninety", "'ninety' is no number", "a number"),
        ("on_time_rate_cohort>=nan", "'nan' is no number", "a number"),
        ("on_time_rate_cohort<=0.9", "higher is better", "on_time_rate_cohort >="),
        ("hall_wait_mean_min<=-3", "hall_wait_mean_min of -3 min", "0 min or more"),
    ],
)
def test_a_wrong_target_is_told(text: str, found: str, allowed: str) -> None:
    targets, (problem,) = read_targets([text])
    assert targets == ()
    assert problem.file == f"--target {text}"
    assert found in problem.found
    assert allowed in problem.allowed


def test_the_same_target_twice_and_none_at_all_are_told() -> None:
    _, problems = read_targets(["on_time_rate_cohort>=0.9", "on_time_rate_cohort>=0.95"])
    assert ["a second target" in problem.found for problem in problems] == [True]
    _, problems = read_targets([])
    assert [problem.found for problem in problems] == ["no target"]


def test_people_that_cannot_be_placed_are_told(hall: Scenario) -> None:
    posts = posts_of(hall, "windows")
    least, most = sum(post.low for post in posts), sum(post.high for post in posts)
    for people in (least, most, None):
        assert list(people_problems(posts, people)) == []
    for people in (least - 1, most + 1):
        (problem,) = people_problems(posts, people)
        assert f"{least} (the fewest that each place may have) to {most}" in problem.allowed
