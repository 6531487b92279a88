"""Reforms that take effect on a date: which policy is in force where and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from sim.scenario.model import EVERYWHERE, Scenario, Timeline, Transition
from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import Phase, Settings
from sim.scenario.yaml_lines import Place

NEVER_CHANGING = ("discipline",)
"""Policy fields that cannot change on a date."""
BACKLOG = ("backlog_cleared_on", "backlog_release_share")
"""Policy fields that act on cases already under way, so on every policy before theirs as well."""
HALL_WIDE = ("windows", "coordination_meetings_per_month", *BACKLOG)
"""Policy fields that belong to the whole hall; no department can have them alone."""
RECALL = ("recall_rate", "recall_half_days")
"""Fields that belong to the whole hall where its windows serve every unit."""

PolicyOf = Callable[[str], Mapping[str, object] | None]
"""Returns the policy fields that a reform sets, by its name; None if there is no such reform."""


def transition_of(
    settings: Settings,
    departments: Sequence[str],
    with_reforms: Callable[..., Scenario],
    policy_of: PolicyOf,
) -> Transition:
    """Return the policies of a scenario that has phases.

    Parameters
    ----------
    settings
        Settings with at least one phase.
    departments
        Ids of the departments.
    with_reforms
        Loads the scenario without its phases and with more reforms and values.
    policy_of
        The policy fields that a reform sets, by name.

    Returns
    -------
    Transition
        The policies and the days from which each is in force for each department.

    Raises
    ------
    InputError
        If reforms of phases contradict each other or the scenario.
    """
    phases = sorted(settings.transition, key=lambda phase: phase.begins)
    numbers: dict[tuple[int, ...], int] = {(): 0}
    timelines: dict[str, Timeline] = {}
    for unit in (EVERYWHERE, *departments):
        applied: tuple[int, ...] = ()
        timeline = {settings.horizon.start: 0}
        for place, phase in enumerate(phases):
            if unit == EVERYWHERE or not phase.departments or unit in phase.departments:
                applied = (*applied, place)
                timeline[phase.begins] = numbers.setdefault(applied, len(numbers))
        timelines[unit] = tuple(timeline.items())
    # Two phases of one day leave a combination that is never in force.
    used = sorted({number for timeline in timelines.values() for _, number in timeline})
    order = {number: place for place, number in enumerate(used)}
    reforms = [
        tuple(dict.fromkeys(name for place in applied for name in phases[place].reforms))
        for applied, number in numbers.items()
        if number in order
    ]
    cleared = _clearing(phases, policy_of)
    return Transition(
        tuple(with_reforms(*names, values=cleared) for names in reforms),
        {
            unit: tuple((begins, order[number]) for begins, number in timeline)
            for unit, timeline in timelines.items()
        },
    )


def _clearing(phases: Sequence[Phase], policy_of: PolicyOf) -> tuple[str, ...]:
    """Return the values that clear the backlog on the day a phase with that reform begins.

    Every policy needs them, because cases that are stuck by then arrived under an earlier one.
    """
    for phase in phases:
        for name in phase.reforms:
            share = (policy_of(name) or {}).get("backlog_release_share")
            if share is not None:
                day = f"policy.backlog_cleared_on={phase.begins}"
                return day, f"policy.backlog_release_share={share}"
    return ()


def check_phases(
    settings: Settings,
    departments: Sequence[str],
    place_of: Callable[[str], Place],
    policy_of: PolicyOf,
    reforms: Sequence[str],
) -> Iterator[Problem]:
    """Yield what is wrong with the phases of a scenario.

    Parameters
    ----------
    settings, departments
        The scenario, and the ids of its departments.
    place_of
        Where a dotted path was written.
    policy_of
        The policy fields that a reform sets, by name; None if there is no such reform.
    reforms
        Names of the reforms there are.

    Yields
    ------
    Problem
        Phase by phase, in the order in which they are written.
    """
    horizon = settings.horizon
    named = [policy_of(name) or {} for phase in settings.transition for name in phase.reforms]
    wanted = [settings.policy.windows, *(policy.get("windows") for policy in named)]
    pooled = "comprehensive" in wanted
    for number, phase in enumerate(settings.transition):
        place = place_of(f"transition.{number}")

        def problem(found: str, allowed: str, place: Place = place) -> Problem:
            return Problem(place.file, place.line, found, allowed)

        if not horizon.start < phase.begins <= horizon.census:
            yield problem(
                f"a phase that begins {phase.begins}",
                f"a day after {horizon.start} and not after the census {horizon.census}",
            )
        for unit in phase.departments:
            if unit not in departments:
                yield problem(f"unknown department {unit!r}", nearest(unit, departments))
        for name in phase.reforms:
            policy = policy_of(name)
            if policy is None:
                yield problem(f"no reform {name!r}", nearest(name, reforms))
                continue
            yield from (
                problem(f"{name} sets policy.{field}", reason)
                for field, reason in _refused(policy, phase, pooled=pooled)
            )


def _refused(
    policy: Mapping[str, object], phase: Phase, *, pooled: bool
) -> Iterator[tuple[str, str]]:
    """Yield each field that a phase cannot set, with the kind of fields that it can set."""
    hall_wide = HALL_WIDE + (RECALL if pooled else ())
    for field in policy:
        if field in NEVER_CHANGING:
            yield field, "fields that can change on a date; this one holds from the start"
        elif field in hall_wide and phase.departments:
            yield field, "fields of departments; this one is the whole hall's"
