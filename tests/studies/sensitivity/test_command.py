"""`hall sensitivity`: what it prints, writes, refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sim.running import cells
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall
from tests.studies.comparison.test_command import FAST
from tests.studies.sensitivity.test_study import SOURCES


def only_result() -> Path:
    (found,) = [path for path in Path("results").glob("*/*") if "cells" not in path.parts]
    return found


@pytest.fixture(autouse=True)
def sourced(small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + SOURCES)


def test_a_tornado_is_told_and_written(run: Run) -> None:
    result = run("sensitivity", "hall.yaml", *FAST)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("Everyone: elapsed time (mean) is ")
    assert "what moves it most: " in result.stdout
    assert "Not possible: hall.attempts=9" in result.stderr
    assert "calibration is held" in result.stderr
    assert "nan" not in result.stdout.lower()
    folder = only_result()
    assert {path.name for path in folder.iterdir()} == {
        "manifest.json",
        "tornado.csv",
        "left_out.csv",
        "replications.parquet",
    }
    tornado = pd.read_csv(folder / "tornado.csv")
    assert len(tornado) == 5 * 2
    left_out = pd.read_csv(folder / "left_out.csv").set_index("path")["reason"]
    assert left_out["hall.closing"] == "no_range"
    assert left_out["items.sections"] == "table"
    assert left_out["hall.attempts=9"] == "refused"


def test_a_comparison_says_where_verdicts_turn(run: Run) -> None:
    result = run(
        *("sensitivity", "hall.yaml", "+full-authorization", "-n", "3", "--jobs", "1"),
        *("--vary", "papers.make_up_wd", "--vary", "papers.incomplete_rate"),
    )
    assert result.exit_code == 0, result.output
    assert "“Full authorization” against “Tiny hall”" in result.stdout
    assert "The verdict on Everyone: elapsed time (mean)" in result.stdout
    folder = only_result()
    flips = pd.read_csv(folder / "flips.csv")
    assert set(flips["parameter"]) == {"papers.make_up_wd.mean", "papers.incomplete_rate"}
    charts = {path.name for path in (folder / "charts").iterdir()}
    assert {f"tornado-all_elapsed_mean_wd.{end}" for end in ("en.png", "zh.svg")} <= charts
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert [one["scenario"] for one in manifest["scenarios"]] == ["hall", "hall+full-authorization"]
    assert manifest["method"] == "tornado"


def test_a_scenario_like_its_base_flips_nowhere(run: Run, small: Hall) -> None:
    small.reform("nothing", "postal_share", 0.0)
    result = run("sensitivity", "hall.yaml", "+nothing", *FAST)
    assert result.exit_code == 0, result.output
    assert "(no difference) holds over the range of every one of 5 estimates" in result.stdout


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("method", "size"), [("morris", ("--trajectories", "2")), ("sobol", ("--samples", "8"))]
)
def test_indices_are_told_and_drawn(
    run: Run, method: str, size: tuple[str, str], lang: str
) -> None:
    result = run(
        *("sensitivity", "hall.yaml", "--method", method, *size, "-n", "2", "--jobs", "1"),
        *("--vary", "papers.make_up_wd", "--vary", "hall.attempts=2:4", "--lang", lang),
    )
    assert result.exit_code == 0, result.output
    assert "nan" not in result.stdout.lower()
    folder = only_result()
    table = pd.read_csv(folder / f"{method}.csv")
    assert table["indicator"].nunique() == 2
    assert table.iloc[0]["parameter"] == "papers.make_up_wd.mean"
    assert (folder / "charts" / f"{method}-all_elapsed_mean_wd.{lang}.png").exists()


def test_morris_leaves_out_what_makes_no_valid_hall(run: Run) -> None:
    result = run(
        *("sensitivity", "hall.yaml", "--method", "morris", "--trajectories", "2"),
        *("-n", "2", "--jobs", "1", "--no-charts"),
    )
    assert result.exit_code == 0, result.output
    assert "Not possible: hall.attempts=9" in result.stderr
    names = set(pd.read_csv(only_result() / "morris.csv")["parameter"])
    assert "papers.make_up_wd.mean" in names
    assert "hall.attempts" not in names


def test_sobol_takes_what_a_first_look_ranks(json_of: Callable[..., Any], small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("E 2..9", "E 2..4"))
    document = json_of(
        *("sensitivity", "hall.yaml", "--method", "sobol", "--samples", "8", "-n", "4"),
        *("--indicator", "all_elapsed_mean_wd"),
    )
    names = [row["parameter"] for row in document["sobol"]]
    assert "papers.make_up_wd.mean" in names
    assert document["method"] == "sobol"


def test_json_is_one_document(json_of: Callable[..., Any]) -> None:
    document = json_of(
        "sensitivity", "hall.yaml", "+full-entry", "-n", "2", "--vary", "hall.attempts=2:4"
    )
    assert (document["baseline"], document["scenario"]) == ("hall", "hall+full-entry")
    assert {row["parameter"] for row in document["tornado"]} == {"hall.attempts"}
    assert document["flips"][0]["flip"]


def test_what_is_finished_is_not_worked_out_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("sensitivity", "hall.yaml", *FAST, "--vary", "hall.attempts=2:4", "--json")
    first = run(*arguments)

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(cells, "simulate_replication", never)
    assert run(*arguments).stdout == first.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "papers.incomplete"), "did you mean"),
        (("--vary", "papers.incomplete_rate=0.5:0.5"), "empty range"),
        (("--indicator", "elapsed_mean"), "did you mean 'elapsed_mean_wd'"),
        (("--method", "sobol", "--samples", "100"), "a power of 2"),
        (("--method", "magic"), "magic"),
        (("+no-such-reform",), "no-such-reform"),
    ],
)
def test_mistakes_leave_with_exit_code_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("sensitivity", "hall.yaml", *FAST, *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "replications" not in result.output
    assert "Traceback" not in result.output


def test_mistakes_of_all_kinds_are_told_together(run: Run) -> None:
    result = run(
        *("sensitivity", "hall.yaml", *FAST, "--indicator", "nothing"),
        *("--vary", "nowhere", "--vary", "hall.attempts=4:2"),
    )
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 3


def test_a_hall_without_ranges_is_told_so(run: Run, small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text[: text.index("sources:")])
    result = run("sensitivity", "hall.yaml", *FAST)
    assert result.exit_code == 2
    assert "no estimate has a range" in result.output


def test_an_overload_at_an_end_is_told(run: Run) -> None:
    result = run("sensitivity", "hall.yaml", *FAST, "--vary", "offices.hall_share=0.005:0.6")
    assert result.exit_code == 0, result.output
    assert "Beware: with share of an officer's day for these cases at 0.5" in result.stdout


def test_one_history_is_said_to_tell_nothing(run: Run) -> None:
    result = run(
        *("sensitivity", "hall.yaml", "-n", "1", "--jobs", "1", "--vary", "papers.make_up_wd")
    )
    assert result.exit_code == 0, result.output
    assert "One history at each point" in result.stderr
    assert "nan" not in result.stdout.lower()
