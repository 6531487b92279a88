"""The event log as a table: by hand on one case, and against the cases of a whole hall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from sim.engine.play import ENGINES
from sim.measure.definitions import phases
from sim.measure.event_log import AGAIN, log_columns
from sim.running.replication import prepare, simulate_replication
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.studies.comparison.files import save
from sim.studies.comparison.results import Results
from sim.studies.findings import Record
from tests.studies.build import run
from tests.studies.conftest import hall, small

__all__ = ["hall", "small"]


@pytest.fixture
def reformed(hall: Scenario) -> Scenario:
    return hall.with_reforms("full-authorization")


def logged(scenarios: list[Scenario], jobs: int = 1, **asked: object) -> Results:
    return run(scenarios, replications=3, cases=2, log=True, workers=Workers(jobs), **asked)


def test_every_column_is_described_in_both_languages(hall: Scenario) -> None:
    found = logged([hall]).log
    assert found.columns.tolist() == list(log_columns())
    for column in log_columns().values():
        assert column.meaning["en"].endswith(".")
        assert column.meaning["zh"].endswith("。")


def test_rows_are_steps_of_the_cases_in_their_order(hall: Scenario, reformed: Scenario) -> None:
    results = logged([hall, reformed])
    log = results.log
    assert log["scenario"].unique().tolist() == results.names
    assert set(log["replication"]) == {0, 1}
    keys = ["scenario", "replication", "case"]
    for (name, number), part in log.groupby(["scenario", "replication"]):
        cases = results.cases[str(name)]
        cases = cases[cases["replication"] == number].reset_index(drop=True)
        assert part["case"].is_monotonic_increasing
        assert set(part["case"]) <= set(cases.index)
        for column in ("item", "layer", "number"):
            told = part.groupby("case")[column].first()
            assert told.astype(object).tolist() == cases.loc[told.index, column].tolist()
    assert log.groupby(keys)["enabled"].is_monotonic_increasing.all()
    began, ended = log["start"].fillna(log["enabled"]), log["end"]
    assert (log["enabled"] <= began).all()
    assert (began[ended.notna()] <= ended[ended.notna()]).all()
    assert set(log["phase"].dropna()) | set(log["wait_phase"].dropna()) <= set(phases())
    departments = {item.id: item.department for item in hall.items}
    assert (log["department"].astype(str) == log["item"].astype(str).map(departments)).all()


def test_what_is_null_was_not_reached(hall: Scenario) -> None:
    log = logged([hall]).log
    is_open = log["status"] == "open"
    assert is_open.any()
    assert (log["end"].isna() == is_open).all()
    unserved = (log["kind"] == "serve") & log["resource"].isna()
    assert (log["start"].isna() == unserved).all()
    assert log.loc[log["status"].isin(["left", "turned_away"]), "start"].isna().all()
    assert not log.loc[unserved, "status"].isin(["done"]).any()
    worked = (log["kind"] == "serve") & (log["status"] == "done")
    assert log.loc[worked, ["start", "resource"]].notna().all(axis=None)
    assert log.loc[log["kind"].isin(["delay", "visit", "exit"]), "resource"].isna().all()
    assert log.loc[log["kind"] == "session", "resource"].notna().all()


def test_visits_and_outcomes_are_those_of_the_cases() -> None:
    county = load("county", ["horizon.census=2008-08-15"])
    results = run([county], replications=1, cases=1, log=True)
    cases, log = results.cases["county"], results.log
    ended = ((cases["outcome"] != "open") & (cases["elapsed_wd"] < cases["followed_wd"])).to_numpy()
    assert ended.sum() > 1000
    visits = log[log["kind"] == "visit"].groupby("case").size().reindex(cases.index, fill_value=0)
    assert visits[ended].tolist() == cases.loc[ended, "visits"].tolist()
    assert (log["activity"] == AGAIN).any()
    exits = log[log["kind"] == "exit"].set_index("case")["activity"]
    assert exits.astype(str).tolist() == cases.loc[exits.index, "outcome"].tolist()
    assert set(cases.index) - set(exits.index) == set(cases.index[cases["outcome"] == "open"])


def test_a_person_does_one_thing_at_a_time(hall: Scenario) -> None:
    ready = prepare(hall)
    people = {group.name: len(group.people) + len(group.guests) for group in ready.network.groups}
    log = logged([hall]).log
    served = log[(log["kind"] == "serve") & log["resource"].notna() & (log["replication"] == 0)]
    for name, part in served.groupby("resource", observed=True):
        ends = part["end"].fillna(log["end"].max())
        moments = np.concatenate((part["start"], ends))
        change = np.repeat([1, -1], len(part))
        busy = change[np.lexsort((change, moments))].cumsum()
        assert busy.max() <= people[str(name)]


def test_both_engines_tell_the_same(hall: Scenario) -> None:
    compiled, reference = (logged([hall], engine=engine).log for engine in ENGINES)
    pd.testing.assert_frame_equal(compiled, reference)


def test_the_file_is_the_same_at_any_number_of_workers_and_written_by_parts(
    hall: Scenario, reformed: Scenario, tmp_path: Path
) -> None:
    written = []
    for jobs in (1, 3):
        folder = tmp_path / str(jobs)
        folder.mkdir()
        results = logged([hall, reformed], jobs)
        save(results, folder, Record(seed=1, seconds=0, command=()))
        written.append((folder / "log.parquet").read_bytes())
    assert written[0] == written[1]
    file = pq.ParquetFile(tmp_path / "1" / "log.parquet")
    assert file.num_row_groups == 2 * 2
    pd.testing.assert_frame_equal(
        file.read().to_pandas().astype(str), results.log.astype(str), check_dtype=False
    )


def test_asking_for_the_log_changes_no_figure(hall: Scenario) -> None:
    plain = run([hall], replications=3, cases=2, workers=Workers(1))
    with_log = logged([hall])
    pd.testing.assert_frame_equal(plain.indicators, with_log.indicators)
    pd.testing.assert_frame_equal(plain.cases["hall"], with_log.cases["hall"])
    assert plain.log.empty


def test_the_log_has_the_times_of_the_engine(hall: Scenario) -> None:
    ready = prepare(hall)
    what = simulate_replication(ready, 0, 20090420, log=True)
    assert what.log is not None
    found = run([hall], replications=1, cases=1, log=True, seed=20090420, workers=Workers(1)).log
    origin = np.datetime64(hall.settings.horizon.start, "s")
    first = np.flatnonzero(what.log.case == int(found["case"][0]))
    times = {origin + np.timedelta64(int(second), "s") for second in what.log.enabled_s[first]}
    own = found[found["case"] == found["case"][0]]
    assert {np.datetime64(one, "s") for one in own["enabled"]} <= times | set(
        own.loc[own["activity"] == AGAIN, "enabled"].to_numpy()
    )
