"""Results of an attribution as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.measure.definitions import indicators
from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.attribution.study import ALL, Attribution
from sim.studies.columns import write_parquet
from sim.studies.findings import Frames, Record


def frames(results: Attribution) -> Frames:
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
            "shares": lambda: _shares(results),
            "order": lambda: results.order,
            "interactions": lambda: results.interactions,
            "combinations": lambda: results.combinations,
            "totals": lambda: results.totals,
            "replications": lambda: _replications(results),
        }
    )


def _shares(results: Attribution) -> pd.DataFrame:
    """Return the contributions of the reforms, and below them those of all together."""
    totals = results.totals.assign(reform=ALL, share=1.0)[results.shares.columns]
    return pd.concat([results.shares, totals], ignore_index=True)


def _replications(results: Attribution) -> pd.DataFrame:
    names = [scenario.name for scenario in results.request.scenarios]
    index = pd.MultiIndex.from_product(
        [names, range(results.replications), list(indicators())],
        names=["scenario", "replication", "indicator"],
    )
    return pd.Series(np.ravel(results.figures.values), index, name="value").reset_index()


def document(results: Attribution) -> dict[str, object]:
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
    return {
        "base": results.request.scenarios[0].name,
        "reforms": list(results.request.reforms),
        "order_by": results.request.order_by.id,
        "replications": results.replications,
        "totals": json_rows(results.totals),
        "shares": json_rows(results.shares),
        "interactions": json_rows(results.interactions),
        "order": json_rows(results.order),
    }


def save(results: Attribution, folder: Path, record: Record) -> None:
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
    for name in ("shares", "combinations", "interactions", "order"):
        write_csv(tables[name], folder / f"{name}.csv")
    write_parquet(tables["replications"], folder / "replications.parquet", "replications")
    write_manifest(
        folder,
        [results.request.scenarios[0], results.request.scenarios[-1]],
        record.command,
        record.seconds,
        reforms=results.request.reforms,
        order_by=results.request.order_by.id,
        replications=results.replications,
        seed=record.seed,
    )
