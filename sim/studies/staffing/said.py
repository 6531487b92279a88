"""What `hall staff` says: how many people, where, which targets they meet, how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.table import Table

from sim.measure.definitions import Language, indicators
from sim.present.numbers import change, digits, enough_decimals, figure, is_known
from sim.stats.feasibility import Feasibility, Standing
from sim.studies.comparison.said import going_away
from sim.studies.comparison.said_gains import gains_sentence
from sim.studies.staffing import say
from sim.studies.staffing.study import Finalist, Staffing, StaffingTarget


def answer(result: Staffing, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer the request."""
    people, now = result.chosen.people, result.today.people
    title = say("staff.plan", lang, people=people, now=now)
    yield from going_away(result.effects, 1, title, lang)
    yield _headline(result, lang)
    if result.request.where == "both":
        counts = {
            f"{place}{suffix}": sum(
                number
                for post, number in zip(result.posts, plan, strict=True)
                if post.field == field
            )
            for place, field in (("windows", "staff"), ("offices", "officers"))
            for suffix, plan in (("", result.chosen.plan), ("_now", result.today.plan))
        }
        yield say("staff.split", lang, **counts)
    for number, aim in enumerate(result.request.aims):
        yield _target(result, number, aim, lang)
    if result.request.figure not in {aim.indicator for aim in result.request.aims}:
        yield _figure(result, lang)
    if told := gains_sentence(result.effects, 1, title, lang):
        yield told
    yield from _fewer(result, lang)
    yield from _selected(result, lang)
    yield say(
        "staff.confidence",
        lang,
        confidence=_percent(result.request.confidence),
        n=result.replications,
        trials=len(result.found.trials),
    )
    yield from _cautions(result, lang)


def use(result: Staffing, folder: Path, lang: Language) -> str:
    """Return the command that compares the plan, which lies in a folder, with today's people."""
    return say("staff.use", lang, base=result.base.name, sign="+", path=folder / "plan.yaml")


def table(result: Staffing, lang: Language) -> Table:
    """Return the places whose people change, the most changed first."""
    names = unit_names(result, lang)
    rows = [
        (post, number)
        for post, number in zip(result.posts, result.chosen.plan, strict=True)
        if number != post.now
    ]
    told = Table(
        title=say("staff.table", lang, changed=len(rows), posts=len(result.posts)),
        title_justify="left",
    )
    for column in ("place", "unit"):
        told.add_column(say(f"staff.column.{column}", lang))
    for column in ("now", "plan", "change"):
        told.add_column(say(f"staff.column.{column}", lang), justify="right")
    for post, number in sorted(
        rows, key=lambda row: (row[0].field != "staff", row[1] - row[0].now)
    ):
        told.add_row(
            say(f"staff.place.{post.field}", lang),
            names[post.unit],
            str(post.now),
            str(number),
            change(number - post.now, "people"),
        )
    return told


def unit_names(result: Staffing, lang: Language) -> dict[str, str]:
    """Return the name of each unit."""
    return {unit.id: str(getattr(unit.name, lang)) for unit in result.base.departments}


def title_of(result: Staffing, lang: Language) -> str:
    """Return the title of the scenario."""
    return str(getattr(result.base.title, lang))


def aim_text(aim: StaffingTarget, lang: Language) -> str:
    """Return a target as people write it."""
    one = indicators()[aim.indicator]
    sign = "≥" if aim.at_least else "≤"
    return f"{one.label[lang]} {sign} {figure(aim.bound, one.unit, lang, more=_more(aim))}"


def _more(aim: StaffingTarget) -> int:
    """Return how many more decimals a bound needs so that none of it is lost."""
    unit = indicators()[aim.indicator].unit
    for more in range(4):
        text = digits(aim.bound, unit, more=more).replace(",", "").replace("−", "-")
        if abs(float(text) / (100 if unit == "share" else 1) - aim.bound) < 1e-9:
            return more
    return 4


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _headline(result: Staffing, lang: Language) -> str:
    request = result.request
    key = "staff.fewest" if request.people is None else "staff.given"
    sure = result.chosen.verdict is Feasibility.FEASIBLE
    return say(
        key if sure else f"{key}_unsure",
        lang,
        title=title_of(result, lang),
        people=result.chosen.people,
        now=result.today.people,
        where=say(f"staff.{request.where}", lang),
        n=result.replications,
    )


def _target(result: Staffing, number: int, aim: StaffingTarget, lang: Language) -> str:
    one = indicators()[aim.indicator]
    standing = result.chosen.judged.standings[number]
    more = enough_decimals(standing.low, standing.high, one.unit)
    now = result.today.judged.standings[number].mean
    return say(
        "staff.target_least" if aim.at_least else "staff.target_most",
        lang,
        label=one.label[lang],
        bound=figure(aim.bound, one.unit, lang, more=_more(aim)),
        now=_value(now, aim.indicator, lang),
        **_parts(standing, aim.indicator, more, lang),
    )


def _parts(standing: Standing, indicator: str, more: int, lang: Language) -> dict[str, str]:
    unit = indicators()[indicator].unit
    return {
        "value": figure(standing.mean, unit, lang, more=more),
        "low": digits(standing.low, unit, more=more),
        "high": digits(standing.high, unit, more=more),
    }


def _value(value: float, indicator: str, lang: Language, more: int = 0) -> str:
    if not is_known(value):
        return say("null", lang)
    return figure(value, indicators()[indicator].unit, lang, more=more)


def _figure(result: Staffing, lang: Language) -> str:
    name = result.request.figure
    means = [float(one.values[:, -1].mean()) for one in (result.chosen, result.today)]
    return say(
        "staff.figure",
        lang,
        label=indicators()[name].label[lang],
        value=_value(means[0], name, lang, 1),
        now=_value(means[1], name, lang, 1),
    )


def _fewer(result: Staffing, lang: Language) -> Iterator[str]:
    """Say what the best plan with fewer people misses."""
    if result.request.people is not None:
        return
    fewer = result.fewer
    if fewer is None:
        if all(n == post.low for post, n in zip(result.posts, result.chosen.plan, strict=True)):
            yield say("staff.fewer_none", lang)
        return
    if fewer.verdict is not Feasibility.INFEASIBLE:
        told = {"people": fewer.people, "n": len(fewer.values)}
        yield say("staff.fewer_unsure", lang, figures=_deciding(result, fewer, lang), **told)
    below = [one for one in result.finalists if one.verdict is Feasibility.INFEASIBLE]
    missing = max(
        (one for one in below if one is fewer or one.people < fewer.people),
        key=lambda one: one.people,
        default=None,
    )
    if missing is not None:
        figures = _deciding(result, missing, lang)
        yield say("staff.fewer_misses", lang, people=missing.people, figures=figures)


def _deciding(result: Staffing, one: Finalist, lang: Language) -> str:
    """Return the targets that decide against a plan, or leave it undecided."""
    standings = enumerate(one.judged.standings)
    deciding = [number for number, standing in standings if standing.verdict is one.verdict]
    return say("comma", lang).join(_standing(result, one, number, lang) for number in deciding)


def _standing(result: Staffing, one: Finalist, number: int, lang: Language) -> str:
    aim, standing = result.request.aims[number], one.judged.standings[number]
    unit = indicators()[aim.indicator].unit
    more = enough_decimals(standing.low, standing.high, unit)
    label = indicators()[aim.indicator].label[lang]
    return say("staff.interval", lang, label=label, **_parts(standing, aim.indicator, more, lang))


def _selected(result: Staffing, lang: Language) -> Iterator[str]:
    selection = result.selection
    if selection is None:
        return
    one = indicators()[result.request.figure]
    told = {
        "k": len(result.rivals),
        "label": one.label[lang],
        "survivors": len(selection.survivors),
        "n": max(selection.replications),
        "confidence": _percent(selection.procedure.confidence),
        "delta": figure(selection.procedure.indifference, one.unit, lang, more=2),
    }
    yield say("staff.selected_not" if selection.capped else "staff.selected", lang, **told)


def _cautions(result: Staffing, lang: Language) -> Iterator[str]:
    request = result.request
    if result.found.used_up:
        yield say("staff.used_up", lang, budget=request.budget)
    if request.where != "windows":
        yield say("staff.heads", lang)
    elif result.base.settings.staffing.staff_transfer:
        yield say("staff.transfer", lang)
