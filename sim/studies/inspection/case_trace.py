"""What happens to one applicant: which step, when, and by whom."""

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
    """A step of an applicant.

    Parameters
    ----------
    begin, start, end
        When the applicant reached it, when work began, and when it ended.
    kind
        Kind of block in lower case, such as ``serve``.
    label
        Activity, place, milestone or outcome.
    who
        Name of the group that worked; empty if none.
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
    """The item has no applicant of that number in this replication; `numbers` are those it has.

    Parameters
    ----------
    numbers
        Numbers of the applicants of the item, ascending.
    """

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__(numbers)
        self.numbers = numbers


def trace_case(
    prepared: Prepared, item: str, number: int, seed: int, replication: int = 0
) -> list[Event]:
    """Simulate one replication and return what happens to an applicant of an item.

    Parameters
    ----------
    prepared
        The scenario.
    item
        Id of the item.
    number
        Number of the applicant, counted from 0 over the item's applicants at base demand.
    seed
        Seed of all random numbers.
    replication
        Number of the replication.

    Returns
    -------
    list of Event
        In the order in which they were reached.

    Raises
    ------
    NoSuchApplicantError
        If fewer came; below the base demand, numbers in between are missing too.
    """
    network = prepared.network
    chance = history(network, Seed(seed, replication))
    arrivals = chance.arrivals
    names = np.array([route.item for route in network.routes])
    of_item = np.flatnonzero((names[arrivals.route] == item) & (arrivals.layer == 0))
    cases = of_item[arrivals.number[of_item] == number]
    if not len(cases):
        raise NoSuchApplicantError(sorted(arrivals.number[of_item].tolist()))
    case = int(cases[0])
    facts = prepared.facts
    played = play(network, prepared.packed, chance, facts.follow_up_wd, facts.census_s, log=True)
    log = cast("Log", played.log)
    start = dt.datetime.combine(prepared.scenario.settings.horizon.start, dt.time())
    nodes = network.routes[int(arrivals.route[case])].nodes

    def date_of(second: int) -> dt.datetime:
        return start + dt.timedelta(seconds=second)

    pending = {
        block_id
        for node in nodes
        if isinstance(node.block, Alongside)
        for block_id in range(node.children[0].id, node.children[0].end)
    }
    events: list[Event] = []
    for row in np.flatnonzero(log.case == case):
        block = nodes[log.block[row]].block
        if isinstance(block, Delay) and log.block[row] in pending:
            continue  # nothing happens until the applicant asks
        events += _further_visits(block, log, int(row), network, date_of)
        label = _label(block)
        takes_time = log.end_s[row] > log.enabled_s[row]
        if label and (takes_time or not getattr(block, "until_open", False)):
            group = int(log.detail[row]) if isinstance(block, Serve) else -1
            events.append(
                Event(
                    date_of(int(log.enabled_s[row])),
                    date_of(int(log.start_s[row])),
                    date_of(int(log.end_s[row])),
                    type(block).__name__.lower(),
                    label,
                    network.groups[group].name if group >= 0 else "",
                    Status(int(log.status[row])),
                )
            )
    return sorted(events, key=lambda event: event.begin)


def _further_visits(
    block: Block, log: Log, row: int, network: ProcessNetwork, date_of: Callable[[int], dt.datetime]
) -> Iterator[Event]:
    """Yield a visit for every further day on which the applicant has to be present."""
    name = getattr(block, "present_on", "")
    if name:
        begin, end = int(log.enabled_s[row]), int(log.end_s[row])
        for opening in network.calendars[name].day_opens:
            if begin < opening <= end:
                when = date_of(opening)
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
