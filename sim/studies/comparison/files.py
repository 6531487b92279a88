"""What a run or a comparison writes into its result folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.running.result_folder import write_csv, write_manifest
from sim.studies.comparison.results import Results
from sim.studies.findings import Frames, Record


def folder_name(results: Results) -> str:
    """Return what the folder of a run or a comparison is called."""
    return results.names[0] if len(results.names) == 1 else f"{results.names[0]}-compared"


def save(results: Results, folder: Path, record: Record) -> None:
    """Write tables and manifest into a folder that exists.

    Parameters
    ----------
    results
        What was found.
    folder
        Where they go.
    record
        How they came about.
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
    results.replications.to_parquet(folder / "replications.parquet", index=False)
    cases = [frame.assign(scenario=name) for name, frame in results.cases.items()]
    if cases:
        pd.concat(cases, ignore_index=True).to_parquet(folder / "cases.parquet", index=False)
    _write_log(results, folder / "log.parquet")
    for rival in results.rivals:
        name = f"differences-{rival.names[0]}.csv"
        write_csv(rival.differences, folder / name)


def _write_log(results: Results, path: Path) -> None:
    """Write the event log, a row group a replication, so that no more is in memory at once."""
    writer: pq.ParquetWriter | None = None
    try:
        for name, read in results.logs.items():
            for part in read():
                scenario = pa.DictionaryArray.from_arrays(
                    pa.array(np.zeros(len(part), np.int32)), pa.array([name])
                )
                table = part.append_column("scenario", scenario)
                writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
                writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def frames(results: Results) -> Frames:
    """Return every table.

    Parameters
    ----------
    results
        What was found.

    Returns
    -------
    dict of pandas.DataFrame
        By name.
    """
    found = {
        "indicators": results.indicators,
        "differences": results.differences,
        "replications": results.replications,
        "readings": results.readings,
        "cases": results.all_cases,
        "log": results.log,
    }
    return found | {name.replace("-", "_"): table for name, table in results.tables.items()}
