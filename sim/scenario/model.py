"""The scenario: everything a run needs, frozen."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from sim.scenario.catalogue import Department, Item
from sim.scenario.files import as_then, find_base
from sim.scenario.schema import NOT_IN_CONTENT, Bilingual, Settings
from sim.scenario.sources import Source
from sim.scenario.yaml_lines import Place

__all__ = ["EVERYWHERE", "Place", "Scenario", "Timeline", "Transition"]

EVERYWHERE = ""
"""Stands for the hall as a whole among the departments."""

Timeline = tuple[tuple[dt.date, int], ...]
Loader = Callable[[str, Sequence[str], Iterable[str]], "Scenario"]


@dataclass(frozen=True, repr=False)
class Scenario:
    """A hall, its catalogue and its policy, checked and frozen.

    Parameters
    ----------
    name
        Expression it was loaded by, such as ``county+full-entry``; paths without their folder.
    settings
        Every parameter.
    departments, items
        The rows of the two tables, in file order.
    reforms
        Names of the reforms laid over the scenario file.
    values
        Single values laid over that, such as ``policy.entry=0.8``.
    places
        Where each dotted path was written; unwritten ones hold defaults.  Table rows are
        ``departments.ID`` and ``items.ID``.
    sources, doses
        Grade, range and note by dotted path: of the hall's own values, and of those that reforms
        set.
    texts
        Content of every file read, by file name.
    titles
        Title of every scenario, calibration and reform file, by file name.
    title
        Title of the scenario and of the reforms laid over it.
    path
        The scenario file.
    loader
        Loads a scenario from base, reforms and values: this one, changed.
    transition
        What is in force when, if policies change on a date.
    """

    name: str
    settings: Settings
    departments: tuple[Department, ...]
    items: tuple[Item, ...]
    reforms: tuple[str, ...]
    values: tuple[str, ...]
    places: Mapping[str, Place]
    sources: Mapping[str, Source]
    doses: Mapping[str, Source]
    texts: Mapping[str, str]
    titles: Mapping[str, Bilingual]
    title: Bilingual
    path: Path
    loader: Loader = field(repr=False, compare=False)
    transition: Transition | None = None

    def __repr__(self) -> str:
        laid = "".join(f", {value}" for value in self.values)
        return f"<Scenario {self.name}{laid}: {len(self.items)} items>"

    def with_reforms(self, *names: str) -> Scenario:
        """Return this scenario with more reforms, by name or path."""
        return self._again((*self.reforms, *names), self.values)

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """Return this scenario with other values, by dotted path."""
        more = (f"{path}={'null' if value is None else value}" for path, value in values.items())
        return self._again(self.reforms, (*self.values, *more))

    def department(self, name: str) -> Department:
        """Return the department of that id."""
        return self._departments[name]

    def unit_names(self, lang: Literal["en", "zh"]) -> dict[str, str]:
        """Return the name of every department by its id."""
        return {unit.id: getattr(unit.name, lang) for unit in self.departments}

    def rivals(self) -> tuple[Scenario, ...]:
        """Return the other explanations of the report, with the same reforms and values."""
        paths = (find_base(name, self.path.parent) for name in self.settings.rivals)
        return tuple(
            self.loader(str(path), self.reforms, self.values)
            for path in paths
            if path not in {None, self.path}
        )

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a user should know although it is no mistake: unpublished make-up workdays."""
        import holidays  # noqa: PLC0415 slow to import

        calendar, horizon = self.settings.calendar, self.settings.horizon
        if calendar.country not in {"CN", "CHN"}:
            return ()
        followed_days = horizon.census.timetuple().tm_yday + 1.5 * horizon.follow_up_wd
        years = range(horizon.start.year, horizon.census.year + int(followed_days // 366) + 1)
        # The notice of a year may move work into the December before it.
        noticed = range(years.start, years.stop + 1)
        official = holidays.country_holidays(calendar.country, years=noticed)
        own = (*calendar.extra_workdays, *calendar.extra_holidays)
        known = {day.year for day in (*official.weekend_workdays, *own)}
        unknown = [year for year in years if year not in known]
        if not unknown:
            return ()
        span = str(unknown[0]) if len(unknown) == 1 else f"{unknown[0]} to {unknown[-1]}"
        advice = "write them in calendar.extra_workdays and calendar.extra_holidays"
        return (f"make-up workdays of {span} are not in the package holidays; {advice}",)

    @property
    def digest(self) -> str:
        """SHA-256 over the expression, the values and the content of every file read."""
        texts = [(Path(file).name, text) for file, text in self.texts.items()]
        whole = json.dumps([self.name, self.values, texts], ensure_ascii=False)
        return hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()

    @cached_property
    def content(self) -> str:
        """SHA-256 over what a run depends on: parameters and tables, however they were given."""
        parameters = self.settings.model_dump(mode="json", exclude=set(NOT_IN_CONTENT))
        changes = self.transition and [
            self.transition.timelines,
            [variant.content for variant in self.transition.variants],
        ]
        names = {"name_en", "name_zh"}
        rows = [row.model_dump(exclude=names) for row in (*self.departments, *self.items)]
        return hashlib.sha256(
            json.dumps([parameters, rows, changes], default=str).encode()
        ).hexdigest()

    @cached_property
    def _departments(self) -> dict[str, Department]:
        return {department.id: department for department in self.departments}

    def _again(self, reforms: tuple[str, ...], values: tuple[str, ...]) -> Scenario:
        with as_then(self.texts):  # whatever was edited since
            return self.loader(str(self.path), reforms, values)


@dataclass(frozen=True)
class Transition:
    """Policies that follow each other.

    Parameters
    ----------
    variants
        The hall under each policy; the first one is the hall before any phase.
    timelines
        For each department, and the whole hall (`EVERYWHERE`), from which day which variant
        is in force, ascending.
    """

    variants: tuple[Scenario, ...]
    timelines: Mapping[str, Timeline]

    def days(self, variant: int, unit: str) -> tuple[dt.date, dt.date | None] | None:
        """Return the first day of a variant for a unit and the first day after it, if any."""
        timeline = self.timelines.get(unit, self.timelines[EVERYWHERE])
        for place, (begins, number) in enumerate(timeline):
            if number == variant:
                after = timeline[place + 1][0] if place + 1 < len(timeline) else None
                return begins, after
        return None
