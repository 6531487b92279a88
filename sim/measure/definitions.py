"""The definitions of every figure, read from `definitions.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, cast

from sim.own_yaml import own_yaml
from sim.scenario.problems import Problem, nearest

if TYPE_CHECKING:
    from sim.scenario.further_checks import ProblemOf

Language = Literal["en", "zh"]
How = Literal["count", "share", "mean", "sum", "max", "quantile", "ratio", "run"]
PHASE_UNIT = "wd"
LEADING = "all_elapsed_mean_wd"
"""The figure that readings of the report are compared by."""
ANSWERED = ("all_served_rate", LEADING, "all_visits_mean")
"""Figures that a comparison's sentence speaks of, everyone's book."""


@dataclass(frozen=True)
class Indicator:
    """What a figure means.

    Parameters
    ----------
    id
        Name in files and commands.
    how
        How it is computed from the members of its population.
    of, over
        Column and population; for `run`, the figure of the whole run.
    by, by_over
        Denominator of a ratio.
    quantile
        Probability of a quantile.
    unit, better, headline
        Unit, the direction users want, and whether comparisons lead with it.
    tells_served
        Whether it tells how many are served, or give up.
    needs_served
        Whether it must not be called better while fewer are served or more give up.
    label, definition, population
        Texts by language.
    start, end
        What a time is measured from and to.
    """

    id: str
    how: How
    of: str
    over: str
    by: str
    by_over: str
    quantile: float
    unit: str
    better: Literal["higher", "lower", "none"]
    headline: bool
    tells_served: bool
    needs_served: bool
    label: dict[str, str]
    definition: dict[str, str]
    population: dict[str, str]
    start: str
    end: str

    @property
    def everyone(self) -> bool:
        """Whether it belongs to the second book, which counts everyone."""
        return self.id.startswith("all_")


@cache
def _document() -> dict[str, dict[str, dict[str, object]]]:
    text = files("sim.measure").joinpath("definitions.yaml").read_text(encoding="utf-8")
    document: dict[str, dict[str, dict[str, object]]] = own_yaml(text)
    return document


@cache
def phases() -> dict[str, dict[str, str]]:
    """Return the names of the phases of a case by language, in order."""
    return {
        phase: {language: str(text) for language, text in names.items()}
        for phase, names in _document()["phases"].items()
    }


@cache
def indicators() -> dict[str, Indicator]:
    """Return every figure by id, the phases of both books included."""
    populations = _document()["populations"]
    found = {
        name: _indicator(name, fields, populations)
        for name, fields in _document()["indicators"].items()
    }
    for book, over, prefix in (("", "hall_cases", ""), ("all_", "all_cases", "Everyone: ")):
        for phase, names in phases().items():
            identifier = f"{book}days_{phase}"
            fields = {
                "as": "mean",
                "of": f"days_{phase}",
                "over": over,
                "unit": PHASE_UNIT,
                "better": "none",
                "en": f"{prefix}days {names['en']}",
                "zh": f"{'全口径' if book else ''}{names['zh']}天数",
                "definition": {
                    "en": f"Mean working days per case {names['en']}, within the follow-up.",
                    "zh": f"随访期内每件平均{names['zh']}的工作日数。",
                },
            }
            found[identifier] = _indicator(identifier, fields, populations)
    return found


def _indicator(
    name: str, fields: Mapping[str, object], populations: Mapping[str, Mapping[str, object]]
) -> Indicator:
    definition = cast("dict[str, str]", fields["definition"])
    over = str(fields["over"])
    return Indicator(
        id=name,
        how=fields["as"],  # type: ignore[arg-type]
        of=str(fields["of"]),
        over=over,
        by=str(fields.get("by", "")),
        by_over=str(fields.get("by_over", "")),
        quantile=float(str(fields.get("q", 0))),
        unit=str(fields["unit"]),
        better=fields["better"],  # type: ignore[arg-type]
        headline=bool(fields.get("headline", False)),
        tells_served=bool(fields.get("tells_served", False)),
        needs_served=bool(fields.get("needs_served", True)),
        label={"en": str(fields["en"]), "zh": str(fields["zh"])},
        definition={language: str(text) for language, text in definition.items()},
        population={language: str(text) for language, text in populations[over].items()},
        start=str(fields.get("start", "")),
        end=str(fields.get("end", "")),
    )


def headline() -> list[Indicator]:
    """Return the figures that comparisons lead with, everyone's first."""
    chosen = [indicator for indicator in indicators().values() if indicator.headline]
    return sorted(chosen, key=lambda indicator: not indicator.everyone)


def telling() -> list[Indicator]:
    """Return the figures that tell how many are served, or give up."""
    return [indicator for indicator in indicators().values() if indicator.tells_served]


def report_problems(report: Iterable[str], problem: ProblemOf) -> Iterator[Problem]:
    """Yield the figures of a report that are no indicator.

    Parameters
    ----------
    report
        Ids of the figures that a scenario's report gives.
    problem
        Makes a problem of a dotted path, what was found there and what is allowed.
    """
    for name in report:
        if name not in indicators():
            found = f"unknown indicator {name!r}"
            yield problem(f"report.{name}", found, nearest(name, tuple(indicators())))
