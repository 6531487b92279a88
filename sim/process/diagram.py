"""The outline of a route: one line per step, for `hall explain` and its picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.process.blocks import (
    Alongside,
    Attending,
    AwaitSession,
    Block,
    Chance,
    Choice,
    Condition,
    Delay,
    Exit,
    ExpectedWaitWithin,
    Mark,
    Parallel,
    Present,
    Seconds,
    Sequence,
    Serve,
    Suspend,
    Visit,
    Within,
    WorkingDays,
    children,
)


@dataclass(frozen=True)
class Line:
    """One line of an outline.

    Parameters
    ----------
    depth
        Indentation.
    kind
        Kind of block in lower case, or ``branch``.
    label
        Activity, place, milestone, outcome or condition.
    values
        Numbers that belong to the label: ``mean_min`` or ``mean_wd``, ``limit_wd``,
        ``limit_min``, ``probability``, ``times``.
    skill
        Skill of the server for work; for a session, and the condition on one, its name.
    phase
        Phase in which the time counts.
    origin
        Rule and scenario path that made the step.
    """

    depth: int
    kind: str
    label: str
    values: dict[str, float]
    skill: str = ""
    phase: str = ""
    origin: str = ""


def outline(  # noqa: C901, PLR0912  (one case per block)
    block: Block, depth: int = 0, above: tuple[str, ...] = ()
) -> Iterator[Line]:
    """Yield the lines of a route in order.

    Attempts are unrolled in a route; here a step that comes again inside its own attempt is
    one line, which says how many more times it can come.

    Parameters
    ----------
    block
        Route, or a part of one.
    depth
        Indentation of its first line.
    above
        Activities of the attempts that the block lies in.

    Yields
    ------
    Line
        One line for each step, branch, scope, visit, milestone and outcome.
    """
    label = getattr(block, "activity", "")
    if label and label in above and isinstance(block, Serve | Choice):
        yield Line(depth, "again", label, {"times": float(_deepest(block, label))})
        return
    within = (*above, label)
    match block:
        case Sequence(blocks):
            for child in blocks:
                yield from outline(child, depth, above)
        case Choice():
            yield Line(depth, "choice", block.activity, {}, origin=block.origin)
            for condition, child in block.branches:
                if isinstance(condition, Chance) and condition.probability == 0:
                    continue
                yield _branch(condition, depth + 1)
                yield from outline(child, depth + 2, within)
        case Serve():
            yield _step(block, depth)
            if block.on_left is not None:
                yield Line(depth + 1, "branch", "left", {})
                yield from outline(block.on_left, depth + 2, within)
        case Parallel():
            yield Line(depth, "parallel", block.activity, {}, origin=block.origin)
            for child in block.branches:
                yield Line(depth + 1, "branch", "at the same time", {})
                yield from outline(child, depth + 2, above)
        case Alongside():
            yield Line(depth, "alongside", block.activity, {}, origin=block.origin)
            yield Line(depth + 1, "branch", "meanwhile", {})
            yield from _once(list(outline(block.beside, depth + 2, within)))
            yield from outline(block.child, depth, above)
        case Within() | Suspend():
            yield _scope(block, depth)
            yield from outline(block.child, depth + 1, above)
        case Delay() | AwaitSession():
            yield _step(block, depth)
        case Visit():
            yield Line(depth, "visit", block.place, {}, origin=block.origin)
        case Mark():
            yield Line(depth, "mark", block.milestone, {})
        case Exit():
            yield Line(depth, "exit", block.outcome, {}, origin=block.origin)


def _once(lines: list[Line]) -> Iterator[Line]:
    """Yield lines until one is repeated, then a line that says how often."""
    labels = [(line.kind, line.label) for line in lines]
    first = next((at for at in range(len(lines)) if labels[at] in labels[:at]), len(lines))
    yield from lines[:first]
    if first < len(lines):
        times = labels.count(labels[first - 1]) - 1
        last = lines[first - 1]
        yield Line(last.depth, "again", last.label, {"times": float(times)})


def _deepest(block: Block, label: str) -> int:
    """Return how many steps of this name lie one inside the other."""
    below = max((_deepest(child, label) for child in children(block)), default=0)
    return below + (getattr(block, "activity", "") == label)


def _step(block: Serve | Delay | AwaitSession, depth: int) -> Line:
    if isinstance(block, AwaitSession):
        return Line(depth, "session", block.activity, {}, block.session, block.phase, block.origin)
    if isinstance(block, Delay) and block.until_open:
        return Line(depth, "opening", block.activity, {}, "", block.phase, block.origin)
    kind, skill = ("serve", block.skill) if isinstance(block, Serve) else ("delay", "")
    length = block.duration.distribution
    if isinstance(length, WorkingDays):
        values = {"mean_wd": length.mean_wd}
    else:
        values = {"mean_min": length.mean_s / 60 if isinstance(length, Seconds) else 0.0}
    return Line(depth, kind, block.activity, values, skill, block.phase, block.origin)


def _scope(block: Within | Suspend, depth: int) -> Line:
    if isinstance(block, Suspend):
        return Line(depth, "suspend", "clock stopped", {}, origin=block.origin)
    return Line(depth, "within", block.activity, {"limit_wd": block.limit_wd}, origin=block.origin)


def _branch(condition: Condition | None, depth: int) -> Line:
    match condition:
        case Chance(_, probability):
            return Line(depth, "branch", "chance", {"probability": probability})
        case Present(skill):
            return Line(depth, "branch", "present", {}, skill)
        case Attending(session):
            return Line(depth, "branch", "attending", {}, session)
        case ExpectedWaitWithin(skill, _, limit_s, _):
            return Line(depth, "branch", "expected", {"limit_min": limit_s / 60}, skill)
        case None:
            return Line(depth, "branch", "otherwise", {})
