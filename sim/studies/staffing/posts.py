"""The numbers of people that a staffing plan sets, and a scenario with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from sim.process.load import loads
from sim.rules.journey import hall_of, network_of
from sim.scenario.model import Scenario
from sim.studies.staffing.search import Post, StaffingPlan

Where = Literal["windows", "offices", "both"]

SPARE = 2
"""People that a unit's windows may have beyond the largest of three numbers: today's, the
surveyed one, and that of the square-root rule."""


def posts_of(
    scenario: Scenario, where: Where, most: int | None = None, least_officers: int = 1
) -> tuple[Post, ...]:
    """Return the posts whose numbers of people a plan sets, windows first.

    The lower limits keep in the hall a unit's last person who may decide, because the unit would
    lose its authorization without that person.

    Parameters
    ----------
    scenario
        The hall.
    where
        Places whose people are chosen: ``windows``, ``offices`` (home departments) or ``both``.
    most
        Most people at a unit's windows; None for a limit from load, survey and today's number.
    least_officers
        Fewest officers of each section; where a unit has fewer today, today's number.

    Returns
    -------
    tuple of Post
        Units without people at windows have no post there.
    """
    staff = hall_of(scenario).staff
    window_load, office_load = _offered(scenario)
    fewest = _fewest_with_authority(scenario)
    posts = []
    for unit in scenario.departments:
        now, load = staff.windows[unit.id], window_load.get(unit.id, 0.0)
        if now and where != "offices":
            high = most or max(now, unit.window_staff_full, round(load + load**0.5 + 0.5)) + SPARE
            if where == "windows" and scenario.settings.staffing.staff_transfer:
                # Whoever comes to a window leaves a section, and every section keeps one person.
                high = min(high, now + staff.officers[unit.id] - unit.sections)
            low = min(now, fewest[unit.id])
            posts.append(Post("staff", unit.id, now, low, max(low, high), load))
    for unit in scenario.departments if where != "windows" else ():
        now, load = staff.officers[unit.id], office_load.get(unit.id, 0.0)
        low = max(unit.sections, min(now, least_officers * unit.sections))
        high = max(now, round(load + load**0.5 + 0.5)) + unit.sections
        posts.append(Post("officers", unit.id, now, low, high, load))
    return tuple(posts)


def _offered(scenario: Scenario) -> tuple[dict[str, float], dict[str, float]]:
    """Return the offered load of every unit's windows and sections, in people.

    The people of a unit are divided evenly among its sections, so the busiest section decides.
    """
    network = network_of(scenario)
    people = {group.name: len(group.people) for group in network.groups}
    sections = {unit.id: unit.sections for unit in scenario.departments}
    windows: dict[str, float] = {}
    offices: dict[str, float] = {}
    for load in loads(network):
        able = sum(people[name] for name in load.groups)
        if len(load.skills) > 1 or not able or not load.capacity_min:
            continue
        busy = load.offered_min / (load.capacity_min / able)
        kind, unit = load.skills[0].split(":")[:2]
        if kind in {"section", "reception"}:
            offices[unit] = max(offices.get(unit, 0.0), busy * sections[unit])
        else:
            windows[unit] = windows.get(unit, 0.0) + busy
    return windows, offices


def _fewest_with_authority(scenario: Scenario) -> dict[str, int]:
    """Return the fewest people at each unit's windows with whom it keeps its authorization.

    When people are taken from the windows, the surveyed window staff stay longest.
    """
    staff = hall_of(scenario).staff
    fewest = dict.fromkeys(staff.windows, 1)
    for number in range(1, max(staff.windows.values(), default=1)):
        fewer = {unit: min(now, number) for unit, now in staff.windows.items()}
        policy = scenario.settings.policy.model_copy(update={"staff": fewer})
        settings = scenario.settings.model_copy(update={"policy": policy})
        left = hall_of(replace(scenario, settings=settings)).staff.qualified_units
        for unit in staff.qualified_units - left:
            fewest[unit] = number + 1
    return fewest


def with_plan(scenario: Scenario, posts: Sequence[Post], plan: StaffingPlan) -> Scenario:
    """Return the scenario with the people of a plan.

    Parameters
    ----------
    scenario
        The hall.
    posts
        Posts whose people are set.
    plan
        People at each post, in the order of the posts.

    Returns
    -------
    Scenario
        Same content as with the values ``policy.staff.UNIT`` and ``policy.officers.UNIT``.
    """
    policy = scenario.settings.policy
    people = {"staff": dict(policy.staff), "officers": dict(policy.officers)}
    for post, number in zip(posts, plan, strict=True):
        people[post.field][post.unit] = number
    set_now = tuple(
        f"policy.{post.field}.{post.unit}={number}"
        for post, number in zip(posts, plan, strict=True)
    )
    settings = scenario.settings.model_copy(update={"policy": policy.model_copy(update=people)})
    return replace(scenario, settings=settings, values=(*scenario.values, *set_now))
