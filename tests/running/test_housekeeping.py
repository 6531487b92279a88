"""Housekeeping: what is old and ours goes, all else stays."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from sim.machine_code import Folder
from sim.running import housekeeping as module
from sim.running.housekeeping import left_behind, old_ones, read_age_s
from sim.scenario.problems import InputError
from sim.studies.cleaning import command
from tests.interface.conftest import Run, run, small

__all__ = ["run", "small"]

FAST = ("-n", "2", "--jobs", "1", "--no-charts", "--quiet")
DAYS = 86_400


@pytest.fixture(autouse=True)
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """Keep machine code elsewhere than the user does."""
    found = Folder(tmp_path / "code", "0123456789abcdef")
    monkeypatch.setattr(module, "FOLDER", found)
    return found


def aged(path: Path, days: float) -> Path:
    """Let a file or a folder have been written so long ago."""
    when = time.time() - days * DAYS
    for one in (*path.rglob("*"), path) if path.is_dir() else (path,):
        os.utime(one, (when, when))
    return path


def clean(run: Run, *arguments: str) -> list[dict[str, object]]:
    ended = run("clean", *arguments, "--json")
    assert ended.exit_code == 0, ended.output
    return list(json.loads(ended.stdout)["found"])


def files() -> set[Path]:
    return {path for path in Path().rglob("*") if path.is_file()}


@pytest.fixture
def left(run: Run, code: Folder) -> dict[str, Path]:
    """Return something of every kind, and things that are nobody's to take away."""
    assert run("run", "hall.yaml", *FAST).exit_code == 0
    (result,) = Path("results/hall").iterdir()
    cell = next(Path("results/cells").rglob("*.npy"))
    assert code.path is not None
    found = {
        "cells": cell,
        "results": result,
        "drafts": cell.with_name(".writing-abc"),
        "draft folder": result.with_name(".writing-xyz") / "indicators.csv",
        "ensembles": Path("results/ensembles/fitting-halls-0123456789abcdef.csv"),
        "code": code.path.parent / "fedcba9876543210" / "run.code",
        "code in use": code.path / "run.code",
        "notes": Path("results/notes/mine.txt"),
        "like a result": Path("results/hall/20260101-000000-000000-abcdef/indicators.csv"),
        "beside cells": cell.with_name("mine.txt"),
    }
    for path in found.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text("kept")
    return found


def test_only_what_is_old_goes(run: Run, left: dict[str, Path]) -> None:
    before = files()
    clean(run)
    assert files() == before
    aged(left["cells"], 31)
    aged(left["drafts"], 40)
    clean(run)
    assert before - files() == {left["cells"], left["drafts"]}


def test_results_and_ensembles_go_only_if_named(run: Run, left: dict[str, Path]) -> None:
    for name in ("results", "ensembles"):
        aged(left[name], 50)
    clean(run)
    assert left["results"].is_dir()
    assert left["ensembles"].is_file()
    clean(run, "results", "ensembles", "--older-than", "7w")
    assert not left["results"].exists()
    assert not left["ensembles"].exists()


def test_a_dry_run_takes_nothing_away_and_says_what_would_go(
    run: Run, left: dict[str, Path]
) -> None:
    before = files()
    found = clean(run, *module.KINDS, "--older-than", "0h", "--dry-run")
    assert files() == before
    sizes = {str(one["kind"]): one["bytes"] for one in found if one["old"]}
    assert set(sizes) == {"cells", "results", "ensembles", "code"}
    whole = sum(path.stat().st_size for path in left["results"].rglob("*") if path.is_file())
    assert sizes["results"] == whole


def test_what_is_not_ours_or_in_use_stays(run: Run, left: dict[str, Path]) -> None:
    aged(Path("results"), 400)
    aged(left["code"].parent, 400)
    aged(left["code in use"].parent, 400)
    clean(run, *module.KINDS)
    kept = {name for name, path in left.items() if path.exists()}
    assert kept == {"code in use", "notes", "like a result", "beside cells"}


def test_a_draft_of_the_last_hour_may_be_in_use(left: dict[str, Path]) -> None:
    for age_h, goes in ((0.9, False), (1.1, True)):
        aged(left["drafts"], age_h / 24)
        found = left_behind(Path("results"), Path("results/cells"))
        old = {one.path for one in old_ones(found, ["drafts"], 0)}
        assert (left["drafts"] in old) is goes


def test_the_same_command_works_after_all_has_gone(run: Run, left: dict[str, Path]) -> None:
    clean(run, *module.KINDS, "--older-than", "0d")
    assert not list(Path("results/cells").rglob("*.npy"))
    assert run("run", "hall.yaml", *FAST).exit_code == 0


def test_sizes_are_told_in_both_languages(run: Run, left: dict[str, Path]) -> None:
    for lang, said in (("en", "Nothing is older than 30d"), ("zh", "没有超过 30d 的内容")):
        ended = run("clean", "--lang", lang)
        assert said in ended.output
        assert "KiB" in ended.output


@pytest.mark.parametrize(
    ("text", "seconds"), [("12h", 43_200), ("30d", 2_592_000), (" 2w", 1_209_600)]
)
def test_ages(text: str, seconds: float) -> None:
    assert read_age_s(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "-1d", "1.5d", "d", "9999999d"])
def test_what_is_no_age_is_refused(run: Run, text: str) -> None:
    with pytest.raises(InputError):
        read_age_s(text)
    assert run("clean", f"--older-than={text}").exit_code == 2


def test_the_command_knows_every_kind() -> None:
    assert command.KINDS == module.KINDS
