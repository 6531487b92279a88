"""Sentences and tables for the terminal: the answer, a short table, and cautions."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
from rich.table import Table

from sim.measure.definitions import ANSWERED, Indicator, Language, headline, indicators
from sim.present.cautions import FEW_REPLICATIONS, few_replications, overload_sentence
from sim.present.numbers import (
    UNITS,
    amount,
    change,
    change_decimals,
    digits,
    enough_decimals,
    figure,
    is_known,
)
from sim.present.verdicts import MARKS
from sim.process.load import Load
from sim.stats.comparison import Verdict
from sim.stats.intervals import mean_interval
from sim.studies.comparison import say
from sim.studies.comparison.results import Results
from sim.studies.comparison.said_gains import gains_sentence
from sim.studies.comparison.said_precision import precision_sentences, steady_sentences
from sim.studies.comparison.said_unknown import band_text, chance_only, unknown_sentences

MOST_ADVISED = 100_000
"""Number of replications from which on no further ones are advised."""


def title_of(results: Results, number: int, lang: Language) -> str:
    """Return the title of a scenario; that of a variant of the base by what it adds.

    Parameters
    ----------
    results
        Results of the study.
    number
        Index of the scenario, 0 for the base.
    lang
        Language.

    Returns
    -------
    str
        With its single values in brackets where only these differ from the base's.
    """
    base, scenario = results.scenarios[0], results.scenarios[number]
    own = getattr(scenario.title, lang)
    start = getattr(base.title, lang)
    if number and own.startswith(f"{start} + "):
        return str(own[len(start) + 3 :])
    if number and scenario.values != base.values:  # noqa: PD011  (a scenario, no frame)
        return f"{own} ({', '.join(scenario.values)})"
    return str(own)


# One scenario -----------------------------------------------------------------------------


def run_answer(results: Results, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer how a hall performs.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        Sentences on the first scenario; figures that are null are left out.
    """
    name = results.names[0]

    def with_interval(indicator: str) -> str:
        return _with_interval(results.indicator(name, indicator), lang)

    def is_measured(indicator: str) -> bool:
        return is_known(results.indicator(name, indicator)["mean"])

    if is_measured("completion_rate"):
        yield say(
            "run.completed",
            lang,
            title=title_of(results, 0, lang),
            rate=with_interval("completion_rate"),
            per_wd=with_interval("completed_per_wd"),
            open=with_interval("cases_open"),
            blocked=figure(results.indicator(name, "cases_open_blocked")["mean"], "cases", lang),
        )
    else:
        yield say("run.nobody", lang, title=title_of(results, 0, lang))
    if is_measured("all_elapsed_mean_wd"):
        yield say(
            "run.everyone",
            lang,
            elapsed=with_interval("all_elapsed_mean_wd"),
            visits=with_interval("all_visits_mean"),
        )
    if is_measured("hall_wait_mean_min"):
        yield say(
            "run.wait",
            lang,
            wait=with_interval("hall_wait_mean_min"),
            longest=figure(results.indicator(name, "hall_wait_max_min")["mean"], "min", lang),
        )
    yield from steady_sentences(results, lang)
    yield from precision_sentences(results, [title_of(results, 0, lang)], lang)


def _with_interval(row: pd.Series, lang: Language) -> str:
    if not is_known(row["mean"]):
        return say("null", lang)
    text = figure(row["mean"], row["unit"], lang)
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return text
    more = enough_decimals(row["low"], row["high"], row["unit"])
    return say(
        "interval",
        lang,
        value=figure(row["mean"], row["unit"], lang, more=more),
        low=digits(row["low"], row["unit"], more=more),
        high=digits(row["high"], row["unit"], more=more),
    )


def figures_table(results: Results, lang: Language) -> Table:
    """Return the headline figures of the first scenario, of the hall's cases and of everyone's.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        A row per figure that is not null: mean and, from two replications on, 95 % interval.
    """
    several = len(results.paired) > 1
    title = "table.figures" if several else "table.figures_one"
    table = Table(title=say(title, lang), title_justify="left")
    for column in ("figure", "unit"):
        table.add_column(say(f"column.{column}", lang))
    for column in ("mean", "interval") if several else ("mean",):
        table.add_column(say(f"column.{column}", lang), justify="right")
    for indicator in headline():
        row = results.indicator(results.names[0], indicator.id)
        if is_known(row["mean"]):
            mean = digits(row["mean"], indicator.unit) + _null_in(row)
            cells = [indicator.label[lang], _unit(indicator.unit, lang), mean]
            table.add_row(*cells, *([_range(row)] if several else []))
            if row["null_in"]:
                _explain(table, "compare.null_in", lang)
    return table


def _null_in(row: pd.Series) -> str:
    """Return the number of replications used, for a figure that is null in some."""
    return f" (n={row['n']})" if row["null_in"] else ""


def _explain(table: Table, key: str, lang: Language) -> None:
    """Put a note below a table, once."""
    caption = str(table.caption or "")
    if say(key, lang) not in caption:
        table.caption = f"{caption}\n{say(key, lang)}".strip()
        table.caption_justify = "left"


def _unit(unit: str, lang: Language) -> str:
    return UNITS[unit][lang]


def _range(row: pd.Series) -> str:
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return ""
    more = enough_decimals(row["low"], row["high"], row["unit"])
    low, high = (digits(row[end], row["unit"], more=more) for end in ("low", "high"))
    return f"{low} – {high}"


def report_table(results: Results, lang: Language) -> Table | None:
    """Return the figures of the report beside the simulated ones, for the first scenario.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    rich.table.Table or None
        None if the scenario has no report.
    """
    scenario = results.scenarios[0]
    if not scenario.settings.report:
        return None
    table = Table(title=say("table.report", lang), title_justify="left")
    table.add_column(say("column.figure", lang))
    several = len(results.paired) > 1
    for column in ("report", "mean", "deviation", *(("history",) if several else ())):
        table.add_column(say(f"column.{column}", lang), justify="right")
    known = indicators()
    for name, reported in scenario.settings.report.items():
        row = results.indicator(scenario.name, name)
        unit = known[name].unit
        if not is_known(row["mean"]):
            continue
        more = 1 if unit == "share" else 0
        history = ""
        if is_known(row["history_low"]):
            low = max(0.0, row["history_low"])
            history = f"{digits(low, unit)} – {digits(row['history_high'], unit)}"
        table.add_row(
            known[name].label[lang],
            digits(reported, unit, more=more),
            digits(row["mean"], unit, more=more),
            _deviation(row["mean"], reported, unit, lang),
            *([history] if several else []),
        )
    return table


def _deviation(simulated: float, reported: float, unit: str, lang: Language) -> str:
    """Return the deviation of a figure: shares in points, others in percent of the report."""
    if unit == "share":
        return f"{change(simulated - reported, unit, more=1)} {UNITS['points'][lang]}"
    if not reported:
        return change(simulated, unit)
    return f"{change(simulated / reported - 1, 'share')} %"


# Comparisons ------------------------------------------------------------------------------


def compare_answer(results: Results, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer what each scenario changes, and for whom.

    Where more applicants give up or leave, that is said before anything else.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        Sentences, the most important ones first.
    """
    titles = [title_of(results, number, lang) for number in range(len(results.scenarios))]
    for number in range(1, len(titles)):
        yield from going_away(results, number, titles[number], lang)
    for number in range(1, len(titles)):
        yield _verdicts(results, number, lang)
        if len(results.paired) > 1:
            yield from unknown_sentences(results, number, titles[number], lang)
        if results.gained and (sentence := gains_sentence(results, number, titles[number], lang)):
            yield sentence
    yield from _more_to_tell(results, lang)
    yield from precision_sentences(results, titles, lang)


def going_away(results: Results, number: int, title: str, lang: Language) -> Iterator[str]:
    """Yield that more applicants give up or leave than in the base, which is said before any gain.

    Parameters
    ----------
    results
        Results of the study.
    number
        Index of the scenario, from 1.
    title
        How the scenario is called in the sentence.
    lang
        Language.

    Yields
    ------
    str
        One sentence, or nothing if not clearly more give up or leave; see `Pair.is_worse`.
    """
    known = indicators()
    everyone, hall, left = (
        known[name] for name in ("all_withdrawn_rate", "withdrawn_rate", "left_rate")
    )

    def rises(indicator: Indicator) -> bool:
        return results.pairs[number].is_worse(indicator)

    # Cases given up in the hall are among everyone's, unless other items entered the hall.
    giving_up = everyone if rises(everyone) else hall
    rates = [rate for rate in (giving_up, left) if rises(rate)]
    clauses = [_rise(results, number, rate, lang) for rate in rates]
    if clauses:
        yield say("compare.away", lang, title=title, clauses=say("comma", lang).join(clauses))


def _rise(results: Results, number: int, rate: Indicator, lang: Language) -> str:
    before, after = results.pairs[number].values(rate.id)
    mean, low, high, _ = mean_interval(after - before)
    more = change_decimals(low, high, rate.unit)
    return say(
        f"clause.{rate.id}.more",
        lang,
        size=amount(mean, rate.unit, lang, more=more),
        low=digits(low, rate.unit, more=more),
        high=digits(high, rate.unit, more=more),
    )


def _verdicts(results: Results, number: int, lang: Language) -> str:
    name = results.names[number]
    parts = [_changed(results, name, indicator, lang) for indicator in ANSWERED]
    clauses = say("comma", lang).join(part for part in parts if part)
    title = title_of(results, number, lang)
    rows = [results.difference(name, indicator.id) for indicator in headline()]
    if clauses:
        sentence = say("compare.with", lang, title=title, clauses=clauses)
    elif any(row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN) for row in rows):
        sentence = say("compare.others", lang, title=title, n=len(results.paired))
    else:
        sentence = say("compare.none", lang, title=title, n=len(results.paired))
    for verdict, key in ((Verdict.WORSE, "worse"), (Verdict.OTHER_CASES, "other_cases")):
        listed = [
            indicator.label[lang] + (" †" if row["holm_only"] else "")
            for indicator, row in zip(headline(), rows, strict=True)
            if row["verdict"] == verdict
        ]
        if listed:
            sentence += say(f"compare.{key}", lang, figures=say("comma", lang).join(listed))
    return sentence


def _changed(results: Results, name: str, indicator: str, lang: Language) -> str:
    """Return a clause on how a figure changes; empty if it does not."""
    row = results.difference(name, indicator)
    band = band_text(results, results.assessments[name, indicator], row["unit"], lang)
    if row["verdict"] in (Verdict.UNKNOWN, Verdict.SAME):
        return ""
    if row["verdict"] == Verdict.UNCLEAR:
        needed = _advised(row)
        more = "" if needed is None else say("clause.needed", lang, number=_about(needed))
        label = say(f"clause.{indicator}", lang)
        return say("clause.unclear", lang, label=label, n=int(row["n"]), more=more) + (
            say("clause.band_alone", lang, band=band) if band else ""
        )
    sign = 1 if row["mean"] > 0 else -1
    ends = sorted((sign * row["low"], sign * row["high"]))
    more_digits = change_decimals(ends[0], ends[1], row["unit"])
    return say(
        f"clause.{indicator}.{'more' if sign > 0 else 'less'}",
        lang,
        size=amount(row["mean"], row["unit"], lang, more=more_digits),
        low=digits(ends[0], row["unit"], more=more_digits),
        high=digits(ends[1], row["unit"], more=more_digits) + band,
    ) + "".join(
        say(f"clause.{key}", lang)
        for key, holds in (
            ("holm_only", row["holm_only"]),
            ("other_cases", row["verdict"] == Verdict.OTHER_CASES),
            ("depends", row["verdict"] == Verdict.DEPENDS),
        )
        if holds
    )


def _advised(row: pd.Series) -> float | None:
    """Return how many replications would probably be enough; None if unknown or too many."""
    needed = row["replications_needed"]
    worth = needed is not None and is_known(float(needed)) and needed < MOST_ADVISED
    return float(needed) if worth else None


def _more_to_tell(results: Results, lang: Language) -> Iterator[str]:
    """Advise a new seed where more replications are advised: a second look is another test."""
    rows = [
        results.difference(name, indicator) for name in results.names[1:] for indicator in ANSWERED
    ]
    needed = [advised for row in rows if (advised := _advised(row)) is not None]
    if needed:
        number = _about(max(*needed, FEW_REPLICATIONS)).replace(",", "")
        yield say("compare.fresh", lang, number=number, seed=results.seed + 1)


def _about(number: float) -> str:
    """Round an estimate up to two significant digits."""
    magnitude = 10 ** max(0, len(str(int(number))) - 2)
    return f"{math.ceil(number / magnitude) * magnitude:,.0f}"


def differences_table(results: Results, lang: Language) -> Table:
    """Return the base's headline figures and their changes in each scenario.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        A row per figure that some scenario changes: the base's mean, and the differences with their
        simultaneous 95 % intervals.
    """
    base = results.names[0]
    halls = "" if results.in_halls is None else say("table.bands", lang)
    title = say("table.differences", lang, n=len(results.paired), halls=halls)
    table = Table(title=title, title_justify="left")
    table.add_column(say("column.figure", lang))
    table.add_column(title_of(results, 0, lang), justify="right")
    for number in range(1, len(results.scenarios)):
        table.add_column(title_of(results, number, lang), justify="right")
    for indicator in headline():
        rows = [results.difference(name, indicator.id) for name in results.names[1:]]
        changed = [row for row in rows if row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN)]
        value = results.indicator(base, indicator.id)["mean"]
        if changed and is_known(value):
            cells = [_difference_cell(row, indicator, lang) for row in rows]
            table.add_row(
                f"{indicator.label[lang]} ({_unit(indicator.unit, lang)})",
                digits(value, indicator.unit),
                *cells,
            )
            if any(row["holm_only"] for row in rows):
                _explain(table, "compare.holm_only", lang)
            if any(row["null_in"] for row in changed):
                _explain(table, "compare.null_in", lang)
    return table


def _difference_cell(row: pd.Series, indicator: Indicator, lang: Language) -> str:
    if row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN):
        return say(f"verdict.{row['verdict']}", lang)
    mark = MARKS.get(row["verdict"], "") + (" †" if row["holm_only"] else "") + _null_in(row)
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return change(row["mean"], indicator.unit) + mark
    more = change_decimals(row["low"], row["high"], indicator.unit)
    low, high = (change(row[end], indicator.unit, more=more) for end in ("low", "high"))
    cell = f"{change(row['mean'], indicator.unit, more=more)} ({low} … {high}){mark}"
    if not is_known(row["band_low"]):
        return cell
    more = min(enough_decimals(row["band_low"], row["band_high"], indicator.unit), more)
    band = [change(row[f"band_{end}"], indicator.unit, more=more) for end in ("low", "high")]
    return f"{cell}\n[{band[0]} … {band[1]}]"


# Cautions ---------------------------------------------------------------------------------


def cautions(results: Results, overloaded: dict[str, list[Load]], lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures.

    Parameters
    ----------
    results
        Results of the study.
    overloaded
        Overloaded server groups of each scenario, by its name.
    lang
        Language.

    Yields
    ------
    str
        Sentences: an interrupted run, few replications, overloads, warnings of the scenarios.
    """
    n = len(results.paired)
    if n < results.asked:
        yield say("caution.interrupted", lang, n=n, asked=results.asked)
    yield from few_replications(n, lang)
    yield from chance_only(results, lang)
    for name, loads in overloaded.items():
        for load in loads:
            yield overload_sentence(name, load, lang)
    yield from dict.fromkeys(
        warning for scenario in results.scenarios for warning in scenario.warnings
    )
