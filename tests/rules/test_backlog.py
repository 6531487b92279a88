"""The day on which the stuck cases are taken up."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.chance.draws import Seed
from sim.chance.history import history
from sim.engine.play import play
from sim.running.replication import prepare
from sim.scenario.load import load
from sim.scenario.problems import InputError
from sim.studies.transition.study import paths

from .build import MakeHall

PERMIT = ("permit", "2008-07-01 09:00")
STUCK = {"stuck.at": "case", "stuck.case_share": 1, "stuck.release_probability": 0.0001}
CLEARED = {"policy.backlog_cleared_on": "2008-08-02", "policy.backlog_release_share": 0.5}


def test_part_of_the_stuck_cases_is_freed_on_the_day(hall: MakeHall) -> None:
    made = hall(**STUCK, **CLEARED)
    # 2 August is a Saturday: the cases are taken up on Monday, half an hour after the opening.
    freed = made.run(PERMIT, luck={("taken_up_case", 0): 0.4}).story()
    assert freed.of("stuck until a meeting frees it").end == "2008-08-04 09:00"
    left = made.run(PERMIT, luck={("taken_up_case", 0): 0.6}).story()
    assert left[-1].what == "stuck until a meeting frees it (open)"


def test_a_meeting_before_the_day_frees_as_ever(hall: MakeHall) -> None:
    made = hall(**STUCK | {"stuck.release_probability": 1}, **CLEARED)
    story = made.run(PERMIT, luck={("taken_up_case", 0): 0.4}).story()
    assert story.of("stuck until a meeting frees it").end == "2008-07-07 09:00"


def test_who_sticks_after_the_day_is_not_helped(hall: MakeHall) -> None:
    made = hall(**STUCK, **CLEARED)
    story = made.run(("permit", "2008-08-04 09:30"), luck={("taken_up_case", 0): 0.4}).story()
    assert story[-1].what == "stuck until a meeting frees it (open)"


@pytest.mark.parametrize("day", [None, "2008-06-30", "2008-11-01"])
def test_a_share_needs_a_day_of_the_period(hall: MakeHall, day: str | None) -> None:
    with pytest.raises(InputError, match="a day from 2008-07-01 to the census 2008-10-31"):
        hall(**CLEARED | {"policy.backlog_cleared_on": day})


def test_as_a_phase_it_takes_place_on_that_day_and_helps_who_came_before() -> None:
    day = dt.date(2009, 3, 2)
    both = paths("county", [f"{day}:clear-backlog"], dt.date(2009, 5, 29), [])
    released = []
    for scenario in both:
        ready = prepare(scenario)
        chance = history(ready.network, Seed(1, 0))
        facts = ready.facts
        table = play(ready.network, ready.packed, chance, facts.follow_up_wd, facts.census_s).table
        released.append(table)
    day_s = (day - dt.date(2008, 7, 1)).days * 86_400
    without, cleared = (table.milestone("decided") for table in released)
    assert np.array_equal(*(np.where(times < day_s, times, -1) for times in (without, cleared)))
    came_before = released[0].arrivals.time_s < day_s
    helped = came_before & (cleared < without)
    assert helped.sum() > 100
    for variant in both[1].transition.variants:
        assert variant.settings.policy.backlog_cleared_on == day
        assert variant.settings.policy.backlog_release_share == 0.5


def test_the_phase_needs_no_day_of_the_reform_itself() -> None:
    # The reform file names a day of the county's period; this period begins after it.
    later = ["horizon.start=2009-06-01", "horizon.census=2009-12-31"]
    _, reformed = paths("county", ["2009-09-01:clear-backlog"], dt.date(2010, 3, 31), later)
    assert reformed.transition is not None
    days = {one.settings.policy.backlog_cleared_on for one in reformed.transition.variants}
    assert days == {dt.date(2009, 9, 1)}


def test_more_released_are_those_of_a_smaller_share_and_others() -> None:
    found = []
    for share in (0.2, 0.5, 0.8):
        ready = prepare(load("county+clear-backlog", [f"policy.backlog_release_share={share}"]))
        chance = history(ready.network, Seed(1, 0))
        facts = ready.facts
        table = play(ready.network, ready.packed, chance, facts.follow_up_wd, facts.census_s).table
        found.append(table.milestone("decided") < 2**31 - 1)
    assert found[0].sum() < found[1].sum() < found[2].sum()
    assert (found[0] & ~found[2]).sum() <= 0.001 * found[0].sum()  # queues may shift a few
