"""Sentences and table of `hall staff`: people, places, targets and confidence."""

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
from sim.studies.staffing.study import Finalist, StaffingResults, StaffingTarget


def answer(results: StaffingResults, lang: Language) -> Iterator[str]:
    """Yield the sentences that answer the request.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Yields
    ------
    str
        People of the plan, its means and bounds, effects on applicants, plans with fewer people,
        confidence and cautions.
    """
    people, now = results.chosen.people, results.today.people
    title = say("staff.plan", lang, people=people, now=now)
    yield from going_away(results.effects, 1, title, lang)
    yield _headline(results, lang)
    if results.request.where == "both":
        counts = {
            f"{place}{suffix}": sum(
                number
                for post, number in zip(results.posts, plan, strict=True)
                if post.field == field
            )
            for place, field in (("windows", "staff"), ("offices", "officers"))
            for suffix, plan in (("", results.chosen.plan), ("_now", results.today.plan))
        }
        yield say("staff.split", lang, **counts)
    for number, target in enumerate(results.request.targets):
        yield _target(results, number, target, lang)
    if results.request.figure not in {target.indicator for target in results.request.targets}:
        yield _figure(results, lang)
    if sentence := gains_sentence(results.effects, 1, title, lang):
        yield sentence
    yield from _fewer(results, lang)
    yield from _selected(results, lang)
    yield say(
        "staff.confidence",
        lang,
        confidence=_percent(results.request.confidence),
        n=results.replications,
        trials=len(results.search_result.trials),
    )
    yield from _cautions(results, lang)


def use(results: StaffingResults, folder: Path, lang: Language) -> str:
    """Return the line with the command that compares the plan with today's people.

    Parameters
    ----------
    results
        Results of the study.
    folder
        Result folder that holds ``plan.yaml``.
    lang
        Language.

    Returns
    -------
    str
        A sentence with a `hall compare` command.
    """
    return say("staff.use", lang, base=results.base.name, sign="+", path=folder / "plan.yaml")


def table(results: StaffingResults, lang: Language) -> Table:
    """Return the posts whose people change.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    rich.table.Table
        People now and in the plan, a row per post; windows first, the largest decrease first.
    """
    names = unit_names(results, lang)
    rows = [
        (post, number)
        for post, number in zip(results.posts, results.chosen.plan, strict=True)
        if number != post.now
    ]
    shown = Table(
        title=say("staff.table", lang, changed=len(rows), posts=len(results.posts)),
        title_justify="left",
    )
    for column in ("place", "unit"):
        shown.add_column(say(f"staff.column.{column}", lang))
    for column in ("now", "plan", "change"):
        shown.add_column(say(f"staff.column.{column}", lang), justify="right")
    for post, number in sorted(
        rows, key=lambda row: (row[0].field != "staff", row[1] - row[0].now)
    ):
        shown.add_row(
            say(f"staff.place.{post.field}", lang),
            names[post.unit],
            str(post.now),
            str(number),
            change(number - post.now, "people"),
        )
    return shown


def unit_names(results: StaffingResults, lang: Language) -> dict[str, str]:
    """Return the names of the units.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    dict of str
        By id of the unit.
    """
    return {unit.id: str(getattr(unit.name, lang)) for unit in results.base.departments}


def base_title(results: StaffingResults, lang: Language) -> str:
    """Return the title of the scenario.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    str
        Title of the scenario as it is, without the plan.
    """
    return str(getattr(results.base.title, lang))


def target_text(target: StaffingTarget, lang: Language) -> str:
    """Return a target as a formula, such as ``On-time rate ≥ 95.0 %``.

    Parameters
    ----------
    target
        The target.
    lang
        Language.

    Returns
    -------
    str
        Name of the figure, sign and bound; the bound with all its decimals.
    """
    indicator = indicators()[target.indicator]
    sign = "≥" if target.at_least else "≤"
    bound = figure(target.bound, indicator.unit, lang, more=_more(target))
    return f"{indicator.label[lang]} {sign} {bound}"


def _more(target: StaffingTarget) -> int:
    """Return how many more decimals a bound needs so that it is shown exactly, 4 at most."""
    unit = indicators()[target.indicator].unit
    for more in range(4):
        text = digits(target.bound, unit, more=more).replace(",", "").replace("−", "-")
        if abs(float(text) / (100 if unit == "share" else 1) - target.bound) < 1e-9:
            return more
    return 4


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _headline(results: StaffingResults, lang: Language) -> str:
    request = results.request
    key = "staff.fewest" if request.people is None else "staff.given"
    sure = results.chosen.verdict is Feasibility.FEASIBLE
    return say(
        key if sure else f"{key}_unsure",
        lang,
        title=base_title(results, lang),
        people=results.chosen.people,
        now=results.today.people,
        where=say(f"staff.{request.where}", lang),
        n=results.replications,
    )


def _target(results: StaffingResults, number: int, target: StaffingTarget, lang: Language) -> str:
    indicator = indicators()[target.indicator]
    standing = results.chosen.feasibility.standings[number]
    more = enough_decimals(standing.low, standing.high, indicator.unit)
    now = results.today.feasibility.standings[number].mean
    return say(
        "staff.target_least" if target.at_least else "staff.target_most",
        lang,
        label=indicator.label[lang],
        bound=figure(target.bound, indicator.unit, lang, more=_more(target)),
        now=_value(now, target.indicator, lang),
        **_parts(standing, target.indicator, more, lang),
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


def _figure(results: StaffingResults, lang: Language) -> str:
    name = results.request.figure
    means = [float(plan.values[:, -1].mean()) for plan in (results.chosen, results.today)]
    return say(
        "staff.figure",
        lang,
        label=indicators()[name].label[lang],
        value=_value(means[0], name, lang, 1),
        now=_value(means[1], name, lang, 1),
    )


def _fewer(results: StaffingResults, lang: Language) -> Iterator[str]:
    """Say which targets the best plan with fewer people misses."""
    if results.request.people is not None:
        return
    fewer = results.fewer
    if fewer is None:
        if all(n == post.low for post, n in zip(results.posts, results.chosen.plan, strict=True)):
            yield say("staff.fewer_none", lang)
        return
    if fewer.verdict is not Feasibility.INFEASIBLE:
        figures = _deciding(results, fewer, lang)
        yield say(
            "staff.fewer_unsure",
            lang,
            figures=figures,
            people=fewer.people,
            n=len(fewer.values),
        )
    missing = max(
        (
            finalist
            for finalist in results.finalists
            if finalist.verdict is Feasibility.INFEASIBLE
            and (finalist is fewer or finalist.people < fewer.people)
        ),
        key=lambda finalist: finalist.people,
        default=None,
    )
    if missing is not None:
        figures = _deciding(results, missing, lang)
        yield say("staff.fewer_misses", lang, people=missing.people, figures=figures)


def _deciding(results: StaffingResults, finalist: Finalist, lang: Language) -> str:
    """Return the targets that make a plan infeasible, or leave it undecided."""
    standings = enumerate(finalist.feasibility.standings)
    deciding = [number for number, standing in standings if standing.verdict is finalist.verdict]
    return say("comma", lang).join(
        _standing(results, finalist, number, lang) for number in deciding
    )


def _standing(results: StaffingResults, finalist: Finalist, number: int, lang: Language) -> str:
    target, standing = results.request.targets[number], finalist.feasibility.standings[number]
    unit = indicators()[target.indicator].unit
    more = enough_decimals(standing.low, standing.high, unit)
    label = indicators()[target.indicator].label[lang]
    return say(
        "staff.interval", lang, label=label, **_parts(standing, target.indicator, more, lang)
    )


def _selected(results: StaffingResults, lang: Language) -> Iterator[str]:
    selection = results.selection
    if selection is None:
        return
    indicator = indicators()[results.request.figure]
    values = {
        "k": len(results.rivals),
        "label": indicator.label[lang],
        "survivors": len(selection.survivors),
        "n": max(selection.replications),
        "confidence": _percent(selection.procedure.confidence),
        "delta": figure(selection.procedure.indifference, indicator.unit, lang, more=2),
    }
    yield say("staff.selected_not" if selection.capped else "staff.selected", lang, **values)


def _cautions(results: StaffingResults, lang: Language) -> Iterator[str]:
    request = results.request
    if results.search_result.used_up:
        yield say("staff.used_up", lang, budget=request.budget)
    if request.where != "windows":
        yield say("staff.heads", lang)
    elif results.base.settings.staffing.staff_transfer:
        yield say("staff.transfer", lang)
