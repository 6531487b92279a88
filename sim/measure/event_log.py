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
from sim.measure.observations import Observations
from sim.own_yaml import own_yaml
from sim.process.blocks import Alongside, AwaitSession, Block, Delay, Exit, Serve, Visit
from sim.process.network import ProcessNetwork

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AGAIN = "the office again"
"""Activity of the visits of an applicant who was not finished when the office closed."""
KINDS = {Serve: "serve", Delay: "delay", AwaitSession: "session", Visit: "visit", Exit: "exit"}
"""The blocks that are steps, with the names of their kinds; other blocks only order steps."""
STATUSES = tuple(status.name.lower() for status in Status)
_OF_RETURN_VISITS = {"kind": (KINDS[Visit],), "activity": (AGAIN,)}
_LABELS = ("kind", "activity", "resource", "phase", "wait_phase")


@cache
def log_columns() -> dict[str, CaseColumn]:
    """Return every column of ``log.parquet`` in order, with what it means.

    Returns
    -------
    dict
        From the name of a column to its unit and meaning.
    """
    text = files("sim.measure").joinpath("log_columns.yaml").read_text(encoding="utf-8")
    written: dict[str, dict[str, str]] = own_yaml(text)
    return {
        name: CaseColumn(fields["unit"], {language: fields[language] for language in ("en", "zh")})
        for name, fields in written.items()
    }


class _Labels(NamedTuple):
    """Labels of the blocks of a network; arrays of shape (blocks,), over all routes.

    Parameters
    ----------
    first
        Place of each route's first block, shape (routes,).
    is_step
        Whether it is a step.
    only_if_it_takes
        Whether it is a step only if time passes in it.
    office
        Index into `calendars` of the calendar at whose openings the applicant comes again; 0 if
        there is none.
    codes, names
        For each label of `_LABELS`, the index of each block's name, and the names.
    calendars
        Names of the calendars of `office`; the first one is empty.
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
    labelled = [_labels_of(node.block) for node in nodes]
    codes, names = {}, {}
    for place, label in enumerate(_LABELS):
        known = dict.fromkeys(
            [None, *_OF_RETURN_VISITS.get(label, ()), *(texts[place] for texts in labelled)]
        )
        number = {name: at for at, name in enumerate(known)}
        codes[label] = np.array([number[texts[place]] for texts in labelled], np.int32)
        names[label] = list(known)
    offices = [getattr(node.block, "present_on", "") for node in nodes]
    calendars = list(dict.fromkeys(["", *offices]))
    first = np.cumsum([0, *(len(route.nodes) for route in network.routes)])[:-1]
    return _Labels(
        first=first,
        is_step=np.array([kind is not None for kind, *_ in labelled]) & ~_beside(network),
        only_if_it_takes=np.array([getattr(node.block, "until_open", False) for node in nodes]),
        office=np.array([calendars.index(name) for name in offices], np.int64),
        codes=codes,
        names=names,
        calendars=calendars,
    )


def _beside(network: ProcessNetwork) -> Flags:
    """Say which blocks are delays beside a case: nothing happens until the applicant asks."""
    is_beside = []
    for route in network.routes:
        inside = {
            number
            for node in route.nodes
            if isinstance(node.block, Alongside)
            for number in range(node.children[0].id, node.children[0].end)
        }
        is_beside += [isinstance(node.block, Delay) and node.id in inside for node in route.nodes]
    return np.array(is_beside, np.bool_)


def _labels_of(block: Block) -> tuple[str | None, ...]:
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
    """Rows of the table before they have names; arrays of shape (rows,).

    Columns of the log, with the place of the block over all routes, and whether the row is a
    return visit.
    """

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

    `log_columns` says what the columns mean; the column `scenario` is added where the tables of
    several scenarios are joined.

    Parameters
    ----------
    observations, log
        Observations of the replication, and its event log.
    departments
        Department of each item, by the id of the item.
    start
        First day of the scenario, from whose midnight its seconds count.
    replication
        Number of the replication, from 0.

    Returns
    -------
    pyarrow.Table
        One row for each step; columns in the order of `log_columns`, without `scenario`.
    """
    network, applicants = observations.network, observations.table.arrivals
    labels = _labels(network)
    rows = _rows(network, log, applicants.route, labels)
    items = [route.item for route in network.routes]
    route = applicants.route[rows.case]
    again = {name: labels.names[name].index(texts[0]) for name, texts in _OF_RETURN_VISITS.items()}
    codes = {
        name: np.where(rows.again, again.get(name, 0), labels.codes[name][rows.block])
        for name in _LABELS
    }
    columns = {
        "replication": pa.array(np.full(len(rows.case), replication, np.int64)),
        "case": pa.array(rows.case),
        "item": _named(route, items),
        "layer": pa.array(applicants.layer[rows.case]),
        "number": pa.array(applicants.number[rows.case]),
        "department": _named(route, [departments[item] for item in items]),
        **{name: _named(codes[name], labels.names[name]) for name in _LABELS},
        **_times(rows, np.datetime64(start, "s"), _served(rows, labels)),
        "resource": _resources(network, rows, labels),
        "status": _named(rows.status, STATUSES),
    }
    order = [name for name in log_columns() if name in columns]
    return pa.table({name: columns[name] for name in order})


def _rows(network: ProcessNetwork, log: Log, routes: Ints, labels: _Labels) -> _Rows:
    """Return the steps, and a return visit for every opening at which an applicant comes again."""
    block = labels.first[routes[log.case]] + log.block
    steps = labels.is_step[block]
    steps &= ~(labels.only_if_it_takes[block] & (log.end_s == log.enabled_s))
    kept = np.flatnonzero(steps)
    rows, times = _return_visits(network, log, block, labels)
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


def _return_visits(
    network: ProcessNetwork, log: Log, block: Ints, labels: _Labels
) -> tuple[npt.NDArray[np.intp], Ints]:
    """Return the return visits: the rows of the log that they belong to, and their times.

    There is one for every opening of the row's office after the row was reached and by its end.
    """
    visits, times = [np.zeros(0, np.intp)], [np.zeros(0, np.int64)]
    for number, name in enumerate(labels.calendars):
        rows = np.flatnonzero(labels.office[block] == number) if number else np.zeros(0, np.intp)
        if not len(rows):
            continue
        opens = np.array(network.calendars[name].day_opens)
        first = np.searchsorted(opens, log.enabled_s[rows], side="right")
        counts = np.maximum(np.searchsorted(opens, log.end_s[rows], side="right") - first, 0)
        before = np.cumsum(counts) - counts
        place = np.arange(counts.sum()) - np.repeat(before, counts) + np.repeat(first, counts)
        visits.append(np.repeat(rows, counts))
        times.append(opens[place])
    return np.concatenate(visits), np.concatenate(times)


def _served(rows: _Rows, labels: _Labels) -> npt.NDArray[np.int8]:
    """Return 1 where somebody worked, 0 where nobody did, -1 for steps that need nobody."""
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
    """Return the resource of each row: the group that served, else the session of its block."""
    sessions = labels.names["resource"]
    groups = [group.name for group in network.groups]
    served = _served(rows, labels) == 1
    codes = np.where(served, len(sessions) + rows.detail, labels.codes["resource"][rows.block])
    return _named(np.where(rows.again, 0, codes), [*sessions, *groups])


def _named(codes: npt.NDArray[np.integer], names: Sequence[str | None]) -> pa.DictionaryArray:
    """Return names by number; several numbers may have the same name, and some none."""
    known = {name: place for place, name in enumerate(dict.fromkeys(n for n in names if n))}
    place = np.array([known.get(name or "", -1) for name in names], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(
        pa.array(place, mask=place < 0), pa.array(list(known), pa.string())
    )
