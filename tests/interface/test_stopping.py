"""Stopping an experiment: Ctrl-C, killed processes, a full disk; a real command each time."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sim.present.words import say
from tests.scenario.conftest import Hall

ROOT = Path(__file__).parents[2]
LONGEST_S = 120

COMMAND = """
import click
from sim.cli.study_options import with_experiment
from sim.scenario.load import load

@click.command()
@with_experiment
def command(options):
    hall = load("hall.yaml", options.values)
    halls = [hall, hall.with_values({"policy.entry": 1})]
    with options.runner(hall) as runner:
        found = runner.figures(halls, range(options.many(hall)), block=1)
    click.echo(f"all of {found.values.shape[:2]}")

if __name__ == "__main__":
    command()
"""
KINDS = [("--jobs=1",), ("--jobs=2",), ("--jobs=2", "--workers=processes")]


class Experiment:
    """A command in a session of its own, as a terminal would start it."""

    def __init__(self, *options: str, before: Callable[[], None] | None = None) -> None:
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.process = subprocess.Popen(
            [sys.executable, "command.py", "--quiet", *options],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509  (only this thread starts processes)
        )

    def ctrl_c(self) -> None:
        """Interrupt the whole group, as a terminal does."""
        self.stop(signal.SIGINT)

    def stop(self, number: signal.Signals) -> None:
        """Send a signal to the whole group, as a terminal or a batch system does."""
        os.killpg(self.process.pid, number)

    def children(self) -> list[int]:
        """Return the worker processes."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                rest = status.read_text().rpartition(")")[2].split()
                told = status.with_name("cmdline").read_bytes()
            except OSError:
                continue
            if int(rest[1]) == self.process.pid and b"spawn_main" in told:
                found.append(int(status.parent.name))
        return found

    def is_gone(self) -> bool:
        """Tell whether no process of the session is left."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def end(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=LONGEST_S)
        return self.process.returncode, out, err


@pytest.fixture
def start(small: Hall) -> Iterator[Callable[..., Experiment]]:
    Path("command.py").write_text(COMMAND)
    begun: list[Experiment] = []

    def make(*options: str, before: Callable[[], None] | None = None) -> Experiment:
        begun.append(Experiment(*options, before=before))
        return begun[-1]

    yield make
    for one in begun:
        with suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)


def cells() -> dict[str, int]:
    """Return when each finished cell was written."""
    return {path.name: path.stat().st_mtime_ns for path in Path("results/cells").rglob("*.npy")}


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < end, "nothing came of it"
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (KINDS[0], signal.SIGINT),
        (KINDS[2], signal.SIGTERM),
        *(
            pytest.param(kind, number, marks=pytest.mark.long)
            for kind, number in [
                (KINDS[1], signal.SIGINT),
                (KINDS[2], signal.SIGINT),
                (KINDS[1], signal.SIGTERM),
                (KINDS[2], signal.SIGHUP),
            ]
        ),
    ],
)
def test_what_stops_a_command_keeps_cells_and_the_same_command_goes_on(
    start: Callable[..., Experiment], kind: tuple[str, ...], number: signal.Signals
) -> None:
    def heard() -> None:  # also where the tests themselves run under `nohup`
        signal.signal(number, signal.SIG_DFL)

    experiment = start("-n", "150", *kind, before=heard)
    until(lambda: len(cells()) >= 5)
    began = time.monotonic()
    experiment.stop(number)
    code, out, err = experiment.end()
    assert time.monotonic() - began < 20
    kept = cells()
    folder = Path("results/cells")
    told = say("experiment.stopped", "en", finished=len(kept), asked=300, folder=folder)
    assert (code, out, err) == (130, "", told + "\n")
    assert 5 <= len(kept) < 300
    until(experiment.is_gone)

    assert start("-n", "150", *kind).end() == (0, "all of (2, 150)\n", "")
    assert len(cells()) == 300
    assert kept.items() <= cells().items()


def test_ctrl_c_while_processes_start_shows_no_traceback(start: Callable[..., Experiment]) -> None:
    experiment = start("-n", "150", "--jobs=2", "--workers=processes")
    until(lambda: len(experiment.children()) == 2)
    experiment.ctrl_c()
    code, _, err = experiment.end()
    assert code == 130
    assert re.fullmatch(r"Stopped: \d+ of 300 cells .*\n", err)
    until(experiment.is_gone)


def test_a_command_that_was_told_to_ignore_a_hang_up_goes_on(
    start: Callable[..., Experiment],
) -> None:
    def nohup() -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    experiment = start("-n", "30", "--jobs=2", before=nohup)
    until(lambda: len(cells()) >= 3)
    experiment.stop(signal.SIGHUP)
    assert experiment.end() == (0, "all of (2, 30)\n", "")


def test_a_killed_command_leaves_whole_cells_and_no_process(
    start: Callable[..., Experiment],
) -> None:
    experiment = start("-n", "150", "--jobs=2", "--workers=processes")
    until(lambda: len(cells()) >= 5)
    os.kill(experiment.process.pid, signal.SIGKILL)
    assert experiment.end()[0] == -signal.SIGKILL
    until(experiment.is_gone)
    kept = cells()
    assert start("-n", "150", "--jobs=2").end() == (0, "all of (2, 150)\n", "")
    assert kept.items() <= cells().items()


def test_a_killed_worker_process_is_replaced(start: Callable[..., Experiment]) -> None:
    experiment = start("-n", "150", "--jobs=2", "--workers=processes")
    until(lambda: len(cells()) >= 5)
    os.kill(experiment.children()[0], signal.SIGKILL)
    assert experiment.end() == (0, "all of (2, 150)\n", "")
    assert len(cells()) == 300


@pytest.mark.parametrize(
    "kind", [*(pytest.param(kind, marks=pytest.mark.long) for kind in KINDS[:2]), KINDS[2]]
)
def test_a_full_disk_is_told_and_finished_cells_are_kept(
    start: Callable[..., Experiment], kind: tuple[str, ...]
) -> None:
    assert start("-n", "3", *kind).end()[0] == 0
    kept = cells()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    code, out, err = start("-n", "20", *kind, before=full).end()
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"results/cells: takes no more cells \(File too large\); all that are finished are kept; "
        r"allowed: .*run the same command again\n",
        err,
    )
    assert cells() == kept
    assert not list(Path("results/cells").rglob(".*"))
    assert start("-n", "20", *kind).end() == (0, "all of (2, 20)\n", "")
    assert kept.items() <= cells().items()


def test_a_wrong_address_is_told_before_anything_runs(start: Callable[..., Experiment]) -> None:
    code, out, err = start("-n", "2", "--scheduler=localhost:8786").end()
    assert (code, out) == (2, "")
    assert err.startswith("--scheduler: 'localhost:8786'; allowed: the address that `dask")
    assert cells() == {}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_command_that_is_stopped_before_it_simulates_says_so(
    small: Hall, number: signal.Signals, lang: str
) -> None:
    steps = ",".join(f"{0.001 * step:.3f}" for step in range(1, 900))
    command = ("sweep", "hall.yaml", "--vary", f"policy.entry={steps}", "-n", "1", "--lang", lang)
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *command],
        cwd=small.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1.5)  # it imports, then loads 900 points
    process.send_signal(number)
    _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 130, err
    assert "Aborted" not in err
    assert "Traceback" not in err
    told = [say(key, lang) for key in ("done.interrupted", "done.nothing")]  # type: ignore[arg-type]
    assert any(one in err for one in told) or re.search(r"of 899 cells|899 个单元", err), err
