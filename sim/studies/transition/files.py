"""The tables of a transition, as data frames, JSON and files."""

from __future__ import annotations

from pathlib import Path

from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.findings import Frames, Record
from sim.studies.transition.study import TransitionResults


def frames(results: TransitionResults) -> Frames:
    """Return every table of the study.

    Parameters
    ----------
    results
        Results of the transition.

    Returns
    -------
    Frames
        By name: ``months``, ``after`` and ``backlog``.
    """
    return Frames(
        {
            "months": results.monthly,
            "after": results.after,
            "backlog": results.backlog,
        }
    )


def document(results: TransitionResults) -> dict[str, object]:
    """Return the content of the JSON document; unknown numbers are None.

    Parameters
    ----------
    results
        Results of the transition.

    Returns
    -------
    dict
        Only dicts, lists, strings, numbers, booleans and None; each table as a list of rows.
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
        Results of the transition.
    folder
        Result folder; it gets a CSV file per table and ``manifest.json``.
    record
        Duration and command line, for the manifest.
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
