"""The tables of a transition, as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.findings import Frames, Record
from sim.studies.transition.study import TransitionResults


def frames(results: TransitionResults) -> Frames:
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
    return {"months": results.monthly(), "after": results.after(), "backlog": results.backlog()}


def document(results: TransitionResults) -> dict[str, object]:
    """Return the JSON document; what is unknown is null.

    Parameters
    ----------
    results
        What was found.

    Returns
    -------
    dict
        Plain data.
    """
    phases = results.scenarios[1].settings.transition
    return {
        "scenario": results.scenarios[1].name,
        "phases": [phase.model_dump(mode="json") for phase in phases],
        "day": results.day.isoformat(),
        "until": str(results.dates[-1]),
        "n": results.replications,
        **{name: json_rows(frame) for name, frame in frames(results).items()},
    }


def save(results: TransitionResults, folder: Path, record: Record) -> None:
    """Write tables and manifest into a folder that exists.

    Parameters
    ----------
    results
        What was found.
    folder
        Where they go.
    record
        How it came about.
    """
    for name, frame in frames(results).items():
        write_csv(frame, folder / f"{name}.csv")
    write_manifest(
        folder,
        results.scenarios,
        record.command,
        record.seconds,
        seed=results.seed,
        replications=results.replications,
    )
