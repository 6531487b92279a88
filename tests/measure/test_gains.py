"""Who gains and who loses: person by person, against changes counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.measure.gains import (
    BANDS,
    ENDS,
    TOTALS,
    ApplicantOutcomes,
    Changes,
    applicant_changes,
    applicant_outcomes,
)
from sim.process.blocks import Exit, sequence
from sim.process.clock import WD_TICKS
from tests.measure.build import ARRIVE, VISIT, Came, Hall, hall_case, home_case, pause

HALF = WD_TICKS // 2


def some(
    who: list[int], elapsed_ticks: list[int], visits: list[int], end: list[str], items: str = ""
) -> ApplicantOutcomes:
    """Return outcomes on routes whose items are called by letters, a to d unless given."""
    return ApplicantOutcomes(
        tuple(items or "abcd"),
        np.array(who, np.int64),
        np.array(elapsed_ticks, np.int32),
        np.array(visits, np.int32),
        np.array([ENDS.index(one) for one in end], np.int8),
    )


def person(route: int, number: int, layer: int = 0) -> int:
    return route << 44 | layer << 36 | number


def plain(who: list[int], elapsed_ticks: list[int], items: str = "") -> ApplicantOutcomes:
    return some(who, elapsed_ticks, [1] * len(who), ["done"] * len(who), items)


def of(found: Changes, name: str) -> list[float]:
    """Return a total of the items that have applicants, or of the first."""
    rows = found.totals[TOTALS.index(name)]
    many = max(np.flatnonzero(found.totals[TOTALS.index("applicants")]), default=0) + 1
    return list(rows[:many])


# Outcomes ---------------------------------------------------------------------------------------


def test_everyone_counts_whether_in_the_hall_or_not_but_nobody_after_the_census() -> None:
    measured = Hall(census_day=10).measure(
        Came(1, "09:00", hall_case(2)),
        Came(2, "09:00", home_case(3)),
        Came(12, "09:00", hall_case(1)),
    )
    found = applicant_outcomes(measured.observations)
    assert (found.elapsed_ticks / WD_TICKS).tolist() == pytest.approx([3, 3])
    assert found.visits.tolist() == [2, 1]
    assert [ENDS[end] for end in found.end] == ["done", "done"]
    assert [who >> 44 for who in found.who] == [0, 1]


def test_a_case_that_outlasts_the_follow_up_is_open_however_it_ends_later() -> None:
    measured = Hall(census_day=10, follow_up_wd=4).measure(
        Came(1, "09:00", hall_case(8)), Came(1, "10:00", hall_case(2))
    )
    found = applicant_outcomes(measured.observations)
    assert [ENDS[end] for end in found.end] == ["open", "done"]
    assert (found.elapsed_ticks / WD_TICKS).tolist() == pytest.approx([4, 3])


def test_who_gives_up_is_told_apart_from_who_still_waits() -> None:
    def gone(wd: float) -> Came:
        return Came(1, "09:00", sequence(*ARRIVE, pause(wd, "applicant"), Exit("withdrawn")))

    found = applicant_outcomes(
        Hall(census_day=10, follow_up_wd=4).measure(gone(2), gone(8)).observations
    )
    assert [ENDS[end] for end in found.end] == ["withdrawn", "open"]
    assert (found.elapsed_ticks / WD_TICKS).tolist() == pytest.approx([4, 4])


@pytest.mark.parametrize("before", ["done", "open", "withdrawn"])
def test_nobody_gains_by_going_away(before: str) -> None:
    hall = Hall(census_day=10, follow_up_wd=6)
    stays = {
        "done": hall_case(3),
        "open": hall_case(30),
        "withdrawn": sequence(*ARRIVE, VISIT, pause(3, "applicant"), Exit("withdrawn")),
    }
    gone = sequence(*ARRIVE, Exit("withdrawn"))
    first = applicant_outcomes(hall.measure(Came(1, "09:00", stays[before])).observations)
    second = applicant_outcomes(hall.measure(Came(1, "09:00", gone)).observations)
    found = applicant_changes(first, second)
    assert first.visits[0] >= second.visits[0] == 1
    assert (of(found, "gain"), of(found, "fewer")) == ([0], [0])
    assert of(found, "lose") == [before == "done"]


def test_changes_add_up_to_the_difference_of_everyones_means() -> None:
    base = Hall(follow_up_wd=6).measure(
        *(Came(day, "09:00", hall_case(day)) for day in range(1, 8))
    )
    scenario = Hall(follow_up_wd=6).measure(
        *(Came(day, "09:00", hall_case(4)) for day in range(1, 8))
    )
    found = applicant_changes(
        applicant_outcomes(base.observations), applicant_outcomes(scenario.observations)
    )
    for total, indicator, unit in (
        ("change_ticks", "all_elapsed_mean_wd", WD_TICKS),
        ("visits", "all_visits_mean", 1),
    ):
        mean = sum(of(found, total)) / sum(of(found, "applicants")) / unit
        assert mean == pytest.approx(scenario[indicator] - base[indicator])
    # 2, 3, 4, 5, 6 days and twice more, cut at 6, became 5 each.
    assert sum(of(found, "gain")) == 3
    assert sum(of(found, "lose")) == 3


# Changes ------------------------------------------------------------------------------------


def test_half_a_working_day_is_a_change_and_a_second_less_is_none() -> None:
    sizes = [-HALF - 1, -HALF, -HALF + 1, 0, HALF - 1, HALF, HALF + 1]
    who = [person(0, number) for number in range(len(sizes))]
    found = applicant_changes(
        plain(who, [5 * WD_TICKS] * 7), plain(who, [5 * WD_TICKS + s for s in sizes])
    )
    assert (of(found, "gain"), of(found, "lose"), of(found, "applicants")) == ([2], [2], [7])
    assert of(found, "gain_ticks") == [-2 * HALF - 1]
    assert of(found, "lose_ticks") == [2 * HALF + 1]
    assert of(found, "change_ticks") == [0]


def test_bands_from_the_largest_gain_to_the_largest_loss() -> None:
    days = [-30, -10, -9, -2, -1, 0, 1, 2, 9, 10, 30]
    who = [person(0, number) for number in range(len(days))]
    before = plain(who, [40 * WD_TICKS] * len(days))
    found = applicant_changes(before, plain(who, [(40 + day) * WD_TICKS for day in days]))
    assert found.bands.tolist() == [2, 2, 1, 1, 1, 2, 2]
    assert len(found.bands) == BANDS


def test_people_are_counted_by_item_and_by_visits() -> None:
    who = [person(0, 0), person(2, 0), person(2, 1), person(2, 2)]
    before = some(who, [WD_TICKS] * 4, [2, 2, 2, 2], ["done"] * 4)
    after = some(who, [2 * WD_TICKS, WD_TICKS, 0, 3 * WD_TICKS], [3, 1, 2, 0], ["done"] * 4)
    found = applicant_changes(before, after)
    assert found.totals.shape[1] == 4
    assert of(found, "applicants") == [1, 0, 3]
    assert of(found, "gain") == [0, 0, 1]
    assert of(found, "lose") == [1, 0, 1]
    assert of(found, "lose_ticks") == [WD_TICKS, 0, 2 * WD_TICKS]
    assert of(found, "fewer") == [0, 0, 2]
    assert of(found, "more") == [1, 0, 0]
    assert of(found, "visits") == [1, 0, -3]


def test_ends_of_all_of_gainers_and_of_losers() -> None:
    who = [person(0, number) for number in range(3)]
    before = some(who, [9 * WD_TICKS, 60 * WD_TICKS, WD_TICKS], [1] * 3, ["done", "open", "done"])
    after = some(
        who, [60 * WD_TICKS, 3 * WD_TICKS, WD_TICKS], [1] * 3, ["open", "returned", "done"]
    )
    found = applicant_changes(before, after)
    done, returned, still_open = (ENDS.index(one) for one in ("done", "returned", "open"))
    everyone, gainers, losers = found.ends
    assert everyone.sum() == 3
    assert (everyone[done, done], everyone[done, still_open]) == (1, 1)
    assert (gainers.sum(), gainers[still_open, returned]) == (1, 1)
    assert (losers.sum(), losers[done, still_open]) == (1, 1)


def test_applicants_of_one_scenario_only_are_counted_apart() -> None:
    shared = [person(0, 4), person(1, 4), person(1, 9)]
    before = plain(
        [shared[0], person(0, 5), shared[1], shared[2]], [WD_TICKS, 7, 2 * WD_TICKS, WD_TICKS]
    )
    more = [person(1, 4, layer=1), *reversed(shared), person(0, 6)]
    after = plain(more, [9, 3 * WD_TICKS, 2 * WD_TICKS, 2 * WD_TICKS, 9])
    found = applicant_changes(before, after)
    assert (found.only_base, found.only_scenario) == (1, 2)
    assert of(found, "applicants") == [1, 2]
    assert of(found, "change_ticks") == [WD_TICKS, 2 * WD_TICKS]


def test_the_same_item_is_the_same_applicant_on_whatever_route() -> None:
    # Routes of the scenario: an item of its own, another one, then the base's two, exchanged.
    before = plain([person(0, 1), person(1, 1)], [WD_TICKS, 2 * WD_TICKS], "ab")
    who = [person(0, 1), person(1, 1), person(2, 1), person(3, 1)]
    after = plain(who, [0, 0, 4 * WD_TICKS, WD_TICKS], "cdba")
    found = applicant_changes(before, after)
    assert of(found, "change_ticks") == [0, 2 * WD_TICKS]
    assert (found.only_base, found.only_scenario) == (0, 2)


def test_an_item_with_a_route_for_each_policy_in_the_base_is_one_item() -> None:
    # Routes of the base: the first item before and after a date, then the second item.
    who = [person(0, 1), person(1, 2), person(2, 1)]
    before = plain(who, [WD_TICKS, 2 * WD_TICKS, WD_TICKS], "aab")
    after = plain(
        [person(0, 1), person(0, 2), person(1, 1)], [WD_TICKS, 3 * WD_TICKS, 3 * WD_TICKS], "ab"
    )
    found = applicant_changes(before, after)
    assert of(found, "applicants") == [2, 1]
    assert of(found, "change_ticks") == [WD_TICKS, 2 * WD_TICKS]
    assert (found.only_base, found.only_scenario) == (0, 0)
