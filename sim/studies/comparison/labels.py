"""What scenarios are called on charts, and the small print below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sim.measure.definitions import Language, indicators
from sim.studies.comparison import say
from sim.studies.comparison.results import Results


def scenario_labels(results: Results, lang: Language) -> list[str]:
    """Return a name per scenario: the base's title, and what the others add to it."""
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
    """Return what a scenario is called inside a sentence."""
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
    keys
        Texts ``chart.note.KEY``; those of bands are left out when there are none.
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
    """Return the note that authorization's saving rests on where cases get stuck, if it does."""
    settings = [scenario.settings for scenario in results.scenarios]
    shares = {one.policy.authorization for one in settings}
    at = settings[0].stuck.at
    return () if len(shares) == 1 or at == "nowhere" else (f"stuck_{at}",)


def least(results: Results, means: Sequence[float], figure: str) -> int:
    """Return the scenario with the least mean among those whose figure is not of other cases."""
    one = indicators()[figure]
    fair = [number for number, pair in enumerate(results.pairs) if not pair.is_of_other_cases(one)]
    return min(fair, key=lambda number: means[number])
