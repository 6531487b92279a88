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
OWN_CASES = frozenset(
    {"received", "accepted_due", "completed", "decided", "open", "hall_cases", "hall_decided"}
)
"""Populations that are other people where other items are entered."""
LEADING = "all_elapsed_mean_wd"
"""The figure by which different settings of the report are compared."""
ANSWERED = ("all_served_rate", LEADING, "all_visits_mean")
"""Figures named in the sentence that sums up a comparison; all count everyone."""


@dataclass(frozen=True)
class Indicator:
    """What a figure means.

    Parameters
    ----------
    id
        Name in files and commands.
    how
        How it is computed from the members of its population; `run` for figures of the whole run.
    of, over
        Column and population; with `run`, `of` is the name of the figure of the run.
    by, by_over
        Column and population of the denominator of a ratio; empty for others.
    quantile
        Probability of a quantile; 0 for others.
    unit, better, headline
        Unit (such as ``wd``, ``min`` or ``share``), the direction users want, and whether
        comparisons lead with it.
    tells_served
        Whether it tells how many are served, or give up.
    needs_served
        Whether it must not be called better while fewer are served or more give up.
    relevant
        Smallest difference that matters, in the unit, or as a share of the base's value if it ends
        with a % sign.
    label, definition, population
        Texts by language.
    start, end
        Events from and to which time is counted; empty where there is none.
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
    relevant: str
    label: dict[str, str]
    definition: dict[str, str]
    population: dict[str, str]
    start: str
    end: str

    @property
    def everyone(self) -> bool:
        """Whether it counts the cases of everyone instead of those received by the hall only."""
        return self.id.startswith("all_")

    @property
    def of_own_cases(self) -> bool:
        """Whether it counts only the cases that the hall receives, whose items it has entered."""
        return not self.everyone and self.over in OWN_CASES

    def relevant_to(self, base: float) -> float:
        """Return the smallest difference that matters.

        Parameters
        ----------
        base
            Value of the figure in the base.

        Returns
        -------
        float
            In the unit of the figure, not negative.
        """
        share = self.relevant.removesuffix("%")
        return abs(base) * float(share) / 100 if share != self.relevant else float(share)


@cache
def _document() -> dict[str, dict[str, dict[str, object]]]:
    text = files("sim.measure").joinpath("definitions.yaml").read_text(encoding="utf-8")
    document: dict[str, dict[str, dict[str, object]]] = own_yaml(text)
    return document


@cache
def phases() -> dict[str, dict[str, str]]:
    """Return the names of the phases of a case by language, in order.

    Returns
    -------
    dict
        From the id of a phase to its name by language (``en``, ``zh``).
    """
    return {
        phase: {language: str(text) for language, text in names.items()}
        for phase, names in _document()["phases"].items()
    }


@cache
def indicators() -> dict[str, Indicator]:
    """Return every figure by id, the days in each phase included.

    Returns
    -------
    dict
        In the order of the file, then the days by phase of the hall's cases and of everyone's.
    """
    populations = _document()["populations"]
    defined = {
        name: _indicator(name, fields, populations)
        for name, fields in _document()["indicators"].items()
    }
    for scope, over, prefix in (("", "hall_cases", ""), ("all_", "all_cases", "Everyone: ")):
        for phase, names in phases().items():
            identifier = f"{scope}days_{phase}"
            fields = {
                "as": "mean",
                "of": f"days_{phase}",
                "over": over,
                "unit": PHASE_UNIT,
                "better": "none",
                "en": f"{prefix}days {names['en']}",
                "zh": f"{'全口径' if scope else ''}{names['zh']}天数",
                "definition": {
                    "en": f"Mean working days per case {names['en']}, within the follow-up.",
                    "zh": f"随访期内每件平均{names['zh']}的工作日数。",
                },
            }
            defined[identifier] = _indicator(identifier, fields, populations)
    return defined


def _relevant_by_unit(unit: str) -> str:
    return str(_document()["relevant"][unit])


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
        relevant=str(fields.get("relevant", _relevant_by_unit(str(fields["unit"])))),
        needs_served=bool(fields.get("needs_served", True)),
        label={"en": str(fields["en"]), "zh": str(fields["zh"])},
        definition={language: str(text) for language, text in definition.items()},
        population={language: str(text) for language, text in populations[over].items()},
        start=str(fields.get("start", "")),
        end=str(fields.get("end", "")),
    )


def headline() -> list[Indicator]:
    """Return the figures that comparisons lead with.

    Returns
    -------
    list of Indicator
        Those of everyone first, otherwise in the order of `indicators()`.
    """
    chosen = [indicator for indicator in indicators().values() if indicator.headline]
    return sorted(chosen, key=lambda indicator: not indicator.everyone)


def telling() -> list[Indicator]:
    """Return the figures that tell how many are served, or give up.

    Returns
    -------
    list of Indicator
        In the order of `indicators()`.
    """
    return [indicator for indicator in indicators().values() if indicator.tells_served]


def report_problems(report: Iterable[str], problem: ProblemOf) -> Iterator[Problem]:
    """Yield a problem for each figure of a report that is no indicator.

    Parameters
    ----------
    report
        Ids of the figures that a scenario's report gives.
    problem
        Makes a problem from a dotted path, the value there and what is allowed.

    Yields
    ------
    Problem
        Names the unknown indicator and the nearest known ones.
    """
    for name in report:
        if name not in indicators():
            message = f"unknown indicator {name!r}"
            yield problem(f"report.{name}", message, nearest(name, tuple(indicators())))
