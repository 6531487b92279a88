"""Calibration: fitting parameters to a report, in Python."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

import pandas as pd

from sim.measure.definitions import Language
from sim.running.result_folder import json_rows, write_csv, write_manifest
from sim.studies.arguments import Given, Running, check_running, runner_of, scenario_of
from sim.studies.calibration import say
from sim.studies.calibration.study import Refit, refit, write_calibration
from sim.studies.findings import Findings, Frames, Presentation, Record


def frames(results: Refit) -> Frames:
    """Return every table.

    Parameters
    ----------
    results
        The fit.

    Returns
    -------
    Frames
        The fitted parameters, and every indicator of the report as reported and
        simulated.
    """
    calibration = results.calibration
    fitted_to = {fit.indicator for fit in calibration.plan.fit}
    figures = [
        (name, target, calibration.simulated[name], name in fitted_to)
        for name, target in calibration.targets.items()
    ]
    fitted = list(calibration.fitted.items())
    columns = ["indicator", "target", "simulated", "one_to_one"]
    return Frames(
        {
            "fitted": lambda: pd.DataFrame(fitted, columns=["parameter", "value"]),
            "figures": lambda: pd.DataFrame(figures, columns=columns),
        }
    )


def _save(results: Refit, folder: Path, record: Record) -> None:
    for name, frame in frames(results).items():
        write_csv(frame, folder / f"{name}.csv")
    write_manifest(folder, [results.scenario], record.command, record.seconds, seed=record.seed)


def _answer(results: Refit, lang: Language) -> Iterable[str]:
    for row in frames(results)["figures"].itertuples():
        key = "calibrate.fitted" if row.one_to_one else "calibrate.not_fitted"
        values = {"target": f"{row.target:.5g}", "simulated": f"{row.simulated:.5g}"}
        yield say(key, lang, indicator=row.indicator, **values)


PRESENTATION: Presentation[Refit] = Presentation(
    kind="calibration",
    name=lambda results: f"{results.scenario.name}-calibrated",
    scenarios=lambda results: (results.scenario,),
    frames=frames,
    save=_save,
    document=lambda results, _: {name: json_rows(frame) for name, frame in frames(results).items()},
    answer=_answer,
)


def calibrate(
    scenario: Given, *, write_file: bool = False, **running: Unpack[Running]
) -> Findings[Refit]:
    """Fit what the calibration file of a scenario asks for to the figures of its report.

    Parameters
    ----------
    scenario
        A scenario or its name, whose own file names a calibration.
    write_file
        Write the results into the calibration file, as the command does.
    **running
        How to run: jobs, engine, cells; replications and seed are those of the file.

    Returns
    -------
    Findings
        With the tables fitted and figures.

    Raises
    ------
    InputError
        With every argument outside its range, and every problem of scenario and calibration.
    """
    check_running(running)
    hall = scenario_of(scenario)
    began = time.monotonic()
    results = refit(hall, runner_of(hall, running), _silent)
    if write_file:
        write_calibration(results.calibration, results.path)
    seed = results.calibration.plan.seed
    return Findings(PRESENTATION, results, Record(seed, time.monotonic() - began))


def _silent(line: str) -> None:
    """Report no progress."""
