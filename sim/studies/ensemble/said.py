"""What `hall ensemble` says: the answer, what chance and the hall leave open, who disagrees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.table import Table

from sim.measure.definitions import ANSWERED, LEADING, Indicator, Language, headline, indicators
from sim.present.cautions import few_replications
from sim.present.numbers import UNITS, amount, change, digits, enough_decimals, is_known
from sim.studies.ensemble import say
from sim.studies.ensemble.study import ALL, AS_DESCRIBED, Ensemble
from sim.studies.ensemble.variants import plan_of

Row = Mapping[str, Any]
ADVISED_VARIANTS = 30
MOST_LISTED = 5
KINDS = ("better", "worse", "other_cases", "unclear", "same")
MARKS = {"better": "✓", "worse": "✗", "other_cases": "≠", "unclear": "?", "same": "="}


# Names --------------------------------------------------------------------------------------


def reading_titles(found: Ensemble, lang: Language) -> dict[str, str]:
    """Return what each reading of the report is called, by name."""
    titles = {}
    for one in found.request.family.readings:
        plan = plan_of(one)
        titles[one.name] = str(getattr(one.settings.title if plan is None else plan.title, lang))
    return titles


def scenario_titles(found: Ensemble, lang: Language) -> dict[str, str]:
    """Return what each scenario adds to the base, by name."""
    base, *others = found.request.scenarios
    start = f"{getattr(base.title, lang)} + "
    names = {one.name: str(getattr(one.title, lang)).removeprefix(start) for one in others}
    return {base.name: say("ensemble.the_base", lang), **names}


def own_row(found: Ensemble, scenario: str, one: Indicator) -> Row:
    """Return the effect over variants under the base's own reading of the report."""
    return _row(found, scenario, one, found.readings[0])


def all_row(found: Ensemble, scenario: str, one: Indicator) -> Row:
    """Return the effect over variants and all readings."""
    several = len(found.readings) > 1
    return _row(found, scenario, one, ALL if several else found.readings[0])


def _row(found: Ensemble, scenario: str, one: Indicator, reading: str) -> Row:
    rows = _rows(found, scenario, one)
    return next(row for row in rows if row["rival"] == reading)


def _rows(found: Ensemble, scenario: str, one: Indicator) -> list[Row]:
    frame = found.summary
    chosen = (frame["scenario"] == scenario) & (frame["indicator"] == one.id)
    rows = frame[chosen].to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def changes(row: Row) -> bool:
    """Say whether a figure changes in any hall."""
    return is_known(row["mean"]) and row["share_same"] < 1


# Sentences ----------------------------------------------------------------------------------


def answer(found: Ensemble, lang: Language) -> Iterator[str]:
    """Yield the sentences that say what holds in any hall like this one."""
    yield _intro(found, lang)
    titles = scenario_titles(found, lang)
    known = indicators()
    for scenario in found.request.scenarios[1:]:
        told = []
        for one in (known[name] for name in ANSWERED):
            if changes(all_row(found, scenario.name, one)):
                told += list(_about(found, scenario.name, one, titles[scenario.name], lang))
        yield from told or [say("ensemble.none", lang, title=titles[scenario.name])]
    yield from _best(found, known[LEADING], titles, lang)


def _intro(found: Ensemble, lang: Language) -> str:
    names = list(reading_titles(found, lang).values())
    several = say(
        "ensemble.intro_readings", lang, count=len(names), names=say("semicolon", lang).join(names)
    )
    return say(
        "ensemble.intro" if found.request.family.is_fitted else "ensemble.intro_unfitted",
        lang,
        variants=found.request.variants,
        base=getattr(found.request.scenarios[0].title, lang),
        readings=several if len(names) > 1 else "",
    )


def _about(
    found: Ensemble, scenario: str, one: Indicator, title: str, lang: Language
) -> Iterator[str]:
    row, overall = own_row(found, scenario, one), all_row(found, scenario, one)
    more = decimals(row)
    side = "less" if row["mean"] < 0 else "more"
    size = amount(row["mean"], one.unit, lang, more=more)
    several = len(found.readings) > 1
    name = reading_titles(found, lang)[found.readings[0]]
    yield say(
        "ensemble.answer",
        lang,
        title=title,
        clause=say(f"ensemble.{one.id}.{side}", lang, size=size),
        under=say("ensemble.under", lang, name=name) if several else "",
        chance=_span(row, "chance", more, lang),
        hall=_span(row, "hall", more, lang),
        verdicts=_verdicts(found, overall, lang),
    )
    if overall["flips"]:
        yield say("ensemble.flips", lang, label=one.label[lang], title=title)
    others = [r for r in _rows(found, scenario, one) if r["rival"] in found.readings[1:]]
    apart = any(not row["hall_low"] <= other["mean"] <= row["hall_high"] for other in others)
    if others and (one.id == LEADING or overall["flips"] or apart):
        yield _by_reading(found, one, others, lang)


def decimals(row: Row) -> int:
    """Return how many more decimals the intervals need."""
    ends = [(row[f"{of}_low"], row[f"{of}_high"]) for of in ("chance", "hall")]
    return max(
        [enough_decimals(low, high, row["unit"]) for low, high in ends if is_known(low)],
        default=0,
    )


def _span(row: Row, of: str, more: int, lang: Language) -> str:
    """Return an interval as sizes if it lies on the side of the mean, else with signs."""
    low, high = row[f"{of}_low"], row[f"{of}_high"]
    if not is_known(low):
        return say("ensemble.no_interval", lang)
    if low * high > 0 and low * row["mean"] > 0:
        ends = [digits(end, row["unit"], more=more) for end in sorted((abs(low), abs(high)))]
        return say("ensemble.to", lang, low=ends[0], high=ends[1])
    ends = [change(end, row["unit"], more=more) for end in (low, high)]
    return say("ensemble.change", lang, low=ends[0], high=ends[1])


def _under(found: Ensemble, lang: Language) -> str:
    count = len(found.readings)
    return say("ensemble.under_all", lang, count=count) if count > 1 else ""


def _verdicts(found: Ensemble, row: Row, lang: Language) -> str:
    variants = found.request.variants
    readings = len(found.readings) if row["rival"] == ALL else 1
    for kind in ("better", "worse", "other_cases", "unclear"):
        if row[f"share_{kind}"] == 1:
            under = _under(found, lang) if row["rival"] == ALL else ""
            return say(f"ensemble.all_{kind}", lang, variants=variants, readings=under)
    of = variants * readings
    what = "of_fits" if readings > 1 else "of_variants"
    mixed = say(
        "ensemble.mixed",
        lang,
        of=of,
        what=say(f"ensemble.{what}", lang, variants=variants, count=readings),
        parts=say("comma", lang).join(
            say(f"ensemble.part_{kind}", lang, number=round(row[f"share_{kind}"] * of))
            for kind in KINDS
            if row[f"share_{kind}"] > 0
        ),
    )
    rows = found.of(row["rival"], row["scenario"], row["indicator"])
    met = rows[rows["meets_report"]]["verdict"]
    if len(met) == len(rows) or set(met) not in ({"better"}, {"worse"}):
        return mixed
    told = say(f"ensemble.met_{met.iloc[0]}", lang, number=len(met))
    return say("ensemble.met_and", lang, met=told, mixed=mixed)


def _by_reading(found: Ensemble, one: Indicator, rows: Sequence[Row], lang: Language) -> str:
    titles, parts = reading_titles(found, lang), []
    unit = UNITS["points" if one.unit == "share" else one.unit][lang]
    for row in rows:
        more = decimals(row)
        ends = {end: change(row[f"hall_{end}"], one.unit, more=more) for end in ("low", "high")}
        hall = say("ensemble.in_a_hall", lang, **ends) if is_known(row["hall_low"]) else ""
        size = change(row["mean"], one.unit, more=more)
        name = titles[row["rival"]]
        parts.append(say("ensemble.reading", lang, name=name, change=size, unit=unit, hall=hall))
    return say("ensemble.by_reading", lang, parts=say("semicolon", lang).join(parts))


def _best(
    found: Ensemble, one: Indicator, titles: Mapping[str, str], lang: Language
) -> Iterator[str]:
    frame = found.best[found.best["indicator"] == one.id]
    totals = frame.groupby("scenario", sort=False)[["best_in", "of"]].sum()
    totals = totals[totals["best_in"] > 0].sort_values("best_in", ascending=False)
    label = one.label[lang]
    if len(totals) == 1:
        everywhere = say(
            "ensemble.every_variant",
            lang,
            variants=found.request.variants,
            readings=_under(found, lang),
        )
        yield say(
            "ensemble.best_always",
            lang,
            label=label,
            title=titles[str(totals.index[0])],
            of=everywhere,
        )
    elif len(totals):
        parts = [
            say("ensemble.best_part", lang, title=titles[str(name)], number=number, of=of)
            for name, number, of in totals.itertuples()
        ]
        yield say("ensemble.best_of", lang, label=label, parts=say("comma", lang).join(parts))


def cautions(found: Ensemble, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures."""
    n, request = found.replications, found.request
    yield from few_replications(n, lang)
    if request.variants < ADVISED_VARIANTS:
        yield say("ensemble.few_variants", lang, variants=request.variants)
    if not request.family.is_fitted:
        base = getattr(request.family.readings[0].title, lang)
        yield say("ensemble.not_fitted", lang, base=base)
    yield from request.scenarios[0].warnings
    if found.missed:
        titles = reading_titles(found, lang)
        listed = [
            say("ensemble.missed_one", lang, variant=variant, name=titles[name])
            for variant, name in found.missed[:MOST_LISTED]
        ]
        if len(found.missed) > MOST_LISTED:
            rest = len(found.missed) - MOST_LISTED
            listed.append(say("ensemble.and_more", lang, number=rest))
        yield say(
            "ensemble.missed",
            lang,
            count=len(found.missed),
            all=request.variants * len(found.readings),
            which=say("comma", lang).join(listed),
        )
        if found.hardly_met:
            names = say("comma", lang).join(f"“{titles[name]}”" for name in found.hardly_met)
            yield say("ensemble.hardly_met", lang, names=names)


# Table --------------------------------------------------------------------------------------


def table(found: Ensemble, lang: Language) -> Table:
    """Return every headline figure that changes, with both intervals and the verdicts."""
    own = reading_titles(found, lang)[found.readings[0]]
    title = say(
        "ensemble.table",
        lang,
        variants=found.request.variants,
        readings=say("ensemble.under", lang, name=own) if len(found.readings) > 1 else "",
        legend=say("ensemble.legend", lang),
    )
    shown = Table(title=title, title_justify="left")
    shown.add_column(say("column.figure", lang))
    several = len(found.readings) > 1
    columns = ["described", "mean", "chance", "hall", *(["any"] if several else []), "share"]
    for name in (*columns, "verdicts"):
        shown.add_column(say(f"ensemble.column_{name}", lang), justify="right")
    titles = scenario_titles(found, lang)
    for scenario in found.request.scenarios[1:]:
        shown.add_section()
        shown.add_row(f"“{titles[scenario.name]}”", *[""] * (len(columns) + 1))
        for one in headline():
            if changes(all_row(found, scenario.name, one)):
                shown.add_row(*_cells(found, scenario.name, one, lang))
    return shown


def _cells(found: Ensemble, scenario: str, one: Indicator, lang: Language) -> list[str]:
    row, overall = own_row(found, scenario, one), all_row(found, scenario, one)
    more = min(decimals(row), 2)
    unit = UNITS["points" if one.unit == "share" else one.unit][lang]

    def span(row: Row, of: str) -> str:
        low, high = row[f"{of}_low"], row[f"{of}_high"]
        if not is_known(low):
            return "–"
        return f"{change(low, one.unit, more=more)} … {change(high, one.unit, more=more)}"

    return [
        f"  {one.label[lang]} ({unit})",
        change(_described(found, row), one.unit, more=more),
        change(row["mean"], one.unit, more=more),
        span(row, "chance"),
        span(row, "hall"),
        *([span(overall, "hall")] if overall["rival"] == ALL else []),
        _share_of_hall(row, lang),
        _marks(found, overall) + (" ⚠" if overall["flips"] else ""),
    ]


def _described(found: Ensemble, row: Row) -> float:
    """Return the effect in the hall as described."""
    frame = found.effects
    chosen = (frame["variant"] == AS_DESCRIBED) & (frame["scenario"] == row["scenario"])
    chosen &= (frame["indicator"] == row["indicator"]) & (frame["rival"] == row["rival"])
    return float(frame[chosen]["mean"].iloc[0])


def _share_of_hall(row: Row, lang: Language) -> str:
    """Return the part of the variance between variants' means that is the halls'."""
    hall, chance = row["variance_hall"], row["variance_chance"]
    if pd.isna(hall) or pd.isna(chance) or hall + chance == 0:
        return "–"
    return say("chart.percent", lang, share=f"{100 * hall / (hall + chance):.0f}")


def _marks(found: Ensemble, row: Row) -> str:
    of = found.request.variants * (len(found.readings) if row["rival"] == ALL else 1)
    counts = {kind: round(row[f"share_{kind}"] * of) for kind in KINDS}
    return " ".join(f"{counts[kind]} {MARKS[kind]}" for kind in KINDS if counts[kind])
