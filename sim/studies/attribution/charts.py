"""Charts of `hall attribute`: the best order, the shares, and the interactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.measure.definitions import Indicator, Language
from sim.present.charts.layout import FIRST, MOST_PANELS
from sim.present.charts.parts import EmptyChartError, bar_handle, marker_handle, sheet, strong
from sim.present.charts.text import balanced, fitted, lines_of, wrapped
from sim.present.numbers import UNITS, change, digits, is_known
from sim.present.style import (
    BAR,
    BAR_EDGE,
    BETTER,
    INK,
    OTHER_CASES,
    UNCLEAR,
    WORSE,
    is_dark,
)
from sim.stats.comparison import Verdict
from sim.studies.attribution import say
from sim.studies.attribution.said import (
    Row,
    all_rows,
    decimals,
    reform_names,
    row_of,
    rows_of,
    with_interval,
)
from sim.studies.attribution.study import Attribution

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {
    Verdict.BETTER: BETTER,
    Verdict.WORSE: WORSE,
    Verdict.OTHER_CASES: OTHER_CASES,
    Verdict.UNCLEAR: UNCLEAR,
}
SHAPES = {
    Verdict.BETTER: "o",
    Verdict.WORSE: "X",
    Verdict.OTHER_CASES: "s",
    Verdict.UNCLEAR: "D",
}


def order(results: Attribution, lang: Language) -> Figure:
    """Draw a waterfall chart: the base, the change at each step of the best order, and the end.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If the indicator that decides the order does not change, or is unknown.
    """
    order_by = results.request.order_by
    total = row_of(results.totals, order_by)
    if total["verdict"] in (Verdict.SAME, Verdict.UNKNOWN):
        raise EmptyChartError("the leading figure does not change")
    steps = all_rows(results.order)
    names = reform_names(results, lang)
    title = say(
        "attribute.chart_order",
        lang,
        first=names[steps[0]["reform"]],
        change=_signed(steps[0]["mean"], order_by, lang),
        total=_signed(total["mean"], order_by, lang),
    )
    page = sheet(title, _note(results, lang, "order"), lang)
    if any(row["other_cases"] for row in steps):
        page.key_below([bar_handle(OTHER_CASES, "")], [say("attribute.chart_other_cases", lang)])
    labels = [say("attribute.chart_base", lang), *(names[row["reform"]] for row in steps)]
    labels.append(say("attribute.chart_all", lang))
    pitch = (page.right - page.left - 0.9) / len(labels)
    broken = [wrapped(label, pitch - 0.1, 10) for label in labels]
    (axes,) = page.panels(left=0.8, bottom=0.15 + 0.19 * lines_of(broken))
    scale = 100 if order_by.unit == "share" else 1
    levels = np.array([total["base"], *(row["level"] for row in steps)]) * scale
    ends = (levels[0], levels[-1])
    axes.bar([0, len(labels) - 1], ends, 0.62, color=BAR, edgecolor=BAR_EDGE, linewidth=0.8)
    for place, row in enumerate(steps, 1):
        _step(axes, place, levels[place - 1], {**row, "scale": scale}, order_by)
    for place in range(len(steps) + 1):
        axes.plot([place - 0.31, place + 1.31], [levels[place]] * 2, color=INK, linewidth=0.8)
    for place, level in ((0, ends[0]), (len(labels) - 1, ends[1])):
        text = digits(level / scale, order_by.unit)
        axes.annotate(text, (place, level), (0, 4), textcoords="offset points", ha="center")
    axes.set_xticks(range(len(labels)), broken, fontsize=10)
    axes.tick_params(axis="x", length=0)
    axes.grid(visible=False, axis="x")
    axes.set_ylim(*_room(levels))
    unit = UNITS[order_by.unit][lang]
    axes.set_ylabel(say("attribute.chart_order_axis", lang, label=order_by.label[lang], unit=unit))
    return page.figure


def _room(levels: np.ndarray) -> tuple[float, float]:
    """Return limits of the axis that include 0 and every level, with room for numbers."""
    low, high = min(0.0, float(levels.min())), max(0.0, float(levels.max()))
    return low * 1.15, high + 0.12 * (high - low)


def _step(axes: Axes, place: int, before: float, row: Row, order_by: Indicator) -> None:
    scale = row["scale"]
    helps = row["mean"] > 0 if order_by.better == "higher" else row["mean"] < 0
    significant = is_known(row["low"]) and (row["low"] > 0 or row["high"] < 0)
    merit = OTHER_CASES if row["other_cases"] else BETTER
    colour = UNCLEAR if not significant else merit if helps else WORSE
    axes.bar(
        place, scale * row["mean"], 0.62, bottom=before, color=colour, hatch="" if helps else "//"
    )
    edge = before + scale * row["mean"]
    top = max(before, edge)
    text = change(row["mean"], order_by.unit)
    if is_known(row["low"]):
        ends = (before + scale * row["low"], before + scale * row["high"])
        axes.plot([place, place], ends, color=INK, linewidth=2.2, solid_capstyle="butt", zorder=4)
        top = max(top, *ends)
        more = decimals(row, order_by.unit)
        low, high = (change(row[end], order_by.unit, more=more) for end in ("low", "high"))
        text = f"{change(row['mean'], order_by.unit, more=more)}\n({low} … {high})"
    axes.annotate(
        text,
        (place, top),
        (0, 4),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=9.5,
    )


def shares(results: Attribution, lang: Language) -> Figure:
    """Draw what each reform contributes to the main indicators that change, with intervals.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If no indicator changes.
    """
    chosen = _chosen(results)
    if not chosen:
        raise EmptyChartError("no figure changes")
    rows = {indicator.id: rows_of(results.shares, indicator) for indicator in chosen}
    signs = {indicator.id: -1 if indicator.better == "lower" else 1 for indicator in chosen}
    most = [
        max(
            of_one,
            key=lambda row: (
                row["verdict"] != Verdict.OTHER_CASES,
                signs[row["indicator"]] * row["mean"],
            ),
        )["reform"]
        for of_one in rows.values()
    ]
    first = max(results.request.reforms, key=most.count)
    names = reform_names(results, lang)
    key = "attribute.chart_shares" if len(chosen) > 1 else "attribute.chart_shares_one"
    title = say(key, lang, first=names[first], count=most.count(first), all=len(chosen))
    page = sheet(title, _note(results, lang, "shares"), lang)
    seen = {row["verdict"] for of_one in rows.values() for row in of_one}
    kinds = [verdict for verdict in SHAPES if verdict in seen]
    page.key_below(
        [marker_handle(SHAPES[kind], COLOURS[kind]) for kind in kinds],
        [say(f"chart.differences.{kind.name.lower()}", lang) for kind in kinds],
    )
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    pitch = (page.top - page.bottom - lines * 1.0) / lines / len(names)
    labels, size = fitted(list(names.values()), 1.75, pitch, (10, 9.5, 9, 8.5, 8))
    panels = page.panels(lines, columns, left=1.8, bottom=0.55, top=0.42, gap=(0.28, 1.0))
    for place, (axes, indicator) in enumerate(zip(panels, chosen, strict=False)):
        _bars(axes, rows[indicator.id], indicator, lang)
        axes.set_yticks(range(len(labels)), labels if place % columns == 0 else [""] * len(labels))
        axes.tick_params(axis="y", length=0, labelsize=size)
    for axes in panels[len(chosen) :]:
        axes.remove()
    return page.figure


def _chosen(results: Attribution) -> list[Indicator]:
    """Return at most `MOST_PANELS` indicators that change, the one that decides the order first."""
    place = {name: number for number, name in enumerate(FIRST)}
    changed = [
        indicator
        for indicator in results.request.shown
        if any(
            row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN)
            for row in rows_of(results.shares, indicator)
        )
    ]
    order_by = results.request.order_by
    changed.sort(
        key=lambda indicator: (indicator is not order_by, place.get(indicator.id, len(place)))
    )
    return changed[:MOST_PANELS]


def _bars(axes: Axes, rows: list[Row], indicator: Indicator, lang: Language) -> None:
    scale = 100 if indicator.unit == "share" else 1
    for place, row in enumerate(rows):
        if not is_known(row["mean"]):
            continue
        colour = COLOURS.get(row["verdict"], INK)
        mean = scale * row["mean"]
        axes.barh(place, mean, 0.6, color=colour, alpha=0.35)
        if is_known(row["low"]):
            ends = [scale * row["low"], scale * row["high"]]
            axes.plot(ends, [place, place], color=colour, linewidth=2.4, solid_capstyle="butt")
        shape = SHAPES.get(row["verdict"], "|")
        axes.plot(mean, place, shape, color=colour, markersize=7, mec="white", mew=0.6)
    axes.axvline(0, color=INK, linewidth=1.2, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.use_sticky_edges = False
    axes.margins(x=0.1)
    axes.set_title(
        balanced(indicator.label[lang], axes.bbox.width / axes.figure.dpi, 10), loc="left"
    )
    axes.title.set_fontsize(10)
    unit = UNITS["points" if indicator.unit == "share" else indicator.unit][lang]
    axes.set_xlabel(
        say(f"chart.differences.axis_{indicator.better}", lang, unit=unit), fontsize=9.5
    )
    axes.tick_params(axis="x", labelsize=9.5)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=3)


def interaction_matrix(results: Attribution, lang: Language) -> Figure:
    """Draw the interaction of every pair of reforms as a matrix.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    matplotlib.figure.Figure
        The chart.

    Raises
    ------
    EmptyChartError
        If there are fewer than two reforms, or all interactions are 0 or unknown.
    """
    order_by = results.request.order_by
    rows = rows_of(results.interactions, order_by)
    if not any(row["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN) for row in rows):
        raise EmptyChartError("no two reforms meet")
    names, reforms = reform_names(results, lang), results.request.reforms
    unit = UNITS["points" if order_by.unit == "share" else order_by.unit][lang]
    axis_label = say("attribute.chart_order_axis", lang, label=order_by.label[lang], unit=unit)
    page = sheet(
        say("attribute.chart_interactions", lang, label=axis_label),
        _note(results, lang, "interactions"),
        lang,
    )
    kinds = {
        Verdict.BETTER: "reinforce",
        Verdict.WORSE: "overlap",
        Verdict.OTHER_CASES: "other_cases",
        Verdict.UNCLEAR: "unclear",
    }
    seen = [kind for kind in kinds if kind in {row["verdict"] for row in rows}]
    page.key_below(
        [marker_handle("s", COLOURS[kind]) for kind in seen],
        [say(f"attribute.chart_{kinds[kind]}", lang) for kind in seen],
    )
    # The lower triangle: the first reform has no row, the last no column.
    down, across = reforms[1:], reforms[:-1]
    pitch = (page.right - page.left - 2.3) / len(across)
    high = (page.top - page.bottom - 0.75) / len(down)
    left, size = fitted([names[name] for name in down], 2.1, high, (10.5, 10, 9, 8))
    below = [wrapped(names[name], pitch - 0.1, size) for name in across]
    (axes,) = page.panels(left=2.25, bottom=0.1 + 0.18 * lines_of(below))
    largest = max(abs(row["mean"]) for row in rows if is_known(row["mean"]))
    for row in rows:
        x, y = across.index(row["reform"]), down.index(row["other"])
        _square(axes, (x, y), row, (order_by, largest, min(10.0, pitch * 7)), lang)
    axes.set_xlim(-0.5, len(across) - 0.5)
    axes.set_ylim(len(down) - 0.5, -0.5)
    axes.set_xticks(range(len(across)), below, fontsize=size)
    axes.set_yticks(range(len(down)), left, fontsize=size)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return page.figure


def _square(
    axes: Axes,
    at: tuple[int, int],
    row: Row,
    scale: tuple[Indicator, float, float],
    lang: Language,
) -> None:
    """Draw the cell of a pair: its colour by the size of the interaction, its text the estimate."""
    from matplotlib.colors import to_hex, to_rgb  # noqa: PLC0415  (slow to import)
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    order_by, largest, size = scale
    x, y = at
    significant = row["verdict"] in (Verdict.BETTER, Verdict.WORSE)
    strength = 0.15 + 0.75 * abs(row["mean"]) / largest if significant and largest else 0.0
    colour = COLOURS.get(row["verdict"], UNCLEAR)
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(colour))
    fill = to_hex((red, green, blue)) if significant else "#f0f0f0"
    box = Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=fill, edgecolor=colour, linewidth=1)
    axes.add_patch(box)
    if row["verdict"] == Verdict.SAME or not is_known(row["low"]):
        text = change(row["mean"], order_by.unit) if is_known(row["mean"]) else "–"
    else:
        more = decimals(row, order_by.unit)
        mean, low, high = (
            change(row[name], order_by.unit, more=more) for name in ("mean", "low", "high")
        )
        text = f"{mean}\n({low} … {high})"
    ink = "white" if is_dark(fill) else INK
    written = axes.text(x, y, text, ha="center", va="center", fontsize=size, color=ink)
    if significant:
        strong(written, lang)


def _signed(value: float, indicator: Indicator, lang: Language) -> str:
    return with_interval(
        {"mean": value, "low": float("nan"), "high": float("nan")}, indicator.unit, lang
    )


def _note(results: Attribution, lang: Language, key: str) -> str:
    n = results.replications
    parts = [say("chart.note.one" if n == 1 else "chart.note.means", lang, n=n)]
    parts.append(say(f"attribute.note_{key}", lang))
    settings = [scenario.settings for scenario in results.request.scenarios]
    at = settings[0].stuck.at
    if len({setting.policy.authorization for setting in settings}) > 1 and at != "nowhere":
        parts.append(say(f"chart.note.stuck_{at}", lang))
    return say("chart.note.join", lang).join(parts) + say("chart.note.end", lang)


CHARTS = {"order": order, "shares": shares, "interactions": interaction_matrix}
"""Functions that draw the charts, by name."""
