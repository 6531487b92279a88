"""Streams: any encoding, closed, full, or left by their reader; names that act on a terminal."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.measure.definitions import indicators, phases
from sim.printable import printable
from sim.running.result_folder import csv_text
from sim.running.streams import STAND_INS
from tests.scenario.conftest import Hall
from tests.words import WORDS

ROOT = Path(__file__).parents[2]
ARGUMENTS = ("-n", "2", "--jobs", "1", "--no-charts", "--quiet")
Ended = subprocess.CompletedProcess[bytes]


@pytest.fixture
def hall(small: Hall) -> Callable[..., Ended]:
    """Run the command as a shell would, with a redirection if given."""

    def call(*arguments: str, to: str = "", **environment: str) -> Ended:
        words = [sys.executable, "-m", "sim", *arguments]
        return subprocess.run(
            ["/bin/bash", "-c", f'"$@" {to}; exit ${{PIPESTATUS[0]}}', "bash", *words],
            cwd=small.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            capture_output=True,
            check=False,
        )

    return call


def results() -> list[Path]:
    return list(Path("results").glob("*/*/manifest.json"))


def test_every_sign_of_an_english_text_has_a_stand_in() -> None:
    english = "".join(
        itertools.chain(
            (text["en"] for text in WORDS.values()),
            (one.label["en"] + one.unit for one in indicators().values()),
            (labels["en"] for labels in phases().values()),
        )
    )
    assert {sign for sign in english if not sign.isascii()} <= set(STAND_INS)
    assert all(text.isascii() for text in STAND_INS.values())


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "latin-1"])
def test_tables_are_readable_in_any_encoding(hall: Callable[..., Ended], encoding: str) -> None:
    ended = hall("compare", "hall.yaml", "+full-entry", *ARGUMENTS, PYTHONIOENCODING=encoding)
    text = ended.stdout.decode(encoding)
    assert ended.returncode == 0, ended.stderr
    assert "v better, x worse" in text
    assert "\\u" not in text
    assert text.count("+-") > 1  # frames of what every encoding has


def test_chinese_is_written_in_gbk(hall: Callable[..., Ended]) -> None:
    ended = hall("run", "hall.yaml", *ARGUMENTS, "--lang", "zh", PYTHONIOENCODING="gbk")
    assert ended.returncode == 0, ended.stderr
    assert "一次办结率" in ended.stdout.decode("gbk")


@pytest.mark.parametrize("more", [(), ("--json",)])
@pytest.mark.parametrize(
    ("to", "why"), [("> /dev/full", "No space left on device"), (">&-", "not writable")]
)
def test_an_output_that_takes_nothing_is_told_in_one_line_and_results_are_kept(
    hall: Callable[..., Ended], to: str, why: str, more: tuple[str, ...]
) -> None:
    ended = hall("run", "hall.yaml", "-n", "12", *ARGUMENTS[2:], *more, to=to)
    assert ended.returncode == 1
    assert ended.stderr.decode() == f"standard output: cannot be written ({why})\n"
    assert len(results()) == 1


@pytest.mark.parametrize("command", [("indicators",), ("run", "hall.yaml", *ARGUMENTS)])
def test_a_reader_that_goes_is_no_fault(
    hall: Callable[..., Ended], command: tuple[str, ...]
) -> None:
    ended = hall(*command, to="| head -1")
    assert ended.returncode in (0, 1)
    assert b"Traceback" not in ended.stderr
    assert ended.stdout.count(b"\n") == 1


@pytest.mark.parametrize("to", ["2> /dev/full", "2>&-"])
def test_messages_that_cannot_be_written_cost_nothing_else(
    hall: Callable[..., Ended], to: str
) -> None:
    ended = hall("run", "hall.yaml", *ARGUMENTS[:-1], to=to)
    assert ended.returncode == 0
    assert b"Files: results/hall/" in ended.stdout


# Names --------------------------------------------------------------------------------------

HOSTILE = {
    "escape": "ha\x1b[31mll",
    "direction": "ha\u202ell",
    "bytes": os.fsdecode(b"ha\xffll"),
    "newline": "ha\nll",
    "formula": "=ha+ll",
}


def raw(name: str) -> bytes:
    """Return what must not be written anywhere."""
    return os.fsencode(name)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_is_shown_escaped_and_reaches_no_file(
    hall: Callable[..., Ended], small: Hall, name: str
) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    (small.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    ended = hall("compare", f"{name}.yaml", "hall.yaml", "-n", "2", "--jobs", "1", "--quiet")
    assert ended.returncode == 0, ended.stderr
    (manifest,) = results()
    assert json.loads(manifest.read_bytes())["scenarios"][0]["scenario"] == printable(name)
    told = [ended.stdout, ended.stderr]
    told += [file.read_bytes() for file in manifest.parent.rglob("*.[cs][sv][vg]")]
    assert len(told) > 12
    if name != HOSTILE["formula"]:
        assert not any(raw(name) in one for one in told)
    for file in manifest.parent.glob("*.csv"):
        cells = file.read_text(encoding="utf-8").replace("\n", ",").split(",")
        assert not any(cell.startswith(("=", "@")) for cell in cells)
    names = [path.name for path in Path("results").rglob("*")]
    assert all(printable(one) == one for one in names)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_mistake_in_a_hostile_file_is_told_in_one_line(
    hall: Callable[..., Ended], small: Hall, name: str
) -> None:
    (small.folder / f"{name}.yaml").write_text("extends: nowhere\n", encoding="utf-8")
    for file in (f"{name}.yaml", f"no{name}.yaml", f"hall.yaml+{name}"):
        ended = hall("check", file)
        assert ended.returncode == 2
        assert b"Traceback" not in ended.stderr
        lines = ended.stderr.decode().split("\n")
        assert len(lines) == 2 + ("+" in name and file.startswith("hall"))
        assert all(printable(line) == line for line in lines)


def test_a_title_that_turns_writing_around_is_refused_with_its_line(
    hall: Callable[..., Ended], small: Hall
) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("Tiny hall", "Tiny \u202ehall"))
    ended = hall("check", "hall.yaml")
    assert ended.returncode == 2
    assert b"hall.yaml:1: the control character '\\u202e'; allowed: text" in ended.stderr


def test_text_that_spreadsheets_would_run_is_text() -> None:
    for text in ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "+a b"):
        assert csv_text(text) == f"'{text}"
    for text in ("", "land", "-0.5", "+3e-4", "+full-entry", "a=b", "1-2"):
        assert csv_text(text) == text
