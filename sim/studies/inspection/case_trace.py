"""The dated story of one applicant: what happened to whom, when, and where."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.log import Log, Status
from sim.engine.play import play
from sim.measure.event_log import AGAIN
from sim.process.blocks import Alongside, AwaitSession, Block, Delay, Exit, Mark, Serve, Visit
from sim.process.network import ProcessNetwork
from sim.running.replication import Prepared


@dataclass(frozen=True)
class Event:
    """One line of a story.

    Parameters
    ----------
    begin, start, end
        When it was reached, when work began, when it ended.
    kind
        Kind of block in lower case.
    label
        Activity, place, milestone or outcome.
    who
        Group that worked, if any.
    status
        How it ended.
    """

    begin: dt.datetime
    start: dt.datetime
    end: dt.datetime
    kind: str
    label: str
    who: str
    status: Status


class NoSuchApplicantError(LookupError):
    """The item has no applicant of that number in this history; `numbers` are those it has."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


def story(
    prepared: Prepared, item: str, number: int, seed: int, replication: int = 0
) -> list[Event]:
    """Return what happens to the number-th applicant of an item, counted from 0.

    Raises
    ------
    NoSuchApplicantError
        If fewer came; where less comes than the base demand, numbers are missing in between.
    """
    network = prepared.network
    chance = history(network, Seed(seed, replication))
    who = chance.arrivals
    names = np.array([one.item for one in network.routes])
    of_item = np.flatnonzero((names[who.route] == item) & (who.layer == 0))
    found = of_item[who.number[of_item] == number]
    if not len(found):
        raise NoSuchApplicantError(sorted(who.number[of_item].tolist()))
    case = int(found[0])
    route = int(who.route[case])
    books = prepared.facts
    played = play(network, prepared.packed, chance, books.follow_up_wd, books.census_s, log=True)
    log = cast("Log", played.log)
    start = dt.datetime.combine(prepared.scenario.settings.horizon.start, dt.time())
    nodes = network.routes[route].nodes

    def at(second: int) -> dt.datetime:
        return start + dt.timedelta(seconds=second)

    beside = {
        number
        for node in nodes
        if isinstance(node.block, Alongside)
        for number in range(node.children[0].id, node.children[0].end)
    }
    events: list[Event] = []
    for row in np.flatnonzero(log.case == case):
        block = nodes[log.block[row]].block
        if isinstance(block, Delay) and log.block[row] in beside:
            continue  # nothing happens until the applicant asks
        events += _coming_again(block, log, int(row), network, at)
        label = _label(block)
        took = log.end_s[row] > log.enabled_s[row]
        if label and (took or not getattr(block, "until_open", False)):
            desk = int(log.detail[row]) if isinstance(block, Serve) else -1
            events.append(
                Event(
                    at(int(log.enabled_s[row])),
                    at(int(log.start_s[row])),
                    at(int(log.end_s[row])),
                    type(block).__name__.lower(),
                    label,
                    network.groups[desk].name if desk >= 0 else "",
                    Status(int(log.status[row])),
                )
            )
    return sorted(events, key=lambda event: event.begin)


def _coming_again(
    block: Block, log: Log, row: int, network: ProcessNetwork, at: Callable[[int], dt.datetime]
) -> Iterator[Event]:
    """Yield a visit for every day that opens while the applicant is not finished."""
    name = getattr(block, "present_on", "")
    if name:
        begin, end = int(log.enabled_s[row]), int(log.end_s[row])
        for opening in network.calendars[name].day_opens:
            if begin < opening <= end:
                when = at(opening)
                yield Event(when, when, when, "visit", AGAIN, "", Status.DONE)


def _label(block: object) -> str:
    match block:
        case Serve() | Delay() | AwaitSession():
            return block.activity
        case Visit():
            return block.place
        case Mark():
            return block.milestone
        case Exit():
            return block.outcome
    return ""
