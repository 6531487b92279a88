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
"""Days from which a variant is in force, ascending, each with the index of the variant."""
Loader = Callable[[str, Sequence[str], Iterable[str]], "Scenario"]
"""Loads a scenario from the name or path of its file, reforms and values."""


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
        Names of the reforms that override the scenario file.
    values
        Single values that override both, such as ``policy.entry=0.8``.
    places
        Where each dotted path was written; paths that are missing hold defaults.  Table rows are
        ``departments.ID`` and ``items.ID``.
    sources, doses
        Grade, range and note by dotted path: of the hall's own values, and of those that reforms
        set.
    texts
        Content of every file read, by file name.
    titles
        Title of every scenario, calibration and reform file, by file name.
    title
        Title of the scenario and of its reforms.
    path
        The scenario file.
    loader
        Loads this scenario again with other reforms or values.
    transition
        Which policy is in force when; None if no policy changes on a date.
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
        """Return this scenario with more reforms.

        Parameters
        ----------
        *names
            Names or paths of the reforms.

        Returns
        -------
        Scenario
            Read from the same file contents, even if the files have been edited since; an
            `InputError` tells what is wrong with the reforms.
        """
        return self._again((*self.reforms, *names), self.values)

    def with_values(self, values: Mapping[str, object]) -> Scenario:
        """Return this scenario with other values.

        Parameters
        ----------
        values
            New values by dotted path; None is written as null.

        Returns
        -------
        Scenario
            Read from the same file contents, even if the files have been edited since; an
            `InputError` tells what is wrong with the values.
        """
        more = (f"{path}={'null' if value is None else value}" for path, value in values.items())
        return self._again(self.reforms, (*self.values, *more))

    def as_described(self) -> Scenario:
        """Return the hall of this scenario without reforms and without values set over it.

        Returns
        -------
        Scenario
            Read from the same file contents, even if the files have been edited since.
        """
        return self._again((), ())

    def layer(self, path: str) -> str:
        """Return which kind of file or option set a parameter.

        Parameters
        ----------
        path
            Dotted path of the parameter.

        Returns
        -------
        str
            As in `Place`; empty if it has its default.
        """
        place = self.places.get(path)
        return "" if place is None else place.layer

    def department(self, name: str) -> Department:
        """Return the department with an id.

        Parameters
        ----------
        name
            Id of the department; an unknown one is a KeyError.

        Returns
        -------
        Department
            Its row of the table.
        """
        return self._departments[name]

    def unit_names(self, lang: Literal["en", "zh"]) -> dict[str, str]:
        """Return the name of every department by its id.

        Parameters
        ----------
        lang
            Language of the names.

        Returns
        -------
        dict
            Names by id, in the order of the table.
        """
        return {unit.id: getattr(unit.name, lang) for unit in self.departments}

    def rivals(self) -> tuple[Scenario, ...]:
        """Return the other explanations of the report, with the same reforms and values.

        Returns
        -------
        tuple of Scenario
            The scenarios named in `rivals`, without this one and without files that are missing.
        """
        paths = (find_base(name, self.path.parent) for name in self.settings.rivals)
        return tuple(
            self.loader(str(path), self.reforms, self.values)
            for path in paths
            if path not in {None, self.path}
        )

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Warnings that are no mistakes: years whose make-up workdays are not published."""
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
        For each department, and the whole hall (`EVERYWHERE`), the days from which variants are
        in force, ascending, with the indices of the variants.
    """

    variants: tuple[Scenario, ...]
    timelines: Mapping[str, Timeline]

    def days(self, variant: int, unit: str) -> tuple[dt.date, dt.date | None] | None:
        """Return the first day of a variant for a unit, and the first day after it.

        Parameters
        ----------
        variant
            Index among the variants.
        unit
            Id of a department; an unknown one stands for the whole hall.

        Returns
        -------
        tuple of date, or None
            The second day is None for the last variant; None if the variant is never in force for
            the unit.
        """
        timeline = self.timelines.get(unit, self.timelines[EVERYWHERE])
        for place, (begins, number) in enumerate(timeline):
            if number == variant:
                after = timeline[place + 1][0] if place + 1 < len(timeline) else None
                return begins, after
        return None
