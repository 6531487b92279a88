"""Chart: what each scenario changes, with simultaneous intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.experiment.results import Results
from sim.measure.definitions import Indicator, Language, headline
from sim.present.chart_parts import canvas, finish, scenario_labels, wrapped
from sim.present.numbers import UNITS, is_known
from sim.present.words import say
from sim.stats.comparison import Verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PANELS = 8
MARKS = {
    Verdict.BETTER: ("o", "#00704f"),
    Verdict.WORSE: ("X", "#b2182b"),
    Verdict.HIGHER: ("^", "#0072b2"),
    Verdict.LOWER: ("v", "#0072b2"),
}
UNTOLD = ("D", "#8c8c8c")


def differences(results: Results, lang: Language) -> Figure:
    """Draw the difference of each headline figure against the base, one panel per figure."""
    chosen = _chosen(results)
    columns = min(4, max(1, len(chosen)))
    figure, panels = canvas(columns, max(1, -(-len(chosen) // columns)))
    for position, axes in enumerate(panels):
        if position >= len(chosen):
            axes.set_axis_off()
            continue
        _panel(axes, results, chosen[position], lang, named=position % columns == 0)
    improved = sum(
        results.difference(name, one.id)["verdict"] == Verdict.BETTER
        for name in results.names[1:]
        for one in chosen
    )
    title = say(
        "chart.differences.title",
        lang,
        better=improved,
        all=len(chosen) * (len(results.names) - 1),
        base=scenario_labels(results, lang, 200)[0],
    )
    note = say("chart.differences.note", lang, n=len(results.paired))
    finish(figure, title, note)
    return figure


def _chosen(results: Results) -> list[Indicator]:
    """Return the headline figures that some scenario changes, everyone's first."""
    changed = [
        one
        for one in headline()
        if any(
            results.difference(name, one.id)["verdict"] not in (Verdict.SAME, Verdict.UNKNOWN)
            for name in results.names[1:]
        )
    ]
    return changed[:PANELS]


def _panel(axes: Axes, results: Results, one: Indicator, lang: Language, *, named: bool) -> None:
    scale = 100 if one.unit == "share" else 1
    names = results.names[1:]
    for row, name in enumerate(names):
        found = results.difference(name, one.id)
        if not is_known(found["mean"]):
            continue
        marker, colour = MARKS.get(found["verdict"], UNTOLD)
        if is_known(found["low"]):
            axes.plot(
                [scale * found["low"], scale * found["high"]], [row, row], color=colour, linewidth=3
            )
        axes.plot(scale * found["mean"], row, marker, color=colour, markersize=10)
    axes.axvline(0, color="#1a1a1a", linewidth=1.2)
    axes.set_ylim(len(names) - 0.5, -0.5)
    labels = [wrapped(label, 20, lang) for label in scenario_labels(results, lang, 200)[1:]]
    axes.set_yticks(range(len(names)), labels if named else [""] * len(names), fontsize=11)
    axes.set_title(wrapped(one.label[lang], 27, lang), fontsize=12, loc="left")
    axes.set_xlabel(UNITS["points" if one.unit == "share" else one.unit][lang], fontsize=11)
    axes.grid(visible=False, axis="y")
    axes.locator_params(axis="x", nbins=4)
