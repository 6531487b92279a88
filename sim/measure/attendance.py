"""Who attends beyond those present: people who finish what they began before they were away."""

from __future__ import annotations

from collections import defaultdict
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
    rests: dict[tuple[int, int], list[int]] = defaultdict(list)
    for group, start_s, end_s in carried_over.tolist():
        calendar = network.calendars[network.groups[group].calendar]
        opens, closes = calendar.edges
        first = int(np.searchsorted(opens, start_s, side="right"))
        for interval in range(first, int(np.searchsorted(opens, end_s))):
            until_s = min(end_s, int(closes[interval]), census_s)
            rests[group, interval].append(max(0, until_s - int(opens[interval])))
    for (group, interval), of_busy in rests.items():
        beyond = len(of_busy) - int(capacity[group][interval])
        if beyond > 0:
            found[group] += sum(sorted(of_busy)[:beyond])
    return found
