"""Numbers that are none, halls to which nobody comes: answered, and never in nan."""

from __future__ import annotations

import re
import warnings

import pytest
from click.testing import CliRunner

from sim.cli import hall as command
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall

DIGITS = "1" * 5_000
QUICK = ("--jobs", "1", "--quiet", "--no-charts", "-n", "2")


@pytest.mark.parametrize(
    "arguments",
    [
        ("capacity", "hall.yaml", "--target", "nan"),
        ("capacity", "hall.yaml", "--target", "1e999"),
        ("staff", "hall.yaml", "--target", "completion_rate>=nan"),
        ("staff", "hall.yaml", "--target", "completion_rate>=0.5", "--confidence", "nan"),
        ("staff", "hall.yaml", "--target", "completion_rate>=0.5", "--indifference", "inf"),
        ("staff", "hall.yaml", "--target", "completion_rate>=0.5", "--people", DIGITS),
        ("run", "hall.yaml", "--precision", "nan"),
        ("run", "hall.yaml", "--seed", str(2**64)),
        ("run", "hall.yaml", "--seed", "²"),
        ("run", "hall.yaml", "-n", "100001"),
        ("run", "hall.yaml", "-n", DIGITS),
        ("run", "hall.yaml", "--jobs", "1e9"),
        ("run", "hall.yaml", "--cases", str(10**30)),
        ("run", "hall.yaml", "--set", f"policy.work_speed={DIGITS}"),
        ("run", "hall.yaml", "--set", "policy.work_speed=1e999999999"),
        ("explain", "hall.yaml", "--case", "deed:²"),
        ("explain", "hall.yaml", "--case", f"deed:{DIGITS}"),
        ("explain", "hall.yaml", "--case", "deed:0", "--seed", str(2**64)),
        ("sweep", "hall.yaml", "--vary", "policy.entry=0:1:0.5", "--points", DIGITS),
        ("sweep", "hall.yaml", "--vary", "policy.entry=0:1:0.5", "--shard", f"1/{DIGITS}"),
        ("sweep", "hall.yaml", "--vary", "policy.entry=0:1:0.5", "--shard", "¹/²"),
        ("sweep", "hall.yaml", "--vary", "policy.entry=0:1:1e-999999999"),
        ("sensitivity", "hall.yaml", "--vary", "policy.recall_rate=nan:1"),
        ("sensitivity", "hall.yaml", "--method", "sobol", "--samples", str(2**40)),
        ("ensemble", "hall.yaml", "+full-entry", "--redraw-seed", str(2**64)),
        ("transition", "hall.yaml", "--phase", "9999-12-31:full-entry"),
        ("transition", "hall.yaml", "--phase", "2008-07-20:full-entry", "--until", "9999-12-31"),
    ],
    ids=lambda arguments: " ".join(arguments)[:60],
)
def test_numbers_that_are_none_are_refused(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stderr.strip()


def test_the_largest_seed_runs(run: Run) -> None:
    result = run("run", "hall.yaml", *QUICK, "--seed", str(2**64 - 1))
    assert result.exit_code == 0, result.output


def test_a_study_without_a_base_says_so(small: Hall, run: Run) -> None:
    small.write("study.yaml", "version: 1\nbase: []\nvary: {policy.entry: [0.5, 1]}\n")
    result = run("sweep", "study.yaml")
    assert result.exit_code == 2
    assert result.stderr == "study.yaml:2: base is empty; allowed: one scenario or more\n"


def test_a_check_tells_what_a_comparison_with_rivals_would(small: Hall, run: Run) -> None:
    small.write("other.yaml", "extends: hall.yaml\nhorizon: {census: 2031-01-01}\n")
    with (small.folder / "hall.yaml").open("a", encoding="utf-8") as file:
        file.write("rivals: [other]\n")
    told = [run(*arguments).stderr for arguments in (
        ("check", "hall.yaml"), ("compare", "hall.yaml", "+full-entry")
    )]  # fmt: skip
    assert told[0] == told[1]
    assert told[0].startswith("other.yaml:2: the census 2031-01-01")


FIT = """\
title: {en: Fit, zh: 拟合}
note: {en: Fitted., zh: 拟合。}
fit:
- parameter: demand.volume
  indicator: cases_received
  start: 1
replications: 2
fitted: {}
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("start: 1", "start: -1", "fit.yaml:6: fit.0.start is -1"),
        ("replications: 2", "replications: 0", "fit.yaml:7: replications is 0"),
        ("replications: 2", "seed: 18446744073709551616", "fit.yaml:7: seed is 1844"),
        ("fit:", "fitt:", "fit.yaml:1: fit is missing"),
        ("cases_received", "fees_yuan", "fit.yaml:5: no report figure 'fees_yuan' above 0"),
        ("demand.volume", "demand.value", "hall.yaml:5: a fit that leads to: unknown field"),
        ("start: 1", "start: 1e9", "hall.yaml:5: a fit that leads to: demand.volume is"),
        ("  start: 1", "  how: proportional\n  start: 1e-9", "hall.yaml:5: cases_received is 0"),
    ],
)
def test_a_plan_of_a_calibration_has_its_mistakes_told(
    small: Hall, run: Run, old: str, new: str, told: str
) -> None:
    text = (small.folder / "hall.yaml").read_text(encoding="utf-8")
    small.write("hall.yaml", text + "calibration: fit.yaml\n")
    line = len(text.splitlines()) + 1
    small.write("fit.yaml", FIT.replace(old, new, 1))
    result = run("calibrate", "hall.yaml", "--jobs", "1")
    assert result.exit_code == 2, result.output
    assert told.replace("hall.yaml:5", f"hall.yaml:{line}") in result.stderr
    assert (small.folder / "fit.yaml").read_text(encoding="utf-8") == FIT.replace(old, new, 1)


# Nobody comes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("run", "hall.yaml", "--steady-state"), 0),
        (("compare", "hall.yaml", "+incentives"), 0),
        (("capacity", "hall.yaml"), 0),
        (("sweep", "hall.yaml", "--vary", "policy.recall_rate=0,0.1"), 0),
        (("sensitivity", "hall.yaml", "+incentives", "--vary", "offices.hall_share=0.2:0.4"), 0),
        (("transition", "hall.yaml", "--phase", "2008-07-21:incentives"), 0),
        (("attribute", "hall.yaml", "incentives"), 2),
        (("staff", "hall.yaml", "--target", "completion_rate>=0.5", "--budget", "20"), 2),
    ],
    ids=lambda asked: asked[0] if isinstance(asked, tuple) else "",
)
def test_where_nobody_comes_no_sentence_says_nan(
    small: Hall, asked: tuple[str, ...], code: int, lang: str
) -> None:
    options = ("--set", "demand.volume=1e-9", "--lang", lang, *QUICK)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = CliRunner().invoke(command, [*asked, *options])
    assert result.exit_code == code, result.output
    assert not re.search(r"\b(nan|inf)\b", result.output, re.IGNORECASE)


@pytest.mark.parametrize("asked", [("run",), ("transition", "--phase", "2008-07-21:incentives")])
def test_where_nobody_comes_nothing_is_drawn(small: Hall, asked: tuple[str, ...]) -> None:
    options = ("--set", "demand.volume=1e-9", "--quiet", "--jobs", "1", "-n", "2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = CliRunner().invoke(command, [asked[0], "hall.yaml", *asked[1:], *options])
    assert result.exit_code == 0, result.output
    assert [*small.folder.glob("results/*/*/manifest.json")]
    assert not [*small.folder.glob("results/*/*/charts/*")]
