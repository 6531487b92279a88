"""A sweep of the county: what a cell takes beyond its replications."""

from __future__ import annotations

import itertools
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from sim.running.cells import Cells
from sim.running.measurements import INDICATORS
from sim.running.replication import prepare, prepared, simulate_replication
from sim.running.runner import BLOCK, Runner
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.yaml_lines import Place
from sim.studies.sweep.axes import WrittenAxis
from sim.studies.sweep.design import Study
from sim.studies.sweep.study import plan_sweep, work_out_points

from . import Figures, Options, Probe, Row, Target, rated, seconds_of

CELLS, QUICK = 1_000, 20
REPLICATIONS = BLOCK
SEED = 1
OVERHEAD = Target(1.3, None, "x")


def probes(options: Options) -> list[Probe]:
    """Take a sweep and a bare loop in turns, and what the difference is made of."""
    count = QUICK if options.quick else CELLS
    turns = itertools.count()
    return [
        Probe("sweep against a bare loop", lambda: _both(count, next(turns)), 3, _bare_two),
        Probe("preparing and loading", _parts, 3),
    ]


def _jobs() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def study(count: int, turn: int) -> Study:
    """Return a sweep of so many cells, the base's own included, that no turn had before."""
    levels = ",".join(f"{0.6 + 0.3 * n / count + turn * 1e-4:.6f}" for n in range(count - 1))
    axis = WrittenAxis("offices.leader_attendance", levels, Place("benchmark", None))
    return Study("benchmark", ("county",), axes=(axis,), seed=SEED)


def _both(count: int, turn: int) -> Figures:
    """Time cells of a sweep, checking and keeping included, and the same replications bare.

    Both in slices, one after the other, so that a slow spell of the machine hits both.
    """
    slices = max(1, count // QUICK)
    taken = [
        (_swept(count // slices, turn * slices + part), _timed(lambda: _bare(count // slices)))
        for part in range(slices)
    ]
    cells = slices * (count // slices)
    swept, bare = (np.sum([one[side] for one in taken], axis=0) for side in (0, 1))
    return {
        "sweep.cell": swept[0] / cells,
        "sweep.bare": bare[0] / cells,
        "sweep.ratio": swept[0] / bare[0],
        "sweep.cpu_ratio": swept[1] / bare[1],
    }


def _swept(cells: int, turn: int) -> tuple[float, float]:
    """Check and work out a sweep that was never seen before."""
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(SEED, workers=Workers(_jobs()), cells=Cells(Path(folder)))
        return _timed(lambda: work_out_points(plan_sweep(study(cells, turn)), runner, REPLICATIONS))


def _timed(do: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that a call takes, and the processor's."""
    before = time.process_time()
    return seconds_of(do), time.process_time() - before


def _bare(cells: int) -> None:
    """Run as many replications of one scenario that is ready, on as many threads."""
    ready = prepared(_county())
    with ThreadPoolExecutor(_jobs()) as pool:
        list(
            pool.map(
                lambda number: INDICATORS.take(simulate_replication(ready, number, SEED)),
                range(cells * REPLICATIONS),
            )
        )


def _bare_two() -> None:
    _bare(1)


@cache
def _county() -> Scenario:
    return load("county")


def _parts() -> Figures:
    scenario = _county()
    numbers = itertools.count()
    return {
        "sweep.preparing": seconds_of(lambda: prepare(scenario)),
        "sweep.loading": seconds_of(
            lambda: scenario.with_values({"demand.volume": 1 + next(numbers) / 100})
        ),
    }


def rows(found: Figures, options: Options) -> list[Row]:
    """Say what a cell of a sweep takes, by a bare loop."""
    count = QUICK if options.quick else CELLS
    return [
        rated(
            f"sweep of {count:,} cells of {REPLICATIONS}, per cell by a bare loop",
            found["sweep.ratio"],
            f"{found['sweep.ratio']:.2f}x",
            OVERHEAD,
        ),
        Row("  the same in seconds of the processor", f"{found['sweep.cpu_ratio']:.2f}x"),
        Row("  a cell of the sweep", f"{1e3 * found['sweep.cell']:,.0f} ms"),
        Row("  its replications in a bare loop", f"{1e3 * found['sweep.bare']:,.0f} ms"),
        Row("  preparing, once a cell", f"{1e3 * found['sweep.preparing']:,.0f} ms"),
        Row("  loading, twice a cell", f"{1e3 * found['sweep.loading']:,.0f} ms"),
    ]
