"""What `hall capacity` says: the limit, who is in the way, and what one more person brings."""

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
from sim.studies.capacity.study import LEAST, Capacity, CapacityLimit

SURE, LIKELY = 0.95, 0.7
"""Shares of resamples from which on who comes first is known, or likely."""
SHOWN = 10
"""Groups of people in the table."""


def who(found: Capacity, queue: Station, lang: Language) -> str:
    """Return what the people of a queue are called."""
    return people_called(queue.skills, found.scenario.unit_names(lang), lang)


def times(multiple: float, found: CapacityLimit | None = None) -> str:
    """Return a multiple with the decimals that its interval carries, two at most."""
    wide = found is not None and is_known(found.low) and found.high - found.low > 0.5
    return f"{multiple:.1f}" if wide else f"{multiple:.2f}"


def interval(low: float, high: float, lang: Language, *, signed: bool = False) -> str:
    """Return an interval of multiples in brackets; nothing where it is not known."""
    if not is_known(low):
        return ""
    ends = [f"> {low:.2f}" if math.isinf(end) else f"{end:+.2f}" if signed else f"{end:.2f}"
            for end in (low, high)]  # fmt: skip
    low_text, high_text = (end.replace("-", "−") for end in ends)
    return say("capacity.interval", lang, low=low_text, high=high_text)


def percent(share: float, lang: Language, decimals: int = 0) -> str:
    """Return a share in per cent."""
    text = f"{100 * share:.{decimals}f}"
    text = text.replace("-", "−") if float(text) else text.lstrip("-")
    return say("chart.percent", lang, share=text)


def answer(found: Capacity, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer what the hall could carry."""
    now = found.now
    told = {
        "title": getattr(found.scenario.title, lang),
        "target": percent(found.target, lang),
        "minutes": f"{found.scenario.settings.hall.wait_target_min:g}",
    }
    if now.limit.cause == "none":
        multiple = times(float(now.curves.levels[-1]))
        yield say("capacity.beyond", lang, multiple=multiple, **told)
        return
    if now.limit.at <= 0:
        yield _nothing(found, told, lang)
        return
    yield say(
        "capacity.answer",
        lang,
        multiple=times(now.limit.at),
        interval=interval(now.low, now.high, lang),
        cases=f"{now.limit.at * found.cases_per_wd:,.0f}",
        now=f"{found.cases_per_wd:,.0f}",
        **told,
    )
    yield _in_the_way(found, lang)
    yield from _steps(found, lang)


def _nothing(found: Capacity, told: dict[str, str], lang: Language) -> str:
    limit, least = found.now.limit, f"{LEAST:g}"
    if limit.cause == "backlog":
        name = who(found, found.stations[limit.queue], lang)
        return say("capacity.grows", lang, who=name, multiple=least, **told)
    best = found.best()
    ends = ""
    if is_known(best.low):
        low, high = (percent(end, lang, 1) for end in (best.low, best.high))
        ends = say("capacity.interval", lang, low=low, high=high)
    reached = percent(best.mean, lang, 1)
    return say("capacity.never", lang, multiple=least, best=reached, interval=ends, **told)


def _in_the_way(found: Capacity, lang: Language) -> str:
    now = found.now
    queue = found.stations[now.limit.queue]
    people = sum(len(found.network.groups[place].people) for place in queue.groups)
    use = percent(found.use_at(now.limit.at)[now.limit.queue], lang)
    why = say(f"capacity.why_{now.limit.cause}", lang, use=use)
    text = say("capacity.in_the_way", lang, who=who(found, queue, lang), people=people, why=why)
    if now.sure < SURE:
        key = "capacity.sure" if now.sure >= LIKELY else "capacity.unsure"
        text += say(key, lang, share=percent(1 - now.sure, lang))
    return text


def _steps(found: Capacity, lang: Language) -> Iterator[str]:
    """Say what one more person brings, and who comes next."""
    for step in found.steps[1:2]:
        beyond = math.isinf(step.limit.at)
        reached = float(step.curves.levels[-1]) if beyond else step.limit.at
        if beyond:
            then = say("capacity.then_none", lang, multiple=times(reached))
        elif step.limit.queue == found.now.limit.queue:
            then = say("capacity.then_same", lang)
        else:
            then = say(
                "capacity.then", lang, who=who(found, found.stations[step.limit.queue], lang)
            )
        gained = reached - found.now.limit.at
        told = beyond or (is_known(step.gain.low) and step.gain.low > 0)
        yield say(
            "capacity.gain" if told else "capacity.gain_unclear",
            lang,
            multiple=times(reached),
            gain=f"{gained:.2f}".replace("-", "−"),
            interval=interval(step.gain.low, step.gain.high, lang),
            then=then,
            n=step.curves.within.shape[1],
        )
    for step in found.steps[2:]:
        number = sum(step.added.values())
        if math.isinf(step.limit.at):
            at = times(float(step.curves.levels[-1]))
            yield say("capacity.relieved_none", lang, number=number, multiple=at)
            continue
        same = step.limit.queue == found.now.limit.queue
        yield say(
            "capacity.relieved_same" if same else "capacity.relieved",
            lang,
            number=number,
            multiple=times(step.limit.at),
            who=who(found, found.stations[step.limit.queue], lang),
        )


def cautions(found: Capacity, lang: Language) -> Iterator[str]:
    """Yield what a reader must know before using the figures."""
    n = found.now.curves.within.shape[1]
    yield from few_replications(n, lang)
    yield from found.scenario.warnings


# Tables -------------------------------------------------------------------------------------


def steps_table(found: Capacity, lang: Language) -> Table:
    """Return the limit as things are and with more people."""
    table = Table(title=say("capacity.table", lang), title_justify="left")
    table.add_column(say("capacity.column_with", lang))
    for key in ("multiple", "cases", "gain"):
        table.add_column(say(f"capacity.column_{key}", lang), justify="right")
    for key in ("who", "cause"):
        table.add_column(say(f"capacity.column_{key}", lang))
    first = found.now.limit.queue
    for step in found.steps:
        known = 0 < step.limit.at < math.inf
        label = say("capacity.as_is", lang)
        if step.added:
            number, name = sum(step.added.values()), who(found, found.stations[first], lang)
            label = say("capacity.more", lang, number=number, who=name)
        beyond = f"> {times(float(step.curves.levels[-1]))}" if step.limit.at else f"< {LEAST:g}"
        gain = change(step.gain.mean, "visits") if is_known(step.gain.mean) else ""
        table.add_row(
            label,
            times(step.limit.at) + interval(step.low, step.high, lang) if known else beyond,
            f"{step.limit.at * found.cases_per_wd:,.0f}" if known else "",
            gain + interval(step.gain.low, step.gain.high, lang),
            who(found, found.stations[step.limit.queue], lang) if step.limit.queue >= 0 else "",
            say(f"capacity.cause_{step.limit.cause}", lang),
        )
    return table


def shown_multiple(found: Capacity) -> float:
    """Return the multiple at which people are shown: the limit, or the largest looked at."""
    levels = found.now.curves.levels
    return float(min(max(found.now.limit.at, levels[0]), levels[-1]))


def busiest(found: Capacity, most: int) -> list[int]:
    """Return the stations that are busiest at the limit, the one in the way first."""
    use = found.use_at(shown_multiple(found))
    first = found.now.limit.queue
    order = sorted(range(len(found.stations)), key=lambda one: (one != first, -use[one]))
    return [one for one in order if use[one] > 0][:most]


def groups_table(found: Capacity, lang: Language) -> Table:
    """Return the busiest people today and at the limit."""
    at = shown_multiple(found)
    curves = found.now.curves
    table = Table(title=say("capacity.table_groups", lang), title_justify="left")
    table.add_column(say("capacity.column_group", lang))
    for key in ("people", "use_now", "use_there", "growth", "late"):
        text = say(f"capacity.column_{key}", lang, multiple=times(at))
        table.add_column(text, justify="right")
    now, there = found.use_at(1.0), found.use_at(at)
    for one in busiest(found, SHOWN):
        queue = found.stations[one]
        growth, late = (
            float(np.interp(at, curves.levels, values[:, :, one].mean(axis=1)))
            for values in (curves.growth, curves.late)
        )
        table.add_row(
            who(found, queue, lang),
            str(sum(len(found.network.groups[place].people) for place in queue.groups)),
            percent(now[one], lang),
            percent(there[one], lang),
            percent(growth, lang, 1),
            f"{100 * late:.1f}" if late else "",
        )
    return table
