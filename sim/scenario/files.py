"""Files that a user names: where they are, and their text."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import SimpleNamespace

from sim.printable import UNPRINTABLE
from sim.scenario.problems import Problem, nearest
from sim.scenario.yaml_lines import Place

_SIM = Path(__file__).resolve().parents[1]
_UNPRINTABLE = re.compile(UNPRINTABLE)

MOST_YAML_BYTES = 500_000
"""Size of the largest YAML file: it takes some seconds to read."""
MOST_TABLE_BYTES = 20_000_000
"""Size of the largest table."""


# Where --------------------------------------------------------------------------------------


def scenario_folders() -> list[Path]:
    """Return the folders in which scenario names are looked up.

    Returns
    -------
    list of Path
        The user's folder first, the shipped one last.
    """
    installed = _SIM / "shipped"
    return [Path("scenarios"), installed if installed.is_dir() else _SIM.parent / "scenarios"]


def reform_folders(beside: Path) -> list[Path]:
    """Return the folders in which reform names are looked up.

    Parameters
    ----------
    beside
        Folder of the scenario file.

    Returns
    -------
    list of Path
        The folder beside the scenario first, the shipped one last.
    """
    return [beside / "reforms", scenario_folders()[-1] / "reforms"]


def find(part: str, home: Path, folders: Sequence[Path]) -> Path | None:
    """Find a file by name in `folders`, or by path from `home`.

    Parameters
    ----------
    part
        Name without ``.yaml``, or path; what ends in ``.yaml`` or has a slash is a path.
    home
        Folder from which a relative path starts.
    folders
        Folders in which a name is looked up, in order.

    Returns
    -------
    Path or None
        None if there is no such file.
    """
    file = part if part.endswith(".yaml") else f"{part}.yaml"
    places = [home] if _is_path(part) else folders
    try:
        return next(
            (folder / file for folder in places if part and (folder / file).is_file()), None
        )
    except OSError:  # such as a name that is too long to be one
        return None


def find_base(name: str, beside: Path) -> Path | None:
    """Find the scenario that another file names: beside it, else in `scenario_folders`.

    Parameters
    ----------
    name
        Name or path of the scenario.
    beside
        Folder of the file that names it.

    Returns
    -------
    Path or None
        Absolute path; None if there is no such file.
    """
    path = find(name, beside, [beside, *scenario_folders()])
    return None if path is None else real(path)


def real(path: Path) -> Path:
    """Return the absolute path without links; links that lead to each other stay.

    Parameters
    ----------
    path
        Any path.

    Returns
    -------
    Path
        Absolute path.
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return path.absolute()


def names_in(folders: Sequence[Path]) -> list[str]:
    """Return the names by which the YAML files of some folders can be given.

    Parameters
    ----------
    folders
        The folders; they need not exist.

    Returns
    -------
    list of str
        Names without ``.yaml``, sorted, each once.
    """
    return sorted({file.stem for folder in folders for file in folder.glob("*.yaml")})


def not_found(what: str, part: str, folders: Sequence[Path], place: Place) -> Problem:
    """Return the problem of a name that no file has.

    Parameters
    ----------
    what
        Kind of file, such as ``reform``.
    part
        Name as written.
    folders
        Folders in which it was looked up.
    place
        Where it was written.

    Returns
    -------
    Problem
        It lists the names that exist.
    """
    return Problem(place.file, place.line, f"no {what} {part!r}", nearest(part, names_in(folders)))


def parts_of(expression: str) -> list[str]:
    """Return a scenario and its reforms from an expression such as ``county+full-entry``.

    A plus sign inside the path of a file belongs to the path.

    Parameters
    ----------
    expression
        Names or paths joined by ``+``.

    Returns
    -------
    list of str
        The scenario first, then the reforms.
    """
    pieces = expression.split("+")
    parts: list[str] = []
    while pieces:
        many = next((n for n in range(len(pieces), 1, -1) if _is_file("+".join(pieces[:n]))), 1)
        parts.append("+".join(pieces[:many]).strip())
        del pieces[:many]
    return parts


def _is_path(part: str) -> bool:
    return part.endswith(".yaml") or "/" in part


def _is_file(part: str) -> bool:
    return _is_path(part.strip()) and find(part.strip(), Path(), []) is not None


# Text ---------------------------------------------------------------------------------------


def _decode(raw: bytes) -> str | int:
    """Decode UTF-8 (with or without BOM) or GB18030; else the line of the first bad byte."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError as error:
            return raw.count(b"\n", 0, error.start) + 1


def read_text(
    path: Path, file: str, asked: Place | None = None, most_bytes: int = MOST_YAML_BYTES
) -> str | Problem:
    """Read a text file, or return the problem that prevents it.

    Parameters
    ----------
    path
        The file.
    file
        Its name in problems.
    asked
        Where another file names it: the place of a problem of the file as a whole.  None = the
        file itself.
    most_bytes
        Size of the largest file that is read.

    Returns
    -------
    str or Problem
        The text, without byte-order mark.
    """
    if file in _texts_then.get():
        return _texts_then.get()[file]
    raw = _read_bytes(path, most_bytes)
    if isinstance(raw, tuple):
        found, allowed = raw
        if asked is None:
            return Problem(file, None, found, allowed)
        return Problem(asked.file, asked.line, f"{file}: {found}", allowed)
    text = _decode(raw)
    if isinstance(text, int):
        found = "bytes that are neither UTF-8 nor GB18030"
        return Problem(file, text, found, "text saved as UTF-8 or GB18030")
    control = _UNPRINTABLE.search(text)
    if control is not None:
        line = text.count("\n", 0, control.start()) + 1
        return Problem(file, line, f"the control character {control[0]!r}", "text")
    return text


@contextmanager
def as_then(texts: Mapping[str, str]) -> Iterator[None]:
    """Take files as they were when they were read, whatever they hold now.

    Parameters
    ----------
    texts
        Content of the files by the name they have in problems.

    Yields
    ------
    None
        While `read_text` returns these contents.
    """
    token = _texts_then.set(texts)
    try:
        yield
    finally:
        _texts_then.reset(token)


_texts_then: ContextVar[Mapping[str, str]] = ContextVar("texts then", default={})  # noqa: B039


@contextmanager
def reading_once() -> Iterator[Callable[[], list[Path]]]:
    """Read every file once and keep its content, however it is edited meanwhile.

    Yields
    ------
    callable
        Returns the files whose content has changed since.
    """
    read: dict[Path, bytes] = {}
    before, _as_read.held = _as_read.held, read
    try:
        yield lambda: sorted(
            path for path, content in read.items() if _bytes_now(path) not in {content, None}
        )
    finally:
        _as_read.held = before


_as_read = SimpleNamespace(held=None)


def _bytes_now(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _read_bytes(path: Path, most: int) -> bytes | tuple[str, str]:
    """Return the content of a file, as it was first read under `reading_once`.

    Where it cannot be read, return what was found instead and what is allowed.
    """
    held: dict[Path, bytes] = {} if _as_read.held is None else _as_read.held
    name = path.absolute()
    if name not in held:
        content = _read_from_disk(path, most)
        if isinstance(content, tuple):
            return content
        held[name] = content
    return held[name]


def _read_from_disk(path: Path, most: int) -> bytes | tuple[str, str]:
    """Return the content of a file, or what was found instead and what is allowed."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):  # a pipe would be waited for, a device never ends
            return "a folder, pipe or device", "a file"
        if facts.st_size > most:
            return f"a file of {facts.st_size:,} bytes", f"files of at most {most:,} bytes"
        return path.read_bytes()
    except FileNotFoundError:
        return "no such file", "the path of an existing file"
    except OSError as error:
        return f"cannot be read ({error.strerror})", "a readable file"
