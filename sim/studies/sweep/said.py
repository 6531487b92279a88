"""What the terminal says of a sweep: the best points, where figures turn, a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.table import Table

from sim.measure.definitions import Indicator, Language
from sim.present.numbers import UNITS, change, digits, enough_decimals, figure, is_known
from sim.present.verdicts import MARKS
from sim.scenario.assumptions import assumptions
from sim.scenario.model import Scenario
from sim.stats.comparison import Difference, Verdict
from sim.studies.sweep import WORDS, say
from sim.studies.sweep.axes import Axis
from sim.studies.sweep.results import Best, DirectionChange, SweepResults

LEADING = ("all_elapsed_mean_wd", "all_visits_mean", "all_served_rate")
"""Figures whose best point is told in a sentence, everyone's book."""
MOST_TURNS = 3
MOST_ROWS, MOST_COLUMNS = 24, 11


# What things are called ---------------------------------------------------------------------


def axis_label(axis: Axis, lang: Language) -> str:
    """Return what an axis is called, without its unit."""
    if axis.title is not None:
        return str(getattr(axis.title, lang))
    key = f"sweep.axis.{axis.name}"
    return say(key, lang) if key in WORDS else axis.name


def axis_unit(axis: Axis, base: Scenario, lang: Language) -> str:
    """Return the unit of an axis; empty without one."""
    if axis.kind != "number":
        return ""
    return "%" if axis.is_share else _units(base, lang).get(axis.name, "")


def _units(base: Scenario, lang: Language) -> dict[str, str]:
    return {one.path: one.unit for one in assumptions(base, lang)}


def level_label(axis: Axis, level: str, results: SweepResults, lang: Language) -> str:
    """Return what a level of an axis is called."""
    if axis.kind == "base":
        bases = {base.name: base for base in results.plan.bases}
        return str(getattr(bases[level].title, lang))
    if axis.kind == "number":
        return number_label(axis, float(level), lang)
    key = f"sweep.level.{level}"
    return say(key, lang) if key in WORDS else level


def number_label(axis: Axis, value: float, lang: Language) -> str:
    """Return a level as a number; shares in percent."""
    if axis.is_share:
        return say("chart.percent", lang, share=f"{100 * value:.4g}")
    return f"{value:.6g}"


def point_label(results: SweepResults, number: int, lang: Language) -> str:
    """Return what a point is called, by its levels."""
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


def leading(results: SweepResults) -> list[Indicator]:
    """Return the figures that are told first."""
    chosen = [one for one in results.indicators if one.id in LEADING]
    return sorted(chosen, key=lambda one: LEADING.index(one.id)) or results.indicators[:3]


# Sentences ----------------------------------------------------------------------------------


def answer(results: SweepResults, lang: Language) -> Iterator[str]:
    """Yield the sentences that say which points are best, how sure that is, and what turns."""
    best = [found for one in results.indicators if (found := results.best(one)) is not None]
    chosen = leading(results)
    told = sorted(
        (one for one in best if one.indicator in chosen),
        key=lambda one: chosen.index(one.indicator),
    )
    if not best:
        yield say("sweep.nothing", lang)
    for one in told:
        yield _best_sentence(results, one, lang)
    # The hall's own rates turn also because other cases come in when items enter.
    turns = [turn for turn in results.turns if turn.indicator in chosen]
    for turn in sorted(turns, key=lambda turn: turn.kind != "depends")[:MOST_TURNS]:
        yield turn_sentence(results, turn, lang)
    if results.stuck_at is not None:
        yield say(f"sweep.stuck_{results.stuck_at}", lang)


def _best_sentence(results: SweepResults, best: Best, lang: Language) -> str:
    one = best.indicator
    base = results.plan.points[best.point].base
    told = {
        "figure": one.label[lang],
        "point": point_label(results, best.point, lang),
        "value": _figure(results, best.point, one, lang),
        "base": _figure(results, base, one, lang),
        "others": len(results.plan.points) - 1 - len(best.same) - len(best.aside),
        "unresolved": len(best.unresolved),
    }
    if best.unresolved and best.nearest is not None and best.behind is not None:
        told["nearest"] = point_label(results, best.nearest, lang)
        told["behind"] = _with_interval(best.behind, one.unit, lang)
        text = say("sweep.best.unclear", lang, **told)
    else:
        is_base = best.point < len(results.plan.bases)
        text = say("sweep.best.base" if is_base else "sweep.best.clear", lang, **told)
    if best.same:
        text += say("sweep.best.same", lang, same=len(best.same))
    if best.aside:
        text += say("sweep.best.aside", lang, aside=len(best.aside))
    return text


def _figure(results: SweepResults, point: int, one: Indicator, lang: Language) -> str:
    return figure(results.estimate(point, one.id).mean, one.unit, lang)


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


def turn_sentence(results: SweepResults, turn: DirectionChange, lang: Language) -> str:
    """Say where a figure turns."""
    one, axis = turn.indicator, turn.axis
    name = _lowered(axis_label(axis, lang), lang)
    label = one.label[lang]
    start, end = (level_label(axis, axis.levels[place], results, lang) for place in (0, -1))
    if turn.kind == "inside":
        curve = results.along(one.id, axis).mean(axis=1)
        first, middle, last = (
            figure(float(curve[place]), one.unit, lang, more=1) for place in (0, turn.level, -1)
        )
        alone = "_alone" if len(results.dimensions) == 1 else ""
        return say(
            f"sweep.turn.{'highest' if turn.rises else 'lowest'}{alone}",
            lang,
            figure=label,
            axis=name,
            level=level_label(axis, axis.levels[turn.level], results, lang),
            start=start,
            end=end,
            first=first,
            middle=middle,
            last=last,
        )
    other = turn.other
    assert other is not None  # noqa: S101  (a turn that depends has one)
    by_verdict = {
        verdict: say("comma", lang).join(
            level_label(other, level, results, lang)
            for level, effect in zip(other.levels, turn.effects, strict=True)
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
    """Return the best point of each figure, what it changes, and how sure that is."""
    title = say("sweep.table.best", lang, points=len(results.plan.points), n=results.replications)
    table = Table(title=title, title_justify="left")
    table.add_column(say("column.figure", lang))
    for name in ("base", "best", "change"):
        table.add_column(say(f"sweep.column.{name}", lang), justify="right")
    for name in ("where", "sure"):
        table.add_column(say(f"sweep.column.{name}", lang))
    for one in results.indicators:
        best = results.best(one)
        if best is not None:
            table.add_row(*_best_row(results, best, lang))
    return table


def _best_row(results: SweepResults, best: Best, lang: Language) -> Iterator[str]:
    one = best.indicator
    base = results.plan.points[best.point].base
    difference = results.changes(one.id).get(best.point)
    yield f"{one.label[lang]} ({UNITS[one.unit][lang]})"
    yield digits(results.estimate(base, one.id).mean, one.unit)
    yield digits(results.estimate(best.point, one.id).mean, one.unit)
    yield "" if difference is None else _change_cell(difference, one.unit)
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

    None if there are too many points to read.
    """
    sizes = sorted(len(axis.levels) for axis in results.dimensions)
    shown = leading(results)
    if results.is_grid and len(sizes) == 2:
        if sizes[0] > MOST_COLUMNS or sizes[1] > MOST_ROWS:
            return None
        return _grid_table(results, shown[0], lang)
    if len(results.plan.points) > MOST_ROWS + len(results.plan.bases):
        return None
    return _list_table(results, shown, lang)


def _grid_table(results: SweepResults, one: Indicator, lang: Language) -> Table:
    unit = UNITS[one.unit][lang]
    title = say("sweep.table.grid", lang, figure=one.label[lang], unit=unit)
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
        cells = [_cell(results, numbers[level, other], one) for other in across.levels]
        table.add_row(level_label(down, level, results, lang), *cells)
    return table


def _list_table(results: SweepResults, shown: Sequence[Indicator], lang: Language) -> Table:
    table = Table(title=say("sweep.table.points", lang), title_justify="left")
    table.add_column(say("sweep.column.point", lang))
    for one in shown:
        table.add_column(f"{one.label[lang]} ({UNITS[one.unit][lang]})", justify="right")
    for point in results.plan.points:
        cells = [_cell(results, point.number, one) for one in shown]
        table.add_row(point_label(results, point.number, lang), *cells)
    return table


def _cell(results: SweepResults, number: int, one: Indicator) -> str:
    mean = results.estimate(number, one.id).mean
    if not is_known(mean):
        return "–"
    difference = results.changes(one.id).get(number)
    mark = "" if difference is None else MARKS.get(difference.verdict, "")
    return digits(mean, one.unit) + mark
