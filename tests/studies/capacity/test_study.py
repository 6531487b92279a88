"""Capacity, on networks and halls whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.packed import packed
from sim.engine.play import ENGINES, EngineName, play
from sim.measure.hall_facts import HallFacts
from sim.measure.observations import Observations
from sim.measure.queue_performance import QueuePerformance, queue_performance, requests, stations
from sim.process.blocks import Block, Draw, Exit, Mark, Seconds, Serve, Visit, sequence
from sim.process.clock import Calendar
from sim.process.network import DayProfile, Group, ProcessNetwork, Rhythm, Route, with_people
from sim.running.measurements import QueuePerformanceWith, queue_performance_in
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.model import Scenario
from sim.scenario.schema import Complaints
from sim.studies.capacity import study as module
from sim.studies.capacity.said import answer
from sim.studies.capacity.study import (
    GROWTH,
    SMALLEST,
    Curves,
    capacity,
    limit,
    limit_with_interval,
    search_limit,
)
from tests.scenario.conftest import Hall
from tests.stats.exact import erlang_c

DAY = 86_400
SERVERS, MEAN_S, TARGET_MIN = 3, 1000.0, 5.0
PER_DAY = 0.5 * SERVERS / MEAN_S * DAY
"""Half of what three people can do, so that the multiple of the demand is twice the load."""


def queue_of(*roads: Block, volume: float, days: int, skills: dict[str, int]) -> ProcessNetwork:
    """Return people who are always there and applicants who come at any time."""
    spans = tuple((day * DAY, day * DAY + DAY - 1, day) for day in range(days))
    always = Calendar(*(tuple(column) for column in zip(*spans, strict=True)))
    return ProcessNetwork(
        routes=tuple(Route(f"r{place}", road, PER_DAY, volume) for place, road in enumerate(roads)),
        groups=tuple(
            Group(skill, (skill,), tuple(f"{skill}{number}" for number in range(many)), "hall")
            for skill, many in skills.items()
        ),
        sessions={},
        calendars={"hall": always, "office": always},
        rhythm=Rhythm(
            tuple(range(0, DAY * days, DAY)),
            (1.0,) * days,
            0.0,
            (DayProfile((0, DAY), (0.0, 1.0)),),
        ),
        end_s=DAY * days,
    )


def serve(skill: str, *, ticket: bool, mean_s: float = MEAN_S, number: int = 0) -> Block:
    law = Seconds(mean_s, 1.0, "exponential")
    return Serve(
        activity=skill,
        phase="service",
        wait_phase="hall_wait",
        skill=skill,
        duration=Draw("decide_work", law, number),
        ticket=ticket,
        on_left=sequence() if ticket else None,
    )


def facts_of(network: ProcessNetwork, days: int) -> HallFacts:
    routes = len(network.routes)
    return HallFacts(
        entered=np.ones(routes, bool),
        full=np.zeros(routes, bool),
        fee_yuan=np.zeros(routes),
        promised_wd=np.ones(routes),
        census_s=days * DAY,
        follow_up_wd=1,
        census_wd=days,
        wait_target_min=TARGET_MIN,
        hall_places=1,
        complaints=Complaints(base=0, per_overdue_wd=0, per_extra_visit=0),
        fixed={},
    )


def simulator(
    build: Callable[[float], ProcessNetwork], days: int, replications: int
) -> Callable[[float], list[QueuePerformance]]:
    def simulate(multiple: float) -> list[QueuePerformance]:
        network = build(multiple)
        known, ready, facts = stations(network), packed(network), facts_of(network, days)
        asked, performance = requests(network, known), []
        for number in range(replications):
            chance = history(network, Seed(3, number))
            played = play(network, ready, chance, facts.follow_up_wd, facts.census_s, log=True)
            assert played.log is not None
            observations = Observations(network, played.table, chance, facts)
            performance.append(queue_performance(observations, played.log, known, asked))
        return performance

    return simulate


def test_waits_bind_mmc_where_erlang_says() -> None:
    """In M/M/c, P(W > t) = C(c, a)·exp(-(c·μ - λ)·t); it is 0.1 at the capacity."""
    road = sequence(Visit("hall"), serve("window", ticket=True), Exit("done"))

    def late(multiple: float) -> float:
        rate = multiple * PER_DAY / DAY
        room = SERVERS / MEAN_S - rate
        return erlang_c(SERVERS, rate * MEAN_S) * math.exp(-room * TARGET_MIN * 60) - 0.1

    exact = float(brentq(late, 0.1, 1.9))
    days = 40
    simulate = simulator(
        lambda m: queue_of(road, volume=m, days=days, skills={"window": SERVERS}), days, 8
    )
    results = limit_with_interval(search_limit(simulate, 0.9, [1.0, 2.0]), 0.9, {})
    assert results.limit.cause == "wait"
    assert results.limit.multiple == pytest.approx(exact, rel=0.02)
    assert results.low - 0.01 <= exact <= results.high + 0.01
    assert results.agreement == 1


def test_backlog_binds_where_work_comes_faster_than_it_is_done() -> None:
    """The load is half the multiple, so the backlog grows beyond 2, the second queue's beyond 4."""
    road = sequence(
        Visit("hall"),
        serve("office", ticket=False),
        serve("desk", ticket=False, mean_s=MEAN_S / 2, number=1),
        Exit("done"),
    )
    days = 40
    skills = {"office": SERVERS, "desk": SERVERS}
    simulate = simulator(lambda m: queue_of(road, volume=m, days=days, skills=skills), days, 6)
    results = limit_with_interval(search_limit(simulate, 0.9, [1.0]), 0.9, {})
    assert results.limit[1:] == ("backlog", 0)
    assert results.limit.multiple == pytest.approx(2, rel=0.03)

    def relieved(multiple: float) -> ProcessNetwork:
        return with_people(queue_of(road, volume=multiple, days=days, skills=skills), {"office": 9})

    after = limit_with_interval(
        search_limit(simulator(relieved, days, 6), 0.9, [2.0, 4.0]), 0.9, {"office": 9}, results
    )
    assert after.limit[1:] == ("backlog", 1)
    assert after.limit.multiple == pytest.approx(4, rel=0.03)
    assert after.gain.low <= after.gain.mean <= after.gain.high
    assert after.gain.mean == pytest.approx(2, rel=0.06)


def test_cases_that_wait_for_no_person_are_no_backlog() -> None:
    """A road that ends nowhere leaves ever more open cases and no work."""
    road = sequence(Visit("hall"), serve("window", ticket=True), Mark("received"))
    simulate = simulator(lambda m: queue_of(road, volume=m, days=20, skills={"window": 3}), 20, 3)
    curves = Curves.of({1.0: simulate(1.0)})
    assert curves.growth.mean() < GROWTH / 4
    assert limit(curves, 0.5).cause == "none"


def performance_of(
    hall: Scenario, many: int, engine: EngineName = "compiled"
) -> list[QueuePerformance]:
    runner = Runner(seed=1, engine=engine, workers=Workers(1))
    return [
        queue_performance_in(record)
        for record in runner.records(hall, range(many), QueuePerformanceWith(), block=2)
    ]


def test_people_are_added_to_groups_of_a_hall(hall: Scenario) -> None:
    runner = Runner(seed=1, workers=Workers(1))
    names = [group.name for group in runner.prepared(hall).network.groups]
    use = []
    for added in ((), ((names[0], 3),)):
        (record,) = runner.records(hall, range(1), QueuePerformanceWith(added), block=1)
        use.append(queue_performance_in(record).use)
    assert use[1][0] < 0.9 * use[0][0]


def test_tickets_are_those_of_the_indicator(hall: Scenario) -> None:
    performance = performance_of(hall, 3)
    expected = Runner(seed=1).figures([hall], range(3)).of("hall_wait_within_target_rate")[0]
    assert [figures.within for figures in performance] == pytest.approx(expected)
    for figures in performance:
        assert figures.late.sum() == pytest.approx(1 - figures.within)


def test_both_engines_see_the_same(hall: Scenario) -> None:
    (compiled,), (reference,) = (performance_of(hall, 1, engine) for engine in ENGINES)
    assert np.array_equal(compiled.growth, reference.growth)
    assert np.array_equal(compiled.late, reference.late)
    assert compiled.within == reference.within


def test_a_small_hall_gives_way_where_its_section_is_full(small: Hall) -> None:
    """One officer, half of the day, 30 minutes a file: 6.5 h · 0.5 / 0.5 h = 6.5 files a day."""
    small.write(
        "departments.csv",
        "id,name_en,name_zh,entered,window_staff,qualified,window_staff_full,decision_staff,"
        "sections,officers_per_section,leaders\nland,Land,国土,yes,3,0,3,0,1,1,1\n",
    )
    small.write(
        "items.csv",
        "id,name_en,name_zh,department,entered,authority,one_sitting,delegable,authority_rank,entry_rank,sections,"
        "signatures,promised_wd,statutory_wd,cases_per_wd,joint,helpers,report_up,fee_yuan,payments"
        "\nsite,Site,用地,land,yes,none,no,no,1,1,1,0,15,20,2,none,,no,0,0\n",
    )
    values = (
        "offices.hall_share=0.5",
        "offices.section_work_min.mean=30",
        "policy.work_speed=1",
        "policy.recall_rate=0",
        "papers.incomplete_rate=0",
        "papers.returned_rate=0",
        "stuck.at=nowhere",
        "suspension.share=0",
        "horizon.start=2008-01-07",
        "hall.status_enquiries_per_open_wd=0",
    )
    runner = Runner(seed=1, workers=Workers(1))
    results = capacity(small.load(values=values), runner, 6, 0.8)
    assert results.current.limit.cause == "backlog"
    name = [
        results.network.groups[place].name
        for place in results.stations[results.current.limit.station].groups
    ]
    assert name == ["land section 1"]
    assert results.current.limit.multiple == pytest.approx(6.5 / 2, rel=0.08)
    assert results.cases_per_wd == pytest.approx(2)
    assert results.steps[1].limit.multiple > 1.3 * results.current.limit.multiple
    assert results.steps[1].gain.low > 0
    for agreement, phrase in ((1.0, ""), (0.9, "not quite certain"), (0.4, "cannot be told")):
        changed = replace(
            results, steps=(replace(results.current, agreement=agreement), *results.steps[1:])
        )
        texts = " ".join(answer(changed, "en"))
        assert phrase in texts
        assert ("resamples" in texts) == bool(phrase)


def test_a_target_that_cannot_be_met_tells_the_best(hall: Scenario) -> None:
    impossible = hall.with_values({"policy.recall_rate": 0.8, "policy.recall_half_days": 10})
    results = capacity(impossible, Runner(seed=1, workers=Workers(1)), 3, 0.95)
    assert results.current.limit.multiple == 0
    assert results.current.limit.cause == "wait"
    assert results.current.curves.levels[0] == SMALLEST
    assert 0.2 < results.best_within().mean < 0.95
    assert len(results.steps) == 1


def test_the_search_ends_when_nothing_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    idle = QueuePerformance(1.0, np.zeros(1), np.zeros(1), np.zeros(1))
    curves = search_limit(lambda multiple: [idle], 0.9, [1.0])
    assert limit(curves, 0.9).cause == "none"
    assert curves.levels[-1] == module.LARGEST


def test_newcomers_change_nobody_else(hall: Scenario) -> None:
    from sim.rules.journey import network_of  # noqa: PLC0415

    network = network_of(hall)
    more = with_people(network, {network.groups[0].name: 2})
    assert len(more.groups[0].people) == len(network.groups[0].people) + 2
    assert more.groups[0].people[: len(network.groups[0].people)] == network.groups[0].people
    assert more.groups[1:] == network.groups[1:]
