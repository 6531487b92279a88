"""From an expression such as ``county+full-entry`` to a checked, frozen scenario."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sim.scenario.catalogue import Department, Item
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem, nearest
from sim.scenario.provenance import Source, read_sources
from sim.scenario.schema import Bilingual, Reform, Settings
from sim.scenario.tables import RowT, Table, check_entry, check_tables, read_table, read_text
from sim.scenario.yaml_lines import Document, Layer, Place, explain, parse, scalar, shown

ModelT = TypeVar("ModelT", bound=BaseModel)
_SIM = Path(__file__).resolve().parents[1]
_NOT_SET = ("calibration", "tables", "sources")


def load(expression: str, values: Iterable[str] = ()) -> Scenario:
    """Load a scenario and check everything it says.

    Parameters
    ----------
    expression
        A name in ``./scenarios`` or among the shipped ones, or the path of a YAML file;
        reforms are added with ``+``, by name or path.
    values
        Single values that override, such as ``policy.authorization=0.6``.

    Raises
    ------
    InputError
        With every problem found, each with file, line and what is allowed.
    """
    base, *reforms = (part.strip() for part in expression.split("+"))
    return load_parts(base, reforms, values)


def load_parts(base: str, reforms: Sequence[str], values: Iterable[str] = ()) -> Scenario:
    """Load a scenario from the parts of its expression.

    Parameters
    ----------
    base
        Name or path of the scenario.
    reforms
        Names or paths of reforms.
    values
        Single values that override.
    """
    path = find(base, Path(), scenario_folders())
    if path is None:
        raise InputError([_not_found("scenario", base, scenario_folders(), Place(base, None))])
    reading = _Reading()
    chain = reading.chain(path.resolve())
    reading.lay_chain(chain)
    reading.lay_reforms(reforms, reform_folders(path.parent))
    set_values = tuple(values)
    reading.lay_values(set_values)
    if reading.broken:
        raise InputError(reading.in_order())
    settings = reading.validated(Settings, reading.data, reading.place)
    departments, items = reading.table("departments", Department), reading.table("items", Item)
    reading.problems += check_tables(departments, items)
    sources: dict[str, Source] = {}
    if settings is not None:
        sources, problems = read_sources(settings.sources, reading.places)
        reading.problems += problems
        reading.problems += _cross_checks(settings, departments, items, reading)
    if reading.problems or settings is None:
        raise InputError(reading.in_order())
    title = [settings.title, *reading.reform_titles]
    return Scenario(
        name="+".join(
            Path(part).stem if part.endswith(".yaml") else part for part in (base, *reforms)
        ),
        settings=settings,
        departments=departments.values,
        items=items.values,
        reforms=tuple(reforms),
        values=set_values,
        places=reading.places,
        sources=sources,
        texts=reading.texts,
        titles=reading.titles,
        title=Bilingual(en=" + ".join(t.en for t in title), zh=" + ".join(t.zh for t in title)),
        warnings=tuple(_calendar_warnings(settings)),
        path=path.resolve(),
    )


def scenario_folders() -> list[Path]:
    """Return the folders in which scenario names are looked up."""
    installed = _SIM / "shipped"
    return [Path("scenarios"), installed if installed.is_dir() else _SIM.parent / "scenarios"]


def reform_folders(beside: Path) -> list[Path]:
    """Return the folders in which reform names are looked up for a scenario in `beside`."""
    return [beside / "reforms", scenario_folders()[-1] / "reforms"]


def find(part: str, home: Path, folders: Sequence[Path]) -> Path | None:
    """Find a file by name in `folders`, or by path from `home`."""
    by_path = part.endswith(".yaml") or "/" in part
    file = part if part.endswith(".yaml") else f"{part}.yaml"
    places = [home] if by_path else folders
    return next((folder / file for folder in places if part and (folder / file).is_file()), None)


def _not_found(what: str, part: str, folders: Sequence[Path], place: Place) -> Problem:
    names = sorted({file.stem for folder in folders for file in folder.glob("*.yaml")})
    return Problem(place.file, place.line, f"no {what} {part!r}", nearest(part, names))


class _Reading:
    """What has been read so far: merged values, where they were written, problems."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.places: dict[str, Place] = {}
        self.texts: dict[str, str] = {}
        self.titles: dict[str, Bilingual] = {}
        self.reform_titles: list[Bilingual] = []
        self.folders: dict[str, Path] = {}
        self.problems: list[Problem] = []
        self.broken = False

    def in_order(self) -> list[Problem]:
        """Return the problems by file, as read, and line."""
        files = {file: number for number, file in enumerate(self.folders)}
        return sorted(
            dict.fromkeys(self.problems), key=lambda p: (files.get(p.file, len(files)), p.line or 0)
        )

    def place(self, path: str) -> Place:
        """Return where a value, or the innermost group around it, was written."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places[path]

    def refuse(self, place: Place, found: str, allowed: str) -> None:
        self.problems.append(Problem(place.file, place.line, found, allowed))

    def document(self, path: Path) -> Document:
        """Read a YAML file."""
        file = _label(path)
        self.folders[file] = path.parent
        text = read_text(path, file)
        if isinstance(text, Problem):
            document = Document(file, None, {}, (text,))
        else:
            self.texts[file] = text
            document = parse(text, file)
        self.problems += document.problems
        self.broken |= document.data is None
        return document

    def validated(self, model: type[ModelT], data: dict[str, Any], place: Any) -> ModelT | None:
        """Validate values; JSON in strict mode takes lists and dates but no look-alikes."""
        try:
            return model.model_validate_json(json.dumps(data), strict=True)
        except ValidationError as error:
            self.problems += [explain(detail, model, place) for detail in error.errors()]
            return None

    def chain(self, path: Path) -> list[Document]:
        """Read a scenario file and the bases it extends; the outermost base comes first."""
        chain: list[Document] = []
        read: list[Path] = []
        while True:
            document = self.document(path)
            chain.insert(0, document)
            read.append(path)
            base = None if document.data is None else document.data.pop("extends", None)
            if base is None:
                return chain
            place = Place(document.file, document.lines["extends"])
            if not isinstance(base, str):
                self.refuse(place, f"extends is {shown(base)}", "the name or path of one scenario")
                return chain
            folders = [path.parent, *scenario_folders()]
            found = find(base, path.parent, folders)
            if found is None:
                self.problems.append(_not_found("scenario", base, folders, place))
                self.broken = True
                return chain
            path = found.resolve()
            if path in read:
                circle = " → ".join(file.stem for file in (*read[read.index(path) :], path))
                self.refuse(place, f"a circle: {circle}", "bases that do not extend this file")
                self.broken = True
                return chain

    def lay_chain(self, chain: Sequence[Document]) -> None:
        """Merge the files of a chain, and the calibration right after the file that names it.

        So a file that extends a calibrated one may change a fitted value.
        """
        writers = [
            number for number, file in enumerate(chain) if "calibration" in (file.data or {})
        ]
        for number, document in enumerate(chain):
            data = document.data or {}
            _merge(self.data, data)
            for path, line in document.lines.items():
                self.places[path] = Place(document.file, line)
            self._title(document.file, data.get("title"))
            calibration = self.data.get("calibration")
            if writers[-1:] == [number] and isinstance(calibration, str):
                self._lay_calibration(calibration)

    def _lay_calibration(self, written: str) -> None:
        path = self.inside(written, self.place("calibration"))
        if path is None:
            return
        document = self.document(path)
        data = document.data or {}
        self._title(document.file, data.get("title"))
        fitted = data.get("fitted")
        if not isinstance(fitted, dict):
            place = Place(document.file, document.lines.get("fitted", 1))
            self.refuse(place, f"fitted is {shown(fitted)}", "dotted paths with numbers")
            return
        for name, value in fitted.items():
            place = Place(document.file, document.lines[f"fitted.{name}"], "calibration")
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                self.refuse(place, f"fitted value of {name} is {shown(value)}", "a number")
            else:
                self._put(name, value, place)

    def lay_reforms(self, names: Sequence[str], folders: Sequence[Path]) -> None:
        """Lay the policy fields of reforms over the scenario; they must not contradict."""
        laid: dict[str, tuple[Any, Place]] = {}
        for name in names:
            path = find(name, Path(), folders)
            if path is None:
                self.problems.append(_not_found("reform", name, folders, Place(f"+{name}", None)))
                continue
            document = self.document(path.resolve())
            if document.data is None:
                continue
            where = functools.partial(_line_of, document)
            reform = self.validated(Reform, document.data, where)
            if reform is None:
                continue
            self.titles[document.file] = reform.title
            self.reform_titles.append(reform.title)
            for field, value in reform.policy.items():
                place = replace(where(f"policy.{field}"), layer="reform")
                before, first = laid.setdefault(field, (value, place))
                if before != value:
                    found = f"policy.{field} is {shown(value)}, but {first} sets {shown(before)}"
                    self.refuse(place, found, "one value; leave one of the reforms out")
                self._put(f"policy.{field}", value, place)

    def lay_values(self, values: Iterable[str]) -> None:
        """Lay single values such as ``policy.entry=0.8`` over everything."""
        for text in values:
            path, equals, value = text.partition("=")
            place = Place(f"--set {text}", None, "set")
            if not equals or not path.strip():
                self.refuse(place, f"{text!r} without a path and =", "PATH=VALUE")
            elif path.strip().split(".")[0] in _NOT_SET:
                self.refuse(place, f"{path.strip()!r}", "parameters; write this in a scenario file")
            else:
                self._put(path.strip(), scalar(value.strip()), place)

    def table(self, name: str, model: type[RowT]) -> Table[RowT]:
        """Read a table named by the scenario; an empty one where that is impossible."""
        tables = self.data.get("tables")
        written = tables.get(name) if isinstance(tables, dict) else None
        empty: Table[RowT] = Table("", "", (), (Problem("", None, "", ""),))
        if not isinstance(written, str):
            return empty
        path = self.inside(written, self.place(f"tables.{name}"))
        if path is None:
            return empty
        file = _label(path)
        self.folders[file] = path.parent
        table = read_table(path, file, model)
        self.texts[file] = table.text
        self.problems += table.problems
        for line, row in table.rows:
            self.places[f"{name}.{row.id}"] = Place(file, line)
        return table

    def inside(self, written: str, place: Place) -> Path | None:
        """Return a path written in a file, unless it leaves that file's folder."""
        folder = self.folders[place.file].resolve()
        path = folder / written
        if Path(written).is_absolute() or not path.resolve().is_relative_to(folder):
            self.refuse(
                place, f"{written!r} leaves the folder of {place.file}", f"a path in {folder}"
            )
            return None
        return path

    def _put(self, path: str, value: Any, place: Place) -> None:
        *groups, last = path.split(".")
        data = self.data
        for name in groups:
            if not isinstance(data.get(name), dict):
                data[name] = {}
            data = data[name]
        data[last] = value
        self.places[path] = place

    def _title(self, file: str, title: object) -> None:
        if isinstance(title, dict):
            self.titles[file] = Bilingual(en=str(title.get("en")), zh=str(title.get("zh")))
        else:
            self.titles[file] = Bilingual(en=str(title or file), zh=str(title or file))


def _line_of(document: Document, path: str) -> Place:
    while path and path not in document.lines:
        path = path.rpartition(".")[0]
    return Place(document.file, document.lines.get(path, 1))


def _merge(data: dict[str, Any], over: Mapping[str, Any]) -> None:
    for name, value in over.items():
        old = data.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value)
        else:
            data[name] = value


def _label(path: Path) -> str:
    """Name a file as a user would from where they are."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _cross_checks(
    settings: Settings, departments: Table[Department], items: Table[Item], reading: _Reading
) -> Iterator[Problem]:
    import holidays  # noqa: PLC0415 slow to import

    def problem(path: str, found: str, allowed: str) -> Problem:
        place = reading.place(path)
        return Problem(place.file, place.line, found, allowed)

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
    indicators = _indicators()
    for name in settings.report:
        if name not in indicators:
            found = f"unknown indicator {name!r}"
            yield problem(f"report.{name}", found, nearest(name, indicators))
    for number, rival in enumerate(settings.rivals):
        place = reading.place(f"rivals.{number}")
        beside = reading.folders[place.file]
        folders = [beside, *scenario_folders()]
        base, *reforms = rival.split("+")
        if find(base, beside, folders) is None:
            yield _not_found("scenario", base, folders, place)
        for reform in reforms:
            if find(reform, beside, reform_folders(beside)) is None:
                yield _not_found("reform", reform, reform_folders(beside), place)
    where = str(reading.place("policy.entry"))
    yield from check_entry(departments.values, items, settings.policy.entry, where)


def _indicators() -> list[str]:
    """Return the ids of all figures, `days_<phase>` included."""
    text = (_SIM / "measure" / "definitions.yaml").read_text(encoding="utf-8")
    known = yaml.safe_load(text)
    days = [f"{book}days_{phase}" for book in ("", "all_") for phase in known["phases"]]
    return [*known["indicators"], *days]


def _calendar_warnings(settings: Settings) -> Iterator[str]:
    """Warn of years for which China's make-up workdays are not published."""
    import holidays  # noqa: PLC0415 slow to import

    calendar, horizon = settings.calendar, settings.horizon
    if calendar.country not in {"CN", "CHN"}:
        return
    last_day = horizon.census + dt.timedelta(days=1.5 * horizon.follow_up_wd)
    years = range(horizon.start.year, last_day.year + 1)
    official = holidays.country_holidays(calendar.country, years=range(2000, years[-1] + 1))
    published = {day.year for day in official.weekend_workdays}
    known = published | {day.year for day in (*calendar.extra_workdays, *calendar.extra_holidays)}
    unknown = [str(year) for year in years if year not in known]
    if unknown:
        yield (
            f"no make-up workdays are known for {', '.join(unknown)} (package holidays has "
            f"{min(published)} to {max(published)}); write them in calendar.extra_workdays "
            "and calendar.extra_holidays"
        )
