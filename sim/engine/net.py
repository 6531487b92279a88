"""The arrays that the compiled engine reads: their record types and the codes in them."""

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
"""Target after the last block of a route.  A target of -2 - b: the child b of a scope has ended."""

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
"""A block.

``end``: first block behind those inside it; ``scope``: innermost Within, Suspend, Parallel or
Alongside around it; ``first``: entered inside a Within or Suspend; ``after``: entered after it;
``on_left``: entered when the applicant leaves or is turned away; ``block``: number within its
route; ``place``: number of a child of a Parallel or Alongside; ``leaves``: the applicant waits in
the hall and may leave; ``calendar``: -1 for a delay in working days; ``branch``, ``branches``:
first of its rows in the branch table, and how many.
"""

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
"""A branch of a Choice, Parallel or Alongside; ``target``: entered first; ``root``: its block, -1
for a Choice.  The other fields belong to the condition of a Choice."""

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
"""What the tally needs to know of a block; ``branch``: root of the innermost branch of a Parallel
that it lies in; ``present_on``: calendar of the office at which the applicant is present;
``beside``: it lies in the first child of an Alongside."""

CALENDAR = np.dtype(
    [(name, np.int64) for name in ("interval", "intervals", "day", "days", "mark", "marks")]
)
"""First interval, day and mark of a calendar, and how many it has of each."""
INTERVAL = np.dtype(
    [(name, np.int64) for name in ("opening", "closing", "before", "of_day", "day_tick", "day_s")]
)
"""``before``: open seconds of the calendar before the interval; ``of_day``: those of its day
before it; ``day_tick``: ticks before its day; ``day_s``: open seconds of its day."""
DAY = np.dtype([(name, np.int64) for name in ("opening", "closing", "late_s", "interval", "day_s")])
"""``late_s``: from when on nobody is called in the hall; ``interval``: its first interval."""
MARK = np.dtype([(name, np.int64) for name in ("interval", "closing_day", "opening_day")])
"""For each midnight: the last interval open by then, and the first day that closes or opens
at or after it."""

GROUP = np.dtype(
    [(n, np.int64) for n in ("calendar", "pauses", "varies", "skills", "queue", "capacity")]
)
"""``queue``: first of its ``skills`` places in `Net.group_queues`; ``capacity``: place of its first
interval in `State.capacity`; ``varies``: the number of people present may change."""
QUEUE = np.dtype([(name, np.int64) for name in ("group", "groups")])
"""First place in `Net.queue_groups`, and how many."""
OPENING = np.dtype([(name, np.int64) for name in ("time_s", "calendar", "interval", "late_s")])
"""``late_s``: until when work may be started after the interval."""


class Net(NamedTuple):
    """The arrays that the compiled engine reads.

    Numbers of blocks count through all routes, other numbers from 0.

    Parameters
    ----------
    nodes, steps
        Records `NODE` and `STEP`, shape (blocks,).
    branches
        Records `BRANCH` of all blocks, in the order of the blocks.
    entries
        The block that a case enters first, shape (routes,).
    draws
        Records of the draws, as `sim.chance.draws.pack` makes them.
    tables
        The gamma tables that the draws refer to.
    calendars
        Records `CALENDAR`, shape (calendars,).
    intervals, days, marks
        Records `INTERVAL`, `DAY` and `MARK` of all calendars, in the order of the calendars;
        behind the open intervals of each is one more, of no length, at its last close.
    groups
        Records `GROUP`, shape (groups,).
    group_queues
        Queues that each group serves, one group after the other.
    queues
        Records `QUEUE`, one for each skill.
    queue_groups
        Groups that serve each queue, one queue after the other: those with the fewest skills
        first, ties by declaration.
    openings
        Records `OPENING`, by time.
    facts
        Values of the whole network, at the places `END_S`, `BY_DUE_DATE`, `WORKING` and `HALL`.
    """

    nodes: Records
    steps: Records
    branches: Records
    entries: Ints
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


END_S, BY_DUE_DATE, WORKING, HALL = range(4)
"""Places in `Net.facts`: end of the simulation in seconds, 1 for due dates (0 for first come first
served), and the numbers of the calendars of working days and of the hall."""
