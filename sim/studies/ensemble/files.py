"""The tables of an ensemble, as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

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
        By name: ``effects``, ``summary``, ``best`` and ``fits``.
    """
    return Frames(
        {
            "effects": lambda: results.effects,
            "summary": lambda: results.summary,
            "best": lambda: results.best,
            "fits": lambda: results.fits,
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
    return {
        "scenarios": [scenario.name for scenario in results.request.scenarios],
        "variants": results.request.variants,
        "replications": results.replications,
        "folder": str(results.request.family.folder),
        "redrawn": list(results.request.family.columns),
        "fits_missed": [list(fit) for fit in results.missed],
        "summary": json_rows(results.summary),
        "effects": json_rows(results.effects),
        "best": json_rows(results.best),
        "fits": json_rows(results.fits),
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
    family = results.request.family
    write_manifest(
        folder,
        results.request.scenarios,
        record.command,
        record.seconds,
        seed=record.seed,
        replications=results.replications,
        variants=results.request.variants,
        redraw_seed=family.seed,
        fit_replications=family.fit_replications,
        ensemble=str(family.folder),
        readings=results.readings,
        redrawn=list(family.columns),
        fits_missed=[list(fit) for fit in results.missed],
    )
