"""What loading accepts runs, over random horizons, calendars, shares, durations and seeds."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, given, seed, settings
from hypothesis import strategies as st

from sim.running.workers import Workers
from sim.scenario.load import load
from sim.scenario.problems import InputError
from sim.scenario.schema import FIRST_DAY, LAST_DAY
from sim.studies.comparison.said import run_answer
from tests.scenario.conftest import DEPARTMENTS, ITEMS
from tests.studies.build import run

CASES = 150
DAYS = st.one_of(st.dates(dt.date(2008, 6, 1), dt.date(2009, 3, 1)), st.dates(FIRST_DAY, LAST_DAY))
TINY = st.sampled_from([0.0, 1e-300, 1e-9, 0.001])
WEIGHT = st.one_of(TINY, st.floats(0, 1))
DURATION = st.fixed_dictionaries(
    {
        "mean": st.one_of(TINY, st.floats(0, 100), st.just(1e5)),
        "cv": st.one_of(TINY, st.floats(0, 5)),
        "family": st.sampled_from(["gamma", "lognormal", "exponential", "fixed"]),
    }
)
SPOILED = st.sampled_from(
    [
        ("experiment", "seed", 2**64),
        ("experiment", "seed", -1),
        ("calendar", "country", "XX"),
        ("papers", "make_up_wd", {"mean": 1e15}),
        ("offices", "inbox_wd", {"mean": 1, "cv": 1e300}),
        ("offices", "hall_share", 1e-300),
        ("demand", "hour_weights", {}),
        ("demand", "hour_weights", {"9": 0}),
        ("demand", "hour_weights", {"9": 1e-300}),
        ("demand", "weekday_share", [0, 0, 0, 0, 0]),
        ("demand", "volume", 0),
        ("horizon", "census", "9999-12-31"),
        ("horizon", "start", "2099-12-31"),
        ("horizon", "follow_up_wd", 1e9),
    ]
)
HOURS = st.sampled_from(
    [
        ["08:30-12:00", "14:30-17:30"],
        ["09:00-17:00"],
        ["00:00-00:01"],
        ["08:00-08:30", "20:00-23:59"],
    ]
)


@st.composite
def shares(draw: st.DrawFn) -> list[float]:
    """Draw weekday shares, of which some vanish."""
    weights = draw(st.lists(WEIGHT, min_size=5, max_size=5))
    total = math.fsum(weights)
    assume(total > 0)
    return [weight / total for weight in weights]


@st.composite
def horizons(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(DAYS)
    longest = min(7_000, (LAST_DAY - start).days)
    length = draw(st.one_of(st.integers(0, min(4, longest)), st.integers(0, min(60, longest))))
    length = draw(st.sampled_from([length] * 7 + [longest]))
    return {
        "start": start.isoformat(),
        "census": (start + dt.timedelta(days=length)).isoformat(),
        "follow_up_wd": draw(st.sampled_from([0, 1, 20, 60, 500])),
    }


@st.composite
def halls(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a user may write of time, chance and arrivals."""
    horizon = draw(horizons())
    start = dt.date.fromisoformat(horizon["start"])
    weights = draw(st.dictionaries(st.integers(0, 23), WEIGHT, min_size=1))
    assume(sum(weights.values()) > 1e-6)
    near = st.integers(0, 12).map(lambda days: (start + dt.timedelta(days=days)).isoformat())
    hall = {
        "horizon": horizon,
        "calendar": {
            "country": draw(st.sampled_from(["CN", "DE", "US", "IL"])),
            "hall_hours": draw(HOURS),
            "office_hours": draw(HOURS),
            "extra_holidays": draw(st.lists(near, max_size=3)),
            "extra_workdays": draw(st.lists(near, max_size=1)),
        },
        "demand": {
            "volume": draw(st.sampled_from([1e-300, 1e-6, 0.2, 1.0])),
            "weekday_share": draw(shares()),
            "busyness_cv": draw(st.sampled_from([0, 1e-300, 0.2, 5])),
            "hour_weights": weights,
        },
        "hall": {"patience_min": draw(DURATION)},
        "papers": {"make_up_wd": draw(DURATION)},
        "offices": {"inbox_wd": draw(DURATION), "hall_share": draw(st.sampled_from([0.001, 1]))},
        "experiment": {"seed": draw(st.sampled_from([0, 1, 2**63, 2**64 - 1]))},
    }
    if not draw(st.integers(0, 3)):
        group, field, value = draw(SPOILED)
        hall[group][field] = value
    return hall


def write(folder: Path, written: dict[str, Any]) -> Path:
    """Write a hall of two units and three items; JSON is YAML."""
    (folder / "departments.csv").write_text(DEPARTMENTS.partition("police")[0], "utf-8")
    kept = [line for line in ITEMS.splitlines() if not line.startswith(("site", "seal"))]
    (folder / "items.csv").write_text("\n".join(kept), "utf-8")
    tables = {"departments": "departments.csv", "items": "items.csv"}
    title = {"en": "Two units", "zh": "两单位"}
    path = folder / "hall.yaml"
    path.write_text(json.dumps({"title": title, "tables": tables, **written}), "utf-8")
    return path


def is_accepted(folder: Path, written: dict[str, Any]) -> bool:
    """Load a hall; if it is accepted, it must run."""
    path = write(folder, written)
    try:
        loaded = load(str(path))
    except InputError as refused:
        for problem in refused.problems:
            assert problem.file.endswith("hall.yaml")
            assert problem.line
            assert problem.found
            assert problem.allowed
        return False
    results = run([loaded], replications=1, workers=Workers(1))
    received = results.values(0, "all_cases_received")[0]
    assert received == int(received) >= 0
    assert results.values(0, "completed_per_wd")[0] >= 0
    told = " ".join(run_answer(results, "en"))
    assert not re.search(r"\b(nan|inf)\b", told), told
    return True


def test_what_loading_accepts_runs(tmp_path: Path) -> None:
    accepted: list[bool] = []

    @seed(1)
    @settings(
        max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(written=halls())
    def each(written: dict[str, Any]) -> None:
        accepted.append(is_accepted(tmp_path, written))

    each()
    # Halls of which all or none are refused would show nothing.
    assert CASES / 5 < sum(accepted) < 4 * CASES / 5
