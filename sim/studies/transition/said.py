"""What a transition says: sentences and the table of months."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.table import Table

from sim.measure.definitions import Language
from sim.measure.since import SHARES_DONE
from sim.present.numbers import change, digits, figure
from sim.stats.intervals import mean_interval, prediction_interval
from sim.studies.transition import say
from sim.studies.transition.study import MONTHLY, TransitionResults

UNITS = {
    "received": "cases",
    "completed": "cases",
    "withdrawn": "cases",
    "open": "cases",
    "wait_min": "min",
    "elapsed_wd": "wd",
    "visits": "visits",
}


def answer(results: TransitionResults, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer how the open cases develop, with and without the reforms.

    If more cases are given up with the reforms, that is said first: the hall counts them as
    completed.

    Parameters
    ----------
    results
        Results of the transition.
    lang
        Language.

    Yields
    ------
    str
        Sentences, each with the figures of both paths.
    """
    day, last = results.day.isoformat(), str(results.dates[-1])
    given_up = [figures["after_withdrawn"] for figures in results.figures]
    if results.more_give_up:
        yield say(
            "transition.away",
            lang,
            day=day,
            last=last,
            cases=digits(float(given_up[1].mean()), "cases"),
            cases_without=digits(float(given_up[0].mean()), "cases"),
            change=_change(results, "withdrawn", lang),
        )
    on_day = results.figures[1]["open_on_day"]
    low, high = prediction_interval(on_day)
    yield say(
        "transition.start",
        lang,
        day=day,
        title=phase_titles(results, 0, lang),
        open=digits(float(on_day.mean()), "cases"),
        low=digits(max(low, 0), "cases"),
        high=digits(high, "cases"),
    )
    for place, share in enumerate(SHARES_DONE):
        share_text = say("transition.all", lang) if share == 1 else f"{100 * share:.0f} %"
        without, days = (_gone(results, path, place, lang) for path in (0, 1))
        key = "transition.gone_alike" if days == without else "transition.gone"
        yield say(key, lang, share=share_text, days=days, without=without)
    old = [float(figures["open_from_before"][:, -1].mean()) for figures in results.figures]
    if old[1] >= 0.5:
        texts = [digits(value, "cases") for value in old]
        key = "transition.left_alike" if texts[0] == texts[1] else "transition.left"
        yield say(key, lang, day=last, old=texts[1], old_without=texts[0])
    ends = [digits(float(figures["after_open"].mean()), "cases") for figures in results.figures]
    yield say(
        "transition.end",
        lang,
        day=last,
        open=ends[1],
        open_without=ends[0],
        change=_change(results, "open", lang),
    )
    means = {
        f"{name}{suffix}": figure(mean_interval(figures[f"after_{field}"]).mean, UNITS[field], lang)
        for name, field in (("elapsed", "elapsed_wd"), ("visits", "visits"))
        for suffix, figures in (("_without", results.figures[0]), ("", results.figures[1]))
    }
    if all(np.isfinite(figures["after_elapsed_wd"]).any() for figures in results.figures):
        change_wd = _change(results, "elapsed_wd", lang)
        yield say("transition.year", lang, day=day, **means, change=change_wd)


def phase_titles(results: TransitionResults, number: int, lang: Language) -> str:
    """Return the titles of the reforms of a phase, joined by plus signs.

    Parameters
    ----------
    results
        Results of the transition.
    number
        Index of the phase, from 0, in the order of the dates.
    lang
        Language.

    Returns
    -------
    str
        The name of a reform where its title is unknown.
    """
    scenario = results.scenarios[1]
    phase = sorted(scenario.settings.transition, key=lambda phase: phase.begins)[number]
    titles = _reform_titles(results)
    joint = " + " if lang == "en" else "＋"
    return joint.join(
        getattr(titles[name], lang) if name in titles else name for name in phase.reforms
    )


def _reform_titles(results: TransitionResults) -> dict[str, object]:
    """Return the titles of the reforms of all phases, by name and by file."""
    transition = results.scenarios[1].transition
    titles: dict[str, object] = {}
    for variant in transition.variants if transition else ():
        for file, title in variant.titles.items():
            name = file.rsplit("/", 1)[-1].removesuffix(".yaml")
            titles |= dict.fromkeys({name, file}, title)
    return titles


def _gone(results: TransitionResults, path: int, place: int, lang: Language) -> str:
    days = results.figures[path]["gone_wd"][:, place]
    reached = float(np.isfinite(days).mean())
    last = str(results.dates[-1])
    if reached == 0:
        return say("transition.gone_never", lang, day=last)
    if reached < 1:
        return say("transition.gone_some", lang, day=last, share=f"{100 * (1 - reached):.0f} %")
    mean = digits(float(days.mean()), "cases")
    if len(days) == 1:
        return say("transition.gone_one", lang, days=mean)
    low, high = (digits(max(end, 0), "cases") for end in prediction_interval(days))
    return say("transition.gone_days", lang, days=mean, low=low, high=high)


def _change(results: TransitionResults, field: str, lang: Language) -> str:
    without, reformed = (figures[f"after_{field}"] for figures in results.figures)
    estimate = mean_interval(reformed - without)
    unit = UNITS[field]
    if estimate.n < 2:
        return change(estimate.mean, unit)
    ends = {"low": change(estimate.low, unit), "high": change(estimate.high, unit)}
    return say("transition.change", lang, value=change(estimate.mean, unit), **ends)


def months_table(results: TransitionResults, lang: Language) -> Table:
    """Return the months from the first phase on, both paths side by side.

    Parameters
    ----------
    results
        Results of the transition.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        A row per month, with the means of `MONTHLY` with and without the reforms.
    """
    table = Table(title=say("transition.table", lang), title_justify="left")
    table.add_column(say("transition.month", lang))
    for field in MONTHLY:
        for way in ("with", "without"):
            heading = (
                f"{say(f'transition.figure.{field}', lang)} ({say(f'transition.{way}', lang)})"
            )
            table.add_column(heading, justify="right")
    first = f"{results.day:%Y-%m}"
    for place, month in enumerate(results.months):
        if month >= first:
            cells = [
                digits(mean_interval(figures[f"months_{field}"][:, place]).mean, UNITS[field])
                for field in MONTHLY
                for figures in reversed(results.figures)
            ]
            table.add_row(month, *cells)
    return table
