"""The sample of halls that fit the report, made reading by reading and kept in one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.running.fitting_halls import (
    ABOUT,
    FittingHalls,
    digest_of,
    find_sample,
    read_sample,
    sample_file,
)
from sim.running.runner import Runner
from sim.scenario.model import Scenario
from sim.stats.bands import weighted_quantiles
from sim.stats.comparison import holm
from sim.stats.history_matching import departure
from sim.studies.ensemble.matching import Matching, matching_of
from sim.studies.ensemble.sampling import CONTRADICTORY, OVERLOADED, Sample, Sampler

Floats = npt.NDArray[np.float64]
LEVEL = 0.05
"""Level of the tests whether an estimate is narrowed, corrected for their number."""
FIT_COLUMNS = ["rival", "candidates", "tried", "overloaded", "ran", "halls", "effective"]
ESTIMATE_COLUMNS = ["rival", "parameter", "low", "high", "fit_low", "fit_high", "narrowed_by", "p"]


@dataclass(frozen=True)
class SampleRequest:
    """What sample is wanted.

    Parameters
    ----------
    readings
        Readings of the report, the hall as described first.
    wanted
        How many of them, from the first, halls are drawn under.
    seed
        Seed of the draws.
    histories
        Histories of each draw.
    effective
        Effective sample size wanted under each reading.
    folder
        Folder of the samples that a user makes.
    """

    readings: tuple[Scenario, ...]
    wanted: int
    seed: int
    histories: int
    effective: float
    folder: Path

    def file(self, sample: FittingHalls) -> Path:
        """Return the file of the sample.

        Parameters
        ----------
        sample
            The sample of the hall.

        Returns
        -------
        Path
            Where it is kept: in the folder, or beside the scenario.
        """
        return sample_file(self.readings[0], self.folder) or sample.path(self.folder)

    def answers(self, sample: FittingHalls, reading: str) -> bool:
        """Say whether a sample holds what is wanted of a reading.

        Parameters
        ----------
        sample
            Any sample of this hall.
        reading
            Name of the reading.

        Returns
        -------
        bool
            False if it was drawn otherwise, or stopped at fewer halls.
        """
        asked = sample.about["seed"], sample.about["histories"]
        if asked != (self.seed, self.histories) or reading not in sample.about["readings"]:
            return False
        return bool(sample.about["readings"][reading]["asked"] >= self.effective)


def make_sample(request: SampleRequest, runner: Runner) -> FittingHalls:
    """Return the sample of a hall; readings of which it holds no halls are drawn and added.

    Parameters
    ----------
    request
        What is wanted.
    runner
        Simulates the draws; finished ones are kept in its cells.

    Returns
    -------
    FittingHalls
        The sample, which is written if anything was added.

    Raises
    ------
    StoppedError
        After Ctrl-C; finished draws are kept.
    RunError
        If workers fail or a file cannot be written.
    """
    known = find_sample(request.readings[0], request.folder)
    names = [reading.name for reading in request.readings]
    kept = [] if known is None else [name for name in names if request.answers(known, name)]
    sample = _empty(request) if known is None or not kept else known
    for number, reading in enumerate(request.readings[: request.wanted]):
        if reading.name not in kept:
            sampler = Sampler(matching_of(reading), number, request.seed, request.histories, runner)
            drawn = sampler.sample(request.effective)
            sample = _with_reading(sample, reading.name, drawn, request.effective)
            # As it will be found, so that a second run says the same to the digit.
            sample = read_sample(sample.write(request.folder))
    return sample


def _empty(request: SampleRequest) -> FittingHalls:
    about = {
        "digest": digest_of(request.readings),
        "hall": request.readings[0].name,
        "seed": request.seed,
        "histories": request.histories,
        "readings": {},
        "halls": 0,
    }
    return FittingHalls(about, pd.DataFrame(columns=list(ABOUT)))


def _with_reading(sample: FittingHalls, name: str, drawn: Sample, effective: float) -> FittingHalls:
    rows = _halls(name, drawn)
    others = sample.table[sample.table["reading"] != name]
    table = pd.concat([others, rows], ignore_index=True) if len(others) else rows
    readings = sample.about["readings"] | {name: _counts(drawn, effective, len(rows))}
    return FittingHalls({**sample.about, "readings": readings, "halls": len(table)}, table)


def _halls(name: str, drawn: Sample) -> pd.DataFrame:
    kept = np.flatnonzero(drawn.weights > 0)
    halls = [drawn.drawn.halls[at] for at in kept]
    table = pd.DataFrame(
        {
            "reading": name,
            "number": [hall.number for hall in halls],
            "weight": drawn.weights[kept],
            "implausibility": drawn.distances[kept],
        }
    )
    values = pd.DataFrame([dict(hall.values) for hall in halls])
    return pd.concat([table, values], axis=1)


def _counts(drawn: Sample, effective: float, halls: int) -> dict[str, Any]:
    fates, matching = drawn.drawn.fates, drawn.matching
    figures = zip(matching.figures, matching.observed.tolist(), strict=True)
    return {
        "asked": effective,
        "candidates": drawn.candidates,
        "tried": len(fates),
        "overloaded": int((fates == OVERLOADED).sum()),
        "contradictory": int((fates == CONTRADICTORY).sum()),
        "ran": int(drawn.drawn.ran.sum()),
        "halls": halls,
        "effective": round(drawn.effective, 1),
        "matched": {name: round(value, 6) for name, value in figures},
        "scaled": [scaled.figure for scaled in matching.scaled],
        "discrepancy": matching.discrepancy.round(6).tolist(),
        "one_history_sd": np.sqrt(np.diag(drawn.variance)).round(6).tolist(),
        "estimates": _narrowed(matching, drawn),
    }


def _narrowed(matching: Matching, drawn: Sample) -> list[list[Any]]:
    """Return a row of `ESTIMATE_COLUMNS`, without the reading, for each factor."""
    ran = drawn.drawn.ran
    places, weights = drawn.drawn.places[ran], drawn.weights[ran]
    if not len(places) or not weights.sum():
        return []
    working = 1 / drawn.drawn.chances[ran]
    tests = [_departures(column, working, weights) for column in places.T]
    by_load, by_report = (holm([test[at] for test in tests]) for at in (0, 1))
    shares = weights / weights.sum()
    rows: list[list[Any]] = []
    for at, factor in enumerate(matching.factors):
        values = np.array([dict(hall.values)[factor.path] for hall in drawn.drawn.halls], float)[
            ran
        ]
        low, high = weighted_quantiles(values, shares, (0.05, 0.95))
        by = [name for name, p in (("load", by_load), ("report", by_report)) if p[at] < LEVEL]
        ends = [float(f"{end:.4g}") for end in (factor.low, factor.high, low, high)]
        p = float(f"{min(by_load[at], by_report[at]):.2g}")
        rows.append([factor.path, *ends, "+".join(by), p])
    return rows


def _departures(places: Floats, working: Floats, weights: Floats) -> tuple[float, float]:
    """Return p-values: that only some places work, and that the report prefers some of these."""
    order = np.argsort(places)
    cumulated = np.cumsum(working[order]) - working[order] / 2
    among_working = np.empty(len(places))
    among_working[order] = cumulated / working.sum()
    return departure(places, working)[1], departure(among_working, weights)[1]


def fits_frame(sample: FittingHalls) -> pd.DataFrame:
    """Return how many draws were tried under each reading, and how many fit.

    Parameters
    ----------
    sample
        The sample.

    Returns
    -------
    pandas.DataFrame
        Columns `FIT_COLUMNS`, a row per reading.
    """
    readings: Mapping[str, Mapping[str, Any]] = sample.about["readings"]
    rows = [
        [name, *(counts[column] for column in FIT_COLUMNS[1:])] for name, counts in readings.items()
    ]
    return pd.DataFrame(rows, columns=FIT_COLUMNS)


def estimates_frame(sample: FittingHalls) -> pd.DataFrame:
    """Return what the report leaves of the range of each estimate.

    Parameters
    ----------
    sample
        The sample.

    Returns
    -------
    pandas.DataFrame
        Columns `ESTIMATE_COLUMNS`, a row per reading and drawn parameter.
    """
    readings: Mapping[str, Mapping[str, Any]] = sample.about["readings"]
    rows: list[Sequence[Any]] = [
        [name, *row] for name, counts in readings.items() for row in counts["estimates"]
    ]
    return pd.DataFrame(rows, columns=ESTIMATE_COLUMNS)
