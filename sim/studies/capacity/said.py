"""Texts of `hall capacity`: the limit, the bottleneck, and the gain by one more person."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from rich.table import Table

from sim.measure.definitions import Language
from sim.measure.queue_performance import Station
from sim.present.cautions import few_replications
from sim.present.numbers import change, is_known
from sim.present.people import people_called
from sim.studies.capacity import say
from sim.studies.capacity.study import SMALLEST, Capacity, CapacityLimit

SURE, LIKELY = 0.95, 0.7
"""Shares of resamples, 0 to 1, from which on the bottleneck is known, or likely."""
MOST_STATIONS = 10
"""Stations in the table."""


def people_of(results: Capacity, station: Station, lang: Language) -> str:
    """Return what the people of a station are called.

    Parameters
    ----------
    results
        Results of the study.
    station
        The station.
    lang
        Language of the text.

    Returns
    -------
    str
        Such as ``the windows of the Land Bureau``.
    """
    return people_called(station.skills, results.scenario.unit_names(lang), lang)


def people_at(results: Capacity, station: Station) -> int:
    """Return the number of people of a station.

    Parameters
    ----------
    results
        Results of the study.
    station
        The station.

    Returns
    -------
    int
        People of all its groups.
    """
    return sum(len(results.network.groups[place].people) for place in station.groups)


def times(multiple: float, step: CapacityLimit | None = None) -> str:
    """Return a multiple as text.

    Parameters
    ----------
    multiple
        Multiple of the demand.
    step
        The limit that it belongs to, if any.

    Returns
    -------
    str
        With two decimals; with one if the interval of the limit is wider than 0.5.
    """
    wide = step is not None and is_known(step.low) and step.high - step.low > 0.5
    return f"{multiple:.1f}" if wide else f"{multiple:.2f}"


def interval(low: float, high: float, lang: Language, *, signed: bool = False) -> str:
    """Return an interval of multiples in brackets.

    Parameters
    ----------
    low, high
        Ends; NaN if unknown, infinite if beyond the multiples simulated.
    lang
        Language of the text.
    signed
        Whether numbers have a plus sign.

    Returns
    -------
    str
        Empty if unknown.
    """
    if not is_known(low):
        return ""
    ends = [f"> {low:.2f}" if math.isinf(end) else f"{end:+.2f}" if signed else f"{end:.2f}"
            for end in (low, high)]  # fmt: skip
    low_text, high_text = (end.replace("-", "−") for end in ends)
    return say("capacity.interval", lang, low=low_text, high=high_text)


def percent(share: float, lang: Language, decimals: int = 0) -> str:
    """Return a share in per cent as text.

    Parameters
    ----------
    share
        Share, 0 to 1.
    lang
        Language of the text.
    decimals
        Number of decimals.

    Returns
    -------
    str
        With the sign of per cent.
    """
    text = f"{100 * share:.{decimals}f}"
    text = text.replace("-", "−") if float(text) else text.lstrip("-")
    return say("chart.percent", lang, share=text)


def answer(results: Capacity, lang: Language) -> Iterator[str]:
    """Yield the sentences on what the hall can carry.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Yields
    ------
    str
        The limit; then, if it is finite and not 0, the bottleneck and the gain by more people.
    """
    current = results.current
    values = {
        "title": getattr(results.scenario.title, lang),
        "target": percent(results.target, lang),
        "minutes": f"{results.scenario.settings.hall.wait_target_min:g}",
    }
    if current.limit.cause == "none":
        multiple = times(float(current.curves.levels[-1]))
        yield say("capacity.beyond", lang, multiple=multiple, **values)
        return
    if current.limit.multiple <= 0:
        yield _no_capacity(results, values, lang)
        return
    yield say(
        "capacity.answer",
        lang,
        multiple=times(current.limit.multiple),
        interval=interval(current.low, current.high, lang),
        cases=f"{current.limit.multiple * results.cases_per_wd:,.0f}",
        now=f"{results.cases_per_wd:,.0f}",
        **values,
    )
    yield _bottleneck(results, lang)
    yield from _steps(results, lang)


def _no_capacity(results: Capacity, values: dict[str, str], lang: Language) -> str:
    limit, least = results.current.limit, f"{SMALLEST:g}"
    if limit.cause == "backlog":
        name = people_of(results, results.stations[limit.station], lang)
        return say("capacity.grows", lang, who=name, multiple=least, **values)
    best = results.best_within()
    ends = ""
    if is_known(best.low):
        low, high = (percent(end, lang, 1) for end in (best.low, best.high))
        ends = say("capacity.interval", lang, low=low, high=high)
    reached = percent(best.mean, lang, 1)
    return say("capacity.never", lang, multiple=least, best=reached, interval=ends, **values)


def _bottleneck(results: Capacity, lang: Language) -> str:
    current = results.current
    station = results.stations[current.limit.station]
    people = people_at(results, station)
    use = percent(results.utilisation_at(current.limit.multiple)[current.limit.station], lang)
    why = say(f"capacity.why_{current.limit.cause}", lang, use=use)
    text = say(
        "capacity.in_the_way", lang, who=people_of(results, station, lang), people=people, why=why
    )
    if current.agreement < SURE:
        key = "capacity.sure" if current.agreement >= LIKELY else "capacity.unsure"
        text += say(key, lang, share=percent(1 - current.agreement, lang))
    return text


def _steps(results: Capacity, lang: Language) -> Iterator[str]:
    """Yield the gain by one more person at the bottleneck, and the bottleneck after that."""
    for step in results.steps[1:2]:
        beyond = math.isinf(step.limit.multiple)
        reached = float(step.curves.levels[-1]) if beyond else step.limit.multiple
        if beyond:
            then = say("capacity.then_none", lang, multiple=times(reached))
        elif step.limit.station == results.current.limit.station:
            then = say("capacity.then_same", lang)
        else:
            then = say(
                "capacity.then",
                lang,
                who=people_of(results, results.stations[step.limit.station], lang),
            )
        gained = reached - results.current.limit.multiple
        is_gain = beyond or (is_known(step.gain.low) and step.gain.low > 0)
        yield say(
            "capacity.gain" if is_gain else "capacity.gain_unclear",
            lang,
            multiple=times(reached),
            gain=f"{gained:.2f}".replace("-", "−"),
            interval=interval(step.gain.low, step.gain.high, lang),
            then=then,
            n=step.curves.within.shape[1],
        )
    for step in results.steps[2:]:
        number = sum(step.added.values())
        if math.isinf(step.limit.multiple):
            at = times(float(step.curves.levels[-1]))
            yield say("capacity.relieved_none", lang, number=number, multiple=at)
            continue
        same = step.limit.station == results.current.limit.station
        yield say(
            "capacity.relieved_same" if same else "capacity.relieved",
            lang,
            number=number,
            multiple=times(step.limit.multiple),
            who=people_of(results, results.stations[step.limit.station], lang),
        )


def cautions(results: Capacity, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the results.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Yields
    ------
    str
        Sentences; none if there is nothing to beware of.
    """
    n = results.current.curves.within.shape[1]
    yield from few_replications(n, lang)
    yield from results.scenario.warnings


# Tables -------------------------------------------------------------------------------------


def steps_table(results: Capacity, lang: Language) -> Table:
    """Return a table of the limits without and with added people.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per limit.
    """
    table = Table(title=say("capacity.table", lang), title_justify="left")
    table.add_column(say("capacity.column_with", lang))
    for key in ("multiple", "cases", "gain"):
        table.add_column(say(f"capacity.column_{key}", lang), justify="right")
    for key in ("who", "cause"):
        table.add_column(say(f"capacity.column_{key}", lang))
    first = results.current.limit.station
    for step in results.steps:
        known = 0 < step.limit.multiple < math.inf
        label = say("capacity.as_is", lang)
        if step.added:
            name = people_of(results, results.stations[first], lang)
            label = say("capacity.more", lang, number=sum(step.added.values()), who=name)
        largest = times(float(step.curves.levels[-1]))
        beyond = f"> {largest}" if step.limit.multiple else f"< {SMALLEST:g}"
        gain = change(step.gain.mean, "visits") if is_known(step.gain.mean) else ""
        table.add_row(
            label,
            times(step.limit.multiple) + interval(step.low, step.high, lang) if known else beyond,
            f"{step.limit.multiple * results.cases_per_wd:,.0f}" if known else "",
            gain + interval(step.gain.low, step.gain.high, lang),
            people_of(results, results.stations[step.limit.station], lang)
            if step.limit.station >= 0
            else "",
            say(f"capacity.cause_{step.limit.cause}", lang),
        )
    return table


def shown_multiple(results: Capacity) -> float:
    """Return the multiple at which the utilisation is shown.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    float
        The limit, or the nearest multiple that was simulated.
    """
    levels = results.current.curves.levels
    return float(min(max(results.current.limit.multiple, levels[0]), levels[-1]))


def busiest(results: Capacity, most: int) -> list[int]:
    """Return the stations with the highest utilisation at the limit.

    Parameters
    ----------
    results
        Results of the study.
    most
        Largest number of stations.

    Returns
    -------
    list of int
        Indices of stations that have work: the bottleneck first, then by utilisation, descending.
    """
    use = results.utilisation_at(shown_multiple(results))
    first = results.current.limit.station
    order = sorted(range(len(results.stations)), key=lambda place: (place != first, -use[place]))
    return [place for place in order if use[place] > 0][:most]


def groups_table(results: Capacity, lang: Language) -> Table:
    """Return a table of the busiest stations today and at the limit.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language of the texts.

    Returns
    -------
    Table
        A row per station.
    """
    at = shown_multiple(results)
    curves = results.current.curves
    table = Table(title=say("capacity.table_groups", lang), title_justify="left")
    table.add_column(say("capacity.column_group", lang))
    for key in ("people", "use_now", "use_there", "growth", "late"):
        text = say(f"capacity.column_{key}", lang, multiple=times(at))
        table.add_column(text, justify="right")
    now, there = results.utilisation_at(1.0), results.utilisation_at(at)
    for place in busiest(results, MOST_STATIONS):
        station = results.stations[place]
        growth, late = (
            float(np.interp(at, curves.levels, values[:, :, place].mean(axis=1)))
            for values in (curves.growth, curves.late)
        )
        table.add_row(
            people_of(results, station, lang),
            str(people_at(results, station)),
            percent(now[place], lang),
            percent(there[place], lang),
            percent(growth, lang, 1),
            f"{100 * late:.1f}" if late else "",
        )
    return table
