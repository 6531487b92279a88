"""The tables of an ensemble, as data frames, JSON and files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.ensemble.study import Ensemble
from sim.studies.findings import Frames, Record


def frames(results: Ensemble) -> Frames:
    """Return every table of the study.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    Frames
        By name: ``fits``, ``estimates`` and ``halls``; ``effects``, ``summary`` and ``best`` if
        scenarios were compared.
    """
    tables: dict[str, Callable[[], pd.DataFrame]] = {}
    if len(results.request.scenarios) > 1:
        tables = {
            "effects": lambda: results.effects,
            "summary": lambda: results.summary,
            "best": lambda: results.best,
        }
    return Frames(
        tables
        | {
            "fits": lambda: results.fits,
            "estimates": lambda: results.estimates,
            "halls": lambda: results.sample.table,
        }
    )


def document(results: Ensemble) -> dict[str, object]:
    """Return the content of the JSON document; unknown numbers are None.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    dict
        Only dicts, lists, strings, numbers, booleans and None; each table as a list of rows.
    """
    rows = {name: json_rows(frame) for name, frame in frames(results).items() if name != "halls"}
    return {
        "scenarios": [scenario.name for scenario in results.request.scenarios],
        "variants": results.request.variants,
        "replications": results.replications,
        "sample": results.sample.about["digest"],
        "redrawn": list(results.request.columns),
        **rows,
    }


def save(results: Ensemble, folder: Path, record: Record) -> None:
    """Write tables and manifest into a folder that exists.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder; it gets a CSV file per table and ``manifest.json``.
    record
        Seed, duration and command line, for the manifest.
    """
    for name, frame in frames(results).items():
        write_csv(frame, folder / f"{name}.csv")
    sample = results.request.sample
    write_manifest(
        folder,
        results.request.scenarios,
        record.command,
        record.seconds,
        seed=record.seed,
        replications=results.replications,
        variants=results.request.variants,
        redraw_seed=sample.seed,
        fit_replications=sample.histories,
        sample=results.sample.about["digest"],
        readings=results.readings,
        redrawn=list(results.request.columns),
    )
