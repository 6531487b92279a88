"""Every study in Python: one kind of object, and every column of every table described."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pyarrow import parquet

import sim
from sim.studies.columns import column_text, described_columns, described_tables
from sim.studies.findings import Findings, Frames
from tests.running.kills import write_hall

CALLS: dict[str, Callable[[], Findings[Any]]] = {
    "run": lambda: sim.run("hall.yaml", replications=3, steady_state=True, log=True, jobs=1),
    "precision": lambda: sim.run("hall.yaml", precision=0.5, most=12, jobs=1),
    "compare": lambda: sim.compare(["hall.yaml", "+full-authorization"], replications=3),
    "sweep": lambda: sim.sweep("hall.yaml", {"policy.authorization": [0, 1]}, replications=2),
    "attribute": lambda: sim.attribute(
        "hall.yaml", ["full-authorization", "full-entry"], replications=2
    ),
    "tornado": lambda: sim.sensitivity(
        "hall.yaml", "+full-authorization", vary="demand.volume=0.8:1.2", replications=3
    ),
    "morris": lambda: sim.sensitivity(
        "hall.yaml", method="morris", vary=["demand.volume=0.8:1.2"], trajectories=2, replications=2
    ),
    "sobol": lambda: sim.sensitivity(
        "hall.yaml",
        method="sobol",
        vary=["demand.volume=0.8:1.2", "policy.recall_rate=0:0.2"],
        samples=8,
        replications=2,
    ),
    "staff": lambda: sim.staff("hall.yaml", "served_rate>=0.5", budget=60, replications=4),
    "capacity": lambda: sim.capacity("hall.yaml", replications=2),
    "transition": lambda: sim.transition(
        "hall.yaml", "2008-07-20:full-authorization", replications=2
    ),
    "ensemble": lambda: sim.ensemble(
        "fitted.yaml", ["+full-authorization"], variants=2, effective=3, replications=2
    ),
    "calibrate": lambda: sim.calibrate("fitted.yaml"),
    "check": lambda: sim.check("hall.yaml"),
    "route": lambda: sim.explain("hall.yaml", item="deed"),
    "case": lambda: sim.explain("hall.yaml", case="deed:0", against="+full-authorization"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    here = Path.cwd()
    there = tmp_path_factory.mktemp("python")
    write_hall(there)
    os.chdir(there)
    yield there
    os.chdir(here)


@pytest.fixture(scope="module", params=CALLS)
def findings(request: pytest.FixtureRequest, folder: Path) -> Findings[Any]:
    return CALLS[request.param]()


def test_it_says_in_short_what_it_is(findings: Findings[Any]) -> None:
    assert len(repr(findings)) < 300
    assert "hall" in repr(findings) or "fitted" in repr(findings)
    assert len(findings._repr_html_()) < 30_000
    assert "<pre>" in findings._repr_html_()


def test_every_table_is_a_frame_and_an_attribute(findings: Findings[Any]) -> None:
    assert findings.frames
    for name, frame in findings.frames.items():
        assert isinstance(frame, pd.DataFrame)
        assert getattr(findings, name) is frame
        assert name in dir(findings)
        assert name not in dir(Findings)
    with pytest.raises(AttributeError, match="allowed"):
        findings.nothing  # noqa: B018


def test_every_column_is_described_in_both_languages(findings: Findings[Any]) -> None:
    for name, frame in findings.frames.items():
        assert set(described_tables()[name]) == {"en", "zh"}
        for column in frame.columns:
            english, chinese = (column_text(name, column, lang) for lang in ("en", "zh"))  # type: ignore[arg-type]
            assert english, f"{name}.{column}"
            assert chinese != english


def test_it_draws_and_saves_what_the_command_would(findings: Findings[Any], folder: Path) -> None:
    written = findings.save(folder / "out", charts=False)
    assert (written / "manifest.json").is_file()
    assert json.loads(json.dumps(findings.document(written)))
    for file in written.glob("*.parquet"):
        for field in parquet.read_schema(file):
            assert set(field.metadata) >= {b"en", b"zh"}, f"{file.name}: {field.name}"
            assert field.metadata[b"en"]
    for name in findings.charts[:1]:
        chart = findings.plot(name, "zh")
        assert chart.get_axes()
        assert chart._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    with pytest.raises(sim.InputError, match="no chart"):
        findings.plot("nothing")


def test_nothing_is_described_that_is_not_there() -> None:
    for name in described_tables():
        for text in described_columns(name).values():
            assert set(text) >= {"en", "zh"}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: sim.run("hall.yaml", replications=0), "replications is 0"),
        (lambda: sim.run("hall.yaml", replication=3), "did you mean 'replications'"),  # type: ignore[call-arg]
        (lambda: sim.compare(["hall.yaml"]), "at least one more scenario"),
        (lambda: sim.capacity("hall.yaml", target=3), "target is 3"),
        (lambda: sim.sweep("hall.yaml", {"policy.nothing": [1]}), "policy.nothing"),
        (lambda: sim.staff("hall.yaml", "nothing>=1"), "nothing"),
        (lambda: sim.attribute("hall.yaml", ["nothing"]), "nothing"),
        (lambda: sim.sensitivity("hall.yaml", method="guess"), "method"),  # type: ignore[arg-type]
        (lambda: sim.transition("hall.yaml", "tomorrow:full-entry"), "tomorrow"),
        (lambda: sim.ensemble("hall.yaml", ["+full-entry"], variants=0), "variants is 0"),
        (lambda: sim.calibrate("hall.yaml"), "calibration"),
        (lambda: sim.explain("hall.yaml"), "either item or case"),
        (lambda: sim.run("nothing"), "no scenario 'nothing'"),
    ],
)
def test_a_bad_argument_is_one_kind_of_error(
    call: Callable[[], object], said: str, folder: Path
) -> None:
    with pytest.raises(sim.InputError) as refused:
        call()
    assert said in str(refused.value)


def test_a_scenario_with_problems_is_checked_and_not_saved(folder: Path) -> None:
    found = sim.check("nothing")
    assert len(found.problems) == 1
    with pytest.raises(sim.InputError):
        found.save()


def test_the_public_names() -> None:
    assert set(sim.__all__) == {
        "InputError",
        "RunError",
        "attribute",
        "calibrate",
        "capacity",
        "check",
        "compare",
        "ensemble",
        "explain",
        "load",
        "run",
        "sensitivity",
        "staff",
        "sweep",
        "transition",
    }
    assert sim.__all__ == sim.api.__all__
    for name in sim.__all__:
        assert callable(getattr(sim, name))


def test_a_table_is_made_when_it_is_asked_for(folder: Path) -> None:
    made = []

    def make(name: str) -> Callable[[], pd.DataFrame]:
        return lambda: (made.append(name), pd.DataFrame({"a": [1]}))[1]

    frames = Frames({"small": make("small"), "large": make("large")})
    assert repr(frames) == "<tables: small, large>"
    assert len(frames["small"]) == 1
    assert frames["small"] is frames["small"]
    assert made == ["small"]
    findings = sim.run("hall.yaml", replications=1, log=True, jobs=1)
    assert "log" in repr(findings)
    assert findings.indicators is not None
    assert "log" not in vars(findings.result)  # the file is read by `findings.log` only


def test_one_set_of_values_holds_in_every_base(folder: Path) -> None:
    hall = sim.load("hall.yaml")
    other = hall.with_values({"policy.recall_rate": 0.5})
    vary = {"policy.authorization": [0, 1]}
    with pytest.raises(sim.InputError, match="different single values"):
        sim.sweep([hall, other], vary, replications=1)
    alone, by_set = (
        sim.sweep(base, vary, replications=2).summary
        for base in (other, sim.load("hall.yaml", ["policy.recall_rate=0.5"]))
    )
    assert alone["mean"].tolist() == by_set["mean"].tolist()
    assert alone["mean"].tolist() != sim.sweep(hall, vary, replications=2).summary["mean"].tolist()
