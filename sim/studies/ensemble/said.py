"""Sentences and tables of `hall ensemble`: halls that fit, effects with their two intervals."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.table import Table

from sim.measure.definitions import ANSWERED, LEADING, Indicator, Language, headline, indicators
from sim.present.numbers import UNITS, amount, change, digits, enough_decimals, is_known
from sim.scenario.parameter_names import parameter_name
from sim.studies.ensemble import say
from sim.studies.ensemble.matching import plan_of
from sim.studies.ensemble.study import ALL, AS_DESCRIBED, Ensemble

Row = Mapping[str, Any]
ADVISED_VARIANTS = 20
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
    for reading in results.request.readings:
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
        Halls that fit, effects of each scenario in them, and which scenario is best how often.
    """
    yield from sample_sentences(results, lang)
    if len(results.request.scenarios) == 1:
        return
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
        "ensemble.intro",
        lang,
        variants=results.request.variants,
        base=getattr(results.request.scenarios[0].title, lang),
        readings=several if len(names) > 1 else "",
    )


def sample_sentences(results: Ensemble, lang: Language) -> Iterator[str]:
    """Yield how many halls fit the report, and what it says about the estimates.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        A sentence on the halls and one on the estimates, for each reading.
    """
    titles = reading_titles(results, lang)
    for row in results.fits.to_dict("records"):
        if row["rival"] not in titles:
            continue
        numbers = {name: f"{row[name]:,.0f}" for name in ("tried", "overloaded", "halls", "ran")}
        title = titles[row["rival"]]
        worth = f"{row['effective']:,.0f}"
        yield say("ensemble.sample", lang, title=title, effective=worth, **numbers)
        yield _narrowed(results, row["rival"], lang)


def _narrowed(results: Ensemble, reading: str, lang: Language) -> str:
    frame = results.estimates[results.estimates["rival"] == reading]
    parts = []
    for cause in ("report", "load"):
        rows = frame[frame["narrowed_by"].str.contains(cause)]
        listed = [_narrowed_to(row, lang) for row in rows.to_dict("records")]
        shown = listed[:MOST_LISTED]
        if len(listed) > MOST_LISTED:
            shown.append(say("ensemble.and_more", lang, number=len(listed) - MOST_LISTED))
        names = say("semicolon", lang).join(shown) or say("ensemble.nothing", lang)
        parts.append(say(f"ensemble.narrowed_{cause}", lang, names=names, count=len(frame)))
    return " ".join(parts) if lang == "en" else "".join(parts)


def _narrowed_to(row: Mapping[Hashable, Any], lang: Language) -> str:
    name = parameter_name(str(row["parameter"]), lang)
    ends = {end: f"{row[end]:.3g}" for end in ("low", "high", "fit_low", "fit_high")}
    if (ends["low"], ends["high"]) == (ends["fit_low"], ends["fit_high"]):
        return name
    return say("ensemble.narrowed_to", lang, name=name, **ends)


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
    return say(
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
        Sentences about few halls, and about reports that rule none out; also the warnings of the
        base scenario.
    """
    request = results.request
    if len(request.scenarios) > 1 and request.variants < ADVISED_VARIANTS:
        yield say("ensemble.few_variants", lang, variants=request.variants)
    titles = reading_titles(results, lang)
    for name, title in titles.items():
        counts = results.sample.about["readings"][name]
        if not counts["matched"]:
            yield say("ensemble.not_matched", lang, title=title)
        if counts["effective"] < counts["asked"]:
            numbers = {at: f"{counts[at]:,.0f}" for at in ("effective", "asked")}
            yield say("ensemble.few_fit", lang, title=title, **numbers)
    yield from request.scenarios[0].warnings


# Table --------------------------------------------------------------------------------------


def tables(results: Ensemble, lang: Language) -> tuple[Table, ...]:
    """Return every headline figure that changes, with both intervals and the verdicts.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    tuple of rich.table.Table
        One with a section per scenario and a row per figure; differences from the base, shares in
        percentage points.  None if no scenarios are compared.
    """
    if len(results.request.scenarios) == 1:
        return ()
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
    return (shown,)


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
