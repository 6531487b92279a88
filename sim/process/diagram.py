"""The outline of a route: one line per step, for `hall explain` and its picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.process.blocks import (
    Attending,
    AwaitSession,
    Chance,
    Choice,
    Condition,
    Delay,
    Exit,
    ExpectedWaitWithin,
    Mark,
    Parallel,
    Present,
    Sequence,
    Serve,
    Suspend,
    Visit,
    Within,
)
from sim.process.network import Node


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
        Numbers that belong to the label: ``mean_min``, ``limit_wd``, ``probability`` …
    skill
        Who does it, for work.
    phase
        Where the time counts.
    origin
        Rule and scenario path.
    """

    depth: int
    kind: str
    label: str
    values: dict[str, float]
    skill: str = ""
    phase: str = ""
    origin: str = ""


def outline(node: Node, depth: int = 0) -> Iterator[Line]:
    """Yield the lines of a route in order."""
    block = node.block
    match block:
        case Sequence():
            for child in node.children:
                yield from outline(child, depth)
        case Serve():
            values = {"mean_min": _mean_s(block) / 60}
            yield Line(
                depth, "serve", block.activity, values, block.skill, block.phase, block.origin
            )
            for child in node.children:
                yield Line(depth + 1, "branch", "left", {})
                yield from outline(child, depth + 2)
        case Delay():
            values = {"mean_wd": _mean_s(block) / 23_400}
            if block.calendar == "always":
                values = {"mean_min": _mean_s(block) / 60}
            yield Line(depth, "delay", block.activity, values, "", block.phase, block.origin)
        case AwaitSession():
            yield Line(
                depth, "session", block.activity, {}, block.session, block.phase, block.origin
            )
        case Choice():
            yield Line(depth, "choice", block.activity, {}, origin=block.origin)
            for (condition, _), child in zip(block.branches, node.children, strict=True):
                yield _branch(condition, depth + 1)
                yield from outline(child, depth + 2)
        case Parallel():
            yield Line(depth, "parallel", block.activity, {}, origin=block.origin)
            for child in node.children:
                yield Line(depth + 1, "branch", "at the same time", {})
                yield from outline(child, depth + 2)
        case Within():
            values = {"limit_wd": block.limit_wd}
            yield Line(depth, "within", block.activity, values, origin=block.origin)
            yield from outline(node.children[0], depth + 1)
        case Suspend():
            yield Line(depth, "suspend", "clock stopped", {}, origin=block.origin)
            yield from outline(node.children[0], depth + 1)
        case Visit():
            yield Line(depth, "visit", block.place, {}, origin=block.origin)
        case Mark():
            yield Line(depth, "mark", block.milestone, {})
        case Exit():
            yield Line(depth, "exit", block.outcome, {}, origin=block.origin)


def _mean_s(block: Serve | Delay) -> float:
    return float(getattr(block.duration.distribution, "mean_s", 0.0))


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
