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
from sim.measure.indicators import Ledger
from sim.process.blocks import AwaitSession, Block, Delay, Exit, Serve, Visit
from sim.process.network import ProcessNetwork
from sim.scenario.yaml_lines import own_yaml

Ints = npt.NDArray[np.int64]

KINDS = {Serve: "serve", Delay: "delay", AwaitSession: "session", Visit: "visit", Exit: "exit"}
"""The blocks that are steps; others only order them."""
STATUSES = tuple(status.name.lower() for status in Status)
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
    """What each block of a network is called.

    Parameters
    ----------
    first
        Place of each route's first block, shape (routes,).
    is_step
        Whether a block is a step, shape (blocks,).
    codes, names
        By label, the number of each block's name, shape (blocks,), and the names.
    """

    first: Ints
    is_step: npt.NDArray[np.bool_]
    codes: Mapping[str, npt.NDArray[np.int32]]
    names: Mapping[str, list[str | None]]


def _labels(network: ProcessNetwork) -> _Labels:
    blocks = [node.block for route in network.routes for node in route.nodes]
    told = [_told(block) for block in blocks]
    codes, names = {}, {}
    for place, label in enumerate(_LABELS):
        known = dict.fromkeys([None, *(one[place] for one in told)])
        number = {name: at for at, name in enumerate(known)}
        codes[label] = np.array([number[one[place]] for one in told], np.int32)
        names[label] = list(known)
    first = np.cumsum([0, *(len(route.nodes) for route in network.routes)])[:-1]
    return _Labels(first, np.array([one[0] is not None for one in told], bool), codes, names)


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


def event_table(
    ledger: Ledger, log: Log, departments: Mapping[str, str], start: dt.date, replication: int = 0
) -> pa.Table:
    """Return the steps of one replication, case by case in the order in which they were reached.

    `log_columns` says what the columns mean; `scenario` is added by whoever joins several.

    Parameters
    ----------
    ledger, log
        The books of the replication and its log.
    departments
        Department of each item.
    start
        First day of the scenario, from which its seconds count.
    replication
        Its number.
    """
    network, who = ledger.network, ledger.table.arrivals
    labels = _labels(network)
    block = labels.first[who.route[log.case]] + log.block
    rows = np.flatnonzero(labels.is_step[block])
    rows = rows[np.lexsort((log.block[rows], log.enabled_s[rows], log.case[rows]))]
    case, block = log.case[rows], block[rows]
    items = [route.item for route in network.routes]
    route = who.route[case]
    columns = {
        "replication": pa.array(np.full(len(rows), replication, np.int64)),
        "case": pa.array(case),
        "item": _named(route, items),
        "layer": pa.array(who.layer[case]),
        "number": pa.array(who.number[case]),
        "department": _named(route, [departments[item] for item in items]),
        **{name: _named(labels.codes[name][block], labels.names[name]) for name in _LABELS},
        **_times(log, rows, np.datetime64(start, "s")),
        "resource": _resources(network, log.detail[rows], labels, block),
        "status": _named(log.status[rows], STATUSES),
    }
    order = [name for name in log_columns() if name in columns]
    return pa.table({name: columns[name] for name in order})


def _times(log: Log, rows: npt.NDArray[np.intp], origin: np.datetime64) -> dict[str, pa.Array]:
    enabled_s, start_s, end_s = log.enabled_s[rows], log.start_s[rows], log.end_s[rows]
    is_open = log.status[rows] == Status.OPEN
    begun = ~(is_open & (start_s >= end_s)) & (start_s <= end_s)

    def moment(seconds: Ints, known: npt.NDArray[np.bool_]) -> pa.Array:
        at = origin + seconds.astype("timedelta64[s]")
        return pa.array(at, mask=~known)

    everything = np.ones(len(rows), np.bool_)
    return {
        "enabled": moment(enabled_s, everything),
        "start": moment(start_s, begun),
        "end": moment(end_s, ~is_open),
    }


def _resources(
    network: ProcessNetwork, detail: Ints, labels: _Labels, block: Ints
) -> pa.DictionaryArray:
    """Return who worked: the group of a row that was served, else what its block names."""
    sessions = labels.names["resource"]
    groups = [group.name for group in network.groups]
    serves = labels.codes["kind"][block] == labels.names["kind"].index("serve")
    served = serves & (detail >= 0)
    codes = np.where(served, len(sessions) + detail, labels.codes["resource"][block])
    return _named(codes, [*sessions, *groups])


def _named(codes: npt.NDArray[np.integer], names: Sequence[str | None]) -> pa.DictionaryArray:
    """Return names by number; the same name may stand at several numbers, none at some."""
    known = {name: place for place, name in enumerate(dict.fromkeys(n for n in names if n))}
    place = np.array([known.get(name or "", -1) for name in names], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(
        pa.array(place, mask=place < 0), pa.array(list(known), pa.string())
    )
