"""The same applicants, with the same papers and the same luck, walk into every scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.log import Log, Status
from sim.engine.packed import packed
from sim.engine.play import play
from sim.engine.tally import NEVER
from sim.measure.observations import Observations
from sim.process.blocks import Delay, Draw, Serve, WorkingDays
from sim.process.clock import WD_TICKS
from sim.process.network import ProcessNetwork
from sim.rules.journey import network_of
from sim.running.replication import prepare
from sim.scenario.load import load
from sim.scenario.model import Scenario

from .build import MakeHall

IN_DAYS = "working days"
WHO = ["item", "layer", "number"]
DRAW = ["purpose", "occurrence"]


@dataclass(frozen=True)
class People:
    """Who came in one replication, and how long everything took each of them.

    Parameters
    ----------
    arrived
        Second of arrival, by person.
    made_up
        Whether the papers were incomplete, of those who handed them in, by person.
    took
        Seconds, and mean of their distribution, by person and draw.
    """

    arrived: pd.Series
    made_up: pd.Series
    took: pd.DataFrame


def people(scenario: Scenario, seed: int = 20090420) -> People:
    """Run one replication and sort what happened by person."""
    prepared = prepare(scenario)
    network, facts = prepared.network, prepared.facts
    chance = history(network, Seed(seed, 0))
    played = play(network, prepared.packed, chance, facts.follow_up_wd, facts.census_s, log=True)
    observations = Observations(network, played.table, chance, facts)
    who = observations.table.arrivals
    routes = observations.network.routes
    names = np.array([route.item for route in routes])[who.route]
    cases = pd.MultiIndex.from_arrays([names, who.layer, who.number], names=WHO)
    assert played.log is not None
    took = _took(network, played.log, who.route, cases)
    handed_in = took.xs(("accept_work", 0), level=DRAW).index
    made_up = pd.Series(observations.table.milestone("made_up") < NEVER, cases)
    return People(pd.Series(who.time_s, cases).sort_index(), made_up[handed_in].sort_index(), took)


def _took(
    network: ProcessNetwork, log: Log, routes: np.ndarray, cases: pd.MultiIndex
) -> pd.DataFrame:
    calendars = network.calendars
    nodes = [node for route in network.routes for node in route.nodes]
    at = packed(network).offset[routes[log.case]] + log.block
    draws, delays = [], []
    for node in nodes:
        block = node.block
        timed = isinstance(block, Serve | Delay) and block.duration.purpose != "fixed"
        draws.append(block.duration if timed else None)
        in_days = isinstance(block, Delay) and block.calendar is None
        delays.append(IN_DAYS if in_days else getattr(block, "calendar", ""))
    drawn = np.array([draw is not None for draw in draws])
    rows = np.flatnonzero((log.status == Status.DONE) & drawn[at])
    start, end = log.start_s[rows], log.end_s[rows]
    pauses = np.array([group.pauses for group in network.groups])
    in_office = (log.detail[rows] >= 0) & pauses[log.detail[rows]]
    on = np.where(in_office, "office", np.array(delays)[at[rows]])
    seconds = end - start
    for name, calendar in calendars.items():
        open_s = calendar.elapsed_many(end) - calendar.elapsed_many(start)
        seconds = np.where(on == name, open_s, seconds)
    days = network.working_days
    in_days = on == IN_DAYS
    seconds = np.where(in_days, days.tick_many(end) - days.tick_many(start), seconds)
    of_row = [draws[node] for node in at[rows]]
    index = cases[log.case[rows]].to_frame(index=False)
    index["purpose"] = [draw.purpose for draw in of_row]
    index["occurrence"] = [draw.occurrence for draw in of_row]
    found = pd.DataFrame(
        {
            "seconds": seconds,
            "mean": [_mean(draw) for draw in of_row],
            "cv": [draw.distribution.cv for draw in of_row],
            # A second of a day of 6.5 hours has up to four ticks.
            "slack": np.where(in_days, 4.0, 0.0),
        },
        index=pd.MultiIndex.from_frame(index),
    )
    assert not found.index.duplicated().any(), "a draw decides two things of one person"
    return found.sort_index()


def _mean(draw: Draw) -> float:
    law = draw.distribution
    return law.mean_wd * WD_TICKS if isinstance(law, WorkingDays) else law.mean_s


def assert_same_luck(one: People, other: People) -> pd.DataFrame:
    """Check everybody who is in both; return the times that can be compared."""
    both = one.arrived.index.intersection(other.arrived.index)
    assert (one.arrived[both] == other.arrived[both]).all()
    handed_in = one.made_up.index.intersection(other.made_up.index)
    assert len(handed_in) > 0.9 * len(both)
    assert (one.made_up[handed_in] == other.made_up[handed_in]).all()
    took = one.took.join(other.took.add_suffix("_other"), how="inner")
    same_mean = np.isclose(took["mean"], took["mean_other"], rtol=1e-12)
    difference = (took["seconds"] - took["seconds_other"]).abs()
    same_shape = np.isclose(took["cv"], took["cv_other"], rtol=1e-12)
    assert (difference <= took["slack"])[same_mean & same_shape].all()
    # Elsewhere, or by people with less of their day, work takes proportionally longer.
    ratio = took["seconds"] / took["mean"] - took["seconds_other"] / took["mean_other"]
    most = (took["slack"] + 1.01) / took[["mean", "mean_other"]].min(axis=1)
    assert (ratio.abs() <= most)[same_shape].all()
    assert same_shape.mean() > 0.9
    return took


# Small hall -------------------------------------------------------------------------------

RANDOM: dict[str, object] = {
    **{f"service.{work}_min.family": "gamma" for work in ("accept", "decide", "reception")},
    "offices.section_work_min.family": "lognormal",
    "offices.inbox_wd.family": "exponential",
    "papers.make_up_wd.family": "gamma",
    "papers.incomplete_rate": 0.3,
    "papers.notice_gap_rate": 0.2,
    "offices.leader_attendance": 0.6,
    "policy.recall_rate": 0.1,
    "hall.status_enquiries_per_open_wd": 0.4,
    "demand.hall_first_share": 0.3,
    "hall.patience_min.family": "exponential",
    "hall.come_again_min": {"mean": 120, "family": "exponential"},
    "hall.patience_min.mean": 75,
    "demand.busyness_cv": 0.2,
    "horizon.census": "2008-08-29",
}


@pytest.mark.parametrize(
    "policy",
    [
        {"policy.entry": 0.5},
        {"policy.entry": 1},
        {"policy.authorization": 0.5},
        {"policy.authorization": 1},
        {"policy.entry": 1, "policy.authorization": 1, "staffing.staff_transfer": False},
        {"policy.windows": "comprehensive", "policy.postal_share": 0.6},
        {"policy.recall_rate": 0.3, "policy.joint_mode": "parallel"},
    ],
)
def test_a_policy_changes_nobody(hall: MakeHall, policy: Mapping[str, object]) -> None:
    base = people(hall(**RANDOM).scenario)
    other = people(hall(**(RANDOM | policy)).scenario)
    assert base.arrived.index.equals(other.arrived.index)
    took = assert_same_luck(base, other)
    for purpose in ("accept_work", "make_up"):
        assert len(took.xs(purpose, level="purpose")) > 20
    assert took["seconds"].std() > 0


def test_hidden_volume_adds_applicants_and_keeps_everybody(hall: MakeHall) -> None:
    volumes = {
        number: people(hall(**RANDOM, **{"demand.hidden_volume": number}).scenario)
        for number in (1, 1.5, 3)
    }
    for less, more in ((1, 1.5), (1.5, 3)):
        before, after = volumes[less].arrived, volumes[more].arrived
        assert before.index.isin(after.index).all()
        added = after.index.difference(before.index)
        assert set(added.get_level_values("item")) == {"seal"}
        assert len(added) > 10
        assert_same_luck(volumes[less], volumes[more])


def test_a_rate_of_incomplete_papers_only_adds_incomplete_ones(hall: MakeHall) -> None:
    flags = {
        rate: people(hall(**(RANDOM | {"papers.incomplete_rate": rate})).scenario).made_up
        for rate in (0.2, 0.4)
    }
    both = flags[0.2].index.intersection(flags[0.4].index)
    few, many = flags[0.2][both], flags[0.4][both]
    assert not (few & ~many).any()
    assert many.sum() > few.sum() > 0


def test_another_replication_or_seed_is_another_luck(hall: MakeHall) -> None:
    scenario = hall(**RANDOM).scenario
    one, other = people(scenario, 1), people(scenario, 2)
    both = one.arrived.index.intersection(other.arrived.index)
    assert (one.arrived[both] != other.arrived[both]).mean() > 0.99


# The county -------------------------------------------------------------------------------


ANY_POLICY = {
    "policy.authorization": st.sampled_from(["null", "0", "0.5", "1"]),
    "policy.authorization_otherwise": st.sampled_from(["surveyed", "none", "partial"]),
    "policy.entry": st.sampled_from(["null", "0", "0.7", "1"]),
    "policy.joint_mode": st.sampled_from(["surveyed", "applicant", "serial", "parallel"]),
    "policy.silent_consent": st.sampled_from(["none", "helpers", "departments"]),
    "policy.certificates": st.sampled_from(["surveyed", "window"]),
    "policy.one_form_fees": st.sampled_from(["true", "false"]),
    "policy.postal_share": st.sampled_from(["0", "0.5"]),
    "stuck.at": st.sampled_from(["nowhere", "step", "case"]),
    "suspension.share": st.sampled_from(["0", "0.2"]),
    "papers.attempts": st.integers(1, 8).map(str),
    "hall.attempts": st.integers(1, 4).map(str),
    "hall.come_again_wd": st.integers(1, 2).map(str),
    "offices.errand_attempts": st.integers(1, 8).map(str),
    "joint.helper_sections": st.integers(1, 5).map(str),
    "joint.helper_signatures": st.integers(0, 5).map(str),
}


@settings(max_examples=25, deadline=None)
@given(st.fixed_dictionaries(ANY_POLICY))
def test_no_case_uses_a_draw_twice_under_any_policy(policy: dict[str, str]) -> None:
    values = [f"{path}={value}" for path, value in policy.items()]
    assert packed(network_of(load("county", values)))  # in the county nothing takes a fixed time


def test_the_same_people_walk_into_every_county() -> None:
    autumn = ["horizon.census=2008-09-30", "horizon.follow_up_wd=30"]
    base = people(load("county", autumn))
    reformed = people(load("county+full-authorization+full-entry", autumn))
    assert base.arrived.index.equals(reformed.arrived.index)
    took = assert_same_luck(base, reformed)
    assert len(took.xs("accept_work", level="purpose")) > 3_000
    busier = people(load("county", [*autumn, "demand.hidden_volume=4"]))
    assert base.arrived.index.isin(busier.arrived.index).all()
    assert len(busier.arrived) > 1.3 * len(base.arrived)
    assert_same_luck(base, busier)
