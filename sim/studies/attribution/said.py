"""What `hall attribute` says: the total, who brings it, in which order, who helps whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from rich.table import Table

from sim.measure.definitions import Indicator, Language
from sim.present.cautions import few_replications
from sim.present.numbers import UNITS, amount, change, digits, enough_decimals, figure, is_known
from sim.present.verdicts import MARKS
from sim.stats.comparison import Verdict
from sim.studies.attribution import say
from sim.studies.attribution.study import Attribution

Row = Mapping[str, Any]
MOST_DECIMALS = 3
"""More than usual, for changes that hardly differ from 0."""


def reform_names(found: Attribution, lang: Language) -> dict[str, str]:
    """Return what each reform is called."""
    base = getattr(found.request.scenarios[0].title, lang)
    return {
        name: str(getattr(found.request.scenarios[1 << place].title, lang))[len(base) + 3 :]
        for place, name in enumerate(found.request.reforms)
    }


def answer(found: Attribution, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer who brings what, and what to do first."""
    leading = found.request.leading
    yield _total(found, lang)
    if row_of(found.totals, leading)["verdict"] == Verdict.SAME:
        return
    shares = rows_of(found.shares, leading)
    names = reform_names(found, lang)
    if len(shares) > 1:
        largest_first = sorted(shares, key=lambda row: -abs(row["mean"]))
        told = [_share(row, names, lang) for row in largest_first]
        yield say("attribute.shares", lang, shares=say("semicolon", lang).join(told))
        if {row["mean"] > 0 for row in shares if row["mean"]} == {True, False}:
            yield say("attribute.no_percent", lang)
        yield from _order(found, names, lang)
        yield _interaction(found, names, lang)


def row_of(frame: pd.DataFrame, one: Indicator) -> Row:
    """Return the first row of a figure."""
    return rows_of(frame, one)[0]


def all_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def rows_of(frame: pd.DataFrame, one: Indicator) -> list[Row]:
    """Return the rows of a figure."""
    return all_rows(frame[frame["indicator"] == one.id])


def _total(found: Attribution, lang: Language) -> str:
    leading = found.request.leading
    total = row_of(found.totals, leading)
    names = list(reform_names(found, lang).values())
    several = len(names) > 1
    reforms = (
        say("attribute.all_of_them", lang, n=len(names))
        if several
        else say("attribute.one_of_them", lang, name=names[0])
    )
    key = {Verdict.UNCLEAR: "_unclear", Verdict.SAME: "_same"}.get(total["verdict"], "")
    others = total["verdict"] == Verdict.OTHER_CASES
    return say(
        f"attribute.total{key}",
        lang,
        base=getattr(found.request.scenarios[0].title, lang),
        reforms=reforms,
        label=leading.label[lang],
        before=figure(total["base"], leading.unit, lang),
        after=figure(total["reformed"], leading.unit, lang),
        change=with_interval(total, leading.unit, lang),
        n=found.replications,
    ) + (say("attribute.total_other_cases", lang) if others else "")


def with_interval(row: Row, unit: str, lang: Language) -> str:
    """Return a change with its unit and interval."""
    of = "points" if unit == "share" else unit
    more = decimals(row, unit)
    value = change(row["mean"], unit, more=more)
    space = "" if lang == "zh" and of != "%" else " "
    value = f"{value}{space}{UNITS[of][lang]}"
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return value
    low, high = (change(row[end], unit, more=more) for end in ("low", "high"))
    return say("interval", lang, value=value, low=low, high=high)


def decimals(row: Row, unit: str) -> int:
    """Return how many more decimals a change needs: ends that differ and show a side of 0."""
    if not is_known(row["low"]) or row["low"] == row["high"]:
        return 0
    more = enough_decimals(row["low"], row["high"], unit)
    nearest_0 = min(abs(row["low"]), abs(row["high"])) if row["low"] * row["high"] > 0 else 0
    while more < MOST_DECIMALS and nearest_0 and not _shows(nearest_0, unit, more):
        more += 1
    return more


def _shows(value: float, unit: str, more: int) -> bool:
    return any(digit in "123456789" for digit in digits(value, unit, more=more))


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


def _order(found: Attribution, names: Mapping[str, str], lang: Language) -> Iterator[str]:
    leading = found.request.leading
    steps = all_rows(found.order)
    told = [
        say(
            "attribute.step",
            lang,
            step=row["step"],
            name=names[row["reform"]],
            change=with_interval(row, leading.unit, lang),
        )
        for row in steps
    ]
    joined = say("semicolon", lang).join(told)
    yield say("attribute.order", lang, label=leading.label[lang], steps=joined)
    for row in steps:
        values = {"name": names[row["reform"]], "step": row["step"], "n": found.replications}
        if row["runner_up"] and row["lead_low"] <= 0 <= row["lead_high"]:
            yield say("attribute.tied", lang, other=names[row["runner_up"]], **values)
        if row["other_cases"]:
            yield say("attribute.step_other_cases", lang, **values)
        wrong = row["low"] > 0 if leading.better == "lower" else row["high"] < 0
        if wrong:
            yield say("attribute.never_worth", lang, **values)


def _interaction(found: Attribution, names: Mapping[str, str], lang: Language) -> str:
    """Say which two reforms help or hinder each other most."""
    leading = found.request.leading
    told = [
        row
        for row in rows_of(found.interactions, leading)
        if row["verdict"] in (Verdict.BETTER, Verdict.WORSE)
    ]
    if not told:
        return say("attribute.no_interaction", lang)
    row = max(told, key=lambda row: abs(row["mean"]))
    more = decimals(row, leading.unit)
    size = amount(row["mean"], leading.unit, lang, more=more)
    ends = sorted(abs(row[end]) for end in ("low", "high"))
    low, high = (digits(end, leading.unit, more=more) for end in ends)
    key = "reinforce" if row["verdict"] == Verdict.BETTER else "overlap"
    return say(
        f"attribute.{key}",
        lang,
        name=names[row["reform"]],
        other=names[row["other"]],
        change=say("interval", lang, value=size, low=low, high=high),
    )


# Tables -------------------------------------------------------------------------------------


def shares_table(found: Attribution, lang: Language) -> Table:
    """Return what each reform contributes to each figure that changes."""
    names = reform_names(found, lang)
    table = Table(title=say("attribute.table", lang), title_justify="left")
    table.add_column(say("column.figure", lang))
    for text in (say("attribute.column_base", lang), *names.values()):
        table.add_column(text, justify="right")
    table.add_column(say("attribute.column_all", lang), justify="right")
    for one in found.request.shown:
        total = row_of(found.totals, one)
        rows = rows_of(found.shares, one)
        if all(row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN) for row in rows):
            continue
        table.add_row(
            f"{one.label[lang]} ({UNITS[one.unit][lang]})",
            digits(total["base"], one.unit),
            *(_cell(row, one, lang) for row in (*rows, total)),
        )
    return table


def _cell(row: Row, one: Indicator, lang: Language) -> str:
    if row["verdict"] in (Verdict.SAME, Verdict.UNKNOWN):
        return say(f"verdict.{row['verdict']}", lang)
    more = decimals(row, one.unit)
    value = change(row["mean"], one.unit, more=more)
    if not is_known(row["low"]):
        return value
    low, high = (change(row[end], one.unit, more=more) for end in ("low", "high"))
    return f"{value} ({low} … {high}){MARKS.get(row['verdict'], '')}"


def order_table(found: Attribution, lang: Language) -> Table:
    """Return the best order, step by step."""
    leading, names = found.request.leading, reform_names(found, lang)
    title = say(
        "attribute.table_order", lang, label=leading.label[lang], unit=UNITS[leading.unit][lang]
    )
    table = Table(title=title, title_justify="left")
    for key in ("step", "reform"):
        table.add_column(say(f"attribute.column_{key}", lang))
    for key in ("change", "level", "ahead"):
        table.add_column(say(f"attribute.column_{key}", lang), justify="right")
    base = row_of(found.totals, leading)["base"]
    rows = all_rows(found.order)
    fine = min(1, max(decimals(row, leading.unit) for row in rows))
    start = digits(base, leading.unit, more=fine)
    table.add_row("0", say("attribute.column_base", lang), "", start, "")
    for row in rows:
        ahead = ""
        if row["runner_up"]:
            lead = {"mean": row["lead"], "low": row["lead_low"], "high": row["lead_high"]}
            more = decimals(lead, leading.unit)
            sizes = {
                name: change(value, leading.unit, more=more)
                for name, value in (
                    ("lead", lead["mean"]),
                    ("low", lead["low"]),
                    ("high", lead["high"]),
                )
                if is_known(value)
            }
            other = names[row["runner_up"]]
            ahead = say("attribute.ahead", lang, other=other, **sizes) if len(sizes) == 3 else other
        others = Verdict.OTHER_CASES if row["other_cases"] else ""
        step = _cell({**row, "verdict": others}, leading, lang)
        level = digits(row["level"], leading.unit, more=fine)
        table.add_row(str(row["step"]), names[row["reform"]], step, level, ahead)
    return table


def cautions(found: Attribution, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures."""
    n = found.replications
    yield from few_replications(n, lang)
    yield from found.request.scenarios[0].warnings
    settings = [scenario.settings for scenario in found.request.scenarios]
    at = settings[0].stuck.at
    if len({one.policy.authorization for one in settings}) > 1 and at != "nowhere":
        text = say(f"chart.note.stuck_{at}", lang)
        yield text[:1].upper() + text[1:] + say("chart.note.end", lang)
