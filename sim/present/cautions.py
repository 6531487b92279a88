"""What a reader must know before using figures of any study."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measure.definitions import Language
from sim.present.words import say
from sim.process.load import Load

FEW_REPLICATIONS = 10
"""Replications below which intervals are wide and depend on the distribution of the figure."""


def few_replications(n: int, lang: Language) -> Iterator[str]:
    """Yield a caution if there are few replications.

    Parameters
    ----------
    n
        Number of replications.
    lang
        Language of the text.

    Yields
    ------
    str
        One sentence; nothing from `FEW_REPLICATIONS` replications on.
    """
    if n == 1:
        yield say("caution.one", lang)
    elif n < FEW_REPLICATIONS:
        yield say("caution.few", lang, n=n)


def overload_sentence(scenario: str, load: Load, lang: Language) -> str:
    """Say that more work comes than people can do, with both figures and the formula.

    Parameters
    ----------
    scenario
        Name of the scenario.
    load
        Work offered and capacity; the first four of its groups are named.
    lang
        Language of the text.

    Returns
    -------
    str
        One sentence.
    """
    return say(
        "caution.overload",
        lang,
        scenario=scenario,
        groups=say("comma", lang).join(load.groups[:4]) + (" …" if len(load.groups) > 4 else ""),
        offered=f"{load.offered_min:,.0f}",
        capacity=f"{load.capacity_min:,.0f}",
        ratio=f"{load.ratio:.2f}",
    )
