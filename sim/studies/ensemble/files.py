"""The tables of an ensemble, as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.ensemble.study import Ensemble
from sim.studies.findings import Frames, Record


def frames(found: Ensemble) -> Frames:
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
        "effects": found.effects,
        "summary": found.summary,
        "best": found.best,
        "fits": found.fits,
    }


def document(found: Ensemble) -> dict[str, object]:
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
        "scenarios": [scenario.name for scenario in found.request.scenarios],
        "variants": found.request.variants,
        "replications": found.replications,
        "folder": str(found.request.family.folder),
        "redrawn": list(found.request.family.columns),
        "fits_missed": [list(fit) for fit in found.missed],
        "summary": json_rows(found.summary),
        "effects": json_rows(found.effects),
        "best": json_rows(found.best),
        "fits": json_rows(found.fits),
    }


def save(found: Ensemble, folder: Path, record: Record) -> None:
    """Write tables and manifest into a folder that exists.

    Parameters
    ----------
    found
        What was found.
    folder
        Where they go.
    record
        How it came about.
    """
    for name, frame in frames(found).items():
        write_csv(frame, folder / f"{name}.csv")
    family = found.request.family
    write_manifest(
        folder,
        found.request.scenarios,
        record.command,
        record.seconds,
        seed=record.seed,
        replications=found.replications,
        variants=found.request.variants,
        redraw_seed=family.seed,
        fit_replications=family.fit_replications,
        ensemble=str(family.folder),
        readings=found.readings,
        redrawn=list(family.columns),
        fits_missed=[list(fit) for fit in found.missed],
    )
