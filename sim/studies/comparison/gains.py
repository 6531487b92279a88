"""Gains and losses of applicants over the replications of a comparison, as data frames."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.measure.gains import ENDS, TOTALS, Changes
from sim.process.clock import WD_TICKS
from sim.process.network import ProcessNetwork
from sim.stats.intervals import column_intervals
from sim.studies.comparison.histories import Histories

Floats = npt.NDArray[np.float64]

WITH_INTERVALS = ("share_gain", "share_lose", "mean_change_wd", "mean_gain_wd", "mean_loss_wd")
COLUMNS = [
    "scenario",
    "department",
    "item",
    "applicants",
    *(f"{name}{end}" for name in WITH_INTERVALS for end in ("", "_low", "_high")),
    "share_fewer_visits",
    "share_more_visits",
    "mean_change_visits",
    "n",
    "only_in_base",
    "only_in_scenario",
]
ENDS_COLUMNS = ["scenario", "end_in_base", "end_in_scenario", "applicants", "gain", "lose"]


def _items_of(network: ProcessNetwork) -> list[str]:
    return list(dict.fromkeys(route.item for route in network.routes))


def gains_frame(histories: Histories) -> pd.DataFrame:
    """Return who gains and who loses in each scenario against the base.

    Shares and means are means over replications with 95 % intervals; ``n`` counts the replications
    with such applicants.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.

    Returns
    -------
    pandas.DataFrame
        The first row of a scenario is everyone, with neither department nor item; then come the
        departments, then the items, those with applicants.  ``applicants`` are means per
        replication, shares are from 0 to 1.  ``mean_gain_wd`` is the mean over those who gain, in
        working days saved; ``mean_loss_wd`` over those who lose, in working days lost.
    """
    frames = [
        _of_scenario(histories, number, changes)
        for number, changes in enumerate(histories.gained, 1)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=COLUMNS)


def _of_scenario(histories: Histories, number: int, changes: Mapping[int, Changes]) -> pd.DataFrame:
    labels, members = _groups(histories)
    replications = [changes[replication] for replication in histories.paired]
    totals = np.array([replication.totals @ members for replication in replications])
    sums = {name: totals[:, place] for place, name in enumerate(TOTALS)}
    people, gain, lose = sums["applicants"], sums["gain"], sums["lose"]
    estimates = {
        "share_gain": _mean(gain, people),
        "share_lose": _mean(lose, people),
        "mean_change_wd": _mean(sums["change_ticks"] / WD_TICKS, people),
        "mean_gain_wd": _mean(-sums["gain_ticks"] / WD_TICKS, gain),
        "mean_loss_wd": _mean(sums["lose_ticks"] / WD_TICKS, lose),
    }
    columns: dict[str, object] = {
        "scenario": histories.names[number],
        "department": [department for department, _ in labels],
        "item": [item for _, item in labels],
        "applicants": people.mean(axis=0),
    }
    for name, (mean, low, high, _) in estimates.items():
        if name.startswith("share"):
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)  # noqa: PLW2901
        columns |= {name: mean, f"{name}_low": low, f"{name}_high": high}
    for name, total in (
        ("share_fewer_visits", "fewer"),
        ("share_more_visits", "more"),
        ("mean_change_visits", "visits"),
    ):
        columns[name] = _mean(sums[total], people)[0]
    unknown = np.full(len(labels), np.nan)
    columns["n"] = (people > 0).sum(axis=0)
    for name, counts in (
        ("only_in_base", [replication.only_base for replication in replications]),
        ("only_in_scenario", [replication.only_scenario for replication in replications]),
    ):
        columns[name] = np.concatenate(([np.mean(counts)], unknown[1:]))
    frame = pd.DataFrame(columns, columns=COLUMNS)
    return frame[(frame["applicants"] > 0) | (frame.index == 0)]


def _mean(sums: Floats, counts: Floats) -> Floats:
    """Return mean, low, high and n of the quotients, shape (4, groups); NaN where 0 by 0."""
    values = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return column_intervals(values)


def _groups(histories: Histories) -> tuple[list[tuple[str, str]], Floats]:
    """Return department and item of each row, and which items of the base belong to it.

    The latter is a matrix of 0 and 1, shape (items, rows).
    """
    base = histories.scenarios[0]
    place = {item: number for number, item in enumerate(_items_of(histories.networks[0]))}
    items = [item for item in base.items if item.id in place]
    labels = [("", "")]
    labels += [(department, "") for department in dict.fromkeys(item.department for item in items)]
    labels += [(item.department, item.id) for item in items]
    rows = {label: row for row, label in enumerate(labels)}
    members = np.zeros((len(place), len(labels)))
    members[:, 0] = 1
    for item in items:
        members[place[item.id], [rows[item.department, ""], rows[item.department, item.id]]] = 1
    return labels, members


def ends_frame(histories: Histories) -> pd.DataFrame:
    """Return how cases stand when their follow-up ends, in the base and in each scenario.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.

    Returns
    -------
    pandas.DataFrame
        A row per scenario, end in the base and end in the scenario, of `ENDS`, that occur together:
        ``applicants``, and of these those who ``gain`` and who ``lose``, as means per replication.
    """
    rows = [
        (histories.names[number], before, after, *counts.tolist())
        for number, changes in enumerate(histories.gained, 1)
        for mean in [
            np.mean([changes[replication].ends for replication in histories.paired], axis=0)
        ]
        for row, before in enumerate(ENDS)
        for column, after in enumerate(ENDS)
        for counts in [mean[:, row, column]]
        if counts[0] > 0
    ]
    return pd.DataFrame(rows, columns=ENDS_COLUMNS)


def band_shares(histories: Histories, number: int) -> Floats:
    """Return the share of applicants in each band of change.

    Parameters
    ----------
    histories
        Replications of the scenarios, the base first.
    number
        Index of the scenario, from 1.

    Returns
    -------
    ndarray
        Mean shares, 0 to 1, from the largest gain to the largest loss; shape (bands,).
    """
    changes = histories.gained[number - 1]
    bands = np.array([changes[replication].bands for replication in histories.paired], float)
    people = bands.sum(axis=1, keepdims=True)
    shares = np.divide(bands, people, out=np.zeros(bands.shape), where=people > 0)
    return np.asarray(shares.mean(axis=0), float)
