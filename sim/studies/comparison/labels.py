"""Names of scenarios on charts, and the small print below the charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sim.measure.definitions import Language, indicators
from sim.studies.comparison import say
from sim.studies.comparison.results import Results


def scenario_labels(results: Results, lang: Language) -> list[str]:
    """Return a label per scenario: the title of the base, and what the others add to it.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.

    Returns
    -------
    list of str
        In the order of the scenarios; equal labels get the name of the scenario in brackets.
    """
    sign, space = ("+ ", " ") if lang == "en" else ("＋", "")
    labels = []
    for number, scenario in enumerate(results.scenarios):
        more = _added(results, number, lang)
        own = str(getattr(scenario.title, lang))
        labels.append(space.join(f"{sign}{part}" for part in more) if more else own)
    twice = {label for label, times in Counter(labels).items() if times > 1}
    return [
        f"{label} ({name})" if label in twice else label
        for label, name in zip(labels, results.names, strict=True)
    ]


def in_words(results: Results, number: int, lang: Language) -> str:
    """Return how a scenario is called inside a sentence: by what it adds to the base.

    Parameters
    ----------
    results
        Results of the study.
    number
        Index of the scenario, 0 for the base.
    lang
        Language.

    Returns
    -------
    str
        Its reforms and values; its label in quotation marks if it adds none.
    """
    more = _added(results, number, lang)
    if not more:
        return f"“{scenario_labels(results, lang)[number]}”"
    if lang == "zh":
        return f"“{'＋'.join(more)}”"
    words = [part[:1].lower() + part[1:] if part[1:2].islower() else part for part in more]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if words[1:] else words[0]


def _added(results: Results, number: int, lang: Language) -> list[str]:
    """Return the reforms and values that a scenario adds to the base; none for another hall."""
    base, scenario = results.scenarios[0], results.scenarios[number]
    start = str(getattr(base.title, lang)).split(" + ")
    own = str(getattr(scenario.title, lang)).split(" + ")
    if number == 0 or own[0] != start[0] or not set(start) <= set(own):
        return []
    reforms = [part for part in own if part not in start]
    return reforms + [value for value in scenario.values if value not in base.values]


# Small print --------------------------------------------------------------------------------


def note(results: Results, lang: Language, *keys: str, **values: object) -> str:
    """Return the small print: how many replications, and what else must be known.

    Parameters
    ----------
    results
        Results of the study.
    lang
        Language.
    *keys
        Texts ``chart.note.KEY``; those that begin with ``band`` are left out if there is one
        replication only.
    **values
        Values filled into these texts.

    Returns
    -------
    str
        One line, which the sheet breaks.
    """
    n = len(results.paired)
    parts = [say("chart.note.one" if n == 1 else "chart.note.means", lang, n=n)]
    days = results.scenarios[0].settings.horizon.follow_up_wd
    parts += [
        say(f"chart.note.{key}", lang, wd=days, **values)
        for key in keys
        if n > 1 or not key.startswith("band")
    ]
    return say("chart.note.join", lang).join(parts) + say("chart.note.end", lang)


def stuck_keys(results: Results) -> tuple[str, ...]:
    """Return the note on where cases get stuck, on which the effect of authorization depends.

    Parameters
    ----------
    results
        Results of the study.

    Returns
    -------
    tuple of str
        A key for `note`; empty if all scenarios authorize alike, or cases get stuck nowhere.
    """
    settings = [scenario.settings for scenario in results.scenarios]
    shares = {scenario.policy.authorization for scenario in settings}
    place = settings[0].stuck.at
    return () if len(shares) == 1 or place == "nowhere" else (f"stuck_{place}",)


def least(results: Results, means: Sequence[float], figure: str) -> int:
    """Return the scenario with the least mean, among those about the same cases as the base.

    Parameters
    ----------
    results
        Results of the study.
    means
        Mean of the figure in each scenario.
    figure
        Id of the figure; see `Pair.is_of_other_cases`.

    Returns
    -------
    int
        Index of the scenario, 0 for the base.
    """
    indicator = indicators()[figure]
    comparable = [
        number for number, pair in enumerate(results.pairs) if not pair.is_of_other_cases(indicator)
    ]
    return min(comparable, key=lambda number: means[number])
