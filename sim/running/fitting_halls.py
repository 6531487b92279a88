"""The sample of halls that fit a report: its file, and which halls of it are used.

The file is a CSV table with a row per hall, after one line of JSON that says how it was made.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sim.running.drawn_halls import DrawnHall
from sim.scenario.model import Scenario
from sim.scenario.problems import RunError
from sim.stats.history_matching import resampled
from sim.whole_file import write_whole

VERSION = 1
"""Version of the file and of how halls are drawn from what it holds."""
ABOUT = ("reading", "number", "weight", "implausibility")
"""Columns before those of the drawn values."""
PREFIX = "fitting-halls-"
ENSEMBLES = Path("results/ensembles")
"""Folder of the samples that a user makes."""


@dataclass(frozen=True)
class FittingHalls:
    """Halls that fit the report, drawn from what is not known, with their weights.

    Parameters
    ----------
    about
        How the sample was made: digest of the hall, seed, counts for each reading.
    table
        A row per hall: `ABOUT`, then a column per drawn parameter, empty where it is not drawn.
    """

    about: Mapping[str, Any]
    table: pd.DataFrame

    @property
    def readings(self) -> tuple[str, ...]:
        """Names of the readings of which there are halls."""
        return tuple(dict.fromkeys(self.table["reading"]))

    @property
    def seed(self) -> int:
        """Seed of the draws."""
        return int(self.about["seed"])

    def of(self, reading: str) -> pd.DataFrame:
        """Return the halls under one reading of the report.

        Parameters
        ----------
        reading
            Name of the scenario that is the reading.

        Returns
        -------
        pandas.DataFrame
            Rows of the table, without the parameters that are not drawn under this reading.
        """
        return self.table[self.table["reading"] == reading].dropna(axis=1, how="all")

    def drawn(self, reading: str) -> tuple[str, ...]:
        """Return the parameters that are drawn from ranges under a reading, and not scaled.

        Parameters
        ----------
        reading
            Name of the scenario that is the reading.

        Returns
        -------
        tuple of str
            Dotted paths.
        """
        return tuple(str(row[0]) for row in self.about["readings"][reading]["estimates"])

    def draws(self, reading: str, number: int) -> tuple[DrawnHall, ...]:
        """Draw halls under a reading, in proportion to their weights.

        Parameters
        ----------
        reading
            Name of the scenario that is the reading.
        number
            Draws.

        Returns
        -------
        tuple of DrawnHall
            A hall of large weight may come several times; fewer draws are the first of more.
        """
        rows = self.of(reading)
        places = resampled(rows["weight"].to_numpy(float), number)
        paths = [name for name in rows.columns if name not in ABOUT]
        values = rows[paths].to_numpy(float)
        numbers = rows["number"].to_numpy(int)
        return tuple(
            DrawnHall(
                self.seed,
                int(numbers[place]),
                tuple(zip(paths, (as_number(value) for value in values[place]), strict=True)),
            )
            for place in places.tolist()
        )

    def path(self, folder: Path) -> Path:
        """Return the file of the sample in a folder.

        Parameters
        ----------
        folder
            Any folder.

        Returns
        -------
        Path
            Whether it exists or not.
        """
        return folder / f"{PREFIX}{self.about['digest']}.csv"

    def write(self, folder: Path) -> Path:
        """Write the sample into a folder, under the digest of its hall.

        Parameters
        ----------
        folder
            Folder, which is made if it is missing.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        RunError
            If it cannot be written.
        """
        path = self.path(folder)
        text = io.StringIO()
        text.write(f"# {json.dumps(self.about, ensure_ascii=False)}\n")
        self.table.to_csv(text, index=False, float_format="%.5g", lineterminator="\n")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.getvalue().encode())
        except OSError as error:
            raise RunError(
                f"{path}: cannot be written ({error.strerror}); allowed: a folder you may write, "
                "given by --ensembles"
            ) from error
        return path


def as_number(value: float) -> float:
    """Return a drawn value as a scenario takes it: a whole number where it is one.

    Parameters
    ----------
    value
        Drawn value.

    Returns
    -------
    float or int
        Of four digits, as in the file.
    """
    rounded = float(f"{value:.4g}")
    return int(rounded) if rounded.is_integer() else rounded


def readings_of(scenario: Scenario) -> tuple[Scenario, ...]:
    """Return the readings of the report about a hall, without reforms and values of ``--set``.

    Parameters
    ----------
    scenario
        The hall, with or without reforms.

    Returns
    -------
    tuple of Scenario
        The hall as described, then its rivals.
    """
    plain = scenario.as_described()
    return plain, *plain.rivals()


def digest_of(readings: Sequence[Scenario]) -> str:
    """Return the digest under which the sample of a hall is kept.

    Parameters
    ----------
    readings
        Readings of the report, in any order.

    Returns
    -------
    str
        16 hexadecimal digits, over parameters, tables, ranges of estimates and report figures.
    """
    parts = sorted(
        [
            reading.name,
            reading.content,
            sorted(
                (path, source.grade, source.low, source.high)
                for path, source in reading.sources.items()
            ),
            sorted(reading.settings.report.items()),
        ]
        for reading in readings
    )
    return hashlib.blake2b(json.dumps([VERSION, parts]).encode(), digest_size=8).hexdigest()


def find_sample(scenario: Scenario, folder: Path = ENSEMBLES) -> FittingHalls | None:
    """Return the sample of a hall, if there is one.

    Parameters
    ----------
    scenario
        The hall, with or without reforms.
    folder
        Folder of the samples that a user makes; those beside the scenario are found as well.

    Returns
    -------
    FittingHalls or None
        None if there is none of the hall as it is described now.
    """
    path = sample_file(scenario, folder)
    return None if path is None else read_sample(path)


def sample_file(scenario: Scenario, folder: Path = ENSEMBLES) -> Path | None:
    """Return the file of the sample of a hall, if there is one.

    Parameters
    ----------
    scenario
        The hall, with or without reforms.
    folder
        Folder of the samples that a user makes.

    Returns
    -------
    Path or None
        In the folder, or beside the scenario.
    """
    name = f"{PREFIX}{digest_of(readings_of(scenario))}.csv"
    beside = scenario.path.parent
    paths = (folder / name, beside / name, *sorted(beside.glob(f"*/{name}")))
    return next((path for path in paths if path.is_file()), None)


def read_sample(path: Path) -> FittingHalls:
    """Read the file of a sample.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    FittingHalls
        What was written.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    try:
        head, _, rest = path.read_text(encoding="utf-8").partition("\n")
        about = json.loads(head.removeprefix("# "))
        table = pd.read_csv(io.StringIO(rest))
        whole = len(table) == about["halls"] and set(ABOUT) <= set(table.columns)
    except (OSError, ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise RunError(
            f"{path}: cannot be read as a sample of halls; allowed: the file as `hall ensemble` "
            "writes it, or none"
        )
    return FittingHalls(about, table)
