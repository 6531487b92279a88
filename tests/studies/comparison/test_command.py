"""`hall run` and `hall compare`: what they print, write, and promise."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.measure.definitions import indicators
from sim.present.charts import files
from sim.scenario.load import load_parts
from sim.scenario.model import Scenario
from sim.studies.comparison import files as saving
from sim.studies.comparison.charts import CHARTS
from sim.studies.sweep import study as sweeping
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall

FAST = ("--no-charts", "--jobs", "1", "-n", "3")


def only_result(folder: Path = Path("results")) -> Path:
    (found,) = (path for path in folder.glob("*/*") if path.parent.name != "cells")
    return found


def test_a_run_writes_the_files_of_the_contract(run: Run) -> None:
    result = run("run", "hall.yaml", *FAST)
    assert result.exit_code == 0, result.output
    names = {path.name for path in only_result().iterdir()}
    assert names >= {
        "manifest.json",
        "indicators.csv",
        "differences.csv",
        "replications.parquet",
        "cases.parquet",
    }
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["replications"] == 3
    assert manifest["scenarios"][0]["texts"]
    tidy = pd.read_parquet(only_result() / "replications.parquet")
    assert list(tidy.columns) == ["scenario", "replication", "indicator", "value"]
    assert len(tidy) == 3 * len(indicators())


def test_as_many_cases_are_kept_as_are_asked_for(run: Run) -> None:
    whole = {}
    for asked in ("0", "1", "2"):
        assert run("run", "hall.yaml", *FAST, "--cases", asked, "--out", asked).exit_code == 0
        file = only_result(Path(asked)) / "cases.parquet"
        whole[asked] = pd.read_parquet(file) if file.exists() else None
    assert whole["0"] is None
    assert set(whole["1"].replication) == {0}
    assert set(whole["2"].replication) == {0, 1}
    first = whole["2"][whole["2"].replication == 0]
    pd.testing.assert_frame_equal(first, whole["1"])


def test_charts_are_written_in_both_languages_and_formats(run: Run) -> None:
    assert run("run", "hall.yaml", "--jobs", "1", "-n", "2").exit_code == 0
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    for name in (
        "where-the-days-go",
        "elapsed-time",
        "backlog",
        "by-hour",
        "utilisation",
        "visits",
    ):
        for ending in ("en.png", "en.svg", "zh.png", "zh.svg"):
            assert f"{name}.{ending}" in charts


def test_the_terminal_answers_first_and_never_says_nan(run: Run) -> None:
    result = run("run", "hall.yaml", *FAST)
    assert result.stdout.startswith("Tiny hall: of the cases received, ")
    assert "The report against the simulation" in result.stdout
    assert "nan" not in result.stdout.lower()
    assert len(result.stdout.splitlines()) < 60


def test_few_replications_are_said(run: Run) -> None:
    assert "Only 3 replications" in run("run", "hall.yaml", *FAST).stderr
    one = run("run", "hall.yaml", "--no-charts", "--jobs", "1", "-n", "1")
    assert "One replication is one history" in one.stderr
    assert "nan" not in one.stdout.lower()


def test_json_is_one_document_and_nothing_else(json_of: Callable[..., Any]) -> None:
    document = json_of("compare", "hall.yaml", "+full-authorization", "-n", "3")
    assert set(document) == {"scenarios", "differences", "gains"}
    names = [one["scenario"] for one in document["scenarios"]]
    assert names == ["hall", "hall+full-authorization"]
    first = document["scenarios"][0]["indicators"][0]
    assert set(first) == {"indicator", "unit", "mean", "low", "high", "n"}
    difference = document["differences"][0]
    assert set(difference) == {
        "baseline",
        "scenario",
        "indicator",
        "unit",
        "headline",
        "mean",
        "low",
        "high",
        "n",
        "p_adjusted",
        "verdict",
        "band_low",
        "opposite",
        "band_high",
        "readings",
    }


def test_the_seed_decides_everything(json_of: Callable[..., Any]) -> None:
    same = [json_of("run", "hall.yaml", "-n", "2", "--seed", "7") for _ in range(2)]
    assert same[0] == same[1]
    assert json_of("run", "hall.yaml", "-n", "2", "--seed", "8") != same[0]


def test_jobs_change_no_number(run: Run, json_of: Callable[..., Any]) -> None:
    alone = json_of("run", "hall.yaml", "-n", "3")
    arguments = ["run", "hall.yaml", "-n", "3", "--json", "--quiet", "--no-charts", "--jobs", "2"]
    together = subprocess.run(
        [sys.executable, "-m", "sim", *arguments], capture_output=True, text=True, check=True
    )
    assert json.loads(together.stdout) == alone


def test_a_scenario_against_itself_makes_no_difference(run: Run, small: Hall) -> None:
    small.reform("nothing", "postal_share", 0.0)
    result = run("compare", "hall.yaml", "+nothing", *FAST)
    assert result.exit_code == 0, result.output
    assert "changes none of the leading figures" in result.stdout
    differences = pd.read_csv(only_result() / "differences.csv")
    assert set(differences.verdict) <= {"no difference", "not measured"}


def test_set_reaches_every_scenario(json_of: Callable[..., Any]) -> None:
    def entry(*arguments: str) -> float:
        (found,) = [
            one["mean"]
            for one in json_of("run", "hall.yaml", "-n", "1", *arguments)["scenarios"][0][
                "indicators"
            ]
            if one["indicator"] == "entry_rate"
        ]
        return float(found)

    assert entry() == pytest.approx(3 / 5)
    assert entry("--set", "policy.entry=1") == 1


def test_progress_goes_to_standard_error_unless_quiet(run: Run) -> None:
    assert "Done 3/3" in run("run", "hall.yaml", *FAST).stderr
    assert "Done" not in run("run", "hall.yaml", *FAST, "--quiet").stderr


def test_an_overload_never_passes_silently(run: Run) -> None:
    arguments = ("--set", "offices.hall_share=0.01")
    assert "Overloaded in hall" in run("check", "hall.yaml", *arguments).output
    result = run("run", "hall.yaml", *FAST, *arguments)
    assert "Overloaded in hall" in result.stderr
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert any("Overloaded" in caution for caution in manifest["cautions"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "nowhere"), "nowhere"),
        (("run", "hall.yaml+no-such-reform"), "no-such-reform"),
        (("run", "hall.yaml", "-n", "0"), "0"),
        (("run", "hall.yaml", "--set", "policy.entry=7"), "policy.entry"),
        (("compare", "hall.yaml", "hall.yaml"), "given twice"),
        (("run", "hall.yaml", "--engine", "steam"), "steam"),
        (("explain", "hall.yaml", "--item", "sites"), "site"),
        (("explain", "hall.yaml", "--case", "site:100000"), "allowed"),
        (("explain", "hall.yaml"), "--item"),
    ],
)
def test_a_mistake_leaves_with_exit_code_2_and_no_traceback(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_problems_of_all_scenarios_are_told_together(run: Run) -> None:
    result = run("compare", "hall.yaml", "+no-such-reform", "nowhere.yaml", *FAST)
    assert result.exit_code == 2
    assert "no-such-reform" in result.output
    assert "nowhere" in result.output


def test_a_folder_that_cannot_be_written_is_told_before_the_run(run: Run, small: Hall) -> None:
    small.write("taken", "a file")
    result = run("run", "hall.yaml", *FAST, "--out", "taken")
    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert "Done" not in result.output


def test_a_crash_while_writing_leaves_no_result(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "write_csv", full)
    result = run("run", "hall.yaml", *FAST)
    assert result.exit_code == 2
    assert "No space left" in result.output
    written = {path for path in Path("results").rglob("*") if path.is_file()}
    assert all(path.is_relative_to("results/cells") for path in written)


def test_ctrl_c_keeps_what_is_finished(small: Hall) -> None:
    arguments = ["run", "hall.yaml", "-n", "400", "--no-charts", "--jobs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    deadline = time.monotonic() + 60
    while "40/400" not in process.stderr.readline():
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Interrupted" in errors
    assert "Tiny hall" in output
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert 40 <= manifest["replications"] < 400


def test_a_reported_zero_is_compared_without_dividing_by_it(run: Run, small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("cases_received: 200", "complaints: 0"))
    result = run("run", "hall.yaml", *FAST)
    assert result.exit_code == 0, result.output


def test_a_comparison_writes_who_gains_and_loses(run: Run, json_of: Callable[..., Any]) -> None:
    result = run("compare", "hall.yaml", "+full-authorization", "--jobs", "1", "-n", "2")
    assert result.exit_code == 0, result.output
    assert "Person by person" in result.stdout
    gains = pd.read_csv(only_result() / "gains.csv")
    assert {"scenario", "department", "item", "applicants", "share_gain", "share_lose"} <= set(
        gains
    )
    assert (only_result() / "gains-by-end.csv").exists()
    assert (only_result() / "charts" / "who-gains.zh.png").exists()
    document = json_of("compare", "hall.yaml", "+full-authorization", "-n", "2")
    first = document["gains"][0]
    assert first["scenario"] == "hall+full-authorization"
    assert first["share_gain"] == pytest.approx(gains.share_gain[0])
    assert len(document["gains"]) == (gains["item"].isna()).sum()


def test_precision_ends_a_run_and_is_written(run: Run, json_of: Callable[..., Any]) -> None:
    arguments = ("--precision", "0.1", "--indicator", "all_elapsed_mean_wd")
    result = run("run", "hall.yaml", "--no-charts", "--jobs", "1", *arguments)
    assert result.exit_code == 0, result.output
    assert "Precise enough after" in result.stdout
    frame = pd.read_csv(only_result() / "precision.csv")
    assert frame.state.tolist() == ["met"]
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["precision"]["reached"] is True
    assert manifest["precision"]["target"] == 0.1
    assert json_of("run", "hall.yaml", *arguments)["precision"][0]["needed"] == frame.needed[0]


def test_a_target_that_is_not_reached_says_what_it_would_need(run: Run) -> None:
    result = run(
        "compare", "hall.yaml", "+full-authorization", "--no-charts", "--jobs", "1",
        "--precision", "0.005", "--most", "12", "--lang", "zh",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "12 次模拟（上限）后仍未达到精度" in result.stdout
    assert "约需" in result.stdout
    assert "与基准的差异中" in result.stdout
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["precision"]["reached"] is False
    assert manifest["precision"]["held_up_by"][0]["scenario"].startswith("hall")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--precision", "0.02", "-n", "5"), "--precision: a target and 5 replications"),
        (("--precision", "2"), "between 0 and 1"),
        (("--precision", "0.1", "--indicator", "elapsed"), "no figure 'elapsed'"),
        (("--most", "20"), "together with --precision"),
    ],
)
def test_contradictory_targets_leave_with_exit_code_2(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run("run", "hall.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_steady_state_is_looked_for_when_asked(run: Run, small: Hall) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text.replace("census: 2008-08-15", "census: 2008-12-31"))
    result = run("run", "hall.yaml", "--jobs", "1", "-n", "3", "--steady-state")
    assert result.exit_code == 0, result.output
    assert "MSER-5" in result.stdout or "no steady state" in result.stdout
    frame = pd.read_csv(only_result() / "steady-state.csv")
    assert frame.series.tolist() == ["hall_wait", "backlog_hall", "backlog_all"]
    assert (only_result() / "charts" / "warm-up.en.png").exists()


def test_no_steady_state_unless_asked(run: Run) -> None:
    assert run("run", "hall.yaml", *FAST).exit_code == 0
    assert not (only_result() / "steady-state.csv").exists()
    assert not (only_result() / "gains.csv").exists()
    assert not (only_result() / "precision.csv").exists()


DRAWN = ("--jobs", "1", "-n", "2", "--quiet")


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_chart_that_fails_costs_itself_and_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("cannot be drawn")

    vary = ("--vary", "policy.entry=0.5,1") if command == "sweep" else ()
    whole = run(command, "hall.yaml", *vary, *DRAWN, "--out", "whole")
    assert whole.exit_code == 0, whole.output
    charts = sorted(path.name for path in (only_result(Path("whole")) / "charts").iterdir())
    lost = next(name for name in charts if name.endswith(".en.png"))
    name = lost.removesuffix(".en.png")
    if command == "run":
        monkeypatch.setitem(CHARTS, name, fails)
    else:
        real = files.write_figure

        def write(figure: Figure, path: Path, dpi: int) -> list[Path]:
            return fails() or [] if path.name.startswith(f"{name}.") else real(figure, path, dpi)

        monkeypatch.setattr(files, "write_figure", write)
    result = run(command, "hall.yaml", *vary, *DRAWN, "--out", "half")
    assert result.exit_code == 0, result.output
    assert f"{name}.en could not be drawn (cannot be drawn)" in result.output
    kept = sorted(path.name for path in (only_result(Path("half")) / "charts").iterdir())
    assert kept == [chart for chart in charts if not chart.startswith(f"{name}.")]
    assert (only_result(Path("half")) / "manifest.json").exists()


def test_a_disk_that_is_full_when_charts_are_drawn_costs_no_table(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_figure", full)
    result = run("run", "hall.yaml", *DRAWN)
    assert result.exit_code == 0, result.output
    assert "No space left on device" in result.output
    assert (only_result() / "indicators.csv").exists()


def test_names_of_units_are_text_in_charts(run: Run, small: Hall) -> None:
    text = (small.folder / "departments.csv").read_text(encoding="utf-8")
    odd = r"A^B $1{ $2_\x}"
    small.write("departments.csv", text.replace("Land Bureau", odd).replace("国土局", odd))
    result = run("compare", "hall.yaml", "+full-entry", *DRAWN)
    assert result.exit_code == 0, result.output
    assert "could not be drawn" not in result.output
    charts = list((only_result() / "charts").glob("utilisation.*.svg"))
    assert len(charts) == 2


def test_a_scenario_edited_while_it_runs_is_used_as_it_was(run: Run, small: Hall) -> None:
    vary = ("--vary", "policy.entry=0.5,1", "--no-charts", "--jobs", "1", "-n", "2", "--quiet")
    before = run("sweep", "hall.yaml", *vary, "--out", "before", "--cells", "one")
    assert "changed while this ran" not in before.output
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    assert "closing: serve_all" not in text

    def edit_first(*how: Any, **more: Any) -> Scenario:
        small.write("hall.yaml", text + "hall: {closing: send_home, attempts: 1}\n")
        return load_parts(*how, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "load_parts", edit_first)
        after = run("sweep", "hall.yaml", *vary, "--out", "after", "--cells", "two")
    assert after.exit_code == 0, after.output
    assert "hall.yaml changed while this ran" in after.output
    tables = {
        one: {path.name: path.read_bytes() for path in only_result(Path(one)).glob("*.csv")}
        for one in ("before", "after")
    }
    assert tables["before"]
    assert tables["before"] == tables["after"]
    cells = [{path.name for path in Path(one).rglob("*.npy")} for one in ("one", "two")]
    assert cells[0] == cells[1]
