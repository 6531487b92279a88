"""Sentences on the precision of figures, and on their steady state."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measure.definitions import Language, indicators
from sim.present.numbers import amount, digits, enough_decimals, figure, is_known
from sim.studies.comparison import say
from sim.studies.comparison.precision import PrecisionTarget, open_figures
from sim.studies.comparison.results import Results
from sim.studies.comparison.steady_state import SERIES, settled


def precision_sentences(results: Results, titles: list[str], lang: Language) -> Iterator[str]:
    """Yield whether the target was reached, which figure was the last, and what it would need.

    Parameters
    ----------
    results
        Results of the study.
    titles
        How each scenario is called.
    lang
        Language.

    Yields
    ------
    str
        Nothing if there is no target.
    """
    target, frame = results.target, results.precision
    if target is None or frame is None:
        return
    missed = open_figures(frame)
    first = missed if len(missed) else frame.sort_values("met_at", ascending=False, kind="stable")
    row = first.iloc[0]
    needed = row["needed"]
    n = len(results.paired)
    yield say(
        _key(results, target, met=not len(missed)),
        lang,
        n=n,
        all=len(frame),
        missed=len(missed),
        target=_percent(target.plan.half_width, lang),
        relative=_percent(row["relative"], lang),
        figure=indicators()[row["indicator"]].label[lang],
        title=titles[results.names.index(row["scenario"])],
        needed=say("precision.needed", lang, number=f"{_rounded_up(needed):,}")
        if is_known(needed) and needed > n
        else "",
    )
    known = frame[np.isfinite(frame["difference_relative"])]
    if len(known):
        row = known.loc[known["difference_relative"].idxmax()]
        unit = row["unit"]
        half = row["difference_half_width"]
        yield say(
            "precision.differences",
            lang,
            figure=indicators()[row["indicator"]].label[lang],
            title=titles[results.names.index(row["scenario"])],
            half=amount(half, unit, lang, more=enough_decimals(0.0, half, unit)),
            relative=_percent(row["difference_relative"], lang),
        )


def _key(results: Results, target: PrecisionTarget, *, met: bool) -> str:
    if met:
        return "precision.met"
    stopped = len(results.paired) < min(results.asked + 1, target.plan.most)
    return "precision.open" if stopped else "precision.capped"


def _percent(share: float, lang: Language) -> str:
    if not np.isfinite(share):
        return say("precision.unknown", lang)
    return say(
        "chart.percent", lang, share=f"{100 * share:.2g}" if share < 0.1 else f"{share:.0%}"[:-1]
    )


def _rounded_up(number: int) -> int:
    """Round an estimate up to two significant digits."""
    step = int(10 ** max(0, len(str(int(number))) - 2))
    return -(-int(number) // step) * step


def steady_sentences(results: Results, lang: Language) -> Iterator[str]:
    """Yield the warm-up of each series of the first scenario, and its mean from then on.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        A sentence per series; nothing if no steady state is asked for.
    """
    if not results.steady_state:
        return
    for name, unit in SERIES.items():
        series = settled(results, name)
        label = say(f"steady.{name}", lang)
        wd = len(series.by_day)
        if series.warm_up_wd is None:
            yield say(f"steady.{series.why_none}", lang, label=label, wd=wd)
            continue
        mean, low, high, _ = series.after
        value = figure(mean, unit, lang)
        if is_known(low) and low < high:
            more = enough_decimals(low, high, unit)
            value = say(
                "interval",
                lang,
                value=figure(mean, unit, lang, more=more),
                low=digits(low, unit, more=more),
                high=digits(high, unit, more=more),
            )
        key = "steady.settled" if series.warm_up_wd else "steady.at_once"
        yield say(key, lang, label=label, cut=series.warm_up_wd, wd=wd, value=value)
