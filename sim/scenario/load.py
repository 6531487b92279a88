"""From an expression such as ``county+full-entry`` to a checked, frozen scenario."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from sim.printable import printable
from sim.scenario.catalogue import Department, Item
from sim.scenario.files import (
    find,
    find_base,
    names_in,
    not_found,
    parts_of,
    read_text,
    real,
    reform_folders,
    scenario_folders,
)
from sim.scenario.further_checks import FURTHER_CHECKS
from sim.scenario.model import Scenario
from sim.scenario.people import check_people
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.reading import Reading
from sim.scenario.schema import Bilingual, Settings
from sim.scenario.sources import (
    Source,
    read_sources,
    sources_of_rows,
)
from sim.scenario.tables import Table, check_entry, check_tables
from sim.scenario.transition import check_phases, transition_of
from sim.scenario.yaml_lines import (
    Place,
    parse,
)


def load(expression: str, values: Iterable[str] = ()) -> Scenario:
    """Load a scenario and check everything in it.

    Parameters
    ----------
    expression
        A name in ``./scenarios`` or among the shipped ones, or the path of a YAML file;
        reforms are added with ``+``, by name or path.
    values
        Single values that override, such as ``policy.authorization=0.6``.

    Returns
    -------
    Scenario
        Checked and frozen.

    Raises
    ------
    InputError
        With every problem found, each with file, line and what is allowed.
    """
    base, *reforms = parts_of(expression)
    return load_parts(base, reforms, values)


def load_all(names: Sequence[str], values: Iterable[str] = ()) -> list[Scenario]:
    """Load every scenario; the problems of all are told together.

    Parameters
    ----------
    names
        Expressions, as for `load`.
    values
        Single values that override, in every scenario.

    Returns
    -------
    list of Scenario
        In the order of the names.

    Raises
    ------
    InputError
        If any has problems, or two are the same.
    """
    loaded, problems, values = [], [], tuple(values)
    for name in names:
        try:
            loaded.append(load(name, values))
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    doubled = {name for name in names if names.count(name) > 1}
    problems += [
        Problem(name, None, "the scenario is given twice", "each scenario once")
        for name in sorted(doubled)
    ]
    if problems:
        raise InputError(problems)
    return loaded


def load_parts(
    base: str, reforms: Sequence[str], values: Iterable[str] = (), *, phases: bool = True
) -> Scenario:
    """Load a scenario from the parts of its expression.

    Parameters
    ----------
    base
        Name or path of the scenario.
    reforms
        Names or paths of reforms.
    values
        Single values that override.
    phases
        False leaves out reforms that take effect on a date.

    Returns
    -------
    Scenario
        Checked and frozen.

    Raises
    ------
    InputError
        With every problem found, each with file, line and what is allowed.
    """
    path = find(base, Path(), scenario_folders())
    if path is None:
        raise InputError([not_found("scenario", base, scenario_folders(), Place(base, None))])
    values = tuple(values)
    reading = Reading()
    reading.lay_chain(reading.chain(real(path)))
    reading.lay_reforms(reforms, reform_folders(path.parent))
    reading.lay_values(values)
    settings = reading.settings()
    departments, items = reading.table("departments", Department), reading.table("items", Item)
    sources, problems = _sources(settings, reading)
    problems += _cross_checks(settings, departments, items, reading, path.parent)
    problems += check_tables(departments, items)
    for check in FURTHER_CHECKS:
        if check.of_parts or not reading.incomplete:  # defaults would be judged
            problems += check.problems(settings, items.values, reading.problem)
    units = [department.id for department in departments.values]
    if phases:
        problems += _check_phases(settings, units, reading, reform_folders(path.parent))
    reading.problems += problems
    if reading.problems:
        raise InputError(reading.in_order())
    titles = [settings.title, *reading.reform_titles]
    plain = partial(_without_phases, base, reforms, values)
    policy_of = partial(_policy_of, folders=reform_folders(path.parent))
    return Scenario(
        transition=transition_of(settings, units, plain, policy_of)
        if phases and settings.transition
        else None,
        name=_name((base, *reforms)),
        settings=settings,
        departments=departments.values,
        items=items.values,
        reforms=tuple(reforms),
        values=values,
        places={path: place for path, place in reading.places.items() if path},
        sources=sources,
        doses=reading.doses,
        texts=reading.texts,
        titles=reading.titles,
        title=Bilingual(en=" + ".join(t.en for t in titles), zh=" + ".join(t.zh for t in titles)),
        path=real(path),
        loader=load_parts,
    )


def _name(parts: Sequence[str]) -> str:
    names = "+".join(Path(part).name.removesuffix(".yaml") for part in parts)
    return printable(names)


def _without_phases(
    base: str,
    reforms: Sequence[str],
    own_values: Sequence[str],
    *more: str,
    values: Sequence[str] = (),
) -> Scenario:
    return load_parts(base, (*reforms, *more), (*own_values, *values), phases=False)


def _sources(settings: Settings, reading: Reading) -> tuple[dict[str, Source], list[Problem]]:
    sources, problems = read_sources(settings.sources, reading.places)
    tables = {name: reading.place(f"tables.{name}").file for name in ("departments", "items")}
    sources, row_problems = sources_of_rows(sources, reading.places, tables)
    return sources, [*problems, *row_problems]


def _check_phases(
    settings: Settings, units: Sequence[str], reading: Reading, folders: Sequence[Path]
) -> Iterator[Problem]:
    policy_of = partial(_policy_of, folders=folders)
    return check_phases(settings, units, reading.place, policy_of, names_in(folders))


def _policy_of(name: str, folders: Sequence[Path]) -> Mapping[str, object] | None:
    """Return the policy fields that a reform sets, empty for a file that cannot be read.

    None if there is no such reform.
    """
    path = find(name, Path(), folders)
    if path is None:
        return None
    text = read_text(path, name)
    data = None if isinstance(text, Problem) else parse(text, name).data
    policy = (data or {}).get("policy")
    return policy if isinstance(policy, dict) else {}


def _cross_checks(
    settings: Settings,
    departments: Table[Department],
    items: Table[Item],
    reading: Reading,
    beside: Path,
) -> Iterator[Problem]:
    import holidays  # noqa: PLC0415 slow to import

    problem = reading.problem
    country = settings.calendar.country
    countries = list(holidays.list_supported_countries())
    if country not in countries:
        found = f"no official calendar of country {country!r}"
        yield problem("calendar.country", found, nearest(country, countries))
    units = [department.id for department in departments.values]
    cashier = settings.hall.cashier_unit
    if cashier and cashier not in units and not departments.problems:
        found = f"unknown department {cashier!r}"
        yield problem("hall.cashier_unit", found, nearest(cashier, units))
    resident = [unit.id for unit in departments.values if unit.window_staff]
    if cashier in units and cashier not in resident:
        found = f"department {cashier!r} has no windows"
        yield problem("hall.cashier_unit", found, nearest(cashier, resident))
    if not departments.problems:
        yield from check_people(settings, departments.values, problem)
    for number, rival in enumerate(settings.rivals):
        if find_base(rival, beside) is None:
            folders = [beside, *scenario_folders()]
            yield not_found("scenario", rival, folders, reading.place(f"rivals.{number}"))
    where = str(reading.place("policy.entry"))
    yield from check_entry(departments.values, items, settings.policy.entry, where)
