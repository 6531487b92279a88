"""Transitions: nothing changes before the date, both engines agree, the months add up."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.play import EngineName, play
from sim.measure.since import SHARES_DONE, since
from sim.process.clock import WHOLE_DAY_S
from sim.running.replication import SimulatedReplication, prepare
from sim.running.replication import simulate_replication as played_by
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError
from sim.studies.transition.said import answer
from sim.studies.transition.study import PATHS, TransitionResults, paths, run_transition
from tests.scenario.conftest import Hall

DAY = dt.date(2008, 7, 28)
PHASES = (f"{DAY}:full-authorization,full-entry", "2008-08-04:incentives@health")


@pytest.fixture
def both(small: Hall) -> tuple[Scenario, Scenario]:
    return paths("hall.yaml", PHASES, dt.date(2008, 9, 15), ["papers.attempts=1"])


@pytest.fixture
def results(both: tuple[Scenario, Scenario]) -> TransitionResults:
    return run_transition(both, Runner(seed=1, workers=Workers(1)), 4)


def simulate_replication(scenario: Scenario, engine: EngineName) -> SimulatedReplication:
    ready = prepare(scenario)
    chance = history(ready.network, Seed(1, 0))
    facts = ready.facts
    return play(
        ready.network, ready.packed, chance, facts.follow_up_wd, facts.census_s,
        engine=engine, log=True,
    )  # fmt: skip


def test_nothing_changes_before_the_first_phase(both: tuple[Scenario, Scenario]) -> None:
    day_s = (DAY - dt.date(2008, 7, 1)).days * WHOLE_DAY_S
    tables = [simulate_replication(scenario, "compiled").table for scenario in both]
    before = [int(np.searchsorted(table.arrivals.time_s, day_s)) for table in tables]
    assert before[0] == before[1] > 0
    for milestone in ("received", "accepted", "decided", "in_hand"):
        times = [table.milestone(milestone)[: before[0]] for table in tables]
        happened = [np.where(one < day_s, one, -1) for one in times]
        assert np.array_equal(*happened), milestone
        assert (happened[0] >= 0).any(), milestone


def test_both_engines_agree_on_a_hall_that_changes(both: tuple[Scenario, Scenario]) -> None:
    one, other = (simulate_replication(both[1], engine).log for engine in ("compiled", "reference"))
    assert one is not None
    assert other is not None
    assert len(one) > 500
    assert one.rows() == other.rows()


def test_a_change_on_the_first_working_day_is_the_reformed_hall(small: Hall) -> None:
    from_start = load("hall.yaml+full-authorization+full-entry")
    phase = "transition=[{begins: 2008-07-02, reforms: [full-authorization, full-entry]}]"
    late = load("hall.yaml", [phase])
    first_day = 2 * WHOLE_DAY_S
    tables = [simulate_replication(scenario, "compiled").table for scenario in (from_start, late)]
    came_later = tables[0].arrivals.time_s >= first_day
    full = [int((table.milestone("immediate")[came_later] < 2**60).sum()) for table in tables]
    assert full[0] == full[1] > 0


def test_people_who_come_before_the_date_keep_their_way(both: tuple[Scenario, Scenario]) -> None:
    ready = prepare(both[1])
    who = history(ready.network, Seed(1, 0)).arrivals
    spans = np.array([route.in_force for route in ready.network.routes])[who.route]
    assert ((spans[:, 0] <= who.time_s) & (who.time_s < spans[:, 1])).all()
    assert len({route.variant for route in ready.network.routes}) == 3


def test_months_and_days_add_up(both: tuple[Scenario, Scenario]) -> None:
    ready = prepare(both[1])
    observations = played_by(ready, 0, 1).observations
    told = since(observations, dt.date(2008, 7, 1), DAY)
    members = observations.members["received"]
    assert told["months_received"].sum() == len(members)
    completed = observations.cases["completed_by_census"][members]
    assert told["months_completed"].sum() == completed.sum()
    gave_up = members[observations.cases["withdrawn"][members]]
    by_census = observations.table.exit_s[gave_up] < observations.facts.census_s
    assert told["months_withdrawn"].sum() == by_census.sum() > told["after_withdrawn"] > 0
    assert told["months_open"][-1] == told["after_open"] == (~completed).sum()
    assert told["open_from_before"][-1] <= told["open"][-1]
    closes = observations.network.calendars["hall"].day_closes
    day_s = (DAY - dt.date(2008, 7, 1)).days * WHOLE_DAY_S
    assert told["open_on_day"] == told["open"][np.searchsorted(closes, day_s) - 1] > 0
    since_day = observations.table.arrivals.time_s >= day_s
    members = since_day & observations.populations["all_cases"]
    assert told["after_elapsed_wd"] == pytest.approx(
        observations.column("elapsed_wd", members).mean()
    )


def test_the_old_cases_go(results: TransitionResults) -> None:
    for figures in results.figures:
        old = figures["open_from_before"]
        after = results.dates >= np.datetime64(DAY)
        assert (np.diff(old[:, after], axis=1) <= 0).all()
        gone = figures["gone_wd"]
        assert gone.shape == (4, len(SHARES_DONE))
        reached = np.isfinite(gone)
        assert (reached[:, :-1] >= reached[:, 1:]).all()
        assert (gone[reached] >= 1).all()


def test_what_is_alike_on_both_ways_is_told_once(results: TransitionResults) -> None:
    alike = replace(results, figures=(results.figures[1], results.figures[1]))
    told = [line for line in answer(alike, "en") if line.endswith("with the reforms or without.")]
    assert len(told) >= len(SHARES_DONE)
    never = {"gone_wd": np.full((4, len(SHARES_DONE)), np.inf)}
    apart = replace(results, figures=(results.figures[0] | never, results.figures[1]))
    fewer = [line for line in answer(apart, "en") if line.endswith("with the reforms or without.")]
    assert len(fewer) < len(told)


def test_frames_tell_both_ways_and_the_difference(results: TransitionResults) -> None:
    after = results.after().set_index(["path", "figure"])["mean"]
    for figure in ("received", "elapsed_wd"):
        difference = after["with", figure] - after["without", figure]
        assert after["difference", figure] == pytest.approx(difference)
    months = results.monthly()
    assert set(months.path) == {*PATHS, "difference"}
    before = months[(months.month < f"{DAY:%Y-%m}") & (months.path == "difference")]
    assert (before[before.figure == "received"]["mean"] == 0).all()


@pytest.mark.parametrize(
    "phase",
    [
        "soon:full-entry",
        "2008-07-28",
        "2008-07-28:",
        "2008-07-28:full-entry@",
        "2008-7-28:full-entry",
    ],
)
def test_a_phase_that_is_none_is_told(small: Hall, phase: str) -> None:
    with pytest.raises(InputError, match=r"--phase .*allowed: DATE:REFORM"):
        paths("hall.yaml", [phase], None, [])


def test_no_phase_at_all_is_told(small: Hall) -> None:
    with pytest.raises(InputError, match="no reform that starts on a date"):
        paths("hall.yaml", [], None, [])


def test_phases_run_for_a_year_after_the_census(small: Hall) -> None:
    plain, reformed = paths("hall.yaml", ["2008-08-04:full-entry"], None, [])
    assert plain.settings.horizon.census == dt.date(2009, 8, 15)
    assert (plain.transition, reformed.settings.horizon.census) == (None, dt.date(2009, 8, 15))
