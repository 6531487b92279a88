"""Number of people in the hall, from the times at which they came and left."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Ints = npt.NDArray[np.int64]


def most_people(came_s: Times, gone_s: Times) -> int:
    """Return the largest number of people who were inside at the same time.

    People who leave in a second are subtracted before those who come in the same second are added.

    Parameters
    ----------
    came_s, gone_s
        When stays began and ended, in seconds since the start, shape (stays,); each array in any
        order, because only the numbers of arrivals and departures matter.

    Returns
    -------
    int
        Number of people; 0 without stays.
    """
    gone = np.searchsorted(np.sort(gone_s), np.sort(came_s), side="right")
    return int(np.max(np.arange(1, len(gone) + 1) - gone, initial=0))


def person_seconds(came_s: Times, gone_s: Times, until_s: Ints) -> Ints:
    """Return the person-seconds spent inside before each of some times.

    Parameters
    ----------
    came_s, gone_s
        When stays began and ended, in seconds since the start, shape (stays,); each array in any
        order.
    until_s
        Times in seconds since the start, shape (n,).

    Returns
    -------
    ndarray
        Person-seconds from the start to each time, shape (n,).
    """
    return _seconds_since(came_s, until_s) - _seconds_since(gone_s, until_s)


def _seconds_since(moments_s: Times, until_s: Ints) -> Ints:
    """Return, for each time, the sum of the seconds passed since every moment before it."""
    ordered = np.sort(moments_s)
    before = np.searchsorted(ordered, until_s)
    sums = np.concatenate(([0], np.cumsum(ordered, dtype=np.int64)))
    return np.asarray(before * until_s - sums[before])
