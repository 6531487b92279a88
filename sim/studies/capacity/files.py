"""Results of a capacity study as data frames, JSON and files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.stats.intervals import mean_interval
from sim.studies.capacity.study import GROWTH, Capacity
from sim.studies.columns import write_parquet
from sim.studies.findings import Frames, Record


def _groups_of(results: Capacity, station: int) -> str:
    """Return the names of the groups of a station, joined by plus signs; empty for none."""
    if station < 0:
        return ""
    return " + ".join(
        results.network.groups[place].name for place in results.stations[station].groups
    )


def _limits(results: Capacity) -> pd.DataFrame:
    """Return a row for each limit: without and with added people."""
    rows = [
        (
            step_number,
            " + ".join(f"{number} in {group}" for group, number in step.added.items()),
            step.limit.multiple,
            step.low,
            step.high,
            step.limit.multiple * results.cases_per_wd,
            step.limit.cause,
            _groups_of(results, step.limit.station),
            step.agreement,
            *step.gain[:3],
        )
        for step_number, step in enumerate(results.steps)
    ]
    columns = ["step", "added", "multiple", "low", "high", "cases_per_wd", "cause", "group", "sure"]
    return pd.DataFrame(rows, columns=[*columns, "gain", "gain_low", "gain_high"])


def _curve(results: Capacity) -> pd.DataFrame:
    """Return share within the wait target and fastest growth of a backlog at every multiple."""
    rows = []
    for number, step in enumerate(results.steps):
        curves = step.curves
        for level, multiple in enumerate(curves.levels):
            fastest = int(np.argmax(curves.growth[level].mean(axis=0)))
            within = mean_interval(curves.within[level])
            growth = mean_interval(curves.growth[level, :, fastest])
            named = (_groups_of(results, fastest), *growth[:3])
            rows.append((number, multiple, *within, *named))
    columns = ["step", "multiple", "within_target_rate", "within_low", "within_high", "n"]
    columns += ["fastest_group", "growth_per_wd", "growth_low", "growth_high"]
    return pd.DataFrame(rows, columns=columns)


def _groups(results: Capacity) -> pd.DataFrame:
    """Return utilisation, growth of the backlog and late calls, by station and multiple."""
    rows = [
        (
            number,
            multiple,
            _groups_of(results, station),
            *(float(values[level, :, station].mean()) for values in figures),
        )
        for number, step in enumerate(results.steps)
        for figures in [(step.curves.use, step.curves.growth, step.curves.late)]
        for level, multiple in enumerate(step.curves.levels)
        for station in range(len(results.stations))
    ]
    columns = ["step", "multiple", "group", "utilisation", "growth_per_wd", "late_share"]
    return pd.DataFrame(rows, columns=columns)


def document(results: Capacity) -> dict[str, object]:
    """Return the JSON document; what is unknown is null.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    dict
        Plain data.
    """
    plain: dict[str, object] = {
        "scenario": results.scenario.name,
        "target": results.target,
        "growth_per_wd_allowed": GROWTH,
        "cases_per_wd": results.cases_per_wd,
        "replications": results.current.curves.within.shape[1],
        "steps": json_rows(_limits(results)),
        "curve": json_rows(_curve(results)),
    }
    if results.current.limit.cause == "wait" and results.current.limit.multiple <= 0:
        best = results.best_within()
        ends = {name: None if math.isnan(end) else end for name, end in best._asdict().items()}
        plain["best_within_target_rate"] = ends
    return plain


def save(results: Capacity, folder: Path, record: Record) -> None:
    """Write tables, replications and manifest into a folder that exists.

    Parameters
    ----------
    results
        Results of the study.
    folder
        The result folder.
    record
        How the results came about.
    """
    tables = frames(results)
    for name in ("capacity", "curve", "groups"):
        write_csv(tables[name], folder / f"{name}.csv")
    write_parquet(tables["replications"], folder / "replications.parquet", "replications")
    settings = {
        "replications": results.current.curves.within.shape[1],
        "seed": record.seed,
        "target": results.target,
    }
    write_manifest(folder, [results.scenario], record.command, record.seconds, **settings)


def frames(results: Capacity) -> Frames:
    """Return every table.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        Tables by name.
    """
    return Frames(
        {
            "capacity": lambda: _limits(results),
            "curve": lambda: _curve(results),
            "groups": lambda: _groups(results),
            "replications": lambda: _replications(results),
        }
    )


def _replications(results: Capacity) -> pd.DataFrame:
    rows = [
        (number, multiple, replication, name, float(value))
        for number, step in enumerate(results.steps)
        for level, multiple in enumerate(step.curves.levels)
        for replication in range(step.curves.within.shape[1])
        for name, value in (
            ("hall_wait_within_target_rate", step.curves.within[level, replication]),
            ("growth_per_wd_max", step.curves.growth[level, replication].max(initial=0.0)),
        )
    ]
    columns = ["step", "multiple", "replication", "indicator", "value"]
    return pd.DataFrame(rows, columns=columns)
