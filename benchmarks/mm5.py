"""M/M/5 at utilisation 0.9 as a hand-written loop in C: what a compiled engine can hope for.

Run ``python benchmarks/mm5.py [--customers N]``. Without a C compiler it says so and stops.
Other benchmarks import :func:`draw_mm5` and :func:`c_mm5` and compare on the same numbers.
"""

from __future__ import annotations

import argparse
import ctypes
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]

SERVERS = 5
UTILISATION = 0.9
SERVICE_MEAN = 1.0
EXACT_MEAN_WAIT = 1.5249864
"""Erlang's C formula for five servers at utilisation 0.9, in mean service times."""

SOURCE = Path(__file__).with_name("mm5.c")
EVENTS_PER_CUSTOMER = 2


@dataclass(frozen=True)
class Timed:
    """The mean wait of one run and the seconds it took."""

    mean_wait: float
    seconds: float


def draw_mm5(customers: int, seed: int = 1) -> tuple[Times, Times]:
    """Draw arrival times and service times."""
    generator = np.random.default_rng(seed)
    gap = SERVICE_MEAN / (SERVERS * UTILISATION)
    arrivals = np.cumsum(generator.exponential(gap, customers))
    return arrivals, generator.exponential(SERVICE_MEAN, customers)


def compiler() -> str | None:
    """Find a C compiler."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


@cache
def library() -> ctypes.CDLL | None:
    """Compile and load the C loop, once; None without a compiler."""
    command = compiler()
    if command is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "mm5.so"
        subprocess.run(
            [command, "-O2", "-std=c11", "-shared", "-fPIC", "-o", str(target), str(SOURCE), "-lm"],
            check=True,
        )
        loaded = ctypes.CDLL(str(target))
    doubles = np.ctypeslib.ndpointer(dtype=np.float64, ndim=1, flags="C_CONTIGUOUS")
    loaded.mm5.argtypes = [ctypes.c_long, doubles, doubles]
    rest = [ctypes.c_double, ctypes.c_uint64]
    loaded.mm5_serving.argtypes = [ctypes.c_long, doubles, *rest]
    loaded.mm5_drawing.argtypes = [ctypes.c_long, ctypes.c_double, *rest]
    for loop in (loaded.mm5, loaded.mm5_serving, loaded.mm5_drawing):
        loop.restype = ctypes.c_double
    return loaded


def c_mm5(arrivals: Times, services: Times) -> Timed | None:
    """Run the C loop on pre-drawn numbers.

    Parameters
    ----------
    arrivals
        Arrival times, increasing.
    services
        Service time of each customer.

    Returns
    -------
    Timed or None
        Mean wait and seconds, compilation excluded; None if there is no C compiler.
    """
    if len(arrivals) != len(services):
        raise ValueError(f"{len(arrivals)} arrivals but {len(services)} services")
    return _timed("mm5", len(arrivals), arrivals, services)


def c_mm5_drawing(
    customers: int, seed: int = 1, *, mean: float = SERVICE_MEAN, arrivals: Times | None = None
) -> Timed | None:
    """Run the C loop that draws its numbers itself, with Philox and a logarithm each.

    Parameters
    ----------
    customers
        How many.
    seed
        Key of the draws.
    mean
        Mean service time.
    arrivals
        Given arrival times, increasing; then only service times are drawn.
    """
    if arrivals is not None:
        return _timed("mm5_serving", customers, arrivals, mean, seed)
    return _timed("mm5_drawing", customers, mean / (SERVERS * UTILISATION), mean, seed)


def _timed(loop: str, *values: object) -> Timed | None:
    loaded = library()
    if loaded is None:
        return None
    began = time.perf_counter()
    mean_wait = float(getattr(loaded, loop)(*values))
    seconds = time.perf_counter() - began
    if mean_wait < 0:
        raise MemoryError("no memory for the queue of the C loop")
    return Timed(mean_wait, seconds)


def report(customers: int, repeats: int = 3) -> str:
    """Describe the C loop's speed in one line."""
    runs = [c_mm5(*draw_mm5(customers)) for _ in range(repeats)]
    timed = [run for run in runs if run is not None]
    if not timed:
        return "M/M/5 in C: skipped, there is no C compiler (cc)"
    seconds = statistics.median(run.seconds for run in timed)
    return (
        f"M/M/5 in C: {customers:,} customers in {seconds:.3f} s, "
        f"{customers / seconds:,.0f} a second, "
        f"{1e9 * seconds / (EVENTS_PER_CUSTOMER * customers):.0f} ns an event; "
        f"mean wait {timed[0].mean_wait:.3f} service times (exact {EXACT_MEAN_WAIT:.3f})"
    )


def main() -> None:
    """Print the C loop's speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    print(report(parser.parse_args().customers))


if __name__ == "__main__":
    main()
