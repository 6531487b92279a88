"""Sentences and tables of a sensitivity analysis: effects of estimates, robustness of verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from sim.measure.definitions import Indicator, Language, indicators
from sim.present.numbers import UNITS, change, digits, enough_decimals, figure, is_known
from sim.present.people import people_called
from sim.scenario.estimates import MEASURES, Factor, LeftOut
from sim.scenario.parameter_names import is_share, parameter_name
from sim.stats.comparison import Difference, Verdict
from sim.studies.sensitivity import say
from sim.studies.sensitivity.indices import Indices
from sim.studies.sensitivity.results import SensitivityResults
from sim.studies.sensitivity.robustness import Robustness
from sim.studies.sensitivity.study import Bar, Overload, SensitivityRequest, Tornado, excludes_zero

MOST_SAID, MOST_ROWS = 3, 12
CHANCE = 0.02
"""Share of the variance, 0 to 1, above which chance is reported."""
WIDE = 0.2
"""Half-width of a share of variance, 0 to 1, above which more samples are advised."""


def name_of(path: str, lang: Language) -> str:
    """Return what a parameter is called.

    Parameters
    ----------
    path
        Dotted path.
    lang
        Language.

    Returns
    -------
    str
        Its name; of a choice of measuring with a remark that it is no fact.
    """
    name = parameter_name(path, lang)
    return say("sensitivity.measure", lang, name=name) if path in MEASURES else name


def _value_label(value: float, factor: Factor) -> str:
    """Return a value of a parameter in few digits; shares as percentages, without the sign."""
    if is_share(factor.path):
        return f"{100 * value:.3g}"
    return f"{value:.3g}"


def _value_label_with_sign(value: float, factor: Factor, lang: Language) -> str:
    """Return a value of a parameter in few digits; shares with the sign of percent."""
    sign = say("sensitivity.share", lang) if is_share(factor.path) else ""
    return f"{_value_label(value, factor)}{sign}"


def range_of(factor: Factor, lang: Language) -> str:
    """Return the range of a parameter with its unit, and its value.

    Parameters
    ----------
    factor
        The parameter.
    lang
        Language.

    Returns
    -------
    str
        Such as ``5 to 45 %, now 20``; without the value where it is taken from the tables.
    """
    unit = say("sensitivity.share", lang) if is_share(factor.path) else factor.unit[lang]
    if unit and not is_share(factor.path):
        unit = f" {unit}"
    low, high = (_value_label(end, factor) for end in factor.ends)
    text = say("sensitivity.range", lang, low=low, high=high, unit=unit)
    if factor.value is None:
        return text
    return say("sensitivity.now", lang, range=text, value=_value_label(factor.value, factor))


# Sentences ----------------------------------------------------------------------------------


def tornado_answer(
    tornado: Tornado, robustness: Sequence[Robustness], lang: Language
) -> Iterator[str]:
    """Yield which estimates change each figure, or each difference, most.

    Parameters
    ----------
    tornado
        Effects of the estimates, one at a time.
    robustness
        Whether verdicts hold; empty without a comparison.
    lang
        Language.

    Yields
    ------
    str
        One or two sentences for each figure.
    """
    for name, bars in tornado.bars.items():
        indicator = indicators()[name]
        clear = [bar for bar in bars if bar.is_clear]
        facts = [bar for bar in clear if bar.factor.path not in MEASURES][:MOST_SAID]
        values = _as_it_is(tornado, robustness, indicator, lang) | {
            "parts": say("semicolon", lang).join(_part(tornado, bar, lang) for bar in facts)
        }
        yield say(
            f"sensitivity.{'most' if facts else 'none'}{_kind(tornado.request)}", lang, **values
        )
        measures = [bar for bar in clear if bar.factor.path in MEASURES]
        if measures:
            parts = say("semicolon", lang).join(_part(tornado, bar, lang) for bar in measures)
            yield say("sensitivity.measures", lang, parts=parts)


def robustness_answer(
    tornado: Tornado, robustness: Sequence[Robustness], lang: Language
) -> Iterator[str]:
    """Yield whether the verdict on each figure holds, and where it does not.

    Parameters
    ----------
    tornado
        Effects of the estimates on a comparison.
    robustness
        Robustness of its verdicts.
    lang
        Language.

    Yields
    ------
    str
        One or two sentences for each figure.
    """
    for name in tornado.request.indicators:
        own = [result for result in robustness if result.indicator == name]
        changing = [result for result in own if result.verdict_change]
        label = indicators()[name].label[lang]
        values = {
            "label": label,
            "count": len(own),
            "flipping": len(changing),
            "verdict": verdict_word(robustness, name, lang),
            "parts": say("semicolon", lang).join(
                _verdict_change_clause(result, lang) for result in changing
            ),
        }
        yield say(f"sensitivity.{'flips' if changing else 'holds'}", lang, **values)
        non_monotonic = [
            name_of(result.factor.path, lang) for result in own if result.is_non_monotonic
        ]
        if non_monotonic:
            names = say("comma", lang).join(f"“{text}”" for text in non_monotonic)
            yield say("sensitivity.bends", lang, label=label, names=names)


def indices_answer(
    every_indices: Sequence[Indices], request: SensitivityRequest, size: int, lang: Language
) -> Iterator[str]:
    """Yield the most important parameters of each figure, by Morris or Sobol.

    Parameters
    ----------
    every_indices
        Indices, a table for each figure.
    request
        What was asked of every point.
    size
        Number of paths of Morris, or of samples of Sobol.
    lang
        Language.

    Yields
    ------
    str
        A sentence for each figure, then advice if intervals of Sobol are wide.
    """
    for indices in every_indices:
        indicator = indicators()[indices.indicator]
        label = indicator.label[lang]
        if request.scenario is not None:
            label = difference_label(request, label, lang)
        values = {"label": label, "count": len(indices.table)}
        rows = indices.table.head(MOST_SAID).to_dict("records")
        if indices.method == "morris":
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
        elif not indices.table["total"].any():
            yield say("sensitivity.sobol_flat", lang, **values)
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
                for row in indices.table.nlargest(MOST_SAID, "first").to_dict("records")
            ]
        yield say(
            f"sensitivity.{indices.method}", lang, **values, parts=say("comma", lang).join(parts)
        )
    halves = [
        indices.table[["first_conf", "total_conf"]]
        for indices in every_indices
        if indices.method == "sobol"
    ]
    if any(bool((half > WIDE).any(axis=None)) for half in halves):
        yield say("sensitivity.sobol_wide", lang, samples=4 * size)


def _noise_sentences(shares: Mapping[str, float], lang: Language) -> Iterator[str]:
    """Yield which share of the variance between points is due to chance."""
    for name, share in shares.items():
        if share > CHANCE:
            label = indicators()[name].label[lang]
            yield say("sensitivity.chance", lang, label=label, share=f"{100 * share:.0f} %")


def _overload_sentences(overloads: Sequence[Overload], lang: Language) -> Iterator[str]:
    """Yield where offered work exceeds the capacity of people."""
    for overload in overloads:
        yield say(
            "sensitivity.overload",
            lang,
            name=name_of(overload.factor.path, lang),
            value=_value_label_with_sign(overload.value, overload.factor, lang),
            groups=people_called(overload.load.skills, overload.scenario.unit_names(lang), lang),
            scenario=getattr(overload.scenario.title, lang),
            ratio=f"{overload.load.ratio:.2f}",
        )


def cautions(
    request: SensitivityRequest, left_out: Sequence[LeftOut], lang: Language
) -> Iterator[str]:
    """Yield what a reader must know before using the figures.

    Parameters
    ----------
    request
        What was asked of every point.
    left_out
        Estimates that were not varied, and why.
    lang
        Language.

    Yields
    ------
    str
        Sentences.
    """
    n = request.replications
    yield say("sensitivity.one" if n == 1 else "sensitivity.few", lang, n=n)
    yield say("sensitivity.held", lang)
    by_reason = {
        reason: [left for left in left_out if left.reason == reason]
        for reason in ("fitted", "held", "no_range", "table", "refused")
    }
    comma = say("comma", lang)
    if by_reason["fitted"]:
        names = comma.join(
            f"{name_of(left.path, lang)} ({left.path})" for left in by_reason["fitted"]
        )
        yield say("sensitivity.fixed", lang, names=names)
    if by_reason["held"] and request.scenario is not None:
        names = comma.join(f"“{name_of(left.path, lang)}”" for left in by_reason["held"])
        titles = {"scenario": request.scenario.name, "base": request.base.name}
        yield say("sensitivity.decided", lang, names=names, **titles)
    for left in by_reason["refused"]:
        yield say("sensitivity.refused", lang, told=left.told)
    if by_reason["no_range"] or by_reason["table"]:
        examples = comma.join(left.path for left in by_reason["no_range"][:3])
        more = " …" if len(by_reason["no_range"]) > 3 else ""
        counts = {"no_range": len(by_reason["no_range"]), "tables": len(by_reason["table"])}
        yield say("sensitivity.left_out", lang, examples=examples + more, **counts)


def _kind(request: SensitivityRequest) -> str:
    return "" if request.scenario is None else "_difference"


def _as_it_is(
    tornado: Tornado, robustness: Sequence[Robustness], indicator: Indicator, lang: Language
) -> dict[str, str]:
    """Return the figure, or the difference and its verdict, in words."""
    centre = tornado.as_it_is(indicator.id)
    values = {"label": indicator.label[lang]}
    if tornado.request.scenario is None:
        return values | {"value": figure(centre.mean, indicator.unit, lang)}
    return values | {
        "base": str(getattr(tornado.request.base.title, lang)),
        "scenario": scenario_title(tornado.request, lang),
        "change": signed(centre.mean, indicator, lang),
        "verdict": verdict_word(robustness, indicator.id, lang),
    }


def verdict_word(robustness: Sequence[Robustness], indicator: str, lang: Language) -> str:
    """Return the verdict on one figure with nothing varied.

    Parameters
    ----------
    robustness
        Robustness of the verdicts, that figure's among them.
    indicator
        Id of the figure.
    lang
        Language.

    Returns
    -------
    str
        Such as ``better``.
    """
    verdict = next(
        result.as_it_is.verdict for result in robustness if result.indicator == indicator
    )
    return say(f"sensitivity.verdict.{verdict}", lang)


def scenario_title(request: SensitivityRequest, lang: Language) -> str:
    """Return the titles of the reforms that the compared scenario adds, or its own title.

    Parameters
    ----------
    request
        What was asked of every point.
    lang
        Language.

    Returns
    -------
    str
        Empty without a comparison.
    """
    if request.scenario is None:
        return ""
    own, start = (
        str(getattr(scenario.title, lang)) for scenario in (request.scenario, request.base)
    )
    return own.removeprefix(f"{start} + ")


def difference_label(request: SensitivityRequest, label: str, lang: Language) -> str:
    """Return the name of the difference of a figure between scenarios.

    Parameters
    ----------
    request
        What was asked of every point, with a compared scenario.
    label
        Name of the figure.
    lang
        Language.

    Returns
    -------
    str
        Name with the title of the scenario.
    """
    title = scenario_title(request, lang)
    return say("sensitivity.difference_label", lang, scenario=title, label=label)


def signed(value: float, indicator: Indicator, lang: Language) -> str:
    """Return a change with its sign and unit.

    Parameters
    ----------
    value
        Change in the unit of the figure; of shares, 0.01 is one percentage point.
    indicator
        The figure.
    lang
        Language.

    Returns
    -------
    str
        With up to two more decimals if it would be rounded to 0.
    """
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    # A small change is not rounded to 0.
    more = next(
        (more for more in range(3) if change(value, indicator.unit, more=more)[0] in "+−"), 0
    )
    return f"{change(value, indicator.unit, more=more)}{'' if lang == 'zh' else ' '}{unit}"


def _size(value: float, indicator: Indicator, lang: Language) -> str:
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    return f"{digits(value, indicator.unit, more=1)}{'' if lang == 'zh' else ' '}{unit}"


def _part(tornado: Tornado, bar: Bar, lang: Language) -> str:
    """Return the name of an estimate, with the figure or difference at both ends."""
    indicator = indicators()[bar.indicator]
    ends = _at_ends(tornado, bar)
    known = [end for end in ends if is_known(end)]
    more = enough_decimals(min(known), max(known), indicator.unit)
    texts = [_point(tornado.request, end, indicator, more) for end in ends]
    return say(
        "sensitivity.part", lang, name=name_of(bar.factor.path, lang), low=texts[0], high=texts[1]
    )


def _at_ends(tornado: Tornado, bar: Bar) -> tuple[float, float]:
    centre = tornado.as_it_is(bar.indicator).mean
    return centre + bar.at_low.mean, centre + bar.at_high.mean


def _point(request: SensitivityRequest, value: float, indicator: Indicator, more: int = 0) -> str:
    if not is_known(value):
        return "–"
    if request.scenario is None:
        return digits(value, indicator.unit, more=more)
    return change(value, indicator.unit, more=more)


def _verdict_change_clause(result: Robustness, lang: Language) -> str:
    """Return a clause: how the verdict changes, and at which value."""
    name = name_of(result.factor.path, lang)
    other_cases = result.verdict_change == "other cases"
    verdicts_at = {
        _value_label_with_sign(at, result.factor, lang): difference
        for at, difference in _judged(result)
        if difference.verdict != result.as_it_is.verdict
        and (not other_cases or difference.verdict is Verdict.OTHER_CASES)
    }
    if result.verdict_change == "reverses":
        text = say("sensitivity.reverses", lang, name=name)
    else:
        where = say("sensitivity.where", lang, values=say("comma", lang).join(verdicts_at))
        verdicts = [str(difference.verdict) for difference in verdicts_at.values()]
        verdict = say(f"sensitivity.verdict.{verdicts[0]}", lang)
        text = say(
            f"sensitivity.{result.verdict_change}", lang, name=name, where=where, verdict=verdict
        )
    return text + "".join(_break_even_clauses(result, lang))


def _judged(result: Robustness) -> list[tuple[float, Difference]]:
    factor = result.factor
    middle = factor.typed((factor.low + factor.high) / 2)
    differences = [(factor.low, result.at_low), (factor.high, result.at_high)]
    if result.at_middle is not None:
        differences.insert(1, (float(middle), result.at_middle))
    return [(at, difference) for at, difference in differences if is_known(difference.mean)]


def _break_even_clauses(result: Robustness, lang: Language) -> Iterator[str]:
    for root in result.break_evens:
        if result.factor.whole:
            low = int(root.at // 1)
            yield say("sensitivity.turn_whole", lang, low=low, high=low + 1)
            continue
        texts = {
            "at": _value_label_with_sign(root.at, result.factor, lang),
            "low": _value_label(root.low, result.factor),
            "high": _value_label(root.high, result.factor),
        }
        yield say("sensitivity.turn" if root.bounded else "sensitivity.turn_open", lang, **texts)


# Tables -------------------------------------------------------------------------------------


def _tornado_table(
    tornado: Tornado, name: str, robustness: Sequence[Robustness], lang: Language
) -> Table:
    """Return the longest bars of one figure, with changes of the verdict."""
    indicator = indicators()[name]
    centre = tornado.as_it_is(name).mean
    label = indicator.label[lang]
    if tornado.request.scenario is not None:
        label = difference_label(tornado.request, label, lang)
    unit = UNITS[
        "points" if indicator.unit == "share" and tornado.request.scenario else indicator.unit
    ][lang]
    value = _point(tornado.request, centre, indicator, 1)
    table = Table(
        title=say("sensitivity.table", lang, label=label, unit=unit, value=value),
        title_justify="left",
    )
    for column in ("name", "range"):
        table.add_column(say(f"sensitivity.column.{column}", lang))
    for column in ("at_low", "at_high", "swing"):
        table.add_column(say(f"sensitivity.column.{column}", lang), justify="right")
    by_path = {result.factor.path: result for result in robustness if result.indicator == name}
    if by_path:
        table.add_column(say("sensitivity.column.verdict", lang))
    bars = tornado.bars[name]
    shown = [bar for bar in bars if bar.is_clear][:MOST_ROWS] or bars[:MOST_SAID]
    paths = {bar.factor.path for bar in shown}
    shown += [bar for bar in bars if bar.factor.path not in paths and _may_change(by_path, bar)]
    for bar in shown:
        cells = [name_of(bar.factor.path, lang), range_of(bar.factor, lang)]
        cells += [_point(tornado.request, end, indicator, 1) for end in _at_ends(tornado, bar)]
        cells.append(_swing(bar, indicator))
        if by_path:
            cells.append(verdict_change_label(by_path[bar.factor.path], lang))
        table.add_row(*cells)
    if len(bars) > len(shown):
        table.caption = say("sensitivity.rest", lang, count=len(bars) - len(shown))
        table.caption_justify = "left"
    return table


def _may_change(by_path: dict[str, Robustness], bar: Bar) -> bool:
    return bar.factor.path in by_path and bool(by_path[bar.factor.path].verdict_change)


def verdict_change_label(result: Robustness, lang: Language) -> str:
    """Return the change of a verdict in a few words, with its break-even values.

    Parameters
    ----------
    result
        Robustness of the verdict on one figure for one estimate.
    lang
        Language.

    Returns
    -------
    str
        ``holds`` (in the language) if it does not change.
    """
    label = say(f"sensitivity.flip.{result.verdict_change}", lang)
    if not result.verdict_change or not result.break_evens:
        return label
    values = [
        f"{int(root.at // 1)}–{int(root.at // 1) + 1}"
        if result.factor.whole
        else _value_label_with_sign(root.at, result.factor, lang)
        for root in result.break_evens
    ]
    at = say("comma", lang).join(values)
    return say("sensitivity.flip_turn", lang, flip=label, at=at)


def _swing(bar: Bar, indicator: Indicator) -> str:
    swing = bar.swing
    if not is_known(swing.low):
        return change(swing.mean, indicator.unit, more=1) if is_known(swing.mean) else "–"
    more = max(1, enough_decimals(swing.low, swing.high, indicator.unit))
    mean, low, high = (
        change(x, indicator.unit, more=more) for x in (swing.mean, swing.low, swing.high)
    )
    return f"{mean} ({low} … {high}){'' if excludes_zero(swing) else ' ?'}"


def _indices_table(
    indices: Indices, request: SensitivityRequest, factors: Sequence[Factor], lang: Language
) -> Table:
    """Return the indices of one figure."""
    indicator = indicators()[indices.indicator]
    label = indicator.label[lang]
    if request.scenario is not None:
        label = difference_label(request, label, lang)
    table = Table(title=label, title_justify="left")
    for column in ("name", "range"):
        table.add_column(say(f"sensitivity.column.{column}", lang))
    morris = indices.method == "morris"
    for column in ("mu_star", "sigma") if morris else ("first", "total"):
        table.add_column(say(f"sensitivity.column.{column}", lang), justify="right")
    ranges = {factor.path: range_of(factor, lang) for factor in factors}
    for row in indices.table.head(MOST_ROWS).to_dict("records"):
        if morris:
            size, half = (
                digits(row[key], indicator.unit, more=1) for key in ("mu_star", "mu_star_conf")
            )
            cells = [f"{size} ± {half}", digits(row["sigma"], indicator.unit, more=1)]
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
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        Sentences, the most important one first.
    """
    if results.tornado is not None:
        yield from tornado_answer(results.tornado, results.robustness, lang)
        if results.robustness:
            yield from robustness_answer(results.tornado, results.robustness, lang)
        yield from _overload_sentences(results.overloads, lang)
    elif results.means is not None:
        yield from indices_answer(results.indices, results.request, results.size, lang)
        yield from _noise_sentences(results.means.noise_shares(), lang)


def tables(results: SensitivityResults, lang: Language) -> Iterator[Table]:
    """Yield a table for each figure.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    rich.table.Table
        In the order of the figures.
    """
    if results.tornado is not None:
        for name in results.request.indicators:
            yield _tornado_table(results.tornado, name, results.robustness, lang)
    for indices in results.indices:
        yield _indices_table(indices, results.request, results.factors, lang)
