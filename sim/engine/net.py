"""The arrays that the compiled engine reads: their records, and what their numbers say."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Records = npt.NDArray[np.void]

SEQUENCE, CHOICE, SERVE, DELAY, AWAIT, PARALLEL, ALONGSIDE, WITHIN, SUSPEND, INSTANT, EXIT = range(
    11
)
"""Kinds of block; Visit and Mark are INSTANT."""

ALWAYS, CHANCE, PRESENT, ATTENDING, EXPECTED = range(5)
"""Kinds of condition."""

NONE = -1
END_OF_ROUTE = -1
"""What follows the last block.  -2 - b: the child b of a scope has ended."""

NODE = np.dtype(
    [
        *(
            (name, np.int32)
            for name in (
                "end", "parent", "scope", "first", "after", "on_left", "block", "branch", "draw",
                "patience", "skill", "session", "or_session", "limit_ticks", "branches",
            )
        ),
        *(
            (name, np.int8)
            for name in (
                "kind", "calendar", "place", "ticket", "leaves", "expires", "until_open",
            )
        ),
    ],
    align=True,
)  # fmt: skip
"""``scope``: innermost Within, Suspend, Parallel or Alongside around; ``place``: bit of a branch
among its parent's; ``leaves``: the applicant waits in the hall and may leave; ``calendar``: -1 for
a delay in working days; ``branches`` from ``branch`` on stand in the branch table."""

BRANCH = np.dtype(
    [
        ("condition", np.int64),
        ("target", np.int64),
        ("root", np.int64),
        ("draw", np.int64),
        ("skill", np.int64),
        ("session", np.int64),
        ("probability", np.float64),
        ("mean_s", np.float64),
        ("limit_s", np.float64),
    ]
)

STEP = np.dtype(
    [
        ("staff_share", np.float64),
        ("staff_s", np.float64),
        ("branch", np.int32),
        *(
            (name, np.int8)
            for name in (
                "phase", "wait_phase", "handoffs", "milestone", "outcome", "visit", "in_hall",
                "case_clock", "present_on", "beside",
            )
        ),
    ],
    align=True,
)  # fmt: skip
"""What the books note of a block; ``branch``: root of the innermost branch of a Parallel that
it lies in; ``present_on``: calendar of the office at which the applicant is present; ``beside``: it
lies beside the child of an Alongside."""

CALENDAR = np.dtype(
    [(name, np.int64) for name in ("interval", "intervals", "day", "days", "mark", "marks")]
)
INTERVAL = np.dtype(
    [(name, np.int64) for name in ("opening", "closing", "before", "of_day", "day_tick", "day_s")]
)
"""``before``: open seconds of the calendar before it; ``of_day``: those of its day; ``day_tick``:
ticks before its day; ``day_s``: open seconds of its day."""
DAY = np.dtype([(name, np.int64) for name in ("opening", "closing", "late_s", "interval", "day_s")])
"""``late_s``: when nobody is called in the hall any more; ``interval``: its first one."""
MARK = np.dtype([(name, np.int64) for name in ("interval", "closing_day", "opening_day")])
"""For each midnight: the last interval open by then, and the first day that closes or opens
at or after it."""

GROUP = np.dtype(
    [(n, np.int64) for n in ("calendar", "pauses", "varies", "skills", "queue", "capacity")]
)
"""``varies``: fewer of its people may be present at one time than at another."""
QUEUE = np.dtype([(name, np.int64) for name in ("group", "groups")])
OPENING = np.dtype([(name, np.int64) for name in ("time_s", "calendar", "interval", "late_s")])


class Net(NamedTuple):
    """The arrays that the compiled engine reads."""

    nodes: Records
    steps: Records
    branches: Records
    entries: Ints
    """What is entered first, by route."""
    draws: Records
    tables: npt.NDArray[np.float64]
    calendars: Records
    intervals: Records
    days: Records
    marks: Records
    groups: Records
    group_queues: Ints
    queues: Records
    queue_groups: Ints
    openings: Records
    facts: Ints
    """By the numbers below."""


END_S, BY_DUE_DATE, WORKING, HALL = range(4)
"""End, discipline, and the numbers of the calendars of working days and of the hall."""
