"""Sentences on who gains and who loses."""

from __future__ import annotations

import pandas as pd

from sim.measure.definitions import Language
from sim.present.numbers import amount, digits, enough_decimals, figure, is_known
from sim.studies.comparison import say
from sim.studies.comparison.results import Results

FEW = 3
"""Largest number of departments that a sentence names; of items it names one fewer."""
NAMED_SHARE = 0.5
"""Share, 0 to 1, of the losers from which on the departments named are called most of them."""
MANY_LOST = 0.1
"""Share, 0 to 1, of the losers from which on a clause tells of them."""


def losers(results: Results, name: str, by: str) -> pd.DataFrame:
    """Return the departments or items of a scenario with losers, most losers first.

    Parameters
    ----------
    results
        Results of the study.
    name
        Name of the scenario.
    by
        ``department`` or ``item``.

    Returns
    -------
    pandas.DataFrame
        Rows of `Results.gains` with one more column, ``losers``: mean number of applicants who
        lose, per replication.
    """
    frame = results.gains
    frame = frame[(frame.scenario == name) & (frame.department != "")]
    frame = frame[(frame["item"] != "") == (by == "item")]
    frame = frame.assign(losers=(frame.share_lose * frame.applicants).fillna(0.0))
    return frame[frame.losers > 0].sort_values("losers", ascending=False, kind="stable")


def everyone(results: Results, name: str) -> pd.Series:
    """Return the row of `Results.gains` that holds all applicants of a scenario.

    Parameters
    ----------
    results
        Results of the study.
    name
        Name of the scenario.

    Returns
    -------
    pandas.Series
        Values by column.
    """
    frame = results.gains
    return frame[(frame.scenario == name) & (frame.department == "")].iloc[0]


def gains_sentence(results: Results, number: int, title: str, lang: Language) -> str:
    """Say how many applicants of a scenario gain and lose, and who the losers are.

    Parameters
    ----------
    results
        Results of the study.
    number
        Index of the scenario, from 1.
    title
        How the scenario is called in the sentence.
    lang
        Language.

    Returns
    -------
    str
        Empty if the scenario shares no applicant with the base.
    """
    name = results.names[number]
    row = everyone(results, name)
    if not row["applicants"]:
        return ""
    if not row["share_gain"] and not row["share_lose"]:
        return say("gains.nobody", lang, title=title) + _apart(row, lang)
    text = say(
        "gains.everyone",
        lang,
        title=title,
        gain=_share(row, "share_gain", lang),
        mean_gain=_mean(row["mean_gain_wd"], lang),
        lose=_share(row, "share_lose", lang),
        mean_loss=_mean(row["mean_loss_wd"], lang),
    )
    if row["share_lose"]:
        text += _who_loses(results, name, row, lang) + _lost_ends(results, name, lang)
    return text + _apart(row, lang)


def _share(row: pd.Series, column: str, lang: Language) -> str:
    """Say a share as people of 100."""
    low, high = row[f"{column}_low"], row[f"{column}_high"]
    if not is_known(low) or low == high:
        return digits(row[column], "share")
    more = enough_decimals(low, high, "share")
    value, low, high = (digits(share, "share", more=more) for share in (row[column], low, high))
    return say("interval", lang, value=value, low=low, high=high)


def _mean(size: float, lang: Language) -> str:
    return say("gains.mean", lang, size=amount(size, "wd", lang)) if is_known(size) else ""


def _who_loses(results: Results, name: str, row: pd.Series, lang: Language) -> str:
    departments, items = losers(results, name, "department"), losers(results, name, "item")
    held = departments["losers"].cumsum() / (row["share_lose"] * row["applicants"])
    enough = int((held < NAMED_SHARE).sum()) + 1
    base = results.scenarios[0]
    item_names = {item.id: getattr(item.name, lang) for item in base.items}
    named = [
        _group(
            department,
            str(getattr(base.department(str(department["department"])).name, lang)),
            lang,
        )
        for _, department in departments.head(min(enough, FEW)).iterrows()
    ]
    first = [
        _group(item, str(item_names[str(item["item"])]), lang)
        for _, item in items.head(FEW - 1).iterrows()
    ]
    return say(
        "gains.losers" if enough <= FEW else "gains.losers_spread",
        lang,
        number=len(departments),
        departments=say("comma", lang).join(named),
        items=say("comma", lang).join(first),
    )


def _group(row: pd.Series, name: str, lang: Language) -> str:
    return say(
        "gains.group" if is_known(row["mean_loss_wd"]) else "gains.group_few",
        lang,
        name=name,
        people=_people(row["losers"]),
        all=_people(row["applicants"]),
        size=amount(row["mean_loss_wd"], "wd", lang),
    )


def _people(number: float) -> str:
    return f"{number:,.0f}" if number >= 9.5 else f"{number:.1f}"


def _lost_ends(results: Results, name: str, lang: Language) -> str:
    """Say which share of the losers got their document in the base only, if it is large."""
    ends = results.ends
    ends = ends[ends.scenario == name]
    wd = results.scenarios[0].settings.horizon.follow_up_wd
    text = ""
    for end in ("withdrawn", "open"):
        lost = ends[(ends.end_in_base == "done") & (ends.end_in_scenario == end)]
        share = lost["lose"].sum() / ends["lose"].sum() if ends["lose"].sum() else 0.0
        if share >= MANY_LOST:
            text += say(f"gains.{end}", lang, share=figure(share, "share", lang), wd=wd)
    return text


def _apart(row: pd.Series, lang: Language) -> str:
    people = row["only_in_base"] + row["only_in_scenario"]
    return say("gains.apart", lang, people=_people(people)) if people > 0 else ""
