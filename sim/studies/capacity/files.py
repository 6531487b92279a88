"""The tables of a capacity study, as data frames, JSON and files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.stats.intervals import mean_interval
from sim.studies.capacity.study import GROWTH, Capacity
from sim.studies.findings import Frames, Record


def name_of(found: Capacity, queue: int) -> str:
    """Return the groups of a queue as files name them; empty for none."""
    if queue < 0:
        return ""
    return " + ".join(found.network.groups[place].name for place in found.stations[queue].groups)


def limits(found: Capacity) -> pd.DataFrame:
    """Return the limit as things are and with more people, a row each."""
    rows = [
        (
            step_number,
            " + ".join(f"{number} in {group}" for group, number in step.added.items()),
            step.limit.at,
            step.low,
            step.high,
            step.limit.at * found.cases_per_wd,
            step.limit.cause,
            name_of(found, step.limit.queue),
            step.sure,
            *step.gain[:3],
        )
        for step_number, step in enumerate(found.steps)
    ]
    columns = ["step", "added", "multiple", "low", "high", "cases_per_wd", "cause", "group", "sure"]
    return pd.DataFrame(rows, columns=[*columns, "gain", "gain_low", "gain_high"])


def curve(found: Capacity) -> pd.DataFrame:
    """Return share within the target and fastest backlog growth at every multiple looked at."""
    rows = []
    for number, step in enumerate(found.steps):
        curves = step.curves
        for level, multiple in enumerate(curves.levels):
            fastest = int(np.argmax(curves.growth[level].mean(axis=0)))
            within = mean_interval(curves.within[level])
            growth = mean_interval(curves.growth[level, :, fastest])
            named = (name_of(found, fastest), *growth[:3])
            rows.append((number, multiple, *within, *named))
    columns = ["step", "multiple", "within_target_rate", "within_low", "within_high", "n"]
    columns += ["fastest_group", "growth_per_wd", "growth_low", "growth_high"]
    return pd.DataFrame(rows, columns=columns)


def groups(found: Capacity) -> pd.DataFrame:
    """Return utilisation, backlog growth and late calls of every queue at every multiple."""
    rows = [
        (
            number,
            multiple,
            name_of(found, queue),
            *(float(values[level, :, queue].mean()) for values in figures),
        )
        for number, step in enumerate(found.steps)
        for figures in [(step.curves.use, step.curves.growth, step.curves.late)]
        for level, multiple in enumerate(step.curves.levels)
        for queue in range(len(found.stations))
    ]
    columns = ["step", "multiple", "group", "utilisation", "growth_per_wd", "late_share"]
    return pd.DataFrame(rows, columns=columns)


def document(found: Capacity) -> dict[str, object]:
    """Return the JSON document; what is unknown is null."""
    told: dict[str, object] = {
        "scenario": found.scenario.name,
        "target": found.target,
        "growth_per_wd_allowed": GROWTH,
        "cases_per_wd": found.cases_per_wd,
        "replications": found.now.curves.within.shape[1],
        "steps": json_rows(limits(found)),
        "curve": json_rows(curve(found)),
    }
    if found.now.limit.cause == "wait" and found.now.limit.at <= 0:
        best = found.best()
        ends = {name: None if math.isnan(end) else end for name, end in best._asdict().items()}
        told["best_within_target_rate"] = ends
    return told


def save(found: Capacity, folder: Path, record: Record) -> None:
    """Write tables, replications and manifest into a folder that exists."""
    tables = frames(found)
    for name in ("capacity", "curve", "groups"):
        write_csv(tables[name], folder / f"{name}.csv")
    tables["replications"].to_parquet(folder / "replications.parquet", index=False)
    told = {
        "replications": found.now.curves.within.shape[1],
        "seed": record.seed,
        "target": found.target,
    }
    write_manifest(folder, [found.scenario], record.command, record.seconds, **told)


def frames(found: Capacity) -> Frames:
    """Return every table.

    Parameters
    ----------
    found
        What was found.

    Returns
    -------
    dict of pandas.DataFrame
        By name.
    """
    return {
        "capacity": limits(found),
        "curve": curve(found),
        "groups": groups(found),
        "replications": _replications(found),
    }


def _replications(found: Capacity) -> pd.DataFrame:
    rows = [
        (number, multiple, replication, name, float(value))
        for number, step in enumerate(found.steps)
        for level, multiple in enumerate(step.curves.levels)
        for replication in range(step.curves.within.shape[1])
        for name, value in (
            ("hall_wait_within_target_rate", step.curves.within[level, replication]),
            ("growth_per_wd_max", step.curves.growth[level, replication].max(initial=0.0)),
        )
    ]
    columns = ["step", "multiple", "replication", "indicator", "value"]
    return pd.DataFrame(rows, columns=columns)
