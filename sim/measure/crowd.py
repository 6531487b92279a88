"""People in the hall, from when each of them came and went."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Ints = npt.NDArray[np.int64]


def most_people(came_s: Times, gone_s: Times) -> int:
    """Return the most people who were in at the same time.

    Who goes at a moment makes room before who comes.

    Parameters
    ----------
    came_s, gone_s
        Seconds, shape (stays,), each in any order: who it was does not matter.
    """
    gone = np.searchsorted(np.sort(gone_s), np.sort(came_s), side="right")
    return int(np.max(np.arange(1, len(gone) + 1) - gone, initial=0))


def person_seconds(came_s: Times, gone_s: Times, until_s: Ints) -> Ints:
    """Return the seconds that all people together spent in before each of some times.

    Parameters
    ----------
    came_s, gone_s
        Seconds, shape (stays,), each in any order.
    until_s
        Seconds, shape (n,).
    """
    return _seconds_since(came_s, until_s) - _seconds_since(gone_s, until_s)


def _seconds_since(moments_s: Times, until_s: Ints) -> Ints:
    """Return the sum, over the moments before each time, of the seconds since."""
    ordered = np.sort(moments_s)
    before = np.searchsorted(ordered, until_s)
    sums = np.concatenate(([0], np.cumsum(ordered, dtype=np.int64)))
    return np.asarray(before * until_s - sums[before])
