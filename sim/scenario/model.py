"""The scenario: everything a run needs, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sim.scenario.catalogue import Department, Item
from sim.scenario.files import as_then, find_base
from sim.scenario.provenance import Source
from sim.scenario.schema import Bilingual, Settings
from sim.scenario.transition import Transition
from sim.scenario.yaml_lines import Place

__all__ = ["Place", "Scenario"]


@dataclass(frozen=True)
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
    transition: Transition | None = None

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

    def rivals(self) -> tuple[Scenario, ...]:
        """Return the other explanations of the report, with the same reforms and values."""
        from sim.scenario.load import load_parts  # noqa: PLC0415 builds on this module

        paths = (find_base(name, self.path.parent) for name in self.settings.rivals)
        return tuple(
            load_parts(str(path), self.reforms, self.values)
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
        told = {
            "title",
            "note",
            "calibration",
            "rivals",
            "report",
            "experiment",
            "sources",
            "transition",
        }
        parameters = self.settings.model_dump(mode="json", exclude=told)
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
        from sim.scenario.load import load_parts  # noqa: PLC0415 loading builds on this module

        with as_then(self.texts):  # whatever was edited since
            return load_parts(str(self.path), reforms, values)
