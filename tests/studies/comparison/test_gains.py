"""Gains and losses in a comparison, against the case tables of both scenarios."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.studies.comparison.results import Results
from tests.scenario.conftest import Hall
from tests.studies.build import run

SHARED = ["item", "layer", "number"]


@pytest.fixture
def compared(hall: Scenario) -> Results:
    other = hall.with_reforms("full-authorization").with_values({"policy.recall_rate": 0.5})
    return run([hall, other], replications=1, workers=Workers(1), cases=1)


def both_tables(results: Results) -> pd.DataFrame:
    """Return the cases of both scenarios side by side, everyone who came by the census."""
    census = pd.Timestamp(results.scenarios[0].settings.horizon.census) + pd.Timedelta(days=1)
    first, second = (
        frame[frame.arrived < census] for frame in (results.cases[name] for name in results.names)
    )
    return first.merge(second, on=SHARED, suffixes=("_before", "_after"), validate="one_to_one")


def test_shares_and_means_are_those_of_the_case_tables(compared: Results) -> None:
    cases = both_tables(compared)
    change = cases.elapsed_wd_after - cases.elapsed_wd_before
    gain, lose = change <= -0.5, change >= 0.5
    row = compared.gains.iloc[0]
    assert gain.any()
    assert lose.any()
    assert (row.department, row["item"]) == ("", "")
    assert row.applicants == len(cases)
    assert row.share_gain == pytest.approx(gain.mean())
    assert row.share_lose == pytest.approx(lose.mean())
    assert row.mean_gain_wd == pytest.approx(-change[gain].mean())
    assert row.mean_loss_wd == pytest.approx(change[lose].mean())
    visits = cases.visits_after - cases.visits_before
    stayed = cases.outcome_after != "withdrawn"
    assert row.share_fewer_visits == pytest.approx(((visits < 0) & stayed).mean())
    assert row.share_more_visits == pytest.approx((visits > 0).mean())
    assert row.mean_change_visits == pytest.approx(visits.mean())


def test_each_item_and_department_too(compared: Results) -> None:
    cases = both_tables(compared)
    cases["change"] = cases.elapsed_wd_after - cases.elapsed_wd_before
    department = {item.id: item.department for item in compared.scenarios[0].items}
    gains = compared.gains
    items = gains[gains["item"] != ""].set_index("item")
    assert set(items.index) == set(cases["item"])
    for item, group in cases.groupby("item"):
        assert items.loc[item, "department"] == department[item]
        assert items.loc[item, "applicants"] == len(group)
        assert items.loc[item, "mean_change_wd"] == pytest.approx(group.change.mean())
        assert items.loc[item, "share_lose"] == pytest.approx((group.change >= 0.5).mean())
    departments = gains[(gains["item"] == "") & (gains.department != "")].set_index("department")
    for name, group in cases.groupby(cases["item"].map(department)):
        assert departments.loc[name, "applicants"] == len(group)
        assert departments.loc[name, "mean_change_wd"] == pytest.approx(group.change.mean())


def test_the_changes_of_all_add_up_to_the_difference_of_the_means(hall: Scenario) -> None:
    scenarios = [hall, hall.with_reforms("full-authorization"), hall.with_reforms("full-entry")]
    results = run(scenarios, replications=5, workers=Workers(2))
    everyone = results.gains[results.gains.department == ""]
    for row in everyone.itertuples():
        for column, indicator in (
            ("mean_change_wd", "all_elapsed_mean_wd"),
            ("mean_change_visits", "all_visits_mean"),
        ):
            difference = results.difference(str(row.scenario), indicator)
            assert getattr(row, column) == pytest.approx(difference["mean"])
        assert row.n == 5
    assert (everyone.share_gain_low <= everyone.share_gain).all()
    assert (everyone.share_gain <= everyone.share_gain_high).all()


def test_ends_add_up_to_everyone(compared: Results) -> None:
    ends, row = compared.ends, compared.gains.iloc[0]
    assert ends.applicants.sum() == row.applicants
    assert ends.gain.sum() == pytest.approx(row.share_gain * row.applicants)
    assert ends.lose.sum() == pytest.approx(row.share_lose * row.applicants)
    cases = both_tables(compared)
    open_wd = compared.scenarios[0].settings.horizon.follow_up_wd
    unserved = ends[ends.end_in_base.isin(["open", "withdrawn"])].applicants.sum()
    assert unserved == (cases.elapsed_wd_before >= open_wd).sum()
    withdrawn = ends[ends.end_in_base == "withdrawn"].applicants.sum()
    assert withdrawn == (cases.outcome_before == "withdrawn").sum() > 0


def test_a_larger_volume_is_compared_on_those_who_come_anyway(hall: Scenario) -> None:
    more = hall.with_values({"demand.hidden_volume": 2, "demand.volume": 1.5})
    results = run([hall, more], replications=2, workers=Workers(1))
    row = results.gains.iloc[0]
    base = results.values(0, "all_cases_received")
    scenario = results.values(1, "all_cases_received")
    assert row.only_in_base == 0
    assert row.only_in_scenario == (scenario - base).mean() > 0
    assert row.applicants == base.mean()


def test_nobody_gains_or_loses_by_a_reform_that_does_nothing(hall: Scenario) -> None:
    results = run([hall, hall.with_values({"fees.scale": 3})], replications=2, workers=Workers(1))
    row = results.gains.iloc[0]
    assert (row.share_gain, row.share_lose, row.mean_change_wd) == (0, 0, 0)
    assert np.isnan(row.mean_gain_wd)


def test_one_scenario_alone_carries_no_passages(hall: Scenario) -> None:
    results = run([hall], replications=1, workers=Workers(1))
    assert results.gained == ()
    assert results.gains.empty
    assert "gains" not in results.document()
    assert "gains" not in results.tables


TRANSITION = """\
extends: hall.yaml
title: {{en: From {day}, zh: 自{day}起}}
transition:
  - {{begins: {day}, reforms: [full-authorization]}}
  - {{begins: 2008-08-06, reforms: [full-entry], departments: [land]}}
"""


@pytest.mark.parametrize("other", ["hall", "later", "early+incentives"])
def test_a_base_whose_policy_changes_on_dates_compares_the_same_applicants(
    small: Hall, other: str
) -> None:
    small.write("early.yaml", TRANSITION.format(day="2008-07-21"))
    small.write("later.yaml", TRANSITION.format(day="2008-07-29"))
    file, _, reform = other.partition("+")
    scenarios = [load("early.yaml"), load(f"{file}.yaml" + f"+{reform}" * bool(reform))]
    results = run(scenarios, replications=1, workers=Workers(1), cases=1)
    cases = both_tables(results)
    row = results.gains.iloc[0]
    assert (row.applicants, row.only_in_base, row.only_in_scenario) == (len(cases), 0, 0)
    assert len(cases) == results.values(0, "all_cases_received")[0]
    change = cases.elapsed_wd_after - cases.elapsed_wd_before
    assert row.mean_change_wd == pytest.approx(change.mean())
    items = results.gains[results.gains["item"] != ""].set_index("item")
    assert items.applicants.to_dict() == cases.groupby("item").size().to_dict()
