"""Whether the people that a policy gives to units can be seated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from sim.scenario.catalogue import Department
from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import Settings


def check_people(
    settings: Settings,
    departments: Sequence[Department],
    problem: Callable[[str, str, str], Problem],
) -> Iterator[Problem]:
    """Find numbers in `policy.staff` and `policy.officers` that are impossible.

    Parameters
    ----------
    settings
        Parameters and policy.
    departments
        The units.
    problem
        Makes a problem of a dotted path, what was found there and what is allowed.

    Yields
    ------
    Problem
        Unknown departments first, then officers, then staff.
    """
    units = {department.id: department for department in departments}
    policy = settings.policy
    for field, people in (("staff", policy.staff), ("officers", policy.officers)):
        for name in people:
            if name not in units:
                found = f"policy.{field} names the unknown department {name!r}"
                yield problem(f"policy.{field}.{name}", found, nearest(name, list(units)))
    for name, number in policy.officers.items():
        if name in units and number < units[name].sections:
            found = f"policy.officers.{name} is {number}"
            allowed = f"{units[name].sections} or more, one for each section"
            yield problem(f"policy.officers.{name}", found, allowed)
    for name, number in policy.staff.items():
        if name not in units or name in policy.officers or not settings.staffing.staff_transfer:
            continue
        unit = units[name]
        most = unit.window_staff + unit.sections * (unit.officers_per_section - 1)
        if number > most:
            found = f"policy.staff.{name} is {number}, more than its sections can send"
            allowed = f"at most {most}, or people of its own by policy.officers.{name}"
            yield problem(f"policy.staff.{name}", found, allowed)
