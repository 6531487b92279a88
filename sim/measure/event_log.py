"""The event log as a table: one row for each step of a case, with names and dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sim.engine.log import Log, Status
from sim.measure.frames import CaseColumn
from sim.measure.indicators import Observations
from sim.own_yaml import own_yaml
from sim.process.blocks import Alongside, AwaitSession, Block, Delay, Exit, Serve, Visit
from sim.process.network import ProcessNetwork

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AGAIN = "the office again"
"""Where an applicant goes who was not finished at the close."""
KINDS = {Serve: "serve", Delay: "delay", AwaitSession: "session", Visit: "visit", Exit: "exit"}
"""The blocks that are steps; others only order them."""
STATUSES = tuple(status.name.lower() for status in Status)
_OF_COMING_AGAIN = {"kind": (KINDS[Visit],), "activity": (AGAIN,)}
_LABELS = ("kind", "activity", "resource", "phase", "wait_phase")


@cache
def log_columns() -> dict[str, CaseColumn]:
    """Return every column of ``log.parquet`` in order, with what it means."""
    text = files("sim.measure").joinpath("log_columns.yaml").read_text(encoding="utf-8")
    written: dict[str, dict[str, str]] = own_yaml(text)
    return {
        name: CaseColumn(fields["unit"], {lang: fields[lang] for lang in ("en", "zh")})
        for name, fields in written.items()
    }


class _Labels(NamedTuple):
    """What each block of a network is called; arrays by place of the block, over all routes.

    Parameters
    ----------
    first
        Place of each route's first block, shape (routes,).
    is_step
        Whether it is a step.
    only_if_it_takes
        Whether it is one only if time passes.
    office
        Number of the calendar at whose openings the applicant comes again, from 1; 0 for none.
    codes, names
        By label, the number of each block's name, and the names.
    calendars
        The calendars of `office`.
    """

    first: Ints
    is_step: Flags
    only_if_it_takes: Flags
    office: Ints
    codes: Mapping[str, npt.NDArray[np.int32]]
    names: Mapping[str, list[str | None]]
    calendars: list[str]


def _labels(network: ProcessNetwork) -> _Labels:
    nodes = [node for route in network.routes for node in route.nodes]
    told = [_told(node.block) for node in nodes]
    codes, names = {}, {}
    for place, label in enumerate(_LABELS):
        known = dict.fromkeys([None, *_OF_COMING_AGAIN.get(label, ()), *(t[place] for t in told)])
        number = {name: at for at, name in enumerate(known)}
        codes[label] = np.array([number[one[place]] for one in told], np.int32)
        names[label] = list(known)
    offices = [getattr(node.block, "present_on", "") for node in nodes]
    calendars = list(dict.fromkeys(["", *offices]))
    first = np.cumsum([0, *(len(route.nodes) for route in network.routes)])[:-1]
    return _Labels(
        first=first,
        is_step=np.array([one[0] is not None for one in told]) & ~_beside(network),
        only_if_it_takes=np.array([getattr(node.block, "until_open", False) for node in nodes]),
        office=np.array([calendars.index(name) for name in offices], np.int64),
        codes=codes,
        names=names,
        calendars=calendars,
    )


def _beside(network: ProcessNetwork) -> Flags:
    """Say which blocks are delays beside a case: nothing happens until the applicant asks."""
    found = []
    for route in network.routes:
        inside = {
            number
            for node in route.nodes
            if isinstance(node.block, Alongside)
            for number in range(node.children[0].id, node.children[0].end)
        }
        found += [isinstance(one.block, Delay) and one.id in inside for one in route.nodes]
    return np.array(found, np.bool_)


def _told(block: Block) -> tuple[str | None, ...]:
    """Return kind, activity, resource, phase and waiting phase of a block."""
    kind = KINDS.get(type(block))
    match block:
        case Serve():
            return kind, block.activity, None, block.phase, block.wait_phase
        case Delay():
            return kind, block.activity, None, block.phase, None
        case AwaitSession():
            return kind, block.activity, block.session, block.phase, None
        case Visit():
            return kind, block.place, None, None, None
        case Exit():
            return kind, block.outcome, None, None, None
    return (None,) * len(_LABELS)


class _Rows(NamedTuple):
    """Rows of the table before they have names; arrays of shape (rows,)."""

    case: Ints
    block: Ints
    enabled_s: Ints
    start_s: Ints
    end_s: Ints
    detail: Ints
    status: Ints
    again: Flags


def event_table(
    observations: Observations,
    log: Log,
    departments: Mapping[str, str],
    start: dt.date,
    replication: int = 0,
) -> pa.Table:
    """Return the steps of one replication, case by case in the order in which they were reached.

    `log_columns` says what the columns mean; `scenario` is added by whoever joins several.

    Parameters
    ----------
    observations, log
        What the replication shows, and its log.
    departments
        Department of each item.
    start
        First day of the scenario, from which its seconds count.
    replication
        Its number.
    """
    network, who = observations.network, observations.table.arrivals
    labels = _labels(network)
    rows = _rows(network, log, who.route, labels)
    items = [route.item for route in network.routes]
    route = who.route[rows.case]
    again = {name: labels.names[name].index(of[0]) for name, of in _OF_COMING_AGAIN.items()}
    codes = {
        name: np.where(rows.again, again.get(name, 0), labels.codes[name][rows.block])
        for name in _LABELS
    }
    columns = {
        "replication": pa.array(np.full(len(rows.case), replication, np.int64)),
        "case": pa.array(rows.case),
        "item": _named(route, items),
        "layer": pa.array(who.layer[rows.case]),
        "number": pa.array(who.number[rows.case]),
        "department": _named(route, [departments[item] for item in items]),
        **{name: _named(codes[name], labels.names[name]) for name in _LABELS},
        **_times(rows, np.datetime64(start, "s"), _served(rows, labels)),
        "resource": _resources(network, rows, labels),
        "status": _named(rows.status, STATUSES),
    }
    order = [name for name in log_columns() if name in columns]
    return pa.table({name: columns[name] for name in order})


def _rows(network: ProcessNetwork, log: Log, routes: Ints, labels: _Labels) -> _Rows:
    """Return the steps, and a visit for every opening at which an applicant comes again."""
    block = labels.first[routes[log.case]] + log.block
    steps = labels.is_step[block]
    steps &= ~(labels.only_if_it_takes[block] & (log.end_s == log.enabled_s))
    kept = np.flatnonzero(steps)
    rows, times = _comings_again(network, log, block, labels)
    both = np.concatenate((kept, rows))
    again = np.arange(len(both)) >= len(kept)
    enabled_s, start_s, end_s = (
        np.concatenate((column[kept], times)) for column in (log.enabled_s, log.start_s, log.end_s)
    )
    order = np.lexsort((again, log.block[both], enabled_s, log.case[both]))
    return _Rows(
        case=log.case[both][order],
        block=block[both][order],
        enabled_s=enabled_s[order],
        start_s=start_s[order],
        end_s=end_s[order],
        detail=log.detail[both][order],
        status=np.where(again, Status.DONE, log.status[both])[order],
        again=again[order],
    )


def _comings_again(
    network: ProcessNetwork, log: Log, block: Ints, labels: _Labels
) -> tuple[npt.NDArray[np.intp], Ints]:
    """Return a row of the log for every opening after it was reached, by its end; and when."""
    found, times = [np.zeros(0, np.intp)], [np.zeros(0, np.int64)]
    for number, name in enumerate(labels.calendars):
        rows = np.flatnonzero(labels.office[block] == number) if number else np.zeros(0, np.intp)
        if not len(rows):
            continue
        opens = np.array(network.calendars[name].day_opens)
        first = np.searchsorted(opens, log.enabled_s[rows], side="right")
        many = np.maximum(np.searchsorted(opens, log.end_s[rows], side="right") - first, 0)
        before = np.cumsum(many) - many
        place = np.arange(many.sum()) - np.repeat(before, many) + np.repeat(first, many)
        found.append(np.repeat(rows, many))
        times.append(opens[place])
    return np.concatenate(found), np.concatenate(times)


def _served(rows: _Rows, labels: _Labels) -> npt.NDArray[np.int8]:
    """Return 1 where somebody worked on it, 0 where nobody did, -1 where nobody had to."""
    serves = labels.codes["kind"][rows.block] == labels.names["kind"].index("serve")
    return np.where(serves & ~rows.again, rows.detail >= 0, -1).astype(np.int8)


def _times(rows: _Rows, origin: np.datetime64, served: npt.NDArray[np.int8]) -> dict[str, pa.Array]:
    is_open = rows.status == Status.OPEN

    def moment(seconds: Ints, known: Flags | None = None) -> pa.Array:
        at = origin + seconds.astype("timedelta64[s]")
        return pa.array(at, mask=None if known is None else ~known)

    return {
        "enabled": moment(rows.enabled_s),
        "start": moment(rows.start_s, served != 0),
        "end": moment(rows.end_s, ~is_open),
    }


def _resources(network: ProcessNetwork, rows: _Rows, labels: _Labels) -> pa.DictionaryArray:
    """Return who worked: the group of a row that was served, else what its block names."""
    sessions = labels.names["resource"]
    groups = [group.name for group in network.groups]
    served = _served(rows, labels) == 1
    codes = np.where(served, len(sessions) + rows.detail, labels.codes["resource"][rows.block])
    return _named(np.where(rows.again, 0, codes), [*sessions, *groups])


def _named(codes: npt.NDArray[np.integer], names: Sequence[str | None]) -> pa.DictionaryArray:
    """Return names by number; the same name may stand at several numbers, none at some."""
    known = {name: place for place, name in enumerate(dict.fromkeys(n for n in names if n))}
    place = np.array([known.get(name or "", -1) for name in names], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(
        pa.array(place, mask=place < 0), pa.array(list(known), pa.string())
    )
