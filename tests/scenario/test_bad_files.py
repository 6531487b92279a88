"""Files that are none, names with plus signs, and text that no text may hold."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sim.scenario.files import MOST_YAML_BYTES, parts_of
from sim.scenario.load import load
from sim.scenario.problems import MOST_TOLD, InputError, Problem
from tests.scenario.conftest import SCENARIO, Hall

TABLE = "a folder, pipe or device"


def problem_of(hall: Hall) -> Problem:
    """Return the first problem."""
    return Problem(*hall.problems()[0])


@pytest.mark.parametrize("name", ["items.csv", "fit.yaml", "hall.yaml"])
def test_a_pipe_is_refused_and_not_waited_for(hall: Hall, name: str) -> None:
    hall.add("calibration: fit.yaml\n")
    hall.write("fit.yaml", "fitted: {}\n")
    (hall.folder / name).unlink()
    os.mkfifo(hall.folder / name)
    problem = problem_of(hall)
    if name == "hall.yaml":
        assert problem.found.startswith("no scenario")
    else:
        line = 7 if name == "items.csv" else 8
        assert (problem.file, problem.line) == ("hall.yaml", line)
        assert problem.found == f"{hall.folder / name}: {TABLE}"


@pytest.mark.parametrize("name", ["items.csv", "fit.yaml"])
def test_a_device_and_a_circle_of_links_are_refused(hall: Hall, name: str) -> None:
    hall.add("calibration: fit.yaml\n")
    hall.write("fit.yaml", "fitted: {}\n")
    file = hall.folder / name
    file.unlink()
    file.symlink_to("/dev/zero")
    assert "leaves the folder" in problem_of(hall).found
    file.unlink()
    file.symlink_to(file)
    assert "cannot be read" in problem_of(hall).found


def test_a_scenario_that_is_a_circle_of_links(hall: Hall) -> None:
    (hall.folder / "loop.yaml").symlink_to(hall.folder / "loop.yaml")
    with pytest.raises(InputError, match="no scenario"):
        load(str(hall.folder / "loop.yaml"))


def test_a_file_that_would_take_minutes_to_read(hall: Hall) -> None:
    hall.add("# " + "x" * MOST_YAML_BYTES)
    problem = problem_of(hall)
    assert problem.found.startswith("a file of 500,")
    assert problem.allowed == "files of at most 500,000 bytes"


# Text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\x9b", "\ufffe"])
def test_control_characters_in_files(hall: Hall, sign: str) -> None:
    text = (hall.folder / "items.csv").read_text(encoding="utf-8")
    hall.write("items.csv", text.replace("Land deed", f"Land{sign}deed"))
    problem = problem_of(hall)
    assert (problem.line, problem.found) == (3, f"the control character {sign!r}")
    hall.write("items.csv", text)
    hall.add(f"note: {{en: a{sign}b, zh: c}}\n")
    assert (problem_of(hall).file, problem_of(hall).line) == ("hall.yaml", 8)


@pytest.mark.parametrize("sign", [r"\0", r"\e", r"\uD800", r"\U00110000", r"\uFFFF"])
@pytest.mark.parametrize(
    "form", ['note: {{en: "a{}", zh: c}}', '"demand{}": 1', 'policy: {{"{}": 1}}']
)
def test_control_characters_by_name(hall: Hall, sign: str, form: str) -> None:
    hall.add(form.format(sign) + "\n")
    assert {problem[:2] for problem in hall.problems()} == {("hall.yaml", 8)}


def test_control_characters_in_a_value_of_the_command(hall: Hall) -> None:
    with pytest.raises(InputError, match="control character"):
        load(str(hall.folder / "hall.yaml"), ["hall.cashier_unit=\udcff"])


@pytest.mark.parametrize(
    "value", ["1" * 5_000, "-" + "9" * 400, "1e" + "9" * 60, "0." + "0" * 5_000 + "1"]
)
def test_numbers_of_thousands_of_digits(hall: Hall, value: str) -> None:
    hall.add(f"demand: {{volume: {value}}}\n")
    problem = problem_of(hall)
    assert problem.found == f"a number of {len(value):,} characters"
    assert problem.line == 8


@pytest.mark.parametrize("value", ["1e999999999", "²", "٣", "1_000", "0x10", "nan", ".inf"])
def test_what_is_no_number_or_none_of_these(hall: Hall, value: str) -> None:
    hall.add(f"demand: {{volume: {value}}}\n")
    problem = problem_of(hall)
    assert (problem.line, problem.allowed) == (8, "a number above 0 and up to 50")


@pytest.mark.parametrize("deep", [21, 60, 200, 5_000])
@pytest.mark.parametrize("form", ["{{a: {}}}", "[{}]"])
def test_groups_inside_each_other(hall: Hall, deep: int, form: str) -> None:
    left, _, right = form.format("|").partition("|")
    hall.add(f"report: {left * deep}1{right * deep}\n")
    problem = problem_of(hall)
    assert problem.file == "hall.yaml"
    assert "inside each other" in problem.found or "nested too deeply" in problem.found


# Names with plus signs ------------------------------------------------------------------------


def test_a_plus_sign_in_a_path_is_part_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a+b" / "c+d"
    folder.mkdir(parents=True)
    hall = Hall(folder)
    hall.reform("swift", "work_speed", 1.2)
    path, reform = str(folder / "hall.yaml"), str(folder / "reforms" / "swift.yaml")
    assert parts_of(path) == [path]
    assert parts_of(f"{path}+swift + {reform}") == [path, "swift", reform]
    assert parts_of(f"county+full-entry+{reform}") == ["county", "full-entry", reform]
    assert load(f"{path}+{reform}").settings.policy.work_speed == 1.2
    assert load(f"{path}+swift").name == "hall+swift"
    monkeypatch.chdir(tmp_path)
    assert parts_of("a+b/c+d/hall+swift") == ["a+b/c+d/hall", "swift"]
    with pytest.raises(InputError, match="no reform 'none'"):
        load(f"{path}+none")


def test_a_path_with_a_plus_sign_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no scenario"):
        load(f"{tmp_path}/a+b/hall.yaml")


# How much is told -----------------------------------------------------------------------------


def test_the_first_fifty_problems_are_spelled_out(hall: Hall) -> None:
    wrong = "".join(f"wrong_{number}: 1\n" for number in range(MOST_TOLD + 7))
    hall.write("hall.yaml", SCENARIO + wrong)
    with pytest.raises(InputError) as refused:
        load(str(hall.folder / "hall.yaml"))
    assert len(refused.value.problems) == MOST_TOLD + 7
    lines = str(refused.value).splitlines()
    assert len(lines) == MOST_TOLD + 1
    assert lines[-1] == "and 7 more"
    assert str(InputError([Problem("a", 1, "b", "c")] * MOST_TOLD)).count("\n") == MOST_TOLD - 1


def test_a_refusal_says_why() -> None:
    with pytest.raises(ValueError, match="without a problem"):
        InputError([])
