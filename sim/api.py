"""What Python users call: the same as the command, with data frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from sim.engine.play import EngineName
from sim.measure.definitions import Language
from sim.running.cells import Cells
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.fields import Replications, Section, Seed
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError
from sim.scenario.yaml_lines import Place, explain
from sim.studies.comparison.precision import target_of
from sim.studies.comparison.results import Results
from sim.studies.comparison.study import run as run_scenarios

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Findings", "compare", "load", "run"]


class Findings(Results):
    """Results that can be drawn."""

    def plot(self, name: str, lang: Language = "en") -> Figure:
        """Draw one of the charts; `sim.studies.comparison.charts.CHARTS` names them."""
        from sim.studies.comparison.charts import draw  # noqa: PLC0415  (matplotlib is slow to import)

        return draw(self, name, lang)


class _Running(Section):
    """How to run, in the ranges of the command's options."""

    replications: Replications | None
    seed: Seed | None
    jobs: Annotated[int, Field(ge=1, le=1024)] | None
    engine: EngineName
    cases: Annotated[int, Field(ge=0)]


def run(  # noqa: PLR0913  (one argument per option)
    scenario: Scenario,
    *,
    replications: int | None = None,
    precision: float | None = None,
    indicators: Sequence[str] = (),
    most: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    engine: EngineName = "compiled",
    cases: int = 1,
    log: bool = False,
    cells: Path | None = None,
) -> Findings:
    """Run one scenario.

    Parameters
    ----------
    replications, seed
        As the scenario says, unless given.
    precision, indicators, most
        Run until the 95 % intervals of these figures, the headline ones unless given, reach no
        farther than this share of the mean to each side, or until so many replications.
    jobs
        Workers, all cores unless given.  Those of the reference engine are processes: more
        than one need a `__main__` that can be imported.
    engine
        Which engine; they differ in speed only.
    cases
        Replications, the first ones, whose cases are kept in `Findings.cases`.
    log
        Keep the event log of these replications too, in `Findings.log`.
    cells
        Folder that keeps finished replications, so that the same call goes on where it was
        interrupted; in memory only unless given.

    Raises
    ------
    InputError
        With every argument outside its range.
    """
    _check(replications=replications, seed=seed, jobs=jobs, engine=engine, cases=cases)
    return _findings(
        run_scenarios(
            [scenario],
            _runner(scenario, seed, engine, jobs, cells),
            replications=replications,
            target=target_of(precision, indicators, most, replications),
            cases=cases,
            log=log,
        )
    )


def compare(  # noqa: PLR0913  (one argument per option)
    scenarios: Sequence[Scenario],
    *,
    replications: int | None = None,
    precision: float | None = None,
    indicators: Sequence[str] = (),
    most: int | None = None,
    seed: int | None = None,
    jobs: int | None = None,
    engine: EngineName = "compiled",
    rivals: bool = False,
    cases: int = 1,
    log: bool = False,
    cells: Path | None = None,
) -> Findings:
    """Compare scenarios with the first one, on the same applicants.

    Parameters
    ----------
    replications, seed, precision, indicators, most, jobs, engine, cases, log, cells
        As in `run`; precision is asked of every scenario.
    rivals
        Run the comparison under the base's other readings of the report as well.

    Raises
    ------
    InputError
        With every argument outside its range.
    ValueError
        If fewer than two scenarios are given.
    """
    _check(replications=replications, seed=seed, jobs=jobs, engine=engine, cases=cases)
    if len(scenarios) < 2:
        raise ValueError("a comparison needs a base and at least one more scenario")
    return _findings(
        run_scenarios(
            scenarios,
            _runner(scenarios[0], seed, engine, jobs, cells),
            replications=replications,
            target=target_of(precision, indicators, most, replications),
            rivals=rivals,
            cases=cases,
            log=log,
        )
    )


def _runner(
    base: Scenario, seed: int | None, engine: EngineName, jobs: int | None, cells: Path | None
) -> Runner:
    return Runner(
        seed=base.settings.experiment.seed if seed is None else seed,
        engine=engine,
        workers=Workers.best_for(engine, jobs),
        cells=Cells(cells),
    )


def _check(**given: object) -> None:
    try:
        _Running.model_validate(given)
    except ValidationError as error:
        raise InputError(
            explain(detail, _Running, lambda _: Place("arguments", None))
            for detail in error.errors()
        ) from None


def _findings(results: Results) -> Findings:
    return Findings(**{field.name: getattr(results, field.name) for field in fields(results)})
