"""Who sits where: people are conserved, recalled, pooled and qualified."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from sim.rules.staffing import round_half_up

from .build import MakeHall, SmallHall

CLINIC = ("clinic", "2008-07-01 09:00")


def everybody(made: SmallHall) -> list[str]:
    return sorted(person for people in made.people.values() for person in people)


def by_unit(made: SmallHall) -> dict[str, int]:
    return {
        unit: sum(person.startswith(f"{unit}/") for person in everybody(made))
        for unit in ("land", "health", "fire", "police")
    }


AS_SURVEYED = {"land": 8, "health": 3, "fire": 2, "police": 4}
"""Window staff and officers: 2 + 2×3, 1 + 2, 1 + 1, 0 + 2×2."""


def test_as_surveyed_everybody_has_one_place(hall: MakeHall) -> None:
    made = hall()
    assert by_unit(made) == AS_SURVEYED
    assert len(set(everybody(made))) == 17
    assert made.people == {
        "land window": ("land/w2",),
        "land representative": ("land/w1",),
        "health window": ("health/w1",),
        "fire representative": ("fire/w1",),
        "land section 1": ("land/s1-1", "land/s1-2", "land/s1-3"),
        "land section 2": ("land/s2-1", "land/s2-2", "land/s2-3"),
        "health section 1": ("health/s1-1", "health/s1-2"),
        "fire section 1": ("fire/s1-1",),
        "police section 1": ("police/s1-1", "police/s1-2"),
        "police section 2": ("police/s2-1", "police/s2-2"),
    }


@pytest.mark.parametrize(
    "policy",
    [
        {"policy.entry": 1},
        {"policy.authorization": 1},
        {"policy.entry": 1, "policy.authorization": 1},
        {"policy.entry": 1, "policy.authorization": 1, "policy.windows": "comprehensive"},
        {"policy.authorization": 0.4, "policy.qualified_share": 0.7},
    ],
)
def test_no_reform_makes_or_loses_people(hall: MakeHall, policy: Mapping[str, object]) -> None:
    made = hall(**policy)
    assert by_unit(made) == AS_SURVEYED
    assert len(set(everybody(made))) == 17
    assert made.rules.staff.added == 0


def test_who_comes_with_an_entered_item_leaves_a_section(hall: MakeHall) -> None:
    made = hall(**{"policy.entry": 1})
    assert made.people["police representative"] == ("police/s2-2",)
    assert made.people["police section 1"] == ("police/s1-1", "police/s1-2")
    assert made.people["police section 2"] == ("police/s2-1",)
    assert made.rules.staff.moved == 1


def test_who_comes_with_the_power_to_decide_leaves_a_section(hall: MakeHall) -> None:
    made = hall(**{"policy.authorization": 1})
    assert made.people["land representative"] == ("land/w1", "land/s2-3")
    assert made.people["land section 2"] == ("land/s2-1", "land/s2-2")


def test_without_transfer_the_reform_adds_people(hall: MakeHall) -> None:
    made = hall(**{"policy.entry": 1, "policy.authorization": 1, "staffing.staff_transfer": False})
    assert made.people["land representative"] == ("land/w1", "land/new1")
    assert made.people["police representative"] == ("police/new1",)
    assert by_unit(made) == {"land": 9, "health": 3, "fire": 2, "police": 5}
    assert (made.rules.staff.moved, made.rules.staff.added) == (0, 2)
    assert made.network.groups[-1].people == ("police/s2-1", "police/s2-2")


def test_people_come_in_proportion_to_the_cases_that_come(hall: MakeHall) -> None:
    # Land's deeds (1 a day) are authorized, its permits (2 a day) are not: 1/3 of 3 people.
    made = hall(
        items={"permit": {"authority_rank": 9}},
        departments={"land": {"decision_staff": 3}},
        **{"policy.authorization": 0.3},
    )
    assert made.rules.authority["deed"] == "full"
    assert made.rules.authority["permit"] != "full"
    assert made.rules.staff.moved == 1
    assert [len(made.people[f"land section {n}"]) for n in (1, 2)] == [3, 2]


def test_the_largest_section_gives_first(hall: MakeHall) -> None:
    made = hall(departments={"land": {"decision_staff": 3}}, **{"policy.authorization": 1})
    assert made.people["land representative"] == ("land/w1", "land/s2-3", "land/s1-3", "land/s2-2")
    assert [len(made.people[f"land section {n}"]) for n in (1, 2)] == [2, 1]


@pytest.mark.parametrize(
    ("needed", "came"),
    [
        (1, 1),  # a quarter of one person: at least one
        (2, 1),  # a quarter of two is rounded up
        (4, 1),
        (6, 2),
    ],
)
def test_window_staff_grows_with_the_cases_that_enter(
    hall: MakeHall, needed: int, came: int
) -> None:
    # Of the police's kept-back cases 1 of 4 enters.
    more = {
        "department": "police", "entered": False, "authority": "none", "authority_rank": 9,
        "entry_rank": 9, "sections": 1, "signatures": 0, "promised_wd": 5, "statutory_wd": 5,
        "cases_per_wd": 3,
    }  # fmt: skip
    made = hall(
        items={"register": more},
        departments={"police": {"window_staff_full": needed, "officers_per_section": 6}},
        **{"policy.entry": 0.8},  # four of five items
    )
    assert made.rules.entered == {"permit", "deed", "clinic", "seal"}
    assert len(made.people["police representative"]) == came


@pytest.mark.parametrize(("number", "rounded"), [(0.49, 0), (0.5, 1), (1.5, 2), (2.5, 3)])
def test_halves_are_rounded_up(number: float, rounded: int) -> None:
    assert round_half_up(number) == rounded


# Qualified people -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "units"),
    [
        (None, {"land", "fire"}),  # as surveyed
        (0, set()),
        (0.5, {"land", "health"}),  # of 2, 3 and 4 people: 1, 2 (1.5) and 2
        (1, {"land", "health", "fire"}),
    ],
)
def test_a_share_of_window_staff_may_decide(
    hall: MakeHall, share: float | None, units: set[str]
) -> None:
    made = hall(**{"policy.qualified_share": share})
    assert made.rules.staff.qualified_units == units


# Recall -----------------------------------------------------------------------------------


def test_recall_shuts_a_window_with_one_person(hall: MakeHall) -> None:
    story = hall().run(CLINIC, away={"health/w1": ["2008-07-01 08:30"]}).story()
    assert story.span("accept") == ("2008-07-01 14:30", "2008-07-01 14:40")


def test_two_people_cover_for_each_other(hall: MakeHall) -> None:
    story = (
        hall().run(("permit", "2008-07-01 09:00"), away={"land/w2": ["2008-07-01 08:30"]}).story()
    )
    assert story.of("accept") == (
        "accept", "2008-07-01 09:00", "2008-07-01 09:10", "land representative",
    )  # fmt: skip


def test_people_of_the_hall_are_recalled_for_a_share_of_half_days(hall: MakeHall) -> None:
    made = hall(**{"policy.recall_rate": 0.3, "policy.recall_half_days": 2})
    run = made.run(CLINIC)
    there = {
        group.name: np.mean(present) / len(group.people)
        for group, present in zip(made.network.groups, run.history.capacity, strict=True)
    }
    in_hall = [share for name, share in there.items() if "section" not in name]
    # Four people over about 220 half-days, two at a time: the standard error is about .025.
    assert np.mean(in_hall) == pytest.approx(0.7, abs=0.1)


def test_who_is_recalled_works_in_the_sections_meanwhile(hall: MakeHall) -> None:
    made = hall(**{"policy.recall_rate": 0.3, "policy.recall_half_days": 2})
    here = dict(zip(made.people, made.run(CLINIC).history.capacity, strict=True))
    windows = {
        unit: sum(present for name, present in here.items() if name in of_unit)
        for unit, of_unit in {
            "land": ("land window", "land representative"),
            "health": ("health window",),
            "fire": ("fire representative",),
        }.items()
    }
    sections = {
        unit: sum(present for name, present in here.items() if name.startswith(f"{unit} section"))
        for unit in windows
    }
    # Land has 2 people at windows and two sections of 3, health 1 and 2, fire 1 and 1.
    for unit, people in {"land": 2 + 6, "health": 1 + 2, "fire": 1 + 1}.items():
        assert (windows[unit] + sections[unit] == people).all()
        assert windows[unit].min() < windows[unit].max()
    assert made.network.groups[-1].guests == ()  # nobody of the police is in the hall


# Comprehensive windows --------------------------------------------------------------------

POOLED = {"policy.windows": "comprehensive"}


def test_comprehensive_windows_serve_every_unit(hall: MakeHall) -> None:
    made = hall(**POOLED)
    assert made.people["comprehensive windows"] == ("land/w2", "health/w1")
    run = made.run(CLINIC, away={"health/w1": ["2008-07-01 08:30"]})
    assert run.story().of("accept") == (
        "accept", "2008-07-01 09:00", "2008-07-01 09:10", "comprehensive windows",
    )  # fmt: skip


def test_decisions_stay_with_the_unit(hall: MakeHall) -> None:
    made = hall(
        departments={"land": {"decision_staff": 0}}, **POOLED, **{"policy.authorization": 1}
    )
    story = made.run(("deed", "2008-07-01 09:00")).story()
    assert story.of("accept").who == "comprehensive windows"
    assert story.of("decide while the applicant waits").who == "land representative"


def test_representatives_serve_their_unit_where_the_pool_is_empty(hall: MakeHall) -> None:
    made = hall(departments={"land": {"window_staff": 1}, "health": {"qualified": 1}}, **POOLED)
    assert "comprehensive windows" not in made.people
    assert made.run(CLINIC).story().of("accept").who == "health representative"


# People by plan ---------------------------------------------------------------------------


def test_a_plan_sets_who_is_in_the_hall_and_conserves_people(hall: MakeHall) -> None:
    made = hall(**{"policy.staff": {"land": 4, "police": 1}})
    assert made.people["land representative"] == ("land/w1", "land/s2-3", "land/s1-3")
    assert made.people["land window"] == ("land/w2",)
    assert made.people["police representative"] == ("police/s2-2",)
    assert by_unit(made) == AS_SURVEYED
    assert made.rules.staff.windows == {"land": 4, "health": 1, "fire": 1, "police": 1}
    assert made.rules.staff.officers == {"land": 4, "health": 2, "fire": 1, "police": 3}
    assert (made.rules.staff.moved, made.rules.staff.added) == (3, 0)


def test_who_leaves_the_hall_by_plan_goes_back_to_the_smallest_section(hall: MakeHall) -> None:
    made = hall(
        departments={"land": {"window_staff": 4, "window_staff_full": 4, "qualified": 2}},
        **{"policy.staff": {"land": 1}},
    )
    assert made.people["land representative"] == ("land/w1",)
    assert "land window" not in made.people
    assert made.people["land section 1"] == (
        "land/s1-1",
        "land/s1-2",
        "land/s1-3",
        "land/w2",
        "land/w4",
    )
    assert made.people["land section 2"] == ("land/s2-1", "land/s2-2", "land/s2-3", "land/w3")
    assert (made.rules.staff.moved, made.rules.staff.added) == (0, 0)


def test_a_plan_overrules_who_comes_with_a_reform(hall: MakeHall) -> None:
    reform = {"policy.entry": 1, "policy.authorization": 1}
    assert hall(**reform).rules.staff.windows["land"] == 3
    made = hall(**reform, **{"policy.staff": {"land": 2}})
    assert made.people["land section 2"] == ("land/s2-1", "land/s2-2", "land/s2-3")
    assert by_unit(made) == AS_SURVEYED


def test_a_plan_of_todays_numbers_changes_nobody(hall: MakeHall) -> None:
    reform = {"policy.entry": 1, "policy.authorization": 1}
    made = hall(**reform)
    staff = made.rules.staff
    windows = {unit: number for unit, number in staff.windows.items() if number}
    plan = {"policy.staff": windows, "policy.officers": dict(staff.officers)}
    assert hall(**reform, **plan).people == made.people


def test_without_transfer_a_plan_adds_people_or_gives_posts_up(hall: MakeHall) -> None:
    made = hall(**{"staffing.staff_transfer": False, "policy.staff": {"land": 1, "health": 3}})
    assert made.people["health representative"] == ("health/new1", "health/new2")
    assert made.people["land section 1"] == ("land/s1-1", "land/s1-2", "land/s1-3")
    assert (made.rules.staff.moved, made.rules.staff.added) == (0, 1)


def test_officers_by_plan_spread_over_the_sections(hall: MakeHall) -> None:
    made = hall(**{"policy.officers": {"land": 7, "police": 3}})
    assert made.people["land section 1"] == (
        "land/s1-1", "land/s1-2", "land/s1-3", "land/s1-new4",
    )  # fmt: skip
    assert made.people["land section 2"] == ("land/s2-1", "land/s2-2", "land/s2-3")
    assert made.people["police section 1"] == ("police/s1-1", "police/s1-2")
    assert made.people["police section 2"] == ("police/s2-1",)
    assert made.rules.staff.added == 0  # one more, one fewer


def test_officers_by_plan_let_the_hall_grow_beyond_the_sections(hall: MakeHall) -> None:
    made = hall(**{"policy.staff": {"fire": 3}, "policy.officers": {"fire": 1}})
    assert made.people["fire representative"] == ("fire/w1", "fire/new1", "fire/new2")
    assert made.people["fire section 1"] == ("fire/s1-1",)
    assert made.rules.staff.added == 2


@pytest.mark.parametrize(("factor", "windows"), [(0, 2), (0.5, 3), (1, 3), (2, 4)])
def test_more_or_fewer_people_come_with_entered_items(
    hall: MakeHall, factor: float, windows: int
) -> None:
    # Land is to have 3 people for 2 once an item that it keeps has entered.
    made = hall(
        items={"permit": {"entered": False}},
        **{"policy.entry": 1, "staffing.entry_staff_factor": factor},
    )
    assert made.rules.staff.windows["land"] == windows
