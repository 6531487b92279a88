"""Results: what a run or a comparison found, as data frames."""

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


@dataclass(frozen=True, kw_only=True)
class Results(Histories):
    """Histories and what follows from them; the first scenario is the base.

    Parameters
    ----------
    cases
        Case tables of the replications that were asked for, by scenario; empty if none were.
    logs
        What reads the event logs of these replications, one after the other, by scenario; empty if
        they were not asked for.
    rivals
        Results under other readings of the same report, for comparisons.
    asked
        Replications that were asked for.
    engine
        Which engine ran them.
    target
        How precise figures should become, if that was asked for.
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
        """The event log, one row a step; `log_columns` says what the columns mean.

        All of it in memory: `save` writes a large one piece by piece.
        """
        parts = [
            part.to_pandas().assign(scenario=name)
            for name, read in self.logs.items()
            for part in read()
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Who gains and who loses in each further scenario; see `gains_frame`."""
        return gains_frame(self)

    @cached_property
    def ends(self) -> pd.DataFrame:
        """How the same cases end in the base and in each further scenario."""
        return ends_frame(self)

    @cached_property
    def precision(self) -> pd.DataFrame | None:
        """How precise the figures of the target are; none if there is no target."""
        return None if self.target is None else precision_frame(self, self.target)

    @cached_property
    def steady(self) -> pd.DataFrame | None:
        """Warm-up and steady means of the first scenario; none if they are not asked for."""
        return steady_frame(self) if self.steady_state else None

    @property
    def reached(self) -> dict[str, object]:
        """What the manifest says of the target; nothing if there is none."""
        return {} if self.target is None else {"precision": reached(self, self.target)}

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The frames that only some runs have, by the name of their file."""
        found = {"precision": self.precision, "steady-state": self.steady}
        if self.gained:
            found |= {"gains": self.gains, "gains-by-end": self.ends}
        return {name: frame for name, frame in found.items() if frame is not None}

    def document(self) -> dict[str, object]:
        """Return the JSON document of `--json`; what is unknown is null.

        Its ``gains`` are everyone and the departments; the items are in ``gains.csv``.
        """
        scenarios = [
            {
                "scenario": name,
                "indicators": json_rows(
                    self.indicators[self.indicators.scenario == name],
                    ["indicator", "unit", "mean", "low", "high", "n"],
                ),
            }
            for name in self.names
        ]
        columns = [
            "baseline",
            "scenario",
            "indicator",
            "mean",
            "low",
            "high",
            "p_adjusted",
            "verdict",
        ]
        document: dict[str, object] = {
            "scenarios": scenarios,
            "differences": json_rows(self.differences, columns),
        }
        if self.gained:
            groups = self.gains[self.gains.item == ""].drop(columns="item")
            document["gains"] = json_rows(groups)
        for name, frame in (("precision", self.precision), ("steady_state", self.steady)):
            if frame is not None:
                document[name] = json_rows(frame)
        return document
