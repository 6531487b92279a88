"""What a run or a comparison writes into its result folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.running.result_folder import write_csv, write_manifest
from sim.studies.columns import with_meaning, write_parquet
from sim.studies.comparison.results import Results
from sim.studies.findings import Frames, Record


def folder_name(results: Results) -> str:
    """Return the name of the result folder of a run or a comparison.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    str
        Name of the scenario, or that of the base followed by ``-compared``.
    """
    return results.names[0] if len(results.names) == 1 else f"{results.names[0]}-compared"


def save(results: Results, folder: Path, record: Record) -> None:
    """Write tables and manifest into a folder that exists.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder; it gets CSV and Parquet files and ``manifest.json``.
    record
        Duration, command line and cautions, for the manifest.
    """
    write_manifest(
        folder,
        results.scenarios,
        record.command,
        record.seconds,
        seed=results.seed,
        replications=len(results.paired),
        replications_asked=results.asked,
        engine=results.engine,
        cautions=list(record.cautions),
        **results.reached,
    )
    write_csv(results.indicators, folder / "indicators.csv")
    write_csv(results.differences, folder / "differences.csv")
    for name, frame in results.tables.items():
        write_csv(frame, folder / f"{name}.csv")
    write_parquet(results.replications, folder / "replications.parquet", "replications")
    cases = [frame.assign(scenario=name) for name, frame in results.cases.items()]
    if cases:
        write_parquet(pd.concat(cases, ignore_index=True), folder / "cases.parquet", "cases")
    _write_log(results, folder / "log.parquet")
    for rival in results.rivals:
        name = f"differences-{rival.names[0]}.csv"
        write_csv(rival.differences, folder / name)


def _write_log(results: Results, path: Path) -> None:
    """Write the event log, one row group per replication, so that only one is in memory."""
    writer: pq.ParquetWriter | None = None
    try:
        for name, read in results.logs.items():
            for part in read():
                scenario = pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(len(part), np.int32)), pa.array([name])
                )
                table = part.append_column("scenario", scenario)
                schema = with_meaning(table.schema, "log")
                writer = writer or pq.ParquetWriter(path, schema, compression="zstd")
                writer.write_table(table.cast(schema))
    finally:
        if writer is not None:
            writer.close()


def frames(results: Results) -> Frames:
    """Return every table of the study.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        ``indicators`` and ``replications``; with several scenarios ``differences``, ``readings``,
        ``gains`` and ``gains_by_end``; if asked for, ``cases``, ``log``, ``precision`` and
        ``steady_state``.
    """
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "indicators": lambda: results.indicators,
        "replications": lambda: results.replications,
    }
    if len(results.scenarios) > 1:
        tables["differences"] = lambda: results.differences
        tables["readings"] = lambda: results.readings
    if results.cases:
        tables["cases"] = lambda: results.all_cases
    if results.logs:  # in memory only where it is asked for
        tables["log"] = lambda: results.log
    for name, table in results.tables.items():
        tables[name.replace("-", "_")] = partial(_same, table)
    return Frames(tables)


def _same(table: pd.DataFrame) -> pd.DataFrame:
    return table
