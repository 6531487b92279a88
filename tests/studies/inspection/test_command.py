"""The commands that look: check, explain, indicators, assumptions, schema, help."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.measure.definitions import indicators
from sim.process.blocks import Delay, Draw, Seconds
from sim.rules.journey import network_of
from sim.scenario.load import load
from sim.studies.inspection import WORDS
from sim.studies.inspection.routes import activity
from tests.interface.conftest import Run
from tests.scenario.conftest import Hall

CONTRACT = ("check", "explain", "indicators", "assumptions", "schema", "run", "compare")


def test_help_names_every_command(run: Run) -> None:
    output = run("--help").output
    for name in CONTRACT:
        assert re.search(rf"^  {name} ", output, re.MULTILINE)


@pytest.mark.parametrize("command", ["run", "compare"])
def test_running_commands_have_the_common_options(run: Run, command: str) -> None:
    output = run(command, "--help").output
    for option in (
        "--replications",
        "--seed",
        "--jobs",
        "--engine",
        "--set",
        "--out",
        "--lang",
        "--json",
        "--quiet",
        "--no-charts",
    ):
        assert option in output


def test_check_counts_what_was_loaded(run: Run) -> None:
    output = run("check", "hall.yaml").output
    assert "hall: no problems." in output
    assert "5 items of 3 departments; 3 items in the hall (60.0%), 1 with full authority" in output
    assert "34 working days" in output


def test_check_counts_the_days_of_a_hall_with_other_hours(run: Run) -> None:
    saturdays = '[{"hours": ["09:00-11:00"], "weekdays": ["sat"]}]'
    shares = "[0.2, 0.2, 0.2, 0.2, 0.1, 0.1, 0]"
    output = run(
        "check", "hall.yaml", "--set", f"calendar.other_hall_hours={saturdays}",
        "--set", f"demand.weekday_share={shares}",
    ).output  # fmt: skip
    # Six Saturdays from 5 July to 9 August.
    assert "34 working days" in output
    assert "The hall is open on 40 days, 6 of which are no working days." in output


def test_check_tells_all_problems_with_their_lines(run: Run, small: Hall) -> None:
    small.cell("items", "deed", cases_per_wd="many")
    small.cell("items", "seal", department="polise")
    result = run("check", "hall.yaml")
    assert result.exit_code == 2
    assert re.search(r"items\.csv:3: .*many", result.output)
    assert re.search(r"items\.csv:6: .*polise.*police", result.output)


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        (
            "accept_work",
            r"item \w+: block \d+ \(Delay .* \(Serve .* could use the draw 'accept_work' 0 for",
        ),
        ("weather", r"item \w+: block \d+ \(Delay .* 'weather' 0, whose purpose is not reg"),
    ],
)
def test_check_refuses_a_rule_that_shares_luck_or_names_none(
    run: Run, monkeypatch: pytest.MonkeyPatch, purpose: str, said: str
) -> None:
    rule = Delay(
        activity="rest",
        phase="work",
        duration=Draw(purpose, Seconds(60, 1, "gamma")),
        calendar="office",
    )
    monkeypatch.setattr("sim.rules.journey.arrival", lambda _item, _hall: rule)
    result = run("check", "hall.yaml")
    assert isinstance(result.exception, ValueError)
    assert re.match(said, str(result.exception))


@pytest.mark.parametrize("item", ["site", "deed", "clinic", "mine", "seal"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explain_shows_a_route_and_draws_it(run: Run, item: str, lang: str) -> None:
    result = run("explain", "hall.yaml", "--item", item, "--lang", lang)
    assert result.exit_code == 0, result.output
    for ending in ("svg", "png"):
        assert Path(f"results/explain/hall-{item}.{lang}.{ending}").stat().st_size > 1000
    if lang == "zh":
        words = re.sub(r"\[[^\]]*\]", "", result.output)
        assert not re.search(r"[a-z]{4,} [a-z]{3,}", words), words


def test_explain_names_the_file_and_line_behind_a_step(run: Run, small: Hall) -> None:
    small.write("reforms/all.yaml", "title: {en: All, zh: 全部}\npolicy: {entry: 1.0}\n")
    output = run("explain", "hall.yaml+all", "--item", "seal").output
    assert re.search(
        r"VISIT the hall +\[rules/item_entry\.py, policy\.entry .*all\.yaml:2\]", output
    )


def test_a_story_is_told_in_both_halls(run: Run) -> None:
    result = run(
        "explain", "hall.yaml", "--case", "site:3", "--against", "hall.yaml+full-authorization"
    )
    assert result.exit_code == 0, result.output
    assert result.output.count("applicant 3") == 2
    first, second = result.output.split("applicant 3")[1:]
    arrivals = [re.search(r"2008-\d\d-\d\d \d\d:\d\d", part) for part in (first, second)]
    assert arrivals[0] is not None
    assert arrivals[1] is not None
    assert arrivals[0].group() == arrivals[1].group()


def test_the_seed_of_the_base_holds_in_both_halls(run: Run, small: Hall) -> None:
    small.write("other.yaml", "extends: hall.yaml\nexperiment: {seed: 7}\n")
    result = run("explain", "hall.yaml", "--case", "site:3", "--against", "other.yaml")
    assert result.exit_code == 0, result.output
    first, second = result.output.split("applicant 3")[1:]
    arrivals = [re.findall(r"2008-\d\d-\d\d \d\d:\d\d", part)[0] for part in (first, second)]
    assert arrivals[0] == arrivals[1]


def test_indicators_lists_every_figure(run: Run) -> None:
    output = run("indicators").output
    for name in indicators():
        assert name in output


def test_assumptions_lists_parameters_without_a_source_as_such(run: Run) -> None:
    output = run("assumptions", "hall.yaml").output
    assert "papers.incomplete_rate" in output
    assert "no source given" in output


def test_schema_is_json_schema(run: Run) -> None:
    schema = json.loads(run("schema").output)
    assert "horizon" in schema["properties"]


def test_everything_that_happens_in_the_county_has_a_name_in_both_languages() -> None:
    units = {one: one for one in ("land", "construction")}
    for name in ("county", "county+full-authorization+full-entry", "county-suspended"):
        network = network_of(load(name))
        for route in network.routes:
            for node in route.nodes:
                block = node.block
                for field in ("activity", "place", "milestone", "outcome"):
                    label = getattr(block, field, "")
                    if label and not label.startswith("home:"):
                        assert f"activity.{re.sub('[0-9]+', '#', label)}" in WORDS, label
                    assert activity(label, "zh", units) or not label


def test_a_picture_that_cannot_be_written_is_refused(run: Run) -> None:
    result = run("explain", "hall.yaml", "--item", "deed", "--out", "hall.yaml")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_an_applicant_who_stays_away_is_told_from_those_who_come(run: Run) -> None:
    few = ("--set", "demand.volume=0.2")
    said = [run("explain", "hall.yaml", "--case", f"deed:{number}", *few) for number in range(9)]
    refused = [result for result in said if result.exit_code == 2]
    assert 0 < len(refused) < 9
    coming = str(next(number for number, result in enumerate(said) if result.exit_code == 0))
    assert all(f"allowed: {coming}, " in result.stderr for result in refused)
