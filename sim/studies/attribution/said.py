"""Texts of `hall attribute`: the total, the shares, the best order, and the interactions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from rich.table import Table

from sim.measure.definitions import Indicator, Language
from sim.present.cautions import few_replications
from sim.present.numbers import (
    UNITS,
    amount,
    change,
    change_decimals,
    digits,
    figure,
    is_known,
)
from sim.present.verdicts import MARKS
from sim.stats.comparison import Verdict
from sim.studies.attribution import say
from sim.studies.attribution.study import Attribution

Row = Mapping[str, Any]


def reform_names(results: Attribution, lang: Language) -> dict[str, str]:
    """Return the title of each reform.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    dict of str
        Titles by name, in the order of the request.
    """
    base = getattr(results.request.scenarios[0].title, lang)
    return {
        name: str(getattr(results.request.scenarios[1 << place].title, lang))[len(base) + 3 :]
        for place, name in enumerate(results.request.reforms)
    }


def answer(results: Attribution, lang: Language) -> Iterator[str]:
    """Yield the sentences on how much each reform contributes, and which one comes first.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Yields
    ------
    str
        Only the total if the indicator does not change, or there is a single reform.
    """
    order_by = results.request.order_by
    yield _total(results, lang)
    if row_of(results.totals, order_by)["verdict"] == Verdict.SAME:
        return
    shares = rows_of(results.shares, order_by)
    names = reform_names(results, lang)
    if len(shares) > 1:
        largest_first = sorted(shares, key=lambda row: -abs(row["mean"]))
        clauses = [_share(row, names, lang) for row in largest_first]
        yield say("attribute.shares", lang, shares=say("semicolon", lang).join(clauses))
        if {row["mean"] > 0 for row in shares if row["mean"]} == {True, False}:
            yield say("attribute.no_percent", lang)
        yield from _order(results, names, lang)
        yield _interaction(results, names, lang)


def row_of(frame: pd.DataFrame, indicator: Indicator) -> Row:
    """Return the first row of an indicator.

    Parameters
    ----------
    frame
        Table with a column ``indicator``.
    indicator
        The indicator, of which there is at least one row.

    Returns
    -------
    Mapping
        Values by column.
    """
    return rows_of(frame, indicator)[0]


def all_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a table.

    Parameters
    ----------
    frame
        Any table.

    Returns
    -------
    list of Mapping
        Values by column, for each row.
    """
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def rows_of(frame: pd.DataFrame, indicator: Indicator) -> list[Row]:
    """Return the rows of an indicator.

    Parameters
    ----------
    frame
        Table with a column ``indicator``.
    indicator
        The indicator.

    Returns
    -------
    list of Mapping
        Values by column, for each row; empty if there is none.
    """
    return all_rows(frame[frame["indicator"] == indicator.id])


def _total(results: Attribution, lang: Language) -> str:
    order_by = results.request.order_by
    total = row_of(results.totals, order_by)
    names = list(reform_names(results, lang).values())
    several = len(names) > 1
    reforms = (
        say("attribute.all_of_them", lang, n=len(names))
        if several
        else say("attribute.one_of_them", lang, name=names[0])
    )
    key = {Verdict.UNCLEAR: "_unclear", Verdict.SAME: "_same"}.get(total["verdict"], "")
    other_cases = total["verdict"] == Verdict.OTHER_CASES
    return say(
        f"attribute.total{key}",
        lang,
        base=getattr(results.request.scenarios[0].title, lang),
        reforms=reforms,
        label=order_by.label[lang],
        before=figure(total["base"], order_by.unit, lang),
        after=figure(total["reformed"], order_by.unit, lang),
        change=with_interval(total, order_by.unit, lang),
        n=results.replications,
    ) + (say("attribute.total_other_cases", lang) if other_cases else "")


def with_interval(row: Row, unit: str, lang: Language) -> str:
    """Return a change with its unit and interval as text.

    Parameters
    ----------
    row
        Values ``mean``, ``low`` and ``high`` in the unit; ``low`` is NaN if unknown.
    unit
        Unit of the indicator; changes of a share are given in percentage points.
    lang
        Language of the text.

    Returns
    -------
    str
        Without an interval where it is unknown or has no width.
    """
    shown_unit = "points" if unit == "share" else unit
    more = decimals(row, unit)
    value = change(row["mean"], unit, more=more)
    space = "" if lang == "zh" and shown_unit != "%" else " "
    value = f"{value}{space}{UNITS[shown_unit][lang]}"
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return value
    low, high = (change(row[end], unit, more=more) for end in ("low", "high"))
    return say("interval", lang, value=value, low=low, high=high)


def decimals(row: Row, unit: str) -> int:
    """Return how many additional decimals a change needs.

    With them the ends of its interval differ and show on which side of 0 they lie.

    Parameters
    ----------
    row
        Values ``low`` and ``high`` in the unit; ``low`` is NaN if unknown.
    unit
        Unit of the indicator.

    Returns
    -------
    int
        Decimals beyond those of the unit; 0 where the interval is unknown or has no width.
    """
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return 0
    return change_decimals(row["low"], row["high"], unit)


def _share(row: Row, names: Mapping[str, str], lang: Language) -> str:
    key = {Verdict.UNCLEAR: "unclear", Verdict.SAME: "same"}.get(row["verdict"], "")
    if not key:
        key = "percent" if is_known(row["share"]) else "plain"
    return say(
        f"attribute.share_{key}",
        lang,
        name=names[row["reform"]],
        change=with_interval(row, row["unit"], lang),
        share=say("chart.percent", lang, share=_percent(row["share"])),
    ) + (say("clause.other_cases", lang) if row["verdict"] == Verdict.OTHER_CASES else "")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.01 else f"{100 * share:.1f}"


def _order(results: Attribution, names: Mapping[str, str], lang: Language) -> Iterator[str]:
    order_by = results.request.order_by
    steps = all_rows(results.order)
    clauses = [
        say(
            "attribute.step",
            lang,
            step=row["step"],
            name=names[row["reform"]],
            change=with_interval(row, order_by.unit, lang),
        )
        for row in steps
    ]
    joined = say("semicolon", lang).join(clauses)
    yield say("attribute.order", lang, label=order_by.label[lang], steps=joined)
    for row in steps:
        values = {"name": names[row["reform"]], "step": row["step"], "n": results.replications}
        if row["runner_up"] and row["lead_low"] <= 0 <= row["lead_high"]:
            yield say("attribute.tied", lang, other=names[row["runner_up"]], **values)
        if row["other_cases"]:
            yield say("attribute.step_other_cases", lang, **values)
        harmful = row["low"] > 0 if order_by.better == "lower" else row["high"] < 0
        if harmful:
            yield say("attribute.never_worth", lang, **values)


def _interaction(results: Attribution, names: Mapping[str, str], lang: Language) -> str:
    """Return the sentence on the pair of reforms with the largest significant interaction."""
    order_by = results.request.order_by
    significant = [
        row
        for row in rows_of(results.interactions, order_by)
        if row["verdict"] in (Verdict.BETTER, Verdict.WORSE)
    ]
    if not significant:
        return say("attribute.no_interaction", lang)
    row = max(significant, key=lambda row: abs(row["mean"]))
    more = decimals(row, order_by.unit)
    size = amount(row["mean"], order_by.unit, lang, more=more)
    ends = sorted(abs(row[end]) for end in ("low", "high"))
    low, high = (digits(end, order_by.unit, more=more) for end in ends)
    key = "reinforce" if row["verdict"] == Verdict.BETTER else "overlap"
    return say(
        f"attribute.{key}",
        lang,
        name=names[row["reform"]],
        other=names[row["other"]],
        change=say("interval", lang, value=size, low=low, high=high),
    )


# Tables -------------------------------------------------------------------------------------


def shares_table(results: Attribution, lang: Language) -> Table:
    """Return a table of what each reform contributes to each indicator that changes.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per indicator, a column per reform.
    """
    names = reform_names(results, lang)
    table = Table(title=say("attribute.table", lang), title_justify="left")
    table.add_column(say("column.figure", lang))
    for text in (say("attribute.column_base", lang), *names.values()):
        table.add_column(text, justify="right")
    table.add_column(say("attribute.column_all", lang), justify="right")
    for indicator in results.request.shown:
        total = row_of(results.totals, indicator)
        rows = rows_of(results.shares, indicator)
        if all(row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN) for row in rows):
            continue
        table.add_row(
            f"{indicator.label[lang]} ({UNITS[indicator.unit][lang]})",
            digits(total["base"], indicator.unit),
            *(_cell(row, indicator, lang) for row in (*rows, total)),
        )
    return table


def _cell(row: Row, indicator: Indicator, lang: Language) -> str:
    if row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN):
        return say(f"verdict.{row['verdict']}", lang)
    more = decimals(row, indicator.unit)
    value = change(row["mean"], indicator.unit, more=more)
    if not is_known(row["low"]):
        return value
    low, high = (change(row[end], indicator.unit, more=more) for end in ("low", "high"))
    return f"{value} ({low} … {high}){MARKS.get(row['verdict'], '')}"


def order_table(results: Attribution, lang: Language) -> Table:
    """Return a table of the best order, step by step.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    Table
        The base, then a row per step.
    """
    order_by, names = results.request.order_by, reform_names(results, lang)
    title = say(
        "attribute.table_order", lang, label=order_by.label[lang], unit=UNITS[order_by.unit][lang]
    )
    table = Table(title=title, title_justify="left")
    for key in ("step", "reform"):
        table.add_column(say(f"attribute.column_{key}", lang))
    for key in ("change", "level", "ahead"):
        table.add_column(say(f"attribute.column_{key}", lang), justify="right")
    base = row_of(results.totals, order_by)["base"]
    rows = all_rows(results.order)
    fine = min(1, max(decimals(row, order_by.unit) for row in rows))
    start = digits(base, order_by.unit, more=fine)
    table.add_row("0", say("attribute.column_base", lang), "", start, "")
    for row in rows:
        ahead = ""
        if row["runner_up"]:
            lead = {"mean": row["lead"], "low": row["lead_low"], "high": row["lead_high"]}
            more = decimals(lead, order_by.unit)
            sizes = {
                name: change(value, order_by.unit, more=more)
                for name, value in (
                    ("lead", lead["mean"]),
                    ("low", lead["low"]),
                    ("high", lead["high"]),
                )
                if is_known(value)
            }
            other = names[row["runner_up"]]
            ahead = say("attribute.ahead", lang, other=other, **sizes) if len(sizes) == 3 else other
        verdict = Verdict.OTHER_CASES if row["other_cases"] else ""
        step = _cell({**row, "verdict": verdict}, order_by, lang)
        level = digits(row["level"], order_by.unit, more=fine)
        table.add_row(str(row["step"]), names[row["reform"]], step, level, ahead)
    return table


def cautions(results: Attribution, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the results.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Yields
    ------
    str
        Sentences; none if there is nothing to beware of.
    """
    n = results.replications
    yield from few_replications(n, lang)
    yield from results.request.scenarios[0].warnings
    settings = [scenario.settings for scenario in results.request.scenarios]
    at = settings[0].stuck.at
    if len({setting.policy.authorization for setting in settings}) > 1 and at != "nowhere":
        text = say(f"chart.note.stuck_{at}", lang)
        yield text[:1].upper() + text[1:] + say("chart.note.end", lang)
