"""Staffing: who works at the windows and who in the sections; people are conserved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sim.process.network import Group
from sim.scenario.catalogue import Authority, Department, Item
from sim.scenario.schema import Settings

WINDOW, REPRESENTATIVE, POOL, SECTION = "window", "representative", "pool", "section"


@dataclass(frozen=True)
class Staff:
    """The people of a scenario.

    Parameters
    ----------
    groups
        Groups of people who work together, in order of declaration.
    qualified_units
        Units with someone in the hall who may decide.
    moved, added
        People who came from the sections into the hall, and people beyond the survey (below 0:
        whose posts are given up).
    windows, officers
        People in the hall and in the sections, by unit.
    """

    groups: tuple[Group, ...]
    qualified_units: frozenset[str]
    moved: int
    added: int
    windows: Mapping[str, int]
    officers: Mapping[str, int]


@dataclass(frozen=True)
class _Unit:
    """The people of one department: clerks and qualified ones at windows, officers by section."""

    clerks: tuple[str, ...]
    qualified: tuple[str, ...]
    sections: tuple[tuple[str, ...], ...]
    moved: int

    @property
    def windows(self) -> int:
        return len(self.clerks) + len(self.qualified)

    @property
    def officers(self) -> int:
        return sum(len(section) for section in self.sections)

    def recalled_to(self, section: int) -> tuple[str, ...]:
        """Return the people of the hall who work in a section while recalled, dealt out in turn."""
        return (*self.qualified, *self.clerks)[section :: len(self.sections)]


def window_skill(unit: str) -> str:
    """Return the skill of serving applicants at a window.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"window:{unit}"


def desk_skill(unit: str) -> str:
    """Return the skill of window work without the applicant.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"desk:{unit}"


def decide_skill(unit: str) -> str:
    """Return the skill of deciding while the applicant waits in the hall.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"decide:{unit}"


def approve_skill(unit: str) -> str:
    """Return the skill of deciding at the back desk.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"approve:{unit}"


def section_skill(unit: str, section: int) -> str:
    """Return the skill of a section, counted from 0.

    Parameters
    ----------
    unit
        Id of the department.
    section
        Which section, from 0.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"section:{unit}:{section}"


def reception_skill(unit: str) -> str:
    """Return the skill of receiving applicants at the home department.

    Parameters
    ----------
    unit
        Id of the department.

    Returns
    -------
    str
        Name of the skill.
    """
    return f"reception:{unit}"


def staff_of(
    settings: Settings,
    departments: Iterable[Department],
    items: Iterable[Item],
    entered: frozenset[str],
    authority: Mapping[str, Authority],
) -> Staff:
    """Assign people to windows and sections.

    Who comes with an entered item or an authorized decision leaves the sections of the home
    department (`staffing.staff_transfer`); without transfer these people are new.
    `policy.staff` and `policy.officers` overrule the numbers of a unit.

    Parameters
    ----------
    settings
        Parameters and policy.
    departments
        Units as surveyed.
    items
        The catalogue.
    entered
        Ids of the items in the hall.
    authority
        What the window may decide, by id of each item entered.

    Returns
    -------
    Staff
        Groups of people, and their numbers by unit.
    """
    departments = tuple(departments)
    by_unit: dict[str, list[Item]] = {department.id: [] for department in departments}
    for item in items:
        by_unit[item.department].append(item)
    qualified = _qualified(settings, departments)
    units = {
        department.id: _seat(
            department,
            qualified[department.id],
            _newcomers(
                department,
                by_unit[department.id],
                entered,
                authority,
                settings.staffing.entry_staff_factor,
            ),
            settings,
        )
        for department in departments
    }
    windows = {name: unit.windows for name, unit in units.items()}
    officers = {name: unit.officers for name, unit in units.items()}
    surveyed = sum(
        department.window_staff + department.sections * department.officers_per_section
        for department in departments
    )
    return Staff(
        groups=(*_hall_groups(settings, units), *_section_groups(settings, units)),
        qualified_units=frozenset(name for name, unit in units.items() if unit.qualified),
        moved=sum(unit.moved for unit in units.values()),
        added=sum(windows.values()) + sum(officers.values()) - surveyed,
        windows=windows,
        officers=officers,
    )


def _qualified(settings: Settings, departments: tuple[Department, ...]) -> dict[str, int]:
    """Return how many window people of each unit may decide, as surveyed or by share."""
    share = settings.policy.qualified_share
    if share is None:
        return {department.id: department.qualified for department in departments}
    numbers, people, given = {}, 0, 0
    for department in departments:
        people += department.window_staff
        number = min(department.window_staff, round(share * people) - given)
        numbers[department.id] = number
        given += number
    return numbers


def _newcomers(
    department: Department,
    items: list[Item],
    entered: frozenset[str],
    authority: Mapping[str, Authority],
    factor: float,
) -> int:
    """Return how many people come into the hall with newly entered or authorized items."""
    kept_back = [item for item in items if not item.entered]
    share = _share([item for item in kept_back if item.id in entered], kept_back)
    more = department.window_staff_full - department.window_staff
    with_entry = round_half_up(share * more * factor)
    if not department.window_staff and any(item.id in entered for item in items):
        with_entry = max(1, with_entry)
    waiting = [item for item in items if item.delegable and _not_full(item)]
    authorized = [item for item in waiting if authority.get(item.id) == "full"]
    with_authority = round_half_up(_share(authorized, waiting) * department.decision_staff)
    return with_entry + with_authority


def _not_full(item: Item) -> bool:
    return not (item.entered and item.authority == "full")


def _share(part: list[Item], whole: list[Item]) -> float:
    """Return the share of the cases of `whole` that `part` has (of items, if there are none)."""
    cases = sum(item.cases_per_wd for item in whole)
    if cases > 0:
        return sum(item.cases_per_wd for item in part) / cases
    return len(part) / len(whole) if whole else 0.0


def round_half_up(number: float) -> int:
    """Round to the nearest whole number, halves up.

    Parameters
    ----------
    number
        Not negative.

    Returns
    -------
    int
        The number rounded.
    """
    return int(number + 0.5)


def _seat(department: Department, qualified: int, newcomers: int, settings: Settings) -> _Unit:
    name = department.id
    wanted = settings.policy.staff.get(name)
    officers = settings.policy.officers.get(name)
    transfer = settings.staffing.staff_transfer
    window = [f"{name}/w{number + 1}" for number in range(department.window_staff)]
    sections = [
        [f"{name}/s{section + 1}-{number + 1}" for number in range(department.officers_per_section)]
        for section in range(department.sections)
    ]
    if wanted is not None:
        newcomers = max(0, wanted - len(window))
        window, left = window[:wanted], window[wanted:]
        for person in left if transfer else ():
            min(sections, key=len).append(person)
    came = [_leaves(sections) for _ in range(newcomers if transfer else 0)]
    came = [person for person in came if person]
    if not transfer or officers is not None:
        came += [f"{name}/new{number + 1}" for number in range(newcomers - len(came))]
    if officers is not None:
        sections = _spread(name, sections, officers)
    return _Unit(
        clerks=tuple(window[qualified:]),
        qualified=(*window[:qualified], *came),
        sections=tuple(tuple(section) for section in sections),
        moved=len(came) if transfer else 0,
    )


def _leaves(sections: list[list[str]]) -> str:
    """Take an officer from the largest section (the last among equals); nobody leaves one empty."""
    largest = max(reversed(sections), key=len)
    return largest.pop() if len(largest) > 1 else ""


def _spread(name: str, sections: list[list[str]], officers: int) -> list[list[str]]:
    """Return sections with this many officers in all; the first ones have one more where needed."""
    each, more = divmod(officers, len(sections))
    filled = []
    for number, section in enumerate(sections):
        wanted = each + (number < more)
        new = range(len(section), wanted)
        more_people = [f"{name}/s{number + 1}-new{person + 1}" for person in new]
        filled.append([*section[:wanted], *more_people])
    return filled


def _hall_groups(settings: Settings, units: Mapping[str, _Unit]) -> list[Group]:
    policy = settings.policy

    def group(
        name: str, kind: str, unit: str, people: tuple[str, ...], skills: tuple[str, ...]
    ) -> Group:
        return Group(
            name=name,
            skills=skills,
            people=people,
            calendar="hall",
            absent_share=policy.recall_rate,
            absent_half_days=policy.recall_half_days,
            unit=unit,
            kind=kind,
        )

    resident = {name: unit for name, unit in units.items() if unit.clerks or unit.qualified}
    groups: list[Group] = []
    pool: tuple[str, ...] = ()
    if policy.windows == "comprehensive":
        pool = tuple(
            person for unit in resident.values() for person in (*unit.clerks, *unit.qualified[1:])
        )
        skills = tuple(skill(name) for name in resident for skill in (window_skill, desk_skill))
        groups.append(group("comprehensive windows", POOL, "", pool, skills))
    for name, unit in resident.items():
        serves = (window_skill(name), desk_skill(name))
        decides = (decide_skill(name), approve_skill(name))
        if policy.windows == "comprehensive":
            at_desk = unit.qualified[:1]
            groups.append(
                group(
                    f"{name} representative",
                    REPRESENTATIVE,
                    name,
                    at_desk,
                    # Where nobody is left for the pool, representatives serve their own unit.
                    (desk_skill(name), *decides) if pool else (*serves, *decides),
                )
            )
        else:
            groups.append(group(f"{name} window", WINDOW, name, unit.clerks, serves))
            groups.append(
                group(
                    f"{name} representative",
                    REPRESENTATIVE,
                    name,
                    unit.qualified,
                    (*serves, *decides),
                )
            )
    return [staffed for staffed in groups if staffed.people]


def _section_groups(settings: Settings, units: Mapping[str, _Unit]) -> list[Group]:
    """Return the sections; people recalled from the hall are their guests."""
    away = (settings.policy.recall_rate, settings.policy.recall_half_days)
    return [
        Group(
            name=f"{name} section {number + 1}",
            skills=(section_skill(name, number), *((reception_skill(name),) if not number else ())),
            people=people,
            calendar="office",
            pauses=True,
            guests=unit.recalled_to(number),
            guests_away=away,
            unit=name,
            kind=SECTION,
        )
        for name, unit in units.items()
        for number, people in enumerate(unit.sections)
    ]
