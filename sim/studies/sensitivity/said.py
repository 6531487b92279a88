"""What `hall sensitivity` says: which estimates matter, and whether the verdict holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from sim.measure.definitions import Indicator, Language, indicators
from sim.present.numbers import UNITS, change, digits, enough_decimals, figure, is_known
from sim.present.people import people_called
from sim.stats.comparison import Difference, Verdict
from sim.studies.sensitivity import WORDS, say
from sim.studies.sensitivity.estimates import MEASURES, Factor, LeftOut
from sim.studies.sensitivity.indices import Indices
from sim.studies.sensitivity.results import SensitivityResults
from sim.studies.sensitivity.robustness import Robustness
from sim.studies.sensitivity.study import Bar, Overload, SensitivityRequest, Sweep, excludes_zero

MOST_SAID, MOST_ROWS = 3, 12
CHANCE = 0.02
"""Share of the variance from which chance is told."""
WIDE = 0.2
"""Half-width of a share of variance from which more samples are advised."""


def name_of(path: str, lang: Language) -> str:
    """Return what a leader calls a parameter; its dotted path if it has no name."""
    key = f"sensitivity.parameter.{path.removesuffix('.mean')}"
    name = say(key, lang) if key in WORDS else path
    return say("sensitivity.measure", lang, name=name) if path in MEASURES else name


def value_of(value: float, factor: Factor) -> str:
    """Return a value of a parameter in few digits; shares as percentages, without the sign."""
    if _is_share(factor):
        return f"{100 * value:.3g}"
    return f"{value:.3g}"


def value_with_sign(value: float, factor: Factor, lang: Language) -> str:
    """Return a value of a parameter in few digits; shares with the sign of percent."""
    sign = say("sensitivity.share", lang) if _is_share(factor) else ""
    return f"{value_of(value, factor)}{sign}"


def range_of(factor: Factor, lang: Language) -> str:
    """Return the range of a parameter with its unit, and what it is now."""
    unit = say("sensitivity.share", lang) if _is_share(factor) else factor.unit[lang]
    if unit and not _is_share(factor):
        unit = f" {unit}"
    low, high = (value_of(end, factor) for end in factor.ends)
    told = say("sensitivity.range", lang, low=low, high=high, unit=unit)
    if factor.value is None:
        return told
    return say("sensitivity.now", lang, range=told, value=value_of(factor.value, factor))


def _is_share(factor: Factor) -> bool:
    """Say whether it is read best in percent: shares and rates by their names."""
    last = factor.path.rpartition(".")[2]
    ends = ("_rate", "_share", "_attendance", "_hazard", "_probability")
    return last.endswith(ends) or last in {"share", "authorization", "entry"}


# Sentences ----------------------------------------------------------------------------------


def tornado_answer(found: Sweep, robustness: Sequence[Robustness], lang: Language) -> Iterator[str]:
    """Yield which estimates move each figure, or each difference, most."""
    for name, bars in found.bars.items():
        one = indicators()[name]
        clear = [bar for bar in bars if bar.is_clear]
        facts = [bar for bar in clear if bar.factor.path not in MEASURES][:MOST_SAID]
        told = _as_it_is(found, robustness, one, lang) | {
            "parts": say("semicolon", lang).join(_part(found, bar, lang) for bar in facts)
        }
        yield say(f"sensitivity.{'most' if facts else 'none'}{_kind(found.request)}", lang, **told)
        measures = [bar for bar in clear if bar.factor.path in MEASURES]
        if measures:
            parts = say("semicolon", lang).join(_part(found, bar, lang) for bar in measures)
            yield say("sensitivity.measures", lang, parts=parts)


def flips_answer(found: Sweep, robustness: Sequence[Robustness], lang: Language) -> Iterator[str]:
    """Yield whether the verdict on each figure holds, and where it does not."""
    for name in found.request.indicators:
        own = [one for one in robustness if one.indicator == name]
        turning = [one for one in own if one.flip]
        label = indicators()[name].label[lang]
        told = {
            "label": label,
            "count": len(own),
            "flipping": len(turning),
            "verdict": verdict_word(robustness, name, lang),
            "parts": say("semicolon", lang).join(_flip(one, lang) for one in turning),
        }
        yield say(f"sensitivity.{'flips' if turning else 'holds'}", lang, **told)
        bending = [name_of(one.factor.path, lang) for one in own if one.bends]
        if bending:
            names = say("comma", lang).join(f"“{text}”" for text in bending)
            yield say("sensitivity.bends", lang, label=label, names=names)


def indices_answer(
    found: Sequence[Indices], request: SensitivityRequest, size: int, lang: Language
) -> Iterator[str]:
    """Yield what Morris or Sobol found for each figure."""
    for one in found:
        indicator = indicators()[one.indicator]
        label = indicator.label[lang]
        if request.scenario is not None:
            label = difference_label(request, label, lang)
        told = {"label": label, "count": len(one.table)}
        rows = one.table.head(MOST_SAID).to_dict("records")
        if one.method == "morris":
            parts = [
                say(
                    "sensitivity.morris_part",
                    lang,
                    name=name_of(row["parameter"], lang),
                    size=_size(row["mu_star"], indicator, lang),
                    half=digits(row["mu_star_conf"], indicator.unit, more=1),
                )
                for row in rows
            ]
        elif not one.table["total"].any():
            yield say("sensitivity.sobol_flat", lang, **told)
            continue
        else:
            parts = [
                say(
                    "sensitivity.sobol_part",
                    lang,
                    name=name_of(row["parameter"], lang),
                    share=f"{100 * row['first']:.0f} %",
                    half=f"{100 * row['first_conf']:.0f} %",
                )
                for row in one.table.nlargest(MOST_SAID, "first").to_dict("records")
            ]
        yield say(f"sensitivity.{one.method}", lang, **told, parts=say("comma", lang).join(parts))
    halves = [one.table[["first_conf", "total_conf"]] for one in found if one.method == "sobol"]
    if any(bool((half > WIDE).any(axis=None)) for half in halves):
        yield say("sensitivity.sobol_wide", lang, samples=4 * size)


def chance_sentences(chance: Mapping[str, float], lang: Language) -> Iterator[str]:
    """Yield how much of the variance that Morris or Sobol explains is chance."""
    for name, share in chance.items():
        if share > CHANCE:
            label = indicators()[name].label[lang]
            yield say("sensitivity.chance", lang, label=label, share=f"{100 * share:.0f} %")


def overload_sentences(found: Sequence[Overload], lang: Language) -> Iterator[str]:
    """Yield where people cannot do what comes."""
    for one in found:
        yield say(
            "sensitivity.overload",
            lang,
            name=name_of(one.factor.path, lang),
            value=value_with_sign(one.value, one.factor, lang),
            groups=people_called(one.load.skills, one.scenario.unit_names(lang), lang),
            scenario=getattr(one.scenario.title, lang),
            ratio=f"{one.load.ratio:.2f}",
        )


def cautions(
    request: SensitivityRequest, left_out: Sequence[LeftOut], lang: Language
) -> Iterator[str]:
    """Yield what must be known beside the answer."""
    n = request.replications
    yield say("sensitivity.one" if n == 1 else "sensitivity.few", lang, n=n)
    yield say("sensitivity.held", lang)
    by = {
        reason: [one for one in left_out if one.reason == reason]
        for reason in ("fitted", "held", "no_range", "table", "refused")
    }
    comma = say("comma", lang)
    if by["fitted"]:
        names = comma.join(f"{name_of(one.path, lang)} ({one.path})" for one in by["fitted"])
        yield say("sensitivity.fixed", lang, names=names)
    if by["held"] and request.scenario is not None:
        names = comma.join(f"“{name_of(one.path, lang)}”" for one in by["held"])
        titles = {"scenario": request.scenario.name, "base": request.base.name}
        yield say("sensitivity.decided", lang, names=names, **titles)
    for one in by["refused"]:
        yield say("sensitivity.refused", lang, told=one.told)
    if by["no_range"] or by["table"]:
        examples = comma.join(one.path for one in by["no_range"][:3])
        more = " …" if len(by["no_range"]) > 3 else ""
        counts = {"no_range": len(by["no_range"]), "tables": len(by["table"])}
        yield say("sensitivity.left_out", lang, examples=examples + more, **counts)


def _kind(request: SensitivityRequest) -> str:
    return "" if request.scenario is None else "_difference"


def _as_it_is(
    found: Sweep, robustness: Sequence[Robustness], one: Indicator, lang: Language
) -> dict[str, str]:
    """Return the figure, or the difference and its verdict, in words."""
    centre = found.as_it_is(one.id)
    told = {"label": one.label[lang]}
    if found.request.scenario is None:
        return told | {"value": figure(centre.mean, one.unit, lang)}
    return told | {
        "base": str(getattr(found.request.base.title, lang)),
        "scenario": scenario_title(found.request, lang),
        "change": signed(centre.mean, one, lang),
        "verdict": verdict_word(robustness, one.id, lang),
    }


def verdict_word(robustness: Sequence[Robustness], indicator: str, lang: Language) -> str:
    """Return the verdict on one figure with nothing varied."""
    verdict = next(one.as_it_is.verdict for one in robustness if one.indicator == indicator)
    return say(f"sensitivity.verdict.{verdict}", lang)


def scenario_title(request: SensitivityRequest, lang: Language) -> str:
    """Return what the compared scenario adds to the base, or its own title."""
    if request.scenario is None:
        return ""
    own, start = (str(getattr(one.title, lang)) for one in (request.scenario, request.base))
    return own.removeprefix(f"{start} + ")


def difference_label(request: SensitivityRequest, label: str, lang: Language) -> str:
    """Return what a figure's difference is called."""
    title = scenario_title(request, lang)
    return say("sensitivity.difference_label", lang, scenario=title, label=label)


def signed(value: float, one: Indicator, lang: Language) -> str:
    """Return a change with its sign and unit."""
    unit = UNITS["points" if one.unit == "share" else one.unit][lang]
    # A change that matters is not rounded away.
    more = next((more for more in range(3) if change(value, one.unit, more=more)[0] in "+−"), 0)
    return f"{change(value, one.unit, more=more)}{'' if lang == 'zh' else ' '}{unit}"


def _size(value: float, one: Indicator, lang: Language) -> str:
    unit = UNITS["points" if one.unit == "share" else one.unit][lang]
    return f"{digits(value, one.unit, more=1)}{'' if lang == 'zh' else ' '}{unit}"


def _part(found: Sweep, bar: Bar, lang: Language) -> str:
    """Name an estimate with what the figure, or the difference, is at both ends."""
    one = indicators()[bar.indicator]
    ends = _at_ends(found, bar)
    known = [end for end in ends if is_known(end)]
    more = enough_decimals(min(known), max(known), one.unit)
    told = [_point(found.request, end, one, more) for end in ends]
    return say(
        "sensitivity.part", lang, name=name_of(bar.factor.path, lang), low=told[0], high=told[1]
    )


def _at_ends(found: Sweep, bar: Bar) -> tuple[float, float]:
    centre = found.as_it_is(bar.indicator).mean
    return centre + bar.at_low.mean, centre + bar.at_high.mean


def _point(request: SensitivityRequest, value: float, one: Indicator, more: int = 0) -> str:
    if not is_known(value):
        return "–"
    if request.scenario is None:
        return digits(value, one.unit, more=more)
    return change(value, one.unit, more=more)


def _flip(one: Robustness, lang: Language) -> str:
    """Say in a clause how the verdict is lost, and at which value."""
    name = name_of(one.factor.path, lang)
    others = one.flip == "other cases"
    there = {
        value_with_sign(at, one.factor, lang): judged
        for at, judged in _judged(one)
        if judged.verdict != one.as_it_is.verdict
        and (not others or judged.verdict is Verdict.OTHER_CASES)
    }
    if one.flip == "reverses":
        text = say("sensitivity.reverses", lang, name=name)
    else:
        where = say("sensitivity.where", lang, values=say("comma", lang).join(there))
        verdicts = [str(judged.verdict) for judged in there.values()]
        told = say(f"sensitivity.verdict.{verdicts[0]}", lang)
        text = say(f"sensitivity.{one.flip}", lang, name=name, where=where, verdict=told)
    return text + "".join(_turns(one, lang))


def _judged(one: Robustness) -> list[tuple[float, Difference]]:
    factor = one.factor
    middle = factor.typed((factor.low + factor.high) / 2)
    found = [(factor.low, one.at_low), (factor.high, one.at_high)]
    if one.at_middle is not None:
        found.insert(1, (float(middle), one.at_middle))
    return [(at, judged) for at, judged in found if is_known(judged.mean)]


def _turns(one: Robustness, lang: Language) -> Iterator[str]:
    for turn in one.break_evens:
        if one.factor.whole:
            low = int(turn.at // 1)
            yield say("sensitivity.turn_whole", lang, low=low, high=low + 1)
            continue
        told = {
            "at": value_with_sign(turn.at, one.factor, lang),
            "low": value_of(turn.low, one.factor),
            "high": value_of(turn.high, one.factor),
        }
        yield say("sensitivity.turn" if turn.bounded else "sensitivity.turn_open", lang, **told)


# Tables -------------------------------------------------------------------------------------


def tornado_table(
    found: Sweep, indicator: str, robustness: Sequence[Robustness], lang: Language
) -> Table:
    """Return the longest bars of one figure, with what becomes of the verdict."""
    one = indicators()[indicator]
    centre = found.as_it_is(indicator).mean
    label = one.label[lang]
    if found.request.scenario is not None:
        label = difference_label(found.request, label, lang)
    unit = UNITS["points" if one.unit == "share" and found.request.scenario else one.unit][lang]
    value = _point(found.request, centre, one, 1)
    table = Table(
        title=say("sensitivity.table", lang, label=label, unit=unit, value=value),
        title_justify="left",
    )
    for column in ("name", "range"):
        table.add_column(say(f"sensitivity.column.{column}", lang))
    for column in ("at_low", "at_high", "swing"):
        table.add_column(say(f"sensitivity.column.{column}", lang), justify="right")
    judged = {one.factor.path: one for one in robustness if one.indicator == indicator}
    if judged:
        table.add_column(say("sensitivity.column.verdict", lang))
    bars = found.bars[indicator]
    shown = [bar for bar in bars if bar.is_clear][:MOST_ROWS] or bars[:MOST_SAID]
    paths = {bar.factor.path for bar in shown}
    shown += [b for b in bars if b.factor.path not in paths and _turns_here(judged, b)]
    for bar in shown:
        cells = [name_of(bar.factor.path, lang), range_of(bar.factor, lang)]
        cells += [_point(found.request, end, one, 1) for end in _at_ends(found, bar)]
        cells.append(_swing(bar, one))
        if judged:
            cells.append(flip_word(judged[bar.factor.path], lang))
        table.add_row(*cells)
    if len(bars) > len(shown):
        table.caption = say("sensitivity.rest", lang, count=len(bars) - len(shown))
        table.caption_justify = "left"
    return table


def _turns_here(judged: dict[str, Robustness], bar: Bar) -> bool:
    return bar.factor.path in judged and bool(judged[bar.factor.path].flip)


def flip_word(one: Robustness, lang: Language) -> str:
    """Say in a few words what becomes of the verdict, and where it turns."""
    flip = say(f"sensitivity.flip.{one.flip}", lang)
    if not one.flip or not one.break_evens:
        return flip
    values = [
        f"{int(turn.at // 1)}–{int(turn.at // 1) + 1}"
        if one.factor.whole
        else value_with_sign(turn.at, one.factor, lang)
        for turn in one.break_evens
    ]
    at = say("comma", lang).join(values)
    return say("sensitivity.flip_turn", lang, flip=flip, at=at)


def _swing(bar: Bar, one: Indicator) -> str:
    swing = bar.swing
    if not is_known(swing.low):
        return change(swing.mean, one.unit, more=1) if is_known(swing.mean) else "–"
    more = max(1, enough_decimals(swing.low, swing.high, one.unit))
    mean, low, high = (change(x, one.unit, more=more) for x in (swing.mean, swing.low, swing.high))
    return f"{mean} ({low} … {high}){'' if excludes_zero(swing) else ' ?'}"


def indices_table(
    found: Indices, request: SensitivityRequest, factors: Sequence[Factor], lang: Language
) -> Table:
    """Return the indices of one figure."""
    one = indicators()[found.indicator]
    label = one.label[lang]
    if request.scenario is not None:
        label = difference_label(request, label, lang)
    table = Table(title=label, title_justify="left")
    for column in ("name", "range"):
        table.add_column(say(f"sensitivity.column.{column}", lang))
    morris = found.method == "morris"
    for column in ("mu_star", "sigma") if morris else ("first", "total"):
        table.add_column(say(f"sensitivity.column.{column}", lang), justify="right")
    ranges = {factor.path: range_of(factor, lang) for factor in factors}
    for row in found.table.head(MOST_ROWS).to_dict("records"):
        if morris:
            size, half = (digits(row[key], one.unit, more=1) for key in ("mu_star", "mu_star_conf"))
            cells = [f"{size} ± {half}", digits(row["sigma"], one.unit, more=1)]
        else:
            cells = [
                f"{100 * row[key]:.0f} % ± {100 * row[f'{key}_conf']:.0f} %"
                for key in ("first", "total")
            ]
        table.add_row(name_of(row["parameter"], lang), ranges[row["parameter"]], *cells)
    return table


def answer(results: SensitivityResults, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer what the results rest on.

    Parameters
    ----------
    results
        What was found.
    lang
        Language.

    Yields
    ------
    str
        Sentences, the most important one first.
    """
    if results.sweep is not None:
        yield from tornado_answer(results.sweep, results.robustness, lang)
        if results.robustness:
            yield from flips_answer(results.sweep, results.robustness, lang)
        yield from overload_sentences(results.overloads, lang)
    elif results.means is not None:
        yield from indices_answer(results.indices, results.request, results.size, lang)
        yield from chance_sentences(results.means.chance(), lang)


def tables(results: SensitivityResults, lang: Language) -> Iterator[Table]:
    """Yield a table for each figure.

    Parameters
    ----------
    results
        What was found.
    lang
        Language.

    Yields
    ------
    rich.table.Table
        In the order of the figures.
    """
    if results.sweep is not None:
        for name in results.request.indicators:
            yield tornado_table(results.sweep, name, results.robustness, lang)
    for indices in results.indices:
        yield indices_table(indices, results.request, results.factors, lang)
