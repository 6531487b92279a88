"""Nine hundred mutations of files and command lines, each answered and none by a traceback."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.interface.forked import LONGEST_S
from tests.interface.mutations import mutate_file, mutated_arguments
from tests.scenario.conftest import Hall

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
BATCHES, CASES = 9, 100
MOST_BYTES = 1 << 30
# Numbers of a file decide what these options may ask for: then they are at fault.
PLACE = re.compile(
    r"^(.*\.(yaml|csv):\d+|--(case|target|order-by).*): .+; allowed: .+", re.MULTILINE
)
OPTIONS = ("--quiet", "--jobs", "1", "--no-charts", "-n", "1")

# Of the county, quick; of a small hall, what takes many runs.
ABOUT_THE_COUNTY = (
    ("check", "county"),
    ("check", "county+full-entry+full-authorization"),
    ("assumptions", "county"),
    ("explain", "county", "--item", "individual_registration"),
    ("explain", "county", "--case", "marriage_registration:3", "--against", "county+full-entry"),
    ("run", "county", *OPTIONS),
    ("run", "county", *OPTIONS, "--json", "--steady-state"),
    ("compare", "county", "+full-entry", "+incentives", *OPTIONS, "--no-rivals", "--halls", "0"),
    ("sweep", "county", "--vary", "policy.entry=0.593:1:2", *OPTIONS),
    ("sweep", "entry-authorization", *OPTIONS),
)
SOBOL = ("--vary", "policy.recall_rate=0:0.3", "--design", "sobol", "--points", "2")
PHASE = ("--phase", "2008-07-21:full-entry@land", "--until", "2008-09-01")
TARGET = ("--target", "hall_wait_within_target_rate>=0.5", "--budget", "20")
FEW = ("--variants", "2", "--effective", "2")
ABOUT_A_HALL = (
    ("check", "hall.yaml"),
    ("check", "changing.yaml"),
    ("run", "hall.yaml", *OPTIONS),
    ("run", "changing.yaml+incentives", *OPTIONS[:-2], "--precision", "0.5", "--most", "4"),
    ("compare", "changing.yaml", "hall.yaml", *OPTIONS),
    ("explain", "changing.yaml", "--case", "deed:1", "--against", "hall.yaml"),
    ("sweep", "study.yaml", *OPTIONS),
    ("sweep", "hall.yaml", "--points", "points.csv", *OPTIONS),
    ("sweep", "hall.yaml", *SOBOL, *OPTIONS),
    ("sensitivity", "hall.yaml", "+incentives", "--vary", "policy.recall_rate=0.1:0.3", *OPTIONS),
    ("transition", "hall.yaml", *PHASE, *OPTIONS),
    ("transition", "changing.yaml", *OPTIONS),
    ("attribute", "hall.yaml", "full-entry", "incentives", *OPTIONS),
    ("capacity", "hall.yaml", "--target", "0.8", *OPTIONS),
    ("staff", "hall.yaml", *TARGET, *OPTIONS),
    ("ensemble", "hall.yaml", "+full-entry", *FEW, *OPTIONS),
    ("calibrate", "hall.yaml", "--jobs", "1"),
)
FILES_OF_THE_COUNTY = (
    "scenarios/county.yaml", "scenarios/county/items.csv", "scenarios/county/departments.csv",
    "scenarios/county/stuck-at-step.yaml", "scenarios/reforms/full-entry.yaml",
    "scenarios/studies/entry-authorization.yaml",
)  # fmt: skip
FILES_OF_THE_HALL = (
    "hall.yaml", "changing.yaml", "items.csv", "departments.csv", "fit.yaml", "study.yaml",
    "points.csv",
)  # fmt: skip
MORE = """\
horizon: {start: 2008-07-01, census: 2008-08-15, follow_up_wd: 20}
calibration: fit.yaml
calendar:
  hall_hours: ["08:30-12:00", "14:30-17:30"]
  extra_holidays: [2008-07-09]
  extra_workdays: [2008-07-12]
demand:
  volume: 1.1
  weekday_share: [0.2, 0.2, 0.2, 0.2, 0.2]
  hour_weights: {8: 1, 9: 2, 15: 1}
papers:
  make_up_wd: {mean: 3, cv: 0.8, family: gamma}
policy:
  recall_rate: 0.1
  staff: {land: 2}
sources:
  policy.recall_rate: "E 0.05..0.3: a guess | 估计"
report: {cases_received: 200, completion_rate: 0.9}
"""
FIT = """\
title: {en: Fit, zh: 拟合}
note: {en: Fitted., zh: 拟合。}
fit:
- {parameter: demand.volume, indicator: cases_received, how: proportional, start: 1.2}
replications: 2
iterations: 1
fitted: {demand.volume: 1.2}
"""
CHANGING = """\
extends: hall
title: {en: Changing, zh: 变化}
calibration: null
transition:
  - begins: 2008-07-16
    reforms: [full-authorization]
  - {begins: 2008-08-01, reforms: [full-entry], departments: [land]}
"""
STUDY = """\
version: 1
title: {en: A study, zh: 研究}
base: [hall.yaml]
set: {demand.volume: 0.9}
vary:
  policy.entry: [0.4, 1]
  +incentives:
replications: 1
seed: 3
indicators: [visits_mean]
"""
POINTS = "policy.entry,+incentives\n0.5,on\n1,off\n"


@pytest.fixture(scope="module")
def shell() -> Iterator[subprocess.Popen[str]]:
    """Start what answers commands."""
    script = ROOT / "tests" / "interface" / "forked.py"
    process = subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process
    process.stdin.close()  # type: ignore[union-attr]
    process.wait()


def say(shell: subprocess.Popen[str], folder: Path, arguments: list[str]) -> dict[str, Any]:
    assert shell.stdin is not None
    assert shell.stdout is not None
    print(json.dumps({"folder": str(folder), "arguments": arguments}), file=shell.stdin, flush=True)
    answered: dict[str, Any] = json.loads(shell.stdout.readline())
    return answered


def write_hall(folder: Path) -> None:
    """Write the shipped scenarios, and a small hall with every kind of file beside them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    hall = Hall(folder)
    text = (folder / "hall.yaml").read_text(encoding="utf-8")
    head, tables = text[: text.index("horizon:")], text[text.index("tables:") :]
    hall.write("hall.yaml", head + MORE + tables)
    for name, text in (("fit", FIT), ("changing", CHANGING), ("study", STUDY)):
        hall.write(f"{name}.yaml", text)
    hall.write("points.csv", POINTS)


def complaint(answered: dict[str, Any], *, of_a_file: bool) -> str:
    """Return what is wrong with an answer, if anything is."""
    code, told = answered["code"], answered["stdout"] + answered["stderr"]
    if "Traceback" in told:
        return "a traceback"
    if code not in {0, 2}:
        return f"exit code {code}"
    if code == 2 and not answered["stderr"].strip():
        return "exit code 2 without a word"
    if code == 2 and of_a_file and not PLACE.search(answered["stderr"]):
        return "a file at fault without its line"
    if re.search(r"(?<![\w.-])(nan|inf)(?![\w.-])", answered["stdout"]):
        return "nan is said"
    if answered["seconds"] > LONGEST_S:
        return f"{answered['seconds']:.0f} s"
    if answered["bytes"] > MOST_BYTES:
        return f"{answered['bytes'] / MOST_BYTES:.2f} GiB"
    return ""


def asked_of(folder: Path, chance: Random) -> tuple[list[str], str, bool]:
    """Write a hall, mutate a file or a command line; return the command and what was done."""
    write_hall(folder)
    of_the_county = chance.random() < 0.4
    arguments = list(chance.choice(ABOUT_THE_COUNTY if of_the_county else ABOUT_A_HALL))
    if chance.random() < 0.35:
        return mutated_arguments(arguments, chance), "command line", False
    name = chance.choice(FILES_OF_THE_COUNTY if of_the_county else FILES_OF_THE_HALL)
    done = mutate_file(folder / name, chance)
    # What is no file any more may be named by the command, which has no lines.
    return arguments, done, done.endswith("changed")


def test_what_is_mutated_is_right_before(shell: subprocess.Popen[str], tmp_path: Path) -> None:
    write_hall(tmp_path)
    for arguments in (*ABOUT_THE_COUNTY, *ABOUT_A_HALL):
        answered = say(shell, tmp_path, list(arguments))
        assert answered["code"] == 0, (arguments, answered["stderr"])
        assert not complaint(answered, of_a_file=False)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_mutations_are_answered(shell: subprocess.Popen[str], tmp_path: Path, batch: int) -> None:
    wrong = []
    for number in range(batch * CASES, (batch + 1) * CASES):
        arguments, done, of_a_file = asked_of(tmp_path / "hall", Random(number))  # noqa: S311
        answered = say(shell, tmp_path / "hall", arguments)
        if found := complaint(answered, of_a_file=of_a_file):
            last = answered["stderr"].strip().splitlines()[-1:]
            wrong.append(f"{number}: {found} ({done}): hall {' '.join(arguments)[:200]} {last}")
    assert not wrong, "\n".join(wrong)
