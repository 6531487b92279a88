"""The tables of a sensitivity analysis, as data frames, JSON and files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from sim.running.result_folder import write_csv, write_manifest
from sim.studies.columns import write_parquet
from sim.studies.findings import Frames, Record
from sim.studies.sensitivity import robustness
from sim.studies.sensitivity.indices import indices_frame
from sim.studies.sensitivity.results import SensitivityResults


def frames(results: SensitivityResults) -> Frames:
    """Return every table.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        Those of the method that was used, ``left_out`` and ``replications``.
    """
    return Frames(
        _of_method(results)
        | {
            "left_out": lambda: _left_out(results),
            "replications": lambda: results.replications,
        }
    )


def _of_method(results: SensitivityResults) -> dict[str, Callable[[], pd.DataFrame]]:
    tornado = results.tornado
    if tornado is None:
        return {results.method: lambda: indices_frame(results.indices)}
    if not results.robustness:
        return {"tornado": tornado.frame}
    return {"tornado": tornado.frame, "flips": lambda: robustness.frame(results.robustness)}


def _left_out(results: SensitivityResults) -> pd.DataFrame:
    left_out = pd.DataFrame([asdict(left) for left in results.left_out])
    return left_out.reindex(columns=["path", "reason", "told"])


def document(results: SensitivityResults) -> dict[str, Any]:
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
    request = results.request
    return {
        "baseline": request.base.name,
        "scenario": None if request.scenario is None else request.scenario.name,
        "method": results.method,
        "replications": request.replications,
        **{
            name: json.loads(make().to_json(orient="records"))
            for name, make in _of_method(results).items()
        },
        "left_out": [asdict(left) for left in results.left_out],
    }


def save(results: SensitivityResults, folder: Path, record: Record) -> None:
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
    write_parquet(results.replications, folder / "replications.parquet", "replications")
    for name, frame in frames(results).items():
        if name != "replications":
            write_csv(frame, folder / f"{name}.csv")
    request = results.request
    write_manifest(
        folder,
        request.scenarios,
        record.command,
        record.seconds,
        method=results.method,
        seed=request.runner.seed,
        replications=request.replications,
        indicators=list(request.indicators),
        parameters=[factor.path for factor in results.factors],
        cautions=list(record.cautions),
    )
