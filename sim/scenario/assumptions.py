"""Assumptions of a scenario: every value with its source, and whether a reform or a fit set it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sim.scenario.model import Scenario
from sim.scenario.parameter_names import parameter_unit
from sim.scenario.sources import Source, parameters, prefixes_of, table_columns


@dataclass(frozen=True)
class Assumption:
    """One line of ``hall assumptions``.

    Parameters
    ----------
    path
        Dotted path of a parameter, or name of a table column, also of some rows of it.
    value
        Value of the parameter; for a column, the path of its table.
    unit
        Unit in words; empty if the value has none.
    grade
        S the report, P public, D computed from S or P, E an estimate; empty = none given.
    low, high
        Plausible range in that unit; None if none is given for this value.
    note
        Source of the value, or the reform, the fit or the option that set it.
    """

    path: str
    value: Any
    unit: str
    grade: str
    low: float | None
    high: float | None
    note: str


def assumptions(scenario: Scenario, lang: Literal["en", "zh"] = "en") -> list[Assumption]:
    """List every parameter and table column with its source.

    Parameters
    ----------
    scenario
        A loaded scenario.
    lang
        Language of units and notes.

    Returns
    -------
    list of Assumption
        Parameters in the order of the schema, then the columns of the tables.
    """
    rows = []
    for path in parameters():
        value: Any = scenario.settings
        for name in path.split("."):
            value = None if value is None else getattr(value, name)
        rows.append(_row(scenario, path, value, lang))
    tables = scenario.settings.tables
    for path in table_columns():
        file = getattr(tables, path.split(".")[0])
        rows.append(_row(scenario, path, file, lang))
        rows += [
            _row(scenario, written, file, lang)
            for written in scenario.sources
            if written.startswith(f"{path}[")
        ]
    return rows


def fitted_outside(scenario: Scenario) -> Iterator[tuple[str, float, Source]]:
    """Yield fitted values that lie outside the range that their own source gives.

    Parameters
    ----------
    scenario
        A loaded scenario.

    Yields
    ------
    tuple
        Dotted path, fitted value and source.
    """
    for path, place in scenario.places.items():
        source = scenario.sources.get(path) or scenario.sources.get(path.removesuffix(".mean"))
        if place.layer != "calibration" or source is None or source.low is None:
            continue
        value: Any = scenario.settings
        for name in path.split("."):
            value = getattr(value, name)
        if not source.low <= value <= (source.high or source.low):
            yield path, value, source


def _row(scenario: Scenario, path: str, value: Any, lang: Literal["en", "zh"]) -> Assumption:
    written = next((p for p in prefixes_of(path) if p in scenario.sources), "")
    source = scenario.sources.get(written)
    grade, low, high = "", None, None
    note = "未注明来源" if lang == "zh" else "no source given"
    if source is not None:
        grade, note = source.grade, source.said(lang)
        # A range belongs to one number: not to a Duration's cv, nor to a whole section.
        if written in {path, path.removesuffix(".mean")}:
            low, high = source.low, source.high
    place = scenario.places.get(path)
    if place is not None and place.layer == "calibration":
        title = getattr(scenario.titles[place.file], lang)
        note = f"{'拟合' if lang == 'zh' else 'fitted'}: {title}"
    elif place is not None and place.layer == "reform":
        title = getattr(scenario.titles[place.file], lang)
        dose = scenario.doses.get(path, Source("", None, None, ""))
        grade, low, high = dose.grade, dose.low, dose.high
        note = f"{'由改革措施设定' if lang == 'zh' else 'set by the reform'}: {title}"
        if dose.note:
            note = f"{note}{'：' if lang == 'zh' else '; '}{dose.said(lang)}"
    elif place is not None and place.layer == "set":
        grade, low, high = "", None, None
        note = "由 --set 设定" if lang == "zh" else "set by --set"
    return Assumption(path, value, parameter_unit(path, lang), grade, low, high, note)
