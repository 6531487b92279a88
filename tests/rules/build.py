"""A small hall, applicants placed at dated times, and the dated story of each.

Everything takes the same time for everybody, papers are complete, leaders are always in and
nobody is recalled, unless a test says otherwise.  All four departments work 08:30-12:00 and
14:30-17:30, 6.5 hours a day, so that one working day of office time later is the same clock
time on the next working day.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.chance.attendance import Moments, group_capacities, moments
from sim.chance.demand import Arrivals
from sim.chance.draws import Draws, Seed
from sim.chance.history import History
from sim.chance.philox import word
from sim.engine import compiled, reference
from sim.engine.cases import CaseTable, case_table
from sim.engine.log import Log, Status
from sim.engine.packed import packed
from sim.engine.play import tally_of
from sim.measure.hall_facts import HallFacts, hall_facts
from sim.measure.indicators import measure
from sim.measure.observations import Observations
from sim.process.blocks import (
    AwaitSession,
    Block,
    Delay,
    Exit,
    Mark,
    Serve,
    Visit,
    Within,
)
from sim.process.clock import WD_TICKS
from sim.process.network import ProcessNetwork
from sim.rules.hall import Hall
from sim.rules.journey import hall_of, network_of
from sim.scenario.load import load
from sim.scenario.model import Scenario
from tests.engine import plain

START = dt.datetime.fromisoformat("2008-07-01")
"""A Tuesday."""

SCENARIO = """\
title: {en: Small hall, zh: 小厅}
horizon: {start: 2008-07-01, census: 2008-10-31, follow_up_wd: 20}
tables: {departments: departments.csv, items: items.csv}
demand: {busyness_cv: 0, hall_first_share: 0}
hall:
  patience_min: {mean: 600, family: fixed}
  decision_patience_min: null
  collection_patience_min: null
  come_again_min: {mean: 0, family: fixed}
  status_enquiries_per_open_wd: 0
service:
  accept_min: {mean: 10, family: fixed}
  decide_min: {mean: 20, family: fixed}
  review_min: {mean: 15, family: fixed}
  forward_min: {mean: 5, family: fixed}
  collect_min: {mean: 5, family: fixed}
  certificate_min: {mean: 6, family: fixed}
  pay_min: {mean: 4, family: fixed}
  reception_min: {mean: 15, family: fixed}
  enquire_min: {mean: 5, family: fixed}
  review_share: 0
papers:
  incomplete_rate: 0
  notice_gap_rate: 0
  make_up_wd: {mean: 2, family: fixed}
  returned_rate: 0
offices:
  inbox_wd: {mean: 1, family: fixed}
  section_work_min: {mean: 20, family: fixed}
  hall_share: 0.5 # so that 20 minutes of work take 40
  slow_factor: 2
  leader_attendance: 1
  leave_file_share: 0
  errand_wd: 2
  errand_attempts: 3
courier: {departures: ["11:00", "16:00"], trip_min: 30}
joint:
  helper_limit_wd: 10
  consolidate_min: {mean: 30, family: fixed}
stuck: {at: nowhere, release_probability: 1}
suspension:
  share: 0
  duration_wd: {mean: 5, family: fixed}
  site_visit_wd: {mean: 3, family: fixed}
  expert_review_wd: {mean: 8, family: fixed}
  hearing_wd: {mean: 15, family: fixed}
higher_level: {delay_wd: {mean: 10, family: fixed}}
collection:
  notified_wd: {mean: 1, family: fixed}
  postal_wd: {mean: 3, family: fixed}
complaints: {base: 0, per_overdue_wd: 0, per_extra_visit: 0}
policy: {recall_rate: 0, work_speed: 1}
"""

DEPARTMENTS = """\
id,entered,slow,window_staff,qualified,window_staff_full,decision_staff,sections,officers_per_section,leaders,certificate_at_window
land,yes,no,2,1,3,1,2,3,2,no
health,yes,no,1,0,1,0,1,2,1,no
fire,yes,no,1,1,1,0,1,1,1,no
police,no,no,0,0,1,0,2,2,2,no
"""

ITEMS = """\
id,department,entered,authority,one_sitting,delegable,authority_rank,entry_rank,sections,signatures,promised_wd,statutory_wd,cases_per_wd,joint,helpers,inspection,report_up,certificate,made_outside,fee_yuan,payments
permit,land,yes,none,no,yes,1,1,2,2,15,45,2,none,,none,no,no,no,0,0
deed,land,yes,none,yes,yes,2,2,1,1,5,20,1,none,,none,no,no,no,0,0
clinic,health,yes,none,no,yes,3,3,1,1,10,20,1,none,,none,no,no,no,0,0
seal,police,no,none,no,yes,4,4,2,2,10,20,1,none,,none,no,no,no,0,0
"""

Rows = Mapping[str, Mapping[str, object]]
"""Changed cells by row id; a row that the table has not is added."""


class Event(NamedTuple):
    """One thing that happened to a case, with local times such as 2008-07-01 09:10."""

    what: str
    start: str
    end: str
    who: str = ""


class Story(list[Event]):
    """What happened to one case, in order."""

    due: str | None = None
    """When the promised limit runs out; None while the clock stands still."""
    outcome: str = "open"

    @property
    def names(self) -> list[str]:
        return [event.what for event in self]

    @property
    def visits(self) -> list[tuple[str, str]]:
        """Each place the applicant went to, and when."""
        return [
            (event.what.removeprefix("visit "), event.start)
            for event in self
            if event.what.startswith("visit ")
        ]

    def of(self, what: str, occurrence: int = 0) -> Event:
        found = [event for event in self if event.what == what]
        assert len(found) > occurrence, f"{what!r} is not in {self.names}"
        return found[occurrence]

    def span(self, what: str, occurrence: int = 0) -> tuple[str, str]:
        """Return start and end of something that happened."""
        event = self.of(what, occurrence)
        return event.start, event.end

    def at(self, what: str) -> str:
        """Return when a milestone was reached, or something ended."""
        return self.of(what).end

    def between(self, first: str, last: str) -> list[Event]:
        """Return what happened from one event to another, both included."""
        return list(self[self.names.index(first) : self.names.index(last) + 1])


def local(second: int) -> str:
    """Write a second of the simulation as a local time."""
    time = START + dt.timedelta(seconds=second)
    return f"{time:%Y-%m-%d %H:%M}" + (f":{time:%S}" if time.second else "")


def second(when: str) -> int:
    """Read a local time as a second of the simulation."""
    return int((dt.datetime.fromisoformat(when) - START).total_seconds())


@dataclass(frozen=True)
class Run:
    """What happened in a small hall."""

    scenario: Scenario
    network: ProcessNetwork
    history: History
    log: Log
    facts: HallFacts

    @cached_property
    def table(self) -> CaseTable:
        who, what = self.history.arrivals, packed(self.network)
        arrived = self.network.working_days.tick_many(who.time_s)
        until_tick = arrived + self.facts.follow_up_wd * WD_TICKS
        tally = tally_of(what, self.log, who.route, until_tick, self.facts.census_s)
        return case_table(self.network, what, who, tally, len(self.log))

    @cached_property
    def observations(self) -> Observations:
        return Observations(self.network, self.table, self.history, self.facts)

    @cached_property
    def figures(self) -> dict[str, float]:
        return measure(self.observations)

    def story(self, case: int = 0) -> Story:
        """Tell the story of the applicant of that place in the list of applicants."""
        told = Story()
        nodes = self.network.routes[int(self.history.arrivals.route[case])].nodes
        for row in np.flatnonzero(self.log.case == case):
            block = nodes[int(self.log.block[row])].block
            if isinstance(block, Within) and not block.expires:
                due = int(self.log.detail[row])
                told.due = None if due < 0 else local(due)
            if isinstance(block, Exit):
                told.outcome = block.outcome
            name = _name(block)
            took = self.log.end_s[row] > self.log.enabled_s[row]
            if name and (took or not getattr(block, "until_open", False)):
                told.append(self._event(int(row), block, name))
        return told

    def stories(self) -> list[Story]:
        return [self.story(case) for case in range(len(self.history.arrivals.time_s))]

    def _event(self, row: int, block: Block, name: str) -> Event:
        log = self.log
        status = Status(int(log.status[row]))
        start, end = int(log.start_s[row]), int(log.end_s[row])
        who = ""
        if isinstance(block, Serve) and log.detail[row] >= 0:
            who = self.network.groups[int(log.detail[row])].name
        if status is not Status.DONE:
            name = f"{name} ({status.name.lower()})"
            start = int(log.enabled_s[row])
        return Event(name, local(start), local(end), who)


def _name(block: Block) -> str:
    match block:
        case Serve() | Delay() | AwaitSession():
            return block.activity
        case Visit():
            return f"visit {block.place}"
        case Mark():
            return block.milestone
        case Exit():
            return block.outcome
    return ""


@dataclass(frozen=True)
class SmallHall:
    """A loaded small hall."""

    scenario: Scenario

    @cached_property
    def network(self) -> ProcessNetwork:
        return network_of(self.scenario)

    @cached_property
    def rules(self) -> Hall:
        return hall_of(self.scenario)

    @property
    def people(self) -> dict[str, tuple[str, ...]]:
        """The people of each group, by name of the group."""
        return {group.name: group.people for group in self.network.groups}

    def run(
        self,
        *applicants: tuple[str, str],
        away: Mapping[str, Sequence[str]] | None = None,
        luck: Mapping[tuple[str, int], float] | None = None,
        seed: int = 1,
    ) -> Run:
        """Let applicants come, in order of time, each an item and a local time.

        Parameters
        ----------
        away
            Openings of half-days on which a person of the hall, or a leader, is not there.
        luck
            Uniform numbers behind a purpose and its occurrence, for all applicants.
        """
        network = self.network
        who = self._arrivals(applicants)
        words = np.array([word(route.item) for route in network.routes], np.uint64)
        key = Seed(seed, 0)
        draws = Draws(key, words[who.route], who.layer, who.number)
        for name, uniform in (luck or {}).items():
            draws._uniforms[name] = np.full(len(applicants), uniform)
        gone = {name: {second(when) for when in times} for name, times in (away or {}).items()}
        calendars = network.calendars
        present = tuple(
            np.array(
                [
                    number - sum(opening in gone.get(person, ()) for person in group.people)
                    for number, opening in zip(
                        group_capacities(
                            group, calendars[group.calendar], network.working_days, key
                        ),
                        calendars[group.calendar].opens,
                        strict=True,
                    )
                ],
                np.int64,
            )
            for group in network.groups
        )
        held = {
            name: _without(moments(session, network, key), gone.get(name, set()))
            for name, session in network.sessions.items()
        }
        past = History(who, draws, present, held)
        log = _on_every_engine(network, past, given=bool(luck))
        return Run(self.scenario, network, past, log, hall_facts(self.scenario, network))

    def _arrivals(self, applicants: Sequence[tuple[str, str]]) -> Arrivals:
        names = [route.item for route in self.network.routes]
        routes = [names.index(item) for item, _ in applicants]
        numbers = [routes[:place].count(route) for place, route in enumerate(routes)]
        times = [second(when) for _, when in applicants]
        order = sorted(zip(times, routes, numbers, strict=True))
        assert order == list(zip(times, routes, numbers, strict=True)), "not in order of arrival"
        columns = (
            np.array(column, np.int64) for column in (times, routes, [0] * len(times), numbers)
        )
        return Arrivals(*columns)


def _on_every_engine(network: ProcessNetwork, past: History, *, given: bool) -> Log:
    """Return the log, which is the same on both engines and on the plain one.

    The compiled engine draws for itself: it cannot be given any luck.
    """
    log = reference.simulate(network, past)
    for engine in (plain,) if given else (compiled, plain):
        assert engine.simulate(network, past).rows() == log.rows()
    return log


def _without(held: Moments, gone: set[int]) -> Moments:
    if not len(held.attended_s):
        return held
    kept = ~np.isin(held.attended_s, list(gone))
    return Moments(held.times_s[kept], held.attended_s[kept])


def build(
    folder: Path,
    items: Rows | None = None,
    departments: Rows | None = None,
    **values: object,
) -> SmallHall:
    """Write and load a small hall that differs from the base in these cells and values."""
    (folder / "hall.yaml").write_text(SCENARIO, encoding="utf-8")
    for name, text, changes in (
        ("departments", DEPARTMENTS, departments or {}),
        ("items", ITEMS, items or {}),
    ):
        (folder / f"{name}.csv").write_text(_table(text, changes), encoding="utf-8")
    set_values = [f"{path}={json.dumps(value)}" for path, value in values.items()]
    return SmallHall(load(f"{folder}/hall.yaml", set_values))


def _table(text: str, changes: Rows) -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    header = [*rows[0], "name_en", "name_zh"]
    known = {row["id"]: row for row in rows}
    for name, cells in changes.items():
        row = known.setdefault(name, {"id": name})
        row.update({column: _cell(value) for column, value in cells.items()})
    out = io.StringIO()
    writer = csv.DictWriter(out, header, lineterminator="\n")
    writer.writeheader()
    for name, row in known.items():
        writer.writerow(row | {"name_en": name, "name_zh": name})
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


MakeHall = Callable[..., SmallHall]
