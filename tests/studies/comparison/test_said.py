"""What the terminal says of a comparison: nothing overclaimed, nothing contradicted."""

from __future__ import annotations

import io
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console
from rich.table import Table

from sim.measure.definitions import Language, headline, indicators
from sim.running.workers import Workers
from sim.scenario.load import load
from sim.studies.comparison import say
from sim.studies.comparison.charts import CHARTS
from sim.studies.comparison.histories import Replication
from sim.studies.comparison.results import Results
from sim.studies.comparison.said import compare_answer, differences_table, figures_table
from sim.studies.comparison.said_gains import gains_sentence, losers
from tests.interface.conftest import small
from tests.scenario.conftest import Hall
from tests.studies.build import run

__all__ = ["small"]

ELAPSED, VISITS = "all_elapsed_mean_wd", "all_visits_mean"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@pytest.fixture
def found(small: Hall) -> Results:
    small.reform("nothing", "postal_share", 0.0)
    return run([load("hall.yaml"), load("hall.yaml+nothing")], replications=2, workers=Workers(1))


def with_changes(found: Results, n: int, **changes: np.ndarray | float) -> Results:
    """Invent n replications in which the scenario differs from the base by these figures."""
    base = {
        name: 10 + np.random.default_rng(crc32(name.encode())).normal(0, 1, n)
        for name in indicators()
    }
    finished = tuple(
        {
            number: Replication(
                {
                    one: float(
                        values[number] + place * np.broadcast_to(changes.get(one, 0.0), n)[number]
                    )
                    for one, values in base.items()
                },
                found.finished[0][0].series,
                0,
            )
            for number in range(n)
        }
        for place in (0, 1)
    )
    return replace(found, finished=finished, gained=(), certain=frozenset())


def drawn(table: Table) -> str:
    console = Console(file=io.StringIO(), width=200)
    console.print(table)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return str(text)


def answer(results: Results, lang: Language = "en") -> str:
    return "\n".join(compare_answer(results, lang))


def centred(seed: int, n: int) -> np.ndarray:
    values = np.random.default_rng(seed).normal(0, 1, n)
    return np.asarray((values - values.mean()) / values.std(ddof=1), float)


def test_identical_is_said_of_these_histories_only(found: Results) -> None:
    assert "identical in these 2 histories" in answer(found)
    assert "在这 2 次模拟中完全相同" in answer(found, "zh")
    results = with_changes(found, 8, **{ELAPSED: 1.0})
    assert "= identical in these 8 histories" in " ".join(
        drawn(differences_table(results, "en")).split()
    )


def test_figures_that_lead_may_be_identical_while_others_change(found: Results) -> None:
    results = with_changes(found, 12, cases_open=3.0)
    assert "visits and share served are identical in these 12 histories" in answer(results)
    assert "Worse: Open cases" in answer(results)


GONE = {"all_withdrawn_rate": 0.3, "left_rate": 0.2, ELAPSED: -1.0, "cases_open": -3.0}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_goes_away_is_said_before_any_gain(found: Results, lang: Language) -> None:
    results = with_changes(found, 12, **GONE, **{VISITS: 1.0})
    first, then, *_ = compare_answer(results, lang)
    assert say("clause.all_withdrawn_rate.more", lang, size="|", low="", high="")[:12] in first
    assert say("clause.left_rate.more", lang, size="|", low="", high="")[:12] in first
    assert say("clause.other_cases", lang) in then
    listed = [indicators()[name].label[lang] for name in (ELAPSED, "cases_open")]
    told = say("compare.other_cases", lang, figures=say("comma", lang).join(listed))
    assert told.strip() in then
    assert say("compare.worse", lang, figures=indicators()[VISITS].label[lang]) in then


def test_who_gives_up_in_the_hall_is_told_if_not_everyone_does(found: Results) -> None:
    text = answer(with_changes(found, 12, withdrawn_rate=0.3))
    assert text.startswith("First: with “Nothing” the share of the hall's cases")
    assert "First:" not in answer(with_changes(found, 12, withdrawn_rate=-0.3, cases_open=-3.0))


def test_other_cases_have_a_mark_of_their_own_everywhere(found: Results) -> None:
    results = with_changes(found, 12, **GONE)
    for lang in LANGUAGES:
        table = drawn(differences_table(results, lang))
        head, body = table.split("┏")
        assert "≠" in head
        assert body.count("≠") == 2
        assert "✓" not in body
        figure = CHARTS["differences"](results, lang)
        texts = [text.get_text() for text in figure.findobj(Text)]
        assert say("chart.differences.other_cases", lang) in texts
        assert say("chart.differences.better", lang) not in texts
    told = {row["indicator"]: row["verdict"] for row in results.document()["differences"]}  # type: ignore[attr-defined]
    assert told[ELAPSED] == told["cases_open"] == "other cases"


def test_a_title_names_no_scenario_for_what_fewer_make(found: Results) -> None:
    fair = with_changes(found, 12, **{VISITS: -1.0})
    gone = with_changes(found, 12, **{VISITS: -1.0, "all_served_rate": -0.2})
    assert "with nothing" in title(CHARTS["visits"](fair, "en"))
    assert "with nothing" not in title(CHARTS["visits"](gone, "en"))


def title(figure: Figure) -> str:
    return figure.texts[0].get_text().replace("\n", " ")


def test_what_cannot_be_told_gets_advice_that_does_not_peek(found: Results) -> None:
    results = with_changes(found, 12, **{ELAPSED: centred(2, 12) + 0.3})
    text = answer(results)
    needed = results.difference(results.names[1], ELAPSED)["replications_needed"]
    assert needed > 60
    assert "would probably tell" in text
    assert f"--seed {results.seed + 1}" in text
    number = int(text.split("(-n ")[1].split(" ")[0])
    assert needed <= number <= 1.1 * needed
    assert f"--seed {results.seed + 1}" in answer(results, "zh")


def test_clear_answers_come_without_advice(found: Results) -> None:
    assert "--seed" not in answer(with_changes(found, 12, **{ELAPSED: -1.0}))


def test_a_verdict_against_its_own_interval_is_explained(found: Results) -> None:
    n = 20
    others = [one.id for one in headline() if one.id != ELAPSED]
    clear = {one: centred(place, n) + 20 for place, one in enumerate(others)}
    results = with_changes(found, n, **clear, **{ELAPSED: -centred(99, n) - 2.3 / np.sqrt(n)})
    row = results.difference(results.names[1], ELAPSED)
    assert row["verdict"] == "better"
    assert row["low"] < 0 < row["high"]
    assert row["holm_only"]
    text = answer(results)
    assert "a case takes 0.5 wd less (−0.3 to 1.3) by Holm's test †" in text
    table = drawn(differences_table(results, "en"))
    assert table.count("✓ †") == 1
    assert "a close call" in table
    assert "结论勉强" in drawn(differences_table(results, "zh"))
    for lang in LANGUAGES:
        figure = CHARTS["differences"](results, lang)
        texts = [text.get_text() for text in figure.findobj(Text)]
        assert texts.count("†") == 1
        assert any(say("chart.note.band_holm", lang) in text.replace("\n", " ") for text in texts)


def test_an_interval_that_ends_near_0_shows_on_which_side(found: Results) -> None:
    change = 0.05 * centred(3, 20) + 0.05
    results = with_changes(found, 20, **{ELAPSED: change})
    row = results.difference(results.names[1], ELAPSED)
    assert 0 < row["low"] < 0.05
    low = answer(results).split("wd more (")[1].split(" to ")[0]
    assert float(low) > 0


def test_null_replications_are_flagged(found: Results) -> None:
    results = with_changes(found, 8, **{ELAPSED: centred(1, 8) + 5})
    first = dict(results.finished[0])
    first[3] = replace(first[3], indicators=first[3].indicators | {ELAPSED: np.nan})
    results = replace(results, finished=(first, results.finished[1]))
    for lang in LANGUAGES:
        text = drawn(differences_table(results, lang))
        assert text.count("(n=7)") == 1
        assert ("histories used" in text) == (lang == "en")
    assert "(n=7)" in drawn(figures_table(results, "en"))
    assert "(n=" not in drawn(figures_table(found, "en"))


def test_too_few_equal_differences_are_shown_without_interval_and_with_a_question_mark(
    found: Results,
) -> None:
    results = with_changes(found, 2, **{ELAPSED: 1.0})
    assert "+1.0 ?" in drawn(differences_table(results, "en"))


# Who gains and who loses --------------------------------------------------------------------


@pytest.fixture
def gained(small: Hall) -> Results:
    return run(
        [load("hall.yaml"), load("hall.yaml+full-authorization")],
        replications=3,
        workers=Workers(1),
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_gainers_and_losers_are_told_with_names(gained: Results, lang: Language) -> None:
    text = gains_sentence(gained, 1, "T", lang)
    found = losers(gained, gained.names[1], "department")
    base = gained.scenarios[0]
    first = getattr(base.department(str(found.iloc[0]["department"])).name, lang)
    assert first in text
    row = gained.gains.iloc[0]
    assert f"{100 * row['share_gain']:.1f}" in text
    assert "nan" not in text
    assert (found.losers.sum()) == pytest.approx(row["share_lose"] * row["applicants"], rel=0.05)


def test_nobody_is_said_when_nothing_changes(found: Results) -> None:
    assert "no applicant's time changes" in answer(found)
    assert "没有申请人" in answer(found, "zh")


def test_applicants_of_one_scenario_only_are_told(small: Hall) -> None:
    base = load("hall.yaml")
    results = run(
        [base, base.with_values({"demand.volume": 1.5})], replications=2, workers=Workers(1)
    )
    assert "come in one of the two scenarios only" in answer(results)


def test_rivals_say_nothing_from_a_single_history(found: Results) -> None:
    one = replace(with_changes(found, 1, **{ELAPSED: 1.0}), rivals=(with_changes(found, 1),))
    assert "explains the report" not in answer(one)
    two = replace(with_changes(found, 9, **{ELAPSED: 1.0}), rivals=(with_changes(found, 9),))
    assert "explains the report" in answer(two)
