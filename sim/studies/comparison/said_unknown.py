"""Sentences on what is not known: bands over halls that fit, and readings that disagree."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measure.assessment import CLEAR, Assessment
from sim.measure.definitions import ANSWERED, Indicator, Language, headline, indicators
from sim.present.numbers import UNITS, change, digits, enough_decimals, is_known
from sim.running.fitting_halls import sample_file
from sim.scenario.parameter_names import parameter_name
from sim.stats.bands import FEWEST_HALLS
from sim.stats.comparison import Difference, Verdict
from sim.studies.comparison import say
from sim.studies.comparison.results import Results

MOST_LISTED = 6


def band_text(results: Results, assessment: Assessment, unit: str, lang: Language) -> str:
    """Return the band of a difference as a clause.

    Parameters
    ----------
    results
        Results of the study.
    assessment
        The difference, with its halls.
    unit
        Unit of the figure.
    lang
        Language.

    Returns
    -------
    str
        Ends as sizes if both have the sign of the mean, else with signs; empty without halls.
    """
    low, high = assessment.band
    if results.in_halls is None or not is_known(low):
        return ""
    mean = assessment.difference.mean
    more = min(enough_decimals(low, high, unit), 2)
    if low * high > 0 and low * mean > 0:
        ends = [digits(end, unit, more=more) for end in sorted((abs(low), abs(high)))]
    else:
        ends = [change(end, unit, more=more) for end in (low, high)]
    return say("clause.band", lang, low=ends[0], high=ends[1], halls=results.in_halls.number)


def unknown_sentences(results: Results, number: int, title: str, lang: Language) -> Iterator[str]:
    """Yield what the verdicts on a scenario depend on, and where other readings do not agree.

    Parameters
    ----------
    results
        Results of the study.
    number
        Index of the scenario, from 1.
    title
        How the scenario is called.
    lang
        Language.

    Yields
    ------
    str
        What depends, and on what; figures with another verdict under each other reading; in how
        many halls an answered figure has the other sign.
    """
    name = results.names[number]
    judged = {figure.id: results.assessments[name, figure.id] for figure in headline()}
    depending = [
        indicator
        for indicator in headline()
        if judged[indicator.id].difference.verdict is Verdict.DEPENDS
    ]
    if depending:
        parts = [
            _why(results, number, indicator, judged[indicator.id], lang)
            for indicator in depending[:MOST_LISTED]
        ]
        if len(depending) > MOST_LISTED:
            parts.append(say("unknown.more", lang, number=len(depending) - MOST_LISTED))
        listed = say("semicolon", lang).join(parts)
        yield say("unknown.depends", lang, title=title, figures=listed)
    for place, rival in enumerate(results.rivals):
        other = [
            _named(indicator, judged[indicator.id].readings[place], lang)
            for indicator in headline()
            if indicator not in depending and _differs(judged[indicator.id], place)
        ]
        if other:
            reading = getattr(rival.scenarios[0].title, lang)
            listed = say("comma", lang).join(other)
            yield say("unknown.reading", lang, title=title, reading=reading, figures=listed)
    yield from _opposite(results, name, lang)


def _differs(assessment: Assessment, place: int) -> bool:
    """Say whether chance explains the difference under one of both readings only."""
    here, there = assessment.difference.verdict, assessment.readings[place].verdict
    return (here in CLEAR) != (there in CLEAR) and Verdict.UNKNOWN not in {here, there}


def _named(indicator: Indicator, difference: Difference, lang: Language) -> str:
    verdict = say(f"verdict.{difference.verdict}", lang)
    size = _size(indicator, difference, lang)
    return say("unknown.named", lang, label=indicator.label[lang], verdict=verdict, **size)


def _size(indicator: Indicator, difference: Difference, lang: Language) -> dict[str, str]:
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    return {"change": change(difference.mean, indicator.unit), "unit": unit}


def _why(
    results: Results, number: int, indicator: Indicator, assessment: Assessment, lang: Language
) -> str:
    """Return a figure with what its sign depends on: a reading, or a parameter and its value."""
    label = indicator.label[lang]
    own = _size(indicator, assessment.difference, lang)
    opposite = [
        (getattr(rival.scenarios[0].title, lang), other)
        for rival, other in zip(results.rivals, assessment.readings, strict=True)
        if other.verdict in CLEAR and other.mean * assessment.difference.mean < 0
    ]
    if opposite:
        readings = say("comma", lang).join(
            say("unknown.under", lang, reading=title, **_size(indicator, other, lang))
            for title, other in opposite
        )
        return say("unknown.by_reading", lang, label=label, readings=readings, **own)
    split = None
    if results.in_halls is not None:
        split = results.in_halls.separation(number, indicator.id)
    if split is None:
        return say("unknown.by_hall", lang, label=label, share=_percent(assessment.opposite), **own)
    side = say(f"unknown.{'rises' if split.rises else 'falls'}", lang)
    if not is_known(split.break_even):
        return say(
            "unknown.by_sample",
            lang,
            label=label,
            share=_percent(assessment.opposite),
            reading=_reading_title(results, split.quantity, lang),
            side=side,
            **own,
        )
    return say(
        "unknown.by_parameter",
        lang,
        label=label,
        share=_percent(assessment.opposite),
        parameter=parameter_name(split.quantity, lang),
        value=f"{split.break_even:.3g}",
        side=side,
        **own,
    )


def _reading_title(results: Results, name: str, lang: Language) -> str:
    families = [results.scenarios[0], *(rival.scenarios[0] for rival in results.rivals)]
    plain = {one.name: one for one in (base.as_described() for base in families)}
    return str(getattr(plain[name].title, lang))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if is_known(share) else "–"


def _opposite(results: Results, name: str, lang: Language) -> Iterator[str]:
    """Yield in how many halls the answered figures lie on the other side."""
    known = indicators()
    parts = []
    for indicator in (known[figure] for figure in ANSWERED):
        assessment = results.assessments[name, indicator.id]
        if assessment.difference.verdict in CLEAR and assessment.opposite > 0:
            share = _percent(1 - assessment.opposite)
            parts.append(say("unknown.same_side", lang, label=indicator.label[lang], share=share))
    if parts:
        yield say("unknown.halls", lang, figures=say("comma", lang).join(parts))


def chance_only(results: Results, lang: Language) -> Iterator[str]:
    """Yield that the answer knows chance only, if there are no halls that fit.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        One sentence, or nothing.
    """
    if len(results.scenarios) < 2:
        return
    if results.in_halls is None:
        hall = results.scenarios[0].as_described().name
        same = all(other.path == results.scenarios[0].path for other in results.scenarios)
        reason = "unknown.chance_only" if same else "unknown.chance_only_two"
        if same and sample_file(results.scenarios[0]) is not None:
            reason = "unknown.chance_only_asked"
        yield say(reason, lang, hall=hall)
    elif min(map(len, results.in_halls.halls)) < FEWEST_HALLS:
        yield say("unknown.few_halls", lang, fewest=FEWEST_HALLS)
    else:
        count = len(results.in_halls.readings)
        halls = results.in_halls.number
        yield say("unknown.what_bands_are", lang, halls=halls, readings=count)
