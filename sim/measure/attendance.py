"""Who attends beyond those present: people who finish what they began before they were away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sim.engine.net import Records
from sim.process.network import ProcessNetwork

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def beyond_attendance_s(
    network: ProcessNetwork, capacity: Sequence[Ints], carried_over: Records, census_s: int
) -> Floats:
    """Return the open seconds of those at work beyond the number present, by group.

    Nobody begins while as many are busy as present.  So in an interval for which b are busy at
    its opening and p < b are present, the excess lasts until b - p of them have finished, and
    its length is the sum of the b - p shortest rests of their work.

    Parameters
    ----------
    network
        Groups and their calendars.
    capacity
        For each group the people present in each interval of its calendar.
    carried_over
        Work that went on into another interval: ``group``, ``start_s``, ``end_s``.
    census_s
        Nothing is counted from here on.

    Returns
    -------
    ndarray
        Shape (groups,).
    """
    found = np.zeros(len(network.groups))
    for name, calendar in network.calendars.items():
        groups = [place for place, group in enumerate(network.groups) if group.calendar == name]
        some = carried_over[np.isin(carried_over["group"], groups)]
        if not len(some):
            continue
        present = np.zeros((len(network.groups), len(calendar.edges[0])), np.int64)
        present[groups] = [capacity[place] for place in groups]
        found += _beyond_s(some, calendar.edges, present, census_s)
    return found


def _beyond_s(
    carried_over: Records, edges: tuple[Ints, Ints], present: Ints, census_s: int
) -> Floats:
    """Return the seconds beyond attendance of groups that share a calendar.

    Parameters
    ----------
    carried_over
        Their work.
    edges
        Openings and closes of the calendar.
    present
        People present, shape (groups, intervals).
    census_s
        Nothing is counted from here on.
    """
    opens, closes = edges
    groups, intervals = present.shape
    first = np.searchsorted(opens, carried_over["start_s"], side="right")
    many = np.maximum(np.searchsorted(opens, carried_over["end_s"]) - first, 0)
    # A row for each interval into which a piece of work goes on.
    row = np.repeat(np.arange(len(many)), many)
    interval = np.arange(len(row)) - np.repeat(np.cumsum(many) - many - first, many)
    until_s = np.minimum(carried_over["end_s"][row], np.minimum(closes[interval], census_s))
    rest_s = np.maximum(0, until_s - opens[interval])
    place = carried_over["group"][row].astype(np.int64) * intervals + interval
    order = np.lexsort((rest_s, place))
    place, rest_s = place[order], rest_s[order]
    busy = np.bincount(place, minlength=groups * intervals)
    beyond = busy - present.ravel()
    ahead = np.arange(len(place)) - (np.cumsum(busy) - busy)[place]
    counted = ahead < beyond[place]
    return np.asarray(np.bincount(place[counted] // intervals, rest_s[counted], groups), float)
