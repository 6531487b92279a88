"""Variants of a hall: scenarios with redrawn tables, each fitted to the report again.

::

    results/ensembles/DIGEST/
        variant-07.yaml                        an ordinary scenario, extends the base
        variant-07-county-suspended.yaml       the same tables under another calibration
        variant-07/departments.csv items.csv   the tables
        variant-07/county.yaml …               the fits
"""

from __future__ import annotations

import csv
import hashlib
import inspect
import io
import json
import math
import os
import shutil
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml

from sim.chance.philox import uniform_at, word
from sim.running.cells import code_version
from sim.running.runner import Runner
from sim.scenario.catalogue import Department, Item
from sim.scenario.load import load_parts
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from sim.scenario.redraw import Chance, redraw, redrawn_columns
from sim.studies.calibration.study import CalibrationPlan, calibrate, read_plan, write_calibration
from sim.whole_file import DRAFT, write_whole

RATE_TOLERANCE, SUM_TOLERANCE, FEWEST_MISSED = 0.005, 0.03, 1.0
"""A fit meets a rate within half a point, another figure within 3 % or within one."""
ITERATIONS, FIT_TOLERANCE = 4, 0.005
"""Iterations of a fit, and relative distance to a target at which its search ends.

A few are enough, because a fit starts from the fitted values of the base."""


@dataclass(frozen=True)
class Family:
    """The common description of all variants of a hall.

    Parameters
    ----------
    readings
        Readings of the report: the base without reforms, then its rivals, each with a calibration
        of its own.
    seed
        Seed of the redraws.
    fit_replications
        Replications of each step of a fit.
    root
        Folder that holds ensembles.
    """

    readings: tuple[Scenario, ...]
    seed: int
    fit_replications: int
    root: Path

    @cached_property
    def folder(self) -> Path:
        """Folder of the variants, named by a hash of everything that they depend on."""
        code = [Path(inspect.getfile(source)) for source in (Family, calibrate)]
        named = [
            code_version(),
            [hashlib.sha256(file.read_bytes()).hexdigest() for file in code],
            [[*reading.values, *sorted(reading.texts.values())] for reading in self.readings],
            self.seed,
            self.fit_replications,
        ]
        return self.root / hashlib.blake2b(json.dumps(named).encode(), digest_size=8).hexdigest()

    @property
    def columns(self) -> tuple[str, ...]:
        """Table columns that are redrawn, such as ``items.cases_per_wd``."""
        return redrawn_columns(self.readings[0].sources)

    @property
    def is_fitted(self) -> bool:
        """Whether variants are fitted: only if every reading names a calibration."""
        return all(plan_of(reading) is not None for reading in self.readings)

    def _stem(self, reading: int) -> str:
        """Return the name of a reading's files, without ending."""
        return self.readings[reading].path.stem

    def tables(self, variant: int) -> tuple[tuple[Department, ...], tuple[Item, ...]]:
        """Draw the tables of a variant; the same seed and number give the same tables.

        Parameters
        ----------
        variant
            Number of the variant, from 1.

        Returns
        -------
        departments, items : tuple
            Rows of both tables; columns that are not estimates are those of the base.
        """
        base = self.readings[0]
        chance = drawn_tables(self.seed, variant)
        return redraw(base.departments, base.items, base.sources, chance)

    def path(self, variant: int, reading: int) -> Path:
        """Return the scenario file of a variant under a reading.

        Parameters
        ----------
        variant
            Number of the variant, from 1.
        reading
            Index of the reading, 0 for the base's own.

        Returns
        -------
        Path
            The file, which may not exist yet.
        """
        other = "" if reading == 0 else f"-{self._stem(reading)}"
        return self.folder / f"variant-{variant:02d}{other}.yaml"

    def fit_path(self, variant: int, reading: int) -> Path:
        """Return the calibration file of a variant under a reading.

        Parameters
        ----------
        variant
            Number of the variant, from 1.
        reading
            Index of the reading, 0 for the base's own.

        Returns
        -------
        Path
            The file, which may not exist yet.
        """
        return self.folder / f"variant-{variant:02d}" / f"{self._stem(reading)}.yaml"

    def has_fit(self, variant: int, reading: int) -> bool:
        """Say whether a variant has been fitted under a reading.

        Parameters
        ----------
        variant
            Number of the variant, from 1.
        reading
            Index of the reading, 0 for the base's own.

        Returns
        -------
        bool
            True if the calibration file exists.
        """
        return self.fit_path(variant, reading).is_file()


def drawn_tables(seed: int, variant: int) -> Chance:
    """Return the random numbers that decide a variant, by purpose and id of a row.

    Parameters
    ----------
    seed
        Seed of the redraws.
    variant
        Number of the variant, from 1.

    Returns
    -------
    Chance
        Function of a purpose and the id of a row that returns a uniform number between 0 and 1,
        always the same for the same arguments.
    """
    key, number = np.uint64(seed), np.uint64(variant)

    def chance(purpose: str, row: str) -> float:
        entity, use = np.uint64(word(row)), np.uint64(word(f"redraw {purpose}"))
        return float(uniform_at(0, 0, entity, use, 0, key, number))

    return chance


@dataclass(frozen=True)
class FitTask:
    """One fit to be made.

    Parameters
    ----------
    family
        The common description of all variants.
    variant
        Number of the variant, from 1.
    reading
        Index of the reading, 0 for the base's own.
    runner
        Works out the replications in this process; its seed is not used.
    """

    family: Family
    variant: int
    reading: int
    runner: Runner


def plan_of(scenario: Scenario) -> CalibrationPlan | None:
    """Return the plan of a scenario's calibration.

    Parameters
    ----------
    scenario
        The scenario.

    Returns
    -------
    CalibrationPlan or None
        Read from the calibration file that the scenario names; None if it names none.
    """
    place = scenario.places.get("calibration")
    named = scenario.settings.calibration
    if named is None or place is None:
        return None
    return read_plan(Path(place.file).resolve().parent / named)


def fit(task: FitTask) -> None:
    """Fit a variant to the report and write its calibration file.

    Finished cells of the runner are used again.  The fit starts from the fitted values of the
    reading.  The seed is that of the reading's calibration plus the number of the variant, so no
    two variants are fitted with the same applicants.

    Parameters
    ----------
    task
        The variant, the reading and the runner.

    Raises
    ------
    ValueError
        If the reading names no calibration.
    InputError
        If the search leaves the allowed range, or a figure to fit is not simulated.
    StoppedError
        After Ctrl-C; finished cells are kept.
    RunError
        If a file cannot be written or workers fail.
    """
    family, reading = task.family, task.family.readings[task.reading]
    plan = plan_of(reading)
    if plan is None:
        raise ValueError(f"{reading.name} names no calibration")
    fits = tuple(
        part.model_copy(update={"start": _value(reading, part.parameter)}) for part in plan.fit
    )
    plan = plan.model_copy(
        update={
            "fit": fits,
            "replications": family.fit_replications,
            "seed": plan.seed + task.variant,
            "iterations": ITERATIONS,
            "tolerance": FIT_TOLERANCE,
        }
    )
    path = family.fit_path(task.variant, task.reading)
    # Another command may make the same fit at the same time.
    draft = path.with_name(f"{DRAFT}{uuid.uuid4().hex}-{path.name}")
    _put(draft, _draft_text(reading, draft.parent))
    try:
        scenario = load_parts(str(draft), (), reading.values)
        write_calibration(calibrate(scenario, plan, task.runner, say=lambda _: None), path)
    finally:
        draft.unlink(missing_ok=True)


def _value(scenario: Scenario, path: str) -> float:
    value: object = scenario.settings
    for name in path.split("."):
        value = getattr(value, name)
    return float(value)  # type: ignore[arg-type]


def write_tables(family: Family, variant: int) -> None:
    """Write the tables of a variant as CSV files.

    Parameters
    ----------
    family
        The common description of all variants.
    variant
        Number of the variant, from 1.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    departments, items = family.tables(variant)
    folder = family.fit_path(variant, 0).parent
    for name, rows in (("departments", departments), ("items", items)):
        _put(folder / f"{name}.csv", _csv(rows))


def write_scenarios(family: Family, variant: int) -> None:
    """Write the scenario files of a variant, one per reading, after its fits.

    Parameters
    ----------
    family
        The common description of all variants.
    variant
        Number of the variant, from 1.

    Raises
    ------
    RunError
        If a file cannot be written.
    """
    paths = [family.path(variant, reading) for reading in range(len(family.readings))]
    for number, path in enumerate(paths):
        reading = family.readings[number]
        document = _document(reading, path.parent, f"variant-{variant:02d}/")
        document["title"] = {
            "en": f"{reading.settings.title.en}, variant {variant}",
            "zh": f"{reading.settings.title.zh}（变体 {variant}）",
        }
        if family.has_fit(variant, number):
            fitted = family.fit_path(variant, number)
            document["calibration"] = f"{fitted.parent.name}/{fitted.name}"
        document["rivals"] = [other.stem for other in paths if other != path]
        head = "# Written by `hall ensemble`: estimated columns of the tables are redrawn.\n"
        if reading.values:
            head += f"# Fitted with --set {' --set '.join(reading.values)}: run it with the same.\n"
        _put(path, head + yaml.safe_dump(document, allow_unicode=True, sort_keys=False))


def copy_reforms(family: Family) -> None:
    """Copy the folder ``reforms`` beside the base, if there is one, to the variants.

    Parameters
    ----------
    family
        The common description of all variants.
    """
    beside = family.readings[0].path.parent / "reforms"
    if beside.is_dir():
        shutil.copytree(beside, family.folder / "reforms", dirs_exist_ok=True)


def _document(reading: Scenario, folder: Path, tables: str) -> dict[str, object]:
    base = os.path.relpath(reading.path, folder.resolve())
    return {
        "extends": base,
        "tables": {name: f"{tables}{name}.csv" for name in ("departments", "items")},
    }


def _draft_text(reading: Scenario, folder: Path) -> str:
    return yaml.safe_dump(_document(reading, folder, "") | {"rivals": []})


def _csv(rows: Sequence[Department] | Sequence[Item]) -> str:
    out = io.StringIO()
    cells = [{name: _cell(value) for name, value in row.model_dump().items()} for row in rows]
    writer = csv.DictWriter(out, list(cells[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells)
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ";".join(value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _put(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written ({error.strerror}); allowed: a folder you may write, "
            "given by --ensembles"
        ) from error


# How well fits meet the report --------------------------------------------------------------


@dataclass(frozen=True)
class Residual:
    """One figure of the report beside the simulated one, of one fit.

    Parameters
    ----------
    variant
        Number of the variant, from 1.
    reading
        Name of the scenario that is the reading.
    figure
        Id of the indicator.
    target
        Value in the report, in the unit of the indicator.
    simulated
        Simulated value after the fit, in the same unit.
    is_fitted
        Whether a parameter is fitted to the figure; if not, the figure always counts as met.
    """

    variant: int
    reading: str
    figure: str
    target: float
    simulated: float
    is_fitted: bool = True

    @property
    def residual(self) -> float:
        """Simulated value less the target, as a share of the target; NaN if the target is 0."""
        return self.simulated / self.target - 1 if self.target else math.nan

    @property
    def is_met(self) -> bool:
        """Whether the simulated value is within the tolerance, or no parameter is fitted to it."""
        if not self.is_fitted:
            return True
        rate = self.figure.removeprefix("all_").endswith(("_rate", "_rate_closed", "_rate_cohort"))
        allowed = RATE_TOLERANCE if rate else max(FEWEST_MISSED, SUM_TOLERANCE * abs(self.target))
        return abs(self.simulated - self.target) <= allowed


def residuals(family: Family, variant: int, reading: int) -> list[Residual]:
    """Read how far a fit is from the report.

    Parameters
    ----------
    family
        The common description of all variants.
    variant
        Number of the variant, from 1.
    reading
        Index of the reading, 0 for the base's own.

    Returns
    -------
    list of Residual
        One per figure of the report; empty if there is no such fit.
    """
    path = family.fit_path(variant, reading)
    if not path.is_file():
        return []
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    simulated: Mapping[str, float] = document["simulated"]
    return [
        Residual(
            *(variant, family.readings[reading].name, figure, target, simulated[figure]),
            is_fitted=figure in document["one_to_one"],
        )
        for figure, target in document["targets"].items()
    ]
