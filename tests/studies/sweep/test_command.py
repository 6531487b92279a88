"""`hall sweep`: what it prints, writes and promises."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.interface.conftest import Run
from tests.running.local_dask import Dask
from tests.scenario.conftest import Hall

FAST = ("--quiet", "--jobs", "1", "-n", "3")
TWO = ("--vary", "policy.entry=0.6:1:3", "--vary", "policy.authorization=0,1")
FILES = ("points.csv", "summary.csv", "sweep.parquet")


def only_result(folder: Path = Path("results")) -> Path:
    (found,) = [path.parent for path in folder.glob("*/*/manifest.json")]
    return found


def test_a_sweep_writes_the_files_of_the_contract(run: Run) -> None:
    result = run("sweep", "hall.yaml", *TWO, *FAST, "--no-charts")
    assert result.exit_code == 0, result.output
    folder = only_result()
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *FILES}
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["replications"] == 3
    assert manifest["study"]["axes"] == {"policy.entry": "0.6:1:3", "policy.authorization": "0,1"}
    assert len(pd.read_csv(folder / "points.csv")) == 7


def test_both_examples_mean_what_a_reader_expects(run: Run) -> None:
    vary = ("--vary", "policy.authorization=0:1:0.1", "--vary", "policy.entry=0.593:1:5")
    result = run("sweep", "hall.yaml", *vary, "--quiet", "-j", "1", "-n", "1", "--no-charts")
    assert result.exit_code == 0, result.output
    points = pd.read_csv(only_result() / "points.csv")
    assert points["policy.authorization"].nunique() == 11
    assert points["policy.entry"].dropna().unique().tolist() == [0.593, 0.69475, 0.7965, 0.89825, 1]
    assert len(points) == 56


def test_the_terminal_answers_first(run: Run) -> None:
    result = run("sweep", "hall.yaml", *TWO, *FAST, "--no-charts")
    assert result.stdout.startswith("Everyone: elapsed time (mean) is best at ")
    assert "The best of 7 points" in result.stdout
    assert "Items entered ↓" in result.stdout
    assert "nan" not in result.stdout.lower()
    assert "Only 3 replications" in result.stderr
    chinese = run("sweep", "hall.yaml", *TWO, *FAST, "--no-charts", "--lang", "zh").stdout
    assert chinese.startswith("全口径")
    assert "进驻事项比例" in chinese


def test_json_is_one_document_and_nothing_else(run: Run) -> None:
    result = run("sweep", "hall.yaml", *TWO, *FAST, "--no-charts", "--json")
    document = json.loads(result.stdout)
    assert set(document) == {
        "bases", "axes", "replications", "points", "summary", "best", "turns", "folder",
    }  # fmt: skip
    assert [axis["axis"] for axis in document["axes"]] == ["policy.entry", "policy.authorization"]
    assert document["points"][0] == {
        "point": 0, "policy.entry": None, "policy.authorization": None,
    }  # fmt: skip
    assert {"point", "indicator", "mean", "low", "high", "n", "difference"} <= set(
        document["summary"][0]
    )
    assert (Path(document["folder"]) / "summary.csv").is_file()


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("--vary", "policy.entry=0.6:1:3"), {"curves-1"}),
        (TWO, {"heat-all_elapsed_mean_wd"}),
        (
            ("--vary", "policy.entry=0.6,1", "--vary", "policy.windows=dedicated,comprehensive"),
            {"lines-all_elapsed_mean_wd"},
        ),
        (
            (*TWO, "--vary", "policy.recall_rate=0,0.2", "--indicator", "all_elapsed_mean_wd"),
            {"effects-all_elapsed_mean_wd"},
        ),
        (
            ("--vary", "policy.entry=0.6:1", "--design", "latin-hypercube", "--points", "4"),
            {"scatter-all_elapsed_mean_wd"},
        ),
    ],
)
def test_charts_suit_the_axes(run: Run, arguments: tuple[str, ...], names: set[str]) -> None:
    more = () if "--indicator" in arguments else ("--indicator", "all_elapsed_mean_wd")
    result = run("sweep", "hall.yaml", *arguments, *more, *FAST)
    assert result.exit_code == 0, result.output
    charts = {path.name for path in (only_result() / "charts").iterdir()}
    assert charts == {
        f"{name}.{ending}" for name in names for ending in ("en.png", "en.svg", "zh.png", "zh.svg")
    }


def test_several_halls_are_an_axis(run: Run, small: Hall) -> None:
    small.write("busy.yaml", "extends: hall.yaml\ntitle: {en: Busy, zh: 忙}\ndemand: {volume: 2}\n")
    result = run(
        "sweep", "hall.yaml", "busy.yaml", "--vary", "policy.entry=0.6,1", *FAST, "--no-charts"
    )
    assert result.exit_code == 0, result.output
    points = pd.read_csv(only_result() / "points.csv")
    assert points.base.tolist() == ["hall", "busy", "hall", "hall", "busy", "busy"]
    tidy = pd.read_parquet(only_result() / "sweep.parquet")
    assert tidy.groupby("point").scenario.first().tolist() == points.base.tolist()


def test_a_study_file_and_options_over_it(run: Run, small: Hall) -> None:
    text = (
        "version: 1\nbase: hall.yaml\nvary: {policy.entry: 0.6:1:3}\nreplications: 2\nseed: 4\n"
        "indicators: [visits_mean]\n"
    )
    small.write("mine.yaml", text)
    options = ("--quiet", "-j", "1", "--no-charts")
    assert run("sweep", "mine.yaml", *options).exit_code == 0
    manifest = json.loads((only_result() / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["replications"], manifest["seed"]) == (2, 4)
    assert manifest["study"]["text"] == text
    result = run(
        "sweep", "mine.yaml", *options, "--json", "-n", "3", "--vary", "policy.entry=0.6,1",
        "--vary", "policy.postal_share=0,1", "--indicator", "all_visits_mean",
    )  # fmt: skip
    document = json.loads(result.stdout)
    assert (document["replications"], len(document["points"])) == (3, 5)
    assert {row["indicator"] for row in document["summary"]} == {"all_visits_mean"}


def test_the_shipped_study_is_good(run: Run) -> None:
    from sim.studies.sweep.design import find_study, read_study  # noqa: PLC0415
    from sim.studies.sweep.study import plan_sweep  # noqa: PLC0415

    file = find_study("entry-authorization")
    assert file is not None
    found = plan_sweep(read_study(file))
    assert len(found.points) == 26


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere",), "no scenario or study 'nowhere'"),
        (("hall.yaml",), "nothing is varied"),
        (("hall.yaml", "--vary", "policy.entri=0:1:3"), "did you mean 'policy.entry'"),
        (("hall.yaml", "--vary", "policy.entry=0:2:3"), "policy.entry is 2"),
        (("hall.yaml", "--vary", "+nothing"), "no reform 'nothing'"),
        (("hall.yaml", *TWO, "--shard", "3/2"), "'3/2'"),
        (("hall.yaml", "--points", "none.csv"), "none.csv"),
        (("hall.yaml", "hall.yaml", *TWO), "given twice"),
        (("hall.yaml", *TWO, "--set", "policy.entry=1"), "varied and set"),
    ],
)
def test_a_mistake_leaves_with_exit_code_2_before_anything_runs(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = run("sweep", *arguments, *FAST)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert not list(Path().rglob("*.npy"))


def test_shares_are_gathered_by_a_run_without(run: Run) -> None:
    arguments = ("sweep", "hall.yaml", *TWO, *FAST, "--no-charts")
    first = run(*arguments, "--shard", "1/2")
    assert first.exit_code == 0
    assert "Of the whole sweep 3 of 7 points are still missing" in first.stdout
    assert not list(Path("results").glob("*/*/manifest.json"))
    second = json.loads(run(*arguments, "--shard", "2/2", "--json").stdout)
    assert (second["points"], second["missing"]) == (3, 0)
    before = len(list(Path("results/cells").rglob("*.npy")))
    assert run(*arguments).exit_code == 0
    assert len(list(Path("results/cells").rglob("*.npy"))) == before == 7


# Killed in the middle -----------------------------------------------------------------------

FIVE_HUNDRED = (
    "sweep", "hall.yaml", "--vary", "policy.entry=0.05:1:0.05", "--vary",
    "policy.authorization=0:0.96:0.04", "-n", "2", "--no-charts", "--quiet", "--json",
)  # fmt: skip
KINDS = ("threads", "processes", "dask")


@pytest.fixture(params=KINDS)
def workers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the options that say how the work is done."""
    if request.param == "threads":
        yield ("--workers", "threads")
    elif request.param == "processes":
        yield ("--workers", "processes", "--jobs", "2")
    else:
        dask = Dask(tmp_path)
        address, _ = dask.scheduler()
        for _ in range(2):
            dask.worker(address)
        yield ("--scheduler", address)
        dask.end()


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "sim", *FIVE_HUNDRED, *more]


def finished(*more: str) -> dict[str, bytes]:
    """Run the sweep to its end and return its files."""
    ended = subprocess.run(command(*more), capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    folder = Path(json.loads(ended.stdout)["folder"])
    return {name: (folder / name).read_bytes() for name in FILES}


def killed_in_the_middle(cells: Path, *more: str) -> int:
    """Run the sweep, kill it when some cells are there, and return how many are."""
    process = subprocess.Popen(
        command("--cells", str(cells), *more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while len(list(cells.rglob("*.npy"))) < 100:
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    time.sleep(1)  # workers notice that their parent has gone
    return len(list(cells.rglob("*.npy")))


@pytest.mark.long
def test_a_killed_sweep_of_500_cells_resumes_byte_for_byte(
    small: Hall, workers: tuple[str, ...]
) -> None:
    expected = finished("--cells", "whole", "--jobs", "1")
    assert len(list(Path("whole").rglob("*.npy"))) == 501
    cells = Path("killed")
    kept = killed_in_the_middle(cells, *workers)
    assert 100 <= kept < 501
    times = {path: path.stat().st_mtime_ns for path in cells.rglob("*.npy")}
    assert finished("--cells", str(cells), *workers) == expected
    assert all(path.stat().st_mtime_ns == before for path, before in times.items())
