"""Routes and case traces: text, tables, and a picture of a route."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from sim.engine.log import Status
from sim.measure.definitions import Language, phases
from sim.present.style import styled
from sim.process.diagram import Line
from sim.scenario.model import Scenario
from sim.studies.inspection import WORDS, say
from sim.studies.inspection.case_trace import Event

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def route_lines(lines: Sequence[Line], scenario: Scenario, lang: Language) -> Iterator[str]:
    """Yield an indented line per step: what, how long, who, and where it is specified.

    Parameters
    ----------
    lines
        Outline of the route.
    scenario
        The hall.
    lang
        Language of the text.

    Yields
    ------
    str
        Ends with rule, parameter, file and line in brackets, where they are known.
    """
    for line in lines:
        text = f"{'  ' * line.depth}{_sentence(line, scenario, lang)}"
        source = _origin(line, scenario)
        yield f"{text}   [{source}]" if source else text


def _sentence(line: Line, scenario: Scenario, lang: Language) -> str:
    """Return a line of an outline in words."""
    units = scenario.unit_names(lang)
    people = _skill(line.skill, units, lang)
    values = {
        name: f"{value:.0%}"
        if name == "probability" and value >= 0.1
        else f"{value:.1%}"
        if name == "probability"
        else f"{value:.3g}"
        for name, value in line.values.items()
    }
    unit = next(iter(values))[5:] if values and next(iter(values)).startswith("mean_") else ""
    mean = values.get(f"mean_{unit}", "") if unit else ""
    key = f"line.{line.kind}" + (
        f".{line.label.replace(' ', '_')}" if line.kind == "branch" else ""
    )
    return say(
        key,
        lang,
        label=activity(line.label, lang, units),
        who=people,
        mean=f"{mean} {say(f'unit.{unit}', lang)}" if mean else "",
        **{name: value for name, value in values.items() if not name.startswith("mean_")},
    )


def activity(label: str, lang: Language, units: Mapping[str, str]) -> str:
    """Return an activity, place, milestone or outcome in words.

    Parameters
    ----------
    label
        As in the outline or the trace.
    lang
        Language of the text.
    units
        Names of the departments by id.

    Returns
    -------
    str
        The label itself if there is no text for it.
    """
    if label.startswith("home:"):
        return say("place.home", lang, unit=units.get(label[5:], label[5:]))
    number = re.search(r"\d+", label)
    key = f"activity.{re.sub(r'[0-9]+', '#', label)}"
    if key not in WORDS:
        return label
    return say(key, lang, number=number.group() if number else "")


def _skill(skill: str, units: Mapping[str, str], lang: Language) -> str:
    if not skill:
        return ""
    kind, *rest = skill.split(":")
    unit = units.get(rest[0], rest[0]) if rest else ""
    number = str(int(rest[1]) + 1) if len(rest) > 1 else ""
    key = f"skill.{kind}"
    return say(key, lang, unit=unit, number=number) if key in WORDS else skill


def _origin(line: Line, scenario: Scenario) -> str:
    """Return the rule, and the file and line of the parameter behind a step; empty if unknown."""
    if not line.origin:
        return ""
    rule, _, path = line.origin.partition(" · ")
    place = scenario.places.get(path.split(",")[0].strip())
    if place is None:
        return f"rules/{rule}.py, {path}" if path else f"rules/{rule}.py"
    where = f"{place.file}:{place.line}" if place.line else place.file
    return f"rules/{rule}.py, {path} {where}"


# Case traces ------------------------------------------------------------------------------


def trace_tables(
    traces: Mapping[str, Sequence[Event]], scenario: Scenario, lang: Language
) -> Iterator[Table]:
    """Yield a table of dated events for each trace.

    Parameters
    ----------
    traces
        Events of an applicant, by title of the table.
    scenario
        The hall.
    lang
        Language of the texts.

    Yields
    ------
    Table
        A row per event.
    """
    units = scenario.unit_names(lang)
    for title, events in traces.items():
        table = Table(title=title, title_justify="left")
        for column in ("when", "until", "what", "who"):
            table.add_column(say(f"column.{column}", lang))
        for event in events:
            instant = event.begin == event.end
            table.add_row(
                event.begin.strftime("%Y-%m-%d %H:%M"),
                "" if instant else _until(event, lang),
                _event(event, units, lang),
                event.who,
            )
        yield table


def _until(event: Event, lang: Language) -> str:
    if event.status is Status.OPEN:
        return say("story.open", lang)
    same_day = event.begin.date() == event.end.date()
    return event.end.strftime("%H:%M" if same_day else "%Y-%m-%d %H:%M")


def _event(event: Event, units: Mapping[str, str], lang: Language) -> str:
    text = activity(event.label, lang, units)
    if event.kind == "visit":
        text = say("story.visit", lang, place=text)
    if event.status is Status.LEFT:
        text = say("story.left", lang, what=text)
    if event.status is Status.TURNED_AWAY:
        text = say("story.turned_away", lang, what=text)
    if event.status is Status.EXPIRED:
        text = say("story.expired", lang, what=text)
    waited_min = (event.start - event.begin).total_seconds() / 60
    days = (event.start.date() - event.begin.date()).days
    if event.who and days:
        text = say("story.begun_later", lang, what=text, days=days)
    elif event.who and waited_min >= 1:
        text = say("story.waited", lang, what=text, minutes=f"{waited_min:.0f}")
    return text


# Picture ----------------------------------------------------------------------------------

PHASE_SHADE = {
    "service": "#cfe3f7",
    "work": "#cfe3f7",
    "courier": "#fbe3c0",
    "inbox": "#fbe3c0",
    "signature": "#f6cdbf",
    "helpers": "#e2d6ef",
    "blocked": "#f0b3b3",
    "applicant": "#d9ecd0",
    "collection": "#d9ecd0",
}
ROW_IN = 0.3
"""Height of a row in inches."""
SHIFT = 0.022
"""Indentation per depth, as a share of the width."""


def route_figure(lines: Sequence[Line], scenario: Scenario, title: str, lang: Language) -> Figure:
    """Draw the outline of a route, one row per step, in the style that is set.

    Parameters
    ----------
    lines
        The outline.
    scenario
        The hall.
    title
        Text on top.
    lang
        Language.

    Returns
    -------
    matplotlib.figure.Figure
        The picture.
    """
    from sim.present.charts.figure import Chart  # noqa: PLC0415  (matplotlib is slow to import)

    height = ROW_IN * (len(lines) + 3)
    figure = Chart(figsize=(13, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(len(lines) + 2, 0)
    axes.text(0.01, 0.8, title, fontsize=15, va="center")
    for row, line in enumerate(lines):
        _draw_line(axes, row + 2, line, scenario, lang)
    return figure


def draw_route(
    lines: Sequence[Line], scenario: Scenario, title: str, lang: Language, path: Path
) -> None:
    """Write the picture of a route, SVG or PNG by the ending.

    Parameters
    ----------
    lines
        The outline.
    scenario
        The hall.
    title
        Text on top.
    lang
        Language.
    path
        File.
    """
    with styled(lang):
        route_figure(lines, scenario, title, lang).savefig(path, dpi=110)


def _draw_line(axes: Axes, row: int, line: Line, scenario: Scenario, lang: Language) -> None:
    left = 0.012 + line.depth * SHIFT
    is_step = line.kind in ("serve", "delay", "session")
    box = {
        "boxstyle": "round,pad=0.25",
        "facecolor": PHASE_SHADE.get(line.phase, "#eeeeee") if is_step else "white",
        "edgecolor": "#666666" if is_step else "none",
        "linewidth": 0.6,
    }
    style = "italic" if line.kind in ("choice", "branch") and lang == "en" else "normal"
    weight = "bold" if line.kind in ("visit", "mark", "exit") else "normal"
    text = _sentence(line, scenario, lang)
    axes.text(left, row, text, fontsize=9.5, va="center", bbox=box, style=style, weight=weight)
    if line.phase:
        axes.text(
            0.99, row, phases()[line.phase][lang], fontsize=8, va="center", ha="right", color="#555"
        )
