"""Sentences and table of `hall ensemble`: effects, their two intervals, verdicts and cautions."""

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


def reading_titles(results: Ensemble, lang: Language) -> dict[str, str]:
    """Return the title of each reading of the report.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    dict of str
        By the name of the reading's scenario: the title of its calibration, or of the scenario if
        it has no calibration.
    """
    titles = {}
    for reading in results.request.family.readings:
        plan = plan_of(reading)
        title = reading.settings.title if plan is None else plan.title
        titles[reading.name] = str(getattr(title, lang))
    return titles


def scenario_titles(results: Ensemble, lang: Language) -> dict[str, str]:
    """Return the title of each scenario, without the title of the base that it begins with.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    dict of str
        By the name of the scenario; the base itself is called no reform.
    """
    base, *others = results.request.scenarios
    start = f"{getattr(base.title, lang)} + "
    names = {
        scenario.name: str(getattr(scenario.title, lang)).removeprefix(start) for scenario in others
    }
    return {base.name: say("ensemble.the_base", lang), **names}


def _own_row(results: Ensemble, scenario: str, indicator: Indicator) -> Row:
    """Return the row of an effect over the variants, under the base's own reading."""
    return _row(results, scenario, indicator, results.readings[0])


def all_row(results: Ensemble, scenario: str, indicator: Indicator) -> Row:
    """Return the row of `Ensemble.summary` for an effect over the variants and all readings.

    Parameters
    ----------
    results
        Results of the study.
    scenario
        Name of the scenario.
    indicator
        The figure.

    Returns
    -------
    Row
        Values by column; the row of the only reading if there are no others.
    """
    several = len(results.readings) > 1
    return _row(results, scenario, indicator, ALL if several else results.readings[0])


def _row(results: Ensemble, scenario: str, indicator: Indicator, reading: str) -> Row:
    rows = _rows(results, scenario, indicator)
    return next(row for row in rows if row["rival"] == reading)


def _rows(results: Ensemble, scenario: str, indicator: Indicator) -> list[Row]:
    frame = results.summary
    chosen = (frame["scenario"] == scenario) & (frame["indicator"] == indicator.id)
    rows = frame[chosen].to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def is_changed(row: Row) -> bool:
    """Say whether a figure changes in any variant.

    Parameters
    ----------
    row
        Row of `Ensemble.summary`.

    Returns
    -------
    bool
        False also if the effect is unknown.
    """
    return is_known(row["mean"]) and row["share_same"] < 1


# Sentences ----------------------------------------------------------------------------------


def answer(results: Ensemble, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer the request.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        Halls that were compared, effects of each scenario, and which scenario is best how often.
    """
    yield _intro(results, lang)
    titles = scenario_titles(results, lang)
    known = indicators()
    for scenario in results.request.scenarios[1:]:
        title, sentences = titles[scenario.name], []
        for indicator in (known[name] for name in ANSWERED):
            if is_changed(all_row(results, scenario.name, indicator)):
                sentences += list(_effect_sentences(results, scenario.name, indicator, title, lang))
        yield from sentences or [say("ensemble.none", lang, title=title)]
    yield from _best(results, known[LEADING], titles, lang)


def _intro(results: Ensemble, lang: Language) -> str:
    names = list(reading_titles(results, lang).values())
    several = say(
        "ensemble.intro_readings", lang, count=len(names), names=say("semicolon", lang).join(names)
    )
    return say(
        "ensemble.intro" if results.request.family.is_fitted else "ensemble.intro_unfitted",
        lang,
        variants=results.request.variants,
        base=getattr(results.request.scenarios[0].title, lang),
        readings=several if len(names) > 1 else "",
    )


def _effect_sentences(
    results: Ensemble, scenario: str, indicator: Indicator, title: str, lang: Language
) -> Iterator[str]:
    row, overall = _own_row(results, scenario, indicator), all_row(results, scenario, indicator)
    more = _decimals(row)
    side = "less" if row["mean"] < 0 else "more"
    size = amount(row["mean"], indicator.unit, lang, more=more)
    several = len(results.readings) > 1
    name = reading_titles(results, lang)[results.readings[0]]
    yield say(
        "ensemble.answer",
        lang,
        title=title,
        clause=say(f"ensemble.{indicator.id}.{side}", lang, size=size),
        under=say("ensemble.under", lang, name=name) if several else "",
        chance=_span(row, "chance", more, lang),
        hall=_span(row, "hall", more, lang),
        verdicts=_verdicts(results, overall, lang),
    )
    if overall["flips"]:
        yield say("ensemble.flips", lang, label=indicator.label[lang], title=title)
    others = [
        other
        for other in _rows(results, scenario, indicator)
        if other["rival"] in results.readings[1:]
    ]
    apart = any(not row["hall_low"] <= other["mean"] <= row["hall_high"] for other in others)
    if others and (indicator.id == LEADING or overall["flips"] or apart):
        yield _by_reading(results, indicator, others, lang)


def _decimals(row: Row) -> int:
    """Return how many more decimals both intervals need."""
    ends = [(row[f"{source}_low"], row[f"{source}_high"]) for source in ("chance", "hall")]
    return max(
        [enough_decimals(low, high, row["unit"]) for low, high in ends if is_known(low)],
        default=0,
    )


def _span(row: Row, source: str, more: int, lang: Language) -> str:
    """Return an interval as sizes if both ends have the sign of the mean, else with signs."""
    low, high = row[f"{source}_low"], row[f"{source}_high"]
    if not is_known(low):
        return say("ensemble.no_interval", lang)
    if low * high > 0 and low * row["mean"] > 0:
        ends = [digits(end, row["unit"], more=more) for end in sorted((abs(low), abs(high)))]
        return say("ensemble.to", lang, low=ends[0], high=ends[1])
    ends = [change(end, row["unit"], more=more) for end in (low, high)]
    return say("ensemble.change", lang, low=ends[0], high=ends[1])


def _under(results: Ensemble, lang: Language) -> str:
    count = len(results.readings)
    return say("ensemble.under_all", lang, count=count) if count > 1 else ""


def _verdicts(results: Ensemble, row: Row, lang: Language) -> str:
    variants = results.request.variants
    readings = len(results.readings) if row["rival"] == ALL else 1
    for kind in ("better", "worse", "other_cases", "unclear"):
        if row[f"share_{kind}"] == 1:
            under = _under(results, lang) if row["rival"] == ALL else ""
            return say(f"ensemble.all_{kind}", lang, variants=variants, readings=under)
    total = variants * readings
    counted = "of_fits" if readings > 1 else "of_variants"
    mixed = say(
        "ensemble.mixed",
        lang,
        total=total,
        counted=say(f"ensemble.{counted}", lang, variants=variants, count=readings),
        parts=say("comma", lang).join(
            say(f"ensemble.part_{kind}", lang, number=round(row[f"share_{kind}"] * total))
            for kind in KINDS
            if row[f"share_{kind}"] > 0
        ),
    )
    rows = results.effects_of(row["rival"], row["scenario"], row["indicator"])
    met = rows[rows["meets_report"]]["verdict"]
    if len(met) == len(rows) or set(met) not in ({"better"}, {"worse"}):
        return mixed
    of_met = say(f"ensemble.met_{met.iloc[0]}", lang, number=len(met))
    return say("ensemble.met_and", lang, met=of_met, mixed=mixed)


def _by_reading(
    results: Ensemble, indicator: Indicator, rows: Sequence[Row], lang: Language
) -> str:
    titles, parts = reading_titles(results, lang), []
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    for row in rows:
        more = _decimals(row)
        ends = {
            end: change(row[f"hall_{end}"], indicator.unit, more=more) for end in ("low", "high")
        }
        hall = say("ensemble.in_a_hall", lang, **ends) if is_known(row["hall_low"]) else ""
        size = change(row["mean"], indicator.unit, more=more)
        name = titles[row["rival"]]
        parts.append(say("ensemble.reading", lang, name=name, change=size, unit=unit, hall=hall))
    return say("ensemble.by_reading", lang, parts=say("semicolon", lang).join(parts))


def _best(
    results: Ensemble, indicator: Indicator, titles: Mapping[str, str], lang: Language
) -> Iterator[str]:
    frame = results.best[results.best["indicator"] == indicator.id]
    totals = frame.groupby("scenario", sort=False)[["best_in", "of"]].sum()
    totals = totals[totals["best_in"] > 0].sort_values("best_in", ascending=False)
    label = indicator.label[lang]
    if len(totals) == 1:
        everywhere = say(
            "ensemble.every_variant",
            lang,
            variants=results.request.variants,
            readings=_under(results, lang),
        )
        yield say(
            "ensemble.best_always",
            lang,
            label=label,
            title=titles[str(totals.index[0])],
            variants=everywhere,
        )
    elif len(totals):
        parts = [
            say("ensemble.best_part", lang, title=titles[str(name)], number=number, total=total)
            for name, number, total in totals.itertuples()
        ]
        yield say("ensemble.best_of", lang, label=label, parts=say("comma", lang).join(parts))


def cautions(results: Ensemble, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        Sentences about few replications or variants, and about fits that are missing or do not
        meet the report; also the warnings of the base scenario.
    """
    n, request = results.replications, results.request
    yield from few_replications(n, lang)
    if request.variants < ADVISED_VARIANTS:
        yield say("ensemble.few_variants", lang, variants=request.variants)
    if not request.family.is_fitted:
        base = getattr(request.family.readings[0].title, lang)
        yield say("ensemble.not_fitted", lang, base=base)
    yield from request.scenarios[0].warnings
    if results.missed:
        titles = reading_titles(results, lang)
        listed = [
            say("ensemble.missed_one", lang, variant=variant, name=titles[name])
            for variant, name in results.missed[:MOST_LISTED]
        ]
        if len(results.missed) > MOST_LISTED:
            rest = len(results.missed) - MOST_LISTED
            listed.append(say("ensemble.and_more", lang, number=rest))
        yield say(
            "ensemble.missed",
            lang,
            count=len(results.missed),
            all=request.variants * len(results.readings),
            which=say("comma", lang).join(listed),
        )
        if results.hardly_met:
            names = say("comma", lang).join(f"“{titles[name]}”" for name in results.hardly_met)
            yield say("ensemble.hardly_met", lang, names=names)


# Table --------------------------------------------------------------------------------------


def table(results: Ensemble, lang: Language) -> Table:
    """Return every headline figure that changes, with both intervals and the verdicts.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        A section per scenario, a row per figure; differences from the base, shares in percentage
        points.
    """
    own = reading_titles(results, lang)[results.readings[0]]
    title = say(
        "ensemble.table",
        lang,
        variants=results.request.variants,
        readings=say("ensemble.under", lang, name=own) if len(results.readings) > 1 else "",
        legend=say("ensemble.legend", lang),
    )
    shown = Table(title=title, title_justify="left")
    shown.add_column(say("column.figure", lang))
    several = len(results.readings) > 1
    columns = ["described", "mean", "chance", "hall", *(["any"] if several else []), "share"]
    for name in (*columns, "verdicts"):
        shown.add_column(say(f"ensemble.column_{name}", lang), justify="right")
    titles = scenario_titles(results, lang)
    for scenario in results.request.scenarios[1:]:
        shown.add_section()
        shown.add_row(f"“{titles[scenario.name]}”", *[""] * (len(columns) + 1))
        for indicator in headline():
            if is_changed(all_row(results, scenario.name, indicator)):
                shown.add_row(*_cells(results, scenario.name, indicator, lang))
    return shown


def _cells(results: Ensemble, scenario: str, indicator: Indicator, lang: Language) -> list[str]:
    row, overall = _own_row(results, scenario, indicator), all_row(results, scenario, indicator)
    more = min(_decimals(row), 2)
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]

    def span(row: Row, source: str) -> str:
        low, high = row[f"{source}_low"], row[f"{source}_high"]
        if not is_known(low):
            return "–"
        return (
            f"{change(low, indicator.unit, more=more)} … {change(high, indicator.unit, more=more)}"
        )

    return [
        f"  {indicator.label[lang]} ({unit})",
        change(_described(results, row), indicator.unit, more=more),
        change(row["mean"], indicator.unit, more=more),
        span(row, "chance"),
        span(row, "hall"),
        *([span(overall, "hall")] if overall["rival"] == ALL else []),
        _share_of_hall(row, lang),
        _marks(results, overall) + (" ⚠" if overall["flips"] else ""),
    ]


def _described(results: Ensemble, row: Row) -> float:
    """Return the effect in the hall as described."""
    frame = results.effects
    chosen = (frame["variant"] == AS_DESCRIBED) & (frame["scenario"] == row["scenario"])
    chosen &= (frame["indicator"] == row["indicator"]) & (frame["rival"] == row["rival"])
    return float(frame[chosen]["mean"].iloc[0])


def _share_of_hall(row: Row, lang: Language) -> str:
    """Return the share, in per cent, of the variance of variants' means that is between halls."""
    hall, chance = row["variance_hall"], row["variance_chance"]
    if pd.isna(hall) or pd.isna(chance) or hall + chance == 0:
        return "–"
    return say("chart.percent", lang, share=f"{100 * hall / (hall + chance):.0f}")


def _marks(results: Ensemble, row: Row) -> str:
    total = results.request.variants * (len(results.readings) if row["rival"] == ALL else 1)
    counts = {kind: round(row[f"share_{kind}"] * total) for kind in KINDS}
    return " ".join(f"{counts[kind]} {MARKS[kind]}" for kind in KINDS if counts[kind])
