"""Texts of the commands that run no experiment: checks, routes, case traces, definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Table

from sim.engine.packed import packed
from sim.measure.definitions import Language, indicators
from sim.present.cautions import overload_sentence
from sim.process.clock import WHOLE_DAY_S
from sim.process.diagram import Line, outline
from sim.process.load import loads, overloads
from sim.process.network import ProcessNetwork
from sim.rules.hall import Hall
from sim.rules.implications import implications
from sim.rules.journey import hall_of, journey, network_of, volume
from sim.rules.working_time import census_s, working_days
from sim.running.replication import prepare
from sim.running.result_folder import check_writable
from sim.scenario.assumptions import assumptions, fitted_outside
from sim.scenario.catalogue import Item
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.studies.columns import column_text, described_columns, described_tables, shared_columns
from sim.studies.inspection import say
from sim.studies.inspection.case_trace import Event, NoSuchApplicantError, trace_case
from sim.studies.inspection.routes import draw_route, route_lines, trace_tables

MOST_DIGITS = 18
"""Digits of an applicant's number at most."""
GRADE_ORDER = ("E", "", "D", "P", "S")
"""Grades of sources, estimates first."""


def check_lines(scenario: Scenario, lang: Language) -> Iterator[str]:
    """Yield what was loaded, and every overload.

    Parameters
    ----------
    scenario
        The scenario.
    lang
        Language of the texts.

    Yields
    ------
    str
        Sentences: summary, horizon, loads, what the scenario implies, warnings.
    """
    hall, network = hall_of(scenario), network_of(scenario)
    packed(network)  # refuses what no engine could run
    horizon = scenario.settings.horizon
    inside = [item for item in scenario.items if hall.has_entered(item)]
    full = sum(hall.level(item) == "full" for item in inside)
    windows = [group for group in hall.staff.groups if group.calendar == "hall"]
    qualified = [
        group for group in windows if any(skill.startswith("approve:") for skill in group.skills)
    ]
    rates = {item.id: item.cases_per_wd * volume(item, scenario) for item in scenario.items}
    yield say("check.good", lang, name=scenario.name)
    yield say(
        "check.summary",
        lang,
        items=len(scenario.items),
        departments=len(scenario.departments),
        entered=len(inside),
        rate=f"{len(inside) / len(scenario.items):.1%}",
        full=full,
        windows=sum(len(group.people) for group in windows),
        qualified=sum(len(group.people) for group in qualified),
        total=sum(len(group.people) for group in hall.staff.groups),
    )
    yield say(
        "check.horizon",
        lang,
        start=horizon.start,
        census=horizon.census,
        wd=len(working_days(scenario.settings)),
        follow_up=horizon.follow_up_wd,
        cases=f"{sum(rates.values()):.1f}",
        hall=f"{sum(rates[item.id] for item in inside):.1f}",
    )
    if scenario.settings.calendar.other_hall_hours:
        yield _hall_days(network, census_s(scenario.settings), lang)
    heaviest = next(iter(loads(network)), None)
    if heaviest is not None:
        yield say(
            "check.load",
            lang,
            groups=", ".join(heaviest.groups[:3]),
            offered=f"{heaviest.offered_min:,.0f}",
            capacity=f"{heaviest.capacity_min:,.0f}",
            ratio=f"{heaviest.ratio:.2f}",
        )
    for load in overloads(network):
        yield overload_sentence(scenario.name, load, lang)
    yield from implied_lines(scenario, lang)
    yield from scenario.warnings


def implied_lines(scenario: Scenario, lang: Language) -> Iterator[str]:
    """Yield what a scenario implies for its cases, and what it fitted beyond an estimate's range.

    Parameters
    ----------
    scenario
        The scenario.
    lang
        Language of the texts.

    Yields
    ------
    str
        Frequencies are per 100 cases.
    """

    def of_100(times: float | None) -> str:
        return "–" if times is None else f"{100 * times:.3g}"

    for implied in implications(scenario):
        wd = "" if implied.lasts_wd is None else f"{implied.lasts_wd:.0f}"
        yield say(
            f"implies.{implied.kind}",
            lang,
            all=of_100(implied.of_all),
            complex=of_100(implied.of_complex),
            slow=of_100(implied.of_slow),
            lasts=wd and say("implies.lasts", lang, wd=wd),
        )
    for path, value, source in fitted_outside(scenario):
        yield say(
            "implies.outside",
            lang,
            path=path,
            value=f"{value:.3g}",
            low=f"{source.low:g}",
            high=f"{source.high:g}",
        )


def _hall_days(network: ProcessNetwork, census_s: int, lang: Language) -> str:
    """Return on how many days the hall is open, where not all days have the same hours."""
    opened, worked = (
        {opening // WHOLE_DAY_S for opening in calendar.day_opens if opening < census_s}
        for calendar in (network.hall, network.working_days)
    )
    return say("check.hall_days", lang, days=len(opened), extra=len(opened - worked))


def item_of(scenario: Scenario, name: str) -> Item:
    """Return the item of an id.

    Parameters
    ----------
    scenario
        The hall.
    name
        Id of the item.

    Returns
    -------
    Item
        The item.

    Raises
    ------
    InputError
        If there is no such item.
    """
    known = {item.id: item for item in scenario.items}
    if name not in known:
        file = scenario.settings.tables.items
        raise InputError(
            [Problem(file, None, f"there is no item {name!r}", nearest(name, list(known)))]
        )
    return known[name]


def route(scenario: Scenario, name: str, lang: Language, out: Path) -> Iterator[str]:
    """Yield the route of an item in words, and draw its picture.

    Parameters
    ----------
    scenario
        The hall.
    name
        Id of the item.
    lang
        Language of the texts.
    out
        Folder of results; the picture goes into its ``explain``, as SVG and PNG.

    Yields
    ------
    str
        Lines of the route, and the path of the picture.
    """
    item = item_of(scenario, name)
    lines, title = outline_of(scenario, item), route_title(scenario, item, lang)
    yield from route_answer(scenario, item, lines, lang)
    folder = out / "explain"
    check_writable(folder)
    path = folder / f"{scenario.name}-{item.id}.{lang}.svg"
    draw_route(lines, scenario, title, lang, path)
    draw_route(lines, scenario, title, lang, path.with_suffix(".png"))
    yield say("explain.picture", lang, path=path)


def outline_of(scenario: Scenario, item: Item) -> list[Line]:
    """Return the route of an item, one line per step.

    Parameters
    ----------
    scenario
        The hall.
    item
        The item.

    Returns
    -------
    list of Line
        The outline.
    """
    return list(outline(journey(item, hall_of(scenario))))


def route_title(scenario: Scenario, item: Item, lang: Language) -> str:
    """Return the title of the route of an item.

    Parameters
    ----------
    scenario
        The hall.
    item
        The item.
    lang
        Language of the text.

    Returns
    -------
    str
        Names of item, department and scenario.
    """
    return say(
        "explain.route",
        lang,
        name=getattr(item.name, lang),
        id=item.id,
        department=getattr(scenario.department(item.department).name, lang),
        scenario=scenario.name,
    )


def route_answer(
    scenario: Scenario, item: Item, lines: Sequence[Line], lang: Language
) -> Iterator[str]:
    """Yield the route of an item in words.

    Parameters
    ----------
    scenario
        The hall.
    item
        The item.
    lines
        Outline of its route.
    lang
        Language of the texts.

    Yields
    ------
    str
        Title, facts about the item, and a line per step.
    """
    yield route_title(scenario, item, lang)
    yield _facts(item, hall_of(scenario), scenario, lang)
    yield from route_lines(lines, scenario, lang)


def _facts(item: Item, hall: Hall, scenario: Scenario, lang: Language) -> str:
    entered = hall.has_entered(item)
    mode = hall.joint_mode(item)
    return say(
        "explain.facts",
        lang,
        entered=say("explain.entered" if entered else "explain.not_entered", lang),
        authority=say(f"authority.{hall.level(item) if entered else 'department'}", lang),
        joint="" if mode == "none" else say("explain.joint", lang, mode=say(f"joint.{mode}", lang)),
        promised=f"{hall.promised_wd(item):g}",
        rate=f"{item.cases_per_wd * volume(item, scenario):.3g}",
    )


def case_tables(
    scenarios: Sequence[Scenario], case: str, seed: int | None, lang: Language
) -> Iterator[Table]:
    """Yield what happens to one applicant in each scenario.

    Parameters
    ----------
    scenarios
        The scenarios, the base first.
    case
        Item and number of the applicant, such as ``permit:0``.
    seed
        Seed of all random numbers, that of the base unless given.
    lang
        Language of the texts.

    Yields
    ------
    Table
        A table per scenario, a row per event.

    Raises
    ------
    InputError
        If the item or the applicant does not exist.
    """
    key = scenarios[0].settings.experiment.seed if seed is None else seed
    for scenario in scenarios:
        yield trace_table(scenario, case, trace_of(scenario, case, key), lang)


def trace_of(scenario: Scenario, case: str, seed: int) -> list[Event]:
    """Return what happens to one applicant.

    Parameters
    ----------
    scenario
        The hall.
    case
        Item and number of the applicant, such as ``permit:0``.
    seed
        Seed of all random numbers.

    Returns
    -------
    list of Event
        In the order in which they were reached.

    Raises
    ------
    InputError
        If the item or the applicant does not exist.
    """
    name, _, written = case.partition(":")
    if not (written.isdecimal() and len(written) <= MOST_DIGITS):
        raise InputError(
            [Problem("--case", None, f"{case!r}", "ITEM:K, the K-th applicant of an item from 0")]
        )
    item_of(scenario, name)
    try:
        return trace_case(prepare(scenario), name, int(written), seed)
    except NoSuchApplicantError as error:
        found = f"applicant {written} of {name}"
        raise InputError([Problem("--case", None, found, _applicants(error.numbers))]) from error


def trace_table(scenario: Scenario, case: str, events: Sequence[Event], lang: Language) -> Table:
    """Return what happens to one applicant as a table.

    Parameters
    ----------
    scenario
        The hall.
    case
        Item and number of the applicant, such as ``permit:0``.
    events
        The trace of the applicant.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per event.
    """
    name, _, written = case.partition(":")
    title = say(
        "story.title",
        lang,
        name=getattr(item_of(scenario, name).name, lang),
        number=written,
        scenario=scenario.name,
    )
    (table,) = trace_tables({title: events}, scenario, lang)
    return table


def _applicants(numbers: Sequence[int]) -> str:
    """Return which numbers the applicants of an item have, for an error message."""
    if not numbers:
        return "none: nobody comes for it"
    if numbers[-1] == len(numbers) - 1:
        return f"0 to {numbers[-1]}"
    return nearest("", [str(number) for number in numbers])


def indicators_table(lang: Language) -> Table:
    """Return every indicator with its meaning.

    Parameters
    ----------
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per indicator.
    """
    table = Table(show_lines=False)
    for column in ("id", "figure", "unit", "population", "definition"):
        table.add_column(say(f"column.{column}", lang), overflow="fold", no_wrap=column == "id")
    for indicator in indicators().values():
        table.add_row(
            indicator.id,
            indicator.label[lang],
            indicator.unit,
            indicator.population[lang],
            indicator.definition[lang],
        )
    return table


def assumptions_table(scenario: Scenario, lang: Language) -> Table:
    """Return every parameter with its grade, plausible range and source, estimates first.

    Parameters
    ----------
    scenario
        The scenario.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per parameter, and below them what the scenario implies.
    """
    table = Table(caption="\n".join(implied_lines(scenario, lang)), caption_justify="left")
    for column in ("path", "value", "unit", "grade", "range", "note"):
        table.add_column(say(f"column.{column}", lang), overflow="fold")
    rows = assumptions(scenario, lang)
    for row in sorted(rows, key=lambda row: GRADE_ORDER.index(row.grade)):
        span = "" if row.low is None else f"{row.low:g} – {row.high:g}"
        table.add_row(row.path, str(row.value), row.unit, row.grade, span, row.note)
    return table


def columns_table(name: str | None, lang: Language) -> Table:
    """Return the columns of a table of results with their meaning, or all tables.

    Parameters
    ----------
    name
        Name of a table; all tables are listed if none is given.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        One row each.

    Raises
    ------
    InputError
        If there is no such table.
    """
    known = described_tables()
    shown = Table(show_lines=False)
    shown.add_column(say("column.table" if name is None else "column.column", lang), no_wrap=True)
    shown.add_column(say("column.meaning", lang), overflow="fold")
    if name is None:
        for table, about in known.items():
            shown.add_row(table, about[lang])
        return shown
    if name not in known:
        raise InputError([Problem("TABLE", None, f"no table {name!r}", nearest(name, list(known)))])
    for column in (*shared_columns(name), *described_columns(name)):
        shown.add_row(column, column_text(name, column, lang))
    return shown
