"""M/M/5 on the compiled engine, against a loop in C that does nothing else.

The loop in C keeps one number, the mean wait; the engine reads a process, dispatches, and
takes down where every customer's time went. Three loops in C: all numbers given, services drawn
(what the engine does when it is given a history), and all numbers drawn.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from mm5 import EVENTS_PER_CUSTOMER, EXACT_MEAN_WAIT, Timed, c_mm5, c_mm5_drawing, draw_mm5
from mm5_ours import TICKS, Queue, mean_wait, queue

from sim.engine.play import EngineResult

from . import Figures, Options, Probe, Row, Target, rated, seconds_of

FULL, QUICK = 1_000_000, 200_000
NEAR_C = Target(1.2, unit="x")
NEAR_COUNTY = Target(4, unit="x")


@cache
def _queue(customers: int) -> Queue:
    return queue(customers)


def probes(options: Options) -> list[Probe]:
    """Take the queue here and in C."""
    customers = QUICK if options.quick else FULL
    return [Probe("M/M/5", lambda: _take(customers), warm=lambda: _take(customers))]


def _take(customers: int) -> Figures:
    """Run the queue four times; nanoseconds per event, two for each customer."""
    one = _queue(customers)
    drawn = [one.draw()]
    played: list[EngineResult] = []
    sampling = seconds_of(lambda: drawn.append(one.draw()))
    engine = seconds_of(lambda: played.append(one.play(drawn[1])))
    arrivals = drawn[1].arrivals.time_s.astype(np.float64)
    events = EVENTS_PER_CUSTOMER * len(arrivals)
    figures = {
        "mm5.sampling_ns": 1e9 * sampling / events,
        "mm5.engine_ns": 1e9 * engine / events,
        "mm5.mean_wait": mean_wait(played[0]),
    }
    loops = {
        "mm5.c_given_ns": c_mm5(*draw_mm5(len(arrivals))),
        "mm5.c_serving_ns": c_mm5_drawing(len(arrivals), mean=TICKS, arrivals=arrivals),
        "mm5.c_drawing_ns": c_mm5_drawing(len(arrivals)),
    }
    return figures | {name: _per_event(run, events) for name, run in loops.items()}


def _per_event(run: Timed | None, events: int) -> float:
    return math.nan if run is None else 1e9 * run.seconds / events


def rows(figures: Figures, options: Options) -> list[Row]:
    """Say what an event takes here, in C, and in the county."""
    customers = QUICK if options.quick else FULL
    sampling, engine = figures["mm5.sampling_ns"], figures["mm5.engine_ns"]
    wait = figures["mm5.mean_wait"]
    found = [
        Row(f"M/M/5, ours, engine, per event ({customers:,} customers)", f"{engine:.1f} ns"),
        Row("  sampling of arrivals besides", f"{sampling:.1f} ns"),
        Row(f"  mean wait (exact {EXACT_MEAN_WAIT:.3f})", f"{wait:.3f}"),
    ]
    pairs = (
        ("engine, C draws the services", engine, "mm5.c_serving_ns"),
        ("engine and sampling, C draws all", engine + sampling, "mm5.c_drawing_ns"),
        ("engine, C draws nothing", engine, "mm5.c_given_ns"),
    )
    for what, ours, name in pairs:
        theirs = figures[name]
        if math.isnan(theirs):
            found.append(Row(f"  {what}", "no C compiler"))
        else:
            measure = f"  {what} ({theirs:.1f} ns)"
            found.append(rated(measure, ours / theirs, f"{ours / theirs:.2f}x", NEAR_C))
    if "county.engine_ns" in figures:
        alone = figures["county.engine_ns"] / engine
        whole = figures["county.whole_ns"] / (engine + sampling)
        found += [
            rated("county event / M/M/5 event, engines", alone, f"{alone:.2f}x", NEAR_COUNTY),
            rated("  with sampling and measuring", whole, f"{whole:.2f}x", NEAR_COUNTY),
        ]
    return found
