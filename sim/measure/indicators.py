"""Indicators of one replication, from arrays; what each means stands in `definitions.yaml`."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.measure.crowd import most_people
from sim.measure.definitions import Indicator, indicators
from sim.measure.observations import Column, Flags, Observations


def measure(observations: Observations) -> dict[str, float]:
    """Return every indicator of one replication.

    Parameters
    ----------
    observations
        Observations of the replication.

    Returns
    -------
    dict
        By id, in the order of `indicators()` and in the unit of each; NaN where a figure is null.
    """
    run = _run_figures(observations)
    return {name: _figure(indicator, observations, run) for name, indicator in indicators().items()}


def _figure(indicator: Indicator, observations: Observations, run: Mapping[str, float]) -> float:
    how, population = indicator.how, indicator.over
    if how == "run":
        return run[indicator.of]
    if population in ("tickets", "hall_visits"):
        values = getattr(observations, population)[indicator.of]
    else:
        values = observations.column(indicator.of, observations.members[population])
    if how in ("count", "sum"):
        return float(values.sum())
    if not len(values):
        return math.nan
    if how == "quantile":
        return _quantile(values, indicator.quantile)
    if how == "ratio":
        members = observations.members[indicator.by_over]
        weights = observations.column(indicator.by, members).sum()
        return float(values.sum() / weights) if weights else math.nan
    return float(values.max() if how == "max" else values.mean())


def _quantile(values: Column, probability: float) -> float:
    """Return a quantile; NaN if it lies among those who were not served within the follow-up."""
    reached = float(np.quantile(values, probability, method="inverted_cdf"))
    return reached if math.isfinite(reached) else math.nan


# Figures of the whole run -------------------------------------------------------------------


def _run_figures(observations: Observations) -> dict[str, float]:
    """Return the figures of the whole run, which have no population."""
    facts, populations = observations.facts, observations.populations
    completed = observations.cases["completed_by_census"]
    stays, calls = observations.table.stays, observations.calls
    people = float(most_people(calls["enabled_s"], calls["end_s"]))
    turned_away = len(stays) - len(calls)
    return facts.fixed | {
        "completed_per_wd": float(completed[populations["received"]].sum()) / facts.census_wd,
        "all_completed_per_wd": float(completed[populations["all_cases"]].sum()) / facts.census_wd,
        "hall_people_max": people,
        "hall_crowding_max": people / facts.hall_places,
        "turned_away_rate": turned_away / len(stays) if len(stays) else math.nan,
        "overtime_min_per_wd": float(observations.table.overtime_s.sum()) / 60 / facts.census_wd,
        **_utilisation(observations),
    }


def _utilisation(observations: Observations) -> dict[str, float]:
    busy, attended = observations.busy_min, observations.attended_min
    groups = observations.network.groups
    in_hall = np.array([not group.pauses for group in groups], np.bool_)

    def ratio(members: Flags | list[int]) -> float:
        attended_min = attended[members].sum()
        return float(busy[members].sum() / attended_min) if attended_min else math.nan

    units: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        if not group.pauses:
            units.setdefault(group.unit or group.name, []).append(number)
    return {
        "window_utilisation": ratio(in_hall),
        "window_utilisation_max": max(map(ratio, units.values()), default=math.nan),
        "office_utilisation": ratio(~in_hall),
    }
