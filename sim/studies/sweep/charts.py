"""Charts of a sweep: curves, heat maps, main effects of axes, scatter plots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Indicator, Language
from sim.present.charts.parts import (
    HEIGHT,
    WIDTH,
    Floats,
    Sheet,
    curve,
    line_handle,
    sheet,
)
from sim.present.charts.text import balanced, wrapped
from sim.present.numbers import UNITS, digits, figure
from sim.present.style import INK, LINES, is_dark
from sim.stats.intervals import mean_interval
from sim.studies.sweep import say
from sim.studies.sweep.axes import Axis
from sim.studies.sweep.results import SweepResults, base_level
from sim.studies.sweep.said import axis_label, axis_unit, level_label, number_label, point_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = len(LINES)
MOST_LABELLED = 17
"""Columns of a heat map up to which its cells carry their values."""
PANELS = 6
DIMMED = "#8a8a8a"
BAR_IN = 1.0
"""Width of the colour bar with its labels."""


def sweep_charts(
    results: SweepResults,
) -> Iterator[tuple[str, Callable[[SweepResults, Language], Figure]]]:
    """Yield name and drawing function of each chart that suits a sweep.

    Parameters
    ----------
    results
        The sweep.

    Yields
    ------
    name : str
        Name of the chart in the result folder.
    draw : callable
        Takes results and language, and returns the figure.
    """
    shown = [
        indicator for indicator in results.indicators if _varies(results.values_of(indicator.id))
    ]
    dimensions = results.dimensions
    if results.is_grid and len(dimensions) == 1:
        for number, first in enumerate(range(0, len(shown), PANELS), 1):
            part = shown[first : first + PANELS]
            yield f"curves-{number}", partial(_drawn, _curves, part)
        return
    kinds = [axis.kind for axis in dimensions]
    for indicator in shown:
        make: Callable[[SweepResults, Indicator, Language], Figure]
        if not results.is_grid:
            name, make = "scatter", _scatter
        elif len(dimensions) > 2:
            name, make = "effects", _effects
        elif kinds == ["number", "number"]:
            name, make = "heat", _heat
        else:
            name, make = "lines", _lines
        yield f"{name}-{indicator.id}", partial(_drawn, make, indicator)


def _drawn(
    make: Callable[..., Figure], shown: object, results: SweepResults, lang: Language
) -> Figure:
    return make(results, shown, lang)


def _varies(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return len(known) > 0 and bool(np.ptp(known))


# Titles and small print ---------------------------------------------------------------------


def _mean(values: Floats) -> Floats:
    """Return means over replications; NaN where any is null: the mean of the others is biased."""
    means: Floats = values.mean(axis=-1)
    return means


def _title(results: SweepResults, indicator: Indicator, lang: Language) -> str:
    best = results.best(indicator)
    texts = {"figure": indicator.label[lang]}
    base = 0 if best is None else results.plan.points[best.point].base
    texts["base"] = figure(
        float(_mean(results.values_of(indicator.id))[base]), indicator.unit, lang
    )
    if best is None:
        means = _mean(results.values_of(indicator.id))
        low, high = float(np.nanmin(means)), float(np.nanmax(means))
        ends = {"low": digits(low, indicator.unit), "high": figure(high, indicator.unit, lang)}
        return say("sweep.chart.title_range", lang, **texts, **ends)
    value = figure(results.estimate(best.point, indicator.id).mean, indicator.unit, lang)
    if best.point < len(results.plan.bases):
        return say("sweep.chart.title_base", lang, **texts, value=value)
    where = point_label(results, best.point, lang)
    if best.unresolved:
        unsure = {"point": where, "unresolved": len(best.unresolved) + len(best.same)}
        return say("sweep.chart.title_unsure", lang, **texts, value=value, **unsure)
    return say("sweep.chart.title_best", lang, **texts, value=value, point=where)


def _note(results: SweepResults, lang: Language, *keys: str, **values: object) -> str:
    n = results.replications
    parts = [say("sweep.chart.note_one" if n == 1 else "sweep.chart.note", lang, n=n)]
    parts += [
        say(f"sweep.chart.note_{key}", lang, **values)
        for key in keys
        if n > 1 or key not in {"band", "bars"}
    ]
    if results.stuck_at is not None:
        parts.append(say(f"chart.note.stuck_{results.stuck_at}", lang))
    return say("sweep.chart.note_join", lang).join(parts) + say("sweep.chart.note_end", lang)


def _figure_label(indicator: Indicator, lang: Language) -> str:
    unit = UNITS[indicator.unit][lang]
    label = say("sweep.chart.with_unit", lang, name=indicator.label[lang], unit=unit)
    if indicator.better == "none":
        return label
    return say(f"sweep.chart.{indicator.better}", lang, label=label)


def _axis_label(axis: Axis, lang: Language) -> str:
    name, unit = axis_label(axis, lang), axis_unit(axis, lang)
    return say("sweep.chart.with_unit", lang, name=name, unit=unit) if unit else name


def _label_below(axes: Axes, axis: Axis, lang: Language) -> None:
    """Name a horizontal axis, in lines not wider than the panel."""
    width = axes.get_window_extent().width / axes.figure.dpi
    axes.set_xlabel(wrapped(_axis_label(axis, lang), width, 11))


def _scale(indicator: Indicator) -> float:
    return 100.0 if indicator.unit == "share" else 1.0


# Along one axis -----------------------------------------------------------------------------


def _places(axis: Axis) -> Floats:
    """Return the positions of the levels of an axis; shares in percent."""
    if axis.kind != "number":
        return np.arange(len(axis.levels), dtype=float)
    return np.array([float(level) for level in axis.levels]) * (100 if axis.is_share else 1)


def _along(
    axes: Axes, results: SweepResults, axis: Axis, values: Floats, number: int, lang: Language
) -> None:
    """Draw a curve with its band, or marks with intervals; values: shape (levels, replications)."""
    colour, _, marker = LINES[number % len(LINES)]
    places, means = _places(axis), _mean(values)
    if axis.kind == "number":
        curve(axes, places, values.T, number, single=False)
        axes.plot(places, means, marker, color=colour, markersize=6, zorder=4)
    else:
        estimates = [mean_interval(level) for level in values]
        shift = 0.1 * ((number + 1) // 2) * (-1) ** number
        ends = np.array(
            [
                (estimate.mean - estimate.low, estimate.high - estimate.mean)
                for estimate in estimates
            ]
        ).T
        axes.errorbar(
            places + shift,
            means,
            yerr=np.nan_to_num(ends),
            fmt=marker,
            color=colour,
            markersize=7,
            capsize=4,
            zorder=4,
        )
        axes.set_xlim(-0.5, len(places) - 0.5)
    _levels(axes, results, axis, lang)


def _levels(axes: Axes, results: SweepResults, axis: Axis, lang: Language) -> None:
    """Label the levels of a choice; numbers have their ticks."""
    if axis.kind == "number":
        return
    width = axes.get_window_extent().width / axes.figure.dpi
    room = width / max(len(axis.levels), 1) * 0.92
    labels = [wrapped(level_label(axis, level, results, lang), room, 9.5) for level in axis.levels]
    axes.set_xticks(range(len(axis.levels)), labels, fontsize=9.5)


def _base_line(axes: Axes, results: SweepResults, indicator: Indicator) -> None:
    if len(results.plan.bases) == 1:
        base_value = float(_mean(results.values_of(indicator.id))[0]) * _scale(indicator)
        axes.axhline(base_value, color=DIMMED, linewidth=1.3, linestyle=(0, (4, 3)), zorder=2)


def _base_keys(results: SweepResults) -> tuple[str, ...]:
    return ("base",) if len(results.plan.bases) == 1 else ()


def _curves(results: SweepResults, chosen: Sequence[Indicator], lang: Language) -> Figure:
    """Draw some figures along the only axis, a panel for each."""
    (axis,) = results.dimensions
    band = "band" if axis.kind == "number" else "bars"
    title = say("sweep.chart.title_curves", lang, axis=axis_label(axis, lang))
    page = sheet(title, _note(results, lang, band, *_base_keys(results)), lang)
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    below = 0.55 if axis.kind == "number" else 0.95  # labels of choices take lines
    panels = page.panels(rows, columns, left=0.6, bottom=below, top=0.5, gap=(0.6, 0.62))
    for number, (axes, indicator) in enumerate(zip(panels, chosen, strict=False)):
        _along(axes, results, axis, results.along(indicator.id, axis) * _scale(indicator), 0, lang)
        _base_line(axes, results, indicator)
        _heading(axes, _figure_label(indicator, lang))
        if number + columns >= len(chosen):
            _label_below(axes, axis, lang)
        else:
            axes.tick_params(axis="x", labelbottom=False)
        axes.locator_params(axis="y", nbins=6)
    for axes in panels[len(chosen) :]:
        axes.remove()
    return page.figure


def _heading(axes: Axes, text: str) -> None:
    width = axes.get_window_extent().width / axes.figure.dpi
    axes.set_title(balanced(text, width, 9.5), loc="left", fontsize=9.5)


def _lines(results: SweepResults, indicator: Indicator, lang: Language) -> Figure:
    """Draw a figure along one of two axes, a line for each level of the other."""
    along, by = sorted(results.dimensions, key=lambda axis: (axis.kind != "number", axis.kind))
    if along.kind != "number" and len(by.levels) > len(along.levels):
        along, by = by, along
    band = "band" if along.kind == "number" else "bars"
    page = sheet(
        _title(results, indicator, lang), _note(results, lang, band, *_base_keys(results)), lang
    )
    surface = results.along(indicator.id, by, along) * _scale(indicator)
    shown = range(min(len(by.levels), MOST_LINES))
    name = axis_label(by, lang)
    labels = [level_label(by, level, results, lang) for level in by.levels]
    if by.kind != "base":
        labels = [f"{name}: {label}" for label in labels]
    page.key([line_handle(number) for number in shown], [labels[number] for number in shown])
    (axes,) = page.panels(left=1.0)
    for number in shown:
        _along(axes, results, along, surface[number], number, lang)
    _base_line(axes, results, indicator)
    _label_below(axes, along, lang)
    height = axes.get_window_extent().height / axes.figure.dpi
    axes.set_ylabel(balanced(_figure_label(indicator, lang), height, 11))
    return page.figure


# Over two axes ------------------------------------------------------------------------------


def _heat(results: SweepResults, indicator: Indicator, lang: Language) -> Figure:
    """Draw a figure over two numeric axes, darker where it is better."""
    down, across = results.dimensions
    surface = _mean(results.along(indicator.id, down, across)) * _scale(indicator)
    base_value = float(_mean(results.values_of(indicator.id))[0])
    star = _star(results)
    keys, values = [], {"value": figure(base_value, indicator.unit, lang)}
    best = results.best(indicator)
    keys += ["frame"] if best is not None else []
    keys += ["star"] if star is not None else []
    page = sheet(_title(results, indicator, lang), _note(results, lang, *keys, **values), lang)
    page.right -= BAR_IN + 0.25
    (axes,) = page.panels(left=1.0)
    edges = [np.arange(size + 1) - 0.5 for size in surface.shape]
    image = axes.pcolormesh(edges[1], edges[0], surface, cmap=_colours(indicator))
    _cells(axes, image, surface, indicator)
    if best is not None:
        _frames(axes, results, best.point, best.unresolved)
    if star is not None:
        axes.plot(*star, "*", color="#d55e00", mec="white", markersize=19, zorder=6)
    for axis, ticks, name in (
        (across, axes.set_xticks, axes.set_xlabel),
        (down, axes.set_yticks, axes.set_ylabel),
    ):
        ticks(*_ticks(axis, lang))
        name(_axis_label(axis, lang))
    axes.grid(visible=False)
    _colour_bar(page, axes, image, indicator, lang)
    return page.figure


def _colours(indicator: Indicator) -> str:
    return "YlGnBu_r" if indicator.better == "lower" else "YlGnBu"


def _star(results: SweepResults) -> tuple[float, float] | None:
    """Return the position of the base on a heat map, in cells; None outside it."""
    down, across = results.dimensions
    position = []
    for axis in (across, down):
        base_value = base_level(results.plan.bases[0], axis)
        levels = [float(level) for level in axis.levels]
        # Half a step beyond the outer levels is still inside their cells.
        reach = 0.5 * min(levels[1] - levels[0], levels[-1] - levels[-2])
        if base_value is None or not levels[0] - reach <= base_value <= levels[-1] + reach:
            return None
        position.append(float(np.interp(base_value, levels, range(len(levels)))))
    return position[0], position[1]


def _ticks(axis: Axis, lang: Language) -> tuple[list[int], list[str]]:
    every = -(-len(axis.levels) // MOST_LABELLED)
    shown = list(range(0, len(axis.levels), every))
    labels = [number_label(axis, float(axis.levels[place]), lang).rstrip(" %") for place in shown]
    return shown, labels


def _cells(axes: Axes, image: object, surface: Floats, indicator: Indicator) -> None:
    """Write the value into each cell, unless there are too many to read."""
    from matplotlib.colors import to_hex  # noqa: PLC0415

    rows, columns = surface.shape
    if columns > MOST_LABELLED or rows > MOST_LABELLED:
        return
    decimals = _decimals(surface, indicator)
    size = 12 if columns <= 8 else 9
    for (row, column), value in np.ndenumerate(surface):
        if np.isnan(value):
            text, dark = "–", False
        else:
            text = digits(float(value) / _scale(indicator), indicator.unit, more=decimals)
            dark = is_dark(to_hex(image.to_rgba(value)))  # type: ignore[attr-defined]
        colour = "white" if dark else INK
        # Above the middle, where the star of the base may lie.
        axes.text(column, row + 0.2, text, ha="center", va="center", color=colour, size=size)


def _decimals(surface: Floats, indicator: Indicator) -> int:
    """Return how many more decimals make the cells of a map distinguishable."""
    for more in range(3):
        texts = {
            digits(float(value) / _scale(indicator), indicator.unit, more=more)
            for value in surface.flat
            if not np.isnan(value)
        }
        if len(texts) > surface.size / 3:
            return more
    return 2


def _frames(axes: Axes, results: SweepResults, best: int, unresolved: Sequence[int]) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    down, across = results.dimensions
    for number in (best, *unresolved):
        if number < len(results.plan.bases):
            continue
        point = results.plan.points[number]
        column, row = (
            axis.levels.index(str(results.level(point, axis))) for axis in (across, down)
        )
        axes.add_patch(
            Rectangle(
                (column - 0.47, row - 0.47),
                0.94,
                0.94,
                fill=False,
                edgecolor="#d55e00",
                linewidth=2.4 if number == best else 1.3,
                linestyle="-" if number == best else (0, (3, 2)),
                zorder=5,
            )
        )


def _colour_bar(
    page: Sheet, axes: Axes, image: object, indicator: Indicator, lang: Language
) -> None:
    box = axes.get_position()
    place = ((page.right + 0.2) / WIDTH, box.y0, 0.2 / WIDTH, box.height)
    bar = page.figure.add_axes(place)
    page.figure.colorbar(image, cax=bar)  # type: ignore[arg-type]
    bar.grid(visible=False)
    label = balanced(_figure_label(indicator, lang), box.height * HEIGHT, 10)
    bar.set_ylabel(label, fontsize=10)


# More axes, and scatter plots ---------------------------------------------------------------


def _grid_of_panels(page: Sheet, results: SweepResults) -> list[Axes]:
    many = len(results.dimensions)
    columns = min(many, 4 if many > 6 else 3)
    rows = -(-many // columns)
    return page.panels(rows, columns, left=0.8, bottom=0.6, gap=(0.35, 0.8))


def _effects(results: SweepResults, indicator: Indicator, lang: Language) -> Figure:
    """Draw the main effect of each axis on a figure, averaged over the others."""
    kinds = {axis.kind == "number" for axis in results.dimensions}
    keys = [key for number, key in ((True, "band"), (False, "bars")) if number in kinds]
    title = say("sweep.chart.title_effects", lang, figure=indicator.label[lang])
    small = _note(results, lang, "averaged", *keys, *_base_keys(results))
    page = sheet(title, small, lang)
    panels = _grid_of_panels(page, results)
    for axes, axis in zip(panels, results.dimensions, strict=False):
        _along(axes, results, axis, results.along(indicator.id, axis) * _scale(indicator), 0, lang)
        _base_line(axes, results, indicator)
        _label_below(axes, axis, lang)
    _share_height(panels, len(results.dimensions), page, _figure_label(indicator, lang))
    return page.figure


def _scatter(results: SweepResults, indicator: Indicator, lang: Language) -> Figure:
    """Draw a figure at every point, along each axis."""
    title = say("sweep.chart.title_scatter", lang, figure=indicator.label[lang])
    page = sheet(title, _note(results, lang, *_base_keys(results)), lang)
    panels = _grid_of_panels(page, results)
    means = _mean(results.values_of(indicator.id)) * _scale(indicator)
    for axes, axis in zip(panels, results.dimensions, strict=False):
        x, y = _scattered(results, axis, means)
        axes.plot(x, y, "o", color=LINES[1][0], markersize=5, alpha=0.75, mec="white", mew=0.4)
        _levels(axes, results, axis, lang)
        _base_line(axes, results, indicator)
        _label_below(axes, axis, lang)
    _share_height(panels, len(results.dimensions), page, _figure_label(indicator, lang))
    return page.figure


def _scattered(results: SweepResults, axis: Axis, means: Floats) -> tuple[list[float], list[float]]:
    """Return the points that have a level on an axis."""
    x, y = [], []
    for point in results.varied:
        level = results.level(point, axis)
        if level is None:
            continue
        scale = 100 if axis.is_share else 1
        x.append(float(level) * scale if axis.kind == "number" else axis.levels.index(level))
        y.append(float(means[point.number]))
    return x, y


def _share_height(panels: Sequence[Axes], used: int, page: Sheet, label: str) -> None:
    """Give all panels the same scale, and its label once."""
    ends = [axes.get_ylim() for axes in panels[:used]]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    left = min(axes.get_position().x0 for axes in panels)
    for axes in panels[:used]:
        axes.set_ylim(low, high)
        if axes.get_position().x0 > left + 1e-9:
            axes.tick_params(axis="y", labelleft=False)
    for axes in panels[used:]:
        axes.remove()
    middle = (page.top + page.bottom) / 2 / HEIGHT
    text = wrapped(label, page.top - page.bottom, 11)
    page.figure.text(
        (page.left + 0.12) / WIDTH, middle, text, rotation=90, ha="center", va="center", size=11
    )
