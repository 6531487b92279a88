"""Texts: each exists in both languages with the same values, is used, and is there when used."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import sim
from sim.present.words import GENERAL

from .words import ROOMS, WORDS

ROOT = Path(sim.__file__).parent
FILES = {"general": GENERAL.file, **{room: words.file for room, words in ROOMS.items()}}


def keys_in(file: Path) -> list[str]:
    """Return the keys as written, doubled ones twice."""
    text = file.read_text(encoding="utf-8")
    return [line.partition(":")[0] for line in text.splitlines() if re.match(r"[^\s#]", line)]


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def patterns(source: str) -> Iterator[str]:
    """Yield a pattern for each text in a module: values of f-strings stand for anything."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+"
                for part in node.values
            ]
            if len(parts) > 1 and any(part != ".+" for part in parts):
                yield "".join(parts)


def sources(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]


def unused(keys: list[str], code: list[str]) -> list[str]:
    known = {pattern for source in code for pattern in patterns(source)}
    pattern = re.compile("|".join(sorted(known)))
    return [key for key in keys if not pattern.fullmatch(key)]


@pytest.mark.parametrize("key", WORDS)
def test_every_text_has_both_languages_with_the_same_values(key: str) -> None:
    texts = WORDS[key]
    assert set(texts) == {"en", "zh"}
    assert fields(texts["en"]) == fields(texts["zh"])


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_of_a_room_is_used_there(room: str) -> None:
    assert unused(keys_in(FILES[room]), sources(ROOT / "studies" / room)) == []


def test_every_general_text_is_used() -> None:
    assert unused(keys_in(FILES["general"]), sources(ROOT)) == []


@pytest.mark.parametrize("room", FILES)
def test_no_text_is_written_twice(room: str) -> None:
    keys = keys_in(FILES[room])
    assert sorted(set(keys)) == sorted(keys)
    if room != "general":
        assert not set(keys) & set(keys_in(FILES["general"]))


@pytest.mark.parametrize("room", ROOMS)
def test_every_text_that_a_room_asks_for_is_there(room: str) -> None:
    for source in sources(ROOT / "studies" / room):
        for node in ast.walk(ast.parse(source)):
            is_say = isinstance(node, ast.Call) and ast.unparse(node.func) == "say"
            if is_say and isinstance(node.args[0], ast.Constant):
                assert node.args[0].value in ROOMS[room]


def test_what_is_not_used_is_found() -> None:
    code = ['say("a.b"); say(f"c.{what}.d"); say(f"{what}")']
    assert unused(["a.b", "c.x.d", "c.d", "e"], code) == ["c.d", "e"]
