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
    """A distribution of times in seconds."""

    mean_s: float
    cv: float = 0.0
    family: Family = "fixed"


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A distribution of times in working days, whatever their length."""

    mean_wd: float
    cv: float = 0.0
    family: Family = "fixed"


@dataclass(frozen=True, slots=True)
class Geometric:
    """Number of trials until the first success: 1, 2, and so on."""

    probability: float


@dataclass(frozen=True, slots=True)
class Uniform:
    """A uniform number in (0, 1)."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One chance of one applicant: a purpose of the registry and its distribution.

    The same purpose and occurrence give the same underlying uniform in every
    scenario (`sim.chance.draws`).
    """

    purpose: str
    distribution: Seconds | WorkingDays | Geometric | Uniform
    occurrence: int = 0


# Conditions of a Choice -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chance:
    """True with a probability: the draw's uniform lies below it."""

    draw: Draw
    probability: float


@dataclass(frozen=True, slots=True)
class Present:
    """True if someone with this skill is at work now."""

    skill: str


@dataclass(frozen=True, slots=True)
class Attending:
    """True if the holder of this session attends now (a leader in the office)."""

    session: str


@dataclass(frozen=True, slots=True)
class ExpectedWaitWithin:
    """True if the expected wait for a skill is at most a limit.

    Expected wait = (cases waiting + 1 if nobody present is free) × mean service ÷ people
    present, plus the work this case itself needs; infinite when nobody is present.
    """

    skill: str
    mean_service_s: float
    limit_s: float
    own: Draw
    """The work this case needs, which the person at the window can judge."""


Condition = Chance | Present | Attending | ExpectedWaitWithin

# Blocks -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What every leaf says of itself: what is done, where the day goes, which rule made it."""

    activity: str
    phase: str
    origin: str = ""
    handoffs: int = 0
    """Changes of the desk or person holding the file when this step begins."""
    staff_s: float = 0.0
    """Seconds of staff work that it takes besides the service of a `Serve`."""
    present_on: str = ""
    """Calendar of the office at which the applicant is present meanwhile: who is not finished at
    the close of a day comes again when it opens on another, which is a visit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serve(Step):
    """Wait for a person with a skill and be worked on.

    With `on_left` the applicant waits in the hall meanwhile and may go without being served:
    patience runs out, the hall closes, or nothing more is begun today.  Then `on_left`
    happens instead, and the route goes on behind it.
    """

    skill: str
    duration: Draw
    wait_phase: str
    patience: Draw | None = None
    """Open time of the hall that the applicant waits; None = nobody gives up."""
    ticket: bool = False
    """The applicant has just come and takes a ticket; otherwise they are in the hall already."""
    staff_share: float = 1.0
    """Part of the service time that is staff work (an officer's share for hall cases)."""
    on_left: Block | None = None

    @property
    def in_hall(self) -> bool:
        """Whether the applicant waits in the hall meanwhile."""
        return self.on_left is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay(Step):
    """Let open time of a calendar pass, or working days."""

    duration: Draw
    calendar: str | None
    """None for a time in working days."""
    until_open: bool = False
    """End in an open second of the calendar: the first one by which the time has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitSession(Step):
    """Wait for the next session (or the n-th): courier, signing, meeting."""

    session: str
    count: Draw | None = None
    or_session: str = ""
    """Another session whose next moment will do as well, if it comes first."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """One block after the other."""

    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """The first branch whose condition holds; a condition of None always holds."""

    branches: tuple[tuple[Condition | None, Block], ...]
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Parallel:
    """All branches at once; go on when the last has finished."""

    branches: tuple[Block, ...]
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Alongside:
    """Do something beside the child, which does not wait for it.

    What is left of it when the child ends is broken off.  It holds no Exit and no Suspend, and
    its time counts in no phase of the case.
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
    """

    limit_wd: float
    child: Block
    expires: bool = False
    activity: str = ""
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Suspend:
    """Stop every enclosing clock while the child runs."""

    child: Block
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Visit:
    """The applicant arrives at a public office."""

    place: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Record the time of a milestone; the first time counts."""

    milestone: str


@dataclass(frozen=True, slots=True)
class Exit:
    """End the case with an outcome; never inside Parallel.

    Who gives up (`WITHDRAWN`) has not reached the end: the rest of the follow-up counts as time
    of the case, in the phase `GIVEN_UP`.
    """

    outcome: str
    origin: str = ""


WITHDRAWN, GIVEN_UP = "withdrawn", "given_up"
"""Outcome of who gives up, and the phase of the time that follows."""


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
    """Chain blocks, leaving out None and unfolding nested sequences."""
    flat: list[Block] = []
    for block in blocks:
        if isinstance(block, Sequence):
            flat.extend(block.blocks)
        elif block is not None:
            flat.append(block)
    return Sequence(tuple(flat))


def children(block: Block) -> tuple[Block, ...]:
    """Return the blocks directly inside a block, in order."""
    inside = _INSIDE.get(type(block))
    return () if inside is None else inside(block)


# By type, which is three times as fast as `match`: whoever reads a route asks this of every block.
_INSIDE: dict[type, Callable[[Any], tuple[Block, ...]]] = {
    Sequence: attrgetter("blocks"),
    Choice: lambda choice: tuple(branch for _, branch in choice.branches),
    Parallel: attrgetter("branches"),
    Alongside: attrgetter("beside", "child"),
    Within: lambda scope: (scope.child,),
    Suspend: lambda scope: (scope.child,),
    Serve: lambda serve: () if serve.on_left is None else (serve.on_left,),
}
