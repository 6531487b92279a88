"""The tables of an attribution, as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sim.measure.definitions import indicators
from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.attribution.study import ALL, Attribution
from sim.studies.findings import Frames, Record


def frames(found: Attribution) -> Frames:
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
    totals = found.totals.assign(reform=ALL, share=1.0)[found.shares.columns]
    return {
        "shares": pd.concat([found.shares, totals], ignore_index=True),
        "order": found.order,
        "interactions": found.interactions,
        "combinations": found.combinations,
        "totals": found.totals,
        "replications": _replications(found),
    }


def _replications(found: Attribution) -> pd.DataFrame:
    names = [scenario.name for scenario in found.request.scenarios]
    index = pd.MultiIndex.from_product(
        [names, range(found.replications), list(indicators())],
        names=["scenario", "replication", "indicator"],
    )
    return pd.Series(np.ravel(found.figures.values), index, name="value").reset_index()


def document(found: Attribution) -> dict[str, object]:
    """Return the JSON document; what is unknown is null.

    Parameters
    ----------
    found
        What was found.

    Returns
    -------
    dict
        Plain data.
    """
    return {
        "base": found.request.scenarios[0].name,
        "reforms": list(found.request.reforms),
        "order_by": found.request.leading.id,
        "replications": found.replications,
        "totals": json_rows(found.totals),
        "shares": json_rows(found.shares),
        "interactions": json_rows(found.interactions),
        "order": json_rows(found.order),
    }


def save(found: Attribution, folder: Path, record: Record) -> None:
    """Write tables, replications and manifest into a folder that exists.

    Parameters
    ----------
    found
        What was found.
    folder
        Where they go.
    record
        How it came about.
    """
    tables = frames(found)
    for name in ("shares", "combinations", "interactions", "order"):
        write_csv(tables[name], folder / f"{name}.csv")
    tables["replications"].to_parquet(folder / "replications.parquet", index=False)
    write_manifest(
        folder,
        [found.request.scenarios[0], found.request.scenarios[-1]],
        record.command,
        record.seconds,
        reforms=found.request.reforms,
        order_by=found.request.leading.id,
        replications=found.replications,
        seed=record.seed,
    )
