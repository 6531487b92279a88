"""Every figure is defined, in both languages, and nothing promised is missing."""

from __future__ import annotations

import pytest

from sim.measure.definitions import Indicator, headline, indicators, phases, telling
from sim.running.replication import prepare
from sim.scenario.load import load

from .build import Came, Hall, hall_case

PROMISED = """
cases_received cases_completed completed_per_wd completion_rate cases_open cases_open_blocked
cases_open_higher_level cases_open_applicant cases_open_in_flow cases_overdue
on_time_rate_closed on_time_rate_cohort early_rate immediate_rate immediate_item_rate
served_rate all_served_rate all_withdrawn_rate days_given_up
elapsed_mean_wd elapsed_p50_wd elapsed_p90_wd elapsed_closed_mean_wd hall_wait_mean_min
hall_wait_p90_min hall_wait_max_min hall_wait_within_target_rate hall_people_max left_rate
visits_mean one_visit_rate handoffs_mean window_utilisation window_utilisation_max
office_utilisation makeup_rate returned_rate withdrawn_rate complaints fees_yuan
staff_min_per_case entry_rate authorization_rate
all_cases_received all_completed_per_wd all_completion_rate all_elapsed_mean_wd
all_elapsed_p50_wd all_elapsed_p90_wd all_visits_mean all_one_visit_rate
all_on_time_rate_cohort
days_hall_wait days_service days_courier days_inbox days_work days_signature days_helpers
days_blocked days_higher_level days_applicant days_collection
"""


def chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


@pytest.mark.parametrize("name", PROMISED.split())
def test_a_promised_figure_exists(name: str) -> None:
    assert name in indicators()


@pytest.mark.parametrize("one", indicators().values(), ids=lambda one: one.id)
def test_a_figure_says_what_it_means_in_both_languages(one: Indicator) -> None:
    for texts in (one.label, one.definition, one.population):
        assert set(texts) == {"en", "zh"}
        assert texts["en"].strip()
        assert not chinese(texts["en"])
        assert chinese(texts["zh"])
    assert one.unit
    assert one.better in {"higher", "lower", "none"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_two_figures_share_a_label(language: str) -> None:
    labels = [one.label[language] for one in indicators().values()]
    assert sorted(labels) == sorted(set(labels))


def test_a_unit_in_the_name_is_the_unit() -> None:
    for name, one in indicators().items():
        if name.endswith("_wd") and not name.endswith("per_wd"):
            assert one.unit == "wd", name
        if name.endswith("_min"):
            assert one.unit == "min", name
        if name.endswith("_rate"):
            assert one.unit == "share", name


def test_comparisons_lead_with_everyone() -> None:
    books = [one.everyone for one in headline()]
    assert books == sorted(books, reverse=True)
    assert any(books)
    assert not all(books)


def test_comparisons_lead_with_how_many_of_everyone_are_served() -> None:
    assert headline()[0].id == "all_served_rate"


def test_what_may_be_better_while_fewer_are_served() -> None:
    """Everything else must say so here, with its reason in the header of the definitions."""
    free = {one.id for one in indicators().values() if one.better != "none"} - {
        one.id for one in indicators().values() if one.needs_served
    }
    quantiles = {f"{book}elapsed_{q}_wd" for book in ("", "all_") for q in ("p50", "p90")}
    assert free == {"served_rate", "all_served_rate", "immediate_item_rate"} | quantiles
    assert {one.id for one in telling()} == {
        "served_rate", "all_served_rate", "withdrawn_rate", "all_withdrawn_rate",
    }  # fmt: skip


def test_each_phase_is_a_figure_of_both_books() -> None:
    for phase in phases():
        assert {f"days_{phase}", f"all_days_{phase}"} <= set(indicators())


def test_every_figure_is_measured_and_nothing_else() -> None:
    measured = Hall().measure(Came(1, "09:00", hall_case(1)))
    assert list(measured.figures) == list(indicators())


def test_figures_are_read_from_columns_that_exist() -> None:
    observations = Hall().measure(Came(1, "09:00", hall_case(1))).observations
    for one in indicators().values():
        if one.how == "run" or one.of.startswith("days_"):
            continue
        of_cases = {*observations.cases, *observations.times}
        of_calls = {"tickets": observations.tickets, "hall_visits": observations.hall_visits}
        assert one.of in of_calls.get(one.over, of_cases), one.id
        assert not one.by or one.by in of_cases, one.id


def test_a_column_that_does_not_exist_is_an_error_but_for_days_in_a_phase() -> None:
    observations = Hall().measure(Came(1, "09:00", hall_case(1))).observations
    everyone = observations.members["all_cases"]
    assert observations.column("days_in_no_phase", everyone).tolist() == [0]
    with pytest.raises(KeyError):
        observations.column("elapsed", everyone)


# Figures of the hall itself -----------------------------------------------------------------


def test_the_county_as_surveyed() -> None:
    books = prepare(load("county")).facts
    assert books.census_wd == 201
    assert books.fixed["entry_rate"] == 179 / 302
    assert books.fixed["immediate_item_rate"] == 19 / 179
    assert books.fixed["authorization_rate"] == 19 / 179
    assert books.fixed["window_staff"] == 48
    assert books.hall_places == 618 * 0.5


def test_reforms_move_people_and_add_none() -> None:
    before = prepare(load("county")).facts.fixed
    after = prepare(load("county+full-entry+full-authorization")).facts.fixed
    assert after["entry_rate"] == 1
    assert 0.5 < after["authorization_rate"] < 1  # not where the law or the people are missing
    assert after["window_staff"] > before["window_staff"]
    assert after["staff_total"] == before["staff_total"]


def test_hired_people_are_counted() -> None:
    hired = ["staffing.staff_transfer=false"]
    before = prepare(load("county")).facts.fixed
    after = prepare(load("county+full-entry", hired)).facts.fixed
    assert after["staff_total"] - before["staff_total"] == (
        after["window_staff"] - before["window_staff"]
    )
    assert after["staff_total"] > before["staff_total"]
