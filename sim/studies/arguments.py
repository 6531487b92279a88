"""Arguments of the studies in Python: the same ranges and the same errors as in the shell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, TypedDict

from pydantic import Field, ValidationError

from sim.engine.play import EngineName
from sim.running.cells import Cells
from sim.running.runner import Runner
from sim.running.workers import Workers
from sim.scenario.fields import Replications, Section, Seed
from sim.scenario.files import as_then
from sim.scenario.load import load
from sim.scenario.model import Scenario
from sim.scenario.problems import InputError, Problem
from sim.scenario.yaml_lines import Place, explain_error

Given = Scenario | str
"""A scenario, or the expression that it is loaded by, such as ``county+full-entry``."""


class Running(TypedDict, total=False):
    """How to run any study; arguments left out have the defaults of the command."""

    replications: int | None
    """Number of replications of every scenario."""
    seed: int | None
    """Seed of all random numbers; that of the base unless given."""
    jobs: int | None
    """Number of workers, which changes no result; all cores unless given.  Those of the reference
    engine are processes: more than one need a ``__main__`` that can be imported."""
    engine: EngineName
    """Engine that runs the model; engines differ in speed only."""
    cells: Path | str | None
    """Folder that keeps finished cells, so that the same call continues where it was interrupted;
    kept in memory only unless given."""


class Ranges(Section):
    """Ranges of the arguments in `Running`."""

    replications: Replications | None = None
    seed: Seed | None = None
    jobs: Annotated[int, Field(ge=1, le=1024)] | None = None
    engine: EngineName = "compiled"
    cells: Path | None = None


def check_running(running: Mapping[str, object]) -> None:
    """Check how a study shall be run.

    Parameters
    ----------
    running
        Arguments by name, those of `Running`.

    Raises
    ------
    InputError
        With every argument that is unknown or outside its range.
    """
    check_arguments(Ranges, running)


def check_arguments(ranges: type[Section], given: Mapping[str, object]) -> None:
    """Check arguments against the ranges of a group of fields.

    Parameters
    ----------
    ranges
        Model with a field for every allowed argument.
    given
        Arguments by name.

    Raises
    ------
    InputError
        With every argument that is unknown or outside its range.
    """
    try:
        ranges.model_validate(dict(given))
    except ValidationError as error:
        raise InputError(
            explain_error(detail, ranges, lambda _: Place("arguments", None))
            for detail in error.errors()
        ) from None


def scenario_of(given: Given) -> Scenario:
    """Return a scenario, loaded if its name is given.

    Parameters
    ----------
    given
        A scenario or an expression.

    Returns
    -------
    Scenario
        The same, or the one loaded.
    """
    return given if isinstance(given, Scenario) else load(given)


def scenarios_of(given: Sequence[Given]) -> list[Scenario]:
    """Return scenarios; a name that begins with a plus sign is the first one with those reforms.

    Parameters
    ----------
    given
        Scenarios or expressions, the base first.

    Returns
    -------
    list of Scenario
        In the same order.

    Raises
    ------
    InputError
        With the problems of all of them.
    """
    base = scenario_of(given[0])
    loaded, problems = [base], []
    for other in given[1:]:
        try:
            if isinstance(other, str) and other.startswith("+"):
                loaded.append(base.with_reforms(*other[1:].split("+")))
            else:
                loaded.append(scenario_of(other))
        except InputError as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise InputError(problems)
    return loaded


def expression_of(given: Given) -> str:
    """Return the expression by which a scenario is loaded.

    Parameters
    ----------
    given
        A scenario or an expression.

    Returns
    -------
    str
        Path and reforms, joined by plus signs; without single values.
    """
    return given if isinstance(given, str) else "+".join((str(given.path), *given.reforms))


def values_of(*given: Given) -> tuple[str, ...]:
    """Return the single values laid over scenarios, which must be the same in all of them.

    Parameters
    ----------
    *given
        Scenarios or expressions, the base first; ``+reform`` takes the base's values.

    Returns
    -------
    tuple of str
        Such as ``policy.entry=0.8``; none for an expression.

    Raises
    ------
    InputError
        If they differ, as a study of expressions lays one set of values over all.
    """
    of_each = [
        scenario.values if isinstance(scenario, Scenario) else ()
        for scenario in given
        if isinstance(scenario, Scenario) or not scenario.startswith("+")
    ]
    if any(values != of_each[0] for values in of_each):
        found = "scenarios with different single values"
        raise InputError([Problem("scenarios", None, found, "the same values in all of them")])
    return of_each[0]


@contextmanager
def as_they_were(*given: Given) -> Iterator[None]:
    """Read the files of scenarios as they were when these were loaded.

    Parameters
    ----------
    *given
        Scenarios or expressions; the files of expressions are read as they are now.

    Yields
    ------
    None
        Files are read so inside.
    """
    with ExitStack() as stack:
        for scenario in given:
            if isinstance(scenario, Scenario):
                stack.enter_context(as_then(scenario.texts))
        yield


def runner_of(base: Scenario, running: Running) -> Runner:
    """Return the runner that simulates the replications of a study.

    Parameters
    ----------
    base
        Scenario whose seed is taken unless another one is given.
    running
        How to run.

    Returns
    -------
    Runner
        It shows no progress.
    """
    engine = running.get("engine", "compiled")
    seed, cells = running.get("seed"), running.get("cells")
    return Runner(
        seed=base.settings.experiment.seed if seed is None else seed,
        engine=engine,
        workers=Workers.best_for(engine, running.get("jobs")),
        cells=Cells(None if cells is None else Path(cells)),
    )


def replications_of(base: Scenario, running: Running) -> int:
    """Return how many replications are asked for.

    Parameters
    ----------
    base
        Scenario whose number is taken unless another one is given.
    running
        How to run.

    Returns
    -------
    int
        At least 1.
    """
    return running.get("replications") or base.settings.experiment.replications


def as_list(names: Sequence[str] | str) -> tuple[str, ...]:
    """Return names as a tuple, also where a single one is given.

    Parameters
    ----------
    names
        One name or several.

    Returns
    -------
    tuple of str
        All of them.
    """
    return (names,) if isinstance(names, str) else tuple(names)
