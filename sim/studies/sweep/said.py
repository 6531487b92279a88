"""Sentences and tables of a sweep: best points, and where effects change their direction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from sim.measure.definitions import Indicator, Language
from sim.present.numbers import UNITS, change, digits, enough_decimals, figure, is_known
from sim.present.verdicts import MARKS
from sim.scenario.parameter_names import parameter_name, parameter_unit
from sim.stats.comparison import Difference, Verdict
from sim.studies.sweep import WORDS, say
from sim.studies.sweep.axes import Axis
from sim.studies.sweep.results import Best, DirectionChange, SweepResults

LEADING = ("all_elapsed_mean_wd", "all_visits_mean", "all_served_rate")
"""Ids of the figures whose best point is told in a sentence: those of all applicants."""
MOST_CHANGES = 3
MOST_ROWS, MOST_COLUMNS = 24, 11


# What things are called ---------------------------------------------------------------------


def axis_label(axis: Axis, lang: Language) -> str:
    """Return what an axis is called, without its unit.

    Parameters
    ----------
    axis
        Parameter, reform or scenarios that vary.
    lang
        Language.

    Returns
    -------
    str
        With a capital letter in English.
    """
    if axis.title is not None:
        return str(getattr(axis.title, lang))
    if axis.kind == "base":
        return say("sweep.axis.base", lang)
    name = parameter_name(axis.name, lang)
    return name[:1].upper() + name[1:]


def axis_unit(axis: Axis, lang: Language) -> str:
    """Return the unit of an axis.

    Parameters
    ----------
    axis
        Parameter, reform or scenarios that vary.
    lang
        Language.

    Returns
    -------
    str
        ``%`` of a share; empty without a unit.
    """
    if axis.kind != "number":
        return ""
    return "%" if axis.is_share else parameter_unit(axis.name, lang)


def level_label(axis: Axis, level: str, results: SweepResults, lang: Language) -> str:
    """Return the name of a level of an axis.

    Parameters
    ----------
    axis
        One of the dimensions.
    level
        One of its levels.
    results
        The sweep, whose bases have titles.
    lang
        Language.

    Returns
    -------
    str
        A number without unit (shares in percent), a title, or the name of a choice.
    """
    if axis.kind == "base":
        bases = {base.name: base for base in results.plan.bases}
        return str(getattr(bases[level].title, lang))
    if axis.kind == "number":
        return number_label(axis, float(level), lang)
    key = f"sweep.level.{level}"
    return say(key, lang) if key in WORDS else level


def number_label(axis: Axis, value: float, lang: Language) -> str:
    """Return a level as a number; shares in percent.

    Parameters
    ----------
    axis
        A numeric axis.
    value
        Value on it, in the unit of the parameter (shares from 0 to 1).
    lang
        Language.

    Returns
    -------
    str
        Without unit, except for the percent sign.
    """
    if axis.is_share:
        return say("chart.percent", lang, share=f"{100 * value:.4g}")
    return f"{value:.6g}"


def point_label(results: SweepResults, number: int, lang: Language) -> str:
    """Return the name of a point, made of its levels.

    Parameters
    ----------
    results
        The sweep.
    number
        Number of the point.
    lang
        Language.

    Returns
    -------
    str
        Inside a sentence; levels that are those of the base are omitted.
    """
    point = results.plan.points[number]
    if number < len(results.plan.bases):
        if len(results.plan.bases) == 1:
            return say("sweep.base", lang)
        title = getattr(results.plan.bases[number].title, lang)
        return say("sweep.base_of", lang, base=title)
    parts = []
    for axis in results.dimensions:
        level = results.level(point, axis)
        if level is not None:
            parts.append(_part(axis, level, results, lang))
    return say("comma", lang).join(parts)


def _part(axis: Axis, level: str, results: SweepResults, lang: Language) -> str:
    label, name = level_label(axis, level, results, lang), axis_label(axis, lang)
    if axis.kind == "base":
        return label
    if axis.kind == "reform":
        return f"{label}{' ' if lang == 'en' else ''}{_lowered(name, lang)}"
    return f"{_lowered(name, lang)} {label}"


def _lowered(name: str, lang: Language) -> str:
    """Return a name as it stands inside a sentence."""
    return name[:1].lower() + name[1:] if lang == "en" and name[1:2].islower() else name


def _leading(results: SweepResults) -> list[Indicator]:
    """Return the figures that sentences are about."""
    chosen = [indicator for indicator in results.indicators if indicator.id in LEADING]
    return (
        sorted(chosen, key=lambda indicator: LEADING.index(indicator.id)) or results.indicators[:3]
    )


# Sentences ----------------------------------------------------------------------------------


def answer(results: SweepResults, lang: Language) -> Iterator[str]:
    """Yield the sentences that say which points are best, and how effects depend on levels.

    Parameters
    ----------
    results
        The sweep.
    lang
        Language.

    Yields
    ------
    str
        Sentences, the best points first.
    """
    every_best = [results.best(indicator) for indicator in results.indicators]
    known = {best.indicator.id: best for best in every_best if best is not None}
    chosen = _leading(results)
    if not known:
        yield say("sweep.nothing", lang)
    for indicator in chosen:
        if indicator.id in known:
            yield _best_sentence(results, known[indicator.id], lang)
    # Rates of the hall alone also change direction because other cases come when items enter.
    interactions_first = sorted(results.direction_changes, key=lambda item: item.kind != "depends")
    relevant = [item for item in interactions_first if item.indicator in chosen]
    for direction_change in relevant[:MOST_CHANGES]:
        yield _direction_sentence(results, direction_change, lang)
    if results.stuck_at is not None:
        yield say(f"sweep.stuck_{results.stuck_at}", lang)


def _best_sentence(results: SweepResults, best: Best, lang: Language) -> str:
    indicator = best.indicator
    base = results.plan.points[best.point].base
    values = {
        "figure": indicator.label[lang],
        "point": point_label(results, best.point, lang),
        "value": _figure(results, best.point, indicator, lang),
        "base": _figure(results, base, indicator, lang),
        "others": len(results.plan.points) - 1 - len(best.same) - len(best.excluded),
        "unresolved": len(best.unresolved),
    }
    if best.unresolved and best.nearest is not None and best.difference is not None:
        values["nearest"] = point_label(results, best.nearest, lang)
        values["behind"] = _with_interval(best.difference, indicator.unit, lang)
        text = say("sweep.best.unclear", lang, **values)
    else:
        is_base = best.point < len(results.plan.bases)
        text = say("sweep.best.base" if is_base else "sweep.best.clear", lang, **values)
    if best.same:
        text += say("sweep.best.same", lang, same=len(best.same))
    if best.excluded:
        text += say("sweep.best.aside", lang, aside=len(best.excluded))
    return text


def _figure(results: SweepResults, point: int, indicator: Indicator, lang: Language) -> str:
    return figure(results.estimate(point, indicator.id).mean, indicator.unit, lang)


def _with_interval(difference: Difference, unit: str, lang: Language) -> str:
    """Return a change with its interval and unit."""
    named = UNITS["points" if unit == "share" else unit][lang]
    if not is_known(difference.low):
        return f"{change(difference.mean, unit, more=1)} {named}"
    more = enough_decimals(difference.low, difference.high, unit)
    mean, low, high = (
        change(value, unit, more=more)
        for value in (difference.mean, difference.low, difference.high)
    )
    return say("interval", lang, value=f"{mean} {named}", low=low, high=high)


def _direction_sentence(
    results: SweepResults, direction_change: DirectionChange, lang: Language
) -> str:
    """Say where the effect on a figure changes its direction."""
    indicator, axis = direction_change.indicator, direction_change.axis
    name = _lowered(axis_label(axis, lang), lang)
    label = indicator.label[lang]
    start, end = (level_label(axis, axis.levels[place], results, lang) for place in (0, -1))
    if direction_change.kind == "inside":
        curve = results.along(indicator.id, axis).mean(axis=1)
        first, middle, last = (
            figure(float(curve[place]), indicator.unit, lang, more=1)
            for place in (0, direction_change.level, -1)
        )
        alone = "_alone" if len(results.dimensions) == 1 else ""
        return say(
            f"sweep.turn.{'highest' if direction_change.rises else 'lowest'}{alone}",
            lang,
            figure=label,
            axis=name,
            level=level_label(axis, axis.levels[direction_change.level], results, lang),
            start=start,
            end=end,
            first=first,
            middle=middle,
            last=last,
        )
    other = direction_change.other
    assert other is not None  # noqa: S101  (an interaction has one)
    by_verdict = {
        verdict: say("comma", lang).join(
            level_label(other, level, results, lang)
            for level, effect in zip(other.levels, direction_change.effects, strict=True)
            if effect.verdict == verdict
        )
        for verdict in (Verdict.WORSE, Verdict.BETTER, Verdict.UNCLEAR)
    }
    unclear = by_verdict[Verdict.UNCLEAR]
    return say(
        "sweep.turn.depends",
        lang,
        figure=label,
        axis=name,
        start=start,
        end=end,
        other=_lowered(axis_label(other, lang), lang),
        worse=by_verdict[Verdict.WORSE],
        better=by_verdict[Verdict.BETTER],
        unclear=say("sweep.turn.unclear", lang, levels=unclear) if unclear else "",
    )


# Tables -------------------------------------------------------------------------------------


def best_table(results: SweepResults, lang: Language) -> Table:
    """Return the best point of each figure, its difference from the base, and how sure it is.

    Parameters
    ----------
    results
        The sweep.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        A row for each figure that has a best point.
    """
    title = say("sweep.table.best", lang, points=len(results.plan.points), n=results.replications)
    table = Table(title=title, title_justify="left")
    table.add_column(say("column.figure", lang))
    for name in ("base", "best", "change"):
        table.add_column(say(f"sweep.column.{name}", lang), justify="right")
    for name in ("where", "sure"):
        table.add_column(say(f"sweep.column.{name}", lang))
    for indicator in results.indicators:
        best = results.best(indicator)
        if best is not None:
            table.add_row(*_best_row(results, best, lang))
    return table


def _best_row(results: SweepResults, best: Best, lang: Language) -> Iterator[str]:
    indicator = best.indicator
    base = results.plan.points[best.point].base
    difference = results.changes(indicator.id).get(best.point)
    yield f"{indicator.label[lang]} ({UNITS[indicator.unit][lang]})"
    yield digits(results.estimate(base, indicator.id).mean, indicator.unit)
    yield digits(results.estimate(best.point, indicator.id).mean, indicator.unit)
    yield "" if difference is None else _change_cell(difference, indicator.unit)
    yield point_label(results, best.point, lang)
    if best.unresolved:
        yield say("sweep.sure.no", lang, unresolved=len(best.unresolved) + len(best.same))
    elif best.same:
        yield say("sweep.sure.same", lang, same=len(best.same))
    else:
        yield say("sweep.sure.yes", lang)


def _change_cell(difference: Difference, unit: str) -> str:
    mark = MARKS.get(difference.verdict, "")
    if not is_known(difference.low):
        return change(difference.mean, unit) + mark
    more = enough_decimals(difference.low, difference.high, unit)
    mean, low, high = (
        change(value, unit, more=more)
        for value in (difference.mean, difference.low, difference.high)
    )
    return f"{mean} ({low} … {high}){mark}"


def points_table(results: SweepResults, lang: Language) -> Table | None:
    """Return the leading figure over a grid of two axes, or the leading figures at each point.

    Parameters
    ----------
    results
        The sweep.
    lang
        Language.

    Returns
    -------
    rich.table.Table or None
        None if there are too many points to read.
    """
    sizes = sorted(len(axis.levels) for axis in results.dimensions)
    shown = _leading(results)
    if results.is_grid and len(sizes) == 2:
        if sizes[0] > MOST_COLUMNS or sizes[1] > MOST_ROWS:
            return None
        return _grid_table(results, shown[0], lang)
    if len(results.plan.points) > MOST_ROWS + len(results.plan.bases):
        return None
    return _list_table(results, shown, lang)


def _grid_table(results: SweepResults, indicator: Indicator, lang: Language) -> Table:
    unit = UNITS[indicator.unit][lang]
    title = say("sweep.table.grid", lang, figure=indicator.label[lang], unit=unit)
    table = Table(title=title, title_justify="left")
    down, across = results.dimensions
    if len(across.levels) > len(down.levels):
        down, across = across, down
    table.add_column(f"{axis_label(down, lang)} ↓  {axis_label(across, lang)} →")
    for level in across.levels:
        table.add_column(level_label(across, level, results, lang), justify="right")
    numbers = {
        (results.level(point, down), results.level(point, across)): point.number
        for point in results.varied
    }
    for level in down.levels:
        cells = [_cell(results, numbers[level, other], indicator) for other in across.levels]
        table.add_row(level_label(down, level, results, lang), *cells)
    return table


def _list_table(results: SweepResults, shown: Sequence[Indicator], lang: Language) -> Table:
    table = Table(title=say("sweep.table.points", lang), title_justify="left")
    table.add_column(say("sweep.column.point", lang))
    for indicator in shown:
        table.add_column(
            f"{indicator.label[lang]} ({UNITS[indicator.unit][lang]})", justify="right"
        )
    for point in results.plan.points:
        cells = [_cell(results, point.number, indicator) for indicator in shown]
        table.add_row(point_label(results, point.number, lang), *cells)
    return table


def _cell(results: SweepResults, number: int, indicator: Indicator) -> str:
    mean = results.estimate(number, indicator.id).mean
    if not is_known(mean):
        return "–"
    difference = results.changes(indicator.id).get(number)
    mark = "" if difference is None else MARKS.get(difference.verdict, "")
    return digits(mean, indicator.unit) + mark
