"""Random halls of a few units: what must hold in any of them, on both engines."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine import compiled, reference
from sim.engine.log import Status
from sim.engine.play import play
from sim.engine.tally import NEVER
from sim.measure.frames import case_frame
from sim.measure.indicators import measure
from sim.measure.observations import Observations
from sim.measure.series import series
from sim.process.blocks import Serve, Visit
from sim.running.replication import Prepared, prepare
from sim.scenario.problems import InputError

from .build import build

DAY = 86_400
relaxed = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)

HOURS = st.sampled_from(
    (
        ["08:30-12:00", "14:30-17:30"],
        ["09:00-17:00"],
        ["08:00-11:00"],
        ["09:00-12:00", "13:30-15:00", "16:00-20:00"],
        ["12:00-24:00"],
        ["00:00-24:00"],
    )
)
OTHER_HOURS = st.lists(
    st.fixed_dictionaries(
        {"hours": st.one_of(HOURS, st.just([]))},
        optional={
            "weekdays": st.lists(
                st.sampled_from(("mon", "wed", "fri", "sat", "sun")), min_size=1, unique=True
            ),
            "first_day": st.sampled_from(("07-10", "08-01", "11-01")),
            "last_day": st.sampled_from(("07-20", "08-10", "12-31")),
        },
    ),
    max_size=2,
)
MINUTES = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "mean": st.sampled_from((5, 60, 600)),
            "cv": st.sampled_from((0.3, 1)),
            "family": st.sampled_from(("gamma", "exponential", "fixed")),
        }
    ),
)
VALUES = {
    "calendar.hall_hours": HOURS,
    "calendar.office_hours": HOURS,
    "calendar.other_hall_hours": OTHER_HOURS,
    "calendar.other_office_hours": OTHER_HOURS,
    "demand.weekday_share": st.sampled_from(
        ([0.2] * 5, [0.5, 0, 0, 0.5, 0], [0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1])
    ),
    "demand.busyness_cv": st.sampled_from((0, 0.5)),
    "demand.hall_first_share": st.sampled_from((0, 0.5)),
    "hall.closing": st.sampled_from(("serve_all", "send_home")),
    "hall.overtime_max_min": st.sampled_from((0, 20, 1440)),
    "hall.patience_min": MINUTES,
    "hall.decision_patience_min": MINUTES,
    "hall.collection_patience_min": MINUTES,
    "hall.come_again_min": st.sampled_from(
        ({"mean": 0, "family": "fixed"}, {"mean": 390, "family": "fixed"}, {"mean": 200})
    ),
    "hall.come_again_wd": st.integers(1, 3),
    "hall.attempts": st.integers(1, 4),
    "hall.status_enquiries_per_open_wd": st.sampled_from((0, 1)),
    "hall.cashier_unit": st.sampled_from(("", "fire")),
    "service.accept_min": st.sampled_from(({"mean": 15}, {"mean": 200})),
    "papers.incomplete_rate": st.sampled_from((0, 0.6)),
    "papers.attempts": st.integers(1, 3),
    "offices.leader_attendance": st.sampled_from((0.1, 1)),
    "offices.inbox_wd": st.sampled_from(({"mean": 0}, {"mean": 1.3})),
    "offices.leave_file_share": st.sampled_from((0.5, 1)),
    "offices.errand_wd": st.integers(1, 3),
    "service.review_share": st.sampled_from((0, 1)),
    "service.one_sitting_share": st.sampled_from((None, 0, 0.5, 1)),
    "registration.off_books_share": st.sampled_from((0.5, 1)),
    "registration.extension_wd": st.sampled_from((0, 2.5)),
    "courier.departures": st.sampled_from((["17:00", "11:30"], ["23:59"])),
    "courier.returns": st.sampled_from((None, ["09:00"])),
    "stuck.at": st.sampled_from(("nowhere", "step", "case")),
    "stuck.step_hazard": st.sampled_from((0.01, 0.5)),
    "stuck.release_probability": st.sampled_from((0.05, 1)),
    "suspension.share": st.sampled_from((0, 0.5)),
    "policy.authorization": st.sampled_from((None, 0, 0.5, 1)),
    "policy.entry": st.sampled_from((None, 0.5, 1)),
    "policy.joint_mode": st.sampled_from(("surveyed", "applicant", "serial", "parallel")),
    "policy.silent_consent": st.sampled_from(("none", "helpers", "departments")),
    "policy.recall_rate": st.sampled_from((0, 0.3, 0.9)),
    "policy.recall_half_days": st.sampled_from((1, 6)),
    "policy.inbox_factor": st.sampled_from((0.3, 2)),
    "policy.leader_attendance": st.sampled_from((None, 0.5)),
    "policy.backlog_cleared_on": st.just("2008-07-14"),
    "policy.backlog_release_share": st.sampled_from((0, 0.7)),
    "policy.work_speed": st.sampled_from((0.3, 1)),
    "policy.windows": st.sampled_from(("dedicated", "comprehensive")),
    "policy.postal_share": st.sampled_from((0, 0.5)),
    "policy.discipline": st.sampled_from(("fifo", "due_date")),
    "policy.limit_factor": st.sampled_from((0.2, 1, 1.7)),
    "policy.one_form_fees": st.booleans(),
    "horizon.follow_up_wd": st.sampled_from((0, 1, 20)),
    "transition": st.sampled_from(
        (
            [],
            [{"begins": "2008-07-12", "reforms": ["full-authorization", "full-entry"]}],
            [
                {"begins": "2008-07-08", "reforms": ["full-entry"], "departments": ["police"]},
                {"begins": "2008-07-14", "reforms": ["clear-backlog"]},
                {"begins": "2008-07-16", "reforms": ["incentives"]},
            ],
        )
    ),
}
ITEMS = {
    "permit": {"joint": "serial", "helpers": "fire;health", "cases_per_wd": 3, "payments": 2},
    "deed": {"certificate": True, "cases_per_wd": 6, "payments": 3, "fee_yuan": 10},
    "clinic": {"inspection": "site_visit", "report_up": True, "cases_per_wd": 3},
    "seal": {"cases_per_wd": 4, "payments": 2, "certificate": True},
    "card": {
        **dict.fromkeys(("sections", "signatures"), 0),
        "made_outside": True,
        "department": "police",
        "entered": False,
        "authority": "none",
        "authority_rank": 9,
        "entry_rank": 9,
        "promised_wd": 5,
        "statutory_wd": 41,
        "cases_per_wd": 2,
        "joint": "none",
        "inspection": "none",
        "fee_yuan": 5,
        "payments": 1,
    },
}


@st.composite
def halls(draw: st.DrawFn) -> Prepared:
    """Return a random hall of four units, open for three weeks."""
    chosen = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=16, unique=True))
    values = {name: draw(VALUES[name]) for name in chosen}
    days = values.get("demand.weekday_share", [0.2] * 5)
    if any(draw(st.booleans()) and not share for share in days):
        values.pop("demand.weekday_share", None)
    fixed = {"horizon.census": draw(st.sampled_from(("2008-07-17", "2008-07-20", "2008-07-21")))}
    with tempfile.TemporaryDirectory() as folder:
        try:
            return prepare(build(Path(folder), ITEMS, **values, **fixed).scenario)
        except InputError:  # too few working days, or nobody comes on any
            reject()


def played(ready: Prepared) -> Observations:
    """Play one replication on both engines, which must agree to the row and in every case."""
    network, facts = ready.network, ready.facts
    chance = history(network, Seed(1, 0))
    rows = compiled.simulate(network, chance).rows()
    assert rows == reference.simulate(network, chance).rows()
    observations = [
        Observations(
            network,
            play(
                network, ready.packed, chance, facts.follow_up_wd, facts.census_s, engine=engine
            ).table,
            chance,
            facts,
        )
        for engine in ("compiled", "reference")
    ]
    frames = [case_frame(observations, dt.date(2008, 7, 1)) for observations in observations]
    assert frames[0].equals(frames[1])
    nobody_waits_over_night(ready, chance.arrivals.route, rows)
    who_is_served_at_home_has_come_that_day(ready, chance.arrivals.route, rows)
    if ready.scenario.transition is None:
        people_are_conserved(ready, chance.capacity)
    return observations[0]


def who_is_served_at_home_has_come_that_day(
    ready: Prepared, routes: np.ndarray, rows: list[tuple]
) -> None:
    """Look for in-person work at a home department on a day without a visit of its applicant."""
    office = ready.network.calendars["office"]
    came: dict[int, set[int]] = {}
    worked: dict[int, set[int]] = {}
    for case, block, enabled, start, end, _, status in rows:
        what = ready.network.routes[routes[case]].nodes[block].block
        if isinstance(what, Visit):
            came.setdefault(case, set()).add(end // DAY)
            assert not what.place.startswith("home:") or office.is_open(end)
        elif getattr(what, "present_on", ""):
            opened = [at for at in office.day_opens if enabled < at <= end]
            came.setdefault(case, set()).update(at // DAY for at in opened)
            if status == Status.DONE:
                at_work = zip(office.opens, office.closes, strict=True)
                days = {a // DAY for a, b in at_work if max(a, start) < min(b, end)}
                worked.setdefault(case, set()).update(days)
    for case, days in worked.items():
        assert days <= came[case]


def people_are_conserved(ready: Prepared, capacity: Sequence[np.ndarray]) -> None:
    """Count everybody at every half-day on which hall and offices are open."""
    network = ready.network
    everybody = sum(len(group.people) for group in network.groups)
    half_days = {name: network.calendars[name].half_days for name in ("hall", "office")}
    for half_day in set(half_days["hall"].tolist()) & set(half_days["office"].tolist()):
        present = [
            int(here[half_days[group.calendar] == half_day][0])
            for group, here in zip(network.groups, capacity, strict=True)
        ]
        assert sum(present) == everybody


def nobody_waits_over_night(ready: Prepared, routes: np.ndarray, rows: list[tuple]) -> None:
    bounds = ready.network.hall.day_bounds
    for case, block, enabled, start, end, group, status in rows:
        what = ready.network.routes[routes[case]].nodes[block].block
        if not isinstance(what, Serve) or what.on_left is None:
            continue
        called = start if group >= 0 else end
        assert called == enabled or (called - 1) // DAY == enabled // DAY
        if what.ticket and status != Status.TURNED_AWAY:
            midnight = (enabled // DAY + 1) * DAY
            assert any(enabled < close and opening < midnight for opening, close in bounds)


def holds(ready: Prepared) -> None:
    observations = played(ready)
    table = observations.table
    everyone = observations.populations["all_cases"]
    assert (table.phase_ticks.sum(axis=1) == table.elapsed_ticks)[everyone].all()
    due_s = table.due_s[table.due_s < NEVER]
    assert np.isin(due_s, observations.network.working_days.day_closes).all()
    assert (observations.busy_min <= observations.attended_min + 1e-9).all()
    figures, drawn = measure(observations), series(observations)
    assert drawn["backlog_hall"][-1] == figures["cases_open"]
    if figures["all_cases_received"]:
        assert drawn["elapsed_done"][-1] == pytest.approx(figures["all_served_rate"])
        half = figures["all_served_rate"] >= 0.5
        assert np.isfinite(figures["all_elapsed_p50_wd"]) == half
    for name in ("window_utilisation", "window_utilisation_max", "office_utilisation"):
        assert not figures[name] > 1 + 1e-12
    for name, value in figures.items():
        assert not name.endswith("_rate") or np.isnan(value) or 0 <= value <= 1, name


@settings(relaxed, max_examples=25)
@given(halls())
def test_what_must_hold_in_any_hall(ready: Prepared) -> None:
    holds(ready)


@pytest.mark.long
@settings(relaxed, max_examples=300)
@given(halls())
def test_what_must_hold_in_three_hundred_halls(ready: Prepared) -> None:
    holds(ready)
