"""Reading the files of a scenario: merged values, where they were written, problems."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.printable import UNPRINTABLE
from sim.scenario.files import (
    find,
    find_base,
    not_found,
    read_text,
    real,
    scenario_folders,
)
from sim.scenario.problems import Problem, nearest
from sim.scenario.schema import NOT_SET, Bilingual, Reform, Settings
from sim.scenario.sources import (
    FORM_WORDS,
    Source,
    parse_source,
)
from sim.scenario.tables import RowT, Table, read_table
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


class Reading:
    """What has been read so far of a scenario: merged values, where they were written, problems.

    Attributes
    ----------
    data
        Merged values, groups as dictionaries.
    places
        Where each dotted path was written.
    texts, titles
        Content and title of every file, by its name.
    reform_titles, doses
        Titles of the reforms in their order; who says so of the policy fields they set.
    folders
        Folder of every file, in the order of reading.
    problems
        All mistakes found so far.
    broken
        Whether a file of the chain cannot be read, so that nothing can be validated.
    incomplete
        Whether some groups hold defaults because what was written is wrong.
    """

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
        """Return the problems by file, in the order in which files were read, and by line.

        Returns
        -------
        list of Problem
            Each problem once.
        """
        files = {file: number for number, file in enumerate(self.folders)}
        return sorted(
            dict.fromkeys(self.problems), key=lambda p: (files.get(p.file, len(files)), p.line or 0)
        )

    def place(self, path: str) -> Place:
        """Return where a value, or the innermost group around it, was written.

        Parameters
        ----------
        path
            Dotted path.

        Returns
        -------
        Place
            File, line and layer.
        """
        return self.places[innermost(path, self.places)]

    def problem(self, path: str, found: str, allowed: str) -> Problem:
        """Return a problem of the value at a dotted path.

        Parameters
        ----------
        path
            Dotted path.
        found
            What was found there.
        allowed
            What is allowed.

        Returns
        -------
        Problem
            With the file and line of the value.
        """
        place = self.place(path)
        return Problem(place.file, place.line, found, allowed)

    def refuse(self, place: Place, found: str, allowed: str) -> None:
        """Note a problem at a place.

        Parameters
        ----------
        place
            Where it is.
        found
            What was found.
        allowed
            What is allowed.
        """
        self.problems.append(Problem(place.file, place.line, found, allowed))

    def document(self, path: Path, asked: Place | None = None) -> Document:
        """Read a YAML file; its problems are noted.

        Parameters
        ----------
        path
            The file.
        asked
            Where another file names it; None if a user does.

        Returns
        -------
        Document
            Its content; without data if it cannot be read.
        """
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
        """Validate the merged values; problems are noted.

        Returns
        -------
        Settings
            Groups with a mistake hold defaults, so that later checks find the other mistakes.
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
        """Read a scenario file and the bases it extends; problems are noted.

        Parameters
        ----------
        path
            The scenario file.

        Returns
        -------
        list of Document
            The outermost base first.
        """
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

        So a file that extends a calibrated one may change a fitted value.

        Parameters
        ----------
        chain
            The files, the outermost base first.
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
        """Lay the policy fields of reforms over the scenario; they must not contradict.

        Parameters
        ----------
        names
            Names or paths of reforms.
        folders
            Where names are looked up.
        """
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
        """Lay single values such as ``policy.entry=0.8`` over everything.

        Parameters
        ----------
        values
            As typed.
        """
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
        """Read a table named by the scenario; an empty one where that is impossible.

        Parameters
        ----------
        name
            ``departments`` or ``items``.
        model
            Model of a row.

        Returns
        -------
        Table
            Its rows; problems are noted.
        """
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
        """Return a path written in a file, unless it leaves that file's folder.

        Parameters
        ----------
        written
            Path as written.
        place
            Where it is written.

        Returns
        -------
        Path or None
            The path; None, with a problem noted, if it leaves the folder.
        """
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
