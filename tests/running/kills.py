"""Kill commands at random instants: nothing is lost, doubled or different.

Run ``python -m tests.running.kills 100`` from the repository: 100 kills of each command.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from sim.whole_file import DRAFT
from tests.interface.conftest import SHORT
from tests.scenario.conftest import Hall

LONGEST_S = 300
STOPS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
COMMANDS = {
    "run": "run hall.yaml -n 60 --cases 2 --log",
    "compare": "compare hall.yaml +full-authorization +full-entry -n 24",
    "sweep": "sweep hall.yaml --vary policy.authorization=0:1:0.125 -n 20",
    "attribute": "attribute hall.yaml full-authorization full-entry incentives -n 20",
    "staff": "staff hall.yaml --target served_rate>=0.5 --budget 120 -n 10",
    "capacity": "capacity hall.yaml -n 10",
    "transition": "transition hall.yaml --phase 2008-07-20:full-authorization -n 40",
    "ensemble": "ensemble fitted.yaml +full-authorization --variants 2 -n 6 --fit-replications 4",
}
FITTED = """\
extends: hall
title: {en: Fitted, zh: 已校准}
calibration: fitted-to.yaml
"""
FIT = """\
title: {en: Fit, zh: 校准}
note: {en: One sentence., zh: 一句话。}
fit:
  - {parameter: demand.volume, indicator: cases_received, how: proportional, start: 1.0}
replications: 4
iterations: 1
fitted: {demand.volume: 1.0}
"""
State = dict[str, bytes]


def write_hall(folder: Path) -> None:
    """Write a small hall, and one that is fitted to its report."""
    hall = Hall(folder)
    text = (folder / "hall.yaml").read_text(encoding="utf-8")
    head, tail = text[: text.index("horizon:")], text[text.index("tables:") :]
    hall.write("hall.yaml", head + SHORT + tail)
    hall.write("fitted.yaml", FITTED)
    hall.write("fitted-to.yaml", FIT)


def start(command: str, folder: Path) -> int:
    """Begin a command in a process of its own session; return its number."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    os.setsid()
    os.chdir(folder)
    for number in (1, 2):
        os.dup2(os.open(f"output-{number}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    signal.alarm(LONGEST_S)  # its signal ends the process, whatever it is doing
    sys.argv = ["hall", *command.split(), "--jobs", "2", "--no-charts", "--quiet"]
    from sim.cli import main  # noqa: PLC0415

    try:
        main()
    finally:
        os._exit(99)


def end(child: int) -> int:
    """Wait for a command; return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def cells(folder: Path) -> State:
    """Return what is kept, by name."""
    kept = folder / "results" / "cells"
    return {path.name: path.read_bytes() for path in kept.rglob("*.npy")}


def tables(folder: Path) -> State:
    """Return the tables of the results that are there, by name; of fits too."""
    found = {}
    for path in sorted((folder / "results").rglob("*")):  # the run that began last comes last
        parts = path.relative_to(folder / "results").parts
        is_draft = any(part.startswith(DRAFT) for part in parts)
        if path.is_file() and parts[0] != "cells" and not is_draft and path.name != "manifest.json":
            found["/".join(part for part in parts if not part.startswith("20"))] = path.read_bytes()
    return found


class Wrong(AssertionError):  # noqa: N818
    """A command that lost, doubled or changed something."""


def kill_often(name: str, times: int, seed: int = 1) -> Counter[str]:
    """Kill a command so often, each time in a fresh folder, and let it go on to its end.

    Returns
    -------
    Counter
        How often it was killed before the first cell, between cells, or had ended by itself.
    """
    command = COMMANDS[name]
    chance = np.random.default_rng(seed)
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as root:
        whole = Path(root) / "whole"
        whole.mkdir()
        write_hall(whole)
        began = time.monotonic()
        _must(end(start(command, whole)) == 0, name, whole, "it fails by itself")
        took = time.monotonic() - began
        expected, results = cells(whole), tables(whole)
        _must(len(expected) > 5 and len(results) >= 3, name, whole, "it finds too little")
        for number in range(times):
            folder = Path(root) / f"killed-{number}"
            folder.mkdir()
            write_hall(folder)
            child = start(command, folder)
            time.sleep(float(chance.uniform(0, 1.05 * took)))
            stop = STOPS[number % len(STOPS)]
            _kill(child, stop)
            code = end(child)
            kept = cells(folder)
            before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}
            _must(code in {0, 130, -stop}, name, folder, f"exit {code} after {stop.name}")
            _must(kept.items() <= expected.items(), name, folder, "a cell is different")
            _must(_are_whole(folder), name, folder, "half a result is there")
            _must(end(start(command, folder)) == 0, name, folder, "it does not go on")
            _must(cells(folder) == expected, name, folder, "cells are lost, doubled or different")
            _must(tables(folder) == results, name, folder, _difference(tables(folder), results))
            after = {path: path.stat().st_mtime_ns for path in folder.rglob("*.npy")}
            _must(before.items() <= after.items(), name, folder, "a cell is worked out again")
            found["ended before" if code == 0 else "with cells" if kept else "without a cell"] += 1
            shutil.rmtree(folder)
    return found


def _kill(child: int, stop: signal.Signals) -> None:
    try:
        os.killpg(child, stop)
    except ProcessLookupError:  # it has not made its session yet, or has ended
        os.kill(child, stop)


def _difference(found: State, expected: State) -> str:
    names = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    return f"tables are different: {', '.join(names)}"


def _are_whole(folder: Path) -> bool:
    """Say whether no result is there in part; a draft is none yet."""
    runs = (folder / "results").glob("*/20??????-*")
    return all((path / "manifest.json").is_file() for path in runs)


def _must(holds: bool, name: str, folder: Path, what: str) -> None:
    if not holds:
        said = folder / "output-2.txt"
        told = said.read_text(encoding="utf-8", errors="replace") if said.exists() else ""
        raise Wrong(f"{name}: {what}\n{told}")


def main() -> None:
    """Kill every command, or those named, so often as is asked for."""
    import sim.api  # noqa: F401, PLC0415  (so that every child has it at once)

    times = int(sys.argv[1])
    for name in sys.argv[2:] or COMMANDS:
        began = time.monotonic()
        found = kill_often(name, times)
        print(f"{name}: {times} kills, {dict(found)}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
