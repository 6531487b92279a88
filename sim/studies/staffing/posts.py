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
"""People a unit's windows may have beyond today's, the surveyed and the square-root number."""


def posts_of(
    scenario: Scenario, where: Where, most: int | None = None, least_officers: int = 1
) -> tuple[Post, ...]:
    """Return the numbers of people that a plan sets, windows first.

    No plan takes a unit's last person who may decide from the hall, for that would undo its
    authorization.

    Parameters
    ----------
    scenario
        The hall.
    where
        Which places.
    most
        Most people at a unit's windows.
    least_officers
        Fewest officers of a section, where there are not fewer already.
    """
    staff = hall_of(scenario).staff
    window_load, office_load = _offered(scenario)
    fewest = _fewest_with_authority(scenario)
    found = []
    for unit in scenario.departments:
        now, load = staff.windows[unit.id], window_load.get(unit.id, 0.0)
        if now and where != "offices":
            high = most or max(now, unit.window_staff_full, round(load + load**0.5 + 0.5)) + SPARE
            if where == "windows" and scenario.settings.staffing.staff_transfer:
                # Who comes leaves the sections, and nobody leaves one empty.
                high = min(high, now + staff.officers[unit.id] - unit.sections)
            low = min(now, fewest[unit.id])
            found.append(Post("staff", unit.id, now, low, max(low, high), load))
    for unit in scenario.departments if where != "windows" else ():
        now, load = staff.officers[unit.id], office_load.get(unit.id, 0.0)
        low = max(unit.sections, min(now, least_officers * unit.sections))
        high = max(now, round(load + load**0.5 + 0.5)) + unit.sections
        found.append(Post("officers", unit.id, now, low, high, load))
    return tuple(found)


def _offered(scenario: Scenario) -> tuple[dict[str, float], dict[str, float]]:
    """Return the offered load of every unit's windows and sections, in people.

    People of a unit spread evenly over its sections, so the busiest section decides.
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
    """Return the fewest people at each unit's windows that leave it the authority it has.

    The window staff surveyed stay first, so who may decide can be the last to go.
    """
    staff = hall_of(scenario).staff
    found = dict.fromkeys(staff.windows, 1)
    for number in range(1, max(staff.windows.values(), default=1)):
        fewer = {unit: min(now, number) for unit, now in staff.windows.items()}
        policy = scenario.settings.policy.model_copy(update={"staff": fewer})
        settings = scenario.settings.model_copy(update={"policy": policy})
        left = hall_of(replace(scenario, settings=settings)).staff.qualified_units
        for unit in staff.qualified_units - left:
            found[unit] = number + 1
    return found


def with_plan(scenario: Scenario, posts: Sequence[Post], plan: StaffingPlan) -> Scenario:
    """Return the scenario with the people of a plan."""
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
