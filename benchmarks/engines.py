"""Measure the compiled engine: one table of figures and targets from one run.

Run ``python benchmarks/engines.py [--quick] [--repeats 5] [--peers PYTHON] [--plot FILE]``, where
PYTHON is an interpreter that has the libraries of ``benchmarks/requirements.txt``. Figures are
medians of repeats that are taken in turns, so that a slow spell of the machine hits all alike.
The whole takes half an hour on two cores, ``--quick`` some four minutes; ``--only`` leaves parts
out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from pathlib import Path

import numba
import numpy as np
from machine import machine
from measures import (
    commands,
    county,
    growth,
    hall_day,
    memory,
    mm5_loop,
    sweep,
    table,
    take_turns,
    year,
)

PARTS = {
    "county": county,
    "hall": hall_day,
    "mm5": mm5_loop,
    "city": year,
    "growth": growth,
    "commands": commands,
    "memory": memory,
    "sweep": sweep,
}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller runs")
    parser.add_argument("--repeats", type=int, default=5, help="of which the median counts")
    parser.add_argument("--peers", metavar="PYTHON", help="interpreter with other libraries")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw growth to this PNG")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    return parser.parse_args()


def main() -> None:
    """Print the table."""
    options = arguments()
    began = time.perf_counter()
    parts = [PARTS[name] for name in PARTS if name in options.only]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{machine()}, numpy {np.__version__}, numba {numba.__version__}, {cores} cores")
    before, sources = os.getloadavg()[0], _sources()
    figures = take_turns(
        [probe for part in parts for probe in part.probes(options)], options.repeats
    )
    lines = table([row for part in parts for row in part.rows(figures, options)])
    print(f"median of {options.repeats} in turns, fewer of what takes long; {_load(before)}")
    print("\n".join(lines))
    if _sources() != sources:
        print("sim/ changed meanwhile: processes may have compiled anew, so repeat this")
    print(f"measured in {time.perf_counter() - began:.0f} s")


def _load(before: float) -> str:
    """Say how busy the machine was, for others may have used it."""
    return f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after"


def _sources() -> str:
    """Return a digest of what is measured."""
    digest = hashlib.blake2b(digest_size=8)
    for file in sorted((Path(__file__).parents[1] / "sim").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
