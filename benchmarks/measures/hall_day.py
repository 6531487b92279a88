"""The hall day of ``benchmarks/halls`` on the compiled engine, against other libraries."""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import astuple
from functools import cache, partial
from pathlib import Path

from halls.model import Outcome, save_days
from halls.ours import Round, draw_arrivals, play_round, rounds, run_rounds

from . import Figures, Options, Probe, Row, Target, rated, seconds_of

PEERS = Path(__file__).parents[1] / "peers.py"
TOOLS = ("cimba", "simpy", "ciw", "simulsi", "nagasim")
FULL_DAYS, QUICK_DAYS = 250, 20
SAME = 1e-9
"""Minutes within which outcomes are the same: times in minutes are not whole numbers."""
FASTER = Target(50, 100, "x", at_least=True)


@cache
def days(count: int) -> tuple[list[Round], int]:
    """Draw the days once, and count the events of the model."""
    drawn = rounds(count)
    return drawn, sum(day.events for one in drawn for day in one.days)


def probes(options: Options) -> list[Probe]:
    """Take the hall day here and, in their own interpreter, in the other tools."""
    count = QUICK_DAYS if options.quick else FULL_DAYS
    found = [Probe("hall day", partial(_ours, count), warm=lambda: run_rounds(days(count)[0][:1]))]
    if options.peers:
        found.append(Probe("hall day elsewhere", partial(_theirs, options.peers, count)))
    return found


def _ours(count: int) -> Figures:
    """Play all days; nanoseconds per event of the model."""
    drawn, events = days(count)
    whole = seconds_of(lambda: run_rounds(drawn))
    engine = 0.0
    for one in drawn:
        began = time.perf_counter()
        play_round(one)
        engine += time.perf_counter() - began
    drawing = seconds_of(lambda: draw_arrivals(count))
    return {
        "hall.ours_ns": 1e9 * whole / events,
        "hall.ours_engine_ns": 1e9 * engine / events,
        "hall.ours_arrivals_ns": 1e9 * drawing / events,
    }


def _theirs(python: str, count: int) -> Figures:
    """Let the other tools play the same days once, and compare outcomes."""
    drawn, events = days(count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "days.npz"
        save_days(path, [day for one in drawn for day in one.days])
        command = [python, str(PEERS), "--json", "--days", str(path), "--repeats", "1"]
        ended = subprocess.run(
            [*command, "--tools", *TOOLS], check=True, capture_output=True, text=True
        )
    told = json.loads(ended.stdout)
    figures = {f"hall.{tool}_ns": 1e9 * took / events for tool, took in told["seconds"].items()}
    if told["outcomes"]:
        figures["hall.different"] = _different([Outcome(*one) for one in told["outcomes"]], drawn)
    return figures


def _different(theirs: Sequence[Outcome], drawn: Sequence[Round]) -> float:
    """Count the days on which we come to another outcome."""
    ours = run_rounds(drawn)
    return sum(
        not all(
            (math.isnan(a) and math.isnan(b)) or abs(a - b) <= SAME
            for a, b in zip(astuple(one), astuple(other), strict=True)
        )
        for one, other in zip(ours, theirs, strict=True)
    )


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say what an event of the hall day takes here and elsewhere."""
    count = QUICK_DAYS if options.quick else FULL_DAYS
    _, events = days(count)
    ours = figures["hall.ours_ns"]
    found = [
        Row(f"hall day, ours, per event ({count} days, {events:,} events)", f"{ours:,.0f} ns"),
        Row("  of it engine, drawing service times", f"{figures['hall.ours_engine_ns']:,.0f} ns"),
        Row("  drawing the arrivals besides", f"{figures['hall.ours_arrivals_ns']:,.0f} ns"),
    ]
    theirs = {tool: figures[f"hall.{tool}_ns"] for tool in TOOLS if f"hall.{tool}_ns" in figures}
    if not theirs:
        return [*found, Row("  other libraries", "not run: --peers")]
    fastest = min(theirs, key=theirs.__getitem__)
    for tool, took in sorted(theirs.items(), key=lambda item: item[1]):
        measure, ratio = f"  {tool}, {took:,.0f} ns: we are faster by", took / ours
        row = Row(measure, f"{ratio:.1f}x")
        found.append(rated(measure, ratio, row.figure, FASTER) if tool == fastest else row)
    different = figures.get("hall.different", math.nan)
    return [
        *found,
        Row("  days with another outcome than elsewhere", f"{different:.0f} of {count}"),
    ]
