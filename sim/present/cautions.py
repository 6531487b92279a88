"""What a reader must know before using figures of any study."""

from __future__ import annotations

from collections.abc import Iterator

from sim.measure.definitions import Language
from sim.present.words import say
from sim.process.load import Load

FEW_REPLICATIONS = 10
"""Replications below which intervals are wide and rest on the figure's distribution."""


def few_replications(n: int, lang: Language) -> Iterator[str]:
    """Yield that there are few replications, if there are."""
    if n == 1:
        yield say("caution.one", lang)
    elif n < FEW_REPLICATIONS:
        yield say("caution.few", lang, n=n)


def overload_sentence(scenario: str, load: Load, lang: Language) -> str:
    """Say that more work comes than people can do, with both figures and the formula."""
    return say(
        "caution.overload",
        lang,
        scenario=scenario,
        groups=say("comma", lang).join(load.groups[:4]) + (" …" if len(load.groups) > 4 else ""),
        offered=f"{load.offered_min:,.0f}",
        capacity=f"{load.capacity_min:,.0f}",
        ratio=f"{load.ratio:.2f}",
    )
