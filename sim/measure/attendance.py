"""Attendance beyond the people present: those absent now who finish work begun before."""

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

    Nobody begins work while at least as many people are busy as are present.  So in an interval
    with b people busy at its opening and p < b present, the excess lasts until b - p of them have
    finished, and its length is the sum of the b - p shortest remaining times of their work.

    Parameters
    ----------
    network
        Groups and their calendars.
    capacity
        For each group the people present in each interval of its calendar, shape (intervals,).
    carried_over
        Records of work that continued into another interval: ``group``, and ``start_s`` and
        ``end_s`` in seconds since the start.
    census_s
        Time of the census in seconds since the start; nothing after it is counted.

    Returns
    -------
    ndarray
        Person-seconds, shape (groups,).
    """
    beyond_s = np.zeros(len(network.groups))
    for name, calendar in network.calendars.items():
        groups = [place for place, group in enumerate(network.groups) if group.calendar == name]
        works = carried_over[np.isin(carried_over["group"], groups)]
        if not len(works):
            continue
        present = np.zeros((len(network.groups), len(calendar.edges[0])), np.int64)
        present[groups] = [capacity[place] for place in groups]
        beyond_s += _beyond_s(works, calendar.edges, present, census_s)
    return beyond_s


def _beyond_s(
    carried_over: Records, edges: tuple[Ints, Ints], present: Ints, census_s: int
) -> Floats:
    """Return the seconds at work beyond the number present, of groups that share a calendar.

    Parameters
    ----------
    carried_over
        Records of their work that continued into another interval.
    edges
        Openings and closes of the calendar in seconds, shape (intervals,) each.
    present
        People present, shape (groups, intervals); 0 for groups with another calendar.
    census_s
        Time of the census in seconds; nothing after it is counted.

    Returns
    -------
    ndarray
        Person-seconds, shape (groups,).
    """
    opens, closes = edges
    groups, intervals = present.shape
    first = np.searchsorted(opens, carried_over["start_s"], side="right")
    counts = np.maximum(np.searchsorted(opens, carried_over["end_s"]) - first, 0)
    # A row for each interval into which a piece of work continues.
    row = np.repeat(np.arange(len(counts)), counts)
    interval = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts - first, counts)
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
