"""Results of a run or a comparison, as data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd
import pyarrow as pa

from sim.engine.play import EngineName
from sim.running.result_folder import json_rows
from sim.studies.comparison.gains import ends_frame, gains_frame
from sim.studies.comparison.histories import Histories
from sim.studies.comparison.precision import PrecisionTarget, precision_frame, reached
from sim.studies.comparison.steady_state import steady_frame

IN_JSON = ("indicator", "unit", "mean", "low", "high", "n")
DIFFERENCES_IN_JSON = (
    "baseline",
    "scenario",
    "indicator",
    "unit",
    "headline",
    "mean",
    "low",
    "high",
    "n",
    "p_adjusted",
    "verdict",
)
READING_IN_JSON = ("reading", "mean", "low", "high", "verdict")


@dataclass(frozen=True, kw_only=True)
class Results(Histories):
    """Histories and the tables computed from them; the first scenario is the base.

    Parameters
    ----------
    cases
        Case tables of the first replications, by name of the scenario; empty if none were asked
        for.
    logs
        Functions that read the event logs of these replications, one after the other, by name of
        the scenario; empty if they were not asked for.
    rivals
        Results under other readings of the same report; empty if they were not asked for.
    asked
        Number of replications that were asked for; fewer may be finished.
    engine
        Engine that simulated them.
    target
        How precise figures had to become; None if that was not asked for.
    steady_state
        Whether a steady state is asked for.
    """

    cases: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    logs: Mapping[str, Callable[[], Iterator[pa.Table]]] = field(default_factory=dict)
    rivals: tuple[Results, ...] = ()
    asked: int = 0
    engine: EngineName = "compiled"
    target: PrecisionTarget | None = None
    steady_state: bool = False

    @cached_property
    def log(self) -> pd.DataFrame:
        """The event log, one row per step; `log_columns` says what the columns mean.

        All of it is read into memory; `save` writes one replication at a time.
        """
        parts = [
            part.to_pandas().assign(scenario=name)
            for name, read in self.logs.items()
            for part in read()
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @cached_property
    def all_cases(self) -> pd.DataFrame:
        """The case tables of all scenarios, one row per case."""
        parts = [frame.assign(scenario=name) for name, frame in self.cases.items()]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @cached_property
    def readings(self) -> pd.DataFrame:
        """The differences under the other readings: a row per reading, scenario and figure."""
        parts = []
        for rival in self.rivals:
            own = dict(zip(rival.names, self.names, strict=True))
            frame = rival.differences
            parts.append(
                frame.assign(
                    reading=rival.names[0],
                    baseline=self.names[0],
                    scenario=[own[name] for name in frame["scenario"]],
                )
            )
        columns = ["reading", *self.differences.columns]
        if not parts:
            return pd.DataFrame([], columns=columns)
        return pd.concat(parts, ignore_index=True)[columns]

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Who gains and who loses in each further scenario; see `gains_frame`."""
        return gains_frame(self)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """How the same cases end in the base and in each further scenario; see `ends_frame`."""
        return ends_frame(self)

    @cached_property
    def precision(self) -> pd.DataFrame | None:
        """How precise the figures of the target are; None if there is no target."""
        return None if self.target is None else precision_frame(self, self.target)

    @cached_property
    def steady(self) -> pd.DataFrame | None:
        """Warm-up and steady means of the first scenario; None if they are not asked for."""
        return steady_frame(self) if self.steady_state else None

    @property
    def reached(self) -> dict[str, object]:
        """Entries of the manifest about the target; empty if there is none."""
        return {} if self.target is None else {"precision": reached(self, self.target)}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables that only some runs have, by the name of their file."""
        tables = {"precision": self.precision, "steady-state": self.steady}
        if self.gained:
            tables |= {"gains": self.gains, "gains-by-end": self.ends}
        return {name: frame for name, frame in tables.items() if frame is not None}

    def document(self) -> dict[str, object]:
        """Return the content of the JSON document of `--json`; unknown numbers are None.

        Its ``gains`` are those of everyone and of the departments; those of items are in
        ``gains.csv``.

        Returns
        -------
        dict
            Only dicts, lists, strings, numbers, booleans and None; each table as a list of rows.
        """
        scenarios = [
            {
                "scenario": name,
                "indicators": json_rows(self.indicators[self.indicators.scenario == name], IN_JSON),
            }
            for name in self.names
        ]
        document: dict[str, object] = {
            "scenarios": scenarios,
            "differences": self._differences_in_json(),
        }
        if self.gained:
            groups = self.gains[self.gains.item == ""].drop(columns="item")
            document["gains"] = json_rows(groups)
        for name, frame in (("precision", self.precision), ("steady_state", self.steady)):
            if frame is not None:
                document[name] = json_rows(frame)
        return document

    def _differences_in_json(self) -> list[dict[str, object]]:
        """Return the differences, each with its values under every other reading."""
        rows = json_rows(self.differences, DIFFERENCES_IN_JSON)
        readings: dict[tuple[object, object], list[dict[str, object]]] = {}
        for row in json_rows(self.readings, ["scenario", "indicator", *READING_IN_JSON]):
            key = (row.pop("scenario"), row.pop("indicator"))
            readings.setdefault(key, []).append(row)
        # The band of unknown parameters is not computed yet, so its ends are null.
        return [
            row
            | {"band_low": None, "band_high": None}
            | {"readings": readings.get((row["scenario"], row["indicator"]), [])}
            for row in rows
        ]
