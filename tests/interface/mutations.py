"""Mutations of what a user writes: YAML, spreadsheets and command lines."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

DEEP = "[" * 200 + "]" * 200
ODD = (
    *("", "~", "null", "nan", ".inf", "-1", "0", "1", "2", "0.5", "1e-300", "1e15", "1e999999999"),
    *("9" * 5_000, "²", "٣", "1_000", "0x10", "007", "-0", "+5", "1.", ".5", "1e-9", "100000"),
    *("18446744073709551616", "yes", "[]", "{}", "[1, 2]", "{a: 1}", DEEP, "{a: " * 60 + "}" * 60),
    *("2009-02-30", "9999-12-31", "0001-01-01", "2008-07-05", "24:00", "11:30", "08:30-12:00"),
    *('"\\ud800"', '"\\0"', '"\\U00110000"', "'", '"', "*a", "&a b", "!!binary x", "!!int two"),
    *("%", "@", "`", "县", "full", "county", "county+full-entry", "../county.yaml", "/dev/zero"),
    *("hall.yaml", "a" * 300, "../" * 40, "a;b", "a,b", "# x", "- 1"),
)
BYTES = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\t", b"\x1b", b"\xc3", b"\xed\xa0\x80"),
    *(b'"', b"'", b":", b"\n"),
)
SIGNS = ("x", "", ":", ",", "\n", " ", "县", "-", '"')
MORE = ("+", "=", ":", ",", "/", "-", "县", "²", "nan", "0", "9", "\udcff", " ")


# Text ---------------------------------------------------------------------------------------


def mutated_text(text: str, chance: Random, separator: str) -> bytes:
    """Return the text of a file with one or a few mutations."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(_OF_LINES)(text, chance, separator)
    raw = text.encode("utf-8", "surrogatepass")
    return chance.choice(_OF_BYTES)(raw, chance) if chance.random() < 0.2 else raw


def _value(text: str, chance: Random, separator: str) -> str:
    """Replace what stands behind a separator, or a cell."""
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    parts = lines[place].split(separator)
    at = chance.randrange(1 if len(parts) > 1 else 0, len(parts))
    parts[at] = (" " if separator == ":" else "") + chance.choice(ODD)
    kept = parts if separator == "," else parts[: at + 1]
    lines[place] = separator.join(kept)
    return "\n".join(lines)


def _number(text: str, chance: Random, separator: str) -> str:
    """Replace one number by another."""
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    if not digits:
        return text
    at = chance.choice(digits)
    new = chance.choice(["0", "9", "99", "-1", "1e9", "0.0000001", ".", ""])
    return text[:at] + new + text[at + 1 :]


def _without_line(text: str, chance: Random, separator: str) -> str:
    lines = text.split("\n")
    del lines[chance.randrange(len(lines))]
    return "\n".join(lines)


def _line_again(text: str, chance: Random, separator: str) -> str:
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    return "\n".join(lines)


def _lines_exchanged(text: str, chance: Random, separator: str) -> str:
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _indented(text: str, chance: Random, separator: str) -> str:
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    lines[place] = chance.choice((lines[place].lstrip(), f"  {lines[place]}", f"\t{lines[place]}"))
    return "\n".join(lines)


def _word(text: str, chance: Random, separator: str) -> str:
    """Misspell something."""
    at = chance.randrange(len(text) or 1)
    return text[:at] + chance.choice(SIGNS) + text[at + 1 :]


def _cut(text: str, chance: Random, separator: str) -> str:
    return text[: chance.randrange(len(text) or 1)]


def _repeated(text: str, chance: Random, separator: str) -> str:
    return text + "\n" + text


_OF_LINES: tuple[Callable[[str, Random, str], str], ...] = (
    *(_value,) * 6,
    *(_number,) * 4,
    *(_without_line, _line_again, _lines_exchanged, _indented, _word, _word, _cut, _repeated),
)


def _inserted(raw: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    return raw[:at] + chance.choice(BYTES) + raw[at:]


def _recoded(raw: bytes, chance: Random) -> bytes:
    return raw.decode("utf-8", "replace").encode(chance.choice(("utf-16", "gb18030", "utf-8-sig")))


def _noise(raw: bytes, chance: Random) -> bytes:
    return chance.randbytes(200)


_OF_BYTES = (_inserted, _inserted, _recoded, _noise)


# Files --------------------------------------------------------------------------------------


def mutate_file(path: Path, chance: Random) -> str:
    """Mutate a file where it lies; return what was done."""
    if chance.random() < 0.06:
        return _replaced(path, chance)
    separator = "," if path.suffix == ".csv" else ":"
    path.write_bytes(mutated_text(path.read_text(encoding="utf-8"), chance, separator))
    return f"{path.name} changed"


def _replaced(path: Path, chance: Random) -> str:
    """Put something else in the place of a file."""
    path.unlink()
    kind = chance.choice(("pipe", "folder", "circle", "device", "empty", "nothing"))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "circle":
        path.symlink_to(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "empty":
        path.write_bytes(b"")
    return f"{path.name} became: {kind}"


# Command lines ------------------------------------------------------------------------------


def mutated_arguments(arguments: Sequence[str], chance: Random) -> list[str]:
    """Return a command line with one or two mutations; the name of the command stays."""
    found = list(arguments)
    for _ in range(chance.choice((1, 1, 2))):
        at = chance.randrange(1, len(found)) if len(found) > 1 else 0
        kind = chance.randrange(6)
        if kind == 0 and at:
            del found[at]
        elif kind == 1:
            found.insert(at + 1, chance.choice(found[1:] or found))
        elif kind == 2 and at:
            found[at] = _odd(chance)
        elif kind == 3:
            found[at + 1 : at + 1] = ["--set", f"{chance.choice(PATHS)}={_odd(chance)}"]
        elif at:
            text = found[at]
            cut = chance.randrange(len(text) + 1)
            more = chance.choice(
                ("+", "=", ":", ",", "/", "-", "县", "²", "nan", "0", "9", "\udcff", " ")
            )
            found[at] = text[:cut] + more + text[cut + chance.randrange(2) :]
    return found


def _odd(chance: Random) -> str:
    return chance.choice(ODD).replace("\0", "")


PATHS = (
    "policy.entry", "policy.work_speed", "policy.staff", "policy.staff.land", "demand.volume",
    "demand.weekday_share", "demand.hour_weights", "horizon", "horizon.census", "horizon.start",
    "calendar.hall_hours", "calendar.country", "calendar.extra_workdays", "papers.make_up_wd.mean",
    "papers.make_up_wd", "experiment.seed", "transition", "courier.departures", "hall.cashier_unit",
    "title", "tables.items", "a.b.c", ".", "policy..entry", "report.fees_yuan",
    "offices.hall_share",
)  # fmt: skip
