"""From an expression such as ``county+full-entry`` to a checked, frozen scenario."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sim.printable import UNPRINTABLE, printable
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
from sim.scenario.schema import NOT_SET, Bilingual, Reform, Settings
from sim.scenario.sources import (
    FORM_WORDS,
    Source,
    parse_source,
    read_sources,
    sources_of_rows,
)
from sim.scenario.tables import RowT, Table, check_entry, check_tables, read_table
from sim.scenario.transition import check_phases, transition_of
from sim.scenario.yaml_lines import (
    Document,
    Place,
    errors_of,
    explain_error,
    innermost,
    parse,
    scalar,
    shown,
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
    loaded, problems = [], []
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
    reading = _Reading()
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


def _sources(settings: Settings, reading: _Reading) -> tuple[dict[str, Source], list[Problem]]:
    sources, problems = read_sources(settings.sources, reading.places)
    tables = {name: reading.place(f"tables.{name}").file for name in ("departments", "items")}
    sources, row_problems = sources_of_rows(sources, reading.places, tables)
    return sources, [*problems, *row_problems]


def _check_phases(
    settings: Settings, units: Sequence[str], reading: _Reading, folders: Sequence[Path]
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


class _Reading:
    """What has been read so far: merged values, where they were written, problems."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.texts: dict[str, str] = {}
        self.titles: dict[str, Bilingual] = {}
        self.reform_titles: list[Bilingual] = []
        self.doses: dict[str, Source] = {}
        self.folders: dict[str, Path] = {}
        self.problems: list[Problem] = []
        self.broken = False
        self.incomplete = False

    def in_order(self) -> list[Problem]:
        """Return the problems by file, as read, and line."""
        files = {file: number for number, file in enumerate(self.folders)}
        return sorted(
            dict.fromkeys(self.problems), key=lambda p: (files.get(p.file, len(files)), p.line or 0)
        )

    def place(self, path: str) -> Place:
        """Return where a value, or the innermost group around it, was written."""
        return self.places[innermost(path, self.places)]

    def problem(self, path: str, found: str, allowed: str) -> Problem:
        """Return a problem of the value at a dotted path."""
        place = self.place(path)
        return Problem(place.file, place.line, found, allowed)

    def refuse(self, place: Place, found: str, allowed: str) -> None:
        self.problems.append(Problem(place.file, place.line, found, allowed))

    def document(self, path: Path, asked: Place | None = None) -> Document:
        """Read a YAML file; `asked` is where another file names it."""
        file = _label(path)
        self.folders[file] = path.parent
        text = read_text(path, file, asked)
        if isinstance(text, Problem):
            document = Document(file, None, {}, (text,))
        else:
            self.texts[file] = text
            document = parse(text, file)
        self.problems += document.problems
        return document

    def settings(self) -> Settings:
        """Validate the merged values.

        Groups with a mistake fall back on defaults, so that later checks find the others.
        """
        good = {name: value for name, value in self.data.items() if not self.broken}
        errors = [] if self.broken else errors_of(Settings, good)
        self.incomplete = self.broken or bool(errors)
        for error in errors:
            self.problems.append(explain_error(error, Settings, self.place))
            good.pop(str(error["loc"][0]), None)
        needed = {"title": {"en": "", "zh": ""}, "tables": {"departments": "", "items": ""}}
        return Settings.model_validate_json(json.dumps({**needed, **good}), strict=True)

    def chain(self, path: Path) -> list[Document]:
        """Read a scenario file and the bases it extends; the outermost base comes first."""
        chain: list[Document] = []
        read: list[Path] = []
        while True:
            document = self.document(path)
            chain.insert(0, document)
            self.broken |= document.data is None
            read.append(path)
            base = None if document.data is None else document.data.pop("extends", None)
            if base is None:
                return chain
            place = document.place("extends")
            if not isinstance(base, str):
                self.refuse(place, f"extends is {shown(base)}", "the name or path of one scenario")
                return chain
            base_path = find_base(base, path.parent)
            if base_path is None:
                folders = [path.parent, *scenario_folders()]
                self.problems.append(not_found("scenario", base, folders, place))
                self.broken = True
                return chain
            path = base_path
            if path in read:
                circle = " → ".join(file.stem for file in (*read[read.index(path) :], path))
                self.refuse(place, f"a circle: {circle}", "bases that do not extend this file")
                self.broken = True
                return chain

    def lay_chain(self, chain: Sequence[Document]) -> None:
        """Merge the files of a chain, and the calibration right after the file that names it.

        Thus a file that extends a calibrated one may change a fitted value.
        """
        writers = [document for document in chain if "calibration" in (document.data or {})]
        for document in chain:
            data = document.data or {}
            if "report" in data:  # another hall's figures are not this one's
                self.data.pop("report", None)
            self._merge(self.data, data)
            self.places |= {path: document.place(path) for path in ("", *document.lines)}
            self._title(document.file, data.get("title"))
            calibration = self.data.get("calibration")
            if isinstance(calibration, str) and document is writers[-1]:
                self._lay_calibration(calibration)

    def _lay_calibration(self, written: str) -> None:
        asked = self.place("calibration")
        path = self.inside(written, asked)
        if path is None:
            return
        document = self.document(path, asked)
        if document.data is None:
            return
        self._title(document.file, document.data.get("title"))
        fitted = document.data.get("fitted")
        if not isinstance(fitted, dict):
            self.refuse(
                document.place("fitted"), f"fitted is {shown(fitted)}", "dotted paths with numbers"
            )
            return
        for name, value in fitted.items():
            place = replace(document.place(f"fitted.{name}"), layer="calibration")
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.refuse(place, f"fitted value of {name} is {shown(value)}", "a number")
            else:
                self._put(name, value, place)

    def lay_reforms(self, names: Sequence[str], folders: Sequence[Path]) -> None:
        """Lay the policy fields of reforms over the scenario, if no two contradict each other."""
        laid: dict[str, tuple[Any, Place]] = {}
        for name in names:
            path = find(name, Path(), folders)
            if path is None:
                self.problems.append(not_found("reform", name, folders, Place(f"+{name}", None)))
                continue
            document = self.document(real(path))
            if document.data is None:
                continue
            errors = errors_of(Reform, document.data)
            self.problems += [explain_error(error, Reform, document.place) for error in errors]
            if errors:
                continue
            reform = Reform.model_validate(document.data)
            self._lay_doses(reform, document)
            self.titles[document.file] = reform.title
            self.reform_titles.append(reform.title)
            for field, value in reform.policy.items():
                place = replace(document.place(f"policy.{field}"), layer="reform")
                before, first = laid.setdefault(field, (value, place))
                if before != value:
                    found = f"policy.{field} is {shown(value)}, but {first} sets {shown(before)}"
                    self.refuse(place, found, "one value; leave one of the reforms out")
                self._put(f"policy.{field}", value, place)

    def _lay_doses(self, reform: Reform, document: Document) -> None:
        """Record the sources of the policy fields that a reform sets."""
        places = {f"sources.{name}": document.place(f"sources.{name}") for name in reform.sources}
        for name, text in reform.sources.items():
            place = places[f"sources.{name}"]
            if name not in reform.policy:
                allowed = nearest(name, list(reform.policy))
                self.refuse(place, f"a source for {name!r}, which the reform does not set", allowed)
            source = parse_source(text)
            if source is None:
                self.refuse(place, f"sources.{name} is {shown(text)}", FORM_WORDS)
            else:
                self.doses[f"policy.{name}"] = source

    def lay_values(self, values: Iterable[str]) -> None:
        """Lay single values such as ``policy.entry=0.8`` over everything."""
        for text in values:
            path, equals, value = text.partition("=")
            place = Place(f"--set {text}", None, "set")
            if not equals or not path.strip():
                self.refuse(place, f"{text!r} instead of a path, = and a value", "PATH=VALUE")
            elif re.search(UNPRINTABLE, text):
                self.refuse(place, f"{text!r} with a control character", "PATH=VALUE")
            elif path.strip().split(".")[0] in NOT_SET:
                self.refuse(
                    place, f"{path.strip()!r} is no parameter", "parameters; the rest in files"
                )
            else:
                self._put(path.strip(), scalar(value.strip()), place)

    def table(self, name: str, model: type[RowT]) -> Table[RowT]:
        """Read a table named by the scenario; an empty one where that is impossible."""
        tables = self.data.get("tables")
        written = tables.get(name) if isinstance(tables, dict) else None
        empty: Table[RowT] = Table("", "", (), (Problem("", None, "", ""),))
        if not isinstance(written, str):
            return empty
        asked = self.place(f"tables.{name}")
        path = self.inside(written, asked)
        if path is None:
            return empty
        file = _label(path)
        self.folders[file] = path.parent
        table = read_table(path, file, model, asked)
        self.texts[file] = table.text
        self.problems += table.problems
        for line, row in table.rows:
            self.places[f"{name}.{row.id}"] = Place(file, line)
        return table

    def inside(self, written: str, place: Place) -> Path | None:
        """Return a path written in a file, unless it leaves that file's folder."""
        folder = real(self.folders[place.file])
        path = folder / written
        if Path(written).is_absolute() or not real(path).is_relative_to(folder):
            self.refuse(
                place, f"{written!r} leaves the folder of {place.file}", f"a path in {folder}"
            )
            return None
        return path

    def _merge(self, data: dict[str, Any], over: Mapping[str, Any], prefix: str = "") -> None:
        for name, value in over.items():
            old = data.get(name)
            if isinstance(old, dict) and isinstance(value, dict):
                self._merge(old, value, f"{prefix}{name}.")
            else:
                data[name] = value
                self._forget_below(f"{prefix}{name}", old)

    def _put(self, path: str, value: Any, place: Place) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                self._put(f"{path}.{name}", below, place)
            return
        *groups, last = path.split(".")
        data = self.data
        for depth, name in enumerate(groups, start=1):
            if not isinstance(data.get(name), dict):
                data[name] = {}
                self.places[".".join(groups[:depth])] = place
            data = data[name]
        self._forget_below(path, data.get(last))
        data[last] = value
        self.places[path] = place

    def _forget_below(self, path: str, old: object) -> None:
        if isinstance(old, (dict, list)):
            for stale in [known for known in self.places if known.startswith(f"{path}.")]:
                del self.places[stale]

    def _title(self, file: str, title: object) -> None:
        both = title if isinstance(title, dict) else {"en": title or file, "zh": title or file}
        self.titles[file] = Bilingual(en=str(both.get("en")), zh=str(both.get("zh")))


def _label(path: Path) -> str:
    """Return the path of a file relative to the current folder, or absolute outside it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _cross_checks(
    settings: Settings,
    departments: Table[Department],
    items: Table[Item],
    reading: _Reading,
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
