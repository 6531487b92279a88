"""The tables of a sweep, as data frames, JSON and files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.columns import with_meaning
from sim.studies.findings import Frames, Record
from sim.studies.sweep.design import study_document
from sim.studies.sweep.results import Best, DirectionChange, SweepResults

ROWS = 200_000
"""Rows of the table of replications that are in memory at once."""


def frames(results: SweepResults) -> Frames:
    """Return every table.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        By name.
    """
    return Frames(
        {
            "points": lambda: results.points,
            "summary": lambda: results.summary,
            "replications": lambda: _replications(results),
        }
    )


def _replications(results: SweepResults) -> pd.DataFrame:
    parts = [table.to_pandas() for table in _tidy(results)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def save(results: SweepResults, folder: Path, record: Record) -> None:
    """Write tables, replications and manifest into a folder that exists.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder, which exists.
    record
        Seed, duration and command, for the manifest.
    """
    plan = results.plan
    write_manifest(
        folder,
        plan.bases,
        record.command,
        record.seconds,
        seed=plan.seed,
        replications=results.replications,
        engine=results.engine,
        study=study_document(plan.study),
    )
    write_csv(results.points, folder / "points.csv")
    write_csv(results.summary, folder / "summary.csv")
    writer = None
    for table in _tidy(results):
        schema = with_meaning(table.schema, "replications")
        writer = writer or parquet.ParquetWriter(folder / "sweep.parquet", schema)
        writer.write_table(table.cast(schema))
    if writer is not None:
        writer.close()


def _tidy(results: SweepResults) -> Iterator[pa.Table]:
    """Yield a row per point, replication and figure, for some points at a time."""
    shown = len(results.plan.indicators)
    each = results.replications * shown
    many = max(1, ROWS // each)
    for first in range(0, len(results.plan.points), many):
        points = results.plan.points[first : first + many]
        columns = results.columns(points)
        table = pa.table(
            {name: _repeated(results, name, column, each) for name, column in columns.items()}
            | {
                "scenario": pa.array(
                    np.repeat([results.plan.bases[point.base].name for point in points], each)
                ),
                "replication": np.tile(
                    np.repeat(np.arange(results.replications), len(results.plan.indicators)),
                    len(points),
                ),
                "indicator": pa.array(
                    list(results.plan.indicators) * (results.replications * len(points))
                ).dictionary_encode(),
                "value": results.values[first : first + many, :, :shown].reshape(-1),  # noqa: PD011  (results, no frame)
            }
        )
        yield table


def _repeated(results: SweepResults, name: str, column: list[Any], each: int) -> Any:
    """Return a column of points, repeated for each of their rows; numbers as numbers."""
    if name == "point":
        return np.repeat(np.array(column, np.int64), each)
    kind = next(axis.kind for axis in results.dimensions if axis.name == name)
    if kind == "number":
        return np.repeat([np.nan if level is None else float(level) for level in column], each)
    positions = pa.array(np.repeat(np.arange(len(column)), each))
    return pa.array(column, pa.string()).take(positions)


def document(results: SweepResults, folder: Path | None) -> dict[str, Any]:
    """Return the JSON document; what is unknown is null.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder, if it was written.

    Returns
    -------
    dict
        Plain data.
    """
    every_best = [results.best(indicator) for indicator in results.indicators]
    return {
        "bases": [base.name for base in results.plan.bases],
        "axes": [
            {"axis": axis.name, "kind": axis.kind, "levels": list(axis.levels)}
            for axis in results.dimensions
        ],
        "replications": results.replications,
        "points": json_rows(results.points),
        "summary": json_rows(results.summary),
        "best": [_best_row(best) for best in every_best if best is not None],
        "turns": [_change_row(change) for change in results.direction_changes],
    } | ({} if folder is None else {"folder": str(folder)})


def _best_row(best: Best) -> dict[str, Any]:
    difference = best.difference
    return {
        "indicator": best.indicator.id,
        "point": best.point,
        "nearest": best.nearest,
        "nearest_difference": None if difference is None else _known(difference.mean),
        "p_adjusted": None if difference is None else _known(difference.p_adjusted),
        "same": list(best.same),
        "unresolved": list(best.unresolved),
        "left_aside": list(best.excluded),
    }


def _change_row(change: DirectionChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "indicator": change.indicator.id,
        "axis": change.axis.name,
        "level": change.axis.levels[change.level] if change.kind == "inside" else None,
        "other": None if change.other is None else change.other.name,
        "effects": [_known(effect.mean) for effect in change.effects],
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
