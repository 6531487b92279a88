"""The process blocks: everything that can happen to a case, as inert data.

A route is a tree of blocks.  Blocks hold names, numbers and other blocks, never
callables and never random numbers: a `Draw` only names the chance it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

Family = Literal["gamma", "lognormal", "exponential", "fixed"]


@dataclass(frozen=True, slots=True)
class Seconds:
    """A distribution of times in seconds.

    Parameters
    ----------
    mean_s
        Mean in seconds.
    cv
        Standard deviation divided by the mean.
    family
        Shape of the distribution; ``fixed`` is the mean itself.
    """

    mean_s: float
    cv: float = 0.0
    family: Family = "fixed"


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A distribution of times in working days, whatever their length.

    Parameters
    ----------
    mean_wd
        Mean in working days.
    cv
        Standard deviation divided by the mean.
    family
        Shape of the distribution; ``fixed`` is the mean itself.
    """

    mean_wd: float
    cv: float = 0.0
    family: Family = "fixed"


@dataclass(frozen=True, slots=True)
class Geometric:
    """Number of trials until the first success: 1, 2, and so on.

    Parameters
    ----------
    probability
        Probability of success of each trial.
    """

    probability: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """A uniform number in (0, 1)."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One chance of one applicant: a purpose of the registry and its distribution.

    The same purpose and occurrence give the same underlying uniform in every
    scenario (`sim.chance.draws`).

    Parameters
    ----------
    purpose
        Name in the registry (`sim.chance.purposes`).
    distribution
        Distribution of the value drawn.
    occurrence
        Number of the draw among those of one applicant and purpose, from 0.
    """

    purpose: str
    distribution: Seconds | WorkingDays | Geometric | Uniform
    occurrence: int = 0


# Conditions of a Choice -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chance:
    """True with a probability: the draw's uniform lies below it.

    Parameters
    ----------
    draw
        Uniform number that decides.
    probability
        From 0 to 1.
    """

    draw: Draw
    probability: float


@dataclass(frozen=True, slots=True)
class Present:
    """True if someone with this skill is at work now.

    Parameters
    ----------
    skill
        Name of the skill.
    """

    skill: str


@dataclass(frozen=True, slots=True)
class Attending:
    """True if the holder of this session attends now (a leader in the office).

    Parameters
    ----------
    session
        Name of a session that has a calendar.
    """

    session: str


@dataclass(frozen=True, slots=True)
class ExpectedWaitWithin:
    """True if the expected wait for a skill is at most a limit.

    Expected wait = (cases waiting + 1 if nobody present is free) × mean service ÷ people
    present, plus the work this case itself needs; infinite when nobody is present.

    Parameters
    ----------
    skill
        Skill whose queue is looked at.
    mean_service_s
        Mean service time of that skill, seconds.
    limit_s
        Longest expected wait for which the condition holds, seconds.
    own
        Work that this case needs; the person at the window can judge it.
    """

    skill: str
    mean_service_s: float
    limit_s: float
    own: Draw


Condition = Chance | Present | Attending | ExpectedWaitWithin

# Blocks -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every leaf has: what is done, the phase in which its time counts, the rule behind it."""

    activity: str
    """Name of what is done."""
    phase: str
    """Phase in which the time of this step counts."""
    origin: str = ""
    """Rule and scenario path that made the step, separated by `` · ``."""
    handoffs: int = 0
    """Changes of the desk or person holding the file when this step begins."""
    staff_s: float = 0.0
    """Seconds of staff work that it takes besides the service of a `Serve`."""
    present_on: str = ""
    """Calendar of the office at which the applicant is present meanwhile; empty = not present.  An
    applicant who is not finished at the close of a day comes again when the office opens on another
    day, which counts as a visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve(Step):
    """Wait for a person with a skill and be served.

    With `on_left` the applicant waits in the hall meanwhile and may go without being served:
    patience runs out, the hall closes, or nothing more is begun today.  Then `on_left`
    happens instead, and the route goes on behind it.
    """

    skill: str
    """Skill that the server must have."""
    duration: Draw
    """Service time."""
    wait_phase: str
    """Phase in which the waiting time counts."""
    patience: Draw | None = None
    """Open time of the hall that the applicant waits; None = nobody gives up."""
    ticket: bool = False
    """The applicant has just come and takes a ticket; otherwise they are in the hall already."""
    staff_share: float = 1.0
    """Part of the service time that is staff work (an officer's share for hall cases)."""
    on_left: Block | None = None
    """What happens to an applicant who leaves without being served; None = the applicant does not
    wait in the hall."""

    @property
    def in_hall(self) -> bool:
        """Whether the applicant waits in the hall meanwhile."""
        return self.on_left is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Step):
    """Let open time of a calendar pass, or working days."""

    duration: Draw
    """Length of the delay: `Seconds` of open time or `WorkingDays`."""
    calendar: str | None
    """Calendar whose open time passes; None for a time in working days."""
    until_open: bool = False
    """End in an open second of the calendar: the first one by which the time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitSession(Step):
    """Wait for the next session (or the n-th): courier, signing, meeting."""

    session: str
    """Name of the session."""
    count: Draw | None = None
    """Number n of the session that ends the wait, counted from 1; None = the next one."""
    or_session: str = ""
    """Another session whose next moment will do as well, if it comes first."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One block after the other.

    Parameters
    ----------
    blocks
        In order; none = nothing happens.
    """

    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The first branch whose condition holds; a condition of None always holds.

    Parameters
    ----------
    branches
        Pairs of condition and block, tried in order; where no condition holds nothing happens.
    activity
        Name of the choice.
    origin
        Rule and scenario path that made it.
    """

    branches: tuple[tuple[Condition | None, Block], ...]
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Parallel:
    """All branches at once; go on when the last has finished.

    Parameters
    ----------
    branches
        Blocks that begin together; at least one.
    activity
        Name of the block.
    origin
        Rule and scenario path that made it.
    """

    branches: tuple[Block, ...]
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Alongside:
    """Do something beside the child, which does not wait for it.

    What is left of it when the child ends is broken off.  It holds no Exit and no Suspend, and
    its time counts in no phase of the case.

    Parameters
    ----------
    beside
        What is done at the same time and may be broken off.
    child
        What the case goes through; the block ends with it.
    activity
        Name of the block.
    origin
        Rule and scenario path that made it.
    """

    beside: Block
    child: Block
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Within:
    """Give the child a clock of so many working days.

    With `expires`, the scope ends as agreed when the clock runs out; without, the due
    date is only recorded.  An expiring scope holds no Exit.

    Parameters
    ----------
    limit_wd
        Limit in working days.
    child
        What has to be done within the limit.
    expires
        Whether the scope ends when the clock runs out.
    activity
        Name of what the limit is for.
    origin
        Rule and scenario path that made it.
    """

    limit_wd: float
    child: Block
    expires: bool = False
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Stop every enclosing clock while the child runs.

    Parameters
    ----------
    child
        What happens while the clocks are stopped.
    origin
        Rule and scenario path that made it.
    """

    child: Block
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """The applicant arrives at a public office.

    Parameters
    ----------
    place
        Name of the office: the hall, a home department or the bank.
    origin
        Rule and scenario path that made it.
    """

    place: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Record the time of a milestone; the first time counts.

    Parameters
    ----------
    milestone
        Name of the milestone, such as ``accepted``.
    """

    milestone: str


@dataclass(frozen=True, slots=True)
class Exit:
    """End the case with an outcome; never inside Parallel.

    A case that is given up (`WITHDRAWN`) has not reached its end: the rest of the follow-up counts
    as time of the case, in the phase `GIVEN_UP`.

    Parameters
    ----------
    outcome
        Name of the outcome, such as `WITHDRAWN`.
    origin
        Rule and scenario path that made it.
    """

    outcome: str
    origin: str = ""


WITHDRAWN, GIVEN_UP = "withdrawn", "given_up"
"""Outcome of a case that is given up, and the phase of the time that follows."""


Block = (
    Serve
    | Delay
    | AwaitSession
    | Sequence
    | Choice
    | Parallel
    | Alongside
    | Within
    | Suspend
    | Visit
    | Mark
    | Exit
)


def sequence(*blocks: Block | None) -> Sequence:
    """Chain blocks, leaving out None and unfolding nested sequences.

    Parameters
    ----------
    *blocks
        Blocks in order.

    Returns
    -------
    Sequence
        None of its blocks is a `Sequence` that was given here.
    """
    flat: list[Block] = []
    for block in blocks:
        if isinstance(block, Sequence):
            flat.extend(block.blocks)
        elif block is not None:
            flat.append(block)
    return Sequence(tuple(flat))


def children(block: Block) -> tuple[Block, ...]:
    """Return the blocks directly inside a block, in order.

    Parameters
    ----------
    block
        Any block.

    Returns
    -------
    tuple of Block
        Empty for a block that holds no other.
    """
    inside = _INSIDE.get(type(block))
    return () if inside is None else inside(block)


# By type, which is three times as fast as `match`: it is called for every block of a route.
_INSIDE: dict[type, Callable[[Any], tuple[Block, ...]]] = {
    Sequence: attrgetter("blocks"),
    Choice: lambda choice: tuple(branch for _, branch in choice.branches),
    Parallel: attrgetter("branches"),
    Alongside: attrgetter("beside", "child"),
    Within: lambda scope: (scope.child,),
    Suspend: lambda scope: (scope.child,),
    Serve: lambda serve: () if serve.on_left is None else (serve.on_left,),
}
