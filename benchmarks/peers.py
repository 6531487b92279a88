"""Time one and the same hall day in the simulation libraries that users would compare with.

Run ``python benchmarks/peers.py [--quick]`` in an environment made from
``benchmarks/requirements.txt``; it prints a table of medians from one run, after checking
that all tools came to the same outcomes. Drawing the numbers, importing and one day of
warming up are not timed; setting up, playing and measuring each day are.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path

from halls.model import Day, Outcome, draw_days, load_days
from machine import machine
from mm5 import report as report_c_mm5

Player = Callable[[list[Day]], list[Outcome]]

TOOLS = (
    "simpy",
    "ciw",
    "simulsi",
    "nagasim",
    "salabim",
    "desmod",
    "cimba",
    "dssim",
    "asimpy",
    "simulus",
    "simcraft",
)
"""Packages, each with a module of the same name in ``halls``; the first is the reference."""

DAYS = 250
QUICK_DAYS = 10
TOLERANCE = 1e-9
MM5_CUSTOMERS = 1_000_000


@dataclass(frozen=True)
class Timing:
    """What one tool took."""

    tool: str
    version: str
    seconds: float
    outcomes: list[Outcome]


def player(tool: str) -> Player:
    """Import a tool's hall and return what plays all days."""
    module = import_module(f"halls.{tool}")
    if hasattr(module, "run_days"):
        run_days: Player = module.run_days
        return run_days
    return lambda days: [module.run(day) for day in days]


def installed(tools: Sequence[str]) -> list[str]:
    """Keep the tools that are installed and say which are not."""
    for tool in tools:
        if find_spec(tool) is None:
            print(f"{tool}: skipped, not installed", file=sys.stderr)
    return [tool for tool in tools if find_spec(tool) is not None]


def play(tools: Sequence[str], days: list[Day], repeats: int) -> list[Timing]:
    """Time every tool, taking turns so that a slow spell of the machine hits all of them."""
    players = {tool: player(tool) for tool in tools}
    seconds: dict[str, list[float]] = {tool: [] for tool in tools}
    outcomes: dict[str, list[Outcome]] = {}
    for play_days in players.values():
        play_days(days[:1])
    for repeat in range(repeats):
        for tool, play_days in players.items():
            print(f"\r{repeat + 1}/{repeats} {tool:<12}", end="", file=sys.stderr, flush=True)
            gc.collect()
            began = time.perf_counter()
            outcomes[tool] = play_days(days)
            seconds[tool].append(time.perf_counter() - began)
    print("\r" + " " * 20 + "\r", end="", file=sys.stderr, flush=True)
    return [
        Timing(tool, metadata.version(tool), statistics.median(seconds[tool]), outcomes[tool])
        for tool in tools
    ]


def difference(one: Outcome, other: Outcome) -> float:
    """Return the largest difference between two outcomes; two NaN are the same."""
    return max(
        0.0 if math.isnan(a) and math.isnan(b) else abs(a - b)
        for a, b in zip(astuple(one), astuple(other), strict=True)
    )


def check(timings: Sequence[Timing]) -> float:
    """Return the largest difference from the first tool, which must be within tolerance."""
    largest = 0.0
    for timing in timings:
        reference = timings[0]
        pairs = zip(reference.outcomes, timing.outcomes, strict=True)
        differences = [difference(one, other) for one, other in pairs]
        if not all(value <= TOLERANCE for value in differences):
            raise AssertionError(
                f"{timing.tool} and {reference.tool} differ by {max(differences):g}"
            )
        largest = max(largest, *differences)
    return largest


def table(timings: Sequence[Timing], events: int) -> list[str]:
    """Lay out the timings, fastest first."""
    fastest = min(timing.seconds for timing in timings)
    header = f"{'tool':<10}{'version':>10}{'seconds':>10}{'ns/event':>10}{'ratio':>8}"
    return [header] + [
        f"{timing.tool:<10}{timing.version:>10}{timing.seconds:>10.3f}"
        f"{1e9 * timing.seconds / events:>10,.0f}{timing.seconds / fastest:>8.1f}"
        for timing in sorted(timings, key=lambda timing: timing.seconds)
    ]


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_DAYS} days, not {DAYS}")
    parser.add_argument("--repeats", type=int, default=3, help="of which the median counts")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--days", type=Path, help="play the days in this file instead")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")
    return parser.parse_args()


def document(timings: Sequence[Timing], events: int) -> str:
    """Return seconds and versions by tool, and the outcome of every day, as JSON."""
    return json.dumps(
        {
            "machine": machine(),
            "events": events,
            "seconds": {timing.tool: timing.seconds for timing in timings},
            "versions": {timing.tool: timing.version for timing in timings},
            "outcomes": [astuple(outcome) for outcome in timings[0].outcomes] if timings else [],
        }
    )


def main() -> None:
    """Print the table."""
    options = arguments()
    days = load_days(options.days) if options.days else None
    if days is None:
        days = draw_days(QUICK_DAYS if options.quick else DAYS)
    if options.json:
        timings = play(installed(options.tools), days, options.repeats)
        check(timings)
        print(document(timings, sum(day.events for day in days)))
        return
    events = sum(day.events for day in days)
    print(machine())
    print(f"{len(days)} days, {events:,} events, median of {options.repeats}")
    tools = installed(options.tools)
    if tools:
        timings = play(tools, days, options.repeats)
        print(f"outcomes of all tools agree within {check(timings):.0e}")
        print("\n".join(table(timings, events)))
    print(report_c_mm5(MM5_CUSTOMERS))


if __name__ == "__main__":
    main()
