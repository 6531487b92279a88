"""What the terminal says: the answer first, then a short table, then what to beware of."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd
from rich.table import Table

from sim.measure.definitions import ANSWERED, LEADING, Indicator, Language, headline, indicators
from sim.present.cautions import FEW_REPLICATIONS, few_replications, overload_sentence
from sim.present.numbers import UNITS, amount, change, digits, enough_decimals, figure, is_known
from sim.present.verdicts import MARKS
from sim.process.load import Load
from sim.stats.comparison import Verdict
from sim.stats.intervals import mean_interval
from sim.studies.comparison import say
from sim.studies.comparison.results import Results
from sim.studies.comparison.said_gains import gains_sentence
from sim.studies.comparison.said_precision import precision_sentences, steady_sentences

MOST_ADVISED = 100_000
"""Replications beyond which nobody is advised to go."""


def title_of(results: Results, number: int, lang: Language) -> str:
    """Return a scenario's title; that of a variant of the base by what it adds."""
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
    """Yield the sentences that answer how the hall does."""
    name = results.names[0]

    def with_interval(indicator: str) -> str:
        return _with_interval(results.indicator(name, indicator), lang)

    def is_told(indicator: str) -> bool:
        return is_known(results.indicator(name, indicator)["mean"])

    if is_told("completion_rate"):
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
    if is_told("all_elapsed_mean_wd"):
        yield say(
            "run.everyone",
            lang,
            elapsed=with_interval("all_elapsed_mean_wd"),
            visits=with_interval("all_visits_mean"),
        )
    if is_told("hall_wait_mean_min"):
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
    """Return the headline figures of one scenario in both books."""
    several = len(results.paired) > 1
    title = "table.figures" if several else "table.figures_one"
    table = Table(title=say(title, lang), title_justify="left")
    for column in ("figure", "unit"):
        table.add_column(say(f"column.{column}", lang))
    for column in ("mean", "interval") if several else ("mean",):
        table.add_column(say(f"column.{column}", lang), justify="right")
    for one in headline():
        row = results.indicator(results.names[0], one.id)
        if is_known(row["mean"]):
            mean = digits(row["mean"], one.unit) + _null_in(row)
            cells = [one.label[lang], _unit(one.unit, lang), mean]
            table.add_row(*cells, *([_range(row)] if several else []))
            if row["null_in"]:
                _explain(table, "compare.null_in", lang)
    return table


def _null_in(row: pd.Series) -> str:
    """Flag a figure that is null in some replications by how many it comes from."""
    return f" (n={row['n']})" if row["null_in"] else ""


def _explain(table: Table, key: str, lang: Language) -> None:
    """Put a note below a table, once."""
    told = str(table.caption or "")
    if say(key, lang) not in told:
        table.caption = f"{told}\n{say(key, lang)}".strip()
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
    """Return the report's figures beside the simulated ones, if the scenario has any."""
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
    """Say how far off a figure is: shares in points, others in percent of the report."""
    if unit == "share":
        return f"{change(simulated - reported, unit, more=1)} {UNITS['points'][lang]}"
    if not reported:
        return change(simulated, unit)
    return f"{change(simulated / reported - 1, 'share')} %"


# Comparisons ------------------------------------------------------------------------------


def compare_answer(results: Results, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer what each scenario changes, and for whom.

    Where more applicants go away, that is said before anything else.
    """
    titles = [title_of(results, number, lang) for number in range(len(results.scenarios))]
    for number in range(1, len(titles)):
        yield from going_away(results, number, titles[number], lang)
    for number in range(1, len(titles)):
        yield _verdicts(results, number, lang)
        if results.gained and (told := gains_sentence(results, number, titles[number], lang)):
            yield told
    yield from _more_to_tell(results, lang)
    yield from precision_sentences(results, titles, lang)
    if len(results.paired) > 1:
        for rival in results.rivals:
            yield _under_rival(results, rival, lang)


def going_away(results: Results, number: int, title: str, lang: Language) -> Iterator[str]:
    """Yield that more applicants give up or leave than in the base, before any gain is told."""
    known = indicators()
    everyone, hall, left = (
        known[name] for name in ("all_withdrawn_rate", "withdrawn_rate", "left_rate")
    )

    def rises(one: Indicator) -> bool:
        return results.pairs[number].is_worse(one)

    # Who gives up in the hall is among everyone, unless others entered it.
    giving_up = everyone if rises(everyone) else hall
    clauses = [_rise(results, number, one, lang) for one in (giving_up, left) if rises(one)]
    if clauses:
        yield say("compare.away", lang, title=title, clauses=say("comma", lang).join(clauses))


def _rise(results: Results, number: int, one: Indicator, lang: Language) -> str:
    before, after = results.pairs[number].values(one.id)
    mean, low, high, _ = mean_interval(after - before)
    more = _decimals(low, high, one.unit)
    return say(
        f"clause.{one.id}.more",
        lang,
        size=amount(mean, one.unit, lang, more=more),
        low=digits(low, one.unit, more=more),
        high=digits(high, one.unit, more=more),
    )


def _verdicts(results: Results, number: int, lang: Language) -> str:
    name = results.names[number]
    parts = [
        _changed(results.difference(name, indicator), indicator, lang) for indicator in ANSWERED
    ]
    clauses = say("comma", lang).join(part for part in parts if part)
    title = title_of(results, number, lang)
    rows = [results.difference(name, one.id) for one in headline()]
    if clauses:
        sentence = say("compare.with", lang, title=title, clauses=clauses)
    elif any(row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN) for row in rows):
        sentence = say("compare.others", lang, title=title, n=len(results.paired))
    else:
        sentence = say("compare.none", lang, title=title, n=len(results.paired))
    for verdict, key in ((Verdict.WORSE, "worse"), (Verdict.OTHER_CASES, "other_cases")):
        listed = [
            one.label[lang] + (" †" if row["holm_only"] else "")
            for one, row in zip(headline(), rows, strict=True)
            if row["verdict"] == verdict
        ]
        if listed:
            sentence += say(f"compare.{key}", lang, figures=say("comma", lang).join(listed))
    return sentence


def _changed(row: pd.Series, indicator: str, lang: Language) -> str:
    """Say in a clause how one figure changes."""
    if row["verdict"] in (Verdict.UNKNOWN, Verdict.SAME):
        return ""
    if row["verdict"] == Verdict.UNCLEAR:
        needed = _advised(row)
        more = "" if needed is None else say("clause.needed", lang, number=_about(needed))
        label = say(f"clause.{indicator}", lang)
        return say("clause.unclear", lang, label=label, n=int(row["n"]), more=more)
    sign = 1 if row["mean"] > 0 else -1
    ends = sorted((sign * row["low"], sign * row["high"]))
    more_digits = _decimals(ends[0], ends[1], row["unit"])
    return say(
        f"clause.{indicator}.{'more' if sign > 0 else 'less'}",
        lang,
        size=amount(row["mean"], row["unit"], lang, more=more_digits),
        low=digits(ends[0], row["unit"], more=more_digits),
        high=digits(ends[1], row["unit"], more=more_digits),
    ) + "".join(
        say(f"clause.{key}", lang)
        for key, holds in (
            ("holm_only", row["holm_only"]),
            ("other_cases", row["verdict"] == Verdict.OTHER_CASES),
        )
        if holds
    )


def _decimals(low: float, high: float, unit: str) -> int:
    """Return how many more decimals a change needs: ends that differ and show their side of 0."""
    most = 3
    more = enough_decimals(low, high, unit)
    while more < most and any(end and not _shows(end, unit, more) for end in (low, high)):
        more += 1
    return more


def _shows(size: float, unit: str, more: int) -> bool:
    return any(digit in "123456789" for digit in digits(size, unit, more=more))


def _advised(row: pd.Series) -> float | None:
    """Return how many replications would probably tell, if that is worth saying."""
    needed = row["replications_needed"]
    worth = needed is not None and is_known(float(needed)) and needed < MOST_ADVISED
    return float(needed) if worth else None


def _more_to_tell(results: Results, lang: Language) -> Iterator[str]:
    """Advise fresh applicants where more replications are advised, so that no one peeks."""
    rows = [
        results.difference(name, indicator) for name in results.names[1:] for indicator in ANSWERED
    ]
    needed = [one for row in rows if (one := _advised(row)) is not None]
    if needed:
        number = _about(max(*needed, FEW_REPLICATIONS)).replace(",", "")
        yield say("compare.fresh", lang, number=number, seed=results.seed + 1)


def _about(number: float) -> str:
    """Round up to two leading digits, as a guess deserves."""
    magnitude = 10 ** max(0, len(str(int(number))) - 2)
    return f"{math.ceil(number / magnitude) * magnitude:,.0f}"


def _under_rival(results: Results, rival: Results, lang: Language) -> str:
    """Say where another explanation of the same report answers otherwise."""
    title = getattr(rival.scenarios[0].title, lang)
    indicator = LEADING
    apart = []
    for number in range(1, len(results.scenarios)):
        here = results.difference(results.names[number], indicator)
        there = rival.difference(rival.names[number], indicator)
        if here["high"] < there["low"] or there["high"] < here["low"]:
            apart.append(
                say(
                    "compare.rival_one",
                    lang,
                    title=title_of(results, number, lang),
                    here=change(here["mean"], "wd"),
                    there=change(there["mean"], "wd"),
                )
            )
    if not apart:
        return say("compare.rival_same", lang, rival=title)
    return say("compare.rival", lang, rival=title, apart=say("semicolon", lang).join(apart))


def differences_table(results: Results, lang: Language) -> Table:
    """Return the base's headline figures and what each scenario changes, without empty rows."""
    base = results.names[0]
    title = say("table.differences", lang, n=len(results.paired))
    table = Table(title=title, title_justify="left")
    table.add_column(say("column.figure", lang))
    table.add_column(title_of(results, 0, lang), justify="right")
    for number in range(1, len(results.scenarios)):
        table.add_column(title_of(results, number, lang), justify="right")
    for one in headline():
        rows = [results.difference(name, one.id) for name in results.names[1:]]
        told = [row for row in rows if row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN)]
        value = results.indicator(base, one.id)["mean"]
        if told and is_known(value):
            cells = [_difference_cell(row, one, lang) for row in rows]
            table.add_row(
                f"{one.label[lang]} ({_unit(one.unit, lang)})", digits(value, one.unit), *cells
            )
            if any(row["holm_only"] for row in rows):
                _explain(table, "compare.holm_only", lang)
            if any(row["null_in"] for row in told):
                _explain(table, "compare.null_in", lang)
    return table


def _difference_cell(row: pd.Series, one: Indicator, lang: Language) -> str:
    if row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN):
        return say(f"verdict.{row['verdict']}", lang)
    mark = MARKS.get(row["verdict"], "") + (" †" if row["holm_only"] else "") + _null_in(row)
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return change(row["mean"], one.unit) + mark
    more = _decimals(row["low"], row["high"], one.unit)
    low, high = (change(row[end], one.unit, more=more) for end in ("low", "high"))
    return f"{change(row['mean'], one.unit, more=more)} ({low} … {high}){mark}"


# What to beware of ------------------------------------------------------------------------


def cautions(results: Results, overloaded: dict[str, list[Load]], lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures."""
    n = len(results.paired)
    if n < results.asked:
        yield say("caution.interrupted", lang, n=n, asked=results.asked)
    yield from few_replications(n, lang)
    for name, found in overloaded.items():
        for load in found:
            yield overload_sentence(name, load, lang)
    yield from dict.fromkeys(
        warning for scenario in results.scenarios for warning in scenario.warnings
    )
