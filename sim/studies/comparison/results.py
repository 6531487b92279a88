"""Results of a run or a comparison, as data frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from sim.engine.play import EngineName
from sim.measure.assessment import Assessment, assess
from sim.measure.definitions import Indicator, indicators
from sim.measure.verdicts import judged
from sim.running.in_halls import InHalls
from sim.running.result_folder import json_rows
from sim.stats.comparison import Difference
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
    "band_low",
    "band_high",
    "opposite",
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
    in_halls
        Figures in halls that fit the report; None without a sample of them.
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
    in_halls: InHalls | None = None
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

    def _assess(self, figures: Sequence[Indicator]) -> list[Assessment]:
        members = [
            (pair, indicator)
            for results in (self, *self.rivals)
            for pair in results.pairs[1:]
            for indicator in figures
        ]
        differences = judged(members, self.certain)
        size = len(differences) // (1 + len(self.rivals))
        by_reading = [differences[at : at + size] for at in range(0, len(differences), size or 1)]
        return [
            self._judged(1 + at // len(figures), figures[at % len(figures)], of_each)
            for at, of_each in enumerate(zip(*by_reading, strict=True))
        ]

    def _judged(
        self, number: int, indicator: Indicator, of_each: tuple[Difference, ...]
    ) -> Assessment:
        values = self.values(0, indicator.id)
        known = values[~np.isnan(values)]
        relevant = indicator.relevant_to(float(known.mean()) if len(known) else 0.0)
        own, *others = of_each
        halls = () if self.in_halls is None else self.in_halls.effects(number, indicator.id)
        return assess(own, others, halls, relevant)

    @property
    def reading_names(self) -> list[str]:
        """Names of the other readings of the report, in the order of `rivals`."""
        return [rival.names[0] for rival in self.rivals]

    @cached_property
    def readings(self) -> pd.DataFrame:
        """The differences under the other readings: a row per reading, scenario and figure."""
        columns = ["reading", "baseline", "scenario", "indicator", "unit", "headline"]
        columns += ["mean", "low", "high", "n", "p", "p_adjusted", "verdict"]
        rows = [
            (
                *(reading, self.names[0], scenario, figure),
                *(indicators()[figure].unit, indicators()[figure].headline),
                *(other.mean, other.low, other.high, other.n),
                *(other.p, other.p_adjusted, str(other.verdict)),
            )
            for place, reading in enumerate(self.reading_names)
            for (scenario, figure), assessment in self.assessments.items()
            for other in [assessment.readings[place]]
        ]
        return pd.DataFrame(rows, columns=columns)

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
        return [
            row | {"readings": readings.get((row["scenario"], row["indicator"]), [])}
            for row in rows
        ]
